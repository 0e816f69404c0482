//! openstatus: the monitors of its file.

use super::*;

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
    let all = read(&[OPENSTATUS], &ReadOptions { publish: true, ..options(None) }).unwrap();
    assert_eq!(all.sites, 2);
}

#[test]
fn a_monitor_of_openstatus_that_does_not_say_that_it_is_active_is_told() {
    let list = list(
        "\"a\":\n  name: A\n  kind: http\n  frequency: 1m\n  request: {url: \"https://a.example/\", method: POST, body: \"{}\"}\n  \
         assertions:\n    - {kind: statusCode, compare: not_eq, target: 500}\n    - {kind: textBody, compare: not_empty, target: \"\"}\n    \
         - {kind: textBody, compare: eq, target: \"ok\"}\n",
    );
    let told = told(&list);
    for want in [
        "it does not say \"active: true\", without which openstatus does not run it",
        "without the assertion textBody not_empty",
        "without the assertion textBody eq",
    ] {
        assert!(line_of(&told, "A").contains(&want), "{told:#?}");
    }
    assert!(
        sites(&list)[0].contains("expect_status = [\"100-499\", \"501-599\"]"),
        "{}",
        list.toml
    );
}

#[test]
fn the_list_of_a_file_and_the_answer_of_the_api_are_read_as_well() {
    let file = list(
        "monitors:\n  - name: Production\n    kind: http\n    active: true\n    public: true\n    frequency: often\n    degradedAfter: 3000\n    \
         request: {url: 'https://api.example/', headers: {Authorization: 'Bearer ${API_TOKEN}', X-Key: '${KEY}'}}\n    \
         assertions: [{kind: statusCode, compare: eq, target: two}, {kind: statusCode, compare: near, target: 200}]\n  \
         - {name: Db, kind: tcp, frequency: 5m, request: {host: db.example, port: 5432}}\n",
    );
    assert_eq!(
        sites(&file),
        [
            "url = \"https://api.example/\"; name = \"Production\"; slow_after = \"3s\"; headers = { \"Authorization\" = \
          { env = \"STILLUP_API_EXAMPLE_AUTHORIZATION\" }, \"X-Key\" = { env = \"KEY\" } }"
        ]
    );
    let lines = told(&file);
    assert!(lines.contains(&"Db: left out: it is a monitor of the kind tcp"));
    assert!(
        line_of(&lines, "Production").contains(&"without interval \"often\", which is no duration")
    );
    let answer = list(
        r#"[{"id":1,"periodicity":"10m","url":"https://www.example/","regions":["ams"],"name":"Api","method":"POST","body":"{\"hello\":\"world\"}",
        "headers":[{"key":"X-Key","value":"swordfish"}],"assertions":[{"type":"status","compare":"eq","target":201},
        {"type":"textBody","compare":"contains","target":"x"},{"type":"header","compare":"eq","key":"k","target":"v"}],
        "active":true,"public":true,"degradedAfter":null,"timeout":45000,"followRedirects":true,"jobType":"http"},
        {"id":2,"periodicity":"1m","url":"db.example:5432","name":"Tcp","active":true,"public":true,"jobType":"tcp"},
        {"id":3,"periodicity":"30s","url":"https://hidden.example","name":"Hidden","active":true,"public":false,"jobType":"http"}]"#,
    );
    assert_eq!(
        sites(&answer),
        [
            "url = \"https://www.example/\"; name = \"Api\"; interval = \"10m\"; timeout = \"45s\"; expect_status = [\"201\"]; expect_text = \"x\"; \
          method = \"POST\"; headers = { \"X-Key\" = { env = \"STILLUP_WWW_EXAMPLE_X_KEY\" } }; body = \"{\\\"hello\\\":\\\"world\\\"}\"; aliases = [\"1\"]"
        ]
    );
    let lines = told(&answer);
    assert!(
        lines.iter().any(|line| line.starts_with("Hidden: left out: it is not public there")),
        "{lines:#?}"
    );
    assert!(lines.contains(&"Api: without the assertion header eq"));
    assert!(!answer.toml.contains("swordfish"));
}

#[test]
fn a_monitor_that_does_not_say_that_it_is_public_is_read_and_told() {
    let list = list(
        "\"7\": {name: A, kind: http, active: true, frequency: 1m, request: {url: 'https://a.example/'}}\n",
    );
    assert_eq!(told(&list), ["A: it does not say \"public: true\"; all is public here"]);
    assert!(!list.incomplete);
}
