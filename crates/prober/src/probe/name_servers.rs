//! Our name servers, in the order of their list. One that fails, and be it by silence, never decides
//! while another one answers; of those that answer, the first of the list decides.
//!
//! The next one is asked as soon as one has failed, and beside it when it has been silent for a
//! while; all are heard to the end. One that others had to stand in for is not waited for in the
//! look-ups after that: they ask the next one at once as well.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU8, Ordering::Relaxed},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use hickory_resolver::proto::op::{Message, ResponseCode};
use tokio::time::{Instant, sleep_until};

use super::{
    name_server::{self, DnsQuery, PATIENCE},
    names::{NoAddress, worse},
};

/// That there is no such name, or that it has no address, waits so long for servers that come before
/// the one that says so.
const GRACE: Duration = Duration::from_secs(1);
/// So many questions do not wait for a server that was silent while another one answered.
const SPARED: u8 = 100;

/// The servers.
#[derive(Debug)]
pub(super) struct NameServers(Box<[NameServer]>);

#[derive(Debug)]
struct NameServer {
    at: SocketAddr,
    /// So many of the next questions do not wait for it.
    spared: AtomicU8,
}

/// An answer, and how much of the time that it took was lost to servers of ours that failed.
#[derive(Debug)]
pub(super) struct Heard {
    pub(super) message: Message,
    pub(super) lost: Duration,
}

impl NameServers {
    pub(super) fn new(all: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self(all.into_iter().map(|at| NameServer { at, spared: AtomicU8::new(0) }).collect())
    }

    /// What they say to a question. An error says that all have failed; it is not given as long as
    /// one is silent.
    pub(super) async fn ask(&self, question: &DnsQuery) -> Result<Heard, NoAddress> {
        let mut round = Round { all: &self.0, begun: Vec::new(), negative: None, why: None };
        let mut under_way = FuturesUnordered::new();
        let start = Instant::now();
        let (mut due, mut grace) = (start, start);
        loop {
            // Behind one that says that there is nothing, nobody is asked.
            let next = self.0.get(round.begun.len()).filter(|_| round.negative.is_none());
            tokio::select! {
                biased;
                Some((place, said)) = under_way.next() => {
                    let said: Result<Message, NoAddress> = said;
                    let now = Instant::now();
                    (due, grace) = (if said.is_err() { now } else { due }, now + GRACE);
                    if let Some((place, message)) = round.hear(place, said) {
                        return Ok(round.decide(place, message));
                    }
                }
                () = sleep_until(due), if next.is_some() => {
                    let (Some(server), place) = (next, round.begin()) else { continue };
                    due = Instant::now() + server.patience();
                    let at = server.at;
                    under_way.push(async move { (place, name_server::ask(at, question).await) });
                }
                () = sleep_until(grace), if round.negative.is_some() => break,
                else => break,
            }
        }
        match round.negative.take() {
            Some((place, message)) => Ok(round.decide(place, message)),
            None => Err(round.why.unwrap_or(NoAddress::Unreachable)),
        }
    }
}

impl NameServer {
    /// How long it may be silent before the next one is asked beside it.
    fn patience(&self) -> Duration {
        let spared = self.spared.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if spared.is_ok() { Duration::ZERO } else { PATIENCE }
    }
}

/// The servers' answers to one question, as they come.
struct Round<'a> {
    all: &'a [NameServer],
    /// When each was asked, and whether it is silent so far.
    begun: Vec<(Instant, bool)>,
    /// The first of the list that says that there is nothing.
    negative: Option<(usize, Message)>,
    why: Option<NoAddress>,
}

impl Round<'_> {
    fn begin(&mut self) -> usize {
        self.begun.push((Instant::now(), true));
        self.begun.len() - 1
    }

    /// Takes what a server said; gives the answer that decides, if there is one now.
    fn hear(&mut self, place: usize, said: Result<Message, NoAddress>) -> Option<(usize, Message)> {
        self.begun[place].1 = false;
        let before = self.negative.as_ref().is_none_or(|(other, _)| place < *other);
        match said {
            Err(why) => self.why = worse(self.why.take(), why),
            Ok(message) => {
                self.all[place].spared.store(0, Relaxed);
                if before && has_records(&message) {
                    return Some((place, message));
                }
                if before {
                    self.negative = Some((place, message));
                }
            }
        }
        self.negative.take_if(|(place, _)| !self.begun[..*place].iter().any(|(_, silent)| *silent))
    }

    /// The answer of this server is the answer: those that were silent before it are not waited for
    /// the next time, and the time until it was asked was lost to them.
    fn decide(&self, place: usize, message: Message) -> Heard {
        for (server, (asked, silent)) in self.all.iter().zip(&self.begun[..place]) {
            if *silent && asked.elapsed() >= PATIENCE {
                server.spared.store(SPARED, Relaxed);
            }
        }
        let lost = self.begun[place].0.duration_since(self.begun[0].0);
        Heard { message, lost }
    }
}

/// Returns whether an answer has something to tell of a name that is there.
fn has_records(message: &Message) -> bool {
    message.metadata.response_code == ResponseCode::NoError && !message.answers.is_empty()
}
