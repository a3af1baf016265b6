//! What the expressions of a plan's configuration refer to, followed through modules.

use std::collections::BTreeSet;

use serde_json::Value;

use super::address::{keyless, steps};

/// How many modules, outputs and variables one reference may lead through.
const MOST_STEPS: usize = 32;

/// The configuration of a plan.
#[derive(Debug, Clone, Copy)]
pub(super) struct Configuration<'a> {
    root: &'a Value,
}

impl<'a> Configuration<'a> {
    pub(super) const fn new(root: &'a Value) -> Self {
        Self { root }
    }

    /// The module at a path without instance keys, such as `module.a.module.b`.
    pub(super) fn module(self, path: &str) -> Option<&'a Value> {
        let mut here = self.root.get("root_module")?;
        let mut names = path.split('.').filter(|name| !name.is_empty());
        while let Some(word) = names.next() {
            if word != "module" {
                return None;
            }
            here = here.get("module_calls")?.get(names.next()?)?.get("module")?;
        }
        Some(here)
    }

    /// The call of the module at a path, and the path of the module that calls it.
    pub(super) fn call(self, path: &str) -> Option<(&'a Value, &str)> {
        let (parent, name) = match path.rsplit_once(".module.") {
            Some((parent, name)) => (parent, name),
            None => ("", path.strip_prefix("module.")?),
        };
        Some((self.module(parent)?.get("module_calls")?.get(name)?, parent))
    }

    /// The bases of everything that an expression within a module leads to.
    pub(super) fn targets(self, module: &str, expression: &Value, each: &Value) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![(module.to_owned(), expression.clone(), each.clone(), 0)];
        let mut seen = BTreeSet::new();
        while let Some((module, expression, each, depth)) = open.pop() {
            if depth > MOST_STEPS {
                continue;
            }
            for reference in references(&expression) {
                if !seen.insert((module.clone(), reference.to_owned())) {
                    continue;
                }
                self.follow(&module, reference, &each, depth, &mut open, &mut found);
            }
        }
        found
    }

    fn follow(
        self,
        module: &str,
        reference: &str,
        each: &Value,
        depth: usize,
        open: &mut Vec<(String, Value, Value, usize)>,
        found: &mut BTreeSet<String>,
    ) {
        let inside = |name: &str| if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") };
        let steps: Vec<&str> = steps(reference).into_iter().map(|step| keyless(step).0).collect();
        match steps[..] {
            ["each", "value", ref rest @ ..] => {
                let output = rest.last().copied();
                for reference in references(each) {
                    let parts: Vec<&str> = reference.split('.').collect();
                    match (&parts[..], output) {
                        // A whole module stands for its output of that name.
                        (["module", name], Some(output)) => {
                            let named = serde_json::json!({"references": [format!("module.{name}.{output}")]});
                            open.push((module.to_owned(), named, Value::Null, depth + 1));
                        }
                        (["each", ..], _) => {}
                        _ => {
                            let named = serde_json::json!({"references": [reference]});
                            open.push((module.to_owned(), named, Value::Null, depth + 1));
                        }
                    }
                }
            }
            ["var", name, ..] => {
                if let Some((call, parent)) = self.call(module) {
                    let given = call.get("expressions").and_then(|all| all.get(name)).unwrap_or(&Value::Null);
                    let each = call.get("for_each_expression").unwrap_or(&Value::Null);
                    open.push((parent.to_owned(), given.clone(), each.clone(), depth + 1));
                }
            }
            ["module", name, output, ..] => {
                let child = inside(&format!("module.{name}"));
                let output = self.module(&child).and_then(|it| it.get("outputs")?.get(output)?.get("expression"));
                if let Some(output) = output {
                    open.push((child, output.clone(), Value::Null, depth + 1));
                }
            }
            ["data", kind, name, ..] => {
                found.insert(inside(&format!("data.{kind}.{name}")));
            }
            ["each" | "count" | "local" | "path" | "terraform" | "self" | "module" | "var" | "data", ..] | [_] | [] => {
            }
            [kind, name, ..] => {
                found.insert(inside(&format!("{kind}.{name}")));
            }
        }
    }
}

/// The references of an expression and of everything below it. Of `a.b.c` and `a.b`, which the format lists both, the
/// longer one says all.
pub(super) fn references(expression: &Value) -> Vec<&str> {
    let mut all = Vec::new();
    gather(expression, &mut all);
    let longer = |short: &&str| {
        !all.iter().any(|other| {
            other.len() > short.len()
                && other.starts_with(*short)
                && matches!(other.as_bytes().get(short.len()), Some(b'.' | b'['))
        })
    };
    // A list of every pair costs too much where an expression names hundreds.
    if all.len() > 256 { all } else { all.iter().copied().filter(longer).collect() }
}

fn gather<'a>(expression: &'a Value, all: &mut Vec<&'a str>) {
    match expression {
        Value::Array(elements) => elements.iter().for_each(|element| gather(element, all)),
        Value::Object(fields) => match fields.get("references") {
            Some(Value::Array(references)) => all.extend(references.iter().filter_map(Value::as_str)),
            _ => fields.values().for_each(|value| gather(value, all)),
        },
        _ => {}
    }
}

/// The paths of an expression tree that hold references, without places in lists, with what stands there.
pub(super) fn expressions<'a>(path: &str, tree: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    match tree {
        Value::Array(elements) => elements.iter().for_each(|element| expressions(path, element, found)),
        Value::Object(fields) if fields.get("references").is_some_and(Value::is_array) => {
            found.push((path.to_owned(), tree));
        }
        Value::Object(fields) => {
            for (key, value) in fields {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                expressions(&path, value, found);
            }
        }
        _ => {}
    }
}

/// Every constant text below an expression.
pub(super) fn constants<'a>(expression: &'a Value, found: &mut Vec<&'a str>) {
    match expression {
        Value::Array(elements) => elements.iter().for_each(|element| constants(element, found)),
        Value::Object(fields) => match fields.get("constant_value") {
            Some(Value::String(text)) => found.push(text),
            Some(Value::Array(elements)) => found.extend(elements.iter().filter_map(Value::as_str)),
            _ => fields.values().for_each(|value| constants(value, found)),
        },
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Configuration;

    #[test]
    fn references_are_followed_through_outputs_and_variables() {
        let root = json!({"root_module": {"module_calls": {
            "a": {"module": {"outputs": {"dns": {"expression": {"references": ["aws_lb.lb.dns_name", "aws_lb.lb"]}}}}},
            "b": {"expressions": {"to": {"references": ["module.a.dns", "module.a"]}}, "module": {}},
        }}});
        let configuration = Configuration::new(&root);
        let through = configuration.targets("module.b", &json!({"references": ["var.to"]}), &json!(null));
        assert_eq!(through.into_iter().collect::<Vec<_>>(), ["module.a.aws_lb.lb"]);
        let each = json!({"references": ["module.a"]});
        let through = configuration.targets("", &json!({"references": ["each.value.m.dns", "each.value"]}), &each);
        assert_eq!(through.into_iter().collect::<Vec<_>>(), ["module.a.aws_lb.lb"]);
    }

    #[test]
    fn a_circle_of_outputs_ends() {
        let root = json!({"root_module": {"module_calls": {
            "a": {"module": {"outputs": {"x": {"expression": {"references": ["var.y"]}}}},
                  "expressions": {"y": {"references": ["module.a.x"]}}},
        }}});
        let targets = Configuration::new(&root).targets("", &json!({"references": ["module.a.x"]}), &json!(null));
        assert!(targets.is_empty());
    }
}
