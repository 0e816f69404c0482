//! Lists as other tools write them, and the catalogue that comes of each.

use proptest::prelude::*;

use super::*;
use crate::config::{Catalogue, Defaults};

mod traps;

fn reading(kind: Option<ListKind>) -> Reading<'static> {
    let env = |name: &str| (name == "SHOP_HOST").then(|| "shop.example".to_owned());
    let files = &|_: &str| Err("is not here".to_owned());
    Reading { kind, publish: false, tag_labels: &[], modules: None, env, files }
}

fn list(text: &str) -> ReadList {
    read(&[text], &reading(None)).unwrap_or_else(|why| panic!("{why}"))
}

fn refused(bytes: &[u8]) -> String {
    read(&[bytes], &reading(None)).unwrap_err()
}

/// The sites, one a line, without the line that each begins with.
fn sites(list: &ReadList) -> Vec<String> {
    Catalogue::parse(&list.toml, "list", &Defaults::default()).unwrap();
    let blocks = list.toml.trim().split("\n\n");
    blocks
        .map(|block| block.strip_prefix("[[site]]\n").unwrap_or(block).replace('\n', "; "))
        .collect()
}

/// The report without its sum.
fn told(list: &ReadList) -> Vec<&str> {
    let (sum, told) = list.report.split_last().unwrap();
    assert!(sum.starts_with("read as "), "{sum}");
    told.iter().map(String::as_str).collect()
}

#[test]
fn a_plain_list_has_a_site_a_line() {
    let list = list(
        "# ours\nslack.com\n\nhttps://status.example.org/health  Our front door\n  10.0.0.7:8080 # inside\n\
         slack.com\nftp://files.example\nhttps://u:pw@secret.example/\nhttps://slack.com/status\n",
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"https://slack.com\"",
            "url = \"https://status.example.org/health\"; name = \"Our front door\"",
            "url = \"https://10.0.0.7:8080\"; private = true",
            "url = \"https://slack.com/status\"; slug = \"slack.com-status\"",
        ]
    );
    assert_eq!(
        told(&list),
        [
            "line 6: left out: it is the same as \"line 2\"",
            "line 7: left out: its address \"ftp\" is not watched; use http or https",
            "line 8: left out: its address must not hold a user name or password; anybody can see it",
            "line 5: its host is not of the public internet, so it is private here",
            "line 9: its slug is \"slack.com-status\", since \"slack.com\" is taken",
        ]
    );
    assert_eq!(list.report.last().unwrap(), "read as plain: 4 sites, 3 left out");
    assert!(list.incomplete && list.sites == 4);
}

#[test]
fn a_table_is_read_by_its_header_whatever_stands_between_its_columns() {
    for text in [
        "url,name,tags,interval,colour\nhttps://a.example/,\"A, the first\",shop;EU west,30s,red\nb.example,,,1,\n",
        "url;name;tags;interval;colour\nhttps://a.example/;A, the first;shop EU;30;red\nb.example;;;1s;\n",
        "url\tname\ttags\tinterval\tcolour\nhttps://a.example/\tA, the first\tshop,EU\t30s\tred\nb.example\t\t\t1s\t\n",
    ] {
        let list = list(text);
        let sites = sites(&list);
        assert!(sites[0].starts_with("url = \"https://a.example/\"; name = \"A, the first\"; interval = \"30s\"; tags = [\"shop\", \"eu\""), "{sites:?}");
        assert_eq!(sites[1], "url = \"https://b.example\"; interval = \"5s\"");
        assert_eq!(
            told(&list),
            [
                "A, the first: without the columns \"colour\" of all rows, which are not known",
                "line 3: interval: 5s instead of 1s",
            ]
        );
    }
}

