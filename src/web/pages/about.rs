//! `/about`: how we know, how often and from where, and what we do not claim.

use std::{collections::BTreeMap, time::Duration};

use askama::Template;
use axum::{extract::State, response::Response};

use super::{
    bits::{Html, Icon},
    frame::Frame,
    site::every,
};
use crate::{
    model::{language::Arg, verdict::Status},
    web::{Shared, asked::Asked},
};

#[derive(Template)]
#[template(path = "about.html")]
struct View {
    frame: Frame,
    intro: Html,
    words: Vec<Word>,
}

/// A status, and what it means.
struct Word {
    icon: Icon,
    class: &'static str,
    said: String,
    means: String,
}

/// `GET /about`
pub(in crate::web) async fn page(State(shared): crate::web::State, asked: Asked) -> Response {
    let t = asked.lang;
    let (title, description) = (t.say("about-title"), t.say("about-description"));
    let frame =
        Frame::still(&shared, &asked, title.into_owned(), description.into_owned(), "/about");
    let words = Status::ALL.map(|status| Word {
        icon: Icon(status),
        class: status.word(),
        said: t.status(status).into_owned(),
        means: t.say(&format!("about-{}", status.word())).into_owned(),
    });
    let (sites, regions, interval) = watched(&shared);
    let args = [
        ("sites", Arg::from(sites)),
        ("regions", Arg::from(regions)),
        ("interval", Arg::from(every(t, interval))),
    ];
    let intro = Html::said(t, "about-intro-html", args);
    super::page(t, &View { frame, intro, words: words.into() })
}

/// How many sites we watch, from where, and how often most of them.
fn watched(shared: &Shared) -> (usize, String, Duration) {
    let sites = shared.web.board.sites();
    let mut regions: Vec<&str> = sites
        .iter()
        .flat_map(|watched| &watched.regions)
        .map(|seen| seen.region.as_str())
        .collect();
    regions.push(shared.web.region.as_str());
    regions.sort_unstable();
    regions.dedup();
    let mut intervals: BTreeMap<Duration, usize> = BTreeMap::new();
    for watched in &sites {
        *intervals.entry(watched.site.interval).or_default() += 1;
    }
    let usual = intervals.into_iter().max_by_key(|(_, count)| *count);
    let usual = usual.map_or(Duration::from_mins(1), |(interval, _)| interval);
    (sites.len(), regions.join(", "), usual)
}
