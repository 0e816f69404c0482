//! Behaviours and names as words, for people at a keyboard and for files.
//!
//! `ok`, `status 503`, `after 2s`, `cert expired`, `flaky 3 reset`, `dns nxdomain` and so on, and
//! `servfail`, `after 2s`, `edns formerr`, `loses 3` for a nameserver as a whole; the tables below
//! are the whole language, and docs/stories.md tells it to people. Must never guess: what is not
//! understood is refused.

use std::{net::IpAddr, str::FromStr, time::Duration};

use super::{
    answer::Answer,
    behaviour::{Behaviour, Certificate},
    names::{Manner, Names},
    pages,
    place::NOWHERE,
};
use model::moment::Moment;

/// What a line tells a host to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Order {
    /// Treat connections so.
    Behave(Behaviour),
    /// Answer questions about the name so; the line begins with `dns`.
    Dns(Names),
}

/// Words that are not part of the language.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the bed does not understand {0:?}")]
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

impl FromStr for Names {
    type Err = NotUnderstood;

    fn from_str(line: &str) -> Result<Self, NotUnderstood> {
        understand(line, names)
    }
}

impl FromStr for Manner {
    type Err = NotUnderstood;

    fn from_str(line: &str) -> Result<Self, NotUnderstood> {
        understand(line, manner)
    }
}

fn understand<T>(line: &str, read: impl Fn(&[&str]) -> Option<T>) -> Result<T, NotUnderstood> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let read = if words.is_empty() { None } else { read(&words) };
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

fn answer(words: &[&str]) -> Option<Answer> {
    Some(match *words {
        [] | ["ok"] => Answer::ok(),
        ["status", status] => {
            Answer::status(status.parse().ok().filter(|s| (200..1000).contains(s))?)
        }
        ["not-found"] => Answer::status(404),
        ["redirect", url] => Answer::redirect(url),
        ["redirect-loop"] => Answer::redirect_loop(),
        ["huge-headers"] => Answer::huge_headers(),
        ["challenge"] => Answer::challenge(),
        ["page", name] => pages::page(name)?,
        ["bomb"] => Answer::gzip_bomb(10 << 30),
        ["bomb", megabytes] => Answer::gzip_bomb(u64::from(megabytes.parse::<u32>().ok()?) << 20),
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
        ["expires-soon", days] => Certificate::ExpiresSoon(days.parse().ok()?),
        ["ends", at] => Certificate::Ends(Moment::parse(at).ok()?),
        ["of-a-box"] => Certificate::OfABox,
        _ => return None,
    })
}

fn names(words: &[&str]) -> Option<Names> {
    Some(match *words {
        [] | ["ok"] => Names::Own,
        ["nxdomain"] => Names::NxDomain,
        ["servfail"] => Names::ServFail,
        ["refused"] => Names::Refused,
        ["notimp"] => Names::NotImp,
        ["formerr"] => Names::FormErr,
        ["empty"] => Names::Empty,
        ["silence" | "silent"] => Names::Silence,
        ["dead-first"] => Names::Ahead(vec![NOWHERE]),
        ["ahead", list] => Names::Ahead(addresses(list)?),
        ["at", list] => Names::Addresses(addresses(list)?),
        ["rebind", first, then] => Names::Rebind(
            Box::new(Names::Addresses(addresses(first)?)),
            Box::new(Names::Addresses(addresses(then)?)),
        ),
        ["alias", list, ref then @ ..] => {
            let through = list.split(',').map(str::to_ascii_lowercase).collect();
            Names::Alias(through, Box::new(names(then)?))
        }
        ["after", pause, ref then @ ..] => Names::After(duration(pause)?, Box::new(names(then)?)),
        ["cached", pause, ref then @ ..] => Names::Cached(duration(pause)?, Box::new(names(then)?)),
        ["a", ref both @ ..] => {
            let middle = both.iter().position(|word| *word == "aaaa")?;
            let (four, six) = (names(&both[..middle])?, names(&both[middle + 1..])?);
            Names::ByFamily(Box::new(four), Box::new(six))
        }
        ["fixed", ref then @ ..] => names(then)?,
        ["rotated" | "turns", ref then @ ..] => Names::Rotated(Box::new(names(then)?)),
        ["shuffled" | "random", ref then @ ..] => Names::Shuffled(Box::new(names(then)?)),
        _ => return None,
    })
}

fn manner(words: &[&str]) -> Option<Manner> {
    Some(match *words {
        [] | ["ok"] => Manner::Good,
        ["edns", ref says @ ..] => Manner::Edns(names(says)?),
        ["after", pause, ref then @ ..] => Manner::After(duration(pause)?, Box::new(manner(then)?)),
        ["loses", every] => Manner::Loses(every.parse().ok()?),
        ref says => Manner::Says(names(says)?),
    })
}

fn addresses(list: &str) -> Option<Vec<IpAddr>> {
    list.split(',').map(|address| address.parse().ok()).collect()
}

/// Whole milliseconds or seconds: `50ms`, `2s`.
fn duration(word: &str) -> Option<Duration> {
    if let Some(millis) = word.strip_suffix("ms") {
        return millis.parse().ok().map(Duration::from_millis);
    }
    word.strip_suffix('s')?.parse().ok().map(Duration::from_secs)
}
