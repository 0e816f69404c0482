//! Atom, RFC 4287. The template escapes every text.

use askama::Template;

use super::Feed;

#[derive(Template)]
#[template(path = "feed.xml")]
struct View<'a> {
    feed: &'a Feed,
}

/// The document; `None` when it could not be written, which is logged.
pub(super) fn write(feed: &Feed) -> Option<String> {
    let written = View { feed }.render();
    written.inspect_err(|error| tracing::error!(%error, "a feed could not be written")).ok()
}
