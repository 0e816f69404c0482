//! Content of a message: in words, and in the shape that a webhook receives and the store keeps.
//! Pure.

mod wording;

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::i18n::{Arg, Lang};
use model::{
    moment::Moment,
    name::{Region, Slug},
    note::NoteKind,
    notice::{Notice, NoticeState, NoticeUpdate},
    notification::rule::Topic,
    outcome::{Cause, Failure},
    verdict::Status,
};

pub(super) use self::wording::{checked_from, it_was, no_more, noted, taken_back};
use self::wording::{many_are, names, one_is};

/// Sites that a message names in full; it counts them all.
pub(super) const MAX_LINES: usize = 100;
/// Sites that a headline names.
const MAX_NAMED: usize = 5;
/// Age above which a message says how old it is.
const PROMPT_WITHIN: Duration = Duration::from_mins(2);

/// One message: one cause, for one channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Message {
    /// `site.down`, `site.partial`, `site.slow`, `site.recovered`, the worst of its sites;
    /// `site.noted`, `site.note_over`; `provider.failing`, `provider.recovered`; `notice.opened`, `notice.updated`,
    /// `notice.resolved`; `certificate.ends`; or `test`.
    #[serde(rename = "type")]
    pub(super) kind: Box<str>,
    /// As of when it is true.
    pub(super) timestamp: Moment,
    pub(super) data: MessageData,
}

/// Content of a message.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MessageData {
    /// A few words, such as for the subject of a mail.
    pub(super) title: String,
    /// One sentence or two.
    pub(super) summary: String,
    /// The tag of the language of both.
    #[serde(default)]
    pub(super) language: Box<str>,
    /// The page that shows it now.
    pub(super) page: String,
    /// The provider that its sites share, if they do.
    pub(super) provider: Option<Box<str>>,
    /// The provider event that it reports, or whose end it reports.
    #[serde(default)]
    pub(super) event: Option<Happening>,
    /// True if all of its sites were reported before: only their cause is new.
    #[serde(default)]
    pub(super) update: bool,
    /// The update of a person's notice that it reports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) notice: Option<NoticeLine>,
    /// The certificates that end soon, the first to end first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) certificates: Vec<CertificateLine>,
    /// Number of its sites.
    pub(super) count: usize,
    /// The first hundred of them.
    pub(super) sites: Vec<MessageLine>,
}

impl MessageData {
    /// Nothing yet, in this language.
    fn in_language(lang: Lang) -> Self {
        Self { language: lang.tag().into(), ..Self::default() }
    }
}

/// The address of a page of ours; the brackets of an IPv6 slug are not allowed in a path.
pub(super) fn page(public_url: &Url, path: &str) -> String {
    let root = public_url.as_str().trim_end_matches('/');
    format!("{root}/{}", path.replace('[', "%5B").replace(']', "%5D"))
}

/// An update of a person's notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NoticeLine {
    pub(super) id: Box<str>,
    /// Its update, by whose name it is told once.
    pub(super) update_id: Box<str>,
    pub(super) title: Box<str>,
    /// State of the trouble, as the person sees it.
    pub(super) state: Box<str>,
    pub(super) impact: Box<str>,
}

/// A certificate that ends soon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CertificateLine {
    /// Names the certificate and the days before its end, by which it is told once.
    pub(super) id: Box<str>,
    pub(super) slug: Slug,
    pub(super) name: Box<str>,
    pub(super) url: Box<str>,
    pub(super) page: String,
    pub(super) ends_at: Moment,
    /// The days of the channel that were reached.
    pub(super) days: u32,
    /// A few words for a list.
    pub(super) summary: String,
}

/// A provider that seems to be failing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Happening {
    /// Its slug.
    pub(super) provider: Box<str>,
    pub(super) name: Box<str>,
    pub(super) page: String,
    /// The moment when the first of its sites turned bad.
    pub(super) started_at: Moment,
    /// The moment when we saw that they have one cause.
    pub(super) noticed_at: Moment,
    /// `null` while it lasts.
    pub(super) ended_at: Option<Moment>,
    /// Number of sites of the catalogue that were bad with it; the channel may follow fewer.
    pub(super) affected: usize,
}

