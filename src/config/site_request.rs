//! The keys of a site's own request: `method`, `headers`, `body`, `max_redirects`. Reads the secrets
//! that stand in the environment or in a file, and has no other effects.
//!
//! The value of a header is never part of a problem.

use http::{HeaderName, HeaderValue};
use toml::Value;

use super::{
    secrets::Secrets,
    table::Table,
    value::{Count, quoted, shown, text, values},
};
use model::site_request::{Method, RequestHeader, Secret, SiteRequest};

const MAX_HEADERS: usize = 32;
/// Bytes of a header's value.
const MAX_VALUE: usize = 8 * 1024;
/// Bytes of a body.
const MAX_BODY: usize = 64 * 1024;

/// Headers that the prober sets itself, in the way that it speaks HTTP.
const OURS: [&str; 12] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

/// Returns whether the prober sets this header itself, whatever a site says.
pub fn is_header_of_ours(name: &str) -> bool {
    OURS.contains(&name.to_ascii_lowercase().as_str())
}

values! {
    /// The method of a request.
    OneMethod(Method) = |value| {
        let word = value.as_str().map(str::to_ascii_uppercase);
        let known = Method::ALL.into_iter().find(|method| word.as_deref() == Some(method.word()));
        known.ok_or_else(|| format!("{} is not a method here; use GET, HEAD or POST", shown(value)))
    };
    /// The headers of a request.
    Headers(Vec<(Box<str>, HeaderValueSource)>) = headers;
    /// The body of a request.
    Body(Secret) = |value| match value.as_str() {
        None => Err("must be a text".to_owned()),
        Some("") => Err("is empty; leave the key out".to_owned()),
        Some(body) if body.len() > MAX_BODY => Err(format!("is longer than {MAX_BODY} bytes")),
        Some(body) => Ok(Secret::from(body.to_owned())),
    };
}

/// The place of a header's value.
#[derive(Clone, Debug)]
pub(super) enum HeaderValueSource {
    Plain(Secret),
    Env(Box<str>),
    File(Box<str>),
}

/// Reads the request of a site.
pub(super) fn read(table: &mut Table<'_, '_>, secrets: &mut Secrets<'_>) -> SiteRequest {
    let method = table.get("method").map(|OneMethod(method)| method).unwrap_or_default();
    let named = table.get("headers").map_or_else(Vec::new, |Headers(named)| named);
    let headers = named.into_iter().map(|(name, source)| header(table, secrets, name, source));
    let headers = headers.collect();
    let body = table.get("body").map(|Body(body)| body);
    if table.has("body") && method != Method::Post {
        table.wrong("body", "is sent with a POST alone; write method = \"POST\"");
    }
    let max_redirects = table.get::<Count<0, 50>>("max_redirects").map(|most| most.get() as u8);
    SiteRequest { method, headers, body, max_redirects }
}

fn header(
    table: &Table<'_, '_>,
    secrets: &mut Secrets<'_>,
    name: Box<str>,
    source: HeaderValueSource,
) -> RequestHeader {
    let read = match source {
        HeaderValueSource::Plain(value) => {
            return RequestHeader { name, value: Some(value), hidden: false };
        }
        HeaderValueSource::Env(variable) => Secrets::variable(&variable),
        HeaderValueSource::File(path) => secrets.file(&path),
    };
    let value = read.and_then(|text| header_value(text.trim()));
    let value = value.map_err(|why| {
        secrets.missing.push(table.problem("headers", format!("{name}: {why}")));
    });
    RequestHeader { name, value: value.ok(), hidden: true }
}

fn headers(value: &Value) -> Result<Vec<(Box<str>, HeaderValueSource)>, String> {
    let table = value
        .as_table()
        .ok_or("must be a table; write headers = { X-Key = { env = \"NAME\" } }")?;
    if table.len() > MAX_HEADERS {
        return Err(format!("has more than {MAX_HEADERS} headers; leave some out"));
    }
    let mut all: Vec<(Box<str>, HeaderValueSource)> = Vec::new();
    for (name, value) in table {
        let told = |why: &str| format!("{}: {why}", quoted(name));
        let lower = HeaderName::from_bytes(name.as_bytes());
        let lower = lower.map_err(|_| told("is not the name of a header"))?;
        if is_header_of_ours(lower.as_str()) {
            return Err(told("is set by the prober itself; leave it out"));
        }
        if all.iter().any(|(other, _)| **other == *lower.as_str()) {
            return Err(told("is there twice, whatever the case of its letters"));
        }
        all.push((lower.as_str().into(), source(value).map_err(|why| told(&why))?));
    }
    Ok(all)
}

fn source(value: &Value) -> Result<HeaderValueSource, String> {
    let wrong = || "must be a text, { env = \"NAME\" } or { file = \"path\" }".to_owned();
    let table = match value {
        Value::String(plain) => return header_value(plain).map(HeaderValueSource::Plain),
        Value::Table(table) if table.len() == 1 => table,
        _ => return Err(wrong()),
    };
    let (key, place) = table.iter().next().ok_or_else(wrong)?;
    let place = text(place).map_err(|_| wrong())?.into();
    match key.as_str() {
        "env" => Ok(HeaderValueSource::Env(place)),
        "file" => Ok(HeaderValueSource::File(place)),
        _ => Err(wrong()),
    }
}

fn header_value(text: &str) -> Result<Secret, String> {
    if text.is_empty() {
        return Err("is empty".to_owned());
    }
    if text.len() > MAX_VALUE || HeaderValue::from_str(text).is_err() {
        return Err(format!(
            "cannot be sent in a header; use at most {MAX_VALUE} letters on one line"
        ));
    }
    Ok(Secret::from(text.to_owned()))
}
