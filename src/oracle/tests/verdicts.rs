use super::*;

const IDLE: i64 = 30 * MIN;

fn verdict(tales: &[Tale], clause: &str, fate: Fate) -> ClauseVerdict {
    let oracle = Oracle::new(tales[0].rules.clone(), &[]);
    let mut tally = oracle.tally();
    for tale in tales {
        let mut model = Model::default();
        tale.told.iter().for_each(|line| oracle.fold(&mut model, line, &mut tally));
    }
    let verdicts = judge_all(&oracle, &tally, fate);
    verdicts.into_iter().find(|verdict| verdict.id == clause).expect("a verdict for each clause")
}

fn many(count: u32, tale: impl Fn(Tale) -> Tale) -> Vec<Tale> {
    (0..count)
        .map(|visitor| {
            let mut told = tale(super::tale());
            told.visitor = visitor;
            for line in &mut told.told {
                line.visitor = visitor;
                line.session = line.session.as_ref().map(|id| format!("{id}-{visitor}").into());
            }
            told
        })
        .collect()
}

fn bounce(tale: Tale) -> Tale {
    let left = tale.at(0).arrives().seen_by(Op::StoreInspect).at(IDLE + 62);
    left.missed_by(Op::StoreInspect)
}

#[test]
fn what_was_seen_too_seldom_is_not_exercised() {
    let of = |count| verdict(&many(count, bounce), "session.destroyed-after-idle", Fate::default());
    let least = u32::try_from(of(1).min_observations).unwrap();
    assert_eq!((of(least).status, of(least).reason), (Status::Pass, None));
    let few = of(least - 1);
    assert_eq!((few.status, few.reason), (Status::NotExercised, Some(Reason::TooFewObservations)));
    assert!(few.detail.unwrap().contains(&format!("{} observations of {least}", least - 1)));
}

#[test]
fn a_pass_says_how_much_zero_failures_rule_out() {
    let verdict = verdict(&many(300, bounce), "session.destroyed-after-idle", Fate::default());
    assert_eq!(verdict.bound_95, Some(Bound("0.01000".into())));
    assert_eq!((verdict.passed, verdict.stops), (300, 1), "who share a stop share its fate");
}

#[test]
fn removal_rests_on_the_strongest_inspector() {
    let visitors_view = |tale: Tale| tale.at(0).arrives().at(IDLE + 62).missed_by(Op::Read);
    let verdict = verdict(&many(300, visitors_view), "session.destroyed-after-idle", Fate::default());
    assert_eq!((verdict.status, verdict.reason), (Status::NotExercised, Some(Reason::StrongestViewTooFew)));
}

#[test]
fn without_a_session_that_ends_nothing_shows_that_an_access_restarts_its_term() {
    let browsing = |tale: Tale| tale.at(0).arrives().at(20 * MIN).ok(Op::Browse).at(45 * MIN).reads("s1", &[]);
    let mut tales = many(300, browsing);
    let alone = verdict(&tales, "session.access-restarts-idle", Fate::default());
    assert_eq!((alone.status, alone.reason), (Status::Inconclusive, Some(Reason::NoPositiveControl)));
    tales.extend(many(300, bounce));
    assert_eq!(verdict(&tales, "session.access-restarts-idle", Fate::default()).status, Status::Pass);
}

#[test]
fn a_clock_that_was_not_controlled_leaves_what_hangs_on_time_open() {
    let fate = Fate { clock_lost: true, ..Fate::default() };
    let early = |tale: Tale| tale.at(0).arrives().at(IDLE - 2).missed_by(Op::StoreInspect);
    let verdicts = many(300, early);
    let time = verdict(&verdicts, "session.not-destroyed-early", fate);
    assert_eq!((time.status, time.reason), (Status::Inconclusive, Some(Reason::ClockNotControlled)));
    assert_eq!(verdict(&verdicts, "cookie.set-on-load", fate).status, Status::Pass);
}

#[test]
fn a_broken_clause_is_broken_even_if_the_run_broke_off() {
    let early = |tale: Tale| tale.at(0).arrives().at(IDLE - 2).missed_by(Op::StoreInspect);
    let fate = Fate { unavailable: true, interrupted: true, ..Fate::default() };
    let broken = verdict(&many(1, early), "session.not-destroyed-early", fate);
    assert_eq!((broken.status, broken.reason), (Status::Fail, Some(Reason::Broken)));
    let unseen = verdict(&many(1, bounce), "session.agent-delete", fate);
    assert_eq!((unseen.status, unseen.reason), (Status::Inconclusive, Some(Reason::TargetUnavailable)));
}

