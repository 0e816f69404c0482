//! The settings as the rest of the house sees them: checked, with defaults filled in.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use super::{
    catalogue::Catalogue,
    flags::{Flags, given},
    load,
    machine::Machine,
    problem::Problem,
    secret::DatabaseUrl,
    site::Defaults,
};
use crate::model::{
    judge::Rules, name::Region, network::Network, notice::Channel, provider::Ranges, site::Site,
};

/// Everything that the operator decides, except the sites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Where pages and API are served.
    pub listen: SocketAddr,
    /// How visitors reach us: scheme, host and port, without a slash at the end.
    pub public_url: String,
    /// The place that we look from.
    pub region: Region,
    /// Where data is kept.
    pub data_dir: PathBuf,
    /// The Postgres to use; `None`: a private one under the data directory.
    pub database_url: Option<DatabaseUrl>,
    /// Where the catalogue is read from.
    pub sites: PathBuf,
    /// How sites are probed.
    pub probe: Probe,
    /// How checks are judged.
    pub judge: Judge,
    /// What visitors may look up.
    pub lookup: Lookup,
    /// How long data is kept.
    pub retention: Retention,
    /// How pages are served.
    pub web: Web,
    /// How people are told.
    pub notify: Notify,
}

/// `[probe]`: how sites are probed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Time a whole attempt may take, for a site that does not say.
    pub timeout: Duration,
    /// Attempts in flight at once.
    pub concurrency: usize,
    /// What we call ourselves.
    pub user_agent: String,
    /// Bytes of a body that are read, after decoding.
    pub max_body: u64,
    /// Redirects that are followed.
    pub max_redirects: u8,
    /// The resolvers to ask; none: those of the machine.
    pub nameservers: Vec<SocketAddr>,
    /// More roots to trust, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// `[judge]`: how checks are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judge {
    /// Addresses of others that prove our own line when most sites fail.
    pub controls: Vec<SocketAddr>,
    /// Whose blocks of addresses are whose, as the operator's file says.
    pub provider_ranges: Ranges,
    /// The thresholds.
    pub rules: Rules,
}

/// `[lookup]`: what visitors may look up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// Whether they may at all.
    pub enabled: bool,
    /// Whether a look-up may reach private addresses.
    pub allow_private: bool,
    /// Look-ups a minute for one visitor.
    pub per_visitor: u32,
    /// How long one answer serves all.
    pub cache: Duration,
}

/// `[retention]`: how long data is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retention {
    /// How long single checks are kept.
    pub checks: Duration,
    /// Bytes that the journal may take while Postgres is away.
    pub journal: u64,
}

/// `[web]`: how pages are served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Web {
    /// What the pages are called.
    pub title: String,
    /// Whose word on a visitor's address is taken (`X-Forwarded-For`).
    pub trusted_proxies: Vec<Network>,
    /// How often one visitor may ask the API in a minute; 0: as often as it likes.
    pub reads_per_minute: u32,
    /// Connections that one visitor may hold at a time; `None`: an eighth of all.
    pub connections_per_visitor: Option<usize>,
    /// Sites that `/metrics` shows one by one; with more of them it shows none.
    pub metrics_sites: usize,
}

/// `[[notify]]`: how people are told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notify {
    channels: Vec<Channel>,
    /// Secrets that are not where they should be: a problem only for those who tell people.
    unset: Vec<Problem>,
}

impl Notify {
    pub(super) fn new(channels: Vec<Channel>, unset: Vec<Problem>) -> Self {
        Self { channels, unset }
    }

    /// The channels, in the order of the file.
    ///
    /// # Errors
    /// With every secret that is not where the file says.
    pub fn channels(&self) -> Result<&[Channel], Vec<Problem>> {
        if self.unset.is_empty() { Ok(&self.channels) } else { Err(self.unset.clone()) }
    }
}

impl Config {
    /// Reads the settings: flags, environment, `stillup.toml`, defaults. Reads, and does nothing
    /// else.
    ///
    /// # Errors
    /// With every problem at once.
    pub fn load(flags: &Flags) -> Result<Self, Vec<Problem>> {
        let (config, problems) = load::settings(flags, &Machine::here());
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// Reads the catalogue again, with the defaults of these settings.
    ///
    /// # Errors
    /// With every problem of the file.
    pub fn catalogue(&self) -> Result<Catalogue, Vec<Problem>> {
        Catalogue::load(&self.sites, &self.defaults())
    }

    /// The sites of the catalogue, for a command that can do without: none when nobody named one
    /// and there is none in the default place.
    ///
    /// # Errors
    /// With every problem of the file.
    pub fn sites_if_any(&self, flags: &Flags) -> Result<Vec<Arc<Site>>, Vec<Problem>> {
        let named = given(flags.sites.as_ref()).is_some() || self.sites != Path::new(load::SITES);
        if !named && !self.sites.exists() {
            return Ok(Vec::new());
        }
        Ok(self.catalogue()?.sites().to_vec())
    }

    /// What a site has that does not say otherwise.
    pub fn defaults(&self) -> Defaults {
        Defaults { timeout: self.probe.timeout, ..Defaults::default() }
    }

    /// Whether this address is of a proxy whose word on a visitor's address is taken.
    pub fn trusts(&self, address: std::net::IpAddr) -> bool {
        self.web.trusted_proxies.iter().any(|network| network.contains(address))
    }
}