/// Cause of a site's trouble, with the detail in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct CauseText {
    pub(super) failure: Failure,
    pub(super) detail: String,
}

impl CauseText {
    /// This cause.
    pub(super) fn of(lang: Lang, cause: &Cause) -> Self {
        Self { failure: cause.failure, detail: lang.detail(&cause.detail) }
    }
}

/// One site of a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct MessageLine {
    pub(super) slug: Slug,
    pub(super) name: Box<str>,
    pub(super) url: Box<str>,
    pub(super) page: String,
    pub(super) status: Status,
    /// Since when it has this status.
    pub(super) since: Option<Moment>,
    /// Status in the message before; `null` when it was up.
    pub(super) was: Option<Status>,
    /// The moment when the bad stretch began.
    pub(super) began_at: Moment,
    /// Duration of the stretch, in whole seconds.
    pub(super) duration_seconds: u64,
    pub(super) cause: Option<CauseText>,
    pub(super) provider: Option<Box<str>>,
    /// It keeps failing and coming back: the next message comes when it has stayed up for long.
    #[serde(default)]
    pub(super) unstable: bool,
    pub(super) tags: Vec<Box<str>>,
    /// The notes that begin, or are over.
    #[serde(default)]
    pub(super) notes: Vec<NoteLine>,
    /// True if our own network was the cause: the message before is withdrawn.
    #[serde(default)]
    pub(super) withdrawn: bool,
    /// The regions that vote on it, with what they see.
    #[serde(default)]
    pub(super) regions: Vec<RegionStatus>,
    /// The sentence of the page.
    pub(super) summary: String,
    /// Topic of the line.
    #[serde(skip, default = "MessageLine::topic_of_old")]
    pub(super) topic: Topic,
    /// Its notes, for a title.
    #[serde(skip)]
    pub(super) title: String,
}

/// A note that a message reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct NoteLine {
    pub(super) kind: NoteKind,
    pub(super) since: Moment,
    /// `null` while it lasts.
    pub(super) ended_at: Option<Moment>,
}

/// A site as one region sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct RegionStatus {
    pub(super) region: Region,
    pub(super) status: Status,
}

impl MessageLine {
    /// The topic is used while a message is made, and not kept.
    fn topic_of_old() -> Topic {
        Topic::Recovered
    }
}

impl Message {
    /// The message about these sites, which are one at least; `now` is when it is made.
    pub(super) fn about(
        lang: Lang,
        mut lines: Vec<MessageLine>,
        provider: Option<Box<str>>,
        page: String,
        as_of: Moment,
        now: Moment,
    ) -> Option<Self> {
        lines.sort_by(|a, b| (a.topic, &a.name).cmp(&(b.topic, &b.name)));
        let first = lines.first()?;
        let kind = match first.topic {
            Topic::Notes => "site.noted".into(),
            Topic::Recovered if !first.notes.is_empty() => "site.note_over".into(),
            worst => format!("site.{}", worst.word()).into(),
        };
        let count = lines.len();
        let (title, mut summary) = match lines.as_slice() {
            [one] => (one_is(lang, one), one.summary.clone()),
            many => {
                let title = many_are(lang, many, provider.as_deref());
                let names = names(lang, many);
                let summary = lang.two("message-names", ("title", &title), ("names", names));
                (title, summary)
            }
        };
        if now.since(as_of) > PROMPT_WITHIN {
            summary = late(lang, &summary, as_of, now);
        }
        lines.truncate(MAX_LINES);
        let data = MessageData {
            title,
            summary,
            page,
            provider,
            count,
            sites: lines,
            ..MessageData::in_language(lang)
        };
        Some(Self { kind, timestamp: as_of, data })
    }

