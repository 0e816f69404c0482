//! Where a redirect leads, and where we do not go. Pure.

use http::{HeaderMap, header};
use url::Url;

use super::words;
use crate::model::outcome::{Cause, Failure};

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
    let text = String::from_utf8_lossy(location.as_bytes());
    let shown = format!("{:?}", words::cut(&text));
    let bad = |id| words::failed(Failure::Redirect, id, [("text", shown.clone())]);
    let mut next = here.join(&text).map_err(|_| bad("detail-redirect-bad"))?;
    if !matches!(next.scheme(), "http" | "https") || next.host().is_none() {
        return Err(bad("detail-redirect-scheme"));
    }
    if !next.username().is_empty() || next.password().is_some() {
        return Err(bad("detail-redirect-credentials"));
    }
    next.set_fragment(None);
    Ok(Some(next))
}
