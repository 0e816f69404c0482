//! Notifications: the channels, their topics, and the times of their messages. Pure.
//!
//! - [`rule`]: the changes that a channel is notified of, and the time they must have lasted.
//! - [`quiet`]: quiet hours, with their time zone.
//! - [`channel_state`](mod@channel_state): the messages that a channel was sent about a site, and those that are due.

pub mod channel_state;
pub mod quiet;
pub mod rule;

use std::{path::PathBuf, time::Duration};

use url::Url;

use self::rule::Rule;
use super::site_request::Secret;

/// A channel for notifications: its receiver, its topics and its language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Channel {
    /// Its name, 1 to 40 of `a-z`, `0-9`, `-` and `_`; no other channel has it.
    pub name: Box<str>,
    /// Receiver of the messages.
    pub target: Destination,
    /// Rule for what is sent.
    pub rule: Rule,
    /// Tag of the language of its messages.
    pub language: &'static str,
    /// The time that one try may take.
    pub timeout: Duration,
    /// Messages within any minute at most; the others wait.
    pub per_minute: u32,
    /// Time for which a message is retried before it is given up.
    pub retry_for: Duration,
    /// More roots to trust, as PEM.
    pub ca_file: Option<PathBuf>,
}

/// Receiver of messages. Secrets in it print as `***`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// A JSON body, signed as Standard Webhooks are.
    Webhook {
        /// Address it is posted to.
        url: Secret,
        /// The key of the signature: `whsec_` and base64, or a plain text.
        secret: Secret,
    },
    /// A hook that takes Slack's messages (Slack, Mattermost, Rocket.Chat, Discord's `/slack`).
    Slack {
        /// The hook, which is all that is needed to write to it.
        url: Secret,
    },
    /// A topic of an ntfy server.
    Ntfy {
        /// The server.
        server: Url,
        /// The topic; who knows it can read it.
        topic: Secret,
        /// An access token, if the server wants one.
        token: Option<Secret>,
    },
    /// Mail over SMTP.
    Email(Email),
    /// An Apprise API server, which knows a hundred services more.
    Apprise {
        /// The server.
        server: Url,
        /// Receivers behind the API server.
        to: Apprise,
    },
}

impl Destination {
    /// Name of its kind, as in `type`.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Webhook { .. } => "webhook",
            Self::Slack { .. } => "slack",
            Self::Ntfy { .. } => "ntfy",
            Self::Email(_) => "email",
            Self::Apprise { .. } => "apprise",
        }
    }

    /// All its secrets; an error of a receiver may repeat them, so they are removed from logs.
    pub fn secrets(&self) -> Vec<&Secret> {
        match self {
            Self::Webhook { url, secret } => vec![url, secret],
            Self::Slack { url } => vec![url],
            Self::Ntfy { topic, token, .. } => std::iter::once(topic).chain(token).collect(),
            Self::Email(mail) => mail.login.iter().map(|(_, password)| password).collect(),
            Self::Apprise { to: Apprise::Key(secret) | Apprise::Urls(secret), .. } => vec![secret],
        }
    }
}

/// Receivers that an Apprise API server notifies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Apprise {
    /// Configuration stored on the server under this key.
    Key(Secret),
    /// These addresses of Apprise, comma-separated, which it does not keep.
    Urls(Secret),
}

/// Mail over SMTP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    /// The mail server's name.
    pub host: Box<str>,
    /// Its port.
    pub port: u16,
    /// Encryption of the connection.
    pub tls: MailTls,
    /// User and password, if it wants them.
    pub login: Option<(Box<str>, Secret)>,
    /// Sender: `a@b.example` or `Name <a@b.example>`.
    pub from: Box<str>,
    /// Recipients, each written like the sender.
    pub to: Vec<Box<str>>,
}

/// Encryption of a connection to a mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MailTls {
    /// It becomes safe after the greeting, or is given up.
    StartTls,
    /// It is safe from its first byte.
    Implicit,
    /// It is not safe: only to a server on the same machine or in the same closed network.
    None,
}
