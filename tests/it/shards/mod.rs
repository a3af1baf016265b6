//! Shards: their parts, merged, are what one process gives; what does not fit together is refused; what was killed goes on.

mod killed;
mod on_disk;
mod refused;

use std::path::{Path, PathBuf};

use crate::program::{Answer, VALID, ask, content, mrsim, text};

/// Everything in a folder by its name within.
fn kept(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let short = |path: String| path.strip_prefix(text(folder)).unwrap_or(&path).to_owned();
    content(folder).into_iter().map(|(path, bytes)| (short(path), bytes)).collect()
}

/// Asserts that two folders hold the same files, and names those that differ.
fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (kept(one), kept(other));
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    let differ: Vec<&String> = one.iter().zip(&other).filter(|(a, b)| a != b).map(|(a, _)| &a.0).collect();
    assert!(differ.is_empty(), "{differ:?} differ");
}

/// Makes the parts of a command, in an order of their own, and returns their folders.
fn parts(home: &Path, command: &[&str], of: u64) -> Vec<PathBuf> {
    // 5 and 7 have no common divisor, so each shard comes up once.
    (0..of)
        .map(|step| {
            let (index, out) = (step * 5 % of + 1, home.join(format!("part-{step}")));
            let shard = format!("{index}/{of}");
            let answer = ask(&[command, &["--shard", &shard, "--out", text(&out)]].concat());
            assert_eq!((answer.code, answer.out.as_str()), (Some(0), ""), "{}", answer.err);
            assert!(answer.err.contains(&format!("shard {shard} of ")), "{}", answer.err);
            out
        })
        .collect()
}

fn merge(parts: &[PathBuf], options: &[&str]) -> Answer {
    let parts: Vec<&str> = parts.iter().map(|path| text(path)).collect();
    ask(&[&["merge"], &parts[..], options].concat())
}

/// One process, and seven shards that are merged: the same files, the same verdict, the same exit code.
#[test]
fn seven_shards_of_a_run_are_what_one_process_gives() {
    for (file, trials) in
        [(VALID, "333"), ("experiments/active-active.toml", "700"), ("experiments/a-year-of-faults.toml", "29")]
    {
        let home = tempfile::tempdir().expect("a temporary folder");
        let (one, all) = (home.path().join("one"), home.path().join("all"));
        let run = ["run", file, "--trials", trials, "--seed", "7", "--set", "description=a test"];
        let whole = ask(&[&run[..], &["--out", text(&one)]].concat());
        let parts = parts(home.path(), &[&run[..], &["--threads", "1"]].concat(), 7);
        let merged = merge(&parts, &["--out", text(&all)]);
        assert_eq!((merged.code, merged.err.is_empty()), (whole.code, whole.err.is_empty()), "{}", merged.err);
        assert_eq!(merged.out.replace(text(&all), text(&one)), whole.out);
        assert_same(&one, &all);
        // Without a folder, and for programs.
        let document = |answer: Answer| answer.out;
        assert_eq!(
            document(merge(&parts, &["--format", "json", "--quiet"])),
            document(ask(&[&run[..], &["--format", "json", "--quiet"]].concat()))
        );
    }
}

/// What is not known of the figures is studied after the merge, as it is after the trials of one process: where it is asked
/// for, and where files are kept of a run that is short.
#[test]
fn sets_of_other_figures_are_those_of_the_merge() {
    let asked = ["--parameters", "20"];
    let short = ["run", VALID, "--trials", "1600", "--set", "objectives.rto={ p50 = \"1h\" }"];
    let cases = [(&["run", "experiments/pilot-light.toml", "--trials", "320"][..], &asked[..]), (&short, &[])];
    for (run, sets) in cases {
        let home = tempfile::tempdir().expect("a temporary folder");
        let (one, all) = (home.path().join("one"), home.path().join("all"));
        let whole = ask(&[run, sets, &["--out", text(&one)]].concat());
        let parts = parts(home.path(), run, 3);
        let merged = merge(&parts, &[sets, &["--out", text(&all)]].concat());
        assert_eq!(merged.code, whole.code, "{}", merged.err);
        assert_eq!(merged.out.replace(text(&all), text(&one)), whole.out);
        assert_same(&one, &all);
        let summary = std::fs::read_to_string(all.join("summary.json")).expect("it is there");
        let summary: serde_json::Value = serde_json::from_str(&summary).expect("it is JSON");
        assert!(summary["unknown"].is_object(), "{run:?}");
    }
}

