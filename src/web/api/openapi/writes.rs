//! The requests that change something, in the order of the reference page. As with the endpoints, routes,
//! description and page come from this one table.

use std::sync::Arc;

use axum::routing::{MethodRouter, delete, post, put};
use serde_json::{Map, Value, json};

use super::{
    endpoints::ALWAYS,
    parameters::{CONFIRM_REMOVALS, ID, IDEMPOTENCY_KEY, IF_MATCH, Parameter, SLUG},
};
use crate::web::{
    Shared,
    api::{notices, planned, site_writes},
};
use model::permission::Permission;

/// A request that changes something.
#[derive(Debug)]
pub(in crate::web) struct WriteDoc {
    /// Its method.
    pub(in crate::web) method: &'static str,
    /// Its path.
    pub(in crate::web) path: &'static str,
    /// The route of its handler.
    pub(in crate::web) handler: fn() -> MethodRouter<Arc<Shared>>,
    /// Its name in clients that are made from the description.
    pub(in crate::web) id: &'static str,
    /// A few words.
    pub(in crate::web) title: &'static str,
    /// Description.
    pub(in crate::web) about: &'static str,
    /// Permission of the token.
    pub(in crate::web) permission: Permission,
    /// Parameters.
    pub(in crate::web) parameters: &'static [Parameter],
    /// The shape of the body, if it has one.
    pub(in crate::web) body: Option<&'static str>,
    /// Keys of the body that have to be there.
    pub(in crate::web) needed: &'static [&'static str],
    /// Status and shape of a good answer.
    pub(in crate::web) answers: &'static [(u16, Option<&'static str>)],
    /// The statuses that are errors, beside those of every request that changes something.
    pub(in crate::web) errors: &'static [u16],
}

/// Errors of every request that changes something.
const OF_WRITES: &[u16] = &[400, 401, 403, 409, 413, 422];

/// All of them.
pub(in crate::web) const WRITES: &[WriteDoc] = &[
    WriteDoc {
        method: "post",
        path: "/api/v1/notices",
        handler: || post(notices::open),
        id: "openNotice",
        title: "Open a notice",
        about: "Says something about trouble. It is shown beside the verdicts and changes none. Channels with `on = [\"notice\"]` are told.",
        permission: Permission::Notices,
        parameters: &[IDEMPOTENCY_KEY],
        body: Some("NewNotice"),
        needed: &["title", "text"],
        answers: &[(201, Some("Notice"))],
        errors: &[],
    },
    WriteDoc {
        method: "post",
        path: "/api/v1/notices/{id}/updates",
        handler: || post(notices::update),
        id: "updateNotice",
        title: "Update a notice",
        about: "Adds an update. With `state` `resolved` it closes the notice; a `postmortem` may follow.",
        permission: Permission::Notices,
        parameters: &[ID, IF_MATCH, IDEMPOTENCY_KEY],
        body: Some("NewNoticeUpdate"),
        needed: &["text"],
        answers: &[(201, Some("Notice"))],
        errors: &[404, 412],
    },
    WriteDoc {
        method: "post",
        path: "/api/v1/planned",
        handler: || post(planned::announce),
        id: "announcePlanned",
        title: "Announce planned work",
        about: "Once or recurring; `{\"lasts\":\"30m\"}` is now, for 30 minutes. Checks go on and verdicts stay; messages about its sites wait until it is over, and go out if it is still so.",
        permission: Permission::Planned,
        parameters: &[IDEMPOTENCY_KEY],
        body: Some("NewPlanned"),
        needed: &["lasts"],
        answers: &[(201, Some("Planned"))],
        errors: &[],
    },
    WriteDoc {
        method: "delete",
        path: "/api/v1/planned/{id}",
        handler: || delete(planned::cancel),
        id: "cancelPlanned",
        title: "Cancel planned work",
        about: "What is under way ends now, and nothing is to come.",
        permission: Permission::Planned,
        parameters: &[ID, IF_MATCH, IDEMPOTENCY_KEY],
        body: None,
        needed: &[],
        answers: &[(200, Some("Planned"))],
        errors: &[404, 412],
    },
    WriteDoc {
        method: "put",
        path: "/api/v1/sites/{slug}",
        handler: || put(site_writes::put),
        id: "putSite",
        title: "Add or change a site",
        about: "Adds a site beside the catalogue, or replaces one that was added so. The keys are those of a `[[site]]`, and the same rules hold. A site of the catalogue's own file is changed there. To replace one, `If-Match` says which state of it is meant. The answer comes when it is in force.",
        permission: Permission::Sites,
        parameters: &[SLUG, IF_MATCH, IDEMPOTENCY_KEY],
        body: Some("NewSite"),
        needed: &["url"],
        answers: &[(201, Some("Site")), (200, Some("Site"))],
        errors: &[412, 428],
    },
    WriteDoc {
        method: "delete",
        path: "/api/v1/sites/{slug}",
        handler: || delete(site_writes::remove),
        id: "removeSite",
        title: "Remove a site",
        about: "Removes a site that was added so. Many removals within an hour have to be confirmed, as a catalogue that drops many sites has.",
        permission: Permission::Sites,
        parameters: &[SLUG, CONFIRM_REMOVALS, IF_MATCH, IDEMPOTENCY_KEY],
        body: None,
        needed: &[],
        answers: &[(204, None)],
        errors: &[404, 412],
    },
    WriteDoc {
        method: "post",
        path: "/api/v1/sites/{slug}/check",
        handler: || post(site_writes::check),
        id: "checkSite",
        title: "Check a site now",
        about: "Has the site looked at at once; the answer is the site as it was before.",
        permission: Permission::Check,
        parameters: &[SLUG, IDEMPOTENCY_KEY],
        body: None,
        needed: &[],
        answers: &[(202, Some("Site"))],
        errors: &[404],
    },
];

/// Adds them to the paths of the description.
pub(super) fn describe(paths: &mut Map<String, Value>) {
    for write in WRITES {
        let path = paths.entry(write.path).or_insert_with(|| json!({}));
        path[write.method] = operation(write);
    }
}

fn operation(write: &WriteDoc) -> Value {
    let parameters: Vec<Value> = write
        .parameters
        .iter()
        .map(Parameter::describe)
        .filter_map(|parameter| serde_json::to_value(parameter.build()).ok())
        .collect();
    let of = |name: &str| json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{name}") } } });
    let mut responses = Map::new();
    for (status, shape) in write.answers {
        let mut answer = json!({ "description": "It is done." });
        if write.permission != Permission::Check {
            let shared = json!({ "$ref": "#/components/headers/Stillup-Shared" });
            answer["headers"] = json!({ "Stillup-Shared": shared });
        }
        if let Some(shape) = shape {
            answer["content"] = of(shape);
        }
        responses.insert(status.to_string(), answer);
    }
    for status in write.errors.iter().chain(OF_WRITES).chain(ALWAYS) {
        let reference = format!("#/components/responses/{status}");
        responses.insert(status.to_string(), json!({ "$ref": reference }));
    }
    let permission = write.permission.word();
    let about = format!("{} Needs a token with the permission `{permission}`.", write.about);
    let mut operation = json!({
        "operationId": write.id,
        "tags": ["operators"],
        "summary": write.title,
        "description": about,
        "parameters": parameters,
        "responses": responses,
        "security": [{ "token": [] }],
    });
    if let Some(body) = write.body {
        operation["requestBody"] = json!({ "required": true, "content": of(body) });
    }
    operation
}
