//! Prometheus: targets in all their shapes, and modules of `blackbox_exporter`.

use super::*;

#[test]
fn targets_of_prometheus_are_read_in_all_their_shapes() {
    let of = |text: &str| sites(&list(text));
    let two = ["url = \"https://api.example\"", "url = \"http://www.example\""];
    assert_eq!(
        of(
            "- targets: [\"https://api.example\", \"www.example\"]\n  labels: {team: web, __param_module: http_2xx}\n"
        ),
        two
    );
    assert_eq!(
        of(
            "[{\"targets\":[\"https://api.example\"],\"labels\":{}},{\"targets\":[\"www.example\"]}]"
        ),
        two
    );
    let config = "global: {scrape_interval: 15s}\nscrape_configs:\n  - job_name: node\n    static_configs: [{targets: ['10.0.0.1:9100']}]\n  \
         - job_name: web\n    metrics_path: /probe\n    scrape_interval: 1m\n    params: {module: [http_post_2xx]}\n    \
         static_configs: [{targets: ['https://api.example']}]\n    file_sd_configs: [{files: ['sites.yml']}]\n    relabel_configs:\n      \
         - {source_labels: [__address__], target_label: __param_target}\n      - {target_label: __address__, replacement: 'blackbox:9115'}\n      \
         - {target_label: __param_target, replacement: 'https://x.example/$1'}\n  - job_name: ping\n    metrics_path: /probe\n    \
         params: {module: [icmp]}\n    static_configs: [{targets: ['192.0.2.1']}]\n";
    let list = list(config);
    assert_eq!(
        sites(&list),
        ["url = \"https://api.example\"; interval = \"1m\"; method = \"POST\""]
    );
    assert_eq!(
        told(&list),
        [
            "job node: left out: it is no job of blackbox_exporter",
            "job web: the file \"sites.yml\": left out: it is not here",
            "job web: a rule of relabel_configs: left out: it sets __param_target to \"https://x.example/$1\"; relabelling is not evaluated, look at its sites",
            "192.0.2.1: left out: its module \"icmp\" does not look at web pages",
        ]
    );
    let probe = "apiVersion: monitoring.coreos.com/v1\nkind: Probe\nmetadata: {name: web}\nspec:\n  module: http_2xx\n  interval: 30s\n  \
         targets:\n    staticConfig:\n      static: [https://api.example]\n      labels: {team: web}\n---\n\
         apiVersion: v1\nkind: ConfigMap\nmetadata: {name: other}\n";
    let list = self::list(probe);
    assert_eq!(sites(&list), ["url = \"https://api.example\"; interval = \"30s\""]);
    assert_eq!(told(&list), ["ConfigMap other: left out: it is no Probe"]);
}

const BLACKBOX: &str = "
modules:
  http_2xx: {prober: http}
  login:
    prober: http
    timeout: 7s
    http:
      valid_status_codes: [200, 401]
      method: POST
      headers: {X-Key: swordfish, Accept: text/html}
      body: '{}'
      follow_redirects: false
      fail_if_body_not_matches_regexp: [Welcome back]
      fail_if_body_matches_regexp: ['Err[0-9]+']
      tls_config: {insecure_skip_verify: true}
  front_door: {prober: tcp, timeout: 5s}
";

