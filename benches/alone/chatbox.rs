//! A chatbox that keeps no state, in the target's place: whoever presents the cookie gets that id back, whoever presents
//! none gets a new one. What it costs is in the lanes' figures.

use loiter::lanes::{Canned, Outgoing};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The length of an answer's body, in bytes.
const BODY: usize = 300;

/// What is before an id in the Cookie header.
const COOKIE: &[u8] = b"chatbox=";

/// The chatbox of one lane: its count of ids is shared with no other.
pub fn of_lane(lane: u32) -> Canned {
    let next = AtomicU64::new(u64::from(lane) << 32);
    let padding = "x".repeat(BODY);
    Arc::new(move |request, out| {
        let mut fresh = [0; 32];
        let known = presented(request);
        let id = known.unwrap_or_else(|| {
            fresh = new_id(next.fetch_add(1, Ordering::Relaxed));
            &fresh
        });
        out.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 300\r\n");
        let is_load = request.path().ends_with(b"/load");
        if is_load {
            let parts: [&[u8]; 4] =
                [b"set-cookie: ", COOKIE, id, b"; Max-Age=15768000; Path=/; HttpOnly; SameSite=Lax\r\n"];
            parts.iter().for_each(|part| out.extend_from_slice(part));
        }
        out.extend_from_slice(b"\r\n");
        let body = out.len();
        let said: &[u8] = match (is_load, known.is_none()) {
            (true, true) => br#"","messages":[],"fresh":true,"padding":""#,
            (true, false) => br#"","messages":[],"fresh":false,"padding":""#,
            (false, _) => br#"","padding":""#,
        };
        for part in [br#"{"session":""#.as_slice(), id, said] {
            out.extend_from_slice(part);
        }
        let rest = BODY - (out.len() - body) - br#""}"#.len();
        out.extend_from_slice(&padding.as_bytes()[..rest]);
        out.extend_from_slice(br#""}"#);
    })
}

/// The id in a request's cookie.
fn presented(request: &Outgoing) -> Option<&[u8]> {
    let mut headers = request.headers();
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case(b"cookie"))?;
    value.strip_prefix(COOKIE)
}

/// An id that looks drawn: 32 hexadecimal digits.
fn new_id(number: u64) -> [u8; 32] {
    let mut id = [0; 32];
    let halves = [scattered(2 * number), scattered(2 * number + 1)];
    for (place, digit) in id.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(halves[place / 16] >> (4 * (place % 16)) & 15) as usize];
    }
    id
}

/// splitmix64.
fn scattered(number: u64) -> u64 {
    let mixed = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}
