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
