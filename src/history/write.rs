//! Lines written by hand: byte for byte what serde makes of them, without its detours.

use super::event::{Said, Stored};
use super::line::{Carrier, Found, Id, Line, Read};
use serde::Serialize;

/// Appends a line, without its end.
pub(super) fn write(line: &Line<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"v\":");
    number(u64::from(line.visitor), out);
    field(b'p', Some(line.stop), out, unsigned);
    field(b'n', Some(line.step).filter(|step| *step != 0), out, unsigned);
    field(b'o', Some(line.op), out, unsigned);
    field(b'w', line.of, out, rare);
    field(b't', Some(line.after_t0), out, signed);
    field(b'l', line.width, out, signed);
    field(b'r', line.outcome, out, |outcome, out| quoted(outcome.name(), out));
    field(b'h', line.status, out, unsigned);
    field(b'c', line.carried, out, unsigned);
    field(b's', line.session.as_ref(), out, id);
    field(b'f', line.fresh, out, truth);
    field(b'm', line.said.as_ref(), out, read);
    field(b'x', line.message, out, unsigned);
    field(b'k', line.cookie.as_ref(), out, carrier);
    field(b'a', line.addresses.as_ref(), out, found);
    field(b'y', line.address_rows, out, unsigned);
    field(b'e', line.note.as_deref(), out, text);
    field(b'q', line.how, out, rare);
    field(b'b', line.restarts, out, unsigned);
    field(b'i', line.sent.as_deref(), out, text);
    field(b'g', line.attributes.as_ref(), out, id);
    field(b'z', Some(&line.strange).filter(|strange| !strange.is_empty()), out, rare);
    field(b'j', line.reveals.as_deref(), out, text);
    field(b'u', line.session_rows, out, unsigned);
    field(b'd', line.log_lines, out, unsigned);
    out.push(b'}');
}

#[inline]
fn field<T>(key: u8, value: Option<T>, out: &mut Vec<u8>, write: impl FnOnce(T, &mut Vec<u8>)) {
    if let Some(value) = value {
        out.extend_from_slice(&[b',', b'"', key, b'"', b':']);
        write(value, out);
    }
}

/// What hardly any line has goes the slow way.
fn rare(value: impl Serialize, out: &mut Vec<u8>) {
    // Nothing in a line can fail to be written: its keys are texts, and memory takes it.
    let _ = serde_json::to_writer(out, &value);
}

fn number(mut value: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    loop {
        start -= 1;
        digits[start] = b'0' + (value % 10) as u8;
        value /= 10;
        if value == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[start..]);
}

fn unsigned(value: impl Into<u64>, out: &mut Vec<u8>) {
    number(value.into(), out);
}

fn signed(value: i64, out: &mut Vec<u8>) {
    if value < 0 {
        out.push(b'-');
    }
    number(value.unsigned_abs(), out);
}

fn truth(value: bool, out: &mut Vec<u8>) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

/// A text in which nothing asks for an escape.
fn quoted(value: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    out.extend_from_slice(value.as_bytes());
    out.push(b'"');
}

fn text(value: &str, out: &mut Vec<u8>) {
    // Folded without a way out in between, so that many bytes are looked at together.
    let plain = value.bytes().fold(true, |plain, byte| plain & (byte >= b' ') & (byte != b'"') & (byte != b'\\'));
    if plain { quoted(value, out) } else { rare(value, out) }
}

fn id(value: &Id<'_>, out: &mut Vec<u8>) {
    match value {
        Id::Index(index) => unsigned(*index, out),
        Id::Text(id) => text(id, out),
    }
}

fn list<T>(values: &[T], out: &mut Vec<u8>, mut write: impl FnMut(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (place, value) in values.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        write(value, out);
    }
    out.push(b']');
}

fn read(value: &Read<'_>, out: &mut Vec<u8>) {
    match value {
        Read::All(count) => unsigned(*count, out),
        Read::Each(said) => list(said, out, |said, out| match said {
            Said::Own(own) => {
                out.extend_from_slice(b"{\"n\":");
                unsigned(*own, out);
                out.push(b'}');
            }
            other => rare(other, out),
        }),
    }
}

fn found(value: &Found<'_>, out: &mut Vec<u8>) {
    match value {
        Found::Own(one) => unsigned(*one, out),
        Found::Each(stored) => list(stored, out, |stored, out| match stored {
            Stored::Own => quoted("own", out),
            Stored::Away => quoted("away", out),
            other => rare(other, out),
        }),
    }
}

fn carrier(value: &Carrier<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"v\":");
    text(&value.value, out);
    field(b'a', value.max_age_s, out, signed);
    field(b'e', value.expires_s, out, signed);
    field(b'd', value.date_s, out, signed);
    field(b'b', Some(true).filter(|_| value.beside), out, truth);
    out.push(b'}');
}
