//! Templates of paths, headers and bodies; one without variables costs nothing to render.

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
    /// A template of this name in the environment.
    Named(Arc<Environment<'static>>, Arc<str>),
}

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
        template.render(&sample(scope)).map_err(|error| format!("{error}; {}", scope.told()))?;
        Ok(template)
    }

    /// The text with its variables filled in.
    ///
    /// # Errors
    /// When a variable has no value.
    pub fn render(&self, variables: &Variables) -> Result<Cow<'_, str>, String> {
        match self {
            Self::Literal(text) => Ok(Cow::Borrowed(text)),
            Self::Named(environment, name) => environment
                .get_template(name)
                .and_then(|template| template.render(variables.values()))
                .map(Cow::Owned)
                .map_err(|error| format!("the template cannot be filled in: {}", error.kind())),
        }
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
