//! `/{domain}.json` and `/{domain}.txt`, as isitup.org answers them: for bots and shell scripts.
//!
//! `status_code` is 1 up, 2 down, 3 not a domain. Unknown values are left out of the JSON and empty
//! in the text, as those clients expect; times are in seconds. Slow, and partially down, count as
//! up. A domain whose own last label is `json` or `txt` (no such top-level domain exists) is not
//! reached here; a site of the catalogue with such a slug is, and `/api/v1/lookup` takes any.

use std::net::IpAddr;

use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

use crate::{
    lookup::RefusalReason,
    web::{
        Shared, api::lookup::keep, error::HttpProblem, extractors::client_ip::ClientIp,
        lookup_service, views::lookup::LookupView,
    },
};
use model::{target::Target, verdict::Status};

/// Requested form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web) enum AnswerForm {
    Json,
    Text,
}

#[derive(Debug, Serialize)]
struct IsItUp<'a> {
    domain: &'a str,
    port: u16,
    status_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_ip: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_code: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    response_time: Option<f64>,
}

/// The domain and the form in a path segment.
pub(in crate::web) fn locale(segment: &str) -> Option<(&str, AnswerForm)> {
    let json = segment.strip_suffix(".json").map(|domain| (domain, AnswerForm::Json));
    json.or_else(|| segment.strip_suffix(".txt").map(|domain| (domain, AnswerForm::Text)))
}

/// The answer in that form.
pub(in crate::web) async fn respond(
    shared: &Shared,
    domain: &str,
    form: AnswerForm,
    client: ClientIp,
    path: &str,
) -> Response {
    let trouble = |status, words: String| HttpProblem::new(status, words, path).into_response();
    match lookup_service::settled(shared, domain, client, false).await {
        Some(Ok(told)) => match IsItUp::of(domain, &told) {
            Some(answer) => {
                let response = answer.respond(form, StatusCode::OK, None);
                (keep(shared, &told), response).into_response()
            }
            None => trouble(StatusCode::SERVICE_UNAVAILABLE, told.summary.clone()),
        },
        Some(Err(refusing)) => match refusing.why {
            RefusalReason::Target(_) => IsItUp::invalid(domain).respond(form, StatusCode::OK, None),
            RefusalReason::Off => trouble(StatusCode::FORBIDDEN, refusing.words()),
            RefusalReason::Budget | RefusalReason::Busy => {
                let status = match refusing.why {
                    RefusalReason::Budget => StatusCode::TOO_MANY_REQUESTS,
                    _ => StatusCode::SERVICE_UNAVAILABLE,
                };
                let wait = refusing.retry_after;
                match refusing.last.as_ref().and_then(|told| IsItUp::of(domain, told)) {
                    Some(last) => last.respond(form, status, wait),
                    None => with_retry(trouble(status, refusing.words()), wait),
                }
            }
        },
        None => {
            let words = "Our own look broke. Please try again in a minute.".to_owned();
            trouble(StatusCode::SERVICE_UNAVAILABLE, words)
        }
    }
}

impl<'a> IsItUp<'a> {
    /// The answer; `None` when the status is unknown, for which that shape has no number.
    fn of(domain: &'a str, told: &LookupView) -> Option<Self> {
        if told.blocked.is_some() || told.nameless {
            return Some(Self::invalid(domain));
        }
        let status_code = match told.verdict.status {
            Status::Up | Status::Slow | Status::Partial => 1,
            Status::Down => 2,
            Status::Unknown => return None,
        };
        let outcome = told.check.as_ref().map(|check| &check.outcome);
        let up = status_code == 1;
        let port = url::Url::parse(&told.url).ok().and_then(|url| url.port_or_known_default());
        Some(Self {
            port: port.unwrap_or(443),
            status_code,
            response_ip: outcome.and_then(|outcome| outcome.traces.address).filter(|_| up),
            response_code: outcome.and_then(|outcome| outcome.http_status).filter(|_| up),
            response_time: told.latency().filter(|_| up).map(|micros| f64::from(micros) / 1e6),
            ..Self::invalid(domain)
        })
    }

    fn invalid(domain: &'a str) -> Self {
        let port = Target::read(domain).map_or(80, |target| target.port());
        Self {
            domain,
            port,
            status_code: 3,
            response_ip: None,
            response_code: None,
            response_time: None,
        }
    }

    fn respond(&self, form: AnswerForm, status: StatusCode, wait: Option<u64>) -> Response {
        let (kind, body) = match form {
            AnswerForm::Text => ("text/plain; charset=utf-8", self.line()),
            AnswerForm::Json => {
                ("application/json", serde_json::to_string(self).unwrap_or_default())
            }
        };
        let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store")];
        with_retry((status, headers, body).into_response(), wait)
    }

    /// `domain, port, status_code, ip, response_code, response_time`
    fn line(&self) -> String {
        let Self { domain, port, status_code, .. } = self;
        let ip = self.response_ip.map(|ip| ip.to_string()).unwrap_or_default();
        let code = self.response_code.map(|code| code.to_string()).unwrap_or_default();
        let time = self.response_time.map(|time| format!("{time:.6}")).unwrap_or_default();
        // What a visitor typed stays on its line, and between its commas.
        let clean = |c: char| if c.is_control() || c == ',' { '?' } else { c };
        let domain: String = domain.chars().map(clean).collect();
        format!("{domain}, {port}, {status_code}, {ip}, {code}, {time}\n")
    }
}

fn with_retry(mut response: Response, wait: Option<u64>) -> Response {
    if let Some(wait) = wait {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_end_of_a_segment_is_the_form() {
        assert_eq!(locale("slack.com.json"), Some(("slack.com", AnswerForm::Json)));
        assert_eq!(locale("slack.com.txt"), Some(("slack.com", AnswerForm::Text)));
        assert_eq!(locale("example.json"), Some(("example", AnswerForm::Json)));
        assert_eq!(locale("slack.com"), None);
    }
}
