//! Incidents with a known cause, and years without any: the verdicts of our judge on the sites of a
//! catalogue. A site is checked once a minute, at its own second; a failure is reported once it is
//! confirmed, and dated to the first failed check.

use model::{
    failure_detail::FailureDetail,
    moment::Moment,
    name::Slug,
    outcome::{Cause, Failure},
    provider::{Dependency, Role},
    verdict::Status,
};

use crate::{
    chance::Chance,
    world::{HOUR, MINUTE, Ms, SECOND, YEAR},
};

/// Start of the worlds; any moment will do.
const EPOCH: Ms = 1_700_000_000_000;

/// A moment of a world.
pub(crate) fn moment(at: Ms) -> Moment {
    Moment::from_millis(EPOCH + at)
}

/// A site and what it depends on.
#[derive(Clone, Debug)]
pub(crate) struct IncidentSite {
    pub(crate) slug: Slug,
    pub(crate) serves: Option<&'static str>,
    names: Option<&'static str>,
    authority: Option<&'static str>,
    declared: Option<&'static str>,
    /// The cloud of its servers, whatever is in front of them.
    origin: Option<&'static str>,
    /// Second of the minute at which it is checked.
    phase: Ms,
}

impl IncidentSite {
    /// Dependencies known to stillup.
    pub(crate) fn dependencies(&self) -> Vec<Dependency<'_>> {
        [
            (Role::Serves, self.serves),
            (Role::Declared, self.declared),
            (Role::Names, self.names),
            (Role::Certificate, self.authority),
        ]
        .into_iter()
        .filter_map(|(role, provider)| Some(Dependency { role, provider: provider? }))
        .collect()
    }
}

/// A verdict on a site.
#[derive(Clone, Debug)]
pub(crate) struct SaidStatus {
    pub(crate) told_at: Ms,
    pub(crate) site: usize,
    pub(crate) status: Status,
    pub(crate) since: Ms,
    pub(crate) cause: Option<Cause>,
}

/// An incident in a catalogue, with its cause.
#[derive(Clone, Debug)]
pub(crate) struct KnownIncident {
    pub(crate) name: &'static str,
    pub(crate) sites: Vec<IncidentSite>,
    pub(crate) turns: Vec<SaidStatus>,
    /// Provider that really caused it.
    pub(crate) truth: Option<&'static str>,
    /// The same, if it can be known: three sites of it fell.
    pub(crate) cause: Option<&'static str>,
    /// Moment at which the third of them fell.
    pub(crate) third_at: Ms,
    pub(crate) length: Ms,
    /// Moment of a restart of stillup.
    pub(crate) restart_at: Option<Ms>,
}

fn pick<T: Copy>(chance: &mut Chance, from: &[(T, f64)]) -> T {
    let all: f64 = from.iter().map(|(_, weight)| weight).sum();
    let mut at = chance.next() * all;
    for (what, weight) in from {
        at -= weight;
        if at < 0.0 {
            return *what;
        }
    }
    from[from.len() - 1].0
}

const FRONTS: [&str; 6] = ["cloudflare", "fastly", "akamai", "vercel", "bunny", "heroku"];
const CLOUDS: [&str; 6] = ["aws", "google", "azure", "ovh", "hetzner", "digitalocean"];

