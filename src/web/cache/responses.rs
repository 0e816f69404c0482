//! Caches whole responses of hot routes; a hit bypasses the router.
//!
//! A good response is served again within its second, since sentences count time: one about a site
//! while the site is unchanged, one about all sites for a quarter of a second, or a tenth when a
//! verdict has changed. Of the latter one request makes the next, whatever the number of readers;
//! the others take the last one, or wait. Only addresses whose parameters change nothing are
//! cached, so a query string neither bypasses the cache nor fills it. Anything unusual goes to the
//! router.

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use moka::{policy::EvictionPolicy, sync::Cache};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::timeout,
};

use super::key::{CacheKey, ResponseSubject};
use crate::web::Shared;
use model::moment::Moment;

/// Bytes of all responses.
const MAX_BYTES: u64 = 16 << 20;
/// Bytes that the headers of a response take, about.
const HEADER_BYTES: usize = 1_024;
/// Bytes of a response about a site, unless it is compressed.
const MAX_SITE_BYTES: u64 = 32 << 10;
/// The same of one about all sites, of which there are few.
const MAX_ALL_SITES_BYTES: u64 = 1 << 20;
/// Time for which a response about all sites is served.
const ALL_SITES_FRESH_FOR: Duration = Duration::from_millis(250);
/// The same when a verdict has changed. A page that follows the changes reloads no sooner after
/// one.
const CHANGED_FRESH_FOR: Duration = Duration::from_millis(100);
/// The time that a request waits for a response that another one makes.
const MAKING_TIMEOUT: Duration = Duration::from_secs(2);
/// Age at which a response is dropped; it has not been served for long by then.
const DROPPED_AFTER: Duration = Duration::from_secs(10);

/// The responses, by the name of their key.
#[derive(Debug)]
pub(in crate::web) struct ResponseCache {
    responses: Cache<String, Arc<CachedResponse>>,
    /// Held while a response about all sites is made. There are as many as languages times encodings.
    making: Mutex<()>,
}

/// A response and the state it was made of.
#[derive(Debug)]
struct CachedResponse {
    subject: ResponseSubject,
    version: Version,
    headers: HeaderMap,
    body: Bytes,
}

/// The state of the board that a response was made of.
#[derive(Clone, Copy, Debug)]
struct Version {
    at: Moment,
    /// The number of the newest change of a verdict.
    newest: u64,
}

/// Fitness of a cached response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Good,
    /// Good enough while another one is made.
    Passable,
    Bad,
}

/// Result of a search in the cache.
enum CacheLookup<'a> {
    Hit(Response),
    /// Nothing; a response of this version is to be cached. About all sites, no other request makes one
    /// meanwhile.
    Miss(Version, Option<MutexGuard<'a, ()>>),
    /// Something that the router must look at more closely.
    Bypass,
}

impl Default for ResponseCache {
    fn default() -> Self {
        let responses = Cache::builder()
            .eviction_policy(EvictionPolicy::lru())
            .weigher(|_, cached: &Arc<CachedResponse>| (HEADER_BYTES + cached.body.len()) as u32)
            .max_capacity(MAX_BYTES)
            .time_to_live(DROPPED_AFTER)
            .build();
        Self { responses, making: Mutex::default() }
    }
}

impl ResponseCache {
    /// The response to a request, cached or else made by the router.
    pub(in crate::web) async fn respond(
        &self,
        shared: &Shared,
        key: CacheKey,
        make: impl Future<Output = Response>,
    ) -> Response {
        match self.find(shared, &key).await {
            CacheLookup::Hit(response) => response,
            CacheLookup::Miss(version, _making) => self.insert(key, version, make.await).await,
            CacheLookup::Bypass => make.await,
        }
    }

