//! A file of each tool, in its own format, with the traps that others fell into: what is left out is told with its
//! reason, nothing becomes its opposite, no usual status is written, and ids live on as aliases.

use super::*;

fn line_of<'l>(told: &[&'l str], label: &str) -> Vec<&'l str> {
    let begin = format!("{label}: ");
    told.iter().filter_map(|line| line.strip_prefix(&*begin)).collect()
}

#[test]
fn a_plain_list_with_a_mark_and_lines_of_windows_keeps_its_order_and_its_hosts() {
    let text = "\u{feff}# of the old box\r\nb.example\r\n\r\nhttps://a.example:8443/x?y=1  Front door # main\r\n\
                [2001:db8::1]\r\nhttp://[2001:db8::2]:8080/\r\nlocalhost\r\nnas.home.arpa\r\n\u{f6}l.example\r\n";
    let list = list(text);
    let urls: Vec<String> =
        sites(&list).iter().map(|site| site.split("; ").next().unwrap().to_owned()).collect();
    assert_eq!(
        urls,
        [
            "url = \"https://b.example\"",
            "url = \"https://a.example:8443/x?y=1\"",
            "url = \"https://[2001:db8::1]\"",
            "url = \"http://[2001:db8::2]:8080/\"",
            "url = \"https://localhost\"",
            "url = \"https://nas.home.arpa\"",
            "url = \"https://\u{f6}l.example\"",
        ]
    );
    assert_eq!(list.toml.matches("private = true").count(), 4, "{}", list.toml);
    assert!(list.toml.contains("name = \"Front door\""));
}

#[test]
fn two_monitors_of_kuma_whose_names_begin_alike_are_two_and_one_broken_one_ends_nothing() {
    let list = list(
        r#"{"version":"1.18.5","notificationList":[{"id":1,"name":"Mail","config":"{\"smtpPassword\":\"swordfish\"}"}],
        "proxyList":[],"monitorList":[
        {"id":1,"name":"API v2","type":"http","url":"https://api.example/v2","interval":20,"maxretries":3,"retryInterval":20,
         "accepted_statuscodes":["200-299"],"notificationIDList":{"1":true},"proxyId":9,"active":true,"upsideDown":false},
        {"id":2,"name":"API","type":"http","url":"https://api.example/v1","interval":1,"accepted_statuscodes":["200-299","301"],"active":true},
        {"id":3,"name":"No type at all","url":"https://none.example"},
        {"id":4,"name":"Form","type":"http","url":"https://form.example/","method":"POST","body":"a=1","httpBodyEncoding":"form",
         "authMethod":"oauth2-cc","oauth_client_secret":"swordfish","active":true,"expiryNotification":true},
        {"id":5,"name":"Upside","type":"keyword","keyword":"closed","invertKeyword":true,"upsideDown":true,"url":"https://up.example"},
        {"id":6,"name":"Query","type":"json-query","url":"https://q.example","jsonPath":"$.items[?(@.a>1)]","expectedValue":"1"},
        {"id":7,"name":"Steam","type":"steam","hostname":"s.example","port":27015},
        {"id":8,"name":"Push","type":"push","pushToken":"swordfish"}]}"#,
    );
    let sites = sites(&list);
    assert_eq!(
        sites[..2],
        [
            "url = \"https://api.example/v2\"; name = \"API v2\"; interval = \"20s\"; aliases = [\"1\"]",
            "url = \"https://api.example/v1\"; name = \"API\"; slug = \"api.example-v1\"; interval = \"5s\"; \
             expect_status = [\"200-299\", \"301\"]; aliases = [\"2\"]",
        ]
    );
    assert!(
        sites[2].contains("\"Content-Type\" = \"application/x-www-form-urlencoded\""),
        "{sites:?}"
    );
    assert_eq!(sites.len(), 4);
    let told = told(&list);
    assert_eq!(
        line_of(&told, "API v2"),
        [
            "without its retries: a failure is confirmed here by our own rules",
            "without proxyId, which has no match here",
            "without notificationIDList, which has no match here",
        ]
    );
    for (label, why) in [
        ("No type at all", "left out: it is a monitor of the kind"),
        ("Form", "without its login by oauth2-cc"),
        ("Upside", "left out: it is upside down"),
        ("Query", "without its query of JSON, which is more than a path and a value"),
        ("Steam", "left out: it is a monitor of the kind steam"),
        ("Push", "left out: it is a monitor of the kind push"),
        ("API", "interval: 5s instead of 1s"),
    ] {
        let lines = line_of(&told, label);
        assert!(lines.iter().any(|line| line.starts_with(why)), "{label}: {told:#?}");
    }
    assert!(!list.toml.contains("swordfish") && !list.report.concat().contains("swordfish"));
    assert!(!list.toml.contains("up.example"), "never as its opposite");
}

