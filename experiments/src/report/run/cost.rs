//! What the deployment costs as it stands, and what goes wrong costs.

use crate::analyze::IncidentCost;
use crate::cost::{Bill, Line, money};
use crate::report::RunReport;
use crate::report::document::{Cell, Column, Content, Manner, Reach, Row, Section, Table};
use crate::units::{count, number};

/// The section, if the file gives prices.
pub(super) fn section(report: &RunReport<'_>) -> Option<Section> {
    let bill = report.header.bill.as_ref()?;
    let mut section = Section::new("cost", "What it costs", "Cost");
    section.add(Reach::Brief, Content::Heading { text: "What it costs".to_owned() });
    section.say(Reach::Everywhere, Manner::Plain, monthly(bill));
    if let Some(incident) = &report.summary.incident {
        section.say(Reach::Everywhere, Manner::Plain, incidents(incident, bill));
    }
    section.add(Reach::Page, Content::Table(lines(bill)));
    Some(section)
}

/// The cost of a month in a sentence.
fn monthly(bill: &Bill) -> String {
    let total = bill.total();
    let sum = money(total.sum, &bill.currency);
    if bill.lines.is_empty() {
        return "A month costs nothing that is counted.".to_owned();
    }
    match total.unpriced.as_slice() {
        [] => format!("A month costs {sum} as it stands."),
        missing => {
            format!("A month costs at least {sum} as it stands; without a price or a size: {}.", missing.join(", "))
        }
    }
}

/// The cost of what goes wrong in a sentence.
fn incidents(incident: &IncidentCost, bill: &Bill) -> String {
    let least = if incident.at_least { "at least " } else { "" };
    let of = |factor: f64| match incident.trial {
        Ok(mean) => {
            let [value, low, high] = [mean.interval.estimate, mean.interval.low, mean.interval.high]
                .map(|amount| money(amount * factor, &bill.currency));
            format!("{least}{value} on average [{low}, {high}]")
        }
        Err(refusal) => format!("an unknown amount: {refusal}"),
    };
    match incident.trials_a_year {
        Some(trials) => format!("What goes wrong costs {} a year.", of(trials)),
        None => format!("An incident costs {}.", of(1.0)),
    }
}

fn lines(bill: &Bill) -> Table {
    let row = |line: &Line| {
        let price = line.price.map_or_else(|| Cell::refused("unpriced"), |price| Cell::words(number(price)));
        let cost =
            line.monthly().map_or_else(|| Cell::refused("unpriced"), |cost| Cell::words(money(cost, &bill.currency)));
        Row::new(line.what, vec![Cell::words(line.key), Cell::words(count(line.count)), price, cost])
    };
    Table {
        head: "What is counted".to_owned(),
        caption:
            "What a month of the deployment uses before any fault, and its prices. No reserved prices, discounts, or \
                  people"
                .to_owned(),
        columns: vec![
            Column::code("price"),
            Column::figures("a month"),
            Column::figures("each"),
            Column::figures("cost"),
        ],
        rows: bill.lines.iter().map(row).collect(),
        long: true,
        ..Table::default()
    }
}
