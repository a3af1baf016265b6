//! A report before layout: its blocks in order, and which forms show each of them.
//!
//! ```text
//! run        --> run::document        --+                +--> terminal  80 columns, colours
//! comparison --> comparison::document --+--> Document ---+--> markdown  for a pull request
//! sweep      --> sweep::document      --+                +--> html      the whole page
//! ```
//!
//! A verb fills the document once; each renderer lays out the same blocks, and neutralises texts of the file in its own
//! way. A new section is written once, in the document of its verb. Data for programs (CSV, Parquet, JSON) have no
//! layout and have modules of their own.

use serde::Serialize;

use crate::analyze::Verdict;

/// A whole report.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Document {
    /// The name of the experiment, or of the candidates.
    pub name: String,
    /// The kind of report, for the title of a window.
    pub kind: &'static str,
    /// One sentence from the file.
    pub description: String,
    /// Trials, seed and horizon in few words.
    pub settings: String,
    /// If the run was stopped: how much of the requested number is done.
    pub partial: Option<String>,
    /// The sections in order.
    pub sections: Vec<Section>,
    /// Program and experiment, for the last line of a short form.
    pub closing: String,
    /// The command and files that make the report again.
    pub rebuild: Rebuild,
}

/// A part of a report under a title of its own.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Section {
    /// Its anchor in the page.
    pub id: &'static str,
    /// Its title.
    pub title: String,
    /// Its name in the list of sections, where that is shorter than the title.
    pub short: &'static str,
    /// The blocks in order.
    pub blocks: Vec<Block>,
}

/// Which forms show a part of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// All forms.
    Everywhere,
    /// The short forms: the terminal and Markdown. The page has a picture instead.
    Brief,
    /// The page alone.
    Page,
}

impl Reach {
    /// Whether the short forms show it.
    pub const fn is_brief(self) -> bool {
        matches!(self, Self::Everywhere | Self::Brief)
    }
}

/// A piece of a section.
#[derive(Debug, Clone, Serialize)]
pub struct Block {
    /// The forms that show it.
    pub reach: Reach,
    /// The content.
    #[serde(flatten)]
    pub content: Content,
}

/// The content of a block.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Content {
    /// One or several sentences.
    Text {
        /// Its emphasis.
        manner: Manner,
        /// Its parts.
        spans: Vec<Span>,
    },
    /// A title within a section.
    Heading {
        /// The title.
        text: String,
    },
    /// The outcome of each objective, most important first.
    Cards {
        /// One each.
        cards: Vec<Card>,
    },
    /// A table.
    Table(Table),
    /// Parts of a whole as bars.
    Bars(Bars),
    /// Pictures side by side.
    Pictures {
        /// One or two.
        pictures: Vec<Picture>,
    },
    /// Points of a list.
    List {
        /// Each with its parts.
        items: Vec<Vec<Span>>,
    },
    /// Terms and their meanings.
    Terms {
        /// Term and meaning.
        terms: Vec<(String, String)>,
    },
    /// The events of a trial.
    Marks {
        /// In order.
        marks: Vec<Mark>,
    },
}

/// The emphasis of a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// Ordinary text.
    Plain,
    /// The main result.
    Verdict,
    /// A remark on the block above.
    Note,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", content = "text", rename_all = "kebab-case")]
pub enum Span {
    /// Words.
    Plain(String),
    /// Words with emphasis.
    Strong(String),
    /// Code.
    Code(String),
    /// A sample of the colour that the page gives to this class.
    Swatch(String),
}

/// The meaning of a value for the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// An objective is met.
    Met,
    /// An objective is missed.
    Missed,
    /// An objective that is undecided.
    Undecided,
    /// Better than the reference.
    Better,
    /// Worse than the reference.
    Worse,
    /// Not shown to differ.
    Open,
}

impl From<Verdict> for Tone {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Met => Self::Met,
            Verdict::Missed => Self::Missed,
            Verdict::Undecided | Verdict::NotJudged => Self::Undecided,
        }
    }
}

/// A verdict in the word that every form uses.
pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "MET",
        Verdict::Missed => "MISSED",
        Verdict::Undecided => "UNDECIDED",
        Verdict::NotJudged => "NOT JUDGED",
    }
}

/// An objective, or a figure in its place.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Card {
    /// The meaning of the verdict.
    pub tone: Tone,
    /// The verdict as a word, where there is one verdict.
    pub word: &'static str,
    /// The name of the figure, such as `rto.p99`.
    pub name: String,
    /// The limit, such as `<= 10 min`.
    pub limit: String,
    /// The estimate with its interval, or the number of points by outcome.
    pub value: String,
    /// A remark.
    pub more: String,
    /// The event whose chance follows, as a clause.
    pub chance_of: String,
    /// The chance in percent.
    pub chance: Cell,
}

/// A table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Table {
    /// The subject in a word or two: the head of its first column.
    pub head: String,
    /// The caption: a sentence without its full stop; empty where the head is enough.
    pub caption: String,
    /// The columns after the first.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether rows belong to groups.
    pub grouped: bool,
    /// A word for its rows, if the short forms show the largest alone; without it they show all.
    pub largest: Option<&'static str>,
    /// Whether printed pages may break it.
    pub long: bool,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// The head.
    pub title: String,
    /// The kind of its cells.
    pub kind: ColumnKind,
    /// Whether a terminal that is too narrow leaves it out.
    pub spare: bool,
    /// The forms that show it.
    pub reach: Reach,
}

