//! One person's browser: its identity, its address, its texts. It gives no verdicts.

pub mod address;
pub mod browser;
mod decimal;
pub mod jar;
pub mod reveal;
pub mod text;
