//! `GET /api/v1/providers/{slug}/events`: stretches in which a provider seemed to fail, newest
//! first, with their sites. They come from the record; while it cannot be asked, only ongoing ones
//! are known.

use std::sync::Arc;

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use http::StatusCode;
use serde::Serialize;
use utoipa::ToSchema;

use super::{answer, cursor, shape::ProviderName, text_formats::Instant};
use crate::{
    i18n::{Lang, provider::evidence_in},
    store::{EventRow, EventsWanted},
    web::{
        Shared,
        error::HttpProblem,
        extractors::params::{self, Params, PathSegment},
        links,
        views::{
            overview::Overview,
            provider::{EventsPage, events, one},
        },
    },
};
use model::{moment::Moment, name::Slug};

/// Events on a page at most.
pub(in crate::web) const MAX_PAGE: u32 = 200;
/// Events on a page unless asked otherwise.
pub(in crate::web) const DEFAULT_PAGE: u32 = 50;

/// Stretches in which a provider seemed to fail, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderEventsPage)]
pub(in crate::web) struct ProviderEventsPage {
    /// The events, those that began last first.
    events: Vec<Event>,
    /// Give it as `cursor` to read on; null on the last page.
    #[schema(example = "1488290995000")]
    next_cursor: Option<String>,
    /// Moment of the last check of any of its sites; null before the first one.
    #[schema(value_type = Option<Instant>)]
    as_of: Option<Moment>,
    /// False while our record cannot be asked: then only ongoing events are given, and 503 when
    /// there are none.
    #[schema(example = true)]
    fresh: bool,
}

/// A stretch in which several sites of one provider were bad, and far fewer elsewhere.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ProviderEvent)]
struct Event {
    /// Its name for good.
    #[schema(example = "aws-1488290995000")]
    id: String,
    /// The provider.
    provider: ProviderName,
    /// Moment when the first of the sites turned bad.
    #[schema(value_type = Instant)]
    started_at: Moment,
    /// Moment when we found the common cause.
    #[schema(value_type = Instant)]
    noticed_at: Moment,
    /// Since when few of them were bad; null while it lasts.
    #[schema(value_type = Option<Instant>)]
    ended_at: Option<Moment>,
    /// Duration so far, in seconds.
    #[schema(example = 15_420, minimum = 0)]
    duration_seconds: u64,
    /// Evidence for the event.
    #[schema(
        example = "7 of the 14 sites that Amazon Web Services serves ran into trouble within 2 minutes of each other and in the same way (server errors); at that time, none of the 76 sites elsewhere did. This is our own observation, not a statement by Amazon Web Services."
    )]
    evidence: String,
    /// Role of the provider for those sites: it `serves` them, answers for their `names`, issued
    /// their `certificate`, or they depend on it as the catalogue `declared`; null for events from
    /// before this field.
    #[schema(example = "serves", pattern = "^(serves|names|certificate|declared)$")]
    role: Option<&'static str>,
    /// Symptom that they shared when the event was noticed: `dns`, `certificate`, one status
    /// (`http_503`), one kind of failure (`timeout`), or several: `errors`, `unreachable`,
    /// `failing`, `slow`, `trouble`; null for events from before this field.
    #[schema(example = "http_503")]
    alike: Option<String>,
    /// Number of sites that were bad with it at some time.
    #[schema(example = 7, minimum = 0)]
    affected: usize,
    /// Those sites, a hundred of them at most.
    #[schema(value_type = Vec<String>, example = json!(["buzzfeed.com", "medium.com", "slack.com"]))]
    sites: Vec<Slug>,
    /// URL of the outages explained by it, newest first, among others of the provider.
    #[schema(example = "https://up.example/api/v1/outages?provider=aws")]
    outages_url: String,
}

/// `GET /api/v1/providers/{slug}/events`
pub(in crate::web) async fn list(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    OriginalUri(uri): OriginalUri,
    mut params: Params,
) -> Response {
    let at = params.read("at", params::moment);
    let limit = params.limit(MAX_PAGE).unwrap_or(DEFAULT_PAGE);
    let before = params.cursor(cursor::read_moment);
    if let Err(problem) = params.finish() {
        return problem.into_response();
    }
    let overview = Overview::now(&shared);
    let Some(with) = slug.and_then(|slug| one(&overview, &slug)) else {
        let detail = "We know no provider of this name.";
        return HttpProblem::new(StatusCode::NOT_FOUND, detail, uri.path()).into_response();
    };
    let provider = &*with.standing.provider;
    let wanted = EventsWanted { provider, before, at, limit };
    let EventsPage { rows, more, fresh } =
        events(&shared, super::READ_TIMEOUT, &with, wanted).await;
    if rows.is_empty() && !fresh {
        return super::record_away(uri.path(), "how its sites are now is at /api/v1/providers");
    }
    let last = rows.last().filter(|_| more);
    let next_cursor = last.map(|row| row.event.started_at.millis().to_string());
    let as_of = with.views.iter().filter_map(|view| view.live.checked_at()).max();
    let events = rows.into_iter().map(|row| Event::of(&shared, row, overview.now)).collect();
    answer(overview.keep(&shared), &ProviderEventsPage { events, next_cursor, as_of, fresh })
}

impl Event {
    fn of(shared: &Arc<Shared>, EventRow { event, affected }: EventRow, now: Moment) -> Self {
        let until = event.ended_at.unwrap_or(now);
        Self {
            id: format!("{}-{}", event.provider, event.started_at.millis()),
            started_at: event.started_at,
            noticed_at: event.noticed_at,
            ended_at: event.ended_at,
            duration_seconds: until.since(event.started_at).as_secs(),
            evidence: evidence_in(Lang::En, &event, affected),
            role: event.evidence.map(|evidence| evidence.role.word()),
            alike: event.evidence.map(|evidence| evidence.alike.to_string()),
            affected,
            outages_url: shared.link(&links::provider_outages_json(&event.provider)),
            provider: ProviderName::of(&event.provider),
            sites: event.sites.into_iter().collect(),
        }
    }
}
