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
    /// What it waits before it answers, in the story.
    pause: RwLock<Duration>,
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
            let pause = RwLock::new(Duration::ZERO);
            actors.insert(site.slug.clone(), Actor { host, url, pause });
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
        let (order, pause) = self.hurried(order);
        if let Some(pause) = pause {
            *actor.pause.write().await = pause;
        }
        actor.host.obey(order).await.with_context(|| format!("{slug} cannot do that"))
    }

    /// The same at the speed of the play, and the pause in the story; `None` when it says nothing
    /// of how the site answers.
    fn hurried(&self, order: Order) -> (Order, Option<Duration>) {
        match order {
            Order::Behave(Behaviour::AnswerAfter(pause, answer)) => {
                let hurried = Behaviour::AnswerAfter(pause / self.speed, answer);
                (Order::Behave(hurried), Some(pause))
            }
            Order::Behave(other) => (Order::Behave(other), Some(Duration::ZERO)),
            names @ Order::Dns(_) => (names, None),
        }
    }
}

impl Look for Stage {
    async fn look(&self, site: &Site, attempt: u8) -> Outcome {
        let Some(actor) = self.actors.get(&site.slug) else {
            return Outcome::failed(crate::model::outcome::Failure::Dns, "not in the story");
        };
        let pause = *actor.pause.read().await;
        let timeout = site.timeout / self.speed + OVERHEAD;
        // The servers are on loopback, which is private.
        let target = Target { url: &actor.url, timeout, expect: &site.expect, private: true };
        let mut outcome = self.prober.probe(&target, attempt).await;
        let saved = pause.saturating_sub(pause / self.speed).as_micros();
        if let Some(wait) = &mut outcome.phases.wait {
            *wait = wait.saturating_add(u32::try_from(saved).unwrap_or(u32::MAX));
        }
        outcome
    }
}
