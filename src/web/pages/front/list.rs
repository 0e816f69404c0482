//! The lists of the front page: what is wrong, the sites that are wanted in the wanted order, and
//! the links that change what is wanted. Each has a bound.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use super::{
    filters::{Sort, Wish},
    rows::{SiteRow, WrongSite},
};
use crate::{
    i18n::Lang,
    web::{
        extractors::locale::Locale,
        pages::components::Icon,
        views::{
            overview::{Overview, badness},
            site::SiteView,
        },
    },
};
use model::verdict::Status;

/// Sites in one view.
const MAX_ROWS: usize = 300;
/// Sites of those that are wrong, on the page as one arrives.
const MAX_WRONG: usize = 24;
/// Places among them for sites that are up with an unusual note, however many are worse.
const MAX_UNUSUAL: usize = 6;
/// Tags to filter by.
const MAX_TAGS: usize = 40;

/// A link that changes what is wanted.
pub(super) struct Choice {
    pub(super) href: String,
    pub(super) word: String,
    pub(super) icon: Option<Icon>,
    pub(super) count: Option<String>,
    pub(super) current: bool,
}

/// Sites under one heading.
pub(super) struct Group {
    pub(super) name: Option<String>,
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

/// Sites that are wrong now: the worst first, and of these the newest first; then those that are up
/// with an unusual note, which a crowd of others does not hide; and the link to the rest. Unknown
/// sites are not wrong.
pub(super) fn wrong(
    overview: &Overview,
    locale: &Locale,
) -> (Vec<WrongSite>, Option<(String, String)>) {
    let newest = |look: &&SiteView| (badness(look.status()), Reverse(look.verdict().since));
    let mut bad: Vec<&SiteView> =
        overview.looks.iter().filter(|look| look.status().is_outage()).collect();
    bad.sort_by_key(newest);
    let mut unusual: Vec<&SiteView> =
        overview.looks.iter().filter(|look| look.is_unusual()).collect();
    unusual.sort_by_key(newest);
    let total = bad.len() + unusual.len();
    bad.truncate(MAX_WRONG - unusual.len().min(MAX_UNUSUAL));
    let noted = unusual.len();
    unusual.truncate(MAX_WRONG - bad.len());
    let rest = total - bad.len() - unusual.len();
    let all = if noted > unusual.len() { "/?sort=status" } else { "/?status=down,partial,slow" };
    let more =
        (rest > 0).then(|| (locale.href(all), locale.lang.one("front-wrong-more", "n", rest)));
    (bad.into_iter().chain(unusual).map(|look| WrongSite::of(locale, look)).collect(), more)
}

/// The sites that are wanted, in the wanted order, as far as they are in this view.
pub(super) fn listed(overview: &Overview, locale: &Locale, wish: &Wish) -> Listed {
    let filter = wish.filter();
    let mut looks: Vec<&SiteView> =
        overview.looks.iter().filter(|look| filter.fits(look)).collect();
    sort(&mut looks, wish.order());
    let total = looks.len();
    let from = (wish.page - 1).saturating_mul(MAX_ROWS).min(total);
    let shown = &looks[from..total.min(from + MAX_ROWS)];
    let pages = total.div_ceil(MAX_ROWS);
    let groups = if wish.order() == Sort::Tag {
        groups(shown, locale)
    } else {
        let rows: Vec<SiteRow> = shown.iter().map(|look| SiteRow::of(locale, look)).collect();
        if rows.is_empty() { Vec::new() } else { vec![Group { name: None, rows }] }
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

fn sort(looks: &mut [&SiteView], order: Sort) {
    let name = |look: &&SiteView| look.watched.site.name.to_lowercase();
    match order {
        Sort::Name => looks.sort_by_cached_key(name),
        Sort::Status => looks
            .sort_by_cached_key(|look| (badness(look.status()), !look.is_unusual(), name(look))),
        Sort::Latency => {
            looks.sort_by_cached_key(|look| (Reverse(look.watched.latency()), name(look)));
        }
        Sort::Uptime => looks.sort_by_cached_key(|look| {
            let share = look.watched.uptime.month.map(|share| (share * 1e6) as u32);
            (share.unwrap_or(u32::MAX), name(look))
        }),
        Sort::Tag => {
            let mut sizes: HashMap<&str, usize> = HashMap::new();
            for look in &*looks {
                *sizes.entry(first_tag(look)).or_default() += 1;
            }
            let size = |tag: &str| sizes.get(tag).copied().unwrap_or(0);
            // The large groups first, sites without a tag last.
            looks.sort_by_cached_key(|look| {
                let tag = first_tag(look);
                (tag.is_empty(), Reverse(size(tag)), tag.to_owned(), name(look))
            });
        }
    }
}

fn first_tag(look: &SiteView) -> &str {
    look.watched.site.tags.first().map_or("", |tag| &**tag)
}

/// Groups neighbours with the same first tag, each under its name.
fn groups(looks: &[&SiteView], locale: &Locale) -> Vec<Group> {
    let chunks: Vec<&[&SiteView]> =
        looks.chunk_by(|one, other| first_tag(one) == first_tag(other)).collect();
    let alone = chunks.len() == 1;
    let group = |looks: &[&SiteView]| {
        let name = match looks.first().map_or("", |look| first_tag(look)) {
            "" if alone => locale.lang.say("front-all").into_owned(),
            "" => locale.lang.say("front-others").into_owned(),
            tag => tag.to_owned(),
        };
        Group {
            name: Some(name),
            rows: looks.iter().map(|look| SiteRow::of(locale, look)).collect(),
        }
    };
    chunks.into_iter().map(group).collect()
}

/// Number found, in words.
pub(super) fn count(t: Lang, found: usize, q: &str) -> String {
    match q {
        "" => t.one("front-found", "n", found),
        q => t.two("front-found-for", ("n", found), ("q", q)),
    }
}

/// A link for each status.
pub(super) fn statuses(overview: &Overview, locale: &Locale, wish: &Wish) -> Vec<Choice> {
    let t = locale.lang;
    let choice = |statuses: Vec<Status>, word: String, icon, count: usize| Choice {
        current: wish.statuses == statuses,
        href: locale.href(&Wish { statuses, page: 1, ..wish.clone() }.address()),
        word,
        icon,
        count: Some(t.number(count as f64, 0)),
    };
    let all =
        choice(Vec::new(), t.say("front-filter-all").into_owned(), None, overview.looks.len());
    let each = Status::ALL.into_iter().map(|status| {
        let word = t.status(status).into_owned();
        choice(vec![status], word, Some(Icon(status)), overview.counts.of(status))
    });
    std::iter::once(all).chain(each).collect()
}

/// A link for each of the largest tags; the current one's link removes it.
pub(super) fn tags(overview: &Overview, locale: &Locale, wish: &Wish) -> Vec<Choice> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in overview.looks.iter().flat_map(|look| &look.watched.site.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    if counts.len() > MAX_TAGS {
        counts.sort_by_key(|(tag, count)| (*tag != wish.tag, Reverse(*count)));
        counts.truncate(MAX_TAGS);
        counts.sort_unstable();
    }
    let choice = |(tag, count): (&str, usize)| {
        let current = wish.tag == tag;
        let wanted = if current { "" } else { tag };
        let wish = Wish { tag: wanted.to_owned(), page: 1, ..wish.clone() };
        let count = Some(locale.lang.number(count as f64, 0));
        let (href, word) = (locale.href(&wish.address()), tag.to_owned());
        Choice { href, word, icon: None, count, current }
    };
    counts.into_iter().map(choice).collect()
}

/// A link for each order.
pub(super) fn sorts(locale: &Locale, wish: &Wish) -> Vec<Choice> {
    let choice = |sort: Sort| Choice {
        href: locale.href(&Wish { sort: Some(sort), page: 1, ..wish.clone() }.address()),
        word: locale.lang.say(&format!("front-sort-{}", sort.word())).into_owned(),
        icon: None,
        count: None,
        current: wish.order() == sort,
    };
    Sort::ALL.map(choice).into()
}
