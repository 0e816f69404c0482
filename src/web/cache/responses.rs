//! Answers that are ready: the hot addresses cost a look into a map, not a way through the house.
//!
//! Whole good answers are kept as they went out, within the same second, since sentences count time:
//! those about a site while it is as it was then, those about all sites for a quarter of a second, or
//! a tenth when a verdict changes. Of these one visitor's way makes the next, however many ask; the
//! others take the last one, or wait for it. Only addresses whose parameters change nothing are kept,
//! so what stands behind the `?` neither gets round it nor fills it. Anything out of the ordinary goes
//! the whole way.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError, RwLock, Weak,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    time::Duration,
};

use axum::{
    body::{Body, Bytes, HttpBody},
    response::Response,
};
use http::{HeaderMap, HeaderValue, StatusCode, header};
use http_body_util::BodyExt;
use tokio::{sync::OwnedMutexGuard, time::timeout};

pub(in crate::web) use super::key::Wanted;
use super::key::{ENCODED, Of};
use crate::{model::moment::Moment, web::Shared};

/// Answers that are kept.
const MOST: usize = 1_024;
/// Bytes of one about a site that is kept, unless it is encoded.
const LARGEST: u64 = 32 * 1024;
/// The same of one about all sites, of which there are few.
const LARGEST_OF_ALL: u64 = 1024 * 1024;
/// How long an answer about all sites is kept.
const ALL_SITES: Duration = Duration::from_millis(250);
/// The same when a verdict has changed. A page that follows the changes asks no sooner after one.
const CHANGED: Duration = Duration::from_millis(100);
/// How long a visitor waits for what another makes.
const PATIENCE: Duration = Duration::from_secs(2);
/// Seconds after which what nobody asked for is forgotten.
const FORGET: i64 = 10;

/// The answers that are kept, by name, one for each encoding.
#[derive(Debug, Default)]
pub(in crate::web) struct Ready {
    answers: RwLock<HashMap<Box<str>, ByEncoding>>,
    /// Who holds one makes that answer about all sites; there are as many as languages times
    /// encodings.
    turns: Mutex<HashMap<(Box<str>, usize), Turn>>,
    /// The second in which old ones were forgotten last.
    swept: AtomicI64,
}

type ByEncoding = [Option<Arc<Kept>>; ENCODED];
type Turn = Arc<tokio::sync::Mutex<()>>;

/// An answer and what it was made of.
#[derive(Debug)]
struct Kept {
    of: Of,
    stand: Stand,
    headers: HeaderMap,
    body: Bytes,
}

/// How things stood.
#[derive(Clone, Copy, Debug)]
struct Stand {
    at: Moment,
    /// The number of the newest change of a verdict.
    newest: u64,
}

/// How good a kept answer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fit {
    Good,
    /// Good enough while another is being made.
    Passable,
    Bad,
}

/// Where an answer will be kept.
#[derive(Debug)]
pub(in crate::web) struct Place {
    wanted: Wanted,
    stand: Stand,
    /// Nobody else makes it meanwhile.
    _turn: Option<OwnedMutexGuard<()>>,
}

/// What is known of a request.
#[derive(Debug)]
pub(in crate::web) enum Found {
    /// This is the answer.
    Answer(Response),
    /// It goes the whole way, and the answer is then kept here.
    Missing(Box<Place>),
    /// It goes the whole way.
    Other,
}

impl Ready {
    /// Looks for the answer to a request.
    pub(in crate::web) async fn find(&self, shared: &Shared, wanted: Wanted) -> Found {
        let stand = Stand::now(shared);
        let (kept, fit) = self.look(&wanted, stand);
        if fit == Fit::Good {
            return wanted.answered(shared, kept);
        }
        if matches!(wanted.of, Of::Site(_)) {
            return Found::Missing(Box::new(Place { wanted, stand, _turn: None }));
        }
        let turn = self.turn(&wanted);
        let turn = match turn.clone().try_lock_owned() {
            Ok(turn) => turn,
            Err(_) if fit == Fit::Passable => return wanted.answered(shared, kept),
            Err(_) => match timeout(PATIENCE, turn.lock_owned()).await {
                Ok(turn) => turn,
                Err(_) => return Found::Other,
            },
        };
        // Another may have made it meanwhile.
        let stand = Stand::now(shared);
        let (kept, fit) = self.look(&wanted, stand);
        if fit == Fit::Good {
            return wanted.answered(shared, kept);
        }
        Found::Missing(Box::new(Place { wanted, stand, _turn: Some(turn) }))
    }

    fn look(&self, wanted: &Wanted, stand: Stand) -> (Option<Arc<Kept>>, Fit) {
        let answers = self.answers.read().unwrap_or_else(PoisonError::into_inner);
        let kept = answers.get(&wanted.name).and_then(|all| all[wanted.encoding].clone());
        drop(answers);
        let fit = kept.as_ref().map_or(Fit::Bad, |kept| kept.fit(&wanted.of, stand));
        (kept, fit)
    }

