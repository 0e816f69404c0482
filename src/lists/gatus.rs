//! Gatus: `endpoints` of its YAML, with their conditions.

use std::time::Duration;

use serde_json::Value;

use super::{
    document::{field, flag_of, pointer, scalar, text_of},
    draft::{Item, MILLIS, SECONDS, SiteDraft, one_line, quoted},
    statuses::Statuses,
};
use crate::config::{parse_duration, show_duration};

/// Sections of a file beside its endpoints.
const SECTIONS: [&str; 12] = [
    "alerting",
    "announcements",
    "connectivity",
    "external-endpoints",
    "maintenance",
    "metrics",
    "remote",
    "security",
    "storage",
    "suites",
    "ui",
    "web",
];

/// Reads the endpoints. Variables in addresses are filled in, as Gatus does.
pub(super) fn read(
    data: &Value,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<Vec<Item>, String> {
    if let Value::Array(documents) = data {
        let read = |document: &Value| read(document, env);
        return Ok(documents.iter().map(read).collect::<Result<Vec<_>, _>>()?.concat());
    }
    let endpoints = match data.get("endpoints").and_then(Value::as_array) {
        Some(endpoints) => endpoints.as_slice(),
        // Of a folder, only some files have endpoints.
        None if SECTIONS.iter().any(|section| data.get(section).is_some()) => &[],
        None => return Err("has no list of endpoints".to_owned()),
    };
    let mut items: Vec<Item> = endpoints.iter().map(|endpoint| item(endpoint, env)).collect();
    for (key, why) in [
        ("external-endpoints", "they are pushed, and not looked at"),
        ("suites", "they are more than one request"),
        ("announcements", "write them as notices: stillup notice open"),
        ("maintenance", "write it as planned work: stillup planned add"),
        ("remote", "read the list of the other instance"),
        ("alerting", "write it as channels: [[notify]] in stillup.toml"),
    ] {
        if field(data, &[key]).is_some() {
            items.push(Item::LeftOut(key.to_owned(), why.to_owned()));
        }
    }
    Ok(items)
}

/// An endpoint, with the variables of the environment that Gatus fills in.
struct EndpointTexts<'e> {
    fields: &'e Value,
    env: &'e dyn Fn(&str) -> Option<String>,
}

impl EndpointTexts<'_> {
    /// A text, filled in, and the variables in it.
    fn text(&self, key: &str) -> Result<(String, Vec<String>), String> {
        let mut variables = Vec::new();
        let text = text_of(self.fields, &[key]).unwrap_or_default();
        Ok((filled_in(&text, self.env, &mut variables)?, variables))
    }
}

fn item(endpoint: &Value, env: &dyn Fn(&str) -> Option<String>) -> Item {
    let texts = EndpointTexts { fields: endpoint, env };
    let written = text_of(endpoint, &["name"]).unwrap_or_default();
    let (name, group) = match (texts.text("name"), texts.text("group")) {
        (Ok((name, _)), Ok((group, _))) => (name, group),
        (Err(why), _) | (_, Err(why)) => {
            return SiteDraft::new(&[&written], "").rejected(format!("its name {why}"));
        }
    };
    let label = if group.is_empty() { name.clone() } else { format!("{group}/{name}") };
    let (url, variables) = match texts.text("url") {
        Ok(read) => read,
        Err(why) => return SiteDraft::new(&[&label], "").rejected(format!("its address {why}")),
    };
    let mut draft = SiteDraft::new(&[&label], &url);
    if let Some(why) = other_kind(endpoint, &url) {
        return draft.rejected(why);
    }
    if !variables.is_empty() {
        draft.remark(format!("its address has the value of {} in it", variables.join(", ")));
    }
    draft.name(Some(&name));
    draft.tag(&group);
    if !name.is_empty() {
        for key in badge_keys(&group, &name) {
            draft.alias(&key);
        }
    }
    draft.paused = flag_of(endpoint, &["enabled"]) == Some(false);
    match texts.text("interval") {
        Ok((interval, _)) => draft.time_in("interval", &interval, SECONDS),
        Err(why) => draft.leave_out(format!("its interval, which {why}")),
    }
    request(&mut draft, endpoint);
    client(&mut draft, endpoint.get("client"));
    let conditions = endpoint.get("conditions").and_then(Value::as_array);
    conditions_of(&mut draft, conditions.map(Vec::as_slice).unwrap_or_default());
    for window in
        endpoint.get("maintenance-windows").and_then(Value::as_array).into_iter().flatten()
    {
        draft.leave_out(format!(
            "its maintenance-windows; write them as planned work: {}",
            planned(window)
        ));
    }
    draft.leave_out_fields(endpoint, &["alerts", "ui", "extra-labels", "store"]);
    draft.item()
}

