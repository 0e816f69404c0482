//! Errors: problems in the shape of RFC 9457, with fixed sentences, and every invalid parameter
//! named at once; and bare statuses that the pages render.
//!
//! Internal errors are never shown: they are logged, once, where they are noticed.

use std::{borrow::Cow, sync::Arc};

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        Ref,
        schema::{ObjectBuilder, OneOfBuilder, Schema, Type},
    },
};

/// A kind of problem.
#[derive(Debug)]
pub(super) struct ProblemKind {
    /// Its HTTP status.
    pub(super) status: u16,
    /// The section of the reference page.
    pub(super) section: &'static str,
    /// A few words.
    pub(super) title: &'static str,
    /// Meaning of the error, and advice.
    pub(super) about: &'static str,
}

const fn kind(
    status: u16,
    section: &'static str,
    title: &'static str,
    about: &'static str,
) -> ProblemKind {
    ProblemKind { status, section, title, about }
}

/// Every kind of problem; the page of the API has a section for each.
pub(super) const KINDS: &[ProblemKind] = &[
    kind(
        400,
        "invalid-parameters",
        "Invalid parameters",
        "Some parameters are not valid, or not known: `errors` names every one and what would be right. One that begins with `_` is let pass.",
    ),
    kind(
        401,
        "unauthorized",
        "Not known",
        "The token in `Authorization` is not known: it was removed, or never was.",
    ),
    kind(
        403,
        "forbidden",
        "Not allowed here",
        "The operator has switched this off, or the token may not do it; `detail` says which.",
    ),
    kind(404, "not-found", "Not found", "There is no such site, or nothing at this address."),
    kind(
        405,
        "method-not-allowed",
        "Method not allowed",
        "This address does not take this method; `Allow` says which it takes.",
    ),
    kind(409, "conflict", "Conflict", "Something else has to be done first; `detail` says what."),
    kind(
        412,
        "precondition-failed",
        "Precondition failed",
        "What is meant by `If-Match` is not in that state any more; read it again.",
    ),
    kind(
        413,
        "body-too-large",
        "Body too large",
        "The request has a body, or one that is too large.",
    ),
    kind(
        414,
        "too-long",
        "Address too long",
        "What stands behind the `?` has more than 4096 bytes.",
    ),
    kind(
        422,
        "key-used-before",
        "Key used before",
        "The `Idempotency-Key` was sent before with another request; use a new one.",
    ),
    kind(
        428,
        "precondition-required",
        "Precondition required",
        "A change of something that is there has to say, with `If-Match`, which state of it is meant.",
    ),
    kind(
        429,
        "too-many",
        "Too many requests",
        "You ask more often than is allowed; `Retry-After` says when to ask again, and `RateLimit` how much is left.",
    ),
    kind(500, "internal", "Internal error", "Our own fault. It has been noted."),
    kind(
        503,
        "unavailable",
        "Unavailable",
        "It took us too long, or too many ask for the same; try again in a minute.",
    ),
];

/// One invalid parameter of a request.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Wrong {
    /// Name of the parameter.
    #[schema(example = "limit")]
    pub(super) parameter: Cow<'static, str>,
    /// The mistake, and the values that would be right.
    #[schema(example = "must be a whole number from 1 to 1000")]
    pub(super) detail: String,
}

/// An error (RFC 9457).
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct HttpProblem {
    /// Type of the problem; the address leads to its description.
    #[serde(rename = "type")]
    #[schema(example = "https://up.example/api#invalid-parameters")]
    kind: Box<str>,
    /// The kind in words.
    #[schema(example = "Invalid parameters")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400, minimum = 400, maximum = 599)]
    status: u16,
    /// Detail of this occurrence.
    #[schema(example = "One parameter is not valid.")]
    detail: Box<str>,
    /// Path of the request.
    #[schema(example = "/api/v1/sites")]
    instance: Box<str>,
    /// Every parameter that is not valid; only there with `invalid-parameters`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Wrong>,
    /// The last known answer, where a new one is refused; else it is not there.
    #[schema(schema_with = last_lookup)]
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Box<Value>>,
}

/// The schema of [`HttpProblem::last`], the answer of a lookup, which the API describes.
fn last_lookup() -> Schema {
    OneOfBuilder::new()
        .item(Ref::from_schema_name("Lookup"))
        .item(ObjectBuilder::new().schema_type(Type::Null))
        .description(Some(
            "The last known answer, where a new one is refused; else it is not there.",
        ))
        .build()
        .into()
}

/// An error with its status alone. A layer writes it as a page or as a [`HttpProblem`], by the
/// address, so that only the pages need to know pages.
#[derive(Clone, Copy, Debug)]
pub(super) struct ErrorStatus(pub(super) StatusCode);

impl IntoResponse for ErrorStatus {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Characters of a visitor's path that are given back.
const MAX_INSTANCE: usize = 300;

impl HttpProblem {
    /// A problem of the requested path.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>, path: &str) -> Self {
        let internal = || KINDS.iter().find(|kind| kind.status == 500);
        let found = KINDS.iter().find(|kind| kind.status == status.as_u16()).or_else(internal);
        let (section, title) = found.map_or(("", ""), |kind| (kind.section, kind.title));
        let instance = path.chars().take(MAX_INSTANCE).collect::<String>().into();
        Self {
            kind: format!("/api#{section}").into(),
            title,
            status: status.as_u16(),
            detail: detail.into().into(),
            instance,
            errors: Vec::new(),
            last: None,
        }
    }

    /// Its HTTP status.
    pub(super) fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// Names of the parameters that are not valid.
    pub(super) fn wrong_parameters(&self) -> Vec<&str> {
        self.errors.iter().map(|wrong| &*wrong.parameter).collect()
    }

    /// No site has this slug.
    pub(super) fn no_site(path: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "No site of the catalogue has this slug.", path)
    }

    /// The same with the last known answer.
    pub(super) fn with_last(self, last: Option<Value>) -> Self {
        Self { last: last.map(Box::new), ..self }
    }

    /// Invalid parameters, all of them.
    pub(super) fn parameters(errors: Vec<Wrong>, path: &str) -> Self {
        let detail = match errors.len() {
            1 => "One parameter is not valid.".to_owned(),
            count => format!("{count} parameters are not valid."),
        };
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, detail, path) }
    }
}

impl HttpProblem {
    /// Wrong values in a body, all of them.
    pub(super) fn values(errors: Vec<Wrong>, path: &str) -> Self {
        let detail = match errors.as_slice() {
            [one] if one.parameter.is_empty() => one.detail.clone(),
            [one] => format!("{}: {}.", one.parameter, one.detail),
            many => format!("{} values are not valid.", many.len()),
        };
        Self { errors, ..Self::new(StatusCode::BAD_REQUEST, detail, path) }
    }

    fn render(&self) -> Response {
        let body = serde_json::to_vec(self).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (self.status(), kind, body).into_response()
    }
}

impl IntoResponse for HttpProblem {
    fn into_response(self) -> Response {
        let mut response = self.render();
        response.extensions_mut().insert(Arc::new(self));
        response
    }
}

/// Makes the `type` of a problem absolute, as a program that stores it needs it.
pub(super) async fn absolute(
    State(shared): crate::web::AppState,
    mut response: Response,
) -> Response {
    let Some(problem) = response.extensions_mut().remove::<Arc<HttpProblem>>() else {
        return response;
    };
    let kind = shared.link(&problem.kind).into();
    let (parts, body) = HttpProblem { kind, ..HttpProblem::clone(&problem) }.render().into_parts();
    response.headers_mut().extend(parts.headers);
    *response.body_mut() = body;
    response
}
