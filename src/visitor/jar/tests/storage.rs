//! What is kept, for how long, and where it is sent.

use proptest::prelude::*;

use super::super::{Jar, MAX_LIFETIME_MS, Rejection, Stored};
use super::{DAY_MS, Y2011_MS, Y2036_MS, sent, stored, url};

const HTTPS: &str = "https://www.shop.test/a/b";
const HTTP: &str = "http://www.shop.test/a/b";

fn rejected(from: &str, header: &str) -> Option<Rejection> {
    match stored(from, header) {
        Stored::Rejected(rejection) => Some(rejection),
        _ => None,
    }
}

/// Is `header`, set at `set_ms`, still sent at `at_ms`?
fn lives(header: &str, set_ms: i64, at_ms: i64) -> bool {
    let mut jar = Jar::new();
    jar.store(&url(HTTPS), header.as_bytes(), set_ms);
    jar.header(&url(HTTPS), at_ms).is_some()
}

#[test]
fn no_cookie_outlives_400_days() {
    for header in ["a=b; Max-Age=99999999999", "a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT"] {
        for set_ms in [Y2011_MS, Y2036_MS] {
            assert!(lives(header, set_ms, set_ms + 400 * DAY_MS - 1), "{header}");
            assert!(!lives(header, set_ms, set_ms + 400 * DAY_MS), "{header}");
        }
    }
    assert_eq!(MAX_LIFETIME_MS, 400 * DAY_MS);
}

#[test]
fn max_age_counts_before_expires_in_whatever_order() {
    for header in [
        "a=b; Max-Age=60; Expires=Fri, 01 Jan 2010 00:00:00 GMT",
        "a=b; Expires=Fri, 01 Jan 2010 00:00:00 GMT; Max-Age=60",
        "a=b; Max-Age=60; Expires=Sun, 01 Jan 2012 00:00:00 GMT",
    ] {
        assert!(lives(header, Y2011_MS, Y2011_MS + 59_999), "{header}");
        assert!(!lives(header, Y2011_MS, Y2011_MS + 60_000), "{header}");
    }
    assert_eq!(stored(HTTP, "a=b; Max-Age=0; Expires=Sun, 01 Jan 2012 00:00:00 GMT"), Stored::Removed);
}

#[test]
fn an_expiry_past_by_the_run_and_future_by_the_wall_deletes() {
    let header = "a=b; Expires=Mon, 01 Jan 2035 00:00:00 GMT";
    let mut jar = Jar::new();
    jar.store(&url(HTTP), b"a=old", Y2036_MS);
    assert_eq!(jar.store(&url(HTTP), header.as_bytes(), Y2036_MS), Stored::Removed);
    assert!(jar.is_empty());
}

#[test]
fn an_expiry_future_by_the_run_and_past_by_the_wall_keeps() {
    let header = "a=b; Expires=Sun, 02 Jan 2011 00:00:00 GMT";
    assert_eq!(stored(HTTP, header), Stored::Kept);
    assert!(lives(header, Y2011_MS, Y2011_MS + DAY_MS - 1));
    assert!(!lives(header, Y2011_MS, Y2011_MS + DAY_MS));
}

#[test]
fn looking_shows_what_is_still_alive_and_changes_nothing() {
    let mut jar = Jar::new();
    jar.store(&url(HTTP), b"a=b; Max-Age=60", Y2011_MS);
    assert!(jar.get(&url(HTTP), "a", Y2011_MS + 60_000).is_none());
    assert!(jar.get(&url(HTTP), "a", Y2011_MS + 59_999).is_some());
}

#[test]
fn a_date_that_cannot_be_read_leaves_a_session_cookie() {
    let mut jar = Jar::new();
    jar.store(&url(HTTP), b"a=b; Expires=tomorrow", Y2011_MS);
    assert_eq!(jar.get(&url(HTTP), "a", Y2011_MS).and_then(|cookie| cookie.expires_ms), None);
    assert!(jar.header(&url(HTTP), Y2036_MS).is_some());
}

#[test]
fn closing_the_browser_drops_session_cookies_only() {
    let mut jar = Jar::new();
    jar.store(&url(HTTP), b"session=1", Y2011_MS);
    jar.store(&url(HTTP), b"kept=2; Max-Age=86400", Y2011_MS);
    jar.end_browser_session();
    assert_eq!(jar.header(&url(HTTP), Y2011_MS).as_deref(), Some("kept=2"));
    assert_eq!(jar.header(&url(HTTP), Y2011_MS + DAY_MS), None);
    assert!(jar.is_empty());
}

