//! From a run's result to bytes: one file a format. It measures nothing and judges nothing.

mod coverage;
mod exit;
mod format;
mod json;
mod junit;
mod markdown;
mod plain;
mod result;
mod story;
mod survival;
mod text;

#[cfg(test)]
mod fixture;

pub use coverage::{Coverage, coverage, coverage_page};
pub use exit::{Exit, exit_of};
pub use format::{FORMATS, Format};
pub use json::json;
pub use junit::{junit, junit_of_no_run};
pub use markdown::{markdown, markdown_of_no_run, markdown_table};
pub use plain::plain;
pub use result::{Facts, Figures, RunResult};
pub use text::{Story, text};
