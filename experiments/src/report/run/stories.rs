//! Stories on the page, minute by minute: trials, or outages of trials with many; and the deployment in one of them.

use models::cause::Cause;
use sim_core::time::{SimDuration, SimTime};

use super::Full;
use crate::analyze::{at_percentile, outage_at};
use crate::header::Header;
use crate::overview::Overview;
use crate::report::RunReport;
use crate::report::document::{Cell, Column, Content, Manner, Picture, Reach, Row, Section, Span, Table};
use crate::report::drawing::{timeline, topology};
use crate::run::Trials;
use crate::run::story::{LOST, Story};
use crate::table::TrialTable;
use crate::units::{beyond, count, duration, instant, whole};
use measure::outage::Outage;
use measure::{CauseOf, Journey, Whole};

/// One trial, or one outage of a trial.
#[derive(Debug)]
pub(super) struct Told {
    heading: String,
    /// The title within a sentence.
    subject: String,
    sentence: String,
    story: Story,
}

impl Told {
    /// The stories at the median and at the p99.
    pub(super) fn two(report: &RunReport<'_>, table: &TrialTable, source: &impl Trials) -> Vec<Self> {
        let both = [(50.0, "median"), (99.0, "p99")];
        both.into_iter().filter_map(|(percentile, words)| Self::at(report, table, source, percentile, words)).collect()
    }

    /// The story at a percentile of the recovery time, with its title.
    fn at(
        report: &RunReport<'_>,
        table: &TrialTable,
        source: &impl Trials,
        percentile: f64,
        words: &str,
    ) -> Option<Self> {
        let RunReport { header, summary, .. } = report;
        if header.recurring {
            let outage = outage_at(table, percentile)?;
            let (_, fault) = outage.fault?;
            let when = format!("trial {}, {}", whole(outage.trial), day(fault));
            return Some(Self {
                heading: format!("The {words} of all outages: {when}"),
                subject: format!("the {words} of all outages ({when})"),
                sentence: sentence_of(header, &outage),
                story: with_planned(source.story(outage.trial)?, table).of_outage(fault, outage.end),
            });
        }
        let (trial, _) = at_percentile(table, percentile)?;
        Some(Self {
            heading: format!("Trial {}, the {words}", whole(trial)),
            subject: format!("trial {}, the {words}", whole(trial)),
            sentence: sentence(header, table, trial, summary.watched),
            story: with_planned(source.story(trial)?, table),
        })
    }
}

/// A story that knows which of its dips were planned: those that have no fault although one came before.
fn with_planned(story: Story, table: &TrialTable) -> Story {
    let clock = story.clock.map_or(0.0, SimTime::as_secs_f64);
    let own = table.outages().filter(|outage| {
        outage.trial == story.trial && outage.fault.is_none() && outage.start >= clock && outage.end.is_finite()
    });
    let planned = own.filter_map(|outage| Some((outage.journey?, outage.start, outage.end))).collect();
    Story { planned, ..story }
}

/// The deployment before the fault and afterwards, and in words.
pub(super) fn topology(report: &RunReport<'_>, full: &Full<'_>) -> Section {
    let mut section = Section::new("topology", "Topology", "");
    let map = &report.header.overview;
    if let Some(told) = full.told.first() {
        pictures(map, told, &mut section);
    }
    let rows = map.lines().into_iter().map(|(kind, words)| Row::new(kind, vec![Cell::words(words)]));
    let table = Table {
        caption: "The deployment in words".to_owned(),
        columns: vec![Column::words("")],
        rows: rows.collect(),
        ..Table::default()
    };
    section.add(Reach::Page, Content::Table(table));
    section
}

fn pictures(map: &Overview, told: &Told, section: &mut Section) {
    let story = &told.story;
    let since = story.since(story.after.at).map_or_else(String::new, |since| format!(", +{}", instant(since)));
    let when = if story.after.at == story.end {
        "when the trial ended".to_owned()
    } else if story.planned.iter().any(|(_, from, to)| (*from..=*to).contains(&(story.after.at.as_secs_f64() - LOST))) {
        format!("once every journey was back, planned dips included{since}")
    } else {
        format!("once every journey was back{since}")
    };
    let text = format!(
        "The deployment in {}: just before the fault, and {when}. Lines are as wide as the traffic; blue boxes take writes; \
         arrows show which way data are replicated, and are dashed where that is broken.",
        told.subject
    );
    section.say(Reach::Page, Manner::Plain, text);
    let picture =
        |now, title: &str, caption: String| Picture { svg: topology::draw(map, now, title), chart: false, caption };
    let pictures = vec![
        picture(&story.before, "The deployment before the fault", "Before the fault".to_owned()),
        picture(&story.after, "The deployment after the fault", format!("After: {when}")),
    ];
    section.add(Reach::Page, Content::Pictures { pictures });
    let row = |(from, name): (usize, &String)| {
        let rates = story.before.traffic.row(from).iter().zip(story.after.traffic.row(from));
        let cell =
            |(before, after): (&f64, &f64)| Cell::words(format!("{} \u{2192} {}", count(*before), count(*after)));
        Row::new(name, rates.map(cell).collect())
    };
    let table = Table {
        head: "from".to_owned(),
        caption: "Requests per second from clients to regions in that trial, before and after".to_owned(),
        columns: map.regions.iter().map(|region| Column::figures(&region.name)).collect(),
        rows: map.clients.iter().map(|clients| &clients.name).enumerate().map(row).collect(),
        ..Table::default()
    };
    section.add(Reach::Page, Content::Table(table));
}

