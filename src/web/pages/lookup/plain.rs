//! The verdict as text, for those who ask from a command line: `curl https://…/slack.com`.

use std::fmt::Write;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    lookup::{Why, crowd::LookedUp},
    model::sentence::{duration_words, latency_words},
    web::{Shared, asking, told::Told, visitor::Visitor},
};

/// Programs that people use by hand, which show what they get as it is.
const PROGRAMS: [&str; 6] = ["curl/", "Wget/", "HTTPie/", "xh/", "fetch libfetch/", "PowerShell/"];

/// Whether text is wanted: asked for by name, or by a program of the command line that did not ask
/// for HTML.
pub(super) fn wanted(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = text(header::ACCEPT);
    if accepts.contains("text/html") {
        return false;
    }
    let agent = text(header::USER_AGENT);
    accepts.trim_start().starts_with("text/plain")
        || PROGRAMS.iter().any(|program| agent.starts_with(program))
}

/// The verdict in three lines.
pub(super) async fn respond(shared: &Shared, domain: &str, visitor: Visitor) -> Response {
    let (status, retry, text) = match asking::settled(shared, domain, visitor, false).await {
        Some(Ok(told)) if told.kept_away.is_some() => {
            (StatusCode::FORBIDDEN, None, told.summary + "\n")
        }
        Some(Ok(told)) => (StatusCode::OK, None, lines(shared, &told)),
        Some(Err(refusing)) => {
            let status = match refusing.why {
                Why::Target(_) | Why::Off => StatusCode::NOT_FOUND,
                Why::Budget => StatusCode::TOO_MANY_REQUESTS,
                Why::Busy => StatusCode::SERVICE_UNAVAILABLE,
            };
            let last = refusing.last.as_ref().map(|told| lines(shared, told));
            let last = last.map(|last| format!("What we knew last:\n{last}")).unwrap_or_default();
            (status, refusing.retry_after, format!("{}\n{last}", refusing.words()))
        }
        None => {
            let text = "Our own look broke. Please try again in a minute.\n".to_owned();
            (StatusCode::SERVICE_UNAVAILABLE, None, text)
        }
    };
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::VARY, "accept, user-agent"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (status, headers, text).into_response();
    if let Some(wait) = retry {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

/// What is so; how it was seen; when, and where there is more.
fn lines(shared: &Shared, told: &Told) -> String {
    let mut text = format!("{}\n{}", told.summary, told.url);
    // Writing to a string cannot fail.
    let _ = write_how(&mut text, told);
    let when = told.checked_at().map_or_else(
        || "Not looked at yet".to_owned(),
        |at| match shared.now().since(at) {
            age if age.as_secs() < 120 => format!("Looked at {} s ago", age.as_secs()),
            age => format!("Looked at {} ago", duration_words(age)),
        },
    );
    let page = shared.link(&super::path(&told.key));
    let LookedUp { times, down } =
        shared.web.lookups.crowd(|crowd| crowd.looked_up(&told.key, shared.now()));
    let others = match times {
        0 | 1 => String::new(),
        _ => format!(", looked up {times} times in the last hour ({down} of them down)"),
    };
    format!("{text}\n{when}{others}: {page}\n")
}

fn write_how(text: &mut String, told: &Told) -> std::fmt::Result {
    let Some(check) = &told.check else { return Ok(()) };
    let (outcome, traces) = (&check.outcome, &check.outcome.traces);
    if let Some(status) = outcome.http_status {
        write!(text, " HTTP {status}")?;
    }
    if let Some(version) = traces.http_version {
        write!(text, " over HTTP/{}", version.word())?;
    }
    if let Some(address) = traces.address {
        write!(text, " from {address}")?;
    }
    if let Some(latency) = told.latency() {
        write!(text, " in {}", latency_words(latency))?;
    }
    if let Some(url) = &traces.final_url {
        write!(text, " (redirected to {url})")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_for_command_lines_and_for_those_who_ask_for_it() {
        for (accept, agent, want) in [
            ("*/*", "curl/8.5.0", true),
            ("*/*", "Wget/1.21.4", true),
            ("text/html", "curl/8.5.0", false),
            ("text/plain", "Mozilla/5.0", true),
            ("text/html,application/xhtml+xml,*/*;q=0.8", "Mozilla/5.0", false),
            ("*/*", "Mozilla/5.0", false),
            ("", "", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            headers.insert(header::USER_AGENT, agent.parse().unwrap());
            assert_eq!(wanted(&headers), want, "{accept} {agent}");
        }
    }
}
