use super::*;

const IDLE: i64 = 30 * MIN;

#[test]
fn a_temporary_session_is_there_until_its_deadline() {
    let looked = |second| tale().at(0).arrives().at(second);
    assert_eq!(looked(IDLE - 2).reads("s1", &[]).finds("session.not-destroyed-early"), (1, 0, 0));
    assert_eq!(looked(IDLE - 2).missed_by(Op::Read).finds("session.not-destroyed-early"), (0, 1, 0));
    assert_eq!(looked(IDLE - 2).missed_by(Op::StoreInspect).finds("session.not-destroyed-early"), (0, 1, 0));
    assert_eq!(looked(IDLE - 2).reads("s2", &[]).finds("session.not-destroyed-early"), (0, 1, 0), "another session");
    // Far from the deadline its presence shows nothing, and its absence all the same.
    assert_eq!(looked(10 * MIN).reads("s1", &[]).finds("session.not-destroyed-early"), (0, 0, 0));
    assert_eq!(looked(10 * MIN).missed_by(Op::Read).finds("session.not-destroyed-early"), (0, 1, 0));
}

#[test]
fn within_the_grace_and_at_the_deadline_either_is_sound() {
    for (from, to) in [(IDLE - 1, IDLE + 1), (IDLE, IDLE), (IDLE + 30, IDLE + 31), (IDLE + 60, IDLE + 60)] {
        let looked = tale().at(0).arrives().between(from, to);
        assert_eq!(looked.clone().reads("s1", &[]).broken(), Vec::<&str>::new(), "there at {from}..{to}");
        assert_eq!(looked.missed_by(Op::Read).broken(), Vec::<&str>::new(), "gone at {from}..{to}");
    }
    let straddles = tale().at(0).arrives().between(IDLE - 1, IDLE + 1).reads("s1", &[]);
    assert_eq!(straddles.finds("session.not-destroyed-early"), (0, 0, 1));
    let in_grace = tale().at(0).arrives().at(IDLE + 30).reads("s1", &[]);
    assert_eq!(in_grace.finds("session.destroyed-after-idle"), (0, 0, 1));
}

#[test]
fn a_temporary_session_is_gone_after_the_grace_from_every_view() {
    let left = tale().at(0).arrives().seen_by(Op::StoreInspect).seen_by(Op::AgentInspect).at(IDLE + 62);
    for op in [Op::Read, Op::AgentInspect, Op::StoreInspect] {
        assert_eq!(left.clone().missed_by(op).finds("session.destroyed-after-idle"), (1, 0, 0), "{op}");
        let there = if op == Op::Read { left.clone().reads("s1", &[]) } else { left.clone().seen_by(op) };
        assert_eq!(there.finds("session.destroyed-after-idle"), (0, 1, 0), "{op}");
    }
}

#[test]
fn only_who_saw_it_can_say_that_it_is_gone() {
    let unseen = tale().at(0).arrives().at(IDLE + 62).missed_by(Op::StoreInspect);
    assert_eq!(unseen.finds("session.destroyed-after-idle"), (0, 0, 0));
}

#[test]
fn where_timers_stand_still_a_row_that_is_there_decides_nothing_and_one_that_is_gone_is_gone() {
    for op in [Op::StoreInspect, Op::AgentInspect] {
        let mut left = tale().at(0).arrives().seen_by(op).at(IDLE + 62);
        left.rules.can.timers_follow = false;
        let there = left.clone().seen_by(op);
        assert_eq!(there.finds("session.destroyed-after-idle"), (0, 0, 1), "{op}");
        assert_eq!(there.finds("ip.removed-with-session"), (0, 0, 1), "{op}");
        let gone = left.clone().missed_by(op);
        assert_eq!(gone.finds("session.destroyed-after-idle"), (1, 0, 0), "{op}");
        assert_eq!(gone.finds("ip.removed-with-session"), (1, 0, 0), "{op}");
        assert_eq!(
            left.reads("s1", &[]).finds("session.destroyed-after-idle"),
            (0, 1, 0),
            "the visitor needs no timer"
        );
    }
}

#[test]
fn an_ended_session_may_come_back_empty_but_not_with_its_content() {
    let ended = tale().at(0).arrives().at(IDLE + 62);
    assert_eq!(ended.clone().load("s2").sets("c2", TERM).broken(), Vec::<&str>::new(), "a new session");
    let renewed = ended.clone().load("s1").sets("c1", TERM).so(|line| line.fresh = None);
    assert_eq!(renewed.broken(), Vec::<&str>::new(), "an empty session under the old value");
    let not_fresh = ended.clone().load("s1").sets("c1", TERM);
    assert_eq!(not_fresh.broken(), ["session.destroyed-after-idle"], "the server says that it is the old one");
    let said_fresh = ended.load("s1").sets("c1", TERM).so(|line| line.fresh = Some(true));
    assert_eq!(said_fresh.finds("session.destroyed-after-idle"), (1, 0, 0));
}

#[test]
fn an_answer_that_names_no_session_tells_little() {
    let ended = tale().at(0).arrives().at(IDLE + 62);
    assert_eq!(ended.clone().ok(Op::Browse).broken(), Vec::<&str>::new(), "a page is shown to anybody");
    assert_eq!(ended.clone().ok(Op::Read).with(&[]).broken(), Vec::<&str>::new(), "an empty list is nobody's");
    assert_eq!(ended.ok(Op::Read).broken(), ["session.destroyed-after-idle"], "`ok` where the target has `absent`");
}