/// Two stories, minute by minute.
pub(super) fn timelines(report: &RunReport<'_>, full: &Full<'_>) -> Section {
    let header = report.header;
    let two = if header.recurring { "Two outages" } else { "Two trials" };
    let mut section = Section::new("timelines", format!("{two}, minute by minute"), two);
    let regions: Vec<String> = header.overview.regions.iter().map(|region| region.name.clone()).collect();
    let names = timeline::Names { journeys: &header.journeys, regions: &regions, causes: &header.causes };
    for told in &full.told {
        section.add(Reach::Page, Content::Heading { text: told.heading.clone() });
        section.say(Reach::Page, Manner::Plain, &told.sentence);
        if let Some(drawn) = timeline::draw(&told.story, names, &told.heading) {
            section.show(Picture { svg: drawn.svg, ..Picture::default() });
            section.add(Reach::Page, Content::List { items: drawn.journeys });
            section.add(Reach::Page, Content::Marks { marks: drawn.marks });
            if !drawn.later.is_empty() {
                section.say(Reach::Page, Manner::Note, "Later, beyond the axis:");
                section.add(Reach::Page, Content::Marks { marks: drawn.later });
            }
            if drawn.left_out > 0 {
                let text = format!("{} more are not shown; the trace of this trial has all.", drawn.left_out);
                section.say(Reach::Page, Manner::Note, text);
            }
        }
        let spans = vec![
            Span::Plain("Everything that happened in that trial: ".to_owned()),
            Span::Code(format!("mrsim trace experiment.toml --trial {}", told.story.trial)),
        ];
        section.add(Reach::Page, Content::Text { manner: Manner::Note, spans });
    }
    section
}

/// A time of a long trial, from its start: `day 213`, `2 h 05 min 07 s after its start` on the first day.
fn day(seconds: f64) -> String {
    const DAY: f64 = 86_400.0;
    if seconds < DAY {
        return format!("{} after its start", instant(SimDuration::from_secs_f64(seconds)));
    }
    format!("day {}", whole((seconds / DAY) as u64 + 1))
}

/// The worst journey of one trial: its recovery time, and the cause that takes most of it.
fn sentence(header: &Header, table: &TrialTable, trial: u64, watched: f64) -> String {
    let index = usize::try_from(trial.saturating_sub(table.first_trial())).unwrap_or(usize::MAX);
    if index >= table.len() {
        return String::new();
    }
    let recovery = |journey: Journey| table.cell(index, measure::RECOVERY, journey);
    let stage = |journey: Journey, cause: Cause| table.cell(index, measure::STAGE, CauseOf(journey, cause));
    let total = |journey: Journey| -> f64 {
        let causes: f64 = Cause::ALL.iter().map(|&cause| stage(journey, cause)).sum();
        causes + table.cell(index, measure::STAGE_UP, journey)
    };
    // Of equal ones, and of those that are not back, the one that was watched longest.
    let worst = (0..header.journeys.len()).map(Journey).reduce(|worst, journey| {
        let longer = recovery(journey).total_cmp(&recovery(worst)).then(total(journey).total_cmp(&total(worst)));
        if longer.is_gt() { journey } else { worst }
    });
    let Some(worst) = worst else { return String::new() };
    let (seconds, sum) = (recovery(worst), total(worst));
    let planned = |journey: Journey| table.cell(index, measure::PLANNED, journey);
    let down = (0..header.journeys.len()).map(Journey).filter(|&journey| planned(journey) > 0.0);
    let down: Vec<String> =
        down.map(|journey| format!("{} {}", header.journeys[journey.0], duration(planned(journey)))).collect();
    let planned = if down.is_empty() { String::new() } else { format!(" Down as planned: {}.", down.join(", ")) };
    if seconds == 0.0 {
        let never = match table.cell(index, measure::OVERALL_AVAILABILITY, Whole) {
            up if up >= 1.0 => "No journey went down.",
            _ if table.cell(index, measure::FIRST_FAULT, Whole).is_nan() => {
                "Journeys went down, and no fault had started the clock."
            }
            _ => "No journey went down after a fault.",
        };
        return format!("{never}{planned}");
    }
    let name = &header.journeys[worst.0];
    let how = if seconds.is_finite() {
        format!("{name} was back for good after {}", duration(seconds))
    } else {
        format!("{name} was not back when the trial ended ({})", beyond(watched.min(sum)))
    };
    let how = mostly(header, &how, sum, |cause| stage(worst, Cause::ALL[cause]));
    format!("{how}{planned}")
}

/// One outage: the time until every journey was back, and the cause that takes most of it.
fn sentence_of(header: &Header, outage: &Outage) -> String {
    let sum: f64 = outage.stages.iter().sum();
    let how = if outage.recovery.is_finite() {
        format!("All journeys were back after {}, counted from the start of the fault", duration(outage.recovery))
    } else {
        format!("It was not over when the trial ended ({})", beyond(sum))
    };
    mostly(header, &how, sum, |cause| outage.stages[cause])
}

/// A sentence with the cause that takes most of the time.
fn mostly(header: &Header, how: &str, sum: f64, seconds: impl Fn(usize) -> f64) -> String {
    let most = (0..header.causes.len()).reduce(|most, cause| if seconds(cause) > seconds(most) { cause } else { most });
    match most.filter(|_| sum > 0.0) {
        Some(most) => {
            let (cause, part) = (&header.causes[most], seconds(most));
            let why = Cause::named(cause).map_or(String::new(), |cause| format!(": {}", cause.waits_for()));
            format!("{how}; {} of it ({:.0} %) is {cause}{why}.", duration(part), part / sum * 100.0)
        }
        None => format!("{how}."),
    }
}
