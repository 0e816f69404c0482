//! URLs of ours: the paths of pages, of the API and of badges, made in one place.

use std::time::Duration;

use super::views::{outage::OutageId, site::SiteView};
use crate::i18n::Lang;
use model::{moment::Moment, name::Slug, verdict::Outage};

/// A slug within a path. The brackets of an IPv6 slug are not allowed there unescaped.
fn segment(slug: &str) -> String {
    slug.replace('[', "%5B").replace(']', "%5D")
}

/// The page of a site.
pub(super) fn site(slug: &str) -> String {
    format!("/{}", segment(slug))
}

/// The page with the values of a site's charts as tables.
pub(super) fn values(slug: &str) -> String {
    format!("/sites/{}/history", segment(slug))
}

/// The page of a lookup. A key may have a scheme and a path in it, and the brackets of IPv6.
pub(super) fn lookup(key: &str) -> String {
    site(&key.replace('/', "%2F"))
}

/// The page of a provider.
pub(super) fn provider(slug: &str) -> String {
    format!("/providers/{slug}")
}

/// A site in the API.
pub(super) fn site_json(slug: &str) -> String {
    format!("/api/v1/sites/{}", segment(slug))
}

/// A lookup in the API.
pub(super) fn lookup_json(key: &str) -> String {
    let target: String = url::form_urlencoded::byte_serialize(key.as_bytes()).collect();
    format!("/api/v1/lookup?target={target}")
}

/// A provider in the API.
pub(super) fn provider_json(slug: &str) -> String {
    format!("/api/v1/providers/{slug}")
}

/// The badge of a site.
pub(super) fn badge(slug: &str) -> String {
    format!("/badge/{}.svg", segment(slug))
}

/// Another badge of a site: `uptime`, `latency`, `dot` or `bar90`.
pub(super) fn badge_of(slug: &str, kind: &str) -> String {
    format!("/badge/{}/{kind}.svg", segment(slug))
}

/// The card of a site, for a frame.
pub(super) fn card(slug: &str) -> String {
    format!("/embed/{}", segment(slug))
}

/// A site's checks from this moment on and, once it is over, up to this one: the receipts of an outage
/// or of a verdict. Both ends are in the answer.
pub(super) fn checks_json(slug: &str, from: Moment, last: Option<Moment>) -> String {
    // `to` is not in the answer.
    let to = last.map(|last| format!("&to={}", last + Duration::from_millis(1)));
    format!("{}/checks?from={from}{}", site_json(slug), to.unwrap_or_default())
}

/// The checks that made the verdict in force.
pub(super) fn verdict_json(view: &SiteView) -> Option<String> {
    let since = view.verdict().since?;
    Some(checks_json(view.live.site.slug.as_str(), since, None))
}

/// The event of a provider to which an outage of this start is put down.
pub(super) fn event_json(provider: &str, started_at: Moment) -> String {
    format!("{}/events?at={started_at}", provider_json(provider))
}

/// The same for people.
pub(super) fn event(provider_slug: &str, started_at: Moment) -> String {
    format!("{}?at={started_at}#events", provider(provider_slug))
}

/// The page of an outage of this site.
pub(super) fn outage(slug: &Slug, outage: &Outage) -> String {
    format!("/outages/{}", segment(&OutageId::of(slug, outage).to_string()))
}

/// The page of a notice.
pub(super) fn notice(id: &str) -> String {
    format!("/notices/{id}")
}

/// The outages that are attributed to a provider.
pub(super) fn provider_outages_json(provider: &str) -> String {
    format!("/api/v1/outages?provider={provider}")
}

/// A feed of the outages of a site, in the file of this name.
pub(super) fn site_feed(slug: &str, file: &str) -> String {
    format!("/sites/{}/{file}", segment(slug))
}

/// A link of ours in a language, which says nothing of the one that is spoken without.
pub(super) fn unless_default(to: &str, lang: Lang) -> String {
    if lang == Lang::default() { to.to_owned() } else { in_language(to, lang) }
}

/// A link of ours in a language.
pub(super) fn in_language(to: &str, lang: Lang) -> String {
    let (to, fragment) = to.split_once('#').map_or((to, None), |(to, end)| (to, Some(end)));
    let joint = if to.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{to}{joint}lang={}{fragment}", lang.tag())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_check_are_in_it() {
        let [from, last] =
            ["2017-02-28T17:37:00Z", "2017-02-28T21:54:00Z"].map(|at| Moment::parse(at).unwrap());
        assert_eq!(
            checks_json("slack.com", from, Some(last)),
            "/api/v1/sites/slack.com/checks?from=2017-02-28T17:37:00.000Z\
             &to=2017-02-28T21:54:00.001Z"
        );
        assert_eq!(
            checks_json("[2001:db8::1]", from, None),
            "/api/v1/sites/%5B2001:db8::1%5D/checks?from=2017-02-28T17:37:00.000Z"
        );
    }

    #[test]
    fn keys_of_lookups_and_slugs_of_ipv6_fit_into_a_path() {
        assert_eq!(lookup("http://[2001:db8::1]"), "/http:%2F%2F%5B2001:db8::1%5D");
        assert_eq!(badge("[2001:db8::1]"), "/badge/%5B2001:db8::1%5D.svg");
        assert_eq!(lookup_json("http://a.example"), "/api/v1/lookup?target=http%3A%2F%2Fa.example");
    }
}
