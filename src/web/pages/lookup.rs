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
    model::target::Target,
    web::{
        Shared,
        api::isitup,
        asked::Asked,
        asking::{self, Asker, Refusing, Reply},
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
    once_more: String,
    again: String,
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
    let exact = shared.web.board.site(&domain).is_some();
    if !exact && let Some((domain, form)) = isitup::asked(&domain) {
        return isitup::respond(&shared, domain, form, visitor, &params, asked.path()).await;
    }
    if text && (exact || is_domain(&domain)) {
        return plain::respond(&shared, &domain, visitor).await;
    }
    let known = asking::catalogued(&shared, &domain);
    if known.is_some() || !is_domain(&domain) {
        let url = known.map(|look| look.watched.site.url.clone());
        let response = site::page(State(shared.clone()), Segment(segment), asked, params).await;
        let response = varying(response);
        return match url {
            Some(url) => with_policy(&shared, response, &url, &domain),
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
        Err(why) => return missing::refuse(shared, asked, domain, &why, StatusCode::NOT_FOUND),
    };
    let key = target.key();
    if key != domain {
        return Redirect::to(&asked.href(&path(&key))).into_response();
    }
    let again = params.text("again").is_some();
    let who = Asker { visitor, again, lang: asked.lang };
    let response = match asking::ask(shared, domain, who) {
        Reply::Told(told) => whole(shared, asked, &target, Some(&told)),
        Reply::Coming(coming) => streamed(shared, asked, &target, coming),
        Reply::Refused(refusing) => refused(shared, asked, &target, &refusing),
    };
    with_policy(shared, response, &target.url, &key)
}

/// The path of a lookup's page. A key may have a scheme in it, and the brackets of IPv6.
pub(in crate::web) fn path(key: &str) -> String {
    site::path(&key.replace('/', "%2F"))
}

/// The page may ask the site itself, and nobody else.
fn with_policy(shared: &Shared, mut response: Response, url: &Url, key: &str) -> Response {
    let last = shared.web.lookups.last(key);
    let led = last.as_ref().and_then(|last| last.confirmed());
    let led = led.and_then(|seen| seen.check.outcome.traces.final_url.as_deref());
    if let Some(policy) = headers::policy_that_may_ask(url, led) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn view(shared: &Shared, asked: &Asked, target: &Target, answer: String) -> View {
    let (t, key) = (asked.lang, target.key());
    let title = t.one("lookup-title", "name", &key);
    let description = t.one("lookup-description", "name", &key);
    let path = path(&key);
    let frame = Frame::hidden(shared, asked, title, description);
    View {
        frame: Frame { path: path.clone(), ..frame },
        once_more: t.one("lookup-once-more", "name", &key),
        again: asked.href(&format!("{path}?again=1")),
        json: format!("/api/v1/lookup?target={}", urlencoded(&key)),
        justme: justme::html(shared, asked, &key, &path, target.url.as_str()),
        refusal: None,
        has_last: false,
        shown: key,
        answer,
    }
}

/// The page with its answer in it.
fn whole(shared: &Shared, asked: &Asked, target: &Target, told: Option<&Told>) -> Response {
    let view = view(shared, asked, target, answer(shared, asked, target, told));
    page_with(asked.lang, StatusCode::OK, &view)
}

fn answer(shared: &Shared, asked: &Asked, target: &Target, told: Option<&Told>) -> String {
    let answer = match told {
        Some(told) => Answer::of(asked.lang, told, shared.now()),
        None => Answer::nothing(asked.lang, &target.key()),
    };
    answer.html()
}

fn streamed(shared: &Arc<Shared>, asked: &Asked, target: &Target, coming: Coming) -> Response {
    match view(shared, asked, target, stream::MARK.to_owned()).render() {
        Ok(html) => stream::respond(shared, asked.lang, &target.key(), &html, coming),
        Err(error) => super::broken(&error),
    }
}

fn refused(shared: &Shared, asked: &Asked, target: &Target, refusing: &Refusing) -> Response {
    let status = match refusing.why {
        Why::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Why::Budget => StatusCode::TOO_MANY_REQUESTS,
        Why::Off | Why::Target(_) => StatusCode::NOT_FOUND,
    };
    let last = refusing.last.as_deref();
    let view = View {
        refusal: Some(refusing.words(asked.lang)),
        has_last: last.is_some(),
        ..view(shared, asked, target, answer(shared, asked, target, last))
    };
    let mut response = page_with(asked.lang, status, &view);
    if let Some(wait) = refusing.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
