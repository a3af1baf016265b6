//! Findings about a file that is valid and will not do what its author expects.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// A place in a file or argument.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Spot {
    /// The file, or the argument of the command line.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.file, self.line, self.column)
    }
}

/// A setting that cannot work, or that works differently than it seems: the file runs, and its results mislead a reader
/// who does not know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// The kind of mistake: a stable name such as `alarm-cannot-fire`.
    pub kind: &'static str,
    /// The place of the setting, or of the nearest table around it.
    #[serde(flatten)]
    pub spot: Spot,
    /// The setting's key path as `--set` takes it, such as `alarms.orders-down.above`.
    pub path: String,
    /// The problem and its reason.
    pub message: String,
    /// Advice.
    pub change: String,
}

impl Finding {
    /// Problem, advice and kind, without the place.
    pub fn words(&self) -> String {
        format!("{}; {} [{}]", self.message, self.change, self.kind)
    }
}

/// One line: place, problem, advice and kind.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.spot, self.words())
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Spot};

    #[test]
    fn a_finding_is_one_line_with_its_place() {
        let finding = Finding {
            kind: "store-unused",
            spot: Spot { file: "shop.toml".to_owned(), line: 12, column: 3 },
            path: "stores.carts".to_owned(),
            message: "nothing reads or writes carts".to_owned(),
            change: "add it to the `needs` of a journey".to_owned(),
        };
        assert_eq!(
            finding.to_string(),
            "shop.toml:12:3: nothing reads or writes carts; add it to the `needs` of a journey [store-unused]"
        );
        let document = serde_json::to_value(&finding).expect("plain data");
        assert_eq!(
            document,
            serde_json::json!({
                "kind": "store-unused", "file": "shop.toml", "line": 12, "column": 3, "path": "stores.carts",
                "message": "nothing reads or writes carts", "change": "add it to the `needs` of a journey",
            })
        );
    }
}
