//! The charts of one run: which figures go into which picture.

use sim_core::stats::rank_of;

use crate::analyze::{self, Assessed, LEVEL, Moment, Summary, recoveries};
use crate::header::{Header, Indicator, Measured};
use crate::overview::Leads;
use crate::report::RunReport;
use crate::report::cells::trials;
use crate::report::chart::{
    About, CauseRow, CauseSplit, Chart, Curve, Distribution, Estimate, FaultSpan, Ledger, LedgerRow, Milestone,
    Objective, Panel, Quantile, Quantity, Series, SharePoint, SuccessOverTime, Verdict, WhereTheTimeWent, shown_until,
};
use crate::report::document::Cell;
use crate::run::Trials;
use crate::table::TrialTable;
use crate::units::whole;
use crate::unknown::Share;
use measure::{Journey, Whole};

use super::unknown::{LEDGER, SEEN, foremost};

/// Trials for S(t): with more, its percentiles move by less than the width of a line.
const CURVE_TRIALS: u64 = 1_000;
/// S(t) is sampled anew where less than this part of it is shown.
const COARSE: f64 = 0.5;
/// S(t) ends at this multiple of the time by which nearly all trials are back.
const MARGIN: f64 = 1.25;

/// All charts with their file names, extensions left out.
pub(super) fn charts(report: &RunReport<'_>, table: &TrialTable, source: &impl Trials) -> Vec<(&'static str, Chart)> {
    let mut charts = vec![("recovery-time", recovery(report, table))];
    if !report.header.stores.is_empty() {
        charts.push(("data-loss", loss(report, table)));
    }
    charts.push(("where-the-time-went", causes(report)));
    charts.extend(success(report, table, source).map(|chart| ("success-over-time", chart)));
    charts.extend(ledger(report).map(|chart| (LEDGER, chart)));
    charts
}

/// Who owns what is not known of the objective that it moves most, as shares of its estimate.
fn ledger(report: &RunReport<'_>) -> Option<Chart> {
    let unknown = report.summary.unknown.as_ref()?;
    let judged = foremost(unknown)?;
    let seen = |share: &&Share| share.share >= SEEN || share.total.is_some_and(|total| total >= SEEN);
    let rows = judged.shares.iter().filter(seen).map(|share| LedgerRow {
        name: share.path.clone(),
        share: share.share,
        error: share.error,
        total: share.total,
    });
    let about = About {
        note: Some(format!("{} sets of figures, {} each", whole(unknown.sets), trials(unknown.trials))),
        ..about(report, &format!("What is not known about {}", judged.name))
    };
    Some(Chart::Ledger(Ledger { about, of: judged.name.clone(), rows: rows.collect() }))
}

fn about(report: &RunReport<'_>, what: &str) -> About {
    let header = report.header;
    let title = match header.overview.faults.as_slice() {
        [] => what.to_owned(),
        [_, _, ..] if header.recurring => format!("{what} when faults come and go"),
        [first, ..] => format!("{what} when {}", first.what),
    };
    About {
        title,
        finding: None,
        experiment: header.name.clone(),
        trials: report.summary.trials,
        seed: Some(header.seed),
        source: Some(format!("mrsim {}, {}", header.version, header.hash.get(..12).unwrap_or(&header.hash))),
        note: None,
    }
}

/// A series of a distribution. A censored value without a bound of its own was watched for `beyond` seconds.
pub(in crate::report) fn series(
    name: &str,
    sample: &analyze::Sample,
    distribution: &analyze::Estimates,
    beyond: f64,
) -> Series {
    let least = |value: f64| if value.is_finite() { value } else { beyond };
    let curve = Curve::of_sample(sample.values(), |k, n| {
        sample.share(k).map_or_else(|_| (0.0, k as f64 / n.max(1) as f64), |interval| (interval.low, interval.high))
    });
    let both = distribution.quantiles.iter().zip(&distribution.at_least);
    let quantiles = both.map(|((p, estimate), known)| Quantile {
        p: *p,
        at_least: known.map_or([beyond; 3], |known| [known.estimate, known.low, known.high].map(least)),
        estimate: estimate.as_ref().map_or(Estimate::Refused, |interval| Estimate::Known {
            value: interval.estimate,
            low: interval.low,
            high: interval.high,
        }),
    });
    Series { name: name.to_owned(), curve, quantiles: quantiles.filter(|quantile| quantile.p < 0.999).collect() }
}

/// A verdict as charts know it.
pub(in crate::report) const fn charted(verdict: analyze::Verdict) -> Verdict {
    match verdict {
        analyze::Verdict::Met => Verdict::Met,
        analyze::Verdict::Missed => Verdict::Missed,
        analyze::Verdict::Undecided => Verdict::Undecided,
        analyze::Verdict::NotJudged => Verdict::NotJudged,
    }
}

fn objectives(report: &RunReport<'_>, indicator: Indicator) -> Vec<Objective> {
    let one = |assessed: &Assessed| Objective {
        series: 0,
        quantile: assessed.objective.quantile,
        limit: assessed.objective.limit,
        verdict: charted(assessed.verdict),
    };
    let about = Measured::from(indicator);
    report.summary.objectives.iter().filter(|assessed| assessed.objective.measured() == about).map(one).collect()
}

