//! From errors to failures, by type and never by text. Where an error came up decides what the same
//! type means: a connection that ends while it is being made was never there.

use std::{error::Error, io, time::Duration};

use rustls::Error as TlsError;

use super::{
    client::CONNECT,
    marks::{self, Stage},
    names::NoAddress,
    words,
};
use crate::model::outcome::{Cause, Failure, Reached};

/// What an error of the client means; `hop` counts redirects that were followed.
pub(super) fn cause(error: &reqwest::Error, stage: Stage, hop: usize) -> Cause {
    // What comes from the wire has an error of HTTP in it; the rest is the decoder's own.
    if error.is_decode() && !sources(error).any(<dyn Error>::is::<hyper::Error>) {
        return Cause::new(Failure::Body, "the page cannot be decoded");
    }
    if let Some(cause) = sources(error).find_map(|source| known(source, stage, hop)) {
        return cause;
    }
    unknown(error, stage)
}

/// The attempt's time has run out.
pub(super) fn ran_out(stage: Stage, limit: Duration) -> Cause {
    let limit = format!("within {} s", limit.as_secs_f64());
    let (failure, what) = match stage {
        // It was the name server that was silent, not the site.
        Stage::Dns => (Failure::Dns, "the name servers did not answer"),
        Stage::Connect => (Failure::Timeout, "no connection"),
        Stage::Tls => (Failure::Timeout, "no TLS handshake"),
        Stage::Wait => (Failure::Timeout, "no reply"),
        Stage::Transfer => (Failure::Timeout, "the page did not end"),
        Stage::Between => (Failure::Timeout, "no end"),
    };
    Cause::new(failure, format!("{what} {limit}"))
}

/// An error and all that is inside of it.
fn sources<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>() {
        // The standard library shows what is inside of an error of this type only here.
        Some(error) => error.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => error.source(),
    })
}

fn known(error: &(dyn Error + 'static), stage: Stage, hop: usize) -> Option<Cause> {
    if let Some(none) = error.downcast_ref::<NoAddress>() {
        if none.is_an_answer() {
            marks::reached(Reached::NameServer);
        }
        let special = matches!(none, NoAddress::Special(_)) && hop > 0;
        let failure = if special { Failure::Redirect } else { Failure::Dns };
        return Some(Cause::new(failure, none.to_string()));
    }
    if let Some(error) = error.downcast_ref::<TlsError>() {
        return Some(Cause::new(Failure::Tls, words::tls(error)));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // What is inside tells more.
        if let Some(inner) = error.get_ref()
            && let Some(cause) = known(inner, stage, hop)
        {
            return Some(cause);
        }
        return by_kind(error.kind(), stage);
    }
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_parse_too_large() {
        return Some(Cause::new(Failure::Protocol, "the headers are too large"));
    }
    if error.is_parse() || error.is_parse_status() {
        return Some(Cause::new(Failure::Protocol, "the answer is not HTTP"));
    }
    (error.is_incomplete_message() || error.is_closed())
        .then(|| Cause::new(Failure::Reset, "the connection ended before the reply was whole"))
}

fn by_kind(kind: io::ErrorKind, stage: Stage) -> Option<Cause> {
    use io::ErrorKind as Kind;
    let connecting = matches!(stage, Stage::Connect | Stage::Between);
    // Only a machine can refuse.
    if matches!(kind, Kind::ConnectionRefused | Kind::ConnectionReset) {
        marks::reached(Reached::Machine);
    }
    let cause = match kind {
        Kind::ConnectionRefused => Cause::new(Failure::Connect, "connection refused"),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::AddrNotAvailable => {
            Cause::new(Failure::Connect, "its network cannot be reached")
        }
        Kind::TimedOut if connecting => Cause::new(Failure::Timeout, "no answer to the connection"),
        Kind::TimedOut => Cause::new(Failure::Timeout, "the connection went silent"),
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe if connecting => {
            Cause::new(Failure::Connect, "the connection was closed as it was made")
        }
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => {
            Cause::new(Failure::Reset, reset(stage))
        }
        Kind::UnexpectedEof => Cause::new(Failure::Reset, reset(stage)),
        _ => return None,
    };
    Some(cause)
}

fn reset(stage: Stage) -> &'static str {
    match stage {
        Stage::Tls => "the connection was closed during the TLS handshake",
        Stage::Transfer => "the connection was closed in the middle of the page",
        _ => "the connection was closed before the reply",
    }
}

/// No type that we know: what the client itself says of it, then where it happened.
fn unknown(error: &reqwest::Error, stage: Stage) -> Cause {
    if error.is_timeout() {
        return ran_out(stage, CONNECT);
    }
    match stage {
        Stage::Dns => Cause::new(Failure::Dns, "the name could not be looked up"),
        Stage::Connect => Cause::new(Failure::Connect, "no connection could be made"),
        Stage::Tls => Cause::new(Failure::Tls, "the TLS handshake failed"),
        _ => Cause::new(Failure::Protocol, "the answer breaks the rules of HTTP"),
    }
}
