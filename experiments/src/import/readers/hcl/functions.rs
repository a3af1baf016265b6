//! Functions of HCL, as far as sizes, names and regions need them. Of others nothing is known but what their arguments lead to.

use std::collections::{BTreeMap, BTreeSet};

use crate::import::tree::Tree;

/// What is known of a value that is made of others in a way that is not known.
pub(super) fn unknown_of<'a>(parts: impl IntoIterator<Item = &'a Tree>) -> Tree {
    let mut leads = BTreeSet::new();
    let mut open: Vec<&Tree> = parts.into_iter().collect();
    while let Some(tree) = open.pop() {
        match tree {
            Tree::Leads(targets) => leads.extend(targets.iter().cloned()),
            Tree::List(elements) => open.extend(elements),
            Tree::Map(fields) => open.extend(fields.values()),
            _ => {}
        }
    }
    if leads.is_empty() { Tree::Unknown } else { Tree::Leads(leads.into_iter().collect()) }
}

/// A value as it stands in a text.
pub(super) fn shown(tree: &Tree) -> Option<String> {
    match tree {
        Tree::Text(text) => Some(text.clone()),
        Tree::Number(number) => Some(number.to_string()),
        Tree::Flag(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Values in an order of their own, each once, as sets have them.
fn set(elements: &[Tree]) -> Option<Tree> {
    let mut by_text: BTreeMap<String, Tree> = BTreeMap::new();
    for element in elements {
        by_text.insert(shown(element)?, element.clone());
    }
    Some(Tree::List(by_text.into_values().collect()))
}

/// The result of a function.
pub(super) fn call(name: &str, arguments: &[Tree]) -> Tree {
    known(name, arguments).unwrap_or_else(|| unknown_of(arguments))
}

fn known(name: &str, arguments: &[Tree]) -> Option<Tree> {
    let first = arguments.first()?;
    let second = arguments.get(1);
    let text = |tree: &Tree| tree.text().map(str::to_owned);
    let list = |tree: &Tree| match tree {
        Tree::List(elements) => Some(elements.clone()),
        Tree::Map(fields) => Some(fields.values().cloned().collect()),
        _ => None,
    };
    let number = |number: f64| Some(Tree::Number(number));
    match name {
        "tolist" | "tomap" | "tostring" | "sensitive" | "nonsensitive" | "jsonencode" | "jsondecode" | "yamlencode" => {
            Some(first.clone())
        }
        "tonumber" => number(first.number()?),
        "tobool" => Some(Tree::Flag(first.flag()?)),
        "toset" | "distinct" | "sort" | "compact" => {
            let elements = list(first)?;
            let kept: Vec<Tree> = elements.into_iter().filter(|it| name != "compact" || it.is_set()).collect();
            set(&kept)
        }
        "length" => match first {
            Tree::List(elements) => number(elements.len() as f64),
            Tree::Map(fields) => number(fields.len() as f64),
            Tree::Text(text) => number(text.chars().count() as f64),
            _ => None,
        },
        "lookup" => {
            let Tree::Map(fields) = first else { return None };
            fields.get(second?.text()?).cloned().or_else(|| arguments.get(2).cloned())
        }
        "merge" => {
            let mut merged = BTreeMap::new();
            for argument in arguments {
                match argument {
                    Tree::Map(fields) => merged.extend(fields.clone()),
                    Tree::Null => {}
                    _ => return None,
                }
            }
            Some(Tree::Map(merged))
        }
        "concat" => arguments.iter().map(list).collect::<Option<Vec<_>>>().map(|lists| Tree::List(lists.concat())),
        "flatten" => {
            let mut flat = Vec::new();
            let mut open = list(first)?;
            open.reverse();
            while let Some(element) = open.pop() {
                match element {
                    Tree::List(inner) => open.extend(inner.into_iter().rev()),
                    other => flat.push(other),
                }
            }
            Some(Tree::List(flat))
        }
        // What is not known may be the first that is set.
        "coalesce" => match arguments.iter().find(|it| it.is_set())? {
            found if found.is_known() => Some(found.clone()),
            _ => None,
        },
        "coalescelist" => arguments.iter().find(|it| it.is_set()).filter(|it| it.is_known()).cloned(),
        "try" => arguments.iter().find(|it| it.is_known() && **it != Tree::Null).or_else(|| arguments.last()).cloned(),
        "can" => Some(Tree::Flag(first.is_known())),
        "keys" => match first {
            Tree::Map(fields) => Some(Tree::List(fields.keys().cloned().map(Tree::Text).collect())),
            _ => None,
        },
        "values" => match first {
            Tree::Map(fields) => Some(Tree::List(fields.values().cloned().collect())),
            _ => None,
        },
        "format" => format(first.text()?, &arguments[1..]),
        "join" => {
            let texts = list(second?)?.iter().map(shown).collect::<Option<Vec<_>>>()?;
            Some(Tree::Text(texts.join(first.text()?)))
        }
        "split" => {
            let by = first.text()?;
            let parts = second?.text()?.split(by).map(|part| Tree::Text(part.to_owned()));
            (!by.is_empty()).then(|| Tree::List(parts.collect()))
        }
        "lower" => text(first).map(|text| Tree::Text(text.to_lowercase())),
        "upper" => text(first).map(|text| Tree::Text(text.to_uppercase())),
        "trimspace" => text(first).map(|text| Tree::Text(text.trim().to_owned())),
        "trimsuffix" => Some(Tree::Text(first.text()?.trim_end_matches(second?.text()?).to_owned())),
        "trimprefix" => Some(Tree::Text(first.text()?.trim_start_matches(second?.text()?).to_owned())),
        "replace" => {
            let (from, to) = (second?.text()?, arguments.get(2)?.text()?);
            // A pattern between slashes is an expression that is not known here.
            (!from.starts_with('/') && !from.is_empty()).then(|| Some(Tree::Text(first.text()?.replace(from, to))))?
        }
        "substr" => {
            let (from, length) = (second?.whole()? as usize, arguments.get(2)?.number()?);
            let signs = first.text()?.chars().skip(from);
            let text = if length < 0.0 { signs.collect() } else { signs.take(length as usize).collect() };
            Some(Tree::Text(text))
        }
        "element" => {
            let elements = list(first)?;
            let index = second?.whole()? as usize;
            (!elements.is_empty()).then(|| elements[index % elements.len()].clone())
        }
        "slice" => {
            let elements = list(first)?;
            let (from, to) = (second?.whole()? as usize, arguments.get(2)?.whole()? as usize);
            elements.get(from..to).map(|part| Tree::List(part.to_vec()))
        }
        "one" => match list(first)?.as_slice() {
            [] => Some(Tree::Null),
            [only] => Some(only.clone()),
            _ => None,
        },
        "contains" => {
            let elements = list(first)?;
            let known = second?.is_known() && elements.iter().all(Tree::is_known);
            known.then(|| Tree::Flag(second.is_some_and(|it| elements.contains(it))))
        }
        "zipmap" => {
            let keys = list(first)?.iter().map(shown).collect::<Option<Vec<_>>>()?;
            Some(Tree::Map(keys.into_iter().zip(list(second?)?).collect()))
        }
        "max" => arguments
            .iter()
            .map(Tree::number)
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .reduce(f64::max)
            .map(Tree::Number),
        "min" => arguments
            .iter()
            .map(Tree::number)
            .collect::<Option<Vec<_>>>()?
            .into_iter()
            .reduce(f64::min)
            .map(Tree::Number),
        "ceil" => number(first.number()?.ceil()),
        "floor" => number(first.number()?.floor()),
        _ => None,
    }
}

/// `%s`, `%d` and `%v` with the arguments in their order.
fn format(pattern: &str, arguments: &[Tree]) -> Option<Tree> {
    let mut out = String::new();
    let mut arguments = arguments.iter();
    let mut signs = pattern.chars();
    while let Some(sign) = signs.next() {
        if sign != '%' {
            out.push(sign);
            continue;
        }
        match signs.next()? {
            '%' => out.push('%'),
            's' | 'd' | 'v' => out.push_str(&shown(arguments.next()?)?),
            _ => return None,
        }
    }
    Some(Tree::Text(out))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::call;
    use crate::import::tree::Tree;

    fn of(name: &str, arguments: &serde_json::Value) -> Tree {
        let arguments: Vec<Tree> = arguments.as_array().expect("a list").iter().map(Tree::known).collect();
        call(name, &arguments)
    }

    #[test]
    fn functions_give_what_terraform_says() {
        for (name, arguments, result) in [
            ("lookup", json!([{"a": 1}, "a", 2]), json!(1)),
            ("lookup", json!([{"a": 1}, "b", 2]), json!(2)),
            ("merge", json!([{"a": 1}, {"a": 2, "b": 3}]), json!({"a": 2, "b": 3})),
            ("length", json!([["x", "y"]]), json!(2)),
            ("toset", json!([["b", "a", "b"]]), json!(["a", "b"])),
            ("coalesce", json!([null, "", "x"]), json!("x")),
            ("concat", json!([["a"], ["b"]]), json!(["a", "b"])),
            ("format", json!(["%s-%d%%", "a", 3]), json!("a-3%")),
            ("join", json!(["-", ["a", "b"]]), json!("a-b")),
            ("element", json!([["a", "b"], 3]), json!("b")),
            ("flatten", json!([[["a"], ["b", ["c"]]]]), json!(["a", "b", "c"])),
            ("max", json!([1, 3, 2]), json!(3)),
            ("contains", json!([["a"], "b"]), json!(false)),
        ] {
            assert_eq!(of(name, &arguments), Tree::known(&result), "{name}");
        }
        assert_eq!(of("cidrsubnet", &json!(["10.0.0.0/8", 8, 1])), Tree::Unknown);
        assert_eq!(
            call("join", &[Tree::Text("-".to_owned()), Tree::Leads(vec!["x".to_owned()])]),
            Tree::Leads(vec!["x".to_owned()])
        );
    }
}
