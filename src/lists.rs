//! Lists of sites that other tools keep, read into a catalogue of ours. Pure: from text to TOML and a
//! report of all that is left out of it, item by item.
//!
//! - [`read`]: a list into a catalogue; [`ListKind`]: the tools, and how their lists are told apart.
//! - [`draft`]: one site on its way into the catalogue; [`compose`]: the names of all, and the text.
//! - [`document`]: YAML and JSON, with bounds; [`statuses`]: sets of HTTP statuses; [`secrets`]: what is not written.
//! - A file a tool: [`plain`], [`table`], [`kuma`], [`gatus`], [`upptime`], [`prometheus`] (with [`blackbox`]),
//!   [`openstatus`], [`uptimerobot`], [`better_stack`], [`statuscake`].
//!
//! The text is always a catalogue: every site has been through the reader of the catalogue. A
//! tool's own default statuses are not written, since naming any would turn off the note that robots
//! are turned away. An inverted monitor is never written as its opposite.

mod better_stack;
mod blackbox;
mod compose;
mod document;
mod draft;
mod gatus;
mod kuma;
mod openstatus;
mod plain;
mod prometheus;
mod secrets;
mod statuscake;
mod statuses;
mod table;
mod uptimerobot;
mod upptime;

use std::str::FromStr;

use serde_json::Value;

use self::draft::Item;

/// Items of a list that are read at most.
const MAX_ITEMS: usize = 100_000;

/// The tools whose lists are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ListKind {
    /// A host or a URL a line.
    Plain,
    /// A table with a header.
    Csv,
    /// Uptime Kuma: a backup of version 1, or rows of version 2 as JSON.
    Kuma,
    /// Gatus.
    Gatus,
    /// Upptime.
    Upptime,
    /// Prometheus: targets of `file_sd` or `http_sd`, jobs of `blackbox_exporter`, a `Probe`.
    Prometheus,
    /// openstatus.
    Openstatus,
    /// `UptimeRobot`: its CSV, or the answer of its API.
    UptimeRobot,
    /// Better Stack: the answer of its API.
    BetterStack,
    /// `StatusCake`: the answer of its API.
    StatusCake,
}

impl ListKind {
    /// All of them, with their words.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Plain, "plain"),
        (Self::Csv, "csv"),
        (Self::Kuma, "kuma"),
        (Self::Gatus, "gatus"),
        (Self::Upptime, "upptime"),
        (Self::Prometheus, "prometheus"),
        (Self::Openstatus, "openstatus"),
        (Self::UptimeRobot, "uptimerobot"),
        (Self::BetterStack, "betterstack"),
        (Self::StatusCake, "statuscake"),
    ];

    /// The word for it.
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(kind, _)| *kind == self).map_or("", |(_, word)| word)
    }
}

impl FromStr for ListKind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let plain = |c: &char| c.is_ascii_alphanumeric();
        let word: String = text.to_ascii_lowercase().chars().filter(plain).collect();
        let word = match word.as_str() {
            "uptimekuma" => "kuma",
            "list" | "hosts" | "txt" => "plain",
            "blackbox" | "filesd" | "httpsd" | "probe" => "prometheus",
            "betteruptime" => "betterstack",
            other => other,
        };
        let words = || Self::ALL.map(|(_, word)| word).join(", ");
        let known = Self::ALL.into_iter().find(|(_, known)| *known == word);
        known
            .map(|(kind, _)| kind)
            .ok_or_else(|| format!("is not a kind of list; use one of {}", words()))
    }
}

/// Options of a reading.
#[derive(Clone, Copy)]
#[expect(missing_debug_implementations, reason = "it has a function of its caller")]
pub struct ReadOptions<'r> {
    /// Kind of list; `None`: found from its content.
    pub kind: Option<ListKind>,
    /// True if sites are read that the tool does not show to the public.
    pub publish: bool,
    /// Labels of targets that become tags.
    pub tag_labels: &'r [String],
    /// `blackbox.yml`, which says what modules ask for.
    pub modules: Option<&'r [u8]>,
    /// Values of environment variables.
    pub env: fn(&str) -> Option<String>,
    /// Contents of the files that a list names by a pattern.
    pub files: &'r FileReader<'r>,
}

/// Reads the files that match a pattern; the error follows on "it".
pub type FileReader<'r> = dyn Fn(&str) -> Result<Vec<Vec<u8>>, String> + 'r;

/// A list, converted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConvertedList {
    /// The catalogue.
    pub toml: String,
    /// Everything that there is to report, a line each.
    pub report: Vec<String>,
    /// Number of sites written, without those that are comments.
    pub sites: usize,
    /// True if anything was left out.
    pub incomplete: bool,
}

/// Reads a list, which may stand in several files, into a catalogue.
///
/// # Errors
/// Fails with a sentence when it is no such list, or nothing of it can be watched.
pub fn read<B: AsRef<[u8]>>(
    files: &[B],
    options: &ReadOptions<'_>,
) -> Result<ConvertedList, String> {
    let (mut known, mut items) = (options.kind, Vec::new());
    for bytes in files {
        let text = document::decoded(bytes.as_ref())?;
        for (name, file) in document::files_in(&text) {
            let read = items_of(&file, &ReadOptions { kind: known, ..*options });
            match (name, read) {
                (_, Ok((kind, more))) => {
                    known = Some(kind);
                    items.extend(more);
                }
                (None, Err(why)) => return Err(why),
                (Some(name), Err(why)) => items.push(Item::LeftOut(name, format!("it {why}"))),
            }
        }
    }
    let kind = known.ok_or("is empty")?;
    let cut = items.len() > MAX_ITEMS;
    items.truncate(MAX_ITEMS);
    let mut list = compose::compose(items, kind)?;
    if cut {
        list.report.push(format!("only the first {MAX_ITEMS} items were read"));
        list.incomplete = true;
    }
    Ok(list)
}

