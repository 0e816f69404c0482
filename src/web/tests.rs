//! The module from outside: requests into the router over a hand-filled board and a paused clock.

mod api;
mod api_list;
mod badges;
mod response_cache;
mod events;
mod recorded;
mod compatibility;
mod embed;
mod examples;
mod feeds;
mod metrics;
mod front_ready;
mod timeouts;
mod history;
mod hostile;
mod cache_control;
mod lookups;
mod http_semantics;
mod old_badges;
mod outages;
mod naming;
mod notes;
mod pages;
mod previews;
mod providers;
mod report;
mod notices;
mod serving;
mod statuspage;
mod wait;
mod writes;
pub(super) mod world;

use std::fmt::Write;

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, Response, StatusCode},
};
use http_body_util::BodyExt;
use serde_json::Value;
use tower::ServiceExt;

use super::WebService;

/// An answer in one piece.
struct Got {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Got {
    fn text(&self) -> &str {
        str::from_utf8(&self.body).unwrap()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn got(response: Response<Body>) -> Got {
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    Got { status: parts.status, headers: parts.headers, body }
}

async fn send(router: &Router, request: Request<Body>) -> Got {
    got(router.clone().oneshot(request).await.unwrap()).await
}

/// Sends a request to the cache and rate limit before the router.
async fn ask(service: &WebService, path: &str, headers: &[(&'static str, &str)]) -> Got {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    got(service.answer(request.body(Body::empty()).unwrap()).await).await
}

async fn get(router: &Router, address: &str) -> Got {
    send(router, Request::get(address).body(Body::empty()).unwrap()).await
}

/// The words of the main part of a page, a line each.
fn words(page: &str) -> String {
    let main = page.split_once("<main").map_or("", |(_, rest)| rest);
    let main = main.split("</main>").next().unwrap();
    let texts = main.split('<').filter_map(|tag| Some(tag.split_once('>')?.1.trim()));
    texts.filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n")
}

/// The answers at these addresses as a snapshot keeps them: JSON with a line a field, markup with a
/// line a tag.
async fn shown(router: &Router, addresses: &[&str]) -> String {
    let mut all = String::new();
    for address in addresses {
        let got = get(router, address).await;
        let body = if got.header("content-type").contains("json") {
            serde_json::to_string_pretty(&got.json()).unwrap()
        } else {
            got.text().replace("><", ">\n<")
        };
        let (status, kind) = (got.status.as_u16(), got.header("content-type"));
        writeln!(all, "## GET {address}\n{status} {kind}\n\n{body}\n").unwrap();
    }
    all
}
