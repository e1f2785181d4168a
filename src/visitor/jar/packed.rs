//! Owns the form that a full jar has while its visitor is idle: bytes, with what is the same for most visitors told by
//! number.
//!
//! Loses nothing: cookies, ends, and the order of creation and of last use.

use cookie_store::Cookie;
use url::Url;

use super::ledger::{Facts, Key, Ledger};
use super::set_cookie::{SameSite, SetCookie};
use super::{Jar, StoredCookie};
use crate::packed::{Lexicon, put_number, put_signed, put_text, take_number, take_signed, take_text};

const HOST_ONLY: u64 = 1;
const SECURE: u64 = 2;
const HTTP_ONLY: u64 = 4;
const PARTITIONED: u64 = 8;
const PERSISTENT: u64 = 16;
/// Where the `SameSite` attribute stands among the flags: 0 for none.
const SAME_SITE_SHIFT: u32 = 5;
const SAME_SITES: [SameSite; 3] = [SameSite::Strict, SameSite::Lax, SameSite::None];

/// What a cookie is beside its name, its value and its place.
pub(super) struct Manner {
    pub(super) host_only: bool,
    pub(super) secure: bool,
    pub(super) http_only: bool,
    pub(super) partitioned: bool,
    pub(super) same_site: Option<SameSite>,
    pub(super) expires_ms: Option<i64>,
}

impl Manner {
    pub(super) fn pack(&self, t0_ms: i64, out: &mut Vec<u8>) {
        let site = self.same_site.and_then(|own| SAME_SITES.iter().position(|site| *site == own));
        let flags = [
            (HOST_ONLY, self.host_only),
            (SECURE, self.secure),
            (HTTP_ONLY, self.http_only),
            (PARTITIONED, self.partitioned),
            (PERSISTENT, self.expires_ms.is_some()),
        ];
        let set: u64 = flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag).sum();
        put_number(out, set | (site.map_or(0, |site| site as u64 + 1) << SAME_SITE_SHIFT));
        self.expires_ms.iter().for_each(|end| put_signed(out, end.wrapping_sub(t0_ms)));
    }

    pub(super) fn unpack(t0_ms: i64, bytes: &mut &[u8]) -> Option<Self> {
        let flags = take_number(bytes)?;
        let has = |flag| flags & flag != 0;
        let site = usize::try_from(flags >> SAME_SITE_SHIFT).ok()?;
        let expires_ms = if has(PERSISTENT) { Some(take_signed(bytes)?.wrapping_add(t0_ms)) } else { None };
        Some(Self {
            host_only: has(HOST_ONLY),
            secure: has(SECURE),
            http_only: has(HTTP_ONLY),
            partitioned: has(PARTITIONED),
            same_site: site.checked_sub(1).and_then(|site| SAME_SITES.get(site)).copied(),
            expires_ms,
        })
    }
}

impl Jar {
    /// Appends the jar's short form. Instants are counted from `t0_ms`.
    pub fn pack(&self, lexicon: &mut Lexicon, t0_ms: i64, out: &mut Vec<u8>) {
        put_number(out, self.ledger.ticks());
        put_number(out, self.ledger.len() as u64);
        for (key, facts) in self.ledger.iter() {
            for word in [&key.domain, &key.path, &key.name] {
                lexicon.put(out, word);
            }
            let cookie = self.stored(key);
            let manner = Manner {
                host_only: key.host_only,
                secure: facts.secure,
                http_only: cookie.and_then(|cookie| cookie.http_only()).unwrap_or(false),
                partitioned: facts.partitioned,
                same_site: facts.same_site,
                expires_ms: facts.expires_ms,
            };
            manner.pack(t0_ms, out);
            put_number(out, facts.created);
            put_number(out, facts.used);
            put_text(out, cookie.map_or("", |cookie| cookie.value()));
        }
    }

    /// Takes a jar off the front of its short form; `None` where that is none.
    pub fn unpack(lexicon: &Lexicon, t0_ms: i64, bytes: &mut &[u8]) -> Option<Self> {
        let ticks = take_number(bytes)?;
        let count = take_number(bytes)?;
        let mut jar = Self { ledger: Ledger::at(ticks), ..Self::default() };
        for _ in 0..count {
            let [domain, path, name] = [lexicon.take(bytes)?, lexicon.take(bytes)?, lexicon.take(bytes)?];
            let manner = Manner::unpack(t0_ms, bytes)?;
            let facts = Facts {
                expires_ms: manner.expires_ms,
                secure: manner.secure,
                same_site: manner.same_site,
                partitioned: manner.partitioned,
                created: take_number(bytes)?,
                used: take_number(bytes)?,
            };
            let cookie = SetCookie {
                name: name.clone().into(),
                value: take_text(bytes)?.into(),
                secure: facts.secure,
                http_only: manner.http_only,
                ..SetCookie::default()
            };
            let key = Key { domain: domain.into(), host_only: manner.host_only, path: path.into(), name: name.into() };
            let url = Url::parse(&format!("https://{}{}", key.domain, key.path)).ok()?;
            jar.put(&key, &cookie, &url).ok()?;
            jar.ledger.again(key, facts);
        }
        Some(jar)
    }

    fn stored(&self, key: &Key) -> Option<&Cookie<'static>> {
        let shelf = if key.host_only { &self.host_only } else { &self.domain_wide };
        shelf.get_any(&key.domain, &key.path, &key.name)
    }

    /// Everything that it holds, in the order of domains, paths and names.
    pub fn all(&self) -> impl Iterator<Item = (String, StoredCookie, [u64; 2])> {
        self.ledger.iter().filter_map(|(key, facts)| {
            let cookie = self.stored(key)?;
            let stored = StoredCookie {
                value: cookie.value().to_owned(),
                expires_ms: facts.expires_ms,
                domain: key.domain.clone(),
                host_only: key.host_only,
                path: key.path.clone(),
                secure: facts.secure,
                http_only: cookie.http_only().unwrap_or(false),
                same_site: facts.same_site,
                partitioned: facts.partitioned,
            };
            Some((key.name.clone(), stored, [facts.created, facts.used]))
        })
    }
}
