//! `/about`: methods, intervals and regions of this service, and its limits.

use std::{collections::BTreeMap, time::Duration};

use askama::Template;
use axum::{extract::State, response::Response};

use super::{
    components::{Html, Icon},
    layout::Layout,
    site::every,
};
use crate::{
    i18n::{Arg, Lang},
    lookup::{LookupSettings, reports::COUNTS_KEPT},
    web::{Shared, extractors::locale::Locale},
};
use model::{target::PORTS, verdict::Status};

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    layout: Layout,
    intro: Html,
    words: Vec<Word>,
    /// Paragraphs on lookups; none when they are disabled.
    lookups: Vec<String>,
}

/// A status, and what it means.
struct Word {
    icon: Icon,
    class: &'static str,
    said: String,
    means: String,
}

/// `GET /about`
pub(in crate::web) async fn page(State(shared): crate::web::AppState, locale: Locale) -> Response {
    let t = locale.lang;
    let (title, description) = (t.say("about-title"), t.say("about-description"));
    let layout =
        Layout::still(&shared, &locale, title.into_owned(), description.into_owned(), "/about");
    let words = Status::ALL.map(|status| Word {
        icon: Icon(status),
        class: status.word(),
        said: t.status(status).into_owned(),
        means: t.say(&format!("about-{}", status.word())).into_owned(),
    });
    let (sites, regions, interval) = watched(&shared);
    let mut args = vec![("sites", Arg::from(sites)), ("interval", Arg::from(every(t, interval)))];
    // One place alone is nothing that a visitor can compare.
    let id = match regions.as_slice() {
        [] | [_] => "about-intro-here-html",
        [before @ .., last] => {
            let regions = t.two("list-and", ("before", before.join(", ")), ("last", &**last));
            args.push(("regions", Arg::from(regions)));
            "about-intro-html"
        }
    };
    let intro = Html::said(t, id, args);
    let lookups = lookups(t, shared.web.lookups.settings());
    super::page(t, &AboutPage { layout, intro, words: words.into(), lookups })
}

/// Paragraphs on lookups, with the operator's limits.
fn lookups(t: Lang, rules: &LookupSettings) -> Vec<String> {
    if !rules.enabled {
        return Vec::new();
    }
    let ports: Vec<String> = PORTS.iter().map(ToString::to_string).collect();
    let cache = match rules.cache.as_secs() {
        seconds @ 0..120 => t.one("seconds", "n", seconds),
        _ => t.duration(rules.cache),
    };
    let budget = u64::from(rules.per_visitor);
    let hours = COUNTS_KEPT.as_secs() / 3_600;
    vec![
        t.two("about-lookup-text", ("cache", cache), ("budget", budget)),
        if rules.allow_private {
            t.say("about-lookup-private").into_owned()
        } else {
            t.one("about-lookup-public", "ports", ports.join(", "))
        },
        t.one("about-lookup-kept", "hours", hours),
        t.say("about-lookup-you").into_owned(),
        t.say("about-lookup-report").into_owned(),
    ]
}

/// Number of watched sites, the regions, and the interval of most.
fn watched(shared: &Shared) -> (usize, Vec<String>, Duration) {
    let sites = shared.web.board.sites();
    let mut regions: Vec<String> =
        sites.iter().flat_map(|live| &live.regions).map(|seen| seen.region.to_string()).collect();
    regions.push(shared.web.region.to_string());
    regions.sort_unstable();
    regions.dedup();
    let mut intervals: BTreeMap<Duration, usize> = BTreeMap::new();
    for live in &sites {
        *intervals.entry(live.site.interval).or_default() += 1;
    }
    let usual = intervals.into_iter().max_by_key(|(_, count)| *count);
    let usual = usual.map_or(Duration::from_mins(1), |(interval, _)| interval);
    (sites.len(), regions, usual)
}
