//! YAML and JSON of others, and their values, each as leniently as its tool reads it. Hostile input is
//! refused within bounds of depth, nodes and aliases.

use std::{borrow::Cow, net::Ipv6Addr, time::Duration};

use encoding_rs::{Encoding, UTF_8};
use serde_json::Value;

use super::{MAX_ITEMS, draft::Item};

/// Levels that YAML may be nested.
const MAX_DEPTH: usize = 64;
/// Letters of a message of a parser.
const MAX_MESSAGE: usize = 300;
/// Words at the beginning of a line by which YAML of a known tool is seen even if it is broken.
const YAML_KEYS: [&str; 6] =
    ["endpoints:", "sites:", "scrape_configs:", "- targets:", "apiVersion:", "kind:"];

/// The text of a file: in UTF-8, or in what its byte order mark says.
pub(super) fn decoded(bytes: &[u8]) -> Result<Cow<'_, str>, String> {
    let (encoding, mark) = Encoding::for_bom(bytes).unwrap_or((UTF_8, 0));
    let text = encoding.decode_without_bom_handling_and_without_replacement(&bytes[mark..]);
    let text =
        text.ok_or_else(|| format!("is not {} text; save the file as UTF-8", encoding.name()))?;
    if text.contains('\0') {
        return Err(
            "is no text, or text in UTF-16 without a mark; save the file as UTF-8".to_owned()
        );
    }
    if text.trim().is_empty() {
        return Err("is empty".to_owned());
    }
    // Lines of an old Mac.
    let old = text.contains('\r') && !text.contains('\n');
    Ok(if old { text.replace('\r', "\n").into() } else { text })
}

/// The texts of a file: those in the `ConfigMap`s of Kubernetes that it has, with their names, or itself.
pub(super) fn files_in(text: &str) -> Vec<(Option<String>, Cow<'_, str>)> {
    let mut files = Vec::new();
    let data =
        if text.contains("ConfigMap") { parse(text).unwrap_or_default() } else { Value::Null };
    let documents = match data {
        Value::Array(documents) => documents,
        one => vec![one],
    };
    let is_map = |document: &&Value| text_of(document, &["kind"]).as_deref() == Some("ConfigMap");
    for map in documents.iter().filter(is_map) {
        for (name, content) in map.get("data").and_then(Value::as_object).into_iter().flatten() {
            let content = content.as_str().unwrap_or_default().to_owned();
            files.push((Some(name.clone()), Cow::Owned(content)));
        }
    }
    if files.is_empty() { vec![(None, Cow::Borrowed(text))] } else { files }
}

/// Returns whether a text begins as JSON does.
pub(super) fn is_json(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// Returns whether a text has a line as the YAML of a known tool has.
pub(super) fn looks_like_yaml(text: &str) -> bool {
    text.lines().any(|line| YAML_KEYS.iter().any(|key| line.starts_with(key)))
}

/// Reads JSON, or YAML; several documents become a list, and so do several values of JSON.
pub(super) fn parse(text: &str) -> Result<Value, String> {
    let short = |message: String| message.chars().take(MAX_MESSAGE).collect::<String>();
    if is_json(text) {
        let values: Result<Vec<Value>, _> =
            serde_json::Deserializer::from_str(text).into_iter().take(MAX_ITEMS + 1).collect();
        match values {
            Ok(values) => return Ok(one_or_all(values)),
            Err(error) if text.trim_start().starts_with('{') || !error.is_syntax() => {
                return Err(short(format!("is not JSON: {error}")));
            }
            // A list in YAML may begin with a bracket too.
            Err(_) => {}
        }
    }
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_documents: 1_000 },
        // A snippet of the file might show a secret.
        with_snippet: false,
        // A name may be "off" or "no".
        strict_booleans: true,
        duplicate_keys: serde_saphyr::options::DuplicateKeyPolicy::LastWins,
    };
    let documents = serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| short(format!("is not YAML: {error}")))?;
    Ok(one_or_all(documents))
}

fn one_or_all(mut values: Vec<Value>) -> Value {
    if values.len() == 1 { values.remove(0) } else { Value::Array(values) }
}

/// The first of these fields that is there and not null.
pub(super) fn field<'a>(of: &'a Value, names: &[&str]) -> Option<&'a Value> {
    names.iter().find_map(|name| of.get(name).filter(|value| !value.is_null()))
}

