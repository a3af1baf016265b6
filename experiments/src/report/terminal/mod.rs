//! The short form for people at a terminal: one screen for a run.
//!
//! The text has colours; the stream that prints it removes them where there is no terminal or `NO_COLOR` is set. It
//! reads the same without them.

mod closing;
mod grid;
mod names;
#[cfg(test)]
mod tests;

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr as _;

pub use closing::{Closing, closing};

use super::document::{Bars, Card, Cell, Content, Document, Manner, Section, Span, Spread, Tone};
use crate::units::wrapped;
use crate::visible::visible;

/// Columns of every terminal, and of texts in files.
pub const WIDTH: usize = 80;
/// The least width that is used: a table of figures needs it.
const NARROWEST: usize = 60;
/// Longer names are cut, and more so where a table has no room.
const NAME: usize = 16;
/// The width of the longest bar.
const BAR: usize = 30;
/// The longest name before a bar, and the width of the longest bar behind such names.
const LONG_NAME: usize = 40;
const SHORT_BAR: usize = 14;

const HEADING: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();

/// The width of the terminal from `COLUMNS`, or else that of every terminal.
pub fn width(columns: Option<&str>) -> usize {
    columns.and_then(|columns| columns.trim().parse().ok()).map_or(WIDTH, |columns: usize| columns.max(NARROWEST))
}

/// The report without the path of its files, ending in a newline.
pub fn render(document: &Document, width: usize) -> String {
    let page = Page { width };
    let mut lines = page.title(document);
    for section in &document.sections {
        page.section(section, &mut lines);
    }
    lines.push(String::new());
    lines.extend(page.wrapped(&document.closing, 0));
    lines.join("\n") + "\n"
}

/// Columns that a text takes.
fn columns(text: &str) -> usize {
    text.width()
}

/// A text on one line of at most `width` columns.
fn clip(text: &str, width: usize) -> String {
    let text = visible(text);
    if columns(&text) <= width {
        return text.into_owned();
    }
    let mut short = String::new();
    for letter in text.chars() {
        if columns(&short) + columns(letter.encode_utf8(&mut [0; 4])) + 1 > width {
            break;
        }
        short.push(letter);
    }
    short + "…"
}

/// A title on one line of at most `width` columns. Of a key's path the end says most: `…failure-threshold`.
fn title(text: &str, width: usize) -> String {
    let is_path = text.contains('.') && !text.contains(char::is_whitespace);
    if !is_path || columns(&visible(text)) <= width {
        return clip(text, width);
    }
    let text = visible(text);
    let fits = |rest: &&str| columns(rest) < width;
    let parts = text.match_indices('.').map(|(dot, _)| &text[dot + 1..]);
    let letters = text.char_indices().map(|(start, _)| &text[start..]);
    let kept = parts.chain(letters).find(fits).unwrap_or_default();
    format!("…{kept}")
}

fn styled(text: &str, style: Style) -> String {
    if text.is_empty() { String::new() } else { format!("{style}{text}{style:#}") }
}

const fn colour(tone: Tone) -> Style {
    match tone {
        Tone::Plain | Tone::Open => Style::new(),
        Tone::Met | Tone::Better => AnsiColor::Green.on_default().bold(),
        Tone::Missed | Tone::Worse => AnsiColor::Red.on_default().bold(),
        Tone::Undecided => AnsiColor::Yellow.on_default().bold(),
    }
}

/// The page of a terminal.
struct Page {
    width: usize,
}

impl Page {
    fn title(&self, document: &Document) -> Vec<String> {
        let settings = &document.settings;
        let room = self.width.saturating_sub(columns(settings) + 2).max(12);
        let mut lines = vec![format!("{}  {settings}", styled(&clip(&document.name, room), HEADING))];
        if let Some(partial) = &document.partial {
            lines.push(format!("{}  {partial}", styled("PARTIAL", colour(Tone::Undecided))));
        }
        lines
    }

    fn wrapped(&self, text: &str, indent: usize) -> Vec<String> {
        let space = " ".repeat(indent);
        wrapped(&visible(text), self.width - indent).into_iter().map(|line| format!("{space}{line}")).collect()
    }

    fn section(&self, section: &Section, lines: &mut Vec<String>) {
        for block in section.blocks.iter().filter(|block| block.reach.is_brief()) {
            let is_note = matches!(block.content, Content::Text { manner: Manner::Note, .. });
            if !is_note {
                lines.push(String::new());
            }
            match &block.content {
                Content::Text { manner, spans } => lines.extend(self.text(*manner, spans)),
                Content::Heading { text } => lines.extend(self.wrapped(text, 0).iter().map(|it| styled(it, HEADING))),
                Content::Cards { cards } => lines.extend(self.cards(cards)),
                Content::Table(table) => lines.extend(grid::of_table(table, self.width)),
                Content::Bars(bars) => lines.extend(self.bars(bars)),
                Content::List { items } => {
                    lines.extend(items.iter().flat_map(|item| self.wrapped(&format!("- {}", plain(item)), 0)));
                }
                Content::Terms { terms } => {
                    lines.extend(terms.iter().flat_map(|(term, text)| self.wrapped(&format!("{term}: {text}"), 0)));
                }
                // A terminal shows no pictures, and the numbers of marks mean nothing without them.
                Content::Pictures { .. } | Content::Marks { .. } => {}
            }
        }
    }

