//! loiter
#![forbid(unsafe_code)]
pub mod diagnostic;
pub mod instant;
pub mod policy;
pub mod history;
pub mod plan;
pub mod scenario;
pub mod timeline;
