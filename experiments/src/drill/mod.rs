//! `mrsim drill`: an experiment as a drill, and a drill beside the experiment.
//!
//! ```text
//! experiment --> play (marks, spans) --> rehearsal --> bands --+--> sheet, chart, bands.json
//!            --> fis, region_switch                            |
//! measured sheet or execution ---------------------------------+--> overlay --> verdicts, power
//! ```
//!
//! A drill never shows everything: [`limits`] says what this one cannot.

mod bands;
mod document;
mod fis;
pub mod limits;
mod measured;
mod overlay;
mod play;
mod region_switch;
mod rehearsal;
mod sheet;
#[cfg(test)]
mod tests;

pub use bands::{Bands, Row, bands};
pub use document::DrillDocument;
pub use fis::{Template, templates};
pub use measured::measured;
pub use overlay::{Overlay, Placed, Tested, Verdict, overlay};
pub use play::{Mark, Play, Span, Who};
pub use region_switch::plan;
pub use rehearsal::{Rehearsal, rehearse};
pub(crate) use sheet::template_file;
pub use sheet::{blank, list, sheet};

/// The account in names that somebody has to fill in: that of the examples of AWS, which nobody owns.
const ACCOUNT: &str = "111122223333";

/// Everything that belongs to a drill.
#[derive(Debug, Clone)]
pub struct Drill {
    /// What happens in it.
    pub play: Play,
    /// The predictions.
    pub bands: Bands,
    /// Templates of fault injection, one for each region; none where no action does what the faults do.
    pub templates: Vec<Template>,
    /// The plan of Region switch, if there is anything to switch.
    pub plan: Option<serde_json::Value>,
    /// What it cannot show.
    pub limits: Vec<String>,
    /// Names that somebody has to fill in.
    pub placeholders: Vec<String>,
    /// A measured drill over the predictions.
    pub overlay: Option<Overlay>,
}

/// Names in templates and plan that somebody has to fill in.
pub fn placeholders(templates: &[Template], plan: Option<&serde_json::Value>) -> Vec<String> {
    let mut found = Vec::new();
    for document in templates.iter().map(|template| &template.document).chain(plan) {
        gather(document, &mut found);
    }
    found
}

/// Texts that name the account of the examples.
fn gather(value: &serde_json::Value, found: &mut Vec<String>) {
    use serde_json::Value;
    match value {
        Value::String(text) if text.contains(ACCOUNT) && !found.contains(text) => found.push(text.clone()),
        Value::Array(elements) => elements.iter().for_each(|element| gather(element, found)),
        Value::Object(fields) => fields.values().for_each(|field| gather(field, found)),
        _ => {}
    }
}
