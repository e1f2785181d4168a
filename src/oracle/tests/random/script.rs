//! What a random history is made of, before anything is answered: moves of one visitor and of those who look for it.

use super::server::{DAY, DELETE_GRACE, FAULTS, Fault, GRACE, IDLE, MINUTE, Temper};
use crate::scenario::{Op, Origin, Which, With};
use proptest::collection::vec;
use proptest::prelude::*;

/// All that decides a history.
#[derive(Debug, Clone)]
pub struct Script {
    pub temper: Temper,
    pub fault: Fault,
    pub target: Told,
    pub clock: Clock,
    pub moves: Vec<Move>,
}

/// What a target's answers tell beside the outcome.
#[derive(Debug, Clone)]
pub struct Told {
    /// Page views, readings and messages are answered with the session's id.
    pub session: [bool; 3],
    /// A load is answered with the conversation.
    pub loaded: bool,
    /// Agents and the store are shown the conversation.
    pub inspected: bool,
    /// The answer's Date is believed.
    pub dated: bool,
}

/// How well the target's time is known.
#[derive(Debug, Clone)]
pub struct Clock {
    /// It stands still between jumps: every interval is one instant.
    pub frozen: bool,
    /// By how much each end of an interval is widened.
    pub unsure: i64,
}

/// When a move is made.
#[derive(Debug, Clone)]
pub enum Wait {
    /// So long after the move before.
    For(i64),
    /// So long after the visitor's last website access.
    AfterAccess(i64),
    /// So long after the end of the cookie that the browser holds; negative for before.
    AfterCookie(i64),
}

/// What becomes of one request of a move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Answered,
    /// It is applied, and the answer gets lost.
    AnswerLost,
    /// There is no answer, and it is applied so much later.
    Late(i64),
    /// There is no answer, and it is never applied.
    NeverDone,
    /// The server fails when it has done it, or before.
    Failed {
        done: bool,
    },
    /// It never left.
    Unsent,
    Throttled,
    Forbidden,
}

#[derive(Debug, Clone)]
pub struct Move {
    pub wait: Wait,
    pub ops: Vec<Op>,
    pub of: Which,
    pub with: With,
    pub from: Origin,
    pub together: bool,
    pub clears: bool,
    pub fate: Fate,
    /// Which of its requests has the fate; the others are answered.
    pub hit: usize,
    /// How long each request is on its way there and back, and for those at once the order of either.
    pub ways: Vec<(i64, i64)>,
}

fn temper() -> impl Strategy<Value = Temper> {
    let lag = || prop_oneof![Just(0), Just(GRACE), 0..=GRACE];
    let flags = || any::<[bool; 6]>();
    (([lag(), lag(), lag()], [lag(), lag()]), 180_i64..=184, flags(), flags(), 0..5_u8).prop_map(
        |((mut lags, delete_lags), days, one, two, carrier)| {
            lags.sort_unstable();
            let delete_lags = delete_lags.map(|lag| lag.min(DELETE_GRACE));
            Temper {
                lags,
                delete_lags,
                term_s: days * 86_400,
                by_expires: one[0],
                keeps_value: one[1],
                carrier_is_session: carrier == 4,
                says_fresh: one[2],
                reading_is_access: one[3],
                greeting_settles: one[4],
                late_is_stored: one[5],
                reload_renews: two[0],
                repeats_cookie: two[1],
                empty_for_nobody: two[2],
                newest_address: two[3],
                keeps_deleted_address: two[4],
                keeps_agents_address: two[5],
            }
        },
    )
}

fn told() -> impl Strategy<Value = Told> {
    any::<[bool; 6]>().prop_map(|flags| Told {
        session: [flags[0], flags[1], flags[2]],
        loaded: flags[3],
        inspected: flags[4],
        dated: flags[5],
    })
}

fn clock() -> impl Strategy<Value = Clock> {
    prop_oneof![
        2 => Just(Clock { frozen: true, unsure: 0 }),
        2 => (0..2_000_i64).prop_map(|unsure| Clock { frozen: false, unsure }),
        1 => (0..40_000_i64).prop_map(|unsure| Clock { frozen: false, unsure }),
    ]
}

fn wait() -> impl Strategy<Value = Wait> {
    let near = || -6_000..6_000_i64;
    prop_oneof![
        4 => Just(Wait::For(0)),
        2 => (0..2 * MINUTE).prop_map(Wait::For),
        3 => (MINUTE..40 * MINUTE).prop_map(Wait::For),
        4 => near().prop_map(|by| Wait::AfterAccess(IDLE + by)),
        4 => near().prop_map(|by| Wait::AfterAccess(IDLE + GRACE + by)),
        1 => (0..GRACE).prop_map(|by| Wait::AfterAccess(IDLE + by)),
        2 => near().prop_map(|by| Wait::For(DELETE_GRACE + by.max(-DELETE_GRACE))),
        2 => (DAY..200 * DAY).prop_map(Wait::For),
        1 => (150 * DAY..180 * DAY).prop_map(Wait::For),
        1 => (1..4 * 366_i64).prop_map(|days| Wait::For(days * DAY)),
        2 => near().prop_map(Wait::AfterCookie),
    ]
}