    async fn find(&self, shared: &Shared, key: &CacheKey) -> CacheLookup<'_> {
        let version = Version::now(shared);
        let (cached, fit) = self.get(key, version);
        if fit == Fit::Good {
            return key.found(shared, cached);
        }
        if matches!(key.subject, ResponseSubject::Site(_)) {
            return CacheLookup::Miss(version, None);
        }
        let making = match self.making.try_lock() {
            Ok(making) => making,
            Err(_) if fit == Fit::Passable => return key.found(shared, cached),
            Err(_) => match timeout(MAKING_TIMEOUT, self.making.lock()).await {
                Ok(making) => making,
                Err(_) => return CacheLookup::Bypass,
            },
        };
        // Another request may have made it meanwhile.
        let version = Version::now(shared);
        let (cached, fit) = self.get(key, version);
        if fit == Fit::Good {
            return key.found(shared, cached);
        }
        CacheLookup::Miss(version, Some(making))
    }

    fn get(&self, key: &CacheKey, version: Version) -> (Option<Arc<CachedResponse>>, Fit) {
        let cached = self.responses.get(key.name.as_str());
        let fit = cached.as_ref().map_or(Fit::Bad, |cached| cached.fit(&key.subject, version));
        (cached, fit)
    }

    /// Caches a good response; returns it.
    async fn insert(&self, key: CacheKey, version: Version, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let site = matches!(key.subject, ResponseSubject::Site(_));
        let most = if site { MAX_SITE_BYTES } else { MAX_ALL_SITES_BYTES };
        let small = body.size_hint().upper().is_some_and(|bytes| bytes <= most);
        let compressed = parts.headers.contains_key(header::CONTENT_ENCODING);
        if parts.status != StatusCode::OK || !(small || compressed) {
            return Response::from_parts(parts, body);
        }
        let Ok(body) = body.collect().await else {
            return Response::from_parts(parts, Body::empty());
        };
        let body = body.to_bytes();
        let (subject, headers) = (key.subject, parts.headers.clone());
        let cached = CachedResponse { subject, version, headers, body: body.clone() };
        self.responses.insert(key.name, Arc::new(cached));
        Response::from_parts(parts, Body::from(body))
    }
}

impl Version {
    fn now(shared: &Shared) -> Self {
        // In this order: a change in between is then not missed.
        let newest = shared.web.board.newest();
        Self { at: shared.now(), newest }
    }
}

impl CacheKey {
    /// The cached response to this request; it is counted.
    fn found(&self, shared: &Shared, cached: Option<Arc<CachedResponse>>) -> CacheLookup<'static> {
        let had = self.if_none_match.as_ref();
        let Some(response) = cached.and_then(|cached| cached.response_to(had)) else {
            return CacheLookup::Bypass;
        };
        shared.requests.count(self.route, response.status(), self.begun);
        CacheLookup::Hit(response)
    }
}

impl CachedResponse {
    fn fit(&self, subject: &ResponseSubject, now: Version) -> Fit {
        let at = self.version.at;
        // Its sentences count time, and its `Cache-Control` depends on it.
        if at.seconds() != now.at.seconds() || at > now.at {
            return Fit::Bad;
        }
        let age = now.at.since(at);
        match (&self.subject, subject) {
            (ResponseSubject::Site(then), ResponseSubject::Site(now))
                if Weak::ptr_eq(then, now) =>
            {
                Fit::Good
            }
            (ResponseSubject::AllSites, ResponseSubject::AllSites) if age < CHANGED_FRESH_FOR => {
                Fit::Good
            }
            (ResponseSubject::AllSites, ResponseSubject::AllSites)
                if self.version.newest != now.newest =>
            {
                Fit::Bad
            }
            (ResponseSubject::AllSites, ResponseSubject::AllSites) if age < ALL_SITES_FRESH_FOR => {
                Fit::Good
            }
            (ResponseSubject::AllSites, ResponseSubject::AllSites) => Fit::Passable,
            _ => Fit::Bad,
        }
    }

    /// The response to a client that has this tag; `None` when the router must decide.
    fn response_to(&self, had: Option<&HeaderValue>) -> Option<Response> {
        let etag = self.headers.get(header::ETAG);
        match had {
            None => Some(self.whole()),
            Some(_) if had == etag => Some(self.not_modified()),
            Some(had) => {
                // The same body in another encoding or among others: the router decides.
                let hash = etag?.to_str().ok()?.split(['"', '-']).nth(1)?;
                let had = had.to_str().ok()?;
                (!had.contains('*') && !had.contains(hash)).then(|| self.whole())
            }
        }
    }

    fn whole(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }

    fn not_modified(&self) -> Response {
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        *response.headers_mut() = self.headers.clone();
        for gone in [header::CONTENT_TYPE, header::CONTENT_LENGTH, header::CONTENT_ENCODING] {
            response.headers_mut().remove(gone);
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::tests::world;

    #[tokio::test(start_paused = true)]
    async fn responses_never_have_more_bytes_than_the_bound() {
        let shared = Shared::new(world::world().web);
        for n in 0..400 {
            let request = http::Request::get("/api/v1/sites/slack.com").body(()).unwrap();
            let mut key = CacheKey::of(&shared, &request).unwrap();
            (key.name, key.subject) = (n.to_string(), ResponseSubject::AllSites);
            let body = Body::from(vec![b'x'; 200_000]);
            let sent = shared.responses.respond(&shared, key, async { Response::new(body) }).await;
            assert_eq!(sent.into_body().collect().await.unwrap().to_bytes().len(), 200_000);
        }
        shared.responses.responses.run_pending_tasks();
        let bytes = shared.responses.responses.weighted_size();
        assert!(bytes <= MAX_BYTES && bytes > MAX_BYTES / 2, "{bytes}");
    }
}
