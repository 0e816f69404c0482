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
    let all = read(&[OPENSTATUS], &Reading { publish: true, ..reading(None) }).unwrap();
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
