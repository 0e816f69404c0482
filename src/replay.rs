//! Replay: an outage is played again, so that people see it and rules are tried on it.
//!
//! - [`play()`] plays a story ([`Story`]) through the testbed, the real prober, the judge and the
//!   pages, at the requested speed. The clock is the story's own, and waits for the probes: however
//!   slow the machine is, no check is missed.
//! - [`check()`] plays it as fast as possible, without pages, and reports unmet expectations.
//! - [`judge()`] plays recorded checks through the judge alone, and reports every change of verdict.
//!
//! Nothing here leaves the machine: the sites of a story are servers on loopback, whatever their
//! names. It must never touch the data of a service.

mod behaviour;
mod env;
mod expectations;
mod own_network;
mod play_speed;
mod player;
mod probe_plan;
mod progress;
mod recorded_checks;
mod replay_store;
mod scratch;
mod simulated_check;
mod simulated_time;
mod story_servers;
mod virtual_schedule;

use std::{future::pending, net::SocketAddr};

use anyhow::Result;

use self::env::ReplayEnv;
pub use self::recorded_checks::{VerdictChange, judge};
use self::{player::Player, progress::PlayProgress};
use crate::config::{Story, WordsAbout};

/// Speed, as a multiple of real time; `None`: as fast as possible.
type Speed = Option<u32>;

/// Options of a play.
#[derive(Clone, Debug)]
pub struct Options {
    /// Speed, as a multiple of real time.
    pub speed: u32,
    /// Address of the pages.
    pub listen: SocketAddr,
    /// True if the pages stay after the end of the story, until the process is ended.
    pub stay: bool,
}

/// Plays a story; it may be dropped at any moment.
///
/// # Errors
/// Fails when the testbed, the prober or the pages cannot be had.
pub async fn play(story: Story, options: Options) -> Result<()> {
    let env = ReplayEnv::build(&story, Some(options.listen)).await?;
    let progress = PlayProgress::new(&story, &options, env.0.url.as_ref());
    let player = Player::new(story, Some(options.speed), env, Some(progress))?;
    let (_env, _unmet) = player.play().await?;
    if options.stay {
        pending::<()>().await;
    }
    Ok(())
}

/// Plays a story as fast as possible; returns its unmet expectations, each with its line.
///
/// # Errors
/// Fails when the testbed or the prober cannot be had.
pub async fn check(story: Story) -> Result<Vec<String>> {
    let env = ReplayEnv::build(&story, None).await?;
    let (_env, unmet) = Player::new(story, None, env, None)?.play().await?;
    Ok(unmet)
}

/// Says whether words of a story are understood, and if not, why.
///
/// # Errors
/// The sentence for people.
pub fn understands(about: WordsAbout, words: &str) -> Result<(), String> {
    let (understood, write) = match about {
        WordsAbout::Site => (
            words.parse::<behaviour::BehaviourStep>().is_ok(),
            "\"ok\", \"after 4s\", \"status 503\", \"refuse\", \"hang\", \"cert expired\" or \"dns \
             nxdomain\"",
        ),
        WordsAbout::OurNetwork => (
            words.parse::<own_network::OwnConnection>().is_ok(),
            "\"ok\", \"cut\", \"refused\", \"nxdomain\", \"servfail\", \"one-certificate\", \"status 503\", \"slow 2s\" \
             or \"loss 30%\"",
        ),
        WordsAbout::NameServers => (
            words.parse::<own_network::OwnNameServers>().is_ok(),
            "\"ok\", \"silent\", \"servfail\", \"refused\", \"nxdomain\" or \"slow 2s\"",
        ),
    };
    if understood {
        return Ok(());
    }
    let words: String = words.chars().take(80).collect();
    Err(format!("{words:?} is not understood; write such as {write}"))
}

#[cfg(test)]
mod tests;
