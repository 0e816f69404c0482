//! One name of the nameserver: its current answers, as records.
//!
//! Records have a lifetime of zero seconds, so that a change is seen at once. Must never wait: a
//! pause is returned for the nameserver to keep.

use std::{
    iter,
    net::IpAddr,
    sync::{
        OnceLock,
        atomic::{AtomicU32, AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use hickory_server::proto::{
    op::ResponseCode,
    rr::{
        Name, RData, Record, RecordType,
        rdata::{A, AAAA, CNAME, NS},
    },
};
use tokio::{sync::watch, time::Instant};

use crate::dns_answers::DnsAnswers;

/// One name and its answers.
#[derive(Debug)]
pub(super) struct Zone {
    name: String,
    own: watch::Sender<Vec<IpAddr>>,
    names: watch::Sender<ZoneAnswer>,
    lookups: AtomicU64,
}

/// Answers set for a name, and the questions since.
#[derive(Debug, Default)]
struct ZoneAnswer {
    names: DnsAnswers,
    /// Number of questions for A and for AAAA.
    asked: [AtomicU32; 2],
    /// Times of the first of each.
    first: [OnceLock<Instant>; 2],
}

/// Reply of the nameserver, with its delay.
#[derive(Debug)]
pub(super) struct DnsReply {
    pub(super) pause: Duration,
    pub(super) silent: bool,
    pub(super) code: ResponseCode,
    pub(super) records: Vec<Record>,
}

impl DnsReply {
    pub(super) fn code(code: ResponseCode) -> Self {
        Self { pause: Duration::ZERO, silent: false, code, records: Vec::new() }
    }

    /// Reply about the root, which always exists.
    pub(super) fn root(kind: RecordType) -> Self {
        let own = (kind == RecordType::NS).then(|| fully_qualified("ns.bed")).flatten();
        let record = |own| Record::from_rdata(Name::root(), 0, RData::NS(NS(own)));
        Self { records: own.map(record).into_iter().collect(), ..Self::code(ResponseCode::NoError) }
    }

    /// Reply by `names` about a name without a host.
    pub(super) fn to(names: &DnsAnswers, asked: &str, kind: RecordType) -> Self {
        let question = ZoneQuestion { asked, kind, before: 0, waited: Duration::ZERO, own: &[] };
        question.put(names, asked)
    }
}

impl Zone {
    pub(super) fn new(name: String, own: IpAddr) -> Self {
        Self {
            name,
            own: watch::Sender::new(vec![own]),
            names: watch::Sender::new(ZoneAnswer::default()),
            lookups: AtomicU64::new(0),
        }
    }

    pub(super) fn lookups(&self) -> u64 {
        self.lookups.load(Relaxed)
    }

    pub(super) fn add_own(&self, address: IpAddr) {
        self.own.send_modify(|own| own.push(address));
    }

    pub(super) fn say(&self, names: DnsAnswers) {
        self.names.send_replace(ZoneAnswer { names, ..ZoneAnswer::default() });
    }

    /// Returns whether this zone answers for `name`: its own, or one of its aliases.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.name == name || self.names.borrow().names.mention(name)
    }

    /// Reply to a question for `asked`, the zone's name or one of its aliases; `instead` replaces
    /// the answers of the zone.
    pub(super) fn answer(
        &self,
        asked: &str,
        kind: RecordType,
        instead: Option<&DnsAnswers>,
    ) -> DnsReply {
        self.lookups.fetch_add(1, Relaxed);
        let said = self.names.borrow();
        let family = usize::from(kind == RecordType::AAAA);
        let (mut before, mut waited) = (0, Duration::ZERO);
        if matches!(kind, RecordType::A | RecordType::AAAA) {
            before = said.asked[family].fetch_add(1, Relaxed);
            waited = said.first[family].get_or_init(Instant::now).elapsed();
        }
        let own = self.own.borrow();
        let question = ZoneQuestion { asked, kind, before, waited, own: &own };
        question.put(instead.unwrap_or(&said.names), &self.name)
    }
}

struct ZoneQuestion<'a> {
    asked: &'a str,
    kind: RecordType,
    /// Number of earlier questions like it.
    before: u32,
    /// Time since the first of them.
    waited: Duration,
    own: &'a [IpAddr],
}

impl ZoneQuestion<'_> {
    /// Reply by `names`, with `owner` as the owner of its records.
    fn put(&self, names: &DnsAnswers, owner: &str) -> DnsReply {
        match names {
            DnsAnswers::Own => self.addresses(self.own, owner),
            DnsAnswers::Addresses(list) => self.addresses(list, owner),
            DnsAnswers::Ahead(list) => self.addresses(&[list, self.own].concat(), owner),
            DnsAnswers::Alias(through, then) => self.chain(through, then, owner),
            DnsAnswers::NxDomain => DnsReply::code(ResponseCode::NXDomain),
            DnsAnswers::ServFail => DnsReply::code(ResponseCode::ServFail),
            DnsAnswers::Refused => DnsReply::code(ResponseCode::Refused),
            DnsAnswers::NotImp => DnsReply::code(ResponseCode::NotImp),
            DnsAnswers::FormErr => DnsReply::code(ResponseCode::FormErr),
            DnsAnswers::Empty => DnsReply::code(ResponseCode::NoError),
            DnsAnswers::Silence => {
                DnsReply { silent: true, ..DnsReply::code(ResponseCode::NoError) }
            }
            DnsAnswers::Rebind(first, _) if self.before == 0 => self.put(first, owner),
            DnsAnswers::Rebind(_, then) => self.put(then, owner),
            DnsAnswers::After(pause, then) => self.late(*pause, then, owner),
            DnsAnswers::Cached(pause, then) => {
                self.late(pause.saturating_sub(self.waited), then, owner)
            }
            DnsAnswers::ByFamily(_, six) if self.kind == RecordType::AAAA => self.put(six, owner),
            DnsAnswers::ByFamily(four, _) => self.put(four, owner),
            DnsAnswers::Rotated(then) => self.reordered(then, owner, |records| {
                let most = records.len().max(1);
                records.rotate_left(self.before as usize % most);
            }),
            DnsAnswers::Shuffled(then) => self.reordered(then, owner, fastrand::shuffle),
        }
    }

    fn late(&self, pause: Duration, then: &DnsAnswers, owner: &str) -> DnsReply {
        let reply = self.put(then, owner);
        DnsReply { pause: reply.pause + pause, ..reply }
    }

    /// The same addresses in another order, after the aliases that lead to them.
    fn reordered(&self, then: &DnsAnswers, owner: &str, order: impl Fn(&mut [Record])) -> DnsReply {
        let mut reply = self.put(then, owner);
        let aliases = reply.records.iter().take_while(|r| r.record_type() == RecordType::CNAME);
        let aliases = aliases.count();
        order(&mut reply.records[aliases..]);
        reply
    }

    fn chain(&self, through: &[String], then: &DnsAnswers, owner: &str) -> DnsReply {
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

    fn addresses(&self, list: &[IpAddr], owner: &str) -> DnsReply {
        let Some(owner) = fully_qualified(owner) else {
            return DnsReply::code(ResponseCode::ServFail);
        };
        let data = list.iter().filter_map(|address| match (address, self.kind) {
            (IpAddr::V4(ip), RecordType::A) => Some(RData::A(A(*ip))),
            (IpAddr::V6(ip), RecordType::AAAA) => Some(RData::AAAA(AAAA(*ip))),
            _ => None,
        });
        let records = data.map(|data| Record::from_rdata(owner.clone(), 0, data)).collect();
        DnsReply { records, ..DnsReply::code(ResponseCode::NoError) }
    }
}

fn fully_qualified(name: &str) -> Option<Name> {
    Name::from_ascii(format!("{name}.")).ok()
}
