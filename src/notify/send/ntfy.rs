//! A topic of an ntfy server.

use serde_json::json;
use url::Url;

use super::{Sent, http::Http};
use crate::notify::message::{Message, Weight};
use model::secret::Secret;

/// Sites that are listed: a message of ntfy has 4096 bytes at most.
const MAX_LINES: usize = 10;
/// Letters of the message.
const MAX_TEXT: usize = 1_000;

pub(super) async fn send(
    http: &Http,
    server: &Url,
    topic: &Secret,
    token: Option<&Secret>,
    message: &Message,
) -> Sent {
    let (priority, tag) = match message.weight() {
        Weight::Bad => (4, "red_circle"),
        Weight::Middling => (3, "orange_circle"),
        Weight::Good => (3, "green_circle"),
        Weight::None => (2, "test_tube"),
    };
    let text: String = message.text(MAX_LINES).chars().take(MAX_TEXT).collect();
    let body = json!({
        "topic": topic.expose(),
        "title": message.data.title,
        "message": text,
        "priority": priority,
        "tags": [tag],
        "click": message.data.page,
    });
    let login = token.map(|token| ("authorization", format!("Bearer {}", token.expose())));
    let headers: Vec<_> = login.into_iter().collect();
    http.post(server.as_str(), &headers, body.to_string().into_bytes()).await
}
