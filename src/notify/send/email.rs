//! Mail over SMTP.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Tokio1Executor,
    message::{Mailbox, header},
    transport::smtp::{
        authentication::Credentials,
        client::{Certificate, Tls, TlsParameters},
    },
};
use url::Url;

use super::Sent;
use crate::{
    http_client::{pem, with_sources},
    notify::message::Message,
};
use model::{
    moment::Moment,
    notification::{Email, MailTls},
};

/// Sites that are listed.
const MAX_LINES: usize = 100;

/// Sends mail.
#[derive(Debug)]
pub(super) struct Mailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    to: Vec<Mailbox>,
    /// Host part of message ids.
    host: String,
}

impl Mailer {
    pub(super) fn new(
        mail: &Email,
        ca_file: Option<&Path>,
        timeout: Duration,
        public_url: &Url,
    ) -> Result<Self, String> {
        let mailbox = |text: &str| {
            text.parse::<Mailbox>().map_err(|error| format!("{text} is no mail address: {error}"))
        };
        let mut transport = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&*mail.host)
            .port(mail.port)
            .timeout(Some(timeout));
        if mail.tls != MailTls::None {
            let parameters = tls(&mail.host, ca_file)?;
            transport = transport.tls(match mail.tls {
                MailTls::Implicit => Tls::Wrapper(parameters),
                _ => Tls::Required(parameters),
            });
        }
        if let Some((user, password)) = &mail.login {
            let login = Credentials::new(user.to_string(), password.expose().to_owned());
            transport = transport.credentials(login);
        }
        Ok(Self {
            transport: transport.build(),
            from: mailbox(&mail.from)?,
            to: mail.to.iter().map(|to| mailbox(to)).collect::<Result<_, _>>()?,
            host: public_url.host_str().unwrap_or("localhost").trim_matches(['[', ']']).to_owned(),
        })
    }

    pub(super) async fn send(&self, id: &str, message: &Message, now: Moment) -> Sent {
        let mail = match self.write(id, message, now) {
            Ok(mail) => mail,
            Err(error) => return Sent::failed(format!("the mail cannot be written: {error}")),
        };
        match self.transport.send(mail).await {
            Ok(response) => {
                let said: Vec<&str> = response.message().collect();
                Sent::Arrived(
                    format!("SMTP {} {}", response.code(), said.join(" ")).trim_end().to_owned(),
                )
            }
            Err(error) => {
                let secret = error.status().is_some_and(|code| code.to_string() == "535");
                let why = if secret { "the user or the password is wrong: " } else { "" };
                Sent::failed(with_sources(format!("{why}{error}"), &error))
            }
        }
    }

    fn write(
        &self,
        id: &str,
        message: &Message,
        now: Moment,
    ) -> Result<lettre::Message, lettre::error::Error> {
        let mut mail = lettre::Message::builder()
            .from(self.from.clone())
            .subject(message.data.title.clone())
            .message_id(Some(format!("<{id}@{}>", self.host)))
            .date(SystemTime::try_from(now.to_timestamp()).unwrap_or(SystemTime::UNIX_EPOCH))
            // Keeps automatic replies away.
            .header(Automatic)
            .header(header::ContentType::TEXT_PLAIN);
        for to in &self.to {
            mail = mail.to(to.clone());
        }
        mail.body(message.text(MAX_LINES))
    }
}

fn tls(host: &str, ca_file: Option<&Path>) -> Result<TlsParameters, String> {
    let mut parameters = TlsParameters::builder(host.to_owned());
    if let Some(path) = ca_file {
        let certificate = Certificate::from_pem(&pem(path)?);
        let certificate = certificate.map_err(|error| format!("{}: {error}", path.display()))?;
        parameters = parameters.add_root_certificate(certificate);
    }
    parameters.build_rustls().map_err(|error| error.to_string())
}

/// `Auto-Submitted: auto-generated` (RFC 3834).
#[derive(Clone, Copy, Debug)]
struct Automatic;

impl header::Header for Automatic {
    fn name() -> header::HeaderName {
        header::HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> header::HeaderValue {
        header::HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
