//! Answers of hosted services: Better Stack, `UptimeRobot`, `StatusCake`.

use super::*;

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
fn one_test_of_statuscake_is_read_whole_and_a_list_of_them_says_what_it_does_not_know() {
    let whole = list(
        r#"{"data":{"id":"7","name":"Cake","website_url":"https://cake.example","test_type":"HTTP","check_rate":300,"find_string":"Yum",
        "do_not_find":false,"timeout":20,"paused":false,"status_codes":["500","503"],"tags":[],"follow_redirects":true,"use_jar":true,
        "host":"AWS","port":null}}"#,
    );
    assert_eq!(
        sites(&whole),
        [
            "url = \"https://cake.example\"; name = \"Cake\"; interval = \"5m\"; timeout = \"20s\"; expect_text = \"Yum\"; aliases = [\"7\"]"
        ]
    );
    assert!(told(&whole).contains(&"Cake: without use_jar, which has no match here"));
    let overview = list(
        r#"{"data":[{"id":"7","name":"Cake","website_url":"https://cake.example","test_type":"HTTP","check_rate":300,"contact_groups":[],
        "paused":false,"status":"up","tags":["a"],"uptime":100},
        {"id":"8","name":"Form","website_url":"https://form.example","test_type":"HTTP","check_rate":300,"paused":false,
        "post_body":"{\"password\":\"swordfish\"}","follow_redirects":true}],"metadata":{"page":1,"total_count":2}}"#,
    );
    let told = told(&overview);
    assert_eq!(
        line_of(&told, "Cake"),
        [
            "without what it asks for and expects, which a list does not say; read the answer of GET /v1/uptime/ID"
        ]
    );
    assert_eq!(line_of(&told, "Form"), ["left out: it sends a form; write the site by hand"]);
    assert!(overview.incomplete && !overview.toml.contains("swordfish"));
}

#[test]
fn a_keyword_that_is_found_in_any_case_there_is_told_to_be_found_as_it_is_written_here() {
    for case in ["1", "\"CaseInsensitive\""] {
        let list = list(&format!(
            r#"{{"monitors":[{{"id":1,"friendly_name":"Any","url":"https://a.example","type":2,"keyword_type":2,"keyword_value":"welcome",
            "keyword_case_type":{case},"interval":60,"status":2}}]}}"#
        ));
        assert!(sites(&list)[0].contains("expect_text = \"welcome\""));
        assert!(told(&list).contains(
            &"Any: its keyword is found there in capitals too, and here only as it is written"
        ));
    }
}

#[test]
fn what_is_no_monitor_of_better_stack_is_left_out_with_its_secret_address_and_one_monitor_is_read_alone()
 {
    let mixed = list(
        r#"{"data":[{"id":"1","type":"heartbeat","attributes":{"url":"https://uptime.betterstack.com/api/v1/heartbeat/swordfish","name":"Backup","period":86400}},
        {"id":"2","type":"monitor_group","attributes":{"name":"Backend"}},
        {"id":"3","type":"monitor","attributes":{"url":"https://a.example","monitor_type":"keyword","required_keyword":null,"pronounceable_name":"A",
         "ssl_expiration":-1,"domain_expiration":-1,"paused_at":null,"maintenance_from":"01:00:00","maintenance_to":"03:00:00"}},
        {"id":"4","type":"monitor","attributes":{"url":"https://b.example","monitor_type":"expected_status_code","expected_status_codes":[],"pronounceable_name":"B"}}]}"#,
    );
    assert_eq!(mixed.sites, 2, "{}", mixed.toml);
    assert_eq!(
        told(&mixed),
        [
            "Backup: left out: it is a heartbeat, and not a monitor",
            "Backend: left out: it is a monitor group, and not a monitor",
            "A: without its keyword, which is not there",
            "A: without its maintenance windows; write them as planned work: stillup planned add",
            "B: without its statuses, which are not there",
        ]
    );
    assert!(!mixed.toml.contains("swordfish") && !mixed.report.concat().contains("swordfish"));
    let one = list(
        r#"{"data":{"id":"2","type":"monitor","attributes":{"url":"https://one.example","monitor_type":"status"}}}"#,
    );
    assert_eq!(sites(&one), ["url = \"https://one.example\"; aliases = [\"2\"]"]);
}