#[test]
fn the_csv_of_uptimerobot_is_known_by_its_header_and_by_what_alerts_there() {
    let list = list(
        "ID,Type,Status,Friendly Name,URL/IP,Keyword Type,Keyword Value,Port\n\
         11,HTTP,Up,Shop,https://shop.example/,,,\n12,Keyword,Up,Cart,https://shop.example/cart,Not Exists,Your cart,\n\
         13,Keyword,Up,Blog,https://blog.example/,Exists,Fatal error,\n14,Ping,Up,Box,192.0.2.1,,,\n\
         15,HTTP,Paused,Old,https://old.example/,,,\n",
    );
    let sites = sites(&list);
    assert_eq!(sites[0], "url = \"https://shop.example/\"; name = \"Shop\"; aliases = [\"11\"]");
    assert_eq!(
        sites[1],
        "url = \"https://shop.example/cart\"; name = \"Cart\"; slug = \"shop.example-cart\"; expect_text = \"Your cart\"; aliases = [\"12\"]"
    );
    assert!(sites[2].contains("forbid_text = \"Fatal error\""), "{sites:?}");
    assert!(list.toml.contains("# url = \"https://old.example/\""), "{}", list.toml);
    assert!(told(&list).contains(&"Box: left out: it is a monitor of the kind ping"));
    assert!(told(&list).contains(&"Old: it is paused there, so it is a comment"));
}

const KUMA: &str = r#"{"version":"1.23.16","notificationList":[],"monitorList":[
 {"id":7,"name":"Shop","type":"keyword","url":"https://shop.example/","interval":60,"timeout":48,
  "accepted_statuscodes":["200-299"],"keyword":"Welcome","invertKeyword":false,"upsideDown":false,
  "active":true,"parent":3,"tags":[{"name":"team","value":"web"}],"method":"GET","maxredirects":10,
  "headers":"{\"Authorization\":\"Bearer swordfish\",\"Accept\":\"text/html\"}"},
 {"id":3,"name":"Europe","type":"group"},
 {"id":8,"name":"API","type":"json-query","url":"https://api.example/health","jsonPath":"$.data.status",
  "expectedValue":"ok","accepted_statuscodes":["200-299","404"],"interval":20,"timeout":0,"method":"POST",
  "body":"{\"a\":1}","basic_auth_user":"u","basic_auth_pass":"swordfish","maxredirects":0},
 {"id":9,"name":"API v2","type":"http","url":"https://api.example/health","ignoreTls":true,"active":0},
 {"id":10,"name":"Trap","type":"http","url":"https://trap.example/","upsideDown":true},
 {"id":11,"name":"Box","type":"ping","hostname":"192.0.2.1"},
 {"id":12,"name":"Bad words","type":"keyword","url":"https://blog.example/","keyword":"oops","invertKeyword":true},
 {"id":13,"name":"None","type":"http","url":"https://"},
 {"id":14,"name":"Put","type":"http","url":"https://put.example/","method":"PUT"}]}"#;

#[test]
fn a_backup_of_uptime_kuma_is_read() {
    let list = list(KUMA);
    assert_eq!(
        sites(&list),
        [
            "url = \"https://shop.example/\"; name = \"Shop\"; interval = \"1m\"; timeout = \"48s\"; \
             expect_text = \"Welcome\"; headers = { \"Accept\" = \"text/html\", \"Authorization\" = \
             { env = \"STILLUP_SHOP_EXAMPLE_AUTHORIZATION\" } }; tags = [\"europe\", \"team-web\"]; \
             aliases = [\"7\"]",
            "url = \"https://api.example/health\"; name = \"API\"; interval = \"20s\"; timeout = \"16s\"; \
             expect_status = [\"200-299\", \"404\"]; expect_json = { \"/data/status\" = \"ok\" }; method = \"POST\"; \
             headers = { \"Content-Type\" = \"application/json\", \"Authorization\" = { env = \"STILLUP_API_EXAMPLE_AUTHORIZATION\" } }; \
             body = \"{\\\"a\\\":1}\"; max_redirects = 0; aliases = [\"8\"]",
            "# [[site]]; # url = \"https://api.example/health\"; # name = \"API v2\"; \
             # slug = \"api.example-health\"; # aliases = [\"9\"]",
            "url = \"https://blog.example/\"; name = \"Bad words\"; forbid_text = \"oops\"; aliases = [\"12\"]",
        ]
    );
    let told = told(&list);
    for want in [
        "Trap: left out: it is upside down: up there means down here",
        "Box: left out: it is a monitor of the kind ping",
        "None: left out: it has no address",
        "Put: left out: it is asked with PUT, and only GET, HEAD and POST are sent here",
        "Shop: set STILLUP_SHOP_EXAMPLE_AUTHORIZATION to the value of its header Authorization",
        "API v2: it is paused there, so it is a comment",
        "API v2: without ignoring faults of its certificate: a bad certificate is down here",
    ] {
        assert!(told.contains(&want), "{want}: {told:#?}");
    }
    assert!(!list.toml.contains("swordfish") && !told.concat().contains("swordfish"));
}

