//! Telling people of new verdicts: webhooks, chat, phones, mail.
//!
//! ```text
//! store: news ─► PLANNER ─► messages in the store ─► DELIVERY, one a channel ─► receiver
//!                rules, one message for one cause        retried until it arrived
//! ```
//!
//! - [`planner`]: what is new becomes messages, as each channel's rule says, in one transaction.
//! - [`plan`]: which tellings go together, and when. Pure.
//! - [`message`]: what is said, in words and in the shape of the webhook. Pure.
//! - [`delivery`]: sends what waits for one channel; a slow receiver holds up nobody else.
//! - [`send`](mod@send): the five ways to send.
//!
//! Nothing is lost: what is new is in the store with the verdict itself, and a message ends only
//! when its receiver said so or after long trying. It may arrive twice, and has the same id then.
//! While Postgres is away nothing is told; it is told when Postgres is back.
//!
//! Secrets and what opens a receiver are never logged.

mod delivery;
mod message;
mod plan;
mod planner;
mod retry;
mod send;
mod trial;

pub use self::{
    delivery::Delivery,
    planner::Planner,
    send::{ChannelError, Sender},
    trial::trial,
};
