//! `/api`: the endpoints for programs, from the same description as `/openapi.json`.

mod fields;

use askama::Template;
use axum::{extract::State, response::Response};

use self::fields::{Field, ShapeView, fields, shapes};
use super::{components::Html, layout::Layout};
use crate::web::{
    api::openapi::{
        endpoints::{ENDPOINTS, EndpointDoc, Shape},
        parameters::Parameter,
    },
    error::{KINDS, ProblemKind},
    extractors::locale::Locale,
};

/// The example in Rust: a program of its own, which the tests build and run.
const RUST: &str = include_str!("../../../examples/wrong.rs");

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
    shapes: Vec<ShapeView>,
    kinds: &'static [ProblemKind],
}

/// An endpoint with its example.
struct EndpointView {
    endpoint: &'static EndpointDoc,
    parameters: Vec<&'static Parameter>,
    /// The fields of a good answer.
    fields: Vec<Field>,
    /// The example's path.
    path: String,
    stream: bool,
}

/// `GET /api`
pub(in crate::web) async fn page(State(shared): crate::web::AppState, locale: Locale) -> Response {
    let t = locale.lang;
    let (title, description) = (t.say("api-title"), t.say("api-description"));
    let layout =
        Layout::still(&shared, &locale, title.into_owned(), description.into_owned(), "/api");
    let board = &shared.web.board;
    let example = match board.site("slack.com").or_else(|| board.sites().into_iter().next()) {
        Some(watched) => watched.site.slug.to_string(),
        None => "slack.com".to_owned(),
    };
    let endpoints = ENDPOINTS.iter().map(|endpoint| EndpointView::of(endpoint, &example)).collect();
    let base = shared.link("");
    let intro = Html::said(t, "api-intro-html", []);
    let rust = RUST.trim_end().replace("http://127.0.0.1:8080", &base);
    let (shapes, kinds) = (shapes(), KINDS);
    let view = ReferencePage { layout, intro, base, example, rust, endpoints, shapes, kinds };
    super::page(t, &view)
}

impl EndpointView {
    fn of(endpoint: &'static EndpointDoc, example: &str) -> Self {
        let fields = match endpoint.answer {
            // The shape of a site has a section of its own.
            Shape::Json("Site") | Shape::Events => Vec::new(),
            Shape::Json(name) | Shape::JsonOrCsv(name) => fields(name),
        };
        let subject = if endpoint.path.contains("/providers/") { "aws" } else { example };
        let path = format!("{}{}", endpoint.path, endpoint.example).replace("{slug}", subject);
        let stream = endpoint.answer == Shape::Events;
        Self { endpoint, parameters: endpoint.parameters.iter().collect(), fields, path, stream }
    }
}
