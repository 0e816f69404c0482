//! Chat and push services: Slack's hooks, ntfy and Apprise.

use serde_json::{Value, json};
use url::Url;

use super::{Sent, http::Http};
use crate::notify::message::{Message, MessageLine, Weight};
use model::{notification::Apprise, site_request::Secret, verdict::Status};

/// Sites that get an attachment.
const MAX_ATTACHMENTS: usize = 10;
/// Sites that are listed: a message of ntfy has 4096 bytes at most.
const MAX_NTFY_LINES: usize = 10;
/// Letters of the message.
const MAX_NTFY_TEXT: usize = 1_000;
/// Sites that are listed in a message of Apprise.
const MAX_APPRISE_LINES: usize = 20;

/// Posts to a hook that takes Slack's messages: a line of text, and an attachment per site.
pub(super) async fn slack(http: &Http, url: &Secret, message: &Message) -> Sent {
    http.post(url.expose(), &[], slack_body(message).to_string().into_bytes()).await
}

fn slack_body(message: &Message) -> Value {
    let data = &message.data;
    let mut attachments: Vec<Value> =
        data.sites.iter().take(MAX_ATTACHMENTS).map(attachment).collect();
    if attachments.is_empty() {
        attachments.push(json!({ "fallback": data.page, "text": data.page }));
    } else if data.count > MAX_ATTACHMENTS {
        let more = message.lang().one("message-more", "n", data.count - MAX_ATTACHMENTS);
        let more = format!("{more}: {}", data.page);
        attachments.push(json!({ "fallback": more, "text": more }));
    }
    let text = if data.sites.is_empty() { &data.summary } else { &data.title };
    let text = format!("{}{}", slack_mark(message.weight()), escape(text));
    json!({ "text": text, "attachments": attachments })
}

fn attachment(line: &MessageLine) -> Value {
    json!({
        "color": slack_colour(line.status),
        "fallback": line.summary,
        "title": escape(&line.name),
        "title_link": line.page,
        "text": escape(&line.summary),
        "ts": line.since.unwrap_or(line.began_at).seconds(),
    })
}

fn slack_mark(weight: Weight) -> &'static str {
    match weight {
        Weight::Bad => ":red_circle: ",
        Weight::Middling => ":large_orange_circle: ",
        Weight::Good => ":large_green_circle: ",
        Weight::None => "",
    }
}

fn slack_colour(status: Status) -> &'static str {
    match status {
        Status::Up => "#2e8540",
        Status::Slow | Status::Partial => "#b26a00",
        Status::Down => "#c4281c",
        Status::Unknown => "#6b7280",
    }
}

/// The three letters that mean something in Slack's text.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// Posts to a topic of an ntfy server.
pub(super) async fn ntfy(
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
    let text: String = message.text(MAX_NTFY_LINES).chars().take(MAX_NTFY_TEXT).collect();
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

/// Posts to an Apprise API server: to a configuration stored under a key, or to addresses sent with
/// the message.
pub(super) async fn apprise(http: &Http, server: &Url, to: &Apprise, message: &Message) -> Sent {
    let kind = match message.weight() {
        Weight::Bad => "failure",
        Weight::Middling => "warning",
        Weight::Good => "success",
        Weight::None => "info",
    };
    let mut body = json!({
        "title": message.data.title,
        "body": message.text(MAX_APPRISE_LINES),
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
