//! Where a redirect leads, and where we do not go. Pure.

use http::{HeaderMap, header};
use url::Url;

use crate::model::{
    failure_detail::FailureDetail,
    outcome::{Cause, Failure},
};

/// Where a reply from `here` sends us, if it is a redirect.
pub(super) fn next(here: &Url, status: u16, headers: &HeaderMap) -> Result<Option<Url>, Cause> {
    if !matches!(status, 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    // As browsers do: an empty place is none.
    let mut places = headers.get_all(header::LOCATION).iter();
    let Some(location) = places.find(|place| !place.as_bytes().trim_ascii().is_empty()) else {
        return Ok(None);
    };
    let text = ascii(location.as_bytes());
    let target = || (&*String::from_utf8_lossy(location.as_bytes())).into();
    let bad = |detail| Cause::new(Failure::Redirect, detail);
    let mut next =
        here.join(&text).map_err(|_| bad(FailureDetail::RedirectToNonUrl { target: target() }))?;
    if !matches!(next.scheme(), "http" | "https") || next.host().is_none() {
        return Err(bad(FailureDetail::RedirectToOtherScheme { target: target() }));
    }
    if !next.username().is_empty() || next.password().is_some() {
        return Err(bad(FailureDetail::RedirectWithCredentials { target: target() }));
    }
    next.set_fragment(None);
    Ok(Some(next))
}

/// A place with its bytes beyond ASCII escaped, of whatever charset they are, as browsers do.
fn ascii(place: &[u8]) -> String {
    let mut text = String::with_capacity(place.len());
    for byte in place {
        match byte {
            0..=0x7f => text.push(char::from(*byte)),
            _ => text.extend(['%', hex(byte >> 4), hex(byte & 15)]),
        }
    }
    text
}

fn hex(half: u8) -> char {
    char::from(b"0123456789ABCDEF"[usize::from(half & 15)])
}
