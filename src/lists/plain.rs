//! A plain list: a host or a URL a line, a name behind it, comments after `#`.

use std::net::Ipv6Addr;

use serde_json::Value;

use super::{
    MAX_ITEMS,
    document::with_scheme,
    draft::{Item, SiteDraft},
};

/// Marks that stand around an address in text.
const MARKS: [char; 5] = ['"', '\'', '`', '<', '>'];

/// The lines with something on them, with their numbers.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    lines.filter(|(_, line)| {
        !line.is_empty() && !["#", "//", ";"].iter().any(|comment| line.starts_with(comment))
    })
}

/// Returns whether at least half of the lines of a text begin with what can only be an address.
pub(super) fn is_list(text: &str) -> bool {
    let (mut all, mut addresses) = (0, 0);
    for (_, line) in lines(text).take(MAX_ITEMS) {
        all += 1;
        addresses += usize::from(is_address(parts(line).0));
    }
    addresses * 2 >= all
}

fn is_address(text: &str) -> bool {
    if let Some((scheme, _)) = text.split_once("://") {
        return scheme.chars().all(|c| c.is_ascii_alphanumeric());
    }
    let host = text.split(['/', '?']).next().unwrap_or_default();
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "0"));
    let word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    let is_name = name.contains('.')
        && name.split('.').all(|label| !label.is_empty() && label.chars().all(word));
    let is_known =
        is_name || name == "localhost" || name.starts_with('[') || host.parse::<Ipv6Addr>().is_ok();
    is_known && (port.parse::<u16>().is_ok() || host.parse::<Ipv6Addr>().is_ok())
}

/// Reads a list.
pub(super) fn read(text: &str) -> Vec<Item> {
    lines(text)
        .take(MAX_ITEMS + 1)
        .map(|(number, line)| item(format!("line {number}"), line))
        .collect()
}

/// Reads a list of texts.
pub(super) fn of_values(values: &[Value]) -> Vec<Item> {
    let texts =
        values.iter().enumerate().map(|(at, value)| (at + 1, value.as_str().unwrap_or_default()));
    texts.take(MAX_ITEMS + 1).map(|(number, text)| item(format!("item {number}"), text)).collect()
}

/// The address of a line, and the rest.
fn parts(line: &str) -> (&str, &str) {
    let number = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let number = if number.len() < line.len() { number.strip_prefix(['.', ')']) } else { None };
    let bullet = number.or_else(|| line.strip_prefix(['-', '*', '+', '\u{2022}']));
    let line = bullet.filter(|rest| rest.starts_with(' ')).unwrap_or(line).trim_start();
    let (address, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let begin = address.find("://").map_or(0, |at| at + 3);
    let end = address[begin..].find(['/', '?', '#']).map_or(address.len(), |at| begin + at);
    // A host has none of these: a name follows.
    match address[..end].find([',', ';', '|']) {
        Some(at) => (address[..at].trim_matches(MARKS), line[at + 1..].trim()),
        None => (address.trim_end_matches([',', ';']).trim_matches(MARKS), name),
    }
}

fn item(label: String, line: &str) -> Item {
    let (address, name) = parts(line);
    let name = name.split_once(" #").map_or(name, |(name, _)| name).trim().trim_matches(MARKS);
    let mut draft = SiteDraft::new(&[&label], &with_scheme(address, "https"));
    draft.label = label;
    draft.name(Some(name).filter(|name| !name.is_empty() && !name.starts_with('#')));
    draft.item()
}
