//! Limits of a run, in time and in memory.

use std::path::Path;
use std::time::Duration;

use clap::Args;
use sim_settings::quantity::parse_duration;

use crate::exit::Failure;
use crate::run::{BLIND_TRIALS, Reason, Room, Stop, memory};
use crate::units::{chosen_duration, count, whole};

/// `--max-time` and `--max-memory`.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct Limits {
    /// End after this time, such as 10m, and keep the finished trials, marked as partial: exit code 1
    ///
    /// The result is the same as --trials gives with the number of finished trials.
    #[arg(long, value_name = "TIME", value_parser = time)]
    max_time: Option<Duration>,
    /// The most memory that trials may take, such as 4GB; by default the free memory of the machine
    ///
    /// With --out, rows that take more are kept on disk, in files that go with the process; the result is the same. A run
    /// that needs more even so is refused before it starts. If it turns out to need more, because faults come more often
    /// than expected, the finished trials are kept, marked as partial: exit code 1.
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_memory: Option<u64>,
}

/// The size of a run in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Need {
    /// Trials that are kept at the same time.
    pub(super) trials: u64,
    /// Figures of each trial.
    pub(super) columns: usize,
    /// Whether there is a folder that takes the rows if they outgrow memory.
    pub(super) disk: bool,
}

impl Need {
    /// The least memory that it takes, in bytes.
    fn bytes(self) -> u64 {
        let all = memory::bytes(self.trials, self.columns, 0);
        if self.disk { all.min(memory::bytes_on_disk(self.trials, self.columns, 0)) } else { all }
    }
}

impl Limits {
    /// A limit of memory alone; without one the free memory of the machine.
    pub(super) const fn of_memory(max_memory: Option<u64>) -> Self {
        Self { max_time: None, max_memory }
    }

    /// The memory that trials may take, and the folder that takes their rows beyond it; nothing where the system does not
    /// tell.
    pub(super) fn room(&self, folder: &Path, recurring: bool) -> Option<Room> {
        let memory = self.max_memory.or_else(memory::available)?;
        Some(Room { memory, folder: folder.to_owned(), recurring })
    }

    /// Sets the limits, unless a run needs more memory than there is. From now on a stop keeps finished trials.
    ///
    /// # Errors
    /// When the need exceeds the memory.
    pub(super) fn begin(&self, stop: &Stop, needs: impl IntoIterator<Item = (String, Need)>) -> Result<(), Failure> {
        let allowed = self.max_memory.or_else(memory::available);
        for (name, need) in needs {
            let takes = need.bytes();
            if allowed.is_none() && need.trials > BLIND_TRIALS {
                let trials = whole(need.trials);
                return Err(Failure::failed(format!(
                    "{name} needs about {} of memory for {trials} trials, and the system does not tell what there is",
                    size_text(takes)
                ))
                .hint("--max-memory says how much it may take"));
            }
            let Some(allowed) = allowed.filter(|allowed| takes > *allowed) else { continue };
            let (trials, columns) = (whole(need.trials), need.columns);
            let there = if self.max_memory.is_some() { "--max-memory allows" } else { "there are" };
            let fits = (allowed as f64 / takes as f64 * need.trials as f64) as u64;
            let message = format!(
                "{name} needs about {} of memory for {trials} trials of {columns} figures each, and {there} {}",
                size_text(takes),
                size_text(allowed)
            );
            let on_disk = Need { disk: true, ..need }.bytes();
            let advice = if need.disk {
                "; the rows are on disk, and a column of all trials is in memory for exact quantiles".to_owned()
            } else if on_disk <= allowed {
                format!(
                    "; every trial is kept in memory for exact quantiles, and --out DIR keeps them on disk instead, which takes {}",
                    size_text(on_disk)
                )
            } else {
                "; every trial is kept in memory for exact quantiles".to_owned()
            };
            return Err(Failure::failed(message).hint(format!("--trials {fits} fits{advice}")));
        }
        if let Some(allowed) = allowed {
            stop.limit_memory(allowed);
        }
        stop.begin(self.max_time);
        Ok(())
    }
}