#[test]
fn each_website_access_restarts_the_term() {
    let browsing = tale().at(0).arrives().at(20 * MIN).ok(Op::Browse).at(40 * MIN).ok(Op::Browse);
    let there = browsing.clone().at(70 * MIN - 2).reads("s1", &[]);
    assert_eq!(there.finds("session.access-restarts-idle"), (1, 0, 0));
    let gone = browsing.clone().at(70 * MIN - 2).missed_by(Op::Read);
    assert_eq!(gone.broken(), ["session.access-restarts-idle"]);
    let late = browsing.at(71 * MIN + 2).missed_by(Op::Read);
    assert_eq!(late.finds("session.destroyed-after-idle"), (1, 0, 0));
}

#[test]
fn reading_may_be_an_access_or_none() {
    // The policy does not say whether reading restarts the term, so nothing is judged that hangs on it.
    let read = tale().at(0).arrives().at(20 * MIN).reads("s1", &[]);
    assert_eq!(read.clone().at(IDLE + 62).reads("s1", &[]).broken(), Vec::<&str>::new());
    assert_eq!(read.clone().at(IDLE + 62).missed_by(Op::Read).broken(), Vec::<&str>::new());
    let after_both = read.at(20 * MIN + IDLE + 62).reads("s1", &[]);
    assert_eq!(after_both.broken(), ["session.destroyed-after-idle"]);
}

#[test]
fn an_agent_s_look_is_no_access() {
    let watched = tale().at(0).arrives().at(20 * MIN).seen_by(Op::AgentInspect).at(IDLE + 62);
    assert_eq!(watched.clone().missed_by(Op::AgentInspect).finds("session.destroyed-after-idle"), (1, 0, 0));
    assert_eq!(watched.seen_by(Op::AgentInspect).finds("session.destroyed-after-idle"), (0, 1, 0));
}

#[test]
fn a_session_with_messages_is_permanent() {
    let chatted = tale().at(0).arrives().sends(1);
    for (second, op) in [(32 * MIN, Op::AgentInspect), (220 * DAY, Op::StoreInspect), (400 * DAY, Op::AgentInspect)] {
        let kept = chatted.clone().at(second).seen_by(op).with(&[1]);
        assert_eq!(kept.finds("session.permanent-with-messages"), (1, 0, 0));
        let emptied = chatted.clone().at(second).seen_by(op).with(&[]);
        assert_eq!(emptied.finds("session.permanent-with-messages"), (0, 1, 0));
        assert_eq!(chatted.clone().at(second).missed_by(op).finds("session.permanent-with-messages"), (0, 1, 0));
    }
    // While the idle term lasts it would be there without messages too.
    assert_eq!(chatted.at(29 * MIN).seen_by(Op::StoreInspect).finds("session.permanent-with-messages"), (0, 0, 0));
}

#[test]
fn an_agent_s_message_makes_it_permanent_too() {
    let started = tale().at(0).arrives().agent_sends(1).at(32 * MIN).missed_by(Op::StoreInspect);
    assert_eq!(started.finds("session.permanent-with-messages"), (0, 1, 0));
}

#[test]
fn a_deleted_session_is_gone_at_once_for_the_visitor_and_after_its_grace_from_the_store() {
    let deleted = tale().at(0).arrives().sends(1).at(5 * MIN).ok(Op::AgentDelete);
    // On a clock that stands still deletion and reading have one instant.
    assert_eq!(deleted.clone().missed_by(Op::Read).finds("session.agent-delete"), (1, 0, 0));
    assert_eq!(deleted.clone().reads("s1", &[1]).finds("session.agent-delete"), (0, 1, 0));
    assert_eq!(deleted.clone().load("s2").finds("session.agent-delete"), (1, 0, 0));
    assert_eq!(deleted.clone().load("s2").with(&[1]).finds("session.agent-delete"), (1, 0, 0), "restored elsewhere");
    assert_eq!(deleted.clone().seen_by(Op::StoreInspect).finds("session.agent-delete"), (0, 0, 0), "in its grace");
    let later = deleted.at(6 * MIN + 1);
    assert_eq!(later.clone().seen_by(Op::StoreInspect).finds("session.agent-delete"), (0, 1, 0));
    assert_eq!(later.missed_by(Op::StoreInspect).finds("session.agent-delete"), (1, 0, 0));
}

#[test]
fn nobody_receives_what_is_another_s() {
    let foreign = Said::Foreign { visitor: 8, number: 1, text: "x".into() };
    let leaked = tale().at(0).arrives().ok(Op::Read).so(|line| line.said = Some(vec![foreign]));
    assert_eq!(leaked.finds("session.isolated"), (0, 1, 0));
    let own = tale().at(0).arrives().sends(1).reads("s1", &[1]);
    assert_eq!(own.finds("session.isolated"), (1, 0, 0));
}

#[test]
fn another_website_shows_nothing_of_this_one() {
    let abroad = |session: &str, numbers: &[u16]| {
        let there = tale().at(0).arrives().sends(1).ok(Op::Load).with(numbers);
        there.so(|line| (line.of, line.session) = (Which::OtherWebsite, Some(session.into()))).finds("session.isolated")
    };
    assert_eq!(abroad("s9", &[]), (1, 0, 0));
    assert_eq!(abroad("s1", &[]), (0, 1, 0));
    assert_eq!(abroad("s9", &[1]), (0, 1, 0));
}
