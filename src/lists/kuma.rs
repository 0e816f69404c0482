//! Uptime Kuma: the backup of version 1 (`monitorList`), and rows of version 2's table `monitor` as
//! JSON, whose columns are in snake case.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{
    document::{flag_of, list_of, number_of, pointer, scalar, text_of},
    draft::{Item, SECONDS, SiteDraft, one_line},
    statuses::Statuses,
};

/// Share of the interval that is the timeout where it is 0.
const TIMEOUT_SHARE: f64 = 0.8;

/// Columns that are left out, in the spellings of both versions.
const LEFT_OUT: [&str; 18] = [
    "description",
    "expiryNotification",
    "expiry_notification",
    "proxyId",
    "proxy_id",
    "cacheBust",
    "cache_bust",
    "ipFamily",
    "ip_family",
    "resendInterval",
    "resend_interval",
    "tlsCa",
    "tls_ca",
    "tlsCert",
    "tls_cert",
    "tlsKey",
    "tls_key",
    "notificationIDList",
];

/// Reads the monitors.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let monitors: Vec<&Value> = match data.get("monitorList").unwrap_or(data) {
        Value::Array(items) => items.iter().collect(),
        Value::Object(map) => map.values().collect(),
        _ => return Err("has no monitorList, and is no list of monitors".to_owned()),
    };
    let is_group = |monitor: &&&Value| text_of(monitor, &["type"]).as_deref() == Some("group");
    let group = |monitor: &&Value| {
        let group = MonitorGroup {
            name: text_of(monitor, &["name"]).unwrap_or_default(),
            parent: text_of(monitor, &["parent"]),
            is_active: flag_of(monitor, &["active"]) != Some(false),
        };
        Some((text_of(monitor, &["id"])?, group))
    };
    let groups: MonitorGroups = monitors.iter().filter(is_group).filter_map(group).collect();
    Ok(monitors.into_iter().filter_map(|monitor| item(monitor, &groups)).collect())
}

/// A monitor that holds others.
struct MonitorGroup {
    name: String,
    parent: Option<String>,
    is_active: bool,
}

/// The groups by their ids.
type MonitorGroups = BTreeMap<String, MonitorGroup>;

/// Returns whether a group and all that it is in are active: with a group its monitors are paused.
fn is_active(groups: &MonitorGroups, id: Option<&str>) -> bool {
    let mut next = id.and_then(|id| groups.get(id));
    // A file may say that groups are in each other.
    for _ in 0..groups.len() {
        match next {
            Some(group) if !group.is_active => return false,
            Some(group) => next = group.parent.as_ref().and_then(|id| groups.get(id)),
            None => return true,
        }
    }
    true
}

fn item(monitor: &Value, groups: &MonitorGroups) -> Option<Item> {
    let kind = text_of(monitor, &["type"]).unwrap_or_default();
    let name = text_of(monitor, &["name"]).unwrap_or_default();
    let id = text_of(monitor, &["id"]).unwrap_or_default();
    let url = text_of(monitor, &["url"]).unwrap_or_default();
    let mut draft = SiteDraft::new(&[&name, &format!("monitor {id}")], &url);
    match kind.as_str() {
        // A group is a tag of its monitors.
        "group" => return None,
        "http" | "keyword" | "json-query" => {}
        other => {
            return Some(draft.of_other_kind(other));
        }
    }
    if flag_of(monitor, &["upsideDown", "upside_down"]) == Some(true) {
        return Some(draft.rejected("it is upside down: up there means down here"));
    }
    if url.is_empty() || url.trim_end_matches('/').ends_with(':') {
        return Some(draft.rejected("it has no address"));
    }
    draft.name(Some(&name));
    draft.alias(&id);
    let parent = text_of(monitor, &["parent"]);
    if let Some(group) = parent.as_ref().and_then(|parent| groups.get(parent)) {
        draft.tag(&group.name);
    }
    for tag in list_of(monitor, &["tags"]) {
        let name = text_of(&tag, &["name"]).or_else(|| scalar(&tag)).unwrap_or_default();
        let value = text_of(&tag, &["value"]).unwrap_or_default();
        draft.tag(&format!("{name}-{value}"));
    }
    draft.paused = flag_of(monitor, &["active"]) == Some(false)
        || flag_of(monitor, &["forceInactive"]) == Some(true)
        || !is_active(groups, parent.as_deref());
    times(&mut draft, monitor);
    draft.method(text_of(monitor, &["method"]).as_deref());
    request(&mut draft, monitor);
    statuses(&mut draft, monitor);
    match kind.as_str() {
        "keyword" => keyword(&mut draft, monitor),
        "json-query" => query(&mut draft, monitor),
        _ => {}
    }
    if flag_of(monitor, &["ignoreTls", "ignore_tls"]) == Some(true) {
        draft.leave_out_trust();
    }
    if number_of(monitor, &["maxretries"]).is_some_and(|tries| tries > 0.0) {
        draft.leave_out("its retries: a failure is confirmed here by our own rules");
    }
    draft.leave_out_fields(monitor, &LEFT_OUT);
    Some(draft.item())
}

