//! A sample of the ids that a server made, and whether a structure is found in them.
//!
//! Sampling can refute randomness, never prove it: what is not found here may be there all the same.

use crate::history::Exchange;
use crate::instant::Instant;
use crate::scenario::{Op, Which, With};
use crate::visitor::reveal::percent_decoded;
use std::collections::{BTreeMap, BTreeSet};

/// Visitors with lower numbers than this are in the sample, whichever lane has them.
const SAMPLED: u32 = 4096;

/// Fewer ids than this show nothing.
pub const FEWEST: usize = 200;

/// Fewer bits than this in the part that varies can be guessed (OWASP ASVS).
const FEWEST_BITS: f64 = 64.0;

/// When an id was made, for whom, and by which step.
type Place = (i64, u32, u32, u16);

/// New ids, in the order in which they were made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IdSample {
    cookies: BTreeMap<Place, Box<str>>,
    sessions: BTreeMap<Place, Box<str>>,
}

/// What was found in a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Structure {
    /// Which ids: `cookies` or `session ids`.
    pub of: &'static str,
    /// How many were looked at.
    pub count: usize,
    /// What was found, in words; nothing where none was.
    pub found: Option<String>,
    /// The first visitor of the sample, and when it came.
    pub first: (u32, u32, u16, Instant),
}

impl IdSample {
    /// Keeps the ids that an answer to somebody new gives.
    pub(super) fn note(&mut self, exchange: &Exchange) {
        if exchange.visitor >= SAMPLED {
            return;
        }
        let new = exchange.op == Op::Load && !exchange.carried && exchange.fresh != Some(false);
        let own = exchange.how.with == With::Own && exchange.of == Which::Current && !exchange.how.raced;
        if !new || !own {
            return;
        }
        let place = (exchange.at.lo.0, exchange.stop, exchange.visitor, exchange.step);
        if let Some(cookie) = &exchange.cookie {
            self.cookies.insert(place, cookie.value.clone());
        }
        if let Some(session) = &exchange.session {
            self.sessions.insert(place, session.clone());
        }
    }

    /// Adds what another lane kept.
    pub(super) fn merge(&mut self, other: Self) {
        self.cookies.extend(other.cookies);
        self.sessions.extend(other.sessions);
    }

    /// What is found in cookies and in session ids, where there are enough of them.
    pub fn structures(&self) -> Vec<Structure> {
        [("cookies", &self.cookies), ("session ids", &self.sessions)]
            .into_iter()
            .filter(|(_, ids)| ids.len() >= FEWEST)
            .filter_map(|(of, ids)| {
                let (&(at, stop, visitor, step), _) = ids.first_key_value()?;
                let plain: Vec<(i64, String)> = ids.iter().map(|(place, id)| (place.0, percent_decoded(id))).collect();
                let texts = of_one_length(&plain);
                let first = (stop, visitor, step, Instant(at));
                Some(Structure { of, count: ids.len(), found: structure(&texts), first })
            })
            .collect()
    }
}

/// The ids of the commonest length, where most have it: places can be compared only among these.
fn of_one_length(ids: &[(i64, String)]) -> Vec<(i64, &str)> {
    let mut lengths: BTreeMap<usize, usize> = BTreeMap::new();
    for (_, id) in ids {
        *lengths.entry(id.len()).or_default() += 1;
    }
    let all = || ids.iter().map(|(at, id)| (*at, id.as_str()));
    match lengths.into_iter().max_by_key(|(_, count)| *count) {
        Some((length, count)) if count * 2 > ids.len() => all().filter(|(_, id)| id.len() == length).collect(),
        _ => all().collect(),
    }
}

/// The first structure that is found in ids, given with the time at which each was made.
fn structure(ids: &[(i64, &str)]) -> Option<String> {
    let distinct: BTreeSet<&str> = ids.iter().map(|(_, id)| *id).collect();
    if distinct.len() < ids.len() {
        return Some(format!("{} of {} are not unique", ids.len() - distinct.len(), ids.len()));
    }
    follows_time(ids).or_else(|| counts(ids)).or_else(|| few_bits(ids)).or_else(|| biased(ids))
}

/// Ids whose order is that of time: of two made at different times, the later one is the greater, nearly always.
fn follows_time(ids: &[(i64, &str)]) -> Option<String> {
    let pairs: Vec<bool> = ids
        .iter()
        .zip(ids.iter().skip(ids.len() / 2))
        .filter(|((early, _), (late, _))| early < late)
        .map(|((_, one), (_, other))| (one.len(), *one) < (other.len(), *other))
        .collect();
    let rising = pairs.iter().filter(|rises| **rises).count();
    let ordered = |count: usize| pairs.len() >= 100 && count * 100 >= pairs.len() * 98;
    (ordered(rising) || ordered(pairs.len() - rising))
        .then(|| "their order is the order in which they were made".into())
}

/// Ids that lie as close together as a counter's.
fn counts(ids: &[(i64, &str)]) -> Option<String> {
    let mut numbers: Vec<u128> = ids.iter().filter_map(|(_, id)| tail_number(id)).collect();
    if numbers.len() < ids.len() {
        return None;
    }
    numbers.sort_unstable();
    let gaps = numbers.windows(2).filter(|pair| pair[1] - pair[0] <= 16).count();
    (gaps * 2 > numbers.len()).then(|| "most differ from another by 16 or less, as a counter's do".into())
}

