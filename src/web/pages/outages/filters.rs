//! Filters of outages, from the address, and addresses with other filters.

use jiff::{
    civil::{self, Date},
    tz::Offset,
};
use url::form_urlencoded::Serializer;

use crate::{
    store::{LONG_OUTAGE, OutagesWanted},
    web::{Shared, api::cursor, extractors::params::Params, search},
};
use model::{moment::Moment, name::Slug, verdict::Status};

/// Place of an outage among all, newest first: its start, its site, and its severity.
pub(super) type OutageCursor = (Moment, Slug, Status);

/// Page of the outages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum PageTurn {
    /// The newest.
    Newest,
    /// Those after this place: older ones.
    After(OutageCursor),
    /// Those before this place: newer ones.
    Before(OutageCursor),
}

/// A stretch of days, in UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OutagePeriod {
    /// One day: what began in it or lasted into it.
    Day(Date),
    /// One month: what began in it.
    Month(Date),
}

impl OutagePeriod {
    fn read(params: &Params) -> Option<Self> {
        let day =
            |text: &str| Date::strptime("%Y-%m-%d", text).ok().filter(|day| is_of_our_time(*day));
        if let Some(day) = params.text("day").and_then(day) {
            return Some(Self::Day(day));
        }
        let month = params.text("month")?;
        day(&format!("{month}-01")).filter(|_| month.len() == 7).map(Self::Month)
    }

    /// Its first moment, and that of the next one.
    pub(super) fn bounds(&self) -> Option<(Moment, Moment)> {
        let (first, next) = match self {
            Self::Day(day) => (*day, day.tomorrow().ok()?),
            Self::Month(first) => (*first, first.last_of_month().tomorrow().ok()?),
        };
        Some((midnight(first)?, midnight(next)?))
    }
}

/// The web did not exist before.
fn is_of_our_time(day: Date) -> bool {
    day.year() >= 1991
}

fn midnight(day: Date) -> Option<Moment> {
    Some(Offset::UTC.to_timestamp(day.to_datetime(civil::Time::midnight())).ok()?.into())
}

/// The month of a moment, as an address has it.
pub(in crate::web::pages) fn month_of(at: Moment) -> String {
    at.to_utc().strftime("%Y-%m").to_string()
}

/// The statuses that outages have, the worst first.
pub(super) const STATUSES: [Status; 3] = [Status::Down, Status::Partial, Status::Slow];

/// Filters and page of outages.
#[derive(Debug)]
pub(super) struct OutageFilters {
    /// Text typed for the site.
    pub(super) site: String,
    /// The site that this names, if it names one.
    pub(super) slug: Option<Slug>,
    /// Its name for people, if it is watched.
    pub(super) name: Option<String>,
    /// The slug of a provider, or nothing.
    pub(super) provider: String,
    /// With this status alone.
    pub(super) status: Option<Status>,
    /// Of this day or month.
    pub(super) span: Option<OutagePeriod>,
    /// The stretch.
    pub(super) turn: PageTurn,
}

impl OutageFilters {
    /// Reads the parameters; invalid ones are ignored.
    pub(super) fn read(shared: &Shared, params: &Params) -> Self {
        let text = |name: &str| -> String {
            let typed = params.text(name).unwrap_or_default().chars();
            typed.filter(|c| !c.is_control()).take(search::MAX_SEARCH).collect()
        };
        let (board, site) = (&shared.web.board, text("site"));
        let live = search::named(board, &site).and_then(|slug| board.site(&slug));
        let known = live.as_ref().map(|live| live.site.slug.clone());
        // A cursor is longer than what people type.
        let place = |name| cursor::read_outage(params.text(name)?).ok();
        let turn =
            place("after").map(PageTurn::After).or_else(|| place("before").map(PageTurn::Before));
        let status = params.text("status").and_then(|word| word.parse().ok());
        Self {
            // A site that is watched no longer has its outages still.
            slug: known.or_else(|| Slug::new(&site.trim().to_lowercase()).ok()),
            name: live.map(|live| live.site.name.to_string()),
            site,
            provider: text("provider"),
            status: status.filter(|status: &Status| status.is_outage()),
            span: OutagePeriod::read(params),
            turn: turn.unwrap_or(PageTurn::Newest),
        }
    }

