//! Names come from the user and may hold invisible characters: marks that turn the direction of a line, letters of no
//! width, control characters. Every report shows such a character as one would write it in TOML, `\u202E`, so that
//! nothing is hidden and no name is lost.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character is invisible, or changes how its neighbours are shown.
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The text with its invisible characters written out.
pub fn visible(text: &str) -> Cow<'_, str> {
    shown(text, |_| false)
}

/// The same for a text of several lines: line ends stay.
pub fn visible_lines(text: &str) -> Cow<'_, str> {
    shown(text, |letter| matches!(letter, '\n' | '\t'))
}

fn shown(text: &str, keep: impl Fn(char) -> bool) -> Cow<'_, str> {
    let hidden = |letter: char| is_hidden(letter) && !keep(letter);
    if !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '\n' if hidden(letter) => shown.push_str("\\n"),
            '\t' if hidden(letter) => shown.push_str("\\t"),
            _ if hidden(letter) => {
                // Writing to a string cannot fail.
                let _ = match u32::from(letter) {
                    code @ 0..=0xffff => write!(shown, "\\u{code:04X}"),
                    code => write!(shown, "\\U{code:08X}"),
                };
            }
            _ => shown.push(letter),
        }
    }
    Cow::Owned(shown)
}

#[cfg(test)]
mod tests {
    use super::{visible, visible_lines};

    #[test]
    fn what_is_hidden_is_shown_and_everything_else_stays() {
        assert_eq!(visible("\u{202e}abc\u{202c}"), "\\u202Eabc\\u202C");
        assert_eq!(visible("a\u{200b}b\u{1b}[31m\u{e0041}"), "a\\u200Bb\\u001B[31m\\U000E0041");
        assert_eq!(visible("Größe 注文 €\u{a0}1"), "Größe 注文 €\u{a0}1");
        assert_eq!((visible("a\nb").as_ref(), visible_lines("a\n\tb").as_ref()), ("a\\nb", "a\n\tb"));
    }
}
