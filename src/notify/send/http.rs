//! The client of everything that is sent over HTTP.

use std::{path::Path, time::Duration};

use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use jiff::fmt::rfc2822::DateTimeParser;
use reqwest::{Client, Response};
use url::Url;

use super::Sent;
use crate::http_client::{self, request_error};

/// Bytes of an answer that are read.
const MAX_ANSWER: usize = 1_024;
/// The dates of receivers, also with the name of another weekday.
const DATES: DateTimeParser = DateTimeParser::new().relaxed_weekday(true);
/// Longest wait that a receiver may ask for.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// Posts JSON.
#[derive(Clone, Debug)]
pub(super) struct Http {
    client: Client,
}

impl Http {
    /// Without a deadline: the sender has one for all of it.
    pub(super) fn new(ca_file: Option<&Path>, public_url: &Url) -> Result<Self, String> {
        let agent = format!("stillup/{} (+{public_url})", env!("CARGO_PKG_VERSION"));
        let client = http_client::builder(&agent, ca_file)?
            .no_proxy()
            // Messages are rare; a connection that was left open would be dead by the next one.
            .pool_max_idle_per_host(0)
            .build();
        client.map(|client| Self { client }).map_err(|error| error.to_string())
    }

    /// Posts a body with these headers; what is not 2xx did not arrive, and 410 never will. The URL is never shown: it
    /// may be all that is needed to write to the receiver.
    pub(super) async fn post(
        &self,
        url: &str,
        headers: &[(&'static str, String)],
        body: Vec<u8>,
    ) -> Sent {
        let mut all = HeaderMap::new();
        all.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        for (name, value) in headers {
            match HeaderValue::from_str(value) {
                Ok(value) => drop(all.insert(HeaderName::from_static(name), value)),
                Err(_) => return Sent::failed(format!("{name} cannot be sent in a header")),
            }
        }
        match self.client.post(url).headers(all).body(body).send().await {
            Ok(response) => sent(response).await,
            Err(error) => Sent::failed(request_error(error)),
        }
    }
}

async fn sent(mut response: Response) -> Sent {
    let status = response.status();
    let wait = wait(response.headers());
    let mut body = Vec::new();
    while body.len() < MAX_ANSWER
        && let Ok(Some(piece)) = response.chunk().await
    {
        body.extend_from_slice(&piece[..piece.len().min(MAX_ANSWER - body.len())]);
    }
    let answer = answer(status, &body);
    match status {
        StatusCode::GONE => Sent::Gone(answer),
        status if status.is_success() => Sent::Arrived(answer),
        _ => Sent::Failed { answer, wait },
    }
}

/// `HTTP 200 OK: ok`.
fn answer(status: StatusCode, body: &[u8]) -> String {
    let said = String::from_utf8_lossy(body);
    let reason = status.canonical_reason().unwrap_or_default();
    let why = match status {
        StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => " (it does not accept our secret)",
        _ => "",
    };
    let status = format!("HTTP {} {reason}{why}", status.as_u16());
    match said.trim() {
        "" => status.trim_end().to_owned(),
        said => format!("{}: {said}", status.trim_end()),
    }
}

/// Wait that the receiver asks for: seconds, or a date, which is compared with the receiver's own
/// clock (RFC 9110, 10.2.3).
fn wait(headers: &HeaderMap) -> Duration {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let date = |name| DATES.parse_timestamp(text(name)?.trim()).ok();
    let wait = match text(header::RETRY_AFTER).map(|text| text.trim().parse()) {
        None => None,
        Some(Ok(seconds)) => Some(Duration::from_secs(seconds)),
        Some(Err(_)) => date(header::RETRY_AFTER)
            .zip(date(header::DATE))
            .and_then(|(until, now)| Duration::try_from(until.duration_since(now)).ok()),
    };
    wait.unwrap_or_default().min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_left_alone_for_as_long_as_it_asks_but_an_hour_at_most() {
        let now = "Tue, 24 Nov 2026 19:00:00 GMT";
        for (said, date, want) in [
            ("7", "", 7),
            (" 7 ", "", 7),
            ("999999999", "", 3_600),
            ("99999999999999999999999", now, 0),
            ("-5", now, 0),
            ("Tue, 24 Nov 2026 19:02:00 GMT", now, 120),
            ("Wed, 25 Nov 2026 19:02:00 GMT", now, 3_600),
            ("Tue, 24 Nov 2026 18:02:00 GMT", now, 0),
            ("Tue, 24 Nov 2026 19:02:00 GMT", "", 0),
            ("soon", now, 0),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::RETRY_AFTER, said.parse().unwrap());
            headers.insert(header::DATE, date.parse().unwrap());
            assert_eq!(wait(&headers).as_secs(), want, "{said} at {date}");
        }
        assert_eq!(wait(&HeaderMap::new()), Duration::ZERO);
    }
}