    /// The message as it is sent at this moment: when it had to wait since it was made, it says as of when it is
    /// true, for a newer one may have arrived before.
    pub(super) fn sent_at(mut self, now: Moment, made_at: Moment) -> Self {
        let was_late = made_at.since(self.timestamp) > PROMPT_WITHIN;
        if !was_late && now.since(self.timestamp) > PROMPT_WITHIN {
            let lang = Lang::of_tag(&self.data.language).unwrap_or_default();
            self.data.summary = late(lang, &self.data.summary, self.timestamp, now);
        }
        self
    }

    /// The message that a provider seems to be failing, with these sites; `sentence` gives the
    /// evidence. An update when all of them were reported before.
    pub(super) fn failing(
        lang: Lang,
        mut lines: Vec<MessageLine>,
        event: Happening,
        sentence: &str,
        update: bool,
        now: Moment,
    ) -> Self {
        lines.sort_by(|a, b| (a.topic, &a.name).cmp(&(b.topic, &b.name)));
        let (title, summary) = if update {
            ("message-one-cause", "message-one-cause-sites")
        } else {
            ("message-failing", "message-failing-sites")
        };
        let title = lang.one(title, "name", &*event.name);
        let summary = lang.two(summary, ("sentence", sentence), ("names", names(lang, &lines)));
        let mut message =
            Self::of_event(lang, "provider.failing", (title, summary), event, lines, now);
        message.data.update = update;
        message
    }

    /// The message that it is over, for all or for these sites.
    pub(super) fn recovered(
        lang: Lang,
        mut lines: Vec<MessageLine>,
        event: Happening,
        now: Moment,
    ) -> Self {
        lines.sort_by(|a, b| (a.topic, &a.name).cmp(&(b.topic, &b.name)));
        let (bad, well): (Vec<MessageLine>, Vec<MessageLine>) =
            lines.into_iter().partition(|line| line.topic != Topic::Recovered);
        let (title, text) = if event.ended_at.is_some() {
            ("message-provider-up", "message-provider-up-after")
        } else {
            ("message-yours-up", "message-yours-up-still")
        };
        let lasted = lang.duration(event.ended_at.unwrap_or(now).since(event.started_at));
        let from = lang.clock(event.started_at, now);
        let args =
            [("name", Arg::from(&*event.name)), ("long", lasted.into()), ("from", from.into())];
        let (title, mut summary) = (lang.one(title, "name", &*event.name), lang.with(text, args));
        for (are, some) in [("message-up-again", &well), ("message-still-bad", &bad)] {
            if !some.is_empty() {
                summary = lang.two(are, ("text", summary), ("names", names(lang, some)));
            }
        }
        let lines = bad.into_iter().chain(well).collect();
        Self::of_event(lang, "provider.recovered", (title, summary), event, lines, now)
    }

    fn of_event(
        lang: Lang,
        kind: &str,
        (title, summary): (String, String),
        event: Happening,
        mut sites: Vec<MessageLine>,
        now: Moment,
    ) -> Self {
        let (page, count, provider) =
            (event.page.clone(), sites.len(), Some(event.provider.clone()));
        sites.truncate(MAX_LINES);
        let data = MessageData {
            title,
            summary,
            page,
            provider,
            event: Some(event),
            count,
            sites,
            ..MessageData::in_language(lang)
        };
        Self { kind: kind.into(), timestamp: now, data }
    }

    /// The message about an update of a notice.
    pub(super) fn notice(lang: Lang, notice: &Notice, update: &NoticeUpdate, page: String) -> Self {
        let first = notice.updates.first().is_some_and(|first| first.id == update.id);
        let kind = match update.state {
            NoticeState::Resolved => "notice.resolved",
            _ if first => "notice.opened",
            _ => "notice.updated",
        };
        let state = lang.say(&format!("notice-state-{}", update.state.word()));
        let data = MessageData {
            title: lang.two("message-notice", ("title", &*notice.title), ("state", state)),
            summary: update.text.to_string(),
            page,
            update: !first,
            notice: Some(NoticeLine {
                id: notice.id.clone(),
                update_id: update.id.clone(),
                title: notice.title.clone(),
                state: update.state.word().into(),
                impact: notice.impact.word().into(),
            }),
            ..MessageData::in_language(lang)
        };
        Self { kind: kind.into(), timestamp: update.at, data }
    }

