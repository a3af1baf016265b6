//! Inputs: what a path holds, as text, and what kind of input that is.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use super::trouble::Trouble;

/// Larger inputs are refused. A plan of 5,000 resources has a tenth of this.
pub(super) const SIZE_LIMIT: u64 = 256 << 20;

/// The name that stands for standard input.
const STDIN: &str = "-";

/// The text of a file or of standard input. Terminals of Windows write UTF-16, which a mark at the beginning tells.
///
/// # Errors
/// When it cannot be read, is too large, or is no text.
pub(super) fn text(path: &Path) -> Result<String, Trouble> {
    let mut bytes = Vec::new();
    let cannot = |error: &std::io::Error| {
        let reason = match error.kind() {
            std::io::ErrorKind::NotFound => "there is no such file".to_owned(),
            std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
            _ => error.to_string(),
        };
        Trouble::new(format!("cannot read {}: {reason}", path.display()))
    };
    if path == Path::new(STDIN) {
        std::io::stdin().lock().take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    } else {
        let file = File::open(path).map_err(|error| cannot(&error))?;
        file.take(SIZE_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| cannot(&error))?;
    }
    if bytes.len() as u64 > SIZE_LIMIT {
        return Err(Trouble::new(format!("{} is larger than {} MiB", path.display(), SIZE_LIMIT >> 20)));
    }
    decoded(bytes).ok_or_else(|| {
        Trouble::new(format!("{} is no text in UTF-8, nor in UTF-16 with a byte order mark", path.display()))
            .hint("a plan file has to be shown as JSON first: terraform show -json FILE > plan.json")
    })
}

fn decoded(bytes: Vec<u8>) -> Option<String> {
    let wide = |pairs: &[u8], unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = pairs.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        pairs.len().is_multiple_of(2).then(|| String::from_utf16(&units).ok()).flatten()
    };
    match bytes.as_slice() {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8(rest.to_vec()).ok(),
        _ => String::from_utf8(bytes).ok(),
    }
}

/// The JSON in a text.
///
/// # Errors
/// When it is none, with the line and the column.
pub(super) fn json(label: &str, text: &str) -> Result<Value, Trouble> {
    serde_json::from_str(text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        if error.is_eof() {
            Trouble::new(format!("{label}:{line}:{column}: the JSON ends too early; the file is not whole"))
        } else {
            // The reason of the library, without the place, which stands in front.
            let reason = error.to_string();
            let reason = reason.rsplit_once(" at line ").map_or(reason.as_str(), |(reason, _)| reason).to_owned();
            Trouble::new(format!("{label}:{line}:{column}: not JSON: {reason}"))
        }
    })
}

/// What a value is, for messages. The value itself is never shown: it may be a secret.
pub(super) const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// A place in a JSON document, which knows its path for messages.
#[derive(Debug, Clone)]
pub(super) struct Spot<'a> {
    label: &'a str,
    path: String,
    value: &'a Value,
}

static NULL: Value = Value::Null;

impl<'a> Spot<'a> {
    /// The whole document.
    pub(super) fn root(label: &'a str, value: &'a Value) -> Self {
        Self { label, path: String::new(), value }
    }

    /// The name of the document in messages.
    pub(super) const fn label(&self) -> &'a str {
        self.label
    }

    /// The value there.
    pub(super) const fn value(&self) -> &'a Value {
        self.value
    }

    /// The path, as messages show it.
    pub(super) fn path(&self) -> &str {
        if self.path.is_empty() { "the document" } else { &self.path }
    }

    /// The member of an object; `null` if there is none.
    ///
    /// # Errors
    /// When this is no object, and not `null`.
    pub(super) fn get(&self, key: &str) -> Result<Self, Trouble> {
        let value = match self.value {
            Value::Object(fields) => fields.get(key).unwrap_or(&NULL),
            Value::Null => &NULL,
            _ => return Err(self.wrong("an object")),
        };
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Ok(Self { label: self.label, path, value })
    }

    /// The elements of an array; none of `null`.
    ///
    /// # Errors
    /// When this is something else.
    pub(super) fn items(&self) -> Result<Vec<Self>, Trouble> {
        match self.value {
            Value::Array(elements) => Ok(elements
                .iter()
                .enumerate()
                .map(|(index, value)| Self { label: self.label, path: format!("{}[{index}]", self.path), value })
                .collect()),
            Value::Null => Ok(Vec::new()),
            _ => Err(self.wrong("an array")),
        }
    }

    /// The members of an object; none of `null`.
    ///
    /// # Errors
    /// When this is something else.
    pub(super) fn fields(&self) -> Result<Vec<(&'a str, Self)>, Trouble> {
        match self.value {
            Value::Object(fields) => fields.keys().map(|key| Ok((key.as_str(), self.get(key)?))).collect(),
            Value::Null => Ok(Vec::new()),
            _ => Err(self.wrong("an object")),
        }
    }

    /// The text; `None` of `null`.
    ///
    /// # Errors
    /// When this is something else.
    pub(super) fn text(&self) -> Result<Option<&'a str>, Trouble> {
        match self.value {
            Value::String(text) => Ok(Some(text)),
            Value::Null => Ok(None),
            _ => Err(self.wrong("a text")),
        }
    }

    /// The text that has to be there.
    ///
    /// # Errors
    /// When it is not.
    pub(super) fn must(&self) -> Result<&'a str, Trouble> {
        self.text()?.ok_or_else(|| self.wrong("a text"))
    }

    /// That another type was expected here.
    pub(super) fn wrong(&self, expected: &str) -> Trouble {
        Trouble::new(format!("{}: {} is {}, expected {expected}", self.label, self.path(), kind_of(self.value)))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Spot, decoded, json};

    #[test]
    fn marks_of_byte_order_are_read() {
        let little: Vec<u8> = [0xff, 0xfe].into_iter().chain("{}".encode_utf16().flat_map(u16::to_le_bytes)).collect();
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain("{}".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for bytes in [little.clone(), big, b"\xef\xbb\xbf{}".to_vec(), b"{}".to_vec()] {
            assert_eq!(decoded(bytes).as_deref(), Some("{}"));
        }
        assert_eq!(decoded(little[..5].to_vec()), None);
        assert_eq!(decoded(vec![0x80]), None);
    }

    #[test]
    fn errors_name_the_place_and_never_the_value() {
        let cut = json("a.json", "{\"a\": [1, ").expect_err("cut").message;
        assert!(cut.starts_with("a.json:1:") && cut.contains("ends too early"), "{cut}");
        let document = json!({"a": [{"b": "canary"}]});
        let items = Spot::root("a.json", &document).get("a").and_then(|it| it.items()).expect("an array");
        let wrong = items[0].get("b").and_then(|it| it.items()).expect_err("a text").message;
        assert_eq!(wrong, "a.json: a[0].b is a text, expected an array");
    }
}
