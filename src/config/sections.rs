//! The sections of `stillup.toml`: which keys each has, their bounds and their defaults. Pure.
//!
//! What is wrong is told to the report and takes its default here; the caller uses nothing of it
//! when there is any problem.

use std::{net::SocketAddr, path::Path, time::Duration};

use toml::de::DeValue;

use super::{
    authorities::ca_file,
    file,
    keys::Keys,
    network,
    settings::{Judge, Lookup, Probe, Retention, Web},
    site::TIMEOUTS,
    value::{self, shown},
};
use crate::model::{
    judge::Rules,
    network::Network,
    provider::{Ranges, is_slug},
};

const KIB: u64 = 1 << 10;
const GIB: u64 = 1 << 30;
const DAY: Duration = Duration::from_hours(24);

/// Resolvers of three houses on port 443: anycast, and reached over TCP without a name.
const CONTROLS: [&str; 4] =
    ["1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:443", "[2606:4700:4700::1111]:443"];

/// Reads `[probe]`; `own_name` is what we call ourselves unless told otherwise.
pub(super) fn probe(keys: &mut Keys<'_, '_>, folder: &Path, own_name: String) -> Probe {
    let ca_file = keys.get("ca_file", |v| ca_file(folder, v));
    let redirects = keys.get("max_redirects", value::whole(0..=50));
    Probe {
        timeout: keys.get("timeout", value::duration(TIMEOUTS)).unwrap_or(Duration::from_secs(10)),
        concurrency: keys.get("concurrency", value::whole(1..=10_000)).unwrap_or(512) as usize,
        user_agent: keys.get("user_agent", user_agent).unwrap_or(own_name),
        max_body: keys.get("max_body", value::bytes(KIB..=64 * KIB * KIB)).unwrap_or(256 * KIB),
        max_redirects: redirects.and_then(|n| u8::try_from(n).ok()).unwrap_or(10),
        nameservers: keys.list("nameservers", |v| address(v, 53)).unwrap_or_default(),
        ca_file,
    }
}

/// Reads `[judge]`.
pub(super) fn judge(keys: &mut Keys<'_, '_>, folder: &Path) -> Judge {
    let usual = Rules::default();
    let provider_ranges = keys.get("provider_ranges", |v| ranges(v, folder));
    let controls = keys.list("controls", |v| address(v, 443));
    let mut count = |key, usual| keys.get(key, value::whole(1..=100)).unwrap_or(usual);
    let rules = Rules {
        down_after: count("down_after", usual.down_after),
        up_after: count("up_after", usual.up_after),
        slow_after: count("slow_after", usual.slow_after),
        quick_after: count("quick_after", usual.quick_after),
        slow_factor: count("slow_factor", usual.slow_factor),
        ..usual
    };
    let floor = value::duration(Duration::from_millis(1)..=Duration::from_mins(1));
    let slow_floor = keys.get("slow_floor", floor).unwrap_or(usual.slow_floor);
    if rules.quick_after < rules.slow_after && keys.has("quick_after") {
        keys.wrong("quick_after", "is less than slow_after, so a site would flap; raise it");
    } else if rules.quick_after < rules.slow_after {
        let text = "is more than quick_after, so a site would flap; raise quick_after too";
        keys.wrong("slow_after", text);
    }
    let usual = || CONTROLS.iter().filter_map(|text| text.parse().ok()).collect();
    Judge {
        controls: controls.unwrap_or_else(usual),
        provider_ranges: provider_ranges.unwrap_or_default(),
        rules: Rules { slow_floor, ..rules },
    }
}

/// Reads the operator's files of blocks of addresses: one, or a list of them. `aws=FILE` is a list
/// as that provider publishes it.
fn ranges(value: &DeValue<'_>, folder: &Path) -> Result<Ranges, String> {
    let mut ranges = Ranges::default();
    match value {
        DeValue::Array(files) => {
            for file in files {
                add_ranges(&mut ranges, &value::text(file.get_ref())?, folder)?;
            }
        }
        file => add_ranges(&mut ranges, &value::text(file)?, folder)?,
    }
    Ok(ranges)
}

fn add_ranges(ranges: &mut Ranges, file: &str, folder: &Path) -> Result<(), String> {
    let published = file.split_once('=').filter(|(slug, _)| is_slug(slug));
    let path = folder.join(published.map_or(file, |(_, path)| path));
    let hint = "name a file with a provider and a block of addresses on each line, or such as \
                \"aws=ip-ranges.json\"";
    let text = file::read(&path, hint).map_err(|problem| problem.to_string())?;
    let added = match published {
        Some((slug, _)) => ranges.add_published(slug, &text),
        None => ranges.add_lines(&text),
    };
    added.map_err(|wrong| {
        let file = path.display();
        let lines: Vec<String> =
            wrong.iter().take(3).map(|bad| format!("{file}:{}: {bad}", bad.line)).collect();
        let more = if wrong.len() > lines.len() { "; and more lines" } else { "" };
        format!("{}{more}", lines.join("; "))
    })
}

/// Reads `[lookup]`.
pub(super) fn lookup(keys: &mut Keys<'_, '_>) -> Lookup {
    let cache = value::duration(Duration::from_secs(1)..=Duration::from_hours(1));
    Lookup {
        enabled: keys.get("enabled", value::flag).unwrap_or(true),
        allow_private: keys.get("allow_private", value::flag).unwrap_or(false),
        per_visitor: keys.get("per_visitor", value::whole(1..=10_000)).unwrap_or(20),
        cache: keys.get("cache", cache).unwrap_or(Duration::from_secs(30)),
    }
}

/// Reads `[retention]`.
pub(super) fn retention(keys: &mut Keys<'_, '_>) -> Retention {
    let journal = value::bytes(1024 * KIB..=1024 * GIB);
    Retention {
        checks: keys.get("checks", value::duration(DAY..=DAY * 3_650)).unwrap_or(DAY * 7),
        journal: keys.get("journal", journal).unwrap_or(GIB),
    }
}

/// Reads `[web]`.
pub(super) fn web(keys: &mut Keys<'_, '_>) -> Web {
    let title = keys.get("title", value::line(60));
    let connections = keys.get("connections_per_visitor", value::whole(1..=1_000_000));
    let metrics_sites = keys.get("metrics_sites", value::whole(0..=100_000));
    Web {
        title: title.unwrap_or_else(|| "stillup".to_owned()),
        trusted_proxies: keys.list("trusted_proxies", block).unwrap_or_default(),
        reads_per_minute: keys.get("reads_per_minute", value::whole(0..=10_000_000)).unwrap_or(0),
        connections_per_visitor: connections.map(|connections| connections as usize),
        metrics_sites: metrics_sites.unwrap_or(2_000) as usize,
    }
}

fn address(value: &DeValue<'_>, port: u16) -> Result<SocketAddr, String> {
    value.as_str().and_then(|text| network::with_port(text, port)).ok_or_else(|| {
        format!(
            "{} is not an address; write such as \"9.9.9.9\" or \"9.9.9.9:{port}\"",
            shown(value)
        )
    })
}

fn block(value: &DeValue<'_>) -> Result<Network, String> {
    value.as_str().and_then(Network::parse).ok_or_else(|| {
        format!("{} is not a block of addresses; write such as \"10.0.0.0/8\"", shown(value))
    })
}

fn user_agent(value: &DeValue<'_>) -> Result<String, String> {
    let text = value::line(200)(value)?;
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Ok(text);
    }
    Err(format!("{} cannot be sent in a header; use plain ASCII", shown(value)))
}
