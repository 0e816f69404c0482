//! From errors to failures, by type and never by text. Where an error came up decides what the same
//! type means: a connection that ends while it is being made was never there.

use std::{error::Error, io, time::Duration};

use rustls::Error as TlsError;

use super::{client::RequestStyle, lenient::Unreadable, names::NoAddress, tls_failure};
use crate::probe::{context, limited_connection::TooMuch};
use model::{
    failure_detail::{FailureDetail as Detail, ForeignText, Phase},
    outcome::{Cause, Failure, Reached},
};

/// Numbers of the errors that say that the machine, or this process, has too many files open; they have no
/// stable kind.
const ENFILE: i32 = 23;
const EMFILE: i32 = 24;

/// Cause for an error of the body.
pub(super) fn body(error: &(dyn Error + 'static)) -> Cause {
    cause(error, Phase::Transfer, 0)
}

/// Cause for an error of the client; `hop` counts redirects that were followed.
pub(super) fn cause(error: &(dyn Error + 'static), phase: Phase, hop: usize) -> Cause {
    sources(error).find_map(|source| known(source, phase, hop)).unwrap_or_else(|| unknown(phase))
}

/// Other style in which to repeat a request after an error of this one.
pub(super) fn other_style(
    error: &(dyn Error + 'static),
    style: RequestStyle,
) -> Option<RequestStyle> {
    let asks_for_http1 = |error: &(dyn Error + 'static)| {
        let reason = error.downcast_ref().and_then(h2::Error::reason);
        reason == Some(h2::Reason::HTTP_1_1_REQUIRED)
    };
    if style == RequestStyle::Usual && sources(error).any(asks_for_http1) {
        return Some(RequestStyle::Http1);
    }
    if style == RequestStyle::Usual && sources(error).any(is_stream_refused_by_us) {
        return Some(RequestStyle::Lengthless);
    }
    let is_refused = |error: &hyper::Error| error.is_parse() || error.is_parse_status();
    let hyper = matches!(style, RequestStyle::Usual | RequestStyle::Http1);
    let unread = hyper && error.downcast_ref().is_some_and(is_refused);
    unread.then_some(RequestStyle::Lenient)
}

/// Returns whether an answer is HTTP, but broken beyond all reading.
pub(super) fn is_unreadable(error: &(dyn Error + 'static)) -> bool {
    sources(error).any(<dyn Error>::is::<Unreadable>)
}

/// Style in which to repeat a request after an error of the body: its parts are not put together as
/// hyper wants it.
pub(super) fn other_reading(error: &(dyn Error + 'static)) -> Option<RequestStyle> {
    use io::ErrorKind as Kind;
    let by_kind =
        |error: &io::Error| matches!(error.kind(), Kind::InvalidInput | Kind::InvalidData);
    if sources(error).any(is_stream_refused_by_us) {
        return Some(RequestStyle::Lengthless);
    }
    let garbled = error.is::<hyper::Error>()
        && !sources(error).any(<dyn Error>::is::<TlsError>)
        && sources(error).filter_map(|error| error.downcast_ref()).any(by_kind);
    garbled.then_some(RequestStyle::Lenient)
}

/// Returns whether our own reader of HTTP/2 gave a reply up. With a page that has begun it does so for
/// a length that is not that of the page, which browsers do not look at; before that also for what
/// they refuse.
fn is_stream_refused_by_us(error: &(dyn Error + 'static)) -> bool {
    let refused = |error: &h2::Error| {
        error.is_library() && error.is_reset() && error.reason() == Some(h2::Reason::PROTOCOL_ERROR)
    };
    error.downcast_ref().is_some_and(refused)
}

/// Returns whether a connection has ended without a goodbye.
pub(super) fn is_end(error: &(dyn Error + 'static)) -> bool {
    let kinds = sources(error).filter_map(|error| error.downcast_ref()).map(io::Error::kind);
    kinds.into_iter().any(|kind| kind == io::ErrorKind::UnexpectedEof)
}

/// Returns whether a server may have ended a handshake because it has no TLS in common with us: it
/// said so, or hung up before it showed a certificate.
pub(super) fn may_be_old_tls(error: &(dyn Error + 'static), phase: Phase) -> bool {
    use rustls::AlertDescription as Alert;
    phase == Phase::Tls
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
pub(super) fn timed_out(phase: Phase, limit: Duration) -> Cause {
    // The name server was silent, not the site.
    let failure = if phase == Phase::Dns { Failure::Dns } else { Failure::Timeout };
    let after_ms = u32::try_from(limit.as_millis()).unwrap_or(u32::MAX);
    Cause::new(failure, Detail::TimedOut { phase, after_ms })
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

fn known(error: &(dyn Error + 'static), phase: Phase, hop: usize) -> Option<Cause> {
    if let Some(none) = error.downcast_ref::<NoAddress>() {
        if none.is_an_answer() {
            context::note_reached(Reached::NameServer);
        }
        let special = matches!(none, NoAddress::Special(_)) && hop > 0;
        let failure = if special { Failure::Redirect } else { Failure::Dns };
        return Some(Cause::new(failure, none.detail()));
    }
    if let Some(error) = error.downcast_ref::<TlsError>() {
        return Some(tls(error));
    }
    if let Some(error) = error.downcast_ref::<io::Error>() {
        // The inner error is more precise.
        if let Some(inner) = error.get_ref()
            && let Some(cause) = known(inner, phase, hop)
        {
            return Some(cause);
        }
        return by_kind(error, phase);
    }
    let broken = |detail| Some(Cause::new(Failure::Protocol, detail));
    if let Some(excess) = error.downcast_ref::<TooMuch>() {
        return broken(excess.detail());
    }
    if error.is::<Unreadable>() {
        return broken(Detail::MalformedHttp);
    }
    if let Some(error) = error.downcast_ref::<h2::Error>() {
        if let Some(ended) = error.get_io().and_then(|error| by_kind(error, phase)) {
            return Some(ended);
        }
        // The server went away or ended the stream, and kept to the protocol in that.
        if error.is_remote() {
            return Some(Cause::new(Failure::Reset, Detail::ReplyIncomplete));
        }
        return broken(Detail::MalformedHttp);
    }
    let error = error.downcast_ref::<hyper::Error>()?;
    if error.is_parse_too_large() {
        return broken(Detail::HeadersTooLarge);
    }
    if error.is_parse() || error.is_parse_status() {
        return broken(Detail::NotHttp);
    }
    // A request that could not be sent any more is canceled.
    (error.is_incomplete_message() || error.is_closed() || error.is_canceled())
        .then(|| Cause::new(Failure::Reset, Detail::ReplyIncomplete))
}

/// An error of TLS, with what the server showed.
pub(super) fn tls(error: &TlsError) -> Cause {
    let detail =
        context::shown(|shown| tls_failure::detail(error, shown.leaf.as_deref(), shown.wants_ours));
    Cause::new(Failure::Tls, detail)
}

fn by_kind(error: &io::Error, phase: Phase) -> Option<Cause> {
    use io::ErrorKind as Kind;
    let connecting = matches!(phase, Phase::Connect | Phase::Between);
    let kind = error.kind();
    // Only a machine can refuse.
    if matches!(kind, Kind::ConnectionRefused | Kind::ConnectionReset) {
        context::note_reached(Reached::Machine);
    }
    let (failure, detail) = match kind {
        Kind::ConnectionRefused => (Failure::Connect, Detail::ConnectionRefused),
        Kind::HostUnreachable => (Failure::Connect, Detail::HostUnreachable),
        Kind::NetworkUnreachable | Kind::AddrNotAvailable => {
            (Failure::Connect, Detail::NetworkUnreachable)
        }
        Kind::PermissionDenied if connecting => (Failure::Connect, Detail::ConnectionForbidden),
        Kind::TimedOut if connecting => (Failure::Timeout, Detail::ConnectionUnanswered),
        Kind::TimedOut => (Failure::Timeout, Detail::ConnectionSilent),
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe if connecting => {
            (Failure::Connect, Detail::ConnectionClosed { phase: Phase::Connect })
        }
        Kind::ConnectionReset
        | Kind::ConnectionAborted
        | Kind::BrokenPipe
        | Kind::UnexpectedEof => (Failure::Reset, Detail::ConnectionClosed { phase: ended(phase) }),
        _ if matches!(error.raw_os_error(), Some(ENFILE | EMFILE)) => {
            (Failure::Connect, Detail::NoFileLeft)
        }
        _ if phase == Phase::Connect && error.raw_os_error().is_some() => {
            (Failure::Connect, Detail::OsError { message: os_message(error) })
        }
        _ => return None,
    };
    Some(Cause::new(failure, detail))
}

/// The phase that a connection ended in, which was there.
fn ended(phase: Phase) -> Phase {
    if matches!(phase, Phase::Tls | Phase::Transfer) { phase } else { Phase::Wait }
}

/// The words of the operating system, without its number.
fn os_message(error: &io::Error) -> ForeignText {
    let said = error.to_string();
    said.split(" (os error").next().unwrap_or_default().into()
}

/// No type that we know: where it happened.
fn unknown(phase: Phase) -> Cause {
    match phase {
        Phase::Dns => Cause::new(Failure::Dns, Detail::NameLookupFailed),
        Phase::Connect => Cause::new(Failure::Connect, Detail::ConnectionFailed),
        Phase::Tls => Cause::new(Failure::Tls, Detail::TlsFailed { message: "".into() }),
        _ => Cause::new(Failure::Protocol, Detail::MalformedHttp),
    }
}
