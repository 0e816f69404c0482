//! Messages about mistakes in `stillup.toml`.

use super::told;

#[test]
fn every_mistake_has_its_sentence() {
    for (text, want) in [
        ("lisen = \"x\"", "lisen: is not a key here; did you mean listen?"),
        ("probe = 1", "probe: is a section: write [probe] on a line of its own"),
        (
            "public_url = \"up.example\"",
            "public_url: is not scheme and host; write such as \"https://up.example\"",
        ),
        (
            "public_url = \"https://u:pw@up.example/\"",
            "public_url: is not scheme and host; write such as \"https://up.example\"",
        ),
        (
            "public_url = \"https://up.example/x\"",
            "public_url: is not scheme and host; write such as \"https://up.example\"",
        ),
        (
            "region = \"Sydney\"",
            "region: \"Sydney\" is not a region: use 1 to 63 of a-z, 0-9 and '-'",
        ),
        ("data_dir = \" \"", "data_dir: is empty; write a text, or leave the key out"),
        (
            "database_url = \"u:pw@h\"",
            "database_url: is not the address of a Postgres; write such as \
             postgres://user:password@host:5432/database",
        ),
        ("probe.timeout = \"2m\"", "probe.timeout: \"2m\" is too long; use 1m or less"),
        ("probe.concurrency = 0", "probe.concurrency: 0 is too small; use 1 or more"),
        ("probe.concurrency = 10_001", "probe.concurrency: 10001 is too large; use 10000 or less"),
        ("probe.concurrency = 1.5", "probe.concurrency: 1.5 is not a whole number; use such as 1"),
        (
            "probe.user_agent = \"é\"",
            "probe.user_agent: \"é\" cannot be sent in a header; use plain ASCII",
        ),
        (
            "probe.max_body = \"1MB\"",
            "probe.max_body: \"1MB\" is not a size; write such as \"64KiB\" or \"1MiB\"",
        ),
        ("probe.max_body = 1", "probe.max_body: 1 is too small; use 1KiB or more"),
        ("probe.max_redirects = 51", "probe.max_redirects: 51 is too large; use 50 or less"),
        (
            "probe.nameservers = \"9.9.9.9\"",
            "probe.nameservers: must be a list: write nameservers = [ … ]",
        ),
        (
            "probe.nameservers = [\"dns.quad9.net\"]",
            "probe.nameservers: \"dns.quad9.net\" is not an address; write such as \"9.9.9.9\" \
             or \"9.9.9.9:53\"",
        ),
        (
            "probe.ca_file = \"/no/such.pem\"",
            "probe.ca_file: there is no file /no/such.pem; name one with certificates as PEM",
        ),
        (
            "judge.provider_ranges = \"/no/such\"",
            "judge.provider_ranges: /no/such: there is no such file; name a file with a provider \
             and a block of addresses on each line, or such as \"aws=ip-ranges.json\"",
        ),
        (
            "judge.provider_ranges = [\"aws=/no/such\"]",
            "judge.provider_ranges: /no/such: there is no such file; name a file with a provider \
             and a block of addresses on each line, or such as \"aws=ip-ranges.json\"",
        ),
        ("judge.provider_ranges = [7]", "judge.provider_ranges: 7 is not a text"),
        (
            "judge.controls = [true]",
            "judge.controls: true is not an address; write such as \"9.9.9.9\" or \"9.9.9.9:443\"",
        ),
        ("judge.down_after = 0", "judge.down_after: 0 is too small; use 1 or more"),
        ("judge.slow_floor = \"0s\"", "judge.slow_floor: \"0s\" is too short; use 1ms or more"),
        (
            "judge.quick_after = 1",
            "judge.quick_after: is less than slow_after, so a site would flap; raise it",
        ),
        (
            "judge.slow_after = 4",
            "judge.slow_after: is more than quick_after, so a site would flap; raise quick_after \
             too",
        ),
        ("lookup.enabled = \"yes\"", "lookup.enabled: \"yes\" is not true or false"),
        ("lookup.cache = 30", "lookup.cache: 30 has no unit; write such as \"30s\""),
        ("retention.checks = \"1h\"", "retention.checks: \"1h\" is too short; use 1d or more"),
        (
            "retention.journal = \"64KiB\"",
            "retention.journal: \"64KiB\" is too small; use 1MiB or more",
        ),
        ("web.title = \"a\\nb\"", "web.title: must be one line of at most 60 letters"),
        (
            "web.trusted_proxies = [\"proxy\"]",
            "web.trusted_proxies: \"proxy\" is not a block of addresses; write such as \
             \"10.0.0.0/8\"",
        ),
    ] {
        assert_eq!(told(text), [format!("stillup.toml:1: {want}")], "{text}");
    }
}

#[test]
fn what_is_not_toml_is_told_with_the_rest() {
    let told = told("listen = \n[lookup]\nenabeld = true\n");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("stillup.toml:1: this is not TOML: "), "{told:?}");
    assert!(told[1].starts_with("stillup.toml:3: lookup.enabeld: "), "{told:?}");
}

#[test]
fn keys_that_are_gone_are_refused_as_any_that_never_was() {
    let told = told("[lookup]\nadopt = 10\npropose_after = 20\n");
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].starts_with("stillup.toml:2: lookup.adopt: is not a key here"), "{told:?}");
    assert!(told[1].starts_with("stillup.toml:3: lookup.propose_after: is not"), "{told:?}");
}