    /// The filters as a request to the record, with at most `limit` outages: without what nobody noticed, unless
    /// outages of one status are wanted.
    pub(super) fn wanted(&self, limit: u32) -> OutagesWanted {
        let bounds = self.span.as_ref().and_then(OutagePeriod::bounds);
        let day = matches!(self.span, Some(OutagePeriod::Day(_)));
        let whole_site = !self.site.is_empty();
        let from = bounds.map(|(from, _)| if day { from - LONG_OUTAGE } else { from });
        OutagesWanted {
            site: self.slug.clone().filter(|_| whole_site),
            provider: (!self.provider.is_empty()).then(|| self.provider.as_str().into()),
            status: self.status,
            from: from.filter(|_| !(day && whole_site)),
            until: bounds.map(|(_, until)| until),
            lasting_at: bounds.map(|(from, _)| from).filter(|_| day),
            noticeable: self.status.is_none(),
            ..OutagesWanted::newest(limit)
        }
    }

    /// The same for what began before all that those filters reach and lasts into their day: few among many.
    pub(super) fn wanted_before(&self, limit: u32) -> Option<OutagesWanted> {
        let wanted = self.wanted(limit);
        let until = Some(wanted.from.filter(|_| wanted.lasting_at.is_some())?);
        Some(OutagesWanted { long: true, from: None, until, ..wanted })
    }

    /// The address of the same filters with another page.
    pub(super) fn address(&self, turn: &PageTurn) -> String {
        let of = |(at, slug, status): &OutageCursor| cursor::write_outage(*at, slug, *status);
        let place = match turn {
            PageTurn::Newest => None,
            PageTurn::After(place) => Some(("after", of(place))),
            PageTurn::Before(place) => Some(("before", of(place))),
        };
        address(self.pairs().into_iter().chain(place))
    }

    /// The address of the same, save that this parameter has this value, from the newest.
    pub(super) fn but(&self, name: &'static str, value: &str) -> String {
        // One day or one month.
        let span = matches!(name, "day" | "month");
        let gone = |other: &str| other == name || (span && matches!(other, "day" | "month"));
        let kept = self.pairs().into_iter().filter(|(other, _)| !gone(other));
        address(kept.chain([(name, value.to_owned())]))
    }

    fn pairs(&self) -> Vec<(&'static str, String)> {
        let status = self.status.map(Status::word).unwrap_or_default();
        let mut pairs = vec![
            ("site", self.site.clone()),
            ("provider", self.provider.clone()),
            ("status", status.to_owned()),
        ];
        match &self.span {
            Some(OutagePeriod::Day(day)) => pairs.push(("day", day.to_string())),
            Some(OutagePeriod::Month(first)) => {
                pairs.push(("month", first.strftime("%Y-%m").to_string()));
            }
            None => {}
        }
        pairs
    }

    /// The day that is wanted, as a form writes it, or nothing.
    pub(super) fn day(&self) -> String {
        match &self.span {
            Some(OutagePeriod::Day(day)) => day.to_string(),
            _ => String::new(),
        }
    }

    /// Returns whether nothing can fit: what was typed is no site.
    pub(super) fn is_nonsense(&self) -> bool {
        !self.site.is_empty() && self.slug.is_none()
    }

    /// Its own address.
    pub(super) fn own_address(&self) -> String {
        self.address(&self.turn)
    }
}

/// The address with these filters.
fn address(pairs: impl IntoIterator<Item = (&'static str, String)>) -> String {
    let mut query = Serializer::new(String::new());
    query.extend_pairs(pairs.into_iter().filter(|(_, value)| !value.is_empty()));
    let query = query.finish();
    if query.is_empty() { "/outages".to_owned() } else { format!("/outages?{query}") }
}
