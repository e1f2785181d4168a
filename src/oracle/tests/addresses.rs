use super::*;
use crate::policy::Rule;

const OVER: i64 = 31 * MIN + 2;

#[test]
fn the_stored_address_is_the_visitor_s_own() {
    let looked = tale().at(0).arrives();
    assert_eq!(looked.clone().seen_by(Op::AgentInspect).finds("ip.stored"), (1, 0, 0));
    let other = looked.clone().seen_by(Op::AgentInspect).so(|line| {
        line.addresses = Some(vec![Stored::Other("127.0.0.1".into())]);
    });
    assert_eq!(other.finds("ip.stored"), (0, 1, 0));
    let none = looked.clone().seen_by(Op::StoreInspect).so(|line| line.addresses = Some(Vec::new()));
    assert_eq!(none.finds("ip.stored"), (0, 1, 0));
    // An inspector that shows no addresses says nothing of them.
    assert_eq!(looked.ok(Op::AgentInspect).finds("ip.stored"), (0, 0, 0));
}

#[test]
fn the_address_goes_with_the_temporary_session() {
    let left = tale().at(0).arrives().seen_by(Op::StoreInspect).seen_by(Op::AgentInspect).at(OVER);
    assert_eq!(left.clone().missed_by(Op::StoreInspect).finds("ip.removed-with-session"), (1, 0, 0));
    let residue = left.clone().missed_by(Op::StoreInspect).so(|line| line.address_rows = Some(1));
    assert_eq!(residue.broken(), ["ip.removed-with-session"], "the session is gone, and its address is not");
    assert_eq!(left.clone().missed_by(Op::AgentInspect).finds("ip.removed-with-session"), (1, 0, 0));
    assert_eq!(left.seen_by(Op::AgentInspect).finds("ip.removed-with-session"), (0, 1, 0));
}

#[test]
fn an_address_that_never_stood_there_cannot_be_removed() {
    let left = tale().at(0).arrives().at(OVER).missed_by(Op::StoreInspect).missed_by(Op::AgentInspect);
    assert_eq!(left.finds("ip.removed-with-session"), (0, 0, 0));
}

#[test]
fn a_second_session_of_the_visitor_s_holds_the_address_rightly() {
    let back = tale().at(0).arrives().seen_by(Op::StoreInspect).at(OVER).load("s2").sets("c2", TERM);
    let back = back.missed_by(Op::StoreInspect).of_previous().so(|line| line.address_rows = Some(1));
    assert_eq!(back.broken(), Vec::<&str>::new());
}

#[test]
fn the_address_of_a_chatter_is_kept() {
    let chatted = tale().at(0).arrives().sends(1).seen_by(Op::StoreInspect);
    for years in [1, 10] {
        let later = chatted.clone().at(years * 366 * DAY);
        assert_eq!(later.clone().seen_by(Op::StoreInspect).finds("ip.kept-for-chatters"), (1, 0, 0));
        let blanked = later.clone().seen_by(Op::StoreInspect).so(|line| line.addresses = Some(Vec::new()));
        assert_eq!(blanked.finds("ip.kept-for-chatters"), (0, 1, 0));
        assert_eq!(later.missed_by(Op::StoreInspect).finds("ip.kept-for-chatters"), (0, 1, 0));
    }
}

#[test]
fn a_visitor_who_never_answered_an_agent_is_left_out_unless_the_policy_says_otherwise() {
    let tale = tale().at(0).arrives().agent_sends(1).seen_by(Op::StoreInspect).at(400 * DAY).seen_by(Op::StoreInspect);
    let mut blanked = tale.so(|line| line.addresses = Some(Vec::new()));
    assert_eq!(blanked.finds("ip.kept-for-chatters"), (0, 0, 0));
    let mut policy = (*blanked.rules.policy).clone();
    policy.ip.agent_only_conversation = Rule::Yes;
    blanked.rules.policy = policy.into();
    assert_eq!(blanked.finds("ip.kept-for-chatters"), (0, 1, 0));
}

#[test]
fn a_deletion_leaves_the_address_to_the_policy_s_silence() {
    let deleted = tale().at(0).arrives().sends(1).seen_by(Op::StoreInspect).ok(Op::AgentDelete);
    for rows in [0, 1] {
        let looked = deleted.clone().at(400 * DAY).missed_by(Op::StoreInspect);
        let looked = looked.so(|line| line.address_rows = Some(rows));
        assert_eq!(looked.broken(), Vec::<&str>::new(), "{rows} rows");
    }
}

#[test]
fn no_clause_about_addresses_applies_to_a_target_that_is_told_none() {
    let untold = Capabilities { told_address: false, moving: false, forging: false, ..rules().can };
    for clause in CLAUSES.iter().filter(|clause| clause.id().starts_with("ip.")) {
        assert_eq!(clause.lacks(&rules().can), None, "{}", clause.id());
        let lack =
            if clause.id() == "ip.forged" { "target-declares-no-trusted-hop" } else { "no-header-tells-addresses" };
        assert_eq!(clause.lacks(&untold), Some(lack), "{}", clause.id());
    }
}
