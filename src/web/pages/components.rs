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
    /// The message (its name ends in `-html`) with these places filled in.
    pub(super) fn said<'a, const N: usize>(
        lang: Lang,
        id: &str,
        args: [(&'a str, Arg<'a>); N],
    ) -> Self {
        Self(lang.html(id, args))
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
    /// What the script should show of it: `s` with seconds, `d` and `u` as it is.
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

    /// To the minute, without a day: `14:02 UTC`.
    pub(super) fn minute(at: Moment) -> Self {
        let words = at.to_utc().strftime("%H:%M UTC").to_string();
        Self { at, words, shows: " data-f=\"m\"" }
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

    /// To the minute, with its day.
    pub(super) fn full(lang: Lang, at: Moment) -> Self {
        Self { at, words: lang.clock(at, Moment::default()), shows: "" }
    }

    /// The day, without its year: `3 March`.
    pub(super) fn day_of_year(lang: Lang, at: Moment) -> Self {
        Self { at, words: lang.day(at), shows: " data-f=\"d\"" }
    }

    /// To the day: `3 March 2017`.
    pub(super) fn day(lang: Lang, at: Moment) -> Self {
        Self { at, words: lang.date(at), shows: " data-f=\"d\"" }
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

/// The shape of a status; the word stands beside it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Icon(pub(super) Status);

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = self.0.word();
        write!(f, "<svg class=\"i {word}\" aria-hidden=\"true\"><use href=\"#{word}\"/></svg>")
    }
}

impl HtmlSafe for Icon {}

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