/// The reason why an endpoint is about no web page.
fn other_kind(endpoint: &Value, url: &str) -> Option<String> {
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
    if url.is_empty() {
        return Some("it has no address".to_owned());
    }
    if !matches!(scheme.as_str(), "http" | "https") {
        let kind =
            if scheme.is_empty() { url.split(':').next().unwrap_or_default() } else { &scheme };
        let kind = quoted(&one_line(kind, 20));
        return Some(format!("{kind} is not watched here, only http and https"));
    }
    field(endpoint, &["dns", "ssh"]).map(|_| "it is not about a web page".to_owned())
}

/// The command that announces a window of maintenance, with a first day to be filled in.
fn planned(window: &Value) -> String {
    let part = |name: &str| text_of(window, &[name]).map(|text| one_line(&text, 40));
    let days =
        window.get("every").and_then(Value::as_array).into_iter().flatten().filter_map(scalar);
    let days: Vec<String> =
        days.map(|day| day.chars().take(2).collect::<String>().to_uppercase()).collect();
    let rule = if days.is_empty() {
        "DAILY".to_owned()
    } else {
        format!("WEEKLY;BYDAY={}", days.join(","))
    };
    format!(
        "stillup planned add --site SLUG --starts \"DAY {}\" --time-zone {} --for {} --rrule \"FREQ={rule}\"",
        part("start").unwrap_or_default(),
        part("timezone").unwrap_or_else(|| "UTC".to_owned()),
        part("duration").unwrap_or_default(),
    )
}

/// The names that an endpoint has in addresses of badges: versions differ in what they do to a few letters.
fn badge_keys(group: &str, name: &str) -> [String; 2] {
    let key = |more: &[char]| {
        let squeeze = |text: &str| {
            let letter = |c: char| if "/_., #".contains(c) || more.contains(&c) { '-' } else { c };
            text.trim().to_lowercase().chars().map(letter).collect::<String>()
        };
        format!("{}_{}", squeeze(group), squeeze(name))
    };
    [key(&[]), key(&['+', '&', '(', ')'])]
}

fn request(draft: &mut SiteDraft, endpoint: &Value) {
    draft.method(text_of(endpoint, &["method"]).as_deref());
    let body = text_of(endpoint, &["body"]);
    if body.as_ref().is_some_and(|body| has_variable(body)) {
        // Its value may be a secret, and without it the body is another one.
        draft.reject("its body has a variable in it; write the site by hand");
    }
    let body = body.map(|body| body.replace("$$", "$"));
    draft.headers(endpoint.get("headers"));
    if flag_of(endpoint, &["graphql"]) == Some(true) {
        draft.method(Some("POST"));
        draft.header("Content-Type", "application/json");
        let query = serde_json::json!({ "query": body.unwrap_or_default() }).to_string();
        draft.body(Some(&query));
    } else {
        draft.body(body.as_deref());
    }
}

fn client(draft: &mut SiteDraft, client: Option<&Value>) {
    let Some(client) = client else { return };
    draft.time("timeout", client, &["timeout"], SECONDS);
    if flag_of(client, &["insecure"]) == Some(true) {
        draft.leave_out_trust();
    }
    if flag_of(client, &["ignore-redirect"]) == Some(true) {
        draft.follow_no_redirect();
    }
    draft.leave_out_fields(
        client,
        &[
            "proxy-url",
            "oauth2",
            "tunnel",
            "dns-resolver",
            "identity-aware-proxy",
            "tls",
            "network",
            "store-cookies",
        ],
    );
}

/// Sum of the conditions of an endpoint.
struct GatusConditions {
    statuses: Statuses,
    /// True if a condition about the status was read.
    has_statuses: bool,
    /// True if there is a condition about the status, read or not.
    names_status: bool,
    slow_after: Option<Duration>,
}

fn conditions_of(draft: &mut SiteDraft, conditions: &[Value]) {
    let mut expected = GatusConditions {
        statuses: Statuses::all(),
        has_statuses: false,
        names_status: false,
        slow_after: None,
    };
    for condition in conditions.iter().filter_map(scalar) {
        expected.names_status |= condition.contains("[STATUS]");
        let parts = parts(&condition).filter(|_| !has_variable(&condition));
        let read = parts.is_some_and(|parts| expected.take(draft, parts));
        if !read {
            draft.leave_out(format!("the condition {}", quoted(&one_line(&condition, 100))));
        }
    }
    if expected.has_statuses {
        draft.statuses(&expected.statuses);
    } else if !expected.names_status {
        draft.remark("no condition there is about its status; here one of 400 and above is down");
    }
    if let Some(limit) = expected.slow_after {
        draft.time_in("slow_after", &show_duration(limit), SECONDS);
        draft.remark("an answer that comes too late is down there, and slow here");
    }
}

