//! A nameserver of the testbed, over UDP and TCP on one port of 127.0.0.1.
//!
//! Answers for the names of the testbed and their aliases, and for the root; every other name does not
//! exist. Must never ask another nameserver.

use std::{
    collections::HashMap,
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use hickory_server::{
    Server,
    net::runtime::Time,
    proto::op::{Edns, Header, HeaderCounts, Metadata, ResponseCode},
    server::{Request, RequestHandler, ResponseHandler, ResponseInfo},
    zone_handler::MessageResponseBuilder,
};
use tokio::{
    net::{TcpListener, UdpSocket},
    sync::watch,
    time,
};

use super::zone::{DnsReply, Zone};
use crate::dns_answers::{DnsAnswers, NameserverBehaviour};

/// The zones of one testbed by name.
pub(super) type Zones = watch::Sender<HashMap<String, Arc<Zone>>>;

const TCP_IDLE: Duration = Duration::from_secs(10);
const TCP_QUEUE: usize = 64;
/// Tries for a UDP port chosen by the kernel whose TCP port is free too; it nearly always is.
const MAX_TRIES: usize = 20;

/// A nameserver of the testbed, which ends when this is dropped.
pub struct Nameserver {
    at: SocketAddr,
    shared: Arc<NameserverState>,
    _server: Server<Handler>,
}

struct NameserverState {
    zones: Arc<Zones>,
    manner: watch::Sender<NameserverBehaviour>,
    questions: AtomicU64,
}

struct Handler(Arc<NameserverState>);

impl Nameserver {
    /// Starts a nameserver that answers from `zones`.
    pub(super) async fn start(zones: Arc<Zones>) -> io::Result<Self> {
        let (udp, tcp) = sockets().await?;
        let at = udp.local_addr()?;
        let (manner, questions) =
            (watch::Sender::new(NameserverBehaviour::Good), AtomicU64::new(0));
        let shared = Arc::new(NameserverState { zones, manner, questions });
        let mut server = Server::new(Handler(shared.clone()));
        server.register_socket(udp);
        server.register_listener(tcp, TCP_IDLE, TCP_QUEUE);
        Ok(Self { at, shared, _server: server })
    }

    /// Its address, over UDP and TCP.
    pub fn at(&self) -> SocketAddr {
        self.at
    }

    /// Sets the behaviour towards all questions from now on.
    pub fn behave(&self, manner: NameserverBehaviour) {
        self.shared.manner.send_replace(manner);
    }

    /// Number of questions received.
    pub fn questions(&self) -> u64 {
        self.shared.questions.load(Relaxed)
    }
}

impl fmt::Debug for Nameserver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Nameserver").field("at", &self.at).finish_non_exhaustive()
    }
}

async fn sockets() -> io::Result<(UdpSocket, TcpListener)> {
    let mut failure = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..MAX_TRIES {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

impl NameserverState {
    fn reply(&self, request: &Request) -> DnsReply {
        let number = self.questions.fetch_add(1, Relaxed) + 1;
        let manner = self.manner.borrow().clone();
        self.by(&manner, request, number)
    }

    fn by(&self, manner: &NameserverBehaviour, request: &Request, number: u64) -> DnsReply {
        match manner {
            NameserverBehaviour::Says(names) => self.say(request, Some(names)),
            NameserverBehaviour::Edns(names) if request.edns.is_some() => {
                self.say(request, Some(names))
            }
            NameserverBehaviour::Loses(every) if number.is_multiple_of(u64::from(every.get())) => {
                self.say(request, Some(&DnsAnswers::Silence))
            }
            NameserverBehaviour::After(pause, then) => {
                let reply = self.by(then, request, number);
                DnsReply { pause: reply.pause + *pause, ..reply }
            }
            NameserverBehaviour::Good
            | NameserverBehaviour::Edns(_)
            | NameserverBehaviour::Loses(_) => self.say(request, None),
        }
    }

    fn say(&self, request: &Request, instead: Option<&DnsAnswers>) -> DnsReply {
        let Ok(info) = request.request_info() else {
            return DnsReply::code(ResponseCode::FormErr);
        };
        let kind = info.query.query_type();
        let name = info.query.name().to_ascii();
        let name = name.trim_end_matches('.');
        let zone = {
            let zones = self.zones.borrow();
            let by_name = zones.get(name);
            by_name.or_else(|| zones.values().find(|zone| zone.knows(name))).cloned()
        };
        match (zone, instead) {
            (Some(zone), _) => zone.answer(name, kind, instead),
            (None, Some(names)) => DnsReply::to(names, name, kind),
            (None, None) if name.is_empty() => DnsReply::root(kind),
            (None, None) => DnsReply::code(ResponseCode::NXDomain),
        }
    }
}

impl Handler {
    async fn respond<R: ResponseHandler>(&self, request: &Request, mut handle: R) -> ResponseInfo {
        let reply = self.0.reply(request);
        let mut metadata = Metadata::response_from_request(&request.metadata);
        metadata.authoritative = true;
        metadata.recursion_available = true;
        metadata.response_code = reply.code;
        let unsent = Header { metadata, counts: HeaderCounts::default() };
        time::sleep(reply.pause).await;
        if reply.silent {
            return unsent.into();
        }
        let edns = request.edns.as_ref().map(|_| {
            let mut edns = Edns::new();
            edns.set_max_payload(1232).set_version(0);
            edns
        });
        let mut builder = MessageResponseBuilder::from_message_request(request);
        if let Some(edns) = &edns {
            builder.edns(edns);
        }
        let response = builder.build(metadata, &reply.records, [], [], []);
        handle.send_response(response).await.unwrap_or_else(|_| unsent.into())
    }
}

impl RequestHandler for Handler {
    // Written out as `#[async_trait]` would write it.
    fn handle_request<'a, 'b, 'async_trait, R, T>(
        &'a self,
        request: &'b Request,
        response_handle: R,
    ) -> Pin<Box<dyn Future<Output = ResponseInfo> + Send + 'async_trait>>
    where
        R: ResponseHandler + 'async_trait,
        T: Time + 'async_trait,
        'a: 'async_trait,
        'b: 'async_trait,
        Self: 'async_trait,
    {
        Box::pin(self.respond(request, response_handle))
    }
}
