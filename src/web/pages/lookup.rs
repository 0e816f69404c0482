//! `/{domain}`: a site of the catalogue, or a lookup of any other; as a page, as text for the
//! command line, and in the shapes of isitup.org.
//!
//! A lookup's page is sent at once, and its answer follows when it is there; nothing of it needs
//! JavaScript.

mod answer;
mod plain;
pub(in crate::web) mod report;
mod stream;

use std::sync::Arc;

use askama::Template;
use axum::{
    extract::{OriginalUri, State},
    response::{IntoResponse, Redirect, Response},
};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use self::answer::Answer;
use super::{Frame, missing, page_with, site};
use crate::{
    lookup::{Coming, Why, crowd::LookedUp, crowd::Reports},
    model::target::Target,
    web::{
        Shared,
        api::isitup,
        asking::{self, Refusing, Reply},
        assets, headers,
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
    url: String,
    path: String,
    report: String,
    json: String,
    script: &'static str,
    /// Markup of our own, or the mark where it will be.
    answer: String,
    crowd: String,
    told: bool,
    counted: bool,
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
    OriginalUri(uri): OriginalUri,
) -> Response {
    let text = plain::wanted(&headers);
    let domain = segment.clone().unwrap_or_default();
    let exact = shared.web.board.site(&domain).is_some();
    if !exact && let Some((domain, form)) = isitup::asked(&domain) {
        return isitup::respond(&shared, domain, form, visitor, &params, uri.path()).await;
    }
    if text && (exact || is_domain(&domain)) {
        return plain::respond(&shared, &domain, visitor).await;
    }
    let known = exact || asking::catalogued(&shared, &domain).is_some();
    if known || !is_domain(&domain) {
        let response = site::page(State(shared), Segment(segment), OriginalUri(uri));
        return varying(response);
    }
    if !shared.web.lookups.enabled() {
        return missing::respond(&shared, &domain);
    }
    varying(look_up(&shared, &domain, visitor, &params))
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

fn look_up(shared: &Arc<Shared>, domain: &str, visitor: Visitor, params: &Params) -> Response {
    let target = match shared.web.lookups.read(domain) {
        Ok(target) => target,
        Err(refused) => return missing::refuse(shared, domain, &refused, StatusCode::NOT_FOUND),
    };
    if target.key() != domain {
        return Redirect::to(&path(&target.key())).into_response();
    }
    let again = params.text("again").is_some();
    let response = match asking::ask(shared, domain, visitor, again) {
        Reply::Told(told) => whole(shared, &target, params, StatusCode::OK, None, Some(&told)),
        Reply::Coming(coming) => streamed(shared, &target, params, coming),
        Reply::Refused(refusing) => refused(shared, &target, params, &refusing),
    };
    with_policy(response, &target, shared)
}

/// The path of a lookup's page. A key may have a scheme in it, and the brackets of IPv6.
pub(in crate::web) fn path(key: &str) -> String {
    site::path(&key.replace('/', "%2F"))
}

/// The page may ask the site itself, and nobody else.
fn with_policy(mut response: Response, target: &Target, shared: &Shared) -> Response {
    let last = shared.web.lookups.last(&target.key());
    let led = last.as_ref().and_then(|last| last.confirmed());
    let led = led.and_then(|seen| seen.check.outcome.traces.final_url.as_deref());
    if let Some(policy) = headers::policy_that_may_ask(&target.url, led) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn view(shared: &Shared, target: &Target, params: &Params, answer: String) -> View {
    let key = target.key();
    let title = format!("Is {key} up right now?");
    let description = format!("Whether {key} is up right now, looked at from outside.");
    let path = path(&key);
    let told = params.text("told");
    View {
        frame: Frame::hidden(shared, title, description),
        url: target.url.to_string(),
        report: format!("{path}/problem"),
        json: format!("/api/v1/lookup?target={}", urlencoded(&key)),
        script: assets::justme(),
        crowd: crowd_words(shared, &key),
        told: told.is_some(),
        counted: told == Some("1"),
        refusal: None,
        has_last: false,
        shown: key,
        path,
        answer,
    }
}

fn whole(
    shared: &Shared,
    target: &Target,
    params: &Params,
    status: StatusCode,
    refusal: Option<String>,
    told: Option<&Told>,
) -> Response {
    let html = told.map(|told| Answer::of(told, shared.now()).html()).unwrap_or_default();
    let html = if told.is_some() { html } else { answer::nothing(&target.key()) };
    let has_last = refusal.is_some() && told.is_some();
    let view = View { refusal, has_last, ..view(shared, target, params, html) };
    page_with(status, &view)
}

fn streamed(shared: &Arc<Shared>, target: &Target, params: &Params, coming: Coming) -> Response {
    let page = view(shared, target, params, stream::MARK.to_owned());
    match page.render() {
        Ok(html) => stream::respond(&html, &target.key(), coming, shared),
        Err(error) => super::broken(&error),
    }
}

fn refused(shared: &Shared, target: &Target, params: &Params, refusing: &Refusing) -> Response {
    let status = match refusing.why {
        Why::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Why::Budget => StatusCode::TOO_MANY_REQUESTS,
        Why::Off | Why::Target(_) => StatusCode::NOT_FOUND,
    };
    let (last, words) = (refusing.last.as_deref(), Some(refusing.words()));
    let mut response = whole(shared, target, params, status, words, last);
    if let Some(wait) = refusing.retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait));
    }
    response
}

/// What the crowd does, in a sentence or two.
pub(super) fn crowd_words(shared: &Shared, key: &str) -> String {
    let now = shared.now();
    let (looked_up, reports) =
        shared.web.lookups.crowd(|crowd| (crowd.looked_up(key, now), crowd.reports(key, now)));
    let LookedUp { times, down } = looked_up;
    let looked_up = match (times, down) {
        (0 | 1, _) => String::new(),
        (times, 0) => format!("Looked up by {times} visitors in the last hour. "),
        (times, down) => format!(
            "Looked up by {times} visitors in the last hour; {down} of them were told that it is \
             down. "
        ),
    };
    let reports = match reports {
        Reports { day: 0, .. } => "Nobody has reported a problem within a day.".to_owned(),
        Reports { hour: 0, day, .. } => {
            format!("{} a problem within a day, none in the last hour.", visitors(day))
        }
        Reports { hour, .. } => format!("{} a problem in the last hour.", visitors(hour)),
    };
    looked_up + &reports
}

fn visitors(count: u32) -> String {
    if count == 1 { "1 visitor reported".to_owned() } else { format!("{count} visitors reported") }
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
