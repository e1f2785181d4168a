//! Histories of servers that keep the policy, which random histories showed to be condemned once: none is now.

use super::*;
use crate::history::How;
use crate::scenario::With;

const OVER: i64 = 31 * MIN + 2;
const NOTHING: [&str; 0] = [];

impl Tale {
    /// The last line was under way at once with others of its step.
    fn raced(self) -> Self {
        self.so(|line| (line.how.raced, line.step) = (true, 900))
    }

    /// The last line presented this identity, and not the browser's own.
    fn presents(self, with: With) -> Self {
        self.so(|line| (line.how.with, line.carried) = (with, false))
    }

    fn uncarried(self) -> Self {
        self.so(|line| line.carried = false)
    }
}

fn reusing() -> Tale {
    let mut tale = tale();
    tale.rules.can.carrier_is_session = true;
    tale
}

#[test]
fn a_page_that_anybody_is_shown_does_not_bring_an_ended_session_back() {
    let viewed = tale().at(0).arrives().at(OVER).ok(Op::Browse);
    assert_eq!(viewed.clone().load("s2").sets("c2", TERM).broken(), NOTHING);
    assert_eq!(viewed.clone().missed_by(Op::Send).broken(), NOTHING);
    assert_eq!(viewed.missed_by(Op::StoreInspect).broken(), NOTHING);
    let in_grace = tale().at(0).arrives().at(30 * MIN).ok(Op::Browse).load("s2").sets("c2", TERM);
    assert_eq!(in_grace.broken(), NOTHING);
}

#[test]
fn a_late_message_may_begin_a_session_under_the_old_identity_or_in_one_that_is_not_named() {
    let sent = tale().at(0).arrives().at(OVER).sends(1);
    assert_eq!(sent.clone().sets("c1", TERM).broken(), NOTHING, "a full term of the old value");
    let gone = tale().at(0).arrives().at(30 * MIN).missed_by(Op::Read).sends(1).sets("c2", TERM);
    assert_eq!(gone.broken(), NOTHING);
    let kept = sent.sets("c2", TERM).load("s2").so(|line| line.said = None).at(DAY).seen_by(Op::StoreInspect);
    assert_eq!(kept.broken(), NOTHING, "what was acknowledged stands in the session that followed");
}

#[test]
fn an_agent_may_delete_the_session_of_a_late_message() {
    let sent = tale().at(0).arrives().at(OVER).sends(1).so(|line| line.session = Some("s2".into())).sets("c2", TERM);
    assert_eq!(sent.ok(Op::AgentDelete).missed_by(Op::Read).broken(), NOTHING);
}

#[test]
fn a_message_sent_once_more_without_an_answer_may_stand_in_the_session_that_followed() {
    let again = tale().at(0).arrives().sends(1).ok(Op::AgentDelete).does(Op::Resend, Outcome::Unknown);
    let again = again.so(|line| line.message = Some(1));
    assert_eq!(again.ok(Op::Read).with(&[1]).broken(), NOTHING);
}

#[test]
fn a_repeated_cookie_promises_no_term_of_its_own() {
    let half_year = 180 * DAY;
    let repeated = tale().at(0).load("s1").sets("c1", half_year).sends(1).at(DAY).ok(Op::Browse);
    let back = repeated.sets("c1", half_year - DAY).at(half_year + 10).load("s2").sets("c2", TERM).uncarried();
    assert_eq!(back.broken(), NOTHING);
}

#[test]
fn a_load_on_return_promises_a_full_term_whatever_it_declares() {
    let half_year = 180 * DAY;
    let back = tale().at(0).load("s1").sets("c1", half_year).sends(1).at(100 * DAY).load("s1").with(&[1]);
    let lost = back.sets("c1", half_year - 100 * DAY).at(190 * DAY).load("s2").sets("c2", half_year).uncarried();
    assert_eq!(lost.broken(), ["cookie.renewed-on-load", "restore.after-days"]);
}

#[test]
fn what_a_lost_answer_renewed_may_be_repeated_by_another() {
    let lost = tale().at(0).arrives().sends(1).at(DAY).does(Op::Load, Outcome::Unknown);
    assert_eq!(lost.at(DAY + MIN).ok(Op::Browse).sets("c1", TERM - MIN).broken(), NOTHING);
}

