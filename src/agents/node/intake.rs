//! Takes batches of lines in: each line alone, so that a bad one holds up nothing; acknowledged when the
//! journal has what came of them.

use std::time::Duration;

use super::{Agents, State, owner_of};
use crate::{
    agents::{
        clock_offset::ClockOffset,
        known_traces::KnownTraces,
        protocol::{
            self, BatchReceipt, Gap, Line, MAX_AGE, MAX_AHEAD, MAX_BATCH, MAX_LINE, MAX_LINES,
            RefusedLine, ReportedCheck,
        },
    },
    pipeline::HeardReports,
};
use model::{
    moment::Moment,
    name::{AgentName, Region},
    outcome::{Outcome, Traces},
    report::{Report, ReportContent},
};

/// Items of a list, and letters of a text, among the traces of a check.
const MAX_TRACES: usize = 32;
const MAX_TEXT: usize = 512;
/// Rechecks that wait for one agent at most.
const MAX_AGAIN: usize = 1_000;
/// Letters of the name of a run.
const MAX_RUN: usize = 64;
/// Letters of a reason.
const MAX_WHY: usize = 200;

/// A batch as it came.
#[derive(Clone, Debug)]
pub struct ReportBatch {
    /// The run of the agent that numbers the lines.
    pub boot: Box<str>,
    /// The number of the first line.
    pub first: u64,
    /// True if the body is compressed with zstd.
    pub compressed: bool,
    /// Lines of JSON.
    pub body: Vec<u8>,
}

/// Reason why a whole batch is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BatchRefusal {
    /// It has too many lines or bytes, or cannot be decompressed.
    TooLarge,
    /// The agent has to say hello first.
    NoHello,
    /// It cannot be kept, or not be dated, now.
    NotNow,
}

impl Agents {
    /// Takes a batch, and returns its result once it is kept.
    ///
    /// # Errors
    /// Fails when no line of it can be read, or kept.
    pub async fn take(
        &self,
        name: &AgentName,
        batch: ReportBatch,
    ) -> Result<BatchReceipt, BatchRefusal> {
        let text = inflate(&batch)?;
        let lines: Vec<&[u8]> =
            text.split(|byte| *byte == b'\n').filter(|l| !l.is_empty()).collect();
        if lines.len() > MAX_LINES {
            return Err(BatchRefusal::TooLarge);
        }
        let (runs, region) = {
            let mut state = self.lock();
            let agent = state.agents.get_mut(name).filter(|agent| agent.hello.is_some());
            let agent = agent.ok_or(BatchRefusal::NoHello)?;
            if agent.run_before.take_if(|before| *before == batch.boot).is_some() {
                tracing::warn!(agent = %name, "two runs report with one token: every site is probed twice there");
            }
            (agent.lines.clone(), agent.region.clone())
        };
        self.report_vote(&region).await;
        // One batch after the other: what is sent twice is taken once.
        let mut runs = runs.lock().await;
        let run = runs.of(&batch.boot);
        let acked = run.last;
        run.traces.begin();
        let mut taken = self.begin(name).ok_or(BatchRefusal::NoHello)?;
        for (place, text) in (0_u64..).zip(&lines) {
            let seq = batch.first.saturating_add(place);
            if seq > acked {
                self.take_line(name, seq, text, &mut run.traces, &mut taken)?;
            }
        }
        let last = match lines.len().checked_sub(1) {
            Some(others) => batch.first.saturating_add(others as u64).max(acked),
            None => acked,
        };
        self.keep(std::mem::take(&mut taken.reports)).await?;
        run.last = last;
        // Of a site that is not watched any more, another check is unlikely.
        run.traces.commit(|slug| self.0.parts.board.site(slug.as_str()).is_some());
        drop(runs);
        let again = self.note(name, &taken);
        Ok(BatchReceipt { acked: last, refused: taken.refused, again })
    }

    /// Terms by which lines of an agent are taken now; `None` when it is not known any more.
    fn begin(&self, name: &AgentName) -> Option<Taken> {
        let now = self.0.parts.clock.now();
        let state = self.lock();
        let counts = state.counts(name, &self.0.parts.region, now);
        let agent = state.agents.get(name)?;
        let (region, offset) = (agent.region.clone(), agent.offset.clone());
        Some(Taken { now, region, offset, counts, ..Taken::default() })
    }