#[test]
fn a_module_of_blackbox_gives_its_request_and_its_expectations_when_its_file_is_given() {
    let config = "scrape_configs:\n  - job_name: web\n    metrics_path: /probe\n    params: {module: [login]}\n    \
         static_configs: [{targets: ['https://a.example/login'], labels: {team: Web & Co, env: prod}}]\n    \
         file_sd_configs: [{files: ['targets/*.json']}, {files: ['gone.yml']}]\n  \
         - job_name: doors\n    metrics_path: /probe\n    params: {module: [front_door]}\n    static_configs: [{targets: ['d.example:443']}]\n  \
         - job_name: unknown\n    metrics_path: /probe\n    params: {module: [nope]}\n    static_configs: [{targets: ['u.example']}]\n";
    let files = |pattern: &str| match pattern {
        "targets/*.json" => Ok(vec![
            br#"[{"targets":["b.example"],"labels":{"__param_module":"http_2xx","team":"ops"}}]"#
                .to_vec(),
        ]),
        _ => Err("cannot be read: there is no such file".to_owned()),
    };
    let labels = ["team".to_owned()];
    let options = ReadOptions {
        tag_labels: &labels,
        modules: Some(BLACKBOX.as_bytes()),
        files: &files,
        ..options(None)
    };
    let list = read(&[config], &options).unwrap();
    assert_eq!(
        sites(&list),
        [
            "url = \"https://a.example/login\"; timeout = \"7s\"; expect_status = [\"200\", \"401\"]; \
             expect_text = \"Welcome back\"; method = \"POST\"; headers = { \"Accept\" = \"text/html\", \"X-Key\" = \
             { env = \"STILLUP_A_EXAMPLE_X_KEY\" } }; body = \"{}\"; max_redirects = 0; tags = [\"team-web-co\"]",
            "url = \"http://b.example\"; tags = [\"team-ops\"]",
        ]
    );
    let told = told(&list);
    for want in [
        "https://a.example/login: without fail_if_body_matches_regexp, which is more than one plain text",
        "https://a.example/login: without ignoring faults of its certificate: a bad certificate is down here",
        "job web: the file \"gone.yml\": left out: it cannot be read: there is no such file",
        "d.example:443: left out: its module \"front_door\" does not look at web pages",
        "u.example: left out: its module \"nope\" is not in the file of modules",
    ] {
        assert!(told.contains(&want), "{want}: {told:#?}");
    }
    assert!(!list.toml.contains("swordfish"));
    // Without the file of modules a name is all that there is to go by.
    let bare = super::list(config);
    assert!(
        line_of(&super::told(&bare), "https://a.example/login")
            .contains(&"without what its module \"login\" asks for, which is not in this file; --modules blackbox.yml reads it")
    );
    let broken = ReadOptions { modules: Some(b"modules: ["), ..options };
    assert!(
        read(&[config], &broken)
            .unwrap_err()
            .starts_with("cannot be read, as its file of modules is not YAML")
    );
}

#[test]
fn rules_that_choose_or_change_targets_and_modules_that_are_no_pages_are_told() {
    let list = list(
        "scrape_configs:\n  - job_name: web\n    metrics_path: /probe\n    params: {module: [http_2xx]}\n    \
         static_configs: [{targets: ['https://a.example', 'https://b.example']}]\n    relabel_configs:\n      \
         - {source_labels: [__address__], regex: '.*b.*', action: drop}\n      \
         - {source_labels: [__address__], regex: '(.*):.*', target_label: __param_target}\n      \
         - {source_labels: [__address__], target_label: __param_target}\n      \
         - {source_labels: [__param_target], target_label: instance}\n  \
         - job_name: mail\n    metrics_path: /probe\n    params: {module: [imap_starttls]}\n    static_configs: [{targets: ['mail.example:143']}]\n  \
         - job_name: tls\n    metrics_path: /probe\n    params: {module: [tls_connect]}\n    static_configs: [{targets: ['tls.example:443']}]\n",
    );
    assert_eq!(sites(&list).len(), 2);
    assert_eq!(
        told(&list),
        [
            "job web: a rule of relabel_configs: left out: it chooses targets (drop); relabelling is not evaluated, look at its sites",
            "job web: a rule of relabel_configs: left out: it sets __param_target to a part of its source, \"(.*):.*\"; relabelling is not evaluated, look at its sites",
            "mail.example:143: left out: its module \"imap_starttls\" does not look at web pages",
            "tls.example:443: left out: its module \"tls_connect\" does not look at web pages",
        ]
    );
}

