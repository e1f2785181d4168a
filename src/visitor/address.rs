//! Every visitor has an address of its own, so that whatever is found later can be attributed to one visitor.

use crate::target::SourceSpec;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

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

    /// The visitor's address.
    pub fn of(&self, visitor: u32) -> IpAddr {
        let number = visitor.wrapping_add(self.offset);
        // Spread over a hundred so that any cohort has its share of both families.
        if (visitor.wrapping_mul(61) + visitor / 100) % 100 < self.v6_percent {
            let host = (u128::from(number) + 1) & (u128::MAX >> (128 - self.v6_free));
            return IpAddr::V6(Ipv6Addr::from_bits(self.v6 | host));
        }
        let (base, free) = self.v4;
        let mask = u32::try_from((1_u64 << free) - 1).unwrap_or(u32::MAX);
        IpAddr::V4(Ipv4Addr::from_bits(base | (number & mask)))
    }
}

/// Whether a text is this address, however it is spelled (IPv4-mapped IPv6 included).
pub fn is_own(text: &str, own: IpAddr) -> bool {
    text.trim().parse::<IpAddr>().is_ok_and(|found| found.to_canonical() == own)
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
