//! The hot paths of a run, each with an input that is made up without chance, so that two builds do the same work.
//! `micro` times them, and `instructions` counts what they execute.

use loiter::history::{Codec, Decoded, Exchange, Identity, Known, Outcome, Said, Visitors};
use loiter::instant::{Instant, Interval, Length};
use loiter::oracle::{Capabilities, ClauseVerdict, Fate, Frame, Model, Oracle, Rules, Status, judge_all};
use loiter::plan::{Plan, Profile};
use loiter::policy::{self, BUILT_IN_NAME};
use loiter::scenario::{self, Op};
use loiter::target::{Answer, REFERENCE, Target, Variables, build};
use loiter::timeline::Queue;
use loiter::visitor::browser::{Browser, CarrierRules};
use std::path::Path;
use std::sync::Arc;

/// Where these runs' time starts.
pub const T0: Instant = Instant(1_800_000_000_000);

/// What an answer sets.
pub const SET_COOKIE: &[u8] =
    b"chatbox=0123456789abcdef0123456789abcdef; Max-Age=15768000; Path=/; HttpOnly; SameSite=Lax";

/// Exchanges of one visitor's visits.
pub const EXCHANGES: u32 = 10;

/// A number that looks drawn (splitmix64).
pub fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// A queue in which so many visitors wait over 13 months.
pub fn waiting<const BITS: u32>(visitors: u32) -> Queue<BITS> {
    let mut queue = Queue::with_capacity(visitors as usize);
    for visitor in 0..visitors {
        queue.insert(visitor, u32::try_from(scattered(visitor.into()) % 34_000_000).expect("13 months fit"));
    }
    queue
}

/// Takes everyone out in the order of time, and gives how many there were.
pub fn walk<const BITS: u32>(queue: &mut Queue<BITS>) -> u32 {
    (0..).take_while(|_| queue.pop(u32::MAX).is_some()).count() as u32
}

/// The carrier at the reference server.
pub fn carrier() -> CarrierRules {
    CarrierRules::new("chatbox", &"http://127.0.0.1:8080/".parse().expect("a sound URL"))
}

/// A browser that takes in a cookie.
pub fn receive(rules: &CarrierRules) -> Browser {
    let mut browser = Browser::default();
    let received = browser.receive(rules, &rules.url, SET_COOKIE, T0.0);
    assert!(received.is_some());
    browser
}

/// The target of the bundled reference server.
pub fn target() -> Target {
    build(Path::new("reference.toml"), REFERENCE, None).expect("a sound target file")
}

/// Fills in the body of the request that sends a message.
pub fn render(target: &Target) -> usize {
    let variables = Variables {
        website: "site-a",
        page: "/",
        text: "~1f2e3d4c.0.17.2~ hello, can you help me with my order?",
        message_id: "1f2e3d4c-17-2",
        session: "0123456789abcdef0123456789abcdef",
        address: "11.0.0.7",
        ..Variables::default()
    };
    let request = &target.operations[&Op::Send].request;
    let path = request.path.render(&variables).expect("every name has a value");
    let body = request.body.as_ref().map(|body| body.render(&variables).expect("every name has a value"));
    path.len() + body.map_or(0, |body| body.len())
}

/// An answer to a load with a JSON body of 300 bytes.
pub fn answer() -> Answer {
    let text = r#"{"session":"0123456789abcdef0123456789abcdef","fresh":true,"messages":[],"padding":""}"#;
    let padded = text.replace("\"\"", &format!("\"{}\"", "x".repeat(300 - text.len())));
    Answer { status: 200, body: padded.into(), ..Answer::default() }
}

/// What the target file says of that answer: its outcome, and how many of its captures found something.
pub fn capture(target: &Target, answer: &Answer) -> (Outcome, usize) {
    let taken = target.operations[&Op::Load].reader.read(answer);
    let found = [&taken.session, &taken.messages, &taken.fresh];
    (taken.outcome, found.into_iter().filter(|taken| taken.is_some()).count())
}

/// An oracle for every clause of the built-in policy, of a target with the visitor's view alone.
pub fn oracle() -> Oracle {
    let policy = policy::load(Path::new(BUILT_IN_NAME)).expect("the built-in policy is sound");
    let can = Capabilities {
        browse: true,
        send: true,
        read: true,
        messages: true,
        told_address: true,
        timers_follow: true,
        ..Capabilities::default()
    };
    let rules = Rules {
        terms: policy.terms(Length::seconds(2), None),
        tolerance: policy.cookie_tolerance(),
        can,
        horizon: Length::days(400),
        policy: policy.into(),
    };
    Oracle::new(rules, &[])
}

