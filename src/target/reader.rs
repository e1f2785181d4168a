//! What an operation's answer shows: its outcome and what is captured of it, with the body read once.

use super::answer::{Answer, Capture, Captured};
use super::outcome::OutcomeMap;
use super::pointer::Pointer;
use super::tree::{MOST_TEXTS, Tree};
use crate::history::Outcome;
use std::collections::BTreeMap;

/// What an operation can capture.
pub(super) const CAPTURES: [&str; MOST_TEXTS] = ["session", "messages", "address", "fresh"];

/// Reads the answers to an operation.
#[derive(Debug, Clone)]
pub struct Reader {
    /// By their places in [`CAPTURES`].
    captures: [Option<Capture>; MOST_TEXTS],
    outcomes: OutcomeMap,
    tree: Tree,
}

/// What an answer shows. A capture that the target file does not declare is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken<'a> {
    /// How it ended.
    pub outcome: Outcome,
    /// The body should be JSON, and is not.
    pub is_garbled: bool,
    /// The session's id.
    pub session: Option<Captured<'a>>,
    /// The conversation.
    pub messages: Option<Captured<'a>>,
    /// The visitor's address.
    pub address: Option<Captured<'a>>,
    /// Whether the session was made for this request.
    pub fresh: Option<Captured<'a>>,
}

impl Reader {
    /// The reader of an operation with these captures, of which only those that an operation can have are looked at.
    pub fn new(captures: &BTreeMap<String, Capture>, outcomes: OutcomeMap) -> Self {
        let captures = CAPTURES.map(|name| captures.get(name).cloned());
        let pointer = |capture: &Option<Capture>| match capture {
            Some(Capture::Json(pointer)) => Some(pointer.clone()),
            _ => None,
        };
        let pointers: [Option<Pointer>; MOST_TEXTS] = std::array::from_fn(|place| pointer(&captures[place]));
        Self { tree: Tree::new(pointers, outcomes.rules()), captures, outcomes }
    }

    /// Whether the session's id is the value of this cookie.
    pub fn takes_session_from_cookie(&self, name: &str) -> bool {
        self.captures[0].as_ref().is_some_and(|capture| capture.is_cookie(name))
    }

    /// What an answer shows. Of one that cannot be a success nothing is captured.
    pub fn read<'a>(&self, answer: &'a Answer) -> Taken<'a> {
        let nothing = [const { None }; MOST_TEXTS];
        if self.outcomes.is_failure(answer.status) {
            return taken(self.outcomes.of(answer.status, |_| false), false, nothing);
        }
        let wants_json = !self.tree.is_empty();
        let mut found = wants_json.then(|| self.tree.find(&answer.body)).flatten();
        let holds = |rule: usize| found.as_ref().is_some_and(|found| self.tree.holds(found, rule));
        let outcome = self.outcomes.of(answer.status, holds);
        if outcome != Outcome::Ok {
            return taken(outcome, false, nothing);
        }
        let is_garbled = wants_json && found.is_none();
        let mut captured = nothing;
        for (place, capture) in self.captures.iter().enumerate() {
            captured[place] = capture.as_ref().map(|capture| match (capture, &mut found) {
                (Capture::Json(_), Some(found)) => std::mem::take(&mut found.texts[place]),
                (capture, _) if CAPTURES[place] == "messages" => capture.take_all(answer, None),
                (capture, _) => capture.take(answer, None),
            });
        }
        taken(outcome, is_garbled, captured)
    }
}

