//! Work on the record apart from serving: export, import, sums made again.
//!
//! With a private Postgres it works beside a service that runs, on the Postgres of that service, and
//! without one it starts it and stops it again.

mod export;
mod import;
mod line;

use std::{fs, path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use tokio::time::sleep;

pub use self::{
    export::{Export, export},
    import::{Import, import},
    line::Format,
};
use super::database;
use crate::{
    config::Config,
    private_postgres::{DataDir, PostgresError, Private},
    store::Store,
};
use model::moment::Moment;

/// Progress of a long task, in its own unit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Steps that are done.
    pub done: u64,
    /// Total; 0 when unknown.
    pub of: u64,
    /// Checks so far.
    pub checks: u64,
}

/// Hears how far it is.
pub type ProgressFn<'a> = &'a mut (dyn FnMut(Done) + Send);

/// The time that a service may take to make its database.
const MAKING_SECONDS: u32 = 30;

/// The record, open.
pub(super) struct OpenRecord {
    pub(super) store: Store,
    /// A private Postgres that we started, and our claim to its directory.
    ours: Option<(Private, DataDir)>,
}

/// Waits while the service makes its database: two who make it at once break it.
async fn wait_until_made(dir: &Path) -> Result<()> {
    let made = dir.join("postgres/db");
    for _ in 0..MAKING_SECONDS * 10 {
        if made.exists() {
            return Ok(());
        }
        sleep(Duration::from_millis(100)).await;
    }
    bail!("the service that runs has no database yet; try again in a moment")
}

impl OpenRecord {
    pub(super) async fn new(config: &Config) -> Result<Self> {
        if let Some(url) = &config.database_url {
            let store = Store::connect_to(&database::hosts(url)?).await?;
            return Ok(Self { store, ours: None });
        }
        let (private, ours) = match DataDir::claim(&config.data_dir) {
            Ok(data) => (database::start_private(data.path()).await?, Some(data)),
            // The service has it, and its Postgres runs.
            Err(PostgresError::InUse { dir, .. }) => {
                wait_until_made(&dir).await?;
                (database::attach_to_private(&dir).await?, None)
            }
            Err(error) => return Err(error.into()),
        };
        let store = Store::connect(private.options()).await?;
        Ok(Self { store, ours: ours.map(|data| (private, data)) })
    }

    pub(super) async fn close(self) -> Result<()> {
        self.store.close().await;
        if let Some((private, data)) = self.ours {
            private.stop().await?;
            drop(data);
        }
        Ok(())
    }
}

/// Makes the rollups of whole days (UTC) again, from `from` until `until`; returns the number of
/// hours.
///
/// # Errors
/// Fails when the record cannot be reached, read or written.
pub async fn roll_up(
    config: &Config,
    from: Moment,
    until: Moment,
    told: ProgressFn<'_>,
) -> Result<u32> {
    let open = OpenRecord::new(config).await?;
    let day = 24 * 3_600 * 1_000;
    let days = |from: Moment, until: Moment| {
        (until.millis() - from.millis().div_euclid(day) * day).max(0).unsigned_abs()
            / day.unsigned_abs()
    };
    let of = days(from, until).max(1);
    let each = |at: Moment| told(Done { done: (days(from, at) + 1).min(of), of, checks: 0 });
    let summed = open.store.roll_up_again(from, until, each).await;
    open.close().await?;
    Ok(summed?.hours)
}

/// Position from which an interrupted task resumes; kept beside the file that it works on.
struct Bookmark {
    path: std::path::PathBuf,
}

impl Bookmark {
    fn beside(file: &Path) -> Self {
        let mut name = file.as_os_str().to_owned();
        name.push(".bookmark");
        Self { path: name.into() }
    }

    fn read<T: serde::de::DeserializeOwned>(&self) -> Result<Option<T>> {
        let text = match fs::read(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error).context(self.path.display().to_string()),
        };
        let whole = || format!("{} is not a bookmark of ours", self.path.display());
        serde_json::from_slice(&text).with_context(whole).map(Some)
    }

    /// Written to another file and renamed: it is never half written.
    fn write(&self, place: &impl serde::Serialize) -> Result<()> {
        let new = self.path.with_extension("bookmark-new");
        fs::write(&new, serde_json::to_vec(place)?)?;
        Ok(fs::rename(&new, &self.path)?)
    }

    fn remove(&self) {
        drop(fs::remove_file(&self.path));
    }
}
