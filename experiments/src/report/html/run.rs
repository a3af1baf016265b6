//! The page of one run.
//!
//! ```text
//! Report (header, summary) ----> figures ----> tables and sentences --+
//! TrialTable --> analyze::Stages ----> waterfall ----------------------+
//! Header::overview, Trials::story --> topology, timeline -------------------+--> run.html
//! charts, drawn already (SVG) -----------------------------------------+
//! ```

use minijinja::context;
use minijinja::value::Value;
use models::about::ABSENT;
use serde::Serialize;
use sim_core::time::SimDuration;

use super::{File, Rebuild, drawn, figures, plain, rendered, timeline, topology, waterfall};
use crate::analyze::{Stages, at_percentile, outage_at};
use crate::exit::Failure;
use crate::header::Header;
use crate::overview::{Fault, Overview};
use crate::report::Report;
use crate::report::units::{chosen_duration, instant, whole};
use crate::run::Trials;
use crate::run::story::Story;
use crate::table::TrialTable;

/// The charts on the page, drawn already.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Charts {
    /// Distribution of recovery times.
    pub recovery: String,
    /// Distribution of data loss, if there are stores.
    pub loss: Option<String>,
    /// S(t), if there is a fault to count from.
    pub success: Option<String>,
}

/// The whole page.
///
/// # Errors
/// When the page cannot be filled in, which is a mistake of the program.
pub fn page(report: &Report<'_>, table: &TrialTable, source: &impl Trials, charts: &Charts) -> Result<String, Failure> {
    let Report { header, summary, asked, command, .. } = report;
    let map = &header.overview;
    let told: Vec<Told> = [(50.0, "median"), (99.0, "p99")]
        .into_iter()
        .filter_map(|(percentile, words)| Told::at(report, table, source, percentile, words))
        .collect();
    let stories: Vec<Value> = told.iter().map(|told| told.value(header)).collect();
    let last = summary.first_trial + summary.trials.saturating_sub(1);
    let two = if header.recurring { "Two outages" } else { "Two trials" };
    let context = context! {
        nav => plain([
            ("verdict", "Verdict"),
            ("topology", "Topology"),
            ("waterfall", "Where the time goes"),
            ("curve", "What users see"),
            ("loss", "Data loss"),
            ("timelines", two),
            ("milestones", "Milestones"),
            ("assumptions", "Assumptions"),
            ("scope", "Not modelled"),
        ]),
        name => header.name.as_str(),
        description => header.description.as_str(),
        faults => plain(map.faults.iter().map(Fault::sentence).collect::<Vec<_>>()),
        partial => asked.map(|asked| {
            format!("This run was stopped after {} of {} trials.", whole(summary.trials), whole(asked))
        }),
        objectives => plain(figures::Objective::all(header, summary)),
        quantiles => plain(figures::quantile_names()),
        recovery => plain(figures::recovery(summary)),
        recovery_of => if header.recurring {
            "Recovery time of each outage, from the start of the latest fault before it until the journey is back; quantiles over the outages"
        } else {
            "Recovery time, from the start of the fault until the journey is back for good; quantiles over the trials"
        },
        availability => plain(figures::availability(header, summary)),
        censored => figures::censored(summary),
        charts => context! {
            recovery => drawn(charts.recovery.clone()),
            loss => charts.loss.clone().map(drawn),
            success => charts.success.clone().map(drawn),
        },
        map => told.first().map(|told| mapped(map, told)),
        words => plain(map.lines()),
        waterfall => waterfalled(report, table),
        ledger => plain(figures::ledger(summary, table)),
        stories => stories,
        two => two,
        milestones => plain(figures::milestones(header, summary)),
        assumed => plain(&header.assumed),
        scope => plain(map.services.iter().map(|about| (about.name, about.not_modelled)).collect::<Vec<_>>()),
        absent => format!("Not there at all: {}.", ABSENT.join(", ")),
        made => context! {
            seed => header.seed.to_string(),
            horizon => chosen_duration(header.horizon),
            trials => crate::report::terminal::cells::trials(summary.trials),
        },
        rebuild => plain(Rebuild {
            version: header.version.clone(),
            save: "Save the text at the end as experiment.toml (a results folder has it already).".to_owned(),
            command: (*command).to_owned(),
            yields: "writes the same bytes again",
            seed: header.seed.to_string(),
            range: format!("{} to {}", whole(summary.first_trial), whole(last)),
            files: vec![File {
                name: "experiment.toml".to_owned(),
                of: header.name.clone(),
                hash: header.hash.clone(),
                text: header.resolved.clone(),
            }],
        }),
    };
    rendered("run.html", context)
}