#[test]
fn rows_of_uptime_kuma_2_are_read() {
    let list = list(
        r#"[{"id":1,"name":"Front","active":1,"interval":60,"url":"https://front.example","type":"http",
        "accepted_statuscodes_json":"[\"200-299\"]","upside_down":0,"ignore_tls":0,"invert_keyword":0,
        "method":"GET","timeout":48.0,"maxredirects":10,"headers":null,"body":null,"parent":null},
        {"id":2,"name":"Trap","active":1,"url":"https://t.example","type":"http","upside_down":1,
        "accepted_statuscodes_json":"[\"200-299\"]","interval":60},
        {"id":3,"name":"Odd","active":1,"url":"https://odd.example","type":"keyword","keyword":"x",
        "invert_keyword":1,"accepted_statuscodes_json":"[\"500\"]","interval":60}]"#,
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"https://front.example\"; name = \"Front\"; interval = \"1m\"; timeout = \"48s\"; aliases = [\"1\"]",
            "url = \"https://odd.example\"; name = \"Odd\"; interval = \"1m\"; expect_status = [\"500\"]; forbid_text = \"x\"; aliases = [\"3\"]",
        ]
    );
}

const GATUS: &str = "
x-common: &common
  interval: 30s
  client: {timeout: 5s, insecure: true}
