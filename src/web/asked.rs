//! What was asked for, and in which language: `?lang=` before `Accept-Language` before English.
//!
//! A language that was chosen by link stays in the links of the page, so that no cookie is needed.

use std::{convert::Infallible, sync::Arc};

use axum::{extract::FromRequestParts, response::Response};
use http::{HeaderMap, HeaderValue, Uri, header, request::Parts};

use super::Shared;
use crate::i18n::Lang;

/// What was asked for, and in which language.
#[derive(Clone, Debug)]
pub(super) struct Asked {
    /// The address, as it came.
    pub(super) uri: Uri,
    /// The language to answer in.
    pub(super) lang: Lang,
    /// The language, when a link chose it.
    chosen: Option<Lang>,
}

/// Languages of a header that are looked at.
const MOST: usize = 20;

impl Asked {
    /// Reads address and headers.
    pub(super) fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let pairs = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        let mut chosen = pairs.filter(|(key, _)| key == "lang");
        let chosen = chosen.next().and_then(|(_, tag)| Lang::of_tag(&tag));
        let lang = chosen.unwrap_or_else(|| accepted(headers));
        Self { uri: uri.clone(), lang, chosen }
    }

    /// The path that was asked for.
    pub(super) fn path(&self) -> &str {
        self.uri.path()
    }

    /// A link of ours that keeps the language which was chosen.
    pub(super) fn href(&self, to: &str) -> String {
        self.chosen.map_or_else(|| to.to_owned(), |lang| with_lang(to, lang))
    }

    /// The language that a form has to send along.
    pub(super) fn chosen(&self) -> Option<&'static str> {
        self.chosen.map(Lang::tag)
    }
}

/// A link of ours in a language.
pub(super) fn with_lang(to: &str, lang: Lang) -> String {
    let (to, fragment) = to.split_once('#').map_or((to, None), |(to, end)| (to, Some(end)));
    let joint = if to.contains('?') { '&' } else { '?' };
    let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
    format!("{to}{joint}lang={}{fragment}", lang.tag())
}

/// The language that a visitor likes best of ours; the default when they like none.
fn accepted(headers: &HeaderMap) -> Lang {
    let values = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    let ranges = values.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let mut best = (0, Lang::default());
    for (tag, weight) in ranges.take(MOST).filter_map(range) {
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

/// Says in which language an answer is, and that it follows from what was asked.
pub(super) fn mark(response: &mut Response, lang: Lang) {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    headers.append(header::VARY, HeaderValue::from_static("accept-language"));
}

impl FromRequestParts<Arc<Shared>> for Asked {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Arc<Shared>) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.uri, &parts.headers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(address: &str, accept: &str) -> Asked {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, accept.parse().unwrap());
        Asked::of(&address.parse().unwrap(), &headers)
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
            assert_eq!(asked("/", accept).lang, want, "{accept}");
        }
    }

    #[test]
    fn a_link_chooses_and_is_kept() {
        let nl = asked("/slack.com?lang=nl", "en");
        assert_eq!(nl.lang, Lang::Nl);
        assert_eq!(nl.href("/about"), "/about?lang=nl");
        assert_eq!(nl.href("/?q=a#found"), "/?q=a&lang=nl#found");
        let none = asked("/slack.com?lang=tlh", "nl");
        assert_eq!((none.lang, none.href("/about")), (Lang::Nl, "/about".to_owned()));
        assert_eq!(asked("/?lang=%6El&lang=en", "").lang, Lang::Nl);
    }
}
