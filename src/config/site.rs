//! One `[[site]]` of the catalogue: its keys, with their bounds and defaults. Pure.

use std::time::Duration;

use serde::de::DeserializeOwned;
use toml::Value;
use url::Url;

use super::{
    notice_keys::Title,
    secrets::Secrets,
    sections::TIMEOUTS,
    site_request, site_url,
    table::Table,
    value::{Millis, Text, quoted, show_duration, shown, text, values},
};
use model::{
    domain::readable,
    name::Slug,
    provider::{is_known, known_slugs},
    site::{Expect, ExpectedJson, Site},
    site_request::Method,
};

/// Items of one list of a site at most.
const MAX_ITEMS: usize = 16;

values! {
    /// The URL of a site.
    SiteUrl(Url) = |value| site_url::url(&text(value)?);
    /// The slug of a site.
    SiteSlug(Slug) = |value| site_url::slug(&text(value)?);
    /// A tag or the slug of a provider, in lower case.
    TagWord(Box<str>) = word;
    /// The slug of a provider that a site depends on.
    ProviderSlug(Box<str>) = provider;
    /// The lowest and highest of a range of statuses.
    StatusRange((u16, u16)) = statuses;
    /// A name at another service.
    Alias(Box<str>) = alias;
    /// Values that a JSON document must have.
    JsonValues(Vec<ExpectedJson>) = json_values;
}

/// The values of a site that does not say otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Defaults {
    /// Time between two checks.
    pub interval: Duration,
    /// Time limit of a whole attempt.
    pub timeout: Duration,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { interval: Site::DEFAULT_INTERVAL, timeout: Site::DEFAULT_TIMEOUT }
    }
}

/// Reads one site; `None` when it has a problem that leaves nothing to watch.
pub(super) fn read(
    table: &mut Table<'_, '_>,
    number: usize,
    defaults: &Defaults,
    secrets: &mut Secrets<'_>,
) -> Option<Site> {
    table.set_subject(format!("site no. {number}"));
    // The name of a site in its problems is its slug, right or wrong, or else its host.
    let url = table.peek("url").and_then(|text| site_url::url(text).ok());
    let host = url.as_ref().map(site_url::host_and_port);
    if let Some(called) = table.peek("slug").map(str::to_owned).or_else(|| host.clone()) {
        table.set_subject(format!("site {}", quoted(&called)));
    }
    table.require("url", "is missing; write such as url = \"https://slack.com/\"");
    let url = table.get::<SiteUrl>("url");
    let slug = slug(table, host.as_deref());
    let name = table.get::<Title<100>>("name").map(String::from);
    let provider = table.get::<ProviderSlug>("provider").map(Box::from);
    let depends_on = words::<ProviderSlug>(table, "depends_on", "providers");
    if let Some(slug) = depends_on.iter().find(|slug| Some(*slug) == provider.as_ref()) {
        let text = format!("{} is the provider that serves it; leave it out", quoted(slug));
        table.wrong("depends_on", text);
    }
    let interval = table.get::<Millis<5_000, 86_400_000>>("interval");
    let (timeout, slow_after) = limits(table, defaults);
    let expect = expect(table);
    let request = site_request::read(table, secrets);
    let pages = ["expect_text", "forbid_text", "expect_json"];
    if let Some(key) =
        pages.into_iter().find(|key| table.has(key) && request.method == Method::Head)
    {
        table.wrong(key, "needs a page, and a HEAD has none; use GET");
    }
    let status_page = table.get::<SiteUrl>("status_page").map(|SiteUrl(url)| String::from(url));
    let private = table.get("private").unwrap_or(false);
    let tags = words::<TagWord>(table, "tags", "words");
    let aliases: Vec<Alias> = table.get("aliases").unwrap_or_default();
    if aliases.len() > MAX_ITEMS {
        table.wrong("aliases", format!("has more than {MAX_ITEMS} names; leave some out"));
    }
    Some(Site {
        slug: slug?,
        url: url?.into(),
        name: name.or_else(|| host.map(|host| readable(&host).into_owned()))?.into(),
        provider,
        depends_on,
        interval: interval.map_or(defaults.interval, Millis::get),
        timeout,
        slow_after,
        expect,
        request,
        status_page: status_page.map(Into::into),
        private,
        tags,
        aliases: aliases.into_iter().map(Into::into).collect(),
    })
}

fn slug(table: &mut Table<'_, '_>, host: Option<&str>) -> Option<Slug> {
    let given = table.get::<SiteSlug>("slug").map(Slug::from);
    if table.has("slug") {
        return given;
    }
    let slug = site_url::slug(host?).map_err(|why| format!("its host cannot be the slug: {why}"));
    table.check("url", slug)
}

fn limits(table: &mut Table<'_, '_>, defaults: &Defaults) -> (Duration, Option<Duration>) {
    let timeout = table.get::<Millis<{ TIMEOUTS.0 }, { TIMEOUTS.1 }>>("timeout");
    let timeout = timeout.map_or(defaults.timeout, Millis::get);
    let slow_after = table.get::<Millis<1, 60_000>>("slow_after").map(Millis::get);
    if let Some(slow) = slow_after.filter(|slow| *slow >= timeout) {
        let (slow, timeout) = (show_duration(slow), show_duration(timeout));
        let text = format!("\"{slow}\" is never reached; use less than the timeout, {timeout}");
        table.wrong("slow_after", text);
    }
    (timeout, slow_after)
}

