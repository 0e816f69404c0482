//! The text form of behaviours and names, for people at a keyboard and for files.
//!
//! `ok`, `status 503`, `after 2s`, `cert expired`, `flaky 3 reset`, `dns nxdomain` and so on, and
//! `servfail`, `after 2s`, `edns formerr`, `loses 3` for a nameserver as a whole; the tables below
//! are the whole language, and docs/stories.md explains it. Must never guess: what is not
//! understood is refused.

use std::{net::IpAddr, str::FromStr, time::Duration};

use super::{
    answer::HttpAnswer,
    behaviour::{Behaviour, Certificate},
    pages,
};
use crate::{
    dns_answers::{DnsAnswers, NameserverBehaviour},
    ports::NOWHERE,
};
use model::moment::Moment;

/// Words of a line: what is put in front of something else may be put there only so often.
const MAX_WORDS: usize = 32;

/// Longest pause.
const MAX_PAUSE: Duration = Duration::from_hours(24);

/// Days that a certificate may have left: a hundred years.
const MAX_DAYS: u32 = 36_500;

/// Command of a line for a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Treat connections so.
    Behave(Behaviour),
    /// Answer questions about the name so; the line begins with `dns`.
    Dns(DnsAnswers),
}

/// Words that are not part of the language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the testbed does not understand {0:?}")]
pub struct NotUnderstood(String);

impl NotUnderstood {
    /// These words.
    pub fn new(words: &str) -> Self {
        Self(words.to_owned())
    }
}

impl FromStr for Order {
    type Err = NotUnderstood;

    fn from_str(line: &str) -> Result<Self, NotUnderstood> {
        match line.trim().split_once(char::is_whitespace) {
            Some(("dns", names)) => names.parse().map(Self::Dns),
            _ => line.parse().map(Self::Behave),
        }
    }
}

impl FromStr for Behaviour {
    type Err = NotUnderstood;

    fn from_str(line: &str) -> Result<Self, NotUnderstood> {
        understand(line, behaviour)
    }
}

impl FromStr for DnsAnswers {
    type Err = NotUnderstood;

    fn from_str(line: &str) -> Result<Self, NotUnderstood> {
        understand(line, names)
    }
}

impl FromStr for NameserverBehaviour {
    type Err = NotUnderstood;

    fn from_str(line: &str) -> Result<Self, NotUnderstood> {
        understand(line, manner)
    }
}

fn understand<T>(line: &str, read: impl Fn(&[&str]) -> Option<T>) -> Result<T, NotUnderstood> {
    let words: Vec<&str> = line.split_whitespace().take(MAX_WORDS + 1).collect();
    let read = if (1..=MAX_WORDS).contains(&words.len()) { read(&words) } else { None };
    read.ok_or_else(|| NotUnderstood(line.trim().to_owned()))
}

fn behaviour(words: &[&str]) -> Option<Behaviour> {
    Some(match *words {
        ["hang"] => Behaviour::HangAfterAccept,
        ["hang-after-request"] => Behaviour::HangAfterRequest,
        ["hang-mid-answer"] => Behaviour::HangMidAnswer,
        ["reset"] => Behaviour::ResetOnAccept,
        ["reset-mid-answer"] => Behaviour::ResetMidAnswer,
        ["close-mid-answer"] => Behaviour::CloseMidAnswer,
        ["close"] => Behaviour::CloseAfterRequest,
        ["down" | "refuse"] => Behaviour::Refuse,
        ["blackhole"] => Behaviour::Blackhole,
        ["plain-on-tls"] => Behaviour::PlainHttpOnTls,
        ["garbage"] => Behaviour::NotHttp,
        ["cert", ref kind @ ..] => Behaviour::Certificate(certificate(kind)?),
        ["after", pause, ref then @ ..] => Behaviour::AnswerAfter(duration(pause)?, answer(then)?),
        ["drip", pause, ref then @ ..] => Behaviour::Drip(duration(pause)?, answer(then)?),
        ["flaky", every, ref with @ ..] => {
            let with = if with.is_empty() { &["reset"] } else { with };
            Behaviour::Flaky { every: every.parse().ok()?, with: Box::new(behaviour(with)?) }
        }
        ref words => Behaviour::Answer(answer(words)?),
    })
}

