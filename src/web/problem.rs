//! Errors in the shape of RFC 9457, with fixed sentences; every invalid parameter is named at once.
//!
//! It must never show what went wrong inside: that is logged, once, by whoever noticed it.

use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use serde::Serialize;
use serde_json::Value;

/// One thing that is wrong with a request's parameters.
#[derive(Debug, Serialize)]
pub(super) struct Wrong {
    /// Which parameter.
    pub(super) parameter: &'static str,
    /// What is wrong with it and what would be right.
    pub(super) detail: String,
}

/// An error for programs.
#[derive(Debug, Serialize)]
pub(super) struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    detail: String,
    instance: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Wrong>,
    /// The last known answer, where a new one is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<Box<Value>>,
}

/// Characters of a visitor's path that are given back.
const INSTANCE: usize = 300;

impl Problem {
    /// A problem of the path asked for.
    pub(super) fn new(status: StatusCode, detail: impl Into<String>, path: &str) -> Self {
        let (kind, title) = match status {
            StatusCode::BAD_REQUEST => ("/api#invalid-parameters", "Invalid parameters"),
            StatusCode::NOT_FOUND => ("/api#not-found", "Not found"),
            StatusCode::METHOD_NOT_ALLOWED => ("/api#method-not-allowed", "Method not allowed"),
            StatusCode::FORBIDDEN => ("/api#forbidden", "Not allowed here"),
            StatusCode::TOO_MANY_REQUESTS => ("/api#too-many", "Too many requests"),
            StatusCode::URI_TOO_LONG => ("/api#too-long", "Address too long"),
            StatusCode::SERVICE_UNAVAILABLE => ("/api#unavailable", "Unavailable"),
            _ => ("/api#internal", "Internal error"),
        };
        let instance = path.chars().take(INSTANCE).collect();
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.into(),
            instance,
            errors: Vec::new(),
            last: None,
        }
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

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let code = StatusCode::from_u16(self.status);
        let status = code.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let kind = [(header::CONTENT_TYPE, "application/problem+json")];
        (status, kind, body).into_response()
    }
}
