//! The table of defects, and what each one changes for those who look: that, and nothing else.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use super::stories::{Seen, tell_all};
use crate::reference::Defect;

const CHANGES: &[(&str, &[&str])] = &[
    ("no-cookie", &[FIRST, RETURN, YEARS, ATTRIBUTES[0], ATTRIBUTES[1]]),
    ("cookie-5-months", &[FIRST, RETURN, YEARS, "known after 182 days", RENEWED]),
    ("cookie-7-months", &[FIRST, RETURN, YEARS, "known after 183 days"]),
    ("cookie-365-days", &[FIRST, RETURN, YEARS, "known after 183 days"]),
    ("session-cookie", &[FIRST, RETURN, YEARS]),
    ("never-renewed", &[RETURN, RENEWED, ATTRIBUTES[1]]),
    ("renewal-too-short", &[RETURN, RENEWED]),
    ("renewal-keeps-first-expiry", &[RETURN, RENEWED]),
    ("renewals-capped-24-months", &[YEARS]),
    ("renewed-on-another-path", &[ATTRIBUTES[1]]),
    (
        "renewed-everywhere",
        &["cookie of a reload", "cookie of a page view", "cookie of a message", "cookie of a reading"],
    ),
    ("renewed-by-message", &["cookie of a message"]),
    ("renewed-by-reading", &["cookie of a reading"]),
    ("cookie-refused-early", &["known after 182 days", RENEWED]),
    ("cache-replays-set-cookie", &["cookies of 12 visitors"]),
    ("cookie-without-httponly", ATTRIBUTES),
    ("cookie-without-samesite", ATTRIBUTES),
    ("second-cookie", &["other cookies of a first load"]),
    ("etag-identifies", &["known by the tag", "reading with the tag alone"]),
    ("found-by-address", &["known by address and browser"]),
    (
        "bound-to-address",
        &["addresses after changes", OLD_ADDRESS, "known from another address", "reading from another address"],
    ),
    ("adopts-unknown-identity", &["unknown cookie taken over"]),
    ("race-makes-two-sessions", &["sessions of loads at once"]),
    ("counter-ids", IDS),
    ("hashed-address-ids", &[IDS[0]]),
    ("address-in-cookie", &[IDS[1]]),
    ("time-prefixed-ids", IDS),
    (
        "message-doubled",
        &[
            "numbers of the messages",
            LISTS[0],
            LISTS[1],
            LISTS[2],
            LISTS[3],
            LISTS[4],
            LONG[0],
            LONG[1],
            LONG[2],
            RESTARTED,
        ],
    ),
    ("message-lost", &[LISTS[0], LISTS[1], LISTS[2], LISTS[3], LISTS[4], LONG[0], LONG[1], LONG[2], RESTARTED]),
    ("thirtieth-message-lost", LONG),
    ("retry-doubles-message", &["a repeated message"]),
    (
        "messages-out-of-order",
        &[LISTS[0], LISTS[1], LISTS[2], LISTS[3], LISTS[4], LONG[0], LONG[1], LONG[2], RESTARTED],
    ),
    ("history-cut-after-7-days", &["messages read after 8 days"]),
    ("history-page-limit", &[LONG[0], LONG[1]]),
    ("forgets-on-return", &["known on return"]),
    ("mixed-websites", &["known on the other website"]),
    ("shared-session", &["sessions of 60 visitors"]),
    ("leaks-messages", &["readings with another's message"]),
    ("idle-25-minutes", &[IDLE[0], IDLE[1], IDLE[2], UNSWEPT, IN_TIME]),
    ("idle-29-minutes", &[IDLE[0], IDLE[1], IDLE[2], UNSWEPT, IN_TIME]),
    ("idle-35-minutes", &[IDLE[0], IDLE[1], IDLE[2], UNSWEPT, ROWS_RESTARTED]),
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
            "ended cookie taken over",
            "known a day after the end",
            UNSWEPT,
            SWEPT,
            GREETED[0],
            GREETED[1],
            READ,
            AUTUMN[0],
            AUTUMN[1],
            ROWS_RESTARTED,
        ],
    ),
    (
        "hidden-not-destroyed",
        &[
            "rows while idle",
            "rows after that return",
            "address after the end",
            SWEPT,
            GREETED[1],
            AUTUMN[0],
            ROWS_RESTARTED,
        ],
    ),
    ("lazy-only", &["rows while idle", "address after the end", SWEPT, GREETED[1], AUTUMN[0], ROWS_RESTARTED]),
    ("late-sweep", &["rows while idle", ROWS_RESTARTED]),
    ("sweep-stops-at-error", &["address after the end"]),
    ("deadline-in-local-time", &["page view when clocks went forward", AUTUMN[0], AUTUMN[1]]),
    ("idle-from-creation", &["page view after a page view", "known after a reload"]),
    ("page-view-is-no-access", &["page view after a page view"]),
    ("agent-look-restarts", &["page view after a look"]),
    ("reading-restarts", &[READ]),
    ("resurrected-on-return", &["known a day after the end"]),
    ("late-message-lost", &[UNSWEPT, SWEPT]),
    ("late-message-in-old-session", &[UNSWEPT, SWEPT]),
    ("timers-lost-on-restart", &[ROWS_RESTARTED]),
    ("restart-resets-idle", &[ROWS_RESTARTED]),
    ("restart-loses-temporary", &[ROWS_RESTARTED]),
    ("restart-loses-last-message", &[RESTARTED]),
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
            RESTARTED,
            IP_331,
            IP_1831,
        ],
    ),
    ("agent-message-is-temporary", &["kept by an answer"]),
    ("greeting-makes-permanent", GREETED),
    ("sweep-races-message", &[IN_TIME]),
    ("delete-hides", &["rows of the deleted"]),
    ("delete-purges-late", &["rows of the deleted"]),
    ("delete-shown-for-5-minutes", &["deleted for the visitor", "rows of the deleted", "reading after the deletion"]),
    ("delete-undone-on-return", &["known after the deletion", "rows of the deleted"]),
    ("delete-leaves-messages", &["rows of the deleted"]),
    ("late-send-recreates", &["message after the deletion", "reading a day after the deletion"]),
    ("queued-write-recreates", &["deleted for the visitor", "known after the deletion", "rows of the deleted"]),
    ("stale-cache-after-deletion", &["reading after the deletion"]),
    ("ip-truncated", &["address", "address in IPv6", "addresses after changes", IP_331, IP_1831]),
    ("ip-of-proxy", &["address", "address in IPv6", "addresses after changes", IP_331, IP_1831]),
    ("forged-address-believed", &["address", IP_331, IP_1831]),
    ("ipv6-dropped", &["address in IPv6"]),
    ("ip-in-side-table", &["address after the end", OLD_ADDRESS]),
    ("ip-outlives-session", &["address after the end"]),
    ("address-in-log", &["access log"]),
    ("old-address-survives", &[OLD_ADDRESS]),
    ("page-history-survives", &["pages after the end"]),
    ("ip-purged-after-11-months", &[IP_331, IP_1831]),
    ("ip-purged-after-5-years", &[IP_1831]),
    ("addresses-purged-yearly", &[IP_331, IP_1831]),
];

