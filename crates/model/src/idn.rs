//! Names of hosts for people: in their own letters where that cannot make one site look like
//! another, else as name servers know them (`xn--…`). Pure.
//!
//! Only ever for what people read. URLs, slugs and keys keep the letters of name servers.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// A name for people, of a host with or without scheme and port: `café.nl` for `xn--caf-dma.nl`.
///
/// In its own letters only when all of it is valid and made of letters that Latin alphabets of
/// today have: other alphabets have letters that look like these.
pub fn readable(key: &str) -> Cow<'_, str> {
    if !key.contains("xn--") {
        return key.into();
    }
    let (scheme, rest) = key.find("://").map_or(("", key), |at| key.split_at(at + 3));
    let (host, port) = rest.find(':').map_or((rest, ""), |at| rest.split_at(at));
    match in_own_letters(host) {
        Some(host) => format!("{scheme}{host}{port}").into(),
        None => key.into(),
    }
}

fn in_own_letters(host: &str) -> Option<String> {
    let (uts46, deny) = (Uts46::new(), AsciiDenyList::URL);
    let mut plain = true;
    let shown = |label: &[char], _: &[char], both_ways: bool| {
        plain &= !both_ways && label.iter().copied().all(is_latin);
        true
    };
    let (name, valid) = uts46.to_user_interface(host.as_bytes(), deny, Hyphens::Allow, shown);
    let back = uts46.to_ascii(name.as_bytes(), deny, Hyphens::Allow, DnsLength::Ignore);
    let same = back.is_ok_and(|back| back == host);
    (valid.is_ok() && plain && same).then(|| name.into_owned())
}

/// A letter of a Latin alphabet of today, in the one form that names have (small, in one piece).
fn is_latin(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' | '-' | '_' => true,
        // Without its dot, in another form, or like p, l, n and s.
        'ı' | 'ĸ' | 'ŀ' | 'ŉ' | 'ſ' | 'þ' => false,
        'ß'..='ö' | 'ø'..='ÿ' | 'ā'..='ž' | 'ș' | 'ț' => c.is_lowercase(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::target::Target;

    /// Reads a name as typed and shows it to a reader.
    fn shown(text: &str) -> String {
        let key = Target::read(text).unwrap().key();
        readable(&key).into_owned()
    }

    #[test]
    fn names_in_latin_letters_are_shown_in_them() {
        for (text, want) in [
            ("slack.com", "slack.com"),
            ("CAFÉ.nl", "café.nl"),
            ("cafe\u{301}.nl", "café.nl"),
            ("xn--caf-dma.nl", "café.nl"),
            ("www.münchen.example:8080", "www.münchen.example:8080"),
            ("https://café.nl:8080", "https://café.nl:8080"),
            ("straße.de", "straße.de"),
            ("łódź.pl", "łódź.pl"),
            ("iași.ro", "iași.ro"),
            ("blåbærgrød.dk", "blåbærgrød.dk"),
            ("ＳＬＡＣＫ.com", "slack.com"),
            ("café_a-1.nl", "café_a-1.nl"),
            ("[2001:db8::1]:80", "[2001:db8::1]:80"),
            ("127.0.0.1:80", "127.0.0.1:80"),
        ] {
            assert_eq!(shown(text), want, "{text}");
        }
    }

    #[test]
    fn names_that_could_pass_for_others_stay_as_name_servers_know_them() {
        for text in [
            // All of them Cyrillic, and one letter that is.
            "аррӏе.com",
            "slасk.com",
            // Greek, and its small letters alone.
            "ѕlack.com",
            "οοο.gr",
            // Without a dot; in old or strange forms.
            "sıack.com",
            "ĸraken.com",
            "þaypal.com",
            "slɑck.com",
            "ꜱlack.com",
            "ʟinkedin.com",
            "ɡoogle.com",
            "l·l.cat",
            "slack.cοm",
            // Marks that no letter of today has, one upon the other.
            "s\u{335}lack.com",
            "slack\u{323}\u{323}.com",
            "slạck.com",
            // From right to left, and both ways in one name.
            "אבג.com",
            "slack.אבג",
            "café.אבג",
            // One label is enough.
            "café.пример",
            "日本語.jp",
            "i❤.ws",
        ] {
            let key = Target::read(text).unwrap().key();
            assert!(key.contains("xn--"), "{text}: {key}");
            assert_eq!(readable(&key), key, "{text}");
        }
    }

    #[test]
    fn what_is_no_name_at_all_stays_as_it_is() {
        for text in [
            "xn--",
            "xn--.com",
            "xn--a.com",
            "xn--slack-.com",
            "xn--zzzzzzzzzzzz99999999.com",
            "xn--caf-DMA.nl",
            "a xn--caf-dma.nl",
            "xn--caf-dma.nl/<b>",
            "xn--caf-dma\u{202e}.nl",
            "://xn--caf-dma.nl/",
            "xn--caf-dma..nl\u{0}",
        ] {
            assert_eq!(readable(text), text);
        }
    }

    proptest! {
        #[test]
        fn no_key_breaks_its_writing_for_people(
            key in "\\PC{0,20}|(xn--[a-z0-9-]{0,12}\\.){0,3}[a-z]{0,5}(:[0-9]{1,5})?",
        ) {
            let shown = readable(&key).into_owned();
            prop_assert!(!shown.contains(char::is_control) || key.contains(char::is_control));
        }
    }
}
