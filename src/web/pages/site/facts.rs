//! The figures of the last check, and the notes that explain them.

use std::time::Duration;

use super::super::bits::Stamp;
use crate::{
    model::{
        moment::Moment,
        outcome::{HttpVersion, Traces},
        sentence::{duration_words, latency_words},
    },
    web::{look::Look, provider::provider},
};

/// One figure with its name.
pub(super) struct Fact {
    pub(super) label: &'static str,
    pub(super) value: String,
    pub(super) stamp: Option<Stamp>,
    pub(super) href: Option<String>,
}

/// A certificate that ends within this is worth a word.
const SOON: Duration = Duration::from_hours(14 * 24);

/// The figures.
pub(super) fn facts(look: &Look) -> Vec<Fact> {
    let watched = &*look.watched;
    let plain =
        |label, value: Option<String>| Some(Fact { label, value: value?, stamp: None, href: None });
    let last = watched.last();
    let status = last.and_then(|check| check.outcome.http_status);
    let traces = watched.traces();
    let provider = watched.provider().map(|slug| Fact {
        label: "Provider",
        value: provider(slug).name.to_owned(),
        stamp: None,
        href: Some(format!("/providers/{slug}")),
    });
    [
        plain("Latency", watched.latency().map(latency_words)),
        plain("Usual latency", watched.usual.map(latency_words)),
        plain("HTTP status", status.map(|status| status.to_string())),
        plain("Protocol", traces.and_then(|t| t.http_version).map(version)),
        plain("Address", traces.and_then(|t| t.address).map(|a| a.to_string())),
        plain("Redirected to", traces.and_then(redirected)),
        watched.certificate_expires_at().map(|ends| certificate(ends, look.now)),
        provider,
        plain("Looked at every", Some(every(watched.site.interval))),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Why the note "restricted" is no bad news, if it is there.
pub(super) fn restricted(look: &Look) -> Option<String> {
    if !look.verdict().restricted {
        return None;
    }
    let how = look.note().map(|note| format!(" ({note})")).unwrap_or_default();
    Some(format!(
        "The server answers, but turns robots like ours away{how}. That is its choice and no \
         outage: people with a browser will most likely get in. It also means that we cannot see \
         whether the pages behind it work."
    ))
}

fn version(version: HttpVersion) -> String {
    match version {
        HttpVersion::Http10 => "HTTP/1.0",
        HttpVersion::Http11 => "HTTP/1.1",
        HttpVersion::Http2 => "HTTP/2",
    }
    .to_owned()
}

fn redirected(traces: &Traces) -> Option<String> {
    traces.final_url.as_deref().map(str::to_owned)
}

fn certificate(ends: Moment, now: Moment) -> Fact {
    let left = ends.since(now);
    let value = match left {
        Duration::ZERO => "it has expired".to_owned(),
        left if left < SOON => format!("it expires in {}", duration_words(left)),
        _ => String::new(),
    };
    Fact { label: "Certificate valid until", value, stamp: Some(Stamp::day(ends)), href: None }
}

fn every(interval: Duration) -> String {
    match interval.as_secs() {
        seconds if seconds.is_multiple_of(60) && seconds > 0 => duration_words(interval),
        seconds => format!("{seconds} seconds"),
    }
}
