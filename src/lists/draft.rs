//! One site on its way from another tool into a catalogue: keys of ours with their values as TOML,
//! and all that there is to tell of it.

use std::time::Duration;

use serde_json::Value;

use super::{
    document::{field, scalar, seconds},
    secrets::{HeaderSource, secret_word, without_secrets},
    statuses::Statuses,
};
use crate::config::{hides, is_header_of_ours, parse_duration, show_duration};

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

/// Units of numbers that stand for a time.
pub(super) const SECONDS: Duration = Duration::from_secs(1);
pub(super) const MILLIS: Duration = Duration::from_millis(1);
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
    pub(super) remarks: Vec<Remark>,
    /// The first reason to leave it out whole, if there is one.
    rejection: Option<String>,
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
            draft.leave_out("the fragment of its address");
        }
        draft
    }

    /// Tells that something of it is left out.
    pub(super) fn leave_out(&mut self, what: impl Into<String>) {
        let remark = Remark::LeftOut(what.into());
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// Tells something of it.
    pub(super) fn remark(&mut self, what: impl Into<String>) {
        let remark = Remark::Told(what.into());
        if !self.remarks.contains(&remark) {
            self.remarks.push(remark);
        }
    }

    /// Tells that these fields, where they are there and not empty, are left out, having no match here.
    pub(super) fn leave_out_fields(&mut self, of: &Value, fields: &[&str]) {
        for field in
            fields.iter().filter(|field| of.get(field).is_some_and(|value| !is_empty(value)))
        {
            self.leave_out(format!("{field}, which has no match here"));
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

    /// Sets a key to a text that is not blank, if it is not set; returns whether it is set now.
    pub(super) fn set_once(&mut self, key: &'static str, text: &str) -> bool {
        let fits = !text.trim().is_empty() && !self.keys.iter().any(|(known, _)| *known == key);
        if fits {
            self.set_text(key, text);
        }
        fits
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
                self.leave_out(format!("{key} {shown}, which is no duration"));
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
            self.remark(format!("{key}: {kept} instead of {wanted}"));
        }
        self.set_text(key, &show_duration(kept));
    }

    /// Sets the statuses that are expected, where they are unusual.
    pub(super) fn statuses(&mut self, statuses: &Statuses) {
        let unusual: Vec<String> = statuses.unusual().iter().map(|text| quoted(text)).collect();
        if statuses.is_empty() {
            self.leave_out("the expected statuses, which no answer has");
        } else if !unusual.is_empty() {
            self.set("expect_status", format!("[{}]", unusual.join(", ")));
        }
    }

    /// Sets the method, if it is one of ours; other ones are not sent.
    pub(super) fn method(&mut self, method: Option<&str>) {
        match method.unwrap_or("GET").trim().to_ascii_uppercase().as_str() {
            "" | "GET" => {}
            word @ ("HEAD" | "POST") => self.set_text("method", word),
            other => self.reject(format!(
                "it is asked with {}, and only GET, HEAD and POST are sent here",
                one_line(other, 20)
            )),
        }
    }

    /// Sets that no redirect is followed.
    pub(super) fn follow_no_redirect(&mut self) {
        self.set("max_redirects", "0".to_owned());
    }

    /// Tells that the tool ignores faults of its certificate, which is not done here.
    pub(super) fn leave_out_trust(&mut self) {
        self.leave_out("ignoring faults of its certificate: a bad certificate is down here");
    }

    /// Tells that its windows of maintenance have to be announced.
    pub(super) fn leave_out_maintenance(&mut self) {
        self.leave_out("its maintenance windows; write them as planned work: stillup planned add");
    }

    /// Tells that the keyword of a keyword monitor is missing.
    pub(super) fn leave_out_keyword(&mut self) {
        self.leave_out("its keyword, which is not there");
    }

    /// Returns whether a key has this value in TOML.
    pub(super) fn has(&self, key: &str, toml: &str) -> bool {
        self.keys.iter().any(|(known, value)| *known == key && value == toml)
    }

    /// Sets the body, if there is one. One that may hold a secret is not written, and without it the request is
    /// another one.
    pub(super) fn body(&mut self, body: Option<&str>) {
        let Some(body) = body.filter(|body| !body.is_empty()) else { return };
        if !self.has("method", "\"POST\"") {
            self.leave_out("its body, which is sent with a POST alone");
        } else if let Some(word) = secret_word(body) {
            self.reject(format!("its body may hold a secret ({word}); write the site by hand"));
        } else {
            self.set_text("body", body);
            self.remark("its body is written as it is; make sure that there is no secret in it");
        }
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
                self.remark(format!("the number {bare} is expected at {place}; write it in quotes if it is a text there"));
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
        if http::HeaderName::from_bytes(name.as_bytes()).is_err() || value.is_empty() {
            self.leave_out(format!("its header {}", quoted(&one_line(name, MAX_TAG))));
            return;
        }
        if is_header_of_ours(name) {
            self.leave_out(format!("its header {name}, which is set by the prober itself"));
            return;
        }
        self.headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
        self.headers
            .push(DraftHeader { name: name.to_owned(), value: HeaderSource::of(name, value) });
    }

    fn authorization(&mut self, secret: &str) {
        self.headers.retain(|header| !header.name.eq_ignore_ascii_case("authorization"));
        let value = HeaderSource::secret(secret);
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
                    self.leave_out("its headers, which cannot be read");
                }
                read.as_object()
            }
            Some(Value::Array(items)) => {
                for item in items {
                    let part = |key| item.get(key).and_then(scalar);
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
            self.header(name, &scalar(value).unwrap_or_default());
        }
    }

    /// Adds a login as the header that it is sent in.
    pub(super) fn login(&mut self, user: Option<&str>, password: Option<&str>) {
        let (user, password) = (user.unwrap_or_default(), password.unwrap_or_default());
        if !user.is_empty() || !password.is_empty() {
            self.authorization(&format!("{user}:{password}"));
            self.remark(
                "its login is sent as a header: \"Basic \" and the base64 of user:password",
            );
        }
    }

    /// Adds a token as the header that it is sent in.
    pub(super) fn bearer(&mut self, token: &str) {
        self.authorization(token);
        self.remark("its token is sent as a header: \"Bearer \" and the token");
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
            self.leave_out(format!("tags beyond {MAX_TAGS}"));
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
            self.leave_out(format!(
                "its name {}, which cannot stand in an address",
                quoted(&one_line(text, MAX_TAG))
            ));
        }
    }

    /// Leaves it out whole, unless there is a reason for that already.
    pub(super) fn reject(&mut self, why: impl Into<String>) {
        self.rejection.get_or_insert_with(|| why.into());
    }

    /// The item of this site.
    pub(super) fn item(mut self) -> Item {
        match self.rejection.take() {
            Some(why) => self.rejected(why),
            None => Item::Site(Box::new(self)),
        }
    }

    /// The item of a monitor that is not about a web page.
    pub(super) fn of_other_kind(self, kind: &str) -> Item {
        self.rejected(format!("it is a monitor of the kind {}", one_line(kind, 40)))
    }

    /// The item where it is left out whole, for this reason.
    pub(super) fn rejected(self, why: impl Into<String>) -> Item {
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
