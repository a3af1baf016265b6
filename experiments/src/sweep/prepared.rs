//! Opening the points of a sweep, before anything runs.

use std::path::Path;

use super::point::Figures;
use crate::compare::{Watched, notes};
use crate::exit::Failure;
use crate::finding::Finding;
use crate::header::{Indicator, Objective};
use crate::run::{Open, Overrides};
use crate::variation::Plan;

/// Problems of points that are shown; the others are most likely the same again.
const SHOWN: usize = 5;

/// A sweep whose points have all been opened once.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    /// The points.
    pub plan: Plan,
    /// Of each point the name of its result: a digest of the resolved experiment, seed, trials and version.
    pub names: Vec<String>,
    /// Trials of each point.
    pub trials: Vec<u64>,
    /// The figures of the report.
    pub figures: Figures,
    /// The point that the others are held against: the one that is the file as it is, or else the first.
    pub base: usize,
    /// Of each point whether it is that one or, said in other words, the same.
    pub is_base: Vec<bool>,
    /// Notes: differences between the points that a comparison must allow for, and the meaning of a change of a
    /// recovery time.
    pub notes: Vec<String>,
    /// Remarks about the points, each once.
    pub warnings: Vec<String>,
}

impl Prepared {
    /// Trials of all points together.
    pub fn all_trials(&self) -> u64 {
        self.trials.iter().sum()
    }
}

/// The overrides of one point.
pub(super) fn at(plan: &Plan, point: usize, base: &Overrides) -> Overrides {
    Overrides { varied: plan.settings(point), ..base.clone() }
}

/// Opens every point.
///
/// # Errors
/// The problems of the points, each once.
pub fn prepare<O: Open>(open: &O, path: &Path, base: &Overrides, plan: Plan) -> Result<Prepared, Failure> {
    let (mut names, mut trials, mut remarks) = (Vec::new(), Vec::new(), Remarks::default());
    let mut watched = Vec::new();
    let (mut objectives, mut stores, mut availability) = (Vec::<Objective>::new(), false, false);
    let mut failures: Vec<(usize, Failure)> = Vec::new();
    let own = open.open(path, base)?;
    let mut first = None;
    // Of each point whether it is the file as it is, and whether it is the first point.
    let (mut is_own, mut is_first) = (Vec::new(), Vec::new());
    for point in 0..plan.points.len() {
        match open.open(path, &at(&plan, point, base)) {
            Ok(experiment) => {
                let header = &experiment.header;
                stores |= !header.stores.is_empty();
                availability |= header.availability.is_some();
                names.push(name(&header.version, &header.resolved, header.seed, experiment.trials));
                trials.push(experiment.trials);
                watched.push((plan.name(point), Watched::of(header)));
                objectives.extend(header.objectives.iter().cloned());
                remarks.add(point, &experiment.findings);
                is_own.push(experiment.same_as(&own));
                is_first.push(first.as_ref().is_none_or(|first| experiment.same_as(first)));
                first.get_or_insert(experiment);
            }
            Err(failure) if failures.iter().all(|(_, known)| known.message != failure.message) => {
                failures.push((point, failure));
                // One mistake in a key is a mistake in every point.
                if failures.len() > SHOWN {
                    break;
                }
            }
            Err(_) => {}
        }
    }
    if let Some((_, first)) = failures.first() {
        let hidden = failures.len() > SHOWN;
        let messages: Vec<&str> = failures.iter().take(SHOWN).map(|(_, failure)| failure.message.trim_end()).collect();
        let more = if hidden { "\n\nerror: and more problems in other points" } else { "" };
        return Err(Failure { message: format!("{}{more}", messages.join("\n\n")), ..first.clone() });
    }
    let (base, mut is_base) = match is_own.iter().position(|same| *same) {
        Some(base) => (base, is_own),
        None => (0, is_first),
    };
    // The first point is itself, whatever it is made of.
    is_base.iter_mut().take(base + 1).skip(base).for_each(|same| *same = true);
    // The one that the others are held against comes first.
    watched[..=base].rotate_right(1);
    let (figures, warnings) = (Figures::new(objectives.iter(), stores, availability), remarks.told(&plan));
    let recoveries = figures.quantiles.iter().any(|(indicator, _)| *indicator == Indicator::Rto);
    let mut notes = notes(&watched, recoveries);
    if recoveries && watched.iter().any(|(_, watched)| watched.recurring) {
        notes.push("the quantiles of the recovery time themselves are over all outages, as in mrsim run".to_owned());
    }
    Ok(Prepared { plan, names, trials, figures, base, is_base, notes, warnings })
}

/// Remarks on points. Remarks that differ in figures alone count as one: a grid would repeat them at every point.
#[derive(Debug, Default)]
struct Remarks(Vec<Remark>);

#[derive(Debug)]
struct Remark {
    /// The words without figures.
    words: String,
    /// As it was said of the first point.
    first: String,
    point: usize,
    /// Points that it is about.
    points: usize,
}

impl Remarks {
    fn add(&mut self, point: usize, findings: &[Finding]) {
        for warning in findings.iter().map(Finding::words) {
            let words: String = warning.chars().filter(|letter| !letter.is_ascii_digit() && *letter != '.').collect();
            match self.0.iter_mut().find(|known| known.words == words) {
                Some(known) => known.points += 1,
                None => self.0.push(Remark { words, first: warning, point, points: 1 }),
            }
        }
    }

    /// Each once: as it is where it is about all points, else with the first point and how many are like it.
    fn told(&self, plan: &Plan) -> Vec<String> {
        let said = |Remark { first, point, points, .. }: &Remark| {
            let name = plan.name(*point);
            match points {
                _ if *points >= plan.points.len() => first.clone(),
                1 => format!("{name}: {first}"),
                2 => format!("{name}: {first} (and alike at 1 other point)"),
                _ => format!("{name}: {first} (and alike at {} other points)", points - 1),
            }
        };
        self.0.iter().map(said).collect()
    }
}

/// The name of a point's result.
pub(super) fn name(version: &str, resolved: &str, seed: u64, trials: u64) -> String {
    let mut digest = blake3::Hasher::new();
    for part in [version, resolved] {
        digest.update(&(part.len() as u64).to_le_bytes());
        digest.update(part.as_bytes());
    }
    digest.update(&seed.to_le_bytes());
    // The range of trials: from the first to the last but one.
    digest.update(&0_u64.to_le_bytes());
    digest.update(&trials.to_le_bytes());
    digest.finalize().to_hex().chars().take(32).collect()
}