    /// Hands reports on, and waits until they are kept.
    async fn keep(&self, reports: Vec<Report>) -> Result<(), BatchRefusal> {
        if reports.is_empty() {
            return Ok(());
        }
        let (reports, kept) = HeardReports::new(reports);
        self.0.parts.heard.send(reports).await.map_err(|_| BatchRefusal::NotNow)?;
        kept.await.map_err(|_| BatchRefusal::NotNow)
    }

    /// Takes a line, or notes why it is refused.
    ///
    /// # Errors
    /// Fails when its traces are those of a check that is not known here: the agent has to say hello and
    /// to send them whole. Fails as well right after the agent's clock was set forward: the same line will
    /// have the right moment a few exchanges later.
    fn take_line(
        &self,
        name: &AgentName,
        seq: u64,
        text: &[u8],
        traces: &mut KnownTraces,
        taken: &mut Taken,
    ) -> Result<(), BatchRefusal> {
        let mut read: Result<Line, String> = if text.len() > MAX_LINE {
            Err("it is too long".to_owned())
        } else {
            serde_json::from_slice(text).map_err(|error| format!("it cannot be read: {error}"))
        };
        if let Ok(line) = &read
            && taken.offset.will_catch_up(line.at(), taken.now, MAX_AHEAD)
        {
            return Err(BatchRefusal::NotNow);
        }
        if let Ok(Line::Check(check)) = &mut read
            && !traces.unpack(check)
        {
            return Err(BatchRefusal::NoHello);
        }
        let made = read.and_then(|line: Line| self.report(name, line, taken));
        match made {
            Ok(report) => taken.reports.extend(report),
            Err(why) => {
                let why = why.chars().take(MAX_WHY).collect();
                taken.refused.push(RefusedLine { seq, why });
            }
        }
        Ok(())
    }

    /// The report that a line makes, if it makes one; else why it is refused.
    fn report(
        &self,
        name: &AgentName,
        line: Line,
        taken: &mut Taken,
    ) -> Result<Option<Report>, String> {
        let (now, at) = (taken.now, taken.offset.correct(line.at()));
        // What was lost is mostly too old to be sent.
        believable(at, now, if matches!(line, Line::Gap(_)) { Duration::MAX } else { MAX_AGE })?;
        let content = match line {
            Line::Check(mut line) => {
                taken.checks += 1;
                line.origin = line.origin.filter(|origin| self.knows_run(name, &origin.run, now));
                check(line, &taken.region, at, taken.counts)
            }
            Line::Canary(result) => {
                taken.canaries += 1;
                if !taken.counts {
                    return Ok(None);
                }
                ReportContent::Canary(model::judge::network_health::CanaryResult { at, ..result })
            }
            Line::Gap(gap) => {
                gap.add_to(&mut taken.lost);
                return Ok(None);
            }
            Line::Lookup(mut line) => {
                if let Some(outcome) = &mut line.outcome {
                    bound(outcome);
                }
                self.looked_up(name, line);
                return Ok(None);
            }
        };
        Ok(Some(Report { region: taken.region.clone(), heard: Some(now), content }))
    }

    /// Returns whether the numbers that this run gives its checks are kept.
    fn knows_run(&self, name: &AgentName, run: &str, now: Moment) -> bool {
        let mut state = self.lock();
        is_run(run) && state.agents.get_mut(name).is_some_and(|agent| agent.knows_run(run, now))
    }

