//! `report.html`: one page that says everything about a run, a comparison or a sweep, by itself: no network, no script,
//! light and dark, screen and paper.
//!
//! ```text
//! a report --> run, comparison, sweep --> rooms of the page --+
//! page.css and the font that pictures were measured with -----+--> page.html (minijinja, escaped)
//! what it takes to make it again (Rebuild) -------------------+
//! ```
//!
//! What comes from the file is text to the template, which escapes it, or to `svg.rs`, which does the same. Only pictures
//! that were drawn here pass as they are. The bytes depend on the trials alone.

mod figures;
mod run;
pub(in crate::report) mod svg;
mod timeline;
mod topology;
mod waterfall;

use minijinja::Environment;
use minijinja::value::{Serde, Value};
use serde::Serialize;

pub use run::{Charts, page as run_page};

use crate::exit::Failure;

const TEMPLATES: [(&str, &str); 5] = [
    ("page.html", include_str!("page.html")),
    ("cells.html", include_str!("cells.html")),
    ("run.html", include_str!("run.html")),
    ("comparison.html", include_str!("comparison.html")),
    ("sweep.html", include_str!("sweep.html")),
];
const STYLE: &str = include_str!("page.css");

/// A figure and its interval.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::report) struct Cell {
    value: String,
    interval: Option<String>,
}

impl Cell {
    /// A figure, and its interval with the brackets around it.
    pub(in crate::report) const fn new(value: String, interval: Option<String>) -> Self {
        Self { value, interval }
    }
}

/// What the last room of a page says: how to make it again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::report) struct Rebuild {
    pub(in crate::report) version: String,
    /// What to do first.
    pub(in crate::report) save: String,
    pub(in crate::report) command: String,
    /// What the command does, as a verb and its object.
    pub(in crate::report) yields: &'static str,
    pub(in crate::report) seed: String,
    /// Which trials.
    pub(in crate::report) range: String,
    pub(in crate::report) files: Vec<File>,
}

/// A file that the command reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(in crate::report) struct File {
    pub(in crate::report) name: String,
    /// Which experiment it is.
    pub(in crate::report) of: String,
    pub(in crate::report) hash: String,
    pub(in crate::report) text: String,
}

/// A page whose rooms are in `template`, which extends `page.html`.
pub(in crate::report) fn rendered(template: &str, context: Value) -> Result<String, Failure> {
    let failed = |error: minijinja::Error| Failure::failed(format!("failed to write the report: {error:#}"));
    let mut environment = Environment::new();
    for (name, text) in TEMPLATES {
        environment.add_template(name, text).map_err(failed)?;
    }
    environment.add_global("style", drawn(style()));
    environment.get_template(template).and_then(|page| page.render(context)).map_err(failed)
}

/// Plain data for the template.
pub(in crate::report) fn plain<T: Serialize>(data: T) -> Value {
    Value::from(Serde(data))
}

/// What was drawn here, which is markup and not text.
pub(in crate::report) fn drawn(picture: String) -> Value {
    Value::from_safe_string(picture)
}

/// The style of the page, and the font that the pictures were measured with: nobody has to have it.
fn style() -> String {
    use super::chart::text::{BOLD, REGULAR};
    let face = |weight: u32, font: &[u8]| {
        format!(
            "@font-face {{ font-family: \"mrsim\"; font-weight: {weight}; src: url(data:font/ttf;base64,{}) }}\n",
            base64(font)
        )
    };
    face(400, REGULAR) + &face(700, BOLD) + STYLE
}

/// Bytes as text, six bits a letter.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_the_rfc() {
        // RFC 4648, section 10.
        let cases =
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in cases {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }
}
