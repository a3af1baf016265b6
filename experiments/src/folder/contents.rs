//! The content of a folder: nothing, a part of results, whole results, or foreign files.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::writing::BEGUN;
use crate::exit::Failure;

/// The file that marks a folder as unfinished.
pub const UNFINISHED: &str = "unfinished.txt";

/// The name of that file in a folder with the results of work that was stopped: they are whole, but only of what was
/// finished, and the same command goes on.
pub(super) const STOPPED: &str = "stopped.txt";

/// Finished trials of a run that is not over.
pub const CHECKPOINT: &str = "checkpoint.bin";

/// The manifest of a shard's results.
pub const PART: &str = "part.json";

/// The trials of a shard.
pub const TRIALS: &str = "trials.bin";

/// The content of a folder before it is claimed.
pub(super) enum Found {
    /// Nothing, or no folder.
    Nothing,
    /// A part of the same work, left by a process that was killed.
    Same,
    /// Something else.
    Other,
}

/// Removes files that a process was writing when it died.
pub(super) fn remove_leftovers(path: &Path) {
    for entry in fs::read_dir(path).into_iter().flatten().flatten() {
        if entry.file_name().to_string_lossy().starts_with(BEGUN) {
            // A file that stays does no harm.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// How the text of [`UNFINISHED`] begins.
pub(super) const HEAD: &str = "What is here is a part: it is being written, or the process that wrote it was stopped.\n\
    The same command goes on with it, as far as there is something to go on from, or begins again. It was making: ";

/// The content of a folder that shall hold `work`. Unfinished files of a process that was killed count as nothing.
pub(super) fn found(path: &Path, work: &str) -> Result<Found, Failure> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Nothing),
        Err(error) if error.kind() == ErrorKind::NotADirectory => {
            return Err(Failure::usage(format!("`{}` is not a folder", path.display())));
        }
        Err(error) => return Err(Failure::failed(format!("failed to read folder `{}`: {error}", path.display()))),
    };
    let names: Vec<String> = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    // They may be those of a process that is about to claim the folder as well: whoever has it removes them.
    if names.iter().all(|name| name.starts_with(BEGUN)) {
        return Ok(Found::Nothing);
    }
    let marked = fs::read(path.join(UNFINISHED)).or_else(|_| fs::read(path.join(STOPPED)));
    let same = marked.is_ok_and(|found| found == work.as_bytes());
    let ours = names.iter().all(|name| is_result(name));
    Ok(if same && ours { Found::Same } else { Found::Other })
}

/// Files by which a folder of results is recognised.
const SIGNS: &[&str] = &[
    "summary.json",
    "comparison.json",
    "sweep.json",
    "manifest.json",
    "advice.json",
    "solution.json",
    "rare.json",
    "calibration.json",
    "bands.json",
    PART,
    UNFINISHED,
    STOPPED,
];
/// The other files that this program writes.
const NAMES: &[&str] = &[
    CHECKPOINT,
    TRIALS,
    "experiment.toml",
    "trials.csv",
    "trials.parquet",
    "outages.csv",
    "outages.parquet",
    "latency.json",
    "report.txt",
    "report.md",
    "report.html",
    "sweep.csv",
    "calibrated.toml",
    "arc-plan.json",
    "sheet.md",
    "drill-blank.csv",
    "calibrate.toml",
];
/// The names of its charts begin with these.
const CHARTS: &[&str] = &[
    "recovery-time",
    "data-loss",
    "where-the-time-went",
    "success-over-time",
    "availability",
    "what-is-not-known",
    "advice",
    "front",
    "law-",
    "drill-",
];
/// The folder in which a sweep keeps its points.
const POINTS: &str = "points";

/// Whether this program writes files of this name.
fn is_result(name: &str) -> bool {
    let candidate = name.strip_prefix("candidate-");
    let candidate =
        candidate.and_then(|rest| rest.strip_suffix(".toml").or_else(|| rest.strip_suffix(".latency.json")));
    let candidate = candidate.is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    let chart = name.strip_suffix(".svg").or_else(|| name.strip_suffix(".png"));
    let chart = chart.is_some_and(|stem| CHARTS.iter().any(|chart| stem.starts_with(chart)));
    let template = name.starts_with("fis") && name.strip_suffix(".json").is_some();
    SIGNS.contains(&name)
        || NAMES.contains(&name)
        || template
        || candidate
        || chart
        || name == POINTS
        || name.starts_with(BEGUN)
}

/// Refuses a folder that holds anything but results of this program.
pub(super) fn only_results(path: &Path) -> Result<(), Failure> {
    let shown = path.display();
    let failed = |error: io::Error| Failure::failed(format!("failed to read folder `{shown}`: {error}"));
    let mut known = false;
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name().to_string_lossy().into_owned();
        known |= SIGNS.contains(&name.as_str());
        if !is_result(&name) {
            return Err(Failure::usage(format!("`{shown}` holds `{name}`, which mrsim did not write"))
                .hint("--force overwrites results of mrsim and nothing else: move it away, or name a new folder"));
        }
    }
    if known {
        return Ok(());
    }
    Err(Failure::usage(format!("`{shown}` is not a folder of results"))
        .hint("--force overwrites folders that mrsim filled and no others: name a new folder"))
}

/// Removes the mark of unfinished work and what was kept to go on from.
pub(super) fn remove_work(path: &Path) -> io::Result<()> {
    // The mark goes last: without it nobody could tell what the rest is.
    for name in [CHECKPOINT, STOPPED, UNFINISHED] {
        match fs::remove_file(path.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

/// Removes results of this program from a folder, but for the mark of unfinished work and what was kept to go on from.
pub(super) fn remove_results(path: &Path) -> io::Result<()> {
    let mut names: Vec<String> =
        fs::read_dir(path)?.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| is_result(name) && ![CHECKPOINT, STOPPED, UNFINISHED].contains(&name.as_str()));
    for name in names {
        let place = path.join(&name);
        if name == POINTS && place.is_dir() {
            for point in fs::read_dir(&place)?.flatten() {
                let is_point = point.path().extension().is_some_and(|extension| extension == "json");
                if is_point {
                    fs::remove_file(point.path())?;
                }
            }
            // Foreign files in it are not removed, and neither is the folder then.
            fs::remove_dir(&place)?;
        } else {
            fs::remove_file(&place)?;
        }
    }
    Ok(())
}
