//! A hook that takes Slack's messages: a line of text, and an attachment per site.

use serde_json::{Value, json};

use super::{Sent, http::Http};
use crate::notify::message::{Message, MessageLine, Weight};
use model::{secret::Secret, verdict::Status};

/// Sites that get an attachment.
const MAX_ATTACHMENTS: usize = 10;

pub(super) async fn send(http: &Http, url: &Secret, message: &Message) -> Sent {
    http.post(url.expose(), &[], body(message).to_string().into_bytes()).await
}

fn body(message: &Message) -> Value {
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
    let text = if data.count == 0 { &data.summary } else { &data.title };
    let text = format!("{}{}", mark(message.weight()), escape(text));
    json!({ "text": text, "attachments": attachments })
}

fn attachment(line: &MessageLine) -> Value {
    json!({
        "color": colour(line.status),
        "fallback": line.summary,
        "title": escape(&line.name),
        "title_link": line.page,
        "text": escape(&line.summary),
        "ts": line.since.unwrap_or(line.began_at).seconds(),
    })
}

fn mark(weight: Weight) -> &'static str {
    match weight {
        Weight::Bad => ":red_circle: ",
        Weight::Middling => ":large_orange_circle: ",
        Weight::Good => ":large_green_circle: ",
        Weight::None => "",
    }
}

fn colour(status: Status) -> &'static str {
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
