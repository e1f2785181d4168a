//! The target file as it stands in TOML.

mod clock;
mod requests;

pub use clock::{ClockSpec, Horizon, TimersSpec};
pub use requests::{AgentOperations, BodyRule, CaptureSpec, OutcomeWord, RawOperation, RequestSpec, VisitorOperations};

use crate::policy::Term;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use toml::Spanned;

/// The name of a website, as the target's paths or bodies want it.
pub type WebsiteName = String;
/// A whole target file.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTarget {
    /// What a person calls the target.
    pub name: String,
    /// Where it answers, such as `https://chat.staging.example`; `--url` overrides it.
    #[schemars(with = "String")]
    pub url: Spanned<String>,
    /// The websites that it serves; a visitor belongs to one.
    pub websites: Vec<WebsiteName>,
    /// How far the target's time may go: a length after T0 (`12 years`), or an instant (`2038-01-01T00:00:00Z`). With
    /// a wall clock's `longest_run` the shorter of the two counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub horizon: Option<Horizon>,
    /// How long an answer may take before it counts as unknown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<Term>,
    /// How many connections each lane keeps for its visitors, 1 to 4096; 32 where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u16>", range(min = 1, max = 4096))]
    pub connections: Option<Spanned<u16>>,
    /// Whose a connection is: everybody's of a lane, a visit's, or a visitor's.
    #[serde(default, skip_serializing_if = "is_default")]
    pub connect: Connect,
    /// Secrets by name, each the name of an environment variable; `{{ secret.NAME }}` in a template.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub secrets: BTreeMap<String, Text>,
    /// Where a visitor's address is told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<SourceSpec>")]
    pub source: Option<Spanned<SourceSpec>>,
    /// What binds a visitor to its session.
    pub carrier: CarrierSpec,
    /// The target's clock.
    pub clock: ClockSpec,
    /// Asked once before the run; its captures are `{{ about.NAME }}` in the store's path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<RequestSpec>,
    /// What visitors do.
    pub visitor: VisitorOperations,
    /// What agents do.
    #[serde(default)]
    pub agent: AgentOperations,
    /// The store's inspector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store: Option<StoreSpec>,
    /// Log files in which addresses of ended sessions must not stand; templates, as the store's path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(with = "Vec<String>")]
    pub logs: Vec<Spanned<String>>,
    /// How the target is restarted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub restart: Option<RestartSpec>,
}

/// How the target is restarted.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RestartSpec {
    /// The command and its words; each a template that may use `{{ about.NAME }}` and `{{ secret.NAME }}`.
    #[schemars(with = "Vec<String>")]
    pub command: Vec<Spanned<String>>,
    /// The name of a capture of `[about]` that is another one after each start; without it the target is taken to be
    /// gone when a connection that was open before ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub marker: Option<Spanned<String>>,
    /// How long the target may take to go down and to answer again; 30 s where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settle: Option<Term>,
}

/// A text, or the name of an environment variable that holds it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    deny_unknown_fields,
    expecting = "a text, or { env = \"NAME\" }, or { env = \"NAME\", default = \"...\" }"
)]
pub enum Text {
    /// The text itself; among the secrets, the variable's name.
    Plain(String),
    /// A variable, with what is taken where it is not set.
    Env {
        /// The variable's name.
        env: String,
        /// What is taken where it is not set.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
    },
}

/// Where a visitor's address is told, and from which blocks addresses are taken.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SourceSpec {
    /// The header of the trusted proxy, such as `x-forwarded-for`.
    pub header: String,
    /// Which entry of that header the target believes, where a proxy adds to what the visitor sends: only then can a
    /// forged address be told from the visitor's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hop: Option<Hop>,
    /// The block of IPv4 addresses, `11.0.0.0/8` where it is not said. They are written, never contacted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv4: Option<String>,
    /// The block of IPv6 addresses, `2001:db8::/32` where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6: Option<String>,
    /// The share of visitors with an IPv6 address, a quarter where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ipv6_share: Option<f64>,
}

/// Which entry of the trusted proxy's header is the visitor's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hop {
    /// The last one, which the proxy adds; whatever stands before it is the visitor's own claim.
    Last,
}

/// What binds a visitor to its session.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum CarrierSpec {
    /// A cookie that the server sets by Set-Cookie.
    Cookie {
        /// The cookie's name.
        name: String,
        /// Names of other cookies that belong to the infrastructure, such as a load balancer's.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        infrastructure: Vec<String>,
    },
}

impl CarrierSpec {
    /// The carrier's name.
    pub fn name(&self) -> &str {
        let Self::Cookie { name, .. } = self;
        name
    }

    /// Whether a cookie of this name is the carrier, or is declared to belong to the infrastructure.
    pub fn declares(&self, cookie: &str) -> bool {
        let Self::Cookie { name, infrastructure } = self;
        name == cookie || infrastructure.iter().any(|known| known == cookie)
    }
}

/// How the store is looked at.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum StoreSpec {
    /// A SQLite file, opened read-only.
    Sqlite {
        /// The file; a template that may use `{{ about.NAME }}` and `{{ secret.NAME }}`.
        #[schemars(with = "String")]
        path: Spanned<String>,
        /// Rows of the session `:session`, and none where it is not there; a column `address` holds its address.
        #[schemars(with = "String")]
        session: Spanned<String>,
        /// The texts of the messages of `:session`, in order.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>")]
        messages: Option<Spanned<String>>,
        /// In how many rows `:address` stands, over all tables that can hold it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>")]
        address_rows: Option<Spanned<String>>,
        /// In how many rows `:session` stands, over all tables that can hold it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(with = "Option<String>")]
        session_rows: Option<Spanned<String>>,
    },
}

/// Whose a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Connect {
    /// A lane's visitors take turns on its connections.
    #[default]
    Shared,
    /// A visit opens its own and closes it at its end, as people's browsers do.
    PerVisit,
    /// A visitor keeps its own from visit to visit, as far as the clock's jumps let it.
    PerVisitor,
}

impl Connect {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Shared, Self::PerVisit, Self::PerVisitor];

    /// Its name in files and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Shared => "shared",
            Self::PerVisit => "per-visit",
            Self::PerVisitor => "per-visitor",
        }
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}
