//! How much a jar holds, and what goes first.

use super::super::{Jar, MAX_PER_DOMAIN, MAX_TOTAL, Rejection, Stored};
use super::{DAY_MS, Y2011_MS, url};

const SHOP: &str = "https://shop.test/";

fn fill(jar: &mut Jar, host: &str, count: usize, attributes: &str) {
    for number in 0..count {
        let header = format!("c{number}=v{attributes}");
        assert_eq!(jar.store(&url(host), header.as_bytes(), Y2011_MS), Stored::Kept);
    }
}

fn holds(jar: &Jar, name: &str) -> bool {
    jar.get(&url(SHOP), name, Y2011_MS).is_some()
}

#[test]
fn a_domain_over_its_limit_loses_the_cookie_not_used_for_longest() {
    let mut jar = Jar::new();
    jar.store(&url(SHOP), b"deep=v; Path=/deep", Y2011_MS);
    fill(&mut jar, SHOP, MAX_PER_DOMAIN - 1, "");
    jar.header(&url("https://shop.test/deep"), Y2011_MS);
    jar.store(&url(SHOP), b"c0=again", Y2011_MS);
    jar.header(&url(SHOP), Y2011_MS);
    jar.store(&url(SHOP), b"new=v", Y2011_MS);
    assert_eq!(jar.len(), MAX_PER_DOMAIN);
    assert!(jar.get(&url("https://shop.test/deep"), "deep", Y2011_MS).is_none());
    assert!(holds(&jar, "c0") && holds(&jar, "new"));
}

#[test]
fn to_be_sent_is_to_be_used() {
    let mut jar = Jar::new();
    jar.store(&url(SHOP), b"sent=v; Path=/sent", Y2011_MS);
    jar.store(&url(SHOP), b"idle=v; Path=/idle", Y2011_MS);
    fill(&mut jar, SHOP, MAX_PER_DOMAIN - 2, "");
    jar.header(&url("https://shop.test/sent"), Y2011_MS);
    jar.store(&url(SHOP), b"new=v", Y2011_MS);
    let alive = |name: &str| {
        let page = url(&format!("https://shop.test/{name}"));
        jar.get(&page, name, Y2011_MS).is_some()
    };
    assert!(alive("sent") && !alive("idle"));
}

#[test]
fn secure_cookies_stay_longer_even_than_the_newcomer() {
    let mut jar = Jar::new();
    fill(&mut jar, SHOP, MAX_PER_DOMAIN - 1, "; Secure");
    jar.store(&url(SHOP), b"plain=v", Y2011_MS);
    assert_eq!(jar.store(&url(SHOP), b"other=v", Y2011_MS), Stored::Kept);
    assert!(!holds(&jar, "plain") && holds(&jar, "c0"));
    jar.store(&url(SHOP), b"other=v; Max-Age=0", Y2011_MS);
    jar.store(&url(SHOP), b"last=v; Secure", Y2011_MS);
    assert_eq!(jar.store(&url(SHOP), b"plain=v", Y2011_MS), Stored::Rejected(Rejection::NoRoom));
    assert_eq!(jar.len(), MAX_PER_DOMAIN);
}

#[test]
fn a_full_jar_loses_the_cookie_not_used_for_longest_of_all() {
    let mut jar = Jar::new();
    jar.store(&url(SHOP), b"first=v; Secure", Y2011_MS);
    for host in 0.. {
        let count = MAX_PER_DOMAIN.min(MAX_TOTAL - jar.len());
        if count == 0 {
            break;
        }
        fill(&mut jar, &format!("https://h{host}.test/"), count, "");
    }
    assert!(holds(&jar, "first"));
    jar.store(&url(SHOP), b"second=v", Y2011_MS);
    assert_eq!(jar.len(), MAX_TOTAL);
    assert!(!holds(&jar, "first") && holds(&jar, "second"));
}

#[test]
fn what_has_expired_goes_before_anything_else() {
    let mut jar = Jar::new();
    fill(&mut jar, SHOP, MAX_PER_DOMAIN - 1, "");
    jar.store(&url(SHOP), b"brief=v; Max-Age=1", Y2011_MS);
    jar.store(&url(SHOP), b"new=v", Y2011_MS + DAY_MS);
    assert_eq!(jar.len(), MAX_PER_DOMAIN);
    assert!(holds(&jar, "c0") && holds(&jar, "new"));
}
