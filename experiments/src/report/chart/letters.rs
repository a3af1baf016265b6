//! Letters that the embedded font lacks: an SVG leaves them to the reader's fonts, a PNG takes them from a font of the
//! machine that draws it, and spells them as `U+6C7A` where none has them. Such a PNG says that its bytes depend on the
//! machine.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use fontdb::{Database, Source, Style, Weight};
use ttf_parser::Face;

use super::text::{BOLD, REGULAR};
use super::{Bands, Chart, Fit, Front, HeatMap, Ledger, Price, SettingAxis, SettingLines, SettingRanges, Tornado};

/// The note of a PNG with such letters.
pub(crate) const NOTE: &str = "letters of this machine's fonts: another machine may draw other bytes";

/// The letters of a document that the embedded font lacks. Its tags are plain.
pub(crate) fn unknown(svg: &str) -> BTreeSet<char> {
    static EMBEDDED: OnceLock<Option<Face<'static>>> = OnceLock::new();
    let face = EMBEDDED.get_or_init(|| Face::parse(REGULAR, 0).ok());
    let embedded = |letter: char| face.as_ref().is_some_and(|face| face.glyph_index(letter).is_some());
    svg.chars().filter(|letter| !letter.is_ascii() && !embedded(*letter)).collect()
}

/// The file of a font, in memory.
type FontFile = Arc<Vec<u8>>;

/// The fonts found so far: for each letter the number of its font among `files`, if there is one.
#[derive(Default)]
struct Found {
    letters: BTreeMap<char, Option<usize>>,
    files: Vec<FontFile>,
}

/// Fonts of this machine that have these letters, as few as it takes, and the letters that none has.
pub(crate) fn fonts_for(letters: &BTreeSet<char>) -> (Vec<FontFile>, BTreeSet<char>) {
    static FOUND: OnceLock<Mutex<Found>> = OnceLock::new();
    let found = FOUND.get_or_init(Mutex::default);
    let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
    let new: BTreeSet<char> = letters.iter().copied().filter(|letter| !found.letters.contains_key(letter)).collect();
    if !new.is_empty() {
        look(new, &mut found);
    }
    let of = |letter: &char| found.letters.get(letter).copied().flatten();
    let needed: BTreeSet<usize> = letters.iter().filter_map(of).collect();
    let missing = letters.iter().copied().filter(|letter| of(letter).is_none()).collect();
    (needed.into_iter().map(|index| Arc::clone(&found.files[index])).collect(), missing)
}

/// Looks through the fonts of the system, upright and of usual weight first, until all letters are found.
fn look(mut open: BTreeSet<char>, found: &mut Found) {
    let mut system = Database::new();
    system.load_system_fonts();
    let mut faces: Vec<_> = system.faces().collect();
    let usual = |style: Style, weight: Weight| style == Style::Normal && weight == Weight::NORMAL;
    faces.sort_by_key(|face| (!usual(face.style, face.weight), face.post_script_name.clone(), face.index));
    for face in faces {
        if open.is_empty() {
            break;
        }
        let own = system.with_face_data(face.id, |data, index| {
            let face = Face::parse(data, index).ok()?;
            let has: Vec<char> = open.iter().copied().filter(|letter| face.glyph_index(*letter).is_some()).collect();
            (!has.is_empty()).then(|| (has, Arc::new(data.to_vec())))
        });
        if let Some((has, file)) = own.flatten() {
            found.files.push(file);
            for letter in has {
                open.remove(&letter);
                found.letters.insert(letter, Some(found.files.len() - 1));
            }
        }
    }
    found.letters.extend(open.into_iter().map(|letter| (letter, None)));
}

/// The embedded font and these.
pub(crate) fn database(files: Vec<FontFile>) -> Database {
    let mut fonts = Database::new();
    fonts.load_font_data(REGULAR.to_vec());
    fonts.load_font_data(BOLD.to_vec());
    fonts.set_sans_serif_family("DejaVu Sans Condensed");
    for file in files {
        fonts.load_font_source(Source::Binary(file));
    }
    fonts
}

