//! The short form for a pull request or an issue.

use super::document::{Bars, Card, Cell, Column, ColumnKind, Content, Document, Manner, Row, Span, Spread, Table};
use crate::visible::visible;

/// Tables show at most this many rows.
const ROWS: usize = 40;

/// The report as Markdown, ending in a newline.
pub fn render(document: &Document) -> String {
    let mut parts = vec![format!("### {}", escaped(&document.name)), format!("{}.", escaped(&document.settings))];
    parts.extend(document.partial.iter().map(|partial| format!("**PARTIAL** {}.", escaped(partial))));
    let blocks = document.sections.iter().flat_map(|section| &section.blocks);
    for block in blocks.filter(|block| block.reach.is_brief()) {
        match &block.content {
            Content::Text { manner, spans } => {
                let text = paragraph(spans.iter().map(span).collect());
                parts.push(match manner {
                    Manner::Plain | Manner::Note => text,
                    Manner::Verdict => format!("**{text}**"),
                });
            }
            Content::Heading { text } => parts.push(format!("#### {}", escaped(text))),
            Content::Cards { cards } => parts.push(of_cards(cards)),
            Content::Table(table) => parts.push(of_table(table)),
            Content::Bars(bars) => parts.push(of_bars(bars)),
            Content::List { items } => {
                let item = |item: &Vec<Span>| format!("- {}", item.iter().map(span).collect::<String>());
                parts.push(items.iter().map(item).collect::<Vec<_>>().join("\n"));
            }
            Content::Terms { terms } => {
                let term = |(term, text): &(String, String)| format!("- **{}**: {}", escaped(term), escaped(text));
                parts.push(terms.iter().map(term).collect::<Vec<_>>().join("\n"));
            }
            // A pull request shows text alone, and the numbers of marks mean nothing without their picture.
            Content::Pictures { .. } | Content::Marks { .. } => {}
        }
    }
    parts.push(escaped(&document.closing));
    parts.retain(|part| !part.is_empty());
    parts.join("\n\n") + "\n"
}

/// A table of Markdown: the first row is its head, and figures are aligned to the right.
fn grid(head: &[String], right: &[bool], rows: &[Vec<String>]) -> String {
    let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
    let rule: Vec<&str> = right.iter().map(|right| if *right { "---:" } else { "---" }).collect();
    let mut lines = vec![line(head), format!("|{}|", rule.join("|"))];
    lines.extend(rows.iter().map(|row| line(row)));
    lines.join("\n")
}

