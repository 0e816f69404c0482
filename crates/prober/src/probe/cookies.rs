//! Cookies within one chain of redirects; forgotten with it.
//!
//! A cookie goes back with the bytes that it came with, whatever they are: browsers ask for no
//! characters either. The store wants text, so bytes that are not ASCII are characters in it that
//! mean nothing to anybody ([`STAND_IN`] and on).

use cookie_store::CookieStore;
use http::{HeaderMap, HeaderValue, header};
use url::Url;

/// Cookies of a chain at most, so that no server can fill our memory.
const MAX_COOKIES: usize = 100;
/// The first character of private use: it stands for the byte 0.
const STAND_IN: u32 = 0xe000;

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
            let text: String = value.as_bytes().iter().map(|byte| text(*byte)).collect();
            if self.taken < MAX_COOKIES
                && self.store.get_or_insert_default().parse(&text, url).is_ok()
            {
                self.taken += 1;
            }
        }
    }

    /// Number of cookies taken.
    pub(super) fn taken(&self) -> usize {
        self.taken
    }

    /// The `Cookie` header for a request.
    pub(super) fn header(&self, url: &Url) -> Option<HeaderValue> {
        let values = self.store.as_ref()?.get_request_values(url);
        let text: Vec<String> = values.map(|(name, value)| format!("{name}={value}")).collect();
        let bytes: Vec<u8> = text.join("; ").chars().filter_map(byte).collect();
        if bytes.is_empty() { None } else { HeaderValue::from_bytes(&bytes).ok() }
    }
}

fn text(byte: u8) -> char {
    let stand_in =
        char::from_u32(STAND_IN + u32::from(byte)).unwrap_or(char::REPLACEMENT_CHARACTER);
    if byte.is_ascii() { byte.into() } else { stand_in }
}

fn byte(text: char) -> Option<u8> {
    let code = u32::from(text);
    u8::try_from(if text.is_ascii() { code } else { code.checked_sub(STAND_IN)? }).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_byte_comes_back_as_it_was() {
        for all in 0..=u8::MAX {
            assert_eq!(byte(text(all)), Some(all));
        }
        assert_eq!(byte('é'), None);
    }

    proptest! {
        #[test]
        fn no_cookie_breaks_the_chain_and_there_are_never_too_many(
            values in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..60), 0..130),
            like in "[a-z]{0,4}=?[ -~]{0,12}(; ?(path=|domain=|expires=|max-age=)[ -~]{0,12}){0,3}",
        ) {
            let url = Url::parse("https://a.example/x/y").unwrap();
            let mut headers = HeaderMap::new();
            for value in values.iter().map(Vec::as_slice).chain([like.as_bytes()]) {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    headers.append(header::SET_COOKIE, value);
                }
            }
            let mut cookies = Cookies::default();
            cookies.take(&headers, &url);
            prop_assert!(cookies.taken() <= MAX_COOKIES);
            let _ = cookies.header(&url);
        }
    }
}
