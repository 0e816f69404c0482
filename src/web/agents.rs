//! `/agent/v1/*`: requests of agents in other regions, with their tokens.
//!
//! Every body is bounded in bytes and in time before it is read, and every token has a limit of
//! requests. Nothing of it is for browsers or caches.

use std::{
    str::FromStr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Json, Router,
    body::{Body, to_bytes},
    extract::{OriginalUri, Request, State},
    middleware::{from_fn_with_state, map_response, map_response_with_state},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::time::timeout;

use super::{
    Shared,
    api::{events::Stopping, writes},
    error::{self, HttpProblem},
    middleware::{self, headers},
};
use crate::{
    agents::{
        Admitted, Agents, BatchRefusal, Denied, News, ReportBatch,
        protocol::{
            Assignment, BOOT, DEADLINE, FIRST, Hello, MAX_BATCH, NOW, OVERLOADED, ROUND_TRIP,
        },
    },
    lookup::rate_limit::RateLimiter,
};
use model::{moment::Moment, name::AgentName};

/// Requests with one token in a minute: an agent sends a batch a second, and failures at once.
const PER_MINUTE: u32 = 1_200;
/// Tokens that the rate limit remembers.
const MAX_TOKENS: usize = 4_096;
/// Bytes of a greeting.
const MAX_HELLO: usize = 16 << 10;
/// Letters of a token at most.
const MAX_TOKEN: usize = 256;
/// Letters of the name of a run at most.
const MAX_BOOT: usize = 64;

/// The requests that tokens have left, by their ids.
#[derive(Debug)]
pub(super) struct AgentRequests(Mutex<RateLimiter<Box<str>>>);

impl Default for AgentRequests {
    fn default() -> Self {
        Self(Mutex::new(RateLimiter::new(PER_MINUTE, MAX_TOKENS)))
    }
}

/// The routes of agents, with the few layers that they need.
pub(super) fn routes(shared: &Arc<Shared>) -> Router<Arc<Shared>> {
    Router::new()
        .route("/agent/v1/hello", post(hello))
        .route("/agent/v1/sites", get(sites))
        .route("/agent/v1/checks", post(checks))
        .method_not_allowed_fallback(not_allowed)
        .layer(map_response_with_state(shared.clone(), error::absolute))
        .layer(map_response(headers::fill))
        .layer(from_fn_with_state(shared.clone(), middleware::metrics::count))
}

async fn not_allowed(OriginalUri(uri): OriginalUri) -> HttpProblem {
    let why = "This address does not take that method; the header Allow names those that it takes.";
    HttpProblem::new(StatusCode::METHOD_NOT_ALLOWED, why, uri.path())
}

/// `POST /agent/v1/hello`
async fn hello(State(shared): super::AppState, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let (agents, name) = match admit(&shared, &request) {
        Ok(admitted) => admitted,
        Err(refused) => return *refused,
    };
    let headers = request.headers().clone();
    let body = match read_body(request.into_body(), MAX_HELLO, &path).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    let hello: Hello = match serde_json::from_slice(&body) {
        Ok(hello) => hello,
        Err(error) => return bad(format!("The greeting cannot be read: {error}."), &path),
    };
    // Another run may be on another machine: nothing is known of its clock.
    agents.forget_clock(&name);
    note_state(&agents, &name, &headers);
    match agents.greet(&name, &hello) {
        Ok(welcome) => Json(welcome).into_response(),
        Err(why) => bad(why, &path),
    }
}

/// `GET /agent/v1/sites`
async fn sites(State(shared): super::AppState, request: Request) -> Response {
    let (agents, name) = match admit(&shared, &request) {
        Ok(admitted) => admitted,
        Err(refused) => return *refused,
    };
    note_state(&agents, &name, request.headers());
    let Some(_room) = agents.room_to_wait(&name) else {
        return unavailable(
            "Other requests of this agent are still waiting.",
            request.uri().path(),
        );
    };
    let query = request.uri().query().unwrap_or_default();
    let wait = url::form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == "wait");
    let wait = wait.and_then(|(_, seconds)| seconds.parse().ok()).unwrap_or(0);
    let tag = request.headers().get(header::IF_NONE_MATCH).and_then(|tag| tag.to_str().ok());
    let stopping = request.extensions().get::<Stopping>().map(|stopping| stopping.0.clone());
    let stopping = stopping.unwrap_or_default();
    let news = tokio::select! {
        news = agents.news(&name, tag, Duration::from_secs(wait)) => news,
        () = stopping.cancelled() => Some(News::Same),
    };
    match news {
        Some(News::Sites(set)) => {
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            let encoding = (header::CONTENT_ENCODING, HeaderValue::from_static("zstd"));
            let mut response = ([kind, encoding], Body::from(set.body.to_vec())).into_response();
            if let Ok(tag) = HeaderValue::from_str(&set.tag) {
                response.headers_mut().insert(header::ETAG, tag);
            }
            response
        }
        Some(News::Lookups(tag, lookups)) => {
            let mut response = Json(Assignment { sites: None, lookups }).into_response();
            if let Ok(tag) = HeaderValue::from_str(&tag) {
                response.headers_mut().insert(header::ETAG, tag);
            }
            response
        }
        Some(News::Same) => StatusCode::NOT_MODIFIED.into_response(),
        None => greet_first(request.uri().path()),
    }
}

