//! Badges: always 200 and an image, grey and `unknown` when we do not know.
//!
//! GitHub's image proxy keeps errors and forgets headers that are missing: so never an error here
//! (a query that is too long is no query), and a short life, a strong `ETag` and an `Expires` on every badge.

mod draw;
mod style;
mod widths;
mod write;

use axum::{
    Json,
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::{HeaderName, header};
use serde::Serialize;
use time::macros::format_description;

use self::style::{Badge, Colour, Style};
use super::{
    Shared,
    look::Look,
    numbers::{WINDOWS, percent, uptimes},
    params::{Params, Segment},
    recall::Stretch,
};
use crate::model::verdict::Status;

/// How long a badge may be kept, in seconds.
const SECONDS: u64 = 30;
/// Characters that a label may have.
const LABEL: usize = 60;

/// `GET /badge/{slug}.svg` and `GET /badge/{slug}.json`
pub(super) async fn status(
    State(shared): super::State,
    Segment(file): Segment,
    OriginalUri(uri): OriginalUri,
    params: Result<Params, Response>,
) -> Response {
    let params = params.unwrap_or_default();
    // The ending counts even when the name before it is not text.
    let json = uri.path().strip_suffix(".json").is_some();
    let file = file.unwrap_or_default();
    let slug = file.strip_suffix(if json { ".json" } else { ".svg" }).unwrap_or(&file);
    let look = look(&shared, slug);
    let status = look.as_ref().map_or(Status::Unknown, Look::status);
    let name = look.as_ref().map_or("status", |look| &*look.watched.site.name);
    let badge = badge(&params, name, status.word().to_owned(), Colour::of(status));
    if json { shields(&shared, &badge) } else { image(&shared, &badge) }
}

/// `GET /badge/{slug}/uptime.svg?window=30d`
pub(super) async fn uptime(
    State(shared): super::State,
    Segment(slug): Segment,
    params: Result<Params, Response>,
) -> Response {
    let params = params.unwrap_or_default();
    let wanted = params.text("window").unwrap_or("30d");
    let place = WINDOWS.iter().position(|(word, _)| *word == wanted);
    let look = slug.and_then(|slug| look(&shared, &slug));
    let share = place.zip(look).and_then(|(place, look)| uptimes(&look.watched, look.now)[place]);
    let word = place.map_or("", |place| WINDOWS[place].0);
    let label = format!("uptime {word}");
    let message = share.map_or_else(|| "unknown".to_owned(), percent);
    image(&shared, &badge(&params, label.trim(), message, Colour::of_uptime(share)))
}

/// `GET /badge/{slug}/latency.svg?window=24h`: what half of the good checks were not above.
pub(super) async fn latency(
    State(shared): super::State,
    Segment(slug): Segment,
    params: Result<Params, Response>,
) -> Response {
    let params = params.unwrap_or_default();
    let wanted = params.text("window").unwrap_or("24h");
    let window = WINDOWS.iter().find(|(word, _)| *word == wanted);
    let look = slug.and_then(|slug| look(&shared, &slug));
    let half = match window.zip(look) {
        Some(((_, length), look)) => {
            let (slug, stretch) = (&look.watched.site.slug, Stretch::Last(*length));
            let recalled = shared.recall.history(&shared, slug, stretch).await;
            recalled.and_then(|recalled| recalled.history.whole.p50_ms)
        }
        None => None,
    };
    let label = format!("latency {}", window.map_or("", |(word, _)| word));
    let message = half.map_or_else(|| "unknown".to_owned(), duration);
    image(&shared, &badge(&params, label.trim(), message, Colour::of_latency(half)))
}

/// Milliseconds, and seconds from one on.
fn duration(millis: f64) -> String {
    if millis < 999.5 { format!("{millis:.0} ms") } else { format!("{:.1} s", millis / 1e3) }
}

fn look(shared: &Shared, slug: &str) -> Option<Look> {
    let slug = slug.to_ascii_lowercase();
    shared.web.board.site(&slug).map(|watched| Look::new(watched, shared.now()))
}

fn badge(params: &Params, label: &str, message: String, colour: Colour) -> Badge {
    let label = params.text("label").unwrap_or(label);
    let style = Style::read(params.text("style").unwrap_or_default());
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    let label: String = label.chars().map(clean).take(LABEL).collect();
    Badge { label: label.trim().to_owned(), message, colour, style }
}

fn image(shared: &Shared, badge: &Badge) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml;charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"),
    ];
    (headers, brief(shared), draw::draw(badge)).into_response()
}

/// What Shields' endpoint badge reads; it rejects keys that it does not know.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Endpoint<'a> {
    schema_version: u8,
    label: &'a str,
    message: &'a str,
    color: &'a str,
    cache_seconds: u64,
}

fn shields(shared: &Shared, badge: &Badge) -> Response {
    let Badge { label, message, colour, .. } = badge;
    let (schema_version, color) = (1, colour.name());
    let body = Endpoint { schema_version, label, message, color, cache_seconds: SECONDS };
    (brief(shared), Json(body)).into_response()
}

fn brief(shared: &Shared) -> [(HeaderName, String); 2] {
    let until = shared.now() + std::time::Duration::from_secs(SECONDS);
    let expires = until.to_datetime().format(format_description!(
        "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
    ));
    [
        (header::CACHE_CONTROL, format!("public, max-age={SECONDS}, s-maxage={SECONDS}")),
        (header::EXPIRES, expires.unwrap_or_else(|_| "0".to_owned())),
    ]
}