fn answer(words: &[&str]) -> Option<HttpAnswer> {
    Some(match *words {
        [] | ["ok"] => HttpAnswer::ok(),
        ["status", status] => {
            HttpAnswer::status(status.parse().ok().filter(|s| (200..1000).contains(s))?)
        }
        ["not-found"] => HttpAnswer::status(404),
        ["redirect", url] => HttpAnswer::redirect(url),
        ["redirect-loop"] => HttpAnswer::redirect_loop(),
        ["huge-headers"] => HttpAnswer::huge_headers(),
        ["challenge"] => HttpAnswer::challenge(),
        ["page", name] => pages::page(name)?,
        ["bomb"] => HttpAnswer::gzip_bomb(10 << 30),
        ["bomb", megabytes] => {
            HttpAnswer::gzip_bomb(u64::from(megabytes.parse::<u32>().ok()?) << 20)
        }
        _ => return None,
    })
}

fn certificate(words: &[&str]) -> Option<Certificate> {
    Some(match *words {
        ["good"] => Certificate::Good,
        ["wrong-name"] => Certificate::WrongName,
        ["expired"] => Certificate::Expired,
        ["self-signed"] => Certificate::SelfSigned,
        ["expires-soon"] => Certificate::ExpiresSoon(7),
        ["expires-soon", days] => {
            Certificate::ExpiresSoon(days.parse().ok().filter(|days| *days <= MAX_DAYS)?)
        }
        ["ends", at] => Certificate::Ends(Moment::parse(at).ok()?),
        ["of-a-box"] => Certificate::OfABox,
        _ => return None,
    })
}

fn names(words: &[&str]) -> Option<DnsAnswers> {
    Some(match *words {
        [] | ["ok"] => DnsAnswers::Own,
        ["nxdomain"] => DnsAnswers::NxDomain,
        ["servfail"] => DnsAnswers::ServFail,
        ["refused"] => DnsAnswers::Refused,
        ["notimp"] => DnsAnswers::NotImp,
        ["formerr"] => DnsAnswers::FormErr,
        ["empty"] => DnsAnswers::Empty,
        ["silence" | "silent"] => DnsAnswers::Silence,
        ["dead-first"] => DnsAnswers::Ahead(vec![NOWHERE]),
        ["ahead", list] => DnsAnswers::Ahead(addresses(list)?),
        ["at", list] => DnsAnswers::Addresses(addresses(list)?),
        ["rebind", first, then] => DnsAnswers::Rebind(
            Box::new(DnsAnswers::Addresses(addresses(first)?)),
            Box::new(DnsAnswers::Addresses(addresses(then)?)),
        ),
        ["alias", list, ref then @ ..] => {
            let through = list.split(',').map(str::to_ascii_lowercase).collect();
            DnsAnswers::Alias(through, Box::new(names(then)?))
        }
        ["after", pause, ref then @ ..] => {
            DnsAnswers::After(duration(pause)?, Box::new(names(then)?))
        }
        ["cached", pause, ref then @ ..] => {
            DnsAnswers::Cached(duration(pause)?, Box::new(names(then)?))
        }
        ["a", ref both @ ..] => {
            let middle = both.iter().position(|word| *word == "aaaa")?;
            let (four, six) = (names(&both[..middle])?, names(&both[middle + 1..])?);
            DnsAnswers::ByFamily(Box::new(four), Box::new(six))
        }
        ["fixed", ref then @ ..] => names(then)?,
        ["rotated" | "turns", ref then @ ..] => DnsAnswers::Rotated(Box::new(names(then)?)),
        ["shuffled" | "random", ref then @ ..] => DnsAnswers::Shuffled(Box::new(names(then)?)),
        _ => return None,
    })
}

fn manner(words: &[&str]) -> Option<NameserverBehaviour> {
    Some(match *words {
        [] | ["ok"] => NameserverBehaviour::Good,
        ["edns", ref says @ ..] => NameserverBehaviour::Edns(names(says)?),
        ["after", pause, ref then @ ..] => {
            NameserverBehaviour::After(duration(pause)?, Box::new(manner(then)?))
        }
        ["loses", every] => NameserverBehaviour::Loses(every.parse().ok()?),
        ref says => NameserverBehaviour::Says(names(says)?),
    })
}

fn addresses(list: &str) -> Option<Vec<IpAddr>> {
    list.split(',').map(|address| address.parse().ok()).collect()
}

/// Whole milliseconds or seconds: `50ms`, `2s`.
fn duration(word: &str) -> Option<Duration> {
    let pause = match word.strip_suffix("ms") {
        Some(millis) => Duration::from_millis(millis.parse().ok()?),
        None => Duration::from_secs(word.strip_suffix('s')?.parse().ok()?),
    };
    (pause <= MAX_PAUSE).then_some(pause)
}
