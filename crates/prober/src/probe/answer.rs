//! Meaning of the page of an answer, beyond its status. Pure.

use http::header;
use serde_json::Value;
use url::{Host, Url};

use super::{body::PageReader, text, title};
use model::{
    domain::registered,
    failure_detail::{FailureDetail, ForeignText},
    note,
    outcome::{Cause, Failure},
    site::Expect,
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

/// Errors by which Cloudflare says that a setting or a limit of the owner's stands in the way, with a status that
/// else turns robots away: the name leads to a forbidden address, or over another customer's name; the requests of a
/// day are used up. Visitors get them as we do.
/// <https://developers.cloudflare.com/support/troubleshooting/http-status-codes/cloudflare-1xxx-errors/>
const CLOUDFLARE_SETTINGS: [u16; 3] = [1000, 1014, 1027];

/// Failure that a page tells of whose status by itself only turns robots away.
pub(super) fn stopped(page: &PageReader) -> Option<FailureDetail> {
    let (status, kept) = (page.status, String::from_utf8_lossy(page.kept()));
    let is_of_azure = kept.contains("Error 403 - This web app is stopped")
        && kept.contains("The web app you have attempted to reach is currently stopped");
    if status == 403 && is_of_azure {
        return Some(FailureDetail::SiteStopped { status, host: "Azure".into() });
    }
    let says = |code: &u16| {
        kept.contains(&format!("class=\"cf-error-code\">{code}</"))
            || kept.trim() == format!("error code: {code}")
    };
    let code = CLOUDFLARE_SETTINGS.into_iter().find(says);
    let code = code.filter(|_| matches!(status, 403 | 429) && is_from_cloudflare(page))?;
    Some(FailureDetail::CloudflareSetting { status, code })
}

fn is_from_cloudflare(page: &PageReader) -> bool {
    page.headers.get(header::SERVER).is_some_and(|by| by == "cloudflare")
}

/// Failure for a bad status, with the evidence of its page.
pub(super) fn bad_status(page: &PageReader) -> FailureDetail {
    match page.status {
        status @ (520..=527 | 530) if is_from_cloudflare(page) => {
            FailureDetail::CloudflareOrigin { status }
        }
        503 if title::title(page.kept()).is_some_and(|title| title::is_maintenance(&title)) => {
            FailureDetail::Maintenance
        }
        503 if page.headers.contains_key(header::RETRY_AFTER) => FailureDetail::RetryLater,
        status => FailureDetail::HttpStatus { status, reason: page.reason.clone() },
    }
}

/// Judges the content of a page by what the site expects of it.
pub(super) fn content(page: &PageReader, expect: &Expect) -> Result<(), Cause> {
    let wrong = |detail| Err(Cause::new(Failure::Body, detail));
    if let Some(text) = &expect.text
        && !page.contains(text)
    {
        let within_kib = page.is_cut().then(|| (page.most() / 1024) as u32);
        return wrong(FailureDetail::TextNotFound { text: (&**text).into(), within_kib });
    }
    if let Some(text) = &expect.forbidden_text
        && page.contains(text)
    {
        return wrong(FailureDetail::TextForbidden { text: (&**text).into() });
    }
    if expect.json.is_empty() {
        return Ok(());
    }
    if page.is_cut() {
        return wrong(FailureDetail::JsonTooLong { limit_kib: (page.most() / 1024) as u32 });
    }
    let Ok(json) = serde_json::from_str::<Value>(&text::decoded(&page.headers, page.kept())) else {
        return wrong(FailureDetail::NotJson);
    };
    for expected in &expect.json {
        let found = json.pointer(&expected.pointer);
        if !found.is_some_and(|found| expected.is(found)) {
            return wrong(FailureDetail::JsonDiffers {
                pointer: (&*expected.pointer).into(),
                expected: brief(&expected.value),
                found: found.map(brief),
            });
        }
    }
    Ok(())
}

/// A value of a JSON document in a few characters.
fn brief(value: &Value) -> ForeignText {
    match value {
        Value::Array(_) => "[…]".into(),
        Value::Object(_) => "{…}".into(),
        scalar => scalar.to_string().into(),
    }
}
