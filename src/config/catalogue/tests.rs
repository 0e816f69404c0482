//! The catalogue by tables: what is read, and every sentence that a mistake gets.

use std::time::Duration;

use super::*;
use model::{site_request::Method, site_request::Secret};

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
                expect_text, forbid_text, expect_json, method, headers, body, max_redirects, \
                status_page, private, tags, aliases";
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

#[test]
fn a_request_of_its_own_is_read_and_its_secrets_stay_where_they_are() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("key"), "from a file\n").unwrap();
    let text = "[[site]]\nurl = \"https://a.nl/\"\nmethod = \"post\"\nbody = \"{}\"\n\
                max_redirects = 0\nforbid_text = \"oops\"\nstatus_page = \"https://status.a.nl/\"\n\
                expect_json = { \"/status\" = \"ok\", \"/load\" = 1, \"/up\" = true }\n\
                headers = { X-Plain = \"as it is\", X-File = { file = \"key\" }, \
                X-Env = { env = \"CARGO_PKG_NAME\" }, X-Unset = { env = \"NO_SUCH_VARIABLE\" } }\n";
    let file = dir.path().join("sites.toml").display().to_string();
    let catalogue = Catalogue::parse(text, &file, &Defaults::default()).unwrap();
    let Site { request, expect, status_page, .. } = &*catalogue.sites()[0];
    assert_eq!((request.method, request.max_redirects), (Method::Post, Some(0)));
    assert_eq!(request.body.as_ref().map(Secret::expose), Some("{}"));
    let headers: Vec<_> = request
        .headers
        .iter()
        .map(|header| (&*header.name, header.value.as_ref().map(Secret::expose), header.hidden))
        .collect();
    assert_eq!(
        headers,
        [
            ("x-env", Some("stillup"), true),
            ("x-file", Some("from a file"), true),
            ("x-plain", Some("as it is"), false),
            ("x-unset", None, true),
        ]
    );
    assert_eq!(expect.forbidden_text.as_deref(), Some("oops"));
    let json: Vec<_> = expect.json.iter().map(|j| (&*j.pointer, j.value.to_string())).collect();
    assert_eq!(json, [("/load", "1".into()), ("/status", "\"ok\"".into()), ("/up", "true".into())]);
    assert_eq!(status_page.as_deref(), Some("https://status.a.nl/"));
    let unset: Vec<String> = catalogue.missing_secrets().iter().map(ToString::to_string).collect();
    assert_eq!(
        unset,
        [format!(
            "{file}:9: site \"a.nl\": headers: x-unset: there is no environment variable \"NO_SUCH_VARIABLE\"; set it"
        )]
    );
    std::fs::write(&file, text).unwrap();
    assert_eq!(Catalogue::load(Path::new(&file), &Defaults::default()).unwrap_err().len(), 1);
}

#[test]
fn a_wrong_request_is_told_without_its_secrets() {
    for (keys, want) in [
        ("method = \"PUT\"", "method: \"PUT\" is not a method here; use GET, HEAD or POST"),
        ("body = \"swordfish\"", "body: is sent with a POST alone; write method = \"POST\""),
        (
            "method = \"HEAD\"\nexpect_text = \"a\"",
            "expect_text: needs a page, and a HEAD has none; use GET",
        ),
        (
            "headers = \"swordfish\"",
            "headers: must be a table; write headers = { X-Key = { env = \"NAME\" } }",
        ),
        (
            "headers = { Host = \"swordfish\" }",
            "headers: \"Host\": is set by the prober itself; leave it out",
        ),
        ("headers = { \"a b\" = \"swordfish\" }", "headers: \"a b\": is not the name of a header"),
        (
            "headers = { x = \"swordfish\", X = \"swordfish\" }",
            "headers: \"x\": is there twice, whatever the case of its letters",
        ),
        (
            "headers = { x = \"sword\\nfish\" }",
            "headers: \"x\": cannot be sent in a header; use at most 8192 letters on one line",
        ),
        (
            "headers = { x = 7 }",
            "headers: \"x\": must be a text, { env = \"NAME\" } or { file = \"path\" }",
        ),
        (
            "headers = { x = { env = \"A\", file = \"b\" } }",
            "headers: \"x\": must be a text, { env = \"NAME\" } or { file = \"path\" }",
        ),
        (
            "expect_json = {}",
            "expect_json: must be a table; write expect_json = { \"/status\" = \"ok\" }",
        ),
        (
            "expect_json = { status = \"ok\" }",
            "expect_json: \"status\" is not a pointer into JSON; write such as \"/status\"",
        ),
        (
            "expect_json = { \"/a~2\" = 1 }",
            "expect_json: \"/a~2\" is not a pointer into JSON; write such as \"/status\"",
        ),
        (
            "expect_json = { \"/a\" = [1] }",
            "expect_json: \"/a\": must be a text, a number, true or false",
        ),
        (
            "expect_text = \"all fine\"\nforbid_text = \"fine\"",
            "forbid_text: is part of expect_text, so no page could be good",
        ),
        ("max_redirects = 51", "max_redirects: 51 is too large; use 50 or less"),
        (
            "status_page = \"status.a.nl\"",
            "status_page: \"status.a.nl\" is not a whole URL; write \"https://status.a.nl/\"",
        ),
    ] {
        let told = told(&format!("[[site]]\nurl = \"https://a.nl/\"\n{keys}\n"));
        assert_eq!(told.len(), 1, "{keys}: {told:?}");
        assert!(told[0].ends_with(&format!("site \"a.nl\": {want}")), "{keys}: {told:?}");
        assert!(!told[0].contains("swordfish") && !told[0].contains("sword"), "{told:?}");
    }
}

#[test]
fn a_folder_is_one_catalogue_and_names_taken_twice_are_told_with_both_places() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(dir.path().join(name), text).unwrap();
    write("b.toml", "\u{feff}[[site]]\nurl = \"https://b.nl/\"\naliases = [\"7\"]\n");
    write("a.toml", "site = [{ url = \"https://a.nl/\", tags = [\"x\"] }]\n");
    write("empty.toml", "# nothing yet\n");
    write("readme.md", "not TOML");
    write(".hidden.toml", "not TOML");
    std::fs::create_dir(dir.path().join("folder.toml")).unwrap();
    let load = || Catalogue::load(dir.path(), &Defaults::default());
    let catalogue = load().unwrap();
    assert_eq!(catalogue.slugs().map(Slug::as_str).collect::<Vec<_>>(), ["a.nl", "b.nl"]);
    let copy = Catalogue::parse(catalogue.text(), "copy", &Defaults::default()).unwrap();
    assert_eq!(copy.sites(), catalogue.sites());

    write(
        "c.toml",
        "[[site]]\nurl = \"https://c.nl/\"\naliases = [\"7\"]\n[[site]]\nurl = \"http://a.nl/\"\n",
    );
    let place = |name: &str, line: usize| format!("{}:{line}", dir.path().join(name).display());
    let told: Vec<String> = load().unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            format!(
                "{}: site \"c.nl\": aliases: \"7\" is an alias of \"b.nl\" already, at {}; remove one of the two",
                place("c.toml", 3),
                place("b.toml", 3)
            ),
            format!(
                "{}: site \"a.nl\": url: the slug \"a.nl\" is taken by the site at {}; remove one of the two, or give it another slug",
                place("c.toml", 5),
                place("a.toml", 1)
            ),
        ]
    );
    let empty = tempfile::tempdir().unwrap();
    let told = Catalogue::load(empty.path(), &Defaults::default()).unwrap_err();
    assert!(told[0].to_string().ends_with("has no [[site]] in any file *.toml"), "{told:?}");
}
