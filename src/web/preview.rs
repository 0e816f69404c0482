//! The picture that chats and social sites show beside a link to a page of ours: the verdict in large letters,
//! and when it was true. A PNG, since they show nothing else.
//!
//! Pictures of the same words are the same, so each is drawn once and cached by its words. Drawing takes some
//! milliseconds: one is drawn at a time, off the threads that answer.

mod picture;
mod text_block;

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::State,
    response::{IntoResponse, Response},
};
use http::{StatusCode, header};
use moka::future::Cache;
use tokio::{sync::Semaphore, task::spawn_blocking};

pub(super) use self::picture::{PreviewWords, TALL, WIDE};
use self::text_block::TextBlock;
use super::{
    Shared,
    cache_control::CacheControl,
    error::ErrorStatus,
    extractors::{locale::Locale, params::PathSegment},
    links,
    pages::outage,
    views::{outage::OutageId, overview::Overview, site::SiteView},
};
use crate::i18n::{Lang, sentence::doubt_line};
use model::{moment::Moment, verdict::Status};

/// Bytes of all pictures.
const MAX_BYTES: u64 = 8 << 20;

/// Pictures that were drawn, by their words.
#[derive(Debug)]
pub(super) struct Previews {
    drawn: Cache<PreviewWords, Bytes>,
    drawing: Arc<Semaphore>,
}

impl Default for Previews {
    fn default() -> Self {
        let bytes = |_: &PreviewWords, png: &Bytes| {
            u32::try_from(png.len() + size_of::<PreviewWords>()).unwrap_or(u32::MAX)
        };
        let drawn = Cache::builder().weigher(bytes).max_capacity(MAX_BYTES).build();
        Self { drawn, drawing: Arc::new(Semaphore::new(1)) }
    }
}

impl Previews {
    /// The picture of these words; `None` when it could not be drawn.
    async fn of(&self, words: PreviewWords) -> Option<Bytes> {
        let drawing = self.drawing.clone();
        let (key, drawn) = (words.clone(), async move {
            let permit = drawing.acquire_owned().await.ok()?;
            let png = spawn_blocking(move || {
                let png = picture::draw(&words);
                drop(permit);
                png
            });
            png.await.ok()?.map(Bytes::from)
        });
        self.drawn.optionally_get_with(key, drawn).await
    }
}

/// Absolute address of the preview at this path, in a language; another one each minute, since sites that
/// show it keep it by its address.
pub(super) fn address(shared: &Shared, path: &str, lang: Lang) -> String {
    let minute = shared.now().seconds() / 60;
    shared.link(&format!("{}&v={minute}", links::in_language(path, lang)))
}

/// `GET /preview.png`: all sites.
pub(super) async fn all(State(shared): super::AppState, locale: Locale) -> Response {
    let (overview, t) = (Overview::now(&shared), locale.lang);
    let line = match overview.doubt() {
        Some(doubt) => t.say(doubt_line(doubt)).into_owned(),
        None => overview.counts_in(t),
    };
    let (heading, status) = (overview.heading_in(t), overview.worst());
    respond(&shared, words(&shared, t, status, (heading, line))).await
}

/// `GET /{domain}/preview.png`: one site of the catalogue.
pub(super) async fn site(
    State(shared): super::AppState,
    PathSegment(slug): PathSegment,
    locale: Locale,
) -> Response {
    let live = slug.and_then(|slug| shared.site(&slug));
    let Some(live) = live else {
        return ErrorStatus(StatusCode::NOT_FOUND).into_response();
    };
    let (view, t) = (SiteView::new(live, shared.second()), locale.lang);
    let site = &view.live.site;
    let heading = legible(view.heading_in(t), &site.name, site.slug.as_str());
    let said = (heading, view.line_in(t));
    respond(&shared, words(&shared, t, view.status(), said)).await
}

/// `GET /outages/{id}/preview.png`: one outage.
pub(super) async fn of_outage(
    State(shared): super::AppState,
    PathSegment(id): PathSegment,
    locale: Locale,
) -> Response {
    let t = locale.lang;
    let Some(id) = id.and_then(|id| id.parse::<OutageId>().ok()) else {
        return ErrorStatus(StatusCode::NOT_FOUND).into_response();
    };
    match outage::in_brief(&shared, t, &id).await {
        Ok(brief) => {
            let heading = legible(brief.heading, &brief.name, id.slug.as_str());
            let known = words(&shared, t, brief.status, (heading, brief.line));
            let as_of = brief.date.unwrap_or(known.as_of);
            respond(&shared, PreviewWords { as_of, ..known }).await
        }
        Err(status) => ErrorStatus(status).into_response(),
    }
}

/// A heading with this name in it; with the slug instead, where the font has not all letters of the name.
fn legible(heading: String, name: &str, slug: &str) -> String {
    if TextBlock::can_show(name) { heading } else { heading.replace(name, slug) }
}

/// The words of a picture of what is so now.
fn words(
    shared: &Shared,
    t: Lang,
    status: Status,
    (heading, line): (String, String),
) -> PreviewWords {
    let now = t.clock(shared.now(), Moment::default());
    PreviewWords {
        status,
        brand: shared.web.title.to_string(),
        heading,
        line,
        as_of: t.one("preview-as-of", "time", now),
        host: shared.web.public_url.host_str().unwrap_or_default().to_owned(),
    }
}

async fn respond(shared: &Shared, words: PreviewWords) -> Response {
    match shared.previews.of(words).await {
        Some(png) => {
            (CacheControl::LONGEST, [(header::CONTENT_TYPE, "image/png")], png).into_response()
        }
        None => ErrorStatus(StatusCode::INTERNAL_SERVER_ERROR).into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_in_letters_that_the_font_has_not_is_told_by_its_slug() {
        for (name, want) in [
            ("Café & Ελλάδα", "Café & Ελλάδα is down"),
            ("百度", "baidu.com is down"),
            ("مرحبا", "baidu.com is down"),
        ] {
            assert_eq!(legible(format!("{name} is down"), name, "baidu.com"), want);
        }
    }
}
