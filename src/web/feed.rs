//! Feeds of outages and of what people say, for all sites and for one: Atom (RFC 4287) and JSON Feed 1.1.
//!
//! An outage is one entry for ever; when it ends, the same entry is updated with its duration. A
//! feed changes only when there is something new, and has the moment of that change.
//!
//! Its language is that of `?lang=` alone: what reads a feed for many people asks in none of theirs.

use std::{sync::Arc, time::Duration};

use askama::Template;
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use moka::{ops::compute::Op, sync::Cache};
use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use super::{
    Shared,
    cache_control::{CacheControl, http_date},
    error::ErrorStatus,
    extractors::params::{Params, PathSegment},
    links,
    views::incidents::{Incident, newest, plain},
};
use crate::{board::LiveSite, i18n::Lang};
use model::{
    moment::Moment,
    notice::{Notice, NoticeUpdate},
};

/// Entries of a feed at most.
const MAX_ENTRIES: usize = 50;

/// Format of a feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FeedFormat {
    Atom,
    Json,
}

impl FeedFormat {
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
    lang: Lang,
    title: String,
    /// URL of the page with the same content.
    page: String,
    /// URL of the feed.
    own: String,
    author: String,
    updated: Moment,
    entries: Vec<FeedEntry>,
}

/// One outage or notice.
#[derive(Debug)]
struct FeedEntry {
    id: String,
    title: String,
    text: String,
    page: String,
    kind: &'static str,
    published: Moment,
    updated: Moment,
}

/// `GET /feed.atom`
pub(super) async fn all_atom(State(shared): crate::web::AppState, params: Params) -> Response {
    all(&shared, lang(&params), FeedFormat::Atom).await
}

/// `GET /feed.json`
pub(super) async fn all_json(State(shared): crate::web::AppState, params: Params) -> Response {
    all(&shared, lang(&params), FeedFormat::Json).await
}

/// `GET /sites/{slug}/feed.atom`
pub(super) async fn site_atom(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    params: Params,
) -> Response {
    one(&shared, slug, lang(&params), FeedFormat::Atom).await
}

/// `GET /sites/{slug}/feed.json`
pub(super) async fn site_json(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    params: Params,
) -> Response {
    one(&shared, slug, lang(&params), FeedFormat::Json).await
}

/// The language of a feed: that of its address, or else English.
fn lang(params: &Params) -> Lang {
    params.text("lang").and_then(Lang::of_tag).unwrap_or_default()
}

async fn all(shared: &Shared, lang: Lang, form: FeedFormat) -> Response {
    let title = format!("{} · {}", lang.say("feed-all"), shared.web.title);
    let sites = shared.web.board.sites();
    let recorded = shared.outages.of(shared, None).await;
    let past = newest(&sites, &recorded, MAX_ENTRIES, |_| true);
    let notices = shared.web.operator.notices();
    let said = notices.iter().collect();
    let feed = feed(shared, lang, (&title, "/", form.file()), (&past, said));
    respond(shared, &sites, form, &feed)
}

async fn one(shared: &Shared, slug: Option<String>, lang: Lang, form: FeedFormat) -> Response {
    let Some(live) = slug.and_then(|slug| shared.site(&slug)) else {
        return ErrorStatus(StatusCode::NOT_FOUND).into_response();
    };
    let title = lang.one("feed-site", "name", &*live.site.name);
    let page = links::site(live.site.slug.as_str());
    let recorded = shared.outages.of(shared, Some(&live.site.slug)).await;
    let sites = [live];
    let past = newest(&sites, &recorded, MAX_ENTRIES, |_| true);
    let notices = shared.web.operator.notices();
    let is_about = |notice: &&Notice| notice.scope.is_about(&sites[0].site, sites[0].provider());
    let said = notices.iter().filter(is_about).collect();
    let feed = feed(shared, lang, (&title, &page, form.file()), (&past, said));
    respond(shared, &sites, form, &feed)
}

/// The feed with this title of what is on this page, in the file of this name.
fn feed(
    shared: &Shared,
    lang: Lang,
    (title, page, file): (&str, &str, &str),
    (past, notices): (&[Incident], Vec<&Notice>),
) -> Feed {
    let below = if page == "/" { String::new() } else { format!("/sites{page}") };
    let link = |path: &str| shared.link(&links::unless_default(path, lang));
    let entry = |incident: &Incident| FeedEntry {
        id: tag(shared, incident),
        title: incident.title(lang),
        text: incident.text(lang),
        page: link(&links::outage(&incident.live.site.slug, &incident.outage)),
        kind: incident.outage.status.word(),
        published: incident.outage.started_at,
        updated: incident.changed_at(),
    };
    let said = notices.into_iter().map(|notice| notice_entry(shared, lang, notice));
    let mut entries: Vec<FeedEntry> = past.iter().map(entry).chain(said).collect();
    // The entry with the newest change is first.
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.updated));
    entries.truncate(MAX_ENTRIES);
    Feed {
        lang,
        title: plain(title),
        page: link(page),
        own: link(&format!("{below}/{file}")),
        author: plain(&shared.web.title),
        updated: entries.first().map_or(shared.started, |entry| entry.updated),
        entries,
    }
}

