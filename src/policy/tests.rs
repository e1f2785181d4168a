use super::*;
use std::path::Path;

fn built_in() -> Policy {
    parse(Path::new("policy.toml"), BUILT_IN).expect("the built-in policy is sound")
}

fn refused(text: &str) -> String {
    parse(Path::new("policy.toml"), text).expect_err("a broken policy is refused").to_string()
}

#[test]
fn the_built_in_policy_states_the_specification_s_numbers() {
    let policy = built_in();
    assert_eq!(policy.cookie.lifetime.shortest, Length::days(180));
    assert_eq!(policy.cookie.lifetime.longest, Length::days(184));
    assert_eq!(policy.cookie_tolerance(), Length::seconds(2));
    assert_eq!(policy.session.idle.shortest(), Length::seconds(1800));
    assert_eq!(policy.session.grace.longest(), Length::seconds(60));
    assert_eq!(policy.clauses.len(), 35);
}

#[test]
fn six_months_without_a_range_accept_thirty_day_months_up_to_the_longest_calendar_half_year() {
    let policy =
        parse(Path::new("p.toml"), &format!("id='x'\nextends='{BUILT_IN_NAME}'\n[cookie]\nlifetime='6 months'"))
            .unwrap();
    assert_eq!(policy.cookie.lifetime.shortest, Length::days(180));
    assert_eq!(policy.cookie.lifetime.longest, Length::days(184));
}

#[test]
fn an_extension_overrides_what_it_names_and_keeps_the_rest() {
    let text = "id = 'staging'\nextends = 'crisp-2018-12-09'\n[session]\nidle = '20 s'\n[cookie]\nlifetime = '13 months'\n\
                [clause.'ip.stored']\nmin_observations = 5\n";
    let policy = parse(Path::new("p.toml"), text).unwrap();
    assert_eq!(policy.session.idle.shortest(), Length::seconds(20));
    assert_eq!(policy.session.grace.longest(), Length::seconds(60));
    assert_eq!(policy.cookie.lifetime.shortest, Length::days(390));
    assert_eq!(policy.cookie.lifetime.longest, Length::days(397));
    assert_eq!(policy.clauses["ip.stored"].min_observations, 5);
    assert_eq!(policy.clauses["ip.stored"].reference, "§3.5a");
    let again = parse(Path::new("p.toml"), &policy.text).expect("the merged text is a policy too");
    assert_eq!(again.session.idle.shortest(), Length::seconds(20));
}

#[test]
fn broken_policies_are_refused_with_their_line_and_remedy() {
    let extends = "id='x'\nextends='crisp-2018-12-09'\n";
    for (body, line, words) in [
        ("[session]\nidle = 'soon'", ":4:", "no length of time"),
        ("[session]\nidel = '30 minutes'", ":4:", "unknown field"),
        ("[cookie]\nreload_renews = 'perhaps'", ":4:", "unknown variant"),
        ("[cookie]\nlifetime = { term = '6 months', accepted = ['184 days', '180 days'] }", ":4:", "shorter one first"),
        ("[clause.\"ip.lost\"]\nlevel = 'must'", ":3:", "loiter list clauses"),
        ("[session]\nidle = '1 s'", "", "too short"),
        ("[session\nidle = '1 s'", ":3:", ""),
    ] {
        let said = refused(&format!("{extends}{body}"));
        assert!(said.contains(&format!("policy.toml{line}")) && said.contains(words), "{body}: {said}");
    }
    assert!(refused("id='x'\nextends='nowhere.toml'").contains(":2: extends `nowhere.toml`"));
    assert!(refused("id='x'").contains("leaves the setting `cookie.lifetime`"));
}

#[test]
fn expressions_are_sums_of_the_policy_s_terms() {
    let terms = built_in().terms(Length::seconds(2), None);
    let eval = |text: &str| When::try_from(text.to_owned()).map(|when| (when.anchor, when.eval(&terms)));
    assert_eq!(eval("access + idle - margin").unwrap(), (Anchor::Access, (Length::seconds(1798), None)));
    assert_eq!(eval("2 day").unwrap(), (Anchor::Previous, (Length::days(2), None)));
    assert_eq!(eval("0.5 idle .. idle + delete-grace").unwrap().1, (Length::seconds(900), Some(Length::seconds(1860))));
    for broken in [
        "",
        "idle +",
        "idle idle",
        "2",
        "idle + access",
        "+ - idle",
        "12 minutes",
        "access + idle .. load + idle",
        "nan idle",
    ] {
        assert!(eval(broken).is_err(), "`{broken}` is refused");
    }
}

#[test]
fn the_margin_shrinks_with_a_scaled_idle_term() {
    let text = format!("id='x'\nextends='{BUILT_IN_NAME}'\n[session]\nidle='20 s'");
    let policy = parse(Path::new("p.toml"), &text).unwrap();
    assert_eq!(policy.terms(Length::seconds(15), None).margin, Length::seconds(2));
}

#[test]
fn a_clause_s_basis_is_its_words_and_its_settings() {
    let policy = built_in();
    let basis = |id: &str| policy.clauses[id].basis();
    assert_eq!(basis("cookie.set-on-load"), "the policy's words");
    assert_eq!(basis("session.not-destroyed-early"), "the policy's words; setting session.idle");
    assert_eq!(basis("cookie.renewed-only-on-load"), "settings cookie.renewed_by, cookie.other_requests");
    assert_eq!(policy.setting("session.idle").as_deref(), Some("30 minutes"));
    assert!(policy.setting("cookie.lifetime").unwrap().contains("184 days"));
    assert_eq!((policy.setting("session.idel"), policy.setting("clause.ip.stored")), (None, None));
}

#[test]
fn an_extension_s_statement_takes_the_place_of_the_base_s() {
    let text = "id='x'\nextends='crisp-2018-12-09'\n[[statement]]\nref='§3.2'\ntext='13 months'\n\
                [[statement]]\nref='§9'\ntext='more'\n";
    let policy = parse(Path::new("p.toml"), text).unwrap();
    assert_eq!(policy.statements.len(), built_in().statements.len() + 1);
    let of = |reference: &str| policy.statements.iter().find(|found| found.reference == reference).unwrap();
    assert_eq!((of("§3.2").text.as_str(), of("§9").text.as_str()), ("13 months", "more"));
}

#[test]
fn a_clause_that_rests_on_nothing_or_on_no_setting_is_refused() {
    let clause =
        "id='x'\nextends='crisp-2018-12-09'\n[clause.'x.y']\ntext='t'\nref='§9'\nlevel='must'\nmin_observations=1\n";
    assert!(refused(clause).contains("`x.y` rests on nothing"));
    assert!(refused(&format!("{clause}settings=['session.idel']")).contains("`session.idel`, which there is not"));
}
