//! Search for the site of a catalogue that a text names: by slug, URL, host or name for people.
//! Pure.
//!
//! A text never names a site at another port than it says, nor does a text that could not be probed
//! as it is written name any site.

use url::Url;

use super::{site::Site, target::Target};
use crate::domain::readable;

/// Longest text that is read, in bytes.
const MAX_LENGTH: usize = 2_048;

/// The site that a text names: by its slug or its URL, else by its host. A path may be dropped.
///
/// A text with a port names only a site with the same port, and http and https are one where
/// neither says a port; a bare host names a site at the web's own ports, or one whose slug it is.
/// `www.` may be there or not.
pub fn named<'a>(sites: impl Iterator<Item = &'a Site>, text: &str) -> Option<&'a Site> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_LENGTH {
        return None;
    }
    let slug = text.to_lowercase();
    let meant = Meant::read(text);
    let rank = |site: &Site| {
        if site.slug.as_str() == slug {
            return Some((0, 0));
        }
        meant.as_ref()?.rank(site)
    };
    let ranked = sites.filter_map(|site| Some((rank(site)?, site)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, site)| site)
}

/// The site with this text as its name for people. A site whose name is its host is found by
/// [`named`] alone, which minds the port.
pub fn called<'a>(mut sites: impl Iterator<Item = &'a Site>, text: &str) -> Option<&'a Site> {
    let text = text.trim().to_lowercase();
    let is_host = |site: &Site| site.url.host_str().is_some_and(|host| readable(host) == text);
    sites.find(|site| site.name.to_lowercase() == text && !is_host(site))
}

/// A readable text, and how much of a URL it spelled out.
struct Meant {
    target: Target,
    /// Neither scheme nor port was written.
    bare: bool,
}

impl Meant {
    fn read(text: &str) -> Option<Self> {
        let target = Target::read(text).ok()?;
        // The port that https has anyway is lost in a URL of https, but not in one of http.
        let tls_written = || {
            let url = Url::parse(&format!("http://{}", text.trim_start_matches('/')));
            url.is_ok_and(|url| url.port() == Some(443))
        };
        let guessed = target.url.scheme() == "https" && target.url.port().is_none();
        let bare = !target.scheme_written && guessed && !tls_written();
        Some(Self { target, bare })
    }

    /// Rank of a site's fit, the best least; `None` when it does not fit.
    fn rank(&self, site: &Site) -> Option<(u8, u8)> {
        let (url, host) = (&self.target.url, self.target.host());
        if *url == site.url {
            return Some((1, 0));
        }
        let there = site.url.host_str().unwrap_or_default().trim_end_matches('.');
        let same_port = site.url.port_or_known_default() == Some(self.target.port());
        let fits = same_port && (!self.target.scheme_written || site.url.scheme() == url.scheme());
        let plain = self.bare && site.url.port_or_known_default() == Some(80);
        let pasted =
            self.target.scheme_written && url.port().is_none() && site.url.port().is_none();
        let class = match (site.slug.as_str(), there) {
            (slug, _) if self.bare && slug == host => 2,
            (_, there) if fits && there == host => 3,
            (_, there) if plain && there == host => 4,
            (slug, _) if self.bare && bare(slug) == bare(host) => 5,
            (_, there) if fits && bare(there) == bare(host) => 6,
            (_, there) if plain && bare(there) == bare(host) => 7,
            // Who pastes http:// means the site, wherever it has moved to.
            (_, there) if pasted && bare(there) == bare(host) => 8,
            _ => return None,
        };
        let path = match site.url.path() {
            path if path == url.path() => 0,
            "/" => 1,
            _ => 2,
        };
        Some((class, path))
    }
}

