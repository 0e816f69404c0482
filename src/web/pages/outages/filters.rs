//! Which outages are wanted, as the address says, and the addresses of others.

use jiff::{civil::Date, tz::Offset};
use url::form_urlencoded::Serializer;

use crate::web::{Shared, api::cursor, extractors::params::Params, search};
use model::{moment::Moment, name::Slug, verdict::Status};

/// Where an outage stands among all, newest first: its start, its site, and how bad it is.
pub(super) type OutageCursor = (Moment, Slug, Status);

/// Which stretch of the outages is wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageTurn {
    /// The newest.
    Newest,
    /// Those that follow on this place: older ones.
    After(OutageCursor),
    /// Those that lead up to this place: newer ones.
    Before(OutageCursor),
}

/// Which outages are wanted.
#[derive(Debug)]
pub(super) struct OutageFilters {
    /// What was typed for the site.
    pub(super) site: String,
    /// The site that this names, if it names one.
    pub(super) slug: Option<Slug>,
    /// Its name for people.
    pub(super) name: Option<String>,
    /// The slug of a provider, or nothing.
    pub(super) provider: String,
    /// The last day that is wanted, as a form writes it, or nothing.
    pub(super) day: String,
    /// The stretch.
    pub(super) turn: PageTurn,
}

impl OutageFilters {
    /// What was asked for; what is not understood is not wanted.
    pub(super) fn read(shared: &Shared, params: &Params) -> Self {
        let text = |name: &str| -> String {
            let typed = params.text(name).unwrap_or_default().chars();
            typed.filter(|c| !c.is_control()).take(search::LONGEST).collect()
        };
        let (board, site) = (&shared.web.board, text("site"));
        let watched = search::named(board, &site).and_then(|slug| board.site(&slug));
        let known = watched.as_ref().map(|watched| watched.site.slug.clone());
        let day = text("day");
        let end = end_of(&day);
        // A cursor is longer than what people type.
        let place = |name| cursor::read_outage(params.text(name)?).ok();
        let turn =
            place("after").map(PageTurn::After).or_else(|| place("before").map(PageTurn::Before));
        Self {
            // A site that is watched no longer has its outages still.
            slug: known.or_else(|| Slug::new(&site.trim().to_lowercase()).ok()),
            name: watched.map(|watched| watched.site.name.to_string()),
            site,
            provider: text("provider"),
            turn: turn.or_else(|| end.clone().map(PageTurn::After)).unwrap_or(PageTurn::Newest),
            day: if end.is_some() { day } else { String::new() },
        }
    }

    /// The address of the same with another turn; a turn needs no day.
    pub(super) fn address(&self, turn: &PageTurn) -> String {
        let of = |(at, slug, status): &OutageCursor| cursor::write_outage(*at, slug, *status);
        let (after, before) = match turn {
            PageTurn::Newest => (String::new(), String::new()),
            PageTurn::After(place) => (of(place), String::new()),
            PageTurn::Before(place) => (String::new(), of(place)),
        };
        address([
            ("site", &self.site),
            ("provider", &self.provider),
            ("after", &after),
            ("before", &before),
        ])
    }

    /// The last day that is wanted.
    pub(super) fn last_day(&self) -> Option<Moment> {
        end_of(&self.day).map(|(last, ..)| last)
    }

    /// Returns whether nothing can fit: what was typed is no site.
    pub(super) fn is_nonsense(&self) -> bool {
        !self.site.is_empty() && self.slug.is_none()
    }

    /// Its own address.
    pub(super) fn own_address(&self) -> String {
        if self.day.is_empty() {
            return self.address(&self.turn);
        }
        address([("site", &self.site), ("provider", &self.provider), ("day", &self.day)])
    }
}

/// The address with these filters.
pub(super) fn address<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a String)>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() { "/outages".to_owned() } else { format!("/outages?{query}") }
}

/// The place before all that began on this day of UTC.
fn end_of(day: &str) -> Option<OutageCursor> {
    let next = Date::strptime("%Y-%m-%d", day).ok()?.tomorrow().ok()?;
    let midnight = Offset::UTC.to_timestamp(next.at(0, 0, 0, 0)).ok()?;
    let last = Moment::from_millis(Moment::from(midnight).millis() - 1);
    // No slug comes before this one.
    Some((last, Slug::new("0").ok()?, Status::Down))
}