#[test]
fn a_replaced_cookie_keeps_its_place_and_a_deleted_one_loses_it() {
    let mut jar = Jar::new();
    for header in ["a=1", "b=1", "a=2"] {
        jar.store(&url(HTTP), header.as_bytes(), Y2011_MS);
    }
    assert_eq!(jar.header(&url(HTTP), Y2011_MS).as_deref(), Some("a=2; b=1"));
    assert_eq!(jar.store(&url(HTTP), b"a=2", Y2011_MS), Stored::Replaced);
    assert_eq!(jar.store(&url(HTTP), b"a=; Max-Age=0", Y2011_MS), Stored::Removed);
    assert_eq!(jar.store(&url(HTTP), b"a=3", Y2011_MS), Stored::Kept);
    assert_eq!(jar.header(&url(HTTP), Y2011_MS).as_deref(), Some("b=1; a=3"));
}

#[test]
fn a_renewal_moves_the_expiry_and_can_make_it_a_session_cookie() {
    let mut jar = Jar::new();
    let expiry = |jar: &Jar, now_ms| jar.get(&url(HTTP), "a", now_ms).map(|cookie| cookie.expires_ms);
    jar.store(&url(HTTP), b"a=1; Max-Age=60", Y2011_MS);
    assert_eq!(expiry(&jar, Y2011_MS), Some(Some(Y2011_MS + 60_000)));
    assert_eq!(jar.store(&url(HTTP), b"a=1; Max-Age=60", Y2011_MS + 59_999), Stored::Replaced);
    assert_eq!(expiry(&jar, Y2011_MS + 60_000), Some(Some(Y2011_MS + 119_999)));
    jar.store(&url(HTTP), b"a=1", Y2011_MS + 60_000);
    assert_eq!(expiry(&jar, Y2011_MS + 60_000), Some(None));
}

#[test]
fn a_host_only_cookie_and_a_domain_cookie_of_one_name_are_two() {
    let headers = ["a=host", "a=domain; Domain=www.shop.test", "a=gone; Domain=www.shop.test; Max-Age=0"];
    assert_eq!(sent(HTTP, &headers[..2], HTTP).as_deref(), Some("a=host; a=domain"));
    assert_eq!(sent(HTTP, &headers, HTTP).as_deref(), Some("a=host"));
    assert_eq!(sent(HTTP, &headers[..2], "http://x.www.shop.test/a/").as_deref(), Some("a=domain"));
}

#[test]
fn addresses_of_machines_have_no_subdomains() {
    assert_eq!(rejected("http://10.0.0.4/", "a=b; Domain=0.4"), Some(Rejection::DomainMismatch));
    assert_eq!(rejected("http://10.0.0.4/", "a=b; Domain=10.0.0.4"), None);
    for host in ["http://[::ffff:1.2.3.4]/", "http://[2001:db8::1]:8080/", "http://10.0.0.4/"] {
        assert_eq!(sent(host, &["a=b"], host).as_deref(), Some("a=b"), "{host}");
    }
}

#[test]
fn a_single_label_is_a_public_suffix_unless_it_is_the_host_itself() {
    assert_eq!(rejected(HTTP, "a=b; Domain=test"), Some(Rejection::PublicSuffix));
    assert_eq!(sent("http://localhost/", &["a=b; Domain=localhost"], "http://localhost/").as_deref(), Some("a=b"));
    assert_eq!(sent("http://localhost/", &["a=b; Domain=localhost"], "http://x.localhost/"), None);
    assert_eq!(rejected(HTTP, "a=b; Domain=shöp.test"), Some(Rejection::DomainNotAscii));
}

#[test]
fn secure_cookies_come_from_and_go_to_secure_connections_and_this_machine() {
    assert_eq!(rejected(HTTP, "a=b; Secure"), Some(Rejection::SecureOverPlain));
    assert_eq!(sent(HTTPS, &["a=b; Secure"], HTTP), None);
    assert_eq!(sent(HTTPS, &["a=b; Secure"], "wss://www.shop.test/a/chat").as_deref(), Some("a=b"));
    assert_eq!(sent(HTTPS, &["a=b; Secure"], "ws://www.shop.test/a/chat"), None);
    for host in ["http://localhost:3000/", "http://127.0.0.1/", "http://[::1]/", "ws://localhost/"] {
        assert_eq!(sent(host, &["a=b; Secure; HttpOnly"], host).as_deref(), Some("a=b"), "{host}");
    }
}

