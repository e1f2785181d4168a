//! tmp
pub mod jar;
