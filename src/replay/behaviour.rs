//! Behaviour of a site in a story: of each of its addresses, and of its name. Pure.

use std::{net::IpAddr, str::FromStr, time::Duration};

use url::{Host, Url};

use crate::config::StoryBehaviour;
use testbed::{AnswerBody, Behaviour, DnsAnswers, HttpAnswer, NotUnderstood, Order};

/// Choice of a site's addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AddressChoice {
    /// The one with this number, from 1, in the order of the name servers.
    Address(usize),
    /// All of IPv4.
    Ipv4,
    /// The IPv6 one.
    Ipv6,
}

impl FromStr for AddressChoice {
    type Err = ();

    fn from_str(words: &str) -> Result<Self, ()> {
        match words.split_whitespace().collect::<Vec<_>>()[..] {
            ["ipv4"] => Ok(Self::Ipv4),
            ["ipv6"] => Ok(Self::Ipv6),
            ["address", number] => {
                number.parse().ok().filter(|number| *number > 0).map(Self::Address).ok_or(())
            }
            _ => Err(()),
        }
    }
}

/// Parsed behaviour of one step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum BehaviourStep {
    /// The usual behaviour.
    Usual,
    /// It does something everywhere, or its name servers do.
    Everywhere(Order),
    /// Some addresses do something; `None`: what all do.
    There(AddressChoice, Option<Behaviour>),
}

impl FromStr for BehaviourStep {
    type Err = NotUnderstood;

    fn from_str(words: &str) -> Result<Self, NotUnderstood> {
        let words = words.trim();
        if words == "usual" {
            return Ok(Self::Usual);
        }
        if let Some((place, does)) = words.split_once(':')
            && let Ok(place) = place.parse()
        {
            let does = Some(does.trim()).filter(|does| *does != "usual");
            return Ok(Self::There(place, does.map(str::parse).transpose()?));
        }
        words.parse().map(Self::Everywhere)
    }
}

/// Behaviour of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SiteBehaviour {
    /// At every address…
    pub(super) everywhere: Behaviour,
    /// …but these; the last that fits counts.
    pub(super) there: Vec<(AddressChoice, Behaviour)>,
    /// Answers about the name.
    pub(super) names: DnsAnswers,
}

impl SiteBehaviour {
    /// Answers well.
    pub(super) fn well() -> Self {
        Self { everywhere: Behaviour::ok(), there: Vec::new(), names: DnsAnswers::Own }
    }

    /// Changes it as the words of a scene say.
    ///
    /// # Errors
    /// Fails when words are not understood, which the story's reader has seen already.
    pub(super) fn change(
        &mut self,
        story: &StoryBehaviour,
        usual: &Self,
    ) -> Result<(), NotUnderstood> {
        let StoryBehaviour { words, page, headers, body } = story;
        let changes_answer = page.is_some() || body.is_some() || !headers.is_empty();
        if words.is_empty() && !changes_answer {
            *self = usual.clone();
        }
        let mut says_status = false;
        for words in words {
            match words.parse()? {
                BehaviourStep::Usual => *self = usual.clone(),
                BehaviourStep::Everywhere(Order::Dns(names)) => self.names = names,
                BehaviourStep::Everywhere(Order::Behave(behaviour)) => {
                    (self.everywhere, self.there) = (behaviour, Vec::new());
                    says_status = true;
                }
                BehaviourStep::There(place, behaviour) => {
                    self.there.retain(|(other, _)| *other != place);
                    self.there.extend(behaviour.map(|behaviour| (place, behaviour)));
                }
            }
        }
        if let Some(page) = page {
            let page: Behaviour = page.parse()?;
            if says_status {
                change_answers(&mut self.everywhere, &|answer| put_page(answer, &page));
            } else {
                self.everywhere = page;
            }
        } else if changes_answer && !says_status {
            self.everywhere = Behaviour::ok();
        }
        change_answers(&mut self.everywhere, &|answer| {
            for (name, value) in headers {
                answer.headers.retain(|(other, _)| !other.eq_ignore_ascii_case(name));
                answer.headers.push((name.clone(), value.clone()));
            }
            if let Some(body) = body {
                answer.body = AnswerBody::Bytes(body.clone().into());
            }
        });
        Ok(())
    }

    /// Number of attempts after which the first addresses of a site with these hosts repeat:
    /// families alternate, and within each its addresses.
    pub(super) fn places(&self, families: &[bool]) -> usize {
        let own = |ipv6: bool| families.iter().filter(|family| **family == ipv6).count();
        let (mut four, mut six) = (own(false), own(true));
        count(&self.names, &mut four, &mut six);
        match (four, six) {
            (0, one) | (one, 0) => one.max(1),
            (four, six) => 2 * four * six,
        }
    }

