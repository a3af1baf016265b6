//! `mrsim sweep`: points that are kept, sweeps that are killed and go on, and what is refused.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::lab::Dice;
use crate::program::{Answer, VALID, ask, bare, content, root, text};

fn sweep(options: &[&str]) -> Answer {
    ask(&[&["sweep", VALID, "--quiet"], options].concat())
}

/// Everything in a folder by its name within.
fn kept(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let short = |path: String| path.strip_prefix(text(folder)).unwrap_or(&path).to_owned();
    content(folder).into_iter().map(|(path, bytes)| (short(path), bytes)).collect()
}

fn points(folder: &Path) -> usize {
    fs::read_dir(folder.join("points")).map_or(0, Iterator::count)
}

const TTLS: &str = "dns.ttl=10s,20s,30s,60s";
const PEOPLE: &str = "runbooks.promote-orders.steps.0.approve=30s,2m,5m";

#[test]
fn a_sweep_that_is_killed_ten_times_ends_with_the_same_bytes() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let options = ["--vary", TTLS, "--vary", PEOPLE, "--trials", "1_500", "--threads", "1"];
    let through = home.path().join("through");
    let begun = Instant::now();
    let answer = sweep(&[&options[..], &["--out", text(&through)]].concat());
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    let whole = begun.elapsed();
    assert_eq!(points(&through), 12);

    let killed = home.path().join("killed");
    let mut dice = Dice::new(18);
    let mut done = 0;
    for attempt in 0..10 {
        let mut command = bare();
        command.args(["sweep", VALID, "--quiet"]).args(options).args(["--out", text(&killed)]);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts");
        // Every other time a point is done first, however busy the machine is; then at any moment, from before the folder is
        // there to within the points or the charts at the end.
        while attempt % 2 == 1 && points(&killed) <= done && child.try_wait().expect("it is ours").is_none() {
            sleep(Duration::from_millis(1));
        }
        sleep(whole.mul_f64(0.15 * dice.uniform()));
        // SIGKILL: nothing of the program runs after it.
        child.kill().and_then(|()| child.wait()).expect("it is ours");
        assert!(points(&killed) >= done, "what was done stays");
        done = points(&killed);
    }
    assert!(done >= 5, "{done} points are done");
    let answer = sweep(&[&options[..], &["--out", text(&killed)]].concat());
    assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""));
    let (one, other) = (kept(&through), kept(&killed));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    assert!(one == other);
    // Once more, with nothing left to do.
    assert_eq!(sweep(&[&options[..], &["--out", text(&killed)]].concat()).code, Some(0));
    assert!(kept(&killed) == one);
}

#[test]
fn the_bytes_are_the_same_for_any_number_of_threads() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let folders = ["1", "3"].map(|threads| {
        let out = home.path().join(threads);
        let answer = sweep(&["--vary", TTLS, "--trials", "100", "--threads", threads, "--out", text(&out)]);
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        kept(&out)
    });
    assert!(folders[0] == folders[1]);
    let names: Vec<&str> = folders[0].iter().map(|(name, _)| name.as_str()).collect();
    for name in [
        "/manifest.json",
        "/sweep.csv",
        "/sweep.json",
        "/recovery-time.svg",
        "/recovery-time.png",
        "/report.txt",
        "/report.html",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
}

#[test]
fn a_point_is_the_experiment_with_its_settings() {
    let csv = sweep(&["--vary", TTLS, "--trials", "200", "--format", "csv"]);
    assert_eq!(csv.code, Some(0), "{}", csv.err);
    let mut rows = csv::Reader::from_reader(csv.out.as_bytes());
    let head = rows.headers().expect("a head").clone();
    let column = |name: &str| head.iter().position(|other| other == name).unwrap_or_else(|| panic!("{head:?}"));
    let rows: Vec<csv::StringRecord> = rows.records().collect::<Result<_, _>>().expect("rows");
    assert_eq!(rows.len(), 4);
    let alone = ask(&["run", VALID, "--trials", "200", "--set", "dns.ttl=60s", "--format", "json"]);
    let alone: Value = serde_json::from_str(&alone.out).expect("it is JSON");
    let p50 = &alone["worst"]["recovery-time"]["quantiles"]["p50"];
    for (name, end) in [("rto.p50_s", "estimate"), ("rto.p50_low_s", "low"), ("rto.p50_high_s", "high")] {
        let value: f64 = rows[3][column(name)].parse().expect("a number");
        assert_eq!(Some(value), p50[end].as_f64(), "{name}");
    }
    assert_eq!((&rows[3][column("dns.ttl")], &rows[3][column("dns.ttl_s")]), ("60s", "60"));
}

