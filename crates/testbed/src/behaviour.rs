//! The ways in which a server of the testbed can treat its visitors.
//!
//! Plain values: they may be built, cloned and compared anywhere. Must never do anything themselves.

use std::{num::NonZeroU32, time::Duration};

use super::answer::HttpAnswer;
use model::moment::Moment;

/// Behaviour of a host towards connections on both of its ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Answers every request at once.
    Answer(HttpAnswer),
    /// Answers every request after a while.
    AnswerAfter(Duration, HttpAnswer),
    /// Sends the whole answer, status line included, byte by byte with a pause after each.
    Drip(Duration, HttpAnswer),
    /// Accepts, and says nothing ever; on the TLS port the handshake hangs.
    HangAfterAccept,
    /// Reads the request, and says nothing ever.
    HangAfterRequest,
    /// Announces a long answer, sends some of it, and says nothing more.
    HangMidAnswer,
    /// Accepts, and resets the connection at once.
    ResetOnAccept,
    /// Announces a long answer, sends some of it, and resets the connection.
    ResetMidAnswer,
    /// Announces a long answer, sends some of it, and closes in an orderly way.
    CloseMidAnswer,
    /// Reads the request, and closes without an answer.
    CloseAfterRequest,
    /// Nothing listens: connecting is refused.
    Refuse,
    /// Packets that ask for a connection are dropped: connecting takes forever.
    Blackhole,
    /// Answers well, with such a certificate on the TLS port.
    Certificate(Certificate),
    /// Speaks plain HTTP on the TLS port as well.
    PlainHttpOnTls,
    /// Answers with bytes that are not HTTP.
    NotHttp,
    /// Well, but every so-manieth connection meets the other behaviour.
    Flaky {
        /// Period of the failing connections: 3 means the third, the sixth and so on.
        every: NonZeroU32,
        /// Behaviour towards those. Ports stay open: a refusal appears as a reset.
        with: Box<Behaviour>,
    },
}

/// Certificate of the TLS port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificate {
    /// The host's name, signed by the testbed's authority, 90 days to go.
    #[default]
    Good,
    /// Signed by the testbed's authority, for another name.
    WrongName,
    /// The host's name, signed by the testbed's authority, ended yesterday.
    Expired,
    /// For the host's name, self-signed.
    SelfSigned,
    /// Good, with this many days left.
    ExpiresSoon(u32),
    /// Good until this moment.
    Ends(Moment),
    /// One and the same for every name, signed by an unknown authority: that of a box on the way.
    OfABox,
}

/// State of a listening port.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    /// Accepting.
    Open,
    /// Nothing listens.
    Closed,
    /// Listening with a full queue that is never emptied.
    Full,
}

impl Behaviour {
    /// Status 200 and a small page.
    pub fn ok() -> Self {
        Self::Answer(HttpAnswer::ok())
    }

    /// Such a status and a small page.
    pub fn status(status: u16) -> Self {
        Self::Answer(HttpAnswer::status(status))
    }

    pub(super) fn stance(&self) -> Stance {
        match self {
            Self::Refuse => Stance::Closed,
            Self::Blackhole => Stance::Full,
            _ => Stance::Open,
        }
    }

    /// Certificate that it has of its own.
    pub(super) fn certificate(&self) -> Option<Certificate> {
        match self {
            Self::Certificate(kind) => Some(*kind),
            _ => None,
        }
    }

    /// Delay and answer of the behaviours that keep to the protocol.
    pub(super) fn well_formed(&self) -> Option<(Duration, HttpAnswer)> {
        match self {
            Self::Answer(answer) => Some((Duration::ZERO, answer.clone())),
            Self::AnswerAfter(pause, answer) => Some((*pause, answer.clone())),
            Self::Certificate(_) | Self::PlainHttpOnTls | Self::Flaky { .. } => {
                Some((Duration::ZERO, HttpAnswer::ok()))
            }
            _ => None,
        }
    }
}
