//! The embedded font: how wide a text is, and how a name that anyone may have written fits its place.

use std::sync::OnceLock;

use plotters::style::{FontDesc, FontFamily, FontStyle, register_font};

use super::error::ChartError;
use crate::visible::visible_lines;

pub(crate) const REGULAR: &[u8] = include_bytes!("font/DejaVuSansCondensed.ttf");
pub(crate) const BOLD: &[u8] = include_bytes!("font/DejaVuSansCondensed-Bold.ttf");

/// The font of the SVG: the embedded one where it is installed, else one that is no wider.
pub(crate) const FAMILY: &str = "DejaVu Sans Condensed, Arial, Helvetica, sans-serif";

/// Ascent and descent together, in ems: plotters sizes fonts by it, SVG by the em.
const HEIGHT_PER_EM: f64 = 2384.0 / 2048.0;

/// Large enough that plotters' whole pixels do not matter.
const MEASURED_AT: f64 = 2000.0;

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Face {
    /// The em, in page units.
    pub(crate) size: f64,
    pub(crate) bold: bool,
}

pub(crate) const TITLE: Face = Face { size: 16.5, bold: true };
pub(crate) const FINDING: Face = Face { size: 12.5, bold: false };
pub(crate) const STRONG: Face = Face { size: 11.5, bold: true };
pub(crate) const BODY: Face = Face { size: 11.5, bold: false };
pub(crate) const SMALL: Face = Face { size: 10.5, bold: false };

impl Face {
    /// The distance of two lines.
    pub(crate) fn line(self) -> f64 {
        self.size * 1.25
    }

    pub(crate) fn style(self) -> FontStyle {
        if self.bold { FontStyle::Bold } else { FontStyle::Normal }
    }
}

/// Makes the embedded font known to plotters, once for the process.
pub(crate) fn load_font() -> Result<(), ChartError> {
    static LOADED: OnceLock<bool> = OnceLock::new();
    let loaded = *LOADED.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
            && register_font(FAMILY, FontStyle::Bold, BOLD).is_ok()
    });
    if loaded { Ok(()) } else { Err(ChartError::Font("not a font that can be read".to_owned())) }
}

/// The width of a text in page units. Needs the font to be loaded.
pub(crate) fn width(text: &str, face: Face) -> f64 {
    let font = FontDesc::new(FontFamily::Name(FAMILY), MEASURED_AT, face.style());
    // Without the font nothing is drawn either: the canvas reports it.
    let known = font.layout_box(text).map_or(0.0, |(_, (right, _))| f64::from(right));
    // Letters that the font does not have: the reader's font decides, an em is the widest that is usual.
    let unknown = text.chars().filter(|letter| !is_embedded(*letter)).count();
    known / MEASURED_AT * HEIGHT_PER_EM * face.size + 0.45 * face.size * unknown as f64
}

const fn is_embedded(letter: char) -> bool {
    let code = letter as u32;
    code < 0x0530 || (code >= 0x1e00 && code < 0x2e80)
}

