//! Messages about mistakes in a site.

use super::told;

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
        (
            "name = \"a\\u202eb\"",
            "name: has a character that hides or reorders others (U+202E); leave it out",
        ),
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
            "expect_status = [1000]",
            "expect_status: 1000 is not a status; write such as \"204\" or \"200-399\"",
        ),
        ("tags = [\"a b\"]", "tags: \"a b\" is not a word; use 1 to 40 of a-z, 0-9 and '-'"),
        ("tags = [\"a\", \"a\"]", "tags: \"a\" is there twice"),
        ("intervall = \"60s\"", "intervall: is not a key here; did you mean interval?"),
    ] {
        let text = format!("[[site]]\nurl = \"https://a.nl/\"\n{line}\n");
        assert_eq!(told(&text), [format!("sites.toml:3: site \"a.nl\": {want}")], "{line}");
    }
}
