//! What one block of the history is made of: the line that names its lane, its events, and the line that chains it to
//! the block before. It never opens a file.

use super::hex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// A block's digest.
pub(super) type Digest = [u8; 32];

/// What stands before the first block.
pub(super) const FIRST: Digest = [0; 32];
/// The line of the last block of a history that is complete.
pub(super) const END: &str = "{\"end\":true}";
/// To how many bytes a block may unpack.
pub(super) const UNPACKED_MOST: usize = 16 << 20;
/// How many bytes a line may have.
pub(super) const LINE_MOST: usize = 4 << 20;

/// The first line of a block of events.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct LaneLine {
    lane: u32,
}

/// The last line of every block.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trailer {
    block: u64,
    prev: String,
    digest: String,
}

/// The digest of a block of these lines after a block of that digest.
pub(super) fn digest_of(before: &Digest, lines: &[u8]) -> Digest {
    Sha256::new().chain_update(before).chain_update(lines).finalize().into()
}

/// The line that opens a lane's block.
pub(super) fn lane_line(lane: u32) -> String {
    format!("{{\"lane\":{lane}}}\n")
}

/// The lane that a line opens.
pub(super) fn lane_of(line: &str) -> Result<u32, String> {
    let line: LaneLine = serde_json::from_str(line).map_err(|error| format!("its first line names no lane: {error}"))?;
    Ok(line.lane)
}

/// The line that ends a block.
pub(super) fn trailer_line(block: u64, before: &Digest, digest: &Digest) -> String {
    format!("{{\"block\":{block},\"prev\":\"{}\",\"digest\":\"{}\"}}\n", hex(before), hex(digest))
}

/// The lines of an unpacked block without the one that ends it, and its digest, once it is known to be the block
/// `number` after one of the digest `before`.
pub(super) fn verified<'a>(text: &'a str, number: u64, before: &Digest) -> Result<(&'a str, Digest), String> {
    let body = text.strip_suffix('\n').ok_or("it does not end with a line feed")?;
    let cut = body.rfind('\n').ok_or("it has no lines")? + 1;
    let (lines, last) = text.split_at(cut);
    if last.len() > LINE_MOST {
        return Err("a line has more than 4 MiB".into());
    }
    let trailer: Trailer = serde_json::from_str(last).map_err(|error| format!("its last line is not a digest: {error}"))?;
    if trailer.block != number {
        return Err(format!("it says that it is block {}", trailer.block));
    }
    if trailer.prev != hex(before) {
        return Err("it does not follow the block before: a block was changed, removed or put in".into());
    }
    let digest = digest_of(before, lines.as_bytes());
    if trailer.digest != hex(&digest) {
        return Err("its digest is not that of its lines: it was changed".into());
    }
    Ok((lines, digest))
}
