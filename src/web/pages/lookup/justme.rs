//! "Is it just you?": what other visitors ask and report, a try from the visitor's own browser, and
//! the button for those who have a problem too. Part of the page of every site.

use askama::Template;

use crate::{
    i18n::Lang,
    lookup::reports::{LookedUp, ReportCounts},
    web::{Shared, assets, extractors::locale::Locale},
};
use model::moment::Moment;

#[derive(Template)]
#[template(path = "justme.html")]
struct JustMe {
    t: Lang,
    /// What became of a report just now.
    told: Option<String>,
    crowd: String,
    curve: Option<Curve>,
    url: String,
    what: String,
    report: String,
    script: &'static str,
}

/// Reports of a day, 48 bars of 10.
struct Curve {
    words: String,
    bars: Vec<ReportBar>,
}

struct ReportBar {
    x: i64,
    y: u32,
    tall: u32,
    words: String,
}

const HALF_HOUR: i64 = 1_800_000;
const BARS: i64 = 48;

/// The part of a page for the site with this key, at this path and URL.
pub(in crate::web) fn html(
    shared: &Shared,
    locale: &Locale,
    key: &str,
    path: &str,
    url: &str,
) -> String {
    let (t, now) = (locale.lang, shared.second());
    let crowd =
        shared.web.lookups.crowd(|crowd| (crowd.looked_up(key, now), crowd.reports(key, now)));
    let (looked_up, reports) = crowd;
    let part = JustMe {
        t,
        told: told(t, locale),
        crowd: words(t, looked_up, &reports),
        curve: curve(t, &reports, now),
        url: url.to_owned(),
        what: t.one("me-what", "url", url),
        report: locale.href(&format!("{path}/problem")),
        script: assets::justme(),
    };
    part.render().unwrap_or_else(|error| {
        tracing::error!(%error, "a template could not be rendered");
        String::new()
    })
}

fn told(t: Lang, locale: &Locale) -> Option<String> {
    let pairs = url::form_urlencoded::parse(locale.uri.query().unwrap_or_default().as_bytes());
    let mut told = pairs.filter(|(name, _)| name == "told");
    let (_, counted) = told.next()?;
    Some(t.say(if counted == "1" { "lookup-thanks" } else { "lookup-counted" }).into_owned())
}

/// What the crowd does, in a sentence or two.
fn words(t: Lang, LookedUp { times, down }: LookedUp, reports: &ReportCounts) -> String {
    let looked_up = match (times, down) {
        (0 | 1, _) => String::new(),
        (times, 0) => t.one("lookup-crowd", "times", u64::from(times)) + " ",
        (times, down) => {
            let (times, down) = (u64::from(times), u64::from(down));
            t.two("lookup-crowd-down", ("times", times), ("down", down)) + " "
        }
    };
    let reports = match *reports {
        ReportCounts { day: 0, .. } => t.say("lookup-reports-none").into_owned(),
        ReportCounts { hour: 0, day, .. } => t.one("lookup-reports-day", "day", u64::from(day)),
        ReportCounts { hour, .. } => t.one("lookup-reports-hour", "hour", u64::from(hour)),
    };
    looked_up + &reports
}

fn curve(t: Lang, reports: &ReportCounts, now: Moment) -> Option<Curve> {
    let first = now.millis().div_euclid(HALF_HOUR) - BARS + 1;
    let mut sums = [0_u32; BARS as usize];
    for (at, count) in &reports.curve {
        let place = usize::try_from(at.millis().div_euclid(HALF_HOUR) - first);
        if let Some(sum) = place.ok().and_then(|place| sums.get_mut(place)) {
            *sum = sum.saturating_add(*count);
        }
    }
    let most = sums.iter().copied().max().filter(|most| *most > 0)?;
    let bars = (0..).zip(sums).filter(|(_, sum)| *sum > 0).map(|(place, sum)| {
        let tall = (u64::from(sum) * 38 / u64::from(most)).max(2) as u32;
        let begin = t.clock(Moment::from_millis((first + place) * HALF_HOUR), now);
        ReportBar { x: place * 10 + 1, y: 39 - tall, tall, words: format!("{begin}: {sum}") }
    });
    Some(Curve { words: t.one("lookup-curve", "most", u64::from(most)), bars: bars.collect() })
}
