//! Error pages: fixed sentences, as a page, or as a problem for programs. When the fault is ours,
//! the page shows the last known state.

use askama::Template;
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use super::{
    components::{Html, Stamp},
    layout::Layout,
    page_with,
};
use crate::{
    i18n::Lang,
    web::{
        Shared,
        error::{ErrorStatus, HttpProblem},
        extractors::locale::Locale,
        views::overview::Overview,
    },
};

/// The last resort, when even a page cannot be made.
pub(super) const FIXED: &str = "We are having trouble ourselves. Please try again in a minute.\n";

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    layout: Layout,
    heading: String,
    sentence: String,
    /// Last headline about all sites, and its moment.
    knew: Option<(Html, String)>,
}

/// The answer for this status, in the form for this address.
pub(in crate::web) fn respond(shared: &Shared, locale: &Locale, status: StatusCode) -> Response {
    if of_programs(locale.path()) {
        return problem(status, locale.path());
    }
    let sentence = locale.lang.say(words(status).1).into_owned();
    page(shared, locale, status, sentence)
}

/// The same for somebody who asked for a page with parameters: a wrong one is named.
pub(in crate::web) fn of_problem(
    shared: &Shared,
    locale: &Locale,
    problem: &HttpProblem,
) -> Response {
    let (status, wrong) = (problem.status(), problem.wrong_parameters());
    let sentence = match wrong.as_slice() {
        [] => locale.lang.say(words(status).1).into_owned(),
        names => locale.lang.one("error-400-names", "names", names.join(", ")),
    };
    page(shared, locale, status, sentence)
}

fn page(shared: &Shared, locale: &Locale, status: StatusCode, sentence: String) -> Response {
    let t = locale.lang;
    let heading = t.say(words(status).0).into_owned();
    let layout = Layout::hidden(shared, locale, heading.clone(), sentence.clone());
    let knew = status.is_server_error().then(|| knew(shared, t)).flatten();
    page_with(t, status, &ErrorPage { layout, heading, sentence, knew })
}

/// A problem for a program, which has no field of search above it.
fn problem(status: StatusCode, path: &str) -> Response {
    let detail = match status {
        StatusCode::BAD_REQUEST => "Something in this address is not right.",
        StatusCode::NOT_FOUND => {
            "There is nothing at this address; /openapi.json describes those that there are."
        }
        StatusCode::METHOD_NOT_ALLOWED => {
            "This address does not take this method; the header Allow names those that it takes."
        }
        StatusCode::FORBIDDEN => "This can only be sent from our own pages.",
        StatusCode::PAYLOAD_TOO_LARGE => "The request has a body, or one that is too large.",
        StatusCode::URI_TOO_LONG => "What stands behind the ? is too long.",
        StatusCode::TOO_MANY_REQUESTS => {
            "You ask more often than is allowed; the header Retry-After says when to ask again."
        }
        StatusCode::SERVICE_UNAVAILABLE => "It took too long; try again in a minute.",
        _ => "This is our own fault, and it has been noted; try again in a minute.",
    };
    HttpProblem::new(status, detail, path).into_response()
}

/// Addresses for programs alone: under these, at these, and with these endings.
const UNDER: [&str; 5] = ["/agent/", "/api/", "/sites/", "/badge/", "/static/"];
const AT: [&str; 3] = ["/metrics", "/healthz", "/readyz"];
const ENDINGS: [&str; 8] =
    [".json", ".atom", ".svg", ".png", ".xml", ".txt", ".ico", ".webmanifest"];

fn of_programs(path: &str) -> bool {
    UNDER.iter().any(|under| path.starts_with(under))
        || AT.contains(&path)
        || ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Returns whether a client names this kind among those that it accepts.
fn accepts(headers: &HeaderMap, kind: &str) -> bool {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.map(str::to_ascii_lowercase).any(|value| value.contains(kind))
}

/// Returns whether a client asks for a page by name, as browsers do.
pub(in crate::web) fn asks_for_page(headers: &HeaderMap) -> bool {
    accepts(headers, "text/html")
}

/// Returns whether a client accepts JSON and no page.
fn takes_json_only(headers: &HeaderMap) -> bool {
    let json = accepts(headers, "application/json") || accepts(headers, "application/problem+json");
    json && !asks_for_page(headers)
}

/// Writes an [`ErrorStatus`] in the form for the address, and gives programs in their own form the
/// sentences of the page.
pub(in crate::web) async fn write(
    State(shared): crate::web::AppState,
    request: Request,
    next: Next,
) -> Response {
    let locale = Locale::of(request.uri(), request.headers());
    let headers = request.headers();
    let of_programs = of_programs(locale.path()) && !asks_for_page(headers);
    let wanted = of_programs || takes_json_only(headers);
    let mut page = next.run(request).await;
    if let Some(ErrorStatus(status)) = page.extensions_mut().remove() {
        let mut written = respond(&shared, &locale, status);
        written.headers_mut().extend(std::mem::take(page.headers_mut()));
        page = written;
    }
    let status = page.status();
    let bad = status.is_client_error() || status.is_server_error();
    let kind = page.headers().get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
    if !bad || !kind.is_some_and(|kind| kind.starts_with(b"text/html")) {
        return page;
    }
    page.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    if !wanted {
        return page;
    }
    let mut told = problem(status, locale.path());
    for gone in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_LANGUAGE] {
        page.headers_mut().remove(gone);
    }
    told.headers_mut().extend(std::mem::take(page.headers_mut()));
    told
}

fn words(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => ("error-400", "error-400-text"),
        StatusCode::NOT_FOUND => ("error-404", "error-404-text"),
        StatusCode::METHOD_NOT_ALLOWED => ("error-405", "error-405-text"),
        StatusCode::FORBIDDEN => ("error-403", "error-403-text"),
        StatusCode::URI_TOO_LONG => ("error-414", "error-414-text"),
        StatusCode::TOO_MANY_REQUESTS => ("error-429", "error-429-text"),
        StatusCode::SERVICE_UNAVAILABLE => ("error-503", "error-503-text"),
        _ => ("error-500", "error-500-text"),
    }
}

fn knew(shared: &Shared, t: Lang) -> Option<(Html, String)> {
    let overview = Overview::now(shared);
    let at = Stamp::new(t, overview.last?, overview.now);
    Some((Html::said(t, "error-last-known-html", [("time", at.arg())]), overview.headline_in(t)))
}
