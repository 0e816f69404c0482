//! The fields of the shapes, read from the description.

use serde_json::Value;

use crate::web::{api::openapi::DOCUMENT, pages::components::Html};

/// One field.
pub(super) struct Field {
    pub(super) name: String,
    pub(super) kind: String,
    /// Name of its shape, if that has a section of its own.
    pub(super) shape: Option<String>,
    pub(super) about: Html,
    pub(super) example: Option<String>,
}

/// A shape with its fields.
pub(super) struct ShapeView {
    pub(super) name: String,
    pub(super) about: Html,
    pub(super) fields: Vec<Field>,
}

/// The shapes that have a section of their own, in the order of the page.
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

/// All shapes with a section.
pub(super) fn shapes() -> Vec<ShapeView> {
    let known = |name: &&str| schema(name).is_some();
    let view = |name: &str| ShapeView {
        name: name.to_owned(),
        about: Html::with_code(&words(schema(name).unwrap_or(&Value::Null), "description")),
        fields: fields(name),
    };
    SHAPES.iter().filter(|name| known(name)).map(|name| view(name)).collect()
}

/// The fields of a shape, in the order of its description.
pub(super) fn fields(shape: &str) -> Vec<Field> {
    let properties = schema(shape).and_then(|shape| shape["properties"].as_object());
    properties.into_iter().flatten().map(|(name, of)| Field::of(name, of)).collect()
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
