//! `stillup` answers one question for anyone who asks: **is that site up right now?**
//!
//! # The way of the data
//!
//! ```text
//! catalogue ─► SCHEDULE ─► PROBE ─► check ─► JUDGE ─► verdict ─┬─► RECORD ─► Postgres ─► READ ─┐
//!              checker     probe    (bounded)  model           │   (journal, store)            ├─► page · API · badge
//!                                                              └─► BOARD (memory) ─────────────┘        web
//! ```
//!
//! # The rooms, in reading order
//!
//! - [`model`]: the words and the pure rules. No waiting, no input or output, no clock.
//! - [`i18n`]: sentences for people, in two languages. Pure.
//! - [`clock`]: the one place that reads the time.
//! - [`config`]: `stillup.toml`, `sites.toml`, flags and environment, checked. Loading has no effects.
//! - [`probe`]: the network act. It cannot fail: it returns an outcome.
//! - [`checker`]: turns and attempts; which site is looked at when.
//! - [`journal`]: what was judged, on disk, until Postgres has it.
//! - [`store`]: Postgres; the only room that speaks SQL.
//! - [`postgres`]: a private Postgres for those who bring none.
//! - [`board`]: the live picture of all sites in memory.
//! - [`lookup`]: a visitor's own check, now, of any public address.
//! - [`pipeline`]: check → verdict → journal and board; and the recorder, journal → store.
//! - [`web`]: pages, API, badges. Only this room knows HTML and JSON shapes.
//! - [`notify`]: telling people of new verdicts: webhooks, chat, phones, mail.
//! - [`bed`]: a miniature internet on loopback, for tests and demonstrations.
//! - [`replay`]: plays an outage again, through the bed, the prober, the judge and the pages.
//! - [`cli`]: the commands and what they print.
//! - [`app`]: knows all rooms, wires them, and ends them in order.
//!
//! Arrows point one way: a room uses rooms above it, never below; `tests/house.rs` reads the
//! `use crate::…` lines and fails on any edge that is not in its table.
//!
//! # What must stay true
//!
//! - Nothing that was judged is lost: it is in the journal before anybody sees it, and leaves the
//!   journal when Postgres has it.
//! - "We did not look" is not "down": without fresh evidence the status is `unknown`.
//! - Judged once: page, API and badge show the verdict of [`model::judge`].
//! - Every queue is bounded.
//! - Only [`clock`] reads the time; only [`store`] speaks SQL.

// They panic when nobody reads any more.
#![cfg_attr(not(test), deny(clippy::print_stdout, clippy::print_stderr))]

pub mod model;
pub mod i18n;
pub mod clock;
pub mod config;
pub mod probe;
pub mod checker;
pub mod journal;
pub mod store;
pub mod postgres;
pub mod board;
pub mod lookup;
pub mod pipeline;
pub mod web;
pub mod notify;
pub mod bed;
pub mod replay;
pub mod cli;
pub mod app;
