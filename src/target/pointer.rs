//! JSON pointers, with `*` for every element of an array.

use super::answer::Captured;
use serde_json::Value;
use std::borrow::Cow;

/// A pointer's parts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pointer(Vec<String>);

/// What stands where a pointer leads.
enum Place<'a> {
    /// The path breaks off: a member or an element that it names is not there.
    Missing,
    /// `null`, there or on the way.
    Null,
    /// A value.
    At(&'a Value),
}

impl Pointer {
    /// Reads a pointer, with one `*` at the most.
    ///
    /// # Errors
    /// What is wrong with it, in a lower-case fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Ok(Self(Vec::new()));
        }
        let rest = text.strip_prefix('/').ok_or_else(|| format!("`{text}` is no JSON pointer; it begins with `/`"))?;
        let parts: Vec<String> = rest.split('/').map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
        if parts.iter().filter(|part| *part == "*").count() > 1 {
            return Err(format!("`{text}` has more than one `*`; lists within lists cannot be captured"));
        }
        Ok(Self(parts))
    }

    /// Reads a pointer to one place, without `*`.
    ///
    /// # Errors
    /// What is wrong with it, in a lower-case fragment.
    pub fn parse_plain(text: &str) -> Result<Self, String> {
        let pointer = Self::parse(text)?;
        if pointer.star().is_some() {
            return Err(format!("`{text}` has a `*`, and must point to one place"));
        }
        Ok(pointer)
    }

    fn star(&self) -> Option<usize> {
        star(&self.0)
    }

    /// Its parts but for the first few.
    pub(super) fn parts_from(&self, depth: usize) -> &[String] {
        self.0.get(depth..).unwrap_or_default()
    }

    /// The texts that it points to.
    pub fn take<'a>(&self, json: &'a Value) -> Captured<'a> {
        take(&self.0, json)
    }
}

fn star(parts: &[String]) -> Option<usize> {
    parts.iter().position(|part| part == "*")
}

/// The value to which a pointer's parts lead; `None` where there is nothing or `null`.
pub(super) fn find<'a>(parts: &[String], json: &'a Value) -> Option<&'a Value> {
    match follow(json, parts) {
        Place::At(value) => Some(value),
        Place::Missing | Place::Null => None,
    }
}

/// The texts to which a pointer's parts lead.
pub(super) fn take<'a>(parts: &[String], json: &'a Value) -> Captured<'a> {
    let Some(star) = star(parts) else {
        return match follow(json, parts) {
            Place::Missing => Captured::Missing,
            Place::Null => Captured::Nothing,
            Place::At(value) => as_text(value),
        };
    };
    match follow(json, &parts[..star]) {
        Place::At(Value::Array(elements)) => of_each(elements, &parts[star + 1..]),
        Place::Null => Captured::Nothing,
        Place::At(_) | Place::Missing => Captured::Missing,
    }
}

fn follow<'a>(json: &'a Value, parts: &[String]) -> Place<'a> {
    let mut value = json;
    for part in parts {
        let next = match value {
            Value::Null => return Place::Null,
            Value::Object(map) => map.get(part),
            Value::Array(list) => part.parse::<usize>().ok().and_then(|index| list.get(index)),
            _ => None,
        };
        match next {
            Some(found) => value = found,
            None => return Place::Missing,
        }
    }
    if value.is_null() { Place::Null } else { Place::At(value) }
}

/// What stands there in every element; missing where no element has it.
fn of_each<'a>(elements: &'a [Value], parts: &[String]) -> Captured<'a> {
    let mut texts = Vec::new();
    let mut any = elements.is_empty();
    for element in elements {
        match follow(element, parts) {
            Place::Missing => continue,
            Place::Null => {}
            Place::At(value) => {
                if let Captured::One(text) = as_text(value) {
                    texts.push(text);
                }
            }
        }
        any = true;
    }
    if any { Captured::Many(texts) } else { Captured::Missing }
}

fn as_text(value: &Value) -> Captured<'_> {
    match value {
        Value::Null => Captured::Nothing,
        Value::String(text) => Captured::One(text.into()),
        Value::Array(list) => Captured::Many(
            list.iter()
                .filter_map(|value| match as_text(value) {
                    Captured::One(text) => Some(text),
                    _ => None,
                })
                .collect(),
        ),
        other => Captured::One(scalar_text(other)),
    }
}

/// A number or a truth value as a text, and an object as JSON.
pub(super) fn scalar_text(value: &Value) -> Cow<'static, str> {
    match value {
        Value::Bool(true) => "true".into(),
        Value::Bool(false) => "false".into(),
        other => other.to_string().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn taken<'a>(pointer: &str, json: &'a Value) -> Captured<'a> {
        Pointer::parse(pointer).unwrap().take(json)
    }

    #[test]
    fn an_empty_place_is_told_from_a_place_that_does_not_exist() {
        let many = |texts: &[&str]| Captured::Many(texts.iter().map(|text| (*text).to_owned().into()).collect());
        let list = "/messages/*/text";
        for (json, pointer, expected) in [
            (json!({ "messages": [{ "text": "a" }, { "text": "b" }] }), list, many(&["a", "b"])),
            (json!({ "messages": [] }), list, many(&[])),
            (json!({ "messages": null }), list, Captured::Nothing),
            (json!({ "messages": [{ "picture": 1 }, { "text": "b" }] }), list, many(&["b"])),
            (json!({ "messages": [{ "words": "a" }] }), list, Captured::Missing),
            (json!({ "messages": {} }), list, Captured::Missing),
            (json!({}), list, Captured::Missing),
            (json!({ "ip": null }), "/ip", Captured::Nothing),
            (json!({ "visitor": null }), "/visitor/ip", Captured::Nothing),
            (json!({ "visitor": {} }), "/visitor/ip", Captured::Missing),
            (json!({ "a/b": [7] }), "/a~1b/0", Captured::One("7".into())),
            (json!(["a"]), "", many(&["a"])),
        ] {
            assert_eq!(taken(pointer, &json), expected, "{pointer} in {json}");
        }
    }

    #[test]
    fn a_pointer_begins_with_a_slash_and_has_one_star_at_the_most() {
        assert!(Pointer::parse("session").unwrap_err().contains("begins with `/`"));
        assert!(Pointer::parse("/a/*/b/*/c").unwrap_err().contains("more than one `*`"));
        assert!(Pointer::parse_plain("/a/*").unwrap_err().contains("one place"));
    }
}
