//! Target of a redirect, and refusal of targets that are not followed. Pure.

use http::{HeaderMap, header};
use url::Url;

use model::{
    failure_detail::FailureDetail,
    outcome::{Cause, Failure},
};

/// Target of a reply from `here`, if it is a redirect.
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
    // Browsers and curl follow it; a name and a password in it are for who sent it to tell.
    if next.set_username("").and(next.set_password(None)).is_err() {
        return Err(bad(FailureDetail::RedirectToNonUrl { target: target() }));
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_redirect_leads_to_a_plain_address_of_the_web_or_nowhere(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            like in "([a-z]{0,6}:)?/{0,3}([a-z:]{0,6}@)?[a-z0-9.\\[\\]:]{0,12}/?[ -~]{0,12}",
        ) {
            let here = Url::parse("https://a.example/x/y?z").unwrap();
            for place in [bytes.as_slice(), like.as_bytes()] {
                let Ok(value) = http::HeaderValue::from_bytes(place) else { continue };
                let headers = HeaderMap::from_iter([(header::LOCATION, value)]);
                if let Ok(Some(url)) = next(&here, 302, &headers) {
                    prop_assert!(matches!(url.scheme(), "http" | "https") && url.has_host());
                    prop_assert!(url.username().is_empty() && url.password().is_none());
                    prop_assert!(url.fragment().is_none());
                }
            }
        }
    }
}
