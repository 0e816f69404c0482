//! The connection to Postgres: to the one in `database_url`, or to a private one.

use std::{path::Path, time::Duration};

use anyhow::{Context, Result};
use sqlx::postgres::PgConnectOptions;
use tokio::{sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

use crate::{
    board::{Board, StoreProblem},
    config::DatabaseUrl,
    private_postgres::{PostgresError, Private},
    store::Store,
};

/// The pause after the first try in vain.
const FIRST_PAUSE: Duration = Duration::from_millis(250);

/// Starts the private Postgres.
pub(super) async fn start_private(data_dir: &Path) -> Result<Private> {
    let started = start_private_unless(data_dir, &CancellationToken::new()).await?;
    started.context("the private Postgres was not started")
}

/// Starts the private Postgres, unless it is stopped before that is done.
pub(super) async fn start_private_unless(
    data_dir: &Path,
    stop: &CancellationToken,
) -> Result<Option<Private>> {
    tracing::info!(path = %data_dir.join("postgres").display(), "starting a private Postgres");
    private(data_dir, stop).await
}

/// Attaches to the private Postgres of a service that runs.
pub(super) async fn attach_to_private(data_dir: &Path) -> Result<Private> {
    tracing::info!(
        path = %data_dir.join("postgres").display(),
        "using the private Postgres of the service that runs"
    );
    let attached = private(data_dir, &CancellationToken::new()).await?;
    attached.context("the private Postgres does not run")
}

async fn private(data_dir: &Path, stop: &CancellationToken) -> Result<Option<Private>> {
    match Private::start_unless(data_dir, stop).await {
        Err(PostgresError::Stopped) => Ok(None),
        done => Ok(Some(done.context("the private Postgres cannot be started")?)),
    }
}

/// The options for each host of a Postgres.
///
/// # Errors
/// Fails when the address cannot be used.
pub(super) fn hosts(url: &DatabaseUrl) -> Result<Vec<PgConnectOptions>> {
    url.expose().map(|url| url.parse().context("DATABASE_URL cannot be used")).collect()
}

/// Connects the store, however long it takes, and publishes it, and another one after a failover. Ends
/// when it is stopped.
pub(super) async fn connect(
    hosts: &[PgConnectOptions],
    link: &watch::Sender<Option<Store>>,
    board: &Board,
    stop: &CancellationToken,
) {
    let mut pause = FIRST_PAUSE;
    let mut told: Option<StoreProblem> = None;
    loop {
        let tried = tokio::select! {
            () = stop.cancelled() => return,
            tried = Store::connect_to(hosts) => tried,
        };
        let error = match tried {
            Ok(store) => {
                tracing::info!("Postgres is there and its schema is up to date");
                board.update_store_health(|record| record.why = None);
                let before = link.send_replace(Some(store.clone()));
                // Its connections may hang, and nobody waits for them.
                drop(before.map(|before| tokio::spawn(async move { before.close().await })));
                tokio::select! {
                    () = stop.cancelled() => return,
                    () = store.failed_over(hosts) => {}
                }
                pause = FIRST_PAUSE;
                continue;
            }
            Err(error) => error,
        };
        let why = StoreProblem {
            sqlstate: error.sqlstate().map(String::into_boxed_str),
            short: error.short(),
        };
        let new = told.as_ref() != Some(&why);
        board.update_store_health(|record| record.why = Some(why.clone()));
        told = Some(why);
        if new {
            tracing::warn!(%error, "Postgres cannot be reached; probing goes on, and so do the tries");
        }
        tokio::select! {
            () = stop.cancelled() => return,
            () = sleep(pause) => pause = (pause * 2).min(Duration::from_secs(10)),
        }
    }
}

/// Keeps the private Postgres running until the recorder has ended, then stops it.
pub(super) async fn look_after(private: Private, recorded: CancellationToken) -> Result<()> {
    tokio::select! {
        () = recorded.cancelled() => {}
        never = private.watch() => match never {},
    }
    Ok(private.stop().await?)
}
