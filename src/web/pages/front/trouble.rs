//! Current trouble and recent recoveries on the unfiltered front page: one card for one cause
//! with its sites, a compact row for each site beyond these. Each list has a bound.

use super::FrontSites;
use crate::{
    i18n::{
        Lang,
        provider::{parts_in, phase_in},
        sentence,
    },
    web::{
        extractors::locale::Locale,
        links,
        pages::components::{Icon, Initials, Stamp, tied},
        views::{overview::badness, site::SiteView},
    },
};
use model::{
    note::NoteKind,
    provider::{self, Condition, ProviderStatus},
    verdict::{Outage, Status},
};

/// Sites of those that are wrong.
const MAX_WRONG: usize = 24;
/// Places among them for sites that are up in an unusual way, however many are worse.
const MAX_UNUSUAL: usize = 6;
/// Sites on a card.
const MAX_CHIPS: usize = 12;
/// Sites that came back.
const MAX_BACK: usize = 6;

/// One cause of many outages.
pub(super) struct EventCard {
    pub(super) key: String,
    pub(super) href: String,
    pub(super) class: &'static str,
    pub(super) heading: String,
    pub(super) line: String,
    pub(super) chips: Vec<SiteChip>,
    /// Number of further sites.
    pub(super) more: Option<String>,
}

/// A site on a card.
pub(super) struct SiteChip {
    pub(super) slug: String,
    pub(super) href: String,
    pub(super) name: String,
    pub(super) icon: Icon,
    pub(super) class: &'static str,
    pub(super) word: String,
}

/// A site that is wrong, or was.
pub(super) struct TroubleRow {
    pub(super) slug: String,
    pub(super) href: String,
    pub(super) initials: Initials,
    pub(super) name: String,
    pub(super) icon: Icon,
    pub(super) class: &'static str,
    /// Status and its duration.
    pub(super) state: String,
    /// Cause, in a few words.
    pub(super) why: String,
    /// The moment when it came back.
    pub(super) at: Option<Stamp>,
}

/// A card for each provider that seems to be failing, unless nothing is known of its sites: nobody is
/// blamed for what we do not see.
pub(super) fn events(sites: &FrontSites, locale: &Locale) -> Vec<EventCard> {
    let (t, overview) = (locale.lang, &sites.overview);
    let card = |known: &std::sync::Arc<model::provider::ProviderStatus>| {
        let standing = overview.standing(known);
        let event = standing.event.as_ref().filter(|_| standing.is_known())?;
        let slug = &*standing.provider;
        let mine = overview.views.iter().filter(|view| is_of(view, slug));
        let mut mine: Vec<&SiteView> = mine.collect();
        mine.sort_by_key(|view| sites.rank(view));
        let rest = mine.len().saturating_sub(MAX_CHIPS);
        let long = t.for_so_long(overview.now.since(event.started_at));
        let worst = [Status::Down, Status::Partial, Status::Slow];
        let worst = worst.into_iter().find(|status| standing.with_it.of(*status) > 0);
        // The heading of the page names the only one.
        let named = overview.failing.len() == 1 && overview.doubt().is_none();
        let (heading, line) = told(t, &standing, long, named);
        Some(EventCard {
            key: format!("provider-{slug}"),
            href: locale.href(&links::provider(slug)),
            class: worst.unwrap_or(Status::Slow).word(),
            heading: tied(&heading),
            line: tied(&line),
            chips: mine.into_iter().take(MAX_CHIPS).map(|view| chip(locale, view)).collect(),
            more: (rest > 0).then(|| t.one("front-event-more", "n", rest)),
        })
    };
    overview.failing.iter().filter_map(card).collect()
}

/// Heading and line of a card; `named`: the heading of the page has its name.
fn told(t: Lang, standing: &ProviderStatus, long: String, named: bool) -> (String, String) {
    let (parts, phase) = (parts_in(t, standing), phase_in(t, standing));
    if !named {
        let heading = format!("{} {phase}", provider::name(&standing.provider));
        return (heading, sentence::joined([Some(long), Some(parts)]));
    }
    let said = match standing.condition() {
        Condition::Failing => t.say("front-event-cause").into_owned(),
        Condition::Recovering | Condition::Ok | Condition::Unknown => phase,
    };
    (sentence::joined([Some(parts)]), sentence::joined([Some(long), Some(said)]))
}

/// Returns whether a site is bad with this provider.
fn is_of(view: &SiteView, provider: &str) -> bool {
    let failing = view.failing().filter(|standing| standing.event.is_some());
    failing.is_some_and(|standing| *standing.provider == *provider)
}