endpoints:
  - name: front (new)
    group: shop
    url: https://shop.example/health
    <<: *common
    headers:
      X-Key: ${SHOP_KEY}
    conditions: [\"[STATUS] == any(200, 204)\", \"[RESPONSE_TIME] < 800\", \"[BODY] == pat(*ready*)\", \"[CONNECTED] == true\", \"[CERTIFICATE_EXPIRATION] > 48h\"]
  - name: api
    url: \"https://${SHOP_HOST}/api\"
    conditions:
      - \"[STATUS] >= 200\"
      - \"[STATUS] < 300\"
      - \"[BODY].data[0].state == UP\"
      - \"[BODY].count == 3\"
      - \"len([BODY].list) > 2\"
  - name: unset
    url: https://${NO_SUCH_HOST}/
  - name: db
    url: tcp://10.0.0.5:5432
    conditions: [\"[CONNECTED] == true\"]
  - name: off
    url: https://off.example/$$x
    enabled: false
    conditions: [\"[STATUS] == 200\"]
  - name: graph
    url: https://graph.example/
    method: POST
    graphql: true
    body: '{ user { name } }'
";

#[test]
fn the_endpoints_of_gatus_are_read_with_their_conditions() {
    let list = list(GATUS);
    let sites = sites(&list);
    assert_eq!(
        sites[0],
        "url = \"https://shop.example/health\"; name = \"front (new)\"; interval = \"30s\"; timeout = \"5s\"; \
         slow_after = \"800ms\"; expect_status = [\"200\", \"204\"]; expect_text = \"ready\"; \
         headers = { \"X-Key\" = { env = \"SHOP_KEY\" } }; tags = [\"shop\"]; \
         aliases = [\"shop_front-(new)\", \"shop_front--new-\"]"
    );
    assert_eq!(
        sites[1],
        "url = \"https://shop.example/api\"; name = \"api\"; slug = \"shop.example-api\"; \
         expect_json = { \"/data/0/state\" = \"UP\", \"/count\" = 3 }; aliases = [\"_api\"]"
    );
    assert!(sites[2].starts_with("# [[site]]; # url = \"https://off.example/$x\""), "{sites:?}");
    assert!(
        sites[3].contains("method = \"POST\"")
            && sites[3].contains(r#"body = "{\"query\":\"{ user { name } }\"}""#),
        "{sites:?}"
    );
    let told = told(&list);
    for want in [
        "unset: left out: its address needs the variable NO_SUCH_HOST, which is not set",
        "db: left out: \"tcp\" is not watched here, only http and https",
        "shop/front (new): without ignoring faults of its certificate: a bad certificate is down here",
        "shop/front (new): an answer that comes too late is down there, and slow here",
        "shop/front (new): without the condition \"[CERTIFICATE_EXPIRATION] > 48h\"",
        "shop/front (new): set SHOP_KEY in the environment: its header X-Key",
        "api: its address has the value of SHOP_HOST in it",
        "api: without the condition \"len([BODY].list) > 2\"",
        "off: it is paused there, so it is a comment",
    ] {
        assert!(told.contains(&want), "{want}: {told:#?}");
    }
}

#[test]
fn the_sites_of_upptime_are_read() {
    let list = list(
        "owner: me\nrepo: status\nsites:\n  - name: My Blog!\n    url: https://blog.example\n    maxResponseTime: 2000\n    \
         expectedStatusCodes: [200, 301]\n    requestTimeout: 20\n    __dangerous__body_down_if_text_missing: Archive\n    \
         tags: [Team A]\n  - name: Usual\n    url: https://usual.example\n    maxResponseTime: 60000\n    headers:\n      \
         - 'Authorization: Bearer swordfish'\n      - 'Content-Type: text/plain'\n  - name: Secret\n    url: $SECRET_URL\n  \
         - name: Port\n    url: port.example\n    check: tcp-ping\n    port: 22\n  - name: Bad\n    slug: bad-one\n    \
         url: https://bad.example\n    __dangerous__body_down: oops\n    __dangerous__insecure: true\n",
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"https://blog.example\"; name = \"My Blog!\"; timeout = \"20s\"; slow_after = \"2s\"; \
             expect_status = [\"200\", \"301\"]; expect_text = \"Archive\"; tags = [\"team-a\"]; aliases = [\"my-blog\"]",
            "url = \"https://usual.example\"; name = \"Usual\"; headers = { \"Authorization\" = \
             { env = \"STILLUP_USUAL_EXAMPLE_AUTHORIZATION\" }, \"Content-Type\" = \"text/plain\" }; aliases = [\"usual\"]",
            "url = \"https://bad.example\"; name = \"Bad\"; forbid_text = \"oops\"; aliases = [\"bad-one\"]",
        ]
    );
    let told = told(&list);
    assert!(
        told.iter().any(|line| line.starts_with("Secret: left out: a value in it is a secret")),
        "{told:#?}"
    );
    assert!(told.contains(&"Port: left out: it is checked by tcp-ping, not by http"), "{told:#?}");
    assert!(!list.toml.contains("swordfish"));
}

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

const OPENSTATUS: &str = r#"
"shop":
  name: Shop
  kind: http
  frequency: 1m
  active: true
  degradedAfter: 1500
  timeout: 10000
  regions: [ams, fra]
  request: {method: GET, url: "https://shop.example/", headers: {X-Key: swordfish}, followRedirects: false}
  assertions:
    - {kind: statusCode, compare: eq, target: 200}
    - {kind: textBody, compare: contains, target: "Cart"}
    - {kind: textBody, compare: not_contains, target: "Sorry"}
    - {kind: header, compare: eq, key: x, target: y}
"hidden":
  name: Hidden
  kind: http
  frequency: 10m
  active: true
  public: false
  request: {method: GET, url: "https://hidden.example/"}
"port":
  name: Port
  kind: tcp
  frequency: 10m
  request: {host: x.example, port: 22}
"#;

#[test]
fn the_monitors_of_openstatus_are_read_and_hidden_ones_only_on_demand() {
    let list = list(OPENSTATUS);
    assert_eq!(
        sites(&list),
        [
            "url = \"https://shop.example/\"; name = \"Shop\"; interval = \"1m\"; timeout = \"10s\"; slow_after = \"1s500ms\"; \
          expect_text = \"Cart\"; forbid_text = \"Sorry\"; headers = { \"X-Key\" = { env = \"STILLUP_SHOP_EXAMPLE_X_KEY\" } }; \
          max_redirects = 0; aliases = [\"shop\"]"
        ]
    );
    let told = told(&list);
    assert!(told.contains(&"Shop: without the assertion header eq"), "{told:#?}");
    assert!(
        told.contains(
            &"Hidden: left out: it is not public there, and all is public here; --publish reads it"
        ),
        "{told:#?}"
    );
    assert!(told.contains(&"Port: left out: it is a monitor of the kind tcp"), "{told:#?}");
    let all = read(&[OPENSTATUS], &Reading { publish: true, ..reading(None) }).unwrap();
    assert_eq!(all.sites, 2);
}

#[test]
fn the_answers_of_hosted_services_are_read() {
    let better = list(
        r#"{"data":[{"id":"1","type":"monitor","attributes":{"url":"https://a.example","pronounceable_name":"A","monitor_type":"keyword",
        "required_keyword":"ok","check_frequency":30,"request_timeout":15,"http_method":"get","status":"up",
        "request_headers":[{"id":"5","name":"X-Key","value":"swordfish"}],"verify_ssl":false,"expected_status_codes":[]}},
        {"id":"2","type":"monitor","attributes":{"url":"https://b.example","monitor_type":"expected_status_code","expected_status_codes":[200,404],"status":"paused"}},
        {"id":"3","type":"monitor","attributes":{"url":"c.example","monitor_type":"ping"}}]}"#,
    );
    let sites_of = sites(&better);
    assert_eq!(
        sites_of[0],
        "url = \"https://a.example\"; name = \"A\"; interval = \"30s\"; timeout = \"15s\"; expect_text = \"ok\"; \
         headers = { \"X-Key\" = { env = \"STILLUP_A_EXAMPLE_X_KEY\" } }; aliases = [\"1\"]"
    );
    assert!(sites_of[1].contains("# expect_status = [\"200\", \"404\"]"), "{sites_of:?}");

    let robot = list(
        r#"{"stat":"ok","pagination":{"offset":0,"limit":50,"total":2},"monitors":[
        {"id":777,"friendly_name":"R","url":"https://r.example","type":2,"keyword_type":2,"keyword_value":"Hi","http_method":1,"interval":300,"timeout":30,"status":2},
        {"id":778,"friendly_name":"P","url":"192.0.2.1","type":3,"interval":300,"status":2},
        {"id":779,"friendly_name":"H","url":"https://h.example","type":1,"http_method":1,"interval":300,"status":0}]}"#,
    );
    assert_eq!(
        sites(&robot)[0],
        "url = \"https://r.example\"; name = \"R\"; interval = \"5m\"; timeout = \"30s\"; expect_text = \"Hi\"; aliases = [\"777\"]"
    );
    assert!(robot.toml.contains("# method = \"HEAD\""), "{}", robot.toml);

    let third = list(
        r#"{"data":[{"id":5,"friendlyName":"V3","url":"https://v3.example","type":"KEYWORD","keywordType":"ALERT_EXISTS","keywordValue":"oops",
        "interval":60,"timeout":30,"status":"UP","httpMethodType":"GET","successHttpResponseCodes":["2xx","3xx"],"tags":[{"id":1,"name":"Web"}]}]}"#,
    );
    assert_eq!(
        sites(&third)[0],
        "url = \"https://v3.example\"; name = \"V3\"; interval = \"1m\"; timeout = \"30s\"; forbid_text = \"oops\"; tags = [\"web\"]; aliases = [\"5\"]"
    );

    let cake = list(
        r#"{"data":[{"id":"1","name":"Cake","website_url":"https://cake.example","test_type":"HTTP","check_rate":0,"find_string":"Yum","do_not_find":true,
        "timeout":15,"paused":false,"status_codes_csv":"404,500","custom_header":"{\"X-Key\":\"swordfish\"}","tags":["Bakery"],"follow_redirects":false},
        {"id":"2","name":"D","website_url":"https://d.example","test_type":"DNS","check_rate":60}]}"#,
    );
    assert_eq!(
        sites(&cake),
        [
            "url = \"https://cake.example\"; name = \"Cake\"; interval = \"5s\"; timeout = \"15s\"; forbid_text = \"Yum\"; \
          headers = { \"X-Key\" = { env = \"STILLUP_CAKE_EXAMPLE_X_KEY\" } }; max_redirects = 0; tags = [\"bakery\"]; aliases = [\"1\"]"
        ]
    );
    assert!(
        told(&cake).iter().any(|line| line.starts_with("Cake: without its list of bad statuses"))
    );
    for list in [better, robot, third, cake] {
        assert!(!list.toml.contains("swordfish") && !list.report.concat().contains("swordfish"));
    }
}