/// A field as text that is not blank.
pub(super) fn text_of(of: &Value, names: &[&str]) -> Option<String> {
    field(of, names).and_then(scalar).filter(|text| !text.trim().is_empty())
}

/// A text, a number or a truth as text.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A field as a number, also where it is written as text.
pub(super) fn number_of(of: &Value, names: &[&str]) -> Option<f64> {
    let value = field(of, names)?;
    let read = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    read.filter(|number| number.is_finite())
}

/// A field as a truth: databases write 0 and 1.
pub(super) fn flag_of(of: &Value, names: &[&str]) -> Option<bool> {
    match field(of, names)? {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) => Some(number.as_f64() != Some(0.0)),
        Value::String(text) => truth(text),
        _ => None,
    }
}

/// A truth as databases and spreadsheets write it.
pub(super) fn truth(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" | "on" => Some(true),
        "false" | "no" | "0" | "off" | "" => Some(false),
        _ => None,
    }
}

/// The items of a list, of the JSON that is written in a text, or between the commas of a text.
pub(super) fn list_of(of: &Value, names: &[&str]) -> Vec<Value> {
    match field(of, names) {
        Some(Value::Array(items)) => items.clone(),
        Some(Value::String(text)) => {
            serde_json::from_str::<Vec<Value>>(text).unwrap_or_else(|_| {
                let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
                parts.map(Value::from).collect()
            })
        }
        Some(one @ Value::Number(_)) => vec![one.clone()],
        _ => Vec::new(),
    }
}

/// The items of an answer: those of the first of these fields that has any, its own if it is a list, or itself.
pub(super) fn items_of<'a>(answer: &'a Value, fields: &[&str]) -> &'a [Value] {
    let inner = fields.iter().filter_map(|field| answer.get(field));
    let of = |value: &'a Value| match value {
        Value::Array(items) => Some(items.as_slice()),
        one @ Value::Object(_) => Some(std::slice::from_ref(one)),
        _ => None,
    };
    inner.chain([answer]).find_map(of).unwrap_or_default()
}

/// The item that says that a service's answer is only one of several pages: it names the next, or counts more items
/// than it has.
pub(super) fn other_pages(answer: &Value, items: usize) -> Option<Item> {
    let pagination = field(answer, &["pagination", "metadata"]).unwrap_or(answer);
    let next =
        field(pagination, &["next", "nextLink", "next_page"]).or(field(answer, &["nextLink"]));
    let count = number_of(pagination, &["total", "total_count"]);
    let more = next.is_some() || count.is_some_and(|count| count > items as f64);
    more.then(|| {
        let why = "it is not in this answer; read the answers with the others as well";
        Item::LeftOut("the rest of the list".to_owned(), why.to_owned())
    })
}

/// A number of seconds.
pub(super) fn seconds(number: f64) -> Option<Duration> {
    Duration::try_from_secs_f64(number).ok().filter(|duration| !duration.is_zero())
}

/// The pointer (RFC 6901) of a plain path: `a.b[0].c`.
pub(super) fn pointer(path: &str) -> Option<String> {
    let mut pointer = String::new();
    for part in path.split('.') {
        let (name, indexes) = part.split_once('[').map_or((part, None), |(n, i)| (n, Some(i)));
        let word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '~');
        let begins = indexes.is_some() && pointer.is_empty();
        if !name.chars().all(word) || name.is_empty() && !begins {
            return None;
        }
        if !name.is_empty() {
            pointer.extend(["/", &name.replace('~', "~0").replace('/', "~1")]);
        }
        for index in indexes.into_iter().flat_map(|indexes| indexes.split('[')) {
            let index = index.strip_suffix(']')?;
            let number: u32 = index.parse().ok()?;
            pointer.extend(["/", &number.to_string()]);
        }
    }
    (!pointer.is_empty()).then_some(pointer)
}

/// An address with a scheme: this one, where it has none.
pub(super) fn with_scheme(address: &str, scheme: &str) -> String {
    let address = address.trim();
    let lower = address.to_ascii_lowercase();
    // A slip in a scheme, or a path of Windows, is no host.
    let is_broken =
        ["http:", "https:", "http/", "https/"].iter().any(|begin| lower.starts_with(begin));
    let is_whole = address.is_empty() || address.contains("://") || address.contains('\\');
    match address.parse::<Ipv6Addr>() {
        Ok(_) => format!("{scheme}://[{address}]"),
        Err(_) if is_whole || is_broken => address.to_owned(),
        Err(_) => format!("{scheme}://{address}"),
    }
}
