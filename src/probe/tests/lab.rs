//! Small servers, and a prober to look at them.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use hickory_resolver::proto::{
    op::{Message, OpCode, ResponseCode},
    rr::{Name, RData, Record, RecordType},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UdpSocket},
};
use url::Url;

use crate::{
    model::{
        outcome::{Failure, Outcome},
        site::Expect,
    },
    probe::{Prober, Settings, Target},
};

/// A server on loopback.
#[derive(Debug)]
pub(super) struct Server {
    pub(super) at: SocketAddr,
    accepted: Arc<AtomicUsize>,
}

impl Server {
    pub(super) fn accepted(&self) -> usize {
        self.accepted.load(Ordering::SeqCst)
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}/", self.at)
    }

    pub(super) fn named(&self, scheme: &str, name: &str) -> String {
        format!("{scheme}://{name}:{}/", self.at.port())
    }
}

/// Handles each connection to a free port of an address.
pub(super) async fn serve_at<F, H>(ip: &str, handle: H) -> Server
where
    F: Future<Output = ()> + Send + 'static,
    H: Fn(TcpStream) -> F + Send + 'static,
{
    let listener = TcpListener::bind((ip, 0)).await.unwrap();
    let at = listener.local_addr().unwrap();
    let accepted = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&accepted);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(handle(stream));
        }
    });
    Server { at, accepted }
}

pub(super) async fn serve<F, H>(handle: H) -> Server
where
    F: Future<Output = ()> + Send + 'static,
    H: Fn(TcpStream) -> F + Send + 'static,
{
    serve_at("127.0.0.1", handle).await
}

/// Answers each request with what `reply` makes of its head, and ends the connection.
pub(super) async fn replies(reply: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static) -> Server {
    let reply = Arc::new(reply);
    serve(move |mut stream| {
        let reply = Arc::clone(&reply);
        async move {
            let head = head(&mut stream).await;
            stream.write_all(&reply(&head)).await.ok();
            stream.shutdown().await.ok();
            // Until the other side is done, so that no reset overtakes the reply.
            stream.read(&mut [0; 64]).await.ok();
        }
    })
    .await
}

pub(super) async fn says(reply: impl AsRef<[u8]>) -> Server {
    let reply = reply.as_ref().to_vec();
    replies(move |_| reply.clone()).await
}

/// A whole reply with a body.
pub(super) fn reply(status: &str, headers: &str, body: &[u8]) -> Vec<u8> {
    let mut all = format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n", body.len());
    all.reserve(body.len());
    let mut all = all.into_bytes();
    all.extend_from_slice(body);
    all
}

/// Reads the head of a request.
pub(super) async fn head(stream: &mut (impl AsyncReadExt + Unpin)) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => break,
        }
    }
    String::from_utf8(head).unwrap()
}

/// Ends a connection with a reset.
pub(super) fn reset(stream: TcpStream) {
    stream.set_zero_linger().unwrap();
    drop(stream);
}

/// A port of an address at which nobody listens.
pub(super) async fn nobody(ip: &str) -> u16 {
    TcpListener::bind((ip, 0)).await.unwrap().local_addr().unwrap().port()
}

/// What a name server says.
#[derive(Clone, Debug)]
pub(super) enum Says {
    Records(Vec<RData>),
    Code(ResponseCode),
    Nothing,
}

pub(super) fn a(address: &str) -> RData {
    RData::A(hickory_resolver::proto::rr::rdata::A(address.parse().unwrap()))
}

pub(super) fn aaaa(address: &str) -> RData {
    RData::AAAA(hickory_resolver::proto::rr::rdata::AAAA(address.parse().unwrap()))
}

pub(super) fn alias(name: &str) -> RData {
    let name = Name::from_ascii(format!("{name}.")).unwrap();
    RData::CNAME(hickory_resolver::proto::rr::rdata::CNAME(name))
}

/// A name server; it is asked for a name (without its last dot) and a type.
pub(super) async fn names(says: impl Fn(&str, RecordType) -> Says + Send + 'static) -> SocketAddr {
    let socket = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let at = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let asked = Message::from_vec(&buffer[..length]).unwrap();
            if let Some(reply) = name_reply(&asked, &says) {
                socket.send_to(&reply, from).await.ok();
            }
        }
    });
    at
}

