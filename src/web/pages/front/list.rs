//! The lists of the front page: what is wrong, what was searched for, all sites by tag.

use std::{cmp::Reverse, collections::BTreeMap};

use super::super::bits::{Icon, Stamp};
use crate::{
    model::{sentence::latency_words, verdict::Status},
    web::{
        find::Filter,
        look::Look,
        pages::site::path,
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
