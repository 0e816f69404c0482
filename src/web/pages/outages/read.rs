//! Which outages are wanted, and reading a page of them: with patience that ends, so that memory
//! answers while the record cannot.

use std::{cmp::Reverse, time::Duration};

use url::form_urlencoded::Serializer;

use crate::{
    model::{name::Slug, verdict::Outage},
    store::{OutageRow, Store},
    web::{Shared, find, params::Params},
};

/// Outages on a page.
const ROWS: usize = 100;
/// Pages that can be turned to: further back, the API reads on.
const PAGES: usize = 20;
/// How long a visitor waits for the record.
const PATIENCE: Duration = Duration::from_millis(1_200);

/// Which outages are wanted.
#[derive(Debug)]
pub(super) struct Wanted {
    /// What was typed for the site.
    pub(super) site: String,
    /// The site that this names, if it names one.
    slug: Option<Slug>,
    /// Its name for people.
    pub(super) name: Option<String>,
    /// The slug of a provider, or nothing.
    pub(super) provider: String,
    /// From 1.
    pub(super) page: usize,
}

impl Wanted {
    /// What was asked for; what is not understood is not wanted.
    pub(super) fn read(shared: &Shared, params: &Params) -> Self {
        let text = |name: &str| -> String {
            params.text(name).unwrap_or_default().chars().take(find::LONGEST).collect()
        };
        let (board, site) = (&shared.web.board, text("site"));
        let slug = find::named(board, &site);
        let watched = slug.and_then(|slug| board.site(&slug));
        Self {
            site,
            slug: watched.as_ref().map(|watched| watched.site.slug.clone()),
            name: watched.map(|watched| watched.site.name.to_string()),
            provider: text("provider"),
            page: text("page").parse().unwrap_or(1).clamp(1, PAGES),
        }
    }

    /// The address of one of its pages.
    pub(super) fn address(&self, page: usize) -> String {
        let mut query = Serializer::new(String::new());
        let page = if page > 1 { page.to_string() } else { String::new() };
        let pairs = [("site", &self.site), ("provider", &self.provider), ("page", &page)];
        query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
        let query = query.finish();
        if query.is_empty() { "/outages".to_owned() } else { format!("/outages?{query}") }
    }

    fn fits(&self, row: &Row) -> bool {
        self.slug.as_ref().is_none_or(|slug| *slug == row.slug)
            && (self.provider.is_empty() || row.provider.as_deref() == Some(&*self.provider))
            && (self.slug.is_some() || self.site.is_empty())
    }
}

/// One outage of a site.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) slug: Slug,
    pub(super) provider: Option<Box<str>>,
    pub(super) outage: Outage,
}

impl From<OutageRow> for Row {
    fn from(row: OutageRow) -> Self {
        Self { slug: row.slug, provider: row.provider, outage: row.outage }
    }
}

/// A page of outages, newest first.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) rows: Vec<Row>,
    /// Whether there is a page after this one.
    pub(super) more: bool,
    /// Whether the record told it.
    pub(super) fresh: bool,
}

/// Reads the wanted page.
pub(super) async fn read(shared: &Shared, wanted: &Wanted) -> Found {
    let recorded = recorded(shared, wanted).await;
    let fresh = recorded.is_some();
    let rows = recorded.unwrap_or_else(|| remembered(shared));
    let mut rows: Vec<Row> = rows.into_iter().filter(|row| wanted.fits(row)).collect();
    let from = ((wanted.page - 1) * ROWS).min(rows.len());
    rows.drain(..from);
    let more = rows.len() > ROWS && wanted.page < PAGES;
    rows.truncate(ROWS);
    Found { rows, more, fresh }
}

/// What the record says; `None` when it cannot be asked, or not soon enough.
async fn recorded(shared: &Shared, wanted: &Wanted) -> Option<Vec<Row>> {
    // With a provider, others lie between: then the newest of all are read.
    let pages = if wanted.provider.is_empty() { wanted.page } else { PAGES };
    let limit = (pages * ROWS + 1) as u32;
    let ask = async |store: Store| match &wanted.slug {
        Some(slug) => store.outages(slug, limit).await,
        None => store.all_outages(None, limit).await,
    };
    let rows = shared.ask(PATIENCE, ask).await?;
    Some(rows.into_iter().map(Row::from).collect())
}

/// What the board has.
fn remembered(shared: &Shared) -> Vec<Row> {
    let mut rows = Vec::new();
    for watched in shared.web.board.sites() {
        let site = &watched.site;
        rows.extend(watched.outages.iter().map(|outage| Row {
            slug: site.slug.clone(),
            provider: site.provider.clone(),
            outage: outage.clone(),
        }));
    }
    rows.sort_by_key(|row| Reverse(row.outage.started_at));
    rows
}