fn items_of(text: &str, options: &ReadOptions<'_>) -> Result<(ListKind, Vec<Item>), String> {
    let (kind, data) = match options.kind {
        Some(kind) => (kind, data_of(kind, text)?),
        None => detected(text)?,
    };
    let items = match (kind, data) {
        (ListKind::Plain, Some(Value::Array(texts))) => plain::of_values(&texts),
        (ListKind::Plain, _) => plain::read(text),
        (ListKind::Csv, _) | (ListKind::UptimeRobot, None) => table::read(text)?,
        (ListKind::Kuma, Some(data)) => kuma::read(&data)?,
        (ListKind::Gatus, Some(data)) => gatus::read(&data, &options.env)?,
        (ListKind::Upptime, Some(data)) => upptime::read(&data)?,
        (ListKind::Prometheus, Some(data)) => prometheus::read(&data, options)?,
        (ListKind::Openstatus, Some(data)) => openstatus::read(&data, options.publish)?,
        (ListKind::UptimeRobot, Some(data)) => uptimerobot::read(&data)?,
        (ListKind::BetterStack, Some(data)) => better_stack::read(&data)?,
        (ListKind::StatusCake, Some(data)) => statuscake::read(&data)?,
        (_, None) => return Err(format!("is no list of {}", kind.word())),
    };
    Ok((kind, items))
}

/// The data of a text of this kind; `None` where the text itself is read.
fn data_of(kind: ListKind, text: &str) -> Result<Option<Value>, String> {
    match kind {
        ListKind::Plain | ListKind::Csv => Ok(None),
        ListKind::UptimeRobot if !document::is_json(text) => Ok(None),
        _ => document::parse(text).map(Some),
    }
}

/// Kind and data of a text, from its content.
fn detected(text: &str) -> Result<(ListKind, Option<Value>), String> {
    let unclear = || {
        let words = ListKind::ALL.map(|(_, word)| word).join(", ");
        format!("is no list that is known here; name its kind with --from: {words}")
    };
    if text.lines().any(|line| line.trim() == "[[site]]") {
        return Err("is a catalogue already; stillup sites check validates it".to_owned());
    }
    let data = document::parse(text);
    let kind = data.as_ref().ok().and_then(kind_of);
    let is_texts = |list: &[Value]| !list.is_empty() && list.iter().all(Value::is_string);
    match (kind, data) {
        (Some(kind), Ok(data)) => Ok((kind, Some(data))),
        (None, Err(why)) if document::is_json(text) || document::looks_like_yaml(text) => Err(why),
        (None, Ok(Value::Array(list))) if is_texts(&list) => {
            Ok((ListKind::Plain, Some(Value::Array(list))))
        }
        _ if document::is_json(text) || document::looks_like_yaml(text) => Err(unclear()),
        _ if table::is_table(text) => Ok((ListKind::Csv, None)),
        // Any text could be names of hosts, one a line.
        _ if plain::is_list(text) => Ok((ListKind::Plain, None)),
        _ => Err(unclear()),
    }
}

/// Kind of list that has data of this shape.
fn kind_of(data: &Value) -> Option<ListKind> {
    let has = |value: &Value, key: &str| value.get(key).is_some();
    let first =
        |list: Option<&Value>| list.and_then(Value::as_array).and_then(|l| l.first()).cloned();
    let of_item = |item: &Value| {
        if has(item, "attributes") {
            Some(ListKind::BetterStack)
        } else if has(item, "website_url") || has(item, "test_type") {
            Some(ListKind::StatusCake)
        } else if has(item, "friendly_name") || has(item, "friendlyName") {
            Some(ListKind::UptimeRobot)
        } else if has(item, "targets") || has(item, "job_name") || prometheus::is_resource(item) {
            Some(ListKind::Prometheus)
        } else if openstatus::is_monitor(item) {
            Some(ListKind::Openstatus)
        } else if has(item, "type") && (has(item, "interval") || has(item, "url")) {
            Some(ListKind::Kuma)
        } else {
            None
        }
    };
    match data {
        // A group of Uptime Kuma, which has no address, may come first.
        Value::Array(items) => items.iter().take(MAX_ITEMS).find_map(|item| {
            of_item(item).or_else(|| has(item, "endpoints").then_some(ListKind::Gatus))
        }),
        Value::Object(_) if has(data, "monitorList") => Some(ListKind::Kuma),
        Value::Object(_) if has(data, "endpoints") => Some(ListKind::Gatus),
        Value::Object(_) if has(data, "scrape_configs") || prometheus::is_resource(data) => {
            Some(ListKind::Prometheus)
        }
        Value::Object(_) if data.get("sites").is_some_and(Value::is_array) => {
            Some(ListKind::Upptime)
        }
        Value::Object(_) if has(data, "monitors") => {
            first(data.get("monitors")).as_ref().and_then(of_item).or(Some(ListKind::UptimeRobot))
        }
        Value::Object(_) if has(data, "data") => match data.get("data") {
            Some(one @ Value::Object(_)) => of_item(one),
            list => first(list).as_ref().and_then(of_item),
        },
        Value::Object(map) => of_item(data)
            .or_else(|| map.values().any(openstatus::is_monitor).then_some(ListKind::Openstatus)),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
