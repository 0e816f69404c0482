//! The description is whole, and true of what is served.

use serde_json::Value;

use super::{DOCUMENT, endpoints::ENDPOINTS, writes::WRITES};
use crate::web::api::shape;

#[test]
fn every_field_has_words_and_an_example_or_a_shape_of_its_own() {
    let schemas = DOCUMENT["components"]["schemas"].as_object().unwrap();
    assert!(schemas.len() > 15, "{:?}", schemas.keys());
    for (name, schema) in schemas {
        assert!(schema["description"].is_string(), "{name} has no words");
        for (field, of) in schema["properties"].as_object().into_iter().flatten() {
            assert!(of["description"].is_string(), "{name}.{field} has no words");
            let text = of.to_string();
            assert!(text.contains("example") || text.contains("$ref"), "{name}.{field}: {text}");
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    fn walk(value: &Value) {
        match value {
            Value::Object(fields) => {
                if let Some(to) = fields.get("$ref").and_then(Value::as_str) {
                    assert!(DOCUMENT.pointer(to.trim_start_matches('#')).is_some(), "{to}");
                }
                fields.values().for_each(walk);
            }
            Value::Array(items) => items.iter().for_each(walk),
            _ => {}
        }
    }
    walk(&DOCUMENT);
}

#[test]
fn the_fields_of_a_site_are_those_of_its_shape() {
    let fields = DOCUMENT["components"]["schemas"]["Site"]["properties"].as_object().unwrap();
    let mut known = shape::FIELDS.to_vec();
    known.sort_unstable();
    let mut described: Vec<_> = fields.keys().map(String::as_str).collect();
    described.sort_unstable();
    assert_eq!(known, described);
}

#[test]
fn each_endpoint_is_there_once() {
    let paths = DOCUMENT["paths"].as_object().unwrap();
    let written: std::collections::BTreeSet<_> = WRITES.iter().map(|write| write.path).collect();
    let known = |path: &&&str| ENDPOINTS.iter().any(|endpoint| endpoint.path == **path);
    let alone = written.iter().filter(|path| !known(path)).count();
    let of_agents = paths.keys().filter(|path| path.starts_with("/agent/v1/")).count();
    assert_eq!((of_agents, paths.len()), (3, ENDPOINTS.len() + alone + 3));
    let operations: usize = paths.values().map(|of| of.as_object().unwrap().len()).sum();
    assert_eq!(operations, ENDPOINTS.len() + WRITES.len() + 3);
}

/// The type of a schema in a word or a few.
fn kind(of: &Value) -> String {
    if let Some(to) = of.get("$ref").and_then(Value::as_str) {
        return to.rsplit('/').next().unwrap_or_default().to_owned();
    }
    let all = ["oneOf", "anyOf", "allOf"].iter().find_map(|key| of.get(*key)?.as_array());
    if let Some(all) = all {
        return all.iter().map(kind).collect::<Vec<_>>().join(" or ");
    }
    let named = match &of["type"] {
        Value::Array(all) => {
            all.iter().filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>().join(" or ")
        }
        one => one.as_str().unwrap_or("anything").to_owned(),
    };
    match of.get("items") {
        Some(items) => format!("{named} of {}", kind(items)),
        None => named,
    }
}

/// Everything that a client may rely on, a line each: operations, parameters, answers and fields.
fn promises() -> String {
    let mut lines = Vec::new();
    for (path, operations) in DOCUMENT["paths"].as_object().unwrap() {
        for (method, operation) in operations.as_object().unwrap() {
            let head = format!("{} {path}", method.to_uppercase());
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                let (place, name) =
                    (parameter["in"].as_str().unwrap(), parameter["name"].as_str().unwrap());
                lines.push(format!("{head} takes {place} {name}: {}", kind(&parameter["schema"])));
            }
            for (medium, body) in
                operation["requestBody"]["content"].as_object().into_iter().flatten()
            {
                lines.push(format!("{head} takes {medium}: {}", kind(&body["schema"])));
            }
            for (status, answer) in operation["responses"].as_object().into_iter().flatten() {
                let media = answer["content"].as_object().into_iter().flatten();
                let media: Vec<_> =
                    media.map(|(medium, of)| format!("{medium} {}", kind(&of["schema"]))).collect();
                lines.push(
                    format!("{head} gives {status} {}", media.join(", ")).trim_end().to_owned(),
                );
            }
        }
    }
    for (name, schema) in DOCUMENT["components"]["schemas"].as_object().unwrap() {
        for (field, of) in schema["properties"].as_object().into_iter().flatten() {
            lines.push(format!("{name}.{field}: {}", kind(of)));
        }
    }
    lines.sort();
    lines.join("\n")
}

#[test]
fn no_operation_parameter_or_field_disappears_unnoticed() {
    // A line that goes is one that clients relied on: bring it back, or say in the changelog that it went.
    insta::assert_snapshot!(promises());
}
