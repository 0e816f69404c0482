//! Messages about certificates that end soon: what is due at once shares a message, and a channel is told of a
//! certificate once for each of the days that it names.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use url::Url;

use super::message::{CertificateLine, MAX_LINES, Message, page};
use crate::{
    board::LiveSite,
    i18n::Lang,
    store::{MessageDraft, Store, StoreError},
};
use model::{
    moment::Moment,
    notification::{Channel, rule::Topic},
};

/// Interval at which the certificates of all sites are looked at, while none waits for others.
const LOOK_INTERVAL: Duration = Duration::from_mins(1);

/// The certificates that channels were told of, and those that wait for others.
#[derive(Debug, Default)]
pub(super) struct CertificateWatch {
    /// Moment of the last look.
    looked_at: Option<Moment>,
    /// Names of channels, each with the id of a certificate that it was told of.
    told: HashSet<(Box<str>, Box<str>)>,
    /// Moments when the first certificate began to wait, by the names of channels.
    waits: HashMap<Box<str>, Moment>,
}

impl CertificateWatch {
    /// Returns whether the certificates are to be looked at now.
    pub(super) fn is_due(&self, now: Moment) -> bool {
        // A clock that was set back must not hold it up.
        let recently = |at: Moment| at <= now && now.since(at) < LOOK_INTERVAL;
        !self.waits.is_empty() || !self.looked_at.is_some_and(recently)
    }

    /// Queues the messages that are due; returns their number.
    pub(super) async fn tell(
        &mut self,
        store: &Store,
        channels: &[Channel],
        sites: &[Arc<LiveSite>],
        (public_url, now): (&Url, Moment),
    ) -> Result<usize, StoreError> {
        let (mut queued, mut all) = (0, HashSet::new());
        for channel in channels.iter().filter(|channel| channel.rule.tells(Topic::Certificate)) {
            let lines = due(channel, sites, (public_url, now));
            all.extend(lines.iter().map(|line| (channel.name.clone(), line.id.clone())));
            let is_new = |line: &CertificateLine| {
                !self.told.contains(&(channel.name.clone(), line.id.clone()))
            };
            if !lines.iter().any(is_new) {
                self.waits.remove(&channel.name);
                continue;
            }
            let since = *self.waits.entry(channel.name.clone()).or_insert(now);
            if now.since(since) < channel.rule.gather {
                continue;
            }
            let names = lines.iter().map(|line| (channel.name.clone(), line.id.clone()));
            let names: Vec<_> = names.collect();
            let decide = |told: &HashSet<String>| draft(channel, lines, told, (public_url, now));
            // While another process plans, they are looked at again.
            if let Some(made) = store.queue_certificates(&channel.name, now, decide).await? {
                queued += usize::from(made);
                self.waits.remove(&channel.name);
                // What does not fit into a message comes with the next one.
                if !made || names.len() <= MAX_LINES {
                    self.told.extend(names);
                }
            }
        }
        self.told.retain(|told| all.contains(told));
        self.looked_at = Some(now);
        Ok(queued)
    }
}

/// The certificates that a channel is to be told of by now, those that it was told of too.
fn due(
    channel: &Channel,
    sites: &[Arc<LiveSite>],
    (public_url, now): (&Url, Moment),
) -> Vec<CertificateLine> {
    let lang = Lang::of_tag(channel.language).unwrap_or_default();
    let mine = sites.iter().filter(|live| channel.rule.is_about(&live.site, live.provider()));
    let line = |live: &Arc<LiveSite>| {
        let certificate = live.certificate()?;
        let (ends_at, days) = (certificate.ends_at, channel.rule.reached_days(&certificate, now)?);
        let (slug, name) = (live.site.slug.clone(), live.site.name.clone());
        let args = [
            ("name", (&*name).into()),
            ("long", lang.duration(ends_at.since(now)).into()),
            ("at", lang.date(ends_at).into()),
        ];
        Some(CertificateLine {
            id: format!("{slug}/{}/{days}", ends_at.seconds()).into(),
            summary: lang.with("message-certificate-line", args),
            url: live.site.url.as_str().into(),
            page: page(public_url, slug.as_str()),
            slug,
            name,
            ends_at,
            days,
        })
    };
    mine.filter_map(line).collect()
}

/// The message about those of these certificates that the channel was not told of.
fn draft(
    channel: &Channel,
    mut lines: Vec<CertificateLine>,
    told: &HashSet<String>,
    (public_url, now): (&Url, Moment),
) -> Option<MessageDraft> {
    lines.retain(|line| !told.contains(&*line.id));
    lines.truncate(MAX_LINES);
    let lang = Lang::of_tag(channel.language).unwrap_or_default();
    let message = Message::certificates(lang, lines, page(public_url, ""), now)?;
    Some(MessageDraft {
        channel: channel.name.to_string(),
        message: serde_json::to_value(message).ok()?,
        not_before: channel.rule.not_before(Topic::Certificate, now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_certificates_are_looked_at_once_a_minute_unless_one_waits_for_others() {
        let start = Moment::from_millis(1_790_000_000_000);
        let mut watch = CertificateWatch::default();
        assert!(watch.is_due(start), "at the start");
        watch.looked_at = Some(start);
        for (seconds, want) in [(0, false), (1, false), (59, false), (60, true), (90, true)] {
            assert_eq!(watch.is_due(start + Duration::from_secs(seconds)), want, "{seconds}");
        }
        assert!(watch.is_due(start - Duration::from_secs(1)), "the clock was set back");
        watch.waits.insert("team".into(), start);
        assert!(watch.is_due(start + Duration::from_secs(1)));
    }
}
