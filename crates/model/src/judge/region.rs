//! One region's own judgement of a site: runs of checks of one kind, confirmed by their length.
//!
//! A failure counts once evidence shows that our own network worked at its time; until then it is held.

mod standing;
mod withdraw;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use self::{standing::Standing, withdraw::Worsening};
use super::{
    Limits, Rules,
    note_state::NoteState,
    pace::{MeasuredAnswer, Pace, Pacing, Streak},
};
use crate::judge::{
    latency_baseline::LatencyBaseline,
    network_evidence::{EVIDENCE_WITHIN, NetworkEvidence},
};
use crate::{
    check::Check,
    moment::Moment,
    name::Region,
    note::{Note, NoteKind},
    outcome::{Cause, Failure},
    report::WhyNot,
    verdict::{SelfDoubt, Status},
};

/// State of a site in one region.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegionState {
    /// The region.
    pub name: Region,
    /// The moment of its last check, by its own clock.
    pub last_at: Option<Moment>,
    /// The moment when the node heard of that, where it has another clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heard_at: Option<Moment>,
    /// Reason why it has no vote, whatever it sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub barred: Option<WhyNot>,
    /// Its last word before it lost its vote, and from when, until it has another one: for a while
    /// that changes no verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    last_word: Option<(Status, Moment)>,
    /// Weight of what it says beside other regions.
    #[serde(default)]
    standing: Standing,
    /// The moment, by the node's clock, since which it says so.
    #[serde(default)]
    turned_at: Moment,
    /// The moment, by the node's clock, since which it has evidence without a break.
    #[serde(default)]
    came_at: Moment,
    /// Confirmed status: `up`, `slow`, `down` or `unknown`.
    pub status: Status,
    /// Since when.
    pub since: Option<Moment>,
    /// True if most of the last answers turned us away.
    pub restricted: bool,
    /// Cause, while `down`.
    pub cause: Option<Cause>,
    /// It keeps failing and coming back.
    #[serde(default)]
    pub unstable: bool,
    /// Reason why this region doubts itself, and since when.
    #[serde(default)]
    pub doubt: Option<(SelfDoubt, Moment)>,
    /// The moment of the last check that is evidence, by the node's clock.
    #[serde(default)]
    evidence_at: Option<Moment>,
    /// True if that has not expired, as far as was noticed.
    #[serde(default = "yes")]
    fresh: bool,
    /// Failed checks in a row, just now; of those that come too soon after another only the first.
    bad: Option<Streak>,
    /// The moment when the last of those had ended.
    #[serde(default)]
    bad_until: Moment,
    /// Answered checks in a row.
    answered: Option<Streak>,
    /// The failure of the last check, and the HTTP status that it was.
    #[serde(default)]
    last_kind: Option<(Failure, Option<u16>)>,
    /// Moment since which verdicts are withdrawn, until it has been read.
    #[serde(skip)]
    withdrawn: Option<Moment>,
    /// A failure that waits for evidence that our own network works.
    #[serde(default)]
    held: Option<Box<HeldFailure>>,
    /// The moment when it last came back from being down.
    #[serde(default)]
    back_at: Option<Moment>,
    /// The last time that it turned bad.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    worsening: Option<Box<Worsening>>,
    /// Since when it was up, when that was last known: a doubt makes nothing better or worse.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    was_up: Option<Moment>,
    #[serde(default)]
    pace: Pace,
    #[serde(default)]
    usual: LatencyBaseline,
    #[serde(default)]
    noted: NoteState,
}

/// A failure that waits for evidence that it is the site's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct HeldFailure {
    at: Moment,
    /// The moment when the node heard of it, where it has another clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    heard: Option<Moment>,
    /// The moment when it had ended, as far as is known.
    #[serde(default)]
    ended: Moment,
    until: Moment,
    cause: Cause,
}

fn yes() -> bool {
    true
}

