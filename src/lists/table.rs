//! A table with a header: comma, semicolon, tab or bar between its columns, whose names may be those of several
//! services. The CSV of `UptimeRobot` is one of them.

use std::{io::Read as _, time::Duration};

use super::{
    MAX_ITEMS,
    document::{truth, with_scheme},
    draft::{Item, MILLIS, SECONDS, SiteDraft, one_line, quoted},
    statuses::Statuses,
    uptimerobot::expect_keyword,
};

/// Columns at most.
const MAX_COLUMNS: usize = 200;
/// Names of columns by what they mean here, in letters and digits alone; the first is preferred.
const COLUMNS: [(&str, &[&str]); 18] = [
    (
        "url",
        &[
            "url",
            "urlip",
            "websiteurl",
            "siteurl",
            "monitorurl",
            "weburl",
            "uri",
            "address",
            "link",
            "endpoint",
            "website",
            "domain",
            "domainname",
            "hostname",
            "host",
            "fqdn",
            "target",
        ],
    ),
    (
        "name",
        &[
            "name",
            "title",
            "friendlyname",
            "displayname",
            "monitorname",
            "websitename",
            "sitename",
            "testname",
            "servicename",
            "label",
        ],
    ),
    ("tags", &["tags", "tag", "group", "groups", "category", "testtags"]),
    ("interval", &["interval", "frequency", "checkfrequency", "checkrate", "checkinterval"]),
    ("timeout", &["timeout", "requesttimeout"]),
    ("slow_after", &["slowafter", "degradedafter"]),
    ("expect_text", &["expecttext", "keyword", "keywordvalue", "requiredkeyword", "findstring"]),
    ("forbid_text", &["forbidtext"]),
    ("keyword type", &["keywordtype"]),
    (
        "expect_status",
        &["expectstatus", "expectedstatus", "expectedstatuscode", "expectedstatuscodes"],
    ),
    ("id", &["id", "monitorid", "testid", "alias", "aliases"]),
    ("slug", &["slug"]),
    ("type", &["type", "kind", "monitortype", "testtype", "checktype"]),
    ("status", &["status", "state"]),
    ("paused", &["paused", "ispaused", "disabled"]),
    ("enabled", &["enabled", "active", "isenabled", "isactive"]),
    ("method", &["method", "httpmethod"]),
    ("port", &["port"]),
];
/// Units at the end of the name of a column.
const UNITS: [(&str, Duration); 9] = [
    ("milliseconds", MILLIS),
    ("ms", MILLIS),
    ("seconds", SECONDS),
    ("secs", SECONDS),
    ("sec", SECONDS),
    ("minutes", Duration::from_mins(1)),
    ("mins", Duration::from_mins(1)),
    ("min", Duration::from_mins(1)),
    ("s", SECONDS),
];
/// Kinds of monitors that are about no web page.
const OTHER_KINDS: [&str; 24] = [
    "cron",
    "database",
    "dns",
    "docker",
    "domain",
    "ftp",
    "grpc",
    "heartbeat",
    "icmp",
    "imap",
    "ping",
    "pop",
    "port",
    "push",
    "server",
    "smtp",
    "ssh",
    "ssl",
    "tcp",
    "tls",
    "udp",
    "websocket",
    "whois",
    "ws",
];

/// A column that is known here: its meaning, its rank among those that mean the same, and the unit of its numbers.
#[derive(Clone, Copy)]
struct Column {
    meaning: &'static str,
    rank: usize,
    unit: Duration,
}

fn column(name: &str) -> Option<Column> {
    let name: String = name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let known = |name: &str, unit: Duration| {
        COLUMNS.into_iter().find_map(|(meaning, names)| {
            let rank = names.iter().position(|known| *known == name)?;
            Some(Column { meaning, rank, unit })
        })
    };
    known(&name, SECONDS).or_else(|| {
        let times =
            |column: &Column| matches!(column.meaning, "interval" | "timeout" | "slow_after");
        UNITS.into_iter().find_map(|(ending, unit)| {
            let name = name.strip_suffix(ending)?;
            known(name.strip_suffix("in").unwrap_or(name), unit).filter(times)
        })
    })
}

