//! The pages: server-made HTML that works without JavaScript.
//!
//! A page is a view (a struct with what is to be shown) and a template. Templates decide how
//! things look, never what is true. Nothing is styled inline: the policy forbids it.

pub(super) mod about;
pub(super) mod bits;
pub(super) mod front;
pub(super) mod lookup;
pub(super) mod missing;
pub(super) mod provider;
pub(super) mod reference;
pub(super) mod site;
pub(super) mod trouble;

use std::sync::Arc;

use askama::Template;
use axum::response::{Html, IntoResponse, Response};
use http::{StatusCode, header};

use self::bits::Stamp;
use super::{Shared, assets, headers::BRIEFLY, picture::notice};
use crate::model::moment::Moment;

/// What stands around every page.
#[derive(Debug)]
struct Frame {
    /// The page's own title.
    title: String,
    /// One sentence for those who see only a link to it.
    description: String,
    /// Its address; `None` when it should not be found.
    canonical: Option<String>,
    /// The path that "reload" asks for again.
    path: String,
    brand: Arc<str>,
    style: &'static str,
    icon: &'static str,
    notice: Option<String>,
    /// What the page shows of the world is as of this moment; `None` when it shows nothing of it.
    now: Option<Stamp>,
}

impl Frame {
    /// The frame of a page of ours at this path.
    fn new(shared: &Shared, title: String, description: String, path: &str) -> Self {
        let now = shared.now();
        Self {
            title,
            description,
            canonical: Some(shared.link(path)),
            path: path.to_owned(),
            brand: shared.web.title.clone(),
            style: assets::style(),
            icon: assets::favicon(),
            notice: notice(&shared.web.board.record(), now),
            now: Some(Stamp::second(now)),
        }
    }

    /// The frame of a page that shows nothing of the world, so that it may stay as it is.
    fn still(shared: &Shared, title: String, description: String, path: &str) -> Self {
        Self { now: None, ..Self::new(shared, title, description, path) }
    }

    /// The frame of a page that no search engine should keep.
    fn hidden(shared: &Shared, title: String, description: String) -> Self {
        Self { canonical: None, ..Self::still(shared, title, description, "/") }
    }
}

/// A good page.
fn page(template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => ([BRIEFLY], Html(html)).into_response(),
        Err(error) => broken(&error),
    }
}

/// A page with another status, not to be kept.
fn page_with(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CACHE_CONTROL, "no-store")], Html(html)).into_response(),
        Err(error) => broken(&error),
    }
}

fn broken(error: &askama::Error) -> Response {
    tracing::error!(%error, "a template could not be rendered");
    (StatusCode::INTERNAL_SERVER_ERROR, trouble::FIXED).into_response()
}

/// A moment with how long ago it was.
fn ago(at: Moment, now: Moment) -> (Stamp, String) {
    let seconds = now.since(at).as_secs();
    let age = match seconds {
        0 => "just now".to_owned(),
        1 => "1 second ago".to_owned(),
        2..=119 => format!("{seconds} seconds ago"),
        _ => format!("{} ago", crate::model::sentence::duration_words(now.since(at))),
    };
    (Stamp::second_of(at, now), age)
}
