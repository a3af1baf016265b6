//! `report.html`: the same bytes again from what it says of itself, from stored results, and never from others'.

use std::fs;
use std::path::Path;

use mrsim::experiment::Files;
use mrsim::run::{Experiment, Open as _, Overrides, Trials as _};

use crate::program::{VALID, ask, ask_in, root, text};

fn kept(folder: &Path, file: &str, more: &[&str]) -> String {
    let answer = ask(&[&["run", file, "--quiet", "--out", text(folder)], more].concat());
    assert!(matches!(answer.code, Some(0 | 3)), "{}", answer.err);
    fs::read_to_string(folder.join("report.html")).expect("it was written")
}

/// The text between two others.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let rest = page.split(from).nth(1).unwrap_or_else(|| panic!("`{from}` is there"));
    rest.split(to).next().expect("splitting yields a first part")
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#x27;", "'");
    text.replace("&#x2f;", "/").replace("&amp;", "&")
}

#[test]
fn a_page_says_how_to_make_it_again_and_that_makes_the_same_bytes() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let first = home.path().join("first");
    for (name, more) in [
        ("plain", &["--trials", "300", "--set", "dns.ttl=30s", "--seed", "7"][..]),
        ("precise", &["--precision", "0.2", "--max-trials", "2000"]),
    ] {
        let page = kept(&first.join(name), "experiments/active-active.toml", more);
        // From nothing but the page.
        let again = home.path().join(name);
        fs::create_dir(&again).expect("made");
        let resolved = between(&page, "<h3>experiment.toml</h3>\n<pre>", "</pre>");
        fs::write(again.join("experiment.toml"), unescaped(resolved)).expect("written");
        let command = between(&page, "this writes the same bytes again:</p>\n<pre>", "</pre>");
        let words: Vec<&str> = command.split(' ').skip(1).collect();
        assert!(command.starts_with("mrsim run experiment.toml"), "{command}");
        let answer = ask_in(&again, &words);
        assert!(matches!(answer.code, Some(0 | 3)), "{}", answer.err);
        for file in ["report.html", "report.txt", "trials.csv", "trials.parquet", "summary.json", "experiment.toml"] {
            if file == "trials.parquet" && !cfg!(feature = "parquet") {
                continue;
            }
            let read = |folder: &Path| fs::read(folder.join(file)).expect("it was written");
            assert!(read(&again.join("again")) == read(&first.join(name)), "{name}: {file}");
        }
    }
}

#[test]
fn a_page_can_be_made_of_stored_results_and_is_never_overwritten() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join("results");
    let page = kept(&folder, VALID, &["--trials", "400"]);
    let stored = text(&folder);
    assert_eq!(ask(&["report", stored, "-o", "-"]).out, page);
    let refused = ask(&["report", stored]);
    assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""));
    assert!(refused.err.contains("report.html` is there already"), "{}", refused.err);
    fs::remove_file(folder.join("report.html")).expect("removed");
    assert_eq!(ask(&["report", stored]).code, Some(0));
    assert_eq!(fs::read_to_string(folder.join("report.html")).expect("it was written"), page);
}

