//! A report before it is laid out: what it says, in order, and how far each part of it reaches.
//!
//! ```text
//! run        --> run::document        --+                +--> terminal  80 columns, colours
//! comparison --> comparison::document --+--> Document ---+--> markdown  for a pull request
//! sweep      --> sweep::document      --+                +--> html      the whole page
//! ```
//!
//! A verb fills the document once; each renderer lays out the same blocks, and neutralises what comes from the file in its
//! own way. A new section is written once, in the document of its verb. Data for programs (CSV, Parquet, JSON) are not
//! laid out and have modules of their own.

use serde::Serialize;

use crate::analyze::Verdict;

/// A whole report.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Document {
    /// What it is about: the experiment, or the candidates.
    pub name: String,
    /// What kind of report it is, for the title of a window.
    pub kind: &'static str,
    /// One sentence from the file.
    pub description: String,
    /// How it was run, in few words: trials, seed, horizon.
    pub settings: String,
    /// If it was stopped: after how much of what.
    pub partial: Option<String>,
    /// What it says.
    pub sections: Vec<Section>,
    /// Which program and which experiment it is of, for the last line of a short form.
    pub closing: String,
    /// How to make it again.
    pub rebuild: Rebuild,
}

/// A part of a report under a title of its own.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Section {
    /// Its anchor.
    pub id: &'static str,
    /// Its title.
    pub title: String,
    /// Its name in the list of sections, where that is shorter.
    pub short: &'static str,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// How far a part of a report reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// To every form.
    Everywhere,
    /// To the short forms: the terminal and Markdown. The page shows the same as a picture.
    Brief,
    /// To the page alone.
    Page,
}

impl Reach {
    /// Whether it reaches the short forms.
    pub const fn is_brief(self) -> bool {
        matches!(self, Self::Everywhere | Self::Brief)
    }
}

/// A piece of a section.
#[derive(Debug, Clone, Serialize)]
pub struct Block {
    /// How far it reaches.
    pub reach: Reach,
    /// What it is.
    #[serde(flatten)]
    pub content: Content,
}

/// What a block is.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
pub enum Content {
    /// A sentence or several.
    Text {
        /// How it is said.
        manner: Manner,
        /// Its parts.
        spans: Vec<Span>,
    },
    /// A title within a section.
    Heading {
        /// The title.
        text: String,
    },
    /// What became of the objectives, most important first.
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
    /// Terms and what they mean.
    Terms {
        /// Term and meaning.
        terms: Vec<(String, String)>,
    },
    /// What happened, instant by instant.
    Marks {
        /// In order.
        marks: Vec<Mark>,
    },
}

/// How a sentence is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manner {
    /// As it is.
    Plain,
    /// As what the report comes to.
    Verdict,
    /// As a remark on what stands above it.
    Note,
}

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "what", content = "text", rename_all = "kebab-case")]
pub enum Span {
    /// Words.
    Plain(String),
    /// Words that stand out.
    Strong(String),
    /// What a machine reads.
    Code(String),
    /// A sample of the colour of this class of the page.
    Swatch(String),
}

/// What a value means for whoever asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tone {
    /// Nothing by itself.
    #[default]
    Plain,
    /// An objective is met.
    Met,
    /// An objective is missed.
    Missed,
    /// The trials do not tell whether an objective is met.
    Undecided,
    /// Better than what it is held against.
    Better,
    /// Worse than what it is held against.
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

/// A verdict in the word that every form has.
pub const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "MET",
        Verdict::Missed => "MISSED",
        Verdict::Undecided => "UNDECIDED",
        Verdict::NotJudged => "NOT JUDGED",
    }
}

/// What the last of these words means, without a point.
pub const NOT_JUDGED: &str = "NOT JUDGED: the trials are too few for an interval of that quantile";

/// An objective, or what stands for one.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Card {
    /// What became of it.
    pub tone: Tone,
    /// The same as a word, where there is one verdict.
    pub word: &'static str,
    /// What it is about, such as `rto.p99`.
    pub name: String,
    /// What it is held against, such as `<= 10 min`.
    pub limit: String,
    /// The estimate with its interval, or how many points came to what.
    pub value: String,
    /// A remark.
    pub more: String,
    /// What the chance is of, as a clause.
    pub chance_of: String,
    /// The chance in percent.
    pub chance: Cell,
}

