//! Names of hosts: their registered part, and how they read for people: in their own letters where that
//! cannot make one site look like another, else as name servers know them (`xn--…`). Pure.
//!
//! Readable names are only for people. URLs, slugs and keys keep the letters of name servers.

use std::borrow::Cow;

use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};

/// The labels below which names are registered in many countries (`example.co.uk`).
const SECOND_LEVELS: [&str; 24] = [
    "ac", "co", "com", "ed", "edu", "gob", "gouv", "gov", "govt", "gv", "id", "ltd", "me", "mil",
    "ne", "net", "nhs", "nic", "nom", "or", "org", "plc", "sch", "web",
];

/// The registered part of a name, nearly: three labels where the last two are a country and one of
/// its classes, otherwise two.
pub fn registered(name: &str) -> &str {
    let name = name.trim_end_matches('.');
    let mut dots = name.rmatch_indices('.').map(|(at, _)| at);
    let (Some(last), Some(second)) = (dots.next(), dots.next()) else { return name };
    let country = name.len() - last == 3;
    if country && SECOND_LEVELS.contains(&&name[second + 1..last]) {
        return dots.next().map_or(name, |third| &name[third + 1..]);
    }
    &name[second + 1..]
}

/// Top-level domains in which nobody registers names: RFC 2606, RFC 6762, and ICANN's `internal`.
const UNREGISTERED: [&str; 6] = ["example", "internal", "invalid", "local", "localhost", "test"];

/// Returns whether somebody may have registered this name.
pub fn can_be_registered(name: &str) -> bool {
    let last = name.trim_end_matches('.').rsplit('.').next();
    last.is_some_and(|last| !UNREGISTERED.contains(&last.to_ascii_lowercase().as_str()))
}

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
    use crate::target::Target;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_registered_part_of_a_name_is_its_end() {
        for (name, want) in [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("www.example.com.", "example.com"),
            ("www.x.com", "x.com"),
            ("m.bbc.com", "bbc.com"),
            ("example.co.uk", "example.co.uk"),
            ("www.example.co.uk", "example.co.uk"),
            ("a.b.example.com.au", "example.com.au"),
            ("co.uk", "co.uk"),
            ("go.example.io", "example.io"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(registered(name), want, "{name}");
        }
    }

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
