//! Zones by their letters.

/// The number of a zone by its letter, `a` or `us-east-1a`.
pub fn zone_of(text: &str, region: Option<&str>) -> Option<usize> {
    let letter = region.and_then(|region| text.strip_prefix(region)).unwrap_or(text);
    if let &[letter @ b'a'..=b'f'] = letter.as_bytes() { Some(usize::from(letter - b'a')) } else { None }
}

/// The letter of a zone.
pub const fn zone_letter(zone: usize) -> char {
    (b'a' + if zone < 26 { zone as u8 } else { 25 }) as char
}
