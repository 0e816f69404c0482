//! `GET /api/v1/events`: server-sent events, one `verdict` event for each change of a verdict, and one
//! `notice` event for each update of a notice.
//!
//! A reader pulls from the board's ring of the last changes, so that a slow one costs nothing but
//! its connection; one that fell off the ring gets a `reset` and should fetch the sites anew. A
//! reader's place is the event's id, of changes and of notices: an id of an earlier run resets as well.
//! Readers are bounded, in all and for each visitor, and each ends after an hour: browsers
//! reconnect by themselves, with their place.

mod reader;
mod seats;

use std::time::Duration;

use axum::{
    Extension,
    extract::{OriginalUri, State},
    response::{
        IntoResponse, Response,
        sse::{KeepAlive, Sse},
    },
};
use futures_util::stream;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio_util::sync::CancellationToken;

use self::reader::EventStream;
pub(in crate::web) use self::{
    reader::Reset,
    seats::{Readers, Seat},
};
use crate::web::{
    error::HttpProblem,
    extractors::{client_ip::ClientIp, params::Params},
};

/// Interval of comments on a silent stream that keep it alive.
const BEAT_INTERVAL: Duration = Duration::from_secs(15);

/// Cancelled when the service ends; the server puts it beside each request.
#[derive(Clone, Debug)]
pub(in crate::web) struct Stopping(pub(in crate::web) CancellationToken);

/// `GET /api/v1/events`
pub(in crate::web) async fn events(
    State(shared): crate::web::AppState,
    client: ClientIp,
    stopping: Option<Extension<Stopping>>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    mut params: Params,
) -> Response {
    let site = params.slug("site");
    let asked = params.read("last_event_id", |text| {
        let fits =
            (1..=60).contains(&text.len()) && text.bytes().all(|b| (b' '..=b'~').contains(&b));
        if fits { Ok(text.to_owned()) } else { Err("must be the id of an event".to_owned()) }
    });
    let given = headers.get("last-event-id").map(|id| String::from_utf8_lossy(id.as_bytes()));
    let last = given.map(Into::into).or(asked);
    if let Err(problem) = params.finish() {
        return problem.into_response();
    }
    if site.as_ref().is_some_and(|slug| shared.web.board.site(slug.as_str()).is_none()) {
        return HttpProblem::no_site(uri.path()).into_response();
    }
    let Some(seat) = Seat::take(&shared, client.key()) else {
        let detail = "Too many read these events already. Please try again later.";
        let problem = HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, detail, uri.path());
        return ([(header::RETRY_AFTER, "30")], problem).into_response();
    };
    let stopping = stopping.map(|stopping| stopping.0.0).unwrap_or_default();
    let reader = EventStream::new(seat, site, last.as_deref(), stopping);
    let sse = Sse::new(stream::unfold(reader, EventStream::next))
        .keep_alive(KeepAlive::new().interval(BEAT_INTERVAL).text("still here"));
    let mut response = sse.into_response();
    // Proxies that gather an answer before they pass it on would hold it for ever.
    let gathering = HeaderName::from_static("x-accel-buffering");
    response.headers_mut().insert(gathering, HeaderValue::from_static("no"));
    response
}
