//! One `[[site]]` of the catalogue: its keys, its limits, its defaults. Pure.

use std::time::Duration;

use toml::de::DeValue;

use super::value::{quoted, shown};
use super::{address, duration, keys::Keys, suggest, value};
use crate::model::name::Slug;
use crate::model::readable::readable;
use crate::model::site::{Expect, Site};

const SHORTEST_INTERVAL: Duration = Duration::from_secs(5);
const LONGEST_INTERVAL: Duration = Duration::from_hours(24);
const MOST_TAGS: usize = 16;

/// Shortest and longest time that an attempt may be given.
pub(super) const TIMEOUTS: std::ops::RangeInclusive<Duration> =
    Duration::from_millis(100)..=Duration::from_mins(1);

/// What a site has that does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Time between two turns.
    pub interval: Duration,
    /// Time a whole attempt may take.
    pub timeout: Duration,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { interval: Site::INTERVAL, timeout: Site::TIMEOUT }
    }
}

/// Reads one site; `None` when it has a problem that leaves nothing to watch.
pub(super) fn read(keys: &mut Keys<'_, '_>, number: usize, defaults: &Defaults) -> Option<Site> {
    keys.call(format!("site no. {number}"));
    // The name of a site in its problems is its slug, right or wrong, or else its host.
    let url = keys.peek("url").and_then(|text| address::url(text).ok());
    let host = url.as_ref().map(address::host_and_port);
    if let Some(called) = keys.peek("slug").map(str::to_owned).or_else(|| host.clone()) {
        keys.call(format!("site {}", quoted(&called)));
    }
    if !keys.has("url") {
        keys.missing("url", "is missing; write such as url = \"https://slack.com/\"");
    }
    let url = keys.get("url", |v| address::url(&value::text(v)?));
    let slug = slug(keys, host.as_deref());
    let name = keys.get("name", value::line(100));
    let provider = keys.get("provider", word);
    let depends_on = depends_on(keys, provider.as_deref());
    let interval = keys.get("interval", value::duration(SHORTEST_INTERVAL..=LONGEST_INTERVAL));
    let (timeout, slow_after) = limits(keys, defaults);
    let expect = expect(keys);
    let private = keys.get("private", value::flag).unwrap_or(false);
    let tags = tags(keys);
    let aliases = aliases(keys);
    Some(Site {
        slug: slug?,
        url: url?,
        name: name.or_else(|| host.map(|host| readable(&host).into_owned()))?.into(),
        provider: provider.map(Into::into),
        depends_on,
        interval: interval.unwrap_or(defaults.interval),
        timeout,
        slow_after,
        expect,
        private,
        tags,
        aliases,
    })
}

fn slug(keys: &mut Keys<'_, '_>, host: Option<&str>) -> Option<Slug> {
    let given = keys.get("slug", |v| address::slug(&value::text(v)?));
    if keys.has("slug") {
        return given;
    }
    match address::slug(host?) {
        Ok(slug) => Some(slug),
        Err(text) => {
            keys.wrong("url", format!("its host cannot be the slug: {text}"));
            None
        }
    }
}

fn limits(keys: &mut Keys<'_, '_>, defaults: &Defaults) -> (Duration, Option<Duration>) {
    let timeout = keys.get("timeout", value::duration(TIMEOUTS)).unwrap_or(defaults.timeout);
    let shortest = Duration::from_millis(1);
    let slow_after = keys.get("slow_after", value::duration(shortest..=Duration::from_mins(1)));
    if let Some(slow) = slow_after.filter(|slow| *slow >= timeout) {
        let (slow, timeout) = (duration::show(slow), duration::show(timeout));
        let text = format!("\"{slow}\" is never reached; use less than the timeout, {timeout}");
        keys.wrong("slow_after", text);
    }
    (timeout, slow_after)
}

fn expect(keys: &mut Keys<'_, '_>) -> Expect {
    let statuses = keys.list("expect_status", statuses);
    if statuses.as_ref().is_some_and(Vec::is_empty) {
        keys.wrong("expect_status", "is an empty list; leave the key out for the usual statuses");
    }
    let text = keys.get("expect_text", value::text).map(Into::into);
    Expect { statuses: statuses.unwrap_or_default(), text }
}

