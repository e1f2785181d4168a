//! The places that an operation looks at in a JSON body, all of them found in one pass.
//!
//! What no place leads to is checked to be JSON and kept nowhere. What is found is what [`Pointer`] finds in the body
//! as a whole, to the letter: of members of one name the last one counts.

use super::answer::Captured;
use super::pointer::Pointer;
use super::walk::Walk;
use serde::de::DeserializeSeed;
use serde_json::Value;
use std::borrow::Cow;

/// How many texts are looked for at the most.
pub(super) const MOST_TEXTS: usize = 4;

/// The places, as a tree of the pointers' parts.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) texts: [Option<Pointer>; MOST_TEXTS],
    /// Where a value is compared, and with what; `None` for a place that must be empty or not there.
    pub(super) rules: Vec<(Pointer, Option<Value>)>,
    pub(super) nodes: Vec<Node>,
}

/// A place in the body that some pointer leads to or through.
#[derive(Debug, Clone, Default)]
pub(super) struct Node {
    /// How many parts lead to it.
    pub(super) depth: usize,
    /// Whether one of these parts was the `*`.
    pub(super) in_element: bool,
    /// The texts and the rules whose place it is.
    pub(super) here: Places,
    /// Those whose place it is, or which lie deeper.
    pub(super) below: Places,
    /// The next part and where it leads, in an object and in an array.
    pub(super) members: Vec<(Box<str>, usize)>,
    pub(super) elements: Vec<(usize, usize)>,
    pub(super) every_element: Option<usize>,
}

/// Texts and rules by number.
#[derive(Debug, Clone, Default)]
pub(super) struct Places {
    pub(super) texts: Vec<usize>,
    pub(super) rules: Vec<usize>,
}

impl Places {
    fn is_empty(&self) -> bool {
        self.texts.is_empty() && self.rules.is_empty()
    }

    fn push(&mut self, place: Place) {
        match place {
            Place::Text(number) => self.texts.push(number),
            Place::Rule(number) => self.rules.push(number),
        }
    }
}

#[derive(Clone, Copy)]
enum Place {
    Text(usize),
    Rule(usize),
}

/// What was found.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) texts: [Captured<'a>; MOST_TEXTS],
    /// What stands in the array's element that is being read.
    pub(super) elements: [Element<'a>; MOST_TEXTS],
    /// Whether a value is the one that the rule names; `None` where there is no value or `null`.
    pub(super) rules: Vec<Option<bool>>,
}

/// What a pointer's part behind the `*` leads to in one element.
#[derive(Debug, Default, Clone)]
pub(super) enum Element<'a> {
    /// The element has no such place.
    #[default]
    Missing,
    /// Something that is no text.
    Other,
    /// A text.
    Text(Cow<'a, str>),
}

impl Tree {
    pub(super) fn new(texts: [Option<Pointer>; MOST_TEXTS], rules: Vec<(Pointer, Option<Value>)>) -> Self {
        let mut nodes = vec![Node::default()];
        for (number, pointer) in texts.iter().enumerate() {
            if let Some(pointer) = pointer {
                grow(&mut nodes, pointer, Place::Text(number));
            }
        }
        for (number, (pointer, _)) in rules.iter().enumerate() {
            grow(&mut nodes, pointer, Place::Rule(number));
        }
        Self { texts, rules, nodes }
    }

    /// Whether anything is looked for.
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.first().is_none_or(|root| root.below.is_empty())
    }

    /// Finds everything in a body; `None` where it is not JSON.
    pub(super) fn find<'a>(&self, body: &'a [u8]) -> Option<Found<'a>> {
        let mut found = Found { rules: vec![None; self.rules.len()], ..Found::default() };
        let mut deserializer = serde_json::Deserializer::from_slice(body);
        Walk { tree: self, found: &mut found, node: 0 }.deserialize(&mut deserializer).ok()?;
        deserializer.end().ok()?;
        Some(found)
    }

    /// Whether the value that was found fulfils a rule.
    pub(super) fn holds(&self, found: &Found, rule: usize) -> bool {
        let wanted = self.rules.get(rule).and_then(|(_, wanted)| wanted.as_ref());
        found.rules.get(rule).is_some_and(|is_equal| is_equal.unwrap_or(wanted.is_none()))
    }
}

fn grow(nodes: &mut Vec<Node>, pointer: &Pointer, place: Place) {
    let mut at = 0;
    nodes[at].below.push(place);
    for part in pointer.parts_from(0) {
        at = next(nodes, at, part);
        nodes[at].below.push(place);
    }
    nodes[at].here.push(place);
}

/// The node to which a part leads, made where there is none.
fn next(nodes: &mut Vec<Node>, at: usize, part: &str) -> usize {
    let node = &nodes[at];
    let known = match part {
        "*" => node.every_element,
        _ => node.members.iter().find(|(own, _)| **own == *part).map(|(_, next)| *next),
    };
    if let Some(known) = known {
        return known;
    }
    let (next, star) = (nodes.len(), part == "*");
    nodes.push(Node { depth: node.depth + 1, in_element: star || node.in_element, ..Node::default() });
    let node = &mut nodes[at];
    if star {
        node.every_element = Some(next);
    } else {
        node.members.push((part.into(), next));
        node.elements.extend(part.parse().ok().map(|index: usize| (index, next)));
    }
    next
}

impl Node {
    /// Whether an object that stands here must be looked at as a whole: a text is made of it, or it is compared.
    pub(super) fn wants_object(&self) -> bool {
        !self.here.is_empty()
    }

    /// Whether an array must be, for the same reasons or since more than one part leads into an element.
    pub(super) fn wants_array(&self) -> bool {
        let is_doubled =
            |(at, (index, _)): (usize, &(usize, usize))| self.elements[..at].iter().any(|own| own.0 == *index);
        !self.here.is_empty()
            || (!self.elements.is_empty() && self.every_element.is_some())
            || self.elements.iter().enumerate().any(is_doubled)
    }
}