    /// Notes what came of a batch; gives the sites that the agent is to look at again.
    fn note(&self, name: &AgentName, taken: &Taken) -> Vec<model::name::Slug> {
        let now = self.0.parts.clock.now();
        let mut state = self.lock();
        let Some(agent) = state.agents.get_mut(name) else { return Vec::new() };
        agent.counts.checks += taken.checks;
        agent.counts.refused += taken.refused.len() as u64;
        if let Some(Gap { from, until, lost }) = &taken.lost {
            tracing::warn!(agent = %name, lost, %from, %until, "an agent lost checks");
            agent.counts.lost = agent.counts.lost.saturating_add(*lost);
        }
        agent.heard_at = Some(now);
        if taken.checks + taken.canaries > 0 {
            agent.presence.heard(now);
        }
        let region = agent.region.clone();
        for slug in self.0.parts.rechecks.take(&region) {
            let owner = owner_of(&state, &region, &slug);
            if let Some(agent) = owner.and_then(|owner| state.agents.get_mut(&owner))
                && agent.again.len() < MAX_AGAIN
            {
                agent.again.insert(slug);
            }
        }
        let agent = state.agents.get_mut(name);
        agent
            .map(|agent| std::mem::take(&mut agent.again).into_iter().collect())
            .unwrap_or_default()
    }
}

impl State {
    /// Returns whether the checks of an agent count in its region. Where none of its agents has a vote, they
    /// do, and the region has none, unless it is our own.
    fn counts(&self, name: &AgentName, own: &Region, now: Moment) -> bool {
        let Some(agent) = self.agents.get(name) else { return false };
        let others_vote = || {
            agent.region == *own
                || self.agents.values().any(|other| {
                    let is_there = other.hello.is_some() && other.is_near(now);
                    other.region == agent.region && is_there && other.why_not().is_none()
                })
        };
        agent.why_not().is_none() || !others_vote()
    }
}

/// Result of the lines of a batch.
#[derive(Debug, Default)]
struct Taken {
    /// Moment when they were heard.
    now: Moment,
    region: Region,
    /// The agent's clock.
    offset: ClockOffset,
    /// True if they count for verdicts.
    counts: bool,
    reports: Vec<Report>,
    refused: Vec<RefusedLine>,
    checks: u64,
    canaries: u64,
    /// All that the agent lost.
    lost: Option<Gap>,
}

/// The lines of a batch, of limited size.
fn inflate(batch: &ReportBatch) -> Result<Vec<u8>, BatchRefusal> {
    if !batch.compressed {
        let small = batch.body.len() <= MAX_BATCH;
        return if small { Ok(batch.body.clone()) } else { Err(BatchRefusal::TooLarge) };
    }
    protocol::inflate(&batch.body, MAX_BATCH).ok_or(BatchRefusal::TooLarge)
}

/// Refuses moments that would make partitions of days that never were, or that are over.
fn believable(at: Moment, now: Moment, max_age: Duration) -> Result<(), String> {
    if at > now + MAX_AHEAD {
        return Err("its moment is in the future".to_owned());
    }
    if now.since(at) > max_age {
        return Err(format!("it is older than {} h", max_age.as_secs() / 3_600));
    }
    Ok(())
}

fn check(line: ReportedCheck, region: &Region, at: Moment, counts: bool) -> ReportContent {
    let (overloaded, origin) = (line.overloaded, line.origin.clone());
    let mut check = line.into_check(region.clone(), at);
    bound(&mut check.outcome);
    if counts {
        ReportContent::Check { check, overloaded, origin }
    } else {
        ReportContent::Uncounted(check)
    }
}

/// Returns whether this may be the name of a run.
fn is_run(name: &str) -> bool {
    (1..=MAX_RUN).contains(&name.len()) && name.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Keeps no more of an outcome than a prober of ours would send.
fn bound(outcome: &mut Outcome) {
    outcome.observed.failed_attempts.truncate(MAX_TRACES);
    if let Some(page) = &mut outcome.observed.page {
        page.led_to.take_if(|name| name.len() > MAX_TEXT);
    }
    bound_traces(&mut outcome.traces);
}

fn bound_traces(traces: &mut Traces) {
    traces.addresses.truncate(MAX_TRACES);
    traces.cnames.truncate(MAX_TRACES);
    traces.hints.truncate(MAX_TRACES);
    let short = |text: &str| text.chars().count() <= MAX_TEXT;
    traces.cnames.retain(|name| short(name));
    traces.hints.retain(|(name, value)| short(name) && short(value));
    traces.issuer = traces.issuer.take().filter(|text| short(text));
    traces.final_url = traces.final_url.take().filter(|text| text.len() <= MAX_TEXT * 8);
}