/// A notice: one entry for ever, whose text grows with its updates.
fn notice_entry(shared: &Shared, lang: Lang, notice: &Notice) -> FeedEntry {
    let said = |update: &NoticeUpdate| {
        let at = update.at.to_utc().strftime("%Y-%m-%d %H:%M UTC");
        let state = lang.say(&format!("notice-state-{}", update.state.word()));
        plain(&format!("{at}, {state}: {}", update.text))
    };
    let texts: Vec<String> = notice.updates.iter().rev().map(said).collect();
    FeedEntry {
        id: tag_of(shared, notice.opened_at(), &format!("notice/{}", notice.id)),
        title: plain(&notice.title),
        text: texts.join("\n"),
        page: shared.link(&links::unless_default(&links::notice(&notice.id), lang)),
        kind: "notice",
        published: notice.opened_at(),
        updated: notice.updated_at(),
    }
}

/// The outage's tag URI, the same for ever and in every feed.
fn tag(shared: &Shared, incident: &Incident) -> String {
    let key = incident.key().replace('[', "%5B").replace(']', "%5D");
    tag_of(shared, incident.outage.started_at, &format!("outage/{key}"))
}

/// A tag URI (RFC 4151) of something that began at this moment.
fn tag_of(shared: &Shared, at: Moment, key: &str) -> String {
    // A tag's authority is written as a name of the DNS; an address in brackets is none.
    let host = match shared.web.public_url.host_str() {
        Some(host) if !host.starts_with('[') => host,
        _ => "stillup.invalid",
    };
    format!("tag:{host},{}:{key}", at.to_utc().date())
}

fn respond(shared: &Shared, sites: &[Arc<LiveSite>], form: FeedFormat, feed: &Feed) -> Response {
    let body = match form {
        FeedFormat::Atom => atom(feed),
        FeedFormat::Json => json(feed),
    };
    let Some(body) = body else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let changed = shared.feeds.of(&feed.own, body.as_bytes(), shared.now());
    let keep = CacheControl::of_sites(shared, sites.iter().map(|live| &**live));
    let stamp = [(header::LAST_MODIFIED, http_date(changed))];
    let spoken = [(header::CONTENT_LANGUAGE, feed.lang.tag())];
    (keep, [(header::CONTENT_TYPE, form.content_type())], spoken, stamp, body).into_response()
}

#[derive(Template)]
#[template(path = "feed.xml")]
struct AtomView<'a> {
    feed: &'a Feed,
}

/// The feed as Atom (RFC 4287), whose template escapes every text; `None` when it could not be written, which is logged.
fn atom(feed: &Feed) -> Option<String> {
    let written = AtomView { feed }.render();
    written.inspect_err(|error| tracing::error!(%error, "a feed could not be written")).ok()
}

#[derive(Serialize)]
struct JsonFeed<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    language: &'static str,
    authors: [Author<'a>; 1],
    items: Vec<FeedItem<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct FeedItem<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    content_text: &'a str,
    date_published: Moment,
    date_modified: Moment,
    tags: [&'static str; 1],
}

impl<'a> From<&'a FeedEntry> for FeedItem<'a> {
    fn from(entry: &'a FeedEntry) -> Self {
        Self {
            id: &entry.id,
            url: &entry.page,
            title: &entry.title,
            content_text: &entry.text,
            date_published: entry.published,
            date_modified: entry.updated,
            tags: [entry.kind],
        }
    }
}

/// The feed as JSON Feed 1.1; `None` when it could not be written, which is logged.
fn json(feed: &Feed) -> Option<String> {
    let document = JsonFeed {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.page,
        feed_url: &feed.own,
        language: feed.lang.tag(),
        authors: [Author { name: &feed.author }],
        items: feed.entries.iter().map(FeedItem::from).collect(),
    };
    let written = serde_json::to_string(&document);
    written.inspect_err(|error| tracing::error!(%error, "a feed could not be written")).ok()
}

/// Feeds whose last change is remembered.
const MAX_FEEDS: u64 = 65_536;

/// The moment of each feed's last change, so that `If-Modified-Since` is answered truly.
///
/// The times in the entries do not show it: an outage begins before it is confirmed, so an older
/// start may come after a newer one. The change counts when a reader first gets another text. Of
/// too many feeds one is forgotten, and its readers are sent it once more.
#[derive(Debug)]
pub(super) struct LastChanges {
    /// The hash of the text and when it was new, by the hash of the address.
    known: Cache<u64, (u64, Moment)>,
}

impl Default for LastChanges {
    fn default() -> Self {
        Self { known: Cache::new(MAX_FEEDS) }
    }
}

impl LastChanges {
    /// The moment when the feed at this address became what it is, in whole seconds.
    fn of(&self, address: &str, body: &[u8], now: Moment) -> Moment {
        let text = xxh3_64(body);
        let now = Moment::from_millis(now.seconds() * 1_000);
        let entry = self.known.entry(xxh3_64(address.as_bytes())).and_compute_with(|entry| {
            match entry.map(moka::Entry::into_value) {
                Some((same, _)) if same == text => Op::Nop,
                // Two changes within a second must not share it.
                Some((_, at)) => Op::Put((text, now.max(at + Duration::from_secs(1)))),
                None => Op::Put((text, now)),
            }
        });
        entry.into_entry().map_or(now, |entry| entry.into_value().1)
    }
}