/// A catalogue of 100 to 250 sites; no two have the same proportions.
pub(crate) fn catalogue(chance: &mut Chance) -> Vec<IncidentSite> {
    let mut weights = |all: &[&'static str], usual: &[f64]| -> Vec<(Option<&'static str>, f64)> {
        let each = all.iter().zip(usual);
        each.map(|(slug, usual)| (Some(*slug), usual * chance.between(0.3, 1.8))).collect()
    };
    let mut serving = weights(&FRONTS, &[20.0, 8.0, 8.0, 4.0, 2.0, 2.0]);
    serving.extend(weights(&CLOUDS, &[16.0, 8.0, 7.0, 6.0, 5.0, 3.0]));
    serving.extend(weights(&["meta", "github", "my-hoster"], &[3.0, 2.0, 3.0]));
    let origins = weights(&CLOUDS, &[30.0, 12.0, 12.0, 6.0, 6.0, 4.0]);
    let mut naming = weights(
        &["aws", "cloudflare", "dyn", "nsone", "ultradns", "godaddy", "azure", "transip"],
        &[20.0, 10.0, 10.0, 8.0, 4.0, 8.0, 6.0, 6.0],
    );
    naming.push((None, 8.0));
    let mut issuing = weights(
        &["letsencrypt", "digicert", "google-trust", "amazon-ca", "sectigo", "globalsign"],
        &[40.0, 20.0, 12.0, 10.0, 10.0, 5.0],
    );
    issuing.push((None, 4.0));
    let unknown = chance.between(10.0, 40.0);
    serving.push((None, unknown));
    let count = chance.between(100.0, 250.0) as usize;
    let site = |n: usize| -> Option<IncidentSite> {
        let serves = pick(chance, &serving);
        let origin = match serves {
            Some(slug) if CLOUDS.contains(&slug) => Some(slug),
            Some(slug) if FRONTS.contains(&slug) => pick(chance, &origins),
            Some(_) => None,
            None => pick(chance, &origins).filter(|_| chance.next() < 0.5),
        };
        let names = match serves {
            Some("cloudflare") if chance.next() < 0.85 => Some("cloudflare"),
            Some("meta") => Some("meta"),
            _ => pick(chance, &naming),
        };
        let fronted = origin != serves;
        Some(IncidentSite {
            slug: Slug::new(&format!("s{n}.example")).ok()?,
            serves,
            names,
            authority: pick(chance, &issuing),
            declared: origin.filter(|_| fronted && chance.next() < 0.15),
            origin,
            phase: chance.between(0.0, MINUTE as f64) as Ms,
        })
    };
    (0..count).filter_map(site).collect()
}

/// Cause that a site failing like this reports.
fn cause(chance: &mut Chance, failure: Failure, status: u16) -> Cause {
    match failure {
        Failure::Http => Cause::http_status(status),
        Failure::Dns => Cause::new(failure, FailureDetail::NameServerError { code: 2 }),
        Failure::Tls if chance.next() < 0.5 => {
            Cause::new(failure, FailureDetail::CertificateExpired { at: None, within_a_day: false })
        }
        Failure::Tls => {
            let authority = "".into();
            Cause::new(failure, FailureDetail::CertificateUnknownAuthority { authority })
        }
        _ => Cause::new(failure, ""),
    }
}

/// The first look at or after a moment.
fn look(site: &IncidentSite, at: Ms) -> Ms {
    let behind = (at - site.phase).rem_euclid(MINUTE);
    if behind == 0 { at } else { at + MINUTE - behind }
}

/// A stretch in which a site is bad: a verdict needs two failed checks.
fn stretch(
    turns: &mut Vec<SaidStatus>,
    chance: &mut Chance,
    (n, site): (usize, &IncidentSite),
    (from, to): (Ms, Ms),
    bad: Option<Cause>,
) {
    let since = look(site, from);
    // A silent failure takes longer: three attempts, twice.
    let silent = bad.as_ref().is_some_and(|cause| cause.failure == Failure::Timeout);
    let confirmed = match &bad {
        None => 2 * MINUTE + chance.between(0.0, MINUTE as f64) as Ms,
        Some(_) if silent => chance.between(25.0, 65.0) as Ms * SECOND,
        Some(_) => chance.between(6.0, 16.0) as Ms * SECOND,
    };
    if since + confirmed >= to {
        return;
    }
    let status = if bad.is_some() { Status::Down } else { Status::Slow };
    turns.push(SaidStatus { told_at: since + confirmed, site: n, status, since, cause: bad });
    let well = look(site, to);
    let told_at = well + chance.between(5.0, 20.0) as Ms * SECOND;
    turns.push(SaidStatus { told_at, site: n, status: Status::Up, since: well, cause: None });
}

