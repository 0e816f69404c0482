//! One site on its way from another tool into a catalogue: keys of ours with their values as TOML,
//! and all that there is to tell of it.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use serde_json::Value;

use super::{
    document::{field, scalar, seconds},
    statuses::Statuses,
};
use crate::config::{hides, is_header_of_ours, parse_duration, show_duration};
use model::target::without_login;

/// Shortest and longest interval of ours.
const INTERVALS: (Duration, Duration) = (Duration::from_secs(5), Duration::from_hours(24));
/// Longest timeout, and longest limit of slowness.
const LONGEST: Duration = Duration::from_mins(1);
const SHORTEST_TIMEOUT: Duration = Duration::from_millis(100);
/// Letters of a name, and tags of a site, at most.
const MAX_NAME: usize = 100;
const MAX_TAGS: usize = 16;
const MAX_TAG: usize = 40;
const MAX_ALIAS: usize = 100;
/// Headers whose values are no secrets.
const OPEN_HEADERS: [&str; 8] = [
    "accept",
    "accept-language",
    "cache-control",
    "content-type",
    "origin",
    "pragma",
    "user-agent",
    "x-requested-with",
];

/// Units of numbers that stand for a time.
pub(super) const SECONDS: Duration = Duration::from_secs(1);
pub(super) const MILLIS: Duration = Duration::from_millis(1);
/// Words in a body by which it may hold a secret.
const SECRET_WORDS: [&str; 8] =
    ["password", "passwd", "secret", "token", "api_key", "apikey", "authorization", "credential"];
/// Names of parts of a query whose values are likely secrets.
const SECRET_PARTS: [&str; 15] = [
    "token",
    "access_token",
    "auth_token",
    "secret",
    "client_secret",
    "password",
    "passwd",
    "pwd",
    "key",
    "apikey",
    "api_key",
    "api-key",
    "auth",
    "authorization",
    "signature",
];

/// One item of a list.
#[derive(Clone, Debug)]
pub(super) enum Item {
    /// A site.
    Site(Box<SiteDraft>),
    /// Left out whole: its name, and the reason.
    LeftOut(String, String),
}

/// Something to tell of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Remark {
    /// Left out, and not read.
    LeftOut(String),
    /// Something else that is good to know.
    Told(String),
}

/// A header of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct DraftHeader {
    pub(super) name: String,
    pub(super) value: HeaderSource,
}

/// Value of a header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HeaderSource {
    /// No secret.
    Open(String),
    /// A secret, which gets a variable; its hash tells it from others.
    Secret(u64),
    /// It stands in this variable already.
    Env(String),
}

/// A site as far as it has been read.
#[derive(Clone, Debug, Default)]
pub(super) struct SiteDraft {
    /// Its name in the report.
    pub(super) label: String,
    pub(super) url: String,
    /// Keys of ours, with values as TOML.
    pub(super) keys: Vec<(&'static str, String)>,
    pub(super) headers: Vec<DraftHeader>,
    pub(super) tags: Vec<String>,
    pub(super) aliases: Vec<String>,
    /// True if it is not watched there now.
    pub(super) paused: bool,
    pub(super) notes: Vec<Remark>,
}

impl SiteDraft {
    /// A site with this address; the report names it by the first of these that is not blank.
    pub(super) fn new(names: &[&str], url: &str) -> Self {
        let label = names.iter().map(|name| name.trim()).find(|name| !name.is_empty());
        let label = one_line(&without_secrets(label.unwrap_or(url)), MAX_NAME);
        let unseen =
            |c: char| c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200d}' | '\u{feff}');
        let mut draft = Self { label, url: url.trim_matches(unseen).to_owned(), ..Self::default() };
        if let Some((whole, _)) = draft.url.split_once('#') {
            draft.url = whole.to_owned();
            draft.left_out("the fragment of its address");
        }
        draft
    }