fn expect(table: &mut Table<'_, '_>) -> Expect {
    let statuses: Option<Vec<StatusRange>> = table.get("expect_status");
    if statuses.as_ref().is_some_and(Vec::is_empty) {
        table.wrong("expect_status", "is an empty list; leave the key out for the usual statuses");
    }
    let text = table.get::<Text>("expect_text").map(|Text(text)| text);
    let forbidden_text = table.get::<Text>("forbid_text").map(|Text(text)| text);
    if let (Some(text), Some(forbidden)) = (&text, &forbidden_text)
        && text.contains(forbidden.as_str())
    {
        table.wrong("forbid_text", "is part of expect_text, so no page could be good");
    }
    Expect {
        statuses: statuses.into_iter().flatten().map(Into::into).collect(),
        text: text.map(Into::into),
        forbidden_text: forbidden_text.map(Into::into),
        json: table.get("expect_json").map_or_else(Vec::new, |JsonValues(json)| json),
    }
}

/// Reads a list of words, of which there are few, and none twice.
fn words<T: DeserializeOwned + Into<Box<str>>>(
    table: &mut Table<'_, '_>,
    key: &'static str,
    what: &str,
) -> Vec<Box<str>> {
    let words: Vec<T> = table.get(key).unwrap_or_default();
    let words: Vec<Box<str>> = words.into_iter().map(Into::into).collect();
    if words.len() > MAX_ITEMS {
        table.wrong(key, format!("has more than {MAX_ITEMS} {what}; leave some out"));
    }
    let twice =
        words.iter().enumerate().find(|(n, word)| words.iter().take(*n).any(|w| w == *word));
    if let Some((_, word)) = twice {
        table.wrong(key, format!("{} is there twice", quoted(word)));
    }
    words
}

/// `200`, `"204"` or `"200-399"`.
fn statuses(value: &Value) -> Result<(u16, u16), String> {
    let number = |text: &str| {
        let plain = text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u16>().ok().filter(|n| plain && (100..=999).contains(n))
    };
    let range = match value {
        Value::Integer(_) => number(&shown(value)).map(|n| (n, n)),
        Value::String(text) => match text.split_once('-') {
            Some((low, high)) => number(low.trim()).zip(number(high.trim())),
            None => number(text.trim()).map(|n| (n, n)),
        },
        _ => None,
    };
    range.filter(|(low, high)| low <= high).ok_or_else(|| {
        format!("{} is not a status; write such as \"204\" or \"200-399\"", shown(value))
    })
}

/// `{ "/status" = "ok" }`: pointers (RFC 6901) and what is there.
fn json_values(value: &Value) -> Result<Vec<ExpectedJson>, String> {
    let table = value.as_table().filter(|table| !table.is_empty());
    let table = table.ok_or("must be a table; write expect_json = { \"/status\" = \"ok\" }")?;
    if table.len() > MAX_ITEMS {
        return Err(format!("has more than {MAX_ITEMS} values; leave some out"));
    }
    let read = |(pointer, value): (&String, &Value)| {
        let escapes = pointer.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
        if !(pointer.is_empty() || pointer.starts_with('/')) || !escapes || pointer.len() > 500 {
            return Err(format!(
                "{} is not a pointer into JSON; write such as \"/status\"",
                quoted(pointer)
            ));
        }
        let value = match value {
            Value::String(text) => text.as_str().into(),
            Value::Integer(number) => (*number).into(),
            Value::Float(number) if number.is_finite() => (*number).into(),
            Value::Boolean(truth) => (*truth).into(),
            _ => {
                return Err(format!(
                    "{}: must be a text, a number, true or false",
                    quoted(pointer)
                ));
            }
        };
        Ok(ExpectedJson { pointer: pointer.as_str().into(), value })
    };
    table.iter().map(read).collect()
}

/// Any slug is a provider, but one that is nearly that of a known provider is taken for a typing
/// error.
fn provider(value: &Value) -> Result<Box<str>, String> {
    let slug = word(value)?;
    match nearly_known(&slug) {
        Some(near) => Err(format!("{} is not known; did you mean {near}?", quoted(&slug))),
        None => Ok(slug),
    }
}

/// The known provider whose slug is nearly this one.
fn nearly_known(slug: &str) -> Option<&'static str> {
    if is_known(slug) {
        return None;
    }
    // Two short slugs are near each other by chance.
    let near = |known: &&str| {
        known.len() > 4 && strsim::damerau_levenshtein(slug, known) <= 1 + known.len() / 10
    };
    known_slugs().find(near)
}

/// A name at another service: one segment of an address.
fn alias(value: &Value) -> Result<Box<str>, String> {
    let letter = |c: char| c.is_ascii_graphic() || c.is_alphanumeric();
    let fits = |c: char| letter(c) && !matches!(c, '/' | '?' | '#' | '%');
    match value.as_str() {
        Some(text) if (1..=100).contains(&text.len()) && text.chars().all(fits) => Ok(text.into()),
        _ => Err(format!(
            "{} is not a name in an address; write such as \"12\" or \"core_frontend\"",
            shown(value)
        )),
    }
}

/// A tag or the slug of a provider, in lower case.
fn word(value: &Value) -> Result<Box<str>, String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match value.as_str() {
        Some(text) if (1..=40).contains(&text.len()) && text.chars().all(fits) => Ok(text.into()),
        _ => Err(format!("{} is not a word; use 1 to 40 of a-z, 0-9 and '-'", shown(value))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_in_the_slug_of_a_provider_is_seen_and_a_provider_of_ones_own_is_none() {
        for (slug, want) in [
            ("cloudfare", Some("cloudflare")),
            ("lets-encrypt", Some("letsencrypt")),
            ("fastly", None),
            ("dyn", None),
            ("dyno", None),
            ("my-cloud", None),
        ] {
            assert_eq!(nearly_known(slug), want, "{slug}");
        }
    }
}
