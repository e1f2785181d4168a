//! A visitor's request as the bytes that go out, in buffers that are used again for the next one.
//!
//! What a server once said can stand in a template, and so in a path or a header: nothing goes out that would end a line
//! before its time.

/// The longest path, in bytes.
const MOST_PATH: usize = u16::MAX as usize - 1;

/// A request, written anew each time: [`begin`](Self::begin), the headers, the body, [`finish`](Self::finish).
#[derive(Debug, Clone, Default)]
pub struct Outgoing {
    /// The head, and the body after it once it is finished.
    bytes: Vec<u8>,
    method_end: usize,
    path_end: usize,
    /// Where each name and each value ends in `bytes`.
    fields: Vec<(usize, usize)>,
    body: Vec<u8>,
}

impl Outgoing {
    /// Begins a request, and forgets the one before.
    ///
    /// # Errors
    /// When the path holds what no path can hold.
    pub fn begin(&mut self, method: &http::Method, path: &str) -> Result<(), String> {
        self.bytes.clear();
        self.fields.clear();
        self.body.clear();
        self.bytes.extend_from_slice(method.as_str().as_bytes());
        self.method_end = self.bytes.len();
        self.bytes.push(b' ');
        self.bytes.extend_from_slice(whole_path(path)?.as_bytes());
        self.path_end = self.bytes.len();
        self.bytes.extend_from_slice(b" HTTP/1.1\r\n");
        Ok(())
    }

    /// Adds a header.
    ///
    /// # Errors
    /// When its name is no token, or its value holds a control character.
    pub fn header(&mut self, name: &str, value: &[u8]) -> Result<(), String> {
        self.header_with(name, |bytes| bytes.extend_from_slice(value))
    }

    /// Adds a header whose value is written where it goes out.
    ///
    /// # Errors
    /// As [`header`](Self::header).
    pub fn header_with(&mut self, name: &str, write: impl FnOnce(&mut Vec<u8>)) -> Result<(), String> {
        let line = self.bytes.len();
        self.bytes.extend_from_slice(name.as_bytes());
        let name_end = self.bytes.len();
        self.bytes.extend_from_slice(b": ");
        write(&mut self.bytes);
        let refused = if name.is_empty() || !name.bytes().all(is_token) {
            Some("invalid HTTP header name")
        } else if !self.bytes[name_end + 2..].iter().all(|&letter| is_of_a_value(letter)) {
            Some("failed to parse header value")
        } else {
            None
        };
        if let Some(refused) = refused {
            self.bytes.truncate(line);
            return Err(refused.into());
        }
        self.fields.push((name_end, self.bytes.len()));
        self.bytes.extend_from_slice(b"\r\n");
        Ok(())
    }

    /// The body, to be written.
    pub fn body_mut(&mut self) -> &mut Vec<u8> {
        &mut self.body
    }

    /// Ends the head, and puts the body behind it. A request without a body tells no length.
    pub fn finish(&mut self) {
        if !self.body.is_empty() {
            self.bytes.extend_from_slice(b"content-length: ");
            push_decimal(&mut self.bytes, self.body.len());
            self.bytes.extend_from_slice(b"\r\n");
        }
        self.bytes.extend_from_slice(b"\r\n");
        self.bytes.extend_from_slice(&self.body);
    }

    /// All that goes out.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The method.
    pub fn method(&self) -> &[u8] {
        &self.bytes[..self.method_end]
    }

    /// The path and the query.
    pub fn path(&self) -> &[u8] {
        self.bytes.get(self.method_end + 1..self.path_end).unwrap_or_default()
    }

    /// Names and values of the headers that were added.
    pub fn headers(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut from = self.path_end + b" HTTP/1.1\r\n".len();
        self.fields.iter().map(move |&(name_end, value_end)| {
            let name = &self.bytes[from..name_end];
            from = value_end + b"\r\n".len();
            (name, &self.bytes[name_end + b": ".len()..value_end])
        })
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }
}

