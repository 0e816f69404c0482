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
