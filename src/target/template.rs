//! Templates of paths, headers and bodies; one without variables costs nothing to render, and one of the common form
//! is written into the caller's buffer.

use super::segments::Segments;
use minijinja::{Environment, UndefinedBehavior, Value, context};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a template can name.
#[derive(Debug, Clone, Default)]
pub struct Variables<'a> {
    /// The visitor's website.
    pub website: &'a str,
    /// The page that the visitor is on.
    pub page: &'a str,
    /// The message's text.
    pub text: &'a str,
    /// The client's own name of the message.
    pub message_id: &'a str,
    /// The session's id.
    pub session: &'a str,
    /// The visitor's number.
    pub visitor: u32,
    /// The visitor's address.
    pub address: &'a str,
    /// The time to move the clock to, in Unix milliseconds.
    pub to_ms: i64,
    /// The same in Unix seconds.
    pub to_s: i64,
    /// Secrets by name.
    pub secret: Option<&'a BTreeMap<String, String>>,
    /// What the target said about itself.
    pub about: Option<&'a BTreeMap<String, String>>,
}

impl Variables<'_> {
    fn values(&self) -> Value {
        let named = |texts: Option<&BTreeMap<String, String>>| -> BTreeMap<String, String> {
            texts.cloned().unwrap_or_default()
        };
        context! {
            website => self.website,
            page => self.page,
            text => self.text,
            message_id => self.message_id,
            session => self.session,
            visitor => self.visitor,
            address => self.address,
            to_ms => self.to_ms,
            to_s => self.to_s,
            secret => named(self.secret),
            about => named(self.about),
        }
    }
}

/// What a template has a value for where it stands.
#[derive(Debug, Clone, Copy)]
pub struct Scope<'a> {
    /// The names of the plain variables.
    pub names: &'static [&'static str],
    /// Secrets by name.
    pub secrets: &'a BTreeMap<String, String>,
    /// What the target said about itself, or will say.
    pub about: &'a BTreeMap<String, String>,
}

impl Scope<'_> {
    /// All that can be named, for a person who named something else.
    fn told(&self) -> String {
        let mut names: Vec<String> = self.names.iter().map(|name| (*name).to_owned()).collect();
        names.extend(self.secrets.keys().map(|name| format!("secret.{name}")));
        names.extend(self.about.keys().map(|name| format!("about.{name}")));
        match names.len() {
            0 => "there is nothing that it can name here".into(),
            _ => format!("it can name {}", names.join(", ")),
        }
    }
}

/// A text, with variables or without.
#[derive(Debug, Clone)]
pub enum Template {
    /// A text without variables.
    Literal(Arc<str>),
    /// Texts and names.
    Plain(Segmented),
    /// Whatever else minijinja understands: a template of this name in the environment.
    Named(Arc<Environment<'static>>, Arc<str>),
}

/// A template of the common form.
#[derive(Debug, Clone)]
pub struct Segmented(Arc<Segments>);

impl Template {
    /// Compiles a template, and renders it once to see that it names nothing unknown.
    ///
    /// # Errors
    /// What is wrong with it, in a lower-case fragment.
    pub fn compile(text: &str, scope: &Scope) -> Result<Self, String> {
        if !text.contains("{{") && !text.contains("{%") && !text.contains("{#") {
            return Ok(Self::Literal(text.into()));
        }
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        let told = |error: minijinja::Error| {
            let what = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            format!("the template cannot be used: {what}")
        };
        environment.add_template_owned("t", text.to_owned()).map_err(told)?;
        let template = Self::Named(Arc::new(environment), "t".into());
        let sample = sample(scope);
        let rendered = template.render(&sample).map_err(|error| format!("{error}; {}", scope.told()))?;
        // Only what comes out the same for all that was tried is taken for the common form.
        let plain = Segments::parse(text).map(|segments| Self::Plain(Segmented(Arc::new(segments))));
        let plain = plain.filter(|plain| plain.render(&sample).is_ok_and(|own| own == rendered));
        Ok(plain.unwrap_or(template))
    }

    /// The text with its variables filled in.
    ///
    /// # Errors
    /// When a variable has no value.
    pub fn render(&self, variables: &Variables) -> Result<Cow<'_, str>, String> {
        if let Self::Literal(text) = self {
            return Ok(Cow::Borrowed(text));
        }
        let mut text = String::new();
        self.render_into(variables, &mut text)?;
        Ok(Cow::Owned(text))
    }

    /// The same at the end of `out`, which is left as it was when there is an error.
    ///
    /// # Errors
    /// When a variable has no value.
    pub fn render_into(&self, variables: &Variables, out: &mut String) -> Result<(), String> {
        let before = out.len();
        let wrong = |kind: minijinja::ErrorKind| format!("the template cannot be filled in: {kind}");
        match self {
            Self::Literal(text) => out.push_str(text),
            Self::Plain(Segmented(segments)) => segments.write(variables, out).map_err(|()| {
                out.truncate(before);
                wrong(minijinja::ErrorKind::UndefinedError)
            })?,
            Self::Named(environment, name) => {
                let template = environment.get_template(name);
                let text = template.and_then(|template| template.render(variables.values()));
                out.push_str(&text.map_err(|error| wrong(error.kind()))?);
            }
        }
        Ok(())
    }

