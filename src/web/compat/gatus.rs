//! Gatus' badge addresses, so that a README needs no edit when its author moves here.
//!
//! The thresholds of Gatus are here and nowhere else. An image is always an image, grey when
//! unknown; the plain numbers are 400 and 404 as there. `docs/compatibility.md` lists the
//! addresses.

use std::{iter::once, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Path, State, rejection::PathRejection},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;

use crate::{
    board::LiveSite,
    web::{
        Shared,
        badge::{Badge, Paint, image, typical},
        cache_control::CacheControl,
        error::HttpProblem,
        views::{
            numbers::{share_of_recent, uptimes},
            site::SiteView,
        },
    },
};
use model::verdict::Status;

const AWESOME: Paint = Paint::value("#40cc11");
const GREAT: Paint = Paint::value("#94cc11");
const GOOD: Paint = Paint::value("#ccd311");
const PASSABLE: Paint = Paint::value("#ccb311");
const BAD: Paint = Paint::value("#cc8111");
const VERY_BAD: Paint = Paint::value("#c7130a");

/// The durations, and how long they are.
const DURATIONS: [(&str, Duration); 4] = [
    ("1h", Duration::from_hours(1)),
    ("24h", Duration::from_hours(24)),
    ("7d", Duration::from_hours(7 * 24)),
    ("30d", Duration::from_hours(30 * 24)),
];

/// `GET /api/v1/endpoints/{key}/…`
pub(in crate::web) async fn endpoint(
    State(shared): crate::web::AppState,
    path: Result<Path<(String, String)>, PathRejection>,
) -> Response {
    let Ok(Path((key, what))) = path else {
        return image(&shared, None, &unknown("gatus"));
    };
    let view = find(&shared, &key).map(|live| SiteView::new(live, shared.now()));
    let view = view.as_ref();
    match what.split('/').collect::<Vec<_>>()[..] {
        ["health", "badge.svg"] => image(&shared, view, &health(view)),
        ["health", "badge.shields"] => shields(&shared, view),
        ["uptimes", wanted, "badge.svg"] => image(&shared, view, &uptime_badge(view, wanted)),
        ["uptimes", wanted] => {
            let share = place(wanted).zip(view).and_then(|(place, view)| uptime(view, place));
            plain(&shared, view, wanted, share.map(|share| format!("{share:.6}")))
        }
        ["response-times", wanted, "badge.svg"] => {
            let millis = latency(&shared, view, wanted).await;
            image(&shared, view, &latency_badge(millis, wanted))
        }
        ["response-times", wanted] => {
            let millis = latency(&shared, view, wanted).await;
            plain(&shared, view, wanted, millis.map(|millis| millis.to_string()))
        }
        _ => {
            let path = format!("/api/v1/endpoints/{key}/{what}");
            let detail = "There is nothing at this address.";
            HttpProblem::new(StatusCode::NOT_FOUND, detail, &path).into_response()
        }
    }
}

/// The site with this key: an alias, a slug, or group and name as Gatus joins them, with a tag for
/// the group.
fn find(shared: &Shared, key: &str) -> Option<Arc<LiveSite>> {
    let board = &shared.web.board;
    // Gatus writes its keys in lower case, and people write addresses as they like.
    let lower = key.to_lowercase();
    let known = board.alias(key).or_else(|| board.alias(&lower)).or_else(|| shared.site(key));
    known.or_else(|| board.sites().into_iter().find(|live| is_key(live, &lower)))
}

fn is_key(live: &LiveSite, key: &str) -> bool {
    let site = &live.site;
    let groups = once("").chain(site.tags.iter().map(|tag| &**tag));
    groups.into_iter().any(|group| {
        [&*site.name, site.slug.as_str()]
            .into_iter()
            .any(|name| key.chars().eq(sanitized(group).chain(once('_')).chain(sanitized(name))))
    })
}

fn sanitized(text: &str) -> impl Iterator<Item = char> + '_ {
    let replaced = |c| if "/_., #+&".contains(c) { '-' } else { c };
    text.trim().chars().flat_map(char::to_lowercase).map(replaced)
}

