//! Rules of the house that a machine can hold: no circles among siblings, files of one idea, no word of AWS in the engine,
//! no citation of a page that is not here.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use crate::program::root;

/// Lines from which a file needs a reason.
const LONG: usize = 400;

/// Files above [`LONG`], and why each is one idea or what is to be done. The list may only shrink.
const LONG_FILES: &[(&str, &str)] = &[
    ("experiments/src/analyze/estimate.rs", "estimates of one sample, each with its interval"),
    ("experiments/src/analyze/summary.rs", "to be split: figures of a run, of a journey, of parts"),
    ("experiments/src/documents/run.rs", "one document, field by field"),
    ("experiments/src/cli/args.rs", "all arguments of the command line, as clap reads them"),
    ("experiments/src/cli/tests.rs", "cases"),
    ("experiments/src/experiment/teller.rs", "one sentence for each happening"),
    ("experiments/src/experiment/words/mod.rs", "one sentence for each part of a topology"),
    ("experiments/measure/src/measures.rs", "the table of measures, an entry each"),
    ("experiments/measure/src/recorder.rs", "one observer that draws all measures of a trial"),
    ("experiments/measure/src/timeline.rs", "to be split: outages, and planned dips"),
    ("experiments/src/report/document.rs", "the model of a document: one type for each kind of block"),
    ("experiments/src/units.rs", "how figures are written"),
    ("models/src/deployment/mod.rs", "construction and start of a deployment"),
    ("models/src/deployment/spec/mod.rs", "the reading of a topology, table by table"),
    ("models/src/deployment/tiers.rs", "chains of calls, a step for each kind of need"),
    ("models/src/faults/spec.rs", "keys of one table for each kind of fault"),
    ("models/src/flow/through_edge.rs", "to become a stage of the solver of the graph"),
    ("models/src/flow/solver.rs", "the solver, and tests of its sums"),
    ("models/src/stores/kinds.rs", "one list of services, and what follows from it"),
    ("models/src/stores/replicated_log/tests/mod.rs", "cases"),
    ("models/src/runbooks/tests.rs", "cases"),
    ("sim-core/settings/src/section.rs", "one table while it is read"),
    ("tests/it/closed_forms/writers.rs", "cases"),
    ("tests/it/doctor.rs", "cases"),
    ("tests/it/generated.rs", "the generator of experiments"),
    ("tests/it/services.rs", "cases"),
    ("tests/it/stories.rs", "cases"),
];

/// Crates: their name in paths, their sources, and where those of them that end in a binary begin.
const CRATES: &[&str] = &["sim-core/src", "models/src", "experiments/measure/src", "experiments/src"];

/// Every Rust file below a folder, in order.
pub(crate) fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("the folder can be read") {
            let path = entry.expect("an entry can be read").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// The module that a file is, as a path below the crate: `report/html/mod.rs` is `[report, html]`.
pub(crate) fn module(file: &Path, crate_root: &Path) -> Vec<String> {
    let path = file.strip_prefix(crate_root).expect("the file lies in the crate").with_extension("");
    let mut names: Vec<String> = path.iter().map(|part| part.to_str().expect("names are UTF-8").to_owned()).collect();
    if names.last().is_some_and(|name| matches!(name.as_str(), "mod" | "lib" | "main")) {
        names.pop();
    }
    names
}

/// The code of a file without comments, string contents and its module of tests.
pub(crate) fn code(text: &str) -> String {
    let end = text.find("\n#[cfg(test)]\nmod ").unwrap_or(text.len());
    let mut code = String::new();
    for line in text[..end].lines() {
        let line = line.trim_start();
        if !line.starts_with("//") {
            code.push_str(line.split(" // ").next().unwrap_or(line));
            code.push('\n');
        }
    }
    code
}

/// Opens the braces of an import: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn opened(import: &str) -> Vec<String> {
    let Some(open) = import.find('{') else { return vec![import.trim().to_owned()] };
    let (head, rest) = (&import[..open], &import[open + 1..import.rfind('}').unwrap_or(import.len())]);
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for sign in rest.chars() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().expect("there is one").push(sign);
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts.flat_map(|part| opened(&format!("{head}{}", part.trim()))).collect()
}

/// Paths within the crate that a module names: in `use` items, and `crate::` elsewhere.
pub(crate) fn named(code: &str, own: &[String]) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let mut lines = code.lines();
    while let Some(line) = lines.next() {
        let item = line.strip_prefix("pub").map_or(line, |rest| rest.split_once(' ').map_or(rest, |(_, rest)| rest));
        let Some(import) = item.strip_prefix("use ") else { continue };
        let mut import = import.to_owned();
        while !import.contains(';') {
            let Some(more) = lines.next() else { break };
            import.push(' ');
            import.push_str(more);
        }
        paths.extend(opened(import.split(';').next().unwrap_or_default()));
    }
    let mut rest = code;
    while let Some(place) = rest.find("crate::") {
        rest = &rest[place..];
        let end = rest.find(|sign: char| !(sign.is_alphanumeric() || matches!(sign, '_' | ':'))).unwrap_or(rest.len());
        paths.push(rest[..end].to_owned());
        rest = &rest[end..];
    }
    let within = |path: String| {
        let path = path.split(" as ").next().unwrap_or_default().to_owned();
        let mut names: Vec<String> = path.split("::").map(|name| name.trim().to_owned()).collect();
        let mut base = match names.first()?.as_str() {
            "crate" => Vec::new(),
            "self" => own.to_vec(),
            "super" => own[..own.len().checked_sub(1)?].to_vec(),
            // A child of this module, or another crate.
            _ => {
                let mut path = own.to_vec();
                path.extend(names);
                return Some(path);
            }
        };
        names.remove(0);
        while names.first().is_some_and(|name| name == "super") {
            base.pop();
            names.remove(0);
        }
        base.extend(names);
        Some(base)
    };
    paths.into_iter().filter_map(within).collect()
}

