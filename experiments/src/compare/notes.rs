//! Notes that a reader needs before comparing trials of one experiment with those of another.

use super::outcomes::Candidate;
use crate::header::Header;
use crate::units::chosen_duration;

/// More names than this are counted.
const NAMED: usize = 5;

/// How an experiment's trials are watched.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Watched {
    /// Whether faults come again and again.
    pub(crate) recurring: bool,
    /// For how many seconds.
    pub(crate) horizon: f64,
}

impl Watched {
    pub(crate) const fn of(header: &Header) -> Self {
        Self { recurring: header.recurring, horizon: header.horizon }
    }
}

/// Notes: the meaning of a recovery time where faults recur, if one is compared, and the differences between the
/// experiments, each under its name; the first is the one that the others are held against.
pub(crate) fn notes<N: AsRef<str>>(all: &[(N, Watched)], recoveries: bool) -> Vec<String> {
    let mut notes = Vec::new();
    let recurring: Vec<&str> =
        all.iter().filter(|(_, watched)| watched.recurring && recoveries).map(|(name, _)| name.as_ref()).collect();
    if !recurring.is_empty() {
        notes.push(
            "with recurring faults, the recovery time compared is that of the longest outage of each trial".to_owned(),
        );
    }
    if !recurring.is_empty() && recurring.len() < all.len() {
        notes.push(format!(
            "faults recur in {} only: its longest of many outages stands against the one recovery of the others",
            listed(&recurring)
        ));
    }
    if all.iter().any(|(_, watched)| watched.horizon != all[0].1.horizon) {
        let horizon =
            |(name, watched): &(N, Watched)| format!("{} {}", name.as_ref(), chosen_duration(watched.horizon));
        let horizons: Vec<String> = all.iter().map(horizon).collect();
        notes.push(format!(
            "horizons differ ({}): trials of one are watched for longer, and more can happen in them",
            listed(&horizons)
        ));
    }
    notes
}

/// Where candidates serve other journeys than the first or keep data in other stores, what the worst of them is of.
pub(super) fn unlike(candidates: &[Candidate]) -> Vec<String> {
    let differs = |of: fn(&Header) -> &[String]| {
        let sorted = |candidate: &Candidate| {
            let mut names = of(&candidate.header).to_vec();
            names.sort_unstable();
            names
        };
        let all: Vec<Vec<String>> = candidates.iter().map(sorted).collect();
        let said = |(candidate, names): (&Candidate, &Vec<String>)| {
            let names = if names.is_empty() { "none".to_owned() } else { listed(names) };
            format!("{}: {names}", candidate.name)
        };
        let said: Vec<String> = candidates.iter().zip(&all).map(said).collect();
        all.iter().any(|names| *names != all[0]).then(|| listed_apart(&said))
    };
    let journeys = differs(|header| &header.journeys);
    let stores = differs(|header| &header.stores);
    let of =
        |what: &str, names: String| format!("{what} differ ({names}), and the worst of each candidate is compared");
    journeys.map(|names| of("journeys", names)).into_iter().chain(stores.map(|names| of("stores", names))).collect()
}

/// The same with semicolons, for parts that have commas.
fn listed_apart(parts: &[String]) -> String {
    let more = parts.len().saturating_sub(NAMED);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", parts[..parts.len().min(NAMED)].join("; "))
}

fn listed<N: AsRef<str>>(names: &[N]) -> String {
    let shown: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

#[cfg(test)]
mod tests {
    use super::{Watched, notes};

    /// Recurring faults against single ones, and trials of other lengths, are told of; what is alike is not.
    #[test]
    fn what_is_unlike_is_said() {
        let watched = |recurring, horizon| Watched { recurring, horizon };
        assert!(notes(&[("a", watched(false, 3_600.0)), ("b", watched(false, 3_600.0))], true).is_empty());
        let unlike = [("a", watched(false, 3_600.0)), ("b", watched(true, 7_200.0))];
        assert_eq!(notes(&unlike, false).len(), 1);
        let found = notes(&unlike, true);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found[0].contains("longest outage of each trial"), "{found:?}");
        assert!(found[1].contains("recur in b only") && found[2].contains("a 1 h, b 2 h"), "{found:?}");
        let many: Vec<(String, Watched)> =
            (0..9).map(|hours| (format!("p{hours}"), watched(false, 3_600.0 * f64::from(hours + 1)))).collect();
        assert!(notes(&many, true)[0].contains("p4 5 h and 4 more"), "{:?}", notes(&many, true));
    }
}