/// Follows the rebuild section of a page in another folder: its files, then its command.
fn rebuilt(home: &Path, page: &str, files: &[&str]) -> std::path::PathBuf {
    let again = home.join("rebuilt");
    fs::create_dir(&again).expect("made");
    for file in files {
        let text = between(page, &format!("<h3>{file}</h3>\n<pre>"), "</pre>");
        fs::write(again.join(file), unescaped(text)).expect("written");
    }
    let room = page.split("<section id=\"rebuild\">").nth(1).expect("there is a last room");
    let command = unescaped(between(room, ":</p>\n<pre>", "</pre>"));
    let quoted = |word: &str| word.trim_matches('\'').to_owned();
    let words: Vec<String> = command.split(' ').skip(1).map(quoted).collect();
    let answer = ask_in(&again, &words.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(matches!(answer.code, Some(0 | 3)), "{command}: {}", answer.err);
    again.join("again")
}

/// The page of a folder can be made again of what else is in it, and is never overwritten.
fn made_of_its_folder(folder: &Path) -> String {
    let (stored, page) = (text(folder), fs::read_to_string(folder.join("report.html")).expect("it was written"));
    assert_eq!(ask(&["report", stored, "-o", "-"]).out, page);
    let refused = ask(&["report", stored]);
    assert!(refused.code == Some(2) && refused.err.contains("report.html` is there already"), "{}", refused.err);
    fs::remove_file(folder.join("report.html")).expect("removed");
    assert_eq!(ask(&["report", stored]).code, Some(0));
    assert_eq!(fs::read_to_string(folder.join("report.html")).expect("it was written"), page);
    page
}

#[test]
fn a_comparison_has_a_page_that_can_be_made_again() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (folder, file) = (home.path().join("results"), home.path().join("slow.toml"));
    let slow = format!("extends = {:?}\nname = \"slow\"\ndns.ttl = \"5m\"\n", text(&root().join(VALID)));
    fs::write(&file, slow).expect("written");
    let gate = ["--fail-if-worse", "rto.p75", "--set", "objectives.availability=0.99", "--seed", "3"];
    let options = [&["--trials", "300", "--quiet", "--out", text(&folder)], &gate[..]].concat();
    let answer = ask(&[&["compare", VALID, text(&file)], &options[..]].concat());
    assert!(matches!(answer.code, Some(0 | 3)), "{}", answer.err);
    let page = made_of_its_folder(&folder);
    assert!(page.contains("Recovery time p75") && page.contains("Availability mean"), "every figure has its row");
    let row = "<tr><th>dns.ttl</th><td><code>&quot;60s&quot;</code></td><td><code>&quot;5m&quot;</code></td></tr>";
    assert!(page.contains(row) && page.matches("</th><td><code>&quot;").count() == 1, "what differs, and nothing else");
    let verdict = fs::read_to_string(folder.join("comparison.json")).expect("it was written");
    let verdict: serde_json::Value = serde_json::from_str(&verdict).expect("it is JSON");
    let verdict = verdict["comparisons"][0]["verdict"].as_str().expect("a sentence").to_owned();
    let first = verdict.split("; it ").next().expect("splitting yields a first part");
    let finding = format!("<p class=\"verdict\">{first}");
    assert!(
        unescaped(&page).contains(&finding) && page.matches("<p class=\"verdict\">slow ").count() >= 2,
        "{verdict}"
    );
    let again = rebuilt(home.path(), &page, &["candidate-1.toml", "candidate-2.toml"]);
    for kept in ["trials.csv", "recovery-time.svg", "candidate-2.toml"] {
        let read = |folder: &Path| fs::read(folder.join(kept)).expect("it was written");
        assert!(read(&again) == read(&folder), "{kept}");
    }
    // Results that were changed meanwhile make no page.
    let refusal = |told: &str| {
        let answer = ask(&["report", text(&folder), "-o", "-"]);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{}", answer.err);
        assert!(answer.err.contains(told), "{}", answer.err);
    };
    let change = |name: &str, from: &str, to: &str, told: &str| {
        let path = folder.join(name);
        let own = fs::read_to_string(&path).expect("it was written");
        let other = own.replacen(from, to, 1);
        assert_ne!(own, other);
        fs::write(&path, other).expect("written");
        refusal(told);
        fs::write(&path, own).expect("written");
    };
    change("candidate-2.toml", "\"5m\"", "\"6m\"", "is not the experiment that the trials beside it are of");
    change("trials.csv", "slow.loss_s", "slow.gain_s", "does not hold the trials of valid, slow");
    change("trials.csv", "\n0,", "\n0,1", "come out differently with mrsim");
    change("comparison.json", "\"figures\"", "\"shapes\"", "is not the document of a comparison of this version");
}

#[test]
fn a_sweep_has_a_page_that_can_be_made_again() {
    let home = tempfile::tempdir().expect("a temporary folder");
    for (name, vary) in [
        ("grid", &["--vary", "dns.ttl=10s,60s", "--vary", "dns.policy=\"latency\",simple", "--seed", "7"][..]),
        ("sample", &["--vary", "dns.ttl=10s..300s", "--design", "sobol", "--points", "4"]),
        ("one", &["--vary", "compute.kappa=0,1", "--vary", "dns.ttl=5s", "--design", "one-at-a-time"]),
    ] {
        let home = home.path().join(name);
        fs::create_dir(&home).expect("made");
        let folder = home.join("results");
        let set = ["--set", "objectives={ availability = 0.9, rto = { p50 = \"5m\" } }", "--trials", "150"];
        let answer = ask(&[&["sweep", VALID, "--quiet", "--out", text(&folder)], vary, &set[..]].concat());
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        let page = made_of_its_folder(&folder);
        assert!(page.contains("id=\"availability\"") && page.contains("rto.p50 \u{2264} 5 min"), "{name}");
        let again = rebuilt(&home, &page, &["experiment.toml"]);
        for kept in ["report.html", "sweep.json", "sweep.csv", "manifest.json", "report.txt", "experiment.toml"] {
            let read = |folder: &Path| fs::read(folder.join(kept)).expect("it was written");
            assert!(read(&again) == read(&folder), "{name}: {kept}");
        }
        let experiment = folder.join("experiment.toml");
        let own = fs::read_to_string(&experiment).expect("it was written");
        fs::write(&experiment, own.replacen("horizon = \"30m\"", "horizon = \"31m\"", 1)).expect("written");
        let refused = ask(&["report", text(&folder), "-o", "-"]);
        let told = "is not the experiment that the points beside it are of";
        assert!(refused.code == Some(2) && refused.err.contains(told), "{}", refused.err);
    }
}