impl RegionState {
    /// A region without any check.
    pub(super) fn new(name: Region) -> Self {
        Self {
            name,
            last_at: None,
            heard_at: None,
            barred: None,
            last_word: None,
            standing: Standing::New,
            turned_at: Moment::default(),
            came_at: Moment::default(),
            status: Status::Unknown,
            since: None,
            restricted: false,
            cause: None,
            unstable: false,
            doubt: None,
            evidence_at: None,
            fresh: false,
            bad: None,
            bad_until: Moment::default(),
            answered: None,
            last_kind: None,
            withdrawn: None,
            held: None,
            back_at: None,
            worsening: None,
            was_up: None,
            pace: Pace::default(),
            usual: LatencyBaseline::default(),
            noted: NoteState::default(),
        }
    }

    /// Takes a check in; it is later than the last.
    pub(super) fn check(
        &mut self,
        check: &Check,
        heard: Option<Moment>,
        limits: &Limits,
        rules: &Rules,
        evidence: &NetworkEvidence,
    ) {
        self.take_evidence(limits, rules, evidence);
        (self.last_at, self.heard_at) = (Some(check.at), heard);
        let Some(cause) = check.outcome.cause() else {
            self.held = None;
            if evidence.symptom.is_some() {
                // Whatever answers may not be the site.
                return;
            }
            return self.replied(check, limits, rules, evidence);
        };
        if self.doubt.is_some() && evidence.doubt.is_some() {
            return;
        }
        let took = u64::from(check.outcome.phases.latency().unwrap_or(0)) / 1_000;
        let ended = check.at + Duration::from_millis(took);
        let until = (ended + EVIDENCE_WITHIN).min(check.at + limits.fresh_for);
        let cause = cause.clone();
        self.held = Some(Box::new(HeldFailure { at: check.at, heard, ended, until, cause }));
        self.take_evidence(limits, rules, evidence);
    }

    /// Counts the held failure, if there is evidence now; or takes up a doubt.
    pub(super) fn take_evidence(
        &mut self,
        limits: &Limits,
        rules: &Rules,
        evidence: &NetworkEvidence,
    ) {
        self.barred = evidence.barred;
        if evidence.doubt.is_some() {
            if self.doubt.is_none() {
                self.doubt = evidence.doubt;
                self.withdraw(evidence);
                self.keep();
                self.forget();
            }
            return;
        }
        if let Some(held) =
            self.held.take_if(|held| evidence.covers(held.cause.failure, held.at, held.until))
        {
            self.note_evidence(held.heard.unwrap_or(held.at));
            self.failed(&held, limits, rules);
            if self.status == Status::Down {
                self.settle();
            }
        }
    }

    /// Forgets unconfirmed runs when evidence has run out. What was confirmed bad stays so until a
    /// confirmed good: a gap makes nothing better or worse.
    pub(super) fn silence(&mut self, now: Moment, limits: &Limits) {
        if self.kept_until(limits) < Some(now) {
            self.last_word = None;
        }
        if self.fresh && !self.is_fresh(now, limits) {
            self.fresh = false;
            self.keep();
            self.was_up = self.was_up.filter(|_| self.doubt.is_some());
            self.forget();
        }
    }

    /// Returns whether evidence has expired unnoticed.
    pub(super) fn runs_out(&self, now: Moment, limits: &Limits) -> bool {
        (self.fresh && !self.is_fresh(now, limits))
            || self.kept_until(limits).is_some_and(|until| until < now)
    }

    fn forget(&mut self) {
        (self.bad, self.held) = (None, None);
        // Good checks after the last failure stay what they were: an outage ends at the first one.
        if self.status != Status::Down {
            self.answered = None;
        }
        self.last_kind = None;
        self.noted.trouble.forget();
        self.pace.forget();
        if self.status == Status::Up {
            (self.status, self.since) = (Status::Unknown, None);
        }
    }

    /// The clock was set back to this moment: what was seen later was seen just before it.
    pub(super) fn set_back(&mut self, now: Moment) {
        let before = now - Duration::from_millis(1);
        let earlier = |at: Option<Moment>| at.map(|at| at.min(before));
        self.keep();
        self.forget();
        (self.last_at, self.since) = (earlier(self.last_at), earlier(self.since));
        (self.evidence_at, self.back_at) = (earlier(self.evidence_at), earlier(self.back_at));
        self.heard_at = earlier(self.heard_at);
        self.doubt = self.doubt.map(|(why, since)| (why, since.min(before)));
        self.bad_until = self.bad_until.min(before);
        (self.turned_at, self.came_at) = (self.turned_at.min(before), self.came_at.min(before));
        self.last_word = self.last_word.map(|(said, at)| (said, at.min(before)));
        self.usual.set_back(before);
        self.noted.set_back(before);
    }

