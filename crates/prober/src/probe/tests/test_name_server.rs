//! A small name server on loopback.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use hickory_resolver::proto::{
    op::{Message, OpCode, ResponseCode},
    rr::{Name, RData, Record, RecordType, rdata},
};
use tokio::{net::UdpSocket, time::sleep};

/// Answer of a name server.
#[derive(Clone, Debug)]
pub(super) enum Says {
    Records(Vec<RData>),
    Code(ResponseCode),
    /// Aliases that lead to a name that does not exist.
    Dangling(Vec<RData>),
    Nothing,
    /// Records in an answer marked as truncated, over UDP only.
    Cut(Vec<RData>),
    /// Bytes that begin like an answer.
    Garbage,
    /// An empty answer from a server that does not recurse and does not have the zone.
    Lame,
}

pub(super) fn a(address: &str) -> RData {
    RData::A(rdata::A(address.parse().unwrap()))
}

pub(super) fn aaaa(address: &str) -> RData {
    RData::AAAA(rdata::AAAA(address.parse().unwrap()))
}

pub(super) fn alias(name: &str) -> RData {
    let name = Name::from_ascii(format!("{name}.")).unwrap();
    RData::CNAME(rdata::CNAME(name))
}

/// A name server; it is asked for a name (without its last dot) and a type.
pub(super) async fn names(says: impl Fn(&str, RecordType) -> Says + Send + 'static) -> SocketAddr {
    late_names(Duration::ZERO, says).await
}

/// A name server that says it so much later.
pub(super) async fn late_names(
    late: Duration,
    says: impl Fn(&str, RecordType) -> Says + Send + 'static,
) -> SocketAddr {
    let socket = Arc::new(UdpSocket::bind("127.0.0.1:0").await.unwrap());
    let at = socket.local_addr().unwrap();
    tokio::spawn(async move {
        let mut buffer = [0; 1500];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let asked = Message::from_vec(&buffer[..length]).unwrap();
            if let Some(reply) = name_reply(&asked, &says) {
                let socket = Arc::clone(&socket);
                tokio::spawn(async move {
                    sleep(late).await;
                    socket.send_to(&reply, from).await.ok();
                });
            }
        }
    });
    at
}

fn name_reply(asked: &Message, says: impl Fn(&str, RecordType) -> Says) -> Option<Vec<u8>> {
    let query = asked.queries[0].clone();
    let mut owner = query.name().clone();
    let mut said = says(owner.to_ascii().trim_end_matches('.'), query.query_type());
    let mut reply = Message::response(asked.metadata.id, OpCode::Query);
    if let Says::Dangling(aliases) = said {
        reply.metadata.response_code = ResponseCode::NXDomain;
        said = Says::Records(aliases);
    }
    reply.metadata.recursion_desired = true;
    reply.metadata.recursion_available = true;
    reply.add_query(query);
    match said {
        Says::Nothing => return None,
        Says::Garbage => return Some([&reply.to_vec().unwrap()[..12], &[0xff; 30]].concat()),
        Says::Lame => reply.metadata.recursion_available = false,
        Says::Cut(records) => {
            reply.metadata.truncation = true;
            for data in records {
                reply.add_answer(Record::from_rdata(owner.clone(), 60, data));
            }
        }
        Says::Code(code) => reply.metadata.response_code = code,
        Says::Records(records) | Says::Dangling(records) => {
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
    late_at(address, Duration::ZERO).await
}

/// The same, after this delay.
pub(super) async fn late_at(address: &'static str, late: Duration) -> SocketAddr {
    late_names(late, move |_, kind| match kind {
        RecordType::A => Says::Records(vec![a(address)]),
        _ => Says::Records(Vec::new()),
    })
    .await
}
