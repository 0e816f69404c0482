//! JSON Feed 1.1.

use serde::Serialize;

use super::{Entry, Feed};
use crate::model::moment::Moment;

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    title: &'a str,
    home_page_url: &'a str,
    feed_url: &'a str,
    language: &'static str,
    authors: [Author<'a>; 1],
    items: Vec<Item<'a>>,
}

#[derive(Serialize)]
struct Author<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Item<'a> {
    id: &'a str,
    url: &'a str,
    title: &'a str,
    content_text: &'a str,
    date_published: Moment,
    date_modified: Moment,
    tags: [&'static str; 1],
}

impl<'a> From<&'a Entry> for Item<'a> {
    fn from(entry: &'a Entry) -> Self {
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

/// The document; `None` when it could not be written, which is logged.
pub(super) fn write(feed: &Feed) -> Option<String> {
    let document = Document {
        version: "https://jsonfeed.org/version/1.1",
        title: &feed.title,
        home_page_url: &feed.page,
        feed_url: &feed.own,
        language: "en",
        authors: [Author { name: &feed.author }],
        items: feed.entries.iter().map(Item::from).collect(),
    };
    let written = serde_json::to_string(&document);
    written.inspect_err(|error| tracing::error!(%error, "a feed could not be written")).ok()
}
