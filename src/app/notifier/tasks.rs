//! The tasks of the notifier: one planner, and a delivery for each channel. The channels may change
//! while they work; the delivery of an unchanged channel goes on.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context, Result};
use tokio::{sync::watch, task::JoinSet};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    app::tasks::{anew, cancel_on},
    board::Board,
    notify::{Delivery, Planner, Sender},
    operator::Operator,
    store::RecordingStore,
};
use model::notification::Channel;
use prober::clock::Clock;

/// The running tasks of the notifier.
#[derive(Debug)]
pub(super) struct NotifierTasks {
    pub(super) record: RecordingStore,
    pub(super) board: Arc<Board>,
    pub(super) clock: Clock,
    pub(super) operator: Operator,
    pub(super) public_url: Url,
    made: watch::Sender<()>,
    planner: CancellationToken,
    deliveries: BTreeMap<Box<str>, (Channel, CancellationToken)>,
    tasks: JoinSet<Result<()>>,
}

impl NotifierTasks {
    pub(super) fn new(
        (record, board, clock): (RecordingStore, Arc<Board>, Clock),
        operator: Operator,
        public_url: Url,
    ) -> Self {
        Self {
            record,
            board,
            clock,
            operator,
            public_url,
            made: watch::channel(()).0,
            planner: CancellationToken::new(),
            deliveries: BTreeMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// The channels in force, by name.
    pub(super) fn channels(&self) -> impl Iterator<Item = &Channel> {
        self.deliveries.values().map(|(channel, _)| channel)
    }

    /// Delivers to these channels from now on, and to no others. A try under way of one that is
    /// removed or changed is cut: its message goes out again when its lease is over, with the same
    /// id.
    pub(super) fn set(&mut self, senders: Vec<Sender>) {
        let channels: Arc<[Channel]> = senders.iter().map(|s| s.channel().clone()).collect();
        let stays = |known: &Channel| channels.iter().any(|channel| channel == known);
        self.deliveries.retain(|_, (channel, stop)| {
            let stays = stays(channel);
            if !stays {
                stop.cancel();
            }
            stays
        });
        for sender in senders {
            let channel = sender.channel().clone();
            if self.deliveries.contains_key(&channel.name) {
                continue;
            }
            let delivery = Delivery {
                sender: Arc::new(sender),
                record: self.record.clone(),
                board: self.board.clone(),
                clock: self.clock.clone(),
                made: self.made.subscribe(),
            };
            let stop = CancellationToken::new();
            let run = move || delivery.clone().run();
            self.tasks.spawn(supervised("delivery of messages", &stop, run));
            self.deliveries.insert(channel.name.clone(), (channel, stop));
        }
        let planner = Planner {
            channels,
            record: self.record.clone(),
            board: self.board.clone(),
            clock: self.clock.clone(),
            operator: self.operator.clone(),
            public_url: self.public_url.clone(),
            made: self.made.clone(),
        };
        std::mem::take(&mut self.planner).cancel();
        let run = move || planner.clone().run();
        self.tasks.spawn(supervised("planner of messages", &self.planner, run));
    }

    /// Waits for one of them to fail.
    ///
    /// # Errors
    /// Fails when one did.
    pub(super) async fn failure(&mut self) -> Result<()> {
        while let Some(ended) = self.tasks.join_next().await {
            ended.context("a task panicked")??;
        }
        std::future::pending().await
    }
}

/// Runs one of them until its stop token is cancelled, and restarts it when it panics.
fn supervised<F>(
    part: &'static str,
    stop: &CancellationToken,
    mut run: impl FnMut() -> F + Send + 'static,
) -> impl Future<Output = Result<()>> + Send + 'static
where
    F: Future<Output = ()> + Send + 'static,
{
    let told = stop.clone();
    cancel_on(stop, async move { anew(part, &told, &mut run).await })
}
