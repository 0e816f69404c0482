//! Lookups for the browser: one that is fine, one that fails, one that is always new to be
//! streamed, and one by a visitor without any left.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    time::sleep,
};

use crate::{
    server::{Mood, Server, closed_port},
    service::Service,
};

/// One lookup a minute for each visitor; the browser chooses its own address.
pub(super) const SETTINGS: &str = "[lookup]\nallow_private = true\nper_visitor = 1\ncache = \"1h\"\n\
     [web]\ntrusted_proxies = [\"127.0.0.0/8\"]\n";

/// A target that is never looked up, since its visitors have no lookups left.
pub(super) const NEVER: &str = "/127.200.0.1:9";

/// Targets of lookups.
#[derive(Debug)]
pub(super) struct LookupTargets {
    fine: String,
    failing: String,
    /// Every address with this port is a site that answers slowly.
    late: u16,
    _server: Server,
}

impl LookupTargets {
    /// Looks up the first two, so that there is an answer for later visitors.
    pub(super) async fn start(service: &Service) -> Self {
        let server = Server::start(Mood::Late(20)).await;
        let fine = server.url().replace("http://", "/").trim_end_matches('/').to_owned();
        let failing = format!("/{}", closed_port());
        for (number, path) in [(220, &fine), (221, &failing)] {
            let from = format!("x-forwarded-for: {}", visitor(number));
            assert_eq!(
                service.ask(&format!("GET {path}"), &[&from, "accept: text/html"]).await.0,
                200
            );
        }
        Self { fine, failing, late: late().await, _server: server }
    }

    /// The lookups of a visitor, in this order: the first is new and spends what it has; of the
    /// others there are answers, but of the last.
    pub(super) fn pages(&self, visitor: usize) -> [(String, [&'static str; 2]); 4] {
        let fresh = format!("/127.201.{}.{}:{}", visitor / 200, 1 + visitor % 200, self.late);
        [
            (fresh, ["is up", "werkt"]),
            (self.fine.clone(), ["is up", "werkt"]),
            (self.failing.clone(), ["is down", "ligt eruit"]),
            (NEVER.to_owned(), ["127.200.0.1", "127.200.0.1"]),
        ]
    }
}

/// The address of a visitor.
pub(super) fn visitor(number: usize) -> String {
    format!("203.0.113.{number}")
}

async fn late() -> u16 {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut asked = Vec::new();
                while !asked.ends_with(b"\r\n\r\n") {
                    if !stream.read_buf(&mut asked).await.is_ok_and(|read| read > 0) {
                        return;
                    }
                }
                sleep(Duration::from_millis(150)).await;
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
                drop(stream.write_all(answer.as_bytes()).await);
            });
        }
    });
    port
}