fn name_reply(asked: &Message, says: impl Fn(&str, RecordType) -> Says) -> Option<Vec<u8>> {
    let query = asked.queries[0].clone();
    let mut owner = query.name().clone();
    let said = says(owner.to_ascii().trim_end_matches('.'), query.query_type());
    let mut reply = Message::response(asked.metadata.id, OpCode::Query);
    reply.metadata.recursion_desired = true;
    reply.metadata.recursion_available = true;
    reply.add_query(query);
    match said {
        Says::Nothing => return None,
        Says::Code(code) => reply.metadata.response_code = code,
        Says::Records(records) => {
            for data in records {
                let next =
                    if let RData::CNAME(alias) = &data { Some(alias.0.clone()) } else { None };
                reply.add_answer(Record::from_rdata(owner.clone(), 60, data));
                owner = next.unwrap_or(owner);
            }
        }
    }
    Some(reply.to_vec().unwrap())
}

/// A name server that knows one IPv4 address for every name.
pub(super) async fn all_at(address: &'static str) -> SocketAddr {
    names(move |_, kind| match kind {
        RecordType::A => Says::Records(vec![a(address)]),
        _ => Says::Records(Vec::new()),
    })
    .await
}

pub(super) const AGENT: &str = "stillup/0.0 (+https://stillup.example/about)";
pub(super) const LIMIT: Duration = Duration::from_secs(5);
pub(super) const MAX_BODY: usize = 256 * 1024;

pub(super) fn settings() -> Settings {
    Settings {
        user_agent: AGENT.to_owned(),
        max_body: MAX_BODY,
        max_redirects: 5,
        // Nobody is asked unless a test says so.
        nameservers: vec!["127.0.0.1:9".parse().unwrap()],
        ca_file: None,
    }
}

pub(super) fn prober() -> Prober {
    Prober::new(&settings()).unwrap()
}

pub(super) fn resolving(nameserver: SocketAddr) -> Prober {
    Prober::new(&Settings { nameservers: vec![nameserver], ..settings() }).unwrap()
}

/// How to look; the usual way by default.
#[derive(Clone, Debug)]
pub(super) struct Look {
    pub(super) timeout: Duration,
    pub(super) expect: Expect,
    pub(super) private: bool,
    pub(super) attempt: u8,
}

impl Default for Look {
    fn default() -> Self {
        Self { timeout: LIMIT, expect: Expect::default(), private: true, attempt: 1 }
    }
}

impl Look {
    pub(super) fn within(millis: u64) -> Self {
        Self { timeout: Duration::from_millis(millis), ..Self::default() }
    }

    pub(super) fn public() -> Self {
        Self { private: false, ..Self::default() }
    }

    pub(super) fn text(text: &str) -> Self {
        let expect = Expect { text: Some(text.into()), ..Expect::default() };
        Self { expect, ..Self::default() }
    }

    pub(super) fn statuses(low: u16, high: u16) -> Self {
        let expect = Expect { statuses: vec![(low, high)], text: None };
        Self { expect, ..Self::default() }
    }

    pub(super) async fn at(&self, prober: &Prober, url: &str) -> Outcome {
        let url = Url::parse(url).unwrap();
        let target = Target {
            url: &url,
            timeout: self.timeout,
            expect: &self.expect,
            private: self.private,
        };
        prober.probe(&target, self.attempt).await
    }
}

/// Looks the usual way.
pub(super) async fn look(url: &str) -> Outcome {
    Look::default().at(&prober(), url).await
}

/// The outcome is this failure, and its detail has this in it.
#[track_caller]
pub(super) fn failed(outcome: &Outcome, failure: Failure, part: &str) {
    let cause = outcome.cause().unwrap_or_else(|| panic!("it did not fail: {outcome:?}"));
    assert!(cause.failure == failure && cause.detail.contains(part), "{part:?} is not {cause:?}");
}
