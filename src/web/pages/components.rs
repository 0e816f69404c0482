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
    /// The moment that it stands beside: its day is said only when it is another one.
    beside: Option<Moment>,
    /// Form for the script: `s` with seconds, `d` and `u` as it is.
    shows: &'static str,
}

impl Stamp {
    /// To the minute: `14:02 UTC`, with the day when it is not today's.
    pub(super) fn new(lang: Lang, at: Moment, now: Moment) -> Self {
        Self::plain(at, &lang.clock(at, now), "")
    }

    /// To the second: `14:02:31 UTC`.
    pub(super) fn second(at: Moment) -> Self {
        let words = at.to_utc().strftime("%H:%M:%S UTC").to_string();
        Self::plain(at, &words, " data-f=\"s\"")
    }

    /// The same, in UTC wherever the visitor is.
    pub(super) fn in_utc(self) -> Self {
        Self { shows: " data-f=\"u\"", ..self }
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
        Self::plain(at, &words, " data-f=\"u\"")
    }

    /// To the minute, the end of what began at `start`: with its day when that is another one.
    pub(super) fn end(lang: Lang, at: Moment, start: Moment, now: Moment) -> Self {
        let same_day = at.to_utc().date() == start.to_utc().date();
        Self { beside: Some(start), ..Self::new(lang, at, if same_day { at } else { now }) }
    }

    /// To the second, of what stands beside `start`: with its day when that is another one.
    pub(super) fn second_beside(lang: Lang, at: Moment, start: Moment) -> Self {
        let same_day = at.to_utc().date() == start.to_utc().date();
        let stamp = if same_day { Self::second(at) } else { Self::full_second(lang, at) };
        Self { beside: Some(start), ..stamp }
    }

    /// To the second, with its day.
    pub(super) fn full_second(lang: Lang, at: Moment) -> Self {
        Self::plain(at, &lang.clock_second(at), " data-f=\"s\"")
    }

    /// To the minute, with its day.
    pub(super) fn full(lang: Lang, at: Moment) -> Self {
        Self::plain(at, &lang.clock(at, Moment::default()), "")
    }

    /// To the day: `3 March 2017`.
    pub(super) fn day(lang: Lang, at: Moment) -> Self {
        Self::plain(at, &lang.date(at), " data-f=\"d\"")
    }

    /// Time since then: `9 seconds ago`. The page's script counts on.
    pub(super) fn ago(lang: Lang, at: Moment, now: Moment) -> Self {
        Self::plain(at, &lang.ago(now.since(at)), " data-f=\"a\"")
    }

    /// In these words, in which no line ends after a number.
    fn plain(at: Moment, words: &str, shows: &'static str) -> Self {
        let mut unbroken = String::with_capacity(words.len() + 4);
        for c in words.chars() {
            let after_number = unbroken.ends_with(|last: char| last.is_ascii_digit());
            unbroken.push(if c == ' ' && after_number { '\u{a0}' } else { c });
        }
        Self { at, words: unbroken, beside: None, shows }
    }

    /// Itself, to be filled into a message with markup.
    pub(super) fn arg(&self) -> Arg<'static> {
        Arg::Markup(self.to_string())
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\"{}", self.at, self.shows)?;
        if let Some(beside) = self.beside {
            write!(f, " data-beside=\"{beside}\"")?;
        }
        write!(f, ">{}</time>", self.words)
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
        let hours = ["\u{a0}h", "\u{a0}u"].iter().any(|hours| tied.ends_with(hours));
        tied.push(if c == ' ' && (unit || code || hours) { '\u{a0}' } else { c });
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
    fn the_end_of_something_says_its_day_when_it_is_another_one() {
        let at = |text: &str| Moment::parse(text).unwrap();
        let (start, now) = (at("2017-02-28T17:37:00Z"), at("2017-03-02T12:00:00Z"));
        for (end, lang, want) in [
            ("2017-02-28T21:02:00Z", Lang::En, ">21:02\u{a0}UTC<"),
            ("2017-03-01T01:02:00Z", Lang::En, ">1\u{a0}March, 01:02\u{a0}UTC<"),
            ("2017-03-01T01:02:00Z", Lang::Nl, ">1\u{a0}maart, 01:02\u{a0}UTC<"),
        ] {
            let html = Stamp::end(lang, at(end), start, now).to_string();
            assert!(html.contains(want), "{html}");
            assert!(html.contains(" data-beside=\"2017-02-28T17:37:00.000Z\">"), "{html}");
        }
        let second = Stamp::second_beside(Lang::En, start, start).to_string();
        assert!(
            second.contains(" data-f=\"s\" data-beside=") && second.contains(">17:37:00\u{a0}UTC<")
        );
    }

    #[test]
    fn no_line_ends_between_a_number_and_its_unit() {
        for (text, want) in [
            ("4.0 s instead of 238 ms", "4.0\u{a0}s instead of 238\u{a0}ms"),
            ("for 1 h 40 min", "for 1\u{a0}h\u{a0}40\u{a0}min"),
            ("HTTP 503 Service", "HTTP\u{a0}503 Service"),
            ("7 ", "7 "),
        ] {
            assert_eq!(tied(text), want);
        }
    }
}
