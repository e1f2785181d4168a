//! Every visitor has an address of its own, so that whatever is found later can be attributed to one visitor.

use crate::history::Stored;
use crate::scenario::Origin;
use crate::target::SourceSpec;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// 198.18.0.0/15, kept for benchmarks of networks.
const FORGED: u32 = 0xc612_0000;

/// The addresses of a run's visitors.
#[derive(Debug, Clone)]
pub struct Addresses {
    v4: (u32, u32),
    v6: u128,
    v6_free: u32,
    /// Of a hundred visitors, how many have an IPv6 address.
    v6_percent: u32,
    /// Where in the blocks this run begins, so that two runs against one store do not meet.
    offset: u32,
}

impl Addresses {
    /// The addresses of a run; `run` tells it from others.
    ///
    /// # Errors
    /// When a block cannot be read, or is too small.
    pub fn new(source: Option<&SourceSpec>, run: u32) -> Result<Self, String> {
        let v4 = source.and_then(|source| source.ipv4.as_deref()).unwrap_or("11.0.0.0/8");
        let v6 = source.and_then(|source| source.ipv6.as_deref()).unwrap_or("2001:db8::/32");
        let share = source.and_then(|source| source.ipv6_share).unwrap_or(0.25);
        if !(0.0..=1.0).contains(&share) {
            return Err(format!("`ipv6_share` is {share}; it must be between 0 and 1"));
        }
        let (base, bits) = block::<Ipv4Addr>(v4, 24)?;
        let (base6, bits6) = block::<Ipv6Addr>(v6, 64)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 100 is at most 100")]
        let v6_percent = (share * 100.0).round() as u32;
        Ok(Self { v4: (base.to_bits(), 32 - bits), v6: base6.to_bits(), v6_free: 128 - bits6, v6_percent, offset: run })
    }

    /// The addresses of a visitor; those who live in one household have the same.
    pub fn of(&self, visitor: u32) -> Person {
        let number = visitor.wrapping_add(self.offset);
        let forged = Ipv4Addr::from_bits(FORGED | (number & 0x0001_ffff));
        Person { home: self.place(visitor, 0), away: self.place(visitor, 1), forged: IpAddr::V4(forged) }
    }

    /// A visitor's first or second address. Second ones come from the far half of the block, as long as the first ones
    /// fit into the near one.
    fn place(&self, visitor: u32, which: u32) -> IpAddr {
        let number = visitor.wrapping_add(self.offset);
        // Spread over a hundred so that any cohort has its share of both families.
        if (visitor.wrapping_mul(61) + visitor / 100) % 100 < self.v6_percent {
            let far = u128::from(which) << (self.v6_free - 1);
            let host = ((u128::from(number) + 1) ^ far) & (u128::MAX >> (128 - self.v6_free));
            return IpAddr::V6(Ipv6Addr::from_bits(self.v6 | host));
        }
        let (base, free) = self.v4;
        let mask = u32::try_from((1_u64 << free) - 1).unwrap_or(u32::MAX);
        let far = if free == 0 { 0 } else { which << (free - 1) };
        IpAddr::V4(Ipv4Addr::from_bits(base | ((number ^ far) & mask)))
    }
}

/// The addresses of one visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// Where it lives.
    pub home: IpAddr,
    /// Where it moves to.
    pub away: IpAddr,
    /// What it claims to be when it forges: an address of the block for benchmarks, which nobody has.
    pub forged: IpAddr,
}

impl Person {
    /// Its own addresses.
    pub const fn own(&self) -> [IpAddr; 2] {
        [self.home, self.away]
    }

    /// What the trusted proxy's header says of a request that comes from there.
    pub fn header(&self, from: Origin) -> String {
        match (from, self.home) {
            (Origin::Home, home) => home.to_string(),
            (Origin::Away, _) => self.away.to_string(),
            (Origin::Mapped, IpAddr::V4(home)) => home.to_ipv6_mapped().to_string(),
            (Origin::Mapped, home) => home.to_string(),
            (Origin::Forger, home) => format!("{}, {home}", self.forged),
        }
    }

    /// Whose an address is that was found somewhere, however it is spelled.
    pub fn classify(&self, text: &str) -> Stored {
        match text.trim().parse::<IpAddr>().map(|found| found.to_canonical()) {
            Ok(found) if found == self.home => Stored::Own,
            Ok(found) if found == self.away => Stored::Away,
            Ok(found) if found == self.forged => Stored::Forged,
            _ => Stored::Other(text.into()),
        }
    }
}

fn block<A: std::str::FromStr>(text: &str, most_bits: u32) -> Result<(A, u32), String> {
    let wrong = || format!("`{text}` is no block of addresses such as `11.0.0.0/8`");
    let (base, bits) = text.split_once('/').ok_or_else(wrong)?;
    let base = base.parse::<A>().map_err(|_| wrong())?;
    let bits: u32 = bits.parse().map_err(|_| wrong())?;
    if bits == 0 || bits > most_bits {
        return Err(format!("the block `{text}` must have a prefix of 1 to {most_bits} bits"));
    }
    Ok((base, bits))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_s_addresses_are_told_apart_however_they_are_spelled() {
        let addresses = Addresses::new(None, 5).unwrap();
        for visitor in [0, 1, 60, 99, 1_000_000] {
            let person = addresses.of(visitor);
            assert_ne!(person.home, person.away);
            assert_eq!(person.classify(&person.header(Origin::Home)), Stored::Own);
            assert_eq!(person.classify(&person.header(Origin::Mapped)), Stored::Own);
            assert_eq!(person.classify(&person.header(Origin::Away)), Stored::Away);
            let forged = person.header(Origin::Forger);
            let (claim, proxy) = forged.split_once(", ").unwrap();
            assert_eq!((person.classify(claim), person.classify(proxy)), (Stored::Forged, Stored::Own));
            let other = addresses.of(visitor + 1).home.to_string();
            assert!(matches!(person.classify(&other), Stored::Other(_)));
        }
    }
}