#[test]
fn a_plain_connection_neither_replaces_nor_hides_nor_deletes_a_secure_cookie() {
    for header in ["a=x", "a=x; Path=/a/b", "a=x; Domain=shop.test", "a=x; Max-Age=0"] {
        let mut jar = Jar::new();
        jar.store(&url(HTTPS), b"a=b; Secure; Path=/a", Y2011_MS);
        let stored = jar.store(&url(HTTP), header.as_bytes(), Y2011_MS);
        assert_eq!(stored, Stored::Rejected(Rejection::OverwritesSecure), "{header}");
    }
    let mut jar = Jar::new();
    jar.store(&url(HTTPS), b"a=b; Secure; Path=/a; Max-Age=60", Y2011_MS);
    assert_eq!(jar.store(&url(HTTP), b"a=x; Path=/", Y2011_MS), Stored::Kept);
    assert_eq!(jar.store(&url(HTTP), b"a=x; Path=/a", Y2011_MS + 60_000), Stored::Kept);
}

#[test]
fn prefixed_names_are_held_to_what_they_promise() {
    assert_eq!(rejected(HTTPS, "__Secure-a=b"), Some(Rejection::SecurePrefix));
    assert_eq!(rejected(HTTPS, "__sEcUrE-a=b"), Some(Rejection::SecurePrefix));
    assert_eq!(rejected(HTTPS, "__Secure-a=b; Secure"), None);
    for lacking in ["Secure", "Path=/", "Secure; Path=/a", "Secure; Path=/; Domain=www.shop.test", "Secure; Path"] {
        assert_eq!(rejected(HTTPS, &format!("__HOST-a=b; {lacking}")), Some(Rejection::HostPrefix), "{lacking}");
    }
    let root = "https://www.shop.test/";
    assert_eq!(rejected(root, "__Host-a=b; Secure"), Some(Rejection::HostPrefix));
    assert_eq!(rejected(HTTPS, "__Host-a=b; Secure; Path=/"), None);
    assert_eq!(rejected(HTTP, "__Host-a=b; Secure; Path=/"), Some(Rejection::SecureOverPlain));
}

#[test]
fn a_cookie_without_a_name_cannot_imitate_a_prefixed_one() {
    for header in ["=__Host-a=b", "=__Host-a=b; Secure; Path=/", "__secure-a"] {
        assert_eq!(rejected(HTTPS, header), Some(Rejection::NamelessPrefix), "{header}");
    }
    assert_eq!(rejected(HTTPS, "==__Host-a=b"), None);
}

#[test]
fn same_site_none_demands_secure_and_the_rest_changes_nothing() {
    assert_eq!(rejected(HTTPS, "a=b; SameSite=None"), Some(Rejection::SameSiteNoneNotSecure));
    for header in ["a=b; SameSite=None; Secure", "a=b; SameSite=Strict", "a=b; SameSite=Lax", "a=b; Partitioned"] {
        assert_eq!(sent(HTTPS, &[header], HTTPS).as_deref(), Some("a=b"), "{header}");
    }
}

#[test]
fn what_is_not_of_the_web_has_no_cookies() {
    for from in ["ftp://www.shop.test/", "data:text/plain,x", "file:///x"] {
        assert_eq!(rejected(from, "a=b"), Some(Rejection::NotWeb), "{from}");
    }
    assert_eq!(sent(HTTP, &["a=b; Path=/"], "ftp://www.shop.test/"), None);
}

proptest! {
    /// The wall clock stands somewhere between the two years.
    #[test]
    fn a_run_moved_to_another_year_sends_the_same_cookies(
        steps in prop::collection::vec((0_usize..3, -1_i64..40_000_000, 0_i64..50 * DAY_MS), 1..20),
    ) {
        let run = |start_ms: i64| {
            let (mut jar, mut now_ms, mut log) = (Jar::new(), start_ms, Vec::new());
            for (name, max_age_s, pause_ms) in &steps {
                let header = format!("c{name}=v; Max-Age={max_age_s}");
                log.push((jar.store(&url(HTTP), header.as_bytes(), now_ms), jar.header(&url(HTTP), now_ms)));
                now_ms += pause_ms;
            }
            log.push((Stored::Removed, jar.header(&url(HTTP), now_ms)));
            log
        };
        prop_assert_eq!(run(Y2011_MS), run(Y2036_MS));
    }
}
