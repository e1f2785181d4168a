//! Tests over real sockets, with a moved clock and a look into the store.

mod client;
mod defects;
mod interface;
mod sound;
mod stories;
mod visitor;
