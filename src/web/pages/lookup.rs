//! `/{domain}`: a site of the catalogue, or a lookup of any other; as a page, as text for the
//! command line, and in the shapes of isitup.org.
//!
//! A lookup's page is sent at once, and its answer follows when it is there; nothing of it needs
//! JavaScript.

mod answer;
pub(super) mod justme;
mod plain;
pub(in crate::web) mod report;
mod stream;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use url::Url;

use self::answer::Answer;
use super::{frame::Frame, missing, page_with, site};
use crate::{
    lookup::{Coming, Why},
    model::{
        readable::readable,
        target::{Refused, Target},
    },
    web::{
        Shared,
        api::isitup,
        asked::Asked,
        asking::{self, Refusing, Reply},
        headers,
        params::{Params, Segment},
        told::Told,
        visitor::Visitor,
    },
};

#[derive(Template)]
#[template(path = "lookup.html")]
struct View {
    frame: Frame,
    shown: String,
    again: String,
    now: String,
    json: String,
    /// Markup of our own, or the mark where it will be.
    answer: String,
    justme: String,
    refusal: Option<String>,
    has_last: bool,
}

/// `GET /{domain}`
pub(in crate::web) async fn page(
    State(shared): crate::web::State,
    visitor: Visitor,
    params: Params,
    headers: HeaderMap,
    Segment(segment): Segment,
    asked: Asked,
) -> Response {
    let text = plain::wanted(&headers);
    let domain = segment.clone().unwrap_or_default();
    let exact = shared.web.board.site(&domain.to_lowercase()).is_some();
    if !exact && let Some((domain, form)) = isitup::asked(&domain) {
        // `style.css.json` is a file that somebody looks for, and no question about a site.
        if let Some(refused @ Refused::FileName(_)) = asking::not_a_target(&shared, domain) {
            return missing::refuse(&shared, &asked, domain, &refused, StatusCode::NOT_FOUND);
        }
        return isitup::respond(&shared, domain, form, visitor, asked.path()).await;
    }
    let known = asking::catalogued(&shared, &domain);
    if text {
        return plain::respond(&shared, &domain, asked.lang, visitor).await;
    }
    if known.is_some() || !is_domain(&domain) {
        let response = varying(Box::pin(site::page(&shared, segment, &asked, &params)).await);
        return match known {
            Some(look) => with_policy(response, &look.watched.site.url, &domain, &shared),
            None => response,
        };
    }
    if !shared.web.lookups.enabled() {
        return missing::respond(&shared, &asked, &domain);
    }
    varying(look_up(&shared, &asked, &domain, visitor, &params))
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
    asked: &Asked,
    domain: &str,
    visitor: Visitor,
    params: &Params,
) -> Response {
    let target = match shared.web.lookups.read(domain) {
        Ok(target) => target,
        Err(refused) => {
            return missing::refuse(shared, asked, domain, &refused, StatusCode::NOT_FOUND);
        }
    };
    if target.key() != domain {
        return Redirect::to(&asked.href(&path(&target.key()))).into_response();
    }
    let around = Around { shared, asked, target: &target };
    let again = params.text("again").is_some();
    let response = match asking::ask(shared, domain, visitor, again) {
        Reply::Told(told) => whole(&around, StatusCode::OK, None, Some(&told)),
        Reply::Coming(coming) => streamed(&around, coming),
        Reply::Refused(refusing) => refused(&around, &refusing),
    };
    with_policy(response, &target.url, domain, shared)
}

/// The path of a lookup's page. A key may have a scheme in it, and the brackets of IPv6.
pub(in crate::web) fn path(key: &str) -> String {
    site::path(&key.replace('/', "%2F"))
}

/// The page may ask the site itself, and nobody else.
fn with_policy(mut response: Response, url: &Url, key: &str, shared: &Shared) -> Response {
    let last = shared.web.lookups.last(key);
    let led = last.as_ref().and_then(|last| last.confirmed());
    let led = led.and_then(|seen| seen.check.outcome.traces.final_url.as_deref());
    if let Some(policy) = headers::policy_that_may_ask(url, led) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// What the page of a lookup is made with.
struct Around<'a> {
    shared: &'a Arc<Shared>,
    asked: &'a Asked,
    target: &'a Target,
}

fn view(around: &Around<'_>, answer: String) -> View {
    let Around { shared, asked, target } = *around;
    let (t, key) = (asked.lang, target.key());
    let name = readable(&key);
    let title = t.one("lookup-title", "name", &*name);
    let description = t.one("lookup-description", "name", &*name);
    let path = path(&key);
    let frame = Frame::hidden(shared, asked, title, description);
    View {
        frame: Frame { path: path.clone(), ..frame },
        again: asked.href(&format!("{path}?again=1")),
        json: format!("/api/v1/lookup?target={}", urlencoded(&key)),
        justme: justme::html(shared, asked, &key, &path, target.url.as_str()),
        now: t.one("lookup-again-now", "name", &*name),
        refusal: None,
        has_last: false,
        shown: name.into_owned(),
        answer,
    }
}

fn whole(
    around: &Around<'_>,
    status: StatusCode,
    refusal: Option<String>,
    told: Option<&Told>,
) -> Response {
    let t = around.asked.lang;
    let html = told.map(|told| Answer::of(around.shared, around.asked, told).html());
    let html = html.unwrap_or_else(|| answer::nothing(t, &around.target.key()));
    let has_last = refusal.is_some() && told.is_some();
    let view = View { refusal, has_last, ..view(around, html) };
    page_with(t, status, &view)
}

fn streamed(around: &Around<'_>, coming: Coming) -> Response {
    let (t, key) = (around.asked.lang, around.target.key());
    match view(around, stream::MARK.to_owned()).render() {
        Ok(html) => {
            super::spoken(t, stream::respond(around.asked, &html, &key, coming, around.shared))
        }
        Err(error) => super::broken(&error),
    }
}

fn refused(around: &Around<'_>, refusing: &Refusing) -> Response {
    let status = match refusing.why {
        Why::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Why::Budget => StatusCode::TOO_MANY_REQUESTS,
        Why::Off | Why::Target(_) => StatusCode::NOT_FOUND,
    };
    let (last, words) = (refusing.last.as_deref(), Some(refusing.words_in(around.asked.lang)));
    let mut response = whole(around, status, words, last);
    if let Some(wait) = refusing.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