/// A name as one line of printable text: what breaks lines and what XML forbids becomes a space, and what cannot be seen or turns
/// the direction of the text around it is written out, as in every report.
pub(crate) fn clean(name: &str) -> String {
    let printable =
        |letter: char| if letter.is_control() || matches!(letter, '\u{fffe}' | '\u{ffff}') { ' ' } else { letter };
    // Only ordinary spaces collapse: the narrow ones in a number are meant.
    let text: String = visible_lines(name).chars().take(LONGEST).map(printable).collect();
    text.split([' ', '\u{3000}']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// No place on a page holds more letters than this.
const LONGEST: usize = 600;

/// A name, or a word for the lack of one.
pub(crate) fn name(name: &str) -> String {
    let text = clean(name);
    if text.is_empty() { "(no name)".to_owned() } else { text }
}

/// A name, or as much of its two ends as fits: names of services differ at the end as often as at the start.
pub(crate) fn fit(text: &str, room: f64, face: Face) -> String {
    shorten(text, room, face, |kept| kept.div_ceil(2))
}

/// A sentence, or as much of its start as fits.
pub(crate) fn fit_start(text: &str, room: f64, face: Face) -> String {
    shorten(text, room, face, |kept| kept)
}

/// As many letters as fit, `head` of them from the start and the others from the end.
fn shorten(text: &str, room: f64, face: Face, head: impl Fn(usize) -> usize) -> String {
    let text = clean(text);
    if width(&text, face) <= room {
        return text;
    }
    let letters: Vec<char> = text.chars().collect();
    let shortened = |kept: usize| {
        let head = head(kept);
        let start: String = letters[..head].iter().collect();
        let end: String = letters[letters.len() - (kept - head)..].iter().collect();
        format!("{}…{}", start.trim_end(), end.trim_start())
    };
    // The width grows with the letters kept: the largest number that fits, by bisection.
    let (mut fits, mut over) = (0, letters.len());
    while fits + 1 < over {
        let kept = usize::midpoint(fits, over);
        if width(&shortened(kept), face) <= room { fits = kept } else { over = kept }
    }
    if fits == 0 { String::new() } else { shortened(fits) }
}

/// A name on at most `lines` lines, broken after spaces and joining marks.
pub(crate) fn wrap(text: &str, room: f64, face: Face, lines: usize) -> Vec<String> {
    wrap_with(text, room, face, lines, fit)
}

/// A sentence on at most `lines` lines.
pub(crate) fn wrap_start(text: &str, room: f64, face: Face, lines: usize) -> Vec<String> {
    wrap_with(text, room, face, lines, fit_start)
}

fn wrap_with(
    text: &str,
    room: f64,
    face: Face,
    lines: usize,
    fit_last: impl Fn(&str, f64, Face) -> String,
) -> Vec<String> {
    let text = clean(text);
    let mut wrapped: Vec<String> = Vec::new();
    let mut rest = text.as_str();
    while wrapped.len() + 1 < lines && width(rest, face) > room {
        let Some(end) = last_break(rest, room, face) else { break };
        wrapped.push(rest[..end].trim_end().to_owned());
        rest = rest[end..].trim_start();
    }
    wrapped.push(fit_last(rest, room, face));
    wrapped
}

/// Where the longest first line that fits ends, in bytes.
fn last_break(text: &str, room: f64, face: Face) -> Option<usize> {
    let mut longest = None;
    let mut unbroken = None;
    for (index, letter) in text.char_indices() {
        let end = index + letter.len_utf8();
        if width(text[..end].trim_end(), face) > room {
            break;
        }
        unbroken = Some(end);
        if letter == ' ' || "-_/.,:;|".contains(letter) || !is_embedded(letter) {
            longest = Some(end);
        }
    }
    // A word longer than the line is cut where the line ends.
    longest.or(unbroken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_xml_forbids_and_what_turns_text_around_is_gone() {
        assert_eq!(clean("a\u{0}b\n\tc\u{202e}d\u{ffff}"), "a\\u0000b c\\u202Ed");
        assert_eq!(name(" \n"), "(no name)");
    }

    #[test]
    fn a_fitted_name_keeps_both_ends_and_its_room() {
        load_font().expect("the embedded font is one");
        let long = "checkout-with-a-very-long-name-that-nobody-should-write-eu-west-1";
        let short = fit(long, 120.0, BODY);
        assert!(
            width(&short, BODY) <= 120.0 && short.starts_with("checkout") && short.ends_with("eu-west-1"),
            "{short}"
        );
        assert_eq!(fit("short", 120.0, BODY), "short");
        assert_eq!(fit("short", 0.0, BODY), "");
    }

    #[test]
    fn wrapped_lines_fit_and_lose_nothing_when_there_are_enough() {
        load_font().expect("the embedded font is one");
        let long = "place order, pay and confirm - via the regional endpoint of eu-west-1";
        let lines = wrap(long, 130.0, BODY, 9);
        assert!(lines.len() > 1 && lines.iter().all(|line| width(line, BODY) <= 130.0), "{lines:?}");
        assert_eq!(lines.join(" ").replace(' ', ""), long.replace(' ', ""));
        let word = "x".repeat(5000);
        assert!(wrap(&word, 130.0, BODY, 2).iter().all(|line| width(line, BODY) <= 130.0));
        assert_eq!(wrap("決済と注文の確認", 40.0, BODY, 2).len(), 2);
    }
}
