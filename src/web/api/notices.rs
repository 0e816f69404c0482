//! `GET|POST /api/v1/notices`, `GET /api/v1/notices/{id}`, `POST …/{id}/updates`: what people say about
//! trouble. It stands beside the verdicts and changes none.

use std::sync::Arc;

use axum::{
    Json,
    extract::{OriginalUri, Request, State},
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    answer,
    text_formats::{ImpactWord, Instant, NoticeStateWord},
    writes::{self, OwnTag, Write},
};
use crate::web::{
    Shared,
    cache_control::CacheControl,
    error::HttpProblem,
    extractors::params::{Params, PathSegment},
    links,
};
use model::{
    moment::Moment,
    notice::{Notice, NoticeUpdate},
    permission::Permission,
    scope::Scope,
};

/// Notices of an answer at most.
pub(in crate::web) const MAX_PAGE: u32 = 1_000;
/// Notices of an answer unless asked otherwise.
pub(in crate::web) const DEFAULT_PAGE: u32 = 50;
/// The values of `state`.
pub(in crate::web) const STATES: &[&str] = &["open", "resolved"];

/// Notices of people.
#[derive(Debug, Serialize, ToSchema)]
pub(in crate::web) struct NoticesPage {
    /// The notices, the newest update first.
    notices: Vec<NoticeJson>,
}

/// A person's words about trouble. They change no verdict.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Notice)]
pub(in crate::web) struct NoticeJson {
    /// Its name in addresses.
    #[schema(example = "n-3f9a2c41d07b")]
    id: Box<str>,
    /// A few words.
    #[schema(example = "Sign-in fails for some")]
    title: Box<str>,
    /// State of the trouble, as the person sees it.
    #[schema(value_type = NoticeStateWord)]
    state: &'static str,
    /// Impact, as the person sees it.
    #[schema(value_type = ImpactWord)]
    impact: &'static str,
    /// True until it is resolved.
    #[schema(example = true)]
    open: bool,
    /// Begin of the trouble.
    #[schema(value_type = Instant)]
    started_at: Moment,
    /// Moment of its last update.
    #[schema(value_type = Instant)]
    updated_at: Moment,
    /// Moment when it was resolved; null while it is open.
    #[schema(value_type = Option<Instant>)]
    resolved_at: Option<Moment>,
    /// Slugs of the sites that it names. With no sites, tags and providers it is about all of them.
    #[schema(value_type = Vec<String>, example = json!(["slack.com"]))]
    sites: Vec<String>,
    /// Tags of the sites that it is about.
    #[schema(value_type = Vec<String>, example = json!(["chat"]))]
    tags: Vec<Box<str>>,
    /// Providers of the sites that it is about.
    #[schema(value_type = Vec<String>, example = json!(["aws"]))]
    providers: Vec<Box<str>>,
    /// The updates, newest first.
    updates: Vec<NoticeUpdateJson>,
    /// URL of its page.
    #[schema(example = "https://up.example/notices/n-3f9a2c41d07b")]
    page: String,
    /// Names of it that no site has, such as mistyped ones, in sentences. Told only to the one who
    /// writes it; empty for everybody else.
    #[schema(example = json!(["no site of the catalogue has the tag shpo now"]))]
    warnings: Vec<String>,
}

/// One update of a notice.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NoticeUpdate)]
pub(in crate::web) struct NoticeUpdateJson {
    /// Its name, for ever.
    #[schema(example = "n-3f9a2c41d07b-1")]
    id: Box<str>,
    /// Moment when it was written.
    #[schema(value_type = Instant)]
    at: Moment,
    /// State of the trouble, as the person sees it.
    #[schema(value_type = NoticeStateWord)]
    state: &'static str,
    /// The words, as plain text.
    #[schema(example = "We are looking into it.")]
    text: Box<str>,
}

/// A new notice. Only `title` and `text` are needed.
#[derive(Debug, ToSchema)]
#[schema(as = NewNotice)]
#[expect(dead_code, reason = "only its schema is used; values are read as those of the file are")]
pub(in crate::web) struct NewNotice {
    /// A few words.
    #[schema(example = "Sign-in fails for some", max_length = 200)]
    title: String,
    /// The words of its first update, as plain text.
    #[schema(example = "We are looking into it.", max_length = 5000)]
    text: String,
    /// State of the trouble; `investigating` unless given.
    #[schema(value_type = NoticeStateWord)]
    state: String,
    /// Impact of the trouble; `none` unless given.
    #[schema(value_type = ImpactWord)]
    impact: String,
    /// Slugs of the sites that it is about.
    #[schema(example = json!(["slack.com"]))]
    sites: Vec<String>,
    /// Tags of the sites that it is about.
    #[schema(example = json!(["chat"]))]
    tags: Vec<String>,
    /// Providers of the sites that it is about.
    #[schema(example = json!(["aws"]))]
    providers: Vec<String>,
    /// Begin of the trouble, now or earlier; now unless given.
    #[schema(value_type = Instant)]
    started_at: Moment,
    /// False if no channel is to be told.
    #[schema(example = true)]
    tell: bool,
}

