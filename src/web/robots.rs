//! Files for machines: `robots.txt`, the site map, the web manifest, and the
//! description with which a browser searches here.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use http::header;
use serde_json::json;

use super::{
    assets, links,
    views::{overview::Overview, provider},
};
use crate::i18n::Lang;

const FOR_AN_HOUR: (header::HeaderName, &str) = (header::CACHE_CONTROL, "public, max-age=3600");

/// Sites in the map: as many as one map may have, in two languages.
const MOST: usize = 20_000;

/// `GET /robots.txt`
pub(super) async fn robots(State(shared): crate::web::AppState) -> Response {
    let map = shared.link("/sitemap.xml");
    let text = format!(
        "User-agent: *\nAllow: /\nDisallow: /api/v1/\nDisallow: /suggest\nSitemap: {map}\n"
    );
    ([FOR_AN_HOUR], text).into_response()
}

/// `GET /sitemap.xml`: every page of ours, in every language.
pub(super) async fn sitemap(State(shared): crate::web::AppState) -> Response {
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <urlset xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n"
        .to_owned();
    let sites = shared.web.board.sites();
    // A page of a site says something new when its verdict changes.
    let sites = sites
        .iter()
        .take(MOST)
        .map(|live| (links::site(live.site.slug.as_str()), live.verdict.since));
    let overview = Overview::now(&shared);
    let providers = provider::all(&overview).into_iter().filter(|with| !with.views.is_empty());
    let providers = providers.map(|with| links::provider(&with.standing.provider));
    let ours = ["/", "/outages", "/about", "/api", "/api/schemas"].map(str::to_owned);
    let undated = ours.into_iter().chain(providers).map(|to| (to, None));
    for (to, changed_at) in undated.chain(sites) {
        let changed = changed_at.map(|at| format!("<lastmod>{at}</lastmod>")).unwrap_or_default();
        for to in [to.clone(), links::in_language(&to, Lang::Nl)] {
            let link = shared.link(&to).replace('&', "&amp;");
            xml.extend(["<url><loc>", &link, "</loc>", &changed, "</url>\n"]);
        }
    }
    xml.push_str("</urlset>\n");
    let kind = (header::CONTENT_TYPE, "application/xml; charset=utf-8");
    ([kind, FOR_AN_HOUR], xml).into_response()
}

/// `GET /opensearch.xml`: with it a browser searches here from its address bar.
pub(super) async fn opensearch(State(shared): crate::web::AppState) -> Response {
    let text = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;");
    let (title, link) = (text(&shared.web.title), text(&shared.link("/")));
    let icon = text(&shared.link(&format!("/static/{}", assets::favicon())));
    let about = Lang::En.say("search-label");
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <OpenSearchDescription xmlns=\"http://a9.com/-/spec/opensearch/1.1/\">\n\
         <ShortName>{title}</ShortName>\n<Description>{about}</Description>\n\
         <Image type=\"image/svg+xml\">{icon}</Image>\n\
         <Url type=\"text/html\" template=\"{link}?q={{searchTerms}}\"/>\n\
         </OpenSearchDescription>\n"
    );
    let kind = (header::CONTENT_TYPE, "application/opensearchdescription+xml");
    ([kind, FOR_AN_HOUR], xml).into_response()
}

/// `GET /site.webmanifest`: what a telephone needs to keep us among its programs.
pub(super) async fn manifest(State(shared): crate::web::AppState) -> Response {
    let icon = format!("/static/{}", assets::favicon());
    let manifest = json!({
        "name": &*shared.web.title,
        "short_name": &*shared.web.title,
        "start_url": "/",
        "display": "browser",
        "background_color": "#fafafb",
        "theme_color": "#4a3fd1",
        "icons": [{ "src": icon, "sizes": "any", "type": "image/svg+xml" }],
    });
    let kind = (header::CONTENT_TYPE, "application/manifest+json");
    ([kind, FOR_AN_HOUR], Json(manifest).into_response().into_body()).into_response()
}
