//! Agents: probers in other places that report to this service, and both ends of their protocol.
//!
//! - [`token`]: by which an agent is known. [`protocol`]: what both ends say.
//! - [`agent`]: the agent's end. It dials out, and needs neither a database nor an address of its own.
//! - [`node`]: the node's end, with [`clock_offset`], how far an agent's clock is from ours, and [`share`],
//!   which agent of a region looks at which site.
//!
//! A node never trusts an agent's clock, nor what it says of its own region; an agent never does for a
//! node what its own operator has not allowed.

pub mod agent;
mod clock_offset;
mod node;
pub mod protocol;
mod share;
mod token;

pub use self::{
    agent::core_url,
    node::{AgentCounts, AgentView, Agents, Batch, BatchRefusal, Denied, News, NodeParts},
    token::Token,
};
