//! The jar against cases written by others, against its own rules, and against its short form.

mod limits;
mod short_form;
mod storage;
mod suite;
mod syntax;

use url::Url;

use super::{Jar, Stored};

/// 2011-01-01T00:00:00Z.
const Y2011_MS: i64 = 1_293_840_000_000;
/// 2036-01-01T00:00:00Z.
const Y2036_MS: i64 = 2_082_758_400_000;
const DAY_MS: i64 = 86_400_000;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The header that a fresh jar sends to `to` after `from` set these cookies, all at one time.
fn sent(from: &str, headers: &[&str], to: &str) -> Option<String> {
    let mut jar = Jar::new();
    for header in headers {
        jar.store(&url(from), header.as_bytes(), Y2011_MS);
    }
    jar.header(&url(to), Y2011_MS)
}

/// What becomes of one cookie in a fresh jar.
fn stored(from: &str, header: &str) -> Stored {
    Jar::new().store(&url(from), header.as_bytes(), Y2011_MS)
}
