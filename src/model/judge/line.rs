//! Our own side: do packets travel, and do our name servers answer? A pure fold over the checks of
//! all sites of one region, and over the controls, which are asked only when there is need.
//!
//! Name servers that answer, and know none of many names, are ours that fail as well.
//!
//! Whatever is answered, be it with an error or a refusal, proves the line that it came over. When
//! most sites fail, nothing is answered and neither do the controls answer, we doubt ourselves.

mod evidence;
mod way;

use std::time::Duration;

use self::evidence::Evidence;
pub use self::way::{Operators, Way};
use super::proof::Proof;
use crate::model::{
    check::Check,
    moment::Moment,
    name::Slug,
    outcome::{Failure, Reached},
    verdict::Doubt,
};

/// What a control is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The way to the internet.
    Public,
    /// The way to our own network.
    Private,
    /// Our name servers.
    Names,
}

/// What the controls of a line said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Control {
    /// Which line.
    pub line: Line,
    /// When one of them answered, or when they were asked in vain.
    pub at: Moment,
    /// Whether one of them answered.
    pub answered: bool,
}

/// Our own side in one region.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    public: Evidence,
    private: Evidence,
    names: Evidence,
    /// Whether our name servers, when they answer, know any name at all.
    known_names: Evidence,
}

impl Lines {
    /// Says how many operators there are.
    pub fn set_operators(&mut self, operators: Operators) {
        self.public.operators = operators.public;
        self.private.operators = operators.private;
        self.names.operators = operators.names;
        self.known_names.operators = operators.names;
    }

    /// Takes in what a check says of our own side; `news` tells that its site was not known to be
    /// down.
    pub fn take(&mut self, check: &Check, way: Way, news: bool) {
        let at = check.at;
        let reached = check.outcome.reached();
        let failed = check.outcome.cause().is_some();
        let lost = check.outcome.cause().is_some_and(|cause| cause.failure == Failure::Dns);
        if way.named && !lost {
            self.known_names.answered(at);
        }
        // A line is proven for the moment when the answer came, not for when it was asked for: a
        // lost packet is sent again, and by then a cut may be over. When a second attempt was
        // answered, the moment is not known.
        if check.attempts > 1 && !failed {
            return;
        }
        let took = Duration::from_micros(check.outcome.phases.latency().unwrap_or(0).into());
        let came = at + took;
        if way.named {
            if lost && reached == Reached::Nothing {
                return self.names.failed(way.operator, at, news);
            }
            if lost {
                self.known_names.failed(way.operator, at, news);
                self.known_names.judge_words();
            }
            self.names.answered(came);
            self.names.note(&check.slug, reached);
        }
        let line = if way.private { &mut self.private } else { &mut self.public };
        match reached {
            Reached::Machine => {
                line.answered(came);
                line.note(&check.slug, reached);
            }
            Reached::NameServer => {}
            Reached::Nothing => line.failed(way.operator, at, news),
        }
    }

    /// Takes in what the controls said.
    pub fn control(&mut self, control: Control) {
        self.line_mut(control.line).control(control);
    }

    /// What is known of our own side for a site that is reached this way.
    pub fn proof(&self, way: Way) -> Proof {
        let (line, of_line) = if way.private {
            (&self.private, self.private_doubt())
        } else {
            (&self.public, self.public.doubt.map(|since| (self.public.words(), since)))
        };
        // Where nobody else is on the private network, the internet stands in for it.
        let other = self.public.answered_at.filter(|_| way.private && self.private.is_alone());
        // Name servers are asked over our line: when that is cut, it is what we say.
        let cut = |control: Control| self.public.control_known && !control.answered;
        let why = if self.public.control.is_some_and(cut) { Doubt::Line } else { Doubt::Names };
        let of_names = self.names.doubt.map(|since| (why, since));
        let of_names = of_names.or(self.known_names.doubt.map(|since| (Doubt::Names, since)));
        let of_names = of_names.filter(|_| way.named);
        Proof {
            answered_at: line.answered_at.max(other),
            names_at: self.names.answered_at,
            doubt: of_line.or(of_names),
            strained: false,
        }
    }

    /// Why we do not trust the way to the private network.
    fn private_doubt(&self) -> Option<(Doubt, Moment)> {
        let (private, public) = (&self.private, &self.public);
        let since = private.doubt?;
        if private.is_alone() {
            // One site that is silent while the internet answers is silent by itself.
            let silent = public.control.is_some_and(|c| !c.answered && c.at >= since);
            let fails = public.operators == 0 || !public.failing.is_empty();
            return (silent && fails).then_some((Doubt::Alone, since));
        }
        // What is cut off is the private network, and not us, as long as the internet answers.
        let sure = private.control_known || public.doubt.is_some();
        Some((if sure { Doubt::Line } else { Doubt::Alone }, since))
    }

    /// Whether the controls should be asked: something failed and nothing has proven the line.
    pub fn wants_controls(&self) -> bool {
        [&self.public, &self.private, &self.names].iter().any(|line| {
            line.doubt.is_some() || line.open.is_some_and(|open| line.asked() < Some(open))
        })
    }

    /// Another site that answered last over the line of this one: to look at it proves the line
    /// where the controls cannot.
    pub fn witness(&self, way: Way, of: &Slug) -> Option<&Slug> {
        let line = if way.private { &self.private } else { &self.public };
        let other = Some(&self.public).filter(|_| way.private && self.private.is_alone());
        let open = [(line, line), (&self.names, &self.names)].into_iter();
        open.chain(other.map(|other| (line, other))).find_map(|(line, other)| {
            line.open?;
            other.witness.as_ref().filter(|slug| *slug != of)
        })
    }

    /// Whether anything of our own is in doubt.
    pub fn is_doubted(&self) -> bool {
        let lines = [&self.public, &self.private, &self.names, &self.known_names];
        lines.iter().any(|line| line.doubt.is_some())
    }

    /// The clock was set back to this moment.
    pub fn set_back(&mut self, now: Moment) {
        let names = [&mut self.names, &mut self.known_names];
        for line in [&mut self.public, &mut self.private].into_iter().chain(names) {
            line.set_back(now);
        }
    }

    fn line_mut(&mut self, line: Line) -> &mut Evidence {
        match line {
            Line::Public => &mut self.public,
            Line::Private => &mut self.private,
            Line::Names => &mut self.names,
        }
    }
}

#[cfg(test)]
mod tests;