#[test]
fn text_in_utf_16_and_with_a_mark_is_read_and_what_is_no_text_is_refused() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let with_mark = [vec![0xff, 0xfe], wide("caf\u{e9}.example\n")].concat();
    let list = read(&[&with_mark], &reading(None)).unwrap();
    assert_eq!(sites(&list), ["url = \"https://caf\u{e9}.example\""]);
    let marked = read(&["\u{feff}url,name\na.example,A\n"], &reading(None)).unwrap();
    assert_eq!(sites(&marked), ["url = \"https://a.example\"; name = \"A\""]);
    assert_eq!(
        refused(&wide("a.example\n")),
        "is no text, or text in UTF-16 without a mark; save the file as UTF-8"
    );
    assert_eq!(refused(b"caf\xe9.example\n"), "is not UTF-8 text; save the file as UTF-8");
    for empty in [&b""[..], b" \n\n", b"\xef\xbb\xbf"] {
        assert_eq!(refused(empty), "is empty");
    }
    assert!(refused(b"# nothing\n").contains("has no site that could be watched"));
}

#[test]
fn hostile_documents_are_refused_soon() {
    let bomb = (1..9).fold("a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned(), |text, n| {
        let again = vec![format!("*a{}", n - 1); 9].join(", ");
        format!("{text}a{n}: &a{n} [{again}]\n")
    });
    let deep = |open: &str, close: &str| {
        format!("endpoints: {}{}\n", open.repeat(5_000), close.repeat(5_000))
    };
    for (text, want) in [
        (format!("{bomb}endpoints: *a8\n"), "is not YAML"),
        (deep("[", "]"), "is not YAML"),
        (deep("{a: ", "}"), "is not YAML"),
        ("[".repeat(100_000), "is not "),
        ("{\"monitorList\":".repeat(100_000), "is not JSON"),
        ("endpoints:\n  - name: a\n   url: b\n".to_owned(), "is not YAML"),
        ("{\"a\":1}".to_owned(), "is no list that is known here"),
        ("{\"monitorList\":[]}".to_owned(), "has no site that could be watched: it has no items"),
        ("{\"monitorList\":7}".to_owned(), "has no monitorList"),
    ] {
        let why = refused(text.as_bytes());
        assert!(why.starts_with(want) && why.len() < 400, "{why}");
    }
    let kind = |word: &str| word.parse::<ListKind>();
    assert_eq!(
        (kind("Uptime-Kuma"), kind("better_stack")),
        (Ok(ListKind::Kuma), Ok(ListKind::BetterStack))
    );
    assert!(
        kind("nagios")
            .unwrap_err()
            .starts_with("is not a kind of list; use one of plain, csv, kuma")
    );
    let wrong = read(&["slack.com\n"], &reading(Some(ListKind::Gatus)));
    assert_eq!(wrong.unwrap_err(), "has no list of endpoints");
}

