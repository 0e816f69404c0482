//! The line of a site in a message: its state and the news about it. Pure.

use super::MessagePlan;
use crate::{
    board::LiveSite,
    i18n::{
        Lang,
        sentence::{SiteFacts, is_unavailable, sentence_in},
    },
    notify::message::{
        CauseText, MessageLine, NoteLine, RegionStatus, checked_from, it_was, no_more, noted,
        taken_back,
    },
};
use model::{
    moment::Moment,
    note::NoteKind,
    notification::{
        channel_state::{Announcement, Subject},
        rule::Topic,
    },
    outcome::Answer,
    restriction::Restriction,
};

impl MessagePlan<'_> {
    pub(super) fn line(
        &self,
        lang: Lang,
        live: &LiveSite,
        announcement: &Announcement,
    ) -> MessageLine {
        let verdict = &announcement.verdict;
        let ended = if announcement.topic == Topic::Recovered {
            verdict.since.unwrap_or(announcement.as_of)
        } else {
            announcement.as_of
        };
        let mut summary = summary(lang, live, announcement);
        let more = if announcement.withdrawn {
            Some(taken_back(lang, announcement, self.now))
        } else if announcement.topic == Topic::Recovered {
            Some(it_was(lang, announcement, ended, self.now))
        } else {
            announcement.restless.then(|| no_more(lang))
        };
        let regions = seen_from(live, announcement.as_of);
        let from = checked_from(lang, announcement.topic, &regions);
        let from = from.filter(|_| !announcement.withdrawn);
        for more in from.into_iter().chain(more) {
            summary.extend([" ", &more]);
        }
        MessageLine {
            regions,
            was: announcement.was.and_then(Topic::status),
            duration_seconds: ended.since(announcement.began).as_secs(),
            unstable: announcement.restless,
            withdrawn: announcement.withdrawn,
            summary,
            ..self.plain_line(lang, live, announcement)
        }
    }

    /// The line of a note that begins or is over.
    pub(super) fn line_of_note(
        &self,
        lang: Lang,
        live: &LiveSite,
        announcement: &Announcement,
    ) -> MessageLine {
        let plain = self.plain_line(lang, live, announcement);
        let Subject::Note(kind) = announcement.subject else { return plain };
        let is_over = announcement.topic == Topic::Recovered;
        let ended_at = is_over.then_some(announcement.at);
        let note = NoteLine { kind, since: announcement.began, ended_at };
        let unavailable = kind == NoteKind::TurnedAway && is_unavailable(restriction(live));
        let (title, mut summary) = noted(lang, &plain.name, &note, unavailable, self.now);
        if announcement.restless && !is_over {
            summary.extend([" ", &no_more(lang)]);
        }
        let unstable = announcement.restless;
        MessageLine { notes: vec![note], title, summary, unstable, ..plain }
    }

    /// The line of a site before its sentence.
    fn plain_line(&self, lang: Lang, live: &LiveSite, announcement: &Announcement) -> MessageLine {
        let (site, verdict) = (&live.site, &announcement.verdict);
        MessageLine {
            slug: site.slug.clone(),
            name: site.name.clone(),
            url: site.url.as_str().into(),
            page: self.page(site.slug.as_str()),
            status: verdict.status,
            since: verdict.since,
            was: None,
            began_at: announcement.began,
            duration_seconds: announcement.as_of.since(announcement.began).as_secs(),
            cause: verdict.cause.as_ref().map(|cause| CauseText::of(lang, cause)),
            provider: live.provider().map(Into::into),
            unstable: false,
            tags: site.tags.clone(),
            notes: Vec::new(),
            withdrawn: false,
            regions: Vec::new(),
            summary: String::new(),
            topic: announcement.topic,
            title: String::new(),
        }
    }
}

/// The regions that vote on a site, with what they see.
fn seen_from(live: &LiveSite, at: Moment) -> Vec<RegionStatus> {
    let voting = live.regions.iter().filter(|seen| seen.votes(at));
    voting.map(|seen| RegionStatus { region: seen.region.clone(), status: seen.status }).collect()
}

/// Several notes on one site are one line.
pub(super) fn one_for_each_site(
    lang: Lang,
    lines: impl Iterator<Item = MessageLine>,
) -> Vec<MessageLine> {
    let mut joined: Vec<MessageLine> = Vec::new();
    for line in lines {
        let same = joined.iter_mut().find(|known| known.slug == line.slug);
        match same.filter(|_| !line.notes.is_empty()) {
            Some(known) => {
                known.title =
                    lang.two("noted-and", ("before", &known.title), ("last", &line.title));
                known.summary.extend([" ", &line.summary]);
                known.began_at = known.began_at.min(line.began_at);
                known.notes.extend(line.notes);
            }
            None => joined.push(line),
        }
    }
    joined
}

/// Restriction seen at the last check, if there was one.
fn restriction(live: &LiveSite) -> Option<&Restriction> {
    live.regions.iter().find_map(|seen| match &seen.check.outcome.answer {
        Answer::Restricted(restriction) => Some(restriction),
        Answer::Ok | Answer::Failed(_) => None,
    })
}

/// The sentence of the page, as of the moment of the announcement.
pub(super) fn summary(lang: Lang, live: &LiveSite, announcement: &Announcement) -> String {
    let places = live.places(announcement.as_of);
    let known = SiteFacts {
        name: &live.site.name,
        verdict: &announcement.verdict,
        restriction: restriction(live).filter(|_| announcement.verdict.restricted),
        latency: live.latency(),
        usual: live.usual,
        checked_at: live.checked_at(),
        fresh: true,
        places: &places,
    };
    sentence_in(lang, &known, announcement.as_of)
}