#[test]
fn a_module_that_takes_any_answer_and_one_with_a_login_and_certificates_of_its_own_are_read() {
    let modules = "modules:\n  any: {prober: http, http: {accept_any_response: true, proxy_connect_header: {X: [swordfish]}}}\n  \
                   login: {prober: http, http: {basic_auth: {username_file: /run/user, password: swordfish}, \
                   tls_config: {ca_file: /ca.crt, cert_file: /own.crt}}}\n";
    let targets = "- {targets: [any.example], labels: {__param_module: any}}\n- {targets: [login.example], labels: {__param_module: login}}\n";
    let options = ReadOptions { modules: Some(modules.as_bytes()), ..options(None) };
    let list = read(&[targets], &options).unwrap();
    assert_eq!(
        sites(&list),
        [
            "url = \"http://any.example\"; expect_status = [\"100-599\"]",
            "url = \"http://login.example\"; headers = { \"Authorization\" = { env = \"STILLUP_LOGIN_EXAMPLE_AUTHORIZATION\" } }",
        ]
    );
    let told = told(&list);
    for want in
        ["without ca_file, which has no match here", "without cert_file, which has no match here"]
    {
        assert!(line_of(&told, "login.example").contains(&want), "{told:#?}");
    }
    assert!(!list.toml.contains("swordfish") && !list.report.concat().contains("swordfish"));
}

#[test]
fn the_target_of_a_probe_is_what_it_looks_at_and_never_the_exporter() {
    let list = list(
        "scrape_configs:\n  - job_name: one\n    metrics_path: /probe\n    params: {module: [http_2xx], target: ['https://real.example']}\n    \
         static_configs: [{targets: ['127.0.0.1:9115']}]\n  - job_name: two\n    metrics_path: /probe\n    static_configs:\n      \
         - {targets: ['blackbox:9115'], labels: {__param_target: 'https://label.example', __param_module: http_2xx}}\n      \
         - {labels: {team: web}}\n    relabel_configs:\n      - {source_labels: [__address__], regex: '(.*)', target_label: __param_target, replacement: '${1}'}\n\
         scrape_config_files: ['more/*.yml']\n",
    );
    assert_eq!(sites(&list), ["url = \"https://real.example\"", "url = \"https://label.example\""]);
    assert_eq!(
        told(&list),
        [
            "a group: left out: it has no list of targets",
            "scrape_config_files: left out: the jobs in these files are not read; read them one by one",
        ]
    );
}

#[test]
fn a_list_of_jobs_a_scrape_config_and_the_rules_of_a_probe_are_read() {
    let jobs = list(
        "- job_name: web\n  metrics_path: /probe\n  params: {module: [http_2xx]}\n  static_configs: [{targets: ['https://list.example']}]\n",
    );
    assert_eq!(sites(&jobs), ["url = \"https://list.example\""]);
    let resources = list(
        "kind: ScrapeConfig\nmetadata: {name: sc}\nspec:\n  metricsPath: /probe\n  scrapeInterval: 30s\n  params: {module: [http_2xx]}\n  \
         staticConfigs: [{targets: ['https://sc.example']}]\n---\nkind: Probe\nmetadata: {name: p}\nspec:\n  module: http_2xx\n  targets:\n    \
         staticConfig:\n      static: [p.example]\n      relabelingConfigs:\n        \
         - {sourceLabels: [__address__], targetLabel: __param_target, replacement: 'https://$1'}\n",
    );
    assert_eq!(
        sites(&resources),
        ["url = \"https://sc.example\"; interval = \"30s\"", "url = \"http://p.example\""]
    );
    assert_eq!(
        told(&resources),
        [
            "Probe p: a rule of relabel_configs: left out: it sets __param_target to \"https://$1\"; relabelling is not evaluated, look at its sites"
        ]
    );
}

#[test]
fn a_password_in_a_target_is_not_in_the_report_that_leaves_it_out() {
    let list = list(
        r#"[{"targets":["https://u:swordfish@a.example/x","https://b.example/?token=swordfish","c.example"],"labels":null}]"#,
    );
    assert_eq!(sites(&list), ["url = \"http://c.example\""]);
    assert_eq!(
        told(&list),
        [
            "https://…@a.example/x: left out: its address must not hold a user name or password; anybody can see it",
            "https://b.example/: left out: its address may hold a secret (token), and anybody can see it here",
        ]
    );
}
