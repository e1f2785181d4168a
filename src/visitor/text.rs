//! Every text names its run, website, visitor and number, so that whoever reads it knows whose it is.

use crate::history::Said;

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
        format!("{}.{website}.{visitor}.{number}~ hello, can you help me with my order?", self.tag)
    }

    /// The client's own name of that message.
    pub fn name(&self, visitor: u32, number: u16) -> String {
        format!("{}.{visitor}.{number}", self.tag.trim_start_matches('~'))
    }

    /// Whose a text is that this visitor read.
    pub fn classify(&self, text: &str, website: usize, visitor: u32) -> Said {
        let Some((of_website, of_visitor, number)) = self.parse(text) else {
            return Said::Plain(text.into());
        };
        if (of_website, of_visitor) != (website, visitor) {
            return Said::Foreign { visitor: of_visitor, number, text: text.into() };
        }
        if text == self.render(website, visitor, number) {
            Said::Own(number)
        } else {
            Said::Altered { number, text: text.into() }
        }
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
        assert!(matches!(texts.classify(&format!("{text}!"), 1, 42), Said::Altered { number: 3, .. }));
        assert!(matches!(texts.classify("Welcome!", 1, 42), Said::Plain(_)));
        assert!(matches!(Texts::new(8).classify(&text, 1, 42), Said::Plain(_)), "another run's text is not this one's");
    }
}
