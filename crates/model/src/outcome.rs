//! Outcome of a probe: a reply, or a failure by type, with the phases of the final attempt.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::{
    failure_detail::FailureDetail, moment::Moment, note::Observations, restriction::Restriction,
};

/// Kind of failure. A closed list; the words are part of the public contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[repr(u8)]
pub enum Failure {
    /// The name could not be turned into an address.
    Dns = 1,
    /// No connection: refused, or unreachable.
    Connect = 2,
    /// The connection could not be made safe; an expired or wrong certificate is here.
    Tls = 3,
    /// It took longer than the site's limit, or there was no answer to the connection at all.
    Timeout = 4,
    /// The server ended the connection before the reply was whole.
    Reset = 5,
    /// The answer was not HTTP.
    Protocol = 6,
    /// Too many redirects, a loop, or one to where we do not go.
    Redirect = 7,
    /// A status outside what the site expects.
    Http = 8,
    /// The body was not what the site expects, or could not be decoded.
    Body = 9,
}

impl Failure {
    /// Every failure, in the order of the plan.
    pub const ALL: [Self; 9] = [
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::Reset,
        Self::Protocol,
        Self::Redirect,
        Self::Http,
        Self::Body,
    ];

    /// Name in the API.
    pub fn word(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Reset => "reset",
            Self::Protocol => "protocol",
            Self::Redirect => "redirect",
            Self::Http => "http",
            Self::Body => "body",
        }
    }

    /// The failure with this number, as Postgres keeps it.
    pub fn from_number(number: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|f| *f as u8 == number)
    }
}

/// A failure and what exactly went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Kind of failure.
    pub failure: Failure,
    /// Details of it.
    pub detail: FailureDetail,
}

impl Cause {
    /// The cause with this detail.
    pub fn new(failure: Failure, detail: impl Into<FailureDetail>) -> Self {
        Self { failure, detail: detail.into() }
    }

    /// A status that is not good.
    pub fn http_status(status: u16) -> Self {
        Self::new(Failure::Http, FailureDetail::http_status(status))
    }

    /// The kind of failure, and the HTTP status that it was.
    pub fn kind(&self) -> (Failure, Option<u16>) {
        (self.failure, self.detail.status())
    }

    /// A cause from a record, which keeps the words: the status of a reply says more than they do.
    pub fn of_record(failure: Failure, status: Option<u16>, words: &str) -> Self {
        match status {
            Some(status)
                if failure == Failure::Http && words.starts_with(&format!("HTTP {status}")) =>
            {
                Self::http_status(status)
            }
            _ => Self::new(failure, words),
        }
    }
}

/// Duration of each part of the final attempt, in microseconds; `None` where it was not reached or
/// not needed (no look-up for an address, no TLS for plain HTTP).
///
/// Redirects are part of the attempt: each phase is the sum over its hops.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phases {
    /// Looking the name up.
    pub dns: Option<u32>,
    /// Opening the TCP connection.
    pub connect: Option<u32>,
    /// The TLS handshake.
    pub tls: Option<u32>,
    /// From the request sent to the first byte of the reply.
    pub wait: Option<u32>,
    /// From the first byte to the end of what we read.
    pub transfer: Option<u32>,
}

impl Phases {
    /// Latency: the sum of the phases, in microseconds; `None` when no phase was reached.
    pub fn latency(&self) -> Option<u32> {
        self.parts().into_iter().flatten().reduce(u32::saturating_add)
    }

    /// The five phases in their order in time.
    pub fn parts(&self) -> [Option<u32>; 5] {
        [self.dns, self.connect, self.tls, self.wait, self.transfer]
    }
}

/// The server's answer, judged by what the site expects.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Answer {
    /// A good reply.
    Ok,
    /// The server answers but turns robots away, with the evidence for it. Blocked is not down.
    Restricted(Restriction),
    /// No good reply, and why.
    Failed(Cause),
}

/// The HTTP version of a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HttpVersion {
    /// HTTP/1.0 or older.
    Http10,
    /// HTTP/1.1.
    Http11,
    /// HTTP/2.
    Http2,
}

impl HttpVersion {
    /// Its number, as people write it after `HTTP/`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Http10 => "1.0",
            Self::Http11 => "1.1",
            Self::Http2 => "2",
        }
    }
}

/// Farthest point that a failed attempt reached: evidence about our own network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reached {
    /// Nothing answered that we know of.
    #[default]
    Nothing,
    /// A name server answered, even if only that there is no such name.
    NameServer,
    /// A machine at the address answered, even if only with a refusal.
    Machine,
}

