//! The planner: new verdicts become messages, as each channel's rule says.
//!
//! It may be cut anywhere: a plan is one transaction. Of several nodes the one that records plans.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    time::{Instant, sleep},
};
use url::Url;

use super::{certificates::CertificateWatch, notices::PassedUpdates, plan::MessagePlan};
use crate::{
    board::Board,
    operator::Operator,
    store::{RecordingStore, Store, StoreError},
};
use model::{
    notification::{Channel, rule::Topic},
    provider::{ProviderEvent, ProviderStatus},
};
use prober::clock::Clock;

/// Interval at which new verdicts are looked for.
const PLAN_INTERVAL: Duration = Duration::from_secs(1);
/// Interval at which waiting messages are counted.
const COUNT_INTERVAL: Duration = Duration::from_secs(15);
/// Interval at which old messages are deleted.
const TIDY_INTERVAL: Duration = Duration::from_mins(10);

/// Makes messages of what is new.
#[derive(Clone, Debug)]
pub struct Planner {
    /// The channels in force.
    pub channels: Arc<[Channel]>,
    /// The store with the news. The node that records plans.
    pub record: RecordingStore,
    /// The live picture of the sites.
    pub board: Arc<Board>,
    /// Gives moments.
    pub clock: Clock,
    /// Words of people: notices, and planned work.
    pub operator: Operator,
    /// Public URL of the pages.
    pub public_url: Url,
    /// Signal for the deliveries that there are messages.
    pub made: watch::Sender<()>,
}

impl Planner {
    /// Plans until it is dropped.
    pub async fn run(mut self) {
        let names: Vec<String> = self.channels.iter().map(|c| c.name.to_string()).collect();
        let mut away = false;
        loop {
            let Some(store) = self.store().await else { return std::future::pending().await };
            match store.set_channels(&names, self.clock.now()).await {
                Ok(given_up) => break forgotten(given_up),
                Err(error) => say(&mut away, Some(&error)),
            }
            sleep(PLAN_INTERVAL * 5).await;
        }
        if names.is_empty() {
            return std::future::pending().await;
        }
        let (mut counted, mut tidied) = (None, None);
        let (mut passed, mut certificates) =
            (PassedUpdates::default(), CertificateWatch::default());
        loop {
            if due(&mut counted, COUNT_INTERVAL)
                && let Some(store) = self.store().await
            {
                self.count(&store).await;
            }
            let Some(store) = self.record.now() else {
                sleep(PLAN_INTERVAL).await;
                continue;
            };
            let planned = self.plan_all(&store, &names, &mut passed, &mut certificates).await;
            say(&mut away, planned.as_ref().err());
            if due(&mut tidied, TIDY_INTERVAL) {
                self.tidy(&store, &names).await;
            }
            // More may wait than fits into one plan.
            if !matches!(planned, Ok(true)) {
                sleep(PLAN_INTERVAL).await;
            }
        }
    }

    async fn store(&mut self) -> Option<Store> {
        self.record.link.wait_for(Option::is_some).await.ok()?.clone()
    }

    /// Plans messages of every kind once; returns whether there is more.
    async fn plan_all(
        &self,
        store: &Store,
        names: &[String],
        passed: &mut PassedUpdates,
        certificates: &mut CertificateWatch,
    ) -> Result<bool, StoreError> {
        let more = self.plan(store, names).await?;
        self.tell_notices(store, passed).await?;
        let at = (&self.public_url, self.clock.now());
        let is_asked = self.channels.iter().any(|one| one.rule.tells(Topic::Certificate));
        if is_asked
            && certificates.is_due(at.1)
            && certificates.tell(store, &self.channels, &self.board.sites(), at).await? > 0
        {
            self.made.send_replace(());
        }
        Ok(more)
    }

    /// Plans once; returns whether there is more.
    async fn plan(&self, store: &Store, names: &[String]) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut more = false;
        let site = |slug: &model::name::Slug| self.board.site(slug.as_str());
        let made = store
            .plan_messages(names, now, |unplanned| {
                more = unplanned.more;
                let (standing, public_url) =
                    (|event: &ProviderEvent| self.standing(event), &self.public_url);
                let works = &*self.operator.planned();
                let plan = MessagePlan { site: &site, standing: &standing, public_url, works, now };
                plan.decide(&self.channels, unplanned)
            })
            .await?;
        if made.is_some_and(|made| made > 0) {
            self.made.send_replace(());
        }
        Ok(more)
    }

    /// Queues the messages about updates of notices, each once.
    async fn tell_notices(
        &self,
        store: &Store,
        passed: &mut PassedUpdates,
    ) -> Result<(), StoreError> {
        let (notices, now) = (self.operator.notices(), self.clock.now());
        if !notices.iter().any(|notice| notice.tell) {
            return Ok(());
        }
        let (sites, at) = (self.board.sites(), (&self.public_url, now));
        let drafts = passed.drafts(&notices, &self.channels, &sites, at);
        if !drafts.is_empty() {
            let Some(queued) = store.queue_updates(&drafts, now).await? else { return Ok(()) };
            if queued > 0 {
                self.made.send_replace(());
            }
            passed.keep(drafts, &notices, now);
        }
        Ok(())
    }

    /// Status of the sites of an event's provider.
    fn standing(&self, event: &ProviderEvent) -> ProviderStatus {
        let sites = self.board.sites();
        let mine = sites.iter().filter(|live| live.is_at(&event.provider, Some(event)));
        let mine = mine.map(|live| live.member(live.verdict.status));
        ProviderStatus::of(&event.provider, mine, Some(event.clone()))
    }

    async fn count(&self, store: &Store) {
        match store.count_messages(self.clock.now()).await {
            Ok(counts) => {
                for channel in &*self.channels {
                    let waiting = counts.iter().find(|c| *c.channel == *channel.name);
                    let waiting = waiting.map_or(0, |c| c.waiting);
                    self.board.update_channel(&channel.name, |told| told.waiting = waiting);
                }
            }
            Err(error) => tracing::debug!(%error, "the messages on their way cannot be counted"),
        }
    }

    async fn tidy(&self, store: &Store, names: &[String]) {
        match store.set_channels(names, self.clock.now()).await {
            Ok(given_up) => forgotten(given_up),
            Err(error) => {
                tracing::debug!(%error, "it cannot be said now that the channels are still here");
            }
        }
        match store.tidy_messages(self.clock.now()).await {
            Ok(0) => {}
            Ok(given_up) => {
                tracing::error!(given_up, "too many messages waited; the oldest are given up");
            }
            Err(error) => tracing::debug!(%error, "old messages cannot be forgotten now"),
        }
    }
}

/// Logs messages given up on channels that no process has had for a week.
fn forgotten(given_up: u64) {
    if given_up > 0 {
        tracing::error!(given_up, "messages of channels that are long gone are given up");
    }
}

/// Returns whether it is time again.
fn due(last: &mut Option<Instant>, every: Duration) -> bool {
    let now = Instant::now();
    let due = last.is_none_or(|last| now.duration_since(last) >= every);
    if due {
        *last = Some(now);
    }
    due
}

/// Logs once that notifications are held up, and once that this is over.
fn say(away: &mut bool, error: Option<&StoreError>) {
    match error {
        // The other node tells people.
        Some(StoreError::Fenced) => {}
        Some(error) if !std::mem::replace(away, true) => {
            tracing::warn!(%error, "people cannot be told now; they will be when Postgres is back");
        }
        None if std::mem::replace(away, false) => tracing::info!("people are told again"),
        Some(_) | None => {}
    }
}
