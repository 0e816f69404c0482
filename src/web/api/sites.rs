//! `GET /api/v1/sites`: the sites in the order of their slugs, filtered, a page at a time;
//! `GET /api/v1/sites/{slug}`: one of them.

use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    answer, cursor,
    shape::{FIELDS, SiteJson},
    site_of,
    text_formats::{Instant, SlugText},
    writes::OwnTag,
};
use crate::web::{
    cache_control::CacheControl,
    error::HttpProblem,
    extractors::params::{Params, PathSegment},
    search::{Filter, read_status},
    views::{overview::Overview, site::SiteView},
};
use model::moment::Moment;

/// Sites on a page, unless asked otherwise; more are never given.
pub(in crate::web) const MAX_PAGE: u32 = 1_000;

/// A page of sites.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SitesPage)]
pub(in crate::web) struct SitesPage<'a> {
    /// The sites, in the order of their slugs.
    #[schema(value_type = Vec<SitePart>)]
    sites: Vec<ListedSite<'a>>,
    /// Give it as `cursor` to read on; null on the last page.
    #[schema(example = "736c61636b2e636f6d")]
    next_cursor: Option<String>,
    /// Moment of the last check of any site; null before the first one.
    #[schema(value_type = Option<Instant>)]
    as_of: Option<Moment>,
}

/// Stands for the schema of a site with some fields, which is made from that of [`SiteJson`].
#[derive(Debug, ToSchema)]
struct SitePart {}

/// A site, whole or with some fields.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum ListedSite<'a> {
    Whole(Box<SiteJson<'a>>),
    Fields(Map<String, Value>),
}

impl<'a> ListedSite<'a> {
    fn of(view: &'a SiteView, fields: Option<&[&str]>) -> Self {
        let site = SiteJson::of(view);
        let Some(fields) = fields else { return Self::Whole(Box::new(site)) };
        match serde_json::to_value(&site) {
            Ok(Value::Object(mut all)) => {
                all.retain(|name, _| fields.contains(&name.as_str()));
                Self::Fields(all)
            }
            _ => Self::Whole(Box::new(site)),
        }
    }
}

/// A target for Prometheus (`http_sd`).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetGroup)]
pub(in crate::web) struct TargetGroup<'a> {
    /// The address that we look at, alone.
    #[schema(value_type = Vec<String>, example = json!(["https://slack.com/"]))]
    targets: [&'a str; 1],
    /// Labels of the target.
    #[schema(value_type = TargetLabels)]
    labels: TargetLabels<'a>,
}

/// Labels of a target.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TargetLabels)]
pub(in crate::web) struct TargetLabels<'a> {
    /// The slug of the site.
    #[schema(value_type = SlugText)]
    site: &'a str,
}

impl<'a> TargetGroup<'a> {
    fn of(view: &'a SiteView) -> Self {
        let site = &*view.live.site;
        Self { targets: [site.url.as_str()], labels: TargetLabels { site: site.slug.as_str() } }
    }
}

/// Filter and page of sites.
struct SitesQuery {
    filter: Filter,
    limit: usize,
    after: Option<String>,
    fields: Option<Vec<&'static str>>,
    targets: bool,
}

/// The sites; `as_of` is the newest check of any site.
pub(in crate::web) async fn list(State(shared): crate::web::AppState, params: Params) -> Response {
    let locale = match read(params) {
        Ok(query) => query,
        Err(problem) => return problem.into_response(),
    };
    let overview = Overview::now(&shared);
    if locale.targets {
        let fitting = overview.views.iter().filter(|view| locale.filter.fits(view));
        let groups: Vec<_> = fitting.map(TargetGroup::of).collect();
        return answer(overview.keep(&shared), &groups);
    }
    let after = locale.after.as_deref();
    let mut found = overview
        .views
        .iter()
        .filter(|view| after.is_none_or(|after| view.live.site.slug.as_str() > after))
        .filter(|view| locale.filter.fits(view));
    let sites: Vec<_> = found.by_ref().take(locale.limit).collect();
    let more = found.next().is_some();
    let last = sites.last().filter(|_| more);
    let fields = locale.fields.as_deref();
    answer(
        overview.keep(&shared),
        &SitesPage {
            next_cursor: last.map(|view| cursor::write_name(view.live.site.slug.as_str())),
            sites: sites.into_iter().map(|view| ListedSite::of(view, fields)).collect(),
            as_of: overview.last,
        },
    )
}

fn read(mut params: Params) -> Result<SitesQuery, HttpProblem> {
    let statuses = params.read("status", read_status).unwrap_or_default();
    let tag = params.word("tag");
    let provider = params.word("provider");
    let q = params.word("q");
    let limit = params.limit(MAX_PAGE);
    let after = params.cursor(|text| cursor::read_name(text).ok_or_else(cursor::refusal));
    let fields = params.read("fields", read_fields);
    let targets = params.read("format", |text| match text {
        "" | "json" => Ok(false),
        "http_sd" => Ok(true),
        _ => Err("must be json or http_sd".to_owned()),
    });
    params.finish()?;
    let filter = Filter { statuses, tag, provider, q };
    Ok(SitesQuery {
        filter,
        limit: limit.unwrap_or(MAX_PAGE) as usize,
        after,
        fields,
        targets: targets.unwrap_or(false),
    })
}

/// Reads names of fields with commas between them.
fn read_fields(text: &str) -> Result<Vec<&'static str>, String> {
    let known = |name: &str| FIELDS.iter().copied().find(|field| *field == name.trim());
    let found: Option<Vec<_>> = text.split(',').map(known).collect();
    found.ok_or_else(|| format!("must be of {}, with commas between", FIELDS.join(", ")))
}

/// `GET /api/v1/sites/{slug}`
pub(in crate::web) async fn one(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let Some(live) = site_of(&shared, slug.as_deref()) else {
        return HttpProblem::no_site(uri.path()).into_response();
    };
    let view = SiteView::new(live, shared.now());
    let mut response = answer(CacheControl::of_site(&shared, &view.live), &SiteJson::of(&view));
    if let Some(tag) = shared.web.operator.added_sites().tag(view.live.site.slug.as_str()) {
        response.extensions_mut().insert(OwnTag(tag));
    }
    response
}
