//! Refreshes the node's agents from Postgres, and writes their state to it. How their clocks are corrected
//! is written by the node that records alone: each measures them by its own.

use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use super::Agents;
use crate::store::{AgentSeen, RecordingStore, Store, StoreError};

/// Interval at which sites are shared out: a silent agent is noticed within it.
const SETTLE: Duration = Duration::from_secs(1);
/// Rounds between two reads of the agents: a new agent is accepted that soon.
const LOOK: u64 = 2;
/// Rounds between two notes of how they are, and two looks for regions that retired.
const NOTE: u64 = 15;

impl Agents {
    /// Runs for ever.
    pub async fn run(self, record: RecordingStore) {
        let mut rounds = interval(SETTLE);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_away = false;
        for round in 0_u64.. {
            rounds.tick().await;
            self.settle().await;
            if round % NOTE == 0 {
                self.retire_leftovers().await;
            }
            let store = record.link.borrow().clone();
            let Some(store) = store.filter(|_| round % LOOK == 0) else { continue };
            let records = record.now().is_some();
            let done = self.refresh(&store, records, round % NOTE < LOOK).await;
            if let Err(error) = &done
                && !is_away
            {
                tracing::warn!(%error, "Postgres does not say which agents there are; those that are known stay");
            }
            is_away = done.is_err();
        }
    }

    async fn refresh(&self, store: &Store, records: bool, note: bool) -> Result<(), StoreError> {
        let read_at = self.0.parts.clock.now();
        self.set_known(store.agents().await?, read_at).await;
        let corrections = self.new_corrections();
        if records && !corrections.is_empty() {
            store.keep_clock_corrections(&corrections).await?;
        }
        let seen: Vec<_> = self
            .views()
            .into_iter()
            .filter_map(|view| {
                let seen = AgentSeen {
                    at: view.last_seen?,
                    version: view.version?,
                    clock_offset_ms: view.clock_offset_ms,
                    why_not: view.why_not.map(|why| why.word().into()),
                };
                Some((view.name, seen))
            })
            .collect();
        if note && !seen.is_empty() {
            store.note_agents(&seen).await?;
        }
        Ok(())
    }
}
