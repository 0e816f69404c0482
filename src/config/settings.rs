//! The settings in force: flag before environment before `stillup.toml` before default.
//!
//! Reads files, and the environment for [`Machine::here`]; has no other effects.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
};

use url::Url;

use super::{
    catalogue::Catalogue,
    database_url::DatabaseUrl,
    files,
    flags::{CheckedFlags, Flags, given},
    notify::Notify,
    problem::ConfigProblem,
    sections::{
        JudgeSettings, LookupPolicy, NodesSettings, ProbeSettings, PublishSettings, Retention,
        WebSettings,
    },
    site::Defaults,
    table::{self, Table},
    value::{self, Text, values},
};
use model::{name::Region, site::Site};

/// The file of the catalogue, unless another is named.
const SITES_FILE: &str = "sites.toml";

/// Everything that the operator decides, except the sites.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The address of pages and API.
    pub listen: SocketAddr,
    /// The address that visitors use: scheme, host and port, without a slash at the end.
    pub public_url: String,
    /// Region of this node's own prober.
    pub region: Region,
    /// The directory of our data.
    pub data_dir: PathBuf,
    /// The Postgres to use; `None`: a private one under the data directory.
    pub database_url: Option<DatabaseUrl>,
    /// The file that the catalogue is read from.
    pub sites: PathBuf,
    /// The limits of probes.
    pub probe: ProbeSettings,
    /// The rules by which checks are judged.
    pub judge: JudgeSettings,
    /// The limits of visitors' look-ups.
    pub lookup: LookupPolicy,
    /// Other nodes on the same Postgres.
    pub nodes: NodesSettings,
    /// Retention of data.
    pub retention: Retention,
    /// The settings of pages and API.
    pub web: WebSettings,
    /// The copy of the pages on another host.
    pub publish: PublishSettings,
    /// The channels of notifications.
    pub notify: Notify,
}

/// Reads settings and catalogue.
///
/// # Errors
/// Fails with every problem of all files, flags and variables at once.
pub fn load(flags: &Flags) -> Result<(Config, Catalogue), Vec<ConfigProblem>> {
    load_on(flags, &Machine::here())
}

fn load_on(flags: &Flags, machine: &Machine) -> Result<(Config, Catalogue), Vec<ConfigProblem>> {
    let (config, mut problems) = settings(flags, machine);
    problems.extend(config.notify.channels().err().into_iter().flatten());
    match config.catalogue() {
        Ok(catalogue) if problems.is_empty() => Ok((config, catalogue)),
        Ok(_) => Err(problems),
        Err(more) => {
            problems.extend(more);
            Err(problems)
        }
    }
}

/// Reads the settings; they hold only if there is no problem.
fn settings(flags: &Flags, machine: &Machine) -> (Config, Vec<ConfigProblem>) {
    let named = given(flags.config.as_ref());
    let path = flags.settings();
    let path = path.as_path();
    let mut problems = Vec::new();
    let mut text = String::new();
    if named.is_some() || path.exists() {
        let hint = "--config or STILLUP_CONFIG names it; correct the name, or leave it out";
        match files::read(path, hint) {
            Ok(read) => text = read,
            Err(problem) => problems.push(problem),
        }
    }
    let folder = path.parent().unwrap_or(Path::new(""));
    let flags = flags.check(&mut problems);
    let file = path.display().to_string();
    let (mut config, more) = table::parse(&file, &text, |top| Config::read(top, folder, flags));
    problems.extend(more);
    if config.data_dir.as_os_str().is_empty() {
        config.data_dir = machine.data_dir().unwrap_or_default();
    }
    if config.data_dir.as_os_str().is_empty() {
        let text = "there is no home directory to keep data in; name a directory";
        problems.push(ConfigProblem::new("--data-dir or STILLUP_DATA_DIR", text));
    }
    (config, problems)
}

impl Config {
    /// Reads the settings: flags, environment, `stillup.toml`, defaults. Reads, and does nothing
    /// else.
    ///
    /// # Errors
    /// Fails with every problem at once.
    pub fn load(flags: &Flags) -> Result<Self, Vec<ConfigProblem>> {
        let (config, problems) = settings(flags, &Machine::here());
        if problems.is_empty() { Ok(config) } else { Err(problems) }
    }

