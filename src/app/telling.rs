//! Telling people: a planner, and a delivery for each channel.

use std::sync::Arc;

use anyhow::Result;
use tokio::sync::watch;
use url::Url;

use super::{lifecycle::Lifecycle, tasks::cut_by};
use crate::{
    board::Board,
    clock::Clock,
    config::{Config, lines},
    model::notice::Channel,
    notify::{Delivery, Planner, Sender, trial},
    store::Link,
};

/// The channels and their senders; what is wrong with them is said before anything is sent.
#[derive(Debug)]
pub(super) struct Telling {
    channels: Arc<[Channel]>,
    senders: Vec<Sender>,
    public_url: Url,
}

impl Telling {
    pub(super) fn new(config: &Config, public_url: Url) -> Result<Self> {
        let channels = config.notify.channels().map_err(|p| anyhow::anyhow!(lines(&p)))?;
        let senders: Result<Vec<Sender>, _> =
            channels.iter().map(|channel| Sender::new(channel.clone(), &public_url)).collect();
        Ok(Self { channels: channels.into(), senders: senders?, public_url })
    }

    /// Starts everybody. A try under way is cut when they are told to end: its message goes out
    /// again at the next start, with the same id.
    pub(super) fn start(
        self,
        life: &mut Lifecycle,
        link: &Link,
        board: &Arc<Board>,
        clock: &Clock,
    ) {
        let stop = life.stop();
        let (tell, made) = watch::channel(());
        for sender in self.senders {
            let delivery = Delivery {
                sender,
                link: link.clone(),
                board: board.clone(),
                clock: clock.clone(),
                made: made.clone(),
            };
            life.start("delivery of messages", cut_by(&stop, delivery.run()));
        }
        let planner = Planner {
            channels: self.channels,
            link: link.clone(),
            board: board.clone(),
            clock: clock.clone(),
            public_url: self.public_url,
            made: tell,
        };
        life.start("planner of messages", cut_by(&stop, planner.run()));
    }
}

/// `stillup notify test`: sends a test message on a channel; gives what its receiver answered.
///
/// # Errors
/// Why it did not arrive, in words.
pub async fn tell_test(config: &Config, name: &str) -> Result<String, String> {
    let channels = config.notify.channels().map_err(|problems| lines(&problems))?;
    let Some(channel) = channels.iter().find(|channel| *channel.name == *name) else {
        let names: Vec<&str> = channels.iter().map(|channel| &*channel.name).collect();
        return Err(match names.as_slice() {
            [] => "there is no [[notify]] in the settings; --config names them".to_owned(),
            names => format!("there is no notify \"{name}\"; there is {}", names.join(", ")),
        });
    };
    let public_url = Url::parse(&config.public_url).map_err(|error| error.to_string())?;
    let sender = Sender::new(channel.clone(), &public_url).map_err(|error| error.to_string())?;
    trial(&sender, &public_url, &Clock::system()).await
}
