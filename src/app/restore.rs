//! State left by an earlier run: from the journal first, since it is local; from Postgres for the
//! rest.

use std::{collections::HashMap, sync::Arc, time::Duration};

use tokio::time::timeout;

use crate::{
    pipeline::Entry,
    store::{Store, StoreError, StoreHandle},
};
use model::{
    judge::{Limits, NetworkEvidence, Rules, SiteState},
    moment::Moment,
    name::{Region, Slug},
    provider::ProviderEvent,
    site::Site,
    verdict::Change,
};
use prober::journal::Folder;

/// Longest wait of the start for the states in Postgres.
const READ_TIMEOUT: Duration = Duration::from_secs(5);
/// The same when the journal has all sites already: its states are never older.
const SHORT_READ_TIMEOUT: Duration = Duration::from_secs(1);

/// Provider events that are read back at most; no more go on at once.
const MAX_EVENTS: u32 = 1_000;

/// State of each site.
pub(super) type SiteStates = HashMap<Slug, SiteState>;

/// The last that is known of each provider that seemed to fail.
pub(super) type ProviderEvents = HashMap<Box<str>, ProviderEvent>;

/// States in the journal: its snapshots, and the checks since, judged again.
pub(super) fn from_journal(
    folder: &Folder,
    sites: &[Arc<Site>],
    rules: &Rules,
) -> std::io::Result<(SiteStates, ProviderEvents)> {
    let limits: HashMap<&Slug, Limits> = sites.iter().map(|s| (&s.slug, Limits::of(s))).collect();
    let (mut states, mut events) = (SiteStates::new(), ProviderEvents::new());
    let mut said: Option<(Slug, Region, Moment, NetworkEvidence)> = None;
    folder.replay(|entry| match entry {
        Entry::Check(_) | Entry::Heard(..) => {
            let heard = if let Entry::Heard(_, heard) = &entry { Some(*heard) } else { None };
            let Some(check) = entry.check() else { return };
            let Some(limits) = limits.get(&check.slug) else { return };
            // Only failed checks have evidence of their own.
            let own = said.take().filter(|(slug, region, at, _)| {
                (slug, region, *at) == (&check.slug, &check.region, check.at)
            });
            let evidence =
                own.map_or(NetworkEvidence::at(check.at), |(_, _, _, evidence)| evidence);
            let state = states.entry(check.slug.clone()).or_default();
            if heard.is_none() && state.last_at(&check.region).is_some_and(|last| check.at < last) {
                state.set_back_region(&check.region, check.at);
            }
            state.check_heard(check, heard, limits, rules, &evidence);
        }
        // They change nothing.
        Entry::Late(_) | Entry::Origin(_) => {}
        // All states follow.
        Entry::TakenOver(_) => states.clear(),
        Entry::Evidence(slug, region, at, evidence) => {
            if let (Some(limits), Some(state)) = (limits.get(&slug), states.get_mut(&slug)) {
                state.take_evidence(&region, &evidence, at, limits, rules);
            }
            said = Some((slug, region, at, evidence));
        }
        Entry::Retired(region, at) => {
            for (slug, state) in &mut states {
                if let Some(limits) = limits.get(slug) {
                    state.retire(&region, at, limits);
                }
            }
        }
        Entry::State(slug, state) => prefer_newer(&mut states, slug, state),
        Entry::Change(slug, change) => {
            if let Some(state) = states.get_mut(&slug) {
                take_change(state, change);
            }
        }
        Entry::Event(event) => {
            events.insert(event.provider.clone(), event);
        }
    })?;
    Ok((states, events))
}

/// The checks say everything but this: what came of time alone, and that the site left the catalogue.
fn take_change(state: &mut SiteState, change: Change) {
    if Some(change.at) < state.checked_at() || state.verdict == change.verdict {
        return;
    }
    state.verdict = change.verdict;
    state.settled_at = Some(change.at);
    if change.withdrawn.is_some() {
        state.outage = None;
    }
    for outage in change.outages {
        state.outage = Some(outage).filter(|outage| outage.ended_at.is_none());
    }
}

