//! The controls: addresses of others that prove our own line, and our name servers. They are asked
//! only when something failed and no site proves the line.

use std::{future::Future, net::SocketAddr, time::Duration};

use futures_util::{StreamExt, stream::FuturesUnordered};
use tokio::{net::TcpStream, sync::mpsc, time::timeout};

use crate::{
    clock::Clock,
    model::{
        address::is_public,
        judge::line::{Control, Line},
    },
    probe::Prober,
};

/// How long a control may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Who is asked.
#[derive(Clone, Debug)]
pub struct Controls {
    /// Addresses that take connections over TCP.
    pub addresses: Vec<SocketAddr>,
    /// Knows our name servers.
    pub prober: Prober,
    /// Gives moments.
    pub clock: Clock,
}

impl Controls {
    /// Answers every time it is asked, until nobody asks any more.
    pub async fn run(self, mut asked: mpsc::Receiver<()>, said: mpsc::Sender<Control>) {
        while asked.recv().await.is_some() {
            tokio::join!(
                self.line(Line::Public, self.one_of(true), &said),
                self.line(Line::Private, self.one_of(false), &said),
                self.line(Line::Names, self.names(), &said),
            );
        }
    }

    async fn line(
        &self,
        line: Line,
        ask: impl Future<Output = bool>,
        said: &mpsc::Sender<Control>,
    ) {
        let asked = self.clock.now();
        let answered = ask.await;
        let at = if answered { self.clock.now() } else { asked };
        // A closed channel means that the service is ending.
        let _ = said.send(Control { line, at, answered }).await;
    }

    /// Whether one of the public addresses, or of the others, takes a connection or refuses it: to
    /// refuse is an answer.
    async fn one_of(&self, public: bool) -> bool {
        let ours = self.addresses.iter().filter(|at| is_public(at.ip()) == public);
        let mut tries: FuturesUnordered<_> = ours.map(connects).collect();
        while let Some(answered) = tries.next().await {
            if answered {
                return true;
            }
        }
        false
    }

    async fn names(&self) -> bool {
        timeout(PATIENCE, self.prober.name_servers_answer()).await.unwrap_or(false)
    }
}

async fn connects(at: &SocketAddr) -> bool {
    match timeout(PATIENCE, TcpStream::connect(at)).await {
        Ok(Ok(_)) => true,
        Ok(Err(error)) => error.kind() == std::io::ErrorKind::ConnectionRefused,
        Err(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;
    use crate::{model::moment::Moment, probe::Settings};

    async fn say(addresses: Vec<SocketAddr>) -> Vec<(Line, bool)> {
        let settings = Settings {
            user_agent: "test".into(),
            max_body: 1,
            max_redirects: 1,
            // Nobody is there.
            nameservers: vec!["127.0.0.1:1".parse().unwrap()],
            ca_file: None,
        };
        let prober = Prober::new(&settings).unwrap();
        let clock = Clock::starting_at(Moment::from_millis(1_700_000_000_000));
        let (ask, asked) = mpsc::channel(1);
        let (say, mut said) = mpsc::channel(8);
        ask.send(()).await.unwrap();
        drop(ask);
        Controls { addresses, prober, clock }.run(asked, say).await;
        let mut all = Vec::new();
        while let Some(control) = said.recv().await {
            all.push((control.line, control.answered));
        }
        all.sort_by_key(|(line, _)| *line as u8);
        all
    }

    #[tokio::test]
    async fn each_line_is_answered_for_and_one_control_is_enough() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let there = listener.local_addr().unwrap();
        let all = |private| [(Line::Public, false), (Line::Private, private), (Line::Names, false)];
        assert_eq!(say(vec![there]).await, all(true));
        assert_eq!(say(Vec::new()).await, all(false));
    }
}
