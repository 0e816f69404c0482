//! The table of causes: of incidents with a known cause, which was named, when, and who was blamed
//! for nothing; and whether years of unrelated outages blame anybody.

use std::collections::BTreeMap;

use model::{
    provider::{ProviderEventDetector, ProviderRules, ProviderStatus, SiteSignal},
    verdict::Status,
};
use stillup::i18n::provider::summary;

use crate::{
    incidents::{KnownIncident, SaidStatus, incident, moment, quiet_year},
    world::{MINUTE, Ms, SECOND},
};

/// Provider events reported about one incident.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlamedProviders {
    /// Moments at which each provider was named, the first time and again.
    pub(crate) named: Vec<(Ms, String)>,
    /// Moments at which the blame of one was withdrawn.
    pub(crate) withdrawn: Vec<(Ms, String)>,
    /// The cause was reported as recovered while three of its sites, or more, were down since
    /// minutes of each other.
    pub(crate) cleared: bool,
}

impl BlamedProviders {
    /// Providers named that are not the cause.
    pub(crate) fn wrong<'a>(
        &'a self,
        incident: &'a KnownIncident,
    ) -> impl Iterator<Item = &'a str> {
        let names = self.named.iter().map(|(_, name)| name.as_str());
        names.filter(|name| Some(*name) != incident.truth)
    }

    /// Time from the failure of its third site until the cause was named.
    pub(crate) fn right(&self, incident: &KnownIncident) -> Option<Ms> {
        let mine = |(_, name): &&(Ms, String)| Some(name.as_str()) == incident.cause;
        self.named.iter().find(mine).map(|(at, _)| at - incident.third_at)
    }
}

/// Plays an incident to the rule; a picture is taken whenever the provider monitor would take one.
pub(crate) fn play(incident: &KnownIncident) -> BlamedProviders {
    let mut said = BlamedProviders::default();
    let mut events = ProviderEventDetector::default();
    let mut state: Vec<Option<&SaidStatus>> = vec![None; incident.sites.len()];
    let mut turns = incident.turns.iter().peekable();
    let (mut at, mut restart) = (0, incident.restart_at);
    while at < incident.length {
        let mut news = false;
        while let Some(turn) = turns.next_if(|turn| turn.told_at <= at) {
            state[turn.site] = Some(turn);
            news = true;
        }
        if restart.is_some_and(|restart| at >= restart) {
            restart = None;
            let left: Vec<_> = events.ongoing().cloned().collect();
            events = ProviderEventDetector::new(ProviderRules::default(), left);
            news = true;
        }
        if news || events.waits() {
            look(incident, &state, &mut events, &mut said, at);
        }
        at = match turns.peek() {
            _ if events.waits() => at + SECOND,
            Some(turn) => turn.told_at.max(at + 1),
            None => incident.length,
        };
    }
    said
}

fn look(
    incident: &KnownIncident,
    state: &[Option<&SaidStatus>],
    events: &mut ProviderEventDetector,
    said: &mut BlamedProviders,
    at: Ms,
) {
    let sights: Vec<SiteSignal<'_>> = incident
        .sites
        .iter()
        .zip(state)
        .map(|(site, turn)| SiteSignal {
            slug: &site.slug,
            owner: site.slug.as_str(),
            dependencies: site.dependencies(),
            status: turn.map_or(Status::Up, |turn| turn.status),
            since: turn.map(|turn| moment(turn.since)),
            checked_at: Some(moment(at)),
            cause: turn.and_then(|turn| turn.cause.as_ref()),
            doubted: false,
        })
        .collect();
    for event in events.observe(&sights, moment(at)) {
        let name = event.provider.to_string();
        if event.withdrawn_at.is_some() {
            said.withdrawn.push((at, name));
        } else if event.noticed_at == moment(at) {
            said.named.push((at, name));
        }
    }
    let Some(cause) = incident.cause.filter(|_| at % MINUTE == 0) else { return };
    let on = incident.sites.iter().zip(&sights).filter(|(site, _)| site.serves == Some(cause));
    let sites: Vec<_> = on.map(|(_, sight)| (sight.slug, sight.status, sight.since)).collect();
    let event = events.ongoing().find(|event| *event.provider == *cause).cloned();
    let fell = |n: &usize| *n >= 3;
    let down = Some(sites.iter().filter(|(_, status, _)| *status == Status::Down).count());
    let words = summary(&ProviderStatus::of(cause, sites, event), moment(at));
    said.cleared |= down.as_ref().is_some_and(fell)
        && words.contains("seems well:")
        && at < incident.third_at + 10 * MINUTE
        && at > incident.third_at;
}

