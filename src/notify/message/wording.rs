//! Words of messages: titles, lists of names, and sentences about a stretch or a note. Pure.

use super::{MAX_NAMED, MessageLine, NoteLine, RegionStatus};
use crate::i18n::{Arg, Lang, sentence::region_list};
use model::{
    moment::Moment,
    name::Region,
    notification::{
        channel_state::{Announcement, STABLE_AFTER},
        rule::Topic,
    },
    provider::name,
    verdict::Status,
};

pub(super) fn one_is(lang: Lang, line: &MessageLine) -> String {
    if !line.title.is_empty() {
        return line.title.clone();
    }
    let id = match line.topic {
        // What is worse than was told is said as it is.
        topic @ (Topic::Down | Topic::Partial | Topic::Slow)
            if line.unstable && line.was.and_then(Topic::of).is_none_or(|was| topic >= was) =>
        {
            "message-unstable"
        }
        Topic::Down => "message-down",
        Topic::Partial => "message-partial",
        Topic::Slow => "message-slow",
        Topic::Recovered if line.withdrawn => "message-withdrawn",
        Topic::Recovered if line.status == Status::Up => "message-up",
        Topic::Recovered | Topic::Notes | Topic::Notice | Topic::Certificate => "message-better",
    };
    lang.one(id, "name", &*line.name)
}

pub(super) fn many_are(lang: Lang, lines: &[MessageLine], provider: Option<&str>) -> String {
    let all = |is: fn(&MessageLine) -> bool| lines.iter().all(is);
    let worst = lines.iter().map(|line| line.topic).min().unwrap_or(Topic::Recovered);
    let are = match worst {
        Topic::Notes | Topic::Notice | Topic::Certificate => "noted",
        Topic::Recovered if all(|line| !line.notes.is_empty()) => "note-over",
        Topic::Recovered if all(|line| line.withdrawn) => "withdrawn",
        Topic::Recovered if all(|line| line.status == Status::Up && !line.withdrawn) => "up",
        Topic::Recovered => "better",
        _ if all(|line| line.unstable) => "unstable",
        _ if lines.iter().any(|line| line.topic != worst) => "trouble",
        Topic::Down => "down",
        Topic::Partial => "partial",
        Topic::Slow => "slow",
    };
    let at = provider.map(|slug| lang.one("message-at", "provider", name(slug)));
    let at = at.unwrap_or_default();
    lang.two(&format!("message-many-{are}"), ("n", lines.len()), ("at", at))
}

pub(super) fn names(lang: Lang, lines: &[MessageLine]) -> String {
    let shown: Vec<&str> = lines.iter().take(MAX_NAMED).map(|line| &*line.name).collect();
    let more = lines.len().saturating_sub(MAX_NAMED);
    match shown.as_slice() {
        all if more > 0 => lang.two("message-names-more", ("names", all.join(", ")), ("n", more)),
        [before @ .., last] if !before.is_empty() => {
            lang.two("list-and", ("before", before.join(", ")), ("last", *last))
        }
        all => all.join(", "),
    }
}

/// Sentence about the places that a site was checked from; `None` for a single place. That of a
/// site that is partly down names them already.
pub(in crate::notify) fn checked_from(
    lang: Lang,
    topic: Topic,
    seen: &[RegionStatus],
) -> Option<String> {
    if seen.len() < 2 || topic == Topic::Partial {
        return None;
    }
    let of = |wanted: &dyn Fn(Status) -> bool| {
        let fitting = seen.iter().filter(|seen| wanted(seen.status));
        let regions: Vec<Region> = fitting.map(|seen| seen.region.clone()).collect();
        region_list(lang, &regions)
    };
    let is_down = |status| status == Status::Down;
    let (down, others) = (of(&is_down), of(&|status| !is_down(status)));
    match (topic, down, others) {
        (Topic::Down, Some(down), Some(others)) => {
            Some(lang.two("message-from-some", ("down", down), ("others", others)))
        }
        _ => Some(lang.one("message-from", "places", of(&|_| true)?)),
    }
}

/// Name of the status in the message before.
fn was(announcement: &Announcement) -> &'static str {
    announcement.was.and_then(Topic::status).map_or("trouble", Status::word)
}

/// Sentence about the length of the stretch: `It was down for 37 minutes, since 14:02 UTC.`
pub(in crate::notify) fn it_was(
    lang: Lang,
    announcement: &Announcement,
    ended: Moment,
    now: Moment,
) -> String {
    let word = match announcement.tellings {
        _ if announcement.restless => "unstable",
        0 | 1 => was(announcement),
        // It was one thing first and another then.
        _ => "trouble",
    };
    let lasted = lang.duration(ended.since(announcement.began));
    let from = lang.clock(announcement.began, now);
    lang.two(&format!("message-was-{word}"), ("long", lasted), ("from", from))
}

/// Sentence that withdraws an earlier message: `We take back that it was down from 14:02 UTC.`
pub(in crate::notify) fn taken_back(
    lang: Lang,
    announcement: &Announcement,
    now: Moment,
) -> String {
    let from = lang.clock(announcement.began, now);
    lang.one(&format!("message-withdrawn-{}", was(announcement)), "from", from)
}

/// Sentence about a site that keeps failing and coming back.
pub(in crate::notify) fn no_more(lang: Lang) -> String {
    lang.one("message-changing", "long", lang.duration(STABLE_AFTER))
}

/// Title and sentence about a note that begins or is over.
pub(in crate::notify) fn noted(
    lang: Lang,
    name: &str,
    note: &NoteLine,
    unavailable: bool,
    now: Moment,
) -> (String, String) {
    let word = note.kind.word().replace('_', "-");
    let since = lang.clock(note.since, now);
    if let Some(ended) = note.ended_at {
        let title = lang.one(&format!("note-over-{word}"), "name", name);
        let lasted = lang.duration(ended.since(note.since));
        let args = [("title", title.as_str().into()), ("long", Arg::from(lasted))];
        let text = lang.with("note-over-text", args.into_iter().chain([("since", since.into())]));
        return (title, text);
    }
    let word = if unavailable { "unavailable" } else { word.as_str() };
    let title = lang.one(&format!("noted-{word}"), "name", name);
    (title, lang.two(&format!("noted-since-{word}"), ("name", name), ("since", since)))
}
