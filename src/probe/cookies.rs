//! Cookies within one chain of redirects; forgotten with it.

use cookie_store::CookieStore;
use http::{HeaderMap, HeaderValue, header};
use url::Url;

/// Cookies of a chain at most: no server makes us remember without end.
const MOST: usize = 100;

/// The cookies of one chain.
#[derive(Debug, Default)]
pub(super) struct Cookies {
    store: Option<Box<CookieStore>>,
    taken: usize,
}

impl Cookies {
    /// Takes what a reply sets.
    pub(super) fn take(&mut self, headers: &HeaderMap, url: &Url) {
        for value in headers.get_all(header::SET_COOKIE) {
            let Ok(text) = value.to_str() else { continue };
            if self.taken < MOST && self.store.get_or_insert_default().parse(text, url).is_ok() {
                self.taken += 1;
            }
        }
    }

    /// How many were taken.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// What to send with a request.
    pub(super) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let values = self.store.as_ref()?.get_request_values(url);
        let text: Vec<String> = values.map(|(name, value)| format!("{name}={value}")).collect();
        if text.is_empty() { None } else { HeaderValue::from_str(&text.join("; ")).ok() }
    }
}
