//! Every visitor has an address of its own, so that whatever is found later can be attributed to one visitor.

use super::decimal::Decimal;
use crate::history::Stored;
use crate::scenario::Origin;
use crate::target::Blocks;
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// 198.18.0.0/15, kept for benchmarks of networks.
const FORGED: u32 = 0xc612_0000;

/// The addresses of a run's visitors.
#[derive(Debug, Clone)]
pub struct Addresses {
    blocks: Blocks,
    /// Where in the blocks this run begins, so that two runs against one store do not meet.
    offset: u32,
}

impl Addresses {
    /// The addresses of a run; `run` tells it from others.
    pub fn new(blocks: Blocks, run: u32) -> Self {
        Self { blocks, offset: run }
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
        if (visitor.wrapping_mul(61) + visitor / 100) % 100 < self.blocks.v6_percent {
            let (base, free) = self.blocks.v6;
            let far = u128::from(which) << (free - 1);
            let host = ((u128::from(number) + 1) ^ far) & (u128::MAX >> (128 - free));
            return IpAddr::V6(Ipv6Addr::from_bits(base | host));
        }
        let (base, free) = self.blocks.v4;
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
        let mut header = String::new();
        self.header_into(from, &mut header);
        header
    }

    /// The same at the end of `out`.
    pub fn header_into(&self, from: Origin, out: &mut String) {
        match (from, self.home) {
            (Origin::Away, _) => push_address(self.away, out),
            (Origin::Mapped, IpAddr::V4(home)) => push_address(home.to_ipv6_mapped().into(), out),
            (Origin::Home | Origin::Mapped, home) => push_address(home, out),
            (Origin::Forger, home) => {
                push_address(self.forged, out);
                out.push_str(", ");
                push_address(home, out);
            }
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

/// Writes an address to the end of `out`, as its `Display` spells it.
pub fn push_address(address: IpAddr, out: &mut String) {
    match address {
        IpAddr::V4(v4) => {
            for (place, octet) in v4.octets().into_iter().enumerate() {
                out.push_str(if place == 0 { "" } else { "." });
                out.push_str(Decimal::of(octet.into()).text());
            }
        }
        IpAddr::V6(v6) => {
            // A string takes all that is written to it.
            let _ = write!(out, "{v6}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visitor_s_addresses_are_told_apart_however_they_are_spelled() {
        let addresses = Addresses::new(Blocks::default(), 5);
        for visitor in [0, 1, 60, 99, 1_000_000] {
            let person = addresses.of(visitor);
            assert_ne!(person.home, person.away);
            assert_eq!(person.header(Origin::Home), person.home.to_string());
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

    #[test]
    fn in_a_block_with_room_no_two_visitors_share_an_address() {
        let blocks = Blocks { v4: (10 << 24, 8), v6_percent: 0, ..Blocks::default() };
        blocks.room_for(128).unwrap();
        for run in [0, 77, 200, u32::MAX - 3] {
            let addresses = Addresses::new(blocks, run);
            let all: std::collections::BTreeSet<_> = (0..128).flat_map(|visitor| addresses.of(visitor).own()).collect();
            assert_eq!(all.len(), 256, "run {run}");
        }
    }
}
