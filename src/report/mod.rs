//! From a run's result to bytes: one file a format. It measures nothing and judges nothing.

mod exit;
mod json;
mod result;
mod text;

pub use exit::{Exit, exit_of};
pub use json::json;
pub use result::{Facts, Figures, RunResult};
pub use text::{Story, text};
