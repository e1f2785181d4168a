//! The table of defects, and what each one changes for those who look: that, and nothing else.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::stories::{Seen, tell_all};
use crate::reference::Defect;

const CHANGES: &[(&str, &[&str])] = &[
    ("no-cookie", COOKIES),
    ("cookie-5-months", &[FIRST, RETURN, "known after 182 days", RENEWED]),
    ("cookie-7-months", &[FIRST, RETURN, "known after 183 days"]),
    ("cookie-365-days", &[FIRST, RETURN, "known after 183 days"]),
    ("session-cookie", COOKIES),
    ("never-renewed", &[RETURN, RENEWED]),
    ("renewal-too-short", &[RETURN, RENEWED]),
    ("renewal-keeps-first-expiry", &[RETURN, RENEWED]),
    (
        "renewed-everywhere",
        &["cookie of a reload", "cookie of a page view", "cookie of a message", "cookie of a reading"],
    ),
    ("renewed-by-message", &["cookie of a message"]),
    ("renewed-by-reading", &["cookie of a reading"]),
    ("message-doubled", &["numbers of the messages", LISTS[0], LISTS[1], LISTS[2], LISTS[3], LISTS[4]]),
    ("message-lost", LISTS),
    ("messages-out-of-order", LISTS),
    ("history-cut-after-7-days", &["messages read after 8 days"]),
    ("forgets-on-return", &["known on return"]),
    ("mixed-websites", &["known on the other website"]),
    ("shared-session", &["sessions of 60 visitors"]),
    ("leaks-messages", &["readings with another's message"]),
    ("idle-25-minutes", IDLE),
    ("idle-29-minutes", IDLE),
    ("idle-35-minutes", IDLE),
    (
        "never-destroyed",
        &[
            IDLE[0],
            IDLE[1],
            IDLE[2],
            "known after the idle term",
            "rows after that return",
            "page view after a look",
            "address after the end",
        ],
    ),
    ("hidden-not-destroyed", &["rows while idle", "rows after that return", "address after the end"]),
    ("lazy-only", &["rows while idle", "address after the end"]),
    ("late-sweep", &["rows while idle"]),
    ("idle-from-creation", &["page view after a page view", "known after a reload"]),
    ("page-view-is-no-access", &["page view after a page view"]),
    ("agent-look-restarts", &["page view after a look"]),
    ("permanent-6-months", &[KEPT, KEPT_QUIET, IP_331, IP_1831]),
    ("permanent-1-year", &[KEPT, KEPT_QUIET, IP_1831]),
    (
        "messages-do-not-make-permanent",
        &[
            "kept by a message",
            "kept by an answer",
            KEPT,
            KEPT_QUIET,
            "known on return",
            "known after 182 days",
            RENEWED,
            "messages read after 8 days",
            "messages for the agent after 8 days",
            IP_331,
            IP_1831,
        ],
    ),
    ("delete-hides", &["rows of the deleted"]),
    ("delete-purges-late", &["rows of the deleted"]),
    ("delete-shown-for-5-minutes", &["deleted for the visitor", "rows of the deleted"]),
    ("delete-undone-on-return", &["known after the deletion", "rows of the deleted"]),
    ("ip-truncated", &["address", "address in IPv6", IP_331, IP_1831]),
    ("ip-of-proxy", &["address", "address in IPv6", IP_331, IP_1831]),
    ("ipv6-dropped", &["address in IPv6"]),
    ("ip-in-side-table", &["address after the end"]),
    ("ip-outlives-session", &["address after the end"]),
    ("ip-purged-after-11-months", &[IP_331, IP_1831]),
    ("ip-purged-after-5-years", &[IP_1831]),
];

const FIRST: &str = "cookie of a first load";
const RETURN: &str = "cookie of a return";
const COOKIES: &[&str] = &[FIRST, RETURN];
const RENEWED: &str = "known after 183 days with a return";
const KEPT: &str = "kept for 380 days";
const KEPT_QUIET: &str = "kept for 380 quiet days";
const IP_331: &str = "address after 331 days";
const IP_1831: &str = "address after 1831 days";
const IDLE: &[&str] = &["page views while idle", "agent's looks while idle", "rows while idle"];
const LISTS: &[&str] = &[
    "messages read",
    "messages loaded",
    "messages for the agent",
    "messages read after 8 days",
    "messages for the agent after 8 days",
];

/// The observations in which a server with the defect differs from a sound one.
fn changed(sound: &Seen, broken: &Seen) -> Vec<&'static str> {
    assert!(sound.keys().eq(broken.keys()));
    let differing = sound.iter().filter(|(name, value)| broken[*name] != **value);
    differing.map(|(name, _)| *name).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_defect_changes_what_its_row_names_and_nothing_else() {
    let sound = tell_all(None).await;
    let mut tellers = JoinSet::new();
    for defect in Defect::ALL.iter().copied() {
        tellers.spawn(async move { (defect.id(), tell_all(Some(defect)).await) });
    }
    let told = tellers.join_all().await;
    let found: BTreeMap<_, _> = told.into_iter().map(|(defect, broken)| (defect, changed(&sound, &broken))).collect();
    let mut expected = BTreeMap::new();
    for (defect, names) in CHANGES {
        let mut names = names.to_vec();
        names.sort_unstable();
        expected.insert(*defect, names);
    }
    assert_eq!(found, expected);
}

#[test]
fn every_defect_is_found_by_its_name() {
    for defect in Defect::ALL {
        assert_eq!(defect.id().parse(), Ok(*defect));
        assert_eq!(defect.to_string(), defect.id());
        assert!(defect.summary().ends_with('.'), "{defect} is summed up in a sentence");
    }
}

#[test]
fn an_unknown_defect_is_answered_with_the_names_that_exist() {
    let error = "no-cookies".parse::<Defect>().unwrap_err().to_string();
    assert!(error.starts_with("no defect is called \"no-cookies\"; choose one of no-cookie, "));
    assert!(Defect::ALL.iter().all(|defect| error.contains(defect.id())));
}
