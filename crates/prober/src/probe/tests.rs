//! Every failure class, every phase and every guard, from real servers on loopback.
//!
//! - [`lab`]: the prober and its targets; [`servers`], [`nameserver`], [`authority`]: servers to probe;
//!   [`until`] waits for a state.
//! - All others: one subject each.

mod authority;
mod lab;
mod test_name_server;
mod servers;
#[path = "../../../../tests/support/until.rs"]
mod until;

mod bodies;
mod chains;
mod connections;
mod cookies;
mod curl;
mod connection_end;
mod guard;
mod informational;
mod lenient;
mod name_servers;
mod names;
mod observed;
mod odd_servers;
mod phases;
mod protocol;
mod rebinding;
mod redirects;
mod requests;
mod streams;
mod tls;
mod versions;
mod restricted;