#[test]
fn logins_and_forms_of_uptimerobot_are_sent_as_they_are_meant_or_left_out() {
    let list = list(
        r#"{"data":[
        {"id":1,"friendlyName":"A &amp; B","url":"https://a.example/?a=1&amp;b=2","type":"HTTP","interval":60,"authType":"BEARER","httpPassword":"swordfish"},
        {"id":2,"friendlyName":"Digest","url":"https://b.example/","type":"HTTP","interval":60,"authType":"DIGEST","httpUsername":"u","httpPassword":"swordfish"},
        {"id":3,"friendlyName":"Form","url":"https://c.example/","type":"HTTP","interval":60,"httpMethodType":"POST","postValueType":"KEY_VALUE","postValueData":{"a":"b"}},
        {"id":4,"friendlyName":"Json","url":"https://d.example/","type":"HTTP","interval":60,"httpMethodType":"POST","postValueType":"RAW_JSON","postValueData":"{\"a\":1}"},
        {"id":5,"friendlyName":"Slow","url":"https://e.example/","type":"HTTP","interval":60,"responseTimeThreshold":2000,"checkSSLErrors":false,
         "maintenanceWindows":[{"id":1}],"config":{"ipVersion":null},"custom_http_statuses":{"up":[],"down":[]}}]}"#,
    );
    let sites = sites(&list);
    assert!(
        sites[0].starts_with("url = \"https://a.example/?a=1&b=2\"; name = \"A & B\""),
        "{sites:?}"
    );
    assert!(
        sites[0].contains("\"Authorization\" = { env") && !sites[1].contains("headers"),
        "{sites:?}"
    );
    assert!(
        sites[2].contains("\"Content-Type\" = \"application/json\"")
            && sites[2].contains("body = "),
        "{sites:?}"
    );
    assert!(sites[3].contains("slow_after = \"2s\""), "{sites:?}");
    let told = told(&list);
    for want in [
        "Form: left out: it sends a form; write the site by hand",
        "A & B: its token is sent as a header: \"Bearer \" and the token",
        "Digest: without its login by digest",
        "Slow: an answer that comes too late is an incident there, and slow here",
        "Slow: without ignoring faults of its certificate: a bad certificate is down here",
        "Slow: without its maintenance windows; write them as planned work: stillup planned add",
    ] {
        assert!(told.contains(&want), "{want}: {told:#?}");
    }
    assert_eq!(line_of(&told, "Slow").len(), 3, "{told:#?}");
    assert!(!list.toml.contains("swordfish") && !told.concat().contains("swordfish"));
    let older = super::list(
        r#"{"stat":"ok","monitors":[{"id":1,"friendly_name":"Form","url":"https://a.example","type":1,"http_method":3,"post_type":1,"post_value":"{\"a\":\"b\"}"},
        {"id":2,"friendly_name":"Raw","url":"https://b.example","type":1,"http_method":3,"post_type":2,"post_content_type":1,"post_value":"{\"a\":1}","http_auth_type":2,"http_username":"u"}]}"#,
    );
    assert_eq!(older.sites, 1);
    assert!(
        older.toml.contains("application/json") && !older.toml.contains("Authorization"),
        "{}",
        older.toml
    );
}

#[test]
fn a_test_of_statuscake_that_names_a_host_alone_is_one_of_plain_http() {
    let list = list(
        r#"{"data":[{"id":"3","name":"Host","website_url":"www.c.example","test_type":"HTTP","check_rate":60,"timeout":15,"post_body":"","find_string":""}]}"#,
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"http://www.c.example\"; name = \"Host\"; interval = \"1m\"; timeout = \"15s\"; aliases = [\"3\"]"
        ]
    );
}