/// Adds the states in Postgres, if they can be read in time.
pub(super) async fn from_record(
    sites: &[Arc<Site>],
    states: &mut SiteStates,
    events: &mut ProviderEvents,
    link: &mut StoreHandle,
) {
    let known = sites.iter().all(|site| states.contains_key(&site.slug));
    let patience = if known { SHORT_READ_TIMEOUT } else { READ_TIMEOUT };
    let asked = timeout(patience, async {
        let store = link.wait_for(Option::is_some).await.ok()?.clone()?;
        Some(read_back(&store).await)
    });
    match asked.await {
        Ok(Some(Ok((recorded, ongoing)))) => {
            for event in ongoing {
                // What the journal says of it is newer.
                events.entry(event.provider.clone()).or_insert(event);
            }
            for (slug, state) in recorded {
                prefer_newer(states, slug, state);
            }
        }
        Ok(Some(Err(error))) => tracing::warn!(%error, "Postgres does not say how the sites were"),
        Ok(None) | Err(_) => {
            tracing::warn!(
                known = states.len(),
                "Postgres is not there; going on from the journal alone"
            );
        }
    }
}

async fn read_back(store: &Store) -> Result<(SiteStates, Vec<ProviderEvent>), StoreError> {
    Ok((store.states().await?, store.provider_events(Some(true), MAX_EVENTS).await?))
}

