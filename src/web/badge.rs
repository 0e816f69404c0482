//! Badges: always 200 and an image, grey and `unknown` without fresh evidence.
//!
//! GitHub's image proxy keeps errors and forgets headers that are missing: so there is never an
//! error here (a query that is too long counts as none), and a short life, a strong `ETag` and an
//! `Expires` on every badge. Drawing takes microseconds, so nothing is cached that a random query
//! could flush.

mod answer;
mod days;
mod draw;
mod large;
mod paint;
mod shapes;
mod style;
mod widths;
mod write;

use std::time::Duration;

use axum::{
    extract::{OriginalUri, State},
    response::Response,
};

pub(super) use self::{
    answer::image,
    days::Days,
    paint::Paint,
    style::{Badge, Style},
};
use self::{
    answer::{picture, shields},
    style::{of_latency, of_status, of_uptime, tame},
};
use super::{
    Shared,
    cache::record::HistoryWindow,
    error::ErrorStatus,
    extractors::params::{Params, PathSegment},
    views::{
        numbers::{WINDOWS, mean_latency, millis, uptimes},
        site::SiteView,
    },
};
use crate::i18n::Lang;
use model::verdict::Status;

const HOUR: Duration = Duration::from_hours(1);
/// Cached values older than this are not served while Postgres is unreachable.
const OLD: Duration = Duration::from_mins(15);

/// `GET /badge/{slug}.svg` and `GET /badge/{slug}.json`
pub(super) async fn status(
    State(shared): crate::web::AppState,
    PathSegment(file): PathSegment,
    OriginalUri(uri): OriginalUri,
    params: Result<Params, ErrorStatus>,
) -> Response {
    let params = params.unwrap_or_default();
    // The ending counts even when the name before it is not text.
    let json = uri.path().strip_suffix(".json").is_some();
    let file = file.unwrap_or_default();
    let slug = file.strip_suffix(if json { ".json" } else { ".svg" }).unwrap_or(&file);
    let look = look(&shared, slug);
    let status = look.as_ref().map_or(Status::Unknown, SiteView::status);
    let name = look.as_ref().map_or("status", |look| &*look.watched.site.name);
    // Another colour is for when all is well: trouble must not be painted over.
    let own = of_status(status);
    let colour = if status == Status::Up { wanted(&params, "color").unwrap_or(own) } else { own };
    let t = language(&params);
    let more = look.as_ref().map(|look| look.marks_in(t)).unwrap_or_default();
    let mut message = t.status(status).into_owned();
    if shared.web.is_copy {
        // A file goes on saying what it says.
        let as_of = shared.now().to_utc().strftime("%Y-%m-%d %H:%M UTC");
        message = format!("{message} · {as_of}");
    }
    let badge = badge(&params, name, &message, colour).noted(more);
    let about = look.as_ref();
    if json { shields(&shared, about, &badge) } else { image(&shared, about, &badge) }
}

/// Any other badge address: its site is unknown.
pub(super) fn unknown(shared: &Shared, path: &str) -> Response {
    let badge = Badge::new("status", Status::Unknown.word(), of_status(Status::Unknown));
    if path.strip_suffix(".json").is_some() {
        shields(shared, None, &badge)
    } else {
        image(shared, None, &badge)
    }
}

/// `GET /badge/{slug}/uptime.svg?window=30d`
pub(super) async fn uptime(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    params: Result<Params, ErrorStatus>,
) -> Response {
    let params = params.unwrap_or_default();
    let window = params.text("window").unwrap_or("30d");
    let place = WINDOWS.iter().position(|(word, _)| *word == window);
    let look = slug.and_then(|slug| look(&shared, &slug));
    let known = place.zip(look.as_ref());
    let share = known.and_then(|(place, look)| uptimes(&look.watched, look.now)[place]);
    let word = place.map_or("", |place| WINDOWS[place].0);
    let t = language(&params);
    let label = t.one("badge-uptime", "window", word);
    let nothing =
        if known.is_some() { t.say("site-uptime-none") } else { t.status(Status::Unknown) };
    let message = share.map_or_else(|| nothing.into_owned(), |share| t.percent(share));
    let colour = share.and_then(|_| wanted(&params, "color")).unwrap_or(of_uptime(share));
    image(&shared, look.as_ref(), &badge(&params, label.trim(), &message, colour))
}

/// `GET /badge/{slug}/dot.svg`
pub(super) async fn dot(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    params: Result<Params, ErrorStatus>,
) -> Response {
    let t = language(&params.unwrap_or_default());
    let look = slug.and_then(|slug| look(&shared, &slug));
    let status = look.as_ref().map_or(Status::Unknown, SiteView::status);
    let name = look.as_ref().map_or("status", |look| &*look.watched.site.name);
    picture(&shared, look.as_ref(), shape(t, name, status))
}

