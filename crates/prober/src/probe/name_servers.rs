//! Our name servers, in the order of their list. A failing or silent server never decides while
//! another one answers; of those that answer, the first of the list decides.
//!
//! The next one is asked as soon as one has failed, and beside it when it has been silent for a
//! while; answers of all are accepted until the end. After a server had to be replaced by another,
//! the following look-ups do not wait for it: they ask the next one at once as well.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU8, Ordering::Relaxed},
    time::Duration,
};

use futures_util::{StreamExt, stream::FuturesUnordered};
use hickory_resolver::proto::op::{Message, ResponseCode};
use tokio::time::{Instant, sleep_until};

use super::{
    name_server::{self, DnsQuery, RETRY_AFTER},
    names::{NoAddress, more_informative},
};

/// Time that a negative answer (no such name, or no address) waits for servers earlier in the list.
const NEGATIVE_GRACE: Duration = Duration::from_secs(1);
/// Number of questions that do not wait for a server that was silent while another one answered.
const SPARED_QUESTIONS: u8 = 100;

/// The servers.
#[derive(Debug)]
pub(super) struct NameServers(Box<[NameServer]>);

#[derive(Debug)]
struct NameServer {
    at: SocketAddr,
    /// Number of coming questions that do not wait for it.
    spared: AtomicU8,
}

/// An answer, and how much of the time that it took was lost to servers of ours that failed.
#[derive(Debug)]
pub(super) struct ServerAnswer {
    pub(super) message: Message,
    pub(super) lost: Duration,
}

impl NameServers {
    pub(super) fn new(all: impl IntoIterator<Item = SocketAddr>) -> Self {
        Self(all.into_iter().map(|at| NameServer { at, spared: AtomicU8::new(0) }).collect())
    }

    /// Their answer to a question. An error means that all have failed; there is none while one is
    /// silent.
    pub(super) async fn ask(&self, question: &DnsQuery) -> Result<ServerAnswer, NoAddress> {
        let mut round = QueryRound { all: &self.0, begun: Vec::new(), negative: None, why: None };
        let mut under_way = FuturesUnordered::new();
        let start = Instant::now();
        let (mut due, mut grace) = (start, start);
        loop {
            // After a negative answer no further server is asked.
            let next = self.0.get(round.begun.len()).filter(|_| round.negative.is_none());
            tokio::select! {
                biased;
                Some((place, said)) = under_way.next() => {
                    let said: Result<Message, NoAddress> = said;
                    let now = Instant::now();
                    (due, grace) = (if said.is_err() { now } else { due }, now + NEGATIVE_GRACE);
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
    /// Silence after which the next one is asked beside it.
    fn patience(&self) -> Duration {
        let spared = self.spared.fetch_update(Relaxed, Relaxed, |left| left.checked_sub(1));
        if spared.is_ok() { Duration::ZERO } else { RETRY_AFTER }
    }
}

/// The servers' answers to one question, as they come.
struct QueryRound<'a> {
    all: &'a [NameServer],
    /// Time at which each was asked, and whether it is silent so far.
    begun: Vec<(Instant, bool)>,
    /// The first of the list that says that there is nothing.
    negative: Option<(usize, Message)>,
    why: Option<NoAddress>,
}

impl QueryRound<'_> {
    fn begin(&mut self) -> usize {
        self.begun.push((Instant::now(), true));
        self.begun.len() - 1
    }

    /// Takes a server's answer; returns the answer that decides, if there is one now.
    fn hear(&mut self, place: usize, said: Result<Message, NoAddress>) -> Option<(usize, Message)> {
        self.begun[place].1 = false;
        let before = self.negative.as_ref().is_none_or(|(other, _)| place < *other);
        match said {
            Err(why) => self.why = more_informative(self.why.take(), why),
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

    /// Settles on the answer of this server: those that were silent before it are not waited for
    /// the next time, and the time until this one was asked counts as lost on them.
    fn decide(&self, place: usize, message: Message) -> ServerAnswer {
        for (server, (asked, silent)) in self.all.iter().zip(&self.begun[..place]) {
            if *silent && asked.elapsed() >= RETRY_AFTER {
                server.spared.store(SPARED_QUESTIONS, Relaxed);
            }
        }
        let lost = self.begun[place].0.duration_since(self.begun[0].0);
        ServerAnswer { message, lost }
    }
}

/// Returns whether an answer has records for an existing name.
fn has_records(message: &Message) -> bool {
    message.metadata.response_code == ResponseCode::NoError && !message.answers.is_empty()
}
