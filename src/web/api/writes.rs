//! Requests that change something: let in by a token, once for each key, and told in the audit.
//!
//! A request has a bearer token with the permission. Its body is JSON, bounded in bytes and in time. With
//! an `Idempotency-Key` the same request again gets the same answer and changes nothing more. What it is
//! that changes is the business of its handler.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    body::{Body, Bytes, to_bytes},
    extract::Request,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use tokio::time::timeout;
use xxhash_rust::xxh3::xxh3_128;

use super::json_value::JsonValue;
use crate::{
    lookup::rate_limit::RateLimiter,
    operator::{Access, KeptAnswer, KeptAnswers, KeyOfToken, Refusal, RequestState, told_unknown},
    web::{
        Shared,
        error::{HttpProblem, Wrong},
    },
};
use model::{moment::Moment, permission::Permission, scope::Scope};

/// Requests of one token in a minute.
const PER_MINUTE: u32 = 120;
/// Tokens that the limit remembers.
const MAX_TOKENS: usize = 1_024;
/// Bytes of a body.
const MAX_BODY: usize = 64 << 10;
/// Time for a body to come.
const BODY_TIMEOUT: Duration = Duration::from_secs(5);
/// Letters of a token and of a key at most.
const MAX_LETTERS: usize = 255;
/// Name of the key's header.
const KEY: &str = "idempotency-key";
/// Says when other nodes have a change.
pub(in crate::web) const SHARED: HeaderName = HeaderName::from_static("stillup-shared");

/// Requests that tokens have left.
#[derive(Debug)]
pub(in crate::web) struct Writers {
    requests: Mutex<RateLimiter<Box<str>>>,
}

impl Default for Writers {
    fn default() -> Self {
        Self { requests: Mutex::new(RateLimiter::new(PER_MINUTE, MAX_TOKENS)) }
    }
}

/// A request that was let in.
#[derive(Debug)]
pub(in crate::web) struct Write {
    /// The one who asks.
    pub(in crate::web) access: Access,
    pub(in crate::web) headers: HeaderMap,
    pub(in crate::web) path: String,
    pub(in crate::web) body: Bytes,
    pub(in crate::web) now: Moment,
}

impl Write {
    /// The name of the token.
    pub(in crate::web) fn by(&self) -> &str {
        &self.access.name
    }

    /// The body, which is an object of JSON, as the keys of an entry in a file. A null is as good as
    /// nothing.
    pub(in crate::web) fn keys(&self) -> Result<toml::Table, Box<Response>> {
        let wrong = |why: String| {
            let detail = format!("The body has to be an object of JSON: {why}.");
            Box::new(HttpProblem::new(StatusCode::BAD_REQUEST, detail, &self.path).into_response())
        };
        match serde_json::from_slice::<JsonValue>(&self.body) {
            Ok(JsonValue(Some(toml::Value::Table(keys)))) => Ok(keys),
            Ok(_) => Err(wrong("it is another value".to_owned())),
            Err(error) => Err(wrong(error.to_string())),
        }
    }

    /// The answer to a change that was not made.
    pub(in crate::web) fn refused(&self, refusal: &Refusal) -> Response {
        refused(refusal, &self.path)
    }
}

/// The answer to a change that was not made.
pub(in crate::web) fn refused(refusal: &Refusal, path: &str) -> Response {
    let status = match refusal {
        Refusal::Wrong(problems) => {
            let wrong = problems.iter().map(|problem| Wrong {
                parameter: problem.key().to_owned().into(),
                detail: problem.text().to_owned(),
            });
            return HttpProblem::values(wrong.collect(), path).into_response();
        }
        Refusal::NotThere(_) => StatusCode::NOT_FOUND,
        Refusal::Conflict(_) => StatusCode::CONFLICT,
        Refusal::Precondition(_) => StatusCode::PRECONDITION_FAILED,
        Refusal::Unconditional(_) => StatusCode::PRECONDITION_REQUIRED,
        Refusal::Failed(why) => {
            tracing::error!(path, %why, "a change could not be kept");
            let detail = "The change cannot be kept now; nothing was changed.";
            return HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, detail, path).into_response();
        }
    };
    let mut text = refusal.to_string();
    if let Some(first) = text.get(..1).map(str::to_uppercase) {
        text.replace_range(..1, &first);
    }
    if !text.ends_with('.') {
        text.push('.');
    }
    HttpProblem::new(status, text, path).into_response()
}

