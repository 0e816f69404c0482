//! The protocol of agents in the description: three calls with a token. `docs/agents.md` tells it in
//! sentences.

use serde_json::{Map, Value, json};

use crate::agents::protocol::{MAX_BATCH, MAX_LINES};

/// Name of the way in which agents say who they are.
pub(super) const TOKEN: &str = "agentToken";

/// A call: its path, its method, and what it is.
type Call = (&'static str, &'static str, Value);

/// The three calls.
pub(super) fn calls() -> [Call; 3] {
    [
        ("/agent/v1/hello", "post", hello()),
        ("/agent/v1/sites", "get", sites()),
        ("/agent/v1/checks", "post", checks()),
    ]
}

/// Their security scheme.
pub(super) fn security_scheme() -> Value {
    json!({
        "type": "http",
        "scheme": "bearer",
        "description": "A token that `stillup agents add` printed. It says which agent it is, and from which region.",
    })
}

fn hello() -> Value {
    call(
        "agentHello",
        "Greet the service",
        "The first call of each run of an agent, and after each 409.",
        (&[400, 401, 409, 413], good("The agent is known.", "AgentWelcome")),
        json!({
            "parameters": clock_headers(),
            "requestBody": body("application/json", &json!({ "$ref": schema("AgentHello") })),
        }),
    )
}

fn sites() -> Value {
    let wait = json!({
        "name": "wait", "in": "query", "required": false,
        "description": "Seconds to wait for another set than the one in `If-None-Match`; 50 at most.",
        "schema": { "type": "integer", "minimum": 0, "maximum": 50, "default": 0 },
        "example": 50,
    });
    let tag = header("If-None-Match", "The `ETag` of the set that the agent has.", "\"0123abcd\"");
    let mut parameters = vec![wait, tag];
    parameters.extend(clock_headers());
    let mut told = call(
        "agentSites",
        "Sites to probe",
        "The whole set of sites that the agent is to probe, or lookups for visitors. Compressed with zstd.",
        (&[401, 409], good("Another set, or lookups.", "AgentSites")),
        json!({ "parameters": parameters }),
    );
    told["responses"]["304"] = json!({ "$ref": "#/components/responses/304" });
    told
}

fn checks() -> Value {
    let about = format!(
        "At most {MAX_LINES} lines of JSON and {MAX_BATCH} bytes inflated, as they are or compressed with zstd \
         (`Content-Encoding`). A line is `{{\"check\": …}}`, `{{\"canary\": …}}`, `{{\"gap\": …}}` or \
         `{{\"lookup\": …}}`. A check may have `traces_patch`, a JSON merge patch (RFC 7396) against the \
         `traces` of the check of its site before it in this run, in place of `traces`; where that is not known \
         here, the batch is answered with 409. It is answered once the lines are kept; a line that is refused holds up no other, \
         and what is sent twice is taken once."
    );
    let mut parameters = vec![
        required(header("Stillup-Boot", "Names the run that numbers the lines.", "5f0e12aa")),
        required(json!({
            "name": "Stillup-First", "in": "header",
            "description": "The number of the first line, from 1.",
            "schema": { "type": "integer", "minimum": 1 },
            "example": 1,
        })),
    ];
    parameters.extend(clock_headers());
    let lines = json!({ "type": "string", "description": "Lines of JSON." });
    call(
        "agentChecks",
        "Report checks",
        &about,
        (
            &[400, 401, 409, 413],
            good("The lines up to `acked` are kept or refused.", "AgentReceipt"),
        ),
        json!({
            "parameters": parameters,
            "requestBody": body("application/x-ndjson", &lines),
        }),
    )
}

/// A call with its good response and the statuses of its errors, and what else it has.
fn call(id: &str, title: &str, about: &str, (errors, good): (&[u16], Value), more: Value) -> Value {
    let mut responses = Map::from_iter([("200".to_owned(), good)]);
    for status in errors.iter().chain(&[404, 429, 503]) {
        let reference = format!("#/components/responses/{status}");
        responses.insert(status.to_string(), json!({ "$ref": reference }));
    }
    let mut call = json!({
        "operationId": id,
        "tags": ["agents"],
        "summary": title,
        "description": about,
        "security": [{ TOKEN: [] }],
        "responses": responses,
    });
    if let (Some(call), Value::Object(more)) = (call.as_object_mut(), more) {
        call.extend(more);
    }
    call
}

fn good(about: &str, name: &str) -> Value {
    let content = json!({ "application/json": { "schema": { "$ref": schema(name) } } });
    json!({ "description": about, "content": content })
}

fn body(kind: &str, schema: &Value) -> Value {
    let mut content = Map::new();
    content.insert(kind.to_owned(), json!({ "schema": schema }));
    json!({ "required": true, "content": content })
}

fn schema(name: &str) -> String {
    format!("#/components/schemas/{name}")
}

