//! The home of a stillup of ours: a directory with its data and its private Postgres, all of which
//! is ended and removed with it, however a theme ended.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex, PoisonError},
};

use sqlx::postgres::PgConnectOptions;
use stillup::private_postgres::Private;
use tempfile::TempDir;
use tokio::time::Instant;

use crate::{
    making::{self, Past},
    table::now,
};

/// A directory of its own.
pub(crate) struct Home {
    dir: TempDir,
}

impl Home {
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self { dir: tempfile::tempdir().unwrap() })
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.path("data")
    }

    /// Its private Postgres, started or adopted.
    pub(crate) async fn postgres(&self) -> (Private, PgConnectOptions) {
        let private = Private::start(&self.data()).await.unwrap();
        let options = private.options();
        (private, options)
    }

    /// The process of its private Postgres, if it runs.
    pub(crate) fn postmaster(&self) -> Option<u32> {
        postmaster(&self.data())
    }
}

fn postmaster(data: &Path) -> Option<u32> {
    let text = fs::read_to_string(data.join("postgres/db/postmaster.pid")).ok()?;
    text.lines().next()?.trim().parse().ok()
}

impl Drop for Home {
    fn drop(&mut self) {
        let Some(pid) = self.postmaster() else { return };
        // Nothing of it is kept, so it may end at once.
        drop(Command::new("kill").args(["-QUIT", &pid.to_string()]).status());
        // Its directory must not go before it does; ten seconds are enough.
        let gone = "for _ in $(seq 100); do kill -0 \"$0\" 2>/dev/null || exit; sleep 0.1; done";
        drop(Command::new("sh").args(["-c", gone, &pid.to_string()]).status());
    }
}

/// Homes with a past. Making one takes minutes, so themes share them.
#[derive(Clone, Default)]
pub(crate) struct Homes(Arc<Mutex<BySize>>);

/// By sites and days.
type BySize = HashMap<(u64, u64), Arc<Home>>;

impl Homes {
    /// The home with this many sites and whole days before today; made if there is none.
    pub(crate) async fn with(&self, sites: u64, days: u64) -> Arc<Home> {
        let found = self.lock().get(&(sites, days)).cloned();
        if let Some(home) = found {
            return home;
        }
        let (home, start) = (Home::new(), Instant::now());
        eprintln!("  making {days} days of {sites} sites …");
        let (private, options) = home.postgres().await;
        making::make(&options, Past { sites, days, seed: 1 }, now()).await;
        private.stop().await.unwrap();
        eprintln!("  made in {:.0} s", start.elapsed().as_secs_f64());
        self.lock().insert((sites, days), home.clone());
        home
    }

    /// Drops one that is no longer needed.
    pub(crate) fn forget(&self, sites: u64, days: u64) {
        drop(self.lock().remove(&(sites, days)));
    }

    pub(crate) fn clear(&self) {
        self.lock().clear();
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BySize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
