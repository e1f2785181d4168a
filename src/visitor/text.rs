//! Every text names its run, website, visitor and number, so that whoever reads it knows whose it is.

use super::decimal::Decimal;
use crate::history::Said;

/// What every text says behind the numbers.
const WORDS: &str = "~ hello, can you help me with my order?";

/// The texts of one run.
#[derive(Debug, Clone)]
pub struct Texts {
    tag: String,
}

impl Texts {
    /// The texts of a run; `run` tells it from others.
    pub fn new(run: u32) -> Self {
        Self { tag: format!("~{run:08x}") }
    }

    /// Message `number` of a visitor on a website.
    pub fn render(&self, website: usize, visitor: u32, number: u16) -> String {
        let mut text = String::new();
        self.render_into(website, visitor, number, &mut text);
        text
    }

    /// The same at the end of `out`.
    pub fn render_into(&self, website: usize, visitor: u32, number: u16, out: &mut String) {
        out.push_str(&self.tag);
        for part in [website as u64, visitor.into(), number.into()] {
            out.push('.');
            out.push_str(Decimal::of(part).text());
        }
        out.push_str(WORDS);
    }

    /// The client's own name of that message.
    pub fn name(&self, visitor: u32, number: u16) -> String {
        let mut name = String::new();
        self.name_into(visitor, number, &mut name);
        name
    }

    /// The same at the end of `out`.
    pub fn name_into(&self, visitor: u32, number: u16, out: &mut String) {
        out.push_str(self.tag.trim_start_matches('~'));
        for part in [visitor.into(), number.into()] {
            out.push('.');
            out.push_str(Decimal::of(part).text());
        }
    }

    /// Whose a text is that this visitor read.
    pub fn classify(&self, text: &str, website: usize, visitor: u32) -> Said {
        if let Some(number) = self.own(text, website, visitor) {
            return Said::Own(number);
        }
        let Some((of_website, of_visitor, number)) = self.parse(text) else {
            return Said::Plain(text.into());
        };
        if (of_website, of_visitor) != (website, visitor) {
            return Said::Foreign { visitor: of_visitor, number, text: text.into() };
        }
        Said::Altered { number, text: text.into() }
    }

    /// The number of a text that is this visitor's own to the letter.
    fn own(&self, text: &str, website: usize, visitor: u32) -> Option<u16> {
        let mut rest = text.strip_prefix(&self.tag)?;
        for part in [website as u64, visitor.into()] {
            rest = rest.strip_prefix('.')?.strip_prefix(Decimal::of(part).text())?;
        }
        let (digits, words) = rest.strip_prefix('.')?.split_at_checked(rest.len().checked_sub(WORDS.len() + 1)?)?;
        let number = digits.parse().ok()?;
        // Only one spelling of the number is the one that was sent.
        (words == WORDS && Decimal::of(u64::from(number)).text() == digits).then_some(number)
    }

    fn parse(&self, text: &str) -> Option<(usize, u32, u16)> {
        let start = text.find(&self.tag)? + self.tag.len();
        let rest = text.get(start..)?.strip_prefix('.')?;
        let mut parts = rest.split('~').next()?.split('.');
        let parsed = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        Some(parsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_tells_whose_it_is() {
        let texts = Texts::new(7);
        let text = texts.render(1, 42, 3);
        assert_eq!(texts.classify(&text, 1, 42), Said::Own(3));
        assert!(matches!(texts.classify(&text, 0, 42), Said::Foreign { visitor: 42, number: 3, .. }));
        assert!(matches!(texts.classify(&text, 1, 43), Said::Foreign { visitor: 42, .. }));
        assert_eq!(text, "~00000007.1.42.3~ hello, can you help me with my order?");
        assert_eq!(texts.name(42, 3), "00000007.42.3");
        for changed in [text.replace(".3~", ".03~"), text.replace(".3~", ".+3~"), text.replace("order", "Order")] {
            assert_eq!(texts.classify(&changed, 1, 42), Said::Altered { number: 3, text: changed.as_str().into() });
        }
        for odd in [text.replace(".3~", ".65536~"), text.replace(".3~", ".~"), "~00000007.1.42".into()] {
            assert_eq!(texts.classify(&odd, 1, 42), Said::Plain(odd.as_str().into()));
        }
        let before = format!("Re: {text}");
        assert_eq!(texts.classify(&before, 1, 42), Said::Altered { number: 3, text: before.as_str().into() });
        assert!(matches!(texts.classify(&format!("{text}!"), 1, 42), Said::Altered { number: 3, .. }));
        assert!(matches!(texts.classify("Welcome!", 1, 42), Said::Plain(_)));
        assert!(matches!(Texts::new(8).classify(&text, 1, 42), Said::Plain(_)), "another run's text is not this one's");
    }
}