/// Traces of the final attempt; kept for the last check of a site only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Traces {
    /// Remote address of the last connection.
    #[serde(skip_serializing_if = "is_default")]
    pub address: Option<IpAddr>,
    /// Every address that the last name had.
    #[serde(skip_serializing_if = "is_default")]
    pub addresses: Vec<IpAddr>,
    /// The names that the last name was an alias of, in order.
    #[serde(skip_serializing_if = "is_default")]
    pub cnames: Vec<Box<str>>,
    /// The HTTP version of the reply.
    #[serde(skip_serializing_if = "is_default")]
    pub http_version: Option<HttpVersion>,
    /// The moment when the server's own certificate ends.
    #[serde(skip_serializing_if = "is_default")]
    pub certificate_expires_at: Option<Moment>,
    /// The moment when it begins.
    #[serde(skip_serializing_if = "is_default")]
    pub certificate_begins_at: Option<Moment>,
    /// The organisation that issued it.
    #[serde(skip_serializing_if = "is_default")]
    pub issuer: Option<Box<str>>,
    /// A fingerprint of it, also where it was refused; 0 where none was shown.
    #[serde(skip_serializing_if = "is_default")]
    pub certificate_print: u64,
    /// A fingerprint of the last reply: its status and the beginning of its page, the same for all
    /// sites that show the same; 0 without a reply.
    #[serde(skip_serializing_if = "is_default")]
    pub answer_print: u64,
    /// URL that the redirects led to, if there were any.
    #[serde(skip_serializing_if = "is_default")]
    pub final_url: Option<Box<str>>,
    /// Number of redirects followed.
    #[serde(skip_serializing_if = "is_default")]
    pub redirects: u8,
    /// Farthest point of a failed attempt, where its phases do not show it.
    #[serde(skip_serializing_if = "is_default")]
    pub reached: Reached,
    /// Headers that betray the provider (`server`, `via`, `cf-ray` …), names in lower case.
    #[serde(skip_serializing_if = "is_default")]
    pub hints: Vec<(Box<str>, Box<str>)>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Traces {
    /// Returns whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Outcome of a probe. A probe cannot fail: it returns one of these.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// Good, restricted, or failed and why.
    pub answer: Answer,
    /// The status of the last reply, if there was one, however the attempt ended.
    pub http_status: Option<u16>,
    /// The parts of its time.
    pub phases: Phases,
    /// Traces of the attempt; shown while it is the last, never written down.
    #[serde(skip)]
    pub traces: Box<Traces>,
    /// Further observations, of which the judge makes notes.
    #[serde(default, skip_serializing_if = "is_nothing")]
    pub observed: Box<Observations>,
}

fn is_nothing(observed: &Observations) -> bool {
    observed.is_empty()
}

impl Outcome {
    /// Cause of the failure, if it failed.
    pub fn cause(&self) -> Option<&Cause> {
        match &self.answer {
            Answer::Failed(cause) => Some(cause),
            Answer::Ok | Answer::Restricted(_) => None,
        }
    }

    /// Returns whether robots were turned away.
    pub fn restricted(&self) -> bool {
        matches!(self.answer, Answer::Restricted(_))
    }

    /// Reason for calling the site restricted, if it is.
    pub fn restriction(&self) -> Option<&Restriction> {
        match &self.answer {
            Answer::Restricted(restriction) => Some(restriction),
            Answer::Ok | Answer::Failed(_) => None,
        }
    }

    /// Farthest point reached. Failures that need an answer imply that a machine was reached.
    pub fn reached(&self) -> Reached {
        let Some(cause) = self.cause() else { return Reached::Machine };
        match cause.failure {
            Failure::Dns => self.traces.reached.min(Reached::NameServer),
            Failure::Connect | Failure::Timeout => {
                let connected = self.phases.tls.is_some() || self.phases.wait.is_some();
                if connected { Reached::Machine } else { self.traces.reached }
            }
            _ => Reached::Machine,
        }
    }

    /// Returns whether our own machine, or the network that it is in, did not let the attempt through: that says
    /// nothing of the site.
    pub fn is_our_own_failure(&self) -> bool {
        use FailureDetail::{NetworkLoginRequired, NoFileLeft};
        self.cause().is_some_and(|cause| {
            matches!(cause.detail.place().0, NoFileLeft | NetworkLoginRequired)
        })
    }

    /// Returns whether it may be the doing of a prober that was late itself: its own patience ran out,
    /// or the server's with it. A refusal, an error or a wrong page is the site's, however late we are.
    pub fn may_be_our_lateness(&self) -> bool {
        self.cause().is_some_and(|cause| match cause.failure {
            Failure::Timeout | Failure::Reset => true,
            Failure::Dns => self.reached() == Reached::Nothing,
            _ => false,
        })
    }

    /// An outcome that failed before any reply and any phase.
    pub fn failed(failure: Failure, detail: impl Into<FailureDetail>) -> Self {
        Self {
            answer: Answer::Failed(Cause::new(failure, detail)),
            http_status: None,
            phases: Phases::default(),
            traces: Box::default(),
            observed: Box::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latency_is_the_sum_of_the_phases_that_were_reached() {
        assert_eq!(Phases::default().latency(), None);
        let phases = Phases { connect: Some(2), wait: Some(u32::MAX), ..Phases::default() };
        assert_eq!(phases.latency(), Some(u32::MAX));
    }

    #[test]
    fn only_the_lack_of_open_files_and_a_network_that_wants_a_login_are_our_own_failures() {
        for (detail, ours) in [
            (FailureDetail::NoFileLeft, true),
            (FailureDetail::NetworkLoginRequired, true),
            (FailureDetail::http_status(511), false),
            (FailureDetail::ConnectionFailed, false),
            (FailureDetail::OsError { message: "Invalid argument".into() }, false),
        ] {
            assert_eq!(Outcome::failed(Failure::Connect, detail).is_our_own_failure(), ours);
        }
    }

    #[test]
    fn only_what_time_decides_may_be_our_lateness() {
        for failure in Failure::ALL {
            let may = matches!(failure, Failure::Timeout | Failure::Reset | Failure::Dns);
            assert_eq!(Outcome::failed(failure, "as told").may_be_our_lateness(), may);
        }
        let mut unknown = Outcome::failed(Failure::Dns, FailureDetail::NoSuchName);
        unknown.traces.reached = Reached::NameServer;
        assert!(!unknown.may_be_our_lateness(), "a name server said so");
    }

    #[test]
    fn failures_keep_their_numbers_and_words() {
        for failure in Failure::ALL {
            assert_eq!(Failure::from_number(failure as u8), Some(failure));
            let json = serde_json::to_string(&failure).unwrap();
            assert_eq!(json, format!("\"{}\"", failure.word()));
        }
        assert_eq!(Failure::from_number(0), None);
    }
}
