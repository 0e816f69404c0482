//! The lease of the record: of several nodes on one Postgres one records, notifies and runs the jobs.
//!
//! Time is that of Postgres alone. Every transaction of the recording node locks the row of the lease in
//! its own term, so that a node which was stopped, or cut off, and does not know yet that another one
//! took over writes nothing any more; and whoever takes over waits for a transaction under way.

use std::{collections::HashMap, sync::Arc, time::Duration};

use sqlx::{PgConnection, Postgres, Transaction, postgres::types::PgInterval};
use tokio::sync::watch;

use super::{Batch, Store, StoreError, StoreHandle, WRITE_TIMEOUT, within};
use model::{moment::Moment, report::Origin};

/// Name of the row.
const NAME: &str = "recorder";
/// No term is longer. One that seems to be was given by the clock of another host of Postgres, before that
/// failed over.
const MAX_TERM: Duration = Duration::from_mins(1);
/// Time for which marks of a run are kept after its last check.
const MARKS_KEPT_FOR: Duration = Duration::from_hours(7 * 24);

/// The right to record: a term of one process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeaseKey {
    run: Arc<str>,
    epoch: i64,
}

impl LeaseKey {
    /// The number of the term.
    pub fn epoch(&self) -> i64 {
        self.epoch
    }
}

/// Knowledge of a node about the lease.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum LeaseState {
    /// Nothing is known yet, since Postgres did not say.
    #[default]
    Unknown,
    /// Another node records.
    Elsewhere,
    /// This node records; without a key where it is the only one by nature, as in a test.
    Held {
        /// Its term.
        key: Option<LeaseKey>,
        /// True if nobody else recorded since it did last.
        continues: bool,
    },
}

/// The state of the lease, as it changes.
pub type LeaseHandle = watch::Receiver<LeaseState>;

/// The handle of a node that is the only one by nature.
pub fn held_alone() -> LeaseHandle {
    watch::channel(LeaseState::Held { key: None, continues: true }).1
}

/// The store as the recording node has it, and only while it is that.
#[derive(Clone, Debug)]
pub struct RecordingStore {
    /// The store, once it could be reached.
    pub link: StoreHandle,
    /// The lease.
    pub lease: LeaseHandle,
}

impl RecordingStore {
    /// The store, if this node records now; what it writes is refused once another one does.
    pub fn now(&self) -> Option<Store> {
        let LeaseState::Held { key, .. } = self.lease.borrow().clone() else { return None };
        Some(Store { key, ..self.link.borrow().clone()? })
    }

    /// The same, once this node records; `None` when the service is ending.
    pub async fn wait(&mut self) -> Option<Store> {
        loop {
            self.link.wait_for(Option::is_some).await.ok()?;
            let held = |state: &LeaseState| matches!(state, LeaseState::Held { .. });
            self.lease.wait_for(held).await.ok()?;
            if let Some(store) = self.now() {
                return Some(store);
            }
        }
    }
}

/// A node that asks for the lease.
#[derive(Clone, Debug)]
pub struct LeaseRequest {
    /// Names its data directory.
    pub holder: Box<str>,
    /// Its name, for people.
    pub node: Box<str>,
    /// Names the process.
    pub run: Arc<str>,
    /// True if it may take its own lease back before that has run out.
    pub anew: bool,
    /// Time for which the lease has to have been free.
    pub patience: Duration,
    /// Length of a term that is not renewed.
    pub term: Duration,
}

/// Answer to a node that asked for the lease.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeaseAnswer {
    /// It has the lease.
    Taken(TakenLease),
    /// The node of this name has it, or had it last.
    HeldBy(Box<str>),
}

/// A lease that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenLease {
    /// The new term.
    pub key: LeaseKey,
    /// The holder before, and the number of its term; `None` for the first one.
    pub before: Option<(Box<str>, i64)>,
}