#[test]
fn a_file_says_what_it_varies_and_the_command_line_may_say_otherwise() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let file = home.path().join("sweep.toml");
    let base = root().join(VALID);
    let written = format!(
        "extends = {:?}\ntrials = 50\n[sweep]\ndesign = \"latin-hypercube\"\npoints = 5\n\
         vary = {{ dns.ttl = \"10s..60s\", \"dns.policy\" = [\"latency\", \"simple\"] }}\n",
        text(&base)
    );
    fs::write(&file, written).expect("written");
    let document = |options: &[&str]| -> Value {
        let answer = ask(&[&["sweep", text(&file), "--quiet", "--format", "json"], options].concat());
        serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}", answer.err))
    };
    let own = document(&[]);
    assert_eq!((&own["design"], &own["axes"][0]), (&"latin-hypercube".into(), &"dns.ttl".into()));
    // The file as it is stands before the points that are drawn, and each of those is held against it.
    assert_eq!(own["points"].as_array().map(Vec::len), Some(6));
    assert_eq!((&own["held-against"], &own["points"][0]["settings"]), (&0.into(), &serde_json::json!({})));
    let change = |point: usize| own["points"][point]["figures"][0]["change"].is_object();
    assert!(!change(0) && (1..6).all(change), "{own}");
    assert!(own["command"].as_str().is_some_and(|command| command.contains("--points 5 ")), "{own}");
    assert_eq!(document(&["--points", "3"])["points"].as_array().map(Vec::len), Some(4));
    assert_eq!(document(&["--design", "sobol"])["design"], "sobol");
    let other = document(&["--vary", "dns.ttl=10s,20s", "--design", "one-at-a-time"]);
    assert_eq!(other["points"].as_array().map(Vec::len), Some(3));
    assert_eq!(other["points"][0]["settings"], serde_json::json!({}));
    let checked = ask(&["check", text(&file)]);
    assert!(checked.out.contains("latin-hypercube of 5 points over dns.ttl, dns.policy"), "{}", checked.out);
    // Every other command leaves the table alone.
    assert_eq!(ask(&["run", text(&file), "--quiet"]).code, Some(0));
}

#[test]
fn what_is_wrong_with_a_point_is_said_before_anything_runs() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    for (options, words) in [
        (&["--vary", "dns.ttl=10s,60"][..], "dns.ttl: found the number 60\n --> --vary:1:13\n"),
        (&["--vary", "dns.tl=10s,60s"], "did you mean `ttl`"),
        (&["--vary", "dns.ttl=10s..60s"], "the range 10s..60s of dns.ttl in a design of listed values"),
        (&["--vary", "dns.ttl=10s..60s", "--design", "sobol"], "without a number of points"),
        (&["--vary", "seed=1,2", "--seed", "3"], "seed is varied, and fixed by --seed"),
        (&[], "nothing to vary"),
        (&["--vary", "dns.ttl"], "KEY=VALUE,VALUE"),
        (&["--vary", "dns.ttl=10s,20s", "--design", "gird"], "grid"),
    ] {
        let answer = sweep(&[options, &["--out", text(&out)]].concat());
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""), "{options:?}: {}", answer.err);
        assert!(answer.err.contains(words), "{options:?}: {}", answer.err);
        assert!(!out.exists());
    }
    // The same mistake in many points is one mistake, and stands where it was made.
    let answer = sweep(&["--vary", "compute.kappa=0,1", "--vary", "dns.tl=10s,60s"]);
    assert_eq!(answer.err.matches("did you mean `ttl`").count(), 1, "{}", answer.err);
    assert!(answer.err.contains("--> --vary:1:5\n"), "{}", answer.err);
    // A value from a range has the place of the range, and a value in the file has its place in the file.
    let answer = sweep(&["--vary", "dns.ttl= 0.5..1.5", "--design", "sobol", "--points", "1"]);
    assert!(
        answer.err.contains("--> --vary:1:10\n") && answer.err.contains("^^^^^^^^ expected a duration"),
        "{}",
        answer.err
    );
    let file = home.path().join("sweep.toml");
    let text = format!("extends = {:?}\n[sweep]\nvary.dns.ttl = [\"10s\",\n  60]\n", text(&root().join(VALID)));
    fs::write(&file, text).expect("written");
    let answer = ask(&["sweep", file.to_str().expect("a name"), "--quiet"]);
    assert!(answer.code == Some(2) && answer.err.contains("sweep.toml:4:3\n"), "{}", answer.err);
}