fn chip(locale: &Locale, view: &SiteView) -> SiteChip {
    let slug = view.live.site.slug.to_string();
    SiteChip {
        href: locale.href(&links::site(&slug)),
        name: view.live.site.name.to_string(),
        icon: Icon(view.status()),
        class: view.status().word(),
        word: locale.lang.status(view.status()).into_owned(),
        slug,
    }
}

/// Wrong sites beyond those cards: the worst first, and of these the most looked-up; then what is up
/// in an unusual way, which a crowd of others does not hide; and the way to the rest. Sites that we
/// merely do not know about are not wrong.
pub(super) fn wrong(
    sites: &FrontSites,
    locale: &Locale,
) -> (Vec<TroubleRow>, Option<(String, String)>) {
    let overview = &sites.overview;
    let carded = |view: &SiteView| {
        let failing = view.failing().filter(|standing| standing.event.is_some());
        failing.is_some_and(|standing| overview.standing(standing).is_known())
    };
    let order = |view: &&SiteView| (badness(view.status()), sites.rank(view));
    let mut bad: Vec<&SiteView> =
        overview.views.iter().filter(|view| view.status().is_outage() && !carded(view)).collect();
    bad.sort_by_key(order);
    let mut unusual: Vec<&SiteView> =
        overview.views.iter().filter(|view| view.is_unusual() && !carded(view)).collect();
    unusual.sort_by_key(order);
    let total = bad.len() + unusual.len();
    bad.truncate(MAX_WRONG - unusual.len().min(MAX_UNUSUAL));
    let noted = unusual.len();
    unusual.truncate(MAX_WRONG - bad.len());
    let rest = total - bad.len() - unusual.len();
    let all = if noted > unusual.len() { "/?sort=status" } else { "/?status=down,partial,slow" };
    let more =
        (rest > 0).then(|| (locale.href(all), locale.lang.one("front-wrong-more", "n", rest)));
    (bad.into_iter().chain(unusual).map(|view| now(locale, view)).collect(), more)
}

/// Recent recoveries, the newest first.
pub(super) fn back(sites: &FrontSites, locale: &Locale) -> Vec<TroubleRow> {
    let views = sites.overview.views.iter();
    let back = |view| Some((view, SiteView::recovery(view)?));
    let mut all: Vec<(&SiteView, &Outage)> = views.filter_map(back).collect();
    all.sort_by_key(|(view, _)| (std::cmp::Reverse(view.verdict().since), sites.rank(view)));
    all.into_iter().take(MAX_BACK).map(|(view, outage)| was(locale, view, outage)).collect()
}

fn row(locale: &Locale, view: &SiteView, state: &str, why: &str) -> TroubleRow {
    let slug = view.live.site.slug.to_string();
    TroubleRow {
        href: locale.href(&links::site(&slug)),
        initials: Initials::of(&view.live.site.name),
        name: view.live.site.name.to_string(),
        icon: Icon(view.status()),
        class: view.status().word(),
        state: tied(state),
        why: tied(why),
        at: None,
        slug,
    }
}

fn now(locale: &Locale, view: &SiteView) -> TroubleRow {
    let t = locale.lang;
    if view.is_unusual() {
        let kind = |kind: NoteKind| t.mark(kind).into_owned();
        let mark = view.verdict().notes.iter().find(|note| note.kind.is_unusual());
        let mark = mark.map(|note| kind(note.kind)).unwrap_or_default();
        return row(locale, view, &t.status(view.status()), &mark);
    }
    let word = t.status(view.status());
    let state = match view.verdict().since.map(|since| view.now.since(since)) {
        Some(long) if long.as_secs() >= 60 => {
            t.two("front-state", ("status", &*word), ("long", t.duration(long)))
        }
        _ => word.into_owned(),
    };
    let why = [view.places_in(t), Some(view.why_in(t)).filter(|why| !why.is_empty())];
    row(locale, view, &state, &why.into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

fn was(locale: &Locale, view: &SiteView, outage: &Outage) -> TroubleRow {
    let t = locale.lang;
    let end = outage.ended_at.unwrap_or(view.now);
    let was = t.one("front-back-after", "long", t.duration(end.since(outage.started_at)));
    TroubleRow {
        at: Some(Stamp::ago(t, view.verdict().since.unwrap_or(end), view.now)),
        ..row(locale, view, &t.say("front-back"), &was)
    }
}
