//! Provider events: kept once, read back, and outages put down to them.

use std::{collections::HashMap, time::Duration};

use stillup::{
    model::{moment::Moment, provider::Event},
    store::Batch,
};

use crate::support::{NOON, at, failed, judge, site, slug, store};

fn minute(n: u64) -> Moment {
    at(NOON) + Duration::from_mins(n)
}

fn event(sites: &[&str], ended: Option<u64>) -> Event {
    Event {
        provider: "aws".into(),
        started_at: minute(0),
        noticed_at: minute(2),
        ended_at: ended.map(minute),
        sites: sites.iter().map(|s| slug(s)).collect(),
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
    let tell = async |event: Event| {
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
    // What comes late, and out of order, takes nothing back.
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
async fn what_was_found_out_is_kept_and_outlives_a_new_catalogue() {
    let (store, _database) = store().await;
    let sites = [site("a.example"), site("b.example")];
    store.sync_sites(&sites, minute(0)).await.unwrap();
    let found: HashMap<_, Box<str>> =
        [(slug("a.example"), "fastly".into()), (slug("nobody.example"), "aws".into())].into();
    store.keep_found_providers(&found).await.unwrap();
    store.sync_sites(&sites[..1], minute(1)).await.unwrap();
    let kept = store.found_providers().await.unwrap();
    assert_eq!(kept, [(slug("a.example"), "fastly".into())].into());
}
