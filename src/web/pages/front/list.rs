//! The lists of the front page: what is wrong, what was searched for, all sites by tag, and the
//! links that filter them.

use std::{cmp::Reverse, collections::BTreeMap};

use url::form_urlencoded::Serializer;

use super::super::bits::{Icon, Stamp};
use crate::{
    model::{sentence::latency_words, verdict::Status},
    web::{
        find::Filter,
        look::Look,
        pages::site::path,
        params::Params,
        picture::{Picture, badness},
    },
};

/// One site in a list.
pub(super) struct Row {
    pub(super) path: String,
    pub(super) name: String,
    pub(super) icon: Icon,
    pub(super) word: &'static str,
    pub(super) summary: String,
    pub(super) since: Option<Stamp>,
    pub(super) latency: Option<String>,
    pub(super) restricted: bool,
}

/// Sites with one tag.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) rows: Vec<Row>,
}

/// A link that filters.
pub(super) struct Tab {
    pub(super) href: String,
    pub(super) word: String,
    pub(super) icon: Option<Icon>,
    pub(super) count: usize,
    pub(super) current: bool,
}

impl Row {
    fn of(look: &Look) -> Self {
        let (site, verdict) = (&look.watched.site, look.verdict());
        let answers = matches!(verdict.status, Status::Up | Status::Slow);
        Self {
            path: path(site.slug.as_str()),
            name: site.name.to_string(),
            icon: Icon(verdict.status),
            word: verdict.status.word(),
            summary: look.summary(),
            since: verdict.since.map(|since| Stamp::new(since, look.now)),
            latency: look.watched.latency().filter(|_| answers).map(latency_words),
            restricted: verdict.restricted,
        }
    }
}

/// What is wrong now: the worst first, and of these the newest first. Sites that we merely do not
/// know about are not wrong.
pub(super) fn wrong(picture: &Picture) -> Vec<Row> {
    let mut bad: Vec<&Look> =
        picture.looks.iter().filter(|look| look.status().is_outage()).collect();
    bad.sort_by_key(|look| (badness(look.status()), Reverse(look.verdict().since)));
    bad.into_iter().map(Row::of).collect()
}

/// The sites that a filter wants, the worst first.
pub(super) fn found(picture: &Picture, filter: &Filter) -> Vec<Row> {
    let mut found: Vec<&Look> = picture.looks.iter().filter(|look| filter.fits(look)).collect();
    found.sort_by_key(|look| badness(look.status()));
    found.into_iter().map(Row::of).collect()
}

/// All sites by their first tag, the large groups first, sites without a tag last.
pub(super) fn groups(picture: &Picture) -> Vec<Group> {
    let mut by_tag: BTreeMap<&str, Vec<&Look>> = BTreeMap::new();
    for look in &picture.looks {
        let tag = look.watched.site.tags.first().map_or("", |tag| &**tag);
        by_tag.entry(tag).or_default().push(look);
    }
    let mut groups: Vec<(&str, Vec<&Look>)> = by_tag.into_iter().collect();
    groups.sort_by_key(|(tag, looks)| (tag.is_empty(), Reverse(looks.len())));
    let alone = groups.len() == 1;
    let group = |(tag, mut looks): (&str, Vec<&Look>)| {
        looks.sort_by_key(|look| look.watched.site.name.to_lowercase());
        let name = match tag {
            "" if alone => "All sites".to_owned(),
            "" => "Others".to_owned(),
            tag => tag.to_owned(),
        };
        Group { name, rows: looks.into_iter().map(Row::of).collect() }
    };
    groups.into_iter().map(group).collect()
}

/// A link for each status.
pub(super) fn status_tabs(picture: &Picture, filter: &Filter) -> Vec<Tab> {
    let all = Tab {
        href: href("", filter.tag.as_deref().unwrap_or_default(), filter),
        word: "all".to_owned(),
        icon: None,
        count: picture.looks.len(),
        current: filter.statuses.is_empty(),
    };
    let each = Status::ALL.into_iter().map(|status| Tab {
        href: href(status.word(), filter.tag.as_deref().unwrap_or_default(), filter),
        word: status.word().to_owned(),
        icon: Some(Icon(status)),
        count: picture.counts.of(status),
        current: filter.statuses == [status],
    });
    std::iter::once(all).chain(each).collect()
}

/// A link for each tag; the current one's link takes it away.
pub(super) fn tag_tabs(picture: &Picture, filter: &Filter) -> Vec<Tab> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for tag in picture.looks.iter().flat_map(|look| &look.watched.site.tags) {
        *counts.entry(tag).or_default() += 1;
    }
    let status = match &*filter.statuses {
        [one] => one.word(),
        _ => "",
    };
    let tab = |(tag, count): (&str, usize)| {
        let current = filter.tag.as_deref() == Some(tag);
        let href = href(status, if current { "" } else { tag }, filter);
        Tab { href, word: tag.to_owned(), icon: None, count, current }
    };
    counts.into_iter().map(tab).collect()
}

fn href(status: &str, tag: &str, filter: &Filter) -> String {
    query([("q", filter.q.as_deref().unwrap_or_default()), ("status", status), ("tag", tag)])
}

/// The address of this page as it was asked for, made anew from what we understood.
pub(super) fn address(params: &Params) -> String {
    query(["q", "status", "tag"].map(|name| (name, params.text(name).unwrap_or_default())))
}

fn query(pairs: [(&str, &str); 3]) -> String {
    let given = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    let query = Serializer::new(String::new()).extend_pairs(given).finish();
    if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
}
