//! Agents: probers in other regions that report to this service, and both ends of their protocol.
//!
//! - [`protocol`]: messages of both ends.
//! - [`agent`]: the agent's end. It dials out, and needs neither a database nor an address of its own.
//! - [`node`]: the node's end, with [`clock_offset`], the difference of an agent's clock from ours, and
//!   [`share`], the division of a region's sites among its agents.
//! - [`known_traces`]: at both ends, what of a check need not be sent again.
//!
//! A node never trusts an agent's clock, nor its claim about its own region; an agent never does
//! for a node what its own operator has not allowed.

pub mod agent;
mod clock_offset;
mod known_traces;
mod node;
pub mod protocol;
mod share;

pub use self::{
    agent::{PeerParts, Peers, new_run},
    node::{
        Admitted, AgentCounts, AgentView, Agents, BatchRefusal, Denied, News, NodeParts,
        ReportBatch,
    },
};
