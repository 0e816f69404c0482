//! What is said: in words, and in the shape that a webhook receives and the store keeps. Pure.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{
    i18n::{
        Lang,
        sentence::{clock_words, duration_words},
    },
    model::{
        moment::Moment,
        name::Slug,
        notice::{
            case::{CALM, Telling},
            rule::Topic,
        },
        outcome::{Cause, Failure},
        provider::name,
        verdict::Status,
    },
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
    /// `site.down`, `site.partial`, `site.slow`, `site.recovered`, the worst of its sites;
    /// `provider.failing`, `provider.recovered`; or `test`.
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
    /// The provider event that it tells of, or of whose end.
    #[serde(default)]
    pub(super) event: Option<Happening>,
    /// How many sites it is about.
    pub(super) count: usize,
    /// The first hundred of them.
    pub(super) sites: Vec<Line>,
}

/// A provider that seems to be failing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Happening {
    /// Its slug.
    pub(super) provider: Box<str>,
    pub(super) name: Box<str>,
    pub(super) page: String,
    /// When the first of its sites turned bad.
    pub(super) started_at: Moment,
    /// When we saw that they have one cause.
    pub(super) noticed_at: Moment,
    /// `null` while it lasts.
    pub(super) ended_at: Option<Moment>,
    /// How many sites of the catalogue were bad with it; the channel may hear of fewer.
    pub(super) affected: usize,
}

/// Why a site is bad, with the detail in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CauseText {
    pub(super) failure: Failure,
    pub(super) detail: String,
}

impl CauseText {
    /// This cause.
    pub(super) fn of(cause: &Cause) -> Self {
        Self { failure: cause.failure, detail: Lang::En.detail(&cause.detail) }
    }
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
    pub(super) cause: Option<CauseText>,
    pub(super) provider: Option<Box<str>>,
    /// It keeps failing and coming back: the next message comes when it has been well for long.
    #[serde(default)]
    pub(super) unstable: bool,
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
        let data = Data { title, summary, page, provider, event: None, count, sites: lines };
        Some(Self { kind: format!("site.{}", worst.word()).into(), timestamp: as_of, data })
    }

    /// The message that a provider seems to be failing, and these sites with it; `sentence` says
    /// by what we know.
    pub(super) fn failing(
        mut lines: Vec<Line>,
        event: Happening,
        sentence: &str,
        now: Moment,
    ) -> Self {
        lines.sort_by(|a, b| (a.topic, &a.name).cmp(&(b.topic, &b.name)));
        let summary = format!("{sentence} Of those that you hear of: {}.", names(&lines));
        let title = format!("{} seems to be failing", event.name);
        Self::of_event("provider.failing", (title, summary), event, lines, now)
    }

    /// The message that it is over, for all or for these sites.
    pub(super) fn recovered(mut lines: Vec<Line>, event: Happening, now: Moment) -> Self {
        lines.sort_by(|a, b| (a.topic, &a.name).cmp(&(b.topic, &b.name)));
        let (bad, well): (Vec<Line>, Vec<Line>) =
            lines.into_iter().partition(|line| line.topic != Topic::Recovered);
        let (name, began) = (&event.name, event.started_at);
        let long = duration_words(event.ended_at.unwrap_or(now).since(began));
        let from = clock_words(began, now);
        let (title, mut summary) = if event.ended_at.is_some() {
            let title = format!("{name} seems to have recovered");
            (title.clone(), format!("{title}, after {long}, from {from}."))
        } else {
            let title = format!("Your sites at {name} are up again");
            let rest = format!("{name} still seems to be failing, for {long}, since {from}.");
            (title, rest)
        };
        for (are, some) in [("Up again", &well), ("Still in trouble", &bad)] {
            if !some.is_empty() {
                summary = format!("{summary} {are}: {}.", names(some));
            }
        }
        let lines = bad.into_iter().chain(well).collect();
        Self::of_event("provider.recovered", (title, summary), event, lines, now)
    }

    fn of_event(
        kind: &str,
        (title, summary): (String, String),
        event: Happening,
        mut sites: Vec<Line>,
        now: Moment,
    ) -> Self {
        let (page, count, provider) =
            (event.page.clone(), sites.len(), Some(event.provider.clone()));
        sites.truncate(MOST_LINES);
        let data = Data { title, summary, page, provider, event: Some(event), count, sites };
        Self { kind: kind.into(), timestamp: now, data }
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
            event: None,
            count: 0,
            sites: Vec::new(),
        };
        Self { kind: "test".into(), timestamp: now, data }
    }

    /// How bad it is.
    pub(super) fn weight(&self) -> Weight {
        match &*self.kind {
            "site.down" | "provider.failing" => Weight::Bad,
            "site.partial" | "site.slow" => Weight::Middling,
            "site.recovered" | "provider.recovered" => Weight::Good,
            _ => Weight::None,
        }
    }

    /// All of it as plain text, with at most so many sites.
    pub(super) fn text(&self, most: usize) -> String {
        let data = &self.data;
        let mut text = data.summary.clone();
        if data.count > 1 || data.event.is_some() {
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
        Topic::Down | Topic::Partial | Topic::Slow if line.unstable => "is unstable",
        Topic::Down => "is down",
        Topic::Partial => "is down in places",
        Topic::Slow => "is slow",
        Topic::Recovered if line.status == Status::Up => "is up again",
        Topic::Recovered if line.status == Status::Unknown => "was not in trouble: we were",
        Topic::Recovered => "is better",
    }
}

fn many_are(lines: &[Line], worst: Topic, provider: Option<&str>) -> String {
    let at = provider.map(|slug| format!(" at {}", name(slug))).unwrap_or_default();
    let are = match worst {
        Topic::Recovered if lines.iter().all(|line| line.status == Status::Up) => "are up again",
        Topic::Recovered if lines.iter().all(|line| line.status == Status::Unknown) => {
            "were not in trouble: we were"
        }
        Topic::Recovered => "are better",
        _ if lines.iter().all(|line| line.unstable) => "are unstable",
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
pub(super) fn it_was(telling: &Telling, ended: Moment, now: Moment) -> String {
    let word = match telling.was {
        _ if telling.restless => "unstable",
        Some(Status::Partial) => "down in places",
        Some(status) => status.word(),
        None => "in trouble",
    };
    let long = duration_words(ended.since(telling.began));
    format!("It was {word} for {long}, from {}.", clock_words(telling.began, now))
}

/// What is said of what was our own trouble, when it was told already:
/// `We take back that it was down from 14:02 UTC.`
pub(super) fn taken_back(telling: &Telling, now: Moment) -> String {
    let word = match telling.was {
        Some(Status::Partial) => "down in places",
        Some(status) => status.word(),
        None => "in trouble",
    };
    format!("We take back that it was {word} from {}.", clock_words(telling.began, now))
}

/// What is said of a site that keeps failing and coming back.
pub(super) fn no_more() -> String {
    let calm = duration_words(CALM);
    format!("It keeps changing; the next message comes when it has been well for {calm}.")
}

#[cfg(test)]
mod tests;
