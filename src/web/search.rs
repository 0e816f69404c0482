//! Finding sites in what people type: filters, exact names, questions, canonical slugs, near matches.
//!
//! Pure over the board's state. Typed text is at most [`MAX_SEARCH`] characters here.

use axum::{
    Json,
    extract::State,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{
    cache_control::CacheControl,
    extractors::params::Params,
    views::{overview::Overview, site::SiteView},
};
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
    pub(super) fn fits(&self, view: &SiteView) -> bool {
        let site = &view.live.site;
        let holds = |q: &str| rank(view, q) < UNRANKED;
        (self.statuses.is_empty() || self.statuses.contains(&view.status()))
            && self.tag.as_deref().is_none_or(|tag| site.tags.iter().any(|t| **t == *tag))
            && self.provider.as_deref().is_none_or(|p| view.live.provider() == Some(p))
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
    let all = board.sites();
    let sites = || all.iter().map(|live| &*live.site);
    let site = site_lookup::named(sites(), text).or_else(|| site_lookup::called(sites(), text));
    site.map(|site| site.slug.to_string())
}

/// Words that people put around the name of a site in a question, in both languages.
const AROUND: &str = " a anders any anyone are at back bereikbaar bereiken bij broken by can \
    can't cannot cant crashed currently dat de dead deze die dit do does doesn't doesnt doet down \
    een er error errors eruit everyone for fout from gaat geeft gestoord go going had hapert has \
    have heb hebben heeft het how i iemand ik in inloggen is isn't isnt issue issues it just \
    kapot liggen ligt load loading log login lukt me met mij mis moment my nederland niet not now \
    nu of offline on onbereikbaar online ook op or out outage outages plat probleem problem \
    problemen problems right server servers site site's slow status still storing storingen stuk \
    that the there this to today toegang traag uit up van vandaag waarom website weer welke werken \
    werkt what why with work working works wrong ";

/// The name in a question such as `is slack down?`; a text that is none stays as it is.
pub(super) fn asked(text: &str) -> String {
    let text = text.trim();
    let bare = text.trim_end_matches(['?', '!', '.', ' ']);
    if !bare.contains(char::is_whitespace) {
        return bare.to_owned();
    }
    let words = bare.split(|c: char| c.is_whitespace() || matches!(c, '?' | '!' | ','));
    let around = |word: &str| AROUND.contains(&format!(" {} ", word.to_lowercase()));
    let names: Vec<&str> = words.filter(|word| !word.is_empty() && !around(word)).collect();
    if names.is_empty() { bare.to_owned() } else { names.join(" ") }
}

/// A rank of a site that does not have the text at all.
const UNRANKED: u8 = 5;

/// Rank of a text's fit to a site, the best least: its name is one word that begins with it, its name begins
/// with it (however that is spaced), a word of its name does, its short name does, or it is somewhere in name
/// or address.
pub(super) fn rank(view: &SiteView, text: &str) -> u8 {
    let (site, text) = (&view.live.site, folded(text.trim()));
    let name = folded(&site.name);
    let begins = |part: &str| part.starts_with(&text);
    let bare = site.slug.as_str().trim_start_matches("www.");
    // `chat gpt` is ChatGPT; a dot is of an address, and is heeded.
    let letters = letters(&text);
    let spaced = letters.len() > 1 && !text.contains('.');
    match () {
        () if begins(&name) && !name.contains(' ') => 0,
        () if begins(&name) || (spaced && self::letters(&name).starts_with(&letters)) => 1,
        () if name.split(|c: char| !c.is_alphanumeric()).any(begins) => 2,
        () if begins(bare) => 3,
        () if name.contains(&text) || site.url.as_str().contains(&text) || bare.contains(&text) => {
            4
        }
        () => UNRANKED,
    }
}

/// Letters and digits of a name in lower case, in which a plus is a word.
/// A text in small letters without accents, as it is compared: `cafe` finds Café.
fn folded(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect()
}

fn letters(name: &str) -> String {
    name.replace('+', "plus").chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The rank below which a site fits what was searched for: an address has to begin like the site's own.
pub(super) fn most(is_address: bool) -> u8 {
    if is_address { UNRANKED - 1 } else { UNRANKED }
}

/// A site that may be meant while somebody types.
#[derive(Debug, Serialize)]
pub(super) struct Suggestion {
    slug: String,
    name: String,
    status: Status,
}

/// Sites that may be meant while somebody types.
const MAX_SUGGESTIONS: usize = 7;

/// `GET /suggest?q=`: for the field in the header of every page.
pub(super) async fn suggest(State(shared): super::AppState, params: Params) -> Response {
    let q: String = params.text("q").unwrap_or_default().chars().take(MAX_SEARCH).collect();
    let (q, overview) = (asked(&q), Overview::now(&shared));
    let mut found: Vec<(u8, usize, &SiteView)> = overview
        .views
        .iter()
        .map(|view| (rank(view, &q), view.live.place, view))
        .filter(|(rank, ..)| *rank < UNRANKED && !q.is_empty())
        .collect();
    found.sort_by_key(|(rank, place, _)| (*rank, *place));
    let mut views: Vec<&SiteView> = found.into_iter().map(|(.., view)| view).collect();
    if views.is_empty() {
        views = similar(&overview.views, &q);
    }
    let one = |view: &&SiteView| Suggestion {
        slug: view.live.site.slug.to_string(),
        name: view.live.site.name.to_string(),
        status: view.status(),
    };
    let all: Vec<Suggestion> = views.iter().take(MAX_SUGGESTIONS).map(one).collect();
    (CacheControl::ITS_SECOND, Json(all)).into_response()
}

/// Words of a text that are searched one by one.
const WORDS: usize = 8;

/// Sites that somebody may have meant, nearest first, five at most: by the whole text, or else by a word of it.
pub(super) fn similar<'a>(views: &'a [SiteView], text: &str) -> Vec<&'a SiteView> {
    let words = text.split_whitespace().filter(|word| word.chars().count() > 2).take(WORDS);
    let mut found = [text].into_iter().chain(words).map(|text| similar_to_one(views, text));
    found.find(|found| !found.is_empty()).unwrap_or_default()
}