/// What the pictures of the deployment are made of.
fn mapped(map: &Overview, told: &Told) -> Value {
    #[derive(Debug, Clone, Serialize)]
    struct Traffic {
        name: String,
        cells: Vec<String>,
    }
    let story = &told.story;
    let regions = map.regions.len();
    let since = story.since(story.after.at).map_or_else(String::new, |since| format!(", +{}", instant(since)));
    let when = if story.after.at == story.end {
        "when the trial ended".to_owned()
    } else {
        format!("once every journey was back{since}")
    };
    let rate = |traffic: &[f64], from: usize, to: usize| {
        crate::report::units::count(traffic.get(from * regions + to).copied().unwrap_or_default())
    };
    let cells = |from: usize| {
        let cell =
            |to| format!("{} \u{2192} {}", rate(&story.before.traffic, from, to), rate(&story.after.traffic, from, to));
        (0..regions).map(cell).collect()
    };
    let rows = map
        .clients
        .iter()
        .enumerate()
        .map(|(from, clients)| Traffic { name: clients.name.clone(), cells: cells(from) });
    context! {
        of => told.subject.as_str(),
        when => when,
        before => Value::from_safe_string(topology::draw(map, &story.before, "The deployment before the fault")),
        after => Value::from_safe_string(topology::draw(map, &story.after, "The deployment after the fault")),
        regions => plain(map.regions.iter().map(|region| &region.name).collect::<Vec<_>>()),
        traffic => plain(rows.collect::<Vec<_>>()),
    }
}

/// The recovery time by stage of the slowest journey.
fn waterfalled(report: &Report<'_>, table: &TrialTable) -> Option<Value> {
    let journey = report.summary.slowest()?;
    let stages = Stages::new(report.header, journey, table, 0.99);
    let title = format!("Stages of the recovery time of {}", journey.name);
    let picture = waterfall::draw(&stages, &title)?;
    let name = &journey.name;
    let owner = match (stages.owner(), &stages.at) {
        (Some(stage), Ok(trials)) => {
            let p99 = journey.recovery.quantile(0.99).map_or_else(String::new, |quantile| {
                crate::report::terminal::cells::on_one_line(quantile, journey.recovery.at_least(0.99).as_ref())
            });
            let trials = format!("{} {}", whole(*trials), stages.unit);
            format!(
                "The p99 of {name}, {p99}, belongs to the stage {}: {} in the mean of the {trials} that make it.",
                stage.name,
                waterfall::figure(&stage.at),
            )
        }
        (_, Err(reason)) => format!("Which stage owns the p99 of {name} cannot be said: that {reason}."),
        (None, Ok(_)) => format!("The journey {name} is not down in the {} at its p99.", stages.unit),
    };
    let note = if journey.recovery.censored > 0 { " What was not back counts up to the end of its trial." } else { "" };
    let caption = format!(
        "{name}, stage after stage. Upper bars: mean over all {unit}, with the whisker from the fastest to the slowest \
         twentieth of them. Lower bars: mean over the {unit} at the p99, those within its interval.{note}",
        unit = stages.unit,
    );
    Some(context! {
        owner => owner,
        caption => caption,
        svg => Value::from_safe_string(picture),
        rows => plain(figures::stages(&stages)),
    })
}

/// What the page tells minute by minute: a trial, or one outage of a trial in which there are many.
struct Told {
    heading: String,
    /// The same within a sentence.
    subject: String,
    sentence: String,
    story: Story,
}

impl Told {
    /// The one at a percentile of the recovery time, which is called so.
    fn at(report: &Report<'_>, table: &TrialTable, source: &impl Trials, percentile: f64, words: &str) -> Option<Self> {
        let Report { header, summary, .. } = report;
        if header.recurring {
            let outage = outage_at(table, percentile)?;
            let (_, fault) = outage.fault?;
            let when = format!("trial {}, {}", whole(outage.trial), day(fault));
            return Some(Self {
                heading: format!("The {words} of all outages: {when}"),
                subject: format!("the {words} of all outages ({when})"),
                sentence: figures::sentence_of(header, outage),
                story: source.story(outage.trial)?.of_outage(fault, outage.end),
            });
        }
        let (trial, _) = at_percentile(table, percentile)?;
        Some(Self {
            heading: format!("Trial {}, the {words}", whole(trial)),
            subject: format!("trial {}, the {words}", whole(trial)),
            sentence: figures::sentence(header, table, trial, summary.watched),
            story: source.story(trial)?,
        })
    }

    fn value(&self, header: &Header) -> Value {
        let regions: Vec<String> = header.overview.regions.iter().map(|region| region.name.clone()).collect();
        let names = timeline::Names { journeys: &header.journeys, regions: &regions, causes: &header.causes };
        let timeline = timeline::draw(&self.story, names, &self.heading);
        context! {
            heading => self.heading.as_str(),
            sentence => self.sentence.as_str(),
            svg => timeline.as_ref().map(|timeline| Value::from_safe_string(timeline.svg.clone())),
            timeline => timeline.map(plain),
            trace => format!("mrsim trace experiment.toml --trial {}", self.story.trial),
        }
    }
}

/// A time of a long trial, from its start: `day 213`, `2 h 05 min 07 s after its start` on the first day.
fn day(seconds: f64) -> String {
    const DAY: f64 = 86_400.0;
    if seconds < DAY {
        return format!("{} after its start", instant(SimDuration::from_secs_f64(seconds)));
    }
    format!("day {}", whole((seconds / DAY) as u64 + 1))
}
