//! The table `[sweep]` of an experiment file.

use std::fmt;

use sim_settings::form::{Count, Custom, OneOf, Own, Sub};
use sim_settings::{Key, Report, Section, keys};

use super::axis::Axis;
use super::design::Design;
use super::plan::{MAX_POINTS, Plan};

keys! {
    /// The table of a sweep in the file.
    pub(crate) struct RootKeys {
        const SWEEP: Key<Option<Sub<SweepKeys>>> = Key::optional("sweep", "what `mrsim sweep` varies; every other command leaves it alone", "nothing, unless the command line says so");
    }
}
keys! {
    /// The keys of `[sweep]`.
    struct SweepKeys {
        const DESIGN: Key<OneOf<Design>> =
            Key::convention("design", "how the points are laid out", "grid", "every combination of listed values");
        const POINTS: Key<Option<Count>> = Key::optional("points", "how many points the designs latin-hypercube and sobol draw", "the command line says it")
            .at_least(1.0)
            .at_most(MAX_POINTS as f64);
        const VARY: Key<Own<Axes>> = Key::required(
            "vary",
            "the keys to vary, each with an array of values, or with a range such as \"10s..300s\" for the designs that sample",
        ).example("{ \"dns.ttl\" = [\"10s\", \"60s\"] }");
    }
}

/// Keys and the values to try.
pub(super) enum Axes {}

impl Custom for Axes {
    const WORDS: &'static str = "a table from keys of the file to arrays of values, or to ranges such as \"10s..300s\"";
}

/// The content of `[sweep]`.
#[derive(Debug, Clone, PartialEq)]
pub struct SweepSpec {
    /// The layout of the points.
    pub design: Design,
    /// The number of points, if the design takes one.
    pub points: Option<u64>,
    /// The keys and their values.
    pub axes: Vec<Axis>,
}

impl fmt::Display for SweepSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let keys: Vec<&str> = self.axes.iter().map(|axis| axis.key.as_str()).collect();
        let points = self.points.map_or_else(String::new, |points| format!(" of {points} points"));
        write!(f, "{}{points} over {}", self.design.word(), keys.join(", "))
    }
}

/// Reads the table, if there is one. Problems go to the report; the result must not be used if there are any.
pub(crate) fn read(report: &Report, root: &mut Section<'_>) -> Option<SweepSpec> {
    let mut section = root.section(&SWEEP)?;
    let design = section.get(&DESIGN);
    let points = section.get(&POINTS);
    let (axes, problems) = match section.node(&VARY) {
        Some(node) => Axis::from_table(node, &format!("{}.{}", SWEEP.name, VARY.name)),
        None => (Vec::new(), Vec::new()),
    };
    let sound = problems.is_empty() && section.has(VARY.name) && section.is_sound(POINTS.name);
    for problem in problems {
        report.problem(problem);
    }
    if sound && let Err(misfit) = Plan::new(&axes, Some(design), points, 0) {
        section.reject(misfit.key, misfit.found, misfit.expected, None);
    }
    Some(SweepSpec { design, points, axes })
}
