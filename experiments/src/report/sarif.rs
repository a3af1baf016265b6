//! Findings as SARIF 2.1.0: what code hosts show beside the lines of a pull request.

use serde_json::{Value, json};

use crate::finding::{Finding, Spot};

/// What was found in one file.
#[derive(Debug, Clone, Copy)]
pub enum Checked<'a> {
    /// The file is valid.
    Valid(&'a [Finding]),
    /// The file, as it was named, and why it is not valid.
    Invalid {
        /// The file.
        file: &'a str,
        /// Where its first problem is; nothing where it cannot be read.
        spot: Option<&'a Spot>,
        /// All of its problems, as they are printed.
        message: &'a str,
    },
}

/// One document for all files.
pub fn document(version: &str, checked: &[Checked<'_>]) -> Value {
    let mut rules: Vec<&str> = Vec::new();
    let results: Vec<Value> = checked
        .iter()
        .flat_map(|checked| match checked {
            Checked::Valid(findings) => findings.iter().map(result).collect(),
            Checked::Invalid { file, spot, message } => vec![invalid(file, *spot, message)],
        })
        .collect();
    for checked in checked {
        match checked {
            Checked::Valid(findings) => rules.extend(findings.iter().map(|finding| finding.kind)),
            Checked::Invalid { .. } => rules.push(INVALID),
        }
    }
    rules.sort_unstable();
    rules.dedup();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "mrsim",
                "semanticVersion": version,
                "rules": rules.iter().map(|rule| json!({ "id": rule })).collect::<Vec<_>>(),
            } },
            "results": results,
        }],
    })
}

/// The rule that every file has to keep.
const INVALID: &str = "invalid-file";

fn result(finding: &Finding) -> Value {
    let Finding { kind, spot, path, message, change } = finding;
    json!({
        "ruleId": kind,
        "level": "warning",
        "message": { "text": format!("{path}: {message}; {change}") },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(&spot.file) },
            "region": { "startLine": spot.line, "startColumn": spot.column },
        } }],
    })
}

/// A file with problems has no findings. All problems are one result at the place of the first: each names its place in its
/// words.
fn invalid(file: &str, spot: Option<&Spot>, message: &str) -> Value {
    // Code hosts want a line.
    let (file, line, column) = spot.map_or((file, 1, 1), |spot| (spot.file.as_str(), spot.line, spot.column));
    json!({
        "ruleId": INVALID,
        "level": "error",
        "message": { "text": anstream::adapter::strip_str(message).to_string().trim_end() },
        "locations": [{ "physicalLocation": {
            "artifactLocation": { "uri": uri(file) },
            "region": { "startLine": line, "startColumn": column },
        } }],
    })
}

/// A path as a relative reference: what a URI cannot have is written by its bytes.
fn uri(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/-._~".contains(&byte);
    let path = path.strip_prefix("./").unwrap_or(path);
    path.bytes().map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::{Checked, document, uri};
    use crate::finding::{Finding, Spot};

    #[test]
    fn findings_have_their_rule_and_their_place() {
        let finding = Finding {
            kind: "store-unused",
            spot: Spot { file: "./my shop.toml".to_owned(), line: 12, column: 3 },
            path: "stores.carts".to_owned(),
            message: "nothing reads or writes carts".to_owned(),
            change: "add it to the `needs` of a journey".to_owned(),
        };
        let findings = [finding];
        let invalid = Checked::Invalid {
            file: "wrong.toml",
            spot: Some(&Spot { file: "base.toml".to_owned(), line: 4, column: 9 }),
            message: "\u{1b}[1merror: unknown key\u{1b}[0m\n",
        };
        let found = document("0.1.0", &[Checked::Valid(&findings), invalid, Checked::Valid(&findings)]);
        let run = &found["runs"][0];
        assert_eq!(run["results"].as_array().map(Vec::len), Some(3));
        let one = &run["results"][0];
        assert_eq!((&one["ruleId"], &one["level"]), (&"store-unused".into(), &"warning".into()));
        let place = &one["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "my%20shop.toml");
        assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&12.into(), &3.into()));
        assert_eq!(run["results"][1]["message"]["text"], "error: unknown key");
        let place = &run["results"][1]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "base.toml");
        assert_eq!((&place["region"]["startLine"], &place["region"]["startColumn"]), (&4.into(), &9.into()));
        // Each rule once.
        let rules = serde_json::json!([{ "id": "invalid-file" }, { "id": "store-unused" }]);
        assert_eq!(run["tool"]["driver"]["rules"], rules);
    }

    #[test]
    fn a_path_is_a_reference() {
        assert_eq!(uri("a/b-c.toml"), "a/b-c.toml");
        assert_eq!(uri("ä#?.toml"), "%C3%A4%23%3F.toml");
    }
}