    /// Behaviour towards the connection with this number, at the address with this place and
    /// family.
    pub(super) fn towards(&self, number: u32, at: usize, ipv6: bool, usual: &Self) -> Behaviour {
        let fits = |place: &AddressChoice| match place {
            AddressChoice::Address(place) => *place == at + 1,
            AddressChoice::Ipv4 => !ipv6,
            AddressChoice::Ipv6 => ipv6,
        };
        let there = self.there.iter().rev().find(|(place, _)| fits(place));
        let behaviour = there.map_or(&self.everywhere, |(_, behaviour)| behaviour);
        flaky_side(behaviour, number, &usual.everywhere).clone()
    }
}

/// Counts the addresses of each family that a name has, if these are its own.
fn count(names: &DnsAnswers, four: &mut usize, six: &mut usize) {
    match names {
        DnsAnswers::Addresses(list) => {
            (*four, *six) = (0, 0);
            add(list, four, six);
        }
        DnsAnswers::Ahead(list) => add(list, four, six),
        DnsAnswers::Alias(_, then)
        | DnsAnswers::After(_, then)
        | DnsAnswers::Cached(_, then)
        | DnsAnswers::Rotated(then)
        | DnsAnswers::Shuffled(then) => count(then, four, six),
        _ => {}
    }
}

fn add(list: &[IpAddr], four: &mut usize, six: &mut usize) {
    for address in list {
        *(if address.is_ipv4() { &mut *four } else { &mut *six }) += 1;
    }
}

/// Behaviour towards the connection with this number where every n-th one fails: the failing or the
/// usual one.
fn flaky_side<'a>(behaviour: &'a Behaviour, number: u32, usual: &'a Behaviour) -> &'a Behaviour {
    match behaviour {
        Behaviour::Flaky { every, with } if number.is_multiple_of(every.get()) => {
            flaky_side(with, number, usual)
        }
        Behaviour::Flaky { .. } if !matches!(usual, Behaviour::Flaky { .. }) => usual,
        other => other,
    }
}

/// Changes the answers of a behaviour.
fn change_answers(behaviour: &mut Behaviour, change: &dyn Fn(&mut HttpAnswer)) {
    match behaviour {
        Behaviour::Answer(answer)
        | Behaviour::AnswerAfter(_, answer)
        | Behaviour::Drip(_, answer) => change(answer),
        Behaviour::Flaky { with, .. } => change_answers(with, change),
        _ => {}
    }
}

/// Replaces the page of an answer; the answer's status stays, unless it is good.
fn put_page(answer: &mut HttpAnswer, page: &Behaviour) {
    let Behaviour::Answer(page) = page else { return };
    let status = if answer.status == 200 { page.status } else { answer.status };
    *answer = HttpAnswer { status, ..page.clone() };
}

/// The same without what it waits before it answers, and how long that is.
pub(super) fn without_pause(behaviour: Behaviour) -> (Behaviour, Duration) {
    match behaviour {
        Behaviour::AnswerAfter(pause, answer) => (Behaviour::Answer(answer), pause),
        other => (other, Duration::ZERO),
    }
}

/// The same without what the name servers wait before they answer, and how long that is.
pub(super) fn names_without_pause(names: DnsAnswers) -> (DnsAnswers, Duration) {
    match names {
        DnsAnswers::After(pause, then) => {
            let (then, more) = names_without_pause(*then);
            (then, pause + more)
        }
        DnsAnswers::Alias(through, then) => {
            let (then, pause) = names_without_pause(*then);
            (DnsAnswers::Alias(through, Box::new(then)), pause)
        }
        DnsAnswers::Rotated(then) => {
            let (then, pause) = names_without_pause(*then);
            (DnsAnswers::Rotated(Box::new(then)), pause)
        }
        DnsAnswers::Shuffled(then) => {
            let (then, pause) = names_without_pause(*then);
            (DnsAnswers::Shuffled(Box::new(then)), pause)
        }
        other => (other, Duration::ZERO),
    }
}

/// Returns whether a visitor may wait for ever.
pub(super) fn hangs(behaviour: &Behaviour) -> bool {
    match behaviour {
        Behaviour::Drip(..)
        | Behaviour::HangAfterAccept
        | Behaviour::HangAfterRequest
        | Behaviour::HangMidAnswer
        | Behaviour::Blackhole => true,
        Behaviour::Flaky { with, .. } => hangs(with),
        _ => false,
    }
}

/// The address that it redirects to.
pub(super) fn redirect_target(behaviour: &Behaviour) -> Option<&str> {
    let Behaviour::Answer(answer) = behaviour else { return None };
    location(answer)
}

