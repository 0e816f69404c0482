//! The catalogue by tables: what is read, and every sentence that a mistake gets.

use std::time::Duration;

use super::*;

fn parse(text: &str) -> Result<Catalogue, Vec<Problem>> {
    Catalogue::parse(text, "sites.toml", &Defaults::default())
}

fn told(text: &str) -> Vec<String> {
    parse(text).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn one_key_is_enough() {
    let catalogue = parse("\u{feff}[[site]]\r\nurl = \"https://slack.com/\"\r\n").unwrap();
    let site = &catalogue.sites()[0];
    assert_eq!((site.slug.as_str(), &*site.name), ("slack.com", "slack.com"));
    assert_eq!(site.interval, Duration::from_mins(1));
    assert_eq!(site.timeout, Duration::from_secs(10));
    assert_eq!((site.slow_after, &site.provider, site.private), (None, &None, false));
    assert!(site.expect.statuses.is_empty() && site.expect.text.is_none() && site.tags.is_empty());
}

#[test]
fn every_key_is_read() {
    let catalogue = parse(
        "[[site]]\nurl = \"http://Café.nl:8080/x\"\nname = \"Café\"\nslug = \"cafe\"\n\
         provider = \"aws\"\ninterval = \"1m30s\"\ntimeout = \"5s\"\nslow_after = \"500ms\"\n\
         expect_status = [200, \"204\", \"300-399\"]\nexpect_text = \" Koffie\"\nprivate = true\n\
         tags = [\"food\", \"dutch\"]\n",
    )
    .unwrap();
    let site = &catalogue.sites()[0];
    assert_eq!(site.url.as_str(), "http://xn--caf-dma.nl:8080/x");
    assert_eq!((site.slug.as_str(), &*site.name), ("cafe", "Café"));
    assert_eq!(site.provider.as_deref(), Some("aws"));
    assert_eq!(site.interval, Duration::from_secs(90));
    assert_eq!(site.timeout, Duration::from_secs(5));
    assert_eq!(site.slow_after, Some(Duration::from_millis(500)));
    assert_eq!(site.expect.statuses, [(200, 200), (204, 204), (300, 399)]);
    assert_eq!(site.expect.text.as_deref(), Some(" Koffie"));
    assert!(site.private);
    assert_eq!(site.tags, ["food".into(), "dutch".into()]);
    assert_eq!(catalogue.slugs().len(), 1);
}

#[test]
fn every_mistake_has_its_sentence() {
    for (line, want) in [
        ("interval = \"2s\"", "interval: \"2s\" is too short; use 5s or more"),
        ("interval = \"2d\"", "interval: \"2d\" is too long; use 1d or less"),
        ("interval = 60", "interval: 60 has no unit; write such as \"60s\""),
        ("interval = \"often\"", "interval: \"often\" is not a duration; write such as \"10s\""),
        ("timeout = \"50ms\"", "timeout: \"50ms\" is too short; use 100ms or more"),
        ("timeout = \"61s\"", "timeout: \"61s\" is too long; use 1m or less"),
        (
            "slow_after = \"10s\"",
            "slow_after: \"10s\" is never reached; use less than the timeout, 10s",
        ),
        ("name = \"\"", "name: is empty; write a text, or leave the key out"),
        ("name = 5", "name: 5 is not a text"),
        ("provider = \"AWS\"", "provider: \"AWS\" is not a word; use 1 to 40 of a-z, 0-9 and '-'"),
        ("private = 1", "private: 1 is not true or false"),
        ("expect_text = \"\"", "expect_text: is empty; write a text, or leave the key out"),
        ("expect_status = 200", "expect_status: must be a list: write expect_status = [ … ]"),
        (
            "expect_status = []",
            "expect_status: is an empty list; leave the key out for the usual statuses",
        ),
        (
            "expect_status = [\"399-200\"]",
            "expect_status: \"399-200\" is not a status; write such as \"204\" or \"200-399\"",
        ),
        (
            "expect_status = [600]",
            "expect_status: 600 is not a status; write such as \"204\" or \"200-399\"",
        ),
        ("tags = [\"a b\"]", "tags: \"a b\" is not a word; use 1 to 40 of a-z, 0-9 and '-'"),
        ("tags = [\"a\", \"a\"]", "tags: \"a\" is there twice"),
        ("intervall = \"60s\"", "intervall: is not a key here; did you mean interval?"),
    ] {
        let text = format!("[[site]]\nurl = \"https://a.nl/\"\n{line}\n");
        assert_eq!(told(&text), [format!("sites.toml:3: site \"a.nl\": {want}")], "{line}");
    }
}

#[test]
fn all_mistakes_of_a_file_are_told_at_once_in_their_order() {
    let text = "[[site]]\nname = \"x\"\n\n[[site]]\nurl = \"https://u:pw@a.nl/\"\n\
                interval = \"1s\"\nfoo = 1\n[[site]]\nurl = \"https://b.nl/\"\n[[site]]\n\
                url = \"https://b.nl/x\"\n[[site]]\nurl = \"https://c.nl/\"\nslug = \"api\"\n\
                [[site]]\nurl = \"http://status/\"\n[sites]\n";
    let keys = "url, slug, name, provider, interval, timeout, slow_after, expect_status, \
                expect_text, private, tags";
    assert_eq!(
        told(text),
        [
            "sites.toml:1: site no. 1: url: is missing; write such as url = \
             \"https://slack.com/\""
                .to_owned(),
            "sites.toml:5: site no. 2: url: must not hold a user name or password; anybody can \
             see it"
                .to_owned(),
            "sites.toml:6: site no. 2: interval: \"1s\" is too short; use 5s or more".to_owned(),
            format!("sites.toml:7: site no. 2: foo: is not a key here; use one of {keys}"),
            "sites.toml:11: site \"b.nl\": url: the slug \"b.nl\" is taken by the site at line 9; \
             remove one of the two, or give it another slug"
                .to_owned(),
            "sites.toml:14: site \"api\": slug: \"api\" is a page of ours; use another slug"
                .to_owned(),
            "sites.toml:16: site \"status\": url: its host cannot be the slug: \"status\" is a \
             page of ours; use another slug"
                .to_owned(),
            "sites.toml:17: sites: is not a key here; did you mean site?".to_owned(),
        ]
    );
}

#[test]
fn a_file_without_sites_is_not_a_catalogue() {
    for (text, want) in [
        (
            "# nothing\n",
            "sites.toml: there is no [[site]]; write one, and below it url = \"https://slack.com/\"",
        ),
        (
            "site = []",
            "sites.toml:1: site: is empty; write a [[site]], and below it url = \
             \"https://slack.com/\"",
        ),
        (
            "[site]\nurl = \"https://a.nl/\"",
            "sites.toml:1: site: is a list of sections: write [[site]], with two brackets",
        ),
        ("site = [1]", "sites.toml:1: site: is not a site: write [[site]], and its keys below it"),
    ] {
        assert_eq!(told(text), [want]);
    }
}

#[test]
fn what_is_not_toml_is_told_with_the_rest_and_hides_nothing_else() {
    let told = told(
        "[[site]]\nurl = https://a.nl/\n[[site]]\nurl = \"https://b.nl/\"\ninterval = \"1s\"\n\
         name = \"x\"\nname = \"y\"\n",
    );
    assert_eq!(
        told,
        [
            "sites.toml:2: this is not TOML: string values must be quoted, expected literal string",
            "sites.toml:5: site \"b.nl\": interval: \"1s\" is too short; use 5s or more",
            "sites.toml:7: this is not TOML: duplicate key",
        ]
    );
}

#[test]
fn ten_thousand_sites_are_read_one_by_one() {
    let text: String = (0..10_000)
        .map(|n| {
            format!("[[site]]\nurl = \"https://s{n}.nl/\"\ninterval = \"60s\"\ntags = [\"a\"]\n")
        })
        .collect();
    assert_eq!(parse(&text).unwrap().sites().len(), 10_000);
}

mod shipped;