/// Arrows between the siblings of each folder of a crate: folder -> sibling -> siblings that it imports.
type Arrows = BTreeMap<Vec<String>, BTreeMap<String, BTreeSet<String>>>;

fn arrows(crate_root: &Path) -> Arrows {
    let files = sources(crate_root);
    let modules: BTreeSet<Vec<String>> = files.iter().map(|file| module(file, crate_root)).collect();
    let mut arrows = Arrows::new();
    for file in &files {
        let own = module(file, crate_root);
        if own.iter().any(|name| name == "tests") || file.ends_with("main.rs") {
            continue;
        }
        let text = fs::read_to_string(file).expect("sources can be read");
        for path in named(&code(&text), &own) {
            // The deepest module on the path.
            let Some(to) = (0..=path.len()).rev().map(|length| &path[..length]).find(|path| modules.contains(*path))
            else {
                continue;
            };
            let common = own.iter().zip(to).take_while(|(a, b)| a == b).count();
            // A folder's own file and what lies in the folder are parent and child, which is no arrow between siblings.
            if common < own.len() && common < to.len() {
                let siblings = arrows.entry(own[..common].to_vec()).or_default();
                siblings.entry(own[common].clone()).or_default().insert(to[common].clone());
            }
        }
    }
    arrows
}

/// Whether one sibling leads to another along arrows.
fn leads(arrows: &BTreeMap<String, BTreeSet<String>>, from: &str, to: &str) -> bool {
    let mut open = vec![from];
    let mut seen = BTreeSet::new();
    while let Some(at) = open.pop() {
        for next in arrows.get(at).into_iter().flatten() {
            if next == to {
                return true;
            }
            if seen.insert(next.as_str()) {
                open.push(next);
            }
        }
    }
    false
}

#[test]
fn siblings_form_no_circles() {
    let mut circles = String::new();
    for crate_root in CRATES {
        for (folder, siblings) in arrows(&root().join(crate_root)) {
            let circle: Vec<&String> = siblings.keys().filter(|name| leads(&siblings, name, name)).collect();
            if !circle.is_empty() {
                let _ = writeln!(circles, "{crate_root}/{}: {circle:?}", folder.join("/"));
            }
        }
    }
    assert!(circles.is_empty(), "circles of modules:\n{circles}");
}

#[test]
fn a_file_is_one_idea() {
    let mut long = BTreeSet::new();
    for folder in ["sim-core", "models", "experiments", "benches", "tests"] {
        for file in sources(&root().join(folder)) {
            let lines = fs::read_to_string(&file).expect("sources can be read").lines().count();
            if lines > LONG {
                let path = file.strip_prefix(root()).expect("it lies in the repository");
                long.insert(path.to_str().expect("names are UTF-8").to_owned());
            }
        }
    }
    let excused: BTreeSet<String> = LONG_FILES.iter().map(|(file, _)| (*file).to_owned()).collect();
    let surprises: Vec<&String> = long.difference(&excused).collect();
    assert!(surprises.is_empty(), "above {LONG} lines without a reason in `LONG_FILES`: {surprises:?}");
    let shorter: Vec<&String> = excused.difference(&long).collect();
    assert!(shorter.is_empty(), "these are short again and need no exception: {shorter:?}");
}

#[test]
fn the_engine_knows_no_word_of_aws() {
    let words = ["aws", "aurora", "route53", "route 53", "dynamodb", "lambda", "cloudfront", "ec2"];
    for file in sources(&root().join("sim-core")) {
        let text = fs::read_to_string(&file).expect("sources can be read").to_lowercase();
        for word in text.split(|sign: char| !(sign.is_alphanumeric() || sign == ' ')) {
            let found =
                words.iter().find(|name| word.split(' ').any(|part| part == **name) || word.contains("route 53"));
            assert!(found.is_none(), "{}: the engine says {found:?}", file.display());
        }
    }
}

#[test]
fn cited_pages_are_here() {
    let mut wrong = String::new();
    for folder in ["sim-core", "models", "experiments", "benches", "tests"] {
        for file in sources(&root().join(folder)) {
            let text = fs::read_to_string(&file).expect("sources can be read");
            for (number, line) in text.lines().enumerate().filter(|(_, line)| line.trim_start().starts_with("//")) {
                let lower = line.to_lowercase();
                // A number behind one of these names the section of a page.
                for page in ["facts ", "design "] {
                    let cites =
                        lower.split(page).skip(1).any(|rest| rest.starts_with(|sign: char| sign.is_ascii_digit()));
                    if cites {
                        let _ = writeln!(wrong, "{}:{}: cites a section of a page: {line}", file.display(), number + 1);
                    }
                }
                for path in line
                    .split(['`', ' ', '(', ')', ','])
                    .filter(|word| Path::new(word).extension().is_some_and(|end| end == "md"))
                {
                    let path = path.trim_start_matches("../");
                    if !root().join(path).exists() && !root().join("docs").join(path).exists() {
                        let _ = writeln!(wrong, "{}:{}: {path} is not here", file.display(), number + 1);
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
