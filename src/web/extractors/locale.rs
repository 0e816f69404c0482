//! Path and language of a request: `?lang=` before `Accept-Language` before English.
//!
//! A language chosen by link stays in the links of the page, so that no cookie is needed.

use std::{convert::Infallible, sync::Arc};

use axum::{extract::FromRequestParts, response::Response};
use http::{HeaderMap, HeaderValue, Uri, header, request::Parts};

use crate::web::links::in_language;
use crate::{i18n::Lang, web::Shared};

/// Path and language of a request.
#[derive(Clone, Debug)]
pub(in crate::web) struct Locale {
    /// The address, as it came.
    pub(in crate::web) uri: Uri,
    /// The language to answer in.
    pub(in crate::web) lang: Lang,
    /// The language, when a link chose it.
    chosen: Option<Lang>,
}

/// Languages of a header that are read.
const MAX_LANGUAGES: usize = 20;

impl Locale {
    /// Reads address and headers.
    pub(in crate::web) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let mut chosen = pairs.filter(|(key, _)| key == "lang");
        let chosen = chosen.next().and_then(|(_, tag)| Lang::of_tag(&tag));
        let lang = chosen.unwrap_or_else(|| accepted(headers));
        Self { uri: uri.clone(), lang, chosen }
    }

    /// The requested path.
    pub(in crate::web) fn path(&self) -> &str {
        self.uri.path()
    }

    /// A link of ours that keeps the chosen language.
    pub(in crate::web) fn href(&self, to: &str) -> String {
        self.chosen.map_or_else(|| to.to_owned(), |lang| in_language(to, lang))
    }

    /// The language that a form has to send along.
    pub(in crate::web) fn chosen(&self) -> Option<&'static str> {
        self.chosen.map(Lang::tag)
    }
}

/// The language that a visitor likes best of ours; the default when they like none.
fn accepted(headers: &HeaderMap) -> Lang {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let ranges = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let mut best = (0, Lang::default());
    for (tag, weight) in ranges.take(MAX_LANGUAGES).filter_map(range) {
        let lang = if tag == "*" { Some(Lang::default()) } else { Lang::of_tag(tag) };
        if let Some(lang) = lang
            && weight > best.0
        {
            best = (weight, lang);
        }
    }
    best.1
}

/// A tag and its weight in thousandths (`nl;q=0.8`).
fn range(text: &str) -> Option<(&str, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let tag = parts.next()?;
    let q = parts.find_map(|part| part.strip_prefix("q="));
    let weight = q.map_or(Some(1.0), |q| q.parse::<f32>().ok())?;
    ((0.0..=1.0).contains(&weight)).then_some((tag, (weight * 1000.0) as u16))
}

/// Declares the language of an answer, and that it depends on the request.
pub(in crate::web) fn mark(response: &mut Response, lang: Lang) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    headers.append(header::VARY, HeaderValue::from_static("accept-language"));
}

impl FromRequestParts<Arc<Shared>> for Locale {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Shared>) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn locale(address: &str, accept: &str) -> Locale {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        Locale::of(&address.parse().unwrap(), &headers)
    }

    #[test]
    fn the_language_is_the_one_liked_best_of_ours() {
        for (accept, want) in [
            ("", Lang::En),
            ("nl", Lang::Nl),
            ("nl-BE,nl;q=0.9,en;q=0.8", Lang::Nl),
            ("en;q=0.8, nl;q=0.9", Lang::Nl),
            ("de, fr;q=0.9, nl;q=0.1", Lang::Nl),
            ("de", Lang::En),
            ("nl;q=0, *;q=0.5", Lang::En),
            ("en-GB, nl", Lang::En),
            ("nl;q=7, en;q=0.1", Lang::En),
            ("nl;q=NaN,,;;,=", Lang::En),
        ] {
            assert_eq!(locale("/", accept).lang, want, "{accept}");
        }
    }

    #[test]
    fn a_link_chooses_and_is_kept() {
        let nl = locale("/slack.com?lang=nl", "en");
        assert_eq!(nl.lang, Lang::Nl);
        assert_eq!(nl.href("/about"), "/about?lang=nl");
        assert_eq!(nl.href("/?q=a#found"), "/?q=a&lang=nl#found");
        let none = locale("/slack.com?lang=tlh", "nl");
        assert_eq!((none.lang, none.href("/about")), (Lang::Nl, "/about".to_owned()));
        assert_eq!(locale("/?lang=%6El&lang=en", "").lang, Lang::Nl);
    }

    proptest! {
        #[test]
        fn no_header_breaks_the_choice_of_a_language(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            like in "([a-zA-Z*-]{0,8}(;q=[0-9.naifNe+-]{0,6})?, ?){0,30}",
            query in "(lang=)?[a-z%&=+]{0,12}",
        ) {
            let uri: Uri = format!("/?{query}").parse().unwrap_or_default();
            for value in [bytes.as_slice(), like.as_bytes()] {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    let headers = HeaderMap::from_iter([(header::ACCEPT_LANGUAGE, value)]);
                    let _ = Locale::of(&uri, &headers);
                }
            }
        }
    }
}
