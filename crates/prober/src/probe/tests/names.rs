//! Looking names up.

use hickory_resolver::proto::{op::ResponseCode, rr::RecordType};
use tokio::time::Instant;

use super::lab::{
    Says, TestProbe, a, aaaa, alias, failed, failed_with, names, nobody, reply, resolving, says,
    serve_at,
};
use model::{
    failure_detail::{FailureDetail, Phase},
    outcome::{Answer, Failure, Reached},
};

#[tokio::test]
async fn each_way_in_which_a_name_has_no_address_is_told_apart() {
    let error = |code| FailureDetail::NameServerError { code };
    for (said, detail) in [
        (Says::Code(ResponseCode::NXDomain), FailureDetail::NoSuchName),
        (Says::Code(ResponseCode::ServFail), error(2)),
        (Says::Code(ResponseCode::Refused), error(5)),
        (Says::Lame, FailureDetail::NameServerDoesNotKnow),
        (Says::Records(Vec::new()), FailureDetail::NoAddress),
        (Says::Records(vec![alias("elsewhere.example")]), FailureDetail::NoAddress),
    ] {
        let prober = resolving(names(move |_, _| said.clone()).await);
        let start = Instant::now();
        let outcome = TestProbe::default().at(&prober, "http://name.example/").await;
        failed_with(&outcome, Failure::Dns, &detail);
        assert!(start.elapsed().as_millis() < 500, "{detail:?} took {:?}", start.elapsed());
        assert!(outcome.phases.dns.is_some() && outcome.phases.connect.is_none(), "{outcome:?}");
    }
}

#[tokio::test]
async fn aliases_that_lead_to_no_address_are_told_and_kept() {
    let gone = |target: &str| FailureDetail::NoSuchAliasTarget { target: target.into() };
    let two = || vec![alias("one.cdn.example"), alias("two.cdn.example")];
    for (said, detail) in [
        (Says::Dangling(two()), gone("two.cdn.example")),
        (Says::Records(two()), FailureDetail::NoAddress),
    ] {
        let prober = resolving(names(move |_, _| said.clone()).await);
        let outcome = TestProbe::default().at(&prober, "http://name.example/").await;
        failed_with(&outcome, Failure::Dns, &detail);
        assert_eq!(outcome.reached(), Reached::NameServer, "{detail:?}");
        let cnames: Vec<&str> = outcome.traces.cnames.iter().map(AsRef::as_ref).collect();
        assert_eq!(cnames, ["one.cdn.example", "two.cdn.example"]);
    }
    // One answer for the alias, and another one for what it leads to.
    let at = names(|name, _| match name {
        "name.example" => Says::Records(vec![alias("gone.example")]),
        _ => Says::Code(ResponseCode::NXDomain),
    });
    let outcome = TestProbe::default().at(&resolving(at.await), "http://name.example/").await;
    failed_with(&outcome, Failure::Dns, &gone("gone.example"));
}

#[tokio::test]
async fn a_name_is_known_with_its_own_address_alone() {
    for (said, known) in [
        (Says::Records(vec![a("198.41.0.4")]), true),
        (Says::Records(vec![a("10.0.0.1"), a("198.41.0.4")]), true),
        // A portal, or a filter, that answers every name.
        (Says::Records(vec![a("10.0.0.1")]), false),
        (Says::Records(vec![a("8.8.8.8")]), false),
        (Says::Records(Vec::new()), false),
        (Says::Code(ResponseCode::NXDomain), false),
    ] {
        let prober = resolving(names(move |_, _| said.clone()).await);
        let own = ["198.41.0.4".parse().unwrap()];
        assert_eq!(prober.name_servers_know("a.root.example", &own).await, known);
    }
}

