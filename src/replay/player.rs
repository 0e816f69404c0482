//! The play itself: turns, scenes and the clock, in their order.

use std::{collections::VecDeque, future::pending, time::Duration};

use anyhow::{Context, Result};
use futures_util::future::join_all;

use super::{Options, house::House, look::Stage, pace::Pace, progress::Progress, turns::Turns};
use crate::{
    checker::attempt,
    config::{Scene, Story},
    model::{check::Check, moment::Moment, site::Site},
};

/// Turns within so much of life are taken together…
const TOGETHER: Duration = Duration::from_millis(25);
/// …but never more than this of the story.
const AT_MOST: Duration = Duration::from_secs(15);

/// Plays a story.
pub(super) struct Player {
    house: House,
    stage: Stage,
    turns: Turns,
    scenes: VecDeque<Scene>,
    ends: Moment,
    together: Duration,
    progress: Progress,
    options: Options,
    begins: Moment,
}

impl Player {
    pub(super) fn new(story: Story, options: &Options, house: House, stage: Stage) -> Self {
        let progress = Progress::new(&story, options, &house.url);
        Self {
            turns: Turns::new(&story.sites, &house.region, story.begins),
            house,
            stage,
            scenes: story.scenes.into(),
            ends: story.ends,
            together: (TOGETHER * options.speed).min(AT_MOST),
            progress,
            options: options.clone(),
            begins: story.begins,
        }
    }

    /// Plays to the end; then, if that is wanted, the pages stay.
    pub(super) async fn play(mut self) -> Result<()> {
        let hand = self.house.take_hand().context("the clock has no hand")?;
        let mut pace = Pace::new(hand, self.options.speed, self.begins);
        loop {
            let scene = self.scenes.front().map(|scene| scene.at);
            let next = [self.turns.next(), scene].into_iter().flatten().fold(self.ends, Ord::min);
            pace.until(next).await;
            while let Some(scene) = self.scenes.pop_front_if(|scene| scene.at <= next) {
                self.act(&scene).await?;
            }
            if next >= self.ends {
                break;
            }
            self.look(next, &mut pace).await?;
        }
        self.progress.end(&self.house.board, self.house.clock.now());
        if self.options.stay {
            pending::<()>().await;
        }
        Ok(())
    }

    async fn act(&mut self, scene: &Scene) -> Result<()> {
        if let Some(says) = &scene.says {
            self.progress.say(scene.at, says);
        }
        for slug in &scene.sites {
            self.stage.direct(slug, scene.does.as_deref()).await?;
        }
        Ok(())
    }

    /// Takes the turns that are due, and shows what was seen.
    async fn look(&mut self, now: Moment, pace: &mut Pace) -> Result<()> {
        let scene = self.scenes.front().map_or(self.ends, |scene| scene.at);
        let until = (now + self.together).min(scene).max(now);
        let due = self.turns.take(until);
        let checks = join_all(due.iter().map(|(at, site)| self.check(*at, site))).await;
        let Some(last) = checks.iter().map(|check| check.at).max() else { return Ok(()) };
        pace.reached(last);
        let moments: Vec<_> = checks.iter().map(|c| (c.slug.clone(), c.at)).collect();
        for slug in self.house.judge(checks).await? {
            let after = moments.iter().find(|(of, _)| *of == slug).map_or(last, |(_, at)| *at);
            self.turns.come_back(&slug, after, last + Duration::from_millis(1));
        }
        self.progress.show(&self.house.board, self.house.clock.now());
        Ok(())
    }

    async fn check(&self, at: Moment, site: &Site) -> Check {
        let (outcome, attempts) = attempt(&self.stage, site).await;
        let (slug, region) = (site.slug.clone(), self.house.region.clone());
        Check { slug, region, at, outcome, attempts }
    }
}
