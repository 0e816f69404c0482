//! Finding sites by typed text: filters, exact names, canonical slugs, near matches.
//!
//! Pure over the board's state. Typed text is at most [`MAX_SEARCH`] characters here.

use super::views::site::SiteView;
use crate::board::Board;
use model::{site_lookup, verdict::Status};

/// Characters of a search that are read.
pub(super) const MAX_SEARCH: usize = 200;

/// Bytes of a letter at most.
const LETTER_COST: usize = 4;

/// Filter for sites; an empty field filters nothing.
#[derive(Debug, Default)]
pub(super) struct Filter {
    /// Any of these.
    pub(super) statuses: Vec<Status>,
    /// With this tag.
    pub(super) tag: Option<String>,
    /// At this provider.
    pub(super) provider: Option<String>,
    /// With this text in name, slug or address.
    pub(super) q: Option<String>,
}

impl Filter {
    /// Returns whether a site is wanted.
    pub(super) fn fits(&self, look: &SiteView) -> bool {
        let site = &look.watched.site;
        let holds = |q: &str| {
            let q = q.trim().to_lowercase();
            site.name.to_lowercase().contains(&q)
                || site.url.as_str().contains(&q)
                || site.slug.as_str().contains(&q)
        };
        (self.statuses.is_empty() || self.statuses.contains(&look.status()))
            && self.tag.as_deref().is_none_or(|tag| site.tags.iter().any(|t| **t == *tag))
            && self.provider.as_deref().is_none_or(|p| look.watched.provider() == Some(p))
            && self.q.as_deref().is_none_or(holds)
    }

    /// Returns whether it wants every site.
    pub(super) fn is_empty(&self) -> bool {
        self.statuses.is_empty()
            && self.tag.is_none()
            && self.provider.is_none()
            && self.q.is_none()
    }
}

/// Reads one status, or several with commas between them.
pub(super) fn read_status(text: &str) -> Result<Vec<Status>, String> {
    let read: Result<_, ()> = text.split(',').map(|word| word.trim().parse()).collect();
    read.map_err(|()| {
        "must be up, slow, partial, down or unknown, or several of them with commas \
         between"
            .to_owned()
    })
}

/// The slug of the site that a text names: a slug, an address in any writing, or its name for
/// people.
pub(super) fn named(board: &Board, text: &str) -> Option<String> {
    if board.site(text).is_some() {
        return Some(text.to_owned());
    }
    let watched = board.sites();
    let sites = || watched.iter().map(|watched| &*watched.site);
    let site = site_lookup::named(sites(), text).or_else(|| site_lookup::called(sites(), text));
    site.map(|site| site.slug.to_string())
}

/// Sites that may be meant, nearest first, five at most.
pub(super) fn near<'a>(looks: &'a [SiteView], text: &str) -> Vec<&'a SiteView> {
    let text: String = text.chars().take(MAX_SEARCH).collect::<String>().to_lowercase();
    let text = text.strip_prefix("www.").unwrap_or(&text);
    let stem = text.split('.').next().unwrap_or_default();
    let mut found: Vec<(usize, &SiteView)> =
        looks.iter().filter_map(|look| Some((distance(look, text, stem)?, look))).collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().take(5).map(|(_, look)| look).collect()
}

/// Distance of a site from a text, if it is near at all.
fn distance(look: &SiteView, text: &str, stem: &str) -> Option<usize> {
    let site = &look.watched.site;
    let (slug, name) = (site.slug.as_str(), site.name.to_lowercase());
    let bare = slug.strip_prefix("www.").unwrap_or(slug);
    let first = bare.split('.').next().unwrap_or_default();
    let spelt = [(bare, text), (first, stem), (&name, stem)];
    // A text that differs by more letters than that is not near: most are ruled out by their length
    // alone.
    let alike = spelt.into_iter().filter(|(a, b)| a.len().abs_diff(b.len()) <= 2 * LETTER_COST);
    let nearest = alike.map(|(a, b)| differing(a, b)).min().unwrap_or(usize::MAX);
    let long = stem.chars().count();
    let inside = long >= 3 && (name.contains(stem) || first.contains(stem));
    match nearest {
        0..=2 if long > nearest + 1 => Some(nearest),
        _ => inside.then_some(3),
    }
}

/// Number of letters that differ (Levenshtein).
fn differing(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}
