//! Plain lists and tables, the CSV of `UptimeRobot` among them.

use super::*;

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
fn a_quote_that_is_not_closed_loses_no_rows_in_silence() {
    let open = "url,name\nhttps://a.example/,A\n\"https://b.example/,B\nhttps://c.example/,C\n";
    let why = refused(open.as_bytes());
    assert!(why.contains("a quote in the row of line 3 is not closed"), "{why}");
    let inch =
        "url,name\nhttps://a.example/,5\" disk\n\"https://b.example/,B\nhttps://c.example/,C\n";
    assert!(refused(inch.as_bytes()).contains("line 3"));
    // An inch is no quote, and a name may have two lines.
    for text in
        ["url,name\nhttps://a.example/,5\" disk\n", "url,name\nhttps://a.example/,\"A\nB\"\n"]
    {
        assert_eq!(list(text).sites, 1, "{text}");
    }
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

#[test]
fn tables_of_other_services_are_read_by_what_their_columns_mean() {
    let list = list(
        "# of the other service; kept, by hand\nsep=;\nMonitor name;Website URL;Monitor type;Check interval (minutes);timeout_ms;State;Enabled;Method;Expected status code;Keyword;ID;Owner\n\
         Shop;https://shop.example;keyword_absence;5;3000;up;yes;GET;2xx;Oops;7;ann\n\
         Ping;10.0.0.1;Ping;1;;up;yes;;;;8;\n\
         Old;https://old.example;HTTP;1;;Paused;yes;;;;9;\n\
         Off;https://off.example;HTTP;1;;up;no;;;;10;\n\
         Head;https://head.example;HEAD;;;up;true;;204,404;;11;;more\n\
         Put;https://put.example;HTTP;;;up;true;PUT;;;12;\n",
    );
    assert_eq!(
        sites(&list),
        [
            "url = \"https://shop.example\"; name = \"Shop\"; interval = \"5m\"; timeout = \"3s\"; forbid_text = \"Oops\"; aliases = [\"7\"]",
            "# [[site]]; # url = \"https://old.example\"; # name = \"Old\"; # interval = \"1m\"; # aliases = [\"9\"]",
            "# [[site]]; # url = \"https://off.example\"; # name = \"Off\"; # interval = \"1m\"; # aliases = [\"10\"]",
            "url = \"https://head.example\"; name = \"Head\"; expect_status = [\"204\", \"404\"]; method = \"HEAD\"; aliases = [\"11\"]",
        ]
    );
    let told = told(&list);
    for want in [
        "Ping: left out: it is a monitor of the kind ping",
        "Put: left out: it is asked with PUT, and only GET, HEAD and POST are sent here",
        "Shop: without the columns \"owner\" of all rows, which are not known",
        "Head: without the cells beyond its columns",
    ] {
        assert!(told.contains(&want), "{want}: {told:#?}");
    }
    let cake = super::list(
        "\"Test ID\"|\"Test Name\"|\"WebsiteURL\"|\"TestType\"|\"CheckRate\"|\"Paused\"\n\"1\"|\"Home\"|\"https://sc.example\"|\"HTTP\"|\"300\"|\"false\"\n",
    );
    assert_eq!(
        super::sites(&cake),
        ["url = \"https://sc.example\"; name = \"Home\"; interval = \"5m\"; aliases = [\"1\"]"]
    );
}

#[test]
fn a_status_that_cannot_be_read_leaves_a_row_in_and_is_told() {
    let list = list("url,expect_status,interval\nhttps://a.example,2xx;3xx;x,abc\n");
    assert_eq!(sites(&list), ["url = \"https://a.example\""]);
    assert_eq!(
        told(&list),
        [
            "line 2: without interval \"abc\", which is no duration",
            "line 2: without the status \"x\""
        ]
    );
}

#[test]
fn marks_of_text_around_the_addresses_of_a_list_are_left_away() {
    let list = list(
        "// of the wiki\n* bullet.example\n- https://dash.example/a,b\n2. number.example Second\n\"quoted.example\"\n<https://angle.example/>\n\
         comma.example,A name\nhttps://semi.example;Other name\n2001:db8::1\nhttps://end.example/,\nhttp:/broken.example\n\
         https//slip.example\nC:\\lists\\hosts.txt\n*.wild.example\nhttps://unseen.example/\u{200b}\n",
    );
    let urls: Vec<String> =
        sites(&list).iter().map(|site| site.replace("; private = true", "")).collect();
    assert_eq!(
        urls,
        [
            "url = \"https://bullet.example\"",
            "url = \"https://dash.example/a,b\"",
            "url = \"https://number.example\"; name = \"Second\"",
            "url = \"https://quoted.example\"",
            "url = \"https://angle.example/\"",
            "url = \"https://comma.example\"; name = \"A name\"",
            "url = \"https://semi.example\"; name = \"Other name\"",
            "url = \"https://[2001:db8::1]\"",
            "url = \"https://end.example/\"",
            "url = \"https://unseen.example/\"",
        ]
    );
    assert_eq!(
        told(&list)[..4],
        [
            "line 11: left out: its address must begin with https:// or http://",
            "line 12: left out: its address \"https//slip.example\" is not a whole URL; write \"https://https//slip.example/\"",
            "line 13: left out: its address must begin with https:// or http://",
            "line 14: left out: no site can have its host \"*.wild.example\"",
        ]
    );
    for texts in [
        "[\"https://a.example\", \"b.example\"]",
        "- https://a.example\n- b.example\n",
        "https://a.example\rb.example\r",
    ] {
        let urls = super::sites(&super::list(texts));
        assert_eq!(urls, ["url = \"https://a.example\"", "url = \"https://b.example\""], "{texts}");
    }
}

#[test]
fn text_of_another_kind_is_never_taken_for_a_list_of_hosts() {
    for text in [
        "resource \"betteruptime_monitor\" \"this\" {\n  url = \"https://example.com\"\n  api_token = \"swordfish\"\n}\n",
        "#!/bin/sh\ncurl https://x.example/ | sh\nrm -r /tmp/x\n",
        "<!DOCTYPE html><html><body>\n<A HREF=\"https://x.example/\">x</A>\n</body></html>\n",
        "modules:\n  http_2xx: {prober: http, http: {basic_auth: {password: swordfish}}}\n",
        "services:\n  - name: legacy\n    url: https://legacy.example\n",
        "Event,Monitor,Date-Time,Reason\nUp,My site,2024-01-01 00:00:00,OK\n",
        "some\nwords\nof\nno use\n",
    ] {
        let why = refused(text.as_bytes());
        assert!(why.starts_with("is no list that is known here"), "{text}: {why}");
    }
    assert_eq!(
        refused(b"[[site]]\nurl = \"https://own.example/\"\n"),
        "is a catalogue already; stillup sites check validates it"
    );
    let hosts = read(&["router\nnas\n"], &options(Some(ListKind::Plain))).unwrap();
    assert_eq!(hosts.sites, 2, "names alone are hosts where somebody says so");
}
