//! What can be told of a query without the store that it is for.

use rusqlite::Connection;

/// The parameters that a query may have.
pub const PARAMETERS: [&str; 2] = [":session", ":address"];

/// What is wrong with a query, as far as its text tells.
pub fn mistake(query: &str) -> Option<String> {
    let words = Words::of(query);
    if let Some(other) = words.parameters.iter().find(|name| !PARAMETERS.contains(&name.as_str())) {
        return Some(format!("the query has the parameter `{other}`; only :session and :address can stand in it"));
    }
    match words.first.as_str() {
        "select" | "with" | "values" => {}
        "" => return Some("the query is empty".into()),
        _ => return Some("the query does not only read; write a SELECT".into()),
    }
    let connection = Connection::open_in_memory().ok()?;
    match connection.prepare(query) {
        Ok(statement) => (!statement.readonly()).then(|| "the query does not only read; write a SELECT".into()),
        // An empty store has none of the tables, and so nothing more can be told.
        Err(error) if error.to_string().contains("no such") => None,
        Err(error) => Some(format!("the query cannot be used: {error}")),
    }
}

/// Whether the store's address stands in a column of its own, as far as the text tells: `address` stands there as a
/// word, and not as the parameter.
pub fn seems_to_show_address(query: &str) -> bool {
    Words::of(query).names.iter().any(|name| name == "address")
}

/// The words of a query, without its texts and comments.
#[derive(Debug, Default)]
struct Words {
    first: String,
    names: Vec<String>,
    parameters: Vec<String>,
}

impl Words {
    fn of(query: &str) -> Self {
        let mut words = Self::default();
        let mut rest = query;
        while let Some(letter) = rest.chars().next() {
            let length = match letter {
                '\'' => quoted(rest, '\''),
                '-' if rest.starts_with("--") => rest.find('\n').unwrap_or(rest.len()),
                '/' if rest.starts_with("/*") => rest.find("*/").map_or(rest.len(), |end| end + 2),
                ':' | '@' | '$' | '?' => 1 + word_length(&rest[1..]),
                _ if is_of_word(letter) => word_length(rest),
                _ => letter.len_utf8(),
            };
            words.take(&rest[..length]);
            rest = &rest[length..];
        }
        words
    }

    fn take(&mut self, word: &str) {
        match word.chars().next() {
            Some(':' | '@' | '$' | '?') => self.parameters.push(word.to_owned()),
            Some(letter) if is_of_word(letter) => {
                let word = word.to_lowercase();
                if self.first.is_empty() {
                    self.first.clone_from(&word);
                }
                self.names.push(word);
            }
            _ => {}
        }
    }
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

fn word_length(text: &str) -> usize {
    text.find(|letter| !is_of_word(letter)).unwrap_or(text.len())
}

/// The length of a quoted text at the beginning; a quote that is doubled begins the next one.
fn quoted(text: &str, quote: char) -> usize {
    text[1..].find(quote).map_or(text.len(), |end| end + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_told_to_be_sound_or_not_without_its_store() {
        for sound in [
            "SELECT ip AS address FROM sessions WHERE id = :session",
            "-- a ?\nWITH s AS (SELECT 'it''s :x' AS y) SELECT 1 FROM t, s WHERE ip = :address /* $1 */",
            "VALUES (1)",
        ] {
            assert_eq!(mistake(sound), None, "{sound}");
        }
        for (wrong, words) in [
            ("DELETE FROM sessions", "only read"),
            (" ", "empty"),
            ("SELEC 1", "only read"),
            ("SELECT FROM WHERE", "cannot be used"),
            ("SELECT 1; SELECT 2", "cannot be used"),
            ("SELECT 1 WHERE 'a' = ?", "`?`"),
            ("SELECT 1 FROM t WHERE id = :id", "`:id`"),
        ] {
            let said = mistake(wrong).unwrap_or_else(|| panic!("{wrong} is wrong"));
            assert!(said.contains(words), "{wrong}: {said}");
        }
    }

    #[test]
    fn a_parameter_is_no_column() {
        assert!(seems_to_show_address("SELECT ip AS address FROM s"));
        assert!(seems_to_show_address("SELECT \"address\" FROM s"));
        for query in ["SELECT id FROM s WHERE ip = :address", "SELECT ip AS ip_address FROM s", "SELECT 'address'"] {
            assert!(!seems_to_show_address(query), "{query}");
        }
    }
}