/// The worst first, if there is more than one; then each by name.
fn worst_first(worst: Series, mut each: Vec<Series>) -> Vec<Series> {
    if each.len() > 1 {
        each.insert(0, worst);
    }
    each
}

fn recovery(report: &RunReport<'_>, table: &TrialTable) -> Chart {
    let (header, summary) = (report.header, report.summary);
    let sample = |journey: Option<Journey>| recoveries(header, table, journey);
    let journeys = summary.journeys.iter();
    let journeys =
        journeys.map(|journey| series(&journey.name, &sample(Some(journey.of)), &journey.recovery, summary.watched));
    let worst = series("worst journey", &sample(None), &summary.worst_recovery, summary.watched);
    Chart::Distribution(Distribution {
        about: about(report, "Recovery time"),
        quantity: if header.recurring { Quantity::RecoveryOfOutages } else { Quantity::RecoveryTime },
        series: worst_first(worst, journeys.collect()),
        objectives: objectives(report, Indicator::Rto),
        horizon: summary.watched,
        confidence: LEVEL,
    })
}

fn loss(report: &RunReport<'_>, table: &TrialTable) -> Chart {
    let (summary, horizon) = (report.summary, report.header.horizon);
    let stores = summary.stores.iter().map(|store| {
        let sample = analyze::Sample::new(table.of(measure::LOSS, store.of));
        series(&store.name, &sample, &store.loss, horizon)
    });
    let sample = analyze::Sample::new(table.of(measure::WORST_LOSS, Whole));
    let worst = series("worst store", &sample, &summary.worst_loss, horizon);
    Chart::Distribution(Distribution {
        about: about(report, "Data loss"),
        quantity: Quantity::DataLoss,
        series: worst_first(worst, stores.collect()),
        objectives: objectives(report, Indicator::Rpo),
        horizon,
        confidence: LEVEL,
    })
}

fn causes(report: &RunReport<'_>) -> Chart {
    let mean =
        |mean: &Result<analyze::Mean, analyze::Refusal>| mean.as_ref().map_or(0.0, |mean| mean.interval.estimate);
    let journeys = report.summary.journeys.iter().map(|journey| {
        let mut recovery = CauseSplit::default();
        let mut failed = CauseSplit::default();
        for (index, cause) in journey.causes.iter().enumerate() {
            recovery.parts[index] = mean(&cause.recovery);
            failed.parts[index] = mean(&cause.failed);
        }
        let last = recovery.parts.len() - 1;
        recovery.parts[last] = mean(&journey.up);
        recovery.standard_error = journey.recovery.mean.as_ref().ok().map(|mean| mean.standard_error);
        failed.standard_error = journey.failed.mean.as_ref().ok().map(|mean| mean.standard_error);
        CauseRow { name: journey.name.clone(), recovery, censored: journey.recovery.censored_share(), failed }
    });
    Chart::WhereTheTimeWent(WhereTheTimeWent {
        about: about(report, "Where the time went"),
        of_outages: report.header.recurring,
        journeys: journeys.collect(),
    })
}

/// The name of a milestone.
pub(super) fn milestone_name(header: &Header, milestone: &analyze::Milestone) -> String {
    match milestone.moment {
        Moment::Detect => "first detected, by a health check or an alarm".to_owned(),
        Moment::HealthFlip => "health check turns".to_owned(),
        Moment::AnswerChange if header.overview.leads == Leads::Accelerator => "accelerator leads elsewhere".to_owned(),
        Moment::AnswerChange => "DNS answer changes".to_owned(),
        Moment::Moved50 => "50 % of traffic moved".to_owned(),
        Moment::Moved90 => "90 % of traffic moved".to_owned(),
        Moment::Moved99 => "99 % of traffic moved".to_owned(),
        Moment::NameChange(_) => format!("{} answers otherwise", milestone.subject),
        Moment::NameMoved50(_) => format!("50 % of traffic under {} moved", milestone.subject),
        Moment::NameMoved90(_) => format!("90 % of traffic under {} moved", milestone.subject),
        Moment::NameMoved99(_) => format!("99 % of traffic under {} moved", milestone.subject),
        Moment::Alarm(_) => format!("alarm {}", milestone.subject),
        Moment::Promoted(_) => format!("{} promoted", milestone.subject),
        Moment::Detached(_) => format!("{} detached", milestone.subject),
        Moment::Repointed(_) => format!("{} repointed", milestone.subject),
        Moment::Rebuilt(_) => format!("all copies of {} whole again", milestone.subject),
    }
}

/// Whether a chart marks a milestone.
const fn is_marked(moment: Moment) -> bool {
    match moment {
        Moment::HealthFlip
        | Moment::AnswerChange
        | Moment::Moved99
        | Moment::NameChange(_)
        | Moment::Alarm(_)
        | Moment::Promoted(_)
        | Moment::Detached(_)
        | Moment::Repointed(_) => true,
        Moment::Detect
        | Moment::Moved50
        | Moment::Moved90
        | Moment::NameMoved50(_)
        | Moment::NameMoved90(_)
        | Moment::NameMoved99(_)
        | Moment::Rebuilt(_) => false,
    }
}