/// How a run was stopped, as the beginning of a sentence.
pub(super) fn stopped(stop: &Stop) -> String {
    match stop.reason() {
        None | Some(Reason::Asked) => "stopped".to_owned(),
        Some(Reason::Time(time)) => format!("stopped by --max-time {}", chosen_duration(time.as_secs_f64())),
        Some(Reason::Memory(bytes)) => format!("stopped for want of memory ({})", size_text(bytes)),
    }
}

fn time(text: &str) -> Result<Duration, String> {
    let seconds = parse_duration(text).map_err(|hint| format!("is not a duration: {hint}"))?;
    Duration::try_from_secs_f64(seconds).map_err(|_| "is not a duration, such as 10m or 1h 30m".to_owned())
}

/// Units of memory, and their sizes in bytes.
const UNITS: [(&str, f64); 8] = [
    ("TB", 1e12),
    ("GB", 1e9),
    ("MB", 1e6),
    ("kB", 1e3),
    ("TiB", 1_099_511_627_776.0),
    ("GiB", 1_073_741_824.0),
    ("MiB", 1_048_576.0),
    ("KiB", 1_024.0),
];

pub(super) fn size(text: &str) -> Result<u64, String> {
    let wrong = || "must be a size with a unit, such as 4GB or 512MiB".to_owned();
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = &text[digits.len()..];
    let (_, bytes) = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit)).ok_or_else(wrong)?;
    let number: f64 = digits.trim_end().parse().map_err(|_| wrong())?;
    let size = number * bytes;
    if size.is_finite() && size >= 1.0 { Ok(size as u64) } else { Err(wrong()) }
}

/// A number of bytes with three digits.
fn size_text(bytes: u64) -> String {
    let bytes = bytes as f64;
    match UNITS.iter().take(4).find(|(_, size)| bytes >= *size) {
        Some((unit, size)) => format!("{} {unit}", count(bytes / size)),
        None => format!("{bytes} bytes"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Limits, Need, size, size_text, time};
    use crate::run::{Stop, memory};

    #[test]
    fn sizes_and_times_have_units() {
        assert_eq!((size("4GB"), size("512MiB"), size("1.5 kb")), (Ok(4_000_000_000), Ok(536_870_912), Ok(1_500)));
        for text in ["", "4", "GB", "-1GB", "4 gigs", "nanGB", "infGB", "0GB"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(time("1m 30s"), Ok(Duration::from_secs(90)));
        assert!(time("90").is_err());
        assert_eq!((size_text(4_200_000_000).as_str(), size_text(999).as_str()), ("4.20 GB", "999 bytes"));
    }

    #[test]
    fn what_does_not_fit_is_refused_with_the_figure_and_with_what_fits() {
        let need = |trials| [("`shop`".to_owned(), Need { trials, columns: 100, disk: false })];
        let limits = Limits { max_time: None, max_memory: Some(memory::bytes(1_000, 100, 0)) };
        assert!(limits.begin(&Stop::new(), need(1_000)).is_ok());
        let failure = limits.begin(&Stop::new(), need(10_000)).expect_err("ten times as many").to_string();
        // 8 bytes a figure, times the factor.
        assert!(
            failure.starts_with("error: `shop` needs about 20.0 MB of memory for 10,000 trials of 100 figures each")
        );
        assert!(failure.contains("--max-memory allows 2.00 MB") && failure.contains("--trials 1000 fits"), "{failure}");
        // A folder takes the rows: a tenth of the memory is enough for many, and not for any number.
        let on_disk = |trials| [("`shop`".to_owned(), Need { trials, columns: 100, disk: true })];
        let limits = Limits { max_time: None, max_memory: Some(memory::bytes(100_000, 100, 0)) };
        let failure = limits.begin(&Stop::new(), need(1_000_000)).expect_err("ten times as many").to_string();
        assert!(failure.contains("--out DIR keeps them on disk instead, which takes "), "{failure}");
        assert!(limits.begin(&Stop::new(), on_disk(1_000_000)).is_ok());
        let failure = limits.begin(&Stop::new(), on_disk(100_000_000)).expect_err("a column is too large").to_string();
        assert!(failure.contains("a column of all trials is in memory"), "{failure}");
    }
}
