//! The lanes: the workers of a run. Each owns a share of the visitors, its connections, its counts; they share nothing.
//!
//! A lane carries out what is due and records what happened; it knows no journey's sense and gives no verdict of its own.

mod act;
mod agent;
mod ask;
mod capture;
mod frozen;
mod lane;
mod limits;
mod race;
mod setup;
mod slab;
mod store;
mod tls;
mod traveller;
mod wire;

pub use agent::{agent_ask, agent_ask_from, agent_client};
pub use lane::Lane;
pub use limits::{most_connections, refusal};
pub use setup::{Crowd, Finished, LaneSetup, Sink, StopReport};
pub use tls::client_config;
pub use wire::{Canned, Dial, Outgoing};