fn times(draft: &mut SiteDraft, monitor: &Value) {
    draft.time("interval", monitor, &["interval"], SECONDS);
    match (number_of(monitor, &["timeout"]), number_of(monitor, &["interval"])) {
        (Some(0.0), Some(interval)) => {
            draft.time_in("timeout", &(interval * TIMEOUT_SHARE).to_string(), SECONDS);
        }
        _ => draft.time("timeout", monitor, &["timeout"], SECONDS),
    }
}

fn request(draft: &mut SiteDraft, monitor: &Value) {
    draft.headers(monitor.get("headers"));
    let body = text_of(monitor, &["body"]);
    if body.is_some() && !draft.has_header("content-type") {
        let encoding = text_of(monitor, &["httpBodyEncoding", "http_body_encoding"]);
        draft.header(
            "Content-Type",
            match encoding.as_deref() {
                Some("xml") => "text/xml; charset=utf-8",
                Some("form") => "application/x-www-form-urlencoded",
                _ => "application/json",
            },
        );
    }
    draft.body(body.as_deref());
    let way = text_of(monitor, &["authMethod", "auth_method"]).unwrap_or_default();
    match way.as_str() {
        "" | "basic" | "null" => {
            let user = text_of(monitor, &["basic_auth_user", "basicAuthUser"]);
            let password = text_of(monitor, &["basic_auth_pass", "basicAuthPass"]);
            draft.login(user.as_deref(), password.as_deref());
        }
        "bearer" => draft.bearer(&text_of(monitor, &["bearer_token"]).unwrap_or_default()),
        other => draft.leave_out(format!("its login by {}", one_line(other, 40))),
    }
    let most = number_of(monitor, &["maxredirects"]).map(|most| most.max(0.0) as u64);
    if let Some(most) = most.filter(|most| *most != 10) {
        draft.set("max_redirects", most.to_string());
    }
}

fn statuses(draft: &mut SiteDraft, monitor: &Value) {
    let names = ["accepted_statuscodes", "accepted_statuscodes_json", "acceptedStatuscodes"];
    let accepted: Vec<String> = list_of(monitor, &names).iter().filter_map(scalar).collect();
    if accepted.is_empty() {
        return;
    }
    let mut statuses = Statuses::none();
    for text in &accepted {
        if !statuses.add(text) {
            draft.leave_out(format!("the status {}", one_line(text, 20)));
        }
    }
    draft.statuses(&statuses);
}

fn keyword(draft: &mut SiteDraft, monitor: &Value) {
    let Some(text) = text_of(monitor, &["keyword"]) else {
        return draft.leave_out_keyword();
    };
    let inverted = flag_of(monitor, &["invertKeyword", "invert_keyword"]) == Some(true);
    draft.set_text(if inverted { "forbid_text" } else { "expect_text" }, &text);
}

fn query(draft: &mut SiteDraft, monitor: &Value) {
    let path = text_of(monitor, &["jsonPath", "json_path"]).unwrap_or_default();
    let operator = text_of(monitor, &["jsonPathOperator", "json_path_operator"]);
    let is_equal = operator.is_none_or(|operator| operator == "==");
    let expected = text_of(monitor, &["expectedValue", "expected_value"]).unwrap_or_default();
    match pointer(path.trim().trim_start_matches("$.").trim_start_matches('$')) {
        Some(pointer) if is_equal && draft.set_json(&pointer, &expected) => {}
        _ => draft.leave_out("its query of JSON, which is more than a path and a value"),
    }
}
