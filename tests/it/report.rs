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
    refusal("holds 49 trials, and the run had 50");
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
            let figure = |name: String| row[columns.iter().position(|column| *column == name).expect("it is there")];
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
            // Whoever is a client before the fault is one afterwards, wherever the requests go.
            for snapshot in [&story.before, &story.after] {
                let total: f64 = snapshot.traffic.iter().sum();
                assert!(total > 0.0 && snapshot.traffic.len() % snapshot.regions.len() == 0, "{file}: {total}");
            }
        }
    }
}