    /// The message about these certificates, which are one at least.
    pub(super) fn certificates(
        lang: Lang,
        mut lines: Vec<CertificateLine>,
        front: String,
        now: Moment,
    ) -> Option<Self> {
        lines.sort_by(|a, b| (a.ends_at, &a.name).cmp(&(b.ends_at, &b.name)));
        let first = lines.first()?;
        let (title, summary, page) = if lines.len() == 1 {
            let left = || lang.duration(first.ends_at.since(now));
            let args = [
                ("name", (&*first.name).into()),
                ("long", left().into()),
                ("at", lang.date(first.ends_at).into()),
            ];
            let title = lang.two("message-certificate", ("name", &*first.name), ("long", left()));
            (title, lang.with("message-certificate-text", args), first.page.clone())
        } else {
            let title = lang.one("message-certificates", "n", lines.len());
            let named: Vec<&str> =
                lines.iter().take(MAX_NAMED).map(|line| &*line.summary).collect();
            let (mut named, more) = (named.join("; "), lines.len().saturating_sub(MAX_NAMED));
            if more > 0 {
                named = lang.two("message-names-more", ("names", named), ("n", more));
            }
            (title, lang.one("message-certificates-text", "names", named), front)
        };
        let count = lines.len();
        let data = MessageData {
            title,
            summary,
            page,
            certificates: lines,
            count,
            ..MessageData::in_language(lang)
        };
        Some(Self { kind: "certificate.ends".into(), timestamp: now, data })
    }

    /// A message that says that it is a test.
    pub(super) fn test(lang: Lang, channel: &str, page: String, now: Moment) -> Self {
        let at = lang.clock(now, now);
        let data = MessageData {
            title: lang.say("message-test").into_owned(),
            summary: lang.two("message-test-text", ("channel", channel), ("at", at)),
            page,
            ..MessageData::in_language(lang)
        };
        Self { kind: "test".into(), timestamp: now, data }
    }

    /// Its language.
    pub(super) fn lang(&self) -> Lang {
        Lang::of_tag(&self.data.language).unwrap_or_default()
    }

    /// Severity of the message.
    pub(super) fn weight(&self) -> Weight {
        match &*self.kind {
            "provider.failing" if self.data.update => Weight::Middling,
            "site.down" | "provider.failing" => Weight::Bad,
            "site.partial" | "site.slow" | "site.noted" | "notice.opened" | "notice.updated"
            | "certificate.ends" => Weight::Middling,
            "site.recovered" | "site.note_over" | "provider.recovered" | "notice.resolved" => {
                Weight::Good
            }
            _ => Weight::None,
        }
    }

    /// All of it as plain text, with at most `most` sites.
    pub(super) fn text(&self, most: usize) -> String {
        let data = &self.data;
        let mut text = data.summary.clone();
        if data.count > 1 || data.event.is_some() {
            text.push('\n');
            let sites = data.sites.iter().map(|line| &line.summary);
            let lines = sites.chain(data.certificates.iter().map(|line| &line.summary));
            for line in lines.take(most) {
                text.extend(["\n- ", line]);
            }
            if data.count > most {
                let more = data.count - most;
                text.extend(["\n- ", &self.lang().one("message-more", "n", more)]);
            }
            text.push('\n');
        }
        text.extend(["\n", &data.page]);
        text
    }
}

/// Severity of a message, for receivers that show it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weight {
    Bad,
    Middling,
    Good,
    None,
}

/// A text with the moment as of which it is true in front.
fn late(lang: Lang, text: &str, as_of: Moment, now: Moment) -> String {
    lang.two("message-late", ("at", lang.clock(as_of, now)), ("text", text))
}

#[cfg(test)]
mod tests;