fn health(view: Option<&SiteView>) -> Badge {
    let (word, colour, _) = health_words(view);
    Badge::new("health", word, colour)
}

fn health_words(view: Option<&SiteView>) -> (&'static str, Paint, &'static str) {
    match view.map(SiteView::status) {
        Some(Status::Up | Status::Slow | Status::Partial) => ("up", AWESOME, "brightgreen"),
        Some(Status::Down) => ("down", VERY_BAD, "red"),
        Some(Status::Unknown) => ("?", PASSABLE, "yellow"),
        None => ("?", Paint::LIGHT_GREY, "lightgrey"),
    }
}

/// JSON for Shields' endpoint badge.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GatusEndpoint {
    schema_version: u8,
    label: &'static str,
    message: &'static str,
    color: &'static str,
}

fn shields(shared: &Shared, view: Option<&SiteView>) -> Response {
    let (message, _, color) = health_words(view);
    let body = GatusEndpoint { schema_version: 1, label: "gatus", message, color };
    let keep = CacheControl::about(shared, view);
    (keep, Json(body)).into_response()
}

fn place(wanted: &str) -> Option<usize> {
    DURATIONS.iter().position(|(word, _)| *word == wanted)
}

/// The share of a duration that was not down; for the hour, of the newest checks in it.
fn uptime(view: &SiteView, place: usize) -> Option<f64> {
    match place.checked_sub(1) {
        Some(place) => uptimes(&view.live, view.now)[place],
        None => share_of_recent(&view.live, view.now, DURATIONS[0].1),
    }
}

/// The latency over a duration in whole milliseconds.
async fn latency(shared: &Shared, view: Option<&SiteView>, wanted: &str) -> Option<u32> {
    let (place, view) = place(wanted).zip(view)?;
    typical(shared, view, DURATIONS[place].1).await
}

fn uptime_badge(view: Option<&SiteView>, wanted: &str) -> Badge {
    let known = place(wanted).zip(view).and_then(|(place, view)| uptime(view, place));
    let label = format!("uptime {wanted}");
    let Some(share) = known else { return unknown(&label) };
    let colours = [(0.975, AWESOME), (0.95, GREAT), (0.9, GOOD), (0.8, PASSABLE), (0.65, BAD)];
    let colour = colours.into_iter().find(|(least, _)| share >= *least);
    // Rounded down, so that an outage never reads 100%.
    let hundredths = (share * 1e4 + 1e-6).floor() / 100.0;
    Badge::new(&label, &format!("{hundredths}%"), colour.map_or(VERY_BAD, |(_, colour)| colour))
}

fn latency_badge(known: Option<u32>, wanted: &str) -> Badge {
    let label = format!("response time {wanted}");
    let Some(millis) = known else { return unknown(&label) };
    let colours = [(50, AWESOME), (200, GREAT), (300, GOOD), (500, PASSABLE), (750, BAD)];
    let colour = colours.into_iter().find(|(most, _)| millis <= *most);
    Badge::new(&label, &format!("{millis}ms"), colour.map_or(VERY_BAD, |(_, colour)| colour))
}

fn unknown(label: &str) -> Badge {
    Badge::new(label, "unknown", Paint::LIGHT_GREY)
}

/// A bare number.
fn plain(
    shared: &Shared,
    view: Option<&SiteView>,
    wanted: &str,
    value: Option<String>,
) -> Response {
    match (place(wanted), view, value) {
        (None, ..) => {
            (StatusCode::BAD_REQUEST, "Durations supported: 30d, 7d, 24h, 1h").into_response()
        }
        (_, None, _) => (StatusCode::NOT_FOUND, "endpoint not found").into_response(),
        (_, Some(view), Some(text)) => {
            (CacheControl::of_site(shared, &view.live), text).into_response()
        }
        (_, Some(_), None) => {
            (StatusCode::NOT_FOUND, "nothing is known of that time yet").into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_made_as_there() {
        for (text, want) in
            [(" Core ", "core"), ("a/b_c.d,e f#g+h&i", "a-b-c-d-e-f-g-h-i"), ("ÉTÉ", "été")]
        {
            assert_eq!(sanitized(text).collect::<String>(), want);
        }
    }
}
