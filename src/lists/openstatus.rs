//! openstatus: the monitors of `openstatus.yaml`, by their keys or as a list, and the answer of `GET /v1/monitor`.

use serde_json::Value;

use super::{
    document::{flag_of, list_of, number_of, scalar, text_of},
    draft::{Item, MILLIS, SECONDS, SiteDraft, one_line},
    statuses::Statuses,
};

/// Reads the monitors; those that are not public there only on demand, since all is public here.
pub(super) fn read(data: &Value, publish: bool) -> Result<Vec<Item>, String> {
    let list = data.get("monitors").unwrap_or(data);
    if let Value::Array(monitors) = list {
        let id = |monitor: &Value| text_of(monitor, &["id"]).unwrap_or_default();
        return Ok(monitors.iter().map(|monitor| item(&id(monitor), monitor, publish)).collect());
    }
    let map = list.as_object().ok_or("is no map of monitors")?;
    let monitors = map.iter().filter(|(_, value)| value.is_object());
    Ok(monitors.map(|(key, monitor)| item(key, monitor, publish)).collect())
}

/// Returns whether something is a monitor, of a file or of the API.
pub(super) fn is_monitor(value: &Value) -> bool {
    ["request", "frequency", "jobType", "periodicity"].iter().any(|key| value.get(key).is_some())
}

fn item(key: &str, monitor: &Value, publish: bool) -> Item {
    let name = text_of(monitor, &["name"]).unwrap_or_default();
    // The API has what is in a request beside the rest.
    let request = monitor.get("request").unwrap_or(monitor);
    let url = text_of(request, &["url"]).unwrap_or_default();
    let mut draft = SiteDraft::new(&[&name, key], &url);
    let kind = text_of(monitor, &["kind", "jobType"]).unwrap_or_else(|| "http".to_owned());
    if kind != "http" {
        return draft.of_other_kind(&kind);
    }
    match flag_of(monitor, &["public"]) {
        Some(false) if !publish => {
            return draft
                .rejected("it is not public there, and all is public here; --publish reads it");
        }
        None => draft.remark("it does not say \"public: true\"; all is public here"),
        _ => {}
    }
    if url.is_empty() {
        return draft.rejected("it has no address");
    }
    draft.name(Some(&name));
    draft.alias(key);
    let active = flag_of(monitor, &["active"]);
    draft.paused = active == Some(false);
    if active.is_none() {
        draft.remark("it does not say \"active: true\", without which openstatus does not run it");
    }
    draft.time("interval", monitor, &["frequency", "periodicity"], SECONDS);
    draft.time("timeout", monitor, &["timeout"], MILLIS);
    if number_of(monitor, &["degradedAfter"]).is_none_or(|limit| limit > 0.0) {
        draft.time("slow_after", monitor, &["degradedAfter"], MILLIS);
    }
    draft.method(text_of(request, &["method"]).as_deref());
    draft.headers(request.get("headers"));
    draft.body(text_of(request, &["body"]).as_deref());
    if flag_of(request, &["followRedirects"]) == Some(false) {
        draft.follow_no_redirect();
    }
    assertions(&mut draft, monitor);
    draft.leave_out_fields(monitor, &["description", "openTelemetry", "regions", "retry"]);
    draft.item()
}

fn assertions(draft: &mut SiteDraft, monitor: &Value) {
    let (mut statuses, mut any) = (Statuses::all(), false);
    for assertion in &list_of(monitor, &["assertions"]) {
        let kind = text_of(assertion, &["kind", "type"]).unwrap_or_default();
        let compare = text_of(assertion, &["compare"]).unwrap_or_default();
        let target = assertion.get("target").and_then(scalar).unwrap_or_default();
        let read = match (kind.as_str(), compare.as_str()) {
            ("statusCode" | "status", compare) => {
                let read = narrow(&mut statuses, compare, target.parse().ok());
                any |= read;
                read
            }
            ("textBody", "contains") => draft.set_once("expect_text", &target),
            ("textBody", "not_contains") => draft.set_once("forbid_text", &target),
            _ => false,
        };
        if !read {
            draft.leave_out(format!(
                "the assertion {} {}",
                one_line(&kind, 20),
                one_line(&compare, 20)
            ));
        }
    }
    if any {
        draft.statuses(&statuses);
    }
}

fn narrow(statuses: &mut Statuses, compare: &str, target: Option<u16>) -> bool {
    let Some(target) = target else { return false };
    let known = matches!(compare, "eq" | "not_eq" | "lt" | "lte" | "gt" | "gte");
    statuses.keep(|status| match compare {
        "eq" => status == target,
        "not_eq" => status != target,
        "lt" => status < target,
        "lte" => status <= target,
        "gt" => status > target,
        "gte" => status >= target,
        _ => true,
    });
    known
}