/// The text from its header on, and what stands between its columns. A first line may say the latter, and comments
/// may stand before.
fn from_header(text: &str) -> (&str, u8) {
    let mut rest = text;
    let mut said = None;
    loop {
        let line = rest.lines().next().unwrap_or_default();
        let begin = line.trim();
        match begin.strip_prefix("sep=") {
            Some(separator) => said = separator.bytes().next(),
            None if begin.is_empty() || begin.starts_with('#') => {}
            None => break,
        }
        match rest.split_once('\n') {
            Some((_, after)) => rest = after,
            None => break,
        }
    }
    let header = rest.lines().next().unwrap_or_default();
    let count = |separator: &u8| header.bytes().filter(|byte| byte == separator).count();
    let most = [b',', b';', b'\t', b'|'].into_iter().rev().max_by_key(count);
    (rest, said.or(most).unwrap_or(b','))
}

/// Returns whether the first line of a text is the header of such a table.
pub(super) fn is_table(text: &str) -> bool {
    let (rest, separator) = from_header(text);
    let header = rest.lines().next().unwrap_or_default();
    let mut columns = header.split(separator as char).map(column);
    columns.any(|column| column.is_some_and(|column| column.meaning == "url"))
}

/// A row, by the meanings of its columns.
struct CsvRow<'a> {
    header: &'a [Option<Column>],
    cells: csv::StringRecord,
}

impl CsvRow<'_> {
    /// The cell of the first column with this meaning that is not blank, and the unit of its numbers.
    fn cell(&self, meaning: &str) -> Option<(&str, Duration)> {
        let columns = self.header.iter().zip(&self.cells);
        let filled = columns.filter_map(|(column, cell)| {
            column.filter(|column| column.meaning == meaning).map(|column| (column, cell.trim()))
        });
        let filled = filled.filter(|(_, cell)| !cell.is_empty());
        filled.min_by_key(|(column, _)| column.rank).map(|(column, cell)| (cell, column.unit))
    }

    fn get(&self, meaning: &str) -> Option<&str> {
        self.cell(meaning).map(|(cell, _)| cell)
    }

    fn flag(&self, meaning: &str) -> Option<bool> {
        self.get(meaning).and_then(truth)
    }

    fn is_paused(&self) -> bool {
        let status = self.get("status").unwrap_or_default().to_ascii_lowercase();
        matches!(&*status, "paused" | "disabled" | "inactive" | "stopped")
            || self.flag("paused") == Some(true)
            || self.flag("enabled") == Some(false)
    }
}

/// A row behind the last: a quote that is not closed swallows all rows behind it, and this one with them.
const LAST_ROW: &str = "\n\u{1a}end\n";

