//! `/api`: what programs can ask, from the same description as `/openapi.json`, and every other address of
//! ours. The fields of answers have a page of their own.

pub(in crate::web) mod schemas;

use askama::Template;
use axum::{extract::State, response::Response};

use super::{components::Html, layout::Layout};
use crate::{
    i18n::Lang,
    web::{
        api::openapi::{
            endpoints::{ENDPOINTS, EndpointDoc, Shape},
            parameters::Parameter,
            writes::{WRITES, WriteDoc},
        },
        error::KINDS,
        extractors::locale::Locale,
    },
};

/// The example in Rust: a program of its own, which the tests build and run.
const RUST: &str = include_str!("../../../examples/wrong.rs");

/// Addresses for programs beside the API, each with the end of the name of the message that describes it
/// (`api-else-…`).
const OTHERS: [(&str, &str); 23] = [
    ("badge", "/badge/{slug}.svg"),
    ("shields", "/badge/{slug}.json"),
    ("uptime", "/badge/{slug}/uptime.svg?window=30d"),
    ("latency", "/badge/{slug}/latency.svg?window=24h"),
    ("dot", "/badge/{slug}/dot.svg"),
    ("days", "/badge/{slug}/bar90.svg"),
    ("card", "/embed/{slug}"),
    ("preview", "/{slug}/preview.png"),
    ("outage", "/outages/{slug}-1488290995000-down"),
    ("feed", "/feed.atom"),
    ("feed-json", "/feed.json"),
    ("feed-site", "/sites/{slug}/feed.atom"),
    ("calendar", "/windows.ics"),
    ("curl", "/{slug}"),
    ("csv", "/api/v1/sites/{slug}/checks?format=csv"),
    ("statuspage", "/api/v2/summary.json"),
    ("statuspage-site", "/sites/{slug}/api/v2/summary.json"),
    ("isitup", "/{slug}.json"),
    ("gatus", "/api/v1/endpoints/{slug}/health/badge.svg"),
    ("kuma", "/api/badge/{slug}/status"),
    ("openapi", "/openapi.json"),
    ("health", "/healthz, /readyz"),
    ("metrics", "/metrics"),
];

#[derive(Template)]
#[template(path = "api.html")]
struct ReferencePage {
    layout: Layout,
    intro: Html,
    /// Base URL of the examples.
    base: String,
    /// A slug for the examples: one of the catalogue, so that they work.
    example: String,
    rust: String,
    endpoints: Vec<EndpointView>,
    writes: Vec<WriteView>,
    others: Vec<(String, String)>,
    conventions: [Html; 4],
    errors: Html,
    kinds: Vec<(&'static str, u16, Html)>,
    /// Address of the page of the schemas.
    schemas: String,
}

/// An endpoint with its example.
struct EndpointView {
    endpoint: &'static EndpointDoc,
    title: String,
    about: Html,
    parameters: Vec<ParameterView>,
    /// The schema of a good answer, or of what a stream tells.
    schema: &'static str,
    /// The example's path.
    path: String,
    stream: bool,
}

/// A change as it is shown.
struct WriteView {
    write: &'static WriteDoc,
    method: String,
    title: String,
    about: Html,
    permission: &'static str,
}

/// A parameter as it is shown.
struct ParameterView {
    name: &'static str,
    bounds: String,
    about: Html,
    example: Option<&'static str>,
}

/// `GET /api`
pub(in crate::web) async fn page(State(shared): crate::web::AppState, locale: Locale) -> Response {
    let t = locale.lang;
    let (title, description) = (t.say("api-title"), t.say("api-description"));
    let layout =
        Layout::still(&shared, &locale, title.into_owned(), description.into_owned(), "/api");
    let board = &shared.web.board;
    let example = match board.site("slack.com").or_else(|| board.sites().into_iter().next()) {
        Some(live) => live.site.slug.to_string(),
        None => "slack.com".to_owned(),
    };
    let base = shared.link("");
    let schemas = locale.href(schemas::PATH);
    let parts = ["api-cache-html", "api-reach-html", "api-limits-html", "api-cursors-html"];
    let page = ReferencePage {
        layout,
        intro: Html::said(t, "api-intro-html", []),
        rust: RUST.trim_end().replace("http://127.0.0.1:8080", &base),
        endpoints: ENDPOINTS.iter().map(|doc| EndpointView::of(t, doc, &example)).collect(),
        writes: WRITES.iter().map(|write| WriteView::of(t, write)).collect(),
        others: OTHERS
            .iter()
            .map(|(id, path)| {
                let what = t.say(&format!("api-else-{id}")).into_owned();
                (path.replace("{slug}", &example), what)
            })
            .collect(),
        conventions: parts.map(|id| Html::said(t, id, [])),
        errors: Html::said(t, "api-errors-html", [("schemas", schemas.as_str().into())]),
        kinds: KINDS
            .iter()
            .map(|kind| (kind.section, kind.status, Html::with_code(kind.about)))
            .collect(),
        schemas,
        base,
        example,
    };
    super::page(t, &page)
}

impl WriteView {
    fn of(t: Lang, write: &'static WriteDoc) -> Self {
        Self {
            write,
            method: write.method.to_ascii_uppercase(),
            title: t.say(&format!("api-of-{}", write.id)).into_owned(),
            about: Html::with_code(write.about),
            permission: write.permission.word(),
        }
    }
}

impl EndpointView {
    fn of(t: Lang, endpoint: &'static EndpointDoc, example: &str) -> Self {
        let subject = if endpoint.path.contains("/providers/") { "aws" } else { example };
        let path = format!("{}{}", endpoint.path, endpoint.example).replace("{slug}", subject);
        let parameter = |parameter: &'static Parameter| ParameterView {
            name: parameter.name,
            bounds: parameter.bounds(),
            about: Html::with_code(parameter.about),
            example: parameter.in_query().then_some(parameter.example),
        };
        Self {
            endpoint,
            title: t.say(&format!("api-of-{}", endpoint.id)).into_owned(),
            about: Html::with_code(endpoint.about),
            parameters: endpoint.parameters.iter().map(parameter).collect(),
            schema: endpoint.answer.schema().unwrap_or("Site"),
            path,
            stream: endpoint.answer == Shape::Events,
        }
    }

    /// The name of its request within the page.
    fn asks(&self) -> String {
        format!("{}-ask", self.endpoint.id)
    }

    /// The name of its answer within the page.
    fn answers(&self) -> String {
        format!("{}-answer", self.endpoint.id)
    }
}
