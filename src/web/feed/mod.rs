//! Feeds of outages, for all sites and for one: Atom (RFC 4287) and JSON Feed 1.1.
//!
//! An outage is one entry for ever; when it ends, the same entry is updated and says how long it
//! was. A feed changes only when there is something new, and says when that was.

mod atom;
mod changed;
mod json;

use std::sync::Arc;

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};

pub(super) use changed::Changed;

use super::{
    Shared,
    asked::Asked,
    http_date,
    keep::Keep,
    pages::{site::path, trouble},
    params::Segment,
    past::{Past, newest, plain},
};
use crate::{board::Watched, model::moment::Moment};

/// Entries of a feed at most.
const ENTRIES: usize = 50;

/// How a feed is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Atom,
    Json,
}

impl Form {
    fn content_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }

    fn file(self) -> &'static str {
        match self {
            Self::Atom => "feed.atom",
            Self::Json => "feed.json",
        }
    }
}

/// A feed, in whatever form.
#[derive(Debug)]
struct Feed {
    title: String,
    /// Where the page is that tells the same.
    page: String,
    /// Where this is.
    own: String,
    author: String,
    updated: Moment,
    entries: Vec<Entry>,
}

/// One outage.
#[derive(Debug)]
struct Entry {
    id: String,
    title: String,
    text: String,
    page: String,
    kind: &'static str,
    published: Moment,
    updated: Moment,
}

/// `GET /feed.atom`
pub(super) async fn all_atom(State(shared): super::State) -> Response {
    all(&shared, Form::Atom).await
}

/// `GET /feed.json`
pub(super) async fn all_json(State(shared): super::State) -> Response {
    all(&shared, Form::Json).await
}

/// `GET /sites/{slug}/feed.atom`
pub(super) async fn site_atom(
    State(shared): super::State,
    Segment(slug): Segment,
    asked: Asked,
) -> Response {
    one(&shared, slug, &asked, Form::Atom).await
}

/// `GET /sites/{slug}/feed.json`
pub(super) async fn site_json(
    State(shared): super::State,
    Segment(slug): Segment,
    asked: Asked,
) -> Response {
    one(&shared, slug, &asked, Form::Json).await
}

async fn all(shared: &Shared, form: Form) -> Response {
    let title = format!("Outages at {}", shared.web.title);
    let sites = shared.web.board.sites();
    let recorded = shared.outages.of(shared, None).await;
    let past = newest(&sites, &recorded, ENTRIES, |_| true);
    respond(shared, &sites, form, &feed(shared, &title, "/", form, &past))
}

async fn one(shared: &Shared, slug: Option<String>, asked: &Asked, form: Form) -> Response {
    let Some(watched) = slug.and_then(|slug| shared.web.board.site(&slug.to_ascii_lowercase()))
    else {
        return trouble::respond(shared, asked, StatusCode::NOT_FOUND);
    };
    let title = format!("Outages of {}", watched.site.name);
    let page = path(watched.site.slug.as_str());
    let recorded = shared.outages.of(shared, Some(&watched.site.slug)).await;
    let sites = [watched];
    let past = newest(&sites, &recorded, ENTRIES, |_| true);
    respond(shared, &sites, form, &feed(shared, &title, &page, form, &past))
}

fn feed(shared: &Shared, title: &str, page: &str, form: Form, past: &[Past]) -> Feed {
    let below = if page == "/" { String::new() } else { format!("/sites{page}") };
    Feed {
        title: plain(title),
        page: shared.link(page),
        own: shared.link(&format!("{below}/{}", form.file())),
        author: plain(&shared.web.title),
        // The entries stand with the newest change first.
        updated: past.first().map_or(shared.started, Past::changed_at),
        entries: past.iter().map(|past| entry(shared, past)).collect(),
    }
}

fn entry(shared: &Shared, past: &Past) -> Entry {
    let page = path(past.watched.site.slug.as_str());
    Entry {
        id: tag(shared, past),
        title: past.title(),
        text: past.text(),
        page: shared.link(&page),
        kind: past.outage.status.word(),
        published: past.outage.started_at,
        updated: past.changed_at(),
    }
}

/// The outage's tag URI (RFC 4151), the same for ever and in every feed.
fn tag(shared: &Shared, past: &Past) -> String {
    // A tag's authority is written as a name of the DNS; an address in brackets is none.
    let host = match shared.web.public_url.host_str() {
        Some(host) if !host.starts_with('[') => host,
        _ => "stillup.invalid",
    };
    let day = past.outage.started_at.to_utc().date();
    let key = past.key().replace('[', "%5B").replace(']', "%5D");
    format!("tag:{host},{day}:outage/{key}")
}

fn respond(shared: &Shared, sites: &[Arc<Watched>], form: Form, feed: &Feed) -> Response {
    let body = match form {
        Form::Atom => atom::write(feed),
        Form::Json => json::write(feed),
    };
    let Some(body) = body else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let changed = shared.feeds.of(&feed.own, body.as_bytes(), shared.now());
    let keep = Keep::of_sites(shared, sites.iter().map(|watched| &**watched));
    let stamp = [(header::LAST_MODIFIED, http_date::write(changed))];
    (keep, [(header::CONTENT_TYPE, form.content_type())], stamp, body).into_response()
}
