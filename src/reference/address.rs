//! The visitor's address: from where it is taken, and in which form it is stored.
//!
//! It owns both decisions. It never reads or writes the store.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use http::{HeaderMap, HeaderName};

use super::policy::{AddressForm, HeaderEntry, Rules};

/// The visitor's address: the peer's, or the rightmost entry of the trusted header. An entry that
/// is no address counts as none.
pub(super) fn of_visitor(
    rules: &Rules,
    peer: SocketAddr,
    headers: &HeaderMap,
    trust_header: Option<&HeaderName>,
) -> IpAddr {
    let forwarded = trust_header.and_then(|name| {
        let mut lines = headers.get_all(name).iter();
        let entry = match rules.address.entry {
            HeaderEntry::Rightmost => lines.next_back()?.to_str().ok()?.rsplit(',').next()?,
            HeaderEntry::Leftmost => lines.next()?.to_str().ok()?.split(',').next()?,
            HeaderEntry::NoEntry => return None,
        };
        parse(entry.trim())
    });
    forwarded.unwrap_or(peer.ip()).to_canonical()
}

/// The address as it is stored.
pub(super) fn stored(rules: &Rules, address: IpAddr) -> String {
    match (rules.address.form, address) {
        (AddressForm::Whole, _) | (AddressForm::OnlyV4, IpAddr::V4(_)) => address.to_string(),
        (AddressForm::OnlyV4, IpAddr::V6(_)) => String::new(),
        (AddressForm::Truncated, IpAddr::V4(v4)) => Ipv4Addr::from_bits(v4.to_bits() & 0xffff_ff00).to_string(),
        (AddressForm::Truncated, IpAddr::V6(v6)) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).to_string(),
    }
}

/// Some proxies add the port.
fn parse(entry: &str) -> Option<IpAddr> {
    entry.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}
