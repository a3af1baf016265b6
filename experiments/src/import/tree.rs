//! Attributes of a resource as a tree, in which what is not known is not the same as what is not set.

use std::collections::BTreeMap;

use serde_json::Value;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tree {
    /// Not set: the default of the service holds.
    Null,
    /// Known only after the deployment, or not to be worked out from the input.
    Unknown,
    /// Not known, but known what it leads to. Readers make links of it; nobody else meets it.
    Leads(Vec<String>),
    /// A flag.
    Flag(bool),
    /// A number.
    Number(f64),
    /// A text.
    Text(String),
    /// A list; a block that may stand only once is a list of one, too.
    List(Vec<Tree>),
    /// A table. Its order is that of its keys, so that the order of an input changes nothing.
    Map(BTreeMap<String, Tree>),
}

static NULL: Tree = Tree::Null;

impl Tree {
    /// The tree of `known`, in which everything that `unknown` marks with `true` is unknown.
    pub(super) fn joined(known: &Value, unknown: &Value) -> Self {
        if *unknown == Value::Bool(true) {
            return Self::Unknown;
        }
        match known {
            Value::Null => match unknown {
                Value::Object(fields) => {
                    let known = |(key, value): (&String, &Value)| match Self::joined(&Value::Null, value) {
                        Self::Null => None,
                        tree => Some((key.clone(), tree)),
                    };
                    let map: BTreeMap<_, _> = fields.iter().filter_map(known).collect();
                    if map.is_empty() { Self::Null } else { Self::Map(map) }
                }
                _ => Self::Null,
            },
            Value::Bool(flag) => Self::Flag(*flag),
            Value::Number(number) => number.as_f64().map_or(Self::Null, Self::Number),
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(elements) => {
                let mark = |index: usize| unknown.get(index).unwrap_or(&Value::Null);
                Self::List(elements.iter().enumerate().map(|(index, it)| Self::joined(it, mark(index))).collect())
            }
            Value::Object(fields) => {
                let mut map = BTreeMap::new();
                for (key, value) in fields {
                    map.insert(key.clone(), Self::joined(value, unknown.get(key).unwrap_or(&Value::Null)));
                }
                for (key, mark) in unknown.as_object().into_iter().flatten() {
                    if !fields.contains_key(key) {
                        map.insert(key.clone(), Self::joined(&Value::Null, mark));
                    }
                }
                Self::Map(map)
            }
        }
    }

    /// The tree of a value that is known throughout.
    pub(super) fn known(value: &Value) -> Self {
        Self::joined(value, &Value::Null)
    }

    /// The attribute at a path such as `health_check.interval`. A block that stands in a list is the first of it.
    pub(super) fn at(&self, path: &str) -> &Self {
        let mut here = self;
        for key in path.split('.') {
            here = match here {
                Self::List(elements) => elements.first().unwrap_or(&NULL),
                other => other,
            };
            here = match here {
                Self::Map(map) => map.get(key).unwrap_or(&NULL),
                Self::Unknown => return here,
                _ => return &NULL,
            };
        }
        here
    }

    /// The elements of a list; a block that stands alone is the only one.
    pub(super) fn items(&self) -> &[Self] {
        match self {
            Self::List(elements) => elements,
            Self::Map(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// A text. Numbers are none: identifiers with leading zeros would change.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A finite number; templates write numbers as texts as often as not.
    pub(super) fn number(&self) -> Option<f64> {
        let number = match self {
            Self::Number(number) => *number,
            Self::Text(text) => text.trim().parse().ok()?,
            _ => return None,
        };
        number.is_finite().then_some(number)
    }

    /// A whole number that is not negative.
    pub(super) fn whole(&self) -> Option<u64> {
        self.number().filter(|number| *number >= 0.0 && *number <= 1e12 && number.fract() == 0.0).map(|it| it as u64)
    }

    /// A flag; templates write flags as texts as often as not.
    pub(super) fn flag(&self) -> Option<bool> {
        match self {
            Self::Flag(flag) => Some(*flag),
            Self::Text(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Self::Text(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// Every text in the tree.
    pub(super) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![text],
            Self::List(elements) => elements.iter().flat_map(Self::texts).collect(),
            Self::Map(map) => map.values().flat_map(Self::texts).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether the input says what the value is, be it that it is not set.
    pub(super) const fn is_known(&self) -> bool {
        !matches!(self, Self::Unknown | Self::Leads(_))
    }

    /// Whether a value is written, known or not. An empty list is none.
    pub(super) fn is_set(&self) -> bool {
        match self {
            Self::Null => false,
            Self::List(elements) => !elements.is_empty(),
            Self::Text(text) => !text.is_empty(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Tree;

    #[test]
    fn what_is_unknown_is_not_what_is_not_set() {
        let tree = Tree::joined(
            &json!({"size": 4, "zone": null, "alias": [{"evaluate": true}]}),
            &json!({"arn": true, "alias": [{"name": true}], "tags": {}, "ttl": [], "block": {"id": true}}),
        );
        assert_eq!(tree.at("size").whole(), Some(4));
        assert_eq!((tree.at("zone"), tree.at("never")), (&Tree::Null, &Tree::Null));
        assert_eq!((tree.at("arn"), tree.at("alias.name")), (&Tree::Unknown, &Tree::Unknown));
        assert_eq!(tree.at("alias.evaluate").flag(), Some(true));
        assert_eq!((tree.at("tags"), tree.at("ttl")), (&Tree::Null, &Tree::Null));
        assert_eq!(tree.at("block.id"), &Tree::Unknown);
        // What is below something unknown is unknown.
        assert_eq!(tree.at("arn.partition"), &Tree::Unknown);
    }

    #[test]
    fn numbers_and_flags_may_be_texts_and_nonsense_is_neither() {
        let tree = Tree::known(&json!({"a": "8", "b": "true", "c": "eight", "d": -1, "e": 1.5, "f": 1e300}));
        assert_eq!((tree.at("a").whole(), tree.at("b").flag()), (Some(8), Some(true)));
        for key in ["c", "d", "e", "f"] {
            assert_eq!(tree.at(key).whole(), None, "{key}");
        }
    }
}