const GATUS: &str = "
alerting:
  slack: {webhook-url: 'https://hooks.example/swordfish'}
announcements:
  - {timestamp: '2026-01-01T00:00:00Z', type: outage, message: Down}
endpoints:
  - name: Core Front
    group: web
    url: https://core.example/
    alerts: [{type: slack}]
    ui: {hide-hostname: true}
    conditions: ['[STATUS] == 200', '[BODY] == pat(*Wel*come*)', '[STATUS] != 500']
    maintenance-windows: [{start: '23:00', duration: 1h, timezone: 'Europe/Berlin', every: [Monday]}]
  - name: teapot
    url: https://core.example/tea
    interval: 2s
    client: {timeout: 90s, ignore-redirect: true, proxy-url: 'http://proxy.example'}
    conditions: ['[STATUS] == 418', '[BODY].brewing == true', '[BODY].user.name == pat(j*)', '[DOMAIN_EXPIRATION] > 720h']
  - name: icmp
    url: icmp://core.example
    conditions: ['[CONNECTED] == true']
  - name: names
    url: 8.8.8.8
    dns: {query-name: core.example, query-type: A}
    conditions: ['[BODY] == 93.184.216.34']
  - name: token
    url: https://t.example/?key=${SHOP_HOST}
    method: PUT
";

#[test]
fn what_gatus_expects_and_stillup_does_not_is_named_line_by_line() {
    let list = list(GATUS);
    assert_eq!(
        sites(&list),
        [
            "url = \"https://core.example/\"; name = \"Core Front\"; tags = [\"web\"]; aliases = [\"web_core-front\"]",
            "url = \"https://core.example/tea\"; name = \"teapot\"; slug = \"core.example-tea\"; interval = \"5s\"; \
             timeout = \"1m\"; expect_status = [\"418\"]; expect_json = { \"/brewing\" = true }; max_redirects = 0; \
             aliases = [\"_teapot\"]",
        ]
    );
    let told = told(&list);
    assert_eq!(
        line_of(&told, "web/Core Front"),
        [
            "without the condition \"[BODY] == pat(*Wel*come*)\"",
            "without the condition \"[STATUS] != 500\"",
            "without its maintenance-windows; write them as planned work: stillup planned add",
            "without alerts, which has no match here",
            "without ui, which has no match here",
        ]
    );
    for (label, why) in [
        ("teapot", "without the condition \"[BODY].user.name == pat(j*)\""),
        ("teapot", "without the condition \"[DOMAIN_EXPIRATION] > 720h\""),
        ("teapot", "without proxy-url, which has no match here"),
        ("teapot", "timeout: 1m instead of 1m30s"),
        ("icmp", "left out: \"icmp\" is not watched here, only http and https"),
        ("names", "left out: \"8.8.8.8\" is not watched here, only http and https"),
        ("token", "left out: it is asked with PUT"),
        ("announcements", "left out: write them as notices"),
        ("alerting", "left out: write it as channels"),
    ] {
        let lines = line_of(&told, label);
        assert!(lines.iter().any(|line| line.starts_with(why)), "{label}: {told:#?}");
    }
    assert!(!list.report.concat().contains("swordfish"));
}

#[test]
fn a_folder_of_gatus_is_one_list_in_the_order_of_its_files() {
    let file =
        |name: &str| format!("endpoints:\n  - {{name: {name}, url: 'https://{name}.example/'}}\n");
    let files = [file("b"), file("a"), "ui: {title: x}\n".to_owned()];
    let list = read(&files, &reading(None)).unwrap();
    let urls: Vec<&str> = list.toml.lines().filter(|line| line.starts_with("url")).collect();
    assert_eq!(urls, ["url = \"https://b.example/\"", "url = \"https://a.example/\""]);
}

