//! The delivery of one channel: sends what waits, and retries what did not arrive.
//!
//! A message is leased from the store while it is sent. If this process dies in between, the lease
//! runs out and the message is sent again, with the same id. If Postgres does not keep that it arrived, or loses it
//! with its primary, this process still knows.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{sleep, timeout},
};

use super::{
    message::Message,
    retry::{SendRate, pause},
    send::{Sender, Sent},
};
use crate::{
    board::Board,
    store::{Lease, RecordingStore, Store, StoreError},
};
use model::moment::Moment;
use prober::clock::Clock;

/// Wait after an empty queue before it is read again.
const EMPTY_PAUSE: Duration = Duration::from_secs(5);
/// Length of a lease beyond the time limit of sending.
const LEASE_MARGIN: Duration = Duration::from_secs(10);
/// Tries to record the outcome of a message while Postgres is away.
const RECORD_TRIES: u32 = 4;
/// The pause between two of these.
const RECORD_PAUSE: Duration = Duration::from_secs(2);
/// Messages that are remembered as arrived at most, the last ones.
const MAX_ARRIVED: usize = 1_000;

/// Sends what waits for one channel.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Transport.
    pub sender: Arc<Sender>,
    /// The store with the waiting messages. The node that records sends them.
    pub record: RecordingStore,
    /// Board on which its state is shown.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// Signal of the planner that there are messages.
    pub made: watch::Receiver<()>,
}

impl Delivery {
    /// Sends until it is dropped.
    pub async fn run(mut self) {
        let mut pace = SendRate::new(self.sender.channel().per_minute);
        let mut arrived = VecDeque::new();
        loop {
            // What is made from here on wakes us, also if it is made while we look.
            self.made.mark_unchanged();
            sleep(pace.wait(self.clock.now())).await;
            let Some(store) = self.record.wait().await else {
                return std::future::pending().await;
            };
            match self.borrow(&store).await {
                Ok(Some(lent)) if arrived.contains(&lent.id) => {
                    self.arrived(&store, &lent, "").await;
                }
                Ok(Some(lent)) => {
                    pace.go(self.clock.now());
                    if self.send(&store, &lent).await {
                        arrived.truncate(MAX_ARRIVED - 1);
                        arrived.push_front(lent.id);
                    }
                }
                // The planner says when Postgres is away.
                Ok(None) | Err(_) => drop(timeout(EMPTY_PAUSE, self.made.changed()).await),
            }
        }
    }

    async fn borrow(&self, store: &Store) -> Result<Option<Lease>, StoreError> {
        let now = self.clock.now();
        let channel = self.sender.channel();
        store.lend_message(&channel.name, now, now + channel.timeout + LEASE_MARGIN).await
    }

    /// Sends one message, and says what came of it; returns whether it arrived.
    async fn send(&self, store: &Store, lent: &Lease) -> bool {
        let sent = match serde_json::from_value::<Message>(lent.message.clone()) {
            Ok(message) => {
                let now = self.clock.now();
                self.sender.send(&lent.id, &message.sent_at(now, lent.made_at), now).await
            }
            Err(error) => {
                // From a version that wrote another shape.
                let answer = format!("the message cannot be read: {error}");
                self.give_up(store, lent, &answer).await;
                return false;
            }
        };
        let (channel, id) = (&*self.sender.channel().name, &*lent.id);
        match sent {
            Sent::Arrived(answer) => {
                tracing::info!(channel, id, tries = lent.tries, "people were told");
                self.board.update_channel(channel, |told| {
                    told.arrived += 1;
                    told.waiting = told.waiting.saturating_sub(1);
                });
                self.arrived(store, lent, &answer).await;
                return true;
            }
            Sent::Gone(answer) => self.give_up(store, lent, &answer).await,
            Sent::Failed { answer, wait } => {
                let now = self.clock.now();
                if now.since(lent.made_at) >= self.sender.channel().retry_for {
                    self.give_up(store, lent, &answer).await;
                    return false;
                }
                let next = now + pause(lent.tries, fastrand::f64()).max(wait);
                let next = next.min(lent.made_at + self.sender.channel().retry_for).max(now);
                tracing::warn!(channel, id, tries = lent.tries, %answer, %next, "people could not be told; it is tried again");
                self.board.update_channel(channel, |told| told.retried += 1);
                self.note(store, lent.number, &DeliveryOutcome::Again(next), &answer).await;
            }
        }
        false
    }

    /// Records that a message arrived.
    async fn arrived(&self, store: &Store, lent: &Lease, answer: &str) {
        let outcome = DeliveryOutcome::Ended { arrived: true, now: self.clock.now() };
        self.note(store, lent.number, &outcome, answer).await;
    }

    async fn give_up(&self, store: &Store, lent: &Lease, answer: &str) {
        let channel = &*self.sender.channel().name;
        tracing::error!(channel, id = %lent.id, tries = lent.tries, %answer, "people could not be told; it is given up");
        self.board.update_channel(channel, |told| {
            told.failed += 1;
            told.waiting = told.waiting.saturating_sub(1);
        });
        let now = self.clock.now();
        self.note(store, lent.number, &DeliveryOutcome::Ended { arrived: false, now }, answer)
            .await;
    }

    /// Records the outcome of a message. If that fails, its lease runs out.
    async fn note(&self, store: &Store, number: i64, fate: &DeliveryOutcome, answer: &str) {
        for _ in 0..RECORD_TRIES {
            let noted = match *fate {
                DeliveryOutcome::Ended { arrived, now } => {
                    store.end_message(number, arrived, answer, now).await
                }
                DeliveryOutcome::Again(next) => store.return_message(number, answer, next).await,
            };
            if noted.is_ok() {
                return;
            }
            sleep(RECORD_PAUSE).await;
        }
        tracing::warn!(
            channel = &*self.sender.channel().name,
            "what came of a message could not be kept"
        );
    }
}

/// Outcome of a delivery.
enum DeliveryOutcome {
    Ended { arrived: bool, now: Moment },
    Again(Moment),
}
