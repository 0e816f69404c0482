//! The flags and variables, each checked; a problem names both, for either may be the one. Pure.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{
    flags::{Flags, given},
    network,
    problem::Problem,
    secret::DatabaseUrl,
};
use crate::model::secret::Secret;

/// The flags, each checked.
#[derive(Debug)]
pub(super) struct Typed {
    pub(super) listen: Option<SocketAddr>,
    pub(super) database_url: Option<DatabaseUrl>,
    pub(super) sites: Option<PathBuf>,
    pub(super) data_dir: Option<PathBuf>,
}

impl Typed {
    /// Checks each flag; what is wrong is told and counts as not given.
    pub(super) fn of(flags: &Flags, problems: &mut Vec<Problem>) -> Self {
        let mut tell = |flag: &str, text: String| problems.push(Problem::new(flag, text));
        let text = flags.listen.as_deref().filter(|text| !text.is_empty());
        let listen = text.and_then(|text| {
            network::listen(text).map_err(|why| tell("--listen or STILLUP_LISTEN", why)).ok()
        });
        let text = flags.database_url.as_ref().map(Secret::expose).filter(|t| !t.is_empty());
        let database_url = text.and_then(|text| {
            DatabaseUrl::parse(text).map_err(|why| tell("--database-url or DATABASE_URL", why)).ok()
        });
        Self {
            listen,
            database_url,
            sites: given(flags.sites.as_ref()).map(Path::to_owned),
            data_dir: given(flags.data_dir.as_ref()).map(Path::to_owned),
        }
    }
}