/// A table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Table {
    /// What it is about, in a word or two: the head of its first column.
    pub head: String,
    /// The same as a sentence without its point; empty where the head says enough.
    pub caption: String,
    /// The columns after the first.
    pub columns: Vec<Column>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Whether rows belong to groups.
    pub grouped: bool,
    /// What rows are called of which the short forms show the largest alone; without it they show all.
    pub largest: Option<&'static str>,
    /// Whether it may be broken over printed pages.
    pub long: bool,
}

/// A column of a table.
#[derive(Debug, Clone, Serialize)]
pub struct Column {
    /// Its head.
    pub title: String,
    /// What is in it.
    pub kind: ColumnKind,
    /// Whether the terminal leaves it out where the table is too wide.
    pub spare: bool,
    /// How far it reaches.
    pub reach: Reach,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ColumnKind {
    /// Figures, to the right.
    Figures,
    /// Words, to the left.
    Words,
    /// What a machine reads, to the left.
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

    /// A column of what a machine reads.
    pub fn code(title: impl Into<String>) -> Self {
        Self { kind: ColumnKind::Code, ..Self::figures(title) }
    }

    /// The same, left out on a terminal that is too narrow.
    #[must_use]
    pub fn spare(self) -> Self {
        Self { spare: true, ..self }
    }

    /// The same on the page alone.
    #[must_use]
    pub fn on_page(self) -> Self {
        Self { reach: Reach::Page, ..self }
    }
}

/// A row of a table.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Row {
    /// What this row and those below it that have none are about.
    pub group: Option<String>,
    /// In how many rows the group goes on, this one included.
    pub span: usize,
    /// Its name.
    pub name: String,
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// How much it matters among the rows.
    pub size: f64,
    /// Whether it is of all the rows above and is never left out.
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
    /// How sure it is.
    pub spread: Spread,
    /// What it means.
    pub tone: Tone,
}

/// How sure a value is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Spread {
    /// Nothing is to be said of it.
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
        /// Whether the interval is at the level or above it, which [`WIDER`] tells more of.
        wider: bool,
    },
    /// Its standard error.
    Error {
        /// The standard error.
        by: String,
    },
    /// There is no value: the text says why.
    Refused,
}

/// What the star behind an interval means.
pub const WIDER: &str = "* The interval is wider than 95 %: few trials lie beyond this quantile, or there are gaps or \
                         equal values near it.";

/// Parts of a whole.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Bars {
    /// What they are of.
    pub head: String,
    /// What the figures are.
    pub of: String,
    /// The parts.
    pub bars: Vec<Bar>,
}

/// One of them.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Bar {
    /// Its name.
    pub name: String,
    /// How long it is, as a part of the longest.
    pub part: f64,
    /// What it is.
    pub cell: Cell,
}

/// A picture, drawn already.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Picture {
    /// The element of the page.
    pub svg: String,
    /// Whether it has the colours of paper, as charts that are files of their own.
    pub chart: bool,
    /// What it shows, above or below it.
    pub caption: String,
}

/// Something that happened.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// Its number in the picture, if it is there.
    pub number: Option<usize>,
    /// When.
    pub since: String,
    /// What.
    pub text: String,
}

/// How to make a report again.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Rebuild {
    /// The program's version.
    pub version: String,
    /// What to do first.
    pub save: String,
    /// The command.
    pub command: String,
    /// What it does, as a verb and its object.
    pub yields: &'static str,
    /// The seed.
    pub seed: String,
    /// Which trials.
    pub range: String,
    /// The files that the command reads.
    pub files: Vec<File>,
}

/// A file that the command reads.
#[derive(Debug, Clone, Default, Serialize)]
pub struct File {
    /// Its name.
    pub name: String,
    /// Which experiment it is.
    pub of: String,
    /// Digest of its text.
    pub hash: String,
    /// Its text.
    pub text: String,
}

impl Section {
    /// A section without anything in it.
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

    /// Adds what the star means, if a table has one.
    pub fn explain_stars(&mut self, table: &Table) {
        if table.rows.iter().flat_map(|row| &row.cells).any(Cell::is_wider) {
            self.say(Reach::Everywhere, Manner::Note, WIDER);
        }
    }
}
