//! The append-only record of what was sent and what was seen. It judges nothing.

mod event;

pub use event::{Attestation, Event, Exchange, Identity, Outcome, Said, Source, Stored};

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
