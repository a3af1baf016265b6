//! Loading as a whole: what comes out, what is refused, and that nothing written can break it.

use std::path::{Path, PathBuf};

use proptest::prelude::*;
use tempfile::TempDir;

use super::{LoadFailure, Loaded, Origin, Setting, load, load_text};

const BASE: &str = r#"name = "active-active"
seed = 1
horizon = "1h"
[regions.us-east-1]
[regions.eu-west-1]
compute.instances = { desired = 6 }
[dns]
ttl = "60s"
propagation = { lognormal = { median = "3s", p95 = "10s" } }
[[clients]]
name = "europe"
requests-per-second = 800
caching = [{ share = 0.92 }, { share = 0.08, floor = "5m" }]
"#;

struct Folder(TempDir);

impl Folder {
    fn with(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
            std::fs::write(path, text).expect("written");
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn load(&self, name: &str) -> Loaded {
        load(&self.path(name), &[], &[], None).unwrap_or_else(|failure| panic!("{failure}"))
    }

    /// The message, with the folder's own path taken out.
    fn refusal(&self, name: &str) -> String {
        let message = load(&self.path(name), &[], &[], None).expect_err("refused").to_string();
        message.replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn with_sets(sets: &[&str]) -> Result<Loaded, LoadFailure> {
    let sets: Vec<Setting> = sets.iter().map(|set| Setting::set(*set)).collect();
    load_text("base.toml", BASE, &[], &sets)
}

#[test]
fn the_resolved_text_is_canonical_and_loads_again() {
    let folder = Folder::with(&[
        ("base.toml", BASE),
        (
            "over.toml",
            "extends = 'base.toml'\nname = 'over'\nnote = \"two\\nlines, \\\"q\\\" \\\\ \\u0001 é\"\n'odd key' = 1.0\n\
             [[clients]]\nname = 'us'\n[dns]\nttl = '30s'\n",
        ),
    ]);
    let loaded = folder.load("over.toml");
    assert_eq!(
        loaded.resolved,
        r#"name = "over"
seed = 1
horizon = "1h"
note = "two\nlines, \"q\" \\ \u0001 é"
"odd key" = 1.0

[regions.us-east-1]

[regions.eu-west-1]
compute = { instances = { desired = 6 } }

[dns]
ttl = "30s"
propagation = { lognormal = { median = "3s", p95 = "10s" } }

[[clients]]
name = "europe"
requests-per-second = 800
caching = [{ share = 0.92 }, { share = 0.08, floor = "5m" }]

[[clients]]
name = "us"
"#
    );
    let again = load_text("resolved", &loaded.resolved, &[], &[]).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(again.node.same_as(&loaded.node));
    assert_eq!(again.resolved, loaded.resolved);
}

#[test]
fn values_can_be_set_by_key_name_and_number() {
    let sets = [
        "dns.ttl=30s",
        "clients.europe.requests-per-second = 900",
        "clients.0.near=eu-west-1",
        "edge.\"a b\" = {x = [1]}",
    ];
    let resolved = with_sets(&sets).unwrap_or_else(|failure| panic!("{failure}")).resolved;
    for line in ["ttl = \"30s\"", "requests-per-second = 900", "near = \"eu-west-1\"", "[edge.\"a b\"]\nx = [1]"] {
        assert!(resolved.contains(line), "{resolved}");
    }
}

#[test]
fn wrong_arguments_are_pointed_at() {
    for (set, line) in [
        ("dns.ttl", "no assignment"),
        ("=3", "an empty key"),
        ("a..b=1", "an empty key"),
        ("\"a=3", "a quoted key that does not end"),
        ("", "an empty key"),
        ("a=[1", "an incomplete value"),
        ("dns.ttl.x=3", "dns.ttl.x: found a key of the text \"60s\""),
        ("clients.eurpoe.x=1", "did you mean `europe`?"),
        ("clients.7.x=1", "expected one of europe"),
        ("extends=x.toml", "that only a file can say"),
    ] {
        let message = with_sets(&[set]).expect_err("refused").to_string();
        assert!(message.contains(line), "{set}: {message}");
        assert!(message.contains("--> --set:1:") || set.is_empty(), "{set}: {message}");
    }
    let endless = format!("{}b=1", "a.".repeat(100_000));
    assert!(with_sets(&[&endless]).is_err());
}

#[test]
fn a_message_shows_the_line_and_a_caret() {
    let message = with_sets(&["clients.eurpoe.near=us-east-1"]).expect_err("refused").to_string();
    assert_eq!(
        message,
        "error: clients.eurpoe: found no such element
 --> --set:1:9
  |
1 | clients.eurpoe.near=us-east-1
  |         ^^^^^^ expected one of europe
  |
  = help: did you mean `europe`?"
    );
}

/// Messages about a setting of a sweep point to the place in the text that lists it, or to the whole text if it lists
/// the setting in other words.
#[test]
fn settings_of_a_sweep_are_pointed_at_where_they_are_listed() {
    let text = "dns.ttl=10s, {x = 1},30";
    let refusal = |key: &str, value: &str| {
        let place = |part: &str| text.find(part).map(|at| at..at + part.len()).expect("it stands there");
        let origin = Origin::Argument {
            text: text.to_owned(),
            key: place("dns.ttl"),
            value: if text.contains(value) { place(value) } else { place("10s") },
        };
        let setting = Setting::Varied { key: key.to_owned(), value: value.to_owned(), origin };
        load_text("base.toml", BASE, &[], &[setting]).map(|loaded| {
            let ttl = loaded.node.get("dns").and_then(|dns| dns.get("ttl")).expect("it was set").clone();
            let key = ttl.entries().first().map_or(ttl.place, |entry| entry.key_place);
            let source = &text[key.bytes()];
            (loaded.sources.name(key.source).to_owned(), source.to_owned())
        })
    };
    let stands = |value: &str| refusal("dns.ttl", value).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(stands("30"), ("--vary".to_owned(), "30".to_owned()));
    assert_eq!(stands("{x = 1}"), ("--vary".to_owned(), "x".to_owned()));
    // A value that is not in the text has the place that stands for it.
    assert_eq!(stands("{y = 77}"), ("--vary".to_owned(), "10s".to_owned()));
    let message = refusal("dns.ttl.x", "30").expect_err("refused").to_string();
    assert!(message.contains("--> --vary:1:1\n"), "{message}");
}

#[test]
fn chains_of_files_must_end() {
    let folder = Folder::with(&[
        ("a.toml", "extends = 'sub/b.toml'\n"),
        ("sub/b.toml", "extends = '../a.toml'\nx = 1\n"),
        ("self.toml", "extends = './self.toml'"),
        ("lost.toml", "extends = 'nowhere.toml'\nx = 1"),
        ("folder.toml", "extends = 'sub'\nx = 1"),
        ("number.toml", "extends = 3\nx = 1"),
        ("broken.toml", "extends = 'bad.toml'\ny = 10s"),
        ("bad.toml", "x = 5h\n"),
    ]);
    assert!(folder.refusal("a.toml").contains("does not lead back to itself"));
    assert!(folder.refusal("a.toml").contains("--> sub/b.toml:1:11"));
    assert!(folder.refusal("self.toml").contains("does not lead back to itself"));
    assert!(folder.refusal("lost.toml").contains("cannot read nowhere.toml: there is no such file"));
    assert!(folder.refusal("folder.toml").contains("it is a directory"));
    assert!(folder.refusal("number.toml").contains("found the number 3"));
    let both = folder.refusal("broken.toml");
    assert!(both.contains("broken.toml:2:5") && both.contains("bad.toml:1:5"), "{both}");

    let long: Vec<(String, String)> =
        (0..30).map(|i| (format!("{i}.toml"), format!("extends = '{}.toml'\nx{i} = 1", i + 1))).collect();
    let long: Vec<(&str, &str)> = long.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    assert!(Folder::with(&long).refusal("0.toml").contains("a chain of at most 16 files"));
}

#[test]
fn observations_are_read_beside_the_file_that_names_them() {
    let folder = Folder::with(&[
        ("sub/base.toml", "lag = { empirical = 'lag.csv' }\n[dns]\nmix = { of = [{ empirical = 'bare.csv' }] }"),
        ("sub/lag.csv", "\u{feff}seconds,comment\r\n0.25,x\r\n\r\n 3 ,y\r\n"),
        ("sub/bare.csv", "1\n2.5"),
        ("over.toml", "extends = 'sub/base.toml'\n"),
    ]);
    let resolved = folder.load("over.toml").resolved;
    assert_eq!(resolved, "lag = { empirical = [0.25, 3.0] }\n\n[dns.mix]\nof = [{ empirical = [1.0, 2.5] }]\n");
}

#[test]
fn wrong_observations_are_named_by_line() {
    let many = "1\n".repeat(100_001);
    for (text, hint) in [
        ("lag\n1\nx\n", "line 3 of lag.csv: \"x\" is not a number"),
        ("1\n-1\n", "line 2"),
        ("1\nnan\n", "line 2"),
        ("inf\n", "line 1"),
        ("1\n,5\n", "line 2"),
        ("lag\n", "lag.csv has no observations"),
        ("", "lag.csv has no observations"),
        (&many, "more than 100000"),
    ] {
        let folder = Folder::with(&[("x.toml", "lag = { empirical = 'lag.csv' }"), ("lag.csv", text)]);
        let message = folder.refusal("x.toml");
        assert!(message.contains(hint) && message.contains("--> x.toml:1:21"), "{message}");
    }
}

#[test]
fn an_empty_experiment_is_one_clear_error() {
    for text in ["", "\n", "# nothing\n", "\u{feff}", "  \r\n"] {
        let message = load_text("x.toml", text, &[], &[]).expect_err("refused").to_string();
        assert!(message.starts_with("error: an empty file"), "{message}");
        assert_eq!(message.matches("error").count(), 1, "{message}");
    }
}

#[test]
fn the_world_outside_is_one_sentence() {
    let folder = Folder::with(&[]);
    assert_eq!(folder.refusal("x.toml"), "error: cannot read x.toml: there is no such file");
    assert!(matches!(load(folder.0.path(), &[], &[], None), Err(LoadFailure::Outside(_))));
    assert!(matches!(load(Path::new(""), &[], &[], None), Err(LoadFailure::Outside(_))));
    assert!(matches!(load(Path::new("a\0b"), &[], &[], None), Err(LoadFailure::Outside(_))));
}

#[test]
fn hostile_texts_are_refused() {
    let dots = vec!["a"; 79].join(".");
    let dotted = format!("{}1{}", format!("{{ {dots} = ").repeat(79), " }".repeat(79));
    for text in [
        "[".repeat(100_000),
        format!("a = {}", "[".repeat(100_000)),
        format!("a = {}", "{ a = ".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
        format!("b = {dotted}\nb = {dotted}\n[{dots}]\nc = {dotted}\n"),
        format!("a = '{}'\nb = c", "é".repeat(100_000)),
        format!("a = [{}", "1, ".repeat(500_000)),
        "=\n".repeat(100_000),
        "=\n".repeat(1 << 20),
        "\0".repeat(1_000),
        "a = 1\u{1b}[31m\n".to_owned(),
    ] {
        let message = load_text("x.toml", &text, &[], &[]).expect_err("refused").render(true);
        let message_size = message.len();
        assert!(message_size < 100_000, "{message_size}");
        assert!(!message.contains("\u{1b}[31m"), "no control sequence of the file's reaches the terminal");
    }
}

proptest! {
    #[test]
    fn no_text_makes_loading_panic(text in any::<String>(), set in any::<String>()) {
        if let Err(failure) = load_text("x.toml", &text, &[], &[Setting::set(set)]) {
            failure.render(true);
        }
    }

    #[test]
    fn what_loads_loads_again_to_the_same(edits in proptest::collection::vec((any::<u16>(), any::<u8>()), 1..6)) {
        let mut bytes = BASE.as_bytes().to_vec();
        for (at, byte) in edits {
            let at = usize::from(at) % bytes.len();
            if byte % 2 == 0 {
                bytes.remove(at);
            } else {
                bytes[at] = byte;
            }
        }
        match load_text("x.toml", &String::from_utf8_lossy(&bytes), &[], &[]) {
            Ok(loaded) => {
                let again = load_text("resolved", &loaded.resolved, &[], &[]);
                let again = again.map_err(|failure| TestCaseError::fail(failure.to_string()))?;
                prop_assert!(again.node.same_as(&loaded.node), "{}", loaded.resolved);
                prop_assert_eq!(again.resolved, loaded.resolved);
            }
            Err(failure) => {
                failure.render(false);
            }
        }
    }

    #[test]
    fn arguments_set_what_they_say(key in "[a-z]{1,5}(\\.[a-z]{1,5}){0,3}", value in "[ -~]{0,12}") {
        // Texts that TOML reads as something else are covered by name above.
        prop_assume!(!value.trim().starts_with(['"', '\'', '[', '{']));
        prop_assume!(!["name", "seed", "horizon", "extends"].contains(&key.split('.').next().unwrap_or_default()));
        if let Ok(loaded) = load_text("x.toml", BASE, &[], &[Setting::set(format!("{key}={value}"))]) {
            let mut node = &loaded.node;
            for part in key.split('.') {
                node = node.get(part).expect("the key that was set");
            }
            if let Some(text) = node.text() {
                prop_assert_eq!(text, value.trim());
            }
        }
    }
}

#[test]
fn elements_are_added_to_lists_that_are_there_and_to_lists_that_are_not() {
    let sets = [Setting::set("clients.+={ name = \"asia\" }"), Setting::set("alarms.+={ name = \"a\" }")];
    let Loaded { node, .. } = load_text("a.toml", BASE, &[], &sets).expect("sound");
    let names = |key: &str| {
        let sim_settings::Value::Array(all) = &node.get(key).expect("it is there").value else { panic!("{key}") };
        all.iter().filter_map(|one| one.get("name")?.text().map(str::to_owned)).collect::<Vec<_>>()
    };
    assert_eq!(
        (names("clients"), names("alarms")),
        (vec!["europe".to_owned(), "asia".to_owned()], vec!["a".to_owned()])
    );
}

#[test]
fn settings_are_found_where_they_are_written_or_would_be() {
    let folder = Folder::with(&[("base.toml", BASE), ("own.toml", "extends = \"base.toml\"\n[dns]\nttl = \"30s\"\n")]);
    let keys = ["dns.ttl", "clients.europe.requests-per-second", "dns.failback", "edge.kind"].map(str::to_owned);
    let found = super::whereabouts(&folder.path("own.toml"), &[], &[], None, &keys).expect("sound");
    let told = |place: &Option<super::Whereabouts>| {
        place.as_ref().map(|place| {
            let file = place.spot.file.rsplit('/').next().unwrap_or_default().to_owned();
            (file, place.spot.line, place.written.clone(), place.under.clone())
        })
    };
    let written = |file: &str, line, value: Option<&str>, under: &str| {
        Some((file.to_owned(), line, value.map(str::to_owned), under.to_owned()))
    };
    assert_eq!(told(&found[0]), written("own.toml", 3, Some("\"30s\""), "dns.ttl"));
    let rate = "clients.europe.requests-per-second";
    assert_eq!(told(&found[1]), written("base.toml", 12, Some("800"), rate));
    assert_eq!(told(&found[2]).map(|place| (place.2, place.3)), Some((None, "dns".to_owned())));
    assert_eq!(found[3], None);
}
