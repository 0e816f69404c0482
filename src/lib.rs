//! `stillup` answers one question for anyone who asks: **is that site up right now?**
//!
//! # Data flow
//!
//! ```text
//! catalogue ─► SCHEDULE ─► PROBE ─► check ─► JUDGE ─► verdict ─┬─► JOURNAL ─► Postgres ─► READ ─┐
//!              prober      prober   (bounded) model            │                                ├─► page · API · badge
//!                                                              └─► BOARD (memory) ──────────────┘        web
//! ```
//!
//! # The crates beside this one
//!
//! - [`model`]: the types and the pure rules. No waiting, no input or output, no clock, no text for people.
//! - [`prober`]: the clock, the probe, the scheduler with its attempts and canaries, and the journal.
//! - [`testbed`]: a miniature internet on loopback, for tests and replays.
//!
//! # The modules of the service, in reading order
//!
//! - [`atomic_file`]: writing files whole or not at all.
//! - [`i18n`]: sentences for people, in two languages. Pure.
//! - [`config`]: `stillup.toml`, `sites.toml`, flags and environment, checked. Loading has no effects.
//! - [`lists`]: lists of sites that other tools keep, read into a catalogue. Pure.
//! - [`token`]: tokens of agents and operators, of which only hashes are kept.
//! - [`operator`]: what people add while the service runs: tokens, planned work, notices, sites.
//! - [`store`]: Postgres; the only module that speaks SQL.
//! - [`private_postgres`]: a private Postgres for operators who bring none.
//! - [`board`]: the live state of all sites in memory.
//! - [`lookup`]: a visitor's own check, now, of any public address.
//! - [`pipeline`]: check → verdict → journal and board; and the recorder, journal → store.
//! - [`prometheus`]: figures in Prometheus' text format.
//! - [`http_client`]: clients for requests of our own, and their errors in words.
//! - [`agents`]: probers in other places, and both ends of their protocol.
//! - [`web`]: pages, API, badges. Only this module knows HTML and JSON shapes.
//! - [`notify`]: notifications of new verdicts: webhooks, chat, phones, mail.
//! - [`replay`]: plays an outage again, through the testbed, the prober, the judge and the pages.
//! - [`cli`]: the commands and their output.
//! - [`app`]: wires all modules, and stops them in order.
//!
//! Arrows point one way: a module uses modules above it, never below; `tests/house.rs` reads the
//! `use crate::…` lines and fails on any edge that is not in its table. Between crates the compiler
//! enforces it.
//!
//! # Invariants
//!
//! - No verdict is lost: it is in the journal before it is shown, and leaves the journal when
//!   Postgres has it.
//! - "Not checked" is not "down": without fresh evidence the status is `unknown`.
//! - Judged once: page, API and badge show the verdict of [`model::judge`].
//! - Every queue is bounded.
//! - Only [`prober::clock`] reads the time; only [`store`] speaks SQL.

// They panic on a closed pipe.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

pub mod atomic_file;
pub mod i18n;
pub mod config;
pub mod lists;
pub mod token;
pub mod operator;
pub mod store;
pub mod private_postgres;
pub mod board;
pub mod lookup;
pub mod pipeline;
pub mod prometheus;
pub mod http_client;
pub mod agents;
pub mod web;
pub mod notify;
pub mod replay;
pub mod cli;
pub mod app;
