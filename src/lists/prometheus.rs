//! Prometheus: lists of `{targets, labels}` (`file_sd`, `http_sd`), jobs of `blackbox_exporter` in
//! `prometheus.yml`, and the resource `Probe` of its operator.

use serde_json::Value;

use super::{
    document::{duration_of, field, scalar, text_of},
    draft::{Item, SiteDraft, one_line, quoted},
    plain::whole,
};

/// Words in the names of modules that look at something else than a web page.
const OTHER_PROBERS: [&str; 9] =
    ["tcp", "icmp", "ping", "dns", "grpc", "ssh", "smtp", "unix", "websocket"];

/// The part of a job that its targets share.
#[derive(Clone, Debug, Default)]
struct Job {
    interval: Option<std::time::Duration>,
    timeout: Option<std::time::Duration>,
    module: Option<String>,
}

/// Returns whether a document is a resource of the operator, or a list of such.
pub(super) fn is_resource(value: &Value) -> bool {
    matches!(
        value.get("kind").and_then(Value::as_str),
        Some("Probe" | "ProbeList" | "List" | "ScrapeConfig")
    )
}

/// Reads the targets.
pub(super) fn read(data: &Value) -> Result<Vec<Item>, String> {
    let mut items = Vec::new();
    match data {
        Value::Array(all) if all.iter().any(|one| one.get("targets").is_some()) => {
            for group in all {
                targets(group, &Job::default(), &mut items);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| resource(one, &mut items)),
        one if is_resource(one) => resource(one, &mut items),
        one => {
            let jobs = one.get("scrape_configs").and_then(Value::as_array);
            let jobs = jobs.ok_or("has no targets, no scrape_configs, and is no Probe")?;
            for one in jobs {
                job(one, data.get("global"), &mut items);
            }
        }
    }
    Ok(items)
}

fn job(config: &Value, global: Option<&Value>, items: &mut Vec<Item>) {
    let name = text_of(config, &["job_name"]).unwrap_or_else(|| "a job without a name".to_owned());
    let label = format!("job {}", one_line(&name, 60));
    let path = text_of(config, &["metrics_path"]).unwrap_or_default();
    if path.trim_end_matches('/') != "/probe" && !path.ends_with("/probe") {
        items.push(Item::LeftOut(label, "it is no job of blackbox_exporter".to_owned()));
        return;
    }
    let parameters = config.get("params").unwrap_or(&Value::Null);
    let first = |value: &Value| match value {
        Value::Array(all) => all.first().and_then(scalar),
        one => scalar(one),
    };
    let usual = || global.and_then(|global| duration_of(global, &["scrape_interval"]));
    let job = Job {
        interval: duration_of(config, &["scrape_interval"]).or_else(usual),
        timeout: None,
        module: field(parameters, &["module"]).and_then(first),
    };
    let groups = config.get("static_configs").and_then(Value::as_array);
    for group in groups.into_iter().flatten() {
        targets(group, &job, items);
    }
    let map = config.as_object();
    for key in map.into_iter().flat_map(|map| map.keys()).filter(|key| key.ends_with("_sd_configs"))
    {
        let why = if key == "file_sd_configs" {
            "read each of its files by itself"
        } else {
            "its targets are not in this file"
        };
        items.push(Item::LeftOut(format!("{label}: {key}"), why.to_owned()));
    }
    relabelled(config, &label, items);
}

/// Names rules that change targets in an unusual way: they are not evaluated.
fn relabelled(config: &Value, label: &str, items: &mut Vec<Item>) {
    let rules = config.get("relabel_configs").and_then(Value::as_array);
    for rule in rules.into_iter().flatten() {
        let target = text_of(rule, &["target_label"]).unwrap_or_default();
        let replacement = text_of(rule, &["replacement"]);
        let changes = matches!(target.as_str(), "__param_target" | "__param_module");
        if let (true, Some(replacement)) = (changes, replacement) {
            let why = format!(
                "it sets {target} to {}; relabelling is not evaluated, look at its sites",
                quoted(&one_line(&replacement, 80))
            );
            items.push(Item::LeftOut(format!("{label}: a rule of relabel_configs"), why));
        }
    }
}

fn resource(document: &Value, items: &mut Vec<Item>) {
    if let Some(Value::Array(inner)) = field(document, &["items"]) {
        for one in inner {
            resource(one, items);
        }
        return;
    }
    let metadata = document.get("metadata").unwrap_or(&Value::Null);
    let name = text_of(metadata, &["name"]).unwrap_or_else(|| "without a name".to_owned());
    let kind = text_of(document, &["kind"]).unwrap_or_else(|| "document".to_owned());
    let label = format!("{} {}", one_line(&kind, 40), one_line(&name, 60));
    if kind != "Probe" {
        items.push(Item::LeftOut(label, "it is no Probe".to_owned()));
        return;
    }
    let spec = document.get("spec").unwrap_or(&Value::Null);
    let job = Job {
        interval: duration_of(spec, &["interval"]),
        timeout: duration_of(spec, &["scrapeTimeout"]),
        module: text_of(spec, &["module"]),
    };
    let wanted = spec.get("targets").unwrap_or(&Value::Null);
    if let Some(fixed) = field(wanted, &["staticConfig"]) {
        let group = serde_json::json!({
            "targets": fixed.get("static").cloned().unwrap_or_default(),
            "labels": fixed.get("labels").cloned().unwrap_or_default(),
        });
        targets(&group, &job, items);
    } else {
        items.push(Item::LeftOut(label.clone(), "its targets are not in this file".to_owned()));
    }
    if field(wanted, &["ingress"]).is_some() && field(wanted, &["staticConfig"]).is_some() {
        items.push(Item::LeftOut(
            format!("{label}: ingress"),
            "its targets are not in this file".to_owned(),
        ));
    }
}

fn targets(group: &Value, job: &Job, items: &mut Vec<Item>) {
    let labels = group.get("labels").unwrap_or(&Value::Null);
    let module = text_of(labels, &["__param_module", "module"]).or_else(|| job.module.clone());
    let all = group.get("targets").and_then(Value::as_array);
    for target in all.into_iter().flatten() {
        let target = scalar(target).unwrap_or_default();
        if target.trim().is_empty() {
            continue;
        }
        let mut draft = SiteDraft::new(&[&target], &whole(&target, "http"));
        if let Some(module) = &module {
            let lower = module.to_ascii_lowercase();
            let module = quoted(&one_line(module, 60));
            if OTHER_PROBERS.iter().any(|other| lower.contains(other)) && !lower.contains("http") {
                items
                    .push(draft.without(format!("its module {module} does not look at web pages")));
                continue;
            }
            if lower.contains("post") {
                draft.set_text("method", "POST");
            }
            if !matches!(lower.as_str(), "http_2xx" | "http_post_2xx" | "http") {
                draft.left_out(format!(
                    "what its module {module} asks for, which is not in this file"
                ));
            }
        }
        draft.interval(job.interval);
        draft.timeout(job.timeout);
        draft.name(text_of(labels, &["name"]).as_deref());
        if let Some(alias) = text_of(labels, &["site"]) {
            draft.alias(&alias);
        }
        items.push(draft.item());
    }
}
