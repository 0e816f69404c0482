//! Filters of the front page, and addresses with them. Addresses are made from the parsed filters,
//! never from the raw input.

use url::form_urlencoded::Serializer;

use crate::web::{
    extractors::{locale::Locale, params::Params},
    pages::report::of_tag_href,
    search::{self, Filter},
};
use model::verdict::Status;

/// In which order sites are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Sort {
    /// In groups, by their first tag.
    #[default]
    Tag,
    /// The worst first.
    Status,
    /// By name.
    Name,
    /// The slowest first.
    Latency,
    /// The lowest uptime first.
    Uptime,
}

impl Sort {
    pub(super) const ALL: [Self; 5] =
        [Self::Tag, Self::Status, Self::Name, Self::Latency, Self::Uptime];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Status => "status",
            Self::Name => "name",
            Self::Latency => "latency",
            Self::Uptime => "uptime",
        }
    }
}

/// Filters, order and page.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    pub(super) q: String,
    pub(super) statuses: Vec<Status>,
    pub(super) tag: String,
    /// Order as requested; without it, a search shows the worst first and everything else is
    /// grouped by tag.
    pub(super) sort: Option<Sort>,
    /// From 1.
    pub(super) page: usize,
}

impl Wish {
    /// Reads the parameters; invalid ones are ignored.
    pub(super) fn read(params: &Params, q: &str) -> Self {
        let text = |name| params.text(name).unwrap_or_default();
        let sort = Sort::ALL.into_iter().find(|sort| sort.word() == text("sort"));
        Self {
            q: q.trim().to_owned(),
            statuses: search::read_status(text("status")).unwrap_or_default(),
            tag: text("tag").chars().take(search::MAX_SEARCH).collect(),
            sort,
            page: text("page").parse().unwrap_or(1).clamp(1, 100_000),
        }
    }

    /// Filter for the sites.
    pub(super) fn filter(&self) -> Filter {
        let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Filter {
            statuses: self.statuses.clone(),
            tag: given(&self.tag),
            provider: None,
            q: given(&self.q),
        }
    }

    /// Returns whether not all sites are wanted.
    pub(super) fn filters(&self) -> bool {
        !self.filter().is_empty()
    }

    /// Returns whether all that is wished for is what was searched for.
    pub(super) fn only_searches(&self) -> bool {
        !self.q.is_empty() && self.statuses.is_empty() && self.tag.is_empty()
    }

    /// Address of the report on the month, if all that is wished for is the sites of a tag.
    pub(super) fn report(&self, locale: &Locale, sites: usize) -> Option<String> {
        let tag = Some(&*self.tag).filter(|tag| !tag.is_empty())?;
        let only = self.q.is_empty() && self.statuses.is_empty();
        only.then(|| of_tag_href(locale, tag, sites)).flatten()
    }

    /// Returns whether it is the page as one arrives.
    pub(super) fn is_plain(&self) -> bool {
        !self.filters() && self.sort.is_none() && self.page == 1
    }

    /// The order that is wanted.
    pub(super) fn order(&self) -> Sort {
        self.sort.unwrap_or(if self.filters() { Sort::Status } else { Sort::Tag })
    }

    /// The address of this wish.
    pub(super) fn address(&self) -> String {
        let mut query = Serializer::new(String::new());
        for (name, value) in self.pairs() {
            query.append_pair(name, &value);
        }
        let query = query.finish();
        if query.is_empty() { "/".to_owned() } else { format!("/?{query}") }
    }

    /// Parameters that a form for the order keeps.
    pub(super) fn kept(&self, locale: &Locale) -> Vec<(&'static str, String)> {
        let filters = self.pairs().into_iter().filter(|(n, _)| !matches!(*n, "sort" | "page"));
        filters.chain(locale.chosen().map(|lang| ("lang", lang.to_owned()))).collect()
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let statuses: Vec<&str> = self.statuses.iter().map(|status| status.word()).collect();
        let page = if self.page > 1 { self.page.to_string() } else { String::new() };
        let mut pairs = vec![
            ("q", self.q.clone()),
            ("status", statuses.join(",")),
            ("tag", self.tag.clone()),
            ("sort", self.sort.map(|sort| sort.word().to_owned()).unwrap_or_default()),
            ("page", page),
        ];
        pairs.retain(|(_, value)| !value.is_empty());
        pairs
    }
}