    /// Returns whether its last evidence still holds.
    pub(super) fn is_fresh(&self, now: Moment, limits: &Limits) -> bool {
        self.evidence_at().is_some_and(|last| now <= last + limits.fresh_for)
    }

    /// Returns whether it may vote.
    pub(super) fn votes(&self, now: Moment, limits: &Limits) -> bool {
        self.doubt.is_none()
            && self.barred.is_none()
            && self.status != Status::Unknown
            && self.is_fresh(now, limits)
    }

    /// Reason why it has no vote; `None` as well before it has confirmed anything.
    pub fn why_not(&self, now: Moment, limits: &Limits) -> Option<WhyNot> {
        let silent = (!self.is_fresh(now, limits)).then_some(WhyNot::Silent);
        self.barred_or_doubting().or(silent)
    }

    /// Reason why it has no vote though it is heard.
    pub fn barred_or_doubting(&self) -> Option<WhyNot> {
        self.barred.or(self.doubt.map(|_| WhyNot::Network))
    }

    /// Until when its last evidence holds.
    pub fn fresh_until(&self, limits: &Limits) -> Option<Moment> {
        self.evidence_at().map(|at| at + limits.fresh_for)
    }

    /// The moment of its last check, by the node's clock.
    pub fn heard_at(&self) -> Option<Moment> {
        self.heard_at.or(self.last_at)
    }

    /// Returns whether its last check came from a prober with another clock than the node's.
    pub fn is_of_agent(&self) -> bool {
        self.heard_at.is_some()
    }

    /// Moment of the last check that is evidence. In states from before failures were held every
    /// check is.
    pub(super) fn evidence_at(&self) -> Option<Moment> {
        self.evidence_at.or(self.heard_at().filter(|_| self.fresh))
    }

    /// Reason for knowing nothing, if it is our own fault: a doubt, or a failure without evidence.
    pub(super) fn unknown_reason(&self) -> Option<(SelfDoubt, Moment)> {
        let unproven = self.held.as_ref().filter(|_| !self.fresh).map(|held| {
            let names = held.cause.failure == Failure::Dns;
            (if names { SelfDoubt::Names } else { SelfDoubt::Alone }, held.at)
        });
        self.doubt.or(unproven)
    }

    /// Returns whether the last check says something that is not confirmed yet.
    pub(super) fn unconfirmed(&self, rules: &Rules) -> bool {
        if self.doubt.is_some() {
            return false;
        }
        if self.status == Status::Down {
            let soon = self.unstable && self.noted.trouble.soon();
            return soon || self.answered.is_some_and(|run| !run.reaches(rules.up_after));
        }
        let failing = self.held.is_some() || self.bad.is_some();
        let slow = self.status == Status::Slow;
        failing || self.noted.trouble.soon() || self.pace.unconfirmed(slow, rules)
    }

    /// Returns whether a failure waits for evidence that it is the site's.
    pub(super) fn awaits_evidence(&self) -> bool {
        self.held.is_some()
    }

    /// Notes of this region; none while it sees the site down, except that a site that keeps coming
    /// back fails now and then.
    pub(super) fn notes(&self) -> impl Iterator<Item = Note> {
        let answers = matches!(self.status, Status::Up | Status::Slow);
        let comes_back = self.status == Status::Down && self.unstable;
        let told =
            move |note: &Note| answers || (comes_back && note.kind == NoteKind::Intermittent);
        self.noted.notes().filter(told)
    }

    /// Usual latency in microseconds, once there are enough answers.
    pub fn usual(&self) -> Option<u32> {
        self.usual.now()
    }

    fn note_evidence(&mut self, at: Moment) {
        if !self.fresh || self.doubt.is_some() {
            self.came_at = at;
        }
        (self.evidence_at, self.fresh, self.doubt) = (Some(at), true, None);
    }

