//! Several hosts of one Postgres: the one that can be written to is found, and found again after a
//! failover.

use std::time::Duration;

use futures_util::stream::{FuturesUnordered, StreamExt};
use sqlx::{
    ConnectOptions, PgConnection,
    postgres::{PgConnectOptions, PgSslMode},
};
use tokio::time::{Instant, sleep, timeout_at};

use super::{Store, StoreError, connection::is_of_tls, within};

/// Time that a host has to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(3);
/// Time that the others have when one has answered that can be written to.
const OTHERS_TIMEOUT: Duration = Duration::from_millis(500);
/// Interval at which the hosts are asked which of them can be written to.
const LOOK_INTERVAL: Duration = Duration::from_secs(2);

impl Store {
    /// Connects to the host of these that can be written to, and brings the tables up to date. All are
    /// asked at once: one that is dead costs no time.
    ///
    /// # Errors
    /// As [`Store::connect`]; [`StoreError::ReadOnly`] when those that answer cannot be written to.
    pub async fn connect_to(hosts: &[PgConnectOptions]) -> Result<Self, StoreError> {
        match hosts {
            [only] => Self::connect(only.clone()).await,
            several => Self::connect(writable(several, None).await?).await,
        }
    }

    /// Waits until another of these hosts has to be used: the one in use cannot be written to any more, or
    /// another one was promoted in its place. Never ends where there is only one.
    pub async fn failed_over(&self, hosts: &[PgConnectOptions]) {
        if hosts.len() < 2 {
            return std::future::pending().await;
        }
        let current = place(&self.pool.connect_options());
        loop {
            sleep(LOOK_INTERVAL).await;
            if let Ok(best) = writable(hosts, Some(&current)).await
                && place(&best) != current
            {
                tracing::warn!(host = %place(&best), "Postgres has failed over to another host");
                return;
            }
        }
    }
}

/// A host for people, without user and password.
fn place(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => format!("{}:{}", socket.display(), options.get_port()),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// The host of these that can be written to. Of two it is the one that was promoted last: the other may
/// have been cut off from its standby, and not know that yet.
async fn writable(
    hosts: &[PgConnectOptions],
    current: Option<&str>,
) -> Result<PgConnectOptions, StoreError> {
    let mut answers: FuturesUnordered<_> = hosts
        .iter()
        .map(async |host| (host, within(ANSWER_TIMEOUT, timeline(host)).await))
        .collect();
    let (mut best, mut problem) = (None, None);
    let mut until = Instant::now() + ANSWER_TIMEOUT * 2;
    while let Ok(Some((host, answer))) = timeout_at(until, answers.next()).await {
        match answer {
            Ok(Some(timeline)) => {
                let rank = (timeline, current == Some(&*place(host)));
                if best.as_ref().is_none_or(|(known, _)| rank > *known) {
                    best = Some((rank, host));
                }
                // One that is dead holds up the others no longer than this.
                until = until.min(Instant::now() + OTHERS_TIMEOUT);
            }
            // That one answers says more than that another does not.
            Ok(None) => problem = Some(StoreError::ReadOnly),
            Err(error) => problem = problem.or(Some(error)),
        }
    }
    match best {
        Some((_, host)) => Ok(host.clone()),
        None => Err(problem.unwrap_or(StoreError::ReadOnly)),
    }
}

/// The timeline of a host that can be written to, as text that sorts.
async fn timeline(host: &PgConnectOptions) -> Result<Option<String>, StoreError> {
    let connected = host.clone().application_name("stillup").connect().await;
    let prefers = matches!(host.get_ssl_mode(), PgSslMode::Prefer) && host.get_socket().is_none();
    let mut connection = match connected.map_err(StoreError::from) {
        Ok(connection) => connection,
        // As it is connected to afterwards.
        Err(error) if prefers && is_of_tls(&error) => {
            host.clone().ssl_mode(PgSslMode::Disable).connect().await?
        }
        Err(error) => return Err(error),
    };
    ask(&mut connection).await
}

/// A standby and a database that an operator made read-only have none. Where a provider does not say, it is
/// the same for all.
async fn ask(connection: &mut PgConnection) -> Result<Option<String>, StoreError> {
    let writable =
        sqlx::query_scalar!(r#"SELECT current_setting('transaction_read_only') = 'off' AS "is!""#);
    if !writable.fetch_one(&mut *connection).await? {
        return Ok(None);
    }
    let timeline =
        sqlx::query_scalar!("SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)");
    match timeline.fetch_one(connection).await {
        Ok(timeline) => Ok(Some(timeline.unwrap_or_default())),
        Err(sqlx::Error::Database(error)) => {
            tracing::debug!(%error, "Postgres does not say which timeline it is on");
            Ok(Some(String::new()))
        }
        Err(error) => Err(error.into()),
    }
}
