//! The built program, used as an operator and a visitor would, its misfortunes included.

#[cfg(test)]
mod agents;
#[cfg(test)]
mod api;
#[cfg(test)]
mod browser;
#[cfg(test)]
mod catalogue;
#[cfg(test)]
mod check;
#[cfg(test)]
mod friends;
#[cfg(test)]
mod history;
#[cfg(test)]
mod lists;
#[cfg(test)]
mod lookups;
#[cfg(test)]
mod nodes;
#[cfg(test)]
mod notify;
#[cfg(test)]
mod operators;
#[cfg(test)]
mod ours;
#[cfg(test)]
mod overload;
#[cfg(test)]
#[path = "../support/pair.rs"]
mod pair;
#[cfg(test)]
mod past;
#[cfg(test)]
mod printing;
#[cfg(test)]
mod publish;
#[cfg(test)]
mod receipts;
#[cfg(test)]
mod record;
#[cfg(test)]
mod replay;
#[cfg(test)]
#[expect(dead_code, reason = "the tests of the library use all of it")]
#[path = "../notify/receiver.rs"]
mod receiver;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod server;
#[cfg(test)]
mod service;
#[cfg(test)]
mod specimen;
#[cfg(test)]
mod starting;
#[cfg(test)]
#[path = "../support/until.rs"]
mod until;
#[cfg(test)]
mod verdicts;
