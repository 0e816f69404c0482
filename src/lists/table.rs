//! A table with a header: comma, semicolon or tab between its columns. Also the CSV of `UptimeRobot`,
//! which is known by its header.

use super::{
    MAX_ITEMS,
    draft::{Item, SiteDraft, quoted},
    plain::whole,
    uptimerobot,
};
use crate::config::parse_duration;

/// Columns at most.
const MAX_COLUMNS: usize = 200;
/// Names of the column with the address.
const ADDRESSES: [&str; 8] =
    ["url", "url/ip", "address", "host", "hostname", "domain", "website", "link"];

/// Returns whether the first line of a text is the header of such a table.
pub(super) fn is_table(text: &str) -> bool {
    let header = text.lines().find(|line| !line.trim().is_empty() && !line.starts_with('#'));
    let header = header.unwrap_or_default();
    let separator = separator(header);
    let mut columns = header.split(separator as char).map(column);
    columns.any(|name| ADDRESSES.contains(&name.as_str()))
}

fn separator(header: &str) -> u8 {
    let count = |separator: &u8| header.bytes().filter(|byte| byte == separator).count();
    [b',', b';', b'\t'].into_iter().rev().max_by_key(count).unwrap_or(b',')
}

fn column(name: &str) -> String {
    name.trim().trim_matches('"').trim().to_ascii_lowercase().replace('_', " ")
}

/// A row, by the names of its columns.
pub(super) struct CsvRow<'a> {
    header: &'a [String],
    cells: csv::StringRecord,
}

impl CsvRow<'_> {
    /// The cell of the first of these columns that is there and not blank.
    pub(super) fn get(&self, names: &[&str]) -> Option<&str> {
        let cell = |name: &&str| {
            let at = self.header.iter().position(|known| known == name)?;
            self.cells.get(at).map(str::trim).filter(|cell| !cell.is_empty())
        };
        names.iter().find_map(cell)
    }
}

/// Reads a table.
pub(super) fn read(text: &str) -> Result<Vec<Item>, String> {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator(first))
        .flexible(true)
        .comment(Some(b'#'))
        .from_reader(text.as_bytes());
    let header = reader.headers().map_err(|error| format!("is no table: {error}"))?;
    let header: Vec<String> = header.iter().take(MAX_COLUMNS).map(column).collect();
    if !header.iter().any(|name| ADDRESSES.contains(&name.as_str())) {
        return Err("is no table with a column url in its header".to_owned());
    }
    let robot = uptimerobot::is_header(&header);
    let unknown = unknown_columns(&header);
    let (mut items, mut lines) = (Vec::new(), Lines { text, at: 0, number: 1 });
    for record in reader.records().take(MAX_ITEMS + 1) {
        let cells = record.map_err(|error| format!("is no table: {error}"))?;
        let line = lines.of(cells.position().map_or(0, |place| place.byte() as usize));
        let row = CsvRow { header: &header, cells };
        let item = if robot { uptimerobot::row(&row) } else { item(&row, line) };
        items.push(item);
    }
    if let (false, false, Some(Item::Site(first))) = (robot, unknown.is_empty(), items.first_mut())
    {
        first.left_out(format!(
            "the columns {} of all rows, which are not known",
            unknown.join(", ")
        ));
    }
    Ok(items)
}

/// The lines of a text, counted up to a place. The reader's own count is behind where lines end with two letters.
struct Lines<'t> {
    text: &'t str,
    at: usize,
    number: u64,
}

impl Lines<'_> {
    /// Number of the line of the row that begins at this byte, behind ends of lines and comments.
    fn of(&mut self, byte: usize) -> u64 {
        let bytes = self.text.as_bytes();
        let mut begin = byte.min(bytes.len());
        loop {
            let rest = &bytes[begin..];
            match rest.first() {
                Some(b'\r' | b'\n') => begin += 1,
                Some(b'#') => begin += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len()),
                _ => break,
            }
        }
        let passed = bytes.get(self.at..begin).unwrap_or_default();
        self.number += passed.split(|byte| *byte == b'\n').count().saturating_sub(1) as u64;
        self.at = begin;
        self.number
    }
}

fn unknown_columns(header: &[String]) -> Vec<String> {
    let known = [
        "name",
        "title",
        "friendly name",
        "tags",
        "tag",
        "group",
        "interval",
        "timeout",
        "slow after",
        "expect text",
        "keyword",
        "forbid text",
        "expect status",
        "id",
        "slug",
        "alias",
        "aliases",
    ];
    let is_known =
        |name: &&String| known.contains(&name.as_str()) || ADDRESSES.contains(&name.as_str());
    header
        .iter()
        .filter(|name| !is_known(name) && !name.is_empty())
        .map(|name| quoted(name))
        .collect()
}

fn item(row: &CsvRow<'_>, line: u64) -> Item {
    let name = row.get(&["name", "title", "friendly name"]);
    let label = format!("line {line}");
    let Some(address) = row.get(&ADDRESSES) else {
        return Item::LeftOut(label, "it has no address".to_owned());
    };
    let mut draft = SiteDraft::new(&[name.unwrap_or_default(), &label], &whole(address, "https"));
    draft.name(name);
    let apart = |c: char| matches!(c, ';' | ',' | '|') || c.is_whitespace();
    for tag in row.get(&["tags", "tag", "group"]).unwrap_or_default().split(apart) {
        draft.tag(tag);
    }
    for (key, column) in
        [("interval", "interval"), ("timeout", "timeout"), ("slow_after", "slow after")]
    {
        let Some(text) = row.get(&[column]) else { continue };
        // A bare number is one of seconds.
        let seconds = text.parse::<f64>().ok().and_then(super::document::seconds);
        match (key, seconds.or_else(|| parse_duration(text))) {
            (_, None) => draft.left_out(format!("{key} {}, which is no duration", quoted(text))),
            ("interval", long) => draft.interval(long),
            ("timeout", long) => draft.timeout(long),
            (_, long) => draft.slow_after(long),
        }
    }
    if let Some(text) = row.get(&["expect text", "keyword"]) {
        draft.set_text("expect_text", text);
    }
    if let Some(text) = row.get(&["forbid text"]) {
        draft.set_text("forbid_text", text);
    }
    if let Some(text) = row.get(&["expect status"]) {
        let codes: Vec<String> =
            text.split(apart).filter(|code| !code.is_empty()).map(quoted).collect();
        draft.set("expect_status", format!("[{}]", codes.join(", ")));
    }
    if let Some(slug) = row.get(&["slug"]) {
        draft.alias(slug);
    }
    for alias in row.get(&["id", "alias", "aliases"]).unwrap_or_default().split(apart) {
        draft.alias(alias);
    }
    draft.item()
}