impl GatusConditions {
    /// Reads a condition; returns false if it cannot be met here.
    fn take(
        &mut self,
        draft: &mut SiteDraft,
        (place, operator, value): (&str, &str, &str),
    ) -> bool {
        match place {
            "[STATUS]" => {
                let read = narrow(&mut self.statuses, operator, value);
                self.has_statuses |= read;
                read
            }
            "[RESPONSE_TIME]" => {
                let number =
                    value.parse::<f64>().ok().map(|millis| MILLIS.mul_f64(millis.clamp(0.0, 1e9)));
                let limit =
                    number.or_else(|| parse_duration(value)).filter(|limit| !limit.is_zero());
                let (Some(limit), "<" | "<=") = (limit, operator) else { return false };
                self.slow_after = Some(self.slow_after.map_or(limit, |known| known.min(limit)));
                true
            }
            "[CONNECTED]" => operator == "==" && value == "true",
            "[BODY]" => body_text(draft, operator, value),
            _ => {
                let path = place.strip_prefix("[BODY]").map(|path| path.trim_start_matches('.'));
                path.and_then(pointer).is_some_and(|pointer| {
                    operator == "=="
                        && !value.is_empty()
                        && !is_function(value)
                        && draft.set_json(&pointer, &value.replace("$$", "$"))
                })
            }
        }
    }
}

/// The place, the operator and the value of a condition; the two sides may stand the other way round.
fn parts(condition: &str) -> Option<(&str, &str, &str)> {
    // In the order in which Gatus looks for them.
    let operators =
        [("==", "=="), ("!=", "!="), ("<=", ">="), (">=", "<="), (">", "<"), ("<", ">")];
    operators.into_iter().find_map(|(operator, swapped)| {
        let (left, right) = condition.split_once(&format!(" {operator} "))?;
        let (left, right) = (left.trim(), right.trim());
        let is_place = |side: &str| side.starts_with('[');
        if is_place(right) && !is_place(left) {
            Some((right, swapped, left))
        } else {
            Some((left, operator, right))
        }
    })
}

/// Returns whether a text has a variable in it, which Gatus fills in; `$$` is a dollar.
fn has_variable(text: &str) -> bool {
    text.replace("$$", "").contains('$')
}

fn is_function(value: &str) -> bool {
    ["pat(", "any(", "len(", "has(", "["].iter().any(|start| value.starts_with(start))
}

fn narrow(statuses: &mut Statuses, operator: &str, value: &str) -> bool {
    let inner =
        |function: &str| value.strip_prefix(function).and_then(|list| list.strip_suffix(')'));
    // A pattern such as 2* is a range.
    if let Some(digits) = inner("pat(").and_then(|pattern| pattern.strip_suffix('*')) {
        let fits =
            !digits.is_empty() && digits.chars().all(|c| c.is_ascii_digit()) && operator == "==";
        if fits {
            statuses.keep(|status| status.to_string().starts_with(digits));
        }
        return fits;
    }
    let list = inner("any(").unwrap_or(value);
    let codes: Option<Vec<u16>> = list.split(',').map(|code| code.trim().parse().ok()).collect();
    let (Some(codes), "==" | "<" | "<=" | ">" | ">=") = (codes, operator) else { return false };
    if codes.len() != 1 && operator != "==" {
        return false;
    }
    let limit = codes.first().copied().unwrap_or_default();
    statuses.keep(|status| match operator {
        "==" => codes.contains(&status),
        "<" => status < limit,
        "<=" => status <= limit,
        ">" => status > limit,
        _ => status >= limit,
    });
    true
}

fn body_text(draft: &mut SiteDraft, operator: &str, value: &str) -> bool {
    let text = value.strip_prefix("pat(*").and_then(|text| text.strip_suffix("*)"));
    let (Some(text), "==" | "!=") = (text.filter(|t| !t.contains(['*', '?', '[', '\\'])), operator)
    else {
        return false;
    };
    let key = if operator == "==" { "expect_text" } else { "forbid_text" };
    draft.set_once(key, &text.replace("$$", "$"))
}

/// A text with `${NAME}` and `$NAME` filled in; `$$` is a dollar.
fn filled_in(
    text: &str,
    env: &dyn Fn(&str) -> Option<String>,
    variables: &mut Vec<String>,
) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            filled.push('$');
            rest = after;
            continue;
        }
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let (name, after) = match after.strip_prefix('{').and_then(|inner| inner.split_once('}')) {
            Some(named) => named,
            None => after.split_at(after.find(|c| !word(c)).unwrap_or(after.len())),
        };
        let value = env(name).filter(|value| !value.is_empty());
        let why = || format!("needs the variable {}, which is not set", one_line(name, 60));
        filled.push_str(&value.ok_or_else(why)?);
        variables.push(one_line(name, 60));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}
