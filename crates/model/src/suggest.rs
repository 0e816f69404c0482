//! Suggestions for a text that cannot be probed as it is written. Pure.
//!
//! A suggestion is only ever offered, never taken.

use url::Host;

use super::target::Target;

/// Characters of a text that are read.
const MAX_LENGTH: usize = 500;

/// The short name of the site that may be meant; one that visitors may look up.
pub fn meant(text: &str) -> Option<String> {
    let text: String = text.chars().take(MAX_LENGTH).collect();
    let whole: String = text.split_whitespace().collect();
    text.split_whitespace().chain([&*whole]).find_map(read)
}

/// Reads a word without what people add by habit or mistype.
fn read(word: &str) -> Option<String> {
    let word = word.replace("[.]", ".").replace(',', ".").replace('\\', "/");
    let word = word.rsplit('@').next().unwrap_or_default();
    let slips = [":/", "//", "mailto:", "https:", "http:"];
    let cut = slips.into_iter().find_map(|slip| word.split_once(slip));
    let word = cut.map_or(word, |(_, rest)| rest);
    let edge = |c: char| !c.is_alphanumeric();
    let word = word.trim_matches(edge);
    let without_port = word.split(':').next().unwrap_or_default();
    [word, without_port].into_iter().find_map(|word| {
        let target = Target::read(word).and_then(Target::for_visitors).ok()?;
        // A number is not a mistyped name.
        matches!(target.url.host(), Some(Host::Domain(_))).then(|| target.key())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_a_name_is_found_again() {
        for (text, want) in [
            ("http://user:pw@slack.com/x", Some("slack.com")),
            ("me@slack.com", Some("slack.com")),
            ("mailto:me@slack.com", Some("slack.com")),
            ("ftp://slack.com", Some("slack.com")),
            ("hxxp://slack[.]com", Some("slack.com")),
            ("http:/slack.com", Some("slack.com")),
            ("http//slack.com", Some("slack.com")),
            ("https:slack.com", Some("slack.com")),
            ("slack .com", Some("slack.com")),
            ("slack,com", Some("slack.com")),
            ("slack.com!", Some("slack.com")),
            ("https://https://slack.com", Some("slack.com")),
            ("https:\\\\slack.com", Some("slack.com")),
            ("C:\\Windows\\system.ini", None),
            ("file:///etc/passwd", None),
            ("ftp://x", None),
            ("+31 6 12345678", None),
            ("*.slack.com", Some("slack.com")),
            ("is slack.com down?", Some("slack.com")),
            ("slack.com:22", Some("slack.com")),
            ("slack.com:99999", Some("slack.com")),
            ("a b.example", Some("b.example")),
            ("is slack down?", None),
            ("http://user:pw@host", None),
            ("127.0.0.1:22", None),
            ("me@127.0.0.1", None),
            ("printer.local", None),
            ("javascript:alert(1)", None),
            ("999.1.1.1", None),
            ("", None),
            ("😀", None),
        ] {
            assert_eq!(meant(text).as_deref(), want, "{text}");
        }
        assert_eq!(meant(&"a ".repeat(10_000)), None);
    }
}
