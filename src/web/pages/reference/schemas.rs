//! `/api/schemas`: the shapes of what is answered and sent, with their fields, read from the description.

use askama::Template;
use axum::{extract::State, response::Response};
use serde_json::Value;

use crate::web::{
    api::openapi::{DOCUMENT, endpoints::ENDPOINTS},
    extractors::locale::Locale,
    pages::{self, components::Html, layout::Layout},
};

/// Path of the page.
pub(super) const PATH: &str = "/api/schemas";

#[derive(Template)]
#[template(path = "api_schemas.html")]
struct SchemasPage {
    layout: Layout,
    shapes: Vec<ShapeView>,
}

/// One field.
struct Field {
    name: String,
    kind: String,
    /// Name of its shape, if that has a section.
    shape: Option<String>,
    about: Html,
    example: Option<String>,
}

/// A shape with its fields.
struct ShapeView {
    name: &'static str,
    about: Html,
    fields: Vec<Field>,
}

/// The shapes that stand within answers, after those of whole ones.
const SHAPES: [&str; 29] = [
    "Bucket",
    "Provider",
    "ProviderEvent",
    "ServedSite",
    "LookedUp",
    "Site",
    "Check",
    "Outage",
    "Note",
    "Cause",
    "PhasesMs",
    "SeenFrom",
    "Uptime",
    "ProviderName",
    "Recorded",
    "Reset",
    "Problem",
    "Wrong",
    "Lookup",
    "ElsewhereLookup",
    "RegionAgents",
    "Agent",
    "Notice",
    "NoticeUpdate",
    "Planned",
    "NewNotice",
    "NewNoticeUpdate",
    "NewPlanned",
    "NewSite",
];

/// `GET /api/schemas`
pub(in crate::web) async fn page(State(shared): crate::web::AppState, locale: Locale) -> Response {
    let t = locale.lang;
    let (title, description) = (t.say("api-schemas-title"), t.say("api-schemas-text"));
    let (title, description) = (title.into_owned(), description.into_owned());
    let layout = Layout::still(&shared, &locale, title, description, PATH);
    pages::page(t, &SchemasPage { layout, shapes: shapes() })
}

/// The shapes, each once: those of whole answers in the order of their endpoints, then those within them.
fn shapes() -> Vec<ShapeView> {
    let whole = ENDPOINTS.iter().filter_map(|endpoint| endpoint.answer.schema());
    let mut names: Vec<&'static str> = Vec::new();
    for name in whole.chain(SHAPES) {
        if schema(name).is_some() && !names.contains(&name) {
            names.push(name);
        }
    }
    names.into_iter().map(ShapeView::of).collect()
}

impl ShapeView {
    fn of(name: &'static str) -> Self {
        let of = schema(name).unwrap_or(&Value::Null);
        let fields = of["properties"].as_object().into_iter().flatten();
        Self {
            name,
            about: Html::with_code(&words(of, "description")),
            fields: fields.map(|(name, of)| Field::of(name, of)).collect(),
        }
    }
}

fn schema(name: &str) -> Option<&'static Value> {
    DOCUMENT["components"]["schemas"].get(name)
}

fn words(of: &Value, key: &str) -> String {
    of[key].as_str().unwrap_or_default().trim().to_owned()
}

impl Field {
    fn of(name: &str, of: &Value) -> Self {
        let inner =
            of["oneOf"].as_array().and_then(|all| all.iter().find(|o| o["$ref"].is_string()));
        let inner = inner.unwrap_or(of);
        let list = inner["type"] == "array";
        let reference = if list { &inner["items"]["$ref"] } else { &inner["$ref"] };
        let referred = reference.as_str().and_then(|to| to.rsplit('/').next());
        let leaf = referred.and_then(schema).filter(|to| !to["properties"].is_object());
        let shape = referred.filter(|_| leaf.is_none()).map(|name| match name {
            "SitePart" => "Site".to_owned(),
            name => name.to_owned(),
        });
        let kind = leaf.unwrap_or(if list { &inner["items"] } else { inner });
        let mut kind = word(kind, shape.as_deref());
        if list {
            kind = format!("array of {kind}");
        }
        let nullable = of["oneOf"].is_array()
            || inner["type"].as_array().is_some_and(|kinds| kinds.iter().any(|k| k == "null"));
        if nullable {
            kind += " or null";
        }
        let about = match leaf.filter(|leaf| leaf["enum"].is_array()) {
            Some(leaf) => format!("{} {}", words(of, "description"), words(leaf, "description")),
            None => words(of, "description"),
        };
        let example = of.get("example").or_else(|| leaf?["examples"].get(0));
        let about = Html::with_code(&about);
        Self { name: name.to_owned(), kind, shape, about, example: example.map(Value::to_string) }
    }
}

/// Type of a value, in a word.
fn word(of: &Value, shape: Option<&str>) -> String {
    let kinds = of["type"].as_array().cloned().unwrap_or_else(|| vec![of["type"].clone()]);
    let kind = kinds.iter().filter_map(Value::as_str).find(|kind| *kind != "null");
    match (shape, kind) {
        (Some(_), _) | (None, Some("object")) => "object".to_owned(),
        (None, Some("string")) if of["format"] == "date-time" => "date-time".to_owned(),
        (None, other) => other.unwrap_or("any").to_owned(),
    }
}
