//! Memory that trials take, and memory that is free.
//!
//! The system does not refuse a run that outgrows the machine: it kills it, or everything else slows down. So the need
//! is estimated before the first trial, and the finished trials are measured during the run. A run that has a folder puts its
//! rows there when they outgrow memory; what is left is the column that is being sorted.

use std::fs;
use std::path::Path;

use crate::table::ROWS_OF_A_BLOCK;
use measure::outage::Outage;

/// Memory that rows and outages take beside themselves, as a factor: room to grow while they are gathered, and the
/// columns and sorted copies that are made afterwards. The largest factor that was measured is 2.1.
const SPARE: f64 = 2.5;

/// Memory of so many trials with so many figures and outages, with all that is made of them, in bytes.
pub fn bytes(trials: u64, columns: usize, outages: u64) -> u64 {
    let row = (columns * size_of::<f64>()) as f64;
    ((trials as f64 * row + outages as f64 * size_of::<Outage>() as f64) * SPARE) as u64
}

/// Memory of a trial whose row is on disk: a column of all trials, as it is, as a sample, and beside the one that it is held
/// against. The largest that was measured is 38.
const TRIAL_ON_DISK: f64 = 40.0;

/// Memory of an outage that is on disk, where faults recur: an analysis gathers a figure of all outages with their trials and
/// the times for which they were watched.
const OUTAGE_ON_DISK: f64 = 80.0;

/// Memory of the block of rows, of so many figures, that is being gathered or read, in bytes.
fn block(columns: usize) -> f64 {
    (3 * ROWS_OF_A_BLOCK * columns * size_of::<f64>()) as f64
}

/// Memory of so many trials whose rows are on disk, with all that is made of them, in bytes. Outages count where faults
/// recur; elsewhere they are read one by one.
pub fn bytes_on_disk(trials: u64, columns: usize, outages: u64) -> u64 {
    (trials as f64 * TRIAL_ON_DISK + outages as f64 * OUTAGE_ON_DISK + block(columns)) as u64
}

/// Memory that this process may still take, in bytes: the least of the free memory of the machine, the rest of its
/// control groups and the rest of its own limit. `None` where the system does not tell.
pub fn available() -> Option<u64> {
    let text = |path: &str| fs::read_to_string(path).ok();
    let free = text("/proc/meminfo").and_then(|text| free_of(&text));
    let grouped = text("/proc/self/cgroup").and_then(|text| left_in_groups(&text, Path::new("/sys/fs/cgroup")));
    let (limits, status) = (text("/proc/self/limits"), text("/proc/self/status"));
    let own = limits.zip(status).and_then(|(limits, status)| left_of_limit(&limits, &status));
    [free, grouped, own].into_iter().flatten().min()
}

/// The value of a line such as `MemAvailable:   22969060 kB`, in bytes.
fn kilobytes(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1_024)
}

/// Free memory by `/proc/meminfo`, without memory that others would lose.
fn free_of(meminfo: &str) -> Option<u64> {
    kilobytes(meminfo, "MemAvailable")
}

/// The rest of the control group of this process and of those around it, as `/proc/self/cgroup` names it (version 2).
fn left_in_groups(cgroup: &str, root: &Path) -> Option<u64> {
    let own = cgroup.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let number = |path: &Path| fs::read_to_string(path).ok()?.trim().parse::<u64>().ok();
    let left = |group: &Path| {
        let most = number(&group.join("memory.max"))?;
        Some(most.saturating_sub(number(&group.join("memory.current")).unwrap_or(0)))
    };
    root.join(own).ancestors().take_while(|group| group.starts_with(root)).filter_map(left).min()
}

/// The rest of the limit of the address space (`ulimit -v`).
fn left_of_limit(limits: &str, status: &str) -> Option<u64> {
    let line = limits.lines().find_map(|line| line.strip_prefix("Max address space"))?;
    let most = line.split_whitespace().next()?.parse::<u64>().ok()?;
    Some(most.saturating_sub(kilobytes(status, "VmSize")?))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{available, bytes, free_of, left_in_groups, left_of_limit};

    #[test]
    fn the_need_grows_with_trials_columns_and_outages() {
        // 8 bytes a figure: 80 MB, times the factor.
        assert!(bytes(100_000, 100, 0) >= 2 * 80_000_000);
        assert_eq!(bytes(100_000, 100, 0), 2 * bytes(50_000, 100, 0));
        assert!(bytes(1, 1, 10) > bytes(1, 1, 0));
        assert!(bytes(u64::MAX, usize::MAX >> 3, u64::MAX) == u64::MAX, "too much for a number is the largest");
    }

    #[test]
    fn what_the_system_tells_is_read() {
        assert_eq!(free_of("MemTotal: 9 kB\nMemAvailable:   22969060 kB\n"), Some(22_969_060 * 1_024));
        assert_eq!(free_of("MemTotal: 9 kB\n"), None);
        let limits = |space: &str| format!("Max file size   unlimited\nMax address space         {space}   bytes\n");
        assert_eq!(left_of_limit(&limits("4096000"), "VmSize:\t    1000 kB\n"), Some(4_096_000 - 1_024_000));
        assert_eq!(left_of_limit(&limits("1000"), "VmSize:\t    1000 kB\n"), Some(0));
        assert_eq!(left_of_limit(&limits("unlimited"), "VmSize:\t    1000 kB\n"), None);
        if cfg!(target_os = "linux") {
            assert!(available().is_some_and(|bytes| bytes > 1 << 20));
        }
    }

    #[test]
    fn the_narrowest_control_group_counts() {
        let home = tempfile::tempdir().expect("a temporary folder");
        let root = home.path();
        fs::create_dir_all(root.join("a/b")).expect("made");
        let write = |name: &str, text: &str| fs::write(root.join(name), text).expect("written");
        write("a/memory.max", "1000\n");
        write("a/memory.current", "400\n");
        write("a/b/memory.max", "max\n");
        assert_eq!(left_in_groups("0::/a/b\n", root), Some(600));
        write("a/b/memory.max", "300\n");
        assert_eq!(left_in_groups("0::/a/b\n", root), Some(300));
        assert_eq!(left_in_groups("0::/elsewhere\n", root), None);
        assert_eq!(left_in_groups("5:memory:/a\n", root), None);
    }
}