#[test]
fn somebody_with_the_visitor_s_identity_may_write_renew_and_restart_the_term() {
    let wrote = tale().at(0).arrives().ok(Op::Send).so(|line| line.message = Some(1)).presents(With::Expired);
    assert_eq!(wrote.at(DAY).seen_by(Op::StoreInspect).broken(), NOTHING);
    let came = tale().at(0).arrives().sends(1).at(29 * MIN).ok(Op::Load).presents(With::Expired);
    assert_eq!(came.at(31 * MIN).load("s1").with(&[1]).broken(), NOTHING, "no return, and no renewal");
}

#[test]
fn who_turned_to_another_website_may_have_a_session_that_nobody_was_told_of() {
    let abroad = tale().at(0).arrives().load("s9").so(|line| line.of = Which::OtherWebsite).at(DAY).load("s3");
    assert_eq!(abroad.seen_by(Op::AgentInspect).broken(), NOTHING);
}

#[test]
fn an_address_of_a_session_that_nobody_was_told_of_is_no_residue() {
    let lost = tale().at(0).does(Op::Load, Outcome::Unknown).load("s2").sets("c2", TERM).uncarried();
    let left = lost.seen_by(Op::StoreInspect).at(OVER).missed_by(Op::StoreInspect);
    assert_eq!(left.so(|line| line.address_rows = Some(1)).broken(), NOTHING);
}

#[test]
fn a_visitor_who_never_wrote_may_have_no_address_left() {
    let moved = tale().at(0).arrives().agent_sends(1).at(MIN).load("s1").with(&[1]);
    let moved = moved.so(|line| line.how = How { from: crate::scenario::Origin::Away, ..How::default() });
    let looked = moved.at(DAY).seen_by(Op::StoreInspect).so(|line| line.addresses = Some(Vec::new()));
    assert_eq!(looked.broken(), NOTHING);
}

#[test]
fn the_order_of_messages_that_were_under_way_at_once_is_not_known() {
    let raced = tale().at(0).arrives().sends(2).raced().agent_sends(1).raced();
    assert_eq!(raced.clone().reads("s1", &[1, 2]).broken(), NOTHING);
    assert_eq!(raced.reads("s1", &[2, 1]).broken(), NOTHING);
    let late = tale().at(0).arrives().does(Op::AgentSend, Outcome::Unknown).so(|line| line.message = Some(1));
    let late = late.agent_sends(2).at(MIN).reads("s1", &[2, 1]).at(2 * MIN).reads("s1", &[2, 1]);
    assert_eq!(late.broken(), NOTHING, "a second reading shows what the first one showed");
}

#[test]
fn what_was_read_without_an_identity_is_not_the_visitor_s() {
    let greeted = tale().at(0).arrives().ok(Op::AgentGreet).so(|line| line.message = Some(1));
    let read = greeted.at(200 * DAY).ok(Op::Read).with(&[]).uncarried();
    assert_eq!(read.at(202 * DAY).seen_by(Op::StoreInspect).broken(), NOTHING);
}

#[test]
fn a_session_that_is_merely_shown_began_nobody_knows_when() {
    let shown = tale().at(0).arrives().at(OVER).sends(1).at(2 * OVER - 40).reads("s2", &[]);
    assert_eq!(shown.missed_by(Op::StoreInspect).finds("session.not-destroyed-early").1, 0);
}

#[test]
fn a_failing_answer_may_give_the_browser_another_identity() {
    let failed = tale().at(0).arrives().sends(1).does(Op::Load, Outcome::Error);
    let failed = failed.so(|line| line.status = 500).sets("c9", TERM).uncarried();
    assert_eq!(failed.at(MIN).load("s9").broken(), NOTHING);
}

#[test]
fn a_look_at_the_session_before_is_not_judged_where_several_began_at_once() {
    let tabs = tale().at(0).arrives().sends(1).ok(Op::AgentDelete).at(DAY);
    let tabs = tabs.load("s2").sets("c2", TERM).raced().load("s3").sets("c3", TERM).raced();
    assert_eq!(tabs.seen_by(Op::StoreInspect).of_previous().broken(), NOTHING);
}

#[test]
fn a_deletion_and_a_load_of_the_same_id_leave_both_open() {
    let lost = reusing().at(0).load("c1").sets("c1", TERM).ok(Op::AgentDelete).does(Op::Load, Outcome::Unknown);
    assert_eq!(lost.at(2 * MIN).seen_by(Op::StoreInspect).broken(), NOTHING);
    let raced = reusing().at(0).load("c1").sets("c1", TERM).sends(1).raced().ok(Op::AgentDelete).raced();
    assert_eq!(raced.at(2 * MIN).seen_by(Op::StoreInspect).broken(), NOTHING);
}
