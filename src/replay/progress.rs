//! Output of a replay on the terminal: the address of the pages, the events of the story, the
//! verdicts.

use std::{
    collections::HashMap,
    fmt,
    io::{IsTerminal, Write, stdout},
    time::Duration,
};

use url::Url;

use super::Options;
use crate::{
    board::Board,
    config::Story,
    i18n::{provider::summary, sentence::duration_words},
};
use model::{
    moment::Moment,
    name::Slug,
    provider::name,
    verdict::{Status, StatusCounts},
};

/// Time in the story between two lines where the output is no terminal.
const LINE_INTERVAL: Duration = Duration::from_mins(30);

/// Prints the progress of the play.
pub(super) struct PlayProgress {
    begins: Moment,
    ends: Moment,
    statuses: HashMap<Slug, Status>,
    failing: Option<Box<str>>,
    on_terminal: bool,
    written_at: Moment,
}

impl PlayProgress {
    /// Says where the pages are, and what is played.
    pub(super) fn new(story: &Story, options: &Options, url: Option<&Url>) -> Self {
        let long = story.ends.since(story.begins);
        if let Some(url) = url {
            print(format_args!("The pages are at {url}\n"));
        }
        print(format_args!(
            "{}: {} of the story in {}, {} times faster than real time.\n",
            story.title,
            in_full(long),
            in_full(long / options.speed.max(1)),
            options.speed
        ));
        Self {
            begins: story.begins,
            ends: story.ends,
            statuses: HashMap::new(),
            failing: None,
            on_terminal: stdout().is_terminal(),
            written_at: story.begins,
        }
    }

    /// Prints an event of the story.
    pub(super) fn say(&mut self, at: Moment, says: &str) {
        self.line(at, &format!("* {says}"));
    }

    /// Prints changes of verdicts.
    pub(super) fn show(&mut self, board: &Board, now: Moment) {
        let sites = board.sites();
        for live in &sites {
            let status = live.verdict.status;
            let old = self.statuses.insert(live.site.slug.clone(), status);
            if old.is_some_and(|old| old != status) || old.is_none() && status.is_outage() {
                let old = old.unwrap_or(Status::Unknown);
                let words = format!("  {}: {} → {}", live.site.name, old.word(), status.word());
                self.line(now, &words);
            }
        }
        self.show_failing(board, now);
        let counts: StatusCounts = sites.iter().map(|live| live.verdict.status).collect();
        if self.on_terminal {
            print(format_args!("\r\x1b[K{} {}", self.bar(now), words(&counts, now)));
        } else if now.since(self.written_at) >= LINE_INTERVAL {
            self.written_at = now;
            print(format_args!("{}\n", words(&counts, now)));
        }
    }

    fn show_failing(&mut self, board: &Board, now: Moment) {
        let failing = board.failing();
        let first = failing.first();
        let provider = first.map(|standing| standing.provider.clone());
        if provider == self.failing {
            return;
        }
        match (first, self.failing.take()) {
            (Some(standing), _) => self.line(now, &format!("! {}", summary(standing, now))),
            (None, Some(old)) => self.line(now, &format!("! {} has recovered.", name(&old))),
            (None, None) => {}
        }
        self.failing = provider;
    }

    /// The end, and what came of it.
    pub(super) fn end(&mut self, board: &Board, now: Moment) {
        self.line(now, "The story is over. What we saw of it:");
        for live in board.sites() {
            for outage in live.outages.iter().rev() {
                let ended = outage.ended_at.map_or_else(|| "now".to_owned(), clock);
                let long = outage.ended_at.unwrap_or(now).since(outage.started_at);
                print(format_args!(
                    "  {:<24} {:<8} {} to {} ({})\n",
                    live.site.name,
                    outage.status.word(),
                    clock(outage.started_at),
                    ended,
                    duration_words(long)
                ));
            }
        }
    }

    fn line(&self, at: Moment, words: &str) {
        let clear = if self.on_terminal { "\r\x1b[K" } else { "" };
        print(format_args!("{clear}{}  {words}\n", clock(at)));
    }

    fn bar(&self, now: Moment) -> String {
        let (done, all) = (now.since(self.begins), self.ends.since(self.begins));
        let wide = (done.as_secs_f64() / all.as_secs_f64().max(1.0) * 20.0) as usize;
        format!("[{:-<20}]", "#".repeat(wide.min(20)))
    }
}

/// Prints it at once. A terminal or a reader that is gone is no reason to end the play.
fn print(text: fmt::Arguments<'_>) {
    let mut to = stdout().lock();
    drop(to.write_fmt(text).and_then(|()| to.flush()));
}

/// Number of sites by status, in words.
fn words(counts: &StatusCounts, now: Moment) -> String {
    let words: Vec<String> = Status::ALL
        .into_iter()
        .filter(|status| counts.of(*status) > 0)
        .map(|status| format!("{} {}", counts.of(status), status.word()))
        .collect();
    format!("{} {}", clock(now), words.join(", "))
}

/// A length of time in its two largest units: half a story in five hours is no five hours.
fn in_full(long: Duration) -> String {
    const UNITS: [(u64, &str); 4] =
        [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let seconds = long.as_secs();
    let largest = UNITS.iter().position(|(unit, _)| seconds >= *unit).unwrap_or(UNITS.len() - 1);
    let mut rest = seconds;
    let mut words = Vec::new();
    for (unit, name) in UNITS.into_iter().skip(largest).take(2) {
        let count = rest / unit;
        rest %= unit;
        if count > 0 {
            words.push(format!("{count} {name}{}", if count == 1 { "" } else { "s" }));
        }
    }
    if words.is_empty() { "no time".to_owned() } else { words.join(" ") }
}

/// The time of day, in UTC as on the pages.
fn clock(at: Moment) -> String {
    at.to_utc().strftime("%H:%M:%S UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_is_told_in_two_units() {
        for (seconds, want) in [
            (59, "59 seconds"),
            (177, "2 minutes 57 seconds"),
            (3_600, "1 hour"),
            (21_300, "5 hours 55 minutes"),
            (3_659, "1 hour"),
            (90_000, "1 day 1 hour"),
            (0, "no time"),
        ] {
            assert_eq!(in_full(Duration::from_secs(seconds)), want);
        }
    }
}
