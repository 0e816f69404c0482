//! Looking at the sites of a story: the real prober on servers of the bed.
//!
//! What a site waits before it answers is shortened by as much as the story is played faster, and
//! put back into what was measured. All else is as long as it really took.

use std::{collections::HashMap, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::sync::RwLock;
use url::Url;

use crate::{
    bed::{Bed, Behaviour, Host, Order},
    checker::Look,
    model::{name::Slug, outcome::Outcome, site::Site},
    probe::{Prober, Target},
};

/// What the machine itself may need for an answer, whatever the speed.
const OVERHEAD: Duration = Duration::from_millis(400);
/// The same, however busy the machine is, of a server that is sure to do something.
const BUSY: Duration = Duration::from_secs(20);

/// Says whether words for what a site does are understood by the bed, and if not, why.
///
/// # Errors
/// The sentence for people.
pub fn understands(words: &str) -> Result<(), String> {
    words.parse::<Order>().map(drop).map_err(|_| {
        let words: String = words.chars().take(80).collect();
        format!(
            "{words:?} is not understood; write such as \"ok\", \"after 4s\", \"status 503\", \
             \"refuse\", \"hang\", \"cert expired\" or \"dns nxdomain\""
        )
    })
}

/// The servers of a story's sites, and who looks at them.
#[derive(Clone, Debug)]
pub(super) struct Stage {
    prober: Prober,
    actors: Arc<HashMap<Slug, Actor>>,
    usual: Arc<str>,
    speed: u32,
}

#[derive(Debug)]
struct Actor {
    host: Host,
    url: Url,
    acts: RwLock<Acts>,
}

/// What has to be known of what a site does to look at it faster than life.
#[derive(Clone, Copy, Debug, Default)]
struct Acts {
    /// What it waits before it answers, in the story.
    pause: Duration,
    /// Whether it may leave a visitor waiting for ever.
    hangs: bool,
}

impl Acts {
    /// How long a look may take. Whoever is sure to answer in time, in the story, is waited for: a
    /// machine that is busy makes no site fail.
    fn patience(self, timeout: Duration, speed: u32) -> Duration {
        let hurried = timeout / speed;
        if self.pause >= timeout {
            hurried
        } else if self.hangs {
            hurried + OVERHEAD
        } else {
            hurried + BUSY
        }
    }
}

/// Whether a visitor may wait for ever.
fn hangs(behaviour: &Behaviour) -> bool {
    match behaviour {
        Behaviour::Drip(..)
        | Behaviour::HangAfterAccept
        | Behaviour::HangAfterRequest
        | Behaviour::HangMidAnswer
        | Behaviour::Blackhole => true,
        Behaviour::Flaky { with, .. } => hangs(with),
        _ => false,
    }
}

impl Stage {
    /// Opens a server for each site, which does what is usual.
    pub(super) async fn open(
        bed: &Bed,
        prober: Prober,
        sites: &[Arc<Site>],
        usual: &str,
        speed: u32,
    ) -> Result<Self> {
        let mut actors = HashMap::new();
        for site in sites {
            let name = site.url.host_str().context("a site has no host")?;
            let host = bed.host(name).await.with_context(|| format!("no server for {name}"))?;
            let secure = site.url.scheme() == "https";
            let mut url = site.url.clone();
            let port = if secure { host.ports().https } else { host.ports().http };
            // A URL with a host takes any port.
            let _ = url.set_port(Some(port));
            let acts = RwLock::default();
            actors.insert(site.slug.clone(), Actor { host, url, acts });
        }
        let (actors, usual) = (Arc::new(actors), usual.into());
        let stage = Self { prober, actors, usual, speed: speed.max(1) };
        for site in sites {
            stage.direct(&site.slug, None).await?;
        }
        Ok(stage)
    }

    /// Lets a site do something from now on, or what is usual.
    pub(super) async fn direct(&self, slug: &Slug, words: Option<&str>) -> Result<()> {
        let Some(actor) = self.actors.get(slug) else { return Ok(()) };
        let order: Order = words.unwrap_or(&self.usual).parse()?;
        if words.is_none() {
            actor.host.obey(Order::Dns("ok".parse()?)).await?;
        }
        let (order, acts) = self.hurried(order);
        match acts {
            Some(acts) => *actor.acts.write().await = acts,
            // Name servers may be silent.
            None => actor.acts.write().await.hangs = true,
        }
        actor.host.obey(order).await.with_context(|| format!("{slug} cannot do that"))
    }

    /// The same at the speed of the play, and what is to be known of it; `None` when it says
    /// nothing of how the site answers.
    fn hurried(&self, order: Order) -> (Order, Option<Acts>) {
        match order {
            Order::Behave(Behaviour::AnswerAfter(pause, answer)) => {
                let hurried = Behaviour::AnswerAfter(pause / self.speed, answer);
                (Order::Behave(hurried), Some(Acts { pause, hangs: false }))
            }
            Order::Behave(other) => {
                let acts = Acts { pause: Duration::ZERO, hangs: hangs(&other) };
                (Order::Behave(other), Some(acts))
            }
            names @ Order::Dns(_) => (names, None),
        }
    }
}

impl Look for Stage {
    async fn look(&self, site: &Site, attempt: u8) -> Outcome {
        let Some(actor) = self.actors.get(&site.slug) else {
            return Outcome::failed(crate::model::outcome::Failure::Dns, "not in the story");
        };
        let acts = *actor.acts.read().await;
        let timeout = acts.patience(site.timeout, self.speed);
        // The servers are on loopback, which is private.
        let target = Target { url: &actor.url, timeout, expect: &site.expect, private: true };
        let mut outcome = self.prober.probe(&target, attempt).await;
        let saved = acts.pause.saturating_sub(acts.pause / self.speed).as_micros();
        if let Some(wait) = &mut outcome.phases.wait {
            *wait = wait.saturating_add(u32::try_from(saved).unwrap_or(u32::MAX));
        }
        outcome
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_answers_in_time_is_waited_for_and_one_that_does_not_is_not() {
        let seconds = Duration::from_secs;
        let acts = |pause, hangs| Acts { pause: seconds(pause), hangs };
        for (acts, want) in [
            (acts(0, false), seconds(20) + seconds(10) / 120),
            (acts(9, false), seconds(20) + seconds(10) / 120),
            (acts(0, true), OVERHEAD + seconds(10) / 120),
            // It would answer too late in the story, however quick that is in life.
            (acts(10, false), seconds(10) / 120),
        ] {
            assert_eq!(acts.patience(seconds(10), 120), want, "{acts:?}");
        }
        let every = std::num::NonZeroU32::new(3).unwrap();
        let flaky = |with| Behaviour::Flaky { every, with: Box::new(with) };
        assert!(hangs(&Behaviour::Blackhole) && hangs(&flaky(Behaviour::HangAfterAccept)));
        assert!(!hangs(&Behaviour::Refuse) && !hangs(&flaky(Behaviour::ResetOnAccept)));
    }
}