/// The file's TTL of 60 s is a minute, and `cohorts`, which it does not name, is 200 by default: such points are the base
/// point in other words, come to the same and are not run again.
#[test]
fn what_the_file_says_already_is_the_base_point() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let options =
        ["--vary", "dns.ttl=1m,30s", "--vary", "clients.0.cohorts=200", "--design", "one-at-a-time", "--trials", "400"];
    let answer = sweep(&[&options[..], &["--out", text(&out)]].concat());
    assert_eq!(answer.code, Some(0), "{}", answer.err);
    let document: Value =
        serde_json::from_slice(&fs::read(out.join("sweep.json")).expect("it was written")).expect("it is JSON");
    let of = |part: &str| -> Vec<Value> {
        document["points"].as_array().expect("points").iter().map(|point| point[part].clone()).collect()
    };
    assert_eq!(of("is-base"), [true, true, false, true].map(Value::from));
    let (figures, hashes) = (of("figures"), of("hash"));
    assert!(figures[1] == figures[0] && figures[3] == figures[0] && figures[2] != figures[0]);
    assert!(hashes[1] != hashes[0], "each point is traced back to what it says");
    assert_eq!(answer.out.matches("  base").count() % 3, 0, "{}", answer.out);
    assert!(answer.out.contains("  base"), "{}", answer.out);
    assert!(answer.out.contains("as in the file"), "{}", answer.out);
    // No trial is run for them: of two points that are the base, one is kept, and the other is there at once.
    let kept: Vec<_> = fs::read_dir(out.join("points")).expect("points").flatten().collect();
    assert_eq!(kept.len(), 4);
}

/// Under a head with one seed, points with others would be read as if they had that one.
#[test]
fn a_seed_that_is_varied_is_not_that_of_the_head() {
    let options = ["--vary", "seed=1,2", "--trials", "50"];
    let table = sweep(&options).out;
    assert!(table.contains("50 trials each, seed as varied\n"), "{table}");
    let document = sweep(&[&options[..], &["--format", "json"]].concat()).out;
    let document: Value = serde_json::from_str(&document).expect("it is JSON");
    assert_eq!((&document["seed"], &document["points"][1]["seed"]), (&Value::Null, &Value::from(2)));
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    assert_eq!(sweep(&[&options[..], &["--out", text(&out)]].concat()).code, Some(0));
    let page = fs::read_to_string(out.join("report.html")).expect("it was written");
    assert!(page.contains("50 trials each, seed as varied.") && !page.contains("the same luck"), "{page}");
    let chart = fs::read_to_string(out.join("recovery-time.svg")).expect("it was written");
    assert!(!chart.contains("seed 1"), "{chart}");
    let trials = sweep(&["--vary", "trials=50,1_000"]).out;
    assert!(trials.contains("50 to 1,000 trials each, seed 1\n"), "{trials}");
}

