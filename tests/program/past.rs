//! A past for screenshots and for the longest pages: three months of checks, judged and stored as by the service.

use std::{sync::Arc, time::Duration};

use model::{
    check::Check,
    failure_detail::{FailureDetail, Phase},
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::{Region, Slug},
    outcome::{Answer, Cause, Failure, Outcome, Phases},
    site::Site,
};
use prober::clock::Clock;
use sqlx::postgres::PgConnectOptions;
use stillup::{
    private_postgres::throwaway,
    store::{Batch, Store},
};

use crate::{
    server::{Mood, Server},
    service::{SOON, Service, until},
    specimen,
};

/// Distance of the checks of the last day, and of those of the days before.
const EVERY: Duration = Duration::from_mins(5);
const BEFORE: Duration = Duration::from_mins(30);
const DAY: Duration = Duration::from_hours(24);
/// Days of them.
const DAYS: u32 = 89;
/// Checks in half an hour's steps of one day.
const STEPS: u32 = 48;
/// Failure of a site that did not answer.
const SILENCE: FailureDetail = FailureDetail::TimedOut { phase: Phase::Wait, after_ms: 10_000 };
/// Number of the last ones that are as the site is now.
const LAST: usize = 3;

/// Gives these sites a past.
pub(crate) async fn write(options: PgConnectOptions, sites: &[(&str, &str, &str, Mood)]) {
    let store = Store::connect(options).await.unwrap();
    let now = Clock::system().now();
    let all: Vec<Arc<Site>> =
        sites.iter().map(|(slug, name, ..)| site(slug, name).into()).collect();
    store.sync_sites(&all, now).await.unwrap();
    let moments = moments(now - Duration::from_secs(5));
    for (place, (site, (.., mood))) in all.iter().zip(sites).enumerate() {
        let (mut state, mut batch) = (SiteState::default(), Batch::default());
        for (number, at) in moments.iter().enumerate() {
            let bad = number >= moments.len() - LAST || was_bad(place, number);
            let check = Check {
                slug: site.slug.clone(),
                region: Region::default(),
                at: *at,
                outcome: outcome(*mood, number as u32, bad),
                attempts: 1,
            };
            let step = state.check(&check, &Limits::of(site), &Rules::default());
            let changes = step.changes.into_iter().map(|change| (site.slug.clone(), change));
            batch.changes.extend(changes);
            batch.checks.push(check);
        }
        batch.states.push((site.slug.clone(), state));
        store.record(&batch).await.unwrap();
    }
    while store.roll_up(now).await.unwrap().more {}
    store.close().await;
}

/// Moments of the checks.
fn moments(last: Moment) -> Vec<Moment> {
    let days = (1..=DAYS * STEPS).rev().map(|n| last - DAY - BEFORE * n);
    let day = (0..STEPS * 6).rev().map(|n| last - EVERY * n);
    days.chain(day).collect()
}

/// Some days have a bad hour.
fn was_bad(site: usize, number: usize) -> bool {
    let (day, step) = (number / STEPS as usize, number % STEPS as usize);
    (day + site * 7).is_multiple_of(23) && (20..23).contains(&step)
}

fn outcome(mood: Mood, number: u32, bad: bool) -> Outcome {
    let usual = match mood {
        Mood::Late(millis) if millis < 1_000 && !bad => millis as u32,
        Mood::Late(millis) if millis < 1_000 && number > DAYS * STEPS => millis as u32,
        Mood::Late(millis) if millis < 1_000 => {
            return Outcome::failed(Failure::Timeout, SILENCE);
        }
        Mood::Late(_) if bad => 1_500,
        Mood::Refusing if bad => {
            return Outcome::failed(Failure::Connect, FailureDetail::ConnectionRefused);
        }
        Mood::Broken if bad => {
            let mut broken = answered(40, number);
            broken.answer = Answer::Failed(Cause::http_status(500));
            broken.http_status = Some(500);
            return broken;
        }
        _ => 60,
    };
    answered(usual, number)
}

/// An answer after about this many milliseconds: no two are the same.
fn answered(millis: u32, number: u32) -> Outcome {
    let jitter = number.wrapping_mul(2_654_435_761) >> 20;
    let wait = millis * 1_000 + jitter * millis / 12;
    let [connect, transfer] = [500 + jitter / 8, 90 + jitter / 32].map(Some);
    let phases = Phases { dns: None, connect, tls: None, wait: Some(wait), transfer };
    Outcome {
        answer: Answer::Ok,
        http_status: Some(200),
        phases,
        traces: Box::default(),
        observed: Box::default(),
    }
}

fn site(slug: &str, name: &str) -> Site {
    Site {
        name: name.into(),
        interval: BEFORE,
        private: true,
        ..Site::new(Slug::new(slug).unwrap(), format!("http://{slug}/").parse().unwrap())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_view_of_a_site_with_a_long_past_is_under_thirty_kilobytes() {
    let server = Server::start(Mood::Broken).await;
    let well = Server::start(Mood::Well).await;
    let database = throwaway::database().await.unwrap();
    write(database.options(), &[("slack.com", "Slack", "chat", Mood::Broken)]).await;
    let mut service =
        Service::new(&(server.entry("slack.com") + &well.entry("well.test")), Some(database.url()));
    service.start(&[]).await;
    let whole = async || {
        let (_, page) = service.get("/slack.com").await;
        let has = |part: &str| page.contains(part);
        (has("is down</span>") && has("class=\"days\"") && has("class=\"band\"")).then_some(())
    };
    until("the page shows the outage and its past", SOON, whole).await;
    let address = service.url("");
    let address = address.trim_start_matches("http://").trim_end_matches('/').parse().unwrap();
    specimen::first_view_is_small(address, "/slack.com", 6).await;
}
