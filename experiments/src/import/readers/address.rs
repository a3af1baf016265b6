//! Addresses of Terraform: modules, instance keys, and what is left without them.

/// An address in its parts.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Parts {
    /// `module.a["x"].module.b`, or nothing.
    pub(super) module: String,
    /// The same without instance keys.
    pub(super) module_base: String,
    /// The whole address without instance keys.
    pub(super) base: String,
    /// The instance key of the resource itself.
    pub(super) index: Option<String>,
}

/// The steps of an address: dots within brackets and quotes part nothing.
pub(super) fn steps(address: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut begin = 0;
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, sign) in address.char_indices() {
        if quoted {
            match sign {
                _ if escaped => escaped = false,
                '\\' => escaped = true,
                '"' => quoted = false,
                _ => {}
            }
            continue;
        }
        match sign {
            '"' if depth > 0 => quoted = true,
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '.' if depth == 0 => {
                steps.push(&address[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    steps.push(&address[begin..]);
    steps
}

/// A step without its instance key, and the key.
pub(super) fn keyless(step: &str) -> (&str, Option<String>) {
    let Some(open) = step.find('[') else { return (step, None) };
    let inside = step[open + 1..].strip_suffix(']').unwrap_or(&step[open + 1..]);
    let key = inside.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    let key = key.map_or_else(|| inside.to_owned(), |key| key.replace("\\\"", "\"").replace("\\\\", "\\"));
    (&step[..open], Some(key))
}

/// The parts of the address of a resource.
pub(super) fn parts(address: &str) -> Parts {
    let steps = steps(address);
    let mut modules = 0;
    while steps.get(modules) == Some(&"module") && modules + 1 < steps.len() {
        modules += 2;
    }
    let bare: Vec<&str> = steps.iter().map(|step| keyless(step).0).collect();
    Parts {
        module: steps[..modules].join("."),
        module_base: bare[..modules].join("."),
        base: bare.join("."),
        index: steps.last().and_then(|step| keyless(step).1),
    }
}

#[cfg(test)]
mod tests {
    use super::{keyless, parts, steps};

    #[test]
    fn keys_may_hold_whatever_parts_addresses() {
        let address = r#"module.a["x.y]\"z"].module.b[0].aws_lb.lb["eu.west"]"#;
        assert_eq!(steps(address), ["module", r#"a["x.y]\"z"]"#, "module", "b[0]", "aws_lb", r#"lb["eu.west"]"#]);
        let parts = parts(address);
        assert_eq!(parts.module, r#"module.a["x.y]\"z"].module.b[0]"#);
        assert_eq!(parts.module_base, "module.a.module.b");
        assert_eq!(parts.base, "module.a.module.b.aws_lb.lb");
        assert_eq!(parts.index.as_deref(), Some("eu.west"));
    }

    #[test]
    fn an_address_that_does_not_end_is_taken_as_it_is() {
        assert_eq!(keyless("lb[\"a"), ("lb", Some("\"a".to_owned())));
        assert_eq!(parts("").base, "");
        assert_eq!(parts("module").base, "module");
    }
}
