//! A board with a site of every status, judged by the real judge.

use std::{sync::Arc, time::Duration};

use axum::Router;

use crate::{
    board::Board,
    web::{Web, router},
};
use model::{
    check::Check,
    judge::{Limits, Rules, SiteState},
    moment::Moment,
    name::{Region, Slug},
    network::Network,
    outcome::{Answer, Cause, Failure, HttpVersion, Outcome, Phases, Traces},
    restriction::Restriction,
    site::Site,
};
use prober::clock::Clock;

/// Ten past two, when the tests happen.
pub(super) fn now() -> Moment {
    Moment::parse("2017-02-28T14:10:00Z").unwrap()
}

pub(super) const MINUTE: Duration = Duration::from_mins(1);

pub(super) fn site(slug: &str, name: &str, tags: &[&str]) -> Arc<Site> {
    Arc::new(Site {
        name: name.into(),
        provider: (slug == "slack.com").then(|| "aws".into()),
        tags: tags.iter().map(|tag| Box::from(*tag)).collect(),
        aliases: if slug == "slack.com" {
            vec!["12".into(), "core_chat".into(), "grüße_ü".into()]
        } else {
            vec![]
        },
        ..Site::new(Slug::new(slug).unwrap(), format!("https://{slug}/").parse().unwrap())
    })
}

pub(super) fn answered(answer: Answer, status: u16, wait: u32) -> Outcome {
    let [dns, connect, tls, transfer] = [8_001, 20_000, 30_000, 2_000].map(Some);
    let phases = Phases { dns, connect, tls, wait: Some(wait), transfer };
    let traces = Traces {
        address: Some([192, 0, 2, 7].into()),
        http_version: Some(HttpVersion::Http2),
        certificate_expires_at: Some(Moment::parse("2017-03-05T00:00:00Z").unwrap()),
        ..Traces::default()
    };
    Outcome {
        answer,
        http_status: Some(status),
        phases,
        traces: Box::new(traces),
        observed: Box::default(),
    }
}

/// A world that tests may change.
pub(in crate::web) struct World {
    pub(super) board: Arc<Board>,
    pub(in crate::web) web: Web,
    pub(super) router: Router,
}

impl World {
    /// Of these sites nothing is known yet.
    pub(super) fn of(sites: &[Arc<Site>]) -> Self {
        let board = Arc::new(Board::new());
        board.set_catalogue(sites);
        let clock = Clock::starting_at(now());
        let web = Web {
            trusted_proxies: ["10.0.0.0/8"].iter().filter_map(|n| Network::parse(n)).collect(),
            metrics_sites: 100,
            ..Web::new(board.clone(), clock, "https://stillup.example/".parse().unwrap())
        };
        Self { board, router: router(web.clone()), web }
    }

    /// Shows these outcomes, from this region, a minute apart, the last one five seconds ago.
    pub(super) fn show_from(&self, region: &str, slug: &str, outcomes: &[Outcome]) {
        let live = self.board.site(slug).unwrap();
        self.fold(&live.site, &[(region, outcomes)]);
    }

    /// Shows these outcomes, each after this many attempts, a minute apart, the last one just now.
    pub(super) fn show_tried(&self, slug: &str, outcomes: &[(Outcome, u8)]) {
        let site = self.board.site(slug).unwrap().site.clone();
        let mut state = SiteState::default();
        for (ago, (outcome, attempts)) in outcomes.iter().rev().enumerate().rev() {
            let at = now() - Duration::from_secs(5) - MINUTE * ago as u32;
            let (slug, region) = (site.slug.clone(), Region::new("local").unwrap());
            let (outcome, attempts) = (outcome.clone(), *attempts);
            let check = Arc::new(Check { slug, region, at, outcome, attempts });
            state.check(&check, &Limits::of(&site), &Rules::default());
            self.board.show(&check, &state, &[]);
        }
    }

    /// Shows what several regions saw, in step; one that saw less than the first began later.
    pub(super) fn fold(&self, site: &Arc<Site>, seen: &[(&str, &[Outcome])]) {
        let mut state = SiteState::default();
        let turns = seen.first().map_or(0, |(_, outcomes)| outcomes.len());
        for turn in 0..turns {
            let at = now() - Duration::from_secs(5) - MINUTE * (turns - 1 - turn) as u32;
            for (region, outcomes) in seen {
                let Some(place) = (turn + outcomes.len()).checked_sub(turns) else { continue };
                let check = Arc::new(Check {
                    slug: site.slug.clone(),
                    region: Region::new(region).unwrap(),
                    at,
                    outcome: outcomes[place].clone(),
                    attempts: 1,
                });
                let step = state.check(&check, &Limits::of(site), &Rules::default());
                let outages: Vec<_> = step.changes.into_iter().flat_map(|c| c.outages).collect();
                self.board.show(&check, &state, &outages);
            }
        }
    }
}

/// A site of every status: up, walled, slow, partial, down, and one never checked.
pub(in crate::web) fn world() -> World {
    let sites = [
        site("slack.com", "Slack", &["chat", "work"]),
        site("medium.com", "Medium", &["reading"]),
        site("buzzfeed.com", "BuzzFeed", &["reading"]),
        site("www.gov.uk", "GOV.UK", &[]),
        site("netflix.com", "Netflix", &["film"]),
        site("xn--caf-dma.nl", "Café & <b>Bar</b>", &["a \"tag\" & more"]),
        site("intranet", "Intranet", &[]),
    ];
    let world = World::of(&sites);
    let up = answered(Answer::Ok, 200, 24_122);
    let slow = answered(Answer::Ok, 200, 4_150_000);
    let wall = answered(Answer::Restricted(Restriction::of_status(403)), 403, 24_000);
    let dead = Outcome::failed(Failure::Dns, "no such name");
    world.show_from("local", "slack.com", &[up.clone(), dead.clone(), dead.clone()]);
    world.show_from("local", "medium.com", &[wall]);
    let mut slowing = vec![up.clone(); 20];
    slowing.extend(vec![slow; 3]);
    world.show_from("local", "buzzfeed.com", &slowing);
    world.show_from("local", "netflix.com", &[up.clone(), up.clone()]);
    world.show_from("local", "intranet", std::slice::from_ref(&up));
    let broken = Outcome {
        answer: Answer::Failed(Cause::http_status(503)),
        ..answered(Answer::Ok, 503, 9_000)
    };
    let (good, bad) = ([up.clone(), up], [broken.clone(), broken]);
    world.fold(&sites[3], &[("ams", &good), ("fra", &good), ("syd", &bad)]);
    world
}
