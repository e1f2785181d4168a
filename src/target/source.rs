//! Where a visitor's address is told, made usable: the header, and the blocks that addresses are taken from.

use super::file::{Hop, SourceSpec};
use crate::scenario::Origin;
use std::net::{Ipv4Addr, Ipv6Addr};

/// The longest prefix of a block of IPv4 addresses, and of IPv6 ones.
const MOST_BITS: (u32, u32) = (24, 64);

/// Where a visitor's address is told.
#[derive(Debug, Clone)]
pub struct Source {
    /// The header.
    pub header: http::HeaderName,
    /// Which entry of it the target believes, where it says.
    pub hop: Option<Hop>,
    /// The blocks that addresses are taken from.
    pub blocks: Blocks,
}

/// The blocks that visitors' addresses are taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocks {
    /// The first IPv4 address, and how many bits of it are free.
    pub v4: (u32, u32),
    /// The first IPv6 address, and how many bits of it are free.
    pub v6: (u128, u32),
    /// Of a hundred visitors, how many have an IPv6 address.
    pub v6_percent: u32,
}

impl Default for Blocks {
    /// `11.0.0.0/8` and `2001:db8::/32`, a quarter of the visitors with IPv6.
    fn default() -> Self {
        Self { v4: (11 << 24, 24), v6: (0x2001_0db8 << 96, 96), v6_percent: 25 }
    }
}

impl Source {
    /// Compiles what the target file says.
    ///
    /// # Errors
    /// What is wrong with it, in a lower-case fragment.
    pub fn compile(spec: &SourceSpec) -> Result<Self, String> {
        let header = http::HeaderName::from_bytes(spec.header.as_bytes())
            .map_err(|_| format!("`{}` is no header's name", spec.header))?;
        let mut blocks = Blocks::default();
        if let Some(text) = &spec.ipv4 {
            let (base, bits) = block::<Ipv4Addr>(text, MOST_BITS.0)?;
            let free = 32 - bits;
            blocks.v4 = (base.to_bits() >> free << free, free);
        }
        if let Some(text) = &spec.ipv6 {
            let (base, bits) = block::<Ipv6Addr>(text, MOST_BITS.1)?;
            let free = 128 - bits;
            blocks.v6 = (base.to_bits() >> free << free, free);
        }
        let share = spec.ipv6_share.unwrap_or(0.25);
        if !(0.0..=1.0).contains(&share) {
            return Err(format!("`ipv6_share` is {share}; it must be between 0 and 1"));
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of 100 is at most 100")]
        let v6_percent = (share * 100.0).round() as u32;
        blocks.v6_percent = v6_percent;
        Ok(Self { header, hop: spec.hop, blocks })
    }

    /// Where a request can be told to come from. A header of which no hop is declared holds one address: two would be
    /// no address to a server that reads it as one.
    pub fn tellable(&self, from: Origin) -> Origin {
        if from == Origin::Forger && self.hop.is_none() { Origin::Home } else { from }
    }
}

impl Blocks {
    /// Whether so many visitors have two addresses each, all of them different: first ones in one half of a block and
    /// second ones in the other.
    ///
    /// # Errors
    /// Which block is too small, and how large it must be.
    pub fn room_for(&self, visitors: u32) -> Result<(), String> {
        let needed = u32::BITS - visitors.saturating_sub(1).leading_zeros() + 1;
        let families = [(100 - self.v6_percent, self.v4.1, 32, "IPv4"), (self.v6_percent, self.v6.1, 128, "IPv6")];
        families.into_iter().filter(|(share, ..)| *share > 0).try_for_each(|(_, free, bits, family)| {
            if free >= needed {
                return Ok(());
            }
            Err(format!(
                "the block of {family} addresses has a prefix of {} bits, and {visitors} visitors with two addresses \
                 each need one of {} bits or fewer",
                bits - free,
                bits.saturating_sub(needed)
            ))
        })
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

    fn of(toml: &str) -> Result<Source, String> {
        let spec: SourceSpec = toml::from_str(&format!("header = 'x-real-ip'\n{toml}")).unwrap();
        Source::compile(&spec)
    }

    #[test]
    fn a_source_that_says_nothing_has_the_default_blocks() {
        let said = of("ipv4 = '11.0.0.0/8'\nipv6 = '2001:db8::/32'\nipv6_share = 0.25").unwrap();
        assert_eq!((of("").unwrap().blocks, said.blocks), (Blocks::default(), Blocks::default()));
        assert_eq!(of("ipv4 = '11.0.0.9/8'").unwrap().blocks, said.blocks, "what lies beyond the prefix is dropped");
    }

    #[test]
    fn what_is_no_header_block_or_share_is_refused() {
        for (toml, words) in [
            ("ipv4 = '11.0.0.0'", "no block"),
            ("ipv4 = '11.0.0.0/30'", "prefix of 1 to 24"),
            ("ipv6 = '11.0.0.0/8'", "no block"),
            ("ipv6_share = 2.0", "between 0 and 1"),
        ] {
            let error = of(toml).unwrap_err();
            assert!(error.contains(words), "{toml}: {error}");
        }
        let spec: SourceSpec = toml::from_str("header = 'x real ip'").unwrap();
        assert!(Source::compile(&spec).unwrap_err().contains("no header's name"));
    }

    #[test]
    fn nobody_forges_where_no_hop_is_declared() {
        let (silent, last) = (of("").unwrap(), of("hop = 'last'").unwrap());
        assert_eq!((silent.tellable(Origin::Forger), last.tellable(Origin::Forger)), (Origin::Home, Origin::Forger));
        assert_eq!((silent.tellable(Origin::Away), silent.tellable(Origin::Mapped)), (Origin::Away, Origin::Mapped));
    }

    #[test]
    fn a_block_has_room_for_half_as_many_visitors_as_addresses() {
        let blocks = of("ipv4 = '10.0.0.0/24'").unwrap().blocks;
        assert_eq!(blocks.room_for(128), Ok(()));
        let error = blocks.room_for(129).unwrap_err();
        assert!(error.contains("IPv4") && error.contains("23 bits or fewer"), "{error}");
        assert_eq!(of("ipv4 = '10.0.0.0/24'\nipv6_share = 1.0").unwrap().blocks.room_for(1_000_000), Ok(()));
        assert_eq!(Blocks::default().room_for(1 << 23), Ok(()));
        assert!(Blocks::default().room_for((1 << 23) + 1).is_err());
    }
}
