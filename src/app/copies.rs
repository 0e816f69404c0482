//! Copies notices and planned work into Postgres, for people who query them there. Nothing waits for it, and nothing is
//! read back.

use std::{sync::Arc, time::Duration};

use tokio::time::sleep;

use crate::{
    operator::Operator,
    store::{Store, StoreError, StoreHandle},
};
use model::{notice::Notice, planned::PlannedWork};

/// Time until the next try after a failure.
const RETRY_AFTER: Duration = Duration::from_secs(30);

/// Copies what has changed.
#[derive(Clone)]
pub(super) struct Copies {
    pub(super) operator: Operator,
    pub(super) link: StoreHandle,
}

impl Copies {
    /// Runs for ever.
    pub(super) async fn run(mut self) {
        let (mut notices, mut works) =
            (self.operator.follow_notices(), self.operator.follow_planned());
        let (mut known_notices, mut known_works) = (Arc::from([]), Arc::from([]));
        loop {
            let (all, planned) =
                (notices.borrow_and_update().clone(), works.borrow_and_update().clone());
            let Ok(Some(store)) =
                self.link.wait_for(Option::is_some).await.map(|link| link.clone())
            else {
                return std::future::pending().await;
            };
            match copy(&store, (&known_notices, &known_works), (&all, &planned)).await {
                Ok(()) => (known_notices, known_works) = (all, planned),
                Err(error) => {
                    tracing::debug!(%error, "notices and planned work cannot be copied now");
                    sleep(RETRY_AFTER).await;
                    continue;
                }
            }
            tokio::select! {
                changed = notices.changed() => if changed.is_err() { return std::future::pending().await },
                changed = works.changed() => if changed.is_err() { return std::future::pending().await },
            }
        }
    }
}

/// Copies what is another one than before.
async fn copy(
    store: &Store,
    (old_notices, old_works): (&[Notice], &[PlannedWork]),
    (notices, works): (&[Notice], &[PlannedWork]),
) -> Result<(), StoreError> {
    for notice in notices.iter().filter(|notice| !old_notices.contains(notice)) {
        store.copy_notice(notice).await?;
    }
    for work in works.iter().filter(|work| !old_works.contains(work)) {
        store.copy_planned(work).await?;
    }
    Ok(())
}