/// What is seen of a broken server, where more than one thing could be wrong with an observation.
const BROKEN: &[(&str, &str, &str)] = &[
    ("renewals-capped-24-months", YEARS, "4320000"),
    ("renewed-on-another-path", ATTRIBUTES[1], "Path=/v1/site-a/load; HttpOnly; SameSite=Lax"),
    ("cookie-refused-early", "known after 182 days", "404"),
    ("cache-replays-set-cookie", "cookies of 12 visitors", "10"),
    ("cookie-without-httponly", ATTRIBUTES[0], "Path=/; SameSite=Lax"),
    ("cookie-without-samesite", ATTRIBUTES[0], "Path=/; HttpOnly"),
    ("second-cookie", "other cookies of a first load", "uid"),
    ("etag-identifies", "reading with the tag alone", "200 chatbox"),
    ("etag-identifies", "known by the tag", "true"),
    ("found-by-address", "known by address and browser", "true"),
    ("bound-to-address", "known from another address", "false"),
    ("bound-to-address", "reading from another address", "404"),
    ("adopts-unknown-identity", "unknown cookie taken over", "true"),
    ("race-makes-two-sessions", "sessions of loads at once", "several"),
    ("counter-ids", IDS[0], "a number"),
    ("counter-ids", IDS[1], "a number"),
    ("hashed-address-ids", IDS[0], "begins with a digest of the address"),
    ("address-in-cookie", IDS[1], "begins with the address in base64"),
    ("time-prefixed-ids", IDS[0], "begins with the time"),
    ("time-prefixed-ids", IDS[1], "begins with the time"),
    ("thirtieth-message-lost", LONG[2], "34: 1 to 35"),
    ("retry-doubles-message", "a repeated message", "again,again"),
    ("history-page-limit", LONG[0], "20: 16 to 35"),
    ("sweep-stops-at-error", "address after the end", "sessions"),
    ("deadline-in-local-time", "page view when clocks went forward", "404"),
    ("deadline-in-local-time", AUTUMN[1], "200"),
    ("reading-restarts", READ, "200"),
    ("resurrected-on-return", "known a day after the end", "true"),
    ("late-message-lost", UNSWEPT, "201 0+0"),
    ("late-message-lost", SWEPT, "201 0+0"),
    ("late-message-in-old-session", UNSWEPT, "201 1+1"),
    ("late-message-in-old-session", SWEPT, "201 1+1"),
    ("timers-lost-on-restart", ROWS_RESTARTED, "1+0 1+0 1+0 1+0"),
    ("restart-resets-idle", ROWS_RESTARTED, "1+0 1+0 1+0 0+0"),
    ("restart-loses-temporary", ROWS_RESTARTED, "0+0 0+0 0+0 0+0"),
    ("restart-loses-last-message", RESTARTED, "one"),
    ("agent-message-is-temporary", "kept by an answer", "404"),
    ("greeting-makes-permanent", GREETED[0], "200"),
    ("sweep-races-message", IN_TIME, "0+0"),
    ("delete-leaves-messages", "rows of the deleted", "0+1 0+1 0+1 0+1"),
    ("late-send-recreates", "message after the deletion", "201 hello,late"),
    ("queued-write-recreates", "rows of the deleted", "0+0 1+1 1+1 1+1"),
    ("stale-cache-after-deletion", "reading after the deletion", "hello"),
    ("forged-address-believed", "address", "\"198.51.100.9\""),
    ("address-in-log", "access log", "2100-03-01T12:00:00Z 203.0.113.98 load ID\n"),
    ("old-address-survives", OLD_ADDRESS, "address_history"),
    ("page-history-survives", "pages after the end", "page_views page_views"),
    ("addresses-purged-yearly", IP_331, "\"\""),
];

