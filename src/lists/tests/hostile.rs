//! Text of any kind: what is no list is refused, and what is read is a catalogue.

use proptest::prelude::*;

use super::*;

#[test]
fn text_in_utf_16_and_with_a_mark_is_read_and_what_is_no_text_is_refused() {
    let wide = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    let with_mark = [vec![0xff, 0xfe], wide("caf\u{e9}.example\n")].concat();
    let list = read(&[&with_mark], &options(None)).unwrap();
    assert_eq!(sites(&list), ["url = \"https://caf\u{e9}.example\""]);
    let marked = read(&["\u{feff}url,name\na.example,A\n"], &options(None)).unwrap();
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
    let wrong = read(&["slack.com\n"], &options(Some(ListKind::Gatus)));
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
        if let Ok(list) = read(&[text], &options(None)) {
            let catalogue = Catalogue::parse(&list.toml, "list", &Defaults::default());
            prop_assert!(catalogue.is_ok(), "{:?}\n{}", catalogue, list.toml);
        }
    }

    #[test]
    fn no_text_breaks_a_reader(text in "\\PC{0,80}|([a-z]{1,9}:? ?[\\[\\]{}\"&*|>-]{0,3}\n? {0,4}){0,20}") {
        for (kind, _) in ListKind::ALL {
            drop(read(&[&text], &options(Some(kind))));
        }
        drop(read(&[&text], &options(None)));
    }
}
