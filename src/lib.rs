//! loiter
#![forbid(unsafe_code)]
pub mod cli;
pub mod clock;
pub mod diagnostic;
pub mod history;
pub mod instant;
pub mod lanes;
pub mod measure;
pub mod oracle;
pub mod plan;
pub mod policy;
pub mod record;
pub mod reference;
pub mod report;
pub mod run;
pub mod scenario;
pub mod target;
pub mod timeline;
pub mod visitor;