fn header(name: &str, about: &str, example: &str) -> Value {
    json!({
        "name": name, "in": "header", "required": false, "description": about,
        "schema": { "type": "string" }, "example": example,
    })
}

fn required(mut parameter: Value) -> Value {
    parameter["required"] = true.into();
    parameter
}

/// Headers from which the difference of the clocks is measured.
fn clock_headers() -> Vec<Value> {
    vec![
        header("Stillup-Now", "The agent's clock, in milliseconds since 1970.", "1790000000000"),
        header("Stillup-Round-Trip", "How long its last exchange took, in milliseconds.", "40"),
    ]
}

/// The shapes of the calls, by their names.
pub(super) fn schemas() -> [(&'static str, Value); 4] {
    let text = |about: &str, example: &str| json!({ "type": "string", "description": about, "example": example });
    let number = |about: &str, example: u64| json!({ "type": "integer", "minimum": 0, "description": about, "example": example });
    let list = |about: &str, items: Value, example: Value| json!({ "type": "array", "items": items, "description": about, "example": example });
    let hello = json!({
        "version": text("The version of its program.", "0.1.0"),
        "protocol": number("The version of the protocol; another one than ours is refused with 400.", 1),
        "rules": number("The version of its rules of probing: with another one than ours it does not vote.", 1),
        "boot": text("Names this run.", "5f0e12aa"),
        "private": { "type": "boolean", "description": "True if its operator lets it probe private addresses; false when left out.", "example": false },
    });
    let welcome = json!({
        "agent": text("The name of the agent, which is that of its token.", "sydney-1"),
        "region": { "$ref": schema("RegionName"), "description": "Its region." },
        "now": { "$ref": schema("Instant"), "description": "Our clock." },
        "traces_patch": { "type": "boolean", "description": "True if checks may have `traces_patch`.", "example": true },
    });
    let sites = json!({
        "sites": list("All sites that it is to probe, as its release knows them; left out when they are those that it has.", json!({ "type": "object" }), json!([])),
        "lookups": list("Addresses to probe once, now; left out when there are none.", json!({ "type": "object" }), json!([])),
    });
    let refused = json!({
        "type": "object",
        "properties": {
            "seq": { "type": "integer", "minimum": 1 },
            "why": { "type": "string" },
        },
        "required": ["seq", "why"],
    });
    let receipt = json!({
        "acked": number("The number up to which every line is kept or refused.", 17),
        "refused": list("The lines that were refused, each alone; left out when there are none.", refused, json!([{ "seq": 12, "why": "its moment is in the future" }])),
        "again": list("Slugs of sites to probe again soon; left out when there are none.", json!({ "type": "string" }), json!(["slack.com"])),
    });
    [
        (
            "AgentHello",
            object("What an agent says first.", &hello, &["version", "protocol", "rules", "boot"]),
        ),
        (
            "AgentWelcome",
            object("What it is known as.", &welcome, &["agent", "region", "now", "traces_patch"]),
        ),
        ("AgentSites", object("What it is to probe.", &sites, &[])),
        ("AgentReceipt", object("What became of its lines.", &receipt, &["acked"])),
    ]
}

fn object(about: &str, properties: &Value, required: &[&str]) -> Value {
    json!({ "type": "object", "description": about, "properties": properties, "required": required })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agents::protocol::{
        Assignment, BatchReceipt, Hello, PROTOCOL, RULES, RefusedLine, Welcome,
    };
    use model::{
        moment::Moment,
        name::{AgentName, Region, Slug},
    };

    #[test]
    fn the_shapes_have_the_fields_of_what_is_sent() {
        let hello = Hello {
            version: "0".into(),
            protocol: PROTOCOL,
            rules: RULES,
            boot: "b".into(),
            private: true,
            region: None,
        };
        let welcome = Welcome {
            agent: AgentName::new("a").unwrap(),
            region: Region::default(),
            now: Moment::default(),
            traces_patch: true,
        };
        let assignment = Assignment {
            sites: Some(Vec::new()),
            lookups: vec![crate::agents::protocol::LookupJob {
                id: 1,
                url: "https://a.example/".into(),
                timeout_ms: 1,
                private: false,
            }],
        };
        let receipt = BatchReceipt {
            acked: 1,
            refused: vec![RefusedLine { seq: 1, why: "w".into() }],
            again: vec![Slug::new("a").unwrap()],
        };
        let sent = [
            serde_json::to_value(hello).unwrap(),
            serde_json::to_value(welcome).unwrap(),
            serde_json::to_value(assignment).unwrap(),
            serde_json::to_value(receipt).unwrap(),
        ];
        for ((name, schema), sent) in schemas().into_iter().zip(sent) {
            let names = |value: &Value| {
                let mut names: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
                names.sort_unstable();
                names
            };
            assert_eq!(names(&schema["properties"]), names(&sent), "{name}");
        }
    }
}
