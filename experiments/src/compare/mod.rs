//! Comparing candidates that meet the same incidents.
//!
//! ```text
//! files -> Candidate (header, trials)          opened under one seed and one number of trials
//!       -> Outcomes                            trial by trial, all candidates side by side
//!       -> Comparison                          each candidate against the first, with intervals
//!       -> report::comparison                  terminal, Markdown, JSON, rows, charts
//! ```
//!
//! Candidates share their random numbers, so that the difference of two is known far better than either of
//! them. Every interval here is of the *difference*, over pairs of trials, and never the difference of two intervals.

mod comparison;
mod difference;
mod document;
mod figure;
mod gate;
mod notes;
mod objectives;
mod outcomes;
mod row;
mod sentence;
mod settings;
mod unit;
mod wins;
mod words;

pub use comparison::{Against, Comparison, Ranking};
pub(crate) use difference::difference;
pub use document::{
    AgainstDocument, CandidateDocument, ComparisonDocument, DifferenceDocument, FigureDocument, KnownDifference,
    MethodWord, RankingDocument, WinsDocument,
};
pub use figure::{Figure, Statistic, figures};
pub use gate::Gate;
pub(crate) use gate::worse_by;
pub(crate) use notes::{Watched, notes};
pub use objectives::Objectives;
pub(crate) use outcomes::is_single;
pub use outcomes::{Candidate, OUTCOMES, Outcomes, TURNS, run_all, singles};
pub use row::FigureRow;
pub use settings::Differing;
pub(crate) use unit::{share_size, unit};
pub use wins::Wins;
