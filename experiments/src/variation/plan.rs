//! The points of a sweep.

use super::axis::{Axis, Values, shown};
use super::design::{DIMENSIONS, Design, grid, latin_hypercube, one_at_a_time, sobol};
use crate::file::Setting;

/// The most points of one sweep. Every point is opened before the first one runs.
pub const MAX_POINTS: u64 = 100_000;

/// The design, the axes and the points.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// How the points are laid out.
    pub design: Design,
    /// The keys and their values.
    pub axes: Vec<Axis>,
    /// The setting of each axis at each point as `--set` takes it; none keeps the file's own.
    pub points: Vec<Vec<Option<String>>>,
}

/// Why axes and design do not fit together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Misfit {
    /// The key of `[sweep]` to blame.
    pub key: &'static str,
    /// The text found.
    pub found: String,
    /// The text expected.
    pub expected: String,
}

impl Plan {
    /// Lays out the points. Without a design it is a grid.
    ///
    /// # Errors
    /// When they do not fit together.
    pub fn new(axes: &[Axis], design: Option<Design>, points: Option<u64>, seed: u64) -> Result<Self, Misfit> {
        let design = design.unwrap_or(Design::Grid);
        let count = checked(axes, design, points)?;
        let keys: Vec<&str> = axes.iter().map(|axis| axis.key.as_str()).collect();
        let lengths: Vec<usize> = axes.iter().map(length).collect();
        let settings: Vec<Vec<Option<String>>> = match design {
            Design::Grid => {
                grid(&lengths).iter().map(|point| zip(axes, point, |axis, &index| Some(at(axis, index)))).collect()
            }
            Design::OneAtATime => one_at_a_time(&lengths)
                .iter()
                .map(|point| zip(axes, point, |axis, index| index.map(|index| at(axis, index))))
                .collect(),
            Design::LatinHypercube | Design::Sobol => {
                let layout = if design == Design::Sobol { sobol } else { latin_hypercube };
                let sample = layout(&keys, count as usize, seed);
                let drawn = sample.iter().map(|point| zip(axes, point, |axis, &share| Some(along(axis, share))));
                // The file as it is comes first: no point of a sample need be like it, and all are held against it.
                std::iter::once(vec![None; axes.len()]).chain(drawn).collect()
            }
        };
        Ok(Self { design, axes: axes.to_vec(), points: settings })
    }

    /// The number of points that were drawn, all but the file as it is; none where the design lists them.
    pub fn drawn(&self) -> Option<usize> {
        self.design.samples().then(|| self.points.len() - 1)
    }

    /// The settings of a point, as `--set` takes them.
    pub fn sets(&self, point: usize) -> Vec<(String, String)> {
        let settings = self.axes.iter().zip(&self.points[point]);
        settings.filter_map(|(axis, value)| Some((axis.key.clone(), value.clone()?))).collect()
    }

    /// The same settings with the places where they are written.
    pub(crate) fn settings(&self, point: usize) -> Vec<Setting> {
        let settings = self.axes.iter().zip(&self.points[point]);
        settings.filter_map(|(axis, value)| Some(axis.setting(value.as_deref()?))).collect()
    }

    /// A point in words: `dns.ttl=10s dns.policy=latency`.
    pub fn name(&self, point: usize) -> String {
        let words: Vec<String> =
            self.sets(point).iter().map(|(key, value)| format!("{key}={}", shown(value))).collect();
        if words.is_empty() { "the file as it is".to_owned() } else { words.join(" ") }
    }
}

fn zip<T>(axes: &[Axis], point: &[T], value: impl Fn(&Axis, &T) -> Option<String>) -> Vec<Option<String>> {
    axes.iter().zip(point).map(|(axis, place)| value(axis, place)).collect()
}

fn length(axis: &Axis) -> usize {
    match &axis.values {
        Values::Listed(values) => values.len(),
        Values::Range(_) => 0,
    }
}

fn at(axis: &Axis, index: usize) -> String {
    match &axis.values {
        Values::Listed(values) => values[index].clone(),
        Values::Range(range) => range.text.clone(),
    }
}

/// The setting at a share of the way along an axis; listed values have equal parts of it.
fn along(axis: &Axis, share: f64) -> String {
    match &axis.values {
        Values::Listed(values) => values[((share * values.len() as f64) as usize).min(values.len() - 1)].clone(),
        Values::Range(range) => range.at(share),
    }
}

