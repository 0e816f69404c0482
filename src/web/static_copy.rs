//! Pages, badges and states as files, for a host that only serves files: the last that was known when
//! this service cannot be reached itself.
//!
//! The pages are those of the route table. Each says that it is a copy, of which moment, and where the
//! live one is; what only a running service can do (scripts, the search, a visitor's report) is not in it.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    extract::Request,
    routing::get,
};
use http::{StatusCode, header};
use tokio::time::timeout;
use tower::ServiceExt;

use super::{Shared, Web, assets, links, pages::error_page, routes::routed};
use crate::{i18n::Lang, web::extractors::locale::Locale};

/// Sites that have files of their own in a copy; the front page has all.
const MAX_SITES: usize = 1_000;
/// Bytes of a file.
const MAX_BYTES: usize = 8 << 20;
/// Time limit for one file.
const TIME_LIMIT: Duration = Duration::from_secs(10);
/// Path in the copy of the page for what is not there.
const NOT_FOUND: &str = "/404";

/// A file of a copy.
#[derive(Clone, Debug)]
pub struct CopiedFile {
    /// Path of the page.
    path: String,
    /// Name of the file below the root of the copy, without a slash at its beginning.
    pub name: String,
}

impl CopiedFile {
    fn new(path: &str, name: &str) -> Self {
        Self { path: path.to_owned(), name: name.to_owned() }
    }

    /// A page, as servers of files give it for its path.
    fn page(path: &str, folder: &str) -> Self {
        Self { path: path.to_owned(), name: format!("{folder}/index.html") }
    }
}

/// A file of a copy as it is now.
#[derive(Clone, Debug)]
pub struct RenderedFile {
    /// Its media type.
    pub media_type: String,
    /// Its content.
    pub content: Bytes,
}

/// Renders the files of a copy.
#[derive(Clone, Debug)]
pub struct StaticCopy {
    router: Router,
    shared: Arc<Shared>,
}

impl StaticCopy {
    /// A copy of these pages.
    pub fn new(web: Web) -> Self {
        let shared = Arc::new(Shared::new(Web { is_copy: true, ..web }));
        let state = shared.clone();
        let not_found = async move || {
            let locale = Locale::of(&"/".parse().unwrap_or_default(), &http::HeaderMap::new());
            error_page::respond(&state, &locale, StatusCode::NOT_FOUND)
        };
        Self { router: routed(&shared).route(NOT_FOUND, get(not_found)), shared }
    }

    /// All files.
    pub fn files(&self) -> Vec<CopiedFile> {
        let mut files = vec![
            CopiedFile::new("/", "index.html"),
            CopiedFile::page("/outages", "outages"),
            CopiedFile::page("/about", "about"),
            CopiedFile::new(NOT_FOUND, "404.html"),
            CopiedFile::new("/api/v1/status", "status.json"),
            CopiedFile::new("/api/v1/sites", "sites.json"),
            CopiedFile::new("/feed.atom", "feed.atom"),
            CopiedFile::new("/feed.json", "feed.json"),
        ];
        // No site takes the place of one of these; the catalogue knows our pages, not our files.
        let ours: Vec<String> = files.iter().map(|file| file.name.clone()).collect();
        for file in assets::names() {
            files.push(CopiedFile::new(&format!("/static/{file}"), &format!("static/{file}")));
        }
        for live in self.shared.web.board.sites().iter().take(MAX_SITES) {
            let slug = live.site.slug.as_str();
            if ours.iter().any(|name| name == slug) {
                continue;
            }
            files.push(CopiedFile::page(&links::site(slug), slug));
            files.push(CopiedFile::new(&links::site_json(slug), &format!("{slug}/status.json")));
            files.push(CopiedFile::new(&links::badge(slug), &format!("badge/{slug}.svg")));
        }
        files
    }

    /// A file as it is now.
    ///
    /// # Errors
    /// Fails with the reason when the page cannot be rendered, or not in time.
    pub async fn render(&self, file: &CopiedFile) -> Result<RenderedFile, String> {
        let path = &*file.path;
        let request = Request::get(path).header(header::ACCEPT_LANGUAGE, Lang::En.tag());
        let request = request.body(Body::empty()).map_err(|error| error.to_string())?;
        let rendered = async {
            let answer = self.router.clone().oneshot(request).await;
            let response = answer.unwrap_or_else(|never: Infallible| match never {});
            let (head, body) = response.into_parts();
            if head.status != StatusCode::OK && path != NOT_FOUND {
                return Err(format!("{path} is answered by {}", head.status));
            }
            let media_type = head.headers.get(header::CONTENT_TYPE);
            let media_type = media_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
            let content = to_bytes(body, MAX_BYTES).await.map_err(|error| error.to_string())?;
            Ok(RenderedFile { media_type: media_type.to_owned(), content })
        };
        timeout(TIME_LIMIT, rendered).await.unwrap_or_else(|_| Err(format!("{path} took too long")))
    }
}