/// Numbers up to which the checks of each run are recorded.
#[derive(Clone, Debug, Default)]
pub struct RecordedMarks {
    numbers: HashMap<Box<str>, u64>,
    /// Moment of the newest of them.
    pub newest: Option<Moment>,
}

impl RecordedMarks {
    /// Returns whether this check is recorded.
    pub fn cover(&self, origin: &Origin) -> bool {
        self.numbers.get(&origin.run).is_some_and(|number| origin.number <= *number)
    }
}

fn interval(time: Duration) -> PgInterval {
    let microseconds = i64::try_from(time.as_micros()).unwrap_or(i64::MAX);
    PgInterval { months: 0, days: 0, microseconds }
}

impl Store {
    /// Takes the lease, if it is free.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn take_lease(&self, by: &LeaseRequest) -> Result<LeaseAnswer, StoreError> {
        within(WRITE_TIMEOUT, async {
            // A look first: whoever asks for a lease that is held locks nothing.
            let held = sqlx::query!(
                r#"SELECT node, until + $4 <= clock_timestamp() OR until > clock_timestamp() + $5
                     OR ($3 AND holder = $2) AS "free!"
                 FROM lease WHERE name = $1"#,
                NAME,
                &*by.holder,
                by.anew,
                interval(by.patience),
                interval(MAX_TERM)
            );
            if let Some(held) = held.fetch_optional(&self.pool).await?
                && !held.free
            {
                return Ok(LeaseAnswer::HeldBy(held.node.into()));
            }
            let mut transaction = self.pool.begin().await?;
            let taken = take(by, &mut transaction).await?;
            transaction.commit().await?;
            Ok(taken)
        })
        .await
    }

    /// The moment by the clock of Postgres.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn clock(&self) -> Result<Moment, StoreError> {
        let clock = sqlx::query_scalar!(r#"SELECT clock_timestamp() AS "now!""#);
        within(WRITE_TIMEOUT, async { Ok(clock.fetch_one(&self.pool).await?.into()) }).await
    }

    /// Renews a term; false when there is another one.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn renew_lease(&self, key: &LeaseKey, term: Duration) -> Result<bool, StoreError> {
        let renew = sqlx::query!(
            "UPDATE lease SET until = clock_timestamp() + $4
             WHERE name = $1 AND run = $2 AND epoch = $3",
            NAME,
            &*key.run,
            key.epoch,
            interval(term)
        );
        let done = within(WRITE_TIMEOUT, async { Ok(renew.execute(&self.pool).await?) });
        Ok(done.await?.rows_affected() > 0)
    }

    /// Numbers up to which checks are recorded.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn recorded_marks(&self) -> Result<RecordedMarks, StoreError> {
        let rows = sqlx::query!("SELECT run, number, at FROM recorded").fetch_all(&self.pool);
        let rows = within(WRITE_TIMEOUT, async { Ok(rows.await?) }).await?;
        let newest = rows.iter().map(|row| Moment::from(row.at)).max();
        let number = |number: i64| u64::try_from(number).unwrap_or(0);
        let numbers = rows.into_iter().map(|row| (row.run.into(), number(row.number)));
        Ok(RecordedMarks { numbers: numbers.collect(), newest })
    }

    /// Forgets the marks of runs that ended long ago.
    ///
    /// # Errors
    /// Fails when Postgres is away, or refuses.
    pub async fn tidy_marks(&self, now: Moment) -> Result<(), StoreError> {
        let old = (now - MARKS_KEPT_FOR).to_datetime();
        within(WRITE_TIMEOUT, async {
            sqlx::query!("DELETE FROM recorded WHERE at < $1", old).execute(&self.pool).await?;
            Ok(())
        })
        .await
    }

    /// A transaction of the recording node: it holds off whoever wants to take over, and fails when
    /// somebody has. Without a lease it is like any other.
    pub(super) async fn begin(&self) -> Result<Transaction<'static, Postgres>, StoreError> {
        let mut transaction = self.pool.begin().await?;
        let Some(key) = &self.key else { return Ok(transaction) };
        let ours = sqlx::query_scalar!(
            r#"SELECT true AS "ours!" FROM lease WHERE name = $1 AND run = $2 AND epoch = $3
             FOR KEY SHARE"#,
            NAME,
            &*key.run,
            key.epoch
        );
        match ours.fetch_optional(&mut *transaction).await? {
            Some(_) => Ok(transaction),
            None => Err(StoreError::Fenced),
        }
    }

    /// Notes the numbers of a batch's checks, and how far the recording node is.
    pub(super) async fn mark(
        &self,
        batch: &Batch,
        to: &mut PgConnection,
    ) -> Result<(), StoreError> {
        let Some(newest) = batch.checks.iter().map(|check| check.at).max() else { return Ok(()) };
        let mut last: HashMap<&str, u64> = HashMap::new();
        last.extend(self.key.as_ref().map(|key| (&*key.run, 0)));
        for Origin { run, number } in &batch.marks {
            let known = last.entry(run).or_default();
            *known = (*known).max(*number);
        }
        if last.is_empty() {
            return Ok(());
        }
        let runs: Vec<String> = last.keys().map(|run| (*run).to_owned()).collect();
        let number = |number: &u64| i64::try_from(*number).unwrap_or(i64::MAX);
        let numbers: Vec<i64> = last.values().map(number).collect();
        sqlx::query!(
            "INSERT INTO recorded AS r (run, number, at)
             SELECT run, number, $3 FROM unnest($1::text[], $2::bigint[]) AS new (run, number)
             ORDER BY run
             ON CONFLICT (run) DO UPDATE
             SET number = greatest(r.number, EXCLUDED.number), at = greatest(r.at, EXCLUDED.at)",
            &runs,
            &numbers,
            newest.to_datetime()
        )
        .execute(to)
        .await?;
        Ok(())
    }
}

