//! Sending one message to one receiver, once.
//!
//! Receivers are the operator's own, so they may be at private addresses. No redirect is followed,
//! no more than a little of an answer is read, and everything has a deadline.

mod chat;
mod email;
mod http;
mod webhook;

use std::time::Duration;

use url::Url;

use self::{email::Mailer, http::Http};
use super::message::Message;
use crate::i18n::Lang;
use model::{
    moment::Moment,
    notification::{Channel, Destination},
};
use prober::clock::Clock;

/// Result of sending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The receiver accepted it, with this answer.
    Arrived(String),
    /// It was refused, or the result is unknown.
    Failed {
        /// The receiver's answer, or the error.
        answer: String,
        /// Wait that the receiver asks for.
        wait: Duration,
    },
    /// The receiver says that it is there no more, and never will be.
    Gone(String),
}

/// Letters of an answer that are shown.
const MAX_SHOWN: usize = 160;

impl Sent {
    /// The same with its answer in another form.
    fn map(self, change: impl FnOnce(String) -> String) -> Self {
        match self {
            Self::Arrived(answer) => Self::Arrived(change(answer)),
            Self::Failed { answer, wait } => Self::Failed { answer: change(answer), wait },
            Self::Gone(answer) => Self::Gone(change(answer)),
        }
    }

    fn failed(answer: impl Into<String>) -> Self {
        Self::Failed { answer: answer.into(), wait: Duration::ZERO }
    }
}

/// Reason why a channel cannot be used at all.
#[derive(Debug, thiserror::Error)]
#[error("notify \"{channel}\": {text}")]
pub struct ChannelError {
    channel: Box<str>,
    text: String,
}

/// Sends the messages of one channel.
#[derive(Debug)]
pub struct Sender {
    channel: Channel,
    way: Transport,
}

#[derive(Debug)]
enum Transport {
    Http(Http),
    Mail(Box<Mailer>),
}

impl Sender {
    /// A sender for this channel; `public_url` stands in its User-Agent. Nothing is sent yet.
    ///
    /// # Errors
    /// Fails when its certificates cannot be read, or a fixed part of its messages is invalid.
    pub fn new(channel: Channel, public_url: &Url) -> Result<Self, ChannelError> {
        let ca_file = channel.ca_file.as_deref();
        let way = match &channel.target {
            Destination::Email(mail) => Mailer::new(mail, ca_file, channel.timeout, public_url)
                .map(|mailer| Transport::Mail(Box::new(mailer))),
            _ => Http::new(ca_file, public_url).map(Transport::Http),
        };
        match way {
            Ok(way) => Ok(Self { channel, way }),
            Err(text) => Err(ChannelError { channel: channel.name, text }),
        }
    }

    /// The channel.
    pub fn channel(&self) -> &Channel {
        &self.channel
    }

    /// Sends a message; the receiver recognises repeats by its id.
    pub(super) async fn send(&self, id: &str, message: &Message, now: Moment) -> Sent {
        let send = async {
            match (&self.channel.target, &self.way) {
                (_, Transport::Mail(mailer)) => mailer.send(id, message, now).await,
                (Destination::Webhook { url, secret }, Transport::Http(http)) => {
                    webhook::send(http, url, secret, id, message, now).await
                }
                (Destination::Slack { url }, Transport::Http(http)) => {
                    chat::slack(http, url, message).await
                }
                (Destination::Ntfy { server, topic, token }, Transport::Http(http)) => {
                    chat::ntfy(http, server, topic, token.as_ref(), message).await
                }
                (Destination::Apprise { server, to }, Transport::Http(http)) => {
                    chat::apprise(http, server, to, message).await
                }
                (Destination::Email(_), Transport::Http(_)) => {
                    Sent::failed("there is no way to send mail")
                }
            }
        };
        let limit = self.channel.timeout;
        let silent = |_| Sent::failed(format!("no answer within {} s", limit.as_secs()));
        let came = tokio::time::timeout(limit, send).await;
        came.unwrap_or_else(silent).map(|answer| self.shown(answer))
    }

    /// An answer on one short line, without the secrets that a receiver may repeat.
    fn shown(&self, mut answer: String) -> String {
        for secret in self.channel.target.secrets() {
            answer = answer.replace(secret.expose(), "***");
        }
        answer.chars().map(|c| if c.is_control() { ' ' } else { c }).take(MAX_SHOWN).collect()
    }
}

/// Sends a test message, once, past rules and store; returns the receiver's answer.
///
/// # Errors
/// The reason why it did not arrive, in words.
pub async fn trial(sender: &Sender, public_url: &Url, clock: &Clock) -> Result<String, String> {
    let (now, lang) = (clock.now(), Lang::of_tag(sender.channel().language).unwrap_or_default());
    let message = Message::test(lang, &sender.channel().name, public_url.to_string(), now);
    let id = format!("test-{:016x}", fastrand::u64(..));
    match sender.send(&id, &message, now).await {
        Sent::Arrived(answer) => Ok(answer),
        Sent::Failed { answer, .. } | Sent::Gone(answer) => Err(answer),
    }
}
