//! Provider events: kept once, read back, and explaining outages.

use std::{collections::HashMap, time::Duration};

use model::{
    moment::Moment,
    provider::{Alike, ProviderEvent, ProviderEvidence, Role},
};
use stillup::store::{Batch, EventsWanted, FoundProviders};

use crate::support::{NOON, at, failed, judge, site, slug, store};

fn minute(n: u64) -> Moment {
    at(NOON) + Duration::from_mins(n)
}

fn event(sites: &[&str], ended: Option<u64>) -> ProviderEvent {
    ProviderEvent {
        provider: "aws".into(),
        started_at: minute(0),
        noticed_at: minute(2),
        ended_at: ended.map(minute),
        sites: sites.iter().map(|s| slug(s)).collect(),
        evidence: None,
        withdrawn_at: None,
    }
}

/// A batch in which this site goes down at that minute.
fn down(name: &str, from: u64) -> Batch {
    let checks: Vec<_> = (from..from + 3).map(|n| failed(name, minute(n), "refused")).collect();
    let changes = judge(&checks).0;
    Batch { checks, changes, ..Batch::default() }
}

#[tokio::test]
async fn outages_are_put_down_to_the_provider_while_it_fails_and_only_those_of_its_sites() {
    let (store, _database) = store().await;
    store.record(&down("a.example", 0)).await.unwrap();
    store.record(&down("other.example", 0)).await.unwrap();
    let tell = async |event: ProviderEvent| {
        let batch = Batch { events: vec![event], ..Batch::default() };
        store.record(&batch).await.unwrap();
        store.record(&batch).await.unwrap();
    };
    tell(event(&["a.example"], None)).await;
    store.record(&down("b.example", 30)).await.unwrap();
    tell(event(&["a.example", "b.example", "c.example"], None)).await;
    store.record(&down("c.example", 40)).await.unwrap();
    let ended = event(&["a.example", "b.example", "c.example"], Some(60));
    tell(ended.clone()).await;
    // A late event, out of order, changes nothing back.
    tell(event(&["a.example"], None)).await;
    store.record(&down("d.example", 61)).await.unwrap();
    let mut found = Vec::new();
    for name in ["a.example", "b.example", "c.example", "other.example", "d.example"] {
        let outages = store.outages(&slug(name), 9).await.unwrap();
        found.push((outages.len(), outages[0].provider.clone()));
    }
    let (aws, none) = ((1, Some("aws".into())), (1, None));
    assert_eq!(found, [aws.clone(), aws.clone(), aws, none.clone(), none]);
    assert_eq!(store.provider_events(None, 9).await.unwrap(), std::slice::from_ref(&ended));
    assert_eq!(store.provider_events(Some(false), 9).await.unwrap(), [ended]);
    assert!(store.provider_events(Some(true), 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn why_a_provider_was_named_is_kept_and_blame_that_was_taken_back_is_gone() {
    let (store, _database) = store().await;
    store.record(&down("a.example", 0)).await.unwrap();
    let evidence = ProviderEvidence {
        role: Role::Names,
        alike: Alike::Status(503),
        seconds: 41,
        affected: 3,
        of: 8,
        elsewhere: 1,
        elsewhere_of: 40,
    };
    let told = ProviderEvent { evidence: Some(evidence), ..event(&["a.example"], None) };
    let tell = async |event: &ProviderEvent| {
        store.record(&Batch { events: vec![event.clone()], ..Batch::default() }).await.unwrap();
    };
    let cause = async || store.outages(&slug("a.example"), 9).await.unwrap()[0].provider.clone();
    tell(&told).await;
    assert_eq!(store.provider_events(None, 9).await.unwrap(), std::slice::from_ref(&told));
    assert_eq!(cause().await.as_deref(), Some("aws"));
    tell(&ProviderEvent { withdrawn_at: Some(minute(9)), ..told.clone() }).await;
    // What is sent again, late, brings no blame back.
    tell(&told).await;
    assert_eq!(cause().await, None);
    let wanted = EventsWanted { provider: "aws", before: None, at: None, limit: 9 };
    assert!(store.events_of_provider(&wanted).await.unwrap().is_empty());
    assert!(store.provider_events(None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_found_out_is_kept_and_outlives_a_new_catalogue() {
    let (store, _database) = store().await;
    let sites = [site("a.example"), site("b.example")];
    store.sync_sites(&sites, minute(0)).await.unwrap();
    let serves = |by: &str| FoundProviders { serves: Some(by.into()), ..FoundProviders::default() };
    let found: HashMap<_, FoundProviders> =
        [(slug("a.example"), serves("fastly")), (slug("nobody.example"), serves("aws"))].into();
    store.keep_found_providers(&found).await.unwrap();
    store.sync_sites(&sites[..1], minute(1)).await.unwrap();
    let kept = store.found_providers().await.unwrap();
    assert_eq!(kept, [(slug("a.example"), serves("fastly"))].into());
    // What is found out later leaves what was.
    let (names, authority) = (Some(("dyn".into(), minute(2))), Some("digicert".into()));
    let more = FoundProviders { serves: None, names, authority };
    store.keep_found_providers(&[(slug("a.example"), more.clone())].into()).await.unwrap();
    let all = FoundProviders { serves: Some("fastly".into()), ..more };
    assert_eq!(store.found_providers().await.unwrap(), [(slug("a.example"), all)].into());
}

#[tokio::test]
async fn events_of_a_provider_are_read_by_pages_and_by_the_outages_they_explain() {
    let (store, _database) = store().await;
    let crowd: Vec<String> = (0..130).map(|n| format!("s{n:03}.example")).collect();
    let mut events: Vec<ProviderEvent> = (0..5)
        .map(|n| ProviderEvent {
            started_at: minute(n * 100),
            noticed_at: minute(n * 100 + 2),
            ..event(&["a.example"], (n < 4).then_some(n * 100 + 30))
        })
        .collect();
    events[2].sites = crowd.iter().map(|name| slug(name)).collect();
    events.push(ProviderEvent { provider: "google".into(), ..events[0].clone() });
    store.record(&Batch { events, ..Batch::default() }).await.unwrap();
    let read = async |before: Option<u64>, at: Option<u64>, limit| {
        let (before, at) = (before.map(minute), at.map(minute));
        let wanted = EventsWanted { provider: "aws", before, at, limit };
        let rows = store.events_of_provider(&wanted).await.unwrap();
        let begun = |event: &ProviderEvent| event.started_at.since(minute(0)).as_secs() / 60;
        rows.iter().map(|row| (begun(&row.event), row.affected)).collect::<Vec<_>>()
    };
    assert_eq!(read(None, None, 2).await, [(400, 1), (300, 1)]);
    assert_eq!(read(Some(300), None, 2).await, [(200, 130), (100, 1)]);
    assert_eq!(read(Some(0), None, 2).await, []);
    // An outage may begin ten minutes before the event, and until it ends.
    for (at, want) in [
        (89, None),
        (90, Some(100)),
        (130, Some(100)),
        (131, None),
        (390, Some(400)),
        (9_000, Some(400)),
    ] {
        let found = read(None, Some(at), 9).await;
        assert_eq!(found.iter().map(|(begun, _)| *begun).collect::<Vec<_>>(), Vec::from_iter(want));
    }
    let wanted = EventsWanted { provider: "aws", before: None, at: Some(minute(200)), limit: 9 };
    let rows = store.events_of_provider(&wanted).await.unwrap();
    assert_eq!(rows[0].event.sites.len(), 100, "a hundred are named");
    let nobody = EventsWanted { provider: "nobody", ..wanted };
    assert!(store.events_of_provider(&nobody).await.unwrap().is_empty());
}
