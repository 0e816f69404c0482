//! The pages: server-made HTML that works without JavaScript, in every language that we speak.
//!
//! A page is a view (a struct with what is to be shown) and a template. Templates decide how
//! things look, never what is true, and say nothing that is not in the catalogue of messages.
//! Nothing is styled inline: the policy forbids it.

pub(super) mod about;
pub(super) mod badges;
mod components;
pub(super) mod error_page;
pub(super) mod front;
mod layout;
pub(super) mod lookup;
pub(super) mod missing;
pub(super) mod operate;
pub(super) mod outage;
pub(super) mod outages;
pub(super) mod provider;
pub(super) mod reference;
pub(super) mod report;
pub(super) mod notices;
pub(super) mod site;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};

use self::components::Stamp;
use super::{cache_control::CacheControl, extractors::locale};
use crate::i18n::Lang;
use model::moment::Moment;

/// A good page: its sentences count time, so it is of its second.
fn page(lang: Lang, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => spoken(lang, (CacheControl::ITS_SECOND, Html(html)).into_response()),
        Err(error) => broken(&error),
    }
}

/// A page with another status, not to be cached.
fn page_with(lang: Lang, status: StatusCode, template: &impl Template) -> Response {
    let unkept = [(header::CACHE_CONTROL, "no-store")];
    match template.render() {
        Ok(html) => spoken(lang, (status, unkept, Html(html)).into_response()),
        Err(error) => broken(&error),
    }
}

fn spoken(lang: Lang, mut response: Response) -> Response {
    locale::mark(&mut response, lang);
    response
}

fn broken(error: &askama::Error) -> Response {
    tracing::error!(%error, "a template could not be rendered");
    (StatusCode::INTERNAL_SERVER_ERROR, error_page::FIXED).into_response()
}

/// A moment with how long ago it was.
fn ago(lang: Lang, at: Moment, now: Moment) -> (Stamp, String) {
    (Stamp::second_of(lang, at, now), lang.ago(now.since(at)))
}
