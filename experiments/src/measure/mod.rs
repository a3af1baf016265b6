//! Measures: from the flows and happenings of one trial to its row of figures (design 6.1 to 6.3).

mod columns;
mod journey;
mod recorder;
mod timeline;

pub use columns::columns;
pub(crate) use journey::dominant;
pub use recorder::Recorder;
