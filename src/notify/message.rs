//! What is said: in words, and in the shape that a webhook receives and the store keeps. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::model::{
    moment::Moment,
    name::Slug,
    notice::rule::Topic,
    outcome::Cause,
    sentence::{clock_words, duration_words},
    verdict::Status,
};

/// Sites that a message names in full; it counts them all.
const MOST_LINES: usize = 100;
/// Sites that a headline names.
const NAMED: usize = 5;
/// How old a message may be without saying so.
const PROMPT: Duration = Duration::from_mins(2);

/// One message: one cause, for one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    /// `site.down`, `site.partial`, `site.slow`, `site.recovered` or `test`; the worst of its sites.
    #[serde(rename = "type")]
    pub(super) kind: Box<str>,
    /// As of when it is true.
    pub(super) timestamp: Moment,
    pub(super) data: Data,
}

/// What a message is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Data {
    /// A few words, such as for the subject of a mail.
    pub(super) title: String,
    /// One sentence or two.
    pub(super) summary: String,
    /// The page that shows it now.
    pub(super) page: String,
    /// The provider that its sites share, if they do.
    pub(super) provider: Option<Box<str>>,
    /// How many sites it is about.
    pub(super) count: usize,
    /// The first hundred of them.
    pub(super) sites: Vec<Line>,
}

/// One site of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Line {
    pub(super) slug: Slug,
    pub(super) name: Box<str>,
    pub(super) url: Box<str>,
    pub(super) page: String,
    pub(super) status: Status,
    /// Since when it has this status.
    pub(super) since: Option<Moment>,
    /// What it was told to be before; `null` when it was well.
    pub(super) was: Option<Status>,
    /// When the bad stretch began.
    pub(super) began_at: Moment,
    /// How long that has lasted, in whole seconds.
    pub(super) duration_seconds: u64,
    pub(super) cause: Option<Cause>,
    pub(super) provider: Option<Box<str>>,
    pub(super) tags: Vec<Box<str>>,
    /// The sentence of the page.
    pub(super) summary: String,
    /// What it is told of.
    #[serde(skip, default = "Line::topic_of_old")]
    pub(super) topic: Topic,
}

impl Line {
    /// The topic is used while a message is made, and not kept.
    fn topic_of_old() -> Topic {
        Topic::Recovered
    }
}

impl Message {
    /// The message about these sites, which are one at least; `now` is when it is made.
    pub(super) fn about(
        mut lines: Vec<Line>,
        provider: Option<Box<str>>,
        page: String,
        as_of: Moment,
        now: Moment,
    ) -> Option<Self> {
        lines.sort_by(|a, b| (a.topic, &a.name).cmp(&(b.topic, &b.name)));
        let worst = lines.first()?.topic;
        let count = lines.len();
        let (title, mut summary) = match lines.as_slice() {
            [one] => (format!("{} {}", one.name, one_is(one)), one.summary.clone()),
            many => {
                let title = many_are(many, worst, provider.as_deref());
                let summary = format!("{title}: {}.", names(many));
                (title, summary)
            }
        };
        if now.since(as_of) > PROMPT {
            summary = format!("At {}: {summary}", clock_words(as_of, now));
        }
        lines.truncate(MOST_LINES);
        let data = Data { title, summary, page, provider, count, sites: lines };
        Some(Self { kind: format!("site.{}", worst.word()).into(), timestamp: as_of, data })
    }

    /// A message that says that it is a test.
    pub(super) fn test(channel: &str, page: String, now: Moment) -> Self {
        let data = Data {
            title: "A test from stillup".to_owned(),
            summary: format!(
                "This is a test of the channel \"{channel}\", sent at {}. Nothing is wrong.",
                clock_words(now, now)
            ),
            page,
            provider: None,
            count: 0,
            sites: Vec::new(),
        };
        Self { kind: "test".into(), timestamp: now, data }
    }

    /// How bad it is.
    pub(super) fn weight(&self) -> Weight {
        match &*self.kind {
            "site.down" => Weight::Bad,
            "site.partial" | "site.slow" => Weight::Middling,
            "site.recovered" => Weight::Good,
            _ => Weight::None,
        }
    }

    /// All of it as plain text, with at most so many sites.
    pub(super) fn text(&self, most: usize) -> String {
        let data = &self.data;
        let mut text = data.summary.clone();
        if data.count > 1 {
            text.push('\n');
            for line in data.sites.iter().take(most) {
                text.extend(["\n- ", &line.summary]);
            }
            if data.count > most {
                let more = data.count - most;
                text.extend(["\n- and ", &more.to_string(), " more"]);
            }
            text.push('\n');
        }
        text.extend(["\n", &data.page]);
        text
    }
}

/// How bad a message is, for receivers that show that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Bad,
    Middling,
    Good,
    None,
}

fn one_is(line: &Line) -> &'static str {
    match line.topic {
        Topic::Down => "is down",
        Topic::Partial => "is down in places",
        Topic::Slow => "is slow",
        Topic::Recovered if line.status == Status::Up => "is up again",
        Topic::Recovered => "is better",
    }
}

fn many_are(lines: &[Line], worst: Topic, provider: Option<&str>) -> String {
    let at = provider.map(|slug| format!(" at {slug}")).unwrap_or_default();
    let are = match worst {
        Topic::Recovered if lines.iter().all(|line| line.status == Status::Up) => "are up again",
        Topic::Recovered => "are better",
        _ if lines.iter().any(|line| line.topic != worst) => "are in trouble",
        Topic::Down => "are down",
        Topic::Partial => "are down in places",
        Topic::Slow => "are slow",
    };
    format!("{} sites{at} {are}", lines.len())
}

fn names(lines: &[Line]) -> String {
    let shown: Vec<&str> = lines.iter().take(NAMED).map(|line| &*line.name).collect();
    let more = lines.len().saturating_sub(NAMED);
    match shown.as_slice() {
        all if more > 0 => format!("{} and {more} more", all.join(", ")),
        [before @ .., last] if !before.is_empty() => format!("{} and {last}", before.join(", ")),
        all => all.join(", "),
    }
}

/// What is said of how long it was bad: `It was down for 37 minutes, since 14:02 UTC.`
pub(super) fn it_was(was: Option<Status>, began: Moment, ended: Moment, now: Moment) -> String {
    let word = match was {
        Some(Status::Partial) => "down in places",
        Some(status) => status.word(),
        None => "in trouble",
    };
    let long = duration_words(ended.since(began));
    format!("It was {word} for {long}, from {}.", clock_words(began, now))
}

#[cfg(test)]
mod tests;
