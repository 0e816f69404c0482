//! One name of the nameserver: what it is now, and the records that say so.
//!
//! Records live for zero seconds, so that a change is seen at once. Must never wait: a pause is
//! returned for the nameserver to keep.

use std::{
    iter,
    net::IpAddr,
    sync::atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use hickory_server::proto::{
    op::ResponseCode,
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, AAAA, CNAME},
    },
};
use tokio::sync::watch;

use super::names::Names;

/// One name and its answers.
#[derive(Debug)]
pub(super) struct Zone {
    name: String,
    own: watch::Sender<Vec<IpAddr>>,
    names: watch::Sender<Names>,
    lookups: AtomicU64,
    /// How often A and AAAA were asked since the answers last changed.
    asked: [AtomicU32; 2],
}

/// What the nameserver is to send, and when.
#[derive(Debug)]
pub(super) struct Reply {
    pub(super) pause: Duration,
    pub(super) silent: bool,
    pub(super) code: ResponseCode,
    pub(super) records: Vec<Record>,
}

impl Reply {
    pub(super) fn code(code: ResponseCode) -> Self {
        Self { pause: Duration::ZERO, silent: false, code, records: Vec::new() }
    }
}

impl Zone {
    pub(super) fn new(name: String, own: IpAddr) -> Self {
        Self {
            name,
            own: watch::Sender::new(vec![own]),
            names: watch::Sender::new(Names::Own),
            lookups: AtomicU64::new(0),
            asked: [AtomicU32::new(0), AtomicU32::new(0)],
        }
    }

    pub(super) fn lookups(&self) -> u64 {
        self.lookups.load(Relaxed)
    }

    pub(super) fn add_own(&self, address: IpAddr) {
        self.own.send_modify(|own| own.push(address));
    }

    pub(super) fn say(&self, names: Names) {
        self.asked.iter().for_each(|count| count.store(0, Relaxed));
        self.names.send_replace(names);
    }

    /// Whether this zone answers for `name`: its own, or one of its aliases.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.name == name || self.names.borrow().mention(name)
    }

    /// The answer to a question for `asked`, the zone's name or one of its aliases.
    pub(super) fn answer(&self, asked: &str, kind: RecordType) -> Reply {
        self.lookups.fetch_add(1, Relaxed);
        let again = match kind {
            RecordType::A => self.asked[0].fetch_add(1, Relaxed) > 0,
            RecordType::AAAA => self.asked[1].fetch_add(1, Relaxed) > 0,
            _ => false,
        };
        let own = self.own.borrow().clone();
        let question = Question { asked, kind, again, own: &own };
        question.put(&self.names.borrow(), &self.name)
    }
}

struct Question<'a> {
    asked: &'a str,
    kind: RecordType,
    again: bool,
    own: &'a [IpAddr],
}

impl Question<'_> {
    /// What `names` says, when it is said about `owner`.
    fn put(&self, names: &Names, owner: &str) -> Reply {
        match names {
            Names::Own => self.addresses(self.own, owner),
            Names::Addresses(list) => self.addresses(list, owner),
            Names::Ahead(list) => self.addresses(&[list, self.own].concat(), owner),
            Names::Alias(through, then) => self.chain(through, then, owner),
            Names::NxDomain => Reply::code(ResponseCode::NXDomain),
            Names::ServFail => Reply::code(ResponseCode::ServFail),
            Names::Refused => Reply::code(ResponseCode::Refused),
            Names::Empty => Reply::code(ResponseCode::NoError),
            Names::Silence => Reply { silent: true, ..Reply::code(ResponseCode::NoError) },
            Names::Rebind(first, then) => self.put(if self.again { then } else { first }, owner),
            Names::After(pause, then) => {
                let reply = self.put(then, owner);
                Reply { pause: reply.pause + *pause, ..reply }
            }
        }
    }

    fn chain(&self, through: &[String], then: &Names, owner: &str) -> Reply {
        let through = through.iter().map(String::as_str);
        let chain: Vec<&str> = iter::once(owner).chain(through).collect();
        let from = chain.iter().position(|name| *name == self.asked).unwrap_or(0);
        let mut reply = self.put(then, chain.last().unwrap_or(&owner));
        let aliases = chain[from..].windows(2).filter_map(|pair| {
            let target = RData::CNAME(CNAME(fully_qualified(pair[1])?));
            Some(Record::from_rdata(fully_qualified(pair[0])?, 0, target))
        });
        reply.records = aliases.chain(reply.records).collect();
        reply
    }

    fn addresses(&self, list: &[IpAddr], owner: &str) -> Reply {
        let Some(owner) = fully_qualified(owner) else {
            return Reply::code(ResponseCode::ServFail);
        };
        let data = list.iter().filter_map(|address| match (address, self.kind) {
            (IpAddr::V4(ip), RecordType::A) => Some(RData::A(A(*ip))),
            (IpAddr::V6(ip), RecordType::AAAA) => Some(RData::AAAA(AAAA(*ip))),
            _ => None,
        });
        let records = data.map(|data| Record::from_rdata(owner.clone(), 0, data)).collect();
        Reply { records, ..Reply::code(ResponseCode::NoError) }
    }
}

fn fully_qualified(name: &str) -> Option<Name> {
    Name::from_ascii(format!("{name}.")).ok()
}
