//! From errors to failures, by type and never by text. Where an error came up decides what the same
//! type means: a connection that ends while it is being made was never there.

use std::{error::Error, io, time::Duration};

use rustls::Error as TlsError;
use tokio::time::error::Elapsed;

use super::{
    client::{CONNECT, Manner},
    lenient::Unreadable,
    line::TooMuch,
    marks::{self, Stage},
    names::NoAddress,
    words,
};
use crate::model::outcome::{Cause, Failure, Reached};

/// What an error of the body means.
pub(super) fn body(error: &(dyn Error + 'static)) -> Cause {
    cause(error, Stage::Transfer, 0)
}

/// What an error of the client means; `hop` counts redirects that were followed.
pub(super) fn cause(error: &(dyn Error + 'static), stage: Stage, hop: usize) -> Cause {
    if let Some(cause) = sources(error).find_map(|source| known(source, stage, hop)) {
        return cause;
    }
    unknown(error, stage)
}

/// In which other manner to ask again, after an error that came of this one.
pub(super) fn other_manner(error: &(dyn Error + 'static), manner: Manner) -> Option<Manner> {
    let asks_for_http1 = |error: &(dyn Error + 'static)| {
        let reason = error.downcast_ref().and_then(h2::Error::reason);
        reason == Some(h2::Reason::HTTP_1_1_REQUIRED)
    };
    if manner == Manner::Usual && sources(error).any(asks_for_http1) {
        return Some(Manner::Http1);
    }
    let is_refused = |error: &hyper::Error| error.is_parse() || error.is_parse_status();
    let unread = manner != Manner::Lenient && error.downcast_ref().is_some_and(is_refused);
    unread.then_some(Manner::Lenient)
}

/// Whether the parts of a body are not put together as hyper wants it.
pub(super) fn is_garbled(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind as Kind;
    let by_kind =
        |error: &io::Error| matches!(error.kind(), Kind::InvalidInput | Kind::InvalidData);
    error.is::<hyper::Error>()
        && !sources(error).any(<dyn Error>::is::<TlsError>)
        && sources(error).filter_map(|error| error.downcast_ref()).any(by_kind)
}

/// Whether a connection has ended without a goodbye.
pub(super) fn is_end(error: &(dyn Error + 'static)) -> bool {
    let kinds = sources(error).filter_map(|error| error.downcast_ref()).map(io::Error::kind);
    kinds.into_iter().any(|kind| kind == io::ErrorKind::UnexpectedEof)
}

/// Whether a server may have ended a handshake because it has no TLS in common with us: it has
/// said so, or hung up before it showed a certificate.
pub(super) fn may_be_old_tls(error: &(dyn Error + 'static), stage: Stage) -> bool {
    use rustls::AlertDescription as Alert;
    stage == Stage::Tls
        && sources(error).any(|error| match (error.downcast_ref(), error.downcast_ref()) {
            (Some(TlsError::AlertReceived(alert)), _) => matches!(
                alert,
                Alert::HandshakeFailure
                    | Alert::InsufficientSecurity
                    | Alert::ProtocolVersion
                    | Alert::IllegalParameter
                    | Alert::InternalError
            ),
            (Some(TlsError::PeerIncompatible(_)), _) => true,
            (_, Some(error)) => matches!(
                io::Error::kind(error),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset
            ),
            _ => false,
        })
}

/// The attempt's time has run out.
pub(super) fn ran_out(stage: Stage, limit: Duration) -> Cause {
    let (failure, id) = match stage {
        // It was the name server that was silent, not the site.
        Stage::Dns => (Failure::Dns, "detail-late-dns"),
        Stage::Connect => (Failure::Timeout, "detail-late-connect"),
        Stage::Tls => (Failure::Timeout, "detail-late-tls"),
        Stage::Wait => (Failure::Timeout, "detail-late-wait"),
        Stage::Transfer => (Failure::Timeout, "detail-late-transfer"),
        Stage::Between => (Failure::Timeout, "detail-late-end"),
    };
    words::failed(failure, id, [("seconds", limit.as_secs_f64().to_string())])
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
        return Some(words::because(failure, &none.to_string()));
    }
    if let Some(error) = error.downcast_ref::<TlsError>() {
        return Some(words::because(Failure::Tls, &words::tls(error)));
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
    if error.is::<TooMuch>() {
        return Some(words::failed(Failure::Protocol, "detail-informational", []));
    }
    if error.is::<Unreadable>() {
        return Some(words::failed(Failure::Protocol, "detail-bad-http", []));
    }
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_parse_too_large() {
        return Some(words::failed(Failure::Protocol, "detail-headers-large", []));
    }
    if error.is_parse() || error.is_parse_status() {
        return Some(words::failed(Failure::Protocol, "detail-not-http", []));
    }
    (error.is_incomplete_message() || error.is_closed())
        .then(|| words::failed(Failure::Reset, "detail-not-whole", []))
}

fn by_kind(kind: io::ErrorKind, stage: Stage) -> Option<Cause> {
    use io::ErrorKind as Kind;
    let connecting = matches!(stage, Stage::Connect | Stage::Between);
    // Only a machine can refuse.
    if matches!(kind, Kind::ConnectionRefused | Kind::ConnectionReset) {
        marks::reached(Reached::Machine);
    }
    let cause = match kind {
        Kind::ConnectionRefused => words::failed(Failure::Connect, "detail-refused", []),
        Kind::HostUnreachable | Kind::NetworkUnreachable | Kind::AddrNotAvailable => {
            words::failed(Failure::Connect, "detail-network", [])
        }
        Kind::TimedOut if connecting => {
            words::failed(Failure::Timeout, "detail-connect-silent", [])
        }
        Kind::TimedOut => words::failed(Failure::Timeout, "detail-silent", []),
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe if connecting => {
            words::failed(Failure::Connect, "detail-connect-closed", [])
        }
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe => {
            words::failed(Failure::Reset, reset(stage), [])
        }
        Kind::UnexpectedEof => words::failed(Failure::Reset, reset(stage), []),
        _ => return None,
    };
    Some(cause)
}

fn reset(stage: Stage) -> &'static str {
    match stage {
        Stage::Tls => "detail-closed-tls",
        Stage::Transfer => "detail-closed-transfer",
        _ => "detail-closed-wait",
    }
}

/// No type that we know: our own patience with connecting, then where it happened.
fn unknown(error: &(dyn Error + 'static), stage: Stage) -> Cause {
    if error.is::<Elapsed>() {
        return ran_out(stage, CONNECT);
    }
    match stage {
        Stage::Dns => words::failed(Failure::Dns, "detail-names-unknown", []),
        Stage::Connect => words::failed(Failure::Connect, "detail-connect-failed", []),
        Stage::Tls => words::failed(Failure::Tls, "detail-tls-failed", []),
        _ => words::failed(Failure::Protocol, "detail-bad-http", []),
    }
}
