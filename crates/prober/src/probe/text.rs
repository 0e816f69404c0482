//! The characters of a page: by its byte order mark, by what its headers say, by what it says itself,
//! else as browsers guess (the encoding standard; HTML, section 13.2.3). Pure.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use http::{HeaderMap, header};

/// Bytes in which a page says what its characters are.
const CHARSET_WITHIN: usize = 1_024;

/// Returns whether a text is somewhere in a page: by characters, whatever bytes the page has for
/// them.
pub(super) fn contains(headers: &HeaderMap, page: &[u8], text: &str) -> bool {
    let bytes = text.as_bytes();
    !text.is_empty()
        && (page.windows(bytes.len()).any(|window| window == bytes)
            || decoded(headers, page).contains(text))
}

/// The characters of a page.
pub(super) fn decoded<'a>(headers: &HeaderMap, page: &'a [u8]) -> Cow<'a, str> {
    if let Some((encoding, mark)) = Encoding::for_bom(page) {
        return encoding.decode_without_bom_handling(&page[mark..]).0;
    }
    let told = headers.get(header::CONTENT_TYPE).and_then(|value| charset(value.as_bytes()));
    let encoding = told.or_else(|| by_itself(page)).unwrap_or_else(|| {
        if std::str::from_utf8(whole(page)).is_ok() { UTF_8 } else { WINDOWS_1252 }
    });
    encoding.decode_without_bom_handling(page).0
}

/// A page without a character that was cut at its end.
fn whole(page: &[u8]) -> &[u8] {
    match std::str::from_utf8(page) {
        Err(error) if error.error_len().is_none() => &page[..error.valid_up_to()],
        _ => page,
    }
}

/// Encoding that a page declares (`<meta charset=…>`): a declaration in ASCII rules out UTF-16.
fn by_itself(page: &[u8]) -> Option<&'static Encoding> {
    let encoding = charset(&page[..page.len().min(CHARSET_WITHIN)])?;
    Some(if encoding == UTF_16LE || encoding == UTF_16BE { UTF_8 } else { encoding })
}

/// The encoding behind `charset=`.
fn charset(text: &[u8]) -> Option<&'static Encoding> {
    let name = b"charset";
    let after = text.windows(name.len()).enumerate().filter_map(|(at, window)| {
        let after = window
            .eq_ignore_ascii_case(name)
            .then(|| text[at + name.len()..].trim_ascii_start())?;
        after.strip_prefix(b"=")
    });
    after.into_iter().find_map(|value| {
        let value = value.trim_ascii_start();
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'")).unwrap_or(value);
        let ends = |byte: &u8| {
            matches!(byte, b'"' | b'\'' | b';' | b'>' | b'/') || byte.is_ascii_whitespace()
        };
        let end = value.iter().position(ends).unwrap_or(value.len());
        Encoding::for_label(&value[..end])
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use encoding_rs::{EUC_JP, GBK, SHIFT_JIS};

    use super::*;

    fn headers(kind: &str) -> HeaderMap {
        HeaderMap::from_iter([(header::CONTENT_TYPE, kind.parse().unwrap())])
    }

    #[test]
    fn a_text_is_found_whatever_the_bytes_of_its_characters_are() {
        let bytes = |encoding: &'static Encoding, text| encoding.encode(text).0.into_owned();
        let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
        let with_mark = [vec![0xff, 0xfe], utf16("so hello")].concat();
        let meta = |label: &str, text: Vec<u8>| {
            [format!("<html><meta charset=\"{label}\">").as_bytes(), &text].concat()
        };
        for (kind, page, text) in [
            ("text/html", b"hello world".to_vec(), "hello"),
            ("text/html", b"hello world".to_vec(), "world"),
            ("text/html; charset=utf-8", "h\u{e9}llo".into(), "h\u{e9}"),
            ("text/html; charset=ISO-8859-1", b"caf\xe9".to_vec(), "caf\u{e9}"),
            ("text/html; Charset = \"latin1\"", b"caf\xe9".to_vec(), "caf\u{e9}"),
            ("text/html", b"caf\xe9 \x80".to_vec(), "caf\u{e9} \u{20ac}"),
            ("text/html; charset=Shift_JIS", bytes(SHIFT_JIS, "こんにちは"), "にち"),
            ("text/html", meta("gb2312", bytes(GBK, "你好")), "你好"),
            ("text/html", meta("euc-jp", bytes(EUC_JP, "日本")), "日本"),
            ("text/html", with_mark, "hello"),
            ("text/plain; charset=utf-16le", utf16("so hello"), "hello"),
            ("text/html; charset=nonsense", "h\u{e9}".into(), "h\u{e9}"),
            ("text/html", [b"h\xc3\xa9".as_slice(), b"\xc3"].concat(), "h\u{e9}"),
            // What is written wrongly, but with the very bytes.
            ("text/html; charset=latin1", "caf\u{e9}".into(), "caf\u{e9}"),
        ] {
            assert!(contains(&headers(kind), &page, text), "{kind} {text}");
            assert!(!contains(&headers(kind), &page, "nowhere"), "{kind}");
        }
        assert!(!contains(&HeaderMap::new(), b"", "a") && !contains(&HeaderMap::new(), b"a", ""));
    }

    proptest! {
        #[test]
        fn no_page_breaks_the_reader_of_its_characters(
            kind in "(text/html; ?)?(charset=?\"?[a-z0-9-]{0,12}\"?)?",
            page in prop::collection::vec(any::<u8>(), 0..300),
            said in "(<meta charset=[\"']?)?[a-z0-9-]{0,12}[\"'>;]?",
        ) {
            let headers = headers(&kind);
            let page = [said.as_bytes(), &page].concat();
            let text = decoded(&headers, &page);
            prop_assert!(text.len() <= 3 * page.len() + 3);
            let all = text.as_ref();
            prop_assert!(all.is_empty() || contains(&headers, &page, all));
        }
    }
}
