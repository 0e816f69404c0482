//! The shipped catalogue: true, and with the sites that people ask about.

use super::parse;

#[test]
fn the_shipped_catalogue_has_what_people_ask_about() {
    let text = include_str!("../../../../sites.toml");
    let named = text.lines().filter(|line| line.starts_with("name = ")).count();
    let catalogue = parse(text).unwrap();
    assert_eq!(named, catalogue.sites().len(), "each has a name for people");
    let sites = catalogue.sites();
    assert!(sites.len() >= 120, "{}", sites.len());
    let urls: std::collections::HashSet<&str> = sites.iter().map(|s| s.url.as_str()).collect();
    assert_eq!(urls.len(), sites.len());
    let plain = sites.iter().find(|s| s.url.scheme() != "https" || s.tags.is_empty());
    assert_eq!(plain, None);
    let there: std::collections::HashSet<&str> = sites.iter().map(|s| &*s.name).collect();
    for name in [
        "Slack",
        "Medium",
        "BuzzFeed",
        "Netflix",
        "Spotify",
        "Snapchat",
        "Amazon",
        "Amazon Web Services",
        "Google",
        "Microsoft",
        "GitHub",
        "NU.nl",
        "NOS",
        "bol",
        "Marktplaats",
        "DigiD",
        "ING",
        "Rabobank",
        "ABN AMRO",
        "Ziggo",
        "KPN",
        "NS",
        "Odido",
    ] {
        assert!(there.contains(name), "{name}");
    }
}