    fn failed(&mut self, failed: &HeldFailure, limits: &Limits, rules: &Rules) {
        let HeldFailure { at, ended, cause, .. } = failed;
        self.answered = None;
        let run = match self.bad {
            // What is over in a moment must not fail twice in it.
            Some(run) if *at < self.bad_until + limits.apart() => run,
            _ => {
                self.bad_until = *ended;
                Streak::extend(&mut self.bad, *at)
            }
        };
        let kind = cause.kind();
        let before = self.last_kind.replace(kind);
        if self.status == Status::Down {
            let moved = self.cause.as_ref().is_none_or(|known| known.kind() != kind);
            if moved && before == Some(kind) {
                self.cause = Some(cause.clone());
            }
            return;
        }
        // A failure within an outage is not one that happens now and then.
        self.noted.trouble.take(true, *at, rules);
        if run.count < rules.down_after || ended.since(run.first) < limits.seen_for() {
            return;
        }
        let half = self.noted.trouble.count() >= rules.trouble;
        let relapse = self.back_at.is_some_and(|back| run.first.since(back) < rules.relapse);
        self.note_worsening(run.first, Some(cause.failure));
        self.unstable = half || relapse;
        self.noted.restriction.interrupt();
        self.restricted = false;
        self.turn(Status::Down, run.first);
        self.cause = Some(cause.clone());
    }

    fn replied(
        &mut self,
        check: &Check,
        limits: &Limits,
        rules: &Rules,
        evidence: &NetworkEvidence,
    ) {
        self.note_evidence(self.heard_at.unwrap_or(check.at));
        (self.bad, self.last_kind) = (None, None);
        self.noted.answered(check, rules, evidence.lost_family);
        self.restricted = self.noted.restriction.on();
        let answered = Streak::extend(&mut self.answered, check.at);
        let slow = self.status == Status::Slow;
        let (mut pacing, mut late) = (Pacing::Open, false);
        if !evidence.overloaded {
            let latency = check.outcome.phases.latency().unwrap_or(0);
            let threshold = self.slow_threshold(check.at, limits, rules);
            let settled = self.usual.is_settled();
            let beside = evidence.pace;
            let answer = MeasuredAnswer { latency, threshold, slow, settled, beside };
            late = latency > threshold;
            pacing = self.pace.take(answer, check.at, rules);
            self.usual.learn(latency, check.at, slow || latency > threshold);
        }
        let next = match (self.status, pacing) {
            (Status::Down, _) => self.back(check.at, answered, limits.hold(rules), rules),
            (Status::Slow, Pacing::Quick(since)) => Some((Status::Up, since)),
            (Status::Up, Pacing::Slow(since)) => {
                Some((Status::Slow, self.back_at.map_or(since, |back| since.max(back))))
            }
            (Status::Unknown, Pacing::Slow(since)) => Some((Status::Slow, since)),
            (Status::Unknown, _) => {
                Some((Status::Up, self.was_up.take().unwrap_or(answered.first)))
            }
            _ => None,
        };
        if let Some((status, since)) = next {
            if status == Status::Slow {
                self.note_worsening(since, None);
            }
            self.turn(status, since);
            (self.cause, self.unstable) = (None, false);
        }
        let sure = match self.status {
            Status::Slow => late,
            Status::Up => {
                let as_before = self.said(Status::Up) && !late;
                as_before || self.pace.is_told_by(answered.count, rules)
            }
            _ => false,
        };
        if sure {
            self.settle();
        }
    }

    /// Returns whether a site that was down has recovered. An unstable one must stay up for a
    /// while; then its recovery counts from the first good check after its last failure, as for any
    /// other.
    fn back(
        &mut self,
        at: Moment,
        answered: Streak,
        hold: Duration,
        rules: &Rules,
    ) -> Option<(Status, Moment)> {
        let run = Some(answered).filter(|run| run.reaches(rules.up_after))?;
        if self.unstable && at.since(run.first) < hold {
            return None;
        }
        self.back_at = Some(run.first);
        Some((Status::Up, run.first))
    }

    /// Latency above which a check is slow, in microseconds.
    fn slow_threshold(&self, at: Moment, limits: &Limits, rules: &Rules) -> u32 {
        if let Some(set) = limits.slow_after {
            return set.as_micros() as u32;
        }
        let floor = rules.slow_floor.as_micros() as u32;
        let usual = self.usual.settled(at);
        usual.map_or(floor, |usual| floor.max(usual.saturating_mul(rules.slow_factor)))
    }
}