/// A text in which these letters are spelled.
pub(crate) fn spelled(text: &str, missing: &BTreeSet<char>) -> String {
    let mut spelled = String::with_capacity(text.len());
    let mut before = false;
    for letter in text.chars() {
        let code = missing.contains(&letter).then(|| format!("U+{:04X}", u32::from(letter)));
        // Codes beside one another are apart.
        if before && code.is_some() {
            spelled.push(' ');
        }
        before = code.is_some();
        match code {
            Some(code) => spelled.push_str(&code),
            None => spelled.push(letter),
        }
    }
    spelled
}

impl Chart {
    /// The same chart with every text passed through `write`, and a remark in its footer.
    pub(crate) fn written(&self, note: &str, write: &dyn Fn(&str) -> String) -> Self {
        let mut chart = self.clone();
        let change = |text: &mut String| *text = write(text);
        let about = match &mut chart {
            Self::Distribution(chart) => {
                for series in &mut chart.series {
                    change(&mut series.name);
                }
                &mut chart.about
            }
            Self::WhereTheTimeWent(chart) => {
                for row in &mut chart.journeys {
                    change(&mut row.name);
                }
                &mut chart.about
            }
            Self::SuccessOverTime(chart) => {
                for panel in &mut chart.panels {
                    change(&mut panel.name);
                }
                for fault in &mut chart.faults {
                    change(&mut fault.name);
                }
                for milestone in &mut chart.milestones {
                    change(&mut milestone.name);
                }
                &mut chart.about
            }
            Self::SettingLines(SettingLines { about, axis, series, .. }) => {
                for one in series {
                    change(&mut one.name);
                }
                of_axis(axis, &change);
                about
            }
            Self::HeatMap(HeatMap { about, figure, across, up, .. }) => {
                change(figure);
                of_axis(across, &change);
                of_axis(up, &change);
                about
            }
            Self::SettingRanges(SettingRanges { about, figure, rows, .. }) => {
                change(figure);
                for row in rows {
                    change(&mut row.name);
                    for value in &mut row.values {
                        change(&mut value.label);
                    }
                }
                about
            }
            Self::Ledger(Ledger { about, rows, .. }) => {
                for row in rows {
                    change(&mut row.name);
                }
                about
            }
            Self::Tornado(Tornado { about, figure, rows, .. }) => {
                change(figure);
                for row in rows {
                    change(&mut row.name);
                }
                about
            }
            Self::Fit(Fit { about, law, observations, .. }) => {
                change(law);
                change(observations);
                about
            }
            Self::Bands(Bands { about, axis, rows, .. }) => {
                change(axis);
                for row in rows {
                    change(&mut row.name);
                }
                about
            }
            Self::Front(Front { about, figure, price, designs, .. }) => {
                change(figure);
                if let Price::Money(currency) = price {
                    change(currency);
                }
                for design in designs {
                    change(&mut design.name);
                }
                about
            }
        };
        change(&mut about.title);
        change(&mut about.experiment);
        about.finding.iter_mut().chain(&mut about.source).for_each(change);
        about.note = Some(note.to_owned());
        chart
    }
}

fn of_axis(axis: &mut SettingAxis, change: &dyn Fn(&mut String)) {
    change(&mut axis.name);
    for setting in &mut axis.settings {
        change(&mut setting.label);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_no_font_has_are_spelled() {
        let missing: BTreeSet<char> = ['決', '済'].into();
        assert_eq!(spelled("pay 決済 now 決", &missing), "pay U+6C7A U+6E08 now U+6C7A");
        assert_eq!(spelled("", &missing), "");
    }

    #[test]
    fn the_embedded_font_has_latin_greek_and_cyrillic() {
        assert!(unknown("<text>Überweisung Ωμέγα Ёж ≤ – …</text>").is_empty());
        assert_eq!(unknown("<text>決済 \u{1f680}</text>"), ['決', '済', '\u{1f680}'].into());
    }

    /// A private letter is in no font; what is found is not looked for again.
    #[test]
    fn what_no_font_has_is_said_to_be_missing() {
        let letters: BTreeSet<char> = ['\u{f0fff}'].into();
        for _ in 0..2 {
            let (files, missing) = fonts_for(&letters);
            assert!(files.is_empty() && missing == letters);
        }
    }
}
