//! Runs a testbed for people and for tests from outside, until Ctrl-C.
//!
//! ```text
//! cargo run --example testbed -- --ca testbed-ca.pem slack.com medium.com=down "x.com=status 503"
//! ```
//!
//! Lines on standard input change what a host does: `slack.com hang`, `medium.com dns nxdomain`,
//! `x.com ok`; a new name makes a new host; `hosts` lists them, with the
//! lookups, connections and requests that they met. The words are those of `crates/testbed/src/script.rs`.

use std::{collections::BTreeMap, env, fs, io};

use testbed::{Host, Order, Testbed};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> io::Result<()> {
    let mut stage = Stage { testbed: Testbed::start().await?, hosts: BTreeMap::new() };
    println!("nameserver {}", stage.testbed.nameserver());
    let mut words = env::args().skip(1);
    while let Some(word) = words.next() {
        if word == "--ca" {
            let file = words.next().ok_or_else(|| io::Error::other("--ca needs a file"))?;
            fs::write(&file, stage.testbed.ca_pem())?;
            println!("ca {file}");
            continue;
        }
        let (name, order) = word.split_once('=').unwrap_or((&word, "ok"));
        stage.order(name, order).await?;
    }
    stage.list();
    println!("ready");
    let mut lines = stdin();
    loop {
        tokio::select! {
            stopped = tokio::signal::ctrl_c() => return stopped,
            Some(line) = lines.recv() => stage.line(&line).await,
        }
    }
}

struct Stage {
    testbed: Testbed,
    hosts: BTreeMap<String, Host>,
}

impl Stage {
    async fn line(&mut self, line: &str) {
        let done = match line.trim().split_once(char::is_whitespace) {
            None if line.trim().is_empty() => return,
            None if line.trim() == "hosts" => return self.list(),
            None => self.order(line.trim(), "ok").await,
            Some((name, order)) => self.order(name, order).await,
        };
        match done {
            Ok(()) => println!("done: {}", line.trim()),
            Err(error) => println!("not done: {error}"),
        }
    }

    async fn order(&mut self, name: &str, order: &str) -> io::Result<()> {
        let order: Order = order.parse().map_err(io::Error::other)?;
        let host = self.testbed.host(name).await?;
        host.obey(order).await?;
        self.hosts.insert(host.name().to_owned(), host);
        Ok(())
    }

    fn list(&self) {
        for host in self.hosts.values() {
            let (name, address) = (host.name(), host.address());
            let (http, https) = (host.http_url(), host.https_url());
            let (lookups, met, hits) = (host.lookups(), host.connections(), host.hits());
            println!("host {name} {address} {http} {https} met {lookups} {met} {hits}");
        }
    }
}

/// Lines come from a thread of their own, since reading the terminal cannot be cancelled.
fn stdin() -> mpsc::Receiver<String> {
    let (lines, receiver) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            if lines.blocking_send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
