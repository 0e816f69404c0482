//! The last check of a site, and what it shows beside those of others.

use super::symptom::{Answerer, SharedSymptom};
use crate::{check::Check, judge::network_health::route::Route, moment::Moment};

/// News of a check of a site, as the judge knows it.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and all may be true")]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckNews {
    /// The site was not known to be down.
    pub failing: bool,
    /// It was not known to turn robots away.
    pub turned_away: bool,
    /// The answer came several times later than usual.
    pub slow: bool,
    /// It was not known to be slow.
    pub slowing: bool,
    /// It was known to be slow.
    pub was_slow: bool,
    /// Its prober could not keep up: its pace says nothing of our line.
    pub distorted: bool,
    /// The answerer, where it is not the one before; 0 where it is.
    pub answerer: Answerer,
}

impl From<bool> for CheckNews {
    fn from(failing: bool) -> Self {
        Self { failing, ..Self::default() }
    }
}

/// The last check of a site.
#[derive(Clone, Copy, Debug)]
pub(super) struct LastCheck {
    pub(super) route: Route,
    pub(super) at: Moment,
    /// Since when it has shown what it shows.
    pub(super) onset: Moment,
    pub(super) failed: bool,
    pub(super) symptom: Option<SharedSymptom>,
    /// Number of the turn in which the site came in.
    pub(super) turn: u64,
    /// True if the symptom is new.
    pub(super) news: bool,
    pub(super) answerer: Answerer,
}

impl LastCheck {
    pub(super) fn of(check: &Check, route: Route, news: CheckNews) -> Self {
        // Machines of a private network are one owner's, and may well fall silent together.
        let shared = |own: &SharedSymptom| !route.private || *own != SharedSymptom::Silent;
        let symptom = SharedSymptom::of(check, news.slow).filter(shared);
        let is_news = match symptom {
            Some(SharedSymptom::TurnedAway(_)) => news.turned_away,
            Some(SharedSymptom::Slow) => news.slowing,
            _ => news.failing,
        };
        Self {
            route,
            at: check.at,
            onset: check.at,
            failed: check.outcome.cause().is_some(),
            symptom,
            turn: 0,
            news: is_news,
            answerer: news.answerer,
        }
    }

    /// Takes over since when it shows what it shows.
    pub(super) fn follow(&mut self, before: &Self) {
        self.turn = before.turn;
        let same = |one: u64, two: u64| one != 0 && one == two;
        if self.symptom.is_some() && self.symptom == before.symptom && before.news {
            (self.onset, self.news) = (before.onset, true);
        } else if same(self.answerer.page, before.answerer.page)
            || same(self.answerer.leads_to, before.answerer.leads_to)
            || same(self.answerer.address, before.answerer.address)
        {
            self.onset = before.onset;
        }
    }

    pub(super) fn shows(&self, symptom: SharedSymptom) -> bool {
        match symptom {
            SharedSymptom::LeadsTo(host) => self.answerer.leads_to == host,
            SharedSymptom::Page(page) => self.answerer.page == page,
            SharedSymptom::Address(at) => self.answerer.address == at,
            SharedSymptom::OneCertificate(print) => {
                self.news && self.answerer.refused_certificate == print
            }
            SharedSymptom::Failing => self.news && self.symptom.is_some_and(SharedSymptom::fails),
            _ => self.news && self.symptom == Some(symptom),
        }
    }

    /// Returns whether it shows this symptom, which may be old.
    pub(super) fn still_shows(&self, symptom: SharedSymptom) -> bool {
        Self { news: true, ..*self }.shows(symptom)
    }

    /// Returns whether it is evidence against this symptom.
    pub(super) fn is_well(&self, symptom: SharedSymptom) -> bool {
        if symptom == SharedSymptom::UnknownName {
            // Whatever became of it, its name is known.
            let known = self.symptom.is_some_and(|own| own != SharedSymptom::UnknownName);
            return self.route.named && (known || !self.failed);
        }
        if symptom == SharedSymptom::Silent {
            // Whatever answers was reached.
            return self.symptom.map_or(!self.failed, SharedSymptom::is_answered);
        }
        let fine = match self.symptom {
            None => !self.failed,
            Some(SharedSymptom::Slow) => symptom != SharedSymptom::Slow,
            // As well as ever.
            Some(SharedSymptom::TurnedAway(_)) => !self.news,
            Some(_) => false,
        };
        let can_tell = self.route.named || !matches!(symptom, SharedSymptom::Address(_));
        fine && can_tell && !self.shows(symptom)
    }

    /// The address that its name leads to, where that is not the site's as it was known, and it
    /// fails there.
    pub(super) fn leads_astray(&self) -> Option<SharedSymptom> {
        let address = Some(self.answerer.address).filter(|address| *address != 0 && self.failed);
        address.map(SharedSymptom::Address)
    }

    /// All that it shows.
    pub(super) fn symptoms(&self) -> impl Iterator<Item = SharedSymptom> + use<> {
        let own = self.symptom.filter(|_| self.news);
        let failing = own.filter(|own| own.fails()).map(|_| SharedSymptom::Failing);
        let leads_to = Some(self.answerer.leads_to).filter(|host| *host != 0);
        let page = Some(self.answerer.page).filter(|page| *page != 0);
        let address = Some(self.answerer.address).filter(|address| *address != 0);
        let print =
            Some(self.answerer.refused_certificate).filter(|print| *print != 0 && self.news);
        let (leads_to, page) =
            (leads_to.map(SharedSymptom::LeadsTo), page.map(SharedSymptom::Page));
        // Those first that say the most.
        let (address, print) =
            (address.map(SharedSymptom::Address), print.map(SharedSymptom::OneCertificate));
        [address, print, own, failing, leads_to, page].into_iter().flatten()
    }
}