/// The kind of the cells of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// Figures, to the right.
    Figures,
    /// Words, to the left.
    Words,
    /// Code, to the left.
    Code,
}

impl Column {
    /// A column of figures.
    pub fn figures(title: impl Into<String>) -> Self {
        Self { title: title.into(), kind: ColumnKind::Figures, spare: false, reach: Reach::Everywhere }
    }

    /// A column of words.
    pub fn words(title: impl Into<String>) -> Self {
        Self { kind: ColumnKind::Words, ..Self::figures(title) }
    }

    /// A column of code.
    pub fn code(title: impl Into<String>) -> Self {
        Self { kind: ColumnKind::Code, ..Self::figures(title) }
    }

    /// The same column, left out on a terminal that is too narrow.
    #[must_use]
    pub fn spare(self) -> Self {
        Self { spare: true, ..self }
    }

    /// The same column on the page alone.
    #[must_use]
    pub fn on_page(self) -> Self {
        Self { reach: Reach::Page, ..self }
    }
}

/// A row of a table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Row {
    /// The group of this row and of the rows below it that have none.
    pub group: Option<String>,
    /// The number of rows of the group.
    pub span: usize,
    /// Its name.
    pub name: String,
    /// The name once more as keys and their values, where it is that: a narrow form cuts keys alone.
    pub keyed: Vec<(String, String)>,
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// The importance of the row among all rows.
    pub size: f64,
    /// Whether it summarises all the rows above and is never left out.
    pub sum: bool,
    /// A picture below its figures.
    pub below: Option<Picture>,
}

impl Row {
    /// A row of these cells.
    pub fn new(name: impl Into<String>, cells: Vec<Cell>) -> Self {
        Self { name: name.into(), cells, ..Self::default() }
    }
}

/// A value in a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The value.
    pub text: String,
    /// The uncertainty of the value.
    pub spread: Spread,
    /// The meaning of the value.
    pub tone: Tone,
    /// What a reader has to know beside it; mostly empty.
    pub beside: &'static str,
}

/// The uncertainty of a value.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Spread {
    /// Nothing.
    #[default]
    None,
    /// Its interval.
    Interval {
        /// The lower end.
        low: String,
        /// The upper end.
        high: String,
        /// Whether the ends have signs.
        signed: bool,
        /// Whether the interval is of at least its level, which [`WIDER`] explains.
        wider: bool,
    },
    /// Its standard error.
    Error {
        /// The standard error.
        by: String,
    },
    /// There is no value: the text gives the reason.
    Refused,
}

/// The explanation of the star after an interval.
pub const WIDER: &str = "* The interval is wider than 95 %: few trials lie beyond this quantile, or there are gaps or \
                         equal values near it.";

/// Bars: parts of a whole.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Bars {
    /// The whole.
    pub head: String,
    /// A word for the figures.
    pub of: String,
    /// The parts.
    pub bars: Vec<Bar>,
}

/// A bar.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// Its length as a share of the longest.
    pub part: f64,
    /// Its figure.
    pub cell: Cell,
}

/// A finished picture.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Picture {
    /// The SVG element.
    pub svg: String,
    /// Whether it has the colours of paper, as charts that are also files.
    pub chart: bool,
    /// The caption.
    pub caption: String,
}

/// An event of a trial.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Its number in the picture, if the picture marks it.
    pub number: Option<usize>,
    /// Its time.
    pub since: String,
    /// A sentence about it.
    pub text: String,
}

/// The command and files that make a report again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Rebuild {
    /// The program's version.
    pub version: String,
    /// Preparation in words.
    pub save: String,
    /// The command.
    pub command: String,
    /// The effect of the command, as a verb and its object.
    pub yields: &'static str,
    /// The seed.
    pub seed: String,
    /// The numbers of the trials.
    pub range: String,
    /// The files that the command reads.
    pub files: Vec<File>,
}

/// A file that the command reads.
#[derive(Debug, Clone, Default, Serialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// The experiment.
    pub of: String,
    /// Digest of its text.
    pub hash: String,
    /// Its text.
    pub text: String,
}

impl Section {
    /// A section without blocks.
    pub fn new(id: &'static str, title: impl Into<String>, short: &'static str) -> Self {
        Self { id, title: title.into(), short, blocks: Vec::new() }
    }

    /// Adds a block.
    pub fn add(&mut self, reach: Reach, content: Content) {
        self.blocks.push(Block { reach, content });
    }

    /// Adds a sentence.
    pub fn say(&mut self, reach: Reach, manner: Manner, text: impl Into<String>) {
        self.add(reach, Content::Text { manner, spans: vec![Span::Plain(text.into())] });
    }

    /// Adds a picture to the page.
    pub fn show(&mut self, picture: Picture) {
        self.add(Reach::Page, Content::Pictures { pictures: vec![picture] });
    }

    /// Adds the explanation of the star, if a table has one.
    pub fn explain_stars(&mut self, table: &Table) {
        if table.rows.iter().flat_map(|row| &row.cells).any(Cell::is_wider) {
            self.say(Reach::Everywhere, Manner::Note, WIDER);
        }
    }
}
