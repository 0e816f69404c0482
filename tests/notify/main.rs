//! Notifications: real receivers over HTTP and SMTP, a real Postgres between planner and delivery.

#[cfg(test)]
mod certificates;
#[cfg(test)]
mod chat;
#[cfg(test)]
mod delivery;
#[cfg(test)]
mod friends;
#[cfg(test)]
mod mail;
#[cfg(test)]
mod mailbox;
#[cfg(test)]
mod notes;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod receiver;
#[cfg(test)]
mod support;
#[cfg(test)]
#[path = "../support/until.rs"]
mod until;
#[cfg(test)]
mod webhook;