/// The number that an id ends in, decimal or hexadecimal, of at most 32 digits.
fn tail_number(id: &str) -> Option<u128> {
    let tail: String = id.chars().rev().take_while(char::is_ascii_hexdigit).take(32).collect();
    let tail: String = tail.chars().rev().collect();
    if tail.chars().all(|digit| digit.is_ascii_digit()) {
        tail.parse().ok()
    } else {
        u128::from_str_radix(&tail, 16).ok()
    }
}

/// Ids whose varying places cannot hold as many bits as it takes.
fn few_bits(ids: &[(i64, &str)]) -> Option<String> {
    let bits: f64 = alphabets(ids).iter().map(|letters| (letters.len() as f64).log2()).sum();
    (bits < FEWEST_BITS)
        .then(|| format!("the places that vary hold {bits:.0} bits at the most, fewer than {FEWEST_BITS}"))
}

/// Places at which the letters are not equally frequent.
fn biased(ids: &[(i64, &str)]) -> Option<String> {
    let alphabets = alphabets(ids);
    let total = ids.len() as f64;
    let uneven: Vec<usize> = alphabets
        .iter()
        .enumerate()
        // A place that hardly varies is a version, a prefix or an encoding's last letter; and few ids show nothing.
        .filter(|(_, letters)| letters.len() >= 8 && total / letters.len() as f64 >= 5.0)
        .filter(|(_, letters)| {
            let expected = total / letters.len() as f64;
            let chi: f64 = letters.iter().map(|count| (*count as f64 - expected).powi(2) / expected).sum();
            let freedom = letters.len() as f64 - 1.0;
            // Wilson and Hilferty: beyond seven standard deviations is no accident, whatever the place.
            let deviation = ((chi / freedom).cbrt() - (1.0 - 2.0 / (9.0 * freedom))) / (2.0 / (9.0 * freedom)).sqrt();
            deviation > 7.0
        })
        .map(|(place, _)| place + 1)
        .collect();
    (!uneven.is_empty()).then(|| format!("letters are far from equally frequent at place {uneven:?}"))
}

/// How often each letter stands at each place that all ids have; letters that never stand there are left out.
fn alphabets(ids: &[(i64, &str)]) -> Vec<Vec<u64>> {
    let shortest = ids.iter().map(|(_, id)| id.chars().count()).min().unwrap_or(0);
    let mut plain = vec![[0_u64; 128]; shortest];
    let mut others: Vec<BTreeMap<char, u64>> = vec![BTreeMap::new(); shortest];
    for (_, id) in ids {
        for ((plain, others), letter) in plain.iter_mut().zip(&mut others).zip(id.chars()) {
            match plain.get_mut(letter as usize) {
                Some(count) => *count += 1,
                None => *others.entry(letter).or_default() += 1,
            }
        }
    }
    let counted = |(plain, others): ([u64; 128], BTreeMap<char, u64>)| {
        plain.into_iter().filter(|count| *count > 0).chain(others.into_values()).collect()
    };
    plain.into_iter().zip(others).map(counted).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::hex;
    use sha2::{Digest, Sha256};

    fn random(number: u64) -> String {
        hex(&Sha256::digest(number.to_be_bytes())[..16])
    }

    fn found(make: impl Fn(u64) -> String) -> Option<String> {
        let ids: Vec<(i64, String)> = (0..1000)
            .map(|number| (i64::try_from(number / 10).unwrap() * 60_000, percent_decoded(&make(number))))
            .collect();
        structure(&of_one_length(&ids))
    }

    #[test]
    fn no_structure_is_found_in_random_ids_of_usual_kinds() {
        assert_eq!(found(random), None);
        assert_eq!(found(|number| format!("sess:{}", random(number))), None);
        let uuid = |number| {
            let id = random(number);
            let variant = ["8", "9", "a", "b"][usize::from(id.as_bytes()[16]) % 4];
            format!("{}-{}-4{}-{variant}{}-{}", &id[..8], &id[8..12], &id[13..16], &id[17..20], &id[20..])
        };
        assert_eq!(found(uuid), None);
    }

    #[test]
    fn a_value_that_is_dressed_in_percent_signs_is_looked_at_without_them() {
        use base64::Engine;
        let signed = |number: u64| {
            let text = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(number.to_be_bytes()));
            format!("s%3A{}", text.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"))
        };
        assert_eq!(found(signed), None);
        assert_eq!(percent_decoded("a%3Ab%2g%"), "a:b%2g%");
    }

    #[test]
    fn counters_times_repetitions_short_and_uneven_ids_are_found() {
        let words = |make: &dyn Fn(u64) -> String, words: &str| {
            let found = found(make).unwrap_or_else(|| panic!("{words}"));
            assert!(found.contains(words), "{found} for {words}");
        };
        words(&|number| format!("{number:020}"), "order in which they were made");
        words(&|number| format!("{:020}", 1000 - number), "order in which they were made");
        words(&|number| format!("{:012x}{}", 1_800_000_000_000 + number * 60_000, &random(number)[..20]), "order");
        words(&|number| format!("{:020}", (number * 389) % 1000), "a counter's");
        words(&|number| random(number)[..8].into(), "bits");
        words(&|number| random(number / 2), "not unique");
        words(&|number| random(number).replace(['8', '9', 'a', 'b'], "7"), "equally frequent");
    }
}
