//! Detects whether a server that our TLS cannot agree with still speaks what browsers do: RSA key
//! exchange or CBC, with TLS 1.2. It then answers its visitors, though not us.
//!
//! Writes a `ClientHello` itself, and reads as far as the certificates, which come in the clear. All
//! bytes are hostile: nothing is read beyond a bound, and only a valid chain is believed.

use std::io;

use rustls::{
    Error as TlsError,
    pki_types::{CertificateDer, ServerName, UnixTime},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::trust::{Name, Trust};

/// The suites of browsers that our TLS lacks.
const SUITES: [u16; 6] = [0xc013, 0xc014, 0x009c, 0x009d, 0x002f, 0x0035];
/// The signatures that browsers take.
const SIGNATURES: [u16; 8] = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
/// X25519, P-256 and P-384.
const GROUPS: [u16; 3] = [0x001d, 0x0017, 0x0018];
const TLS_1_2: [u8; 2] = [3, 3];
/// Bytes that are read of a server's part of the handshake.
const MAX_HANDSHAKE: usize = 128 * 1024;
/// The certificates of a chain.
const MAX_CHAIN: usize = 16;

/// Says hello; `Ok` when the server agrees and shows a chain that holds.
pub(super) async fn agrees(
    mut stream: TcpStream,
    name: &Name<'_>,
    trust: &Trust,
    now: UnixTime,
) -> io::Result<()> {
    stream.write_all(&hello(name)).await?;
    let mut handshake = Handshake::new(stream);
    let (kind, said) = handshake.message().await?;
    let session = usize::from(*said.get(34).ok_or_else(invalid_data)?);
    let suite = said.get(35 + session..37 + session).ok_or_else(invalid_data)?;
    if kind != 2 || said[..2] != TLS_1_2 || !SUITES.iter().any(|s| s.to_be_bytes() == *suite) {
        return Err(invalid_data());
    }
    let (kind, shown) = handshake.message().await?;
    let chain = if kind == 11 { chain(&shown) } else { None };
    let chain = chain.ok_or_else(invalid_data)?;
    let (leaf, sent) = chain.split_first().ok_or_else(invalid_data)?;
    trust.check(leaf, sent, name, now).map_err(io::Error::other)
}

/// Error of the chain's verification, if it came so far.
pub(super) fn refused(error: &io::Error) -> Option<&TlsError> {
    error.get_ref()?.downcast_ref()
}

fn invalid_data() -> io::Error {
    io::ErrorKind::InvalidData.into()
}

/// A hello of TLS 1.2 (RFC 5246, section 7.4.1.2), in its record.
fn hello(name: &Name<'_>) -> Vec<u8> {
    let mut extensions = Vec::new();
    let mut extend = |kind: u16, content: &[u8]| {
        extensions.extend(kind.to_be_bytes());
        extensions.extend(with_length(content));
    };
    let host = match name {
        Name::Usual(ServerName::DnsName(name)) => Some(name.as_ref()),
        Name::Odd(name) => Some(*name),
        Name::Usual(_) => None,
    };
    if let Some(host) = host {
        extend(0, &with_length(&[&[0][..], &with_length(host.as_bytes())].concat()));
    }
    extend(10, &with_length(&to_bytes(&GROUPS)));
    extend(11, &[1, 0]);
    extend(13, &with_length(&to_bytes(&SIGNATURES)));
    // Extended master secret and secure renegotiation: empty.
    extend(23, &[]);
    extend(0xff01, &[0]);
    let random: [u8; 32] = std::array::from_fn(|_| fastrand::u8(..));
    let hello = [
        &TLS_1_2[..],
        &random,
        // No session; the suites; no compression.
        &[0],
        &with_length(&to_bytes(&SUITES)),
        &[1, 0],
        &with_length(&extensions),
    ]
    .concat();
    let length = (hello.len() as u32).to_be_bytes();
    let message = [&[1][..], &length[1..], &hello].concat();
    [&[22, 3, 1][..], &with_length(&message)].concat()
}

fn to_bytes(all: &[u16]) -> Vec<u8> {
    all.iter().flat_map(|number| number.to_be_bytes()).collect()
}

/// Bytes behind their length.
fn with_length(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u16).to_be_bytes()[..], bytes].concat()
}

/// A server's part of a handshake.
struct Handshake {
    stream: TcpStream,
    buffer: Vec<u8>,
    read: usize,
}

impl Handshake {
    fn new(stream: TcpStream) -> Self {
        Self { stream, buffer: Vec::new(), read: 0 }
    }

    /// The next message: its kind, and what it says.
    async fn message(&mut self) -> io::Result<(u8, Vec<u8>)> {
        loop {
            if let Some((&[kind, a, b, c], rest)) = self.buffer.split_first_chunk() {
                let length = u32::from_be_bytes([0, a, b, c]) as usize;
                if rest.len() >= length {
                    let said = rest[..length].to_vec();
                    self.buffer.drain(..4 + length);
                    return Ok((kind, said));
                }
            }
            self.record().await?;
        }
    }

    /// Reads one more record; anything but a handshake, an alert for example, ends it.
    async fn record(&mut self) -> io::Result<()> {
        let mut head = [0; 5];
        self.stream.read_exact(&mut head).await?;
        let [22, 3, _, a, b] = head else { return Err(invalid_data()) };
        let length = usize::from(u16::from_be_bytes([a, b]));
        self.read += length;
        if length == 0 || self.read > MAX_HANDSHAKE {
            return Err(invalid_data());
        }
        let start = self.buffer.len();
        self.buffer.resize(start + length, 0);
        self.stream.read_exact(&mut self.buffer[start..]).await?;
        Ok(())
    }
}

/// The certificates of a message that shows them.
fn chain(message: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let mut rest = message.get(3..)?;
    let mut chain = Vec::new();
    while let Some((&[a, b, c], after)) = rest.split_first_chunk() {
        let length = u32::from_be_bytes([0, a, b, c]) as usize;
        chain.push(CertificateDer::from(after.get(..length)?.to_vec()));
        rest = &after[length..];
        if chain.len() >= MAX_CHAIN {
            break;
        }
    }
    Some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_tls_reads_the_hello() {
        let name = ServerName::try_from("name.example").unwrap();
        let mut acceptor = rustls::server::Acceptor::default();
        acceptor.read_tls(&mut &hello(&Name::Usual(&name))[..]).unwrap();
        let accepted = acceptor.accept().unwrap().unwrap();
        let hello = accepted.client_hello();
        assert_eq!(hello.server_name(), Some("name.example"));
        let suites: Vec<u16> = hello.cipher_suites().iter().map(|&suite| suite.into()).collect();
        assert_eq!(suites, SUITES);
    }

    #[test]
    fn a_chain_is_read_and_a_broken_one_is_not() {
        let certificate =
            |length: u8| [&[0, 0, length][..], &vec![7; usize::from(length)]].concat();
        let whole = [&[0, 0, 9][..], &certificate(2), &certificate(1)].concat();
        let read = chain(&whole).unwrap();
        assert_eq!(read.iter().map(|der| der.len()).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(chain(&whole[..whole.len() - 1]), None);
        assert_eq!(chain(&[]), None);
    }
}