#[test]
fn what_lies_beyond_the_horizon_or_the_target_s_means_is_not_applicable() {
    let mut tales = many(1, bounce);
    tales[0].rules.horizon = Length::seconds(600);
    let short = verdict(&tales, "session.destroyed-after-idle", Fate::default());
    assert_eq!((short.status, short.reason), (Status::NotApplicable, Some(Reason::BeyondHorizon)));
    tales[0].rules.can.agent_delete = false;
    let lacking = verdict(&tales, "session.agent-delete", Fate::default());
    assert_eq!((lacking.status, lacking.reason), (Status::NotApplicable, Some(Reason::TargetLacks)));
}

#[test]
fn an_id_given_to_two_visitors_is_found_in_one_lane_and_across_two() {
    let mut tales = many(2, |tale| tale.at(0).arrives());
    for tale in &mut tales {
        tale.told[0].session = Some("the same".into());
    }
    assert_eq!(verdict(&tales, "session.isolated", Fate::default()).failed, 1);
    let oracle = Oracle::new(rules(), &[]);
    let lanes = tales.iter().map(|tale| {
        let (mut tally, mut model) = (oracle.tally(), Model::default());
        oracle.fold(&mut model, &tale.told[0], &mut tally);
        tally
    });
    let merged = lanes.reduce(|mut all, lane| {
        all.merge(lane);
        all
    });
    let verdicts = judge_all(&oracle, &merged.unwrap(), Fate::default());
    let isolated = verdicts.iter().find(|verdict| verdict.id == "session.isolated").unwrap();
    assert_eq!((isolated.status, isolated.failed), (Status::Fail, 1));
}

#[test]
fn an_undecided_probe_makes_a_clause_inconclusive_and_not_merely_unexercised() {
    let at_deadline = |tale: Tale| tale.at(0).arrives().between(IDLE - 1, IDLE + 1).reads("s1", &[]);
    let open = verdict(&many(300, at_deadline), "session.not-destroyed-early", Fate::default());
    assert_eq!((open.status, open.reason), (Status::Inconclusive, Some(Reason::AtDeadline)));
}

#[test]
fn removal_of_addresses_rests_on_the_strongest_view_that_shows_them() {
    let by_agent = |tale: Tale| {
        let left = tale.at(0).arrives().ok(Op::StoreInspect).seen_by(Op::AgentInspect).at(IDLE + 62);
        left.does(Op::StoreInspect, Outcome::Absent).missed_by(Op::AgentInspect)
    };
    let mut tales = many(300, by_agent);
    let clause = "ip.removed-with-session";
    assert_eq!(verdict(&tales, clause, Fate::default()).reason, Some(Reason::StrongestViewTooFew));
    (tales[0].rules.can.store_address, tales[0].rules.can.store_rows) = (false, false);
    assert_eq!(verdict(&tales, clause, Fate::default()).status, Status::Pass);
}

#[test]
fn without_messages_no_span_is_asked_of_renewals_and_the_verdict_says_so() {
    let returns = |tale: Tale| {
        let left = tale.at(0).arrives();
        (1..=3).fold(left, |tale, round| tale.at(round * 160 * DAY).load("s2").sets("c2", TERM))
    };
    let mut tales = many(30, returns);
    let clause = "cookie.renewed-on-load";
    assert_eq!(verdict(&tales, clause, Fate::default()).reason, Some(Reason::SpanTooShort));
    tales[0].rules.can.send = false;
    let without = verdict(&tales, clause, Fate::default());
    assert_eq!(without.status, Status::Pass, "{:?}", without.detail);
    assert!(without.detail.unwrap().contains("no span was asked for"));
}

#[test]
fn where_no_agent_writes_a_greeting_decides_only_if_the_policy_says_what_it_does() {
    let mut tales = many(1, |tale| tale.at(0).arrives());
    let of = |tales: &[Tale]| verdict(tales, "session.agent-message", Fate::default());
    assert_eq!(of(&tales).status, Status::NotExercised);
    tales[0].rules.can.agent_send = false;
    let greeted = of(&tales);
    assert_eq!(
        (greeted.reason, greeted.detail.as_deref()),
        (Some(Reason::SettingUnspecified), Some("session.greeting is unspecified"))
    );
    tales[0].rules.can.agent_greet = false;
    assert_eq!(of(&tales).reason, Some(Reason::TargetLacks));
}

#[test]
fn where_only_the_visitor_looks_no_longer_span_is_asked_than_its_cookie_has() {
    let returns = |tale: Tale| tale.at(0).arrives().sends(1).at(150 * DAY).reads("s1", &[1]);
    let mut tales = many(300, returns);
    let clause = "session.permanent-with-messages";
    (tales[0].rules.can.agent, tales[0].rules.can.store) = (false, false);
    let alone = verdict(&tales, clause, Fate::default());
    assert_eq!(alone.status, Status::Pass, "{:?}", alone.detail);
    assert!(alone.detail.unwrap().contains("nobody but the visitor looks"));
    tales[0].rules.can.store = true;
    assert_ne!(verdict(&tales, clause, Fate::default()).status, Status::Pass);
}
