//! Badges: always 200 and an image, grey and `unknown` without fresh evidence.
//!
//! GitHub's image proxy keeps errors and forgets headers that are missing: so there is never an
//! error here (a query that is too long counts as none), and a short life, a strong `ETag` and an
//! `Expires` on every badge. Drawing takes microseconds, so nothing is cached that a random query
//! could flush.

mod days;
mod draw;
mod paint;
mod shapes;
mod style;
mod widths;

use std::time::Duration;

use axum::{
    Json,
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{HeaderName, header};
use serde::Serialize;

use self::style::{of_latency, of_status, of_uptime, tame};
pub(super) use self::{
    days::Days,
    paint::Paint,
    style::{Badge, Style},
};
use super::{
    Shared,
    cache::record::HistoryWindow,
    cache_control::{CacheControl, http_date},
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
const MAX_STALE: Duration = Duration::from_mins(15);

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
    let view = view_of(&shared, slug);
    let status = view.as_ref().map_or(Status::Unknown, SiteView::status);
    let name = view.as_ref().map_or("status", |view| &*view.live.site.name);
    // Another colour is for when all is well: trouble must not be painted over.
    let own = of_status(status);
    let colour = if status == Status::Up { wanted(&params, "color").unwrap_or(own) } else { own };
    let t = language(&params);
    let more = view.as_ref().map(|view| view.marks_in(t)).unwrap_or_default();
    // An English one has the word of the API, since programs read it.
    let mut message = match t {
        Lang::En => status.word().to_owned(),
        Lang::Nl => t.status(status).into_owned(),
    };
    if shared.web.is_copy {
        // A file goes on saying what it says.
        let as_of = shared.now().to_utc().strftime("%Y-%m-%d %H:%M UTC");
        message = format!("{message} · {as_of}");
    }
    let badge = badge(&params, name, &message, colour).noted(more);
    let about = view.as_ref();
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
    let view = slug.and_then(|slug| view_of(&shared, &slug));
    let known = place.zip(view.as_ref());
    let share = known.and_then(|(place, view)| uptimes(&view.live, view.now)[place]);
    let word = place.map_or("", |place| WINDOWS[place].0);
    let t = language(&params);
    let label = t.one("badge-uptime", "window", word);
    let nothing =
        if known.is_some() { t.say("site-uptime-none") } else { t.status(Status::Unknown) };
    let message = share.map_or_else(|| nothing.into_owned(), |share| t.percent(share));
    let colour = share.and_then(|_| wanted(&params, "color")).unwrap_or(of_uptime(share));
    image(&shared, view.as_ref(), &badge(&params, label.trim(), &message, colour))
}

/// `GET /badge/{slug}/dot.svg`
pub(super) async fn dot(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    params: Result<Params, ErrorStatus>,
) -> Response {
    let t = language(&params.unwrap_or_default());
    let view = slug.and_then(|slug| view_of(&shared, &slug));
    let status = view.as_ref().map_or(Status::Unknown, SiteView::status);
    let name = view.as_ref().map_or("status", |view| &*view.live.site.name);
    picture(&shared, view.as_ref(), shape(t, name, status))
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
    let Some(view) = slug.and_then(|slug| view_of(&shared, &slug)) else {
        let nothing = [shapes::BadgeDay::Unknown; shapes::DAYS];
        let spoken = spoken(&t.status(Status::Unknown));
        return picture(&shared, None, shapes::bars("status", &nothing, &spoken));
    };
    let days = shared.days.of(&shared, &view).await;
    let [.., quarter] = uptimes(&view.live, view.now);
    let share = quarter.map_or_else(
        || t.say("site-uptime-none").into_owned(),
        |share| t.one("badge-days-up", "share", t.percent(share)),
    );
    let spoken = spoken(&share);
    let name = tame(&view.live.site.name);
    picture(&shared, Some(&view), shapes::bars(&name, &days, &spoken))
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
    let view = slug.and_then(|slug| view_of(&shared, &slug));
    let median = match window.zip(view.as_ref()) {
        Some(((_, length), view)) => median_of(&shared, view, *length).await,
        None => None,
    };
    let t = language(&params);
    let label = t.one("badge-latency", "window", window.map_or("", |(word, _)| *word));
    let unknown = || t.status(Status::Unknown).into_owned();
    let message = median.map_or_else(unknown, |millis| t.latency((millis * 1e3) as u32));
    let colour = median.and_then(|_| wanted(&params, "color")).unwrap_or(of_latency(median));
    image(&shared, view.as_ref(), &badge(&params, label.trim(), &message, colour))
}

/// A site's latency over about this time, in milliseconds: the median of the good checks, or, for
/// an hour and where the record has nothing, the mean of the newest checks.
pub(super) async fn typical(shared: &Shared, view: &SiteView, long: Duration) -> Option<u32> {
    let window = WINDOWS.iter().map(|(_, length)| *length).find(|length| long <= *length);
    if let Some(window) = window.filter(|_| long > HOUR)
        && let Some(median) = median_of(shared, view, window).await
    {
        return Some(median.round() as u32);
    }
    Some((mean_latency(&view.live, view.now, long)? + 500) / 1_000)
}

/// Median of the good checks of one of our windows, in milliseconds; `None` also when that is too
/// old, as a badge cannot show its age.
async fn median_of(shared: &Shared, view: &SiteView, window: Duration) -> Option<f64> {
    let slug = &view.live.site.slug;
    let recalled = shared.histories.of(shared, slug, None, HistoryWindow::AsOne(window)).await?;
    if !recalled.fresh && view.now.since(recalled.value.as_of) > MAX_STALE {
        return None;
    }
    Some(millis(recalled.value.buckets.first()?.latency?.p50))
}

/// The language that the address asks for: a badge is kept by proxies for visitors of every language.
fn language(params: &Params) -> Lang {
    params.text("lang").and_then(Lang::of_tag).unwrap_or_default()
}

fn view_of(shared: &Shared, slug: &str) -> Option<SiteView> {
    shared.site(slug).map(|live| SiteView::new(live, shared.now()))
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

/// A badge about this site, or about none that we watch.
pub(super) fn image(shared: &Shared, about: Option<&SiteView>, badge: &Badge) -> Response {
    picture(shared, about, draw::draw(badge))
}

/// An SVG of ours; it has no style but what its elements say of themselves.
fn picture(shared: &Shared, about: Option<&SiteView>, svg: String) -> Response {
    let kind = [(header::CONTENT_TYPE, "image/svg+xml;charset=utf-8")];
    (kind, brief(shared, CacheControl::about(shared, about)), svg).into_response()
}

/// JSON for Shields' endpoint badge, which rejects keys that it does not know.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShieldsEndpoint<'a> {
    schema_version: u8,
    label: &'a str,
    message: &'a str,
    color: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    label_color: Option<&'a str>,
    cache_seconds: u64,
}

/// The badge for Shields to draw.
fn shields(shared: &Shared, about: Option<&SiteView>, badge: &Badge) -> Response {
    let keep = CacheControl::about(shared, about);
    let Badge { label, message, colour, label_colour, .. } = badge;
    let body = ShieldsEndpoint {
        schema_version: 1,
        label,
        message,
        color: colour.word(),
        label_color: label_colour.as_ref().map(Paint::word),
        // Shields caches it longer anyway; a changing number would make every answer a new one.
        cache_seconds: CacheControl::LONGEST.duration().as_secs(),
    };
    (brief(shared, keep), Json(body)).into_response()
}

/// The same expiry in two headers: some proxies know the one header and some the other.
fn brief(shared: &Shared, keep: CacheControl) -> (CacheControl, [(HeaderName, String); 1]) {
    (keep, [(header::EXPIRES, http_date(shared.now() + keep.duration()))])
}
