//! Numbers and texts as SVG may hold them. Pure.

use std::fmt;

/// A length in hundredths of a pixel, written as a number without needless zeros.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Px(pub(super) u32);

impl fmt::Display for Px {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 100, self.0 % 100);
        match (rest, rest % 10) {
            (0, _) => write!(f, "{whole}"),
            (_, 0) => write!(f, "{whole}.{}", rest / 10),
            _ => write!(f, "{whole}.{rest:02}"),
        }
    }
}

/// A text made safe for XML, in an element or an attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Safe<'a>(pub(super) &'a str);

impl fmt::Display for Safe<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut plain = 0;
        for (at, c) in self.0.char_indices() {
            let instead = match c {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\'' => "&#39;",
                // XML cannot contain these at all.
                '\u{fffe}' | '\u{ffff}' => "\u{fffd}",
                c if c.is_control() => " ",
                _ => continue,
            };
            f.write_str(&self.0[plain..at])?;
            f.write_str(instead)?;
            plain = at + c.len_utf8();
        }
        f.write_str(&self.0[plain..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short_and_texts_are_safe() {
        for (hundredths, want) in
            [(0, "0"), (4_600, "46"), (4_625, "46.25"), (4_650, "46.5"), (5, "0.05")]
        {
            assert_eq!(Px(hundredths).to_string(), want);
        }
        let hostile = Safe("a<b>&\"'\u{0}\u{ffff}é").to_string();
        assert_eq!(hostile, "a&lt;b&gt;&amp;&quot;&#39; \u{fffd}é");
    }
}
