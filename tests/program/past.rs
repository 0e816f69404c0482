//! A past for the pictures: a day of checks, judged as the service judges and kept where it keeps.

use std::{sync::Arc, time::Duration};

use sqlx::postgres::PgConnectOptions;
use stillup::{
    clock::Clock,
    model::{
        check::Check,
        judge::{Limits, Rules, SiteState},
        name::{Region, Slug},
        outcome::{Answer, Failure, Outcome, Phases},
        site::{Expect, Site},
    },
    store::{Batch, Store},
};

use crate::server::Mood;

const EVERY: Duration = Duration::from_mins(5);
/// A day of them.
const CHECKS: u32 = 288;
/// So many of the last ones are as the site is now.
const LAST: u32 = 8;
/// When a site that is down now was down before, for a quarter of an hour.
const BEFORE: std::ops::Range<u32> = 150..153;

/// Gives these sites a past.
pub(crate) async fn write(options: PgConnectOptions, sites: &[(&str, &str, &str, Mood)]) {
    let store = Store::connect(options).await.unwrap();
    let now = Clock::system().now();
    let all: Vec<Arc<Site>> =
        sites.iter().map(|(slug, name, ..)| site(slug, name).into()).collect();
    let mut batch = Batch::default();
    for (site, (.., mood)) in all.iter().zip(sites) {
        let mut state = SiteState::default();
        for number in 0..CHECKS {
            let at = now - Duration::from_secs(5) - EVERY * (CHECKS - 1 - number);
            let check = Check {
                slug: site.slug.clone(),
                region: Region::default(),
                at,
                outcome: outcome(*mood, number),
                attempts: 1,
            };
            let step = state.check(&check, &Limits::of(site), &Rules::default());
            let changes = step.changes.into_iter().map(|change| (site.slug.clone(), change));
            batch.changes.extend(changes);
            batch.checks.push(check);
        }
        batch.states.push((site.slug.clone(), state));
    }
    store.sync_sites(&all, now).await.unwrap();
    store.record(&batch).await.unwrap();
    store.close().await;
}

fn outcome(mood: Mood, number: u32) -> Outcome {
    let bad = number >= CHECKS - LAST || BEFORE.contains(&number);
    let usual = match mood {
        Mood::Late(millis) if millis < 1_000 => millis as u32,
        Mood::Late(_) if bad => 1_500,
        Mood::Refusing if bad => return Outcome::failed(Failure::Connect, "connection refused"),
        Mood::Broken if bad => {
            let mut broken = answered(40, number);
            let cause = Outcome::failed(Failure::Http, "HTTP 500 Internal Server Error");
            broken.answer = cause.answer;
            broken.http_status = Some(500);
            return broken;
        }
        _ => 60,
    };
    answered(usual, number)
}

/// An answer after about so many milliseconds: no two are alike.
fn answered(millis: u32, number: u32) -> Outcome {
    let jitter = number.wrapping_mul(2_654_435_761) >> 20;
    let wait = millis * 1_000 + jitter * millis / 12;
    let [connect, transfer] = [500 + jitter / 8, 90 + jitter / 32].map(Some);
    let phases = Phases { dns: None, connect, tls: None, wait: Some(wait), transfer };
    Outcome { answer: Answer::Ok, http_status: Some(200), phases, traces: Box::default() }
}

fn site(slug: &str, name: &str) -> Site {
    Site {
        slug: Slug::new(slug).unwrap(),
        url: format!("http://{slug}/").parse().unwrap(),
        name: name.into(),
        provider: None,
        interval: EVERY,
        timeout: Duration::from_secs(10),
        slow_after: None,
        expect: Expect::default(),
        private: true,
        tags: vec![],
        aliases: vec![],
    }
}
