//! Takes the record over from another node: goes on from what that one has recorded.
//!
//! This node has judged the same checks, some milliseconds earlier or later, and its own changes would
//! stand in the record beside those of the other. So it throws them away: the states that the other one
//! recorded are brought up to date with the checks of the own journal. Checks that the other one recorded
//! change no verdict, since their changes are in the record; those that it did not record are judged.

use std::{
    collections::{BTreeMap, HashMap},
    io,
};

use tokio::{sync::oneshot, task::spawn_blocking};

use super::{Judge, Pipeline};
use crate::{pipeline::Entry, store::RecordedMarks};
use model::{
    check::Check,
    judge::{Limits, NetworkEvidence, Rules, SiteState},
    moment::Moment,
    name::{Region, Slug},
    provider::ProviderEvent,
    report::Origin,
    verdict::Change,
};
use prober::journal::Folder;

/// An order to go on from what another node has recorded.
#[derive(Debug)]
pub struct TakeOver {
    /// The number of the term.
    pub(super) epoch: i64,
    /// The journal of this node.
    pub(super) folder: Folder,
    /// States of the other node's judge, as recorded.
    pub(super) states: HashMap<Slug, SiteState>,
    /// The newest events of providers.
    pub(super) events: Vec<ProviderEvent>,
    /// Numbers of the checks that are recorded.
    pub(super) marks: RecordedMarks,
    /// The newest recorded checks of each site and region, the oldest of a site first.
    pub(super) newest: Vec<Check>,
    /// Told when the journal goes on from the record.
    pub(super) done: oneshot::Sender<()>,
}

/// Part of the record that a node needs to tell what of its journal is new.
#[derive(Debug)]
struct RecordedPart {
    marks: RecordedMarks,
    newest: Vec<Check>,
}

/// Result of judging again.
#[derive(Debug, Default)]
struct Replayed {
    states: HashMap<Slug, SiteState>,
    changes: Vec<(Slug, Change)>,
    /// The last that the own journal says of each event of a provider.
    events: BTreeMap<(Box<str>, Moment), ProviderEvent>,
}

impl Pipeline {
    /// Goes on from the record. Nothing is done where the journal cannot be read or written: the order
    /// comes again.
    pub(super) async fn take_over(&mut self, order: TakeOver) {
        let TakeOver { epoch, folder, states, events, marks, newest, done } = order;
        let (rules, limits) = self.judge.limits();
        let record = RecordedPart { marks, newest };
        let replay = move || replay(&folder, states, &limits, &rules, &record);
        let replayed = match spawn_blocking(replay).await {
            Ok(Ok(replayed)) => replayed,
            Ok(Err(error)) => {
                return tracing::error!(%error, "the journal cannot be read to take over");
            }
            Err(error) => return tracing::error!(%error, "taking over failed"),
        };
        let own: Vec<ProviderEvent> = replayed.events.into_values().collect();
        let mut entries = vec![Entry::TakenOver(epoch)];
        entries.extend(self.provider_monitor.adopt(&events, &own).into_iter().map(Entry::Event));
        self.judge.adopt(replayed.states);
        let changes = replayed.changes.into_iter();
        let mut outages: HashMap<Slug, Vec<_>> = HashMap::new();
        for (slug, change) in changes {
            outages.entry(slug.clone()).or_default().extend(change.outages.iter().cloned());
            entries.push(Entry::Change(slug, change));
        }
        entries.extend(self.judge.snapshot());
        self.keep(&entries).await;
        if !self.journal.is_on_disk() {
            return;
        }
        for live in self.board.sites() {
            let slug = &live.site.slug;
            if let Some(judged) = self.judge.state(slug) {
                let begun = outages.remove(slug).unwrap_or_default();
                let open = judged.outage.iter().cloned();
                self.board.show_state(
                    slug,
                    judged,
                    &begun.into_iter().chain(open).collect::<Vec<_>>(),
                );
            }
        }
        self.provider_monitor.invalidate();
        // Whoever ordered it may be gone.
        let _ = done.send(());
    }
}

