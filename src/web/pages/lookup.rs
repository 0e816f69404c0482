//! `/{domain}`: a site of the catalogue, or a lookup of any other; as a page, as text for the
//! command line, and in the shapes of isitup.org.
//!
//! A lookup's page is sent at once, and its answer follows when it is there; nothing of it needs
//! JavaScript.

mod answer;
pub(super) mod justme;
mod plain;
pub(in crate::web) mod report;
mod reports_chart;
mod stream;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

use self::answer::AnswerSection;
use super::{layout::Layout, missing, page_with, site};
use crate::{
    lookup::{Coming, RefusalReason},
    web::{
        Shared,
        compat::isitup,
        extractors::{
            client_ip::ClientIp,
            locale::Locale,
            params::{Params, PathSegment},
        },
        links,
        lookup_service::{self, LookupReply, Refusing},
        middleware::headers,
        views::lookup::LookupView,
    },
};
use model::{
    domain::readable,
    target::{Refused, Target},
};

#[derive(Template)]
#[template(path = "lookup.html")]
struct LookupPage {
    layout: Layout,
    again: String,
    json: String,
    /// Markup of our own, or the mark where it will be.
    answer: String,
    refusal: Option<String>,
    has_last: bool,
}

/// `GET /{domain}`
pub(in crate::web) async fn page(
    State(shared): crate::web::AppState,
    client: ClientIp,
    params: Params,
    headers: HeaderMap,
    PathSegment(segment): PathSegment,
    locale: Locale,
) -> Response {
    let text = plain::wanted(&headers);
    let domain = segment.clone().unwrap_or_default();
    let exact = shared.web.board.site(&domain.to_lowercase()).is_some();
    if !exact && let Some((domain, form)) = isitup::locale(&domain) {
        // `style.css.json` is the name of a file, and no question about a site.
        if let Some(refused @ Refused::FileName(_)) = lookup_service::not_a_target(&shared, domain)
        {
            return missing::refuse(&shared, &locale, domain, &refused, StatusCode::NOT_FOUND);
        }
        return isitup::respond(&shared, domain, form, client, locale.path()).await;
    }
    let known = lookup_service::catalogued(&shared, &domain);
    if text {
        return plain::respond(&shared, &domain, locale.lang, client).await;
    }
    if known.is_some() || !is_domain(&domain) {
        let visitor = Visitor { shared: &shared, locale: &locale, client };
        let response = varying(Box::pin(site::page(visitor, segment, &params)).await);
        return match known {
            Some(view) => with_policy(response, &view.live.site.url, &domain, &shared),
            None => response,
        };
    }
    if !shared.web.lookups.enabled() {
        return missing::respond(&shared, &locale, &domain);
    }
    varying(look_up(&shared, &locale, &domain, client, &params))
}

/// Anything with a dot is a domain, and so is an IPv6 address.
fn is_domain(segment: &str) -> bool {
    segment.contains(['.', ':'])
}

/// The same address has text for the command line.
fn varying(mut response: Response) -> Response {
    let vary = HeaderValue::from_static("accept, user-agent");
    response.headers_mut().append(header::VARY, vary);
    response
}

fn look_up(
    shared: &Arc<Shared>,
    locale: &Locale,
    domain: &str,
    client: ClientIp,
    params: &Params,
) -> Response {
    let target = match shared.web.lookups.read(domain) {
        Ok(target) => target,
        Err(refused) => {
            return missing::refuse(shared, locale, domain, &refused, StatusCode::NOT_FOUND);
        }
    };
    if target.key() != domain {
        return Redirect::to(&locale.href(&links::lookup(&target.key()))).into_response();
    }
    let around = Around { visitor: Visitor { shared, locale, client }, target: &target };
    let again = params.text("again").is_some();
    let response = match lookup_service::ask(shared, domain, client, again) {
        LookupReply::Answer(told) => whole(&around, StatusCode::OK, None, Some(&told)),
        LookupReply::Coming(coming) => streamed(&around, coming),
        LookupReply::Refused(refusing) => refused(&around, &refusing),
    };
    with_policy(response, &target.url, domain, shared)
}

/// Allows the page's script to request the site itself, and no other.
fn with_policy(mut response: Response, url: &Url, key: &str, shared: &Shared) -> Response {
    let last = shared.web.lookups.last(key);
    let led = last.as_ref().and_then(|last| last.confirmed());
    let led = led.and_then(|seen| seen.check.outcome.traces.final_url.as_deref());
    if let Some(policy) = headers::policy_that_may_ask(url, led) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// Client and language.
#[derive(Clone, Copy)]
pub(super) struct Visitor<'a> {
    pub(super) shared: &'a Arc<Shared>,
    pub(super) locale: &'a Locale,
    pub(super) client: ClientIp,
}

/// Inputs of a lookup's page.
struct Around<'a> {
    visitor: Visitor<'a>,
    target: &'a Target,
}

fn lookup_page(around: &Around<'_>, answer: String) -> LookupPage {
    let Around { visitor: Visitor { shared, locale, .. }, target } = *around;
    let (t, key) = (locale.lang, target.key());
    let name = readable(&key);
    let title = t.one("lookup-title", "name", &*name);
    let description = t.one("lookup-description", "name", &*name);
    let path = links::lookup(&key);
    let layout = Layout::hidden(shared, locale, title, description);
    LookupPage {
        layout: Layout { path: path.clone(), ..layout },
        again: locale.href(&format!("{path}?again=1")),
        json: links::lookup_json(&key),
        refusal: None,
        has_last: false,
        answer,
    }
}

fn whole(
    around: &Around<'_>,
    status: StatusCode,
    refusal: Option<String>,
    told: Option<&LookupView>,
) -> Response {
    let t = around.visitor.locale.lang;
    let html = told.map(|told| AnswerSection::of(around.visitor, around.target, told).html());
    let html = html.unwrap_or_else(|| answer::nothing(t, &around.target.key()));
    let has_last = refusal.is_some() && told.is_some();
    let page = LookupPage { refusal, has_last, ..lookup_page(around, html) };
    page_with(t, status, &page)
}

fn streamed(around: &Around<'_>, coming: Coming) -> Response {
    let t = around.visitor.locale.lang;
    match lookup_page(around, stream::MARK.to_owned()).render() {
        Ok(html) => super::spoken(t, stream::respond(around.visitor, around.target, &html, coming)),
        Err(error) => super::broken(&error),
    }
}

fn refused(around: &Around<'_>, refusing: &Refusing) -> Response {
    let status = match refusing.why {
        RefusalReason::Busy => StatusCode::SERVICE_UNAVAILABLE,
        RefusalReason::Budget => StatusCode::TOO_MANY_REQUESTS,
        RefusalReason::Off | RefusalReason::Target(_) => StatusCode::NOT_FOUND,
    };
    let (last, words) =
        (refusing.last.as_deref(), Some(refusing.words_in(around.visitor.locale.lang)));
    let mut response = whole(around, status, words, last);
    if let Some(wait) = refusing.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}