#[test]
fn a_folder_with_something_else_is_refused() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let small = ["--trials", "25", "--out", text(&out)];
    assert_eq!(sweep(&[&["--vary", "dns.ttl=10s,20s"][..], &small].concat()).code, Some(0));
    let before = kept(&out);
    for options in [&["--vary", "dns.ttl=10s,30s"][..], &["--vary", "dns.ttl=10s,20s", "--seed", "9"]] {
        let answer = sweep(&[options, &small].concat());
        assert_eq!((answer.code, answer.out.as_str()), (Some(2), ""));
        assert!(answer.err.contains("holds another sweep"), "{}", answer.err);
    }
    assert!(kept(&out) == before);
    let foreign = home.path().join("foreign");
    fs::create_dir(&foreign).and_then(|()| fs::write(foreign.join("precious"), "1")).expect("written");
    let answer = sweep(&["--vary", "dns.ttl=10s,20s", "--out", text(&foreign)]);
    assert_eq!(answer.code, Some(2));
    assert!(answer.err.contains("is not empty"), "{}", answer.err);
}

#[test]
fn ctrl_c_keeps_the_points_that_are_done() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let out = home.path().join("out");
    let mut command = bare();
    let many = "dns.ttl=1s,2s,3s,4s,5s,6s,7s,8s,9s,10s,11s,12s,13s,14s,15s,16s,17s,18s,19s,20s,21s,22s,23s,24s,25s";
    command.args(["sweep", VALID, "--vary", many, "--trials", "2_000", "--out", text(&out)]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    while points(&out) < 1 {
        sleep(Duration::from_millis(10));
    }
    let interrupt = std::process::Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(interrupt.expect("kill is there").success());
    let answer = Answer::from(child.wait_with_output().expect("it is ours"));
    assert_eq!(answer.code, Some(1), "{}", answer.err);
    assert!(answer.err.contains("of 25 points") && answer.err.contains("goes on from there"), "{}", answer.err);
    assert!(answer.out.contains("PARTIAL"), "{}", answer.out);
    assert!(points(&out) < 25 && !out.join("sweep.json").exists());
}

/// Points share their trials: how much two of them differ is known far better than either of them, and the point that is
/// the file as it is has nothing to differ from.
#[test]
fn points_are_held_against_the_file_as_it_is() {
    let answer =
        sweep(&["--vary", TTLS, "--trials", "600", "--set", "objectives.rto={ p50 = \"5m\" }", "--format", "json"]);
    let document: Value = serde_json::from_str(&answer.out).expect("it is JSON");
    let base = document["held-against"].as_u64().expect("a point") as usize;
    assert_eq!(document["points"][base]["settings"]["dns.ttl"], "60s", "the file has 60 s");
    for (index, point) in document["points"].as_array().expect("points").iter().enumerate() {
        let found = &point["figures"][0];
        let figure = |part: &str, end: &str| found[part][end].as_f64();
        if index == base {
            assert!(found.get("change").is_none(), "{found}");
            continue;
        }
        let width = |part: &str| figure(part, "high").zip(figure(part, "low")).map(|(high, low)| high - low);
        let (change, own) = (width("change").expect("bounded"), width("value").expect("known"));
        assert!(change < own, "{found}");
        assert!(figure("change", "low") <= figure("change", "at-least"), "{found}");
    }
    let table = sweep(&["--vary", TTLS, "--trials", "600"]).out;
    assert!(table.contains("A change is the difference from dns.ttl=60s"), "{table}");
}