/// `POST /agent/v1/checks`
async fn checks(State(shared): super::AppState, request: Request) -> Response {
    let path = request.uri().path().to_owned();
    let (agents, name) = match admit(&shared, &request) {
        Ok(admitted) => admitted,
        Err(refused) => return *refused,
    };
    note_state(&agents, &name, request.headers());
    let headers = request.headers();
    let boot = headers.get(&BOOT).and_then(|boot| boot.to_str().ok());
    let boot = boot.filter(|boot| (1..=MAX_BOOT).contains(&boot.len())).map(Into::into);
    let first = number(headers, &FIRST).filter(|first| *first > 0);
    let (Some(boot), Some(first)) = (boot, first) else {
        let why =
            "Stillup-Boot has to name the run, and Stillup-First to number the first line from 1.";
        return bad(why.to_owned(), &path);
    };
    let compressed = match headers.get(header::CONTENT_ENCODING).map(HeaderValue::as_bytes) {
        None | Some(b"identity") => false,
        Some(b"zstd") => true,
        Some(_) => return bad("A batch is compressed with zstd, or not at all.".to_owned(), &path),
    };
    let Some(_room) = agents.room_for_batch(&name) else {
        return unavailable("Other batches of this agent are still being read.", &path);
    };
    let body = match read_body(request.into_body(), MAX_BATCH, &path).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    match agents.take(&name, ReportBatch { boot, first, compressed, body }).await {
        Ok(receipt) => Json(receipt).into_response(),
        Err(BatchRefusal::NoHello) => greet_first(&path),
        Err(BatchRefusal::TooLarge) => {
            let why = format!("A batch has 1,000 lines and {MAX_BATCH} bytes at most, inflated.");
            HttpProblem::new(StatusCode::PAYLOAD_TOO_LARGE, why, &path).into_response()
        }
        Err(BatchRefusal::NotNow) => {
            unavailable("The lines cannot be kept now; send them again.", &path)
        }
    }
}

/// The agent whose token a request has, unless it is over its rate limit.
fn admit(shared: &Shared, request: &Request) -> Result<(Agents, AgentName), Box<Response>> {
    let path = request.uri().path();
    let Some(agents) = &shared.web.agents else {
        let why = "This service has no agents.";
        return Err(Box::new(HttpProblem::new(StatusCode::NOT_FOUND, why, path).into_response()));
    };
    let token = writes::bearer(request.headers()).unwrap_or_default();
    let known = if token.len() > MAX_TOKEN { Err(Denied::Token) } else { agents.of_token(token) };
    let Admitted { name, token } = known.map_err(|denied| Box::new(match denied {
        Denied::Token => {
            let why = "This token is not known: it was removed, or never was. Make one with stillup agents add.";
            let problem = HttpProblem::new(StatusCode::UNAUTHORIZED, why, path);
            ([(header::WWW_AUTHENTICATE, "Bearer")], problem).into_response()
        }
        Denied::NotYet => unavailable("The list of agents is read every few seconds, and this token is not in it yet.", path),
    }))?;
    let mut requests = shared.agent_requests.0.lock().unwrap_or_else(PoisonError::into_inner);
    if let Err(quota) = requests.take(token, shared.now()) {
        let wait = quota.next.as_secs().max(1);
        let why = format!("{PER_MINUTE} requests a minute are allowed; wait {wait} s.");
        let problem = HttpProblem::new(StatusCode::TOO_MANY_REQUESTS, why, path);
        return Err(Box::new(([(header::RETRY_AFTER, wait.to_string())], problem).into_response()));
    }
    Ok((agents.clone(), name))
}

/// A whole body of limited size, within its time.
async fn read_body(body: Body, most: usize, path: &str) -> Result<Vec<u8>, Response> {
    match timeout(DEADLINE, to_bytes(body, most)).await {
        Ok(Ok(bytes)) => Ok(bytes.into()),
        Ok(Err(_)) => {
            let why = format!("The body has more than {most} bytes, or broke off.");
            Err(HttpProblem::new(StatusCode::PAYLOAD_TOO_LARGE, why, path).into_response())
        }
        Err(_) => Err(unavailable("The body did not come in time.", path)),
    }
}

/// Takes in what the headers of a request say of the agent's clock, and whether it keeps up.
fn note_state(agents: &Agents, name: &AgentName, headers: &HeaderMap) {
    agents.set_overloaded(name, number(headers, &OVERLOADED) == Some(1_u8));
    if let Some(theirs) = number(headers, &NOW) {
        let round_trip = number(headers, &ROUND_TRIP).unwrap_or(0);
        agents.clock_of(name, Moment::from_millis(theirs), round_trip);
    }
}

fn number<T: FromStr>(headers: &HeaderMap, name: &HeaderName) -> Option<T> {
    headers.get(name)?.to_str().ok()?.parse().ok()
}

fn bad(why: String, path: &str) -> Response {
    HttpProblem::new(StatusCode::BAD_REQUEST, why, path).into_response()
}

fn greet_first(path: &str) -> Response {
    let why = "This run of the agent has not said hello since this node started.";
    HttpProblem::new(StatusCode::CONFLICT, why, path).into_response()
}

fn unavailable(why: &str, path: &str) -> Response {
    let problem = HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, why, path);
    ([(header::RETRY_AFTER, "2")], problem).into_response()
}