    fn text(&self, manner: Manner, spans: &[Span]) -> Vec<String> {
        let text = plain(spans);
        match manner {
            Manner::Plain => self.wrapped(&text, 0),
            Manner::Verdict => self.wrapped(&text, 0).iter().map(|line| styled(line, HEADING)).collect(),
            Manner::Note => self.wrapped(&text, 2).iter().map(|line| styled(line, DIM)).collect(),
        }
    }

    fn cards(&self, cards: &[Card]) -> Vec<String> {
        if cards.iter().any(|card| card.word.is_empty()) {
            let one = |card: &Card| {
                let about = format!("{} {}", card.name, card.limit);
                let said = [&card.value, &card.more].into_iter().filter(|text| !text.is_empty());
                self.wrapped(&format!("{}: {}", about.trim(), said.cloned().collect::<Vec<_>>().join("; ")), 0)
            };
            return cards.iter().flat_map(one).collect();
        }
        let table = |chance: &dyn Fn(&Card) -> [String; 2]| {
            let head = ["Objectives", "", "limit", "estimate, 95 % interval", "chance to meet, %"];
            let mut rows = vec![head.map(|title| (title.to_owned(), HEADING)).to_vec()];
            for card in cards {
                let [chance, below] = chance(card);
                let plain = [card.name.clone(), card.limit.clone(), card.value.clone(), chance];
                let plain = plain.map(|text| (text, Style::new()));
                rows.push(std::iter::once((card.word.to_owned(), colour(card.tone))).chain(plain).collect());
                if !below.is_empty() {
                    let empty = std::iter::repeat_n((String::new(), Style::new()), head.len() - 1);
                    rows.push(empty.chain([(below, DIM)]).collect());
                }
            }
            rows
        };
        // Where there is no room beside the chance, its interval stands below it, as those of quantiles do.
        let rows = table(&|card| [card.chance.on_one_line(), String::new()]);
        let fits = grid::width(&rows) <= self.width;
        let mut lines = grid::left(&if fits { rows } else { table(&|card| stacked(&card.chance)) });
        lines.extend(cards.iter().filter(|card| !card.more.is_empty()).flat_map(|card| self.wrapped(&card.more, 2)));
        lines
    }

    fn bars(&self, bars: &Bars) -> Vec<String> {
        let of = clip(&bars.of, self.width.saturating_sub(columns(&bars.head) + 2));
        let mut lines = vec![format!("{}  {of}", styled(&bars.head, HEADING))];
        // Paths of keys are longer than names of causes: their bars are shorter.
        let longest = bars.bars.iter().map(|bar| columns(&bar.name)).max().unwrap_or(0).clamp(NAME, LONG_NAME);
        let room = BAR - (longest - NAME) * (BAR - SHORT_BAR) / (LONG_NAME - NAME);
        for bar in &bars.bars {
            let name = clip(&bar.name, longest);
            let space = " ".repeat(longest - columns(&name));
            lines.push(format!("  {name}{space} {:<room$} {}", drawn(bar.part, room), bar.cell.on_one_line()));
        }
        lines
    }
}

/// A bar in eighths of a character, at most so many characters; a part above 0 is always visible.
fn drawn(part: f64, room: usize) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = ((part * (room * 8) as f64).round() as usize).clamp(1, room * 8);
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

/// A sentence as plain text.
fn plain(spans: &[Span]) -> String {
    let words = |span: &Span| match span {
        Span::Plain(text) | Span::Strong(text) | Span::Code(text) => text.clone(),
        Span::Swatch(_) => String::new(),
    };
    spans.iter().map(words).collect()
}

/// The lines of a cell: the value, and its uncertainty below it; a refusal takes two lines as well.
fn stacked(cell: &Cell) -> [String; 2] {
    let text = &cell.text;
    match &cell.spread {
        Spread::None => [text.clone(), String::new()],
        Spread::Interval { low, high, signed, wider } => {
            let star = if *wider { "*" } else { "" };
            let between = if *signed { " to " } else { "\u{2013}" };
            [text.clone(), format!("{low}{between}{high}{star}")]
        }
        Spread::Error { by } => [text.clone(), format!("\u{b1}{by}")],
        Spread::Refused => {
            let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
            [first.to_owned(), rest.to_owned()]
        }
    }
}
