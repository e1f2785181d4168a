//! loiter as its users run it: the real program, real servers, real sockets.

mod bad_input;
mod bad_targets;
mod defects;
mod program;
mod sound;