fn bare(host: &str) -> &str {
    host.strip_prefix("www.").unwrap_or(host)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::name::Slug;

    fn site(slug: &str, url: &str) -> Site {
        Site::new(Slug::new(slug).unwrap(), url.parse().unwrap())
    }

    fn sites() -> [Site; 9] {
        [
            site("127.0.0.1:18291", "http://127.0.0.1:18291/"),
            site("127.0.0.1:18299", "http://127.0.0.1:18299/"),
            site("good", "http://127.0.0.1:18300/health"),
            site("slack.com", "https://slack.com/"),
            site("www.gov.uk", "https://www.gov.uk/"),
            site("plain.example:80", "http://plain.example/"),
            site("app.example", "https://app.example:8443/"),
            site("docs", "https://pages.example/docs"),
            site("blog", "https://pages.example/blog"),
        ]
    }

    #[test]
    fn a_text_names_the_site_at_its_own_host_and_port() {
        let sites = sites();
        for (text, want) in [
            ("127.0.0.1:18291", "127.0.0.1:18291"),
            ("http://127.0.0.1:18291/", "127.0.0.1:18291"),
            ("http://127.0.0.1:18299", "127.0.0.1:18299"),
            ("http://2130706433:18299/x", "127.0.0.1:18299"),
            ("127.0.0.1:18300", "good"),
            (" GOOD ", "good"),
            ("http://127.0.0.1:18300/health", "good"),
            ("slack.com", "slack.com"),
            ("SLACK.com.", "slack.com"),
            ("//slack.com", "slack.com"),
            ("www.slack.com", "slack.com"),
            ("slack.com:443", "slack.com"),
            ("slack.com/x", "slack.com"),
            ("https://slack.com/some/page?x=1", "slack.com"),
            ("https://www.slack.com/x", "slack.com"),
            ("gov.uk", "www.gov.uk"),
            ("plain.example", "plain.example:80"),
            ("www.plain.example/x", "plain.example:80"),
            ("http://plain.example/x", "plain.example:80"),
            ("app.example", "app.example"),
            ("www.app.example", "app.example"),
            ("https://app.example:8443/x", "app.example"),
            ("https://pages.example/docs", "docs"),
            ("pages.example/blog?new", "blog"),
        ] {
            let found = named(sites.iter(), text).map(|site| site.slug.as_str());
            assert_eq!(found, Some(want), "{text}");
        }
    }

    #[test]
    fn no_text_names_a_site_at_another_port_or_with_credentials() {
        let sites = sites();
        for text in [
            "",
            "127.0.0.1",
            "2130706433",
            "0x7f.1",
            "http://127.0.0.1/",
            "http://127.0.0.1:22/",
            "https://127.0.0.1:18291/",
            "gopher://127.0.0.1:70/",
            "gopher://127.0.0.1:18291/",
            "http://user:pass@127.0.0.1/",
            "http://user:pass@127.0.0.1:18291/",
            "user:pass@slack.com",
            "slack.com:80",
            "slack.com:8443",
            "ftp://slack.com/",
            "plain.example:443",
            "https://app.example/",
            "app.example:443",
            "other.example",
        ] {
            assert_eq!(named(sites.iter(), text), None, "{text}");
        }
    }

    #[test]
    fn http_and_https_are_one_where_neither_says_a_port() {
        let sites = sites();
        for (text, want) in
            [("http://slack.com/", "slack.com"), ("https://plain.example/", "plain.example:80")]
        {
            assert_eq!(named(sites.iter(), text).map(|site| site.slug.as_str()), Some(want));
        }
    }

    #[test]
    fn a_name_for_people_is_known_in_any_case() {
        let mut toggle = site("toggle", "http://127.0.0.1:18300/");
        toggle.name = "The Toggle".into();
        let found = called([&toggle].into_iter(), " the toggle ");
        assert_eq!(found.map(|site| site.slug.as_str()), Some("toggle"));
        assert!(called([&toggle].into_iter(), "toggle").is_none());
        toggle.name = "127.0.0.1".into();
        assert!(called([&toggle].into_iter(), "127.0.0.1").is_none(), "it is at another port");
        toggle.url = "https://xn--caf-dma.nl:8443/".parse().unwrap();
        toggle.name = "café.nl".into();
        assert!(called([&toggle].into_iter(), "café.nl").is_none(), "it is at another port");
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_search_for_a_site(text in "\\PC{0,30}|[a-z.:/?-]{0,30}") {
            let sites = [site("a.example", "https://a.example/"), site("b", "https://xn--9ca.example/")];
            let _ = (named(sites.iter(), &text), called(sites.iter(), &text));
        }
    }
}
