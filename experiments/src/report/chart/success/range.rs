//! The part of the data that is shown: from shortly before the first fault until nothing changes any more.

use super::super::{Panel, SharePoint, SuccessOverTime};

/// Points that can be drawn.
pub(super) fn drawable(panel: &Panel) -> impl Iterator<Item = SharePoint> + '_ {
    let finite = |point: &&SharePoint| {
        point.at.is_finite() && point.low.is_finite() && point.median.is_finite() && point.high.is_finite()
    };
    let unit = |share: f64| share.clamp(0.0, 1.0);
    panel.points.iter().filter(finite).map(move |point| SharePoint {
        at: point.at,
        low: unit(point.low),
        median: unit(point.median),
        high: unit(point.high),
    })
}

/// The first and the last instant on the axis.
pub(super) fn time(chart: &SuccessOverTime) -> (f64, f64) {
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut interesting = 0.0_f64;
    for panel in &chart.panels {
        let mut before: Option<SharePoint> = None;
        for point in drawable(panel) {
            first = first.min(point.at);
            last = last.max(point.at);
            let changed = before.is_some_and(|before| {
                let moved = |one: f64, other: f64| (one - other).abs() > 1e-3;
                moved(before.low, point.low) || moved(before.median, point.median) || moved(before.high, point.high)
            });
            if changed {
                interesting = interesting.max(point.at);
            }
            before = Some(point);
        }
    }
    let instants = chart.milestones.iter().map(|milestone| milestone.at);
    let faults = chart.faults.iter().flat_map(|fault| [Some(fault.start), fault.end].into_iter().flatten());
    // A fault that ends long after the data has ended is no reason to show empty time.
    for instant in
        instants.chain(faults).filter(|instant| instant.is_finite() && (*instant <= last || !first.is_finite()))
    {
        interesting = interesting.max(instant);
    }
    if !first.is_finite() {
        // No data: the marks alone decide.
        (first, last) = (0.0, f64::INFINITY);
    }
    let interesting = if interesting > 0.0 { interesting } else { last.min(60.0) };
    let high = (interesting * 1.12).min(last.max(interesting));
    let low = first.max(-0.08 * high).min(0.0);
    if high > low { (low, high) } else { (low, low + 1.0) }
}

/// The lowest share on the axes, common to all panels: zero unless all of the data is far above it.
pub(super) fn floor(chart: &SuccessOverTime) -> f64 {
    let lowest = chart.panels.iter().flat_map(drawable).map(|point| point.low).fold(1.0, f64::min);
    let limits = chart.panels.iter().map(|panel| panel.up_when).filter(|limit| limit.is_finite());
    let lowest = limits.fold(lowest, f64::min);
    // A quarter of the axis stays empty below the data.
    let wanted = 1.0 - (1.0 - lowest) * 1.25;
    [0.99, 0.98, 0.95, 0.9, 0.8, 0.5].into_iter().find(|floor| *floor <= wanted).unwrap_or(0.0)
}

/// When a share is up again for good.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Back {
    /// It was never down.
    NeverDown,
    /// From this instant on.
    At(f64),
    /// Not within the data.
    Never,
}

/// The last instant of the data.
pub(super) fn end(chart: &SuccessOverTime) -> f64 {
    chart.panels.iter().flat_map(drawable).map(|point| point.at).fold(0.0, f64::max)
}

/// When the share that `pick` names is up again for good.
pub(super) fn back(panel: &Panel, pick: impl Fn(&SharePoint) -> f64) -> Back {
    let mut back = Back::NeverDown;
    for point in drawable(panel) {
        back = match back {
            _ if pick(&point) < panel.up_when - 1e-9 => Back::Never,
            Back::Never => Back::At(point.at),
            same => same,
        };
    }
    back
}

/// The panels that are down longest, in their order.
pub(super) fn worst(panels: &[Panel], most: usize) -> Vec<&Panel> {
    let mut order: Vec<(usize, f64)> = panels.iter().map(down).enumerate().collect();
    order.sort_by(|one, other| other.1.total_cmp(&one.1));
    order.truncate(most);
    order.sort_by_key(|(index, _)| *index);
    order.into_iter().map(|(index, _)| &panels[index]).collect()
}

/// How long the middle of the trials is down; the part of requests lost decides between equals.
fn down(panel: &Panel) -> f64 {
    let points: Vec<SharePoint> = drawable(panel).collect();
    points
        .windows(2)
        .map(|pair| {
            let lasts = (pair[1].at - pair[0].at).max(0.0);
            let lost = 1e-3 * (1.0 - pair[0].low);
            if pair[0].median < panel.up_when { lasts * (1.0 + lost) } else { lasts * lost }
        })
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_back_when_it_is_up_for_good() {
        let shares = |shares: &[f64]| {
            let point =
                |(index, share): (usize, &f64)| SharePoint { at: index as f64, low: 0.0, median: *share, high: 1.0 };
            let panel =
                Panel { name: String::new(), up_when: 0.99, points: shares.iter().enumerate().map(point).collect() };
            back(&panel, |point| point.median)
        };
        assert_eq!(shares(&[1.0, 0.5, 1.0, 0.2, 0.99, 1.0]), Back::At(4.0));
        assert_eq!(shares(&[1.0, 0.5]), Back::Never);
        assert_eq!(shares(&[1.0, 0.99 - 1e-12]), Back::NeverDown, "a rounding is no outage");
        assert_eq!(shares(&[]), Back::NeverDown);
    }
}