    /// Whether the text that comes out hangs on what `change` changes.
    pub fn hangs_on(&self, scope: &Scope, change: impl FnOnce(&mut Variables)) -> bool {
        let (usual, mut changed) = (sample(scope), sample(scope));
        change(&mut changed);
        self.render(&usual) != self.render(&changed)
    }
}

fn sample<'a>(scope: &Scope<'a>) -> Variables<'a> {
    Variables {
        website: "w",
        page: "/",
        text: "t",
        message_id: "m",
        session: "s",
        address: "a",
        secret: Some(scope.secrets),
        about: Some(scope.about),
        ..Variables::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![Just(String::new()), "[ -~]{0,8}", "[\\x00-\\x7f]{0,6}", ".{0,6}", r#"[<>&'"\\/\u{2028}é]{0,4}"#]
    }

    /// Pieces of templates, of the common form and of others, valid and not.
    fn pieces() -> impl Strategy<Value = String> {
        let names = prop::sample::select(vec![
            "website",
            "page",
            "text",
            "message_id",
            "session",
            "visitor",
            "address",
            "to_ms",
            "to_s",
            "secret.a",
            "secret.items",
            "secret._b2",
            "about.a",
            "about.none",
            "secret.none",
            "secret",
            "nothing",
            "secret['a']",
            "secret.a.b",
            "true",
            "text.x",
            "visitor + 1",
            "'}}'",
        ]);
        let filters =
            prop::sample::select(vec!["", "", "|tojson", " | tojson ", "|\ntojson", "|upper", "|e", "|safe|tojson"]);
        let spaces = prop::sample::select(vec!["", " ", "\t", "\n", "-", "+", "{", "\u{a0}"]);
        let named = (spaces.clone(), names, filters, spaces)
            .prop_map(|(before, name, filter, after)| format!("{{{{{before}{name}{filter}{after}}}}}"));
        let ends =
            prop::sample::select(vec!["\n", "\r\n", "\r", "}", "{", "}}", "{{", "{# #}", "{% if 1 %}x{% endif %}"]);
        prop_oneof![6 => named, 2 => texts(), 1 => ends.prop_map(str::to_owned)]
    }

    /// minijinja's own answer.
    fn by_minijinja(text: &str, variables: &Variables) -> Result<String, String> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment
            .render_str(text, variables.values())
            .map_err(|error| format!("the template cannot be filled in: {}", error.kind()))
    }

    proptest! {
        #![proptest_config(ProptestConfig { cases: 4096, source_file: Some(file!()), ..ProptestConfig::default() })]

        #[test]
        fn the_common_form_is_written_to_the_byte_as_minijinja_would_write_it(
            pieces in prop::collection::vec(pieces(), 0..4),
            values in prop::collection::vec(texts(), 8),
            numbers in (any::<u32>(), any::<i64>(), any::<i64>()),
        ) {
            let text = pieces.concat();
            let named = |names: &[&str], from: usize| -> BTreeMap<String, String> {
                names.iter().zip(&values[from..]).map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
            };
            let (secret, about) = (named(&["a", "items", "_b2"], 0), named(&["a"], 3));
            let variables = Variables {
                website: &values[0], page: &values[1], text: &values[2], message_id: &values[3], session: &values[4],
                address: &values[5], visitor: numbers.0, to_ms: numbers.1, to_s: numbers.2,
                secret: Some(&secret), about: Some(&about),
            };
            let bare = Variables { secret: None, about: None, ..variables.clone() };
            if let Some(segments) = Segments::parse(&text) {
                let plain = Template::Plain(Segmented(Arc::new(segments)));
                for variables in [&variables, &bare] {
                    let mut out = "before ".to_owned();
                    let written = plain.render_into(variables, &mut out).map(|()| out["before ".len()..].to_owned());
                    prop_assert_eq!(&written, &by_minijinja(&text, variables), "{:?}", text);
                    prop_assert!(written.is_ok() || out == "before ");
                }
            }
        }
    }

    #[test]
    fn the_common_form_is_understood_and_what_is_more_is_left_to_minijinja() {
        for text in ["{\"to\": {{ to_ms }}}", "/v1/{{ website }}/load", "{{text|tojson}}, {{ secret.token }}\n"] {
            assert!(Segments::parse(text).is_some(), "{text}");
        }
        for text in
            ["{{ text | upper }}", "{{- text }}", "{{ text -}}", "{% if text %}a{% endif %}", "{{ visitor + 1 }}"]
        {
            assert!(Segments::parse(text).is_none(), "{text}");
        }
    }
}
