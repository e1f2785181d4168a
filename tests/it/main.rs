//! loiter as its users run it: the real program, real servers, real sockets.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod bad_files;
mod bad_input;
mod bad_targets;
mod broken_off;
mod defects;
mod dry_run;
mod faketime;
mod faults;
mod foreign;
mod hostile;
mod hostile_server;
mod program;
mod proxy;
mod restart;
mod sound;
mod target_files;
mod tls;
mod wall;