#[test]
fn seven_shards_of_a_sweep_are_what_one_process_gives() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let (one, all) = (home.path().join("one"), home.path().join("all"));
    // 60 s is what the file says, so that point is the base point; it lies in the middle, and the first names it in other
    // words.
    let sweep = ["sweep", VALID, "--trials", "120", "--vary", "dns.ttl=1m,20s,60s,30s", "--vary", "compute.kappa=0,1"];
    let whole = ask(&[&sweep[..], &["--out", text(&one)]].concat());
    assert_eq!(whole.code, Some(0), "{}", whole.err);
    let parts = parts(home.path(), &sweep, 7);
    let merged = merge(&parts, &["--out", text(&all)]);
    assert_eq!(merged.code, Some(0), "{}", merged.err);
    assert_eq!(merged.out.replace(text(&all), text(&one)), whole.out);
    assert_same(&one, &all);
    let csv = |answer: Answer| answer.out;
    assert_eq!(
        csv(merge(&parts, &["--format", "csv", "-q"])),
        csv(ask(&[&sweep[..], &["--format", "csv", "-q"]].concat()))
    );
    // The merged folder is that of the sweep: the command finds all of its points in it.
    assert_eq!(ask(&[&sweep[..], &["--out", text(&all)]].concat()).code, Some(0));
    assert_same(&one, &all);
}

#[test]
fn a_part_has_the_same_bytes_whenever_it_is_made() {
    let home = tempfile::tempdir().expect("a temporary folder");
    let part = |name: &str, threads: &str| {
        let out = home.path().join(name);
        let run = ["run", VALID, "--trials", "301", "--shard", "2/3", "--threads", threads, "--out", text(&out)];
        let answer = ask(&run);
        assert_eq!(answer.code, Some(0), "{}", answer.err);
        assert!(answer.err.ends_with(&format!(": trials 100 to 199 of 301 are in {}\n", text(&out))), "{}", answer.err);
        out
    };
    let (one, two) = (part("one", "1"), part("two", "3"));
    assert_same(&one, &two);
    // The same command once more changes nothing: a scheduler may start a task again.
    let before = kept(&one);
    part("one", "2");
    assert!(before == kept(&one));
    let names: Vec<String> = before.into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["/experiment.toml", "/part.json", "/trials.bin"]);
}

/// The variables of one of three tasks, from 0.
type Task = fn(&dyn Fn(&str, u64) -> (String, String), u64) -> Vec<(String, String)>;

/// The environments that the schedulers make, each with all of its tasks.
#[test]
fn each_scheduler_tells_its_shards() {
    let names = |name: &str, value: u64| (name.to_owned(), value.to_string());
    let slurm: Task = |set, task| {
        let variables = [("ID", task + 1), ("MIN", 1), ("MAX", 3), ("STEP", 1), ("COUNT", 3)];
        variables.iter().map(|(name, value)| set(&format!("SLURM_ARRAY_TASK_{name}"), *value)).collect()
    };
    let batch: Task = |set, task| vec![set("AWS_BATCH_JOB_ARRAY_INDEX", task), set("AWS_BATCH_JOB_ARRAY_SIZE", 3)];
    let kubernetes: Task = |set, task| vec![set("JOB_COMPLETION_INDEX", task)];
    let parallel: Task = |set, task| vec![set("PARALLEL_SEQ", task + 1)];
    let home = tempfile::tempdir().expect("a temporary folder");
    let one = home.path().join("one");
    assert_eq!(ask(&["run", VALID, "-q", "--trials", "50", "--out", text(&one)]).code, Some(0));
    for (scheduler, asked, task) in [
        ("slurm", "auto", slurm),
        ("batch", "auto", batch),
        ("kubernetes", "auto/3", kubernetes),
        ("parallel", "auto/3", parallel),
    ] {
        let parts: Vec<PathBuf> = (0..3)
            .map(|index| {
                let named = home.path().join(format!("{scheduler}-{{shard}}"));
                let out = home.path().join(format!("{scheduler}-{}", index + 1));
                let run = ["run", VALID, "-q", "--trials", "50", "--shard", asked, "--out", text(&named)];
                let answer: Answer =
                    mrsim().args(run).envs(task(&names, index)).output().expect("the program starts").into();
                assert_eq!((answer.code, answer.err.as_str()), (Some(0), ""), "{scheduler}");
                out
            })
            .collect();
        let all = home.path().join(format!("{scheduler}-all"));
        let merged = merge(&parts, &["-q", "--out", text(&all)]);
        assert_eq!((merged.code, merged.err.as_str()), (Some(0), ""), "{scheduler}");
        assert_same(&one, &all);
    }
    let run = ["run", VALID, "--shard", "auto", "--out", text(&home.path().join("none"))].map(str::to_owned);
    let answer: Answer =
        mrsim().args(run).env("JOB_COMPLETION_INDEX", "0").output().expect("the program starts").into();
    let told = "error: --shard auto: Kubernetes tells the number of this shard (JOB_COMPLETION_INDEX) and not how many \
                there are\n\nhint: --shard 3/16 names the shard itself; where only the count is missing, --shard auto/16 gives it\n";
    assert_eq!((answer.code, answer.err.as_str()), (Some(2), told));
}
