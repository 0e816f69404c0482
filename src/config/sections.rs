//! The sections of `stillup.toml`: a field a key, with its meaning, its bounds and its default. Reads
//! the files that keys name.
//!
//! A new setting is a field here and a line in `stillup.example.toml`; a test compares the two.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use serde::Deserialize;
use toml::Value;
use url::Url;

use super::{
    files,
    table::Table,
    value::{
        self, Bytes, Count, DAY, HOUR, IpAndPort, MINUTE, Millis, OneLine, SECOND, items, shown,
        values,
    },
};
use model::{address, judge::Rules, name::AgentName, network::Network, provider::Ranges};

const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Shortest and longest time that an attempt may be given, in milliseconds.
pub(super) const TIMEOUTS: (u64, u64) = (100, MINUTE);

/// `[probe]`: how sites are probed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ProbeSettings {
    /// Time limit of a whole attempt, for a site that does not set it.
    pub timeout: Millis<{ TIMEOUTS.0 }, { TIMEOUTS.1 }, { 10 * SECOND }>,
    /// Attempts in flight at once.
    pub concurrency: Count<1, 10_000, 512>,
    /// The User-Agent of probes.
    #[serde(deserialize_with = "value::into::<_, UserAgent, _>")]
    pub user_agent: String,
    /// Bytes of a body that are read, after decoding.
    pub max_body: Bytes<KIB, { 64 * MIB }, { 256 * KIB }>,
    /// Redirects that are followed.
    pub max_redirects: Count<0, 50, 10>,
    /// The resolvers to ask; none: those of the machine.
    #[serde(deserialize_with = "value::each::<_, IpAndPort<53>, _>")]
    pub nameservers: Vec<SocketAddr>,
    /// More roots to trust, as PEM.
    #[serde(deserialize_with = "value::into::<_, FileName, _>")]
    pub ca_file: Option<PathBuf>,
    /// Address at which an agent serves its health and metrics.
    #[serde(deserialize_with = "value::into::<_, Loopback, _>")]
    pub listen: AgentAddress,
}

/// Address at which an agent serves its health and metrics, on this machine alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AgentAddress(pub SocketAddr);

impl Default for AgentAddress {
    fn default() -> Self {
        Self(([127, 0, 0, 1], 8081).into())
    }
}

impl ProbeSettings {
    /// Reads the section; `own_name` is the default user agent.
    pub(super) fn read(table: &mut Table<'_, '_>, folder: &Path, own_name: String) -> Self {
        let mut probe: Self = table.read();
        if probe.user_agent.is_empty() {
            probe.user_agent = own_name;
        }
        let ca_file = probe.ca_file.take();
        probe.ca_file = ca_file.and_then(|file| files::authorities(table, folder, &file));
        probe
    }
}

values! {
    /// A text that can be sent in a header.
    UserAgent(String) = user_agent;
    /// An address of this machine alone.
    Loopback(AgentAddress) = loopback;
    /// The name of a node, as agents have one.
    NodeName(Option<AgentName>) = |value| {
        AgentName::new(&value::text(value)?).map(Some).map_err(|error| error.to_string())
    };
    /// The address of a node.
    NodeUrl(Url) = |value| address::node_url(&value::text(value)?);
    /// A block of addresses.
    Block(Network) = block;
    /// A folder, or a bucket.
    PublishTargetValue(PublishTarget) = publish_target;
    /// The name of a file.
    FileName(Option<PathBuf>) = |value| value::text(value).map(|name| Some(name.into()));
    /// The names of files, or of one file.
    FileNames(Vec<String>) = |value| items(value).iter().map(value::text).collect();
}

fn user_agent(value: &Value) -> Result<String, String> {
    let text = value::line(value, 200)?;
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Ok(text);
    }
    Err(format!("{} cannot be sent in a header; use plain ASCII", shown(value)))
}

fn loopback(value: &Value) -> Result<AgentAddress, String> {
    let address = value::listen(&value::text(value)?)?;
    if address.ip().is_loopback() {
        return Ok(AgentAddress(address));
    }
    Err(format!(
        "{} is not an address of this machine alone; write such as \"127.0.0.1:8081\"",
        shown(value)
    ))
}

/// A place that is refused is not shown: a password may stand in it.
fn publish_target(value: &Value) -> Result<PublishTarget, String> {
    let text = value::text(value)?;
    let Some(bucket) = text.strip_prefix("s3://") else {
        if text.contains("://") {
            return Err("is neither a folder nor a bucket; write such as \"/srv/copy\" or \
                        \"s3://bucket\""
                .to_owned());
        }
        return Ok(PublishTarget::Folder(text.into()));
    };
    let (name, path) = bucket.split_once('/').unwrap_or((bucket, ""));
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    let whole =
        |part: &str| !part.is_empty() && part.chars().all(plain) && !matches!(part, "." | "..");
    let path = path.trim_end_matches('/');
    if !whole(name) || !(path.is_empty() || path.split('/').all(whole)) {
        return Err("is no bucket; write such as \"s3://bucket/path\", without a query or a \
                    password"
            .to_owned());
    }
    Ok(PublishTarget::Bucket { name: name.to_owned(), path: path.to_owned() })
}

fn block(value: &Value) -> Result<Network, String> {
    value.as_str().and_then(Network::parse).ok_or_else(|| {
        format!("{} is not a block of addresses; write such as \"10.0.0.0/8\"", shown(value))
    })
}

/// `[judge]`: how checks are judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JudgeSettings {
    /// Addresses of others, asked to check our own network when most sites fail.
    pub controls: Vec<SocketAddr>,
    /// Providers' blocks of addresses, from the operator's files.
    pub provider_ranges: Ranges,
    /// The thresholds.
    pub rules: Rules,
}

