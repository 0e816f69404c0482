//! Agents: probers in other places that report to this service, and both ends of their protocol.
//!
//! - [`token`]: by which an agent is known.
//!
//! An agent dials out, never the other way. It has no database and no public pages.

mod token;

pub use token::Token;
