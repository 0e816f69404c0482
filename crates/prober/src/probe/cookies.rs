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
/// Stands for the name of a cookie that has none.
const NAMELESS: &str = "\u{f8ff}";

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
                && self.store.get_or_insert_default().parse(&with_name(text), url).is_ok()
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
        let pair = |(name, value): (&str, &str)| match name {
            NAMELESS => value.to_owned(),
            _ => format!("{name}={value}"),
        };
        let text: Vec<String> = values.map(pair).collect();
        let bytes: Vec<u8> = text.join("; ").chars().filter_map(byte).collect();
        if bytes.is_empty() { None } else { HeaderValue::from_bytes(&bytes).ok() }
    }
}

/// The cookies of a site's own header, and those that were set on the way, which replace their
/// namesakes.
pub(super) fn merged(own: &[u8], set: &[u8]) -> Vec<u8> {
    let is_set = |pair: &&[u8]| pairs(set).any(|set| name(set) == name(pair));
    let kept = pairs(own).filter(|pair| !is_set(pair));
    kept.chain([set]).collect::<Vec<_>>().join(&b"; "[..])
}

fn pairs(cookies: &[u8]) -> impl Iterator<Item = &[u8]> {
    cookies.split(|byte| *byte == b';').map(<[u8]>::trim_ascii).filter(|pair| !pair.is_empty())
}

fn name(pair: &[u8]) -> &[u8] {
    let end = pair.iter().position(|byte| *byte == b'=');
    end.map_or(&[], |end| pair[..end].trim_ascii_end())
}

/// A cookie as the store takes it: browsers keep one without a name too (RFC 6265bis, section 5.6).
fn with_name(cookie: String) -> String {
    let pair = cookie.split(';').next().unwrap_or_default().trim();
    match pair.find('=') {
        None if !pair.is_empty() => format!("{NAMELESS}={cookie}"),
        Some(0) if pair.len() > 1 => format!("{NAMELESS}{}", cookie.trim_start()),
        _ => cookie,
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

    #[test]
    fn a_cookie_without_a_name_goes_back_as_it_came() {
        let url = Url::parse("https://a.example/").unwrap();
        for (set, sent) in [
            (&["kv"][..], "kv"),
            (&["=v; Path=/"], "v"),
            (&[" = a=b ;Path=/"], "a=b"),
            (&["kv", "=w"], "w"),
            (&["a=1", "kv"], "a=1; kv"),
        ] {
            let values = set.iter().map(|set| (header::SET_COOKIE, set.parse().unwrap()));
            let mut cookies = Cookies::default();
            cookies.take(&values.collect(), &url);
            let header = cookies.header(&url).unwrap();
            let mut sent_back: Vec<_> = header.to_str().unwrap().split("; ").collect();
            sent_back.sort_unstable();
            assert_eq!(sent_back.join("; "), sent, "{set:?}");
        }
        for none in ["", "=", " = ; Path=/", ";"] {
            let headers = HeaderMap::from_iter([(header::SET_COOKIE, none.parse().unwrap())]);
            let mut cookies = Cookies::default();
            cookies.take(&headers, &url);
            assert_eq!((cookies.taken(), cookies.header(&url)), (0, None), "{none}");
        }
    }

    #[test]
    fn a_cookie_that_is_set_replaces_its_namesake_of_the_site_and_no_other() {
        for (own, set, all) in [
            ("s=old", "s=new", "s=new"),
            ("a=1; s=old; b=2", "s=new", "a=1; b=2; s=new"),
            ("a=1 ;s = old;", "s=new; t=1", "a=1; s=new; t=1"),
            ("ss=1; S=2", "s=new", "ss=1; S=2; s=new"),
            ("kv; a=kv", "other", "a=kv; other"),
            ("", "s=new", "s=new"),
        ] {
            let merged = merged(own.as_bytes(), set.as_bytes());
            assert_eq!(String::from_utf8(merged).unwrap(), all, "{own}");
        }
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
