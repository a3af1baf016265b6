//! The functions of templates, as far as a template alone can work them out.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::import::region::is_region;
use crate::import::tree::Tree;

/// A template with the region, the parameters and the conditions of its stack.
pub(super) struct Scope<'a> {
    pub(super) template: &'a Value,
    pub(super) region: &'a str,
    pub(super) parameters: &'a BTreeMap<String, String>,
    pub(super) input: usize,
    /// What the stack is called, in front of logical names.
    pub(super) stack: &'a str,
}

/// How deep functions may be nested.
const DEEPEST: usize = 64;

impl Scope<'_> {
    /// The base of a resource of this stack.
    pub(super) fn base(&self, logical: &str) -> String {
        format!("{}:{}/{logical}", self.input, self.stack)
    }

    /// A value with its functions worked out.
    pub(super) fn value(&self, value: &Value, depth: usize) -> Tree {
        if depth > DEEPEST {
            return Tree::Unknown;
        }
        match value {
            Value::Object(fields) => {
                if let (1, Some((name, argument))) = (fields.len(), fields.iter().next())
                    && (name == "Ref" || name.starts_with("Fn::"))
                {
                    return self.function(name, argument, depth + 1);
                }
                Tree::Map(fields.iter().map(|(key, value)| (key.clone(), self.value(value, depth + 1))).collect())
            }
            Value::Array(elements) => {
                let values = elements.iter().map(|element| self.value(element, depth + 1));
                Tree::List(values.filter(|it| *it != Tree::Null).collect())
            }
            Value::String(text) if text.contains("{{resolve:") => Tree::Unknown,
            other => Tree::known(other),
        }
    }

    fn function(&self, name: &str, argument: &Value, depth: usize) -> Tree {
        let list = argument.as_array().map_or(&[][..], Vec::as_slice);
        let at = |index: usize| list.get(index).map_or(Tree::Null, |it| self.value(it, depth));
        match name {
            "Ref" => argument.as_str().map_or(Tree::Unknown, |name| self.named(name)),
            "Fn::GetAtt" => match (argument, list.first()) {
                (Value::String(path), _) => self.attribute(path.split('.').next().unwrap_or(path)),
                (_, Some(Value::String(logical))) => self.attribute(logical),
                _ => Tree::Unknown,
            },
            "Fn::Sub" => self.substituted(argument, depth),
            "Fn::Join" => {
                let Tree::Text(between) = at(0) else { return Tree::Unknown };
                let parts = match at(1) {
                    Tree::List(parts) => parts,
                    other => return other,
                };
                Self::joined(parts, &between)
            }
            "Fn::Select" => match (at(0).whole(), at(1)) {
                (Some(index), Tree::List(elements)) => {
                    usize::try_from(index).ok().and_then(|index| elements.get(index).cloned()).unwrap_or(Tree::Unknown)
                }
                (_, other @ Tree::Leads(_)) => other,
                _ => Tree::Unknown,
            },
            "Fn::Split" => match (at(0), at(1)) {
                (Tree::Text(by), Tree::Text(text)) if !by.is_empty() => {
                    Tree::List(text.split(by.as_str()).map(|part| Tree::Text(part.to_owned())).collect())
                }
                (_, other @ Tree::Leads(_)) => other,
                _ => Tree::Unknown,
            },
            "Fn::FindInMap" => {
                let keys = [at(0), at(1), at(2)];
                let [Some(map), Some(first), Some(second)] = keys.each_ref().map(Tree::text) else {
                    return Tree::Unknown;
                };
                let found = self.template.get("Mappings").and_then(|all| all.get(map)?.get(first)?.get(second));
                found.map_or(Tree::Unknown, |found| self.value(found, depth))
            }
            "Fn::If" => match list.first().and_then(Value::as_str).and_then(|name| self.condition(name, depth)) {
                Some(true) => at(1),
                Some(false) => at(2),
                None => match (at(1), at(2)) {
                    (yes, no) if yes == no => yes,
                    (Tree::Leads(mut yes), Tree::Leads(no)) => {
                        yes.extend(no);
                        Tree::Leads(yes)
                    }
                    (Tree::Leads(leads), _) | (_, Tree::Leads(leads)) => Tree::Leads(leads),
                    _ => Tree::Unknown,
                },
            },
            "Fn::ImportValue" => match self.value(argument, depth) {
                Tree::Text(name) => Tree::Leads(vec![format!("export:{name}")]),
                _ => Tree::Unknown,
            },
            _ => Tree::Unknown,
        }
    }

    /// What a name stands for: a pseudo parameter, a parameter, or a resource.
    fn named(&self, name: &str) -> Tree {
        match name {
            "AWS::Region" if is_region(self.region) => return Tree::Text(self.region.to_owned()),
            "AWS::NoValue" => return Tree::Null,
            "AWS::StackName" => return Tree::Text(self.stack.to_owned()),
            _ => {}
        }
        let parameter = self.template.get("Parameters").and_then(|all| all.get(name));
        if let Some(parameter) = parameter {
            let text = |key: &str| parameter.get(key);
            let own = self.parameters.get(&format!("{}/{name}", self.region));
            if let Some(given) = own.or_else(|| self.parameters.get(name)) {
                return Tree::Text(given.clone());
            }
            let kind = text("Type").and_then(Value::as_str).unwrap_or("");
            // The default of such a parameter is a name to look up, and not the value.
            if kind.starts_with("AWS::SSM::") {
                return Tree::Unknown;
            }
            return match text("Default") {
                Some(Value::String(default)) if kind.contains("List") => {
                    Tree::List(default.split(',').map(|it| Tree::Text(it.trim().to_owned())).collect())
                }
                Some(default) => Tree::known(default),
                None => Tree::Unknown,
            };
        }
        self.attribute(name)
    }

    fn attribute(&self, logical: &str) -> Tree {
        let there = self.template.get("Resources").is_some_and(|all| all.get(logical).is_some());
        if there { Tree::Leads(vec![self.base(logical)]) } else { Tree::Unknown }
    }

    fn substituted(&self, argument: &Value, depth: usize) -> Tree {
        let (text, own) = match argument {
            Value::String(text) => (text.as_str(), None),
            Value::Array(parts) => match (parts.first(), parts.get(1)) {
                (Some(Value::String(text)), own) => (text.as_str(), own),
                _ => return Tree::Unknown,
            },
            _ => return Tree::Unknown,
        };
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find("${") {
            parts.push(Tree::Text(rest[..open].to_owned()));
            let Some(length) = rest[open..].find('}') else { return Tree::Unknown };
            let name = rest[open + 2..open + length].trim();
            rest = &rest[open + length + 1..];
            parts.push(if let Some(literal) = name.strip_prefix('!') {
                Tree::Text(format!("${{{literal}}}"))
            } else if let Some(value) = own.and_then(|own| own.get(name)) {
                self.value(value, depth)
            } else if let Some((logical, _)) = name.split_once('.') {
                self.attribute(logical)
            } else {
                self.named(name)
            });
        }
        parts.push(Tree::Text(rest.to_owned()));
        Self::joined(parts, "")
    }

    /// Texts in a row; where a part is not known, what the parts lead to.
    fn joined(parts: Vec<Tree>, between: &str) -> Tree {
        let mut texts = Vec::new();
        let mut leads = Vec::new();
        let mut unknown = false;
        for part in parts {
            match part {
                Tree::Text(text) => texts.push(text),
                Tree::Number(number) => texts.push(number.to_string()),
                Tree::Flag(flag) => texts.push(flag.to_string()),
                Tree::Leads(more) => leads.extend(more),
                Tree::Null => {}
                _ => unknown = true,
            }
        }
        match (leads.is_empty(), unknown) {
            (true, false) => Tree::Text(texts.join(between)),
            (false, _) => Tree::Leads(leads),
            (true, true) => Tree::Unknown,
        }
    }

    /// Whether a condition holds, if that can be known.
    pub(super) fn condition(&self, name: &str, depth: usize) -> Option<bool> {
        let written = self.template.get("Conditions")?.get(name)?;
        self.holds(written, depth + 1)
    }

    fn holds(&self, written: &Value, depth: usize) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        let (name, argument) = written.as_object().filter(|it| it.len() == 1)?.iter().next()?;
        let list = argument.as_array().map_or(&[][..], Vec::as_slice);
        match name.as_str() {
            "Condition" => self.condition(argument.as_str()?, depth),
            "Fn::Not" => self.holds(list.first()?, depth + 1).map(|it| !it),
            "Fn::Equals" => {
                let [one, other] = [list.first()?, list.get(1)?].map(|it| self.value(it, depth + 1));
                let text = |tree: &Tree| match tree {
                    Tree::Text(text) => Some(text.clone()),
                    Tree::Number(number) => Some(number.to_string()),
                    Tree::Flag(flag) => Some(flag.to_string()),
                    _ => None,
                };
                Some(text(&one)? == text(&other)?)
            }
            "Fn::And" | "Fn::Or" => {
                let decided = name == "Fn::Or";
                let parts: Vec<Option<bool>> = list.iter().map(|it| self.holds(it, depth + 1)).collect();
                if parts.contains(&Some(decided)) {
                    Some(decided)
                } else {
                    parts.iter().all(Option::is_some).then_some(!decided)
                }
            }
            _ => None,
        }
    }
}
