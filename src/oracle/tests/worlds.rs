//! Requests without an answer: what they may have done is neither believed nor denied.

use super::*;

const OVER: i64 = 31 * MIN + 2;

/// What a conversation that is not whole breaks.
const UNWHOLE: [&str; 2] = ["restore.between-pages", "restore.acknowledged"];

#[test]
fn a_message_without_an_answer_may_be_there_or_not() {
    let doubt = tale().at(0).arrives().sends(1).does(Op::Send, Outcome::Unknown).so(|line| line.message = Some(2));
    for read in [&[1][..], &[1, 2], &[2, 1]] {
        assert_eq!(doubt.clone().at(MIN).reads("s1", read).broken(), Vec::<&str>::new(), "{read:?}");
    }
    assert_eq!(doubt.clone().at(MIN).reads("s1", &[2]).broken(), UNWHOLE, "the certain one is gone");
    assert_eq!(doubt.at(MIN).reads("s1", &[1, 2, 2]).broken(), UNWHOLE, "it was sent once");
}

#[test]
fn a_reading_that_shows_it_settles_the_doubt() {
    let doubt = tale().at(0).arrives().sends(1).does(Op::Send, Outcome::Unknown).so(|line| line.message = Some(2));
    let settled = doubt.at(MIN).reads("s1", &[1, 2]).at(2 * MIN);
    assert_eq!(settled.clone().reads("s1", &[1]).broken(), UNWHOLE);
    assert_eq!(settled.reads("s1", &[1, 2]).broken(), Vec::<&str>::new());
}

#[test]
fn a_session_is_neither_temporary_nor_permanent_by_a_message_that_may_have_been_stored() {
    for outcome in [Outcome::Unknown, Outcome::Error] {
        let doubt = tale().at(0).arrives().seen_by(Op::StoreInspect).does(Op::Send, outcome);
        let doubt = doubt.so(|line| line.message = Some(1)).at(OVER);
        assert_eq!(doubt.clone().missed_by(Op::StoreInspect).broken(), Vec::<&str>::new());
        assert_eq!(doubt.seen_by(Op::StoreInspect).broken(), Vec::<&str>::new());
    }
}

#[test]
fn a_request_that_was_never_sent_changes_nothing() {
    let unsent = tale().at(0).arrives().seen_by(Op::StoreInspect).does(Op::Send, Outcome::Error).so(|line| {
        (line.message, line.status) = (Some(1), 0);
    });
    let gone = unsent.clone().at(OVER).missed_by(Op::StoreInspect);
    assert_eq!(gone.finds("session.destroyed-after-idle"), (1, 0, 0));
    assert_eq!(unsent.at(OVER).seen_by(Op::StoreInspect).finds("session.destroyed-after-idle"), (0, 1, 0));
}

#[test]
fn a_page_view_without_an_answer_may_restart_the_term_at_any_time() {
    let doubt = tale().at(0).arrives().seen_by(Op::StoreInspect).at(20 * MIN).does(Op::Browse, Outcome::Unknown);
    for second in [OVER, 20 * MIN + OVER, 40 * DAY] {
        let later = doubt.clone().at(second);
        assert_eq!(later.clone().seen_by(Op::StoreInspect).broken(), Vec::<&str>::new(), "there at {second}");
        assert_eq!(later.missed_by(Op::StoreInspect).broken(), Vec::<&str>::new(), "gone at {second}");
    }
    // But it cannot end it before the term that is certain.
    assert_eq!(doubt.at(25 * MIN).missed_by(Op::StoreInspect).broken(), ["session.not-destroyed-early"]);
}

#[test]
fn throttled_and_refused_requests_did_nothing_and_are_never_violations() {
    for outcome in [Outcome::Throttled, Outcome::Forbidden] {
        let refused = tale().at(0).arrives().sends(1).at(MIN).does(Op::Read, outcome).does(Op::Load, outcome);
        assert_eq!(refused.broken(), Vec::<&str>::new());
        let gone = tale().at(0).arrives().seen_by(Op::StoreInspect).at(20 * MIN).does(Op::Browse, outcome);
        let gone = gone.at(OVER).seen_by(Op::StoreInspect);
        assert_eq!(gone.finds("session.destroyed-after-idle"), (0, 1, 0), "a refused page view restarts nothing");
    }
}

#[test]
fn a_deletion_without_an_answer_may_have_happened() {
    let doubt = tale().at(0).arrives().sends(1).does(Op::AgentDelete, Outcome::Unknown);
    for second in [1, 2 * DAY] {
        let later = doubt.clone().at(second);
        assert_eq!(later.clone().reads("s1", &[1]).broken(), Vec::<&str>::new());
        assert_eq!(later.missed_by(Op::Read).broken(), Vec::<&str>::new());
    }
}

