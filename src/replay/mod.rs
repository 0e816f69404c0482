//! Replay: an outage is played again, so that people see it and rules are tried on it.
//!
//! - [`play()`] plays a story ([`Story`]) through the test bed, the real prober, the judge and the
//!   pages, as fast as is asked. The clock is the story's own, and waits for the probes: however
//!   slow the machine is, no turn is missed.
//! - [`judge()`] plays recorded checks through the judge alone, and tells every change of verdict.
//!
//! Nothing here leaves the machine: the sites of a story are servers on loopback, whatever their
//! names. It must never touch the data of a service.

mod checks;
mod house;
mod look;
mod pace;
mod player;
mod progress;
mod record;
mod scratch;
mod turns;

use std::net::SocketAddr;

use anyhow::Result;

pub use self::{
    checks::{Told, judge},
    look::understands,
};
use self::{house::House, player::Player};
use crate::config::Story;

/// How a story is played.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many times faster than life.
    pub speed: u32,
    /// Where the pages are.
    pub listen: SocketAddr,
    /// Whether the pages stay when the story is over, until somebody ends it.
    pub stay: bool,
}

/// Plays a story; it may be dropped at any moment.
///
/// # Errors
/// When the bed, the prober or the pages cannot be had.
pub async fn play(story: Story, options: Options) -> Result<()> {
    let (house, stage) = House::build(&story, &options).await?;
    Player::new(story, &options, house, stage).play().await
}
