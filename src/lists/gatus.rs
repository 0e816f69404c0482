//! Gatus: `endpoints` of its YAML, with their conditions.

use serde_json::Value;

use super::{
    document::{duration_of, field, flag_of, millis, pointer, scalar, text_of},
    draft::{Item, SiteDraft, one_line, quoted},
    statuses::Statuses,
};

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

fn item(endpoint: &Value, env: &dyn Fn(&str) -> Option<String>) -> Item {
    let name = text_of(endpoint, &["name"]).unwrap_or_default();
    let groups: Vec<String> = match field(endpoint, &["group", "groups"]) {
        Some(Value::Array(groups)) => groups.iter().filter_map(scalar).collect(),
        Some(group) => scalar(group).into_iter().collect(),
        None => Vec::new(),
    };
    let written = text_of(endpoint, &["url"]).unwrap_or_default();
    let label =
        if groups.is_empty() { name.clone() } else { format!("{}/{name}", groups.join("/")) };
    let mut variables = Vec::new();
    let url = match filled_in(&written, env, &mut variables) {
        Ok(url) => url,
        Err(why) => return SiteDraft::new(&[&label], "").without(why),
    };
    let mut draft = SiteDraft::new(&[&label], &url);
    let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme).to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        let kind =
            if scheme.is_empty() { url.split(':').next().unwrap_or_default() } else { &scheme };
        return draft.without(format!(
            "{} is not watched here, only http and https",
            quoted(&one_line(kind, 20))
        ));
    }
    if field(endpoint, &["dns", "ssh"]).is_some() {
        return draft.without("it is not about a web page");
    }
    if !variables.is_empty() {
        draft.told(format!("its address has the value of {} in it", variables.join(", ")));
    }
    draft.name(Some(&name));
    for group in &groups {
        draft.tag(group);
    }
    for key in keys(&groups, &name) {
        draft.alias(&key);
    }
    draft.paused = flag_of(endpoint, &["enabled"]) == Some(false);
    draft.interval(duration_of(endpoint, &["interval"]));
    if let Err(why) = request(&mut draft, endpoint) {
        return draft.without(why);
    }
    client(&mut draft, endpoint.get("client"));
    let conditions = endpoint.get("conditions").and_then(Value::as_array);
    conditions_of(&mut draft, conditions.map(Vec::as_slice).unwrap_or_default());
    if field(endpoint, &["maintenance-windows"]).is_some() {
        draft.left_out("its maintenance-windows; write them as planned work: stillup planned add");
    }
    draft.leave_out(endpoint, &["alerts", "ui", "extra-labels", "store"]);
    draft.item()
}

/// The names that an endpoint has in addresses: versions differ in what they do to a few letters.
fn keys(groups: &[String], name: &str) -> [String; 2] {
    let key = |more: &[char]| {
        let squeeze = |text: &str| {
            let letter = |c: char| if "/_., #".contains(c) || more.contains(&c) { '-' } else { c };
            text.trim().to_lowercase().chars().map(letter).collect::<String>()
        };
        format!("{}_{}", squeeze(&groups.join("-")), squeeze(name))
    };
    [key(&[]), key(&['+', '&', '(', ')'])]
}

fn request(draft: &mut SiteDraft, endpoint: &Value) -> Result<(), String> {
    let mut body = text_of(endpoint, &["body"]);
    draft.method(text_of(endpoint, &["method"]).as_deref())?;
    if body.as_ref().is_some_and(|body| has_variable(body)) {
        // Its value may be a secret, and without it the body is another one.
        return Err("its body has a variable in it; write the site by hand".to_owned());
    }
    body = body.map(|body| body.replace("$$", "$"));
    draft.headers(endpoint.get("headers"));
    if flag_of(endpoint, &["graphql"]) == Some(true) {
        draft.method(Some("POST"))?;
        draft.header("Content-Type", "application/json");
        let query = serde_json::json!({ "query": body.unwrap_or_default() }).to_string();
        draft.body(Some(&query));
    } else {
        draft.body(body.as_deref());
    }
    Ok(())
}

