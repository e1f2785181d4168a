//! Takes chunks apart: strict in what ends a line, bounded in what stands beside the data.

/// The most bytes of extensions in a body, and of trailers.
const MOST_BESIDE: usize = 16 << 10;

/// It is no chunked body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// Where in a chunked body one is.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    at: At,
    /// The size of the chunk, or what is left of it.
    left: u64,
    extensions: usize,
    trailers: Vec<u8>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum At {
    #[default]
    FirstDigit,
    Digit,
    Blank,
    Extension,
    SizeLf,
    Data,
    DataCr,
    DataLf,
    /// The beginning of a trailer, or of the end.
    Line,
    Trailer,
    TrailerLf,
    EndLf,
    End,
}

impl Chunks {
    /// Takes the data of the next bytes into `body`, and says how many of them belong to the body.
    ///
    /// # Errors
    /// When they go against the chunks' form or bounds.
    pub(super) fn take(&mut self, bytes: &[u8], body: &mut Vec<u8>) -> Result<usize, Broken> {
        let mut from = 0;
        while from < bytes.len() && self.at != At::End {
            if self.at == At::Data {
                let here = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len() - from);
                body.extend_from_slice(&bytes[from..from + here]);
                from += here;
                self.left -= here as u64;
                if self.left == 0 {
                    self.at = At::DataCr;
                }
            } else {
                self.at = self.step(bytes[from])?;
                from += 1;
            }
        }
        Ok(from)
    }

    /// Whether the body is complete.
    pub(super) fn is_over(&self) -> bool {
        self.at == At::End
    }

    fn step(&mut self, letter: u8) -> Result<At, Broken> {
        match (self.at, letter) {
            (At::FirstDigit | At::Digit, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => self.digit(letter),
            (At::Digit | At::Blank, b' ' | b'\t') => Ok(At::Blank),
            (At::Digit | At::Blank, b';') => Ok(At::Extension),
            (At::Digit | At::Blank | At::Extension, b'\r') => Ok(At::SizeLf),
            (At::Extension, letter) if letter != b'\n' => self.extension(),
            (At::SizeLf, b'\n') => Ok(if self.left == 0 { At::Line } else { At::Data }),
            (At::DataCr, b'\r') => Ok(At::DataLf),
            (At::DataLf, b'\n') => Ok(At::FirstDigit),
            (At::Line, b'\r') => Ok(At::EndLf),
            (At::Line | At::Trailer, _) => self.trailer(letter),
            (At::TrailerLf, b'\n') => self.trailer(letter).map(|_| At::Line),
            (At::EndLf, b'\n') => self.end(),
            _ => Err(Broken),
        }
    }

    fn digit(&mut self, letter: u8) -> Result<At, Broken> {
        let digit = char::from(letter).to_digit(16).map_or(0, u64::from);
        self.left = self.left.checked_mul(16).and_then(|left| left.checked_add(digit)).ok_or(Broken)?;
        Ok(At::Digit)
    }

    fn extension(&mut self) -> Result<At, Broken> {
        self.extensions += 1;
        if self.extensions < MOST_BESIDE { Ok(At::Extension) } else { Err(Broken) }
    }

    fn trailer(&mut self, letter: u8) -> Result<At, Broken> {
        self.trailers.push(letter);
        match letter {
            _ if self.trailers.len() >= MOST_BESIDE => Err(Broken),
            b'\r' => Ok(At::TrailerLf),
            _ => Ok(At::Trailer),
        }
    }

    /// Trailers are of no use here; but what is none is no end of a body either.
    fn end(&mut self) -> Result<At, Broken> {
        if self.trailers.is_empty() {
            return Ok(At::End);
        }
        self.trailers.extend_from_slice(b"\r\n");
        let mut fields = [httparse::EMPTY_HEADER; super::head::MOST_HEADERS];
        match httparse::parse_headers(&self.trailers, &mut fields) {
            Ok(httparse::Status::Complete(_)) => Ok(At::End),
            _ => Err(Broken),
        }
    }
}
