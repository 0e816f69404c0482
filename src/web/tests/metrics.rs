//! `/metrics`: every family whole, `blackbox_exporter`'s names, and a bound on their number.

use std::collections::{BTreeSet, HashSet};

use axum::{body::Body, http::Request};
use http_body_util::BodyExt;

use super::{get, world::*};
use crate::{
    board::{RecordingNode, StoreProblem},
    web::{MetricKind, WebService, router},
};

#[tokio::test(start_paused = true)]
async fn families_are_described_once_and_samples_are_theirs() {
    let world = world();
    world.web.meters.add("stillup_queue_test", MetricKind::Gauge, "For a test.", || Some(7.0));
    world.web.meters.add("stillup_gone_test", MetricKind::Gauge, "For a test.", || None);
    get(&world.router, "/slack.com").await;
    get(&world.router, "/no/such/page").await;
    let got = get(&world.router, "/metrics").await;
    let (mut families, mut current, mut samples) = (HashSet::new(), "", HashSet::new());
    for line in got.text().lines() {
        if let Some(help) = line.strip_prefix("# HELP ") {
            current = help.split(' ').next().unwrap();
            assert!(families.insert(current), "{current} is there twice");
        } else if !line.starts_with('#') {
            let (sample, value) = line.rsplit_once(' ').unwrap();
            assert!(sample.starts_with(current), "{line} is not of {current}");
            assert!(samples.insert(sample), "{sample} is there twice");
            assert!(value.parse::<f64>().is_ok(), "{line}");
        }
    }
    for line in [
        "stillup_queue_test 7",
        "stillup_checks_total{region=\"local\",outcome=\"dns\"} 2",
        "stillup_checks_total{region=\"local\",outcome=\"restricted\"} 1",
        "stillup_checks_total{region=\"syd\",outcome=\"http\"} 2",
        "stillup_check_phase_seconds_bucket{region=\"syd\",phase=\"connect\",le=\"0.025\"} 2",
        "stillup_check_phase_seconds_count{region=\"syd\",phase=\"connect\"} 2",
        "stillup_http_requests_total{route=\"/{domain}\",status=\"200\"} 1",
        "stillup_http_requests_total{route=\"none\",status=\"404\"} 1",
        "stillup_most_overdue_seconds 0",
        "probe_success{site=\"slack.com\",region=\"local\"} 0",
        "probe_success{site=\"www.gov.uk\",region=\"ams\"} 1",
        "probe_http_status_code{site=\"www.gov.uk\",region=\"syd\"} 503",
        "probe_http_duration_seconds{phase=\"processing\",site=\"netflix.com\",region=\"local\"} \
         0.024122",
        "probe_ssl_earliest_cert_expiry{site=\"netflix.com\",region=\"local\"} 1488672000",
        "stillup_site_down{site=\"slack.com\"} 1",
    ] {
        assert!(got.text().lines().any(|l| l == line), "{line}\n{}", got.text());
    }
    assert!(!got.text().contains("xn--caf-dma.nl"), "nothing is known of it");
    assert!(!got.text().contains("stillup_gone_test"));
}

/// Every metric that dashboards and alarms rely on, with its type.
const FAMILIES: [(&str, &str); 3] = [
    (
        "gauge",
        "probe_attempts \
         probe_dns_lookup_time_seconds \
         probe_duration_seconds \
         probe_failed_due_to_regex \
         probe_http_duration_seconds \
         probe_http_redirects \
         probe_http_ssl \
         probe_http_status_code \
         probe_http_version \
         probe_ip_protocol \
         probe_ssl_earliest_cert_expiry \
         probe_success \
         stillup_checks_waiting \
         stillup_checks_waiting_bytes \
         stillup_files_not_taken \
         stillup_job_duration_seconds \
         stillup_job_last_timestamp_seconds \
         stillup_last_check_timestamp_seconds \
         stillup_most_overdue_seconds \
         stillup_record_away_since_seconds \
         stillup_record_held_since_seconds \
         stillup_record_lag_seconds \
         stillup_record_refusing_since_seconds \
         stillup_record_rejected \
         stillup_record_waits \
         stillup_recorder \
         stillup_site_down \
         stillup_site_slow \
         stillup_sites \
         stillup_sites_shown",
    ),
    (
        "histogram",
        "stillup_check_phase_seconds \
         stillup_http_request_duration_seconds",
    ),
    (
        "counter",
        "stillup_check_retries_total \
         stillup_checks_recorded_total \
         stillup_checks_refused_total \
         stillup_checks_total \
         stillup_front_pages_rendered_total \
         stillup_http_requests_total \
         stillup_job_failures_total \
         stillup_job_runs_total",
    ),
];

