//! The verdict as text, for command lines: `curl https://…/slack.com`.

use std::fmt::Write;

use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::{
    i18n::Lang,
    lookup::{RefusalReason, reports::LookedUp},
    web::{
        Shared,
        extractors::{client_ip::ClientIp, locale::mark},
        links, lookup_service,
        views::lookup::LookupView,
    },
};

/// Command-line programs that show an answer as it is.
const PROGRAMS: [&str; 6] = ["curl/", "Wget/", "HTTPie/", "xh/", "fetch libfetch/", "PowerShell/"];

/// Returns whether the client wants text: requested by name, or by a command-line program that did
/// not ask for HTML.
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
pub(super) async fn respond(shared: &Shared, domain: &str, t: Lang, client: ClientIp) -> Response {
    let (status, retry, text) = match lookup_service::settled(shared, domain, client, false).await {
        Some(Ok(told)) if told.blocked.is_some() => {
            (StatusCode::FORBIDDEN, None, format!("{}\n", told.summary_in(t)))
        }
        Some(Ok(told)) => (StatusCode::OK, None, lines(shared, t, &told)),
        Some(Err(refusing)) => {
            let status = match refusing.why {
                RefusalReason::Target(_) | RefusalReason::Off => StatusCode::NOT_FOUND,
                RefusalReason::Budget => StatusCode::TOO_MANY_REQUESTS,
                RefusalReason::Busy => StatusCode::SERVICE_UNAVAILABLE,
            };
            let last = refusing.last.as_ref().map(|told| lines(shared, t, told));
            let last =
                last.map(|last| format!("{}\n{last}", t.say("text-last"))).unwrap_or_default();
            (status, refusing.retry_after, format!("{}\n{last}", refusing.words_in(t)))
        }
        None => (StatusCode::SERVICE_UNAVAILABLE, None, format!("{}\n", t.say("text-broke"))),
    };
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::VARY, "accept, user-agent"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    let mut response = (status, headers, text).into_response();
    mark(&mut response, t);
    if let Some(wait) = retry {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

/// The verdict; its evidence; its moment, and the address of the page.
fn lines(shared: &Shared, t: Lang, told: &LookupView) -> String {
    let mut text = format!("{}\n{}", told.summary_in(t), told.url);
    // Writing to a string cannot fail.
    let _ = write_how(&mut text, t, told);
    for (_, note) in told.notes_in(t, shared.now()) {
        text.extend(["\n", &note]);
    }
    let when = told.checked_at().map_or_else(
        || t.say("text-never").into_owned(),
        |at| match shared.now().since(at) {
            age if age.as_secs() < 120 => t.one("text-seconds-ago", "n", age.as_secs()),
            age => t.one("text-ago", "long", t.duration(age)),
        },
    );
    let page = shared.link(&links::lookup(&told.key));
    let LookedUp { times, down } =
        shared.web.lookups.reports(|reports| reports.looked_up(&told.key, shared.now()));
    let others = match times {
        0 | 1 => String::new(),
        _ => t.two("text-others", ("times", u64::from(times)), ("down", u64::from(down))),
    };
    format!("{text}\n{when}{others}: {page}\n")
}

fn write_how(text: &mut String, t: Lang, told: &LookupView) -> std::fmt::Result {
    let Some(check) = &told.check else { return Ok(()) };
    let (outcome, traces) = (&check.outcome, &check.outcome.traces);
    if let Some(status) = outcome.http_status {
        write!(text, " HTTP {status}")?;
    }
    if let Some(version) = traces.http_version {
        write!(text, " {}", t.one("text-over", "version", format!("HTTP/{}", version.word())))?;
    }
    if let Some(address) = traces.address {
        write!(text, " {}", t.one("text-from", "address", address.to_string()))?;
    }
    if let Some(latency) = told.latency() {
        write!(text, " {}", t.one("text-in", "latency", t.latency(latency)))?;
    }
    if let Some(url) = &traces.final_url {
        write!(text, " ({})", t.one("text-redirected", "url", &**url))?;
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
