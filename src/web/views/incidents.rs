//! The newest outages for feeds and Statuspage, from the board and from older ones of the record.
//!
//! Pure. The text about an outage depends on the outage and its site, never on the time of the
//! request, so that an answer stays the same until there is something new.

use std::{borrow::Cow, cmp::Reverse, collections::HashMap, sync::Arc};

use crate::{
    board::LiveSite,
    i18n::{Arg, Lang},
    web::cache::record::NewestOutages,
};
use model::{
    moment::Moment,
    name::Region,
    verdict::{Outage, Status},
};

/// An outage with its site.
#[derive(Clone, Debug)]
pub(in crate::web) struct Incident {
    /// The site.
    pub(in crate::web) live: Arc<LiveSite>,
    /// The outage.
    pub(in crate::web) outage: Outage,
}

/// The outages of a site, on the board or in the record of it, newest first, without those that nobody noticed.
pub(in crate::web) fn of_site<'a>(
    live: &'a LiveSite,
    recorded: &'a NewestOutages,
) -> Vec<Cow<'a, Outage>> {
    let rows: Vec<&Outage> = recorded.rows.iter().map(|row| &row.outage).collect();
    let mut all = outages(live, &rows, recorded);
    all.retain(|outage| !outage.is_momentary());
    all
}

fn outages<'a>(
    live: &'a LiveSite,
    rows: &[&'a Outage],
    recorded: &NewestOutages,
) -> Vec<Cow<'a, Outage>> {
    let key = |outage: &Outage| (outage.started_at, outage.status);
    let of_board = |own: &'a Outage| {
        if !recorded.elsewhere || rows.iter().any(|row| key(row) == key(own)) {
            return Some(Cow::Borrowed(own));
        }
        match rows.iter().find(|row| row.may_be(own.status, own.started_at)) {
            Some(row) => {
                let ended_at = own.ended_at.or(row.ended_at);
                Some(Cow::Owned(Outage { ended_at, ..Outage::clone(row) }))
            }
            // The record does not have it yet, or never will.
            None => Some(Cow::Borrowed(own)).filter(|_| !recorded.fresh),
        }
    };
    let mut all: Vec<Cow<'a, Outage>> = live.outages.iter().filter_map(of_board).collect();
    all.extend(rows.iter().map(|row| Cow::Borrowed(*row)));
    // What is on the board is newer: of two with one name the first stays.
    all.sort_by_key(|outage| (Reverse(outage.started_at), outage.status));
    all.dedup_by_key(|outage| key(outage));
    all
}

/// The outages of these sites, in the order of their slugs, on the board or in the record, that
/// `wanted` wants, without those that nobody noticed: the newest change first, `most` at most.
pub(in crate::web) fn newest(
    sites: &[Arc<LiveSite>],
    recorded: &NewestOutages,
    most: usize,
    wanted: impl Fn(&Outage) -> bool,
) -> Vec<Incident> {
    let mut rows: HashMap<&str, Vec<&Outage>> = HashMap::new();
    for row in &*recorded.rows {
        rows.entry(row.slug.as_str()).or_default().push(&row.outage);
    }
    let mut all = Vec::new();
    for live in sites {
        let of_site = rows.get(live.site.slug.as_str()).map_or(&[][..], Vec::as_slice);
        let outages = outages(live, of_site, recorded).into_iter();
        all.extend(
            outages
                .filter(|outage| !outage.is_momentary() && wanted(outage))
                .map(|outage| (live, outage)),
        );
    }
    all.sort_by_key(|(live, outage)| (Reverse(changed_at(outage)), live.site.slug.as_str()));
    all.truncate(most);
    let own = |(live, outage): (&Arc<LiveSite>, Cow<'_, Outage>)| Incident {
        live: live.clone(),
        outage: outage.into_owned(),
    };
    all.into_iter().map(own).collect()
}

/// The moment when there was last something new about an outage: its end, or else its start.
fn changed_at(outage: &Outage) -> Moment {
    outage.ended_at.unwrap_or(outage.started_at)
}

impl Incident {
    /// The moment when there was last something new about it.
    pub(in crate::web) fn changed_at(&self) -> Moment {
        changed_at(&self.outage)
    }

    /// Permanent id: site, start and kind never change.
    pub(in crate::web) fn key(&self) -> String {
        let start = self.outage.started_at.to_utc().strftime("%Y%m%dT%H%M%S%.3fZ");
        format!("{}/{start}/{}", self.live.site.slug, self.outage.status.word())
    }