#[test]
fn names_and_values_that_do_not_fit_are_left_out_one_by_one() {
    let long = "x".repeat(5_000);
    let text = serde_json::json!({ "monitorList": [
        { "id": "a/b", "name": format!("{long}\n\u{7f}\"'"), "type": "http", "url": "https://a.example/#top", "interval": 1e12, "timeout": 0.001 },
        { "id": 2, "name": "\u{1f600}", "type": "http", "url": "http://status/", "interval": -5, "headers": { "Host": "x", "bad name": "y" } },
        { "id": 2, "name": "Again", "type": "http", "url": "https://b.example/" },
        { "id": 3, "name": "Long", "type": "http", "url": format!("https://c.example/{long}") },
        { "id": 4, "type": "http", "url": "https://d.example:0/" },
        { "id": 5, "type": "http", "url": "https://localhost:8443/" },
        { "id": 6, "name": "Strange", "type": ["http"], "url": { "a": 1 } },
    ]})
    .to_string();
    let list = list(&text);
    let sites = sites(&list);
    assert!(
        sites[0].contains("interval = \"1d\"; timeout = \"100ms\"")
            && !sites[0].contains("aliases"),
        "{sites:?}"
    );
    assert_eq!(
        sites[1],
        "url = \"http://status/\"; name = \"\u{1f600}\"; slug = \"status-site\"; private = true; aliases = [\"2\"]"
    );
    assert_eq!(sites[2], "url = \"https://b.example/\"; name = \"Again\"");
    assert_eq!(sites[3], "url = \"https://localhost:8443/\"; private = true; aliases = [\"5\"]");
    assert_eq!(sites.len(), 4);
    assert!(list.report.iter().all(|line| line.chars().count() < 400), "{:#?}", list.report);
}

