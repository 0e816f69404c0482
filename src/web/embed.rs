//! `/embed/{slug}`: one site as a small card for an `<iframe>` on anybody's page.
//!
//! It follows the light or dark of the page around it (`?theme=` forces one), needs no script, and
//! comes again by itself. It has a policy of its own: every other page of ours refuses to be
//! framed. Nothing can be done on it, so nothing can be clicked by deceit but the way to the page.

use std::sync::LazyLock;

use askama::Template;
use axum::{
    extract::State,
    response::{Html, IntoResponse, Response},
};
use base64::{Engine, prelude::BASE64_STANDARD};
use http::{HeaderValue, StatusCode, header};
use sha2::{Digest, Sha256};

use super::{
    Shared, badge,
    keep::Keep,
    look::Look,
    numbers::{percent, uptimes},
    pages::site::path,
    params::{Params, Segment},
};
use crate::model::{sentence::clock_words, verdict::Status};

/// The card's own style, which its policy names by its hash.
const STYLE: &str = include_str!("../../templates/embed.css");

static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let hash = BASE64_STANDARD.encode(Sha256::digest(STYLE));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors *"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Seconds until the card comes again.
const AGAIN: u32 = 60;

#[derive(Template)]
#[template(path = "embed.html")]
struct Card {
    style: &'static str,
    again: u32,
    scheme: &'static str,
    theme: &'static str,
    /// SVG of ours, with its texts escaped.
    shape: String,
    name: String,
    word: &'static str,
    summary: String,
    uptime: Option<String>,
    checked: Option<String>,
    page: String,
    brand: String,
}

/// `GET /embed/{slug}`
pub(super) async fn card(
    State(shared): super::State,
    Segment(slug): Segment,
    params: Result<Params, Response>,
) -> Response {
    let params = params.unwrap_or_default();
    let watched = slug.and_then(|slug| shared.web.board.site(&slug.to_ascii_lowercase()));
    let look = watched.map(|watched| Look::new(watched, shared.second()));
    let (scheme, theme) = match params.text("theme") {
        Some("light") => ("light", "light"),
        Some("dark") => ("dark", "dark"),
        _ => ("light dark", "auto"),
    };
    let known = look.is_some();
    let keep = Keep::about(&shared, look.as_ref());
    let card = Card { scheme, theme, ..look.map_or_else(|| nobody(&shared), |l| of(&shared, &l)) };
    let status = if known { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let policy = (header::CONTENT_SECURITY_POLICY, POLICY.clone());
    match card.render() {
        Ok(html) => (status, keep, [policy], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a card could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, [policy]).into_response()
        }
    }
}

fn of(shared: &Shared, look: &Look) -> Card {
    let site = &look.watched.site;
    let [_, _, month, _] = uptimes(&look.watched, look.now);
    Card {
        style: STYLE,
        again: AGAIN,
        scheme: "",
        theme: "",
        shape: badge::shape(&site.name, look.status()),
        name: site.name.to_string(),
        word: look.status().word(),
        summary: look.summary(),
        uptime: month.map(percent),
        checked: look.watched.checked_at().map(|at| clock_words(at, look.now)),
        page: shared.link(&path(site.slug.as_str())),
        brand: shared.web.title.to_string(),
    }
}

/// The card of a site that we do not watch.
fn nobody(shared: &Shared) -> Card {
    Card {
        style: STYLE,
        again: AGAIN * 10,
        scheme: "",
        theme: "",
        shape: badge::shape("status", Status::Unknown),
        name: "Unknown".to_owned(),
        word: Status::Unknown.word(),
        summary: "We do not watch this site.".to_owned(),
        uptime: None,
        checked: None,
        page: shared.link("/"),
        brand: shared.web.title.to_string(),
    }
}
