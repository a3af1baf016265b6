//! `report.html`: one page with the whole report of a run, a comparison or a sweep. It needs no network and no script,
//! and suits light and dark, screen and paper.
//!
//! Texts of the file are plain text to the template, which escapes them; letters that hide or turn text are shown as
//! escapes. Only pictures of this program pass unchanged. The bytes depend on the trials alone.

use minijinja::value::{Serde, Value, ValueKind};
use minijinja::{Environment, context, escape_formatter};

use super::document::Document;
use crate::exit::Failure;
use crate::visible::visible_lines;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// The whole page.
///
/// # Errors
/// When the template fails, which is a mistake of the program.
pub fn render(document: &Document) -> Result<String, Failure> {
    let failed = |error: minijinja::Error| Failure::failed(format!("failed to write the report: {error:#}"));
    let mut environment = Environment::new();
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if value.kind() == ValueKind::String && !value.is_safe() => {
            escape_formatter(out, state, &Value::from(visible_lines(text).as_ref()))
        }
        _ => escape_formatter(out, state, value),
    });
    environment.add_template("page.html", PAGE).map_err(failed)?;
    let context = context! { it => Value::from(Serde(document)), style => style() };
    environment.get_template("page.html").and_then(|page| page.render(context)).map_err(failed)
}

/// The style of the page, with the font that the pictures were measured with.
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
/// Base64: bytes as text, six bits a letter.
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