/// The number of points, if everything fits together.
fn checked(axes: &[Axis], design: Design, points: Option<u64>) -> Result<u64, Misfit> {
    let misfit = |key, found: String, expected: String| Err(Misfit { key, found, expected });
    if axes.is_empty() {
        let expected = "at least one key, such as dns.ttl, with its values".to_owned();
        return misfit("vary", "nothing to vary".to_owned(), expected);
    }
    for (index, axis) in axes.iter().enumerate() {
        if axes[..index].iter().any(|other| other.key == axis.key) {
            let expected = format!("one axis for it, such as {}=10s,30s", axis.key);
            return misfit("vary", format!("two axes for {}", axis.key), expected);
        }
        if let (Values::Range(range), false) = (&axis.values, design.samples()) {
            let found = format!("the range {} of {} in a design of listed values", range.text, axis.key);
            return misfit("vary", found, "values, or the design latin-hypercube or sobol".to_owned());
        }
    }
    let count = match (design.samples(), points) {
        (true, None) => {
            let found = format!("the design {} without a number of points", design.word());
            return misfit("design", found, "points = 64 beside it, or any other number".to_owned());
        }
        (false, Some(_)) => {
            let found = format!("a number of points for the design {}", design.word());
            return misfit("points", found, "none: the listed values say how many".to_owned());
        }
        (true, Some(points)) => Some(points),
        (false, None) if design == Design::OneAtATime => {
            axes.iter().try_fold(1, |sum: u64, axis| sum.checked_add(length(axis) as u64))
        }
        (false, None) => axes.iter().try_fold(1, |product: u64, axis| product.checked_mul(length(axis) as u64)),
    };
    if design == Design::Sobol && axes.len() > DIMENSIONS {
        let expected = format!("at most {DIMENSIONS}, or the design latin-hypercube");
        return misfit("vary", format!("{} axes for the design sobol", axes.len()), expected);
    }
    match count {
        Some(count @ 1..=MAX_POINTS) => Ok(count),
        Some(count) => misfit("vary", format!("{count} points"), format!("at most {MAX_POINTS}")),
        None => misfit("vary", "more points than can be counted".to_owned(), format!("at most {MAX_POINTS}")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Axis, Design, Plan};

    fn plan(axes: &[&str], design: Option<Design>, points: Option<u64>) -> Result<Plan, String> {
        let axes: Vec<Axis> = axes.iter().map(|text| Axis::parse(text).expect("valid")).collect();
        Plan::new(&axes, design, points, 1).map_err(|misfit| format!("{}: {}", misfit.key, misfit.found))
    }

    #[test]
    fn a_grid_names_its_points() {
        let plan = plan(&["dns.ttl=10s,30s", "dns.policy=\"latency\",simple"], None, None).expect("valid");
        let names: Vec<String> = (0..4).map(|point| plan.name(point)).collect();
        assert_eq!(names[0], "dns.ttl=10s dns.policy=latency");
        assert_eq!(names[3], "dns.ttl=30s dns.policy=simple");
        assert_eq!(plan.sets(0)[1], ("dns.policy".to_owned(), "\"latency\"".to_owned()));
    }

    #[test]
    fn one_at_a_time_has_the_file_and_every_value() {
        let plan = plan(&["a=1,2", "b=x"], Some(Design::OneAtATime), None).expect("valid");
        let names: Vec<String> = (0..plan.points.len()).map(|point| plan.name(point)).collect();
        assert_eq!(names, ["the file as it is", "a=1", "a=2", "b=x"]);
    }

    #[test]
    fn samples_fill_ranges_and_share_listed_values_evenly() {
        for design in [Design::LatinHypercube, Design::Sobol] {
            let plan = plan(&["a=0..1000", "b=x,y"], Some(design), Some(64)).expect("valid");
            // The file as it is stands before them.
            assert_eq!((plan.points.len(), plan.drawn()), (65, Some(64)));
            assert_eq!(plan.name(0), "the file as it is");
            let count = plan.points.iter().filter(|point| point[1].as_deref() == Some("x")).count();
            assert_eq!(count, 32);
        }
    }

    #[test]
    fn what_does_not_go_together_is_said() {
        let error = |axes: &[&str], design, points| plan(axes, design, points).expect_err("a misfit");
        assert!(error(&[], None, None).contains("nothing to vary"));
        assert!(error(&["a=1,2", "a=3"], None, None).contains("two axes for a"));
        assert!(error(&["a=1..2"], None, None).contains("the range 1..2 of a"));
        assert!(error(&["a=1..2"], Some(Design::Sobol), None).starts_with("design: "));
        assert!(error(&["a=1,2"], Some(Design::Grid), Some(5)).starts_with("points: "));
        assert!(error(&["a=1..2"], Some(Design::Sobol), Some(1_000_000)).contains("1000000 points"));
        let many: Vec<String> = (0..65).map(|axis| format!("k{axis}=1..2")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(error(&many, Some(Design::Sobol), Some(8)).contains("65 axes"));
        let wide: Vec<String> = (0..20).map(|axis| format!("k{axis}=1,2,3,4,5,6,7,8,9,10")).collect();
        let wide: Vec<&str> = wide.iter().map(String::as_str).collect();
        assert!(error(&wide, None, None).contains("more points than can be counted"));
    }
}