/// Way in which the servers of one incident fail.
struct Manner {
    usual: (Failure, u16),
    /// Share that fail otherwise.
    mixed: f64,
}

impl Manner {
    fn new(chance: &mut Chance) -> Self {
        let usual = pick(
            chance,
            &[
                ((Failure::Http, 503), 5.0),
                ((Failure::Http, 500), 3.0),
                ((Failure::Http, 502), 3.0),
                ((Failure::Http, 504), 2.0),
                ((Failure::Timeout, 0), 4.0),
                ((Failure::Connect, 0), 2.0),
                ((Failure::Http, 404), 0.5),
            ],
        );
        Self { usual, mixed: pick(chance, &[(0.0, 4.0), (0.2, 3.0), (0.5, 2.0), (0.8, 1.0)]) }
    }

    fn of(&self, chance: &mut Chance) -> (Failure, u16) {
        if chance.next() >= self.mixed {
            return self.usual;
        }
        let others = [
            ((Failure::Http, 500), 2.0),
            ((Failure::Http, 502), 2.0),
            ((Failure::Http, 503), 3.0),
            ((Failure::Http, 504), 2.0),
            ((Failure::Timeout, 0), 3.0),
            ((Failure::Connect, 0), 1.0),
            ((Failure::Reset, 0), 1.0),
        ];
        pick(chance, &others)
    }
}

/// The kinds of incidents, and how many of a hundred there are.
const KINDS: [(&str, f64); 8] = [
    ("a cloud", 18.0),
    ("a cloud, customers behind CDNs", 16.0),
    ("a CDN", 20.0),
    ("waves", 10.0),
    ("an operator of names", 14.0),
    ("an authority", 8.0),
    ("slow alone", 6.0),
    ("servers behind CDNs, cloud unseen", 8.0),
];

/// The incident of this number.
pub(crate) fn incident(seed: u64) -> KnownIncident {
    let chance = &mut Chance::new(seed);
    loop {
        let sites = catalogue(chance);
        let name = pick(chance, &KINDS.map(|(name, weight)| (name, weight)));
        let made = match name {
            "an operator of names" => by_role(chance, &sites, Role::Names),
            "an authority" => by_role(chance, &sites, Role::Certificate),
            _ => of_servers(chance, &sites, name),
        };
        let Some((cause, mut hit, turns)) = made else { continue };
        hit.sort_unstable();
        let mut incident = KnownIncident {
            name,
            truth: Some(cause),
            cause: (hit.len() >= 3).then_some(cause),
            third_at: hit.get(2).copied().unwrap_or_default(),
            sites,
            turns,
            length: 90 * MINUTE,
            restart_at: None,
        };
        bystanders(chance, &mut incident);
        let restart = chance.between(2.0, 30.0) * MINUTE as f64;
        incident.restart_at = (chance.next() < 0.2).then_some(restart as Ms + START);
        incident.turns.sort_by_key(|turn| turn.told_at);
        return incident;
    }
}

/// Moment of the incident.
const START: Ms = 10 * MINUTE;