fn prefer_newer(states: &mut SiteStates, slug: Slug, state: SiteState) {
    let known = states.get(&slug).and_then(SiteState::checked_at);
    if known.is_none() || state.checked_at() > known {
        states.insert(slug, state);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::{Judge, Reception};
    use model::{
        check::Check,
        outcome::{Failure, Outcome},
        report::WhyNot,
        verdict::Status,
    };
    use prober::journal::{Writer, write_line};

    #[test]
    fn what_was_taken_back_is_so_after_a_kill_as_well() {
        let dir = tempfile::tempdir().unwrap();
        let at = |second: i64| Moment::from_millis(1_790_000_000_000 + second * 1_000);
        let sites: Vec<Arc<Site>> = (0..16)
            .map(|n| {
                let host = format!("site.operator-{n}.example");
                let url = format!("https://{host}/").parse().unwrap();
                Arc::new(Site::new(Slug::new(&host).unwrap(), url))
            })
            .collect();
        let rules = Rules::default();
        let mut judging = Judge::new(rules.clone(), HashMap::new()).doubting();
        judging.set_sites(&sites, at(0));
        let mut lines = Vec::new();
        let mut keep = |judging: &mut Judge, second: i64, n: usize, fails: bool| {
            let mut outcome = Outcome::failed(Failure::Reset, "as told");
            if !fails {
                outcome.answer = model::outcome::Answer::Ok;
            }
            let (slug, region) = (sites[n].slug.clone(), Region::default());
            let check = Check { slug, region, at: at(second), outcome, attempts: 1 };
            let taken = judging.check(&check).unwrap();
            let verdicts = taken.effect.changes;
            let verdicts = verdicts.into_iter().map(|c| Entry::Change(check.slug.clone(), c));
            let own = [Entry::Check(Arc::new(check.clone()))];
            let mut all: Vec<Entry> =
                taken.evidence.into_iter().chain(own).chain(verdicts).collect();
            all.extend(judging.silence(at(second)));
            for entry in &all {
                write_line(entry, &mut lines);
            }
            all.iter().filter(|e| matches!(e, Entry::Change(_, c) if c.withdrawn.is_some())).count()
        };
        for n in 0..16 {
            keep(&mut judging, n as i64, n, false);
        }
        // The first is down while others are well, then all fail.
        for (second, n, fails) in
            [(60, 0, true), (61, 1, false), (65, 0, true), (66, 1, false), (67, 2, false)]
        {
            keep(&mut judging, second, n, fails);
        }
        assert_eq!(judging.state(&sites[0].slug).unwrap().verdict.status, Status::Down);
        let taken_back: usize = (1..16).map(|n| keep(&mut judging, 70 + n as i64, n, true)).sum();
        assert_eq!(taken_back, 1);
        let folder = Folder::open(dir.path()).unwrap();
        let mut writer = Writer::new(folder.clone(), 1 << 30).unwrap();
        writer.begin_snapshot().unwrap();
        writer.end_snapshot().unwrap();
        writer.append(&lines).unwrap();
        let (states, _) = from_journal(&folder, &sites, &rules).unwrap();
        for site in &sites {
            let (live, read) = (judging.state(&site.slug).unwrap(), &states[&site.slug]);
            assert_eq!(live.verdict.status, Status::Unknown, "{}", site.slug);
            assert_eq!((&live.verdict, &live.outage), (&read.verdict, &read.outage));
        }
    }

    #[test]
    fn several_regions_are_after_a_kill_what_they_were() {
        let dir = tempfile::tempdir().unwrap();
        let at = |second: i64| Moment::from_millis(1_790_000_000_000 + second * 1_000);
        let slug = Slug::new("a.example").unwrap();
        let site = Arc::new(Site::new(slug.clone(), "https://a.example/".parse().unwrap()));
        let (sites, rules) = (vec![site], Rules::default());
        let mut judging = Judge::new(rules.clone(), HashMap::new());
        judging.set_sites(&sites, at(0));
        let mut lines = Vec::new();
        let mut keep = |entries: &[Entry]| {
            for entry in entries {
                write_line(entry, &mut lines);
            }
        };
        for minute in 0..60 {
            for (n, place) in (0..).zip(["ams", "nyc", "syd"]) {
                // Sydney sees it down, falls silent and retires at last; a batch comes twice.
                let fails = place == "syd" && minute > 5;
                if place == "syd" && minute > 10 {
                    continue;
                }
                let mut outcome = Outcome::failed(Failure::Reset, "as told");
                if !fails {
                    outcome.answer = model::outcome::Answer::Ok;
                }
                let region = Region::new(place).unwrap();
                let (slug, at_home) = (slug.clone(), at(minute * 60 + n));
                let check = Check {
                    slug,
                    region,
                    at: at_home - Duration::from_secs(100),
                    outcome,
                    attempts: 1,
                };
                for _ in 0..2 {
                    let judged = match judging.hear(&check, Some(at_home), false).unwrap() {
                        Reception::Judged(judged) => *judged,
                        Reception::NoEvidence | Reception::Repeated => continue,
                    };
                    keep(&judged.evidence.into_iter().collect::<Vec<_>>());
                    keep(&[Entry::Heard(Arc::new(check.clone()), at_home)]);
                    let changes = judged.effect.changes.into_iter();
                    keep(
                        &changes.map(|c| Entry::Change(check.slug.clone(), c)).collect::<Vec<_>>(),
                    );
                }
            }
            keep(&judging.silence(at(minute * 60 + 30)));
            if minute == 20 {
                keep(&judging.set_voting(
                    &Region::new("nyc").unwrap(),
                    Some(WhyNot::Rules),
                    at(1_231),
                ));
            }
            if minute == 30 {
                keep(&judging.retire(&Region::new("syd").unwrap(), at(1_831)));
            }
        }
        let folder = Folder::open(dir.path()).unwrap();
        let mut writer = Writer::new(folder.clone(), 1 << 30).unwrap();
        writer.begin_snapshot().unwrap();
        writer.end_snapshot().unwrap();
        writer.append(&lines).unwrap();
        let (states, _) = from_journal(&folder, &sites, &rules).unwrap();
        let live = judging.state(&slug).unwrap();
        assert_eq!(live, &states[&slug]);
        assert_eq!((live.verdict.status, live.regions.len()), (Status::Up, 2));
    }
}
