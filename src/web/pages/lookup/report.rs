//! `POST /{domain}/problem`: "I have a problem too". Counts a visitor once an hour, changes no
//! verdict, sets no cookie, and leads back to the row of the button.

use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, StatusCode, header};

use crate::web::{
    Shared,
    extractors::{client_ip::ClientIp, locale::Locale, params::PathSegment},
    links, lookup_service,
    pages::error_page,
};

/// Counts a visitor's report, and redirects to the page. Only sites of the catalogue, or those that
/// were looked up, are counted.
pub(in crate::web) async fn problem(
    State(shared): crate::web::AppState,
    client: ClientIp,
    headers: HeaderMap,
    PathSegment(domain): PathSegment,
    locale: Locale,
) -> Response {
    if !is_from_here(&shared, &headers) {
        return error_page::respond(&shared, &locale, StatusCode::FORBIDDEN);
    }
    let domain = domain.unwrap_or_default();
    let lookups = &shared.web.lookups;
    let (key, path) = if let Some(view) = lookup_service::catalogued(&shared, &domain) {
        let slug = view.live.site.slug.to_string();
        let path = links::site(&slug);
        (slug, path)
    } else {
        match lookups.read(&domain).map(|target| target.key()) {
            Ok(key) if lookups.knows(&key) => {
                let path = links::lookup(&key);
                (key, path)
            }
            _ => return error_page::respond(&shared, &locale, StatusCode::NOT_FOUND),
        }
    };
    let new = lookups.reports(|reports| reports.report(&key, client.key(), shared.now()));
    Redirect::to(&locale.href(&format!("{path}?told={}#justme", u8::from(new)))).into_response()
}

/// Returns whether the form is on a page of ours. A browser says so: over plain HTTP by the origin alone, which
/// is the address that the visitor opened, whatever our public one is. A program that does not is no browser, and
/// no foreign page can make it send anything.
fn is_from_here(shared: &Shared, headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match (text("sec-fetch-site"), text(header::ORIGIN.as_str())) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let opened = text(header::HOST.as_str());
            let is_opened = |(_, authority)| Some(authority) == opened;
            origin == shared.web.public_url.origin().ascii_serialization()
                || origin.split_once("://").is_some_and(is_opened)
        }
        (None, None) => true,
    }
}
