//! The append-only record of what was sent and what was seen, with send and receive instants.
//!
//! One JSON line an event, in zstd blocks of about 1 MiB whose digests chain. It judges nothing.

mod blocks;
mod codec;
mod event;
mod known;
mod line;
mod reader;
mod scan;
mod visitors;
mod write;
mod writer;

pub use codec::{Codec, Decoded};
pub use event::{Attestation, Event, Exchange, How, Identity, Outcome, Said, Source, Stored};
pub use known::Known;
pub use reader::{Ending, ReadError, read, read_of};
pub use visitors::Visitors;
pub use writer::{HistoryWriter, Recorder, Summary};

#[cfg(test)]
mod tests;

/// Bytes as lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
