use super::*;

fn chat() -> Tale {
    tale().at(0).arrives().sends(1).sends(2)
}

#[test]
fn from_page_to_page_everything_is_there_once_and_in_order() {
    let paged = chat().at(5 * MIN).ok(Op::Browse).at(6 * MIN);
    assert_eq!(paged.clone().reads("s1", &[1, 2]).finds("restore.between-pages"), (1, 0, 0));
    for (wrong, why) in [(&[1][..], "missing"), (&[2, 1], "out of order"), (&[1, 2, 2], "twice")] {
        assert_eq!(paged.clone().reads("s1", wrong).finds("restore.between-pages"), (0, 1, 0), "{why}");
    }
    assert_eq!(paged.clone().load("s2").finds("restore.between-pages"), (0, 1, 0), "another session");
    assert_eq!(paged.missed_by(Op::Read).finds("restore.between-pages"), (0, 1, 0), "none");
}

#[test]
fn a_changed_text_is_not_what_was_sent() {
    let altered = Said::Altered { number: 2, text: "changed".into() };
    let read = chat().at(MIN).ok(Op::Read).so(|line| line.said = Some(vec![Said::Own(1), altered]));
    assert_eq!(read.finds("restore.between-pages"), (0, 1, 0));
}

#[test]
fn a_greeting_of_the_server_s_own_does_no_harm() {
    let said = vec![Said::Plain("Hello!".into()), Said::Own(1), Said::Own(2)];
    let read = chat().at(MIN).ok(Op::Read).so(|line| line.said = Some(said));
    assert_eq!(read.finds("restore.between-pages"), (1, 0, 0));
}

#[test]
fn who_comes_back_after_days_finds_everything() {
    for days in [2, 7, 30, 179] {
        let back = chat().at(days * DAY);
        assert_eq!(back.clone().load("s1").with(&[1, 2]).finds("restore.after-days"), (1, 0, 0), "{days} d");
        assert_eq!(back.clone().load("s1").with(&[1]).finds("restore.after-days"), (0, 1, 0), "{days} d");
        assert_eq!(back.load("s2").finds("restore.after-days"), (0, 1, 0), "{days} d");
    }
}

#[test]
fn a_reading_at_the_return_belongs_to_the_return() {
    let back = chat().at(7 * DAY).load("s1").so(|line| line.said = None).sets("c1", TERM).reads("s1", &[1]);
    assert_eq!((back.finds("restore.after-days"), back.finds("restore.between-pages")), ((0, 1, 0), (0, 0, 0)));
}

#[test]
fn one_failure_is_reported_once() {
    let lost = chat().at(MIN).reads("s1", &[1]).at(2 * MIN).reads("s1", &[1]).at(3 * MIN).reads("s1", &[1]);
    assert_eq!(lost.finds("restore.between-pages"), (2, 1, 0));
    let refused = chat().at(2 * DAY).missed_by(Op::Read).at(3 * DAY).missed_by(Op::Read);
    assert_eq!(refused.finds("restore.after-days"), (0, 1, 0));
    // And a session that was refused once is not blamed for being there again.
    assert_eq!(refused.at(4 * DAY).reads("s1", &[1, 2]).broken(), ["restore.after-days"]);
}

#[test]
fn a_cookie_that_ended_before_its_policy_s_term_lost_the_visitor() {
    let forgotten = tale().at(0).load("s1").sets("c1", 30 * DAY).sends(1).at(60 * DAY).load("s2");
    let forgotten = forgotten.so(|line| line.carried = false);
    assert_eq!(forgotten.finds("restore.after-days"), (0, 1, 0));
    // After the policy's own term nobody owes anything.
    let over = chat().at(190 * DAY).load("s2").sets("c2", TERM).so(|line| line.carried = false);
    assert_eq!(over.broken(), Vec::<&str>::new());
}