type MadeIncident = (&'static str, Vec<Ms>, Vec<SaidStatus>);

fn of_servers(chance: &mut Chance, sites: &[IncidentSite], name: &str) -> Option<MadeIncident> {
    let (cloud, unseen) = (name.contains("cloud"), name.contains("unseen"));
    let culprits: Vec<&'static str> = if cloud {
        CLOUDS.into()
    } else if chance.next() < 0.7 {
        FRONTS.into()
    } else {
        [&CLOUDS[..], &["meta", "my-hoster"]].concat()
    };
    let culprit = culprits[(chance.next() * culprits.len() as f64) as usize];
    let direct = sites.iter().filter(|site| site.serves == Some(culprit)).count();
    if !unseen && !(3..=60).contains(&direct) {
        return None;
    }
    let share = if name == "slow alone" { (0.7, 1.0) } else { (0.3, 1.0) };
    let share = chance.between(share.0, share.1).max(3.2 / direct.max(1) as f64).min(1.0);
    let behind = match name {
        "a cloud" => 0.0,
        _ if unseen => chance.between(0.3, 0.9),
        _ => share * chance.between(0.2, 0.9),
    };
    let manner = Manner::new(chance);
    let long = (chance.between(12.0, 60.0) * MINUTE as f64) as Ms;
    let spread = pick(chance, &[(2.0, 3.0), (20.0, 3.0), (60.0, 2.0), (120.0, 1.0)]);
    let tail = chance.next() < 0.3;
    let (mut hit, mut turns) = (Vec::new(), Vec::new());
    for (n, site) in sites.iter().enumerate() {
        // Unseen is a part of the cloud in which it serves nothing itself.
        let mine = site.serves == Some(culprit) && !unseen;
        let hidden = cloud && site.serves != Some(culprit) && site.origin == Some(culprit);
        if !(mine && chance.next() < share || hidden && chance.next() < behind) {
            continue;
        }
        let from = START + (chance.wait(spread).min(300.0) * SECOND as f64) as Ms;
        let to = START + long + (chance.wait(120.0) * SECOND as f64) as Ms;
        let (failure, status) = match site.serves {
            Some("cloudflare") if hidden && chance.next() < 0.4 => {
                (Failure::Http, 520 + (chance.next() * 8.0) as u16)
            }
            Some(slug) if hidden && FRONTS.contains(&slug) => {
                (Failure::Http, pick(chance, &[(502, 2.0), (503, 2.0), (504, 2.0), (500, 1.0)]))
            }
            _ => manner.of(chance),
        };
        let why = (name != "slow alone").then(|| cause(chance, failure, status));
        if !unseen && mine || site.declared == Some(culprit) {
            hit.push(look(site, from));
        }
        if name == "waves" {
            for wave in 0..5 {
                let (on, off) = (from + wave * 10 * MINUTE, START + wave * 10 * MINUTE);
                let to = off + 5 * MINUTE + chance.between(0.0, 60.0) as Ms * SECOND;
                stretch(&mut turns, chance, (n, site), (on, to), why.clone());
            }
            continue;
        }
        stretch(&mut turns, chance, (n, site), (from, to), why);
        if tail && mine && chance.next() < 0.5 {
            let end = to + (chance.between(5.0, 20.0) * MINUTE as f64) as Ms;
            stretch(&mut turns, chance, (n, site), (to + 2 * MINUTE, end), None);
        }
    }
    Some((culprit, hit, turns))
}

fn by_role(chance: &mut Chance, sites: &[IncidentSite], role: Role) -> Option<MadeIncident> {
    let who = |site: &IncidentSite| if role == Role::Names { site.names } else { site.authority };
    let all: Vec<&'static str> = sites.iter().filter_map(who).collect();
    let culprit = all[(chance.next() * all.len() as f64) as usize];
    let mine = all.iter().filter(|slug| **slug == culprit).count();
    if !(3..=120).contains(&mine) {
        return None;
    }
    let share = chance.between(0.4, 1.0).max(3.2 / mine as f64).min(1.0);
    let failure = if role == Role::Names { Failure::Dns } else { Failure::Tls };
    // Caches drop names one after the other.
    let spread = if role == Role::Names { 120.0 } else { 40.0 };
    let long = (chance.between(12.0, 60.0) * MINUTE as f64) as Ms;
    let (mut hit, mut turns) = (Vec::new(), Vec::new());
    for (n, site) in sites.iter().enumerate().filter(|(_, site)| who(site) == Some(culprit)) {
        if chance.next() >= share {
            continue;
        }
        let from = START + (chance.wait(spread).min(480.0) * SECOND as f64) as Ms;
        let to = START + long + (chance.wait(120.0) * SECOND as f64) as Ms;
        let why = cause(chance, failure, 0);
        hit.push(look(site, from));
        stretch(&mut turns, chance, (n, site), (from, to), Some(why));
    }
    Some((culprit, hit, turns))
}

