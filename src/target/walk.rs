//! The pass over a JSON body: where no pointer leads, it only checks.

use super::answer::Captured;
use super::pointer::{find, scalar_text, take};
use super::tree::{Element, Found, MOST_TEXTS, Tree};
use serde::Deserialize;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// Reads the value that stands at a node.
pub(super) struct Walk<'w, 'a> {
    pub(super) tree: &'w Tree,
    pub(super) found: &'w mut Found<'a>,
    pub(super) node: usize,
}

impl<'a> Walk<'_, 'a> {
    fn to(&mut self, node: usize) -> Walk<'_, 'a> {
        Walk { tree: self.tree, found: self.found, node }
    }

    /// Reads the value of a member or an element, and forgets what stood in one of that name before.
    fn step<'w>(&'w mut self, node: usize) -> Walk<'w, 'a> {
        let below = &self.tree.nodes[node];
        for &text in &below.below.texts {
            self.found.elements[text] = Element::Missing;
            if !below.in_element {
                self.found.texts[text] = Captured::Missing;
            }
        }
        for &rule in &below.below.rules {
            self.found.rules[rule] = None;
        }
        self.to(node)
    }

    fn put(&mut self, text: usize, captured: Captured<'a>) {
        if !self.tree.nodes[self.node].in_element {
            self.found.texts[text] = captured;
            return;
        }
        self.found.elements[text] = match captured {
            Captured::Missing => Element::Missing,
            Captured::One(text) => Element::Text(text),
            Captured::Nothing | Captured::Many(_) => Element::Other,
        };
    }

    /// Takes in a string.
    fn string(mut self, text: Cow<'a, str>) {
        let here = &self.tree.nodes[self.node].here;
        here.texts.iter().for_each(|&place| self.put(place, Captured::One(text.clone())));
        for &rule in &here.rules {
            let wanted = &self.tree.rules[rule].1;
            self.found.rules[rule] = Some(wanted.as_ref().and_then(Value::as_str) == Some(&*text));
        }
    }

    /// Takes in a number or a truth value.
    fn scalar(mut self, value: &Value) {
        let here = &self.tree.nodes[self.node].here;
        here.texts.iter().for_each(|&place| self.put(place, Captured::One(scalar_text(value))));
        for &rule in &here.rules {
            self.found.rules[rule] = Some(self.tree.rules[rule].1.as_ref() == Some(value));
        }
    }

    /// Takes in a value as a whole.
    fn whole(mut self, value: &Value) {
        let node = &self.tree.nodes[self.node];
        for &text in &node.below.texts {
            if let Some(pointer) = &self.tree.texts[text] {
                self.put(text, take(pointer.parts_from(node.depth), value).into_owned());
            }
        }
        for &rule in &node.below.rules {
            let (pointer, wanted) = &self.tree.rules[rule];
            let there = find(pointer.parts_from(node.depth), value);
            self.found.rules[rule] = there.map(|there| Some(there) == wanted.as_ref());
        }
    }

    fn every_element<A: SeqAccess<'a>>(mut self, element: usize, mut list: A) -> Result<(), A::Error> {
        let places = &self.tree.nodes[element].below.texts;
        places.iter().for_each(|&text| self.found.texts[text] = Captured::Many(Vec::new()));
        let (mut any, mut is_empty) = ([false; MOST_TEXTS], true);
        while list.next_element_seed(self.step(element))?.is_some() {
            is_empty = false;
            for &text in places {
                let found = std::mem::take(&mut self.found.elements[text]);
                any[text] |= !matches!(found, Element::Missing);
                if let (Element::Text(found), Captured::Many(texts)) = (found, &mut self.found.texts[text]) {
                    texts.push(found);
                }
            }
        }
        for &text in places.iter().filter(|&&text| !is_empty && !any[text]) {
            self.found.texts[text] = Captured::Missing;
        }
        Ok(())
    }

    fn some_elements<A: SeqAccess<'a>>(mut self, mut list: A) -> Result<(), A::Error> {
        let node = &self.tree.nodes[self.node];
        for index in 0.. {
            let next = node.elements.iter().find(|(own, _)| *own == index).map(|(_, next)| *next);
            let read = match next {
                Some(next) => list.next_element_seed(self.step(next))?,
                None => list.next_element_seed(Skip)?,
            };
            if read.is_none() {
                break;
            }
        }
        Ok(())
    }
}

impl<'a> DeserializeSeed<'a> for Walk<'_, 'a> {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("any value")
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<(), E> {
        self.scalar(&value.into());
        Ok(())
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<(), E> {
        self.scalar(&value.into());
        Ok(())
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<(), E> {
        self.scalar(&value.into());
        Ok(())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<(), E> {
        self.scalar(&value.into());
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'a str) -> Result<(), E> {
        self.string(Cow::Borrowed(text));
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        if !self.tree.nodes[self.node].here.texts.is_empty() {
            self.string(Cow::Owned(text.to_owned()));
        } else if !self.tree.nodes[self.node].here.rules.is_empty() {
            self.scalar(&text.into());
        }
        Ok(())
    }

    fn visit_unit<E: Error>(mut self) -> Result<(), E> {
        let below = &self.tree.nodes[self.node].below.texts;
        below.iter().for_each(|&text| self.put(text, Captured::Nothing));
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        let node = &self.tree.nodes[self.node];
        if node.wants_array() {
            let value = Value::deserialize(SeqAccessDeserializer::new(list))?;
            self.whole(&value);
            return Ok(());
        }
        match node.every_element {
            Some(element) => self.every_element(element, list),
            None if !node.elements.is_empty() => self.some_elements(list),
            None => {
                while list.next_element_seed(Skip)?.is_some() {}
                Ok(())
            }
        }
    }

    fn visit_map<A: MapAccess<'a>>(mut self, mut map: A) -> Result<(), A::Error> {
        let node = &self.tree.nodes[self.node];
        if node.wants_object() {
            let value = Value::deserialize(MapAccessDeserializer::new(map))?;
            self.whole(&value);
            return Ok(());
        }
        while let Some(next) = map.next_key_seed(Key(&node.members))? {
            match next {
                Some(next) => map.next_value_seed(self.step(next))?,
                None => map.next_value_seed(Skip)?,
            }
        }
        Ok(())
    }
}

/// Reads a member's name, and gives the node to which it leads.
struct Key<'w>(&'w [(Box<str>, usize)]);

impl<'a> DeserializeSeed<'a> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<Option<usize>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("a member's name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<usize>, E> {
        Ok(self.0.iter().find(|(own, _)| **own == *name).map(|(_, next)| *next))
    }
}

/// Reads a value of which nothing is kept. It refuses what a [`Value`] refuses, such as a number without end or a text
/// that is not UTF-8; what serde ignores it does not look at so closely.
struct Skip;

impl<'a> DeserializeSeed<'a> for Skip {
    type Value = ();

    fn deserialize<D: Deserializer<'a>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'a> Visitor<'a> for Skip {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter) -> fmt::Result {
        out.write_str("any value")
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'a>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<(), A::Error> {
        while map.next_key_seed(Self)?.is_some() {
            map.next_value_seed(Self)?;
        }
        Ok(())
    }
}
