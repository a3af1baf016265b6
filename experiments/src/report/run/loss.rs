//! The fate of acknowledged writes.

use super::Charts;
use super::rows::tail;
use super::verdict::no_writer;
use crate::analyze::{Estimates, LinkSummary, Refusal, StoreSummary, share};
use crate::header::Indicator;
use crate::report::RunReport;
use crate::report::cells::refusal;
use crate::report::document::{Cell, Column, Content, Manner, Reach, Row, Section, Table};
use crate::table::TrialTable;
use crate::units::percent;

pub(super) fn section(report: &RunReport<'_>, full: Option<(&TrialTable, &Charts)>) -> Section {
    let mut section = Section::new("loss", "Data loss", "");
    let stores = &report.summary.stores;
    if stores.is_empty() {
        section.say(Reach::Page, Manner::Plain, "The deployment has no stores.");
        return section;
    }
    section.add(Reach::Everywhere, Content::Table(brief(stores)));
    let objectives = &report.summary.objectives;
    if !objectives.iter().any(|assessed| assessed.objective.indicator == Indicator::Rpo)
        && let Some(text) = no_writer(report.summary)
    {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some(text) = everything(stores) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some(text) = at_risk(stores) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some(table) = waiting(stores) {
        section.add(Reach::Everywhere, Content::Table(table));
    }
    if let Some(text) = dangling(&report.summary.links) {
        section.say(Reach::Everywhere, Manner::Note, text);
    }
    if let Some((table, charts)) = full {
        let text = "Every acknowledged write that a surviving copy lacks is in one of the rows below. Lost: gone for good. \
                    Stranded: still in its region, and back with it. Overwritten: came back, and a newer write had taken \
                    its place. Delayed: arrived late, and is not missing.";
        section.say(Reach::Page, Manner::Plain, text);
        section.add(Reach::Page, Content::Table(ledger(stores, table)));
        if let Some(picture) = charts.picture("data-loss") {
            section.show(picture);
        }
    }
    section
}

fn quantile(
    distribution: &Estimates,
    p: f64,
    cell: impl Fn(&Result<sim_core::stats::Interval, Refusal>) -> Cell,
) -> Cell {
    distribution.quantile(p).map_or_else(|| Cell::refused(refusal(&Refusal::NoTrials)), cell)
}

fn age(distribution: &Estimates, p: f64) -> Cell {
    quantile(distribution, p, |found| Cell::duration(found, None))
}

/// A row a store.
fn brief(stores: &[StoreSummary]) -> Table {
    let row = |store: &StoreSummary| {
        let mut cells: Vec<Cell> = [0.5, 0.99, 0.999].map(|p| age(&store.loss, p)).to_vec();
        cells.extend([&store.lost, &store.stranded, &store.overwritten].map(|writes| Cell::mean_count(&writes.mean)));
        Row { size: tail(&store.loss), ..Row::new(&store.name, cells) }
    };
    Table {
        head: "Data loss".to_owned(),
        caption:
            "Data loss: age of the oldest acknowledged write that is missing, quantiles over the trials; and the mean \
                  number of writes a trial"
                .to_owned(),
        columns: ["p50", "p99", "p99.9", "mean lost", "stranded", "overwritten"].map(Column::figures).to_vec(),
        rows: stores.iter().map(row).collect(),
        largest: Some("stores"),
        ..Table::default()
    }
}

/// What waited in queues: a row each; nothing without queues.
fn waiting(stores: &[StoreSummary]) -> Option<Table> {
    let row = |store: &StoreSummary| {
        let queue = store.queue.as_ref()?;
        let at = |p| quantile(&queue.backlog, p, Cell::count);
        let caught_up = |p: f64| {
            let least = queue.caught_up.at_least(p);
            quantile(&queue.caught_up, p, |found| Cell::duration(found, least.as_ref()))
        };
        let cells = vec![
            at(0.5),
            at(0.99),
            age(&queue.oldest, 0.99),
            caught_up(0.5),
            caught_up(0.99),
            age(&queue.delay_p99, 0.99),
        ];
        Some(Row { size: tail(&queue.caught_up), ..Row::new(&store.name, cells) })
    };
    let rows: Vec<Row> = stores.iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| Table {
        head: "Queues".to_owned(),
        caption: "What waited: the most messages at once in all regions, the oldest of them, the time from the start of the clock \
                  until the backlog was back at its level then, and how long 99 % of a trial's messages waited at most; \
                  quantiles over the trials"
            .to_owned(),
        columns: ["waiting p50", "waiting p99", "oldest p99", "caught up p50", "caught up p99", "delay p99"]
            .map(Column::figures)
            .to_vec(),
        rows,
        largest: Some("queues"),
        ..Table::default()
    })
}

