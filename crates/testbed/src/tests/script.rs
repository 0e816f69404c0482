//! The words and what they mean.

use std::num::NonZeroU32;

use proptest::prelude::*;

use super::*;
use crate::{Certificate, DnsAnswers, HttpAnswer, NOWHERE, NameserverBehaviour, Order};

#[test]
fn words_become_behaviours() {
    use Behaviour as B;
    let second = Duration::from_secs(1);
    for (words, expected) in [
        ("ok", B::ok()),
        (" ok\n", B::ok()),
        ("status 503", B::status(503)),
        ("not-found", B::status(404)),
        ("redirect http://a.test/", B::Answer(HttpAnswer::redirect("http://a.test/"))),
        ("redirect-loop", B::Answer(HttpAnswer::redirect_loop())),
        ("huge-headers", B::Answer(HttpAnswer::huge_headers())),
        ("challenge", B::Answer(HttpAnswer::challenge())),
        ("bomb", B::Answer(HttpAnswer::gzip_bomb(10 << 30))),
        ("bomb 3", B::Answer(HttpAnswer::gzip_bomb(3 << 20))),
        ("after 1s", B::AnswerAfter(second, HttpAnswer::ok())),
        ("after 1000ms status 500", B::AnswerAfter(second, HttpAnswer::status(500))),
        ("drip 1s", B::Drip(second, HttpAnswer::ok())),
        ("hang", B::HangAfterAccept),
        ("hang-after-request", B::HangAfterRequest),
        ("hang-mid-answer", B::HangMidAnswer),
        ("reset", B::ResetOnAccept),
        ("reset-mid-answer", B::ResetMidAnswer),
        ("close-mid-answer", B::CloseMidAnswer),
        ("close", B::CloseAfterRequest),
        ("down", B::Refuse),
        ("refuse", B::Refuse),
        ("blackhole", B::Blackhole),
        ("plain-on-tls", B::PlainHttpOnTls),
        ("garbage", B::NotHttp),
    ] {
        assert_eq!(words.parse(), Ok(Order::Behave(expected)), "{words}");
    }
}

#[test]
fn words_with_words_after_them_become_behaviours() {
    use Behaviour as B;
    let every = |n| NonZeroU32::new(n).unwrap();
    for (words, expected) in [
        ("cert good", B::Certificate(Certificate::Good)),
        ("cert wrong-name", B::Certificate(Certificate::WrongName)),
        ("cert expired", B::Certificate(Certificate::Expired)),
        ("cert self-signed", B::Certificate(Certificate::SelfSigned)),
        ("cert expires-soon", B::Certificate(Certificate::ExpiresSoon(7))),
        ("cert expires-soon 3", B::Certificate(Certificate::ExpiresSoon(3))),
        ("flaky 3", B::Flaky { every: every(3), with: Box::new(B::ResetOnAccept) }),
        ("flaky 2 hang", B::Flaky { every: every(2), with: Box::new(B::HangAfterAccept) }),
    ] {
        assert_eq!(words.parse(), Ok(Order::Behave(expected)), "{words}");
    }
}

#[test]
fn words_after_dns_become_names() {
    let list = |addresses: &[&str]| {
        DnsAnswers::Addresses(addresses.iter().map(|address| address.parse().unwrap()).collect())
    };
    let chain =
        |then| DnsAnswers::Alias(vec!["a.test".to_owned(), "b.test".to_owned()], Box::new(then));
    for (words, expected) in [
        ("ok", DnsAnswers::Own),
        ("nxdomain", DnsAnswers::NxDomain),
        ("servfail", DnsAnswers::ServFail),
        ("refused", DnsAnswers::Refused),
        ("empty", DnsAnswers::Empty),
        ("silence", DnsAnswers::Silence),
        ("dead-first", DnsAnswers::Ahead(vec![NOWHERE])),
        ("ahead ::1", DnsAnswers::Ahead(vec!["::1".parse().unwrap()])),
        ("at 127.0.0.1,::1", list(&["127.0.0.1", "::1"])),
        ("alias a.test,B.test", chain(DnsAnswers::Own)),
        ("alias a.test,b.test nxdomain", chain(DnsAnswers::NxDomain)),
        (
            "rebind 192.0.2.1 127.0.0.1",
            DnsAnswers::Rebind(Box::new(list(&["192.0.2.1"])), Box::new(list(&["127.0.0.1"]))),
        ),
        ("after 50ms", DnsAnswers::After(Duration::from_millis(50), Box::new(DnsAnswers::Own))),
        ("after 1s empty", DnsAnswers::After(Duration::from_secs(1), Box::new(DnsAnswers::Empty))),
        ("notimp", DnsAnswers::NotImp),
        ("formerr", DnsAnswers::FormErr),
        ("cached 2s", DnsAnswers::Cached(Duration::from_secs(2), Box::new(DnsAnswers::Own))),
        ("rotated at 127.0.0.1,::1", DnsAnswers::Rotated(Box::new(list(&["127.0.0.1", "::1"])))),
        ("shuffled", DnsAnswers::Shuffled(Box::new(DnsAnswers::Own))),
        (
            "a aaaa servfail",
            DnsAnswers::ByFamily(Box::new(DnsAnswers::Own), Box::new(DnsAnswers::ServFail)),
        ),
        (
            "a empty aaaa after 1s at ::1",
            DnsAnswers::ByFamily(
                Box::new(DnsAnswers::Empty),
                Box::new(DnsAnswers::After(Duration::from_secs(1), Box::new(list(&["::1"])))),
            ),
        ),
    ] {
        assert_eq!(format!("dns {words}").parse(), Ok(Order::Dns(expected)), "{words}");
    }
}