fn visitors_op() -> impl Strategy<Value = Op> {
    prop_oneof![4 => Just(Op::Load), 3 => Just(Op::Browse), 3 => Just(Op::Send), 4 => Just(Op::Read), 1 => Just(Op::Resend)]
}

fn any_op() -> impl Strategy<Value = Op> {
    prop_oneof![
        10 => visitors_op(),
        3 => Just(Op::StoreInspect),
        3 => Just(Op::AgentInspect),
        1 => Just(Op::AgentSend),
        1 => Just(Op::AgentGreet),
        1 => Just(Op::AgentDelete),
        1 => Just(Op::Restart),
    ]
}

fn fate() -> impl Strategy<Value = Fate> {
    let later = prop_oneof![0..5 * MINUTE, 20 * MINUTE..40 * MINUTE, DAY..30 * DAY, Just(0)];
    prop_oneof![
        30 => Just(Fate::Answered),
        1 => Just(Fate::AnswerLost),
        1 => later.prop_map(Fate::Late),
        1 => Just(Fate::NeverDone),
        1 => any::<bool>().prop_map(|done| Fate::Failed { done }),
        1 => prop_oneof![Just(Fate::Unsent), Just(Fate::Throttled), Just(Fate::Forbidden)],
    ]
}

/// What an ordinary journey's step does, and with less weight every other kind of step.
fn deed() -> impl Strategy<Value = (Vec<Op>, Which, With, bool, bool)> {
    prop_oneof![
        24 => vec(any_op(), 1..4).prop_map(|ops| (ops, Which::Current, With::Own, false, false)),
        2 => vec(prop_oneof![Just(Op::StoreInspect), Just(Op::AgentInspect)], 1..3)
            .prop_flat_map(|ops| (Just(ops), prop_oneof![3 => Just(Which::Previous), 1 => Just(Which::Orphans)]))
            .prop_map(|(ops, of)| (ops, of, With::Own, false, false)),
        2 => (vec(visitors_op(), 1..3), prop_oneof![
                Just(With::Forged), Just(With::Altered), Just(With::Expired), Just(With::Previous)
            ]).prop_map(|(ops, with)| (ops, Which::Current, with, false, false)),
        1 => vec(prop_oneof![Just(Op::Load), Just(Op::Read)], 1..3)
            .prop_map(|ops| (ops, Which::OtherWebsite, With::Own, false, false)),
        2 => prop_oneof![2 => vec(Just(Op::Load), 2..5), 1 => vec(any_op(), 2..4)]
            .prop_map(|ops| (ops, Which::Current, With::Own, true, false)),
        1 => vec(visitors_op(), 0..3).prop_map(|mut ops| {
            ops.insert(0, Op::Load);
            (ops, Which::Current, With::Own, false, true)
        }),
    ]
}

fn a_move() -> impl Strategy<Value = Move> {
    let origin = prop_oneof![12 => Just(Origin::Home), 1 => Just(Origin::Away)];
    let ways = vec((0..2_500_i64, 0..2_500_i64), 5);
    (wait(), deed(), origin, fate(), 0..4_usize, ways).prop_map(
        |(wait, (mut ops, of, with, together, clears), from, fate, hit, ways)| {
            if together {
                ops.retain(|op| !matches!(op, Op::Restart | Op::StoreInspect));
                // A load that overtakes a deletion cannot be told from one that came after it.
                let deletes = ops.contains(&Op::AgentDelete);
                ops.retain(|op| !deletes || *op != Op::Load);
            }
            Move { wait, ops, of, with, from, together, clears, fate, hit, ways }
        },
    )
}

/// A history of a sound server, or of one with a random fault.
pub fn script(faulty: bool) -> impl Strategy<Value = Script> {
    let fault = if faulty { proptest::sample::select(FAULTS.to_vec()).boxed() } else { Just(Fault::None).boxed() };
    (temper(), fault, told(), clock(), any::<bool>(), vec(a_move(), 2..14)).prop_map(
        |(temper, fault, mut target, clock, arrives, mut moves)| {
            if arrives && let Some(first) = moves.first_mut() {
                // Most histories begin as most visits do.
                (first.ops, first.fate, first.of) = (vec![Op::Load, Op::StoreInspect], Fate::Answered, Which::Current);
                (first.with, first.together, first.clears) = (With::Own, false, false);
            }
            if temper.carrier_is_session {
                // Where the carrier tells the session, an answer tells it only where it may set the carrier.
                (target.session[0], target.session[1]) = (false, false);
            }
            Script { temper, fault, target, clock, moves }
        },
    )
}
