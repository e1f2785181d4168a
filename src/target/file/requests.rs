//! How a target file tells of requests, of what their answers hold, and of the operations that they make up.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::Spanned;

/// One request, and what is taken from its answer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RequestSpec {
    /// The method, such as `POST`.
    #[schemars(with = "String")]
    pub method: Spanned<String>,
    /// The path, a template.
    #[schemars(with = "String")]
    pub path: Spanned<String>,
    /// Headers; their values are templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: BTreeMap<String, Spanned<String>>,
    /// The body, a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub body: Option<Spanned<String>>,
    /// What is taken from the answer, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, CaptureSpec>")]
    pub capture: BTreeMap<String, Spanned<CaptureSpec>>,
}

/// An operation: a request, and how its answer maps to an outcome.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOperation {
    /// The method, such as `POST`.
    #[schemars(with = "String")]
    pub method: Spanned<String>,
    /// The path, a template.
    #[schemars(with = "String")]
    pub path: Spanned<String>,
    /// Headers; their values are templates.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, String>")]
    pub headers: BTreeMap<String, Spanned<String>>,
    /// The body, a template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub body: Option<Spanned<String>>,
    /// `session`, `messages`, `address`, `fresh`: where the answer holds them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(with = "BTreeMap<String, CaptureSpec>")]
    pub capture: BTreeMap<String, Spanned<CaptureSpec>>,
    /// Statuses by outcome, where they differ from: 2xx ok, 404 and 410 absent, 401 and 403 forbidden, 429 throttled.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub outcome: BTreeMap<OutcomeWord, Vec<u16>>,
    /// Bodies that decide the outcome whatever the status says: the first that matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub when: Vec<BodyRule>,
    /// Whether this request makes a session where there is none; `load` always does.
    #[serde(default)]
    pub creates: bool,
}

/// A body that decides the outcome.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BodyRule {
    /// Where in the JSON body, as a pointer to one place.
    #[schemars(with = "String")]
    pub json: Spanned<String>,
    /// What stands there; nothing or null where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is: Option<serde_json::Value>,
    /// The outcome.
    pub outcome: OutcomeWord,
}

/// An outcome that a target file can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeWord {
    /// It was done.
    Ok,
    /// There is no such session.
    Absent,
    /// The caller was refused.
    Forbidden,
    /// The target asked for patience.
    Throttled,
    /// The target failed.
    Error,
}

/// Where a value stands in an answer.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum CaptureSpec {
    /// A JSON pointer; one `*` at the most stands for every element of an array.
    Json(String),
    /// A cookie that the answer sets.
    Cookie(String),
    /// A header.
    Header(String),
    /// The first group of a regular expression over the body; of `messages`, that of every match.
    Regex(String),
}

/// What visitors do.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitorOperations {
    /// Loads the chatbox; captures `session`.
    pub load: RawOperation,
    /// Views a page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browse: Option<RawOperation>,
    /// Sends `{{ text }}`. Where its body or headers name `{{ message_id }}`, the client's own name of the message, a
    /// repetition is tried too.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<RawOperation>,
    /// Reads the conversation; captures `messages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<RawOperation>,
}

/// What agents do, with `{{ session }}`.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AgentOperations {
    /// Looks at a session; captures `address` and `messages`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inspect: Option<RawOperation>,
    /// Sends `{{ text }}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub send: Option<RawOperation>,
    /// Makes the website greet the visitor with `{{ text }}`: an automated message, which no human agent wrote.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub greet: Option<RawOperation>,
    /// Deletes a session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delete: Option<RawOperation>,
}