/// Resolvers of three operators on port 443: anycast, and reached over TCP without a name.
fn controls() -> Vec<SocketAddr> {
    ["1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:443", "[2606:4700:4700::1111]:443"]
        .iter()
        .filter_map(|text| text.parse().ok())
        .collect()
}

impl JudgeSettings {
    /// Reads the section.
    pub(super) fn read(table: &mut Table<'_, '_>, folder: &Path) -> Self {
        let usual = Rules::default();
        let mut count = |key, usual| table.get::<Count<1, 100>>(key).map_or(usual, Count::get);
        let rules = Rules {
            down_after: count("down_after", usual.down_after),
            up_after: count("up_after", usual.up_after),
            slow_after: count("slow_after", usual.slow_after),
            quick_after: count("quick_after", usual.quick_after),
            slow_factor: count("slow_factor", usual.slow_factor),
            ..usual
        };
        let slow_floor = table.get::<Millis<1, MINUTE>>("slow_floor");
        let slow_floor = slow_floor.map_or(rules.slow_floor, Millis::get);
        if rules.quick_after < rules.slow_after && table.has("quick_after") {
            table.wrong("quick_after", "is less than slow_after, so a site would flap; raise it");
        } else if rules.quick_after < rules.slow_after {
            let text = "is more than quick_after, so a site would flap; raise quick_after too";
            table.wrong("slow_after", text);
        }
        let ranges = table.get::<FileNames>("provider_ranges").and_then(|FileNames(names)| {
            table.check("provider_ranges", files::provider_ranges(folder, &names))
        });
        let given: Option<Vec<IpAndPort<443>>> = table.get("controls");
        Self {
            controls: given.map_or_else(controls, |all| all.into_iter().map(Into::into).collect()),
            provider_ranges: ranges.unwrap_or_default(),
            rules: Rules { slow_floor, ..rules },
        }
    }
}

/// `[lookup]`: what visitors may look up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct LookupPolicy {
    /// True if visitors may look up sites at all.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// True if a look-up may reach private addresses.
    pub allow_private: bool,
    /// Look-ups a minute for one visitor.
    pub per_visitor: Count<1, 10_000, 20>,
    /// Time for which one answer serves all.
    pub cache: Millis<SECOND, HOUR, { 30 * SECOND }>,
}

fn yes() -> bool {
    true
}

/// `[nodes]`: other nodes on the same Postgres.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct NodesSettings {
    /// The name by which this node is an agent of the others; `None`: that of its region.
    #[serde(deserialize_with = "value::into::<_, NodeName, _>")]
    pub name: Option<AgentName>,
    /// The addresses of the others.
    #[serde(deserialize_with = "value::each::<_, NodeUrl, _>")]
    pub peers: Vec<Url>,
    /// The file with the token by which they know this node.
    #[serde(deserialize_with = "value::into::<_, FileName, _>")]
    pub token_file: Option<PathBuf>,
}

impl NodesSettings {
    /// Reads the section.
    pub(super) fn read(table: &mut Table<'_, '_>, folder: &Path) -> Self {
        let nodes: Self = table.read();
        if !nodes.peers.is_empty() && nodes.token_file.is_none() && !table.has("token_file") {
            let text =
                "is missing: peers know this node by its token; stillup agents add prints one";
            table.missing("token_file", text);
        }
        Self { token_file: nodes.token_file.map(|file| folder.join(file)), ..nodes }
    }
}

/// `[retention]`: retention of data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Retention {
    /// Time for which single checks are kept.
    pub checks: Millis<DAY, { 3_650 * DAY }, { 7 * DAY }>,
    /// Bytes that the journal may take while Postgres is away.
    pub journal: Bytes<MIB, { 1_024 * GIB }, GIB>,
}

/// `[publish]`: the copy of the pages on another host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishSettings {
    /// Place of the copy; `None`: there is none.
    pub to: Option<PublishTarget>,
    /// Interval at which it is written.
    pub every: Millis<{ 10 * SECOND }, DAY, MINUTE>,
}

/// Place of a copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublishTarget {
    /// A folder of this machine.
    Folder(PathBuf),
    /// A bucket of S3, or of a service that speaks its protocol.
    Bucket {
        /// Its name.
        name: String,
        /// Path of the copy in it; empty for all of it.
        path: String,
    },
}

impl PublishSettings {
    /// Reads the section; a folder starts from that of the file.
    pub(super) fn read(table: &mut Table<'_, '_>, folder: &Path) -> Self {
        let to = table.get::<PublishTargetValue>("to").map(|PublishTargetValue(to)| match to {
            PublishTarget::Folder(path) => PublishTarget::Folder(folder.join(path)),
            bucket @ PublishTarget::Bucket { .. } => bucket,
        });
        Self { to, every: table.get("every").unwrap_or_default() }
    }
}

/// `[web]`: how pages are served.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct WebSettings {
    /// The title of the pages.
    #[serde(default = "title", deserialize_with = "value::into::<_, OneLine<60>, _>")]
    pub title: String,
    /// Proxies whose `X-Forwarded-For` is believed.
    #[serde(deserialize_with = "value::each::<_, Block, _>")]
    pub trusted_proxies: Vec<Network>,
    /// Requests to the API that one visitor may make in a minute; 0: any number.
    pub reads_per_minute: Count<0, 10_000_000>,
    /// Connections that one visitor may hold at a time; `None`: an eighth of all.
    pub connections_per_visitor: Option<Count<1, 1_000_000>>,
    /// Sites that `/metrics` shows one by one; with more of them it shows none.
    pub metrics_sites: Count<0, 100_000, 2_000>,
}

fn title() -> String {
    "stillup".to_owned()
}