#[tokio::test(start_paused = true)]
async fn the_families_are_those_of_the_contract() {
    let world = world();
    get(&world.router, "/").await;
    let got = get(&world.router, "/metrics").await;
    assert_eq!(got.header("content-type"), "text/plain; version=0.0.4; charset=utf-8");
    let types = got.text().lines().filter_map(|line| line.strip_prefix("# TYPE "));
    let served: BTreeSet<&str> = types.collect();
    let promised: BTreeSet<String> = FAMILIES
        .iter()
        .flat_map(|(kind, names)| names.split_whitespace().map(move |n| format!("{n} {kind}")))
        .collect();
    assert_eq!(served, promised.iter().map(String::as_str).collect());
}

#[tokio::test(start_paused = true)]
async fn answers_that_were_ready_are_counted_by_route_and_status_too() {
    let world = world();
    world.board.update_channel("team", |told| told.arrived = 1);
    let service = WebService::new(world.web.clone());
    let ask = async |path: &str, tag: &str| {
        let request = Request::get(path).header("if-none-match", tag);
        service.answer(request.body(Body::empty()).unwrap()).await
    };
    for path in ["/", "/api/v1/status", "/api/v1/sites/slack.com", "/badge/slack.com.svg?x=1"] {
        for _ in 0..3 {
            let request = Request::get(path).body(Body::empty()).unwrap();
            let got = service.answer(request).await;
            let tag = got.headers()["etag"].to_str().unwrap();
            assert_eq!(ask(path, tag).await.status(), 304);
        }
    }
    let got = ask("/metrics", "").await.into_body().collect().await.unwrap().to_bytes();
    let text = str::from_utf8(&got).unwrap();
    for route in ["/", "/api/v1/status", "/api/v1/sites/{slug}", "/badge/{file}"] {
        for line in [
            format!("stillup_http_requests_total{{route=\"{route}\",status=\"200\"}} 3"),
            format!("stillup_http_requests_total{{route=\"{route}\",status=\"304\"}} 3"),
            format!("stillup_http_request_duration_seconds_count{{route=\"{route}\"}} 6"),
        ] {
            assert!(text.lines().any(|l| l == line), "{line}\n{text}");
        }
    }
    let told = "# TYPE stillup_notices_arrived_total counter";
    assert_eq!(text.matches(told).count(), 1, "a family is there once");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_evidence_any_more_is_left_out() {
    let world = world();
    tokio::time::advance(MINUTE * 30).await;
    let got = get(&world.router, "/metrics").await;
    assert!(!got.text().contains("site=\""), "{}", got.text());
    assert!(got.text().contains("stillup_most_overdue_seconds 1745"));
}

#[tokio::test(start_paused = true)]
async fn with_too_many_sites_none_is_shown_and_that_is_said() {
    let world = world();
    let few = router(crate::web::Web { metrics_sites: 6, ..world.web.clone() });
    let got = get(&few, "/metrics").await;
    assert!(!got.text().contains("\nprobe_"));
    assert!(got.text().contains("\nstillup_sites_shown 0\n"));
    let got = get(&world.router, "/metrics").await;
    assert!(got.text().contains("\nstillup_sites_shown 1\n"));
}

#[tokio::test(start_paused = true)]
async fn readyz_and_metrics_say_why_postgres_does_not_take_the_record_and_what_is_set_aside() {
    let world = world();
    let lines = async || get(&world.router, "/metrics").await.text().to_owned();
    assert!(!lines().await.contains("stillup_record_waits{"));
    assert_eq!(get(&world.router, "/readyz").await.json()["status"], "ready");
    world.board.update_store_health(|record| {
        record.away_since = Some(now());
        record.why =
            Some(StoreProblem { sqlstate: Some("42P01".into()), short: "a table is missing" });
        record.refused_rows = 3;
    });
    let ready = get(&world.router, "/readyz").await;
    assert_eq!((ready.status.as_u16(), &ready.json()["status"]), (200, &"degraded".into()));
    let reasons = ready.json()["reasons"].to_string();
    assert!(reasons.contains("(42P01: a table is missing)"), "{reasons}");
    assert!(reasons.contains("stillup journal refused: 3"), "{reasons}");
    let lines = lines().await;
    let why = "stillup_record_waits{sqlstate=\"42P01\",reason=\"a table is missing\"} 1";
    assert!(lines.contains(why) && lines.contains("stillup_record_rejected 3"), "{lines}");
}

#[tokio::test(start_paused = true)]
async fn metrics_say_which_of_several_nodes_records() {
    let world = world();
    let lines = async || get(&world.router, "/metrics").await.text().to_owned();
    assert!(!lines().await.contains("stillup_recorder{"));
    for (here, line) in [
        (true, "stillup_recorder{node=\"ams-1\"} 1"),
        (false, "stillup_recorder{node=\"ams-1\"} 0"),
    ] {
        let recorder = Some(RecordingNode { name: "ams-1".into(), here });
        world.board.update_store_health(|record| record.recorder = recorder);
        assert!(lines().await.contains(line), "{line}");
    }
}

/// The expressions of the dashboard, with what its lines are called.
fn expressions() -> Vec<(String, String)> {
    let dashboard = include_str!("../../../deploy/grafana/stillup-metrics.json");
    let dashboard: serde_json::Value = serde_json::from_str(dashboard).unwrap();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let panels = dashboard["panels"].as_array().unwrap();
    let targets = panels.iter().flat_map(|panel| panel["targets"].as_array().unwrap());
    let asked = targets.map(|target| (text(&target["expr"]), text(&target["legendFormat"])));
    let variables = dashboard["templating"]["list"].as_array().unwrap();
    asked
        .chain(variables.iter().map(|variable| (text(&variable["query"]["query"]), String::new())))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn the_dashboard_asks_for_metrics_that_are_there_and_names_lines_by_labels_that_they_have() {
    let world = world();
    let got = get(&world.router, "/metrics").await;
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for (expression, legend) in expressions() {
        let words: Vec<&str> = expression.split(|c| !is_word(c)).collect();
        let names =
            words.iter().filter(|word| word.starts_with("probe_") || word.starts_with("stillup_"));
        let names: Vec<&str> = names.copied().collect();
        assert_eq!(names.len(), 1, "{expression}");
        // What there is none of here: agents.
        if names[0].starts_with("stillup_agent_") {
            continue;
        }
        let mut samples = got.text().lines().filter(|line| {
            line.strip_prefix(names[0]).is_some_and(|rest| rest.starts_with(['{', ' ']))
        });
        let sample = samples.next().unwrap_or_else(|| panic!("{} is not there", names[0]));
        for label in legend.split("{{").skip(1).filter_map(|part| part.split_once("}}")) {
            assert!(sample.contains(&format!("{}=\"", label.0)), "{legend}: {sample}");
        }
        let chosen = ["site", "region"]
            .into_iter()
            .filter(|label| expression.contains(&format!("${label}")));
        for label in chosen {
            assert!(sample.contains(&format!("{label}=\"")), "{expression}: {sample}");
        }
    }
}