impl Judge {
    /// Goes on from these states of its sites.
    fn adopt(&mut self, states: HashMap<Slug, SiteState>) {
        for (slug, state) in states {
            if let Some(place) = self.sites.get_mut(&slug) {
                place.state = state;
                self.waiting.insert(slug);
            }
        }
        self.recount = true;
    }

    /// The rules, and the limits of every site.
    fn limits(&self) -> (Rules, HashMap<Slug, Limits>) {
        let limits = self.sites.iter().map(|(slug, place)| (slug.clone(), place.limits)).collect();
        (self.rules.clone(), limits)
    }
}

/// Brings recorded states up to date with the checks of the journal: with those that the other node recorded
/// first, and with the newest of those that it recorded and that are not in the journal. A node that was
/// frozen, or cut off, heard them late or never, and would see a gap where there is none.
fn replay(
    folder: &Folder,
    states: HashMap<Slug, SiteState>,
    limits: &HashMap<Slug, Limits>,
    rules: &Rules,
    record: &RecordedPart,
) -> io::Result<Replayed> {
    let marks = &record.marks;
    let mut all = Replayed { states, ..Replayed::default() };
    // The journal is read once for each, so that what is to be judged need not be held in memory.
    for learns in [true, false] {
        let mut origin: Option<Origin> = None;
        let mut said: Option<(Slug, Region, Moment, NetworkEvidence)> = None;
        folder.replay(|entry| match entry {
            Entry::Origin(number) => origin = Some(number),
            Entry::Evidence(slug, region, at, evidence) => {
                let is_new = !learns && marks.newest < Some(at);
                if let (Some(limits), true) = (limits.get(&slug), is_new) {
                    let state = all.states.entry(slug.clone()).or_default();
                    let change = state.take_evidence(&region, &evidence, at, limits, rules);
                    all.changes.extend(change.map(|change| (slug.clone(), change)));
                }
                said = Some((slug, region, at, evidence));
            }
            Entry::Check(_) | Entry::Heard(..) => {
                let recorded = origin.take().is_some_and(|origin| marks.cover(&origin));
                let heard = if let Entry::Heard(_, heard) = &entry { Some(*heard) } else { None };
                let Some(check) = entry.check() else { return };
                let Some(limits) = limits.get(&check.slug) else { return };
                let own = said.take().filter(|(slug, region, at, _)| {
                    (slug, region, *at) == (&check.slug, &check.region, check.at)
                });
                if recorded != learns {
                    return;
                }
                let evidence =
                    own.map_or(NetworkEvidence::at(check.at), |(_, _, _, evidence)| evidence);
                let state = all.states.entry(check.slug.clone()).or_default();
                if recorded {
                    return state.learn(check, heard, limits, rules, &undoubted(evidence));
                }
                let effect = state.check_heard(check, heard, limits, rules, &evidence);
                let changes = effect.changes.into_iter();
                all.changes.extend(changes.map(|change| (check.slug.clone(), change)));
            }
            Entry::Late(_) => origin = None,
            Entry::Event(event) => {
                all.events.insert((event.provider.clone(), event.started_at), event);
            }
            // They follow from checks, and are this node's own.
            Entry::State(..) | Entry::Change(..) | Entry::Retired(..) | Entry::TakenOver(_) => {}
        })?;
        if learns {
            learn_newest(&mut all.states, &record.newest, limits, rules);
        }
    }
    all.states.retain(|slug, _| limits.contains_key(slug));
    Ok(all)
}

/// Brings recorded states up to date with the newest checks of the record.
fn learn_newest(
    states: &mut HashMap<Slug, SiteState>,
    newest: &[Check],
    limits: &HashMap<Slug, Limits>,
    rules: &Rules,
) {
    for check in newest {
        if let Some(limits) = limits.get(&check.slug) {
            let state = states.entry(check.slug.clone()).or_default();
            state.learn(check, None, limits, rules, &NetworkEvidence::at(check.at));
        }
    }
}

/// Evidence about a check that another node judged, by its own clock. A node that was frozen sees much at once,
/// and doubts the other regions for that.
fn undoubted(evidence: NetworkEvidence) -> NetworkEvidence {
    NetworkEvidence { barred: None, doubt: None, symptom: None, ..evidence }
}