#[tokio::test]
async fn silent_name_servers_are_waited_for_as_long_as_the_site_may_take() {
    let prober = resolving(names(|_, _| Says::Nothing).await);
    let start = Instant::now();
    let outcome = TestProbe::within(2_500).at(&prober, "http://name.example/").await;
    let late = |after_ms| FailureDetail::TimedOut { phase: Phase::Dns, after_ms };
    failed_with(&outcome, Failure::Dns, &late(2_500));
    assert!((2_500..3_500).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    let outcome = TestProbe::within(200).at(&prober, "http://name.example/").await;
    failed_with(&outcome, Failure::Dns, &late(200));
}

#[tokio::test]
async fn name_servers_that_are_not_there_are_told_apart() {
    let at = format!("127.0.0.1:{}", nobody("127.0.0.1")).parse().unwrap();
    let start = Instant::now();
    let outcome = TestProbe::default().at(&resolving(at), "http://name.example/").await;
    let detail = failed(&outcome, Failure::Dns);
    let told = matches!(
        detail,
        FailureDetail::NameServersUnreachable | FailureDetail::TimedOut { phase: Phase::Dns, .. }
    );
    assert!(told, "{detail:?}");
    assert!(start.elapsed().as_millis() < 4_500, "{:?}", start.elapsed());
}

#[tokio::test]
async fn one_family_is_not_kept_waiting_by_the_other() {
    let server = says(reply("200 OK", "", b"hello")).await;
    let silent = Says::Nothing;
    let code = Says::Code;
    // Nothing listens there, or the machine has no such network.
    let away = Says::Records(vec![aaaa("2001:db8::1")]);
    for other in [
        silent,
        code(ResponseCode::ServFail),
        code(ResponseCode::Refused),
        code(ResponseCode::NXDomain),
        code(ResponseCode::NotImp),
        Says::Garbage,
        Says::Lame,
        away,
    ] {
        let said = other.clone();
        let prober = resolving(
            names(move |_, kind| match kind {
                RecordType::A => Says::Records(vec![a("127.0.0.1")]),
                _ => said.clone(),
            })
            .await,
        );
        let start = Instant::now();
        let outcome = TestProbe::default().at(&prober, &server.named("http", "name.example")).await;
        assert_eq!(outcome.answer, Answer::Ok, "{other:?}");
        // The client tries the other family after 250 ms.
        let most = if matches!(other, Says::Records(_)) { 500 } else { 200 };
        assert!(start.elapsed().as_millis() < most, "{other:?} took {:?}", start.elapsed());
    }
}

#[tokio::test]
async fn aliases_and_addresses_are_kept() {
    let server = says(reply("200 OK", "", b"hello")).await;
    let at = names(|_, kind| match kind {
        RecordType::A => Says::Records(vec![
            alias("one.cdn.example"),
            alias("two.cdn.example"),
            a("127.0.0.1"),
            a("127.0.0.3"),
        ]),
        _ => Says::Records(vec![alias("one.cdn.example"), alias("two.cdn.example")]),
    });
    let prober = resolving(at.await);
    let outcome = TestProbe::default().at(&prober, &server.named("http", "name.example")).await;
    assert_eq!(outcome.answer, Answer::Ok);
    let cnames: Vec<&str> = outcome.traces.cnames.iter().map(AsRef::as_ref).collect();
    assert_eq!(cnames, ["one.cdn.example", "two.cdn.example"]);
    let addresses: Vec<String> = outcome.traces.addresses.iter().map(ToString::to_string).collect();
    assert_eq!(addresses, ["127.0.0.1", "127.0.0.3"]);
}

#[tokio::test]
async fn the_next_address_is_tried_and_each_attempt_begins_with_another() {
    let server = says(reply("200 OK", "", b"hello")).await;
    let both = |_: &str, kind| match kind {
        RecordType::A => Says::Records(vec![a("127.0.0.2"), a("127.0.0.1")]),
        _ => Says::Records(Vec::new()),
    };
    let prober = resolving(names(both).await);
    let url = server.named("http", "name.example");
    let outcome = TestProbe { attempt: 2, ..TestProbe::default() }.at(&prober, &url).await;
    assert_eq!(outcome.answer, Answer::Ok);
    assert_eq!(outcome.traces.address, Some("127.0.0.1".parse().unwrap()));
    // A browser would not notice the refusal; the site's operator would want to know.
    let refused = outcome.observed.failed_attempts;
    assert_eq!(refused.len(), 1);
    assert_eq!(refused[0].address, Some("127.0.0.2".parse().unwrap()));
    assert_eq!(outcome.observed.answered_by, outcome.traces.address);

    let any = serve_at("0.0.0.0", |mut stream| async move {
        use tokio::io::AsyncWriteExt;
        super::lab::head(&mut stream).await;
        stream.write_all(&reply("200 OK", "", b"hello")).await.ok();
    })
    .await;
    for (attempt, address) in [(1, "127.0.0.1"), (2, "127.0.0.2"), (3, "127.0.0.1")] {
        let probe = TestProbe { attempt, ..TestProbe::default() };
        let outcome = probe.at(&prober, &any.named("http", "name.example")).await;
        assert_eq!(outcome.traces.address, Some(address.parse().unwrap()), "{attempt}");
    }
}

#[tokio::test]
async fn names_are_looked_up_whatever_their_labels_are_made_of_as_browsers_do() {
    let server = says(reply("200 OK", "", b"hello")).await;
    let prober = resolving(super::test_name_server::all_at("127.0.0.1").await);
    for name in [
        "my_site.example",
        "_my.example",
        "my-site_.sub_domain.example",
        "xn--bcher-kva.example",
        "-a.example",
        "a-.example",
        "-.example",
        "a!$&'()*+,;=~b.example",
        "*.example",
    ] {
        let outcome = TestProbe::default().at(&prober, &server.named("http", name)).await;
        assert_eq!(outcome.answer, Answer::Ok, "{name}");
    }
}

#[tokio::test]
async fn names_that_no_question_has_room_for_are_told() {
    let prober = resolving(super::test_name_server::all_at("127.0.0.1").await);
    let long = "a".repeat(64);
    for name in [&format!("{long}.example"), "a..example", &["abcd"; 60].join(".")] {
        let outcome = TestProbe::default().at(&prober, &format!("http://{name}/")).await;
        failed(&outcome, Failure::Dns);
    }
}

#[tokio::test]
async fn what_is_cut_short_is_asked_over_tcp_and_its_part_is_better_than_nothing() {
    let server = says(reply("200 OK", "", b"hello")).await;
    let part = |records: Vec<_>| {
        names(move |_, kind| match kind {
            RecordType::A => Says::Cut(records.clone()),
            _ => Says::Records(Vec::new()),
        })
    };
    // Nothing listens over TCP there.
    let prober = resolving(part(vec![a("127.0.0.1")]).await);
    let outcome = TestProbe::default().at(&prober, &server.named("http", "name.example")).await;
    assert_eq!(outcome.answer, Answer::Ok);
    let prober = resolving(part(Vec::new()).await);
    let outcome = TestProbe::default().at(&prober, &server.named("http", "name.example")).await;
    failed_with(&outcome, Failure::Dns, &FailureDetail::NameServerAnswerCut);
}

#[tokio::test]
async fn aliases_are_followed_in_any_order_and_over_several_answers() {
    let server = says(reply("200 OK", "", b"hello")).await;
    let at = names(|name, kind| {
        let step = name.strip_suffix(".step.example").and_then(|n| n.parse::<u8>().ok());
        match (step, kind) {
            // One alias an answer.
            (Some(step @ 1..), _) => {
                Says::Records(vec![alias(&format!("{}.step.example", step - 1))])
            }
            (Some(0), RecordType::A) => Says::Records(vec![a("127.0.0.1")]),
            (None, _) if name == "loop.example" => Says::Records(vec![alias("loop.example")]),
            _ => Says::Records(Vec::new()),
        }
    });
    let prober = resolving(at.await);
    for (name, good) in [("0.step", true), ("1.step", true), ("8.step", true), ("loop", false)] {
        let url = server.named("http", &format!("{name}.example"));
        let outcome = TestProbe::default().at(&prober, &url).await;
        assert_eq!(outcome.answer == Answer::Ok, good, "{name}: {outcome:?}");
    }
}
