//! One question to one name server: over UDP, sent again until an answer comes, and over TCP when
//! the answer is too long for UDP.
//!
//! All that is sent is plain DNS, as the C library does by default: without EDNS, nothing can be
//! refused or dropped because of it, and answers that are too long come over TCP. There is no time
//! limit here; the caller knows how long an answer is of use.

use std::{
    io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use hickory_resolver::proto::{
    ProtoError,
    op::{Message, OpCode, Query, ResponseCode},
    rr::{Name, RecordType},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::{Instant, timeout, timeout_at},
};

use super::names::NoAddress;

/// Silence of a server after which it is asked again, and the next one of the list beside it.
pub(super) const RETRY_AFTER: Duration = Duration::from_millis(500);
/// The time between two questions doubles up to this.
const LONGEST_WAIT: Duration = Duration::from_secs(8);
/// The time that an answer over TCP may take before the part that came over UDP has to do.
const TCP_TIMEOUT: Duration = Duration::from_secs(3);
/// More than fits into a datagram without EDNS, since some servers do not care.
const MAX_DATAGRAM: usize = 4_096;
/// Bytes of the header of a message.
const HEADER_LENGTH: usize = 12;

/// A question as it is sent.
#[derive(Debug)]
pub(super) struct DnsQuery {
    id: u16,
    query: Query,
    bytes: Vec<u8>,
}

impl DnsQuery {
    pub(super) fn new(name: Name, kind: RecordType) -> Result<Self, ProtoError> {
        let mut message = Message::query();
        let query = Query::query(name, kind);
        message.metadata.recursion_desired = true;
        message.add_query(query.clone());
        Ok(Self { id: message.metadata.id, query, bytes: message.to_vec()? })
    }

    pub(super) fn name(&self) -> &Name {
        self.query.name()
    }

    /// The answer in these bytes, unless they answer another question. Unreadable bytes count as a
    /// truncated answer, or as a server that does not understand.
    fn answer(&self, bytes: &[u8]) -> Option<Message> {
        let head = bytes.get(..HEADER_LENGTH)?;
        let (id, is_answer, is_cut) = ([head[0], head[1]], head[2] & 0x80 != 0, head[2] & 2 != 0);
        if id != self.id.to_be_bytes() || !is_answer {
            return None;
        }
        let Ok(message) = Message::from_vec(bytes) else {
            let mut bad = Message::error_msg(self.id, OpCode::Query, ResponseCode::FormErr);
            bad.metadata.truncation = is_cut;
            return Some(bad);
        };
        // Servers that refuse a question do not always repeat it.
        let refused = message.queries.is_empty() && !says_of_name(&message);
        (refused || message.queries == [self.query.clone()]).then_some(message)
    }
}

/// Returns whether a message says something of the name, rather than of the server.
fn says_of_name(message: &Message) -> bool {
    matches!(message.metadata.response_code, ResponseCode::NoError | ResponseCode::NXDomain)
}

/// Answer of a server about a name: its records, that it has none, or that it does not exist.
pub(super) async fn ask(server: SocketAddr, question: &DnsQuery) -> Result<Message, NoAddress> {
    let mut answer = over_udp(server, question).await.map_err(|_| NoAddress::Unreachable)?;
    if answer.metadata.truncation {
        match timeout(TCP_TIMEOUT, over_tcp(server, question)).await {
            Ok(Ok(Some(whole))) => answer = whole,
            // Some of its addresses are addresses.
            _ if answer.answers.is_empty() => return Err(NoAddress::Cut),
            _ => {}
        }
    }
    let said = &answer.metadata;
    if !says_of_name(&answer) {
        return Err(NoAddress::Failed(said.response_code));
    }
    // A server that neither knows the name nor asks others for us has answered nothing.
    let knows = said.authoritative || said.recursion_available || !answer.answers.is_empty();
    if knows { Ok(answer) } else { Err(NoAddress::Lame) }
}

/// Repeats the question until any of the copies is answered.
async fn over_udp(server: SocketAddr, question: &DnsQuery) -> io::Result<Message> {
    let any: SocketAddr = match server {
        SocketAddr::V4(_) => (Ipv4Addr::UNSPECIFIED, 0).into(),
        SocketAddr::V6(_) => (Ipv6Addr::UNSPECIFIED, 0).into(),
    };
    let socket = UdpSocket::bind(any).await?;
    socket.connect(server).await?;
    let mut buffer = vec![0; MAX_DATAGRAM];
    let mut wait = RETRY_AFTER;
    loop {
        socket.send(&question.bytes).await?;
        let again = Instant::now() + wait;
        while let Ok(read) = timeout_at(again, socket.recv(&mut buffer)).await {
            if let Some(answer) = question.answer(&buffer[..read?]) {
                return Ok(answer);
            }
        }
        wait = (wait * 2).min(LONGEST_WAIT);
    }
}

async fn over_tcp(server: SocketAddr, question: &DnsQuery) -> io::Result<Option<Message>> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(question.bytes.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), &question.bytes[..]].concat()).await?;
    let length = stream.read_u16().await?;
    let mut buffer = vec![0; length.into()];
    stream.read_exact(&mut buffer).await?;
    Ok(question.answer(&buffer))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_answer_breaks_its_reader_and_another_question_s_is_none(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
            at in 12_usize..60,
        ) {
            let name = Name::from_ascii("a.example.").unwrap();
            let question = DnsQuery::new(name, RecordType::A).unwrap();
            let _ = question.answer(&bytes);
            // An answer to it that goes wrong somewhere.
            let mut answer = question.bytes.clone();
            answer[2] |= 0x80;
            prop_assert!(question.answer(&answer).is_some());
            answer.splice(at.min(answer.len()).., bytes.iter().copied());
            let _ = question.answer(&answer);
            answer[0] ^= 1;
            prop_assert!(question.answer(&answer).is_none());
        }
    }
}
