//! Tables and names that keep to the width of the screen.

use comfy_table::presets::NOTHING;
use comfy_table::{Cell, CellAlignment, ContentArrangement, Table};

use super::{DIM, HEADING, NAME, WIDTH};

/// Between columns.
const GAP: usize = 2;

/// At most `width` characters on one line, whatever the text holds.
pub(in crate::report) fn clip(text: &str, width: usize) -> String {
    let clean = |character: char| if character.is_control() { '?' } else { character };
    if text.chars().count() <= width {
        return text.chars().map(clean).collect();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).map(clean).collect();
    short.push('…');
    short
}

/// A table of few lines.
pub(in crate::report) struct Rows {
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

impl Rows {
    pub(in crate::report) fn new(header: &[&str]) -> Self {
        Self { header: header.iter().map(|&title| title.to_owned()).collect(), rows: Vec::new() }
    }

    pub(in crate::report) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines, the first column to the left and the others as `alignment` says.
    pub(in crate::report) fn lines(&self, alignment: CellAlignment) -> Vec<String> {
        self.table(alignment).lines().map(|line| line.trim_end().to_owned()).collect()
    }

    fn table(&self, alignment: CellAlignment) -> Table {
        let mut table = Table::new();
        let header = self.header.iter().map(Cell::new);
        table.load_style(NOTHING).set_content_arrangement(ContentArrangement::Disabled).set_header(header);
        table.add_rows(self.rows.iter().map(|cells| cells.iter().map(Cell::new).collect::<Vec<_>>()));
        for (index, column) in table.column_iter_mut().enumerate() {
            column.set_padding(if index == 0 { (0, 0) } else { (GAP as u16, 0) });
            column.set_cell_alignment(if index == 0 { CellAlignment::Left } else { alignment });
        }
        table
    }

    /// Names to the left, cut where the numbers, to the right, need the room. Every second line below the header holds the
    /// intervals.
    pub(in crate::report) fn lines_with_dim_intervals(mut self) -> Vec<String> {
        let widths = self.table(CellAlignment::Right).column_max_content_widths();
        let others: usize = widths.into_iter().skip(1).map(|width| usize::from(width) + GAP).sum();
        let room = WIDTH.saturating_sub(others).clamp(1, NAME);
        for cells in std::iter::once(&mut self.header).chain(&mut self.rows) {
            if let Some(name) = cells.first_mut() {
                *name = clip(name, room);
            }
        }
        let styled = |(index, line): (usize, String)| match index {
            0 => format!("{HEADING}{line}{HEADING:#}"),
            _ if index % 2 == 0 => format!("{DIM}{line}{DIM:#}"),
            _ => line,
        };
        self.lines(CellAlignment::Right).into_iter().enumerate().map(styled).collect()
    }
}
