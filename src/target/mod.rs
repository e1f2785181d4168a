//! A target file made runnable: request templates, captures, how an answer maps to an outcome, the store's inspector.
//!
//! It knows nothing of the policy and judges nothing; it opens no connection of its own but the store's.

mod answer;
mod build;
mod file;
mod sqlite;
mod template;

pub use answer::{Answer, Captured};
pub use build::{ClockRequests, Operation, Request, Target, build, load};
pub use file::{
    CaptureSpec, CarrierSpec, ClockSpec, Horizon, OutcomeWord, RawOperation, RawTarget, RequestSpec, SourceSpec,
    StoreSpec, Text, TimersSpec, WebsiteName,
};
pub use sqlite::{Look, SqliteInspector};
pub use template::{Template, Variables};

/// The target file of the bundled reference server.
pub const REFERENCE: &str = include_str!("../../scenarios/targets/reference.toml");
