//! The report of a small chance as a document.

use sim_core::stats::Interval;

use super::RareReport;
use crate::rare::{Level, Rarity};
use crate::report::document::{Cell, Column, Content, Document, File, Manner, Reach, Rebuild, Row, Section, Table};
use crate::report::run::short;
use crate::units::{chosen_duration, count, duration, percent, whole};

/// The part of one start in the estimate from which on the estimate hangs on it.
const HANGS_ON: f64 = 0.2;

pub(super) fn document(report: &RareReport<'_>) -> Document {
    let found = report.rarity;
    let header = &found.header;
    Document {
        name: header.name.clone(),
        kind: "rare",
        description: header.description.clone(),
        settings: format!("{} starts, {} trials in all, seed {}", whole(found.starts), whole(all(found)), header.seed),
        partial: None,
        sections: vec![answer(found), levels(found), method(found)],
        closing: format!("mrsim {}, experiment {}", header.version, short(&header.hash)),
        rebuild: Rebuild {
            version: header.version.clone(),
            save: "Save the text at the end as experiment.toml (a results folder has it already).".to_owned(),
            command: report.command.to_owned(),
            yields: "finds the same again",
            seed: header.seed.to_string(),
            range: format!("0 to {}, and what grows from them", whole(found.starts.saturating_sub(1))),
            files: vec![File {
                name: "experiment.toml".to_owned(),
                of: header.name.clone(),
                hash: header.hash.clone(),
                text: header.resolved.clone(),
            }],
        },
    }
}

/// Every trial that was played.
const fn all(found: &Rarity) -> u64 {
    found.played + found.piloted
}

/// Shares from here on are said in percent.
const IN_PERCENT: f64 = 0.01;

/// A chance as people say it, with three significant digits: `1.03e-5`, and larger ones in percent.
fn chance(share: f64) -> String {
    if share >= IN_PERCENT { format!("{} %", percent(share)) } else { small(share) }
}

fn small(share: f64) -> String {
    if share == 0.0 { "0".to_owned() } else { format!("{share:.2e}") }
}

/// A chance with its interval, all in one notation.
fn ends(found: Interval) -> String {
    let all = [found.estimate, found.low, found.high];
    if found.estimate >= IN_PERCENT {
        let [estimate, low, high] = all.map(percent);
        format!("{estimate} % [{low}, {high}]")
    } else {
        let [estimate, low, high] = all.map(small);
        format!("{estimate} [{low}, {high}]")
    }
}

/// The chance in a sentence.
fn verdict(found: &Rarity) -> String {
    let event = found.event.words(&found.header);
    match (found.interval, found.roots) {
        (Some(interval), _) => format!("The chance that {event}: {}.", ends(interval)),
        (None, 0) => {
            let most = chance(found.bound.high);
            format!("The chance that {event} is not known: no trial came that far. It is at most {most}.")
        }
        (None, _) => format!(
            "The chance that {event}: about {}, and too few starts came that far to say how sure this is. It is at most {}.",
            chance(found.chance),
            chance(found.bound.high)
        ),
    }
}

fn answer(found: &Rarity) -> Section {
    let mut section = Section::new("rare", "How likely", "Chance");
    let mut say = |manner, text: String| section.say(Reach::Everywhere, manner, text);
    say(Manner::Verdict, verdict(found));
    if let (Some(interval), true) = (found.interval.filter(|one| one.estimate > 0.0), found.chance < 0.5) {
        let [least, most] =
            [interval.high, interval.low].map(|share| if share > 0.0 { 1.0 / share } else { f64::INFINITY });
        let most = if most.is_finite() { format!("one in {} to ", count(most)) } else { String::new() };
        say(
            Manner::Plain,
            format!("That is one trial in {} ({most}one in {}).", count(1.0 / found.chance), count(least)),
        );
    }
    if let Some(why) = found.refused() {
        say(Manner::Note, format!("There is no interval: {why}. More --trials may give one."));
    }
    if found.is_usual() {
        let text = "Plain trials say as much of this for the same work, and `mrsim run` says more about them.";
        say(Manner::Note, text.to_owned());
    }
    if found.largest_part > HANGS_ON && found.roots > 0 && found.levels.len() > 1 {
        let part = percent(found.largest_part);
        say(
            Manner::Note,
            format!("One start has {part} % of the estimate: it hangs on few trials. More --trials help."),
        );
    }
    let text = format!(
        "The {} starts by themselves are plain trials: {} of them came that far, which by itself says {}.",
        whole(found.starts),
        whole(found.plain),
        ends(found.bound)
    );
    say(Manner::Plain, text);
    if let Some(trials) = found.plain_trials().filter(|_| found.levels.len() > 1) {
        let text = format!(
            "Work: {} trials, {} of them to find the way. Plain trials with the same standard error: {}.",
            whole(all(found)),
            whole(found.piloted),
            count(trials)
        );
        say(Manner::Plain, text);
    }
    let names = found.header.causes.iter().map(String::as_str).chain(["up in between"]);
    let mut parts: Vec<(&str, f64)> =
        names.zip(found.stages.iter().copied()).filter(|(_, seconds)| *seconds > 0.5).collect();
    parts.sort_by(|one, other| other.1.total_cmp(&one.1));
    if !parts.is_empty() {
        let parts: Vec<String> = parts.iter().map(|(name, seconds)| format!("{name} {}", duration(*seconds))).collect();
        say(Manner::Plain, format!("Where the time goes when it happens (mean): {}.", parts.join(", ")));
    }
    section
}

fn levels(found: &Rarity) -> Section {
    let mut section = Section::new("levels", "The way there", "Levels");
    let row = |level: &Level| {
        let share = if level.tried > 0 { level.reached as f64 / level.tried as f64 } else { 0.0 };
        let cells = [whole(level.tried), whole(level.reached), percent(share)];
        let exceeds = if level.exceeds == found.event.limit { chosen_duration } else { duration };
        Row::new(format!("more than {}", exceeds(level.exceeds)), cells.map(Cell::words).to_vec())
    };
    section.add(
        Reach::Everywhere,
        Content::Table(Table {
            head: "Level".to_owned(),
            caption: "Trials that tried each level, from beyond the one before, and those that exceed it".to_owned(),
            columns: vec![Column::figures("tried"), Column::figures("exceed"), Column::figures("share, %")],
            rows: found.levels.iter().map(row).collect(),
            ..Table::default()
        }),
    );
    section
}

fn method(found: &Rarity) -> Section {
    let mut section = Section::new("method", "How it was found", "Method");
    let splits = found.levels.len() > 1;
    let text = if splits {
        "Splitting: from trials beyond a level others are made by changing a part of their luck. The estimate has no bias. Its interval \
         (95 %) takes the weights of the starts as independent, and their mean as nearly normal once its skewness is taken out; \
         it knows only of ways that some trial took. A cause that no level leads to and no trial met is in the bound of the plain \
         trials alone."
    } else {
        "Plain trials: the limit is not far enough for levels. The interval is Clopper and Pearson's."
    };
    section.say(Reach::Everywhere, Manner::Note, text);
    if found.header.recurring {
        let text = "An outage that goes on at the end of a trial counts as long as it was seen.";
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    section
}