/// A path as it goes out, without the fragment, which no server is told.
fn whole_path(path: &str) -> Result<&str, String> {
    let path = path.split_once('#').map_or(path, |(path, _)| path);
    if path.len() > MOST_PATH {
        return Err("uri too long".into());
    }
    let (before, query) = path.split_once('?').unwrap_or((path, ""));
    let sound = before.starts_with('/') && before.bytes().all(is_of_a_path) && query.bytes().all(is_of_a_query);
    if sound { Ok(path) } else { Err("invalid uri character".into()) }
}

/// What need not be escaped in a path, and what people write there all the same.
const fn is_of_a_path(letter: u8) -> bool {
    matches!(letter, 0x21..=0x3b | b'=' | 0x40..=0x5f | 0x61..=0x7e | 0x80..) && letter != b'#'
}

const fn is_of_a_query(letter: u8) -> bool {
    matches!(letter, 0x21 | 0x24..=0x3b | b'=' | 0x3f..=0x7e | 0x80..)
}

const fn is_token(letter: u8) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~')
}

const fn is_of_a_value(letter: u8) -> bool {
    letter == b'\t' || (letter >= 32 && letter != 127)
}

fn push_decimal(bytes: &mut Vec<u8>, number: usize) {
    let mut digits = [0; 20];
    let mut from = digits.len();
    let mut rest = number;
    loop {
        from -= 1;
        digits[from] = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    bytes.extend_from_slice(&digits[from..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_request_goes_out_as_it_was_written_and_its_buffers_serve_the_next() {
        let mut request = Outgoing::default();
        for body in ["", "x", &"y".repeat(1_204)] {
            request.begin(&http::Method::POST, "/a?b=c#d").unwrap();
            request.header("host", b"h").unwrap();
            request.header_with("x-b", |bytes| bytes.extend_from_slice("é\t".as_bytes())).unwrap();
            request.body_mut().extend_from_slice(body.as_bytes());
            request.finish();
            let length = if body.is_empty() { String::new() } else { format!("content-length: {}\r\n", body.len()) };
            let expected = format!("POST /a?b=c HTTP/1.1\r\nhost: h\r\nx-b: é\t\r\n{length}\r\n{body}");
            assert_eq!(String::from_utf8_lossy(request.bytes()), expected);
            assert_eq!((request.method(), request.path()), (b"POST".as_slice(), b"/a?b=c".as_slice()));
            let headers: Vec<_> = request.headers().collect();
            assert_eq!(headers, [(b"host".as_slice(), b"h".as_slice()), (b"x-b", "é\t".as_bytes())]);
        }
    }

    #[test]
    fn a_header_that_would_end_its_line_is_refused_and_leaves_nothing() {
        let mut request = Outgoing::default();
        request.begin(&http::Method::GET, "/").unwrap();
        for (name, value) in
            [("a", "1\r\nb: 2"), ("a", "1\n"), ("a", "\0"), ("a\r\nb", "1"), ("a b", "1"), ("", "1"), ("a:", "1")]
        {
            assert!(request.header(name, value.as_bytes()).is_err(), "{name:?} {value:?}");
        }
        request.finish();
        assert_eq!(request.bytes(), b"GET / HTTP/1.1\r\n\r\n");
        for path in ["/a b", "/a\r\nx: y", "/\0", "a", "", "/a\u{7f}"] {
            assert!(request.begin(&http::Method::GET, path).is_err(), "{path:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_refused_is_what_the_field_s_common_types_refuse(path in "/?[ -~é\t\r\n]{0,12}", text in "[ -~é\t\r\n\0]{0,8}") {
            let mut request = Outgoing::default();
            let begun = request.begin(&http::Method::GET, &path);
            if path.starts_with('/') {
                let common = http::Uri::try_from(path.as_str());
                prop_assert_eq!(begun.is_ok(), common.is_ok(), "{:?}", path);
                if let Ok(common) = common {
                    let common = common.to_string();
                    prop_assert_eq!(request.path(), common.as_bytes());
                }
            } else {
                prop_assert!(begun.is_err());
            }
            prop_assert_eq!(request.header(&text, b"").is_ok(), http::HeaderName::try_from(text.as_str()).is_ok());
            let value = http::HeaderValue::try_from(text.as_str());
            prop_assert_eq!(request.header("a", text.as_bytes()).is_ok(), value.is_ok());
        }
    }
}