fn client(draft: &mut SiteDraft, client: Option<&Value>) {
    let Some(client) = client else { return };
    draft.timeout(duration_of(client, &["timeout"]));
    if flag_of(client, &["insecure"]) == Some(true) {
        draft.left_out("ignoring faults of its certificate: a bad certificate is down here");
    }
    if flag_of(client, &["ignore-redirect"]) == Some(true) {
        draft.set("max_redirects", "0".to_owned());
    }
    draft.leave_out(
        client,
        &["proxy-url", "oauth2", "tunnel", "dns-resolver", "identity-aware-proxy", "tls"],
    );
}

fn conditions_of(draft: &mut SiteDraft, conditions: &[Value]) {
    let (mut statuses, mut any) = (Statuses::all(), false);
    let mut json = Vec::new();
    for condition in conditions.iter().filter_map(Value::as_str) {
        let parts: Vec<&str> = condition.trim().splitn(3, ' ').map(str::trim).collect();
        let parts = if has_variable(condition) { Vec::new() } else { parts };
        let [place, operator, value] = parts[..] else {
            draft.left_out(format!("the condition {}", quoted(&one_line(condition, 100))));
            continue;
        };
        let read = match place {
            "[STATUS]" => {
                any = true;
                narrow(&mut statuses, operator, value)
            }
            "[RESPONSE_TIME]" => slow(draft, operator, value),
            "[CONNECTED]" => operator == "==" && value == "true",
            "[BODY]" => body_text(draft, operator, value),
            _ => match place
                .strip_prefix("[BODY]")
                .and_then(|path| pointer(path.trim_start_matches('.')))
            {
                Some(pointer) if operator == "==" && !is_function(value) => {
                    json.push((pointer, value.to_owned()));
                    true
                }
                _ => false,
            },
        };
        if !read {
            draft.left_out(format!("the condition {}", quoted(&one_line(condition, 100))));
        }
    }
    if any {
        draft.statuses(&statuses);
    } else {
        draft.told("no condition there is about its status; here one of 400 and above is down");
    }
    for (pointer, value) in json {
        draft.set_json(&pointer, &value.replace("$$", "$"));
    }
}

/// Returns whether a text has a variable in it, which Gatus fills in; `$$` is a dollar.
fn has_variable(text: &str) -> bool {
    text.replace("$$", "").contains('$')
}

fn is_function(value: &str) -> bool {
    ["pat(", "any(", "len(", "has(", "["].iter().any(|start| value.starts_with(start))
}

fn narrow(statuses: &mut Statuses, operator: &str, value: &str) -> bool {
    let list = value.strip_prefix("any(").and_then(|list| list.strip_suffix(')')).unwrap_or(value);
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

fn slow(draft: &mut SiteDraft, operator: &str, value: &str) -> bool {
    let limit = value.trim_end_matches("ms").parse().ok().and_then(millis);
    let (Some(limit), "<" | "<=") = (limit, operator) else { return false };
    draft.slow_after(Some(limit));
    draft.told("an answer that comes too late is down there, and slow here");
    true
}

fn body_text(draft: &mut SiteDraft, operator: &str, value: &str) -> bool {
    let text = value.strip_prefix("pat(*").and_then(|text| text.strip_suffix("*)"));
    let (Some(text), "==" | "!=") = (text.filter(|t| !t.contains(['*', '?', '[', '\\'])), operator)
    else {
        return false;
    };
    let key = if operator == "==" { "expect_text" } else { "forbid_text" };
    if draft.keys.iter().any(|(known, _)| *known == key) {
        return false;
    }
    draft.set_text(key, &text.replace("$$", "$"));
    true
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
        let why =
            || format!("its address needs the variable {}, which is not set", one_line(name, 60));
        filled.push_str(&value.ok_or_else(why)?);
        variables.push(one_line(name, 60));
        rest = after;
    }
    filled.push_str(rest);
    Ok(filled)
}
