//! What the page of an answer means, beyond its status. Pure.

use http::header;
use url::{Host, Url};

use super::{body::Page, title, words};
use crate::{
    i18n::sentence::detail,
    model::{
        domain::registered,
        note,
        outcome::{Cause, Failure},
    },
};

/// What is worth keeping of the page of a good answer, which `here` gave for a site at `site`.
pub(super) fn page(page: &Page, site: &Url, here: &Url) -> note::Page {
    let title = title::title(page.kept());
    let led_to = owner(here).filter(|there| owner(site).as_ref() != Some(there));
    note::Page {
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

/// A status that is not good, with what its page tells about it.
pub(super) fn bad_status(page: &Page) -> String {
    let from_cloudflare = page.headers.get(header::SERVER).is_some_and(|by| by == "cloudflare");
    let id = match page.status {
        520 if from_cloudflare => "detail-edge-answer",
        521 if from_cloudflare => "detail-edge-refused",
        524 if from_cloudflare => "detail-edge-late",
        525 if from_cloudflare => "detail-edge-tls",
        526 if from_cloudflare => "detail-edge-certificate",
        522 | 523 | 527 | 530 if from_cloudflare => "detail-edge-unreachable",
        503 if title::title(page.kept()).is_some_and(|title| title::is_maintenance(&title)) => {
            "detail-maintenance"
        }
        503 if page.headers.contains_key(header::RETRY_AFTER) => "detail-retry-after",
        status => return words::status(status),
    };
    match id {
        "detail-maintenance" | "detail-retry-after" => detail(id, []),
        _ => detail(id, [("status", page.status.to_string())]),
    }
}

/// A page that has not the text that the site expects.
pub(super) fn without_text(page: &Page, text: &str) -> Cause {
    let text = ("text", format!("{:?}", words::cut(text)));
    if page.is_cut() {
        let size = ("kib", (page.most() / 1024).to_string());
        return words::failed(Failure::Body, "detail-text-first", [text, size]);
    }
    words::failed(Failure::Body, "detail-text", [text])
}
