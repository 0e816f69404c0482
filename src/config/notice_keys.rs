//! The keys that notices, planned work, tokens and channels share: ids, texts of people, and sites.
//! Pure.

use toml::Value;

use super::{
    table::Table,
    value::{self, OneLine, shown, values},
};
use model::{moment::Moment, name::Slug, scope::Scope};

/// Slugs, tags or providers that a text names at most.
const MAX_NAMED: usize = 200;

values! {
    /// An id of ours.
    Id(String) = id;
    /// A moment of RFC 3339.
    At(Moment) = at;
    /// Words of people, on several lines, with at most `MAX` letters.
    Prose[MAX: usize](String) = |value| prose(value, MAX);
    /// The same on one line.
    Title[MAX: usize](String) = |value| readable(value::line(value, MAX)?);
    /// The slug of a site.
    NamedSite(Slug) = |value| Slug::new(&value::text(value)?).map_err(|error| error.to_string());
}

/// Reads an id, in the letters that ours have.
fn id(value: &Value) -> Result<String, String> {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    match value.as_str() {
        Some(text) if (1..=63).contains(&text.len()) && text.bytes().all(fits) => {
            Ok(text.to_owned())
        }
        _ => Err(format!("{} is not an id; use 1 to 63 of a-z, 0-9 and '-'", shown(value))),
    }
}

fn at(value: &Value) -> Result<Moment, String> {
    let parsed = match value {
        Value::String(text) => Moment::parse(text).ok(),
        Value::Datetime(at) => Moment::parse(&at.to_string()).ok(),
        _ => None,
    };
    parsed.ok_or_else(|| {
        format!("{} is not a moment; write such as \"2026-12-06T01:00:00Z\"", shown(value))
    })
}

fn prose(value: &Value, longest: usize) -> Result<String, String> {
    let text = value.as_str().ok_or_else(|| format!("{} is not a text", shown(value)))?;
    let text = text.replace("\r\n", "\n").trim().to_owned();
    if text.chars().count() > longest {
        return Err(format!("is longer than {longest} letters"));
    }
    readable(text)
}

/// True if a character cannot be seen, or changes the order of others.
pub fn hides(c: char) -> bool {
    c.is_control() && c != '\n' && c != '\t'
        || matches!(c, '\u{200b}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// Refuses characters that cannot be seen or that change the order of others.
fn readable(text: String) -> Result<String, String> {
    match text.chars().find(|c| hides(*c)) {
        Some(c) => {
            let code = u32::from(c);
            Err(format!(
                "has a character that hides or reorders others (U+{code:04X}); leave it out"
            ))
        }
        None => Ok(text),
    }
}

/// Reads a list of words.
pub(super) fn words(table: &mut Table<'_, '_>, key: &'static str) -> Vec<Box<str>> {
    let words: Vec<OneLine<100>> = table.get(key).unwrap_or_default();
    words.into_iter().map(|OneLine(word)| word.into()).collect()
}

/// Reads the sites that something is about.
pub(super) fn scope(table: &mut Table<'_, '_>) -> Scope {
    let sites: Vec<NamedSite> = table.get("sites").unwrap_or_default();
    let (tags, providers) = (words(table, "tags"), words(table, "providers"));
    let scope = Scope { sites: sites.into_iter().map(Into::into).collect(), tags, providers };
    for (key, count) in [
        ("sites", scope.sites.len()),
        ("tags", scope.tags.len()),
        ("providers", scope.providers.len()),
    ] {
        if count > MAX_NAMED {
            table.wrong(key, format!("names more than {MAX_NAMED}; use a tag"));
        }
        // An empty list is a slip: without the key it is about every site.
        if table.count(key) == Some(0) {
            table.wrong(key, "is an empty list; leave the key out for every site");
        }
    }
    scope
}
