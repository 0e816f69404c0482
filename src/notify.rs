//! Notifications of new verdicts: webhooks, chat, phones, mail.
//!
//! ```text
//! store: news ─► PLANNER ─► messages in the store ─► DELIVERY, one a channel ─► receiver
//!                rules, one message for one cause        retried until it arrived
//! ```
//!
//! - [`planner`]: new verdicts become messages, as each channel's rule says, in one transaction.
//! - [`plan`]: groups announcements into messages, and decides when they are due. Pure.
//! - [`message`]: content of a message, in words and in the shape of the webhook. Pure.
//! - [`notices`]: messages about what people say.
//! - [`certificates`]: messages about certificates that end soon.
//! - [`delivery`]: sends the waiting messages of one channel; a slow receiver holds up no other.
//! - [`send`](mod@send): the five transports.
//!
//! Nothing is lost: news is in the store with the verdict itself, and a message ends only when its
//! receiver has confirmed it or after long trying. It may arrive twice, and has the same id then.
//! While Postgres is away nothing is sent; it is sent when Postgres is back.
//!
//! Secrets of a receiver are never logged.

mod certificates;
mod delivery;
mod message;
mod notices;
mod plan;
mod planner;
mod retry;
mod send;

pub use self::{
    delivery::Delivery,
    planner::Planner,
    send::{ChannelError, Sender, trial},
};