fn of_cards(cards: &[Card]) -> String {
    let judged = cards.iter().all(|card| !card.word.is_empty());
    if !judged {
        let one = |card: &Card| {
            let said = [&card.value, &card.more].into_iter().filter(|text| !text.is_empty()).map(|text| escaped(text));
            let about = escaped(format!("{} {}", card.name, card.limit).trim());
            format!("- {about}: {}", said.collect::<Vec<_>>().join("; "))
        };
        return cards.iter().map(one).collect::<Vec<_>>().join("\n");
    }
    let head = ["", "objective", "limit", "estimate", "chance to meet, %"].map(str::to_owned);
    let row = |card: &Card| {
        let mut cells = vec![format!("**{}**", card.word)];
        cells.extend([&card.name, &card.limit, &card.value].map(|text| escaped(text)));
        cells.push(escaped(&card.chance.on_one_line()));
        cells
    };
    let rows: Vec<Vec<String>> = cards.iter().map(row).collect();
    let remarks = cards.iter().filter(|card| !card.more.is_empty()).map(|card| escaped(&card.more));
    std::iter::once(grid(&head, &[false, false, false, true, true], &rows))
        .chain(remarks)
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn of_table(table: &Table) -> String {
    let kept: Vec<usize> = (0..table.columns.len()).filter(|&at| table.columns[at].reach.is_brief()).collect();
    let columns = || kept.iter().map(|&at| &table.columns[at]);
    let head: Vec<String> =
        std::iter::once(escaped(&table.head)).chain(columns().map(|column| escaped(&column.title))).collect();
    let right: Vec<bool> =
        std::iter::once(false).chain(columns().map(|column| column.kind == ColumnKind::Figures)).collect();
    let row = |row: &Row| {
        let name = row.group.iter().map(String::as_str).chain([row.name.as_str()]).collect::<Vec<_>>().join(" ");
        let cells = kept.iter().map(|&at| of_cell(&row.cells[at], &table.columns[at]));
        std::iter::once(lines(&name)).chain(cells).collect()
    };
    let rows: Vec<Vec<String>> = table.rows.iter().take(ROWS).map(row).collect();
    let text = grid(&head, &right, &rows);
    match table.rows.len().saturating_sub(ROWS) {
        0 => text,
        hidden => format!("{text}\n\nand {hidden} more in the files of --out DIR"),
    }
}

fn of_cell(cell: &Cell, column: &Column) -> String {
    let text = match column.kind {
        ColumnKind::Code if !cell.text.is_empty() => code(&cell.text),
        ColumnKind::Figures | ColumnKind::Words | ColumnKind::Code => lines(&cell.text),
    };
    match cell.spread {
        // Figures in brackets are no link, and a star is no emphasis.
        Spread::Interval { signed: true, .. } => {
            format!("**{text}** {}", cell.spread_in_brackets().replace('*', "\\*"))
        }
        Spread::Interval { .. } | Spread::Error { .. } => format!("{text} {}", cell.spread_in_brackets()),
        Spread::None | Spread::Refused if cell.beside.is_empty() => text,
        Spread::None | Spread::Refused => format!("{text}, {}", escaped(cell.beside)),
    }
}

fn of_bars(bars: &Bars) -> String {
    let head = [escaped(&bars.head), escaped(&bars.of)];
    let rows: Vec<Vec<String>> =
        bars.bars.iter().map(|bar| vec![escaped(&bar.name), escaped(&bar.cell.on_one_line())]).collect();
    grid(&head, &[false, true], &rows)
}

/// Several lines in a cell.
fn lines(text: &str) -> String {
    text.split('\n').map(escaped).collect::<Vec<_>>().join("<br>")
}

fn span(span: &Span) -> String {
    match span {
        Span::Plain(text) => escaped(text),
        Span::Strong(text) => format!("**{}**", escaped(text)),
        Span::Code(text) => code(text),
        Span::Swatch(_) => String::new(),
    }
}

/// A paragraph whose first word does not make it a list.
fn paragraph(text: String) -> String {
    let number = text.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let digits = text.len() - number.len();
    match text.chars().next() {
        Some('-' | '+') => format!("\\{text}"),
        Some(_) if digits > 0 && number.starts_with(['.', ')']) => {
            format!("{}\\{number}", &text[..digits])
        }
        _ => text,
    }
}

/// Code in backticks that its content cannot close, not even in a cell of a table.
fn code(text: &str) -> String {
    format!("`{}`", visible(text).replace('`', "'").replace('|', "\\|"))
}

/// Names come from the user: a name must be no markup, call nobody and refer to no issue.
fn escaped(text: &str) -> String {
    let text = visible(text);
    let mut out = String::with_capacity(text.len() + 8);
    for letter in text.chars() {
        match letter {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '!' => out.extend(['\\', letter]),
            // An empty comment keeps a site from making a link of a name, and does not show.
            '@' | '#' => {
                out.push(letter);
                out.push_str("<!-- -->");
            }
            _ => out.push(letter),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Reach, Section};

    #[test]
    fn nothing_in_a_name_is_markup_or_calls_anybody() {
        assert_eq!(escaped("@everyone #1"), "@<!-- -->everyone #<!-- -->1");
        assert_eq!(escaped("a|b_c*d[e](f)"), "a\\|b\\_c\\*d\\[e\\](f)");
        assert_eq!(escaped("<img src=x>"), "\\<img src=x\\>");
        assert_eq!(escaped("\u{202e}abc"), "\\\\u202Eabc");
        assert_eq!(code("a`b|c"), "`a'b\\|c`");
        let paragraphs = ["- a", "1. a", "12) a", "1.5 a", "a - b"].map(|text| paragraph(text.to_owned()));
        assert_eq!(paragraphs, ["\\- a", "1\\. a", "12\\) a", "1\\.5 a", "a - b"]);
    }

    #[test]
    fn tables_have_as_many_cells_in_every_line() {
        let mut section = Section::new("one", "One", "");
        let rows = vec![Row::new("a|b", vec![Cell::words("1|2"), Cell::words("x\ny")])];
        let columns = vec![Column::figures("n"), Column::words("w").on_page(), Column::words("v")];
        let rows: Vec<Row> =
            rows.into_iter().map(|row| Row { cells: [row.cells, vec![Cell::words("z")]].concat(), ..row }).collect();
        section
            .add(Reach::Everywhere, Content::Table(Table { head: "T".to_owned(), columns, rows, ..Table::default() }));
        let document = Document { name: "name".to_owned(), sections: vec![section], ..Document::default() };
        let text = render(&document);
        let table: Vec<&str> = text.lines().filter(|line| line.starts_with('|')).collect();
        assert_eq!(table, ["| T | n | v |", "|---|---:|---|", "| a\\|b | 1\\|2 | z |"]);
    }
}
