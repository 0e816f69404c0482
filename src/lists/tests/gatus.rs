//! Gatus: endpoints and their conditions, in one file or several.

use super::*;

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

const UNUSUAL: &str = "
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
    let list = list(UNUSUAL);
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
            "without its maintenance-windows; write them as planned work: stillup planned add --site SLUG --starts \"DAY 23:00\" \
             --time-zone Europe/Berlin --for 1h --rrule \"FREQ=WEEKLY;BYDAY=MO\"",
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
    let list = read(&files, &options(None)).unwrap();
    let urls: Vec<&str> = list.toml.lines().filter(|line| line.starts_with("url")).collect();
    assert_eq!(urls, ["url = \"https://b.example/\"", "url = \"https://a.example/\""]);
}

#[test]
fn variables_and_dollars_of_gatus_are_never_written_as_they_stand() {
    let list = list(
        "defaults: &usual\n  interval: 30s\n  client: {timeout: 3s}\nendpoints:\n  - <<: *usual\n    name: merged\n    url: https://merged.example/\n    \
         conditions: ['[STATUS] == 200', '[BODY].price == $$5', '[BODY].key == ${SECRET}', '[BODY] == pat(*cost $$5*)']\n  \
         - name: posts\n    url: https://posts.example/\n    method: POST\n    body: '{\"key\":\"${SECRET}\"}'\n    conditions: ['[STATUS] == 200']\n  \
         - name: signs\n    url: https://signs.example/\n    headers: {Authorization: 'Bearer ${SECRET}', X-Key: '${KEY}'}\n    conditions: ['[STATUS] == 200']\n  \
         - name: open\n    url: https://open.example/\n    conditions: ['[CONNECTED] == true']\n",
    );
    let sites = sites(&list);
    assert_eq!(
        sites[0],
        "url = \"https://merged.example/\"; name = \"merged\"; interval = \"30s\"; timeout = \"3s\"; expect_text = \"cost $5\"; \
         expect_json = { \"/price\" = \"$5\" }; aliases = [\"_merged\"]"
    );
    assert!(sites[1].contains("{ env = \"STILLUP_SIGNS_EXAMPLE_AUTHORIZATION\" }"), "{sites:?}");
    assert!(sites[1].contains("\"X-Key\" = { env = \"KEY\" }"), "{sites:?}");
    assert!(!list.toml.contains("SECRET}"), "{}", list.toml);
    let told = told(&list);
    for (label, why) in [
        ("merged", "without the condition \"[BODY].key == ${SECRET}\""),
        ("posts", "left out: its body has a variable in it"),
        ("open", "no condition there is about its status; here one of 400 and above is down"),
    ] {
        let lines = line_of(&told, label);
        assert!(lines.iter().any(|line| line.starts_with(why)), "{label}: {told:#?}");
    }
    assert!(list.report.iter().any(|line| line
        == "open: no condition there is about its status; here one of 400 and above is down"));
}

fn of_condition(conditions: &str) -> (String, Vec<String>) {
    let list = list(&format!(
        "endpoints:\n  - {{name: a, url: 'https://a.example/', conditions: [{conditions}]}}\n"
    ));
    let keys = sites(&list)[0].replace("url = \"https://a.example/\"; name = \"a\"; ", "");
    let keys = keys.replace("; aliases = [\"_a\"]", "").replace("aliases = [\"_a\"]", "");
    (keys, line_of(&told(&list), "a").into_iter().map(str::to_owned).collect())
}

