//! The catalogue by tables: what is read, and every sentence that a mistake gets.

use std::time::Duration;

use super::*;

fn parse(text: &str) -> Result<Catalogue, Vec<ConfigProblem>> {
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
         provider = \"aws\"\ndepends_on = [\"dyn\", \"my-auth\"]\ninterval = \"1m30s\"\ntimeout = \"5s\"\nslow_after = \"500ms\"\n\
         expect_status = [200, \"204\", \"300-399\"]\nexpect_text = \" Koffie\"\nprivate = true\n\
         tags = [\"food\", \"dutch\"]\n",
    )
    .unwrap();
    let site = &catalogue.sites()[0];
    assert_eq!(site.url.as_str(), "http://xn--caf-dma.nl:8080/x");
    assert_eq!((site.slug.as_str(), &*site.name), ("cafe", "Café"));
    assert_eq!(site.provider.as_deref(), Some("aws"));
    assert_eq!(site.depends_on, ["dyn".into(), "my-auth".into()]);
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
fn all_mistakes_of_a_file_are_told_at_once_in_their_order() {
    let text = "[[site]]\nname = \"x\"\n\n[[site]]\nurl = \"https://u:pw@a.nl/\"\n\
                interval = \"1s\"\nfoo = 1\n[[site]]\nurl = \"https://b.nl/\"\n[[site]]\n\
                url = \"https://b.nl/x\"\n[[site]]\nurl = \"https://c.nl/\"\nslug = \"api\"\n\
                [[site]]\nurl = \"http://status/\"\n[sites]\n";
    let keys = "url, slug, name, provider, depends_on, interval, timeout, slow_after, expect_status, \
                expect_text, private, tags, aliases";
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
        (
            "site = [1]",
            "sites.toml:1: site: is not a section: write [[site]], and its keys below it",
        ),
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
fn ten_thousand_sites_are_read() {
    let site = |n| format!("[[site]]\nurl = \"https://s{n}.nl/\"\ntags = [\"a\"]");
    let text = (0..10_000).map(site).collect::<Vec<_>>().join("\n");
    assert_eq!(parse(&text).unwrap().sites().len(), 10_000);
}

mod sentences;
mod shipped;

#[test]
fn two_sites_that_answer_to_one_alias_are_told_with_both_lines() {
    let text = "[[site]]\nurl = \"https://a.nl/\"\naliases = [\"12\", \"core_a\"]\n\
                [[site]]\nurl = \"https://b.nl/\"\naliases = [\n  \"13\",\n  \"12\",\n]\n\
                [[site]]\nurl = \"https://c.nl/\"\naliases = [\"14\", \"14\"]\n";
    assert_eq!(
        told(text),
        [
            "sites.toml:8: site \"b.nl\": aliases: \"12\" is an alias of \"a.nl\" already, at \
             line 3; remove one of the two",
            "sites.toml:12: site \"c.nl\": aliases: \"14\" is an alias of \"c.nl\" already, at \
             line 12; remove one of the two",
        ]
    );
}

#[test]
fn an_alias_that_is_the_slug_of_another_site_is_told_wherever_it_stands() {
    let before = "[[site]]\nurl = \"https://a.nl/\"\naliases = [\"b.nl\"]\n[[site]]\n\
                  url = \"https://b.nl/\"\n";
    assert_eq!(
        told(before),
        ["sites.toml:5: site \"b.nl\": url: the slug \"b.nl\" is an alias of \"a.nl\" already, \
          at line 3; remove one of the two"]
    );
    let after = "[[site]]\nurl = \"https://b.nl/\"\n[[site]]\nurl = \"https://a.nl/\"\n\
                 aliases = [\"b.nl\"]\n";
    assert_eq!(
        told(after),
        ["sites.toml:5: site \"a.nl\": aliases: \"b.nl\" is the slug of the site at line 2; \
          remove one of the two"]
    );
}
