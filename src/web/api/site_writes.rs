//! `PUT|DELETE /api/v1/sites/{slug}`, `POST …/check`: sites that programs add beside the catalogue.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::{
    Json,
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use serde_json::Value;
use tokio::time::{Instant, sleep};
use utoipa::ToSchema;

use super::{
    shape::SiteJson,
    writes::{self, Write},
};
use crate::{
    board::LiveSite,
    operator::Refusal,
    web::{
        Shared,
        error::{HttpProblem, Wrong},
        extractors::params::PathSegment,
        views::site::SiteView,
    },
};
use model::{name::Slug, permission::Permission, site::Site};

/// Longest wait for a change to be in force.
const IN_FORCE_TIMEOUT: Duration = Duration::from_secs(5);
/// Pause between two looks at the board.
const PAUSE: Duration = Duration::from_millis(20);

/// A site, with the keys of a `[[site]]` in the catalogue. Only `url` is needed.
#[derive(Debug, ToSchema)]
#[schema(as = NewSite)]
#[expect(dead_code, reason = "only its schema is used; values are read as those of the file are")]
pub(in crate::web) struct NewSite {
    /// The address to look at.
    #[schema(example = "https://slack.com/")]
    url: String,
    /// Its name for people; the host unless given.
    #[schema(example = "Slack", max_length = 100)]
    name: String,
    /// Time between two checks, five seconds to a day.
    #[schema(example = "30s")]
    interval: String,
    /// Time limit of an attempt.
    #[schema(example = "10s")]
    timeout: String,
    /// Slower than this is slow; three times its usual latency unless given.
    #[schema(example = "2s")]
    slow_after: String,
    /// The method of the request; GET unless given.
    #[schema(example = "GET", pattern = "^(GET|HEAD|POST)$")]
    method: String,
    /// Headers that are sent to the site's own origin alone; nothing shows their values.
    #[schema(value_type = BTreeMap<String, String>, example = json!({ "Accept": "text/html" }))]
    headers: BTreeMap<String, String>,
    /// The body of a POST.
    #[schema(example = "{}")]
    body: String,
    /// Redirects that are followed; with 0 a redirect is a failure.
    #[schema(example = 10, minimum = 0)]
    max_redirects: u8,
    /// Statuses that are good, and ranges of them.
    #[schema(example = json!(["200-399"]))]
    expect_status: Vec<String>,
    /// A text that must be in the page.
    #[schema(example = "Slack")]
    expect_text: String,
    /// A text that must not be in it.
    #[schema(example = "Fatal error")]
    forbid_text: String,
    /// Values that its JSON must have, by their pointers (RFC 6901).
    #[schema(value_type = BTreeMap<String, Value>, example = json!({ "/status": "ok" }))]
    expect_json: BTreeMap<String, Value>,
    /// The page on which those who run the site tell of its troubles.
    #[schema(example = "https://slack-status.com/")]
    status_page: String,
    /// The cloud or CDN that serves it; detected unless given.
    #[schema(example = "aws")]
    provider: String,
    /// Providers that it depends on beyond that one.
    #[schema(example = json!(["dyn"]))]
    depends_on: Vec<String>,
    /// True if it may be at a private address.
    #[schema(example = false)]
    private: bool,
    /// Words to group sites by.
    #[schema(example = json!(["chat"]))]
    tags: Vec<String>,
    /// Its names in badge addresses of Uptime Kuma and Gatus.
    #[schema(example = json!(["12"]))]
    aliases: Vec<String>,
}

/// `PUT /api/v1/sites/{slug}`
pub(in crate::web) async fn put(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    request: Request,
) -> Response {
    let shared = &shared;
    writes::handle(shared, request, Permission::Sites, async |write: &Write| {
        let keys = match write.keys() {
            Ok(keys) => keys,
            Err(wrong) => return *wrong,
        };
        // A host is the same in capitals.
        let slug = &*slug.unwrap_or_default().to_ascii_lowercase();
        let asks = |tag: Option<&str>| match writes::if_match(&write.headers, tag) {
            Some(matched) => matched,
            None if tag.is_none() => Ok(()),
            // It is there, and another change of it may be lost.
            None if write.headers.get(header::IF_NONE_MATCH).is_some_and(is_star) => {
                Err(Refusal::Precondition(format!("the site {slug} is there already")))
            }
            None => Err(Refusal::Unconditional(format!(
                "the site {slug} is there already: say with If-Match which state of it is to be replaced; its tag is \
                 \"{}\"",
                tag.unwrap_or_default()
            ))),
        };
        let added = shared.web.operator.added_sites();
        let (site, new) = match added.put(slug, keys, &slugs(shared), &asks) {
            Ok(put) => put,
            Err(refusal) => return write.refused(&refusal),
        };
        let action = if new { "site.add" } else { "site.change" };
        shared.web.operator.note(write.now, write.by(), action, slug, site.url.as_str());
        let shown = |live: Option<&LiveSite>| live.is_some_and(|known| same(&known.site, &site));
        let Some(live) = in_force(shared, slug, shown).await else { return late(write) };
        let Some(live) = live else { return late(write) };
        let view = SiteView::new(live, shared.now());
        let status = if new { StatusCode::CREATED } else { StatusCode::OK };
        let tag = writes::etag(&added.tag(slug).unwrap_or_default());
        let json = Json(SiteJson::of(&view)).into_response();
        (status, tag, json).into_response()
    })
    .await
}

