//! An answer's headers, in buffers that are used again for the next answer.

/// Headers as they came, in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    bytes: Vec<u8>,
    /// Where each name and each value ends in `bytes`; a name begins where the value before it ends.
    ends: Vec<(u32, u32)>,
}

impl Fields {
    /// Forgets them all, and keeps the room.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.ends.clear();
    }

    /// Adds a header. What does not fit into 4 GiB is left out: whoever reads answers bounds them long before.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        let name_end = self.bytes.len() + name.len();
        let (Ok(name_end), Ok(value_end)) = (u32::try_from(name_end), u32::try_from(name_end + value.len())) else {
            return;
        };
        self.bytes.extend_from_slice(name);
        self.bytes.extend_from_slice(value);
        self.ends.push((name_end, value_end));
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut from = 0;
        self.ends.iter().map(move |&(name_end, value_end)| {
            let name = &self.bytes[from..name_end as usize];
            from = value_end as usize;
            (name, &self.bytes[name_end as usize..value_end as usize])
        })
    }

    /// The values of all headers of a name, whatever the case of its letters.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// The value of the first header of a name.
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        self.iter().find(|(own, _)| own.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// Likewise as a text, where it is one of visible ASCII letters.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(visible)
    }
}

/// A header's value as a text, where it is one of visible ASCII letters.
pub fn visible(value: &[u8]) -> Option<&str> {
    let is_visible = value.iter().all(|&letter| letter == b'\t' || (32..127).contains(&letter));
    std::str::from_utf8(value).ok().filter(|_| is_visible)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_found_by_name_in_their_order_and_forgotten() {
        let mut fields = Fields::default();
        for (name, value) in [("Set-Cookie", "a=1"), ("Date", ""), ("set-cookie", "b=\u{e9}")] {
            fields.push(name.as_bytes(), value.as_bytes());
        }
        assert_eq!(fields.get_all("set-cookie").collect::<Vec<_>>(), [b"a=1".as_slice(), "b=\u{e9}".as_bytes()]);
        assert_eq!((fields.get("date"), fields.get("dat")), (Some(b"".as_slice()), None));
        assert_eq!((fields.text("SET-COOKIE"), fields.len()), (Some("a=1"), 3));
        fields.clear();
        fields.push(b"x", b"y");
        assert_eq!(fields.iter().collect::<Vec<_>>(), [(b"x".as_slice(), b"y".as_slice())]);
        assert_eq!(visible("\u{e9}".as_bytes()), None);
    }
}
