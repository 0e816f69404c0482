//! A fake prober with set outcomes, and lookups around it.

use std::{
    collections::VecDeque,
    net::IpAddr,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;

use crate::{
    board::Board,
    lookup::{LookupAnswer, LookupRefusal, LookupSettings, LookupStart, Lookups},
};
use model::{
    judge::Rules,
    moment::Moment,
    name::Region,
    outcome::{Answer, Failure, Outcome, Phases},
    site::Site,
};
use prober::{
    clock::Clock,
    probe::{Blocked, Gate, VisitorProbe},
};

/// Outcome of each probe, in order; the last one repeats.
#[derive(Debug)]
pub(super) struct ScriptedProbe {
    pub(super) looks: AtomicU32,
    /// True if our own name servers answer.
    pub(super) names: AtomicBool,
    takes: Duration,
    sees: Mutex<VecDeque<Option<Outcome>>>,
    /// Outcome over plain http, if it is another one.
    plain: Mutex<Option<Outcome>>,
}

impl VisitorProbe for ScriptedProbe {
    fn attempt_for_visitor<'a>(
        &'a self,
        site: &'a Site,
        _: u8,
        _: &'a Arc<dyn Gate>,
    ) -> BoxFuture<'a, Result<Outcome, Blocked>> {
        Box::pin(async move {
            self.looks.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(self.takes).await;
            assert_ne!(site.slug.as_str(), "broken.example", "this one breaks");
            if site.url.scheme() == "http"
                && let Some(plain) = self.plain.lock().unwrap().clone()
            {
                return Ok(plain);
            }
            let mut sees = self.sees.lock().unwrap();
            let now = if sees.len() > 1 { sees.pop_front() } else { sees.front().cloned() };
            now.flatten().ok_or(Blocked { by_redirect: false, too_often: false })
        })
    }

    fn own_name_servers_answer(&self) -> BoxFuture<'_, bool> {
        Box::pin(async { self.names.load(Ordering::SeqCst) })
    }
}

pub(super) fn ok(micros: u32) -> Outcome {
    let phases = Phases { wait: Some(micros), ..Phases::default() };
    Outcome {
        answer: Answer::Ok,
        http_status: Some(200),
        phases,
        traces: Box::default(),
        observed: Box::default(),
    }
}

pub(super) fn failed(failure: Failure) -> Outcome {
    Outcome::failed(failure, "for a test")
}

pub(super) struct Lab {
    pub(super) fake: Arc<ScriptedProbe>,
    pub(super) board: Arc<Board>,
    pub(super) lookups: Lookups,
}

/// Each probe takes a second and returns this; `None`: the guard blocks it.
pub(super) fn lab(sees: impl IntoIterator<Item = Option<Outcome>>) -> Lab {
    lab_with(5, sees)
}

pub(super) fn lab_with(per_visitor: u32, sees: impl IntoIterator<Item = Option<Outcome>>) -> Lab {
    let sees = Mutex::new(sees.into_iter().collect());
    let takes = Duration::from_secs(1);
    let (looks, plain) = (AtomicU32::new(0), Mutex::new(None));
    let fake = Arc::new(ScriptedProbe { looks, names: true.into(), takes, sees, plain });
    let board = Arc::new(Board::new());
    let settings = LookupSettings {
        enabled: true,
        allow_private: false,
        per_visitor,
        cache: Duration::from_secs(30),
        timeout: Duration::from_secs(10),
        rules: Rules::default(),
        region: Region::default(),
    };
    let clock = Clock::starting_at(Moment::parse("2026-11-24T12:00:00Z").unwrap());
    let lookups = Lookups::new(fake.clone(), board.clone(), clock, settings);
    Lab { fake, board, lookups }
}

impl Lab {
    /// The same, with this outcome over plain http.
    pub(super) fn with_plain(self, outcome: Outcome) -> Self {
        *self.fake.plain.lock().unwrap() = Some(outcome);
        self
    }

    pub(super) fn ask(
        &self,
        text: &str,
        visitor: u8,
        again: bool,
    ) -> Result<LookupStart, LookupRefusal> {
        let target = self.lookups.read(text).unwrap();
        self.lookups.ask(&target, IpAddr::from([192, 0, 2, visitor]), again)
    }

    /// The answer, awaited.
    pub(super) async fn answer(&self, text: &str) -> Arc<LookupAnswer> {
        match self.ask(text, 1, false).unwrap() {
            LookupStart::Known(answered) => answered,
            LookupStart::Coming(mut coming) => coming.answer().await.unwrap(),
        }
    }

    pub(super) fn looks(&self) -> u32 {
        self.fake.looks.load(Ordering::SeqCst)
    }
}