#[test]
fn results_that_do_not_belong_together_make_no_page() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folder = home.path().join("results");
    kept(&folder, VALID, &[]);
    let refusal = |told: &str| {
        let answer = ask(&["report", text(&folder), "-o", "-"]);
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{}", answer.err);
        assert!(answer.err.contains(told), "{}", answer.err);
    };
    let trials = folder.join("trials.csv");
    let table = fs::read_to_string(&trials).expect("it was written");
    // The second figure of the first trial, as another version might have it.
    let first = table.lines().nth(1).expect("a row").to_owned();
    let other =
        format!("{},12345{}", &first[..first.find(',').expect("cells")], &first[first.rfind(',').expect("cells")..]);
    fs::write(&trials, table.replacen(&first, &other, 1)).expect("written");
    refusal("found record with");
    let cells: Vec<&str> = first.split(',').collect();
    let other = [&[cells[0], "12345"], &cells[2..]].concat().join(",");
    fs::write(&trials, table.replacen(&first, &other, 1)).expect("written");
    refusal("come out differently with mrsim");
    // Copies that broke off.
    let outages = folder.join("outages.csv");
    let complete = fs::read_to_string(&outages).expect("it was written");
    let without_last =
        |text: &str| text.trim_end().rsplit_once('\n').map(|(rest, _)| format!("{rest}\n")).expect("rows");
    fs::write(&trials, without_last(&table)).expect("written");
    refusal("holds 99 trials, and the run had 100");
    fs::write(&trials, &table).expect("written");
    fs::write(&outages, without_last(&complete)).expect("written");
    refusal(&format!(
        "holds {} outages, and the run had {}",
        complete.lines().count() - 2,
        complete.lines().count() - 1
    ));
    fs::write(&outages, complete).expect("written");
    let experiment = folder.join("experiment.toml");
    let text = fs::read_to_string(&experiment).expect("it was written");
    fs::write(&experiment, text.replacen("seed = 1", "seed = 2", 1) + "\n# changed\n").expect("written");
    fs::write(&experiment, text.replace("ttl = \"60s\"", "ttl = \"61s\"")).expect("written");
    refusal("is not the experiment that the trials beside it are of");
    fs::remove_file(folder.join("summary.json")).expect("removed");
    refusal("summary.json");
}

#[test]
fn names_of_the_file_are_text_and_nothing_else() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("hostile.toml");
    let base = fs::read_to_string(root().join(VALID)).expect("it is there");
    let name = "</title><script>alert(1)</script><img src=x onerror=alert(1)>\\\"'&amp;";
    let hostile = base.replace("\"browse\"", &format!("\"{name}\"")).replace("\"europe\"", &format!("\"{name} & co\""));
    assert_ne!(hostile, base);
    fs::write(&file, hostile.replacen("name = \"valid\"", &format!("name = \"{name}\"\ndescription = \"{name}\""), 1))
        .expect("written");
    let page = kept(&home.path().join("out"), text(&file), &[]);
    assert!(!page.contains("<script") && !page.contains("<img"));
    // Once as the title, and wherever it is named.
    assert!(page.matches("&lt;script&gt;alert(1)").count() > 5);
    let sweep = ["sweep", text(&file), "--vary", "dns.ttl=1s,2s"];
    for (name, command) in [("two", &["compare", VALID, text(&file)][..]), ("ttl", &sweep)] {
        let folder = home.path().join(name);
        let answer = ask(&[command, &["--quiet", "--out", text(&folder)]].concat());
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        let page = fs::read_to_string(folder.join("report.html")).expect("it was written");
        assert!(!page.contains("<script") && !page.contains("<img"), "{name}");
        assert!(page.matches("&lt;script&gt;alert(1)").count() > 3, "{name}");
    }
}

