//! The lists of the front page: what is wrong, the sites that are wanted in the wanted order, and
//! the links that change what is wanted. Each has a bound.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use super::{
    super::bits::Icon,
    rows::{Case, Row},
    wish::{Sort, Wish},
};
use crate::{
    i18n::Lang,
    model::verdict::Status,
    web::{
        asked::Asked,
        look::Look,
        picture::{Picture, badness},
    },
};

/// Sites in one view.
const ROWS: usize = 300;
/// Sites of those that are wrong, on the page as one arrives.
const WRONG: usize = 24;
/// Tags to filter by.
const TAGS: usize = 40;

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
    pub(super) rows: Vec<Row>,
}

/// The way to the other views, when there is more than one.
pub(super) struct Pages {
    pub(super) words: String,
    pub(super) previous: Option<String>,
    pub(super) next: Option<String>,
}

/// The sites that are wanted.
pub(super) struct Listed {
    pub(super) total: usize,
    pub(super) groups: Vec<Group>,
    pub(super) pages: Option<Pages>,
}

/// What is wrong now: the worst first, and of these the newest first; then what is up in an unusual
/// way; and the way to the rest. Sites that we merely do not know about are not wrong.
pub(super) fn wrong(picture: &Picture, asked: &Asked) -> (Vec<Case>, Option<(String, String)>) {
    let mut bad: Vec<&Look> =
        picture.looks.iter().filter(|l| l.status().is_outage() || l.is_unusual()).collect();
    bad.sort_by_key(|look| (badness(look.status()), Reverse(look.verdict().since)));
    let rest = bad.len().saturating_sub(WRONG);
    let all = asked.href("/?status=down,partial,slow");
    let more = (rest > 0).then(|| (all, asked.lang.one("front-wrong-more", "n", rest)));
    (bad.into_iter().take(WRONG).map(|look| Case::of(asked, look)).collect(), more)
}

/// The sites that are wanted, in the wanted order, as far as they are in this view.
pub(super) fn listed(picture: &Picture, asked: &Asked, wish: &Wish) -> Listed {
    let filter = wish.filter();
    let mut looks: Vec<&Look> = picture.looks.iter().filter(|look| filter.fits(look)).collect();
    sort(&mut looks, wish.order());
    let total = looks.len();
    let from = (wish.page - 1).saturating_mul(ROWS).min(total);
    let shown = &looks[from..total.min(from + ROWS)];
    let pages = total.div_ceil(ROWS);
    let groups = if wish.order() == Sort::Tag {
        groups(shown, asked)
    } else {
        let rows: Vec<Row> = shown.iter().map(|look| Row::of(asked, look)).collect();
        if rows.is_empty() { Vec::new() } else { vec![Group { name: None, rows }] }
    };
    Listed { total, groups, pages: (pages > 1).then(|| turning(asked, wish, pages)) }
}

fn turning(asked: &Asked, wish: &Wish, pages: usize) -> Pages {
    let to = |page| asked.href(&Wish { page, ..wish.clone() }.address());
    Pages {
        words: asked.lang.two("page-of", ("page", wish.page), ("pages", pages)),
        previous: (wish.page > 1).then(|| to((wish.page - 1).min(pages))),
        next: (wish.page < pages).then(|| to(wish.page + 1)),
    }
}

fn sort(looks: &mut [&Look], order: Sort) {
    let name = |look: &&Look| look.watched.site.name.to_lowercase();
    match order {
        Sort::Name => looks.sort_by_cached_key(name),
        Sort::Status => looks.sort_by_cached_key(|look| (badness(look.status()), name(look))),
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

fn first_tag(look: &Look) -> &str {
    look.watched.site.tags.first().map_or("", |tag| &**tag)
}

/// Neighbours with the same first tag, each under its name.
fn groups(looks: &[&Look], asked: &Asked) -> Vec<Group> {
    let chunks: Vec<&[&Look]> =
        looks.chunk_by(|one, other| first_tag(one) == first_tag(other)).collect();
    let alone = chunks.len() == 1;
    let group = |looks: &[&Look]| {
        let name = match looks.first().map_or("", |look| first_tag(look)) {
            "" if alone => asked.lang.say("front-all").into_owned(),
            "" => asked.lang.say("front-others").into_owned(),
            tag => tag.to_owned(),
        };
        Group { name: Some(name), rows: looks.iter().map(|look| Row::of(asked, look)).collect() }
    };
    chunks.into_iter().map(group).collect()
}

/// How many were found, in words.
pub(super) fn count(t: Lang, found: usize, q: &str) -> String {
    match q {
        "" => t.one("front-found", "n", found),
        q => t.two("front-found-for", ("n", found), ("q", q)),
    }
}

/// A link for each status.
pub(super) fn statuses(picture: &Picture, asked: &Asked, wish: &Wish) -> Vec<Choice> {
    let t = asked.lang;
    let choice = |statuses: Vec<Status>, word: String, icon, count: usize| Choice {
        current: wish.statuses == statuses,
        href: asked.href(&Wish { statuses, page: 1, ..wish.clone() }.address()),
        word,
        icon,
        count: Some(t.number(count as f64, 0)),
    };
    let all = choice(Vec::new(), t.say("front-filter-all").into_owned(), None, picture.looks.len());
    let each = Status::ALL.into_iter().map(|status| {
        let word = t.status(status).into_owned();
        choice(vec![status], word, Some(Icon(status)), picture.counts.of(status))
    });
    std::iter::once(all).chain(each).collect()
}

/// A link for each of the largest tags; the current one's link takes it away.
pub(super) fn tags(picture: &Picture, asked: &Asked, wish: &Wish) -> Vec<Choice> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in picture.looks.iter().flat_map(|look| &look.watched.site.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let mut counts: Vec<(&str, usize)> = counts.into_iter().collect();
    if counts.len() > TAGS {
        counts.sort_by_key(|(tag, count)| (*tag != wish.tag, Reverse(*count)));
        counts.truncate(TAGS);
        counts.sort_unstable();
    }
    let choice = |(tag, count): (&str, usize)| {
        let current = wish.tag == tag;
        let wanted = if current { "" } else { tag };
        let wish = Wish { tag: wanted.to_owned(), page: 1, ..wish.clone() };
        let count = Some(asked.lang.number(count as f64, 0));
        let (href, word) = (asked.href(&wish.address()), tag.to_owned());
        Choice { href, word, icon: None, count, current }
    };
    counts.into_iter().map(choice).collect()
}

/// A link for each order.
pub(super) fn sorts(asked: &Asked, wish: &Wish) -> Vec<Choice> {
    let choice = |sort: Sort| Choice {
        href: asked.href(&Wish { sort: Some(sort), page: 1, ..wish.clone() }.address()),
        word: asked.lang.say(&format!("front-sort-{}", sort.word())).into_owned(),
        icon: None,
        count: None,
        current: wish.order() == sort,
    };
    Sort::ALL.map(choice).into()
}
