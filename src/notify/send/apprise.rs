//! An Apprise API server: a configuration stored under a key, or addresses sent with the message.

use serde_json::json;
use url::Url;

use super::{Sent, http::Http};
use crate::notify::message::{Message, Weight};
use model::notice::Apprise;

/// Sites that are listed.
const MAX_LINES: usize = 20;

pub(super) async fn send(http: &Http, server: &Url, to: &Apprise, message: &Message) -> Sent {
    let kind = match message.weight() {
        Weight::Bad => "failure",
        Weight::Middling => "warning",
        Weight::Good => "success",
        Weight::None => "info",
    };
    let mut body = json!({
        "title": message.data.title,
        "body": message.text(MAX_LINES),
        "type": kind,
        "format": "text",
    });
    let mut url = server.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().push("notify");
        match to {
            Apprise::Key(key) => drop(path.push(key.expose())),
            Apprise::Urls(urls) => {
                path.push("");
                body["urls"] = urls.expose().into();
            }
        }
    }
    match http.post(url.as_str(), &[], body.to_string().into_bytes()).await {
        // With 204 the server reports that nothing is stored under this key.
        Sent::Arrived(answer) if answer.starts_with("HTTP 204") => {
            Sent::failed(format!("{answer}: the server keeps nothing under this key"))
        }
        sent => sent,
    }
}
