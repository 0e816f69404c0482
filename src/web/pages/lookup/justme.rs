//! "Is it just me?": a try from the visitor's own browser, the button for those who have a problem
//! too, and what other visitors ask and report. One row, right below the verdict of every site.

use askama::Template;
use url::Url;

use super::reports_chart;
use crate::{
    i18n::Lang,
    lookup::reports::{LookedUp, ReportCounts},
    web::{
        Shared, assets,
        extractors::{client_ip::ClientIp, locale::Locale},
    },
};
use model::domain::readable;

#[derive(Template)]
#[template(path = "justme.html")]
struct JustMe {
    t: Lang,
    /// Result of a report just now.
    told: Option<String>,
    crowd: String,
    /// The chart of reports, if there are any.
    reports: Option<String>,
    url: String,
    /// The address as people write it.
    host: String,
    report: String,
    script: &'static str,
    /// True if browsers keep the site's answer from a page like this one.
    kept_from_us: bool,
    /// True if the site turns us away.
    restricted: bool,
    /// True if the page follows what changes, so that it can tell of the end.
    follows: bool,
}

/// The site that a part is about.
pub(in crate::web) struct ReportTarget<'a> {
    /// Its slug, or what a lookup is known by.
    pub(in crate::web) key: &'a str,
    /// Its page.
    pub(in crate::web) path: &'a str,
    /// Its own address.
    pub(in crate::web) url: &'a Url,
    /// True if its page follows what changes.
    pub(in crate::web) follows: bool,
    /// True if browsers keep its answers from pages of others.
    pub(in crate::web) same_site_only: bool,
    /// True if it turns us away.
    pub(in crate::web) restricted: bool,
}

/// The part of a page about a site, for this visitor.
pub(in crate::web) fn html(
    shared: &Shared,
    locale: &Locale,
    client: ClientIp,
    subject: &ReportTarget<'_>,
) -> String {
    if shared.web.is_copy {
        return String::new();
    }
    let (t, now) = (locale.lang, shared.second());
    let ReportTarget { key, path, url, follows, same_site_only, restricted } = *subject;
    let (looked_up, reports, reported) = shared.web.lookups.reports(|reports| {
        let reported = reports.has_reported(key, client.key(), now);
        (reports.looked_up(key, now), reports.reports(key, now), reported)
    });
    let part = JustMe {
        t,
        told: asked_to_tell(locale).filter(|_| reported).map(|id| t.say(id).into_owned()),
        crowd: words(t, looked_up, &reports),
        reports: reports_chart::html(t, &reports, now),
        url: url.to_string(),
        host: readable(url.host_str().unwrap_or_default()).into_owned(),
        report: locale.href(&format!("{path}/problem")),
        script: assets::justme(),
        follows,
        kept_from_us: same_site_only,
        restricted,
    };
    part.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a template could not be rendered");
        String::new()
    })
}

/// Result of a report just now, by the address. An address can be shared: it is believed only of a
/// visitor who was counted.
fn asked_to_tell(locale: &Locale) -> Option<&'static str> {
    let pairs = url::form_urlencoded::parse(locale.uri.query().unwrap_or_default().as_bytes());
    let (_, counted) = pairs.into_iter().find(|(name, _)| name == "told")?;
    Some(if counted == "1" { "lookup-thanks" } else { "lookup-counted" })
}

/// Lookups and reports of other visitors, in a sentence or two.
fn words(t: Lang, LookedUp { times, down }: LookedUp, reports: &ReportCounts) -> String {
    let looked_up = match (times, down) {
        (0 | 1, _) => String::new(),
        (times, 0) => t.one("lookup-visitors", "times", u64::from(times)) + " ",
        (times, down) => {
            let (times, down) = (u64::from(times), u64::from(down));
            t.two("lookup-visitors-down", ("times", times), ("down", down)) + " "
        }
    };
    let reports = match *reports {
        ReportCounts { day: 0, .. } => t.say("lookup-reports-none").into_owned(),
        ReportCounts { hour: 0, day, .. } => t.one("lookup-reports-day", "day", u64::from(day)),
        ReportCounts { hour, .. } => t.one("lookup-reports-hour", "hour", u64::from(hour)),
    };
    looked_up + &reports
}