    /// Title in a few words, without a full stop.
    pub(in crate::web) fn title(&self, lang: Lang) -> String {
        let (name, status) = (&*self.live.site.name, self.outage.status.word());
        plain(&match self.long(lang) {
            None => lang.one(&format!("message-{status}"), "name", name),
            Some(duration) => {
                let was = lang.one(&format!("outage-was-{status}"), "name", name);
                lang.two("outage-ended", ("what", was), ("long", duration))
            }
        })
    }

    /// Time, duration and cause, in sentences.
    pub(in crate::web) fn text(&self, lang: Lang) -> String {
        self.told(lang, &self.outage)
    }

    /// Start and cause, in sentences that stay as they are when it ends.
    pub(in crate::web) fn start_text(&self, lang: Lang) -> String {
        self.told(lang, &Outage { ended_at: None, ..self.outage.clone() })
    }

    fn told(&self, lang: Lang, outage: &Outage) -> String {
        let tense = if outage.ended_at.is_some() { "outage-was" } else { "message" };
        let id = format!("{tense}-{}", outage.status.word());
        let what = lang.one(&id, "name", &*self.live.site.name);
        let mut text = description(lang, &what, outage);
        if let Some(seen) = seen_from(lang, self.live.regions.len(), outage) {
            text.extend([" ", &seen, "."]);
        }
        plain(&text)
    }

    /// Duration; `None` while it is ongoing.
    fn long(&self, lang: Lang) -> Option<String> {
        Some(lang.duration(self.outage.ended_at?.since(self.outage.started_at)))
    }
}

/// The places that saw an outage, of so many; `None` where there is nothing to tell: one place alone, or all there
/// was at a time when it needed no name.
pub(in crate::web) fn seen_from(t: Lang, of: usize, outage: &Outage) -> Option<String> {
    let regions: Vec<&str> = outage.regions.iter().map(Region::as_str).collect();
    let unnamed = *outage.regions == [Region::default()] && outage.status != Status::Partial;
    let tells = of > 1 && !regions.is_empty() && !unnamed;
    tells.then(|| t.one("outage-seen-from", "places", regions.join(", ")))
}

/// An outage in a sentence or two, for those who see nothing else of it: `what` names the site and its state.
pub(in crate::web) fn description(t: Lang, what: &str, outage: &Outage) -> String {
    let clock = |at| t.clock(at, Moment::default());
    let mut args = vec![("what", Arg::from(what)), ("start", clock(outage.started_at).into())];
    if let Some(end) = outage.ended_at {
        let long = t.duration(end.since(outage.started_at));
        args.extend([("end", clock(end).into()), ("long", long.into())]);
    }
    if let Some(cause) = &outage.cause {
        args.push(("why", t.cause(cause).into()));
    }
    let id = match (outage.ended_at, &outage.cause) {
        (Some(_), Some(_)) => "outage-description-why",
        (Some(_), None) => "outage-description",
        (None, Some(_)) => "outage-description-still-why",
        (None, None) => "outage-description-still",
    };
    t.with(id, args)
}

/// Text without characters that XML cannot contain (XML 1.0, 2.2).
pub(in crate::web) fn plain(text: &str) -> String {
    let fits = |c: char| match c {
        '\t' | '\n' | '\r' => true,
        '\u{fffe}' | '\u{ffff}' => false,
        c => !c.is_control(),
    };
    text.chars().map(|c| if fits(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_keeps_its_lines_and_loses_what_xml_cannot_hold() {
        assert_eq!(plain("one\n\ttwo\r\n"), "one\n\ttwo\r\n");
        assert_eq!(plain("a\0b\u{1b}c\u{fffe}"), "a\u{fffd}b\u{fffd}c\u{fffd}");
    }

    #[test]
    fn places_are_told_where_there_are_several_and_the_only_one_of_before_is_not() {
        let now = Moment::default();
        let seen = |of, status, regions: &[&str]| {
            let regions = regions.iter().map(|name| Region::new(name).unwrap()).collect();
            let outage = Outage { status, started_at: now, ended_at: None, cause: None, regions };
            seen_from(Lang::En, of, &outage)
        };
        assert_eq!(seen(1, Status::Down, &["sydney"]), None);
        assert_eq!(seen(2, Status::Down, &["local"]), None);
        let told = Some("Seen from local".to_owned());
        assert_eq!(seen(2, Status::Partial, &["local"]), told);
        let told = Some("Seen from local, sydney".to_owned());
        assert_eq!(seen(2, Status::Down, &["local", "sydney"]), told);
    }
}