#[test]
fn a_story_adds_up_to_the_row_of_its_trial() {
    for file in ["active-active", "october-2025", "split-brain", "gray-failure"] {
        let path = root().join(format!("experiments/{file}.toml"));
        let experiment = Files.open(&path, &Overrides::default()).expect("the catalogue is sound");
        let Experiment { header, source, .. } = &experiment;
        let (columns, mut worker) = (source.columns(), source.worker());
        let mut row = vec![f64::NAN; columns.len()];
        for trial in 0..12 {
            source.run(&mut worker, trial, &mut row, &mut Vec::new());
            let story = source.story(trial).expect("it can be told");
            let clock = story.clock.expect("a fault strikes");
            let figure = |name: String| row[columns.named(&name).expect("it is there")];
            for (journey, stretches) in header.journeys.iter().zip(&story.journeys) {
                let ends = stretches.iter().skip(1).map(|next| next.from).chain([story.end]);
                let mut seconds = vec![0.0; header.causes.len()];
                for (stretch, end) in stretches.iter().zip(ends) {
                    if let Some(cause) = stretch.cause.filter(|_| end > clock) {
                        seconds[cause] += end.since(stretch.from.max(clock)).as_secs_f64();
                    }
                }
                for (cause, seconds) in header.causes.iter().zip(seconds) {
                    let expected = figure(format!("journey.{journey}.stage.{cause}_s"));
                    assert!(
                        (seconds - expected).abs() < 1e-6,
                        "{file} {trial} {journey} {cause}: {seconds} {expected}"
                    );
                }
                let back =
                    stretches.iter().rposition(|stretch| stretch.cause.is_some()).and_then(|at| stretches.get(at + 1));
                let recovery = figure(format!("journey.{journey}.recovery_s"));
                match back.filter(|back| back.from >= clock) {
                    Some(back) => assert!((back.from.since(clock).as_secs_f64() - recovery).abs() < 1e-6),
                    None => assert!(recovery == 0.0 || recovery.is_infinite()),
                }
            }
            for (store, missing) in header.stores.iter().zip(&story.losses) {
                assert_eq!(missing.seconds, figure(format!("store.{store}.loss_s")));
                assert_eq!(missing.lost, figure(format!("store.{store}.lost")));
            }
            // The clients are the same before the fault and afterwards, wherever their requests go.
            for snapshot in [&story.before, &story.after] {
                let total: f64 = snapshot.traffic.cells().iter().sum();
                assert!(total > 0.0 && snapshot.traffic.columns() == snapshot.regions.len(), "{file}: {total}");
            }
        }
    }
}

/// Two minutes after a region is lost its store is promoted elsewhere, and an hour later moved back as planned: 20 s of
/// switchover and 10 s until the name follows, none of it random.
const BACK: &str = r#"
name = "back"
horizon = "3h"
objectives.rto = { p99 = "15m" }
[regions.us-east-1]
[regions.eu-west-1]
[dns]
policy = "latency"
[stores.orders]
kind = "aurora-global"
writer = "us-east-1"
promotion-time = "1m"
endpoint-update = "10s"
endpoint-ttl = "0s"
switch-over-time = "20s"
rebuild-time = "10m"
[[clients]]
name = "all"
near = "eu-west-1"
requests-per-second = 100
[[journeys]]
name = "buy"
share = 1
needs = [{ write = "orders" }]
[[runbooks]]
name = "there-and-back"
on = { operator = "2m" }
hosted-in = ["eu-west-1"]
steps = [
    { promote = "orders", to = "eu-west-1" },
    { wait = "1h" },
    { switch-over = "orders", to = "us-east-1" },
]
[[faults]]
kind = "region-outage"
region = "us-east-1"
at = "10m"
duration = "20m"
"#;

#[test]
fn planned_downtime_and_what_cannot_be_judged_are_said() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("back.toml");
    fs::write(&file, BACK).expect("written");
    let run = |trials: &str| ask(&["run", text(&file), "--quiet", "--trials", trials]);
    // A p99 takes 299 trials.
    let (few, enough) = (run("200"), run("300"));
    assert_eq!((few.code, enough.code), (Some(3), Some(0)), "{}{}", few.err, enough.err);
    assert!(few.out.contains("NOT JUDGED") && few.out.contains("needs 299 trials"), "{}", few.out);
    assert!(!few.out.contains("UNDECIDED"), "{}", few.out);
    assert!(enough.out.contains("MET") && !enough.out.contains("NOT JUDGED"), "{}", enough.out);
    assert!(enough.out.contains("Planned downtime") && enough.out.contains("buy 30"), "{}", enough.out);
    // It was back for good at once, so its first return is its recovery.
    assert!(!enough.out.contains("First back"), "{}", enough.out);
}