    fn turn(&self, wanted: &Wanted) -> Turn {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.entry((wanted.name.clone(), wanted.encoding)).or_default().clone()
    }

    /// Keeps a good answer for others; gives it back.
    pub(in crate::web) async fn keep(&self, place: Place, response: Response) -> Response {
        let (parts, body) = response.into_parts();
        let most = if matches!(place.wanted.of, Of::Site(_)) { LARGEST } else { LARGEST_OF_ALL };
        let small = body.size_hint().upper().is_some_and(|bytes| bytes <= most);
        let encoded = parts.headers.contains_key(header::CONTENT_ENCODING);
        if parts.status != StatusCode::OK || !(small || encoded) {
            return Response::from_parts(parts, body);
        }
        let Ok(body) = body.collect().await else {
            return Response::from_parts(parts, Body::empty());
        };
        let (body, Place { wanted, stand, _turn }) = (body.to_bytes(), place);
        let Wanted { name, encoding, of, .. } = wanted;
        let kept = Arc::new(Kept { of, stand, headers: parts.headers.clone(), body: body.clone() });
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= MOST && !answers.contains_key(&name) {
            answers.clear();
        }
        answers.entry(name).or_default()[encoding] = Some(kept);
        drop(answers);
        Response::from_parts(parts, Body::from(body))
    }

    /// Forgets what nobody asked for lately, now and then.
    pub(in crate::web) fn forget(&self, now: i64) {
        let last = self.swept.load(Relaxed);
        let due = now - last >= FORGET || now < last;
        if !due || self.swept.compare_exchange(last, now, Relaxed, Relaxed).is_err() {
            return;
        }
        let mut answers = self.answers.write().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|_, all| {
            for place in all.iter_mut() {
                let old = |kept: &mut Arc<Kept>| now - kept.stand.at.seconds() >= FORGET;
                drop(place.take_if(old));
            }
            all.iter().any(Option::is_some)
        });
    }
}

impl Stand {
    fn now(shared: &Shared) -> Self {
        // In this order: what changes in between is then not taken for known.
        let newest = shared.web.board.newest();
        Self { at: shared.now(), newest }
    }
}

impl Wanted {
    fn answered(self, shared: &Shared, kept: Option<Arc<Kept>>) -> Found {
        let Some(response) = kept.and_then(|kept| kept.answer_to(self.theirs.as_ref())) else {
            return Found::Other;
        };
        shared.requests.count(self.route, response.status(), self.begun);
        Found::Answer(response)
    }
}

impl Kept {
    fn fit(&self, of: &Of, now: Stand) -> Fit {
        let at = self.stand.at;
        // Their sentences count time, and so does how long they may be kept.
        if at.seconds() != now.at.seconds() || at > now.at {
            return Fit::Bad;
        }
        let age = now.at.since(at);
        match (&self.of, of) {
            (Of::Site(then), Of::Site(today)) if Weak::ptr_eq(then, today) => Fit::Good,
            (Of::AllSites, Of::AllSites) if age < CHANGED => Fit::Good,
            (Of::AllSites, Of::AllSites) if self.stand.newest != now.newest => Fit::Bad,
            (Of::AllSites, Of::AllSites) if age < ALL_SITES => Fit::Good,
            (Of::AllSites, Of::AllSites) => Fit::Passable,
            _ => Fit::Bad,
        }
    }

    /// The answer to one who has this; `None` when that takes a closer look.
    fn answer_to(&self, theirs: Option<&HeaderValue>) -> Option<Response> {
        let ours = self.headers.get(header::ETAG);
        match theirs {
            None => Some(self.answer()),
            Some(_) if theirs == ours => Some(self.nothing_new()),
            Some(theirs) => {
                // The same body in another encoding or among others: the house can tell.
                let hash = ours?.to_str().ok()?.split(['"', '-']).nth(1)?;
                let theirs = theirs.to_str().ok()?;
                (!theirs.contains('*') && !theirs.contains(hash)).then(|| self.answer())
            }
        }
    }

    fn answer(&self) -> Response {
        let mut response = Response::new(Body::from(self.body.clone()));
        *response.headers_mut() = self.headers.clone();
        response
    }

    fn nothing_new(&self) -> Response {
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
    async fn what_nobody_asks_for_is_forgotten() {
        let shared = Shared::new(world::world().web);
        let request = http::Request::get("/").body(()).unwrap();
        let wanted = Wanted::by(&shared, &request).unwrap();
        let Found::Missing(place) = shared.responses.find(&shared, wanted).await else { panic!() };
        shared.responses.keep(*place, Response::new(Body::from("a page"))).await;
        let kept = || shared.responses.answers.read().unwrap().len();
        let second = shared.now().seconds();
        shared.responses.forget(second);
        assert_eq!(kept(), 1);
        shared.responses.forget(second + FORGET);
        assert_eq!(kept(), 0);
    }
}