/// Reads a table.
pub(super) fn read(text: &str) -> Result<Vec<Item>, String> {
    let (rest, separator) = from_header(text);
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(separator)
        .flexible(true)
        .comment(Some(b'#'))
        .from_reader(rest.as_bytes().chain(LAST_ROW.as_bytes()));
    let names = reader.headers().map_err(|error| format!("is no table: {error}"))?.clone();
    let header: Vec<Option<Column>> = names.iter().take(MAX_COLUMNS).map(column).collect();
    if !header.iter().flatten().any(|column| column.meaning == "url") {
        return Err("is no table with a column url in its header".to_owned());
    }
    let above = text[..text.len() - rest.len()].matches('\n').count() as u64;
    let (mut is_closed, mut last) = (false, above + 1);
    let (mut items, mut lines) = (Vec::new(), Lines { text: rest, at: 0, number: above + 1 });
    for record in reader.records().take(MAX_ITEMS + 1) {
        let cells = record.map_err(|error| format!("is no table: {error}"))?;
        if cells.iter().eq([LAST_ROW.trim()]) {
            is_closed = true;
            break;
        }
        let line = lines.of(cells.position().map_or(0, |place| place.byte() as usize));
        last = line;
        items.push(item(&CsvRow { header: &header, cells }, line));
    }
    if !is_closed && items.len() <= MAX_ITEMS {
        return Err(format!("is no table: a quote in the row of line {last} is not closed"));
    }
    let unknown: Vec<String> = names
        .iter()
        .zip(&header)
        .filter(|(name, column)| column.is_none() && !name.trim().is_empty())
        .map(|(name, _)| quoted(&one_line(&name.trim().to_lowercase().replace('_', " "), 40)))
        .collect();
    let first = items.iter_mut().find_map(|item| match item {
        Item::Site(site) => Some(site),
        Item::LeftOut(..) => None,
    });
    if let (Some(first), false) = (first, unknown.is_empty()) {
        let unknown = unknown.join(", ");
        first.leave_out(format!("the columns {unknown} of all rows, which are not known"));
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

fn item(row: &CsvRow<'_>, line: u64) -> Item {
    let name = row.get("name");
    let label = format!("line {line}");
    let names = [name.unwrap_or_default(), &label];
    let kind = row.get("type").unwrap_or_default().to_ascii_lowercase();
    let is_keyword = kind.starts_with("keyword");
    let is_web = is_keyword || kind.starts_with("http");
    if !is_web && kind.split(|c: char| !c.is_ascii_alphanumeric()).any(|w| OTHER_KINDS.contains(&w))
    {
        return SiteDraft::new(&names, "").of_other_kind(&kind);
    }
    let Some(address) = row.get("url") else {
        return SiteDraft::new(&names, "").rejected("it has no address");
    };
    let mut draft = SiteDraft::new(&names, &with_scheme(address, "https"));
    draft.name(name);
    draft.paused = row.is_paused();
    let apart = |c: char| matches!(c, ';' | ',' | '|') || c.is_whitespace();
    for tag in row.get("tags").unwrap_or_default().split(apart) {
        draft.tag(tag);
    }
    for key in ["interval", "timeout", "slow_after"] {
        if let Some((text, unit)) = row.cell(key) {
            draft.time_in(key, text, unit);
        }
    }
    let method = row.get("method").or_else(|| Some("HEAD").filter(|_| kind == "head"));
    draft.method(method);
    expectations(&mut draft, row, &kind);
    for alias in ["slug", "id"].into_iter().filter_map(|meaning| row.get(meaning)) {
        alias.split(apart).for_each(|alias| draft.alias(alias));
    }
    if row.get("port").is_some() {
        draft.leave_out("its port; write it into the address");
    }
    if row.cells.iter().skip(row.header.len()).any(|cell| !cell.trim().is_empty()) {
        draft.leave_out("the cells beyond its columns");
    }
    draft.item()
}

fn expectations(draft: &mut SiteDraft, row: &CsvRow<'_>, kind: &str) {
    match (row.get("expect_text"), row.get("keyword type")) {
        // A service has the cell also where it does not look for it.
        (Some(_), _) if kind.starts_with("http") => {}
        (Some(text), Some(alerts)) => expect_keyword(draft, alerts, text),
        (Some(text), None) if kind.contains("absence") => draft.set_text("forbid_text", text),
        (Some(text), None) if !row.header.iter().flatten().any(|c| c.meaning == "keyword type") => {
            draft.set_text("expect_text", text);
        }
        (Some(text), None) => expect_keyword(draft, "", text),
        (None, _) if kind.starts_with("keyword") => {
            draft.leave_out_keyword();
        }
        (None, _) => {}
    }
    if let Some(text) = row.get("forbid_text") {
        draft.set_text("forbid_text", text);
    }
    let mut statuses = Statuses::none();
    let codes = row.get("expect_status").unwrap_or_default();
    for code in codes.split([';', ',', '|', ' ']).filter(|code| !code.is_empty()) {
        if !statuses.add(code) {
            draft.leave_out(format!("the status {}", quoted(&one_line(code, 20))));
        }
    }
    if !statuses.is_empty() {
        draft.statuses(&statuses);
    }
}