    /// Tells that something of it is left out.
    pub(super) fn left_out(&mut self, what: impl Into<String>) {
        let note = Remark::LeftOut(what.into());
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Tells something of it.
    pub(super) fn told(&mut self, what: impl Into<String>) {
        let note = Remark::Told(what.into());
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// Tells that these fields, where they are there and not empty, are left out, having no match here.
    pub(super) fn leave_out(&mut self, of: &Value, fields: &[&str]) {
        for field in
            fields.iter().filter(|field| of.get(field).is_some_and(|value| !is_empty(value)))
        {
            self.left_out(format!("{field}, which has no match here"));
        }
    }

    /// Sets a key to a value in TOML.
    pub(super) fn set(&mut self, key: &'static str, toml: String) {
        self.keys.retain(|(known, _)| *known != key);
        self.keys.push((key, toml));
    }

    /// Sets a key to a text.
    pub(super) fn set_text(&mut self, key: &'static str, text: &str) {
        self.set(key, quoted(text));
    }

    /// Sets its name for people, if it has one.
    pub(super) fn name(&mut self, name: Option<&str>) {
        let name = one_line(name.unwrap_or_default().trim(), MAX_NAME);
        if !name.is_empty() {
            self.set_text("name", &name);
        }
    }

    /// Sets a time from a field: a duration such as `1m30s`, or a number of units. One that cannot be read is told;
    /// 0 is the usual time of a tool.
    pub(super) fn time(&mut self, key: &'static str, of: &Value, names: &[&str], unit: Duration) {
        if let Some(text) = field(of, names).and_then(scalar) {
            self.time_in(key, &text, unit);
        }
    }

    /// Sets a time from a text, which may be empty.
    pub(super) fn time_in(&mut self, key: &'static str, text: &str, unit: Duration) {
        let text = text.trim();
        let number = text.parse::<f64>().ok();
        let read = match number {
            Some(number) => seconds(number * unit.as_secs_f64()),
            None => parse_duration(text),
        };
        match (key, read) {
            _ if text.is_empty() || number == Some(0.0) || read == Some(Duration::ZERO) => {}
            (_, None) => {
                let shown = quoted(&one_line(text, MAX_TAG));
                self.left_out(format!("{key} {shown}, which is no duration"));
            }
            ("interval", Some(long)) => self.bounded(key, long, INTERVALS),
            ("timeout", Some(long)) => self.bounded(key, long, (SHORTEST_TIMEOUT, LONGEST)),
            (_, Some(long)) => self.set_text(key, &show_duration(long)),
        }
    }

    fn bounded(&mut self, key: &'static str, wanted: Duration, (low, high): (Duration, Duration)) {
        let kept = wanted.clamp(low, high);
        if kept != wanted {
            let (wanted, kept) = (show_duration(wanted), show_duration(kept));
            self.told(format!("{key}: {kept} instead of {wanted}"));
        }
        self.set_text(key, &show_duration(kept));
    }

    /// Sets the statuses that are expected, where they are unusual.
    pub(super) fn statuses(&mut self, statuses: &Statuses) {
        let unusual: Vec<String> = statuses.unusual().iter().map(|text| quoted(text)).collect();
        if statuses.is_empty() {
            self.left_out("the expected statuses, which no answer has");
        } else if !unusual.is_empty() {
            self.set("expect_status", format!("[{}]", unusual.join(", ")));
        }
    }

    /// Sets the method, if it is one of ours; other ones are not sent.
    pub(super) fn method(&mut self, method: Option<&str>) -> Result<(), String> {
        match method.unwrap_or("GET").trim().to_ascii_uppercase().as_str() {
            "" | "GET" => Ok(()),
            word @ ("HEAD" | "POST") => {
                self.set_text("method", word);
                Ok(())
            }
            other => Err(format!(
                "it is asked with {}, and only GET, HEAD and POST are sent here",
                one_line(other, 20)
            )),
        }
    }

    /// Returns whether a key has this value in TOML.
    pub(super) fn has(&self, key: &str, toml: &str) -> bool {
        self.keys.iter().any(|(known, value)| *known == key && value == toml)
    }

    /// Sets the body, if there is one. One that may hold a secret is not written, and without it the request is
    /// another one.
    pub(super) fn body(&mut self, body: Option<&str>) -> Result<(), String> {
        let Some(body) = body.filter(|body| !body.is_empty()) else { return Ok(()) };
        let lower = body.to_ascii_lowercase();
        if !self.has("method", "\"POST\"") {
            self.left_out("its body, which is sent with a POST alone");
        } else if let Some(word) = SECRET_WORDS.iter().find(|word| lower.contains(**word)) {
            return Err(format!("its body may hold a secret ({word}); write the site by hand"));
        } else {
            self.set_text("body", body);
            self.told("its body is written as it is; make sure that there is no secret in it");
        }
        Ok(())
    }

    /// Sets one more value of the JSON that is expected, which the tool compares as text: one that reads as a number
    /// or a truth is taken for that. Returns false for what could be several things.
    pub(super) fn set_json(&mut self, pointer: &str, value: &str) -> bool {
        let text = value.trim();
        let bare = text.trim_matches('"');
        let read = serde_json::from_str::<Value>(bare).ok().filter(|_| bare.len() == text.len());
        let toml = match read {
            Some(Value::Null) => return false,
            Some(Value::Bool(_)) => bare.to_owned(),
            // "1.10" is the text of no number.
            Some(Value::Number(number)) if number.to_string() == bare => {
                let place = quoted(pointer);
                self.told(format!("the number {bare} is expected at {place}; write it in quotes if it is a text there"));
                bare.to_owned()
            }
            // Some read 007 and 0x7 as 7.
            None if bare.starts_with(['0', '+']) && bare.len() > 1 && !bare.contains('.') => {
                return false;
            }
            _ => quoted(bare),
        };
        let known = self.keys.iter().find(|(key, _)| *key == "expect_json");
        let before = known.map(|(_, toml)| toml.trim_matches(['{', '}', ' ']).to_owned());
        let before = before.map_or_else(String::new, |before| format!("{before}, "));
        self.set("expect_json", format!("{{ {before}{} = {toml} }}", quoted(pointer)));
        true
    }

    /// Adds a header. A value that may be a secret is never written: it gets a variable.
    pub(super) fn header(&mut self, name: &str, value: &str) {
        let (name, value) = (name.trim(), value.trim());
        let lower = name.to_ascii_lowercase();
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() || value.is_empty() {
            self.left_out(format!("its header {}", quoted(&one_line(name, MAX_TAG))));
            return;
        }
        if is_header_of_ours(name) {
            self.left_out(format!("its header {name}, which is set by the prober itself"));
            return;
        }
        let source = match variable(value) {
            Some(variable) => HeaderSource::Env(variable.to_owned()),
            None if OPEN_HEADERS.contains(&lower.as_str()) => HeaderSource::Open(value.to_owned()),
            None => HeaderSource::Secret(hash(value)),
        };
        self.headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
        self.headers.push(DraftHeader { name: name.to_owned(), value: source });
    }

    fn authorization(&mut self, secret: &str) {
        self.headers.retain(|header| !header.name.eq_ignore_ascii_case("authorization"));
        let value = HeaderSource::Secret(hash(secret));
        self.headers.push(DraftHeader { name: "Authorization".to_owned(), value });
    }

    /// Returns whether it has this header, whose name is in lower case.
    pub(super) fn has_header(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
    }

    /// Adds the headers of a map, or of the JSON that is written in a text.
    pub(super) fn headers(&mut self, headers: Option<&Value>) {
        let read;
        let map = match headers {
            Some(Value::String(text)) if !text.trim().is_empty() => {
                read = serde_json::from_str::<Value>(text).unwrap_or_default();
                if !read.is_object() {
                    self.left_out("its headers, which cannot be read");
                }
                read.as_object()
            }
            Some(Value::Array(items)) => {
                for item in items {
                    let part = |key| item.get(key).and_then(super::document::scalar);
                    if let (Some(name), Some(value)) =
                        (part("name").or_else(|| part("key")), part("value"))
                    {
                        self.header(&name, &value);
                    }
                }
                None
            }
            other => other.and_then(Value::as_object),
        };
        for (name, value) in map.into_iter().flatten() {
            self.header(name, &super::document::scalar(value).unwrap_or_default());
        }
    }

    /// Adds a login as the header that it is sent in.
    pub(super) fn login(&mut self, user: Option<&str>, password: Option<&str>) {
        let (user, password) = (user.unwrap_or_default(), password.unwrap_or_default());
        if !user.is_empty() || !password.is_empty() {
            self.authorization(&format!("{user}:{password}"));
            self.told("its login is sent as a header: \"Basic \" and the base64 of user:password");
        }
    }

    /// Adds a token as the header that it is sent in.
    pub(super) fn bearer(&mut self, token: &str) {
        self.authorization(token);
        self.told("its token is sent as a header: \"Bearer \" and the token");
    }

    /// Adds a tag, in the letters that tags have.
    pub(super) fn tag(&mut self, text: &str) {
        let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
        let squeezed: String = text.trim().chars().map(letter).collect();
        let words: Vec<&str> = squeezed.split('-').filter(|word| !word.is_empty()).collect();
        let tag: String = words.join("-").chars().take(MAX_TAG).collect();
        let tag = tag.trim_end_matches('-').to_owned();
        if tag.is_empty() || self.tags.contains(&tag) {
        } else if self.tags.len() == MAX_TAGS {
            self.left_out(format!("tags beyond {MAX_TAGS}"));
        } else {
            self.tags.push(tag);
        }
    }

    /// Adds a name that it has in addresses there.
    pub(super) fn alias(&mut self, text: &str) {
        let letter = |c: char| c.is_ascii_graphic() || c.is_alphanumeric();
        let fits = |c: char| letter(c) && !matches!(c, '/' | '?' | '#' | '%');
        let text = text.trim();
        if text.is_empty() || self.aliases.iter().any(|alias| alias == text) {
        } else if text.len() <= MAX_ALIAS && text.chars().all(fits) {
            self.aliases.push(text.to_owned());
        } else {
            self.left_out(format!(
                "its name {}, which cannot stand in an address",
                quoted(&one_line(text, MAX_TAG))
            ));
        }
    }

    /// The item of this site.
    pub(super) fn item(self) -> Item {
        Item::Site(Box::new(self))
    }

    /// The item where it is left out for this reason.
    pub(super) fn without(self, why: impl Into<String>) -> Item {
        Item::LeftOut(self.label, why.into())
    }
}

/// Returns whether a value says nothing.
pub(super) fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::String(text) => text.is_empty(),
        // A number below 0 turns something off.
        Value::Number(number) => number.as_f64().is_some_and(|number| number <= 0.0),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.values().all(is_empty),
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// The name of the part of an address's query that may hold a secret, which anybody could see.
pub(super) fn secret_part(url: &str) -> Option<&'static str> {
    let (_, query) = url.split_once('?')?;
    let mut names = query
        .split('&')
        .filter_map(|part| part.split_once('='))
        .filter(|(_, value)| !value.is_empty());
    names.find_map(|(name, _)| {
        let name = name.to_ascii_lowercase();
        SECRET_PARTS.into_iter().find(|secret| *secret == name)
    })
}

/// A text that may be an address, without a login and a query with a secret.
fn without_secrets(text: &str) -> String {
    let text = without_login(text);
    match text.split_once('?') {
        Some((before, _)) if secret_part(&text).is_some() => before.to_owned(),
        _ => text.into_owned(),
    }
}

/// The variable that a value is, if it is one: `${NAME}` or `$NAME`.
fn variable(value: &str) -> Option<&str> {
    let name = value.strip_prefix('$')?;
    let name = name.strip_prefix('{').and_then(|name| name.strip_suffix('}')).unwrap_or(name);
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
    (!name.is_empty() && name.chars().all(fits)).then_some(name)
}

/// A text as a string of TOML, on one line.
pub(super) fn quoted(text: &str) -> String {
    // The escapes of JSON are those of TOML, but for one character.
    Value::from(text).to_string().replace('\u{7f}', "\\u007F")
}

/// A text on one line, cut to so many letters.
pub(super) fn one_line(text: &str, most: usize) -> String {
    let seen = |c: char| if c.is_control() || hides(c) { ' ' } else { c };
    let line: String = text.chars().map(seen).collect();
    let mut cut: String = line.trim().chars().take(most).collect();
    if cut.len() < line.trim().len() {
        cut.pop();
        cut.push('…');
    }
    cut
}
