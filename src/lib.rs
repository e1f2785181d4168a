//! loiter simulates the visitors of websites with a chatbox, in virtual time, and judges whether the server under test
//! keeps its written privacy policy.
//!
//! Data flows one way: policy, scenario and target file make a plan; the plan's steps are carried out and recorded as a
//! history; the oracle judges the history. `ARCHITECTURE.md` is the map of the rooms.

pub mod cli;
pub mod clock;
pub mod defects;
pub mod diagnostic;
pub mod explain;
pub mod history;
pub mod instant;
pub mod lanes;
pub mod measure;
pub mod oracle;
pub mod packed;
pub mod plan;
pub mod policy;
pub mod preview;
pub mod record;
pub mod reference;
pub mod report;
pub mod run;
pub mod scenario;
pub mod schema;
pub mod spill;
pub mod target;
pub mod timeline;
pub mod visitor;
