//! Messages about the notices of people: one an update, for each channel that wants it, whatever door the
//! update came through.

use std::{collections::HashSet, time::Duration};

use url::Url;

use super::message::{Message, page};
use crate::{
    board::LiveSite,
    i18n::Lang,
    store::{MessageDraft, UpdateDraft},
};
use model::{
    moment::Moment,
    notice::{Notice, NoticeUpdate},
    notification::{Channel, rule::Topic},
};

/// Age above which an update is no longer news.
const MAX_AGE: Duration = Duration::from_hours(24);

/// The updates that were passed to the store already, so that it is not asked again and again.
#[derive(Debug, Default)]
pub(super) struct PassedUpdates(HashSet<(Box<str>, Box<str>)>);

impl PassedUpdates {
    /// The messages about updates that were not passed yet.
    pub(super) fn drafts(
        &self,
        notices: &[Notice],
        channels: &[Channel],
        sites: &[std::sync::Arc<LiveSite>],
        (public_url, now): (&Url, Moment),
    ) -> Vec<UpdateDraft> {
        let told = notices.iter().filter(|notice| notice.tell);
        let updates =
            told.flat_map(|notice| notice.updates.iter().map(move |update| (notice, update)));
        let recent = updates.filter(|(_, update)| now.since(update.at) <= MAX_AGE);
        let mut drafts = Vec::new();
        for (notice, update) in recent {
            for channel in channels.iter().filter(|channel| wants(channel, notice, sites)) {
                if !self.0.contains(&(channel.name.clone(), update.id.clone())) {
                    drafts.extend(draft(channel, notice, update, public_url, now));
                }
            }
        }
        drafts
    }

    /// Remembers that the store has them, as long as they are news.
    pub(super) fn keep(&mut self, drafts: Vec<UpdateDraft>, notices: &[Notice], now: Moment) {
        self.0.extend(drafts.into_iter().map(|d| (d.draft.channel.into(), d.update)));
        let recent: HashSet<&str> = notices
            .iter()
            .flat_map(|notice| &notice.updates)
            .filter(|update| now.since(update.at) <= MAX_AGE)
            .map(|update| &*update.id)
            .collect();
        self.0.retain(|(_, update)| recent.contains(&**update));
    }
}

/// Returns whether a channel is told of a notice: of one about any site that it is about.
fn wants(channel: &Channel, notice: &Notice, sites: &[std::sync::Arc<LiveSite>]) -> bool {
    let rule = &channel.rule;
    let every = rule.sites.is_empty() && rule.tags.is_empty() && rule.providers.is_empty();
    let is_about = |live: &std::sync::Arc<LiveSite>| {
        let provider = live.provider();
        notice.scope.is_about(&live.site, provider) && rule.is_about(&live.site, provider)
    };
    rule.tells(Topic::Notice) && (every || sites.iter().any(is_about))
}

fn draft(
    channel: &Channel,
    notice: &Notice,
    update: &NoticeUpdate,
    public_url: &Url,
    now: Moment,
) -> Option<UpdateDraft> {
    let lang = Lang::of_tag(channel.language).unwrap_or_default();
    let page = page(public_url, &format!("notices/{}", notice.id));
    let message = serde_json::to_value(Message::notice(lang, notice, update, page)).ok()?;
    let draft = MessageDraft {
        channel: channel.name.to_string(),
        message,
        not_before: channel.rule.not_before(Topic::Notice, now),
    };
    Some(UpdateDraft { draft, update: update.id.clone(), at: update.at })
}