fn taken(outcome: Outcome, is_garbled: bool, captured: [Option<Captured<'_>>; MOST_TEXTS]) -> Taken<'_> {
    let [session, messages, address, fresh] = captured;
    Taken { outcome, is_garbled, session, messages, address, fresh }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::target::{CaptureSpec, Fields};
    use proptest::prelude::*;
    use serde_json::Value;

    /// The answer's parts as its body as a whole shows them.
    fn slowly<'a>(
        captures: &BTreeMap<String, Capture>,
        rules: &[(Pointer, Option<Value>)],
        json: Option<&'a Value>,
        answer: &'a Answer,
    ) -> (Vec<bool>, Vec<Option<Captured<'a>>>) {
        let holds = |(pointer, wanted): &(Pointer, Option<Value>)| {
            json.is_some_and(|json| super::super::pointer::find(pointer.parts_from(0), json) == wanted.as_ref())
        };
        let take = |name: &str| captures.get(name).map(|capture| capture.take_all(answer, json));
        (rules.iter().map(holds).collect(), CAPTURES.iter().map(|name| take(name)).collect())
    }

    /// JSON and what is nearly JSON, of few names so that pointers often meet something.
    fn bodies() -> impl Strategy<Value = String> {
        let leaf = prop_oneof![
            6 => Just("null"), 3 => Just("true"), 3 => Just("false"), 3 => Just("\"a\""), 3 => Just("\"text b\""),
            3 => Just("7"), 2 => Just("-0"), 2 => Just("1.50"), 2 => Just("1e3"), 2 => Just("18446744073709551616"),
            3 => Just("\"\\u00e9\\n\""), 2 => Just("\"\\ud83d\\ude00\""), 2 => Just("-9223372036854775808"),
            2 => Just("[]"), 2 => Just("{}"),
            1 => Just("1e999"), 1 => Just("\"\\ud83d\""), 1 => Just("01"), 1 => Just("nul"), 1 => Just("\"\t\""),
        ];
        leaf.prop_map(str::to_owned).prop_recursive(5, 48, 5, |inner| {
            let name = prop::sample::select(vec!["a", "b", "0", "1", "*", "c\\u0061", "\\u0061"]);
            let member = (name, inner.clone()).prop_map(|(name, value)| format!("\"{name}\": {value}"));
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(|list| format!("[{}]", list.join(","))),
                prop::collection::vec(member, 0..6).prop_map(|list| format!("{{{}}}", list.join(" , "))),
            ]
        })
    }

    fn pointers() -> impl Strategy<Value = String> {
        let part = prop::sample::select(vec!["a", "b", "0", "1", "00", "+1", "*", "ca", ""]);
        prop::collection::vec(part, 0..4).prop_map(|parts| {
            let mut stars = 0;
            let once = |part: &&str| *part != "*" || std::mem::replace(&mut stars, 1) == 0;
            parts.into_iter().filter(once).map(|part| format!("/{part}")).collect()
        })
    }

    /// A value that a rule may name, and the pointer of the rule.
    fn rules() -> impl Strategy<Value = Vec<(String, Option<Value>)>> {
        let wanted = prop::sample::select(vec![
            "null",
            "true",
            "\"a\"",
            "\"\u{e9}\\n\"",
            "7",
            "1.5",
            "-0",
            "[]",
            "{}",
            "[null]",
            "{\"a\":7}",
        ]);
        let wanted = wanted.prop_map(|text| serde_json::from_str::<Value>(text).unwrap());
        prop::collection::vec((pointers(), prop::option::weighted(0.8, wanted)), 0..3)
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 8192, source_file: Some(file!()), ..ProptestConfig::default() })]

        #[test]
        fn one_pass_finds_what_the_body_as_a_whole_holds(
            body in bodies(),
            ending in prop::sample::select(vec!["", "", "", "", " \n", "x", "}"]),
            pointers in prop::collection::vec(prop::option::weighted(0.8, pointers()), MOST_TEXTS),
            rules in rules(),
        ) {
            let answer = Answer { status: 200, headers: Fields::default(), body: (body + ending).into() };
            let json: Option<Value> = serde_json::from_slice(&answer.body).ok();
            let named = CAPTURES.iter().zip(&pointers).filter_map(|(name, pointer)| {
                let spec = CaptureSpec::Json(pointer.clone()?);
                Some(((*name).to_owned(), Capture::compile(&spec).unwrap()))
            });
            let captures: BTreeMap<String, Capture> = named.collect();
            let rules: Vec<_> = rules
                .into_iter()
                .filter_map(|(pointer, wanted)| Some((Pointer::parse_plain(&pointer).ok()?, wanted)))
                .collect();
            let outcomes = OutcomeMap::new(&BTreeMap::new(), Vec::new());
            let reader = Reader { tree: Tree::new(Reader::new(&captures, outcomes).tree.texts, rules.clone()),
                ..Reader::new(&captures, OutcomeMap::new(&BTreeMap::new(), Vec::new())) };
            let (holds, shown) = slowly(&captures, &rules, json.as_ref(), &answer);
            if !reader.tree.is_empty() {
                let found = reader.tree.find(&answer.body);
                prop_assert_eq!(found.is_some(), json.is_some());
                for (rule, holds) in holds.iter().enumerate() {
                    let held = found.as_ref().is_some_and(|found| reader.tree.holds(found, rule));
                    prop_assert_eq!(held, *holds, "rule {}", rule);
                }
            }
            let taken = reader.read(&answer);
            prop_assert_eq!(taken.is_garbled, json.is_none() && !reader.tree.is_empty());
            prop_assert_eq!(vec![taken.session, taken.messages, taken.address, taken.fresh], shown);
        }
    }

    #[test]
    fn a_body_is_refused_as_a_whole_where_it_is_refused_in_any_part() {
        let capture = Capture::compile(&CaptureSpec::Json("/session".into())).unwrap();
        let captures = BTreeMap::from([("session".to_owned(), capture)]);
        let reader = Reader::new(&captures, OutcomeMap::new(&BTreeMap::new(), Vec::new()));
        let read = |body: &[u8]| {
            let answer = Answer { status: 200, headers: Fields::default(), body: body.to_vec() };
            let is_garbled = reader.read(&answer).is_garbled;
            assert_eq!(is_garbled, serde_json::from_slice::<Value>(body).is_err(), "{body:?}");
            is_garbled
        };
        let deep = format!("{{\"session\":\"s\",\"x\":{}{}}}", "[".repeat(200), "]".repeat(200));
        for body in
            [&b"{\"session\":\"s\",\"x\":1e999}"[..], b"{\"session\":\"s\",\"x\":\"\xff\"}", deep.as_bytes(), b""]
        {
            assert!(read(body), "{body:?}");
        }
        assert!(!read(b"{\"session\":\"s\",\"x\":[1,{}]}"));
    }
}
