//! The recorder: follows the journal and writes it to Postgres in batches.
//!
//! While Postgres is away it waits, and says so on the board; nothing is dropped. Batches may be
//! sent twice after a crash, which the store takes without harm.

use std::{
    pin::pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::Notify,
    time::{Instant, sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    board::Board,
    clock::Clock,
    journal::{Entry, Reader},
    model::moment::Moment,
    store::{Batch, Link},
};

/// Entries of one batch at most.
const BATCH: usize = 1_000;
/// How long a batch is gathered: a check is recorded within a second.
const GATHER: Duration = Duration::from_millis(250);
/// A write that takes longer means that nobody should wait for Postgres.
const STALLED: Duration = Duration::from_secs(5);
/// How long it goes on when it is told to end.
const LAST_WORDS: Duration = Duration::from_secs(3);
/// The longest pause between two tries while Postgres is away.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Follows the journal and writes it to Postgres.
#[derive(Debug)]
pub struct Recorder {
    /// Where in the journal it is.
    pub reader: Arc<Mutex<Reader>>,
    /// The store to write to.
    pub link: Link,
    /// Where it says how the record is doing.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// The keeper's word that there is something new.
    pub written: Arc<Notify>,
}

impl Recorder {
    /// Runs until `stop` and, after it, until all that is in the journal is recorded, Postgres is
    /// away, or it has taken long enough: what is left is in the journal at the next start.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub async fn run(self, stop: CancellationToken) -> std::io::Result<()> {
        let (mut end, mut noted) = (None, true);
        loop {
            if stop.is_cancelled()
                && Instant::now() > *end.get_or_insert_with(|| Instant::now() + LAST_WORDS)
            {
                return Ok(());
            }
            let entries = self.next().await?;
            if entries.is_empty() {
                if stop.is_cancelled() {
                    return Ok(());
                }
                tokio::select! {
                    () = stop.cancelled() => {}
                    _ = timeout(Duration::from_secs(1), self.written.notified()) => {
                        sleep(GATHER).await;
                    }
                }
                continue;
            }
            if !self.record(entries, &stop).await {
                return Ok(());
            }
            let done = self.done().await;
            say_done(done, &mut noted);
        }
    }

    /// Writes entries, for as long as it takes; false when it was stopped before it could.
    async fn record(&self, entries: Vec<Entry>, stop: &CancellationToken) -> bool {
        let batch = to_batch(entries);
        let mut pause = Duration::from_millis(200);
        loop {
            let since = self.clock.now();
            let Some(error) = self.try_record(&batch, stop).await else { return true };
            self.say_away(&error, since).await;
            if stop.is_cancelled() {
                return false;
            }
            tokio::select! {
                () = stop.cancelled() => {}
                () = sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    /// One try; `None` when the batch is in Postgres, or can never be.
    async fn try_record(&self, batch: &Batch, stop: &CancellationToken) -> Option<String> {
        let store = self.link.borrow().clone();
        let Some(store) = store else { return Some("it was not reached yet".to_owned()) };
        let since = self.clock.now();
        let mut writing = pin!(store.record(batch));
        let writing = async {
            if let Ok(written) = timeout(STALLED, &mut writing).await {
                return written;
            }
            self.say_away("it does not answer", since).await;
            writing.await
        };
        let written = tokio::select! {
            written = writing => written,
            // What is half written is rolled back, and stays in the journal.
            () = last_words(stop) => return Some("it does not answer, and we end".to_owned()),
        };
        let error = match written {
            Ok(new) => {
                self.say_recorded(batch.checks.len() as u64, new.checks);
                return None;
            }
            Err(error) if error.is_temporary() => return Some(error.to_string()),
            Err(error) => error,
        };
        // Something in it can never be written. It must not hold up the rest.
        let Some((one, other)) = halves(batch) else {
            tracing::error!(%error, ?batch, "Postgres cannot take this; it is left out of the record");
            self.say_recorded(batch.checks.len() as u64, 0);
            return None;
        };
        // Boxed, since it comes back here; a half that was written already is not written twice.
        match Box::pin(self.try_record(&one, stop)).await {
            None => Box::pin(self.try_record(&other, stop)).await,
            away => away,
        }
    }

    fn say_recorded(&self, checks: u64, new: u64) {
        self.board.set_record(|record| {
            record.recorded += new;
            record.done += checks;
            if record.away_since.take().is_some() {
                tracing::info!("Postgres takes the record again");
            }
        });
    }

    async fn say_away(&self, error: &str, since: Moment) {
        let behind = self.blocking(|reader| reader.behind()).await.unwrap_or(0);
        self.board.set_record(|record| {
            record.waiting_bytes = behind;
            if record.away_since.is_none() {
                record.away_since = Some(since);
                tracing::warn!(%error, "Postgres is away; checks wait in the journal");
            }
        });
    }

    async fn next(&self) -> std::io::Result<Vec<Entry>> {
        self.blocking(|reader| reader.read(BATCH)).await
    }

    async fn done(&self) -> std::io::Result<()> {
        let behind = self.blocking(|reader| reader.done().and_then(|()| reader.behind())).await?;
        self.board.set_record(|record| record.waiting_bytes = behind);
        Ok(())
    }

    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Reader) -> std::io::Result<T> + Send + 'static,
    ) -> std::io::Result<T> {
        let reader = self.reader.clone();
        let done = tokio::task::spawn_blocking(move || {
            work(&mut reader.lock().unwrap_or_else(PoisonError::into_inner))
        });
        done.await.map_err(std::io::Error::other)?
    }
}

/// Is over when we were told to end and have gone on for long enough.
async fn last_words(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(LAST_WORDS).await;
}

/// Where the record is can be noted later: what is sent twice is written once.
fn say_done(done: std::io::Result<()>, noted: &mut bool) {
    match done {
        Ok(()) => *noted = true,
        Err(error) if std::mem::replace(noted, false) => tracing::error!(
            %error,
            "the journal cannot note what Postgres has; recording goes on, and so do the tries"
        ),
        Err(_) => {}
    }
}

fn to_batch(entries: Vec<Entry>) -> Batch {
    let mut batch = Batch::default();
    for entry in entries {
        match entry {
            Entry::Check(check) => batch.checks.push(Arc::unwrap_or_clone(check)),
            Entry::Change(slug, change) => batch.changes.push((slug, change)),
            Entry::State(slug, state) => batch.states.push((slug, state)),
            // It is in the verdicts that came of it.
            Entry::Proof(..) => {}
            Entry::Event(event) => batch.events.push(event),
        }
    }
    batch
}

/// Two batches that are one together; `None` for a single entry.
fn halves(batch: &Batch) -> Option<(Batch, Batch)> {
    let (mut one, mut other) = (batch.clone(), Batch::default());
    if batch.checks.len() + batch.changes.len() + batch.states.len() + batch.events.len() < 2 {
        return None;
    }
    // The first kind that there is is cut in two; the kinds after it go with the second half.
    let empty = [batch.checks.is_empty(), batch.changes.is_empty(), batch.states.is_empty()];
    let first = empty.iter().position(|empty| !empty).unwrap_or(empty.len());
    other.checks = one.checks.split_off(cut(batch.checks.len(), first == 0));
    other.changes = one.changes.split_off(cut(batch.changes.len(), first == 1));
    other.states = one.states.split_off(cut(batch.states.len(), first == 2));
    other.events = one.events.split_off(cut(batch.events.len(), first == 3));
    Some((one, other))
}

/// How many of a list stay in the first half.
fn cut(length: usize, is_first: bool) -> usize {
    if is_first { length.div_ceil(2) } else { 0 }
}
