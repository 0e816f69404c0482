//! Small pieces of HTML that many templates use. Each writes markup of its own and no visitor's
//! text, which is why the templates need not escape it.

use std::fmt;

use askama::filters::HtmlSafe;
use time::macros::format_description;

use crate::model::{moment::Moment, sentence::clock_words, verdict::Status};

/// A moment as a `<time>` element.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    at: Moment,
    words: String,
}

impl Stamp {
    /// To the minute: `14:02 UTC`, with the day when it is not today's.
    pub(super) fn new(at: Moment, now: Moment) -> Self {
        Self { at, words: clock_words(at, now) }
    }

    /// To the second: `14:02:31 UTC`.
    pub(super) fn second(at: Moment) -> Self {
        let format = format_description!("[hour]:[minute]:[second] UTC");
        Self { at, words: at.to_datetime().format(format).unwrap_or_default() }
    }

    /// To the second when it is today's.
    pub(super) fn second_of(at: Moment, now: Moment) -> Self {
        let same_day = at.to_datetime().date() == now.to_datetime().date();
        if same_day { Self::second(at) } else { Self::new(at, now) }
    }

    /// To the day: `3 March 2017`.
    pub(super) fn day(at: Moment) -> Self {
        let format = format_description!("[day padding:none] [month repr:long] [year]");
        Self { at, words: at.to_datetime().format(format).unwrap_or_default() }
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<time datetime=\"{}\">{}</time>", self.at, self.words)
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