/// Sites with trouble of their own at the same time, and crowds that make others slow.
fn bystanders(chance: &mut Chance, incident: &mut KnownIncident) {
    let well = |n: usize, turns: &[SaidStatus]| turns.iter().all(|turn| turn.site != n);
    let manner = Manner::new(chance);
    for _ in 0..pick(chance, &[(0, 5.0), (1, 3.0), (2, 1.5), (3, 0.5)]) {
        let n = (chance.next() * incident.sites.len() as f64) as usize;
        if !well(n, &incident.turns) {
            continue;
        }
        let from = (chance.between(0.0, 40.0) * MINUTE as f64) as Ms;
        let to = from + (chance.between(5.0, 50.0) * MINUTE as f64) as Ms;
        let (failure, status) = manner.of(chance);
        let why = Some(cause(chance, failure, status));
        let site = incident.sites[n].clone();
        stretch(&mut incident.turns, chance, (n, &site), (from, to), why);
    }
    let crowd = pick(chance, &[(0, 5.0), (2, 2.0), (5, 2.0), (9, 1.0)]);
    for _ in 0..crowd {
        let n = (chance.next() * incident.sites.len() as f64) as usize;
        if !well(n, &incident.turns) {
            continue;
        }
        let from = START + (chance.between(0.0, 20.0) * MINUTE as f64) as Ms;
        let to = from + (chance.between(10.0, 50.0) * MINUTE as f64) as Ms;
        let site = incident.sites[n].clone();
        stretch(&mut incident.turns, chance, (n, &site), (from, to), None);
    }
}

/// A year in which every site has only trouble of its own.
pub(crate) fn quiet_year(seed: u64) -> KnownIncident {
    let chance = &mut Chance::new(seed ^ 0x9e37);
    let sites = catalogue(chance);
    let mut turns = Vec::new();
    for (n, site) in sites.iter().enumerate() {
        let a_year = 4.0 * 15.0_f64.powf(chance.next());
        let flaps = chance.next() < 0.02;
        let mut at = 0.0;
        loop {
            at += chance.wait(YEAR as f64 / a_year);
            if at >= YEAR as f64 {
                break;
            }
            let kinds = [
                ((Failure::Http, 503), 12.0),
                ((Failure::Http, 502), 10.0),
                ((Failure::Http, 500), 8.0),
                ((Failure::Http, 404), 3.0),
                ((Failure::Timeout, 0), 22.0),
                ((Failure::Connect, 0), 14.0),
                ((Failure::Reset, 0), 5.0),
                ((Failure::Dns, 0), 7.0),
                ((Failure::Tls, 0), 4.0),
            ];
            let (failure, status) = pick(chance, &kinds);
            for _ in 0..if flaps { 8 } else { 1 } {
                let why = (chance.next() < 0.88).then(|| cause(chance, failure, status));
                let long = 2.0 * MINUTE as f64 * 180.0_f64.powf(chance.next());
                let long = if flaps { long.min(6.0 * MINUTE as f64) } else { long };
                stretch(&mut turns, chance, (n, site), (at as Ms, (at + long) as Ms), why);
                at += long + 3.0 * MINUTE as f64;
            }
        }
    }
    turns.sort_by_key(|turn| turn.told_at);
    let (truth, cause, restart_at) = (None, None, None);
    let name = "a quiet year";
    KnownIncident { name, sites, turns, truth, cause, third_at: 0, length: YEAR + HOUR, restart_at }
}
