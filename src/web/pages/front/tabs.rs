//! The links that filter the front page, and its own address. Built anew from what we understood,
//! never from what was sent.

use std::collections::BTreeMap;

use url::form_urlencoded::Serializer;

use super::super::bits::Icon;
use crate::{
    model::verdict::Status,
    web::{find::Filter, params::Params, picture::Picture},
};

/// A link that filters.
pub(super) struct Tab {
    pub(super) href: String,
    pub(super) word: String,
    pub(super) icon: Option<Icon>,
    pub(super) count: usize,
    pub(super) current: bool,
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
