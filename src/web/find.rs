//! Finding sites in what people type: filters, exact names, canonical slugs, near matches.
//!
//! Pure over the board's picture. What people type is at most [`LONGEST`] characters here.

use url::{Host, Url};

use super::look::Look;
use crate::{board::Board, model::verdict::Status};

/// Characters of a search that are looked at.
pub(super) const LONGEST: usize = 200;

/// Which sites are wanted; what is empty filters nothing.
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
    /// Whether a site is wanted.
    pub(super) fn fits(&self, look: &Look) -> bool {
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

    /// Whether it wants every site.
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

/// The slug of the site that this text exactly names: a slug, a domain in any writing, or a URL.
pub(super) fn named(board: &Board, text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > 2048 {
        return None;
    }
    if board.site(text).is_some() {
        return Some(text.to_owned());
    }
    let hosts = hosts(text)?;
    if let Some(slug) = hosts.iter().find(|host| board.site(host).is_some()) {
        return Some(slug.clone());
    }
    let of = |host: &String| {
        let sites = board.sites().into_iter();
        let mut at = sites.filter(|w| w.site.url.host_str() == Some(host));
        at.next().map(|watched| watched.site.slug.to_string())
    };
    hosts.iter().find_map(of)
}

/// The slug of the site whose name for people this text is.
pub(super) fn called(board: &Board, text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let sites = board.sites().into_iter();
    let mut found = sites.filter(|w| w.site.name.to_lowercase() == text);
    found.next().map(|watched| watched.site.slug.to_string())
}

/// The host in a text, without and with `www.`; `None` when there is none.
fn hosts(text: &str) -> Option<[String; 2]> {
    let host = if text.contains("://") {
        Url::parse(text).ok()?.host()?.to_owned()
    } else {
        let name = text.split(['/', '?', '#']).next().unwrap_or_default();
        Host::parse(name.trim_end_matches('.')).ok()?
    };
    let host = host.to_string();
    let host = host.trim_end_matches('.');
    let bare = host.strip_prefix("www.").unwrap_or(host).to_owned();
    let www = format!("www.{bare}");
    Some(if host == bare { [bare, www] } else { [www, bare] })
}

/// Sites that somebody may have meant, nearest first, five at most.
pub(super) fn near<'a>(looks: &'a [Look], text: &str) -> Vec<&'a Look> {
    let text: String = text.chars().take(LONGEST).collect::<String>().to_lowercase();
    let text = text.strip_prefix("www.").unwrap_or(&text);
    let stem = text.split('.').next().unwrap_or_default();
    let mut found: Vec<(usize, &Look)> =
        looks.iter().filter_map(|look| Some((distance(look, text, stem)?, look))).collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().take(5).map(|(_, look)| look).collect()
}

/// How far a site is from a text, if it is near at all.
fn distance(look: &Look, text: &str, stem: &str) -> Option<usize> {
    let site = &look.watched.site;
    let (slug, name) = (site.slug.as_str(), site.name.to_lowercase());
    let bare = slug.strip_prefix("www.").unwrap_or(slug);
    let first = bare.split('.').next().unwrap_or_default();
    let spelt = [(bare, text), (first, stem), (&name, stem)].map(|(a, b)| differing(a, b));
    let nearest = spelt.into_iter().min().unwrap_or(usize::MAX);
    let long = stem.chars().count();
    let inside = long >= 3 && (name.contains(stem) || first.contains(stem));
    match nearest {
        0..=2 if long > nearest + 1 => Some(nearest),
        _ => inside.then_some(3),
    }
}

/// How many letters differ (Levenshtein).
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
