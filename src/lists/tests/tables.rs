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
