//! What the board learns back from the record: what was before the start, once; uptime, every
//! minute. And the record's own housekeeping: partitions ahead, old ones dropped.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::{MissedTickBehavior, interval};

use super::recorder::Link;
use crate::{
    board::{Board, Glance},
    clock::Clock,
    model::name::Slug,
    store::{Store, StoreError},
};

/// Outages of a site that are read back.
const OUTAGES: u32 = 10;
/// Checks of a site that are read back.
const CHECKS: u32 = 30;

/// Runs for ever. While Postgres is away the board keeps what it has.
pub async fn refresh(mut link: Link, board: Arc<Board>, clock: Clock, keep: Duration) {
    // An error means that the other end is gone: the service is ending.
    let Ok(store) = link.wait_for(Option::is_some).await.map(|store| store.clone()) else { return };
    let Some(store) = store else { return };
    let mut minute = interval(Duration::from_mins(1));
    minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut filled, mut minutes) = (false, 0_u32);
    loop {
        minute.tick().await;
        if !filled {
            filled = told(fill(&store, &board).await);
        }
        told(store.uptimes(clock.now()).await.map(|uptimes| board.set_uptimes(&uptimes)));
        if minutes.is_multiple_of(60) {
            told(keep_house(&store, &clock, keep).await);
        }
        minutes = minutes.wrapping_add(1);
    }
}

async fn fill(store: &Store, board: &Board) -> Result<(), StoreError> {
    let mut outages = HashMap::<Slug, Vec<_>>::new();
    for row in store.latest_outages(OUTAGES).await? {
        outages.entry(row.slug).or_default().push(row.outage);
    }
    let mut glances = HashMap::<Slug, Vec<Glance>>::new();
    for check in store.latest_checks(CHECKS).await? {
        glances.entry(check.slug.clone()).or_default().push(Glance::from(&check));
    }
    for watched in board.sites() {
        let slug = &watched.site.slug;
        let (checks, outages) = (glances.remove(slug), outages.remove(slug));
        board.fill(slug, &checks.unwrap_or_default(), &outages.unwrap_or_default());
    }
    Ok(())
}

async fn keep_house(store: &Store, clock: &Clock, keep: Duration) -> Result<(), StoreError> {
    store.prepare_partitions(clock.now()).await?;
    store.drop_checks_before(clock.now() - keep).await
}

/// Tells of an error; the next round tries again.
fn told(result: Result<(), StoreError>) -> bool {
    if let Err(error) = &result {
        tracing::warn!(%error, "the record could not be read; the board keeps what it has");
    }
    result.is_ok()
}