/// Returns whether it leads to an address that is not on this machine, which no story may.
pub(super) fn leaves_machine(behaviour: &Behaviour, names: &DnsAnswers) -> bool {
    let away = |list: &[IpAddr]| list.iter().any(|address| !address.is_loopback());
    let by_name = match names {
        DnsAnswers::Addresses(list) | DnsAnswers::Ahead(list) => away(list),
        DnsAnswers::Alias(_, then)
        | DnsAnswers::After(_, then)
        | DnsAnswers::Cached(_, then)
        | DnsAnswers::Rotated(then)
        | DnsAnswers::Shuffled(then) => leaves_machine(behaviour, then),
        DnsAnswers::Rebind(one, other) | DnsAnswers::ByFamily(one, other) => {
            leaves_machine(behaviour, one) || leaves_machine(behaviour, other)
        }
        _ => false,
    };
    let led = match behaviour {
        Behaviour::Flaky { with, .. } => return by_name || leaves_machine(with, &DnsAnswers::Own),
        Behaviour::Answer(answer)
        | Behaviour::AnswerAfter(_, answer)
        | Behaviour::Drip(_, answer) => location(answer),
        _ => None,
    };
    let to = led.and_then(|to| Url::parse(to).ok());
    by_name
        || to.is_some_and(|to| match to.host() {
            Some(Host::Ipv4(address)) => away(&[address.into()]),
            Some(Host::Ipv6(address)) => away(&[address.into()]),
            Some(Host::Domain(_)) | None => false,
        })
}

fn location(answer: &HttpAnswer) -> Option<&str> {
    let location = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("location");
    answer.headers.iter().find(location).map(|(_, to)| &**to)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn story(words: &[&str]) -> StoryBehaviour {
        StoryBehaviour {
            words: words.iter().map(|word| (*word).to_owned()).collect(),
            ..StoryBehaviour::default()
        }
    }

    fn status(behaviour: &Behaviour) -> Option<u16> {
        match behaviour {
            Behaviour::Answer(answer) | Behaviour::AnswerAfter(_, answer) => Some(answer.status),
            _ => None,
        }
    }

    #[test]
    fn addresses_and_families_do_what_they_are_told_and_the_others_what_all_do() {
        let usual = SiteBehaviour::well();
        let mut current = usual.clone();
        current.change(&story(&["address 2: status 502", "ipv6: hang"]), &usual).unwrap();
        let met = |current: &SiteBehaviour, at, ipv6| current.towards(1, at, ipv6, &usual);
        assert_eq!(status(&met(&current, 0, false)), Some(200));
        assert_eq!(status(&met(&current, 1, false)), Some(502));
        assert_eq!(met(&current, 2, true), Behaviour::HangAfterAccept);
        current.change(&story(&["address 2: usual"]), &usual).unwrap();
        assert_eq!(status(&met(&current, 1, false)), Some(200));
        current.change(&story(&["status 503"]), &usual).unwrap();
        assert_eq!(status(&met(&current, 2, true)), Some(503));
        current.change(&story(&["dns nxdomain"]), &usual).unwrap();
        assert_eq!(status(&met(&current, 0, false)), Some(503), "names are another matter");
        current.change(&StoryBehaviour::default(), &usual).unwrap();
        assert_eq!(current, usual);
    }

    #[test]
    fn pages_bodies_and_headers_dress_an_answer() {
        let usual = SiteBehaviour::well();
        let changes_answer = |words: &[&str], page: Option<&str>, body: Option<&str>| {
            let headers = vec![("Server".to_owned(), "x".to_owned())];
            let (page, body) = (page.map(str::to_owned), body.map(str::to_owned));
            let mut current = usual.clone();
            current
                .change(&StoryBehaviour { page, headers, body, ..story(words) }, &usual)
                .unwrap();
            let (Behaviour::Answer(answer) | Behaviour::AnswerAfter(_, answer)) =
                current.everywhere
            else {
                panic!("{current:?}")
            };
            let server = answer.headers.iter().filter(|(name, _)| *name == "Server").count();
            assert_eq!(server, 1);
            let AnswerBody::Bytes(body) = answer.body else { panic!("a bomb") };
            (answer.status, String::from_utf8(body.to_vec()).unwrap())
        };
        let page = Some("page akamai-dns-failure");
        assert_eq!(changes_answer(&["status 503"], None, Some("Oh.")), (503, "Oh.".to_owned()));
        assert_eq!(changes_answer(&[], None, Some("Oh.")), (200, "Oh.".to_owned()));
        assert!(changes_answer(&[], page, None).1.contains("DNS failure"));
        assert_eq!(changes_answer(&["after 2s"], page, None).0, 503);
        assert_eq!(changes_answer(&["status 500"], Some("page challenge"), None).0, 500);
    }

    #[test]
    fn every_so_manieth_connection_fails_and_the_others_are_as_usual() {
        let mut usual = SiteBehaviour::well();
        usual.change(&story(&["after 120ms"]), &SiteBehaviour::well()).unwrap();
        let mut current = usual.clone();
        current.change(&story(&["flaky 3 status 502"]), &usual).unwrap();
        let met: Vec<_> = (1..=6).map(|n| status(&current.towards(n, 0, false, &usual))).collect();
        assert_eq!(met, [200, 200, 502, 200, 200, 502].map(Some));
        assert_eq!(current.towards(1, 0, false, &usual), usual.everywhere);
    }

    proptest! {
        #[test]
        fn no_words_break_the_reader_of_what_a_site_does(
            words in "\\PC{0,20}|(status|after|slow|every|for|page|dns|certificate|reset) ?[0-9a-z% .-]{0,14}",
        ) {
            let _ = (words.parse::<BehaviourStep>(), words.parse::<AddressChoice>());
        }
    }
}
