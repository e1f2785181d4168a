//! The `loiter` program.

fn main() {}
