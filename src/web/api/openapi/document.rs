//! The description as an OpenAPI 3.1 document.

use serde_json::{Map, Value, json};

use super::{
    agents,
    endpoints::{ALWAYS, ENDPOINTS, EndpointDoc, Shape},
    parameters::Parameter,
    schemas, writes,
};
use crate::web::{
    api::csv::{AS_OF, FRESH, NEXT_CURSOR},
    error::KINDS,
};

const ABOUT: &str = "Is that site up right now? Everything here can be read by anyone, from any page, without a key; what changes something needs a token. \
    Times are RFC 3339 in UTC; latencies are milliseconds; shares go from 0 to 1; what is not known is null and never left out. \
    Every address answers HEAD and OPTIONS as well as GET, and `If-None-Match` with 304.";

/// The whole document.
pub(in crate::web) fn document() -> Value {
    let mut paths = Map::new();
    for endpoint in ENDPOINTS {
        paths.insert(endpoint.path.to_owned(), json!({ "get": operation(endpoint) }));
    }
    writes::describe(&mut paths);
    for (path, method, call) in agents::calls() {
        paths.insert(path.to_owned(), json!({ method: call }));
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "stillup",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Is that site up right now?",
            "description": ABOUT,
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "servers": [{ "url": "/", "description": "Where this description came from." }],
        "security": [],
        "tags": [
            { "name": "sites", "description": "Sites and what we know of them." },
            { "name": "operators", "description": "Changes by operators and their programs." },
            { "name": "agents", "description": "The calls of probers in other regions, which have a token." },
        ],
        "paths": paths,
        "components": {
            "schemas": schemas::schemas(),
            "responses": responses(),
            "headers": headers(),
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of the operator: `stillup token add NAME --may …`.",
                },
                agents::TOKEN: agents::security_scheme(),
            },
        },
    })
}

fn operation(endpoint: &EndpointDoc) -> Value {
    let parameters: Vec<Value> = endpoint
        .parameters
        .iter()
        .map(Parameter::describe)
        .filter_map(|parameter| serde_json::to_value(parameter.build()).ok())
        .collect();
    let mut responses = Map::from_iter([("200".to_owned(), good(endpoint))]);
    match endpoint.answer {
        Shape::Events => {}
        Shape::JsonInTime(_) => {
            let nothing = json!({ "description": "The time ran out." });
            responses.insert("204".to_owned(), nothing);
        }
        _ => {
            responses.insert("304".to_owned(), json!({ "$ref": "#/components/responses/304" }));
        }
    }
    for status in endpoint.errors.iter().chain(ALWAYS) {
        let reference = format!("#/components/responses/{status}");
        responses.insert(status.to_string(), json!({ "$ref": reference }));
    }
    json!({
        "operationId": endpoint.id,
        "tags": ["sites"],
        "summary": endpoint.title,
        "description": endpoint.about,
        "parameters": parameters,
        "responses": responses,
    })
}

fn good(endpoint: &EndpointDoc) -> Value {
    let of = |name: &str| json!({ "schema": { "$ref": format!("#/components/schemas/{name}") } });
    let mut headers = json!({
        "ETag": { "$ref": "#/components/headers/ETag" },
        "Cache-Control": { "$ref": "#/components/headers/Cache-Control" },
    });
    let content = match endpoint.answer {
        Shape::Json(name) => json!({ "application/json": of(name) }),
        Shape::JsonOrCsv(name) => {
            for (name, header) in
                [(NEXT_CURSOR, "X-Next-Cursor"), (AS_OF, "X-As-Of"), (FRESH, "X-Fresh")]
            {
                let header = format!("#/components/headers/{header}");
                headers[name.as_str()] = json!({ "$ref": header });
            }
            let rows = "Rows under a header row (RFC 4180).";
            json!({
                "application/json": of(name),
                "text/csv": { "schema": { "type": "string", "description": rows } },
            })
        }
        Shape::JsonOrTargets(name) => {
            let targets =
                json!({ "type": "array", "items": { "$ref": "#/components/schemas/TargetGroup" } });
            let page = json!({ "$ref": format!("#/components/schemas/{name}") });
            json!({ "application/json": { "schema": { "oneOf": [page, targets] } } })
        }
        Shape::JsonInTime(name) => {
            headers = json!({});
            json!({ "application/json": of(name) })
        }
        Shape::Events => {
            headers = json!({});
            let events = "`event`, `id` and `data` lines; the data of a `verdict` is a `Site`, of a `notice` a `Notice`, of a `reset` a `Reset`.";
            json!({ "text/event-stream": { "schema": { "type": "string", "description": events } } })
        }
    };
    json!({ "description": "A good answer.", "headers": headers, "content": content })
}

fn responses() -> Map<String, Value> {
    let mut responses = Map::new();
    let had = "You have it already: nothing is new.";
    responses.insert("304".to_owned(), json!({ "description": had }));
    for kind in KINDS {
        let mut response = json!({
            "description": kind.about,
            "content": {
                "application/problem+json": {
                    "schema": { "$ref": "#/components/schemas/Problem" },
                },
            },
        });
        if matches!(kind.status, 429 | 503) {
            response["headers"] =
                json!({ "Retry-After": { "$ref": "#/components/headers/Retry-After" } });
        }
        responses.insert(kind.status.to_string(), response);
    }
    responses
}

fn headers() -> Value {
    let text = |about: &str, example: &str| json!({ "description": about, "schema": { "type": "string" }, "example": example });
    json!({
        "ETag": text("Send it back as `If-None-Match`, and get 304 while nothing is new.", "\"0123abcd\""),
        "Cache-Control": text("How long the answer may be kept, in seconds, 1 to 30: until the next look at the site, or at the first of all that it is about; 1 while a look is under way.", "public, max-age=17"),
        "X-Next-Cursor": text("With `format=csv`: the cursor of the next page, if there is one.", "1488290995000-6c6f63616c"),
        "X-As-Of": text("With `format=csv`: the `as_of` of the JSON.", "2017-02-28T17:37:00.000Z"),
        "X-Fresh": text("With `format=csv`: the `fresh` of the JSON.", "true"),
        "Stillup-Shared": {
            "description": "Where several nodes share what is written: `soon`, the others have it within seconds; `later`, they have it once Postgres can be reached. Until then another node may not know it.",
            "schema": { "type": "string", "enum": ["soon", "later"] },
            "example": "soon",
        },
        "Retry-After": {
            "description": "Seconds to wait before another try.",
            "schema": { "type": "integer", "minimum": 1 },
            "example": 30,
        },
    })
}
