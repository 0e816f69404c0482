//! The play itself: scenes, checks, their results at their moments, and the clock, in their order.

use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use super::env::ReplayEnv;
use super::{
    Speed, expectations::Expectations, play_speed::PlaySpeed, progress::PlayProgress,
    story_servers::StoryServers, virtual_schedule::VirtualSchedule,
};
use crate::config::{Story, StoryScene};
use model::{
    check::Check,
    judge::network_health::{CanaryKind, CanaryResult},
    moment::Moment,
    report::Report,
};

/// Milliseconds of the story whose events are handled together.
const STEP_MILLIS: i64 = 1_000;
/// Time limit of canaries that do not answer, as in the service.
const CANARY_TIMEOUT: Duration = Duration::from_secs(3);

/// Plays a story.
pub(super) struct Player {
    env: ReplayEnv,
    servers: StoryServers,
    schedule: VirtualSchedule,
    scenes: VecDeque<StoryScene>,
    /// Checks that come at a moment, in their order.
    coming: BTreeMap<Moment, Vec<Check>>,
    /// Results of the canaries that were asked, and the moment when they arrive.
    canaries: Option<(Moment, Vec<CanaryResult>)>,
    expectations: Expectations,
    ends: Moment,
    speed: PlaySpeed,
    progress: Option<PlayProgress>,
}

impl Player {
    pub(super) fn new(
        story: Story,
        speed: Speed,
        (mut env, servers): (ReplayEnv, StoryServers),
        progress: Option<PlayProgress>,
    ) -> Result<Self> {
        let manual_clock = env.take_clock().context("its clock was taken already")?;
        Ok(Self {
            schedule: VirtualSchedule::new(&story.sites, &env.region, story.begins),
            env,
            servers,
            scenes: story.scenes.into(),
            coming: BTreeMap::new(),
            canaries: None,
            expectations: Expectations::new(story.expectations),
            ends: story.ends,
            speed: PlaySpeed::new(manual_clock, speed, story.begins),
            progress,
        })
    }

    /// Plays to the end; returns the environment as it is then, and the unmet expectations.
    pub(super) async fn play(mut self) -> Result<(ReplayEnv, Vec<String>)> {
        loop {
            let now = self.next();
            self.speed.until(now).await;
            self.run_scenes(now).await?;
            self.start_checks(now).await?;
            self.judge(now).await;
            if now >= self.ends {
                break;
            }
        }
        if let Some(progress) = &mut self.progress {
            progress.end(&self.env.board, self.ends);
        }
        Ok((self.env, self.expectations.unmet()))
    }

    /// The moment when something happens next: a whole second, or that of a scene.
    fn next(&self) -> Moment {
        let coming = self.coming.first_key_value().map(|(at, _)| *at);
        let canaries = self.canaries.as_ref().map(|(at, _)| *at);
        let due = [self.schedule.next(), coming, canaries, self.expectations.next()];
        let first = due.into_iter().flatten().fold(self.ends, Ord::min);
        let step = Moment::from_millis(
            (first.millis() + STEP_MILLIS - 1).div_euclid(STEP_MILLIS) * STEP_MILLIS,
        );
        let scene = self.scenes.front().map_or(self.ends, |scene| scene.at);
        step.min(scene).min(self.ends)
    }

    /// Runs the scenes of this moment.
    async fn run_scenes(&mut self, now: Moment) -> Result<()> {
        let mut scenes = Vec::new();
        while let Some(scene) = self.scenes.pop_front_if(|scene| scene.at <= now) {
            if let (Some(progress), Some(says)) = (&mut self.progress, &scene.says) {
                progress.say(scene.at, says);
            }
            self.servers.run_scene(&scene).await?;
            scenes.push(scene);
        }
        for scene in scenes {
            self.servers.probe_ahead(&scene, now).await?;
        }
        Ok(())
    }

    /// Starts the checks that are due.
    async fn start_checks(&mut self, now: Moment) -> Result<()> {
        let due = self.schedule.take(now);
        let checks =
            due.iter().map(|(at, site, before)| self.servers.check_site(&site.slug, *before, *at));
        let finished = try_join_all(checks).await?;
        for ((at, site, _), took) in due.iter().zip(finished) {
            let ended = *at + took.long;
            let failed = took.outcome.cause().is_some();
            self.schedule.end(&site.slug, ended, took.attempts, failed);
            let check = Check {
                slug: site.slug.clone(),
                region: self.env.region.clone(),
                at: *at,
                outcome: took.outcome,
                attempts: took.attempts,
            };
            self.coming.entry(ended).or_default().push(check);
        }
        Ok(())
    }

    /// Judges the results that have arrived, shows them, and asks and hears the canaries.
    async fn judge(&mut self, now: Moment) {
        let mut reports = Vec::new();
        if let Some((_, said)) = self.canaries.take_if(|(at, _)| *at <= now) {
            let region = &self.env.region;
            reports.extend(said.into_iter().map(|said| Report::of_canary(region.clone(), said)));
            self.env.tick_soon();
        }
        while let Some(entry) = self.coming.first_entry().filter(|entry| *entry.key() <= now) {
            reports.extend(entry.remove().into_iter().map(Report::from));
        }
        for slug in self.env.judge(reports).await {
            self.schedule.plan_recheck(&slug, now);
        }
        if self.canaries.is_none() && self.env.asks_canaries() {
            self.canaries = Some(self.ask_canaries(now));
        }
        if let Some(progress) = &mut self.progress {
            progress.show(&self.env.board, now);
        }
        self.expectations.compare(&self.env.board, now);
    }

    /// Results of the canaries asked now, and the moment when they arrive.
    fn ask_canaries(&self, now: Moment) -> (Moment, Vec<CanaryResult>) {
        let network = self.servers.network();
        let result = |kind, answered| CanaryResult { kind, at: now, answered };
        let (public, names, known) =
            (network.canaries_answer(), network.names_answer(), network.names_are_known());
        let all = vec![
            result(CanaryKind::Public, public),
            // None of them is on a private network.
            result(CanaryKind::Private, false),
            result(CanaryKind::Names, names),
            result(CanaryKind::Connections, network.canaries_connect() && known),
            result(CanaryKind::Answers, network.answers_are_own() && known),
            result(CanaryKind::KnownNames, known),
        ];
        (if public && names { now } else { now + CANARY_TIMEOUT }, all)
    }
}