/// Takes the lease, unless somebody has it by now.
async fn take(by: &LeaseRequest, to: &mut PgConnection) -> Result<LeaseAnswer, StoreError> {
    let first = sqlx::query_scalar!(
        "INSERT INTO lease (name, holder, node, run, epoch, until)
         VALUES ($1, $2, $3, $4, 1, clock_timestamp() + $5)
         ON CONFLICT (name) DO NOTHING RETURNING epoch",
        NAME,
        &*by.holder,
        &*by.node,
        &*by.run,
        interval(by.term)
    );
    let key = |epoch| LeaseKey { run: by.run.clone(), epoch };
    if let Some(epoch) = first.fetch_optional(&mut *to).await? {
        return Ok(LeaseAnswer::Taken(TakenLease { key: key(epoch), before: None }));
    }
    let before = sqlx::query!(
        r#"SELECT holder, node, epoch,
             until + $4 <= clock_timestamp() OR until > clock_timestamp() + $5
                 OR ($3 AND holder = $2) AS "free!"
         FROM lease WHERE name = $1 FOR UPDATE"#,
        NAME,
        &*by.holder,
        by.anew,
        interval(by.patience),
        interval(MAX_TERM)
    );
    let before = before.fetch_one(&mut *to).await?;
    if !before.free {
        return Ok(LeaseAnswer::HeldBy(before.node.into()));
    }
    let epoch = sqlx::query_scalar!(
        "UPDATE lease SET holder = $2, node = $3, run = $4, epoch = epoch + 1,
             until = clock_timestamp() + $5
         WHERE name = $1 RETURNING epoch",
        NAME,
        &*by.holder,
        &*by.node,
        &*by.run,
        interval(by.term)
    );
    let epoch = epoch.fetch_one(&mut *to).await?;
    let before = Some((before.holder.into(), before.epoch));
    Ok(LeaseAnswer::Taken(TakenLease { key: key(epoch), before }))
}
