//! Texts of a server's, made fit for a terminal.

use std::borrow::Cow;

/// A text on one line in which nothing is a control character, begins an escape sequence, or turns the direction of
/// writing: these are spelled out.
pub fn plain(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unfit) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_unfit(letter) {
            out.extend(letter.escape_default());
        } else {
            out.push(letter);
        }
    }
    Cow::Owned(out)
}

/// Control characters, line ends among them, and what Unicode has to turn the direction of writing or to hide.
fn is_unfit(letter: char) -> bool {
    let turns =
        matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    letter.is_control() || turns
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left_in_a_text() {
        let said = plain("\u{1b}]0;title\u{7}a\r\nb\u{9b}31m\u{202e}c\0é§");
        assert_eq!(said, r"\u{1b}]0;title\u{7}a\r\nb\u{9b}31m\u{202e}c\u{0}é§");
        assert!(matches!(plain("as it is, é§"), Cow::Borrowed(_)));
    }
}