/// `DELETE /api/v1/sites/{slug}`
pub(in crate::web) async fn remove(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    request: Request,
) -> Response {
    let shared = &shared;
    let query = request.uri().query().unwrap_or_default().to_owned();
    writes::handle(shared, request, Permission::Sites, async |write: &Write| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        let confirmed = pairs.find(|(name, _)| name == "confirm_removals");
        let confirmed = confirmed.map(|(_, number)| number.parse::<usize>()).transpose();
        let Ok(confirmed) = confirmed else {
            let detail = "must be a whole number, such as 3".to_owned();
            let wrong = Wrong { parameter: "confirm_removals".into(), detail };
            return HttpProblem::parameters(vec![wrong], &write.path).into_response();
        };
        let slug = slug.and_then(|slug| Slug::new(&slug.to_ascii_lowercase()).ok());
        let Some(slug) = slug else {
            return HttpProblem::no_site(&write.path).into_response();
        };
        let asks = |tag: Option<&str>| writes::if_match(&write.headers, tag).unwrap_or(Ok(()));
        let added = shared.web.operator.added_sites();
        if let Err(refusal) = added.remove(&slug, &slugs(shared), confirmed, &asks, write.now) {
            return write.refused(&refusal);
        }
        shared.web.operator.note(write.now, write.by(), "site.remove", slug.as_str(), "");
        let gone = |live: Option<&LiveSite>| live.is_none();
        match in_force(shared, slug.as_str(), gone).await {
            Some(_) => StatusCode::NO_CONTENT.into_response(),
            None => late(write),
        }
    })
    .await
}

/// `POST /api/v1/sites/{slug}/check`
pub(in crate::web) async fn check(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    request: Request,
) -> Response {
    writes::handle(&shared, request, Permission::Check, async |write: &Write| {
        let found = super::site_of(&shared, slug.as_deref());
        let Some(live) = found else {
            return HttpProblem::no_site(&write.path).into_response();
        };
        let slug = &live.site.slug;
        let asked =
            shared.web.again.as_ref().is_some_and(|again| again.try_send(slug.clone()).is_ok());
        if !asked {
            let why = "The site cannot be looked at now; its next turn comes anyway.";
            return HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, why, &write.path)
                .into_response();
        }
        shared.web.operator.note(write.now, write.by(), "site.check", slug.as_str(), "");
        let view = SiteView::new(live.clone(), write.now);
        (StatusCode::ACCEPTED, Json(SiteJson::of(&view))).into_response()
    })
    .await
}

fn is_star(value: &HeaderValue) -> bool {
    value.as_bytes() == b"*"
}

fn slugs(shared: &Shared) -> Vec<Slug> {
    shared.web.board.sites().iter().map(|live| live.site.slug.clone()).collect()
}

fn same(one: &Arc<Site>, other: &Arc<Site>) -> bool {
    **one == **other
}

/// Waits until the board shows a site as a change left it; `None` when it does not in time.
async fn in_force(
    shared: &Shared,
    slug: &str,
    shown: impl Fn(Option<&LiveSite>) -> bool,
) -> Option<Option<Arc<LiveSite>>> {
    let until = Instant::now() + IN_FORCE_TIMEOUT;
    loop {
        let live = shared.web.board.site(slug);
        if shown(live.as_deref()) {
            return Some(live);
        }
        if Instant::now() >= until {
            return None;
        }
        sleep(PAUSE).await;
    }
}

/// The change is kept, and not in force yet.
fn late(write: &Write) -> Response {
    let why = "The change is kept, but not in force yet: the service is starting, or the catalogue as a \
               whole was not taken. The log says which.";
    HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, why, &write.path).into_response()
}