#[test]
fn with_more_than_eight_worlds_the_visitor_s_later_observations_are_inconclusive() {
    let mut doubt = tale().at(0).arrives().sends(1);
    for number in 2..=5 {
        doubt = doubt.does(Op::Send, Outcome::Unknown).so(|line| line.message = Some(number));
    }
    let read = doubt.at(MIN).reads("s1", &[]);
    assert_eq!(read.broken(), Vec::<&str>::new());
    assert_eq!(read.finds("restore.between-pages"), (0, 0, 1));
}

#[test]
fn a_first_load_without_an_answer_leaves_the_visitor_unknown() {
    let lost = tale().at(0).does(Op::Load, Outcome::Unknown).at(MIN).does(Op::Load, Outcome::Ok).so(|line| {
        (line.session, line.carried, line.said) = (Some("s2".into()), false, Some(Vec::new()));
        line.cookie = Some(cookie("c2", Some(TERM)));
    });
    assert_eq!(lost.broken(), Vec::<&str>::new());
}

#[test]
fn a_visitor_who_turned_to_another_website_is_not_judged_at_home_any_more() {
    let abroad = tale().at(0).arrives().sends(1).load("s9").so(|line| line.of = Which::OtherWebsite);
    assert_eq!(abroad.at(MIN).missed_by(Op::Read).broken(), Vec::<&str>::new());
}

#[test]
fn a_message_that_was_applied_late_stands_from_then_on_where_it_was_read() {
    let doubt = tale().at(0).arrives().does(Op::Send, Outcome::Unknown).so(|line| line.message = Some(1)).sends(2);
    let read = doubt.at(MIN).reads("s1", &[2]).at(2 * MIN).reads("s1", &[2, 1]).at(3 * MIN);
    assert_eq!(read.clone().reads("s1", &[2, 1]).broken(), Vec::<&str>::new());
    assert_eq!(read.reads("s1", &[1, 2]).broken(), ["restore.between-pages"], "it does not move any more");
}

#[test]
fn a_load_without_an_answer_may_have_made_a_session_with_the_visitor_s_address() {
    let look = |tale: Tale, rows: u32| {
        tale.missed_by(Op::StoreInspect).so(|line| {
            (line.address_rows, line.session_rows) = (Some(rows), Some(0));
        })
    };
    for (outcome, broken) in [(Outcome::Unknown, 0), (Outcome::Forbidden, 1)] {
        let first = tale().at(0).does(Op::Load, outcome).so(|line| line.carried = false).at(MIN);
        let lived = first.load("s1").sets("c1", TERM).so(|line| (line.carried, line.fresh) = (false, Some(true)));
        let lived = lived.seen_by(Op::StoreInspect).so(|line| line.address_rows = Some(1)).at(MIN + OVER);
        assert_eq!(look(lived.clone(), 0).finds("ip.removed-with-session"), (1, 0, 0), "{outcome:?}");
        assert_eq!(look(lived, 1).finds("ip.removed-with-session"), (0, broken, 0), "{outcome:?}");
    }
}

#[test]
fn a_message_that_races_a_deletion_may_have_come_before_it() {
    let raced = |tale: Tale| tale.so(|line| line.how.raced = true);
    let deleted = raced(tale().at(0).arrives().sends(1).at(MIN).ok(Op::AgentDelete));
    let sent = raced(deleted.sends(2).so(|line| line.session = Some("s1".into())));
    assert_eq!(sent.clone().at(2 * MIN).missed_by(Op::Read).broken(), Vec::<&str>::new());
    assert_eq!(sent.at(2 * MIN).reads("s1", &[1, 2]).broken(), ["session.agent-delete"], "but it ends all the same");
}

#[test]
fn a_message_without_an_answer_may_be_stored_late_in_the_session_that_followed() {
    let doubt = tale().at(0).arrives().sends(1).does(Op::Send, Outcome::Unknown).so(|line| line.message = Some(2));
    let deleted = doubt.at(MIN).ok(Op::AgentDelete).at(2 * MIN);
    // A server whose readings name no session.
    let followed = |read: &[u16]| deleted.clone().ok(Op::Read).with(read).broken();
    assert_eq!(followed(&[2]), Vec::<&str>::new());
    assert_eq!(followed(&[1]), ["session.agent-delete"], "that one stood in the session before");
}