/// `200`, `"204"` or `"200-399"`.
fn statuses(value: &DeValue<'_>) -> Result<(u16, u16), String> {
    let number = |text: &str| {
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|n| plain && (100..=999).contains(n))
    };
    let range = match value {
        DeValue::Integer(_) => {
            value::integer(value).and_then(|n| number(&n.to_string())).map(|n| (n, n))
        }
        DeValue::String(text) => match text.split_once('-') {
            Some((low, high)) => number(low.trim()).zip(number(high.trim())),
            None => number(text.trim()).map(|n| (n, n)),
        },
        _ => None,
    };
    range.filter(|(low, high)| low <= high).ok_or_else(|| {
        format!("{} is not a status; write such as \"204\" or \"200-399\"", shown(value))
    })
}

fn tags(keys: &mut Keys<'_, '_>) -> Vec<Box<str>> {
    let tags = keys.list("tags", word).unwrap_or_default();
    if tags.len() > MOST_TAGS {
        keys.wrong("tags", format!("has more than {MOST_TAGS} words; leave some out"));
    }
    let twice = tags.iter().enumerate().find(|(n, tag)| tags.iter().take(*n).any(|t| t == *tag));
    if let Some((_, tag)) = twice {
        keys.wrong("tags", format!("{} is there twice", quoted(tag)));
    }
    tags.into_iter().map(Into::into).collect()
}

/// Providers beyond the one that serves it. Any word is a provider, but one that is nearly the slug
/// of a provider that we know is a slip of the pen.
fn depends_on(keys: &mut Keys<'_, '_>, serves: Option<&str>) -> Vec<Box<str>> {
    let provider = |value: &DeValue<'_>| {
        let slug = word(value)?;
        match suggest::provider(&slug) {
            Some(near) => Err(format!("{} is not known; did you mean {near}?", quoted(&slug))),
            None => Ok(slug),
        }
    };
    let all = keys.list("depends_on", provider).unwrap_or_default();
    if all.len() > MOST_TAGS {
        keys.wrong("depends_on", format!("has more than {MOST_TAGS} providers; leave some out"));
    }
    let twice = all.iter().enumerate().find(|(n, slug)| all.iter().take(*n).any(|s| s == *slug));
    if let Some((_, slug)) = twice {
        keys.wrong("depends_on", format!("{} is there twice", quoted(slug)));
    }
    if let Some(slug) = all.iter().find(|slug| Some(slug.as_str()) == serves) {
        let text = format!("{} is the provider that serves it; leave it out", quoted(slug));
        keys.wrong("depends_on", text);
    }
    all.into_iter().map(Into::into).collect()
}

fn aliases(keys: &mut Keys<'_, '_>) -> Vec<Box<str>> {
    let aliases = keys.list("aliases", alias).unwrap_or_default();
    if aliases.len() > MOST_TAGS {
        keys.wrong("aliases", format!("has more than {MOST_TAGS} names; leave some out"));
    }
    aliases.into_iter().map(Into::into).collect()
}

/// A name at another service: one segment of an address.
fn alias(value: &DeValue<'_>) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | '?' | '#' | '%');
    match value.as_str() {
        Some(text) if (1..=100).contains(&text.len()) && text.chars().all(fits) => {
            Ok(text.to_owned())
        }
        _ => Err(format!(
            "{} is not a name in an address; write such as \"12\" or \"core_frontend\"",
            shown(value)
        )),
    }
}

/// A lower-case word: a tag or the slug of a provider.
fn word(value: &DeValue<'_>) -> Result<String, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match value.as_str() {
        Some(text) if (1..=40).contains(&text.len()) && text.chars().all(fits) => {
            Ok(text.to_owned())
        }
        _ => Err(format!("{} is not a word; use 1 to 40 of a-z, 0-9 and '-'", shown(value))),
    }
}
