//! Postgres; the only module that speaks SQL.
//!
//! One concrete [`Store`], cheap to clone. What is written may be written again: the journal sends
//! a batch until it is told that Postgres has it, and checks, changes, outages and states each know
//! when they are already there. Every call has a deadline, so that a page falls back to the board
//! soon when Postgres does not answer.
//!
//! - [`record`]: batches of checks with the changes and states that they caused; reading the states back.
//! - [`catalogue`]: the mirror of the catalogue. A removed site keeps its history.
//! - [`checks`], [`uptime`]: reading back; [`outages`]: a page at a time.
//! - [`receipts`]: copies of the checks that made an outage.
//! - [`rollups`], [`history`]: sums by stretches of time, and reading them.
//! - [`archive`]: reading everything.
//! - [`agents`]: who may report from elsewhere.
//! - [`lease`]: which of several nodes records, and what it has recorded.
//! - [`messages`]: what people are to be told, and the messages on their way.
//! - [`notices`]: copies of what people say; [`shared_files`]: the files of it, shared by several nodes.
//! - [`partitions`]: made ahead and dropped.
//! - [`rows`]: the model's words as columns, and back; [`ids`]: names as numbers.
//! - [`connection`]: with TLS or without; [`hosts`]: several of one Postgres; [`error`]: whether to try again.

mod agents;
mod archive;
mod catalogue;
mod checks;
mod connection;
mod error;
mod history;
mod hosts;
mod ids;
mod lease;
mod messages;
mod notices;
mod outages;
mod partitions;
mod providers;
mod receipts;
mod record;
mod rollups;
mod rows;
mod shared_files;
mod uptime;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use sqlx::{
    PgPool,
    migrate::MigrateError,
    postgres::{PgConnectOptions, PgPoolOptions},
};

pub use self::{
    agents::{AgentRow, AgentSeen, AgentToken, TokenAdded},
    archive::{NumberedSite, RecordedDay},
    checks::{CheckCursor, RecordedCheck},
    error::StoreError,
    lease::{
        LeaseAnswer, LeaseHandle, LeaseKey, LeaseRequest, LeaseState, RecordedMarks,
        RecordingStore, TakenLease, held_alone,
    },
    messages::{
        ChannelKnowledge, ChannelQueue, Lease, MessageDraft, NotifiedEvent, PlanResult, Published,
        Unplanned, UpdateDraft,
    },
    outages::{LONG_OUTAGE, OutageEvidence, OutageMonth, OutagesWanted, RecordedOutage},
    providers::{EventRow, EventsWanted, FoundProviders},
    record::{Batch, BatchResult},
    rollups::Summed,
    shared_files::FileEdition,
};
use self::{
    connection::{Renewal, pool},
    error::within,
    ids::Ids,
};

/// The store, once it could be reached.
pub type StoreHandle = tokio::sync::watch::Receiver<Option<Store>>;

/// Connections at most: more would only wait for each other on a small machine.
const MAX_CONNECTIONS: u32 = 8;
/// Connections for readers of the past at most; the web asks for a few things at once.
const MAX_READERS: u32 = 4;
/// The time that a call may wait for a connection.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(2);
/// The time that a read for a page may take.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// The time that a write or a job may take; Postgres itself gives up a little earlier.
const WRITE_TIMEOUT: Duration = Duration::from_secs(35);
/// The time that a piece of a job may take that nobody waits for.
const JOB_TIMEOUT: Duration = Duration::from_mins(10);
/// Statements give up before their callers do. A day that nobody has analysed yet looks small, and the
/// planner would collect and sort all of a site's checks where a walk along the index stops after a few.
///
/// A transaction whose client is gone without a word ends within seconds: it may lock the lease, which
/// another node waits for.
const SETTINGS: &str = "SET statement_timeout = '30s'; SET jit = off; SET enable_bitmapscan = off;
    SET idle_in_transaction_session_timeout = '10s'";
/// To look at every partition and plan anew takes longer than a read of a site's history. What is asked of
/// thousands of sites at once is planned for them: it has the other pool. Citus has to see the site to
/// know its shard.
const READER_SETTINGS: &str =
    "SET statement_timeout = '30s'; SET jit = off; SET enable_bitmapscan = off;
    SELECT set_config('plan_cache_mode', 'force_generic_plan', false)
    WHERE NOT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";

/// Number of the next store.
static STORES: AtomicU64 = AtomicU64::new(0);

/// Postgres, with our tables in it.
#[derive(Clone, Debug)]
pub struct Store {
    pool: PgPool,
    /// For what a visitor asks of one site, or of one page of outages.
    readers: PgPool,
    ids: Arc<Ids>,
    renewal: Renewal,
    /// Under which every transaction of the recording node is; `None`: under none.
    key: Option<LeaseKey>,
    /// Counts the stores of this process: another one may be of another host.
    number: u64,
}

impl Store {
    /// Connects, and brings the tables up to date.
    ///
    /// # Errors
    /// [`StoreError::Away`] when nobody answers, [`StoreError::Refused`] when the answer is no,
    /// [`StoreError::Broken`] when the tables are not ours or from a newer stillup.
    pub async fn connect(options: PgConnectOptions) -> Result<Self, StoreError> {
        let options = connection::reach(options).await?;
        let options = options.application_name("stillup").extra_float_digits(None);
        let renewal = Renewal::default();
        // What they have planned is gone with them.
        let readers =
            pool(MAX_READERS, READER_SETTINGS, &renewal).idle_timeout(None).max_lifetime(None);
        Ok(Self {
            pool: pool(MAX_CONNECTIONS, SETTINGS, &renewal).connect_lazy_with(options.clone()),
            readers: readers.connect_lazy_with(options),
            ids: Arc::default(),
            renewal,
            key: None,
            number: STORES.fetch_add(1, Ordering::Relaxed),
        })
    }

    /// Returns whether Postgres answers.
    ///
    /// # Errors
    /// Fails when it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        within(READ_TIMEOUT, async {
            sqlx::query_scalar!("SELECT 1").fetch_one(&self.pool).await?;
            Ok(())
        })
        .await
    }

    /// The number of this store in the process; its clones have the same.
    pub fn number(&self) -> u64 {
        self.number
    }

    /// Closes every connection, once what is running on them has ended.
    pub async fn close(&self) {
        self.readers.close().await;
        self.pool.close().await;
    }
}

/// Brings the tables of a database up to date; harmless when they are.
///
/// # Errors
/// As [`Store::connect`].
pub async fn migrate(options: &PgConnectOptions) -> Result<(), StoreError> {
    // A pool, since the migrator's future is `Send` with a pool alone.
    let two = PgPoolOptions::new().max_connections(2).acquire_timeout(ACQUIRE_TIMEOUT * 2);
    let options = options.clone().extra_float_digits(None);
    let pool = within(ACQUIRE_TIMEOUT * 2, async { Ok(two.connect_with(options).await?) }).await?;
    // One at a time, by a lock that ends with its transaction: a lock of a session may be let go of in
    // another one where a pooler lies between. Without a deadline: a migration of a large table takes the
    // time it takes.
    let mut one_at_a_time = pool.begin().await?;
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtext('stillup migrations'))")
        .execute(&mut *one_at_a_time)
        .await?;
    let mut migrator = sqlx::migrate!();
    let migrated = migrator.set_locking(false).run(&pool).await;
    one_at_a_time.rollback().await?;
    pool.close().await;
    migrated.map_err(|error| match error {
        MigrateError::VersionMissing(version) | MigrateError::VersionMismatch(version) => {
            StoreError::Foreign(version)
        }
        error => sqlx::Error::from(error).into(),
    })
}