pub(super) fn success(report: &RunReport<'_>, table: &TrialTable, source: &impl Trials) -> Option<Chart> {
    let (header, summary) = (report.header, report.summary);
    let milestones: Vec<Milestone> = summary
        .milestones
        .iter()
        .filter(|milestone| is_marked(milestone.moment))
        .filter_map(|milestone| {
            let mut times: Vec<f64> = milestone.moment.times(table).collect();
            let trials = times.len();
            times.retain(|time| time.is_finite());
            // A milestone of less than half of the trials has no median.
            if times.is_empty() || times.len() * 2 < trials {
                return None;
            }
            times.sort_unstable_by(f64::total_cmp);
            let at = |p: f64| times[rank_of(times.len(), p) - 1];
            Some(Milestone { name: milestone_name(header, milestone), at: at(0.5), spread: Some((at(0.05), at(0.95))) })
        })
        .collect();
    let worst = recoveries(header, table, None);
    let worst = worst.values();
    // Times that are not finite are the last ones.
    let back = &worst[..worst.partition_point(|time| time.is_finite())];
    let nearly_all = back.get((back.len() * 99).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0.0);
    let mostly_back = back.len() * 20 >= worst.len() * 19;
    // A milestone long after the recovery, such as the end of a fault, would squeeze the recovery into a corner.
    let near = |at: &f64| *at <= (3.0 * nearly_all).max(60.0);
    let last = milestones.iter().map(|milestone| milestone.at).filter(near).fold(nearly_all, f64::max);
    let longest = if header.recurring { header.horizon } else { summary.watched };
    let until = if mostly_back { (last * MARGIN).clamp(60.0, longest.max(60.0)) } else { longest };
    let whole = sampled(report, source, &milestones, until)?;
    // Where some trials are not back the samples reach to the end, and nothing changes in most of that time: instants are as
    // close as the page can show them only if they are taken where it does.
    let shown = shown_until(&whole);
    let finer = if shown < COARSE * until { sampled(report, source, &milestones, shown) } else { None };
    Some(Chart::SuccessOverTime(finer.unwrap_or(whole)))
}

/// When half and nearly all of the trials have all journeys back, of all trials.
fn found_over_time(summary: &Summary) -> String {
    let trials = trials(summary.trials);
    let words = |p: f64| match summary.worst_recovery.quantile(p) {
        Some(Ok(quantile)) if quantile.high == 0.0 => Ok("never down".to_owned()),
        Some(Ok(quantile)) => {
            let back = Cell::duration(&Ok(*quantile), summary.worst_recovery.at_least(p).as_ref());
            let down = quantile.estimate.is_infinite();
            if down { Err(back.text) } else { Ok(format!("up again after {}", back.on_one_line())) }
        }
        _ => Ok("not known, of so few trials".to_owned()),
    };
    match (words(0.5), words(0.95)) {
        (Err(watched), _) => {
            format!("All journeys: in at least half of the {trials} still down at the end ({watched})")
        }
        (Ok(half), Err(watched)) => format!(
            "All journeys: in half of the {trials} {half}; in at least 1 of 20 still down at the end ({watched})"
        ),
        (Ok(half), Ok(most)) => format!("All journeys: in half of the {trials} {half}; in 95 % {most}"),
    }
}

/// S(t) until so many seconds after the first fault.
fn sampled(
    report: &RunReport<'_>,
    source: &impl Trials,
    milestones: &[Milestone],
    until: f64,
) -> Option<SuccessOverTime> {
    let (header, summary) = (report.header, report.summary);
    let curves = source.curves(summary.trials.min(CURVE_TRIALS), until)?;
    let panels = header.journeys.iter().zip(&curves.journeys).map(|(name, line)| Panel {
        name: name.clone(),
        up_when: header.up_when_of(name),
        points: curves
            .times
            .iter()
            .zip(line)
            .map(|(&at, &[low, median, high])| SharePoint { at, low, median, high })
            .collect(),
    });
    let faults =
        curves.faults.iter().map(|(name, start, end)| FaultSpan { name: name.clone(), start: *start, end: *end });
    // The lines rest on the trials that ran again; the text rests on all trials, like the report.
    let lines = whole(curves.trials);
    let (finding, lines) = if header.recurring {
        let outages = whole(summary.worst_recovery.count());
        let finding = format!(
            "From the first fault of each trial on, of any kind; the chart of recovery times has all {outages} outages"
        );
        (finding, format!("lines: first faults of {lines} trials"))
    } else {
        (found_over_time(summary), format!("lines: the first {lines} of them"))
    };
    Some(SuccessOverTime {
        about: About { finding: Some(finding), ..about(report, "Requests that succeed") },
        lines,
        up_when: header.up_when,
        panels: panels.collect(),
        faults: faults.filter(|fault| fault.start < until).collect(),
        milestones: milestones.iter().filter(|milestone| milestone.at <= until).cloned().collect(),
    })
}
