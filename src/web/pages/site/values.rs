//! `/sites/{slug}/history`: the values of a site's charts as tables, on a page of their own: few ask for
//! them, and they are as much as the rest of the site's page.

use std::time::Duration;

use askama::Template;
use axum::{extract::State, response::Response};
use http::StatusCode;

use super::{
    DAYS, QUARTER, chosen,
    graphs::{self, ChartChoice, PointRow, RowGroup},
    site_history::{self, window},
};
use crate::web::{
    chart::days::{ChartDay, DayKind, days},
    extractors::{
        locale::Locale,
        params::{Params, PathSegment},
    },
    links,
    pages::{self, error_page, layout::Layout},
};

const DAY: Duration = Duration::from_hours(24);

#[derive(Template)]
#[template(path = "values.html")]
struct ValuesPage {
    layout: Layout,
    name: String,
    /// The site's own page.
    site: String,
    windows: Vec<ChartChoice>,
    regions: Vec<ChartChoice>,
    /// The values, by hour or by day.
    groups: Vec<RowGroup>,
    /// The values of a window whose points are days.
    rows: Vec<PointRow>,
    /// Sentence for when there are no values.
    nothing: String,
    /// The days since the first that was watched.
    days: Vec<ChartDay>,
    outages_href: String,
    /// The same values for programs, as CSV and as JSON.
    csv: String,
    json: String,
}

/// `GET /sites/{slug}/history?window=&region=`
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    locale: Locale,
    params: Params,
) -> Response {
    let Some(live) = slug.and_then(|slug| shared.site(&slug)) else {
        return error_page::respond(&shared, &locale, StatusCode::NOT_FOUND);
    };
    let (t, now) = (locale.lang, shared.second());
    let (site, slug) = (&live.site, live.site.slug.as_str());
    let (word, length) = window(params.text("window"));
    let region = chosen(&live, params.text("region"));
    let read = |region, length| site_history::read(&shared, &live, region, length, now);
    let (past, quarter) = tokio::join!(read(region.as_ref(), length), read(None, QUARTER));
    let path = links::values(slug);
    let title = t.one("values-title", "name", &*site.name);
    let description = t.one("values-description", "name", &*site.name);
    let layout = Layout::hidden(&shared, &locale, title, description);
    let (windows, regions) = graphs::choices(&locale, &live, &path, (word, region.as_ref()));
    let from = region.as_ref().map(|region| format!("&region={region}")).unwrap_or_default();
    let json = format!("{}/history?window={word}{from}", links::site_json(slug));
    let mut days = quarter.map(|past| days(t, past.last(DAYS), &[], now)).unwrap_or_default();
    let watched = days.iter().position(|day| day.kind != DayKind::Gap).unwrap_or(days.len());
    days.drain(..watched);
    let (groups, rows) = match &past {
        Some(past) if past.step >= DAY => (Vec::new(), graphs::rows(t, past)),
        Some(past) => (graphs::groups(t, past, now), Vec::new()),
        None => Default::default(),
    };
    let page = ValuesPage {
        layout: Layout { path: format!("{path}?window={word}{from}"), ..layout },
        name: site.name.to_string(),
        site: locale.href(&links::site(slug)),
        windows,
        regions,
        groups,
        rows,
        nothing: graphs::nothing(t, past.as_ref()),
        days,
        outages_href: locale.href(&format!("/outages?site={slug}")),
        csv: format!("{json}&format=csv"),
        json,
    };
    pages::page(t, &page)
}
