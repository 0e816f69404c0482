//! URLs and slugs by tables.

use proptest::prelude::*;

use super::*;

#[test]
fn urls_are_read_or_refused_with_what_would_be_right() {
    for (text, want) in [
        ("slack.com", "\"slack.com\" is not a whole URL; write \"https://slack.com/\""),
        ("ftp://slack.com/", "\"ftp\" is not watched; use http or https"),
        ("https:slack.com", "must begin with https:// or http://"),
        ("u:pw@slack.com", "must begin with https:// or http://"),
        ("u:pw@h/://x", "must begin with https:// or http://"),
        ("https://", "is not a URL: empty host"),
        (
            "https://a.example/x\n/y",
            "must not hold a line break, a tab or another control character",
        ),
        ("https://./", "has no host; write such as \"https://slack.com/\""),
        ("https://a b/", "is not a URL: invalid international domain name"),
        ("https://u:pw@slack.com/", "must not hold a user name or password; anybody can see it"),
        ("https://u@slack.com/", "must not hold a user name or password; anybody can see it"),
        ("https://slack.com/#a", "must not hold a fragment; leave out '#' and what follows it"),
        ("https://slack.com:0/", "has port 0, which nothing listens on"),
        ("https://slack.com:99999/", "is not a URL: invalid port number"),
    ] {
        assert_eq!(url(text).unwrap_err(), want, "{text}");
    }
    for text in
        ["http://a..b.test/", &format!("http://{}.test/", "a".repeat(64)), "http://a.test../"]
    {
        let why = url(text).unwrap_err();
        assert!(
            why.starts_with("has a host that no name server can be asked for"),
            "{text}: {why}"
        );
    }
    // Browsers look these up.
    for text in ["http://_x.test/", "http://-a.test/", "https://a-.test/", "http://a.test./"] {
        assert!(url(text).is_ok(), "{text}");
    }
    let long = format!("https://a.nl/{}", "a".repeat(MAX_URL));
    assert_eq!(url(&long).unwrap_err(), "is longer than 2048 letters");
}

#[test]
fn a_site_is_called_by_its_host() {
    for (text, want) in [
        ("https://Slack.com/x?y", "slack.com"),
        ("https://slack.com.:443/", "slack.com"),
        ("http://slack.com:443/", "slack.com:443"),
        ("https://café.nl/", "xn--caf-dma.nl"),
        ("http://[::1]:8080/", "[::1]:8080"),
        ("HTTP://127.1/", "127.0.0.1"),
        ("http://intranet/", "intranet"),
    ] {
        let called = host_and_port(&url(text).unwrap());
        assert_eq!(called, want);
        assert!(slug(&called).is_ok(), "{called}");
    }
}

#[test]
fn no_slug_stands_in_the_way_of_a_page() {
    for ours in RESERVED_NAMES {
        let told = slug(ours).unwrap_err();
        assert_eq!(told, format!("{ours:?} is a page of ours; use another slug"));
    }
    for (text, want) in [
        (
            "slack.com.json",
            "\"slack.com.json\" ends with .json, which is another form of a page of ours; \
             use another slug",
        ),
        (
            "Slack",
            "\"Slack\" is not a slug: use 1 to 253 of a-z, 0-9, '.', '-', '_' and ':', \
             beginning with a letter or digit",
        ),
    ] {
        assert_eq!(slug(text).unwrap_err(), want);
    }
}

proptest! {
    #[test]
    fn no_text_breaks_the_readers_and_what_is_read_can_be_called(
        text in "\\PC{0,30}|https?://[a-zé0-9.\\[\\]:@-]{0,20}(:[0-9]{0,6})?(/[ -~]{0,8})?",
    ) {
        let _ = slug(&text);
        if let Ok(url) = url(&text) {
            prop_assert!(url.username().is_empty() && url.password().is_none());
            prop_assert!(!host_and_port(&url).is_empty());
        }
    }
}
