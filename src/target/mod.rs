//! A target file made runnable: request templates, captures, how an answer maps to an outcome, the store's inspector.
//!
//! It knows nothing of the policy and judges nothing; it opens no connection of its own but the store's and, for a
//! restart, one that shows when the target has gone down.

mod answer;
mod build;
mod facts;
mod fields;
mod file;
mod logs;
mod outcome;
mod place;
mod pointer;
mod query;
mod reader;
mod requests;
mod restart;
mod segments;
mod source;
mod sqlite;
mod template;
mod tree;
mod walk;

pub use answer::{Answer, Captured};
pub use build::{ClockRequests, Operation, Request, Target, build, load};
pub use fields::{Fields, visible};
pub use file::{
    CaptureSpec, CarrierSpec, ClockSpec, Connect, Hop, Horizon, OutcomeWord, RawOperation, RawTarget, RequestSpec,
    RestartSpec, SourceSpec, StoreSpec, Text, TimersSpec, WebsiteName,
};
pub use logs::Logs;
pub use reader::{Reader, Taken};
pub use restart::Restart;
pub use source::{Blocks, Source};
pub use sqlite::{Look, SqliteInspector};
pub use template::{Scope, Segmented, Template, Variables};

#[cfg(test)]
mod tests;

/// The target file of the bundled reference server.
pub const REFERENCE: &str = include_str!("../../scenarios/targets/reference.toml");