fn similar_to_one<'a>(views: &'a [SiteView], text: &str) -> Vec<&'a SiteView> {
    let text: String = text.chars().take(MAX_SEARCH).collect();
    let text = folded(&text);
    let text = text.strip_prefix("www.").unwrap_or(&text);
    let stem = text.split('.').next().unwrap_or_default();
    let mut found: Vec<(usize, &SiteView)> =
        views.iter().filter_map(|view| Some((distance(view, text, stem)?, view))).collect();
    found.sort_by_key(|(distance, _)| *distance);
    found.into_iter().take(5).map(|(_, view)| view).collect()
}

/// The site whose name is a word of this text, when that is one site alone: `kpn internet`.
pub(super) fn named_within(board: &Board, text: &str) -> Option<String> {
    let sites = board.sites();
    let words = text.split_whitespace().filter(|word| word.chars().count() > 1).take(WORDS);
    let called = |word| site_lookup::called(sites.iter().map(|live| &*live.site), word);
    let mut found: Vec<_> = words.filter_map(called).map(|site| &site.slug).collect();
    found.dedup();
    match found[..] {
        [only] => Some(only.to_string()),
        _ => None,
    }
}

/// Distance of a site from a text, if it is near at all.
fn distance(view: &SiteView, text: &str, stem: &str) -> Option<usize> {
    let site = &view.live.site;
    let (slug, name) = (site.slug.as_str(), folded(&site.name));
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

/// Number of slips that make one text of the other: a letter too many, too few or another, or two swapped.
fn differing(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    let (mut above, mut previous) = (row.clone(), None);
    for (i, x) in a.chars().enumerate() {
        let mut new = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let change = row[j] + usize::from(x != *y);
            let mut least = change.min(row[j + 1] + 1).min(new[j] + 1);
            if j > 0 && previous == Some(*y) && b[j - 1] == x {
                least = least.min(above[j - 1] + 1);
            }
            new.push(least);
        }
        (above, row, previous) = (row, new, Some(x));
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_compared_without_accents_and_cases() {
        for (one, other) in [
            ("Café Nederland", "cafe nederland"),
            ("ÉLÉPHANT", "elephant"),
            ("Škoda", "SKODA"),
            ("cafe\u{301}", "café"),
            ("東京", "東京"),
        ] {
            assert_eq!(folded(one), folded(other));
        }
        assert_ne!(folded("東京"), folded("京東"));
    }

    #[test]
    fn the_name_in_a_question_is_found() {
        for (text, want) in [
            ("is slack down", "slack"),
            ("Is Slack down right now?", "Slack"),
            ("slack werkt niet", "slack"),
            ("ligt ING eruit?", "ING"),
            ("storing bij KPN", "KPN"),
            ("waarom doet DigiD het niet", "DigiD"),
            ("instagram down", "instagram"),
            ("google drive not working today", "google drive"),
            ("is slack.com down?", "slack.com"),
            ("slack?", "slack"),
            ("werkt whatsapp?", "whatsapp"),
            ("is er een storing bij ING", "ING"),
            ("ziggo storing vandaag", "ziggo"),
            ("why can't I log in to github", "github"),
            ("https://slack.com/x?y=1", "https://slack.com/x?y=1"),
            // What is nothing but such words is what it is.
            ("is it down", "is it down"),
            ("down", "down"),
            ("", ""),
        ] {
            assert_eq!(asked(text), want, "{text}");
        }
    }

    #[test]
    fn two_swapped_letters_are_one_slip() {
        for (a, b, want) in [
            ("slack", "slack", 0),
            ("slakc", "slack", 1),
            ("netlfix", "netflix", 1),
            ("faecbok", "facebook", 2),
            ("", "ab", 2),
            ("ab", "", 2),
            ("ca", "abc", 3),
        ] {
            assert_eq!(differing(a, b), want, "{a} {b}");
        }
    }
}
