//! Meaning of the page of an answer, beyond its status. Pure.

use http::header;
use url::{Host, Url};

use super::{body::PageReader, title};
use model::{
    domain::registered,
    failure_detail::FailureDetail,
    note,
    outcome::{Cause, Failure},
};

/// Facts worth keeping of the page of a good answer, which `here` gave for a site at `site`.
pub(super) fn page(page: &PageReader, site: &Url, here: &Url) -> note::ObservedPage {
    let title = title::title(page.kept());
    let led_to = owner(here).filter(|there| owner(site).as_ref() != Some(there));
    note::ObservedPage {
        bytes: u32::try_from(page.bytes()).unwrap_or(u32::MAX),
        error_title: title.is_some_and(|title| title::is_error(&title)),
        led_to: led_to.map(Into::into),
    }
}

fn owner(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) => Some(registered(name)),
        _ => url.host_str(),
    }
}

/// Failure for a bad status, with the evidence of its page.
pub(super) fn bad_status(page: &PageReader) -> FailureDetail {
    let from_cloudflare = page.headers.get(header::SERVER).is_some_and(|by| by == "cloudflare");
    match page.status {
        status @ (520..=527 | 530) if from_cloudflare => FailureDetail::CloudflareOrigin { status },
        503 if title::title(page.kept()).is_some_and(|title| title::is_maintenance(&title)) => {
            FailureDetail::Maintenance
        }
        503 if page.headers.contains_key(header::RETRY_AFTER) => FailureDetail::RetryLater,
        status => FailureDetail::HttpStatus { status, reason: page.reason.clone() },
    }
}

/// A page that has not the text that the site expects.
pub(super) fn without_text(page: &PageReader, text: &str) -> Cause {
    let within_kib = page.is_cut().then(|| (page.most() / 1024) as u32);
    Cause::new(Failure::Body, FailureDetail::TextNotFound { text: text.into(), within_kib })
}
