//! `/embed/{slug}`: one site as a small card for an `<iframe>` on anybody's page.
//!
//! It follows the light or dark scheme of the page around it (`?theme=` forces one), on a
//! background of its own, and refreshes every minute: in place, so that focus and scroll position
//! stay; without scripts it is reloaded. It has a policy of its own: every other page of ours
//! refuses to be framed. It has no controls, so only the link to the page can be clicked by deceit.

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
    cache_control::CacheControl,
    error::ErrorStatus,
    extractors::{
        locale::{self, Locale},
        params::{Params, PathSegment},
    },
    links,
    views::{numbers::uptimes, site::SiteView},
};
use crate::i18n::Lang;
use model::{domain::readable, name::Slug, verdict::Status};

/// The card's own style and script, which its policy names by their hashes.
pub(super) const STYLE: &str = include_str!("../../templates/embed.css");
pub(super) const SCRIPT: &str = include_str!("../../templates/embed.js");

/// Nothing is said of `frame-ancestors`: even `*` would keep cards from pages that are opened as files.
static POLICY: LazyLock<HeaderValue> = LazyLock::new(|| {
    let [style, script] = [STYLE, SCRIPT].map(|text| BASE64_STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; \
         connect-src 'self'; base-uri 'none'; form-action 'none'"
    );
    HeaderValue::try_from(policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
});

/// Seconds between two refreshes of the card.
const AGAIN: u32 = 60;

#[derive(Template)]
#[template(path = "embed.html")]
struct Card {
    t: Lang,
    style: &'static str,
    script: &'static str,
    again: u32,
    scheme: &'static str,
    theme: &'static str,
    /// SVG of ours, with its texts escaped.
    shape: String,
    name: String,
    word: String,
    summary: String,
    uptime: Option<String>,
    checked: Option<String>,
    page: String,
    brand: String,
}

/// `GET /embed/{slug}`
pub(super) async fn card(
    State(shared): crate::web::AppState,
    PathSegment(slug): PathSegment,
    locale: Locale,
    params: Result<Params, ErrorStatus>,
) -> Response {
    let params = params.unwrap_or_default();
    let slug = slug.map(|slug| slug.to_ascii_lowercase());
    let live = slug.as_deref().and_then(|slug| shared.site(slug));
    let view = live.map(|live| SiteView::new(live, shared.second()));
    let (scheme, theme) = match params.text("theme") {
        Some("light") => ("light", "light"),
        Some("dark") => ("dark", "dark"),
        _ => ("light dark", "auto"),
    };
    let known = view.is_some();
    let keep = CacheControl::about(&shared, view.as_ref());
    let card = match view {
        Some(view) => of(&shared, &locale, &view),
        None => nobody(&shared, &locale, slug.as_deref()),
    };
    let card = Card { scheme, theme, ..card };
    let status = if known { StatusCode::OK } else { StatusCode::NOT_FOUND };
    let policy = (header::CONTENT_SECURITY_POLICY, POLICY.clone());
    let mut response = match card.render() {
        Ok(html) => (status, keep, [policy], Html(html)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a card could not be rendered");
            (StatusCode::INTERNAL_SERVER_ERROR, [policy]).into_response()
        }
    };
    locale::mark(&mut response, locale.lang);
    response
}

fn of(shared: &Shared, locale: &Locale, view: &SiteView) -> Card {
    let (t, site) = (locale.lang, &view.live.site);
    let [_, _, month, _] = uptimes(&view.live, view.now);
    Card {
        t,
        style: STYLE,
        script: SCRIPT,
        again: AGAIN,
        scheme: "",
        theme: "",
        shape: badge::shape(t, &site.name, view.status()),
        name: site.name.to_string(),
        word: t.status(view.status()).into_owned(),
        summary: view.summary_in(t),
        uptime: month.map(|share| t.one("embed-uptime", "share", t.percent(share))),
        checked: view
            .live
            .checked_at()
            .map(|at| t.one("embed-checked", "time", t.clock(at, view.now))),
        page: shared.link(&locale.href(&links::site(site.slug.as_str()))),
        brand: shared.web.title.to_string(),
    }
}

/// The card of a site that we do not watch.
fn nobody(shared: &Shared, locale: &Locale, slug: Option<&str>) -> Card {
    let t = locale.lang;
    // Only what can be a slug is said again.
    let named = slug.and_then(|slug| Slug::new(slug).ok());
    let unnamed = || t.say("embed-unknown").into_owned();
    let name = named.map_or_else(unnamed, |slug| readable(slug.as_str()).into_owned());
    Card {
        t,
        style: STYLE,
        script: SCRIPT,
        again: AGAIN * 10,
        scheme: "",
        theme: "",
        shape: badge::shape(t, "status", Status::Unknown),
        name,
        word: t.say("embed-unknown-word").into_owned(),
        summary: t.say("embed-unknown-text").into_owned(),
        uptime: None,
        checked: None,
        page: shared.link(&locale.href("/")),
        brand: shared.web.title.to_string(),
    }
}