    /// Reads the file's keys, and lets the flags go before them. A path in the file starts from the
    /// file's folder.
    fn read(top: &mut Table<'_, '_>, folder: &Path, flags: CheckedFlags) -> Self {
        let listen = top.get::<Listen>("listen").map(Into::into);
        let listen = flags.listen.or(listen).unwrap_or((Ipv4Addr::LOCALHOST, 8080).into());
        let public_url = top.get::<PublicUrl>("public_url");
        let public_url = public_url.map_or_else(|| reached_at(listen), Into::into);
        let region = top.get::<RegionName>("region");
        let database_url = top.get::<PostgresUrl>("database_url").map(Into::into);
        let mut path = |key| top.get::<Text>(key).map(|Text(path)| folder.join(path));
        let (data_dir, sites) = (path("data_dir"), path("sites"));
        let own_name = format!("stillup/{} (+{public_url})", env!("CARGO_PKG_VERSION"));
        Self {
            listen,
            public_url,
            region: region.map(Into::into).unwrap_or_default(),
            data_dir: flags.data_dir.or(data_dir).unwrap_or_default(),
            database_url: flags.database_url.or(database_url),
            sites: flags.sites.or(sites).unwrap_or_else(|| SITES_FILE.into()),
            probe: top.section("probe", |table| ProbeSettings::read(table, folder, own_name)),
            judge: top.section("judge", |table| JudgeSettings::read(table, folder)),
            lookup: top.section_as("lookup"),
            nodes: top.section("nodes", |table| NodesSettings::read(table, folder)),
            retention: top.section_as("retention"),
            web: top.section_as("web"),
            publish: top.section("publish", |table| PublishSettings::read(table, folder)),
            notify: Notify::read(top, folder),
        }
    }

    /// Reads the catalogue again, with the defaults of these settings.
    ///
    /// # Errors
    /// Fails with every problem of the file.
    pub fn catalogue(&self) -> Result<Catalogue, Vec<ConfigProblem>> {
        Catalogue::load(&self.sites, &self.defaults())
    }

    /// The sites of the catalogue, for a command that can do without: empty if no file was named
    /// and the default file does not exist.
    ///
    /// # Errors
    /// Fails with every problem of the file.
    pub fn sites_if_any(&self, flags: &Flags) -> Result<Vec<Arc<Site>>, Vec<ConfigProblem>> {
        let named = given(flags.sites.as_ref()).is_some() || self.sites != Path::new(SITES_FILE);
        if !named && !self.sites.exists() {
            return Ok(Vec::new());
        }
        Ok(self.catalogue()?.sites().to_vec())
    }

    /// The values of a site that does not say otherwise.
    pub fn defaults(&self) -> Defaults {
        Defaults { timeout: self.probe.timeout.get(), ..Defaults::default() }
    }

    /// True if this is the address of a trusted proxy.
    pub fn trusts(&self, address: std::net::IpAddr) -> bool {
        self.web.trusted_proxies.iter().any(|network| network.contains(address))
    }
}

values! {
    /// The address of pages and API.
    Listen(SocketAddr) = |value| value::listen(&value::text(value)?);
    /// The address that visitors use.
    PublicUrl(String) = |value| public_url(&value::text(value)?);
    /// Name of this node's region.
    RegionName(Region) = |value| Region::new(&value::text(value)?).map_err(|e| e.to_string());
    /// The address of the Postgres to use.
    PostgresUrl(DatabaseUrl) = DatabaseUrl::read;
}

/// Reads the address that visitors use, which has no path: our pages have theirs from its root.
fn public_url(text: &str) -> Result<String, String> {
    let wrong = || "is not scheme and host; write such as \"https://up.example\"".to_owned();
    let url = Url::parse(text).map_err(|_| wrong())?;
    let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
    let open = url.username().is_empty() && url.password().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && url.has_host() && bare && open;
    if fits { Ok(url.as_str().trim_end_matches('/').to_owned()) } else { Err(wrong()) }
}

/// The address by which the machine itself reaches what listens there.
fn reached_at(listen: SocketAddr) -> String {
    if listen.ip().is_unspecified() {
        return format!("http://localhost:{}", listen.port());
    }
    format!("http://{listen}")
}

/// The machine and the user that run us, as far as defaults depend on them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Machine {
    root: bool,
    home: Option<PathBuf>,
    data_home: Option<PathBuf>,
}

impl Machine {
    fn here() -> Self {
        let path = |name| std::env::var_os(name).map(PathBuf::from).filter(|p| p.is_absolute());
        Self {
            root: rustix::process::geteuid().is_root(),
            home: path("HOME"),
            data_home: path("XDG_DATA_HOME"),
        }
    }

    /// Data directory of this user, if there is one.
    fn data_dir(&self) -> Option<PathBuf> {
        if self.root {
            return Some("/var/lib/stillup".into());
        }
        let home = || self.home.as_ref().map(|home| home.join(".local/share"));
        Some(self.data_home.clone().or_else(home)?.join("stillup"))
    }
}

#[cfg(test)]
mod tests;
