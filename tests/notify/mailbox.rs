//! A mail server that keeps what it gets: SMTP with `STARTTLS`, TLS from the first byte or none.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::{
    ServerConfig,
    pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::watch,
    time::timeout,
};
use tokio_rustls::TlsAcceptor;

/// Encryption of its connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Safety {
    None,
    StartTls,
    Implicit,
}

/// Record of a delivery: the commands of a secure connection, and the mail.
#[derive(Clone, Debug, Default)]
pub(crate) struct Mail {
    pub(crate) commands: Vec<String>,
    pub(crate) text: String,
    pub(crate) safe: bool,
}

struct MailboxState {
    mails: Mutex<Vec<Mail>>,
    count: watch::Sender<usize>,
    acceptor: TlsAcceptor,
    safety: Safety,
    /// Its answer to the mail.
    verdict: &'static str,
}

pub(crate) struct Mailbox {
    shared: Arc<MailboxState>,
    pub(crate) port: u16,
    /// Its own certificate, as PEM.
    pub(crate) pem: String,
}

impl Mailbox {
    pub(crate) async fn start(safety: Safety, verdict: &'static str) -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        let (count, _) = watch::channel(0);
        let shared = Arc::new(MailboxState {
            mails: Mutex::default(),
            count,
            acceptor: TlsAcceptor::from(Arc::new(config)),
            safety,
            verdict,
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let serving = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(serving.clone(), stream));
            }
        });
        Self { shared, port, pem: cert.pem() }
    }

    /// Waits until this many mails have come; returns them.
    pub(crate) async fn wait_for(&self, count: usize) -> Vec<Mail> {
        let mut seen = self.shared.count.subscribe();
        let came = timeout(Duration::from_secs(20), seen.wait_for(|seen| *seen >= count)).await;
        assert!(came.is_ok(), "no mail came");
        self.shared.mails.lock().unwrap().clone()
    }
}

async fn serve(shared: Arc<MailboxState>, stream: TcpStream) {
    if shared.safety == Safety::Implicit {
        let Ok(stream) = shared.acceptor.accept(stream).await else { return };
        talk(&shared, BufReader::new(stream), true, true).await;
        return;
    }
    let plain = BufReader::new(stream);
    if let Some(plain) = talk(&shared, plain, false, true).await {
        let Ok(stream) = shared.acceptor.accept(plain.into_inner()).await else { return };
        talk(&shared, BufReader::new(stream), true, false).await;
    }
}

/// Talks until the other side ends, or wants the connection made safe, which is then given back.
async fn talk<S>(
    shared: &MailboxState,
    mut stream: BufReader<S>,
    safe: bool,
    greet: bool,
) -> Option<BufReader<S>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut mail = Mail { safe, ..Mail::default() };
    if greet {
        stream.write_all(b"220 mailbox.example ESMTP\r\n").await.ok()?;
    }
    loop {
        let command = line(&mut stream).await?;
        let word = command.split([' ', ':']).next().unwrap_or_default().to_ascii_uppercase();
        mail.commands.push(command);
        let answer = match word.as_str() {
            "EHLO" if !safe && shared.safety == Safety::StartTls => "250-mailbox\r\n250 STARTTLS",
            "EHLO" => "250-mailbox\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN",
            "STARTTLS" => {
                stream.write_all(b"220 go on\r\n").await.ok()?;
                return Some(stream);
            }
            "AUTH" => "235 welcome",
            "DATA" => {
                stream.write_all(b"354 go on\r\n").await.ok()?;
                while let Some(text) = line(&mut stream).await.filter(|text| text != ".") {
                    mail.text.extend([text.as_str(), "\n"]);
                }
                shared.mails.lock().unwrap().push(mail.clone());
                shared.count.send_modify(|count| *count += 1);
                shared.verdict
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        stream.write_all(format!("{answer}\r\n").as_bytes()).await.ok()?;
    }
}

async fn line(stream: &mut (impl AsyncBufReadExt + Unpin)) -> Option<String> {
    let mut text = String::new();
    let read = stream.read_line(&mut text).await.ok()?;
    (read > 0).then(|| text.trim_end_matches(['\r', '\n']).to_owned())
}