/// One visitor's visits: it loads the chatbox, chats, views pages, and comes back after a day.
pub fn visits(visitor: u32) -> Vec<Exchange> {
    const DAY: i64 = 86_400;
    let steps = [
        (Op::Load, 0),
        (Op::Send, 0),
        (Op::Read, 0),
        (Op::Browse, 60),
        (Op::Browse, 120),
        (Op::Browse, 180),
        (Op::Send, 240),
        (Op::Read, 240),
        (Op::Load, DAY),
        (Op::Read, DAY),
    ];
    let arrival = i64::try_from(scattered(visitor.into()) % 1_000_000).expect("a million fits");
    let session = format!("{:016x}{:016x}", scattered(visitor.into()), scattered(u64::from(visitor) << 32));
    let mut sent = 0;
    let mut told = Vec::with_capacity(steps.len());
    for (step, (op, second)) in (0_u16..).zip(steps) {
        let at = T0 + Length::seconds(arrival + second);
        sent += u16::from(op == Op::Send);
        told.push(Exchange {
            visitor,
            stop: u32::try_from(arrival + second).expect("it fits"),
            step,
            at: Interval::new(at, at + Length(3)),
            outcome: Outcome::Ok,
            status: 200,
            carried: step > 0,
            session: Some(session.as_str().into()),
            message: (op == Op::Send).then_some(sent),
            said: matches!(op, Op::Read | Op::Load).then(|| (1..=sent).map(Said::Own).collect()),
            cookie: (op == Op::Load).then(|| cookie(&session)),
            ..Exchange::blank(op)
        });
    }
    told
}

fn cookie(value: &str) -> Identity {
    Identity {
        value: value.into(),
        max_age_s: Some(15_768_000),
        expires_s: None,
        date_s: None,
        beside: false,
        attributes: Some("Path=/; HttpOnly; SameSite=Lax".into()),
    }
}

/// Judges the visits of so many visitors, and says what came of it. No clause may fail.
pub fn judge(oracle: &Oracle, all: &[Vec<Exchange>]) -> Vec<ClauseVerdict> {
    let mut tally = oracle.tally();
    for visits in all {
        let mut model = Model::default();
        for exchange in visits {
            oracle.fold(&mut model, exchange, &mut tally);
        }
    }
    let verdicts = judge_all(oracle, &tally, Fate::default());
    let failed = verdicts.iter().find(|verdict| verdict.status == Status::Fail);
    assert!(failed.is_none(), "these visits keep the policy, and {failed:?}");
    verdicts
}

/// What is known of so many visitors after their visits.
pub fn models(oracle: &Oracle, visitors: u32) -> Vec<Model> {
    let mut tally = oracle.tally();
    let known = |visitor| {
        let mut model = Model::default();
        visits(visitor).iter().for_each(|exchange| oracle.fold(&mut model, exchange, &mut tally));
        model
    };
    (0..visitors).map(known).collect()
}

/// The short forms of models, one behind the other.
pub fn freeze(models: &[Model], out: &mut Vec<u8>) {
    out.clear();
    models.iter().for_each(|model| model.freeze(&Frame { t0: T0, ..Frame::default() }, out));
}

/// Makes the models anew, in the place of what was known before, and gives how many there were.
pub fn thaw(mut bytes: &[u8], model: &mut Model) -> u32 {
    let frame = Frame { t0: T0, ..Frame::default() };
    (0..).take_while(|_| !bytes.is_empty() && model.thaw_into(&frame, &mut bytes).is_some()).count() as u32
}

/// What so many visitors' visits come to in a history, in the order of a lane that serves one after the other.
pub fn encode(all: &[Vec<Exchange>]) -> Vec<u8> {
    let mut codec = Codec::new(T0);
    let mut out = Vec::new();
    for visits in all {
        let mut known = Known::default();
        visits.iter().for_each(|exchange| codec.encode(&mut known, exchange, &mut out));
    }
    out
}

/// Reads them back, and gives how many there are.
pub fn decode(lines: &[u8]) -> usize {
    let mut codec = Codec::new(T0);
    let mut visitors = Visitors::default();
    let mut exchange = Exchange::blank(Op::Load);
    let text = std::str::from_utf8(lines).expect("lines are UTF-8");
    let read = text.lines().map(|line| codec.decode(line, |_| true, &mut visitors, &mut exchange));
    read.filter(|read| matches!(read, Ok(Decoded::Exchange))).count()
}

/// The built-in scenario, laid over 13 months for so many visitors.
pub fn plan(visitors: u32) -> Plan {
    let policy = policy::load(Path::new(BUILT_IN_NAME)).expect("the built-in policy is sound");
    let scenario = scenario::parse(Path::new("default.toml"), scenario::BUILT_IN).expect("a sound scenario");
    let profile = Profile {
        clock: "endpoint".into(),
        stops: 2000,
        jumps: true,
        frozen: true,
        restarts: true,
        margin: Length::seconds(2),
        horizon: Length::days(5490),
        declared: None,
    };
    Plan::new(Arc::new(scenario), &policy, profile, T0, 1, visitors).expect("2,000 stops are enough")
}

/// Walks its stops, and gives how many steps are due.
pub fn steps(plan: &Plan) -> usize {
    plan.stops().map(|stop| stop.due.len()).sum()
}