const FIRST: &str = "cookie of a first load";
const RETURN: &str = "cookie of a return";
const YEARS: &str = "cookie of a return after 680 days";
const ATTRIBUTES: &[&str] = &["attributes of a first cookie", "attributes of a renewed cookie"];
const IDS: &[&str] = &["a session's id", "a cookie's value"];
const RENEWED: &str = "known after 183 days with a return";
const KEPT: &str = "kept for 380 days";
const KEPT_QUIET: &str = "kept for 380 quiet days";
const IP_331: &str = "address after 331 days";
const IP_1831: &str = "address after 1831 days";
const IDLE: &[&str] = &["page views while idle", "agent's looks while idle", "rows while idle"];
const UNSWEPT: &str = "message before the sweep";
const SWEPT: &str = "message after the sweep";
const IN_TIME: &str = "rows of a message in time";
const READ: &str = "page view after a reading";
const GREETED: &[&str] = &["kept by a greeting", "rows of a greeting"];
const AUTUMN: &[&str] = &["rows when clocks went back", "page view when clocks went back"];
const ROWS_RESTARTED: &str = "rows after a restart";
const RESTARTED: &str = "messages after a restart";
const OLD_ADDRESS: &str = "where the first address is";
const LONG: &[&str] = &["a long list read", "a long list loaded", "a long list for the agent"];
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
    for (defect, name, value) in BROKEN {
        let seen = told.iter().find(|(told, _)| told == defect).map(|(_, seen)| seen[name].as_str());
        assert_eq!(seen, Some(*value), "{defect}: {name}");
    }
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
