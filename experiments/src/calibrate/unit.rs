//! Units of time in exports, and the units of metrics whose exports do not name them.

use sim_settings::nearest;

/// Units by the names that exports and people use, in seconds.
const UNITS: [(&[&str], f64); 6] = [
    (&["us", "microseconds", "microsecond"], 1e-6),
    (&["ms", "milliseconds", "millisecond"], 1e-3),
    (&["s", "seconds", "second"], 1.0),
    (&["m", "min", "minutes", "minute"], 60.0),
    (&["h", "hours", "hour"], 3_600.0),
    (&["d", "days", "day"], 86_400.0),
];

/// What a unit for messages looks like.
pub(super) const FORM: &str = "one of us, ms, s, m, h, d";

/// Seconds of a unit.
pub(super) fn seconds(name: &str) -> Option<f64> {
    let name = name.trim().to_lowercase();
    UNITS.into_iter().find(|(names, _)| names.contains(&name.as_str())).map(|(_, seconds)| seconds)
}

/// The name that was probably meant.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    nearest(name, UNITS.iter().flat_map(|(names, _)| names.iter().copied()))
}

/// Metrics that have one unit wherever they come from. `ReplicationLatency` is in milliseconds of a table and in seconds of a
/// bucket, and so is not among them.
const METRICS: [(&str, &str); 7] = [
    ("AuroraGlobalDBReplicationLag", "ms"),
    ("AuroraGlobalDBRPOLag", "ms"),
    ("AuroraReplicaLag", "ms"),
    ("GlobalDatastoreReplicationLag", "s"),
    ("ReplicaLag", "s"),
    ("TargetResponseTime", "s"),
    ("Duration", "ms"),
];

/// The unit of a metric that a label names, with its name.
pub(super) fn of_metric(label: &str) -> Option<(&'static str, &'static str)> {
    let words = label.split(|sign: char| !sign.is_ascii_alphanumeric());
    let named = |word: &str| METRICS.into_iter().find(|(metric, _)| *metric == word);
    words.into_iter().find_map(named)
}

#[cfg(test)]
mod tests {
    use super::{of_metric, seconds};

    #[test]
    fn milliseconds_are_not_seconds() {
        assert_eq!(seconds("Milliseconds"), Some(1e-3));
        assert_eq!(seconds("ms"), Some(1e-3));
        assert_eq!(seconds("Seconds"), Some(1.0));
        assert_eq!(seconds("Count"), None);
        assert_eq!(of_metric("orders AuroraGlobalDBReplicationLag Maximum").map(|it| it.1), Some("ms"));
        assert_eq!(of_metric("ReplicationLatency"), None);
    }
}