#[test]
fn words_become_manners_of_a_nameserver() {
    let (second, three) = (Duration::from_secs(1), NonZeroU32::new(3).unwrap());
    for (words, expected) in [
        ("ok", NameserverBehaviour::Good),
        ("servfail", NameserverBehaviour::Says(DnsAnswers::ServFail)),
        (
            "at 127.0.0.1",
            NameserverBehaviour::Says(DnsAnswers::Addresses(vec!["127.0.0.1".parse().unwrap()])),
        ),
        ("edns formerr", NameserverBehaviour::Edns(DnsAnswers::FormErr)),
        ("edns silence", NameserverBehaviour::Edns(DnsAnswers::Silence)),
        ("after 1s", NameserverBehaviour::After(second, Box::new(NameserverBehaviour::Good))),
        (
            "after 1s nxdomain",
            NameserverBehaviour::After(
                second,
                Box::new(NameserverBehaviour::Says(DnsAnswers::NxDomain)),
            ),
        ),
        ("loses 3", NameserverBehaviour::Loses(three)),
    ] {
        assert_eq!(words.parse(), Ok(expected), "{words}");
    }
    for words in ["", "what", "loses 0", "edns what", "after 2"] {
        assert!(words.parse::<NameserverBehaviour>().is_err(), "{words}");
    }
}

#[test]
fn other_words_are_refused_and_named() {
    for words in [
        "",
        "dns",
        "dns what",
        "what",
        "status",
        "status 99",
        "status abc",
        "after",
        "after 2",
        "drip 1h",
        "flaky 0",
        "flaky 2 what",
        "cert",
        "cert what",
        "ok ok",
        "dns at 1.2.3",
        "dns rebind 127.0.0.1",
        "dns a ok",
        "dns a aaaa what",
        "dns cached ok",
        "down now",
        "after 86401s",
        "drip 86400001ms",
        "cert expires-soon 36501",
        &format!("{}hang", "flaky 2 ".repeat(20_000)),
        &format!("dns {}ok", "a ok aaaa ".repeat(20_000)),
    ] {
        let refused = words.parse::<Order>().unwrap_err().to_string();
        assert!(refused.starts_with("the testbed does not understand"), "{words}: {refused}");
    }
}

/// Pauses of a behaviour, and days that its certificate has left.
fn bounds(behaviour: &Behaviour) -> (Duration, u32) {
    match behaviour {
        Behaviour::AnswerAfter(pause, _) | Behaviour::Drip(pause, _) => (*pause, 0),
        Behaviour::Certificate(Certificate::ExpiresSoon(days)) => (Duration::ZERO, *days),
        Behaviour::Flaky { with, .. } => bounds(with),
        _ => (Duration::ZERO, 0),
    }
}

proptest! {
    #[test]
    fn no_line_breaks_the_reader_and_what_is_understood_is_bounded(
        line in "\\PC{0,40}|((flaky|after|drip|cert|dns|expires-soon|status|a|aaaa|alias|at|rebind|\
                 cached|edns|loses|bomb|redirect|ok|hang|::1|[0-9]{1,20}(ms|s)?|\\PC{1,3}) ){1,40}",
    ) {
        let order = line.parse::<Order>();
        if let Ok(Order::Behave(behaviour)) = &order {
            let (pause, days) = bounds(behaviour);
            prop_assert!(pause <= Duration::from_hours(24) && days <= 36_500, "{behaviour:?}");
        }
        let spaced = format!("  {}  ", line.replace(' ', " \t "));
        if order.is_ok() {
            prop_assert_eq!(spaced.parse::<Order>(), order, "blanks mean nothing");
        }
        let _ = (line.parse::<DnsAnswers>(), line.parse::<NameserverBehaviour>());
    }
}