/// Stores without a surviving copy, and the share of such trials.
fn everything(stores: &[StoreSummary]) -> Option<String> {
    let gone = stores.iter().filter(|store| store.loss.censored > 0);
    let gone: Vec<String> = gone
        .map(|store| format!("{} in {} % of the trials", store.name, percent(store.loss.censored_share())))
        .collect();
    let text = "No copy was left that is of any use, and no backup was restored, so that everything is missing (\u{221e}), whenever it was written: ";
    (!gone.is_empty()).then(|| format!("{text}{}.", gone.join("; ")))
}

/// Writes that refer to such as are missing, of each link that has any.
fn dangling(links: &[LinkSummary]) -> Option<String> {
    let found = links.iter().filter_map(|link| {
        let mean = link.dangling.mean.ok().filter(|mean| mean.interval.estimate > 0.0)?;
        Some(format!("{} {}", link.name, Cell::mean_count(&Ok(mean)).on_one_line()))
    });
    let found: Vec<String> = found.collect();
    let text = "Writes that are there and refer to such as are missing, on average in a trial: ";
    (!found.is_empty()).then(|| format!("{text}{}.", found.join("; ")))
}

/// Time in which a copy got no new writes, of the stores for which it was longest.
fn at_risk(stores: &[StoreSummary]) -> Option<String> {
    let risks: Vec<(&str, f64, String)> = stores
        .iter()
        .filter_map(|store| {
            let mean = store.at_risk.mean.ok()?.interval;
            (mean.estimate > 0.0)
                .then(|| (store.name.as_str(), mean.estimate, Cell::duration(&Ok(mean), None).on_one_line()))
        })
        .collect();
    let (_, _, longest) = risks.iter().reduce(|most, other| if other.1 > most.1 { other } else { most })?;
    // Stores whose figures read alike share a line.
    let names: Vec<&str> = risks.iter().filter(|(_, _, text)| text == longest).map(|(name, ..)| *name).collect();
    let less = match risks.len() - names.len() {
        0 => String::new(),
        1 => "; 1 other store for less time".to_owned(),
        many => format!("; {many} other stores for less time"),
    };
    Some(format!("At risk, since a copy got no new writes, for {longest} on average: {}{less}.", names.join(", ")))
}

/// The ledger: the fate of the writes of each store. A fate that no trial knows is left out.
fn ledger(stores: &[StoreSummary], table: &TrialTable) -> Table {
    let rows = |store: &StoreSummary| -> Vec<Row> {
        let some = |column| table.of(column, store.of).filter(|value| *value > 0.0).count() as u64;
        let any = |column| Cell::percent(&share(some(column), table.len() as u64));
        let writes = |fate: &str, writes: &Estimates, column| {
            let at = |p| quantile(writes, p, Cell::count);
            let mean = Cell::count(&writes.mean.map(|mean| mean.interval));
            Row::new(fate, vec![mean, at(0.5), at(0.99), any(column)])
        };
        let time = |what: &str, time: &Estimates, column| {
            let mean = Cell::duration(&time.mean.map(|mean| mean.interval), None);
            Row::new(what, vec![mean, age(time, 0.5), age(time, 0.99), any(column)])
        };
        let fates = [
            ("lost", &store.lost, measure::LOST),
            ("stranded", &store.stranded, measure::STRANDED),
            ("overwritten", &store.overwritten, measure::OVERWRITTEN),
            ("delayed", &store.delayed, measure::DELAYED),
        ];
        let times = [
            ("age of the oldest that is missing", &store.loss, measure::LOSS),
            ("time at risk: a copy gets no new writes", &store.at_risk, measure::AT_RISK),
        ];
        let fates = fates.into_iter().filter(|(.., column)| some(*column) > 0);
        let times = times.into_iter().filter(|(.., column)| some(*column) > 0);
        let mut rows: Vec<Row> = fates.map(|(fate, found, column)| writes(fate, found, column)).collect();
        rows.extend(times.map(|(what, found, column)| time(what, found, column)));
        if rows.is_empty() {
            rows.push(Row::new("nothing, in any trial", vec![Cell::words(""); 4]));
        }
        let span = rows.len();
        if let Some(first) = rows.first_mut() {
            (first.group, first.span) = (Some(store.name.clone()), span);
        }
        rows
    };
    Table {
        head: "fate".to_owned(),
        caption: "Writes per trial, and in how many of the trials there were any; what no trial had is left out"
            .to_owned(),
        columns: ["mean", "p50", "p99", "trials with any, %"].map(Column::figures).to_vec(),
        rows: stores.iter().flat_map(rows).collect(),
        grouped: true,
        ..Table::default()
    }
}
