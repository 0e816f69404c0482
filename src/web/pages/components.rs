//! Small pieces of HTML that many templates use. Each writes markup of its own and no visitor's
//! text, which is why the templates need not escape it.

use std::fmt;

use askama::filters::HtmlSafe;

use crate::i18n::{Arg, Lang};
use model::{moment::Moment, verdict::Status};

/// A message with markup in it.
#[derive(Clone, Debug)]
pub(super) struct Html(String);

impl Html {
    /// The message (its name ends in `-html`) with these placeables.
    pub(super) fn said<'a>(
        lang: Lang,
        id: &str,
        args: impl IntoIterator<Item = (&'a str, Arg<'a>)>,
    ) -> Self {
        Self(lang.html(id, args))
    }
}

impl Html {
    /// Markup of ours in which the text of others is harmless already.
    pub(super) fn of_markup(html: String) -> Self {
        Self(html)
    }

    /// A text of ours in which what stands between backticks is code.
    pub(super) fn with_code(text: &str) -> Self {
        let mut html = String::with_capacity(text.len() + 64);
        for (place, part) in text.split('`').enumerate() {
            if place > 0 {
                html.push_str(if place % 2 == 1 { "<code>" } else { "</code>" });
            }
            for c in part.chars() {
                match c {
                    '&' => html.push_str("&#38;"),
                    '<' => html.push_str("&#60;"),
                    '>' => html.push_str("&#62;"),
                    other => html.push(other),
                }
            }
        }
        if text.matches('`').count() % 2 == 1 {
            html.push_str("</code>");
        }
        Self(html)
    }
}

impl fmt::Display for Html {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Html {}

/// A moment as a `<time>` element. The page's script puts it into the visitor's own time zone.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    at: Moment,
    words: String,
    /// Form for the script: `s` with seconds, `d` and `u` as it is.
    shows: &'static str,
}

impl Stamp {
    /// To the minute: `14:02 UTC`, with the day when it is not today's.
    pub(super) fn new(lang: Lang, at: Moment, now: Moment) -> Self {
        Self { at, words: lang.clock(at, now), shows: "" }
    }

    /// To the second: `14:02:31 UTC`.
    pub(super) fn second(at: Moment) -> Self {
        let words = at.to_utc().strftime("%H:%M:%S UTC").to_string();
        Self { at, words, shows: " data-f=\"s\"" }
    }

    /// To the second when it is today's.
    pub(super) fn second_of(lang: Lang, at: Moment, now: Moment) -> Self {
        let same_day = at.to_utc().date() == now.to_utc().date();
        if same_day { Self::second(at) } else { Self::new(lang, at, now) }
    }

    /// To the minute and in UTC wherever the visitor is, for pages whose days are those of UTC: `14:02`,
    /// with its day when that is not the day of `beside`.
    pub(super) fn utc(lang: Lang, at: Moment, beside: Moment) -> Self {
        let time = at.to_utc().strftime("%H:%M").to_string();
        let same_day = at.to_utc().date() == beside.to_utc().date();
        let words = if same_day {
            time
        } else {
            lang.two("clock-on-day", ("day", lang.day(at)), ("time", time))
        };
        Self { at, words, shows: " data-f=\"u\"" }
    }

    /// To the second, with its day.
    pub(super) fn full_second(lang: Lang, at: Moment) -> Self {
        Self { at, words: lang.clock_second(at), shows: " data-f=\"s\"" }
    }

    /// To the minute, with its day.
    pub(super) fn full(lang: Lang, at: Moment) -> Self {
        Self { at, words: lang.clock(at, Moment::default()), shows: "" }
    }

    /// To the day: `3 March 2017`.
    pub(super) fn day(lang: Lang, at: Moment) -> Self {
        Self { at, words: lang.date(at), shows: " data-f=\"d\"" }
    }

    /// Time since then: `9 seconds ago`. The page's script counts on.
    pub(super) fn ago(lang: Lang, at: Moment, now: Moment) -> Self {
        Self { at, words: lang.ago(now.since(at)), shows: " data-f=\"a\"" }
    }

    /// Itself, to be filled into a message with markup.
    pub(super) fn arg(&self) -> Arg<'static> {
        Arg::Markup(self.to_string())
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\"{}>{}</time>", self.at, self.shows, self.words)
    }
}

impl HtmlSafe for Stamp {}

/// The shape of a status; its name stands beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Icon(pub(super) Status);

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.0.word();
        write!(f, "<svg class=\"i {word}\" aria-hidden=\"true\"><use href=\"#{word}\"/></svg>")
    }
}

impl HtmlSafe for Icon {}

/// The first letters of a site's name on a ground that is always the same for that name.
#[derive(Clone, Debug)]
pub(super) struct Initials {
    letters: String,
    /// Background of the style sheet.
    ground: u32,
}

/// Grounds that the style sheet has.
const GROUNDS: u32 = 8;

impl Initials {
    pub(super) fn of(name: &str) -> Self {
        let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        let letters = words.take(2).filter_map(|word| word.chars().next());
        let letters: String = letters.flat_map(char::to_uppercase).collect();
        let sum =
            name.bytes().fold(7_u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
        Self { letters, ground: sum % GROUNDS }
    }
}

impl fmt::Display for Initials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Letters and digits alone: nothing that HTML could take for its own.
        let Self { letters, ground } = self;
        write!(f, "<span class=\"ini g{ground}\" aria-hidden=\"true\">{letters}</span>")
    }
}

impl HtmlSafe for Initials {}

/// The text with its numbers tied to their units and codes, so that no line ends between them.
pub(super) fn tied(text: &str) -> String {
    let mut tied = String::with_capacity(text.len() + 8);
    let mut chars = text.chars().peekable();
    let mut last = ' ';
    while let Some(c) = chars.next() {
        let next = chars.peek().copied().unwrap_or(' ');
        let unit = last.is_ascii_digit() && next.is_lowercase();
        let code = last.is_uppercase() && next.is_ascii_digit();
        tied.push(if c == ' ' && (unit || code) { '\u{a0}' } else { c });
        last = c;
    }
    tied
}

/// A status as one letter of text, for the title of a tab.
pub(super) fn mark(status: Status) -> &'static str {
    match status {
        Status::Up => "✓",
        Status::Slow => "◷",
        Status::Partial => "◐",
        Status::Down => "✕",
        Status::Unknown => "?",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_the_first_letters_of_the_first_two_words() {
        for (name, want) in [
            ("Slack", ">S<"),
            ("ABN AMRO", ">AA<"),
            ("9292", ">9<"),
            ("<b>Bar</b>", ">BB<"),
            ("éénvandaag", ">É<"),
            ("(…)", "><"),
        ] {
            let html = Initials::of(name).to_string();
            assert!(html.contains(want), "{html}");
            assert_eq!(html, Initials::of(name).to_string());
        }
    }

    #[test]
    fn no_line_ends_between_a_number_and_its_unit() {
        for (text, want) in [
            ("4.0 s instead of 238 ms", "4.0\u{a0}s instead of 238\u{a0}ms"),
            ("for 1 h 40 min", "for 1\u{a0}h 40\u{a0}min"),
            ("HTTP 503 Service", "HTTP\u{a0}503 Service"),
            ("7 ", "7 "),
        ] {
            assert_eq!(tied(text), want);
        }
    }
}
