//! The bed's nameserver, over UDP and TCP on one port of 127.0.0.1.
//!
//! Answers for the names of the bed and their aliases; every other name does not exist. Must
//! never ask another nameserver.

use std::{
    collections::HashMap, io, net::Ipv4Addr, net::SocketAddr, pin::Pin, sync::Arc, time::Duration,
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

use super::zone::{Reply, Zone};

/// The zones of one bed by name.
pub(super) type Zones = watch::Sender<HashMap<String, Arc<Zone>>>;

const TCP_IDLE: Duration = Duration::from_secs(10);
const TCP_BUFFER: usize = 64;
/// The kernel chooses the UDP port; the same TCP port is nearly always free.
const TRIES: usize = 20;

/// Answers from the zones.
pub(super) struct Nameserver {
    zones: Arc<Zones>,
}

/// Starts a nameserver that answers from `zones` until it is dropped.
pub(super) async fn start(zones: Arc<Zones>) -> io::Result<(SocketAddr, Server<Nameserver>)> {
    let (udp, tcp) = sockets().await?;
    let at = udp.local_addr()?;
    let mut server = Server::new(Nameserver { zones });
    server.register_socket(udp);
    server.register_listener(tcp, TCP_IDLE, TCP_BUFFER);
    Ok((at, server))
}

async fn sockets() -> io::Result<(UdpSocket, TcpListener)> {
    let mut failure = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..TRIES {
        let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        match TcpListener::bind(udp.local_addr()?).await {
            Ok(tcp) => return Ok((udp, tcp)),
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

impl Nameserver {
    fn reply(&self, request: &Request) -> Reply {
        let Ok(info) = request.request_info() else {
            return Reply::code(ResponseCode::FormErr);
        };
        let name = info.query.name().to_ascii();
        let name = name.trim_end_matches('.');
        let zone = {
            let zones = self.zones.borrow();
            let by_name = zones.get(name);
            by_name.or_else(|| zones.values().find(|zone| zone.knows(name))).cloned()
        };
        zone.map_or(Reply::code(ResponseCode::NXDomain), |zone| {
            zone.answer(name, info.query.query_type())
        })
    }

    async fn respond<R: ResponseHandler>(&self, request: &Request, mut handle: R) -> ResponseInfo {
        let reply = self.reply(request);
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

impl RequestHandler for Nameserver {
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