/// A new update of a notice.
#[derive(Debug, ToSchema)]
#[schema(as = NewNoticeUpdate)]
#[expect(dead_code, reason = "only its schema is used; values are read as those of the file are")]
pub(in crate::web) struct NewUpdate {
    /// State of the trouble; as it was unless given. A `postmortem` follows on `resolved`.
    #[schema(value_type = NoticeStateWord)]
    state: String,
    /// The words, as plain text.
    #[schema(example = "The cause is known.", max_length = 2000)]
    text: String,
}

impl NoticeJson {
    /// A notice for programs.
    pub(in crate::web) fn of(shared: &Shared, notice: &Notice) -> Self {
        let Scope { sites, tags, providers } = notice.scope.clone();
        let update = |update: &NoticeUpdate| NoticeUpdateJson {
            id: update.id.clone(),
            at: update.at,
            state: update.state.word(),
            text: update.text.clone(),
        };
        Self {
            id: notice.id.clone(),
            title: notice.title.clone(),
            state: notice.state().word(),
            impact: notice.impact.word(),
            open: notice.is_open(),
            started_at: notice.started_at,
            updated_at: notice.updated_at(),
            resolved_at: notice.resolved_at(),
            sites: sites.iter().map(ToString::to_string).collect(),
            tags,
            providers,
            updates: notice.updates.iter().rev().map(update).collect(),
            page: shared.link(&links::notice(&notice.id)),
            warnings: Vec::new(),
        }
    }
}

/// Tag of a notice: it changes with each update.
fn tag(notice: &Notice) -> String {
    notice.updates.last().map_or_else(String::new, |update| update.id.to_string())
}

/// `GET /api/v1/notices`
pub(in crate::web) async fn list(
    State(shared): crate::web::AppState,
    mut params: Params,
) -> Response {
    let state = params.read("state", |text| {
        let found = STATES.iter().find(|known| **known == text);
        found.copied().ok_or_else(|| format!("must be {}", STATES.join(" or ")))
    });
    let limit = params.limit(MAX_PAGE).unwrap_or(DEFAULT_PAGE) as usize;
    if let Err(problem) = params.finish() {
        return problem.into_response();
    }
    let all = shared.web.operator.notices();
    let wanted = |notice: &&Notice| state.is_none_or(|state| notice.is_open() == (state == "open"));
    let mut notices: Vec<&Notice> = all.iter().filter(wanted).collect();
    notices.sort_by_key(|notice| std::cmp::Reverse(notice.updated_at()));
    notices.truncate(limit);
    let notices = notices.into_iter().map(|notice| NoticeJson::of(&shared, notice)).collect();
    answer(CacheControl::ITS_SECOND, &NoticesPage { notices })
}

/// `GET /api/v1/notices/{id}`
pub(in crate::web) async fn one(
    State(shared): crate::web::AppState,
    PathSegment(id): PathSegment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let all = shared.web.operator.notices();
    let found = all.iter().find(|notice| id.as_deref() == Some(&*notice.id));
    let Some(notice) = found else {
        let why = "No notice has this id.";
        return HttpProblem::new(StatusCode::NOT_FOUND, why, uri.path()).into_response();
    };
    let mut response = answer(CacheControl::ITS_SECOND, &NoticeJson::of(&shared, notice));
    response.extensions_mut().insert(OwnTag(tag(notice)));
    response
}

/// `POST /api/v1/notices`
pub(in crate::web) async fn open(
    State(shared): crate::web::AppState,
    request: Request,
) -> Response {
    writes::handle(&shared, request, Permission::Notices, async |write: &Write| {
        let keys = match write.keys() {
            Ok(keys) => keys,
            Err(wrong) => return *wrong,
        };
        let opened = shared.web.operator.open_notice(keys, write.by(), write.now);
        opened.map_or_else(|refusal| write.refused(&refusal), |notice| created(&shared, &notice))
    })
    .await
}

/// `POST /api/v1/notices/{id}/updates`
pub(in crate::web) async fn update(
    State(shared): crate::web::AppState,
    PathSegment(id): PathSegment,
    request: Request,
) -> Response {
    writes::handle(&shared, request, Permission::Notices, async |write: &Write| {
        let keys = match write.keys() {
            Ok(keys) => keys,
            Err(wrong) => return *wrong,
        };
        let unless = |notice: &Notice| {
            writes::if_match(&write.headers, Some(&tag(notice))).unwrap_or(Ok(()))
        };
        let (operator, id) = (&shared.web.operator, id.as_deref().unwrap_or_default());
        let updated = operator.update_notice(id, keys, write.by(), write.now, unless);
        updated.map_or_else(|refusal| write.refused(&refusal), |notice| created(&shared, &notice))
    })
    .await
}

fn created(shared: &Arc<Shared>, notice: &Notice) -> Response {
    let place = format!("/api/v1/notices/{}", notice.id);
    let headers = ([(header::LOCATION, place)], writes::etag(&tag(notice)));
    let warnings = writes::warnings(shared, &notice.scope);
    let json = NoticeJson { warnings, ..NoticeJson::of(shared, notice) };
    (StatusCode::CREATED, headers.0, headers.1, Json(json)).into_response()
}
