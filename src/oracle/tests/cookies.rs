use super::*;
use crate::policy::Rule;

#[test]
fn a_load_without_an_identity_must_give_one() {
    assert_eq!(tale().at(0).arrives().finds("cookie.set-on-load"), (1, 0, 0));
    assert_eq!(tale().at(0).load("s1").finds("cookie.set-on-load"), (0, 1, 0));
    // A cookie that is taken away in the same breath is none.
    assert_eq!(tale().at(0).load("s1").sets("c1", 0).finds("cookie.set-on-load"), (0, 1, 0));
    // A server that fails owes no cookie.
    assert_eq!(tale().at(0).does(Op::Load, Outcome::Error).finds("cookie.set-on-load"), (0, 0, 0));
}

#[test]
fn six_months_are_180_to_184_days_give_or_take_the_tolerance() {
    let declared = |seconds| tale().at(0).load("s1").sets("c1", seconds).finds("cookie.lifetime");
    for kept in [180 * DAY - 2, 180 * DAY, TERM, 184 * DAY, 184 * DAY + 2] {
        assert_eq!(declared(kept), (1, 0, 0), "{kept} s");
    }
    for broken in [180 * DAY - 3, 184 * DAY + 3, 30 * DAY, 365 * DAY] {
        assert_eq!(declared(broken), (0, 1, 0), "{broken} s");
    }
}

#[test]
fn expires_is_measured_against_the_server_s_own_date() {
    let of = |expires_s, date_s| {
        let identity = Identity { expires_s: Some(expires_s), date_s, ..cookie("c1", None) };
        tale().at(1000).load("s1").so(|line| line.cookie = Some(identity)).finds("cookie.lifetime")
    };
    // A server whose Date is an hour ahead declares its own six months.
    assert_eq!(of(4600 + TERM, Some(4600)), (1, 0, 0));
    assert_eq!(of(4600 + 30 * DAY, Some(4600)), (0, 1, 0));
    assert_eq!(of(1000 + TERM, None), (1, 0, 0));
}

#[test]
fn max_age_comes_before_expires_and_a_session_cookie_has_no_term() {
    let both = Identity { expires_s: Some(60), date_s: Some(0), ..cookie("c1", Some(TERM)) };
    assert_eq!(tale().at(0).load("s1").so(|line| line.cookie = Some(both)).finds("cookie.lifetime"), (1, 0, 0));
    let browser_s = tale().at(0).load("s1").so(|line| line.cookie = Some(cookie("c1", None)));
    assert_eq!(browser_s.finds("cookie.lifetime"), (0, 1, 0));
}

#[test]
fn the_lifetime_is_not_judged_where_the_policy_leaves_it_open() {
    let mut open = tale().at(0).load("s1").sets("c1", 60);
    let mut policy = (*open.rules.policy).clone();
    policy.cookie.temporary_session = Rule::Unspecified;
    open.rules.policy = policy.into();
    assert_eq!(open.finds("cookie.lifetime"), (0, 0, 0));
}

#[test]
fn each_load_on_return_renews_the_full_term() {
    let renewed = |seconds| tale().at(0).arrives().sends(1).at(100 * DAY).load("s1").sets("c1", seconds);
    assert_eq!(renewed(TERM).finds("cookie.renewed-on-load"), (1, 0, 0));
    // What was left of the old term is no full term.
    assert_eq!(renewed(TERM - 100 * DAY).finds("cookie.renewed-on-load"), (0, 1, 0));
    let silent = tale().at(0).arrives().sends(1).at(100 * DAY).load("s1");
    assert_eq!(silent.finds("cookie.renewed-on-load"), (0, 1, 0));
}

#[test]
fn a_load_within_the_visit_is_no_return() {
    let reload = tale().at(0).arrives().at(29 * MIN).load("s1");
    assert_eq!(reload.finds("cookie.renewed-on-load"), (0, 0, 0));
    // Half a second short of the idle term at the least: nobody can tell, so nothing is judged.
    let near = tale().at(0).arrives().between(30 * MIN - 1, 30 * MIN + 1).load("s1");
    assert_eq!(near.finds("cookie.renewed-on-load"), (0, 0, 0));
}

#[test]
fn three_renewals_in_a_row_show_a_span_of_fifteen_months() {
    let mut renewing = tale().at(0).arrives().sends(1);
    for round in 1..=3 {
        renewing = renewing.at(round * 160 * DAY).load("s1").with(&[1]).sets("c1", TERM);
    }
    let (_, tally) = renewing.tally(&["cookie.renewed-on-load"]);
    assert_eq!(tally.clauses[0].passed, 3);
    assert_eq!(tally.clauses[0].longest, Length::days(480));
}

#[test]
fn nothing_but_a_load_may_move_the_end() {
    let browsing = |seconds| tale().at(0).arrives().at(10 * MIN).ok(Op::Browse).sets("c1", seconds);
    assert_eq!(browsing(TERM).finds("cookie.renewed-only-on-load"), (0, 1, 0));
    assert_eq!(browsing(TERM - 10 * MIN).finds("cookie.renewed-only-on-load"), (1, 0, 0), "it may repeat the expiry");
    assert_eq!(tale().at(0).arrives().at(10 * MIN).ok(Op::Browse).finds("cookie.renewed-only-on-load"), (1, 0, 0));
    // At the load's own instant nobody can tell a repetition from an extension.
    assert_eq!(tale().at(0).arrives().sends(1).sets("c1", TERM).finds("cookie.renewed-only-on-load"), (0, 0, 0));
}

#[test]
fn a_new_identity_because_the_old_one_ended_is_no_renewal() {
    let late = tale().at(0).arrives().at(32 * MIN).does(Op::Send, Outcome::Ok);
    let late = late.so(|line| line.session = Some("s2".into())).sets("c2", TERM);
    assert_eq!(late.finds("cookie.renewed-only-on-load"), (0, 0, 0));
}

#[test]
fn a_target_with_loads_alone_cannot_show_that_nothing_else_renews() {
    let clause = find("cookie.renewed-only-on-load").unwrap();
    let loads = Capabilities { browse: false, send: false, read: false, ..rules().can };
    assert_eq!(clause.lacks(&loads), Some("target-has-no-request-but-load"));
    assert_eq!(clause.lacks(&Capabilities { read: true, ..loads }), None);
}