/// Results of the incidents of one kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tally {
    pub(crate) all: usize,
    /// Three sites and more share the cause, so that it can be named.
    pub(crate) named_of: usize,
    pub(crate) right: usize,
    pub(crate) late: usize,
    pub(crate) missed: usize,
    pub(crate) wrong: usize,
    pub(crate) cleared: usize,
    pub(crate) taken_back: usize,
}

/// In time is within this.
const IN_TIME: Ms = 3 * MINUTE;

impl Tally {
    pub(crate) fn take(&mut self, incident: &KnownIncident, said: &BlamedProviders) {
        self.all += 1;
        self.wrong += usize::from(said.wrong(incident).next().is_some());
        self.cleared += usize::from(said.cleared);
        self.taken_back += usize::from(!said.withdrawn.is_empty());
        if incident.cause.is_some() {
            self.named_of += 1;
            match said.right(incident) {
                Some(after) if after <= IN_TIME => self.right += 1,
                Some(_) => self.late += 1,
                None => self.missed += 1,
            }
        }
    }
}

/// Plays this many incidents and quiet years.
pub(crate) fn tally(
    incidents: std::ops::Range<u64>,
    years: std::ops::Range<u64>,
    mut each: impl FnMut(u64, &KnownIncident, &BlamedProviders),
) -> BTreeMap<&'static str, Tally> {
    let mut tallies: BTreeMap<&'static str, Tally> = BTreeMap::new();
    let all = incidents.map(|n| (n, incident(n))).chain(years.map(|n| (n, quiet_year(n))));
    for (n, incident) in all {
        let said = play(&incident);
        tallies.entry(incident.name).or_default().take(&incident, &said);
        each(n, &incident, &said);
    }
    tallies
}

/// Prints table and goals; returns whether all goals are met.
pub(crate) fn print(size: f64) -> bool {
    let count = |all: f64| (all * size).max(1.0) as u64;
    let tallies = tally(0..count(400.0), 0..count(100.0), |_, _, _| ());
    println!(
        "\n| cause | incidents | can be named | right within 3 min | late | missed | wrong one blamed | right one cleared | blame taken back |\n|---|---|---|---|---|---|---|---|---|"
    );
    let mut sum = Tally::default();
    let mut wrong_in_quiet = 0;
    for (name, t) in &tallies {
        println!(
            "| {name} | {} | {} | {} | {} | {} | {} | {} | {} |",
            t.all, t.named_of, t.right, t.late, t.missed, t.wrong, t.cleared, t.taken_back
        );
        if *name == "a quiet year" {
            wrong_in_quiet = t.wrong;
            continue;
        }
        sum.named_of += t.named_of;
        sum.right += t.right;
        sum.wrong += t.wrong;
        sum.cleared += t.cleared;
    }
    println!();
    let goals = [
        ("a wrong cause in no incident", sum.wrong.to_string(), sum.wrong == 0),
        ("a cause in no quiet year", wrong_in_quiet.to_string(), wrong_in_quiet == 0),
        ("the right one cleared in none", sum.cleared.to_string(), sum.cleared == 0),
        (
            "85 of 100 causes named within 3 minutes",
            format!("{} of {}", sum.right, sum.named_of),
            sum.right * 100 >= sum.named_of * 85,
        ),
    ];
    for (goal, is, ok) in &goals {
        println!("{} {goal}: {is}", if *ok { "met   " } else { "MISSED" });
    }
    goals.iter().all(|(.., ok)| *ok)
}
