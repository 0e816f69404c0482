//! The machine and the user that run us, as far as defaults depend on them. Reads the environment,
//! and must not change it.

use std::path::PathBuf;

/// What defaults depend on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Machine {
    pub(super) root: bool,
    pub(super) home: Option<PathBuf>,
    pub(super) data_home: Option<PathBuf>,
}

impl Machine {
    /// The machine and the user that run us.
    pub(super) fn here() -> Self {
        let path = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        Self {
            root: rustix::process::geteuid().is_root(),
            home: path("HOME"),
            data_home: path("XDG_DATA_HOME"),
        }
    }

    /// Where this user keeps data, if there is such a place.
    pub(super) fn data_dir(&self) -> Option<PathBuf> {
        if self.root {
            return Some("/var/lib/stillup".into());
        }
        let home = || self.home.as_ref().map(|home| home.join(".local/share"));
        Some(self.data_home.clone().or_else(home)?.join("stillup"))
    }
}
