//! The notifier: its tasks, and the reload of its channels while the service runs.
//!
//! The settings are read again when their file has changed and at a SIGHUP, as the catalogue is; of
//! them only the `[[notify]]` take effect. A broken file changes nothing and is logged.

mod tasks;

use std::{path::PathBuf, sync::Arc, time::Duration};

use anyhow::{Context, Result};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::{MissedTickBehavior, interval},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::lifecycle::Lifecycle;
use crate::app::notifier::tasks::NotifierTasks;
use crate::{
    board::Board,
    config::{Config, FileMark, Flags, Notify, problem_lines},
    notify::{Sender, trial},
    operator::Operator,
    store::RecordingStore,
};
use prober::clock::Clock;

/// Interval at which the file is checked.
const FILE_INTERVAL: Duration = Duration::from_secs(1);

/// The channels and their senders; mistakes in them are reported before anything is sent.
#[derive(Debug)]
pub(super) struct Notifier {
    flags: Flags,
    /// The settings in force, but for the channels.
    config: Config,
    /// The settings that were read last.
    last: Config,
    source: PathBuf,
    senders: Vec<Sender>,
    operator: Operator,
    public_url: Url,
    hangup: Signal,
}

impl Notifier {
    pub(super) fn new(
        flags: &Flags,
        config: &Config,
        operator: Operator,
        public_url: Url,
    ) -> Result<Self> {
        let senders = senders(config, &public_url).map_err(|text| anyhow::anyhow!(text))?;
        let hangup = signal(SignalKind::hangup()).context("cannot listen for SIGHUP")?;
        let (flags, config, last) = (flags.clone(), config.clone(), config.clone());
        let source = flags.settings();
        Ok(Self { flags, config, last, source, senders, operator, public_url, hangup })
    }

    /// Starts the tasks. A try under way is cut when they are stopped: its message goes out again
    /// at the next start, with the same id.
    pub(super) fn start(
        self,
        life: &mut Lifecycle,
        record: &RecordingStore,
        board: &Arc<Board>,
        clock: &Clock,
    ) {
        let crew = NotifierTasks::new(
            (record.clone(), board.clone(), clock.clone()),
            self.operator.clone(),
            self.public_url.clone(),
        );
        life.start("telling of people", self.follow(crew, life.stop()));
    }

    /// Lets them work, and follows the file and SIGHUP, until it is stopped.
    async fn follow(mut self, mut crew: NotifierTasks, stop: CancellationToken) -> Result<()> {
        crew.set(std::mem::take(&mut self.senders));
        let mut glance = interval(FILE_INTERVAL);
        glance.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut taken = FileMark::of(&self.source);
        let mut seen = taken;
        loop {
            let asked = tokio::select! {
                () = stop.cancelled() => return Ok(()),
                failed = crew.failure() => return failed,
                _ = self.hangup.recv() => true,
                // A file that is being written is read once it no longer changes.
                _ = glance.tick() => {
                    let before = std::mem::replace(&mut seen, FileMark::of(&self.source));
                    seen == before && seen != taken
                }
            };
            if !asked {
                continue;
            }
            seen = FileMark::of(&self.source);
            let gone = taken.is_some() && seen.is_none();
            taken = seen;
            match self.read(gone) {
                Ok((config, senders)) => self.take(&mut crew, config, senders).await,
                Err(why) => {
                    tracing::error!("the settings were not taken: {why}\nnothing was changed");
                }
            }
        }
    }

    /// The settings and the senders of their channels, as the file has them now.
    fn read(&self, gone: bool) -> Result<(Config, Vec<Sender>), String> {
        if gone {
            return Err(format!("{}: the file is gone", self.source.display()));
        }
        let config = Config::load(&self.flags).map_err(|problems| problem_lines(&problems))?;
        let senders = senders(&config, &self.public_url)?;
        Ok((config, senders))
    }

    /// Puts other channels into force, and logs the result.
    async fn take(&mut self, crew: &mut NotifierTasks, config: Config, senders: Vec<Sender>) {
        let others = |config: &Config| Config { notify: Notify::default(), ..config.clone() };
        let last = others(&std::mem::replace(&mut self.last, config.clone()));
        if others(&config) != others(&self.config) && others(&config) != last {
            tracing::warn!(
                "of the settings only [[notify]] is taken now, the rest at the next start"
            );
        }
        let old: Vec<_> = crew.channels().cloned().collect();
        let known = |sender: &Sender| old.iter().any(|channel| channel == sender.channel());
        if senders.len() == old.len() && senders.iter().all(known) {
            return;
        }
        let stays = |name: &str| senders.iter().any(|s| *s.channel().name == *name);
        let gone: Vec<_> = old.iter().filter(|c| !stays(&c.name)).map(|c| &c.name).collect();
        let names: Vec<_> = senders.iter().map(|s| s.channel().name.to_string()).collect();
        crew.set(senders);
        tracing::info!("people are told by {} now", list(&names));
        for name in gone {
            let waiting = waiting(crew, name).await;
            tracing::warn!(
                channel = &**name,
                waiting,
                "the channel has left the settings; what waits for it is kept for a week, should it \
                 come back, and then given up"
            );
        }
    }
}

/// Number of messages that wait for a channel; the last count while Postgres is away.
async fn waiting(crew: &NotifierTasks, name: &str) -> u64 {
    let store = crew.record.link.borrow().clone();
    if let Some(store) = store
        && let Ok(counts) = store.count_messages(crew.clock.now()).await
    {
        return counts.iter().find(|count| count.channel == name).map_or(0, |c| c.waiting);
    }
    crew.board.channels().get(name).map_or(0, |told| told.waiting)
}

fn list(names: &[String]) -> String {
    if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
}

fn senders(config: &Config, public_url: &Url) -> Result<Vec<Sender>, String> {
    let channels = config.notify.channels().map_err(|problems| problem_lines(&problems))?;
    let senders = channels.iter().map(|channel| Sender::new(channel.clone(), public_url));
    senders.collect::<Result<_, _>>().map_err(|error| error.to_string())
}

/// `stillup notify test`: sends a test message on a channel; returns the receiver's answer.
///
/// # Errors
/// The reason why it did not arrive, in words.
pub async fn tell_test(config: &Config, name: &str) -> Result<String, String> {
    let channels = config.notify.channels().map_err(|problems| problem_lines(&problems))?;
    let Some(channel) = channels.iter().find(|channel| *channel.name == *name) else {
        let names: Vec<&str> = channels.iter().map(|channel| &*channel.name).collect();
        return Err(match names.as_slice() {
            [] => "there is no [[notify]] in the settings; --config names them".to_owned(),
            names => format!("there is no notify \"{name}\"; there is {}", names.join(", ")),
        });
    };
    let public_url = Url::parse(&config.public_url).map_err(|error| error.to_string())?;
    let sender = Sender::new(channel.clone(), &public_url).map_err(|error| error.to_string())?;
    let sent = trial(&sender, &public_url, &Clock::system()).await;
    sent.map_err(|why| format!("{name}: it did not arrive: {why}"))
}