/// Lets a request in, and answers it by `change`, once for each key.
pub(in crate::web) async fn handle(
    shared: &Arc<Shared>,
    request: Request,
    permission: Permission,
    change: impl AsyncFnOnce(&Write) -> Response,
) -> Response {
    let (parts, body) = request.into_parts();
    let path = parts.uri.path().to_owned();
    let access = match admit(shared, &parts.headers, permission, &path) {
        Ok(access) => access,
        Err(refused) => return *refused,
    };
    let body = match timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let why = format!("The body has more than {MAX_BODY} bytes, or broke off.");
            return HttpProblem::new(StatusCode::PAYLOAD_TOO_LARGE, why, &path).into_response();
        }
        Err(_) => {
            let why = "The body did not come in time.";
            return HttpProblem::new(StatusCode::SERVICE_UNAVAILABLE, why, &path).into_response();
        }
    };
    let key = match key(&parts.headers, &access) {
        Ok(key) => key,
        Err(why) => return HttpProblem::new(StatusCode::BAD_REQUEST, why, &path).into_response(),
    };
    let now = shared.now();
    let asked = fingerprint(&parts.method, &parts.uri.to_string(), &body);
    let write = Write { access, headers: parts.headers, path, body, now };
    let change = async |write: &Write| {
        let answer = change(write).await;
        // A check is nothing that other nodes have.
        if permission == Permission::Check { answer } else { with_sharing(shared, answer) }
    };
    let Some(key) = key else { return change(&write).await };
    let answers = shared.web.operator.answers();
    if let Some(answer) = known(answers, &key, asked, &write) {
        return answer;
    }
    // Dropped on the way, it frees the key: the client may try again.
    let held = HeldKey { answers, key: Some(key), now };
    let answer = change(&write).await;
    held.end(answer).await
}

/// An answer to a change, which says when other nodes have it, if there are any.
fn with_sharing(shared: &Shared, mut answer: Response) -> Response {
    if let Some(sharing) = shared.web.operator.sharing().filter(|_| answer.status().is_success()) {
        answer.headers_mut().insert(SHARED, HeaderValue::from_static(sharing.word()));
    }
    answer
}

/// The bearer token of a request.
pub(in crate::web) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let given = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = given.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Access of a request's token, if it has the permission and is within its limit.
pub(in crate::web) fn admit(
    shared: &Shared,
    headers: &HeaderMap,
    permission: Permission,
    path: &str,
) -> Result<Access, Box<Response>> {
    let bearer = bearer(headers);
    let token = bearer.filter(|token| token.len() <= MAX_LETTERS);
    let Some(access) = token.and_then(|token| shared.web.operator.access(token)) else {
        let why = if bearer.is_some() {
            "This token is not known: it was removed, or never was. Make one with stillup token add."
        } else {
            "This needs a token: Authorization: Bearer sut_… Make one with stillup token add."
        };
        let problem = HttpProblem::new(StatusCode::UNAUTHORIZED, why, path);
        return Err(Box::new(([(header::WWW_AUTHENTICATE, "Bearer")], problem).into_response()));
    };
    shared.writers.limit(&access, shared.now(), path)?;
    if !access.may(permission) {
        let word = permission.word();
        let why = format!(
            "The token {} may not do this; it needs the permission {word} (stillup token add NAME --may \
             {word}).",
            access.name
        );
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{word}\"");
        let problem = HttpProblem::new(StatusCode::FORBIDDEN, why, path);
        let refused = ([(header::WWW_AUTHENTICATE, challenge)], problem).into_response();
        return Err(Box::new(refused));
    }
    Ok(access)
}

/// The key of a request, with the token that it belongs to.
fn key(headers: &HeaderMap, access: &Access) -> Result<Option<KeyOfToken>, &'static str> {
    let Some(given) = headers.get(KEY) else { return Ok(None) };
    let fits = |text: &&str| (1..=MAX_LETTERS).contains(&text.len());
    let text = given.to_str().ok().map(str::trim).filter(fits);
    let text = text.ok_or("Idempotency-Key has to have 1 to 255 letters.")?;
    Ok(Some((access.id.clone(), text.into())))
}

fn fingerprint(method: &Method, uri: &str, body: &[u8]) -> u128 {
    let head = format!("{method} {uri}\n");
    xxh3_128(&[head.as_bytes(), body].concat())
}

impl Writers {
    /// Takes one request from the allowance of a token.
    pub(in crate::web) fn limit(
        &self,
        access: &Access,
        now: Moment,
        path: &str,
    ) -> Result<(), Box<Response>> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let Err(quota) = requests.take(access.id.clone(), now) else { return Ok(()) };
        let wait = quota.next.as_secs().max(1);
        let why = format!("{PER_MINUTE} requests a minute are allowed for a token; wait {wait} s.");
        let problem = HttpProblem::new(StatusCode::TOO_MANY_REQUESTS, why, path);
        Err(Box::new(([(header::RETRY_AFTER, wait.to_string())], problem).into_response()))
    }
}

