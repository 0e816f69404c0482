//! Uptime Kuma: backups of version 1 and rows of version 2.

use super::*;

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

#[test]
fn a_paused_group_pauses_its_monitors_whatever_they_say_themselves() {
    let list = list(
        r#"[{"id":1,"name":"Old office","type":"group","active":0,"parent":null},
        {"id":2,"name":"Floor 2","type":"group","active":1,"parent":1},
        {"id":3,"name":"Round","type":"group","active":1,"parent":4},{"id":4,"name":"Again","type":"group","active":1,"parent":3},
        {"id":10,"name":"Printer","type":"http","url":"https://printer.example/","active":1,"parent":2,"interval":60},
        {"id":11,"name":"Door","type":"http","url":"https://door.example/","active":1,"parent":1,"interval":60},
        {"id":12,"name":"Forced","type":"http","url":"https://forced.example/","active":true,"forceInactive":true},
        {"id":13,"name":"Well","type":"http","url":"https://well.example/","active":1,"parent":3,"interval":60}]"#,
    );
    assert!(
        list.sites == 1 && list.toml.contains("\nurl = \"https://well.example/\""),
        "{}",
        list.toml
    );
    for name in ["printer", "door", "forced"] {
        assert!(list.toml.contains(&format!("# url = \"https://{name}.example/\"")), "{name}");
    }
    let told = told(&list);
    for label in ["Printer", "Door", "Forced"] {
        assert!(
            line_of(&told, label).contains(&"it is paused there, so it is a comment"),
            "{told:#?}"
        );
    }
}

#[test]
fn a_monitor_that_takes_every_status_takes_it_here_too() {
    let list = list(
        r#"{"monitorList":[{"id":1,"name":"Any","type":"http","url":"https://any.example/","active":true,
        "accepted_statuscodes":["100-199","200-299","300-399","400-499","500-599"]}]}"#,
    );
    assert!(sites(&list)[0].contains("expect_status = [\"100-599\"]"), "{}", list.toml);
}

#[test]
fn what_kuma_does_not_say_or_says_unreadably_is_told_and_never_guessed() {
    let list = list(
        r#"[{"id":1,"name":"Empty","type":"keyword","url":"https://a.example/","keyword":"","active":1,"interval":60},
        {"id":2,"name":"Broken","type":"http","url":"https://b.example/","accepted_statuscodes_json":"[\"200-299\"","active":1,"interval":60},
        {"id":3,"name":"Soon","type":"http","url":"https://c.example/","active":1,"interval":"soon"},
        {"id":4,"name":"Version","type":"json-query","url":"https://d.example/","json_path":"$.version","expected_value":"1.10","active":1},
        {"id":5,"name":"Count","type":"json-query","url":"https://e.example/","json_path":"count","expected_value":"5","active":1},
        {"id":6,"name":"Less","type":"json-query","url":"https://f.example/","json_path":"count","expected_value":"5","json_path_operator":"<","active":1},
        {"id":7,"name":"Tagged","type":"http","url":"https://g.example/","active":1,"tags":"prod, eu","description":"of the shop","maxredirects":100}]"#,
    );
    let keys = |place: usize, key: &str| sites(&list)[place].contains(key);
    assert!(!keys(0, "expect_text") && !keys(1, "expect_status") && !keys(2, "interval"));
    assert!(keys(3, "expect_json = { \"/version\" = \"1.10\" }"), "{}", list.toml);
    assert!(keys(4, "expect_json = { \"/count\" = 5 }") && !keys(5, "expect_json"));
    assert!(keys(6, "tags = [\"prod\", \"eu\"]") && !keys(6, "max_redirects"));
    let told = told(&list);
    for (label, why) in [
        ("Empty", "without its keyword, which is not there"),
        ("Broken", "without the status [\"200-299\""),
        ("Soon", "without interval \"soon\", which is no duration"),
        (
            "Count",
            "the number 5 is expected at \"/count\"; write it in quotes if it is a text there",
        ),
        ("Less", "without its query of JSON, which is more than a path and a value"),
        ("Tagged", "without description, which has no match here"),
        ("Tagged", "without max_redirects: 100 is too large; use 50 or less"),
    ] {
        assert!(line_of(&told, label).contains(&why), "{label}: {told:#?}");
    }
}

#[test]
fn secrets_in_bodies_and_addresses_leave_a_monitor_out_and_other_tokens_are_another_monitor() {
    let list = list(
        r#"{"monitorList":[
        {"id":1,"name":"One","type":"http","url":"https://api.example/","authMethod":"bearer","bearer_token":"swordfish"},
        {"id":2,"name":"Two","type":"http","url":"https://api.example/","authMethod":"bearer","bearer_token":"swordfish2"},
        {"id":3,"name":"Key","type":"http","url":"https://api.example/","authMethod":"basic","basic_auth_user":"","basic_auth_pass":"swordfish"},
        {"id":4,"name":"Form","type":"http","url":"https://form.example/","method":"POST","body":"user=a&password=swordfish"},
        {"id":5,"name":"Query","type":"http","url":"https://q.example/?a=1&access_token=swordfish"},
        {"id":6,"name":"Empty","type":"http","url":"https://q.example/?token=&a=1"},
        {"id":7,"name":"Login","type":"http","url":"https://u:swordfish@u.example/"}]}"#,
    );
    assert_eq!(list.sites, 4, "{}", list.toml);
    assert_eq!(list.toml.matches("\"Authorization\" = { env =").count(), 3, "{}", list.toml);
    let told = told(&list);
    for want in [
        "Form: left out: its body may hold a secret (password); write the site by hand",
        "Query: left out: its address may hold a secret (access_token), and anybody can see it here",
        "One: its token is sent as a header: \"Bearer \" and the token",
    ] {
        assert!(told.contains(&want), "{told:#?}");
    }
    assert!(!list.toml.contains("swordfish") && !list.report.concat().contains("swordfish"));
}

#[test]
fn rows_that_stand_one_a_line_are_read_and_a_name_that_turns_text_around_is_not_printed() {
    let list = list(
        "{\"id\":1,\"name\":\"A\",\"type\":\"http\",\"url\":\"https://a.example/\",\"interval\":60,\"active\":1}\n\
         {\"id\":2,\"name\":\"gnp\u{202e}B\",\"type\":\"http\",\"url\":\"https://b.example/\",\"interval\":60,\"active\":1}\n",
    );
    assert_eq!(list.sites, 2);
    assert!(
        !list.toml.contains('\u{202e}') && !list.report.concat().contains('\u{202e}'),
        "{:#?}",
        list.report
    );
}