#[test]
fn upptime_keeps_the_names_of_its_badges_and_no_secret_of_its_repository() {
    let list = list(
        "owner: koj\nrepo: status\nuser-agent: koj\nsites:\n  - name: Google & Co.\n    url: https://www.google.example\n    icon: https://i.example/x.png\n  \
         - name: Hidden\n    url: https://h.example/?token=$TOKEN\n  - name: Dollar\n    url: https://d.example/price\n    \
         __dangerous__body_down_if_text_missing: 'costs $5'\n    expectedStatusCodes: [200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308]\n  \
         - name: Ping\n    url: https://p.example\n    type: globalping\n    location: London\n  - name: Mail\n    url: mail.example\n    check: tcp-ping\n    port: 25\n  \
         - name: Post\n    url: https://post.example\n    method: POST\n    body: '{\"q\":1}'\n    headers: ['Authorization: Basic swordfish', 'X-Broken']\n    maxRedirects: 0\n",
    );
    let sites = sites(&list);
    assert_eq!(
        sites[0],
        "url = \"https://www.google.example\"; name = \"Google & Co.\"; aliases = [\"google-co\"]"
    );
    assert!(sites[1].contains("expect_text = \"costs $5\""), "{sites:?}");
    assert!(
        sites
            .iter()
            .any(|site| site.contains("method = \"POST\"") && site.contains("max_redirects = 0"))
    );
    let told = told(&list);
    for (label, why) in [
        ("Google & Co.", "without icon, which has no match here"),
        ("Hidden", "left out: a value in it is a secret of its repository"),
        ("Ping", "without type, which has no match here"),
        ("Mail", "left out: it is checked by tcp-ping, not by http"),
        ("Post", "without its header \"X-Broken\""),
        ("Post", "its body is written as it is"),
    ] {
        let lines = line_of(&told, label);
        assert!(lines.iter().any(|line| line.starts_with(why)), "{label}: {told:#?}");
    }
    assert!(!list.toml.contains("swordfish"));
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
    let reading = Reading {
        tag_labels: &labels,
        modules: Some(BLACKBOX.as_bytes()),
        files: &files,
        ..reading(None)
    };
    let list = read(&[config], &reading).unwrap();
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
    let broken = Reading { modules: Some(b"modules: ["), ..reading };
    assert!(
        read(&[config], &broken)
            .unwrap_err()
            .starts_with("cannot be read, as its file of modules is not YAML")
    );
}

#[test]
fn answers_of_hosted_services_that_are_one_page_of_several_say_so() {
    let better = list(
        r#"{"data":[{"id":"238","type":"monitor","attributes":{"url":"https://a.example","pronounceable_name":"A","monitor_type":"keyword_absence",
        "required_keyword":"Oops","check_frequency":180,"request_timeout":30,"http_method":"get","regions":["eu","us"],"paused_at":null,"status":"up",
        "auth_username":"u","auth_password":"swordfish"}}],
        "pagination":{"first":"https://x.example?page=1","next":"https://x.example?page=2","prev":null}}"#,
    );
    let robot = list(
        r#"{"stat":"ok","pagination":{"offset":0,"limit":50,"total":73},"monitors":[
        {"id":1,"friendly_name":"Exists","url":"https://e.example","type":2,"keyword_type":1,"keyword_value":"Fatal","http_method":2,"interval":60,"status":2},
        {"id":2,"friendly_name":"Delete","url":"https://d.example","type":1,"http_method":6,"interval":60,"status":2},
        {"id":3,"friendly_name":"Words","url":"https://w.example","type":2,"keyword_value":"x","interval":60,"status":2}]}"#,
    );
    let cake = list(
        r#"{"data":[{"id":"9","name":"C","website_url":"https://c.example","test_type":"HEAD","check_rate":300,"find_string":"","timeout":40,
        "paused":false,"status_codes_csv":"500","basic_username":"","tags":[],"follow_redirects":true}],"metadata":{"page":1,"total_count":3}}"#,
    );
    for list in [&better, &robot, &cake] {
        let told = told(list);
        assert!(told.contains(&"the rest of the list: left out: it is not in this answer; read the answers with the others as well"), "{told:#?}");
        assert!(list.incomplete && !list.toml.contains("swordfish"));
    }
    assert!(
        sites(&better)[0].contains("forbid_text = \"Oops\"")
            && !sites(&better)[0].contains("expect_text")
    );
    assert!(
        sites(&robot)[0].contains("forbid_text = \"Fatal\""),
        "it alerts when the word is there"
    );
    assert!(
        told(&robot)
            .iter()
            .any(|line| line.starts_with("Delete: left out: it is asked with DELETE"))
    );
    assert!(told(&robot).iter().any(|line| line.starts_with("Words: without its keyword")));
    assert!(!sites(&cake)[0].contains("expect_status"), "these are the bad ones");
    let whole = r#"{"data":[{"id":"1","attributes":{"url":"https://a.example","monitor_type":"status"}}],"pagination":{"next":null}}"#;
    assert!(!list(whole).incomplete);
}

#[test]
fn a_table_in_latin_1_is_refused_in_words_and_one_with_quotes_and_formulas_is_read() {
    assert_eq!(
        refused(b"url,name\nhttps://a.example,Caf\xe9\n"),
        "is not UTF-8 text; save the file as UTF-8"
    );
    let list = list(
        "Name;URL;Tags\r\n\"=cmd|' /C calc'!A0\";a.example;x y\r\n\"two\nlines\";b.example;\r\n;;\r\n",
    );
    let sites = sites(&list);
    assert!(
        sites[0].contains("name = \"=cmd|' /C calc'!A0\"")
            && sites[0].contains("tags = [\"x\", \"y\"]"),
        "{sites:?}"
    );
    assert!(sites[1].contains("name = \"two lines\""), "{sites:?}");
    assert_eq!(told(&list), ["line 5: left out: it has no address"]);
}
