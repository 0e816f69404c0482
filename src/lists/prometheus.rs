//! Prometheus: lists of `{targets, labels}` (`file_sd`, `http_sd`), jobs of `blackbox_exporter` in
//! `prometheus.yml`, and the resource `Probe` of its operator.

use serde_json::Value;

use super::{
    ReadOptions, blackbox,
    document::{decoded, field, list_of, parse, scalar, text_of, with_scheme},
    draft::{Item, SECONDS, SiteDraft, is_empty, one_line, quoted},
};

/// The part of a job that its targets share.
#[derive(Clone, Debug, Default)]
struct Job {
    interval: Option<String>,
    timeout: Option<String>,
    module: Option<String>,
    /// The target of all of it, where the job says one itself: what stands in its lists is the exporter then.
    target: Option<String>,
}

/// Returns whether a document is a resource of the operator, or a list of such.
pub(super) fn is_resource(value: &Value) -> bool {
    matches!(
        value.get("kind").and_then(Value::as_str),
        Some("Probe" | "ProbeList" | "List" | "ScrapeConfig")
    )
}

/// Reads the targets.
pub(super) fn read(data: &Value, options: &ReadOptions<'_>) -> Result<Vec<Item>, String> {
    let modules = match options.modules {
        Some(bytes) => {
            let wrong = |why: String| format!("cannot be read, as its file of modules {why}");
            Some(decoded(bytes).and_then(|text| parse(&text)).map_err(wrong)?)
        }
        None => None,
    };
    let mut reader = PrometheusReader { options, modules, items: Vec::new() };
    match data {
        Value::Array(all) if all.iter().any(|one| one.get("targets").is_some()) => {
            for group in all {
                reader.read_targets(group, &Job::default());
            }
        }
        Value::Array(jobs) if jobs.iter().any(|one| one.get("job_name").is_some()) => {
            for job in jobs {
                reader.read_job(job, None);
            }
        }
        Value::Array(all) => all.iter().for_each(|one| reader.read_resource(one)),
        one if is_resource(one) => reader.read_resource(one),
        one => {
            let jobs = one.get("scrape_configs").and_then(Value::as_array);
            let jobs = jobs.ok_or("has no targets, no scrape_configs, and is no Probe")?;
            for one in jobs {
                reader.read_job(one, data.get("global"));
            }
            if field(data, &["scrape_config_files"]).is_some() {
                let why = "the jobs in these files are not read; read them one by one".to_owned();
                reader.items.push(Item::LeftOut("scrape_config_files".to_owned(), why));
            }
        }
    }
    Ok(reader.items)
}

/// A reading under way.
struct PrometheusReader<'r> {
    options: &'r ReadOptions<'r>,
    /// `blackbox.yml`, if it was given.
    modules: Option<Value>,
    items: Vec<Item>,
}

