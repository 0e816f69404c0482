//! The lists of the front page: the sites that are wanted in the wanted order, and the links that change
//! what is wanted. Each has a bound.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap, HashSet},
};

use super::{
    FrontSites,
    filters::{Sort, Wish},
    rows::SiteRow,
};
use crate::{
    i18n::Lang,
    web::{
        extractors::locale::Locale,
        pages::components::Icon,
        search,
        views::{
            overview::{Overview, WORST_FIRST, badness},
            site::SiteView,
        },
    },
};
use model::verdict::Status;

/// Sites in one view.
const MAX_ROWS: usize = 300;
/// Tags to filter by.
const MAX_TAGS: usize = 40;

/// A link that changes what is wanted.
pub(super) struct FilterLink {
    /// Its name on the page.
    pub(super) id: String,
    pub(super) href: String,
    pub(super) word: String,
    pub(super) icon: Option<Icon>,
    pub(super) count: String,
    pub(super) current: bool,
}

/// Sites under one heading.
pub(super) struct Group {
    pub(super) name: Option<String>,
    /// All of them on a page of their own, which a narrow screen shows first.
    pub(super) all: Option<(String, String)>,
    pub(super) rows: Vec<SiteRow>,
}

/// Links to the other pages, when there is more than one.
pub(super) struct PageLinks {
    pub(super) words: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

/// The sites that are wanted.
pub(super) struct Listed {
    pub(super) total: usize,
    pub(super) groups: Vec<Group>,
    pub(super) pages: Option<PageLinks>,
}

/// The sites that are wanted, in the wanted order, as far as they are in this view.
pub(super) fn listed(sites: &FrontSites, locale: &Locale, wish: &Wish) -> Listed {
    let filter = wish.filter();
    let mut views: Vec<&SiteView> =
        sites.overview.views.iter().filter(|view| filter.fits(view)).collect();
    sort(&mut views, sites, wish);
    let total = views.len();
    let from = (wish.page - 1).saturating_mul(MAX_ROWS).min(total);
    let shown = &views[from..total.min(from + MAX_ROWS)];
    let pages = total.div_ceil(MAX_ROWS);
    let groups = if wish.order() == Sort::Tag {
        groups(shown, &shared_tags(&views), locale)
    } else {
        let row = |view: &&SiteView| SiteRow::of(locale, view, wish.order());
        let rows: Vec<SiteRow> = shown.iter().map(row).collect();
        if rows.is_empty() { Vec::new() } else { vec![Group { name: None, all: None, rows }] }
    };
    Listed { total, groups, pages: (pages > 1).then(|| turning(locale, wish, pages)) }
}

fn turning(locale: &Locale, wish: &Wish, pages: usize) -> PageLinks {
    let to = |page| locale.href(&Wish { page, ..wish.clone() }.address());
    PageLinks {
        words: locale.lang.two("page-of", ("page", wish.page), ("pages", pages)),
        previous: (wish.page > 1).then(|| to((wish.page - 1).min(pages))),
        next: (wish.page < pages).then(|| to(wish.page + 1)),
    }
}

fn sort(views: &mut [&SiteView], sites: &FrontSites, wish: &Wish) {
    let name = |view: &&SiteView| view.live.site.name.to_lowercase();
    match wish.order() {
        Sort::Name => views.sort_by_cached_key(name),
        // What is searched for by its name comes before what merely has the text in its address.
        Sort::Status if wish.sort.is_none() && !wish.q.is_empty() => {
            views.sort_by_cached_key(|view| {
                (search::rank(view, &wish.q), badness(view.status()), sites.rank(view))
            });
        }
        Sort::Status => views.sort_by_cached_key(|view| {
            (badness(view.status()), !view.is_unusual(), sites.rank(view))
        }),
        Sort::Latency => {
            views.sort_by_cached_key(|view| (Reverse(view.live.latency()), name(view)));
        }
        Sort::Uptime => views.sort_by_cached_key(|view| {
            let share = view.live.uptime.month.map(|share| (share * 1e6) as u32);
            (share.unwrap_or(u32::MAX), name(view))
        }),
        Sort::Tag => {
            // The group whose sites are looked up most comes first, sites without a group last.
            let shared = shared_tags(views);
            let mut first: HashMap<&str, _> = HashMap::new();
            for view in &*views {
                let rank = sites.rank(view);
                let group = group_tag(view, &shared);
                first.entry(group).and_modify(|r| *r = rank.min(*r)).or_insert(rank);
            }
            views.sort_by_cached_key(|view| {
                let group = group_tag(view, &shared);
                (group.is_empty(), first.get(group).copied(), group.to_owned(), sites.rank(view))
            });
        }
    }
}

fn first_tag(view: &SiteView) -> &str {
    view.live.site.tags.first().map_or("", |tag| &**tag)
}

/// The first tags that several sites have: a heading for one site alone would take a row of its own.
fn shared_tags<'a>(views: &[&'a SiteView]) -> HashSet<&'a str> {
    let mut seen = HashSet::new();
    views.iter().map(|view| first_tag(view)).filter(|tag| !seen.insert(*tag)).collect()
}

/// The tag that a site stands under; empty for one that stands among the others.
fn group_tag<'a>(view: &'a SiteView, shared: &HashSet<&str>) -> &'a str {
    let tag = first_tag(view);
    if shared.contains(tag) { tag } else { "" }
}

