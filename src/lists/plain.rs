//! A plain list: a host or a URL a line, a name behind it, comments after `#`.

use super::{
    MAX_ITEMS,
    draft::{Item, SiteDraft},
};

/// Reads a list.
pub(super) fn read(text: &str) -> Vec<Item> {
    let lines = text.lines().enumerate().map(|(at, line)| (at + 1, line.trim()));
    let filled = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    filled.take(MAX_ITEMS + 1).map(|(number, line)| item(number, line)).collect()
}

fn item(number: usize, line: &str) -> Item {
    let (address, name) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let name = name.split_once(" #").map_or(name, |(name, _)| name).trim();
    let label = format!("line {number}");
    let mut draft = SiteDraft::new(&[&label], &whole(address, "https"));
    draft.label = label;
    draft.name(Some(name).filter(|name| !name.is_empty() && !name.starts_with('#')));
    draft.item()
}

/// An address with a scheme: this one, where it has none.
pub(super) fn whole(address: &str, scheme: &str) -> String {
    let address = address.trim();
    if address.contains("://") { address.to_owned() } else { format!("{scheme}://{address}") }
}