proptest! {
    #[test]
    fn whatever_is_read_is_a_catalogue(
        urls in prop::collection::vec("(https?://)?[a-z0-9.:/#?%\\[\\]@-]{0,24}|\\PC{0,16}", 1..6),
        names in prop::collection::vec("\\PC{0,120}", 6),
        ids in prop::collection::vec("[0-9a-z/?# ]{0,4}", 6),
    ) {
        let monitors: Vec<Value> = urls.iter().enumerate().map(|(n, url)| serde_json::json!({
            "id": ids[n], "name": names[n], "type": "keyword", "keyword": names[n], "url": url,
            "headers": { "X-Key": names[n], "Accept": names[n] }, "tags": [{ "name": names[n], "value": "" }],
        })).collect();
        let text = serde_json::json!({ "monitorList": monitors }).to_string();
        if let Ok(list) = read(&[text], &reading(None)) {
            let catalogue = Catalogue::parse(&list.toml, "list", &Defaults::default());
            prop_assert!(catalogue.is_ok(), "{:?}\n{}", catalogue, list.toml);
        }
    }

    #[test]
    fn no_text_breaks_a_reader(text in "\\PC{0,80}|([a-z]{1,9}:? ?[\\[\\]{}\"&*|>-]{0,3}\n? {0,4}){0,20}") {
        for (kind, _) in ListKind::ALL {
            drop(read(&[&text], &reading(Some(kind))));
        }
        drop(read(&[&text], &reading(None)));
    }
}
