//! YAML as `CloudFormation` writes it: short tags such as `!Ref` become the functions that they stand for.
//!
//! Scalars are taken as they are written. An account number without quotes would lose its leading zero otherwise.

use std::collections::BTreeMap;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use serde_json::{Map, Value};

use crate::import::trouble::Trouble;

/// Deeper nesting is refused.
const DEEPEST: usize = 100;
/// Aliases may repeat what they stand for; more values than this are refused.
const MOST_VALUES: usize = 2_000_000;

/// A collection that is being read.
enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

/// The first document of a text.
pub(super) fn parse(label: &str, text: &str) -> Result<Value, Trouble> {
    let wrong = |line: usize, reason: &str| Trouble::new(format!("{label}:{line}: {reason}"));
    let mut open: Vec<(Open, usize, Option<String>)> = Vec::new();
    let mut anchors: BTreeMap<usize, Value> = BTreeMap::new();
    let mut values = 0_usize;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            let (line, column) = (error.marker().line(), error.marker().col() + 1);
            Trouble::new(format!("{label}:{line}:{column}: not YAML: {}", error.info()))
        })?;
        let line = span.start.line();
        let (value, anchor) = match event {
            Event::Scalar(text, style, anchor, tag) => (tagged(scalar(&text, style), tag.as_deref()), anchor),
            Event::Alias(anchor) => {
                let value = anchors.get(&anchor).cloned();
                let value = value.ok_or_else(|| wrong(line, "an alias of something that is not whole yet"))?;
                values += size(&value);
                (value, 0)
            }
            Event::SequenceStart(anchor, tag) => {
                open.push((Open::List(Vec::new()), anchor, function(tag.as_deref())));
                if open.len() > DEEPEST {
                    return Err(wrong(line, "nested too deeply"));
                }
                continue;
            }
            Event::MappingStart(anchor, tag) => {
                open.push((Open::Map(Map::new(), None), anchor, function(tag.as_deref())));
                if open.len() > DEEPEST {
                    return Err(wrong(line, "nested too deeply"));
                }
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some((closed, anchor, function)) = open.pop() else { continue };
                let value = match closed {
                    Open::List(elements) => Value::Array(elements),
                    Open::Map(fields, _) => Value::Object(fields),
                };
                (wrapped(value, function), anchor)
            }
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => continue,
        };
        values += 1;
        if values > MOST_VALUES {
            return Err(wrong(line, "too many values"));
        }
        if anchor != 0 {
            anchors.insert(anchor, value.clone());
        }
        match open.last_mut() {
            None => return Ok(value),
            Some((Open::List(elements), ..)) => elements.push(value),
            Some((Open::Map(fields, key), ..)) => match key.take() {
                None => *key = Some(value.as_str().map_or_else(|| value.to_string(), str::to_owned)),
                Some(key) => {
                    fields.insert(key, value);
                }
            },
        }
    }
    Ok(Value::Null)
}

fn size(value: &Value) -> usize {
    match value {
        Value::Array(elements) => 1 + elements.iter().map(size).sum::<usize>(),
        Value::Object(fields) => 1 + fields.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// A scalar. Numbers stay texts, which every reader of attributes understands.
fn scalar(text: &str, style: ScalarStyle) -> Value {
    if style != ScalarStyle::Plain {
        return Value::String(text.to_owned());
    }
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        text => Value::String(text.to_owned()),
    }
}

/// The function that a short tag stands for.
fn function(tag: Option<&Tag>) -> Option<String> {
    let tag = tag.filter(|tag| tag.handle == "!")?;
    Some(match tag.suffix.as_str() {
        name @ ("Ref" | "Condition") => name.to_owned(),
        name => format!("Fn::{name}"),
    })
}

fn wrapped(value: Value, function: Option<String>) -> Value {
    match function {
        Some(name) => Value::Object(std::iter::once((name, value)).collect()),
        None => value,
    }
}

fn tagged(value: Value, tag: Option<&Tag>) -> Value {
    match function(tag) {
        // `!GetAtt a.b` is short for a list of two.
        Some(name) if name == "Fn::GetAtt" => match value.as_str().and_then(|text| text.split_once('.')) {
            Some((resource, attribute)) => serde_json::json!({ name: [resource, attribute] }),
            None => wrapped(value, Some(name)),
        },
        function => wrapped(value, function),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::parse;

    #[test]
    fn short_tags_become_functions_and_scalars_stay_as_written() {
        let text =
            "A: !Ref B\nC: !GetAtt D.E.F\nG: !Sub '${H}-i'\nJ: !If [K, !Ref L, 012345678901]\nM: yes\nN: true\nO: 8\n";
        let expected = json!({
            "A": {"Ref": "B"}, "C": {"Fn::GetAtt": ["D", "E.F"]}, "G": {"Fn::Sub": "${H}-i"},
            "J": {"Fn::If": ["K", {"Ref": "L"}, "012345678901"]}, "M": "yes", "N": true, "O": "8",
        });
        assert_eq!(parse("t", text).expect("YAML"), expected);
    }

    #[test]
    fn aliases_repeat_and_do_not_explode() {
        assert_eq!(parse("t", "a: &x [1]\nb: *x\n").expect("YAML"), json!({"a": ["1"], "b": ["1"]}));
        let mut bomb = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for level in 1..12 {
            let below = vec![format!("*a{}", level - 1); 10].join(",");
            bomb.push_str(&["a", &level.to_string(), ": &a", &level.to_string(), " [", &below, "]\n"].concat());
        }
        assert!(parse("t", &bomb).is_err());
        assert!(parse("t", &"[".repeat(500)).is_err());
        let place = parse("t.yaml", "a: 1\nb: [\n").expect_err("cut").message;
        assert!(place.starts_with("t.yaml:"), "{place}");
    }
}
