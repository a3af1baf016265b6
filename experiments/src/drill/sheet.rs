//! The sheet of a drill: what to do, by whom, what is predicted, and a column to fill in.

use std::fmt::Write as _;

use super::Drill;
use super::bands::Row;
use super::play::{Mark, Play};
use crate::units::{duration, percent, whole};
use crate::visible::visible;

/// A text within a cell of Markdown.
fn cell(text: &str) -> String {
    visible(text).replace('\\', "\\\\").replace('|', "\\|").replace('<', "&lt;")
}

/// A band in words: `1.20 to 4.50 min`, by its quantiles.
pub(super) fn band(row: &Row) -> String {
    match (row.quantile(0.05), row.quantile(0.95)) {
        (Some(low), Some(high)) if duration(low) == duration(high) => duration(low),
        (Some(low), Some(high)) => format!("{} to {}", duration(low), duration(high)),
        _ => "never".to_owned(),
    }
}

/// The sheet as Markdown.
pub fn sheet(drill: &Drill, name: &str, seed: u64) -> String {
    let mut text = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "# Drill of {}\n", cell(name));
    let trials = whole(drill.bands.trials);
    let _ = writeln!(
        text,
        "Predicted by mrsim from {trials} trials, seed {seed}. A band holds nine trials of ten in which the mark comes; times count \
         from the fault. Copy `drill-blank.csv` to `drill.csv`, fill it in, and lay it over the bands:\n"
    );
    let _ = writeln!(text, "```sh\nmrsim drill EXPERIMENT --measured drill.csv\n```\n");
    let _ = writeln!(text, "## Before\n");
    for (index, template) in drill.templates.iter().enumerate() {
        let file = template_file(index, &template.region);
        let _ = writeln!(
            text,
            "- [ ] tag what may be struck in {} with `{}={}`, and make the template of `{file}`",
            cell(&template.region),
            super::fis::TAG.0,
            super::fis::TAG.1
        );
    }
    if !drill.templates.is_empty() {
        let _ = writeln!(
            text,
            "- [ ] make the alarm `{}`: on harm that the drill must not do. It must not be an alarm that the fault itself sets \
             off, or the drill ends when it is noticed",
            super::fis::STOP
        );
    }
    if drill.plan.is_some() {
        let _ = writeln!(text, "- [ ] make the plan of `arc-plan.json`, and rehearse its way back first");
    }
    let _ = writeln!(text, "- [ ] agree who leads, who decides, who writes times down, and what ends the drill");
    let _ = writeln!(
        text,
        "- [ ] set all clocks: CloudWatch has minutes, so write `10:04..10:05` as `4m..5m` since the fault\n"
    );
    let _ = writeln!(text, "## What it cannot show\n");
    for limit in &drill.limits {
        let _ = writeln!(text, "- {}", cell(limit));
    }
    let _ = writeln!(
        text,
        "\n## During\n\n| mark | what | who sees it | predicted | does not come | at |\n|---|---|---|---|---|---|"
    );
    let mut order: Vec<usize> = (0..drill.play.marks.len()).collect();
    order.sort_by(|a, b| {
        let median = |index: &usize| drill.bands.marks[*index].quantile(0.5).unwrap_or(f64::INFINITY);
        median(a).total_cmp(&median(b))
    });
    for index in order {
        let ((mark, name, words, who), row) = (&drill.play.marks[index], &drill.bands.marks[index]);
        let (predicted, never) = if *mark == Mark::Fault {
            ("0 s".to_owned(), String::new())
        } else {
            (band(row), if row.never > 0.0 { format!("{} %", percent(row.never)) } else { String::new() })
        };
        let _ = writeln!(text, "| `{}` | {} | {} | {predicted} | {never} | |", cell(name), cell(words), who.word());
    }
    let _ = writeln!(text, "\n## Durations\n\n| from | to | what | predicted |\n|---|---|---|---|");
    for (span, row) in drill.play.spans.iter().zip(&drill.bands.spans) {
        let mark = |index: usize| cell(&drill.play.marks[index].1);
        let _ =
            writeln!(text, "| `{}` | `{}` | {} | {} |", mark(span.from), mark(span.to), cell(&span.words), band(row));
    }
    if !drill.placeholders.is_empty() {
        let _ = writeln!(text, "\n## To be filled in\n");
        for placeholder in &drill.placeholders {
            let _ = writeln!(text, "- `{placeholder}`");
        }
    }
    text
}

/// The file of a template: the first is `fis.json`.
pub(crate) fn template_file(index: usize, region: &str) -> String {
    if index == 0 { "fis.json".to_owned() } else { format!("fis-{region}.json") }
}

/// The sheet to fill in, as CSV.
pub fn blank(play: &Play) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut write = |cells: [&str; 3]| writer.write_record(cells).is_ok();
    write(["drill", "mark", "at"]);
    for (_, name, ..) in &play.marks {
        write(["1", name, ""]);
    }
    let bytes = writer.into_inner().unwrap_or_default();
    String::from_utf8(bytes).unwrap_or_default()
}

/// The list for `mrsim calibrate` that takes the drill's times back: keys that one span measures alone.
pub fn list(play: &Play, file: &str) -> String {
    let mut text = String::new();
    for span in &play.spans {
        let Some(key) = &span.key else { continue };
        let mark = |index: usize| crate::file::value_text(&sim_settings::Value::Text(play.marks[index].1.clone()));
        let file = crate::file::value_text(&sim_settings::Value::Text(file.to_owned()));
        let _ = writeln!(text, "{key} = {{ file = {file}, begin = {}, end = {} }}", mark(span.from), mark(span.to));
    }
    text
}
