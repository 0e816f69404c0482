//! Receipts: where the very checks are that made an outage or a verdict, and where the event of a
//! provider is that outages are put down to.

use std::time::Duration;

use super::{look::Look, pages::site::path};
use crate::model::moment::Moment;

/// The path of a site's checks from this moment on, and, once it is over, to this one; both are in it.
pub(super) fn checks(slug: &str, from: Moment, last: Option<Moment>) -> String {
    let site = path(slug);
    // `to` is not in the answer.
    let to = last.map(|last| format!("&to={}", last + Duration::from_millis(1)));
    format!("/api/v1/sites{site}/checks?from={from}{}", to.unwrap_or_default())
}

/// The path of the checks that made the verdict in force.
pub(super) fn verdict(look: &Look) -> Option<String> {
    let since = look.verdict().since?;
    Some(checks(look.watched.site.slug.as_str(), since, None))
}

/// The path of the event of a provider to which an outage of this start is put down.
pub(super) fn event(provider: &str, started_at: Moment) -> String {
    format!("/api/v1/providers/{provider}/events?at={started_at}")
}

/// The path of its page for people.
pub(super) fn event_page(provider: &str, started_at: Moment) -> String {
    format!("/providers/{provider}?at={started_at}#events")
}

/// The path of the outages that are put down to a provider.
pub(super) fn outages(provider: &str) -> String {
    format!("/api/v1/outages?provider={provider}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_and_the_last_check_are_in_it() {
        let [from, last] =
            ["2017-02-28T17:37:00Z", "2017-02-28T21:54:00Z"].map(|at| Moment::parse(at).unwrap());
        assert_eq!(
            checks("slack.com", from, Some(last)),
            "/api/v1/sites/slack.com/checks?from=2017-02-28T17:37:00.000Z\
             &to=2017-02-28T21:54:00.001Z"
        );
        assert_eq!(
            checks("[2001:db8::1]", from, None),
            "/api/v1/sites/%5B2001:db8::1%5D/checks?from=2017-02-28T17:37:00.000Z"
        );
    }
}
