//! Tables of aligned columns.

use anstyle::Style;

use super::{DIM, HEADING, NAME, WIDTH, clip, colour, columns, names, stacked, styled, title};
use crate::report::document::{Cell, Column, ColumnKind, Row, Table, Tone};
use crate::units::wrapped;
use crate::visible::visible;

/// Between columns.
const GAP: usize = 2;
/// More rows than this do not fit on a screen.
const LARGEST: usize = 6;
/// More rows than this are left to the files.
const ROWS: usize = 40;
/// Words in a cell are cut to this.
const WORDS: usize = 26;

/// Names are cut to this, where there is room for as much.
const LONGEST: usize = 24;
/// Heads of columns are cut to this: some are names.
const TITLE: usize = 22;

/// What stands beside a value takes lines of this width below it.
const BESIDE: usize = 10;

/// A line of cells and their styles, each as wide as its column.
type Line = Vec<(String, Style)>;

/// All columns to the left, at their natural widths.
pub(super) fn left(rows: &[Line]) -> Vec<String> {
    let visible_rows: Vec<Line> =
        rows.iter().map(|row| row.iter().map(|(text, style)| (visible(text).into_owned(), *style)).collect()).collect();
    let widths = widths(&visible_rows);
    visible_rows.iter().map(|row| line(row, &widths, |_| false)).collect()
}