/// A point is to the base point what a candidate is to the baseline, also where faults recur and quantiles are over
/// outages: the same differences of the same figures, and the same notes.
#[test]
fn a_point_differs_from_the_base_point_as_candidates_differ() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let candidate = |approve: &str| {
        let file = home.path().join(format!("{approve}.toml"));
        let set = format!(
            "extends = {:?}\nname = {approve:?}\nhorizon = \"60d\"\n\
             objectives = {{ rto = {{ p50 = \"5m\" }}, rpo = {{ p50 = \"5s\" }}, availability = 0.99 }}\n\
             [[runbooks]]\nname = \"promote-orders\"\nsteps = [{{ approve = \"{approve}\" }}, \
             {{ promote = \"orders\", to = \"eu-west-1\" }}]\n\
             [[faults]]\nkind = \"region-outage\"\nregion = \"us-east-1\"\nrate = \"40 per year\"\nduration = \"20m\"\n",
            text(&root().join(VALID))
        );
        fs::write(&file, set).expect("written");
        text(&file).to_owned()
    };
    let (fast, slow) = (candidate("30s"), candidate("5m"));
    let json = |arguments: &[&str]| -> Value {
        let answer = ask(&[arguments, &["--trials", "400", "--quiet", "--format", "json"]].concat());
        serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}", answer.err))
    };
    let compared = json(&["compare", &fast, &slow]);
    let swept = json(&["sweep", &fast, "--vary", "runbooks.promote-orders.steps.0.approve=30s,5m"]);
    let point = &swept["points"][1];
    assert_eq!(swept["held-against"], 0);
    assert!(swept["notes"][0] == compared["notes"][0] && compared["notes"][0].is_string(), "{}", swept["notes"]);
    let of = |name: &str| &compared["comparisons"][0]["differences"][name];
    let figures = point["figures"].as_array().expect("figures").iter();
    let figures = figures.map(|found| (found["name"].as_str().expect("a name"), &found["change"]));
    let mut seen = 0;
    for (name, change) in figures.chain([("availability", &point["availability"]["change"])]) {
        let differs = of(name);
        assert!(differs["method"] != "joint-ranks", "whose ends are drawn, {name}: {differs}");
        for end in ["at-least", "at-most", "low", "high"] {
            assert!(change[end].is_number() && change[end] == differs[end], "{name} {end}: {change} {differs}");
        }
        seen += 1;
    }
    assert_eq!(seen, 3);
}

#[test]
fn an_objective_on_availability_has_its_columns() {
    let options = ["--vary", TTLS, "--trials", "200", "--set", "objectives.availability=0.99"];
    let table = sweep(&options).out;
    assert!(table.contains("availability \u{2265} 99 %"), "{table}");
    let rows = sweep(&[&options[..], &["--format", "csv"]].concat()).out;
    let head: Vec<&str> = rows.lines().next().expect("a head").split(',').collect();
    let column = |name: &str| head.iter().position(|column| *column == name).expect("it is there");
    for row in rows.lines().skip(1) {
        let cells: Vec<&str> = row.split(',').collect();
        let share: f64 = cells[column("availability")].parse().expect("a share");
        assert!((0.0..=1.0).contains(&share) && cells[column("availability_objective")] == "0.99", "{row}");
    }
    let document: Value =
        serde_json::from_str(&sweep(&[&options[..], &["--format", "json"]].concat()).out).expect("it is JSON");
    assert!(document["points"][0]["availability"]["verdict"].is_string(), "{document}");
}

/// `compute.kappa` takes any number, however the ends of a range are written; a count of instances stays whole.
#[test]
fn a_range_is_one_of_what_its_key_takes() {
    let options = ["--design", "sobol", "--points", "4", "--trials", "5", "--format", "json"];
    let settings = |vary: &str, key: &str| -> Vec<f64> {
        let answer = sweep(&[&["--vary", vary], &options[..]].concat());
        let document: Value =
            serde_json::from_str(&answer.out).unwrap_or_else(|error| panic!("{error}: {}", answer.err));
        let points = document["points"].as_array().expect("points").clone();
        points[1..]
            .iter()
            .map(|point| point["settings"][key].as_str().expect("a text").parse().expect("a number"))
            .collect()
    };
    assert!(settings("clients.0.zipf=0..1", "clients.0.zipf").iter().any(|value| value.fract() != 0.0));
    assert!(settings("clients.0.cohorts=50..200", "clients.0.cohorts").iter().all(|value| value.fract() == 0.0));
}
