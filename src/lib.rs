//! loiter
#![forbid(unsafe_code)]
pub mod diagnostic;
pub mod instant;
pub mod policy;
pub mod history;
pub mod oracle;
pub mod plan;
pub mod reference;
pub mod scenario;
pub mod timeline;
pub mod visitor;