/// How wide that is.
pub(super) fn width(rows: &[Line]) -> usize {
    let widths = widths(rows);
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

fn widths(rows: &[Line]) -> Vec<usize> {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    (0..count)
        .map(|index| rows.iter().filter_map(|row| row.get(index)).map(|(text, _)| columns(text)).max().unwrap_or(0))
        .collect()
}

fn line(cells: &Line, widths: &[usize], to_the_right: impl Fn(usize) -> bool) -> String {
    let mut text = String::new();
    // Spaces that nothing follows are left out.
    let mut space = 0;
    for (index, ((cell, style), width)) in cells.iter().zip(widths).enumerate() {
        let pad = width - columns(cell).min(*width);
        let gap = if index == 0 { 0 } else { GAP };
        let (before, after) = if to_the_right(index) { (pad, 0) } else { (0, pad) };
        space += gap + before;
        if !cell.is_empty() {
            text.push_str(&" ".repeat(space));
            text.push_str(&styled(cell, *style));
            space = 0;
        }
        space += after + if cell.is_empty() { columns(cell) } else { 0 };
    }
    text
}

/// Less of a name says nothing.
const SHORTEST: usize = 8;

/// A table within so many columns: names are cut first, then spare columns are left out, and what is left out is told. Where
/// the figures still leave no room for names, each row becomes a block with a line for each column.
pub(super) fn of_table(table: &Table, width: usize) -> Vec<String> {
    let brief: Vec<usize> = (0..table.columns.len()).filter(|&at| table.columns[at].reach.is_brief()).collect();
    let (rows, hidden) = shown(table);
    let mut left_out: Vec<&Column> = Vec::new();
    let mut kept = brief;
    loop {
        let natural = widths(&lines(table, &rows, &kept, usize::MAX));
        let others: usize = natural.iter().skip(1).map(|width| width + GAP).sum();
        // A terminal that is wider has room for longer names.
        let longest = LONGEST + width.saturating_sub(WIDTH);
        let room = width.saturating_sub(others).min(longest.max(columns(&table.head)));
        let spare = kept.iter().rposition(|&at| table.columns[at].spare);
        if let Some(spare) = spare.filter(|_| room < NAME.min(natural.first().copied().unwrap_or(0))) {
            left_out.push(&table.columns[kept.remove(spare)]);
            continue;
        }
        if room < SHORTEST.min(natural.first().copied().unwrap_or(0)) {
            let mut told = blocks(table, &rows, &kept, width);
            told.extend(notes(table, hidden, &left_out));
            return told;
        }
        let mut told = laid_out(table, &lines(table, &rows, &kept, room), &kept);
        told.extend(notes(table, hidden, &left_out));
        return told;
    }
}

/// A name, and below it a line for each column.
fn blocks(table: &Table, rows: &[&Row], kept: &[usize], width: usize) -> Vec<String> {
    let of = |at: usize| title(&table.columns[at].title, TITLE);
    let widest = kept.iter().map(|&at| columns(&of(at))).max().unwrap_or(0);
    let mut told = vec![styled(&title(&table.head, width), HEADING)];
    for row in rows {
        if row.keyed.is_empty() {
            let name =
                row.group.iter().chain([&row.name]).map(|part| part.replace('\n', ", ")).collect::<Vec<_>>().join(" ");
            told.push(clip(&name, width));
        } else {
            told.extend(names::keyed(&row.keyed, width));
        }
        for &at in kept {
            let (head, cell) = (of(at), &row.cells[at]);
            let mut before = format!("  {}{}  ", styled(&head, DIM), " ".repeat(widest - columns(&head)));
            let room = width.saturating_sub(widest + 2 * GAP);
            // A figure that is cut is another figure: what is too long goes on below.
            let lines = wrapped(&visible(&cell.on_one_line()), room);
            for line in if lines.is_empty() { vec![String::new()] } else { lines } {
                told.push(format!("{before}{}", styled(&clip(&line, room), colour(cell.tone))));
                before = " ".repeat(widest + 2 * GAP);
            }
        }
    }
    told
}

/// What is not shown, and where it is.
fn notes(table: &Table, hidden: usize, left_out: &[&Column]) -> Vec<String> {
    let mut notes = Vec::new();
    if hidden > 0 {
        let what = table.largest.map_or("more".to_owned(), |what| format!("{what} with less"));
        notes.push(styled(&format!("  and {hidden} {what}; --format json has them"), DIM));
    }
    if !left_out.is_empty() {
        let titles: Vec<&str> = left_out.iter().map(|column| column.title.as_str()).collect();
        let text = format!("  no room for {}; --format json has it", titles.join(" and "));
        notes.push(styled(&text, DIM));
    }
    notes
}

/// The rows that fit, in their order, the largest kept; and how many do not.
fn shown(table: &Table) -> (Vec<&Row>, usize) {
    let most = if table.largest.is_some() { LARGEST } else { ROWS };
    let mut order: Vec<usize> = (0..table.rows.len()).filter(|&index| !table.rows[index].sum).collect();
    let all = order.len();
    if table.largest.is_some() {
        order.sort_by(|&a, &b| table.rows[b].size.total_cmp(&table.rows[a].size));
    }
    order.truncate(most);
    order.sort_unstable();
    let hidden = all - order.len();
    let sums = (0..table.rows.len()).filter(|&index| table.rows[index].sum);
    (order.into_iter().chain(sums).map(|index| &table.rows[index]).collect(), hidden)
}

/// The head and two lines a row, or one where nothing has a spread; cells may have more lines of their own. Names take no more
/// than `room`.
fn lines(table: &Table, rows: &[&Row], kept: &[usize], room: usize) -> Vec<Line> {
    let titles = kept.iter().map(|&at| (title(&table.columns[at].title, TITLE), HEADING));
    let mut lines: Vec<Line> = vec![std::iter::once((title(&table.head, room), HEADING)).chain(titles).collect()];
    for row in rows {
        let cells: Vec<Vec<(String, Style)>> =
            kept.iter().map(|&at| cell_lines(&row.cells[at], table.columns[at].kind)).collect();
        let names: Vec<(String, Style)> = names::of(row, room).into_iter().map(|line| (line, Style::new())).collect();
        let height = cells.iter().map(Vec::len).chain([names.len()]).max().unwrap_or(1);
        for index in 0..height {
            let at = |lines: &Vec<(String, Style)>| lines.get(index).cloned().unwrap_or_default();
            lines.push(std::iter::once(at(&names)).chain(cells.iter().map(at)).collect());
        }
    }
    lines
}

fn cell_lines(cell: &Cell, kind: ColumnKind) -> Vec<(String, Style)> {
    let [value, spread] = stacked(cell);
    let shown = |text: &str| match kind {
        ColumnKind::Figures => visible(text).into_owned(),
        ColumnKind::Words | ColumnKind::Code => clip(text, WORDS),
    };
    let mut lines = vec![(shown(&value), colour(cell.tone))];
    if !spread.is_empty() {
        lines.push((shown(&spread), DIM));
    }
    if !cell.beside.is_empty() {
        lines.extend(wrapped(cell.beside, BESIDE).into_iter().map(|line| (line, colour(Tone::Undecided))));
    }
    lines
}

fn laid_out(table: &Table, lines: &[Line], kept: &[usize]) -> Vec<String> {
    let widths = widths(lines);
    let to_the_right = |index: usize| index > 0 && table.columns[kept[index - 1]].kind == ColumnKind::Figures;
    lines.iter().map(|cells| line(cells, &widths, to_the_right)).collect()
}