/// The answer that a key has already; `None` when the request is to be carried out now.
fn known(answers: &KeptAnswers, key: &KeyOfToken, asked: u128, write: &Write) -> Option<Response> {
    let problem = |status, why: &str| HttpProblem::new(status, why, &write.path).into_response();
    Some(match answers.begin(key, asked, write.now) {
        Ok(RequestState::New) => return None,
        Ok(RequestState::Another) => problem(
            StatusCode::UNPROCESSABLE_ENTITY,
            "This Idempotency-Key was sent before with another request; use a new one.",
        ),
        Ok(RequestState::UnderWay) => problem(
            StatusCode::CONFLICT,
            "The request with this Idempotency-Key is being carried out; ask again in a moment.",
        ),
        Ok(RequestState::CutOff) => problem(
            StatusCode::CONFLICT,
            "The request with this Idempotency-Key was cut off by the end of the service, and it is not known if it \
             changed something: look, and use a new key.",
        ),
        Ok(RequestState::Answered(answer)) => given_before(answer),
        Err(error) => {
            tracing::error!(path = write.path, %error, "a request with a key cannot be noted");
            problem(
                StatusCode::SERVICE_UNAVAILABLE,
                "The change cannot be kept now; nothing was changed.",
            )
        }
    })
}

/// An answer as it was given before.
fn given_before(answer: KeptAnswer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    response.headers_mut().clear();
    for (name, value) in answer.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// A key whose request is carried out.
struct HeldKey<'a> {
    answers: &'a KeptAnswers,
    key: Option<KeyOfToken>,
    now: Moment,
}

impl HeldKey<'_> {
    /// Remembers an answer that says what was done; after any other the client may try again.
    async fn end(mut self, response: Response) -> Response {
        if !response.status().is_success() {
            return response;
        }
        let (parts, body) = response.into_parts();
        let Ok(body) = to_bytes(body, usize::MAX).await else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        if let Some(key) = self.key.take() {
            let header = |(name, value): (&HeaderName, &HeaderValue)| {
                Some((name.to_string(), value.to_str().ok()?.to_owned()))
            };
            let answer = KeptAnswer {
                status: parts.status.as_u16(),
                headers: parts.headers.iter().filter_map(header).collect(),
                body: String::from_utf8_lossy(&body).into_owned(),
            };
            self.answers.end(&key, self.now, Some(answer));
        }
        Response::from_parts(parts, Body::from(body))
    }
}

impl Drop for HeldKey<'_> {
    fn drop(&mut self) {
        if let Some(key) = &self.key {
            self.answers.end(key, self.now, None);
        }
    }
}

/// Sentences on the names that no site has, for the one who wrote them.
pub(in crate::web) fn warnings(shared: &Shared, scope: &Scope) -> Vec<String> {
    let sites = shared.web.board.sites();
    told_unknown(&scope.unknown(sites.iter().map(|live| &*live.site)))
}

/// Tag of a thing, beside that of a representation of it: the former changes with what people change, the
/// latter with all that is told.
#[derive(Clone, Debug)]
pub(in crate::web) struct OwnTag(pub(in crate::web) String);

/// The entity tag of a thing with this tag.
pub(in crate::web) fn etag(tag: &str) -> [(header::HeaderName, String); 1] {
    [(header::ETAG, format!("\"{tag}\""))]
}

/// Compares `If-Match` with the tag of a thing; `None`: there is no such thing. A representation's tag
/// may have the thing's own behind a dot, and an encoding's behind that.
pub(in crate::web) fn if_match(
    headers: &HeaderMap,
    tag: Option<&str>,
) -> Option<Result<(), Refusal>> {
    let values = headers.get_all(header::IF_MATCH);
    let mut given = values.iter().filter_map(|value: &HeaderValue| value.to_str().ok()).peekable();
    given.peek()?;
    let names = |given: &str| {
        let bare = given.trim().trim_matches('"');
        let bare = bare.strip_suffix("-gzip").unwrap_or(bare);
        let own = bare.rsplit_once('.').map_or(bare, |(_, own)| own);
        given.trim() == "*" && tag.is_some() || Some(own) == tag
    };
    if given.flat_map(|list| list.split(',')).any(names) {
        return Some(Ok(()));
    }
    let why = match tag {
        Some(tag) => format!("It is not in the state that If-Match names; its tag is \"{tag}\""),
        None => "There is nothing yet that If-Match could name".to_owned(),
    };
    Some(Err(Refusal::Precondition(why)))
}
