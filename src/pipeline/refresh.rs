//! What the board learns back from the record: what was before the start, once; uptime, every
//! few seconds. And the record's own housekeeping: partitions ahead, old ones dropped.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{MissedTickBehavior, interval},
};

use crate::{
    board::{Board, Glance},
    clock::Clock,
    model::{name::Slug, outcome::Answer, site::Sites, verdict::Outage},
    store::{CheckRow, Link, Store, StoreError},
};

/// Outages that are read back, of all sites together: the ongoing and the newest ended ones.
const OUTAGES: u32 = 5_000;
/// How often uptime is read.
const GLANCE: Duration = Duration::from_secs(15);
/// Glances of an hour: so often the house is kept.
const HOUR: u32 = 240;
/// Checks of a site that are read back.
const CHECKS: u32 = 30;

/// Keeps the record's mirror of the catalogue, and the board's memory of the record.
#[derive(Debug)]
pub struct Refresh {
    /// The store, once it could be reached.
    pub link: Link,
    /// The catalogue in force.
    pub sites: watch::Receiver<Sites>,
    /// What is filled in.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// How long checks are kept.
    pub keep: Duration,
}

impl Refresh {
    /// Runs for ever. While Postgres is away the board keeps what it has.
    pub async fn run(mut self) {
        let linked = self.link.wait_for(Option::is_some).await.map(|store| store.clone());
        // An error means that the other end is gone: the service is ending.
        let Ok(Some(store)) = linked else { return };
        let mut glance = interval(GLANCE);
        glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let (mut filled, mut mirrored, mut glances) = (false, false, 0_u32);
        let mut found = HashMap::new();
        loop {
            tokio::select! {
                _ = glance.tick() => {}
                changed = self.sites.changed() => {
                    if changed.is_err() { return }
                    mirrored = false;
                }
            }
            if !mirrored {
                let sites = self.sites.borrow_and_update().clone();
                mirrored = told(&store.sync_sites(&sites, self.clock.now()).await);
            }
            filled = filled || told(&fill(&store, &self.board).await);
            told(&keep_found(&store, &self.board, &mut found).await);
            let uptimes = store.uptimes(self.clock.now()).await;
            told(&uptimes.map(|uptimes| self.board.set_uptimes(&uptimes)));
            if glances.is_multiple_of(HOUR) {
                told(&keep_house(&store, &self.clock, self.keep).await);
            }
            glances = glances.wrapping_add(1);
        }
    }
}

async fn fill(store: &Store, board: &Board) -> Result<(), StoreError> {
    let mut outages = HashMap::<Slug, Vec<Outage>>::new();
    for ongoing in [true, false] {
        for row in store.all_outages(Some(ongoing), OUTAGES).await? {
            outages.entry(row.slug).or_default().push(row.outage);
        }
    }
    let mut checks = store.latest_checks(CHECKS).await?;
    let mut found = store.found_providers().await?;
    for watched in board.sites() {
        let slug = &watched.site.slug;
        if let Some(provider) = found.remove(slug).filter(|_| watched.found.is_none()) {
            board.set_found(slug, &provider);
        }
        let newest_first = checks.remove(slug).unwrap_or_default().into_iter().rev();
        let glances: Vec<Glance> = newest_first.map(glance).collect();
        board.fill(slug, &glances, &outages.remove(slug).unwrap_or_default());
    }
    Ok(())
}

fn glance(row: CheckRow) -> Glance {
    let (failure, restricted) = match row.answer {
        Answer::Ok => (None, false),
        Answer::Restricted(_) => (None, true),
        Answer::Failed(cause) => (Some(cause.failure), false),
    };
    Glance {
        at: row.at,
        region: row.region,
        failure,
        restricted,
        http_status: row.http_status,
        latency: row.phases.latency(),
        attempts: row.attempts,
    }
}

/// Keeps the providers that were found out since `kept`, for the next start.
async fn keep_found(
    store: &Store,
    board: &Board,
    kept: &mut HashMap<Slug, Box<str>>,
) -> Result<(), StoreError> {
    let sites = board.sites();
    let all = sites.iter().filter_map(|w| Some((w.site.slug.clone(), w.found.clone()?)));
    let new: HashMap<Slug, Box<str>> =
        all.filter(|(slug, found)| kept.get(slug) != Some(found)).collect();
    if !new.is_empty() {
        store.keep_found_providers(&new).await?;
        kept.extend(new);
    }
    Ok(())
}

async fn keep_house(store: &Store, clock: &Clock, keep: Duration) -> Result<(), StoreError> {
    store.prepare_days(clock.now()).await?;
    let days = store.drop_checks_before(clock.now() - keep).await?;
    if days > 0 {
        tracing::info!(days, "days of checks that were past keeping were dropped");
    }
    Ok(())
}

/// Tells of an error; the next round tries again.
fn told(result: &Result<(), StoreError>) -> bool {
    if let Err(error) = result {
        tracing::warn!(%error, "the record could not be read; the board keeps what it has");
    }
    result.is_ok()
}