/// A status as a shape in its colour.
pub(super) fn shape(t: Lang, name: &str, status: Status) -> String {
    shapes::dot(&tame(name), status, &t.status(status))
}

/// `GET /badge/{slug}/bar90.svg`
pub(super) async fn bar90(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    params: Result<Params, ErrorStatus>,
) -> Response {
    let t = language(&params.unwrap_or_default());
    let spoken = |share: &str| t.one("badge-days", "share", share);
    let Some(look) = slug.and_then(|slug| look(&shared, &slug)) else {
        let nothing = [shapes::BadgeDay::Unknown; shapes::DAYS];
        let spoken = spoken(&t.status(Status::Unknown));
        return picture(&shared, None, shapes::bars("status", &nothing, &spoken));
    };
    let days = shared.days.of(&shared, &look).await;
    let [.., quarter] = uptimes(&look.watched, look.now);
    let share = quarter.map_or_else(
        || t.say("site-uptime-none").into_owned(),
        |share| t.one("badge-days-up", "share", t.percent(share)),
    );
    let spoken = spoken(&share);
    let name = tame(&look.watched.site.name);
    picture(&shared, Some(&look), shapes::bars(&name, &days, &spoken))
}

/// `GET /badge/{slug}/latency.svg?window=24h`: what half of the good checks were not above.
pub(super) async fn latency(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    params: Result<Params, ErrorStatus>,
) -> Response {
    let params = params.unwrap_or_default();
    let window = params.text("window").unwrap_or("24h");
    let window = WINDOWS.iter().find(|(word, _)| *word == window);
    let look = slug.and_then(|slug| look(&shared, &slug));
    let half = match window.zip(look.as_ref()) {
        Some(((_, length), look)) => half_of(&shared, look, *length).await,
        None => None,
    };
    let t = language(&params);
    let label = t.one("badge-latency", "window", window.map_or("", |(word, _)| *word));
    let unknown = || t.status(Status::Unknown).into_owned();
    let message = half.map_or_else(unknown, |millis| t.latency((millis * 1e3) as u32));
    let colour = half.and_then(|_| wanted(&params, "color")).unwrap_or(of_latency(half));
    image(&shared, look.as_ref(), &badge(&params, label.trim(), &message, colour))
}

/// A site's latency over about this time, in milliseconds: the median of the good checks, or, for
/// an hour and where the record has nothing, the mean of the newest checks.
pub(super) async fn typical(shared: &Shared, look: &SiteView, long: Duration) -> Option<u32> {
    let window = WINDOWS.iter().map(|(_, length)| *length).find(|length| long <= *length);
    if let Some(window) = window.filter(|_| long > HOUR)
        && let Some(half) = half_of(shared, look, window).await
    {
        return Some(half.round() as u32);
    }
    Some((mean_latency(&look.watched, look.now, long)? + 500) / 1_000)
}

/// Median of the good checks of one of our windows, in milliseconds; `None` also when that is too
/// old, as a badge cannot show its age.
async fn half_of(shared: &Shared, look: &SiteView, window: Duration) -> Option<f64> {
    let slug = &look.watched.site.slug;
    let recalled = shared.histories.of(shared, slug, None, HistoryWindow::AsOne(window)).await?;
    if !recalled.fresh && look.now.since(recalled.value.as_of) > OLD {
        return None;
    }
    Some(millis(recalled.value.buckets.first()?.latency?.p50))
}

/// The language that the address asks for: a badge is kept by proxies for visitors of every language.
fn language(params: &Params) -> Lang {
    params.text("lang").and_then(Lang::of_tag).unwrap_or_default()
}

fn look(shared: &Shared, slug: &str) -> Option<SiteView> {
    shared.site(slug).map(|watched| SiteView::new(watched, shared.now()))
}

/// The badge as the visitor wants it: `label`, `style` and `labelColor`. What cannot be read
/// changes nothing; an empty label is one.
fn badge(params: &Params, label: &str, message: &str, colour: Paint) -> Badge {
    Badge::new(params.sent("label").unwrap_or(label), message, colour)
        .styled(Style::read(params.text("style").unwrap_or_default()))
        .labelled(wanted(params, "labelColor"))
}

/// The colour that the visitor wants.
fn wanted(params: &Params, name: &str) -> Option<Paint> {
    params.text(name).and_then(Paint::read)
}
