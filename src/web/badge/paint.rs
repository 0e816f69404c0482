//! Colours as Shields names and reads them. Pure.

use std::borrow::Cow;

/// A colour: its name at Shields, if it has one, and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web) struct Paint {
    name: Option<&'static str>,
    css: Cow<'static, str>,
}

/// Names and values at Shields.
const NAMED: [(&str, &str); 9] = [
    ("brightgreen", "#4c1"),
    ("green", "#97ca00"),
    ("yellowgreen", "#a4a61d"),
    ("yellow", "#dfb317"),
    ("orange", "#fe7d37"),
    ("red", "#e05d44"),
    ("blue", "#007ec6"),
    ("grey", "#555"),
    ("lightgrey", "#9f9f9f"),
];

/// Other names of the same colours.
const ALIASES: [(&str, &str); 7] = [
    ("gray", "grey"),
    ("lightgray", "lightgrey"),
    ("critical", "red"),
    ("important", "orange"),
    ("success", "brightgreen"),
    ("informational", "blue"),
    ("inactive", "lightgrey"),
];

impl Paint {
    /// All is well.
    pub(in crate::web) const BRIGHT_GREEN: Self = Self::named(0);
    /// Nearly so.
    pub(in crate::web) const GREEN: Self = Self::named(1);
    /// Slow.
    pub(in crate::web) const YELLOW: Self = Self::named(3);
    /// Partial outage.
    pub(in crate::web) const ORANGE: Self = Self::named(4);
    /// Down.
    pub(in crate::web) const RED: Self = Self::named(5);
    /// A plain number.
    pub(in crate::web) const BLUE: Self = Self::named(6);
    /// The label.
    pub(in crate::web) const GREY: Self = Self::named(7);
    /// Unknown.
    pub(in crate::web) const LIGHT_GREY: Self = Self::named(8);

    const fn named(place: usize) -> Self {
        let (name, css) = NAMED[place];
        Self { name: Some(name), css: Cow::Borrowed(css) }
    }

    /// A value such as `#4c1`.
    pub(in crate::web) const fn value(css: &'static str) -> Self {
        Self { name: None, css: Cow::Borrowed(css) }
    }

    /// Reads a name of Shields, or three or six hexadecimal digits with or without `#`; `None` for
    /// anything else.
    pub(in crate::web) fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let alias = ALIASES.iter().find(|(alias, _)| *alias == text);
        let wanted = alias.map_or(text, |(_, name)| name);
        if let Some(place) = NAMED.iter().position(|(name, _)| *name == wanted) {
            return Some(Self::named(place));
        }
        let digits = text.strip_prefix('#').unwrap_or(text);
        let fits = matches!(digits.len(), 3 | 6) && digits.bytes().all(|b| b.is_ascii_hexdigit());
        fits.then(|| Self { name: None, css: format!("#{}", digits.to_ascii_lowercase()).into() })
    }

    /// Its value, `#` and hexadecimal digits.
    pub(super) fn css(&self) -> &str {
        &self.css
    }

    /// Its name at Shields, or else its value.
    pub(super) fn word(&self) -> &str {
        self.name.unwrap_or(&self.css)
    }

    /// The colours of text on it, and of that text's shadow, as Shields chooses them.
    pub(super) fn text(&self) -> (&'static str, &'static str) {
        if self.brightness() <= 69 { ("#fff", "#010101") } else { ("#333", "#ccc") }
    }

    /// 0 to 100.
    fn brightness(&self) -> u32 {
        let digits = self.css.trim_start_matches('#');
        let short = digits.len() == 3;
        let part = |place: usize| {
            let digits = if short {
                digits.get(place..=place)
            } else {
                digits.get(place * 2..place * 2 + 2)
            };
            let read = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
            read.unwrap_or(0) * if short { 17 } else { 1 }
        };
        (part(0) * 299 + part(1) * 587 + part(2) * 114 + 1_275) / 2_550
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn colours_are_read_as_shields_reads_them() {
        for (text, want) in [
            ("brightgreen", Some(("brightgreen", "#4c1"))),
            ("critical", Some(("red", "#e05d44"))),
            ("lightgray", Some(("lightgrey", "#9f9f9f"))),
            ("ABCDEF", Some(("#abcdef", "#abcdef"))),
            ("#0aF", Some(("#0af", "#0af"))),
            (" 123 ", Some(("#123", "#123"))),
            ("1234", None),
            ("", None),
            ("##123", None),
            ("url(#x)", None),
            ("red\"/><script>", None),
            ("ééé", None),
        ] {
            let read = Paint::read(text);
            let got = read.as_ref().map(|paint| (paint.word(), paint.css()));
            assert_eq!(got, want, "{text}");
        }
    }

    #[test]
    fn text_is_dark_on_bright_colours() {
        for (css, text) in [
            ("#4c1", "#fff"),
            ("#dfb317", "#fff"),
            ("#fff", "#333"),
            ("#eed202", "#333"),
            ("#000", "#fff"),
        ] {
            assert_eq!(Paint::value(css).text().0, text, "{css}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_the_reader_of_colours(text in "\\PC{0,12}|#?[0-9a-fA-F]{0,8}") {
            if let Some(paint) = Paint::read(&text) {
                let digits = paint.css().strip_prefix('#').unwrap_or_default();
                prop_assert!(digits.bytes().all(|b| b.is_ascii_hexdigit()), "{}", paint.css());
                let _ = (paint.word(), paint.text());
            }
        }
    }
}