/// Groups neighbours with the same tag, each under its name.
fn groups(views: &[&SiteView], shared: &HashSet<&str>, locale: &Locale) -> Vec<Group> {
    let t = locale.lang;
    let tag_of = |view: &SiteView| group_tag(view, shared).to_owned();
    let chunks: Vec<&[&SiteView]> =
        views.chunk_by(|one, other| tag_of(one) == tag_of(other)).collect();
    let alone = chunks.len() == 1;
    let group = |views: &[&SiteView]| {
        let tag = views.first().map_or("", |view| group_tag(view, shared));
        let name = match tag {
            // The heading above names all.
            "" if alone => None,
            "" => Some(t.say("front-others").into_owned()),
            tag => Some(t.tag_name(tag)),
        };
        let wish = Wish { tag: tag.to_owned(), page: 1, ..Wish::default() };
        let all = (!tag.is_empty()).then(|| locale.href(&wish.address()));
        Group {
            name,
            all: all.map(|href| (href, t.one("front-group-all", "n", views.len()))),
            rows: views.iter().map(|view| SiteRow::of(locale, view, Sort::Tag)).collect(),
        }
    };
    chunks.into_iter().map(group).collect()
}

/// Active filters in words, and the number of sites.
pub(super) fn heading(t: Lang, wish: &Wish, found: usize) -> String {
    if !wish.q.is_empty() {
        return t.two("front-found-for", ("n", found), ("q", &wish.q));
    }
    let tag = Some(t.tag_name(&wish.tag)).filter(|tag| !tag.is_empty());
    if let [status] = *wish.statuses {
        let sites = t.one(found_of(status), "n", found);
        return tag.into_iter().chain([sites]).collect::<Vec<_>>().join(": ");
    }
    let statuses = wish.statuses.iter().map(|status| t.status(*status).into_owned());
    let what: Vec<String> = tag.into_iter().chain(statuses).collect();
    t.two("front-found", ("n", found), ("what", what.join(", ")))
}

/// Message that says how many sites have this status.
fn found_of(status: Status) -> &'static str {
    match status {
        Status::Up => "front-found-up",
        Status::Slow => "brief-slow",
        Status::Partial => "brief-partial",
        Status::Down => "brief-down",
        Status::Unknown => "front-found-unknown",
    }
}

/// Sentence for an empty result: that none of a kind is bad is good news, where all of the kind are known.
pub(super) fn nothing(overview: &Overview, t: Lang, wish: &Wish) -> String {
    let fitting = of_any_status(overview, wish);
    let unknown = fitting.iter().filter(|view| view.status() == Status::Unknown).count();
    if wish.statuses.is_empty() || !wish.q.is_empty() || fitting.is_empty() {
        return t.say("front-found-none").into_owned();
    }
    match unknown {
        0 if wish.statuses.iter().all(|status| status.is_outage()) => {
            t.say("front-found-none-bad").into_owned()
        }
        0 => t.say("front-found-none-of-these").into_owned(),
        unknown => t.one("front-found-none-known", "n", unknown),
    }
}

/// Sites that fit the other filters, whatever their status.
fn of_any_status<'a>(overview: &'a Overview, wish: &Wish) -> Vec<&'a SiteView> {
    let others = Wish { statuses: Vec::new(), ..wish.clone() }.filter();
    overview.views.iter().filter(|view| others.fits(view)).collect()
}

/// A link for each status that a site has, as far as the other filters go.
pub(super) fn statuses(overview: &Overview, locale: &Locale, wish: &Wish) -> Vec<FilterLink> {
    let t = locale.lang;
    let fitting = of_any_status(overview, wish);
    let choice = |statuses: Vec<Status>, word: String, icon, count: usize| FilterLink {
        id: format!("only-{}", statuses.first().map_or("any", |status| status.word())),
        current: wish.statuses == statuses,
        href: locale.href(&Wish { statuses, page: 1, ..wish.clone() }.address()),
        word,
        icon,
        count: t.number(count as f64, 0),
    };
    let all = choice(Vec::new(), t.say("front-filter-all").into_owned(), None, fitting.len());
    let each = WORST_FIRST.into_iter().filter_map(|status| {
        let count = fitting.iter().filter(|view| view.status() == status).count();
        let wanted = count > 0 || wish.statuses == [status];
        let word = t.status(status).into_owned();
        wanted.then(|| choice(vec![status], word, Some(Icon(status)), count))
    });
    let filtered = wish.filters();
    std::iter::once(all).filter(|_| filtered).chain(each).collect()
}

/// A link for each of the largest tags, as far as the other filters go; the current one's link takes it
/// away.
pub(super) fn tags(overview: &Overview, locale: &Locale, wish: &Wish) -> Vec<FilterLink> {
    let others = Wish { tag: String::new(), ..wish.clone() }.filter();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let fitting = overview.views.iter().filter(|view| others.fits(view));
    for tag in fitting.flat_map(|view| &view.live.site.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(tag, count)| (*tag != wish.tag, Reverse(*count)));
    counts.truncate(MAX_TAGS);
    let choice = |(place, (tag, count)): (usize, (&str, usize))| {
        let current = wish.tag == tag;
        let wanted = if current { "" } else { tag };
        let wish = Wish { tag: wanted.to_owned(), page: 1, ..wish.clone() };
        let count = locale.lang.number(count as f64, 0);
        let (href, word) = (locale.href(&wish.address()), locale.lang.tag_name(tag));
        FilterLink { id: format!("tag-{place}"), href, word, icon: None, count, current }
    };
    counts.into_iter().enumerate().map(choice).collect()
}

/// Each order: its word in addresses, its name, and whether it is the current one.
pub(super) fn sorts(t: Lang, wish: &Wish) -> Vec<(&'static str, String, bool)> {
    let of = |sort: Sort| {
        let word = sort.word();
        (word, t.say(&format!("front-sort-{word}")).into_owned(), wish.order() == sort)
    };
    Sort::ALL.map(of).into()
}
