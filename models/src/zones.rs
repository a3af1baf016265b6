//! Zones by their letters.

use sim_settings::form::Text;
use sim_settings::{Key, Section};

/// The number of a zone by its letter, `a` or `us-east-1a`.
pub fn zone_of(text: &str, region: Option<&str>) -> Option<usize> {
    let letter = region.and_then(|region| text.strip_prefix(region)).unwrap_or(text);
    if let &[letter @ b'a'..=b'f'] = letter.as_bytes() { Some(usize::from(letter - b'a')) } else { None }
}

/// The letter of a zone.
pub const fn zone_letter(zone: usize) -> char {
    (b'a' + if zone < 26 { zone as u8 } else { 25 }) as char
}

/// A zone by its letter, `a` or `us-east-1a`; the value of the key called `of` is its region.
pub fn read_zone(section: &mut Section<'_>, key: &Key<Option<Text>>, of: &str, region: Option<&str>) -> Option<usize> {
    let text = section.get(key)?;
    let zone = zone_of(&text, region);
    if zone.is_some() {
        return zone;
    }
    let expected = format!("a zone by its letter, such as \"a\" or \"{}a\"", region.unwrap_or("us-east-1"));
    section.reject_among(&[key.name, of], format!("the text {text:?}"), expected, None);
    None
}
