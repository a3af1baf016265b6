//! Colours that the colour-blind can tell apart, after Okabe and Ito; where eleven are too many for colour alone, a
//! hatch helps.

use plotters::style::RGBColor;

use super::Verdict;

pub(crate) const INK: RGBColor = RGBColor(0x1a, 0x1a, 0x1a);
pub(crate) const SOFT: RGBColor = RGBColor(0x55, 0x55, 0x55);
pub(crate) const AXIS: RGBColor = RGBColor(0x80, 0x80, 0x80);
pub(crate) const GRID: RGBColor = RGBColor(0xe2, 0xe2, 0xe2);
pub(crate) const CONTEXT: RGBColor = RGBColor(0xbb, 0xbb, 0xbb);
pub(crate) const SHELF: RGBColor = RGBColor(0xf4, 0xf4, 0xf4);
pub(crate) const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);

const ORANGE: RGBColor = RGBColor(0xe6, 0x9f, 0x00);
pub(crate) const SKY: RGBColor = RGBColor(0x56, 0xb4, 0xe9);
const GREEN: RGBColor = RGBColor(0x00, 0x9e, 0x73);
const YELLOW: RGBColor = RGBColor(0xf0, 0xe4, 0x42);
pub(crate) const BLUE: RGBColor = RGBColor(0x00, 0x72, 0xb2);
pub(crate) const VERMILION: RGBColor = RGBColor(0xd5, 0x5e, 0x00);
const PURPLE: RGBColor = RGBColor(0xcc, 0x79, 0xa7);
const PALE_GREEN: RGBColor = RGBColor(0x9f, 0xdc, 0xc8);
const DARK: RGBColor = RGBColor(0x30, 0x30, 0x30);
const GREY: RGBColor = RGBColor(0x70, 0x70, 0x70);
const PALE: RGBColor = RGBColor(0xed, 0xed, 0xed);

/// The lines of a distribution; the first is the one that the chart is about.
pub(crate) const LINES: [RGBColor; 7] = [DARK, BLUE, VERMILION, GREEN, ORANGE, SKY, PURPLE];

/// Lines across a fill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hatch {
    None,
    /// `///`
    Rising(RGBColor),
    /// `\\\`
    Falling(RGBColor),
    /// `|||`
    Upright(RGBColor),
}

/// How a cause is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) colour: RGBColor,
    pub(crate) hatch: Hatch,
}

/// The fills of the causes, in their order. Green is hatched: to an eye without green receptors it is like purple, to
/// one without blue receptors like blue.
pub(crate) const CAUSE_FILLS: [Fill; super::CAUSES.len()] = [
    plain(VERMILION),
    plain(ORANGE),
    plain(YELLOW),
    plain(DARK),
    plain(SKY),
    plain(BLUE),
    plain(PURPLE),
    Fill { colour: GREEN, hatch: Hatch::Upright(WHITE) },
    Fill { colour: PALE_GREEN, hatch: Hatch::Rising(GREEN) },
    Fill { colour: GREY, hatch: Hatch::Falling(WHITE) },
    Fill { colour: YELLOW, hatch: Hatch::Falling(AXIS) },
    Fill { colour: PALE, hatch: Hatch::Falling(AXIS) },
];

const fn plain(colour: RGBColor) -> Fill {
    Fill { colour, hatch: Hatch::None }
}

/// Dark and light letters on a fill, a shade beside ink and white: a dark page exchanges those two, and the fill stays.
const ON_LIGHT: RGBColor = RGBColor(0x1b, 0x1b, 0x1b);
const ON_DARK: RGBColor = RGBColor(0xfe, 0xfe, 0xfe);

/// Ink that can be read on a fill.
pub(crate) fn ink_on(colour: RGBColor) -> RGBColor {
    let RGBColor(red, green, blue) = colour;
    let light = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    if light > 125.0 { ON_LIGHT } else { ON_DARK }
}

/// The colour of a verdict; its word always stands beside it.
pub(crate) const fn verdict(verdict: Verdict) -> RGBColor {
    match verdict {
        Verdict::Met => RGBColor(0x00, 0x7a, 0x59),
        Verdict::Missed => RGBColor(0xb8, 0x4a, 0x00),
        Verdict::Undecided | Verdict::NotJudged => RGBColor(0x6b, 0x4c, 0x9a),
    }
}
