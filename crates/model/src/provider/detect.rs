//! The provider of a site by what a probe met: the operator's table, aliases, addresses, headers.
//! Pure. A header can be forged by the site, so it is asked last.

use super::{builtin, known::KNOWN, ranges::Ranges};
use crate::outcome::Traces;

/// A header, a part of its value in lower case, and the provider that sends it. The edges come
/// before what may stand behind them.
const HEADERS: [(&str, &str, &str); 22] = [
    ("cf-ray", "", "cloudflare"),
    ("server", "cloudflare", "cloudflare"),
    ("x-amz-cf-id", "", "aws"),
    ("via", "cloudfront", "aws"),
    ("x-azure-ref", "", "azure"),
    ("x-akamai-transformed", "", "akamai"),
    ("server", "akamaighost", "akamai"),
    ("x-vercel-id", "", "vercel"),
    ("server", "vercel", "vercel"),
    ("server", "netlify", "netlify"),
    ("x-github-request-id", "", "github"),
    ("server", "github.com", "github"),
    ("server", "heroku", "heroku"),
    ("via", "heroku-router", "heroku"),
    ("via", "vegur", "heroku"),
    ("fly-request-id", "", "fly"),
    ("x-fastly-request-id", "", "fastly"),
    ("x-served-by", "cache-", "fastly"),
    ("via", "1.1 google", "google"),
    ("server", "amazons3", "aws"),
    ("server", "awselb", "aws"),
    ("x-amz-request-id", "", "aws"),
];

/// The slug of the provider that these traces lead to; `ours` is the operator's table.
pub fn find<'a>(traces: &Traces, ours: &'a Ranges) -> Option<&'a str> {
    by_address(traces, ours)
        .or_else(|| by_alias(traces))
        .or_else(|| by_address(traces, builtin::ranges()))
        .or_else(|| by_header(traces))
}

fn by_address<'a>(traces: &Traces, ranges: &'a Ranges) -> Option<&'a str> {
    traces.address.iter().chain(&traces.addresses).find_map(|address| ranges.of(*address))
}

/// The last known alias is the nearest to the server that answers.
fn by_alias(traces: &Traces) -> Option<&'static str> {
    traces.cnames.iter().rev().find_map(|alias| {
        let alias = alias.trim_end_matches('.').to_ascii_lowercase();
        let owns = |end: &&str| {
            let before = alias.strip_suffix(*end);
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        };
        KNOWN.iter().find(|known| known.aliases.iter().any(&owns)).map(|k| k.slug)
    })
}

fn by_header(traces: &Traces) -> Option<&'static str> {
    let sent = |&&(name, part, _): &&(&str, &str, &str)| {
        let mut hints = traces.hints.iter();
        hints.any(|(n, value)| **n == *name && value.to_ascii_lowercase().contains(part))
    };
    HEADERS.iter().find(sent).map(|(.., slug)| *slug)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn traces(cnames: &[&str], address: Option<&str>, hints: &[(&str, &str)]) -> Traces {
        Traces {
            cnames: cnames.iter().map(|c| (*c).into()).collect(),
            address: address.map(|a| a.parse().unwrap()),
            hints: hints.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect(),
            ..Traces::default()
        }
    }

    #[test]
    fn aliases_come_before_addresses_and_addresses_before_headers() {
        type Case<'a> = (&'a [&'a str], Option<&'a str>, &'a [(&'a str, &'a str)], Option<&'a str>);
        let cases: [Case<'_>; 11] = [
            (&["d111.cloudfront.net."], None, &[], Some("aws")),
            (&["WWW.Example.Fastly.NET"], None, &[], Some("fastly")),
            (&["notfastly.net", "fastly.net.evil.example"], None, &[], None),
            (&["x.trafficmanager.net", "x.edgekey.net"], None, &[], Some("akamai")),
            (&["app.herokudns.com"], Some("104.16.1.1"), &[], Some("heroku")),
            (&["own.example"], Some("104.16.1.1"), &[], Some("cloudflare")),
            (&[], Some("192.0.2.1"), &[("cf-ray", "8a-AMS")], Some("cloudflare")),
            (&[], None, &[("server", "AmazonS3"), ("x-amz-cf-id", "a=")], Some("aws")),
            (&[], None, &[("x-served-by", "cache-ams1"), ("server", "GitHub.com")], Some("github")),
            (&[], None, &[("server", "nginx"), ("via", "1.1 proxy")], None),
            (&[], None, &[], None),
        ];
        for (cnames, address, hints, want) in cases {
            let found = traces(cnames, address, hints);
            assert_eq!(find(&found, &Ranges::default()), want, "{found:?}");
        }
    }

    #[test]
    fn the_operators_table_goes_first() {
        let ours = Ranges::parse("mine 104.16.0.0/16").unwrap();
        let found = traces(&["d1.cloudfront.net"], Some("104.16.1.1"), &[]);
        assert_eq!(find(&found, &ours), Some("mine"));
    }

    #[test]
    fn every_header_names_a_provider_that_we_know() {
        for (name, part, slug) in HEADERS {
            assert!(crate::provider::is_known(slug), "{slug}");
            assert_eq!((name, part), (&*name.to_lowercase(), &*part.to_lowercase()));
        }
    }
}