impl PrometheusReader<'_> {
    fn read_job(&mut self, config: &Value, global: Option<&Value>) {
        let name =
            text_of(config, &["job_name"]).unwrap_or_else(|| "a job without a name".to_owned());
        let label = format!("job {}", one_line(&name, 60));
        let path = text_of(config, &["metrics_path"]).unwrap_or_default();
        if !path.trim_end_matches('/').ends_with("/probe") {
            self.items.push(Item::LeftOut(label, "it is no job of blackbox_exporter".to_owned()));
            return;
        }
        let parameters = config.get("params").unwrap_or(&Value::Null);
        let first = |value: &Value| match value {
            Value::Array(all) => all.first().and_then(scalar),
            one => scalar(one),
        };
        let usual = || global.and_then(|global| text_of(global, &["scrape_interval"]));
        let job = Job {
            interval: text_of(config, &["scrape_interval"]).or_else(usual),
            timeout: None,
            module: field(parameters, &["module"]).and_then(first),
            target: field(parameters, &["target"]).and_then(first),
        };
        let groups = config.get("static_configs").and_then(Value::as_array);
        for group in groups.into_iter().flatten() {
            self.read_targets(group, &job);
        }
        for files in list_of(config, &["file_sd_configs"]) {
            for pattern in list_of(&files, &["files"]).iter().filter_map(scalar) {
                self.read_files(&pattern, &job, &label);
            }
        }
        let keys = config.as_object().into_iter().flat_map(|map| map.keys());
        let empty = |key: &str| config.get(key).is_none_or(is_empty);
        for key in keys
            .filter(|key| key.ends_with("_sd_configs") && *key != "file_sd_configs" && !empty(key))
        {
            let why = "its targets are not in this file".to_owned();
            self.items.push(Item::LeftOut(format!("{label}: {key}"), why));
        }
        self.report_relabelling(config, &label);
    }

    /// Reads the files of targets that a job names.
    fn read_files(&mut self, pattern: &str, job: &Job, label: &str) {
        let read = (self.options.files)(pattern).and_then(|files| {
            let documents = files.iter().map(|bytes| decoded(bytes).and_then(|text| parse(&text)));
            documents.collect::<Result<Vec<Value>, String>>()
        });
        match read {
            Ok(documents) => {
                let groups = documents.iter().filter_map(Value::as_array).flatten();
                groups.for_each(|group| self.read_targets(group, job));
            }
            Err(why) => {
                let file = quoted(&one_line(pattern, 100));
                self.items
                    .push(Item::LeftOut(format!("{label}: the file {file}"), format!("it {why}")));
            }
        }
    }

    /// Names rules that change targets in an unusual way: they are not evaluated.
    fn report_relabelling(&mut self, config: &Value, label: &str) {
        let names = ["relabel_configs", "relabelingConfigs", "relabelings"];
        let rules = field(config, &names).and_then(Value::as_array);
        for rule in rules.into_iter().flatten() {
            if let Some(does) = unusual_rule(rule) {
                let why = format!("it {does}; relabelling is not evaluated, look at its sites");
                self.items.push(Item::LeftOut(format!("{label}: a rule of relabel_configs"), why));
            }
        }
    }

    fn read_resource(&mut self, document: &Value) {
        if let Some(Value::Array(inner)) = field(document, &["items"]) {
            for one in inner {
                self.read_resource(one);
            }
            return;
        }
        let metadata = document.get("metadata").unwrap_or(&Value::Null);
        let name = text_of(metadata, &["name"]).unwrap_or_else(|| "without a name".to_owned());
        let kind = text_of(document, &["kind"]).unwrap_or_else(|| "document".to_owned());
        let label = format!("{} {}", one_line(&kind, 40), one_line(&name, 60));
        let spec = document.get("spec").unwrap_or(&Value::Null);
        if kind == "ScrapeConfig" {
            let part = |name: &str| spec.get(name).cloned().unwrap_or_default();
            let job = serde_json::json!({
                "job_name": name, "metrics_path": part("metricsPath"), "params": part("params"),
                "static_configs": part("staticConfigs"), "scrape_interval": part("scrapeInterval"),
                "relabel_configs": part("relabelings"), "http_sd_configs": part("httpSDConfigs"),
                "file_sd_configs": part("fileSDConfigs"), "kubernetes_sd_configs": part("kubernetesSDConfigs"),
            });
            return self.read_job(&job, None);
        }
        if kind != "Probe" {
            self.items.push(Item::LeftOut(label, "it is no Probe".to_owned()));
            return;
        }
        let job = Job {
            interval: text_of(spec, &["interval"]),
            timeout: text_of(spec, &["scrapeTimeout"]),
            module: text_of(spec, &["module"]),
            target: None,
        };
        let wanted = spec.get("targets").unwrap_or(&Value::Null);
        if let Some(fixed) = field(wanted, &["staticConfig"]) {
            let group = serde_json::json!({
                "targets": fixed.get("static").cloned().unwrap_or_default(),
                "labels": fixed.get("labels").cloned().unwrap_or_default(),
            });
            self.read_targets(&group, &job);
            self.report_relabelling(fixed, &label);
        } else {
            self.items
                .push(Item::LeftOut(label.clone(), "its targets are not in this file".to_owned()));
        }
        if field(wanted, &["ingress"]).is_some() && field(wanted, &["staticConfig"]).is_some() {
            self.items.push(Item::LeftOut(
                format!("{label}: ingress"),
                "its targets are not in this file".to_owned(),
            ));
        }
    }

    fn read_targets(&mut self, group: &Value, job: &Job) {
        let labels = group.get("labels").unwrap_or(&Value::Null);
        let module = text_of(labels, &["__param_module", "module"]).or_else(|| job.module.clone());
        let own =
            text_of(labels, &["__param_target"]).or_else(|| job.target.clone()).map(Value::from);
        let all = match (own, group.get("targets")) {
            (Some(target), _) => vec![target],
            (None, Some(Value::Array(all))) => all.clone(),
            (None, _) => {
                self.items.push(Item::LeftOut(
                    "a group".to_owned(),
                    "it has no list of targets".to_owned(),
                ));
                return;
            }
        };
        for target in &all {
            let target = scalar(target).unwrap_or_default();
            if target.trim().is_empty() {
                continue;
            }
            let mut draft = SiteDraft::new(&[&target], &with_scheme(&target, "http"));
            if let Some(module) = &module {
                blackbox::apply_module(&mut draft, module, self.modules.as_ref());
            }
            draft.time_in("interval", job.interval.as_deref().unwrap_or_default(), SECONDS);
            draft.time_in("timeout", job.timeout.as_deref().unwrap_or_default(), SECONDS);
            draft.name(text_of(labels, &["name"]).as_deref());
            if let Some(alias) = text_of(labels, &["site"]) {
                draft.alias(&alias);
            }
            for label in self.options.tag_labels {
                if let Some(value) = text_of(labels, &[label]) {
                    draft.tag(&format!("{label}-{value}"));
                }
            }
            self.items.push(draft.item());
        }
    }
}

/// The words that say what a rule does, where it changes or chooses targets.
fn unusual_rule(rule: &Value) -> Option<String> {
    let action = text_of(rule, &["action"]).unwrap_or_else(|| "replace".to_owned());
    if matches!(action.as_str(), "keep" | "drop" | "keepequal" | "dropequal") {
        return Some(format!("chooses targets ({action})"));
    }
    let target = text_of(rule, &["target_label", "targetLabel"]).unwrap_or_default();
    if !matches!(target.as_str(), "__param_target" | "__param_module") {
        return None;
    }
    let part = |name: &str| text_of(rule, &[name]).map(|text| quoted(&one_line(&text, 80)));
    let is_usual = |name: &str, usual: &[&str]| {
        text_of(rule, &[name]).is_none_or(|text| usual.contains(&&*text))
    };
    // The whole of its source, as without these.
    if is_usual("replacement", &["$1", "${1}"]) && is_usual("regex", &["(.*)", "(.+)"]) {
        return None;
    }
    match (part("replacement"), part("regex")) {
        (Some(replacement), _) => Some(format!("sets {target} to {replacement}")),
        (None, Some(regex)) => Some(format!("sets {target} to a part of its source, {regex}")),
        (None, None) => None,
    }
}