#[test]
fn conditions_are_read_in_the_grammar_of_gatus_and_one_that_is_not_read_makes_no_status_good() {
    for (conditions, keys) in [
        ("'200 == [STATUS]'", ""),
        ("'[STATUS]  ==  204'", "expect_status = [\"204\"]"),
        ("'[STATUS] == pat(2*)'", ""),
        ("'[STATUS] == pat(40*)'", "expect_status = [\"400-409\"]"),
        ("'[STATUS] == any(200,429)'", "expect_status = [\"200\", \"429\"]"),
        ("'[STATUS] == 200', '[RESPONSE_TIME] < 1s'", "slow_after = \"1s\""),
        (
            "'[STATUS] == 200', '800 > [RESPONSE_TIME]', '[RESPONSE_TIME] < 2s'",
            "slow_after = \"800ms\"",
        ),
        ("'[STATUS] == 200', 'UP == [BODY].status'", "expect_json = { \"/status\" = \"UP\" }"),
        ("'[STATUS] == 200', 'pat(*ready*) == [BODY]'", "expect_text = \"ready\""),
        (
            "'[STATUS] == 200', '[BODY].version == 1.10'",
            "expect_json = { \"/version\" = \"1.10\" }",
        ),
        ("'[STATUS] == 200', '[BODY].count == 5'", "expect_json = { \"/count\" = 5 }"),
    ] {
        assert_eq!(of_condition(conditions).0, keys, "{conditions}");
    }
    for condition in [
        "[STATUS] != 500",
        "[STATUS]==200",
        "[STATUS] == pat(*)",
        "[STATUS] == pat(2?0)",
        "[STATUS] == ${CODE}",
        "[BODY].code == 007",
        "[BODY].nothing == null",
        "[BODY] == pat(**)",
        "[RESPONSE_TIME] > 5",
        "has([BODY].errors) == false",
        "[BODY].list[-1] == x",
    ] {
        let (keys, told) = of_condition(&format!("'{condition}'"));
        assert_eq!(keys, "", "{condition}: an answer of 500 must not become good");
        assert_eq!(told[0], format!("without the condition \"{condition}\""));
    }
}

#[test]
fn times_that_are_0_are_the_usual_ones_and_those_that_cannot_be_read_are_told() {
    let list = list(
        "endpoints:\n  - {name: zero, url: 'https://zero.example/', interval: 0s, client: {timeout: 0s, network: ip6}, conditions: ['[STATUS] == 200']}\n  \
         - {name: odd, url: 'https://odd.example/', interval: fast, client: {timeout: '${T}'}, conditions: ['[STATUS] == 200']}\n",
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"https://zero.example/\"; name = \"zero\"; aliases = [\"_zero\"]",
            "url = \"https://odd.example/\"; name = \"odd\"; aliases = [\"_odd\"]",
        ]
    );
    assert_eq!(
        told(&list),
        [
            "zero: without network, which has no match here",
            "odd: without interval \"fast\", which is no duration",
            "odd: without timeout \"${T}\", which is no duration",
        ]
    );
}

#[test]
fn variables_in_names_are_filled_in_and_several_documents_and_a_config_map_are_read() {
    let named = list(
        "endpoints:\n  - {name: '${SHOP_HOST} a', group: $SHOP_HOST, url: 'https://a.example/', conditions: ['[STATUS] == 200']}\n  \
         - {name: b, group: $NONE, url: 'https://b.example/', conditions: ['[STATUS] == 200']}\n",
    );
    assert_eq!(
        sites(&named),
        [
            "url = \"https://a.example/\"; name = \"shop.example a\"; tags = [\"shop-example\"]; aliases = [\"shop-example_shop-example-a\"]"
        ]
    );
    assert_eq!(told(&named), ["b: left out: its name needs the variable NONE, which is not set"]);
    let endpoint = |name: &str| {
        format!(
            "endpoints:\n- conditions:\n  - '[STATUS] == 200'\n  name: {name}\n  url: https://{name}.example/\n"
        )
    };
    let several = list(&format!("---\n{}---\n{}", endpoint("one"), endpoint("two")));
    assert_eq!(several.sites, 2, "{}", several.toml);
    let map = list(&format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: gatus}}\ndata:\n  notes: hello\n  config.yaml: |\n    {}---\n\
         apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: gatus}}\n",
        endpoint("three").replace('\n', "\n    ").trim_end_matches(' ')
    ));
    assert_eq!(
        sites(&map),
        ["url = \"https://three.example/\"; name = \"three\"; aliases = [\"_three\"]"]
    );
    assert!(told(&map)[0].starts_with("notes: left out: it "), "{:#?}", map.report);
}

#[test]
fn a_site_that_stands_twice_keeps_the_tags_and_keys_of_both() {
    let list = list(
        "endpoints:\n  - {name: a, group: Größe, url: 'https://a.example/', conditions: ['[STATUS] == 200']}\n  \
         - {name: b, group: y, url: 'https://a.example/', conditions: ['[STATUS] == 200']}\n  - null\n",
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"https://a.example/\"; name = \"a\"; tags = [\"gr-e\", \"y\"]; aliases = [\"größe_a\", \"y_b\"]"
        ]
    );
    assert_eq!(
        told(&list),
        ["y/b: left out: it is the same as \"Größe/a\"", "item 3: left out: it has no address"]
    );
}
