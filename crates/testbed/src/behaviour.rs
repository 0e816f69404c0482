//! The ways in which a server of the testbed can treat its visitors.
//!
//! Plain values: they may be built, cloned and compared anywhere. Must never do anything themselves.

use std::{num::NonZeroU32, time::Duration};

use super::answer::HttpAnswer;
use model::moment::Moment;

/// The way a host treats connections on both of its ports.
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
    /// Reads the request, and closes without a word.
    CloseAfterRequest,
    /// Nobody listens: connecting is refused.
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
        /// Which connections fail: 3 means the third, the sixth and so on.
        every: NonZeroU32,
        /// What those meet. Doors stay open: a refusal is shown as a reset.
        with: Box<Behaviour>,
    },
}

/// What the TLS port shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Certificate {
    /// The host's name, signed by the testbed's authority, 90 days to go.
    #[default]
    Good,
    /// Signed by the testbed's authority, for another name.
    WrongName,
    /// The host's name, signed by the testbed's authority, ended yesterday.
    Expired,
    /// The host's name, signed by itself.
    SelfSigned,
    /// Good, with so many days to go.
    ExpiresSoon(u32),
    /// Good until this moment.
    Ends(Moment),
    /// One and the same for every name, signed by nobody known: that of a box on the way.
    OfABox,
}

/// Whether a door lets anybody in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stance {
    /// Accepting.
    Open,
    /// Nobody listens.
    Closed,
    /// Listening with a full queue that nobody empties.
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

    pub(super) fn certificate(&self) -> Certificate {
        match self {
            Self::Certificate(kind) => *kind,
            _ => Certificate::Good,
        }
    }

    /// The answer and its delay, for the behaviours that keep to the protocol.
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
