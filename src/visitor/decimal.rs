//! Numbers in decimal digits, without an allocation.

/// The digits of the largest number.
const MOST_DIGITS: usize = 20;

/// A number's digits.
pub(super) struct Decimal {
    digits: [u8; MOST_DIGITS],
    from: usize,
}

impl Decimal {
    /// The digits of a number, without leading zeros.
    pub(super) fn of(number: u64) -> Self {
        let mut decimal = Self { digits: [b'0'; MOST_DIGITS], from: MOST_DIGITS };
        let mut rest = number;
        loop {
            decimal.from -= 1;
            decimal.digits[decimal.from] += (rest % 10) as u8;
            rest /= 10;
            if rest == 0 {
                return decimal;
            }
        }
    }

    /// The number as a text.
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.digits[self.from..]).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_everybody_writes_it() {
        for number in [0, 1, 9, 10, 99, 100, 65_535, 4_294_967_295, u64::MAX] {
            assert_eq!(Decimal::of(number).text(), number.to_string());
        }
    }
}
