//! Our own side: do packets travel, and do our name servers answer? A pure fold over the checks of
//! all sites of one region, and over the controls, which are asked only when there is need.
//!
//! Name servers that answer, and know none of many names, are ours that fail as well.
//!
//! Whatever is answered, be it with an error or a refusal, proves the line that it came over. When
//! most sites fail, nothing is answered and neither do the controls answer, we doubt ourselves.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use url::Host;

use super::proof::Proof;
use crate::model::{
    check::Check,
    moment::Moment,
    name::Slug,
    outcome::{Failure, Reached},
    site::Site,
    verdict::Doubt,
};

/// Unrelated operators that have to fail together, where there are many.
const MANY: usize = 10;

/// Fewer names than these may well all be gone.
const FEW: usize = 4;

/// How a site is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Way {
    /// Over the private network.
    pub private: bool,
    /// By a name that has to be looked up.
    pub named: bool,
    /// Who runs it, as far as its name tells: sites of one operator may well fail together.
    pub operator: u64,
}

impl Way {
    /// The way to a site.
    pub fn of(site: &Site) -> Self {
        let mut hash = DefaultHasher::new();
        let named = if let Some(Host::Domain(name)) = site.url.host() {
            registrable(name).hash(&mut hash);
            !(name == "localhost" || name.ends_with(".localhost"))
        } else {
            // Many machines may be behind one address.
            (site.url.host_str(), site.url.port_or_known_default()).hash(&mut hash);
            false
        };
        Self { private: site.private, named, operator: hash.finish() }
    }
}

/// The part of a name that somebody has registered, nearly: three labels where the last two are
/// short (`example.co.uk`), else two.
fn registrable(name: &str) -> &str {
    let dots: Vec<usize> =
        name.trim_end_matches('.').match_indices('.').map(|(at, _)| at).collect();
    let [.., third, second, last] = dots[..] else {
        return match dots[..] {
            [first, last] if last - first > 4 => &name[first + 1..],
            _ => name,
        };
    };
    if last - second <= 4 && name.len() - last <= 4 {
        &name[third + 1..]
    } else {
        &name[second + 1..]
    }
}

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

/// How many unrelated operators are reached over each line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Operators {
    public: usize,
    private: usize,
    names: usize,
}

impl Operators {
    /// Those that are reached by these ways.
    pub fn of(ways: &[Way]) -> Self {
        let count = |of: fn(&Way) -> bool| {
            let mut all: Vec<u64> =
                ways.iter().copied().filter(of).map(|way| way.operator).collect();
            all.sort_unstable();
            all.dedup();
            all.len()
        };
        let (public, private) = (count(|way| !way.private), count(|way| way.private));
        Self { public, private, names: count(|way| way.named) }
    }
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

/// What is known of one line.
#[derive(Clone, Debug, Default)]
struct Evidence {
    /// Unrelated operators that are reached over it.
    operators: usize,
    answered_at: Option<Moment>,
    /// A site that answered last.
    witness: Option<Slug>,
    /// Operators that fail since, and were not known to be down.
    failing: Vec<(u64, Moment)>,
    /// The newest failure that nothing has proven yet.
    open: Option<Moment>,
    control: Option<Control>,
    /// Whether the controls have ever answered: then their silence says much.
    control_known: bool,
    doubt: Option<Moment>,
}

impl Evidence {
    fn answered(&mut self, at: Moment) {
        self.answered_at = self.answered_at.max(Some(at));
        self.failing.retain(|(_, failed)| *failed > at);
        self.open = self.open.filter(|open| *open > at);
        self.doubt = self.doubt.filter(|since| *since > at);
    }

    fn failed(&mut self, operator: u64, at: Moment, news: bool) {
        if self.answered_at.is_some_and(|answered| answered >= at) {
            return;
        }
        self.open = self.open.max(Some(at));
        if news && self.failing.len() < MANY && self.failing.iter().all(|(who, _)| *who != operator)
        {
            self.failing.push((operator, at));
        }
        self.judge();
    }

    fn control(&mut self, control: Control) {
        self.control = Some(control);
        if control.answered {
            self.control_known = true;
            self.answered(control.at);
        }
        self.judge();
    }

    /// Most fail, and nothing answers: it must be us. Controls that used to answer are enough.
    fn judge(&mut self) {
        let Some(first) = self.failing.iter().map(|(_, at)| *at).min() else { return };
        let silent = self.control.is_some_and(|control| !control.answered && control.at >= first);
        let most = (self.operators / 2 + 1).min(MANY);
        let enough = if silent && self.control_known { 1 } else { most };
        if self.doubt.is_none() && silent && self.failing.len() >= enough {
            self.doubt = Some(first);
        }
    }

    /// Most were refused in so many words, and nothing else was heard: no control tells more.
    fn judge_words(&mut self) {
        let Some(first) = self.failing.iter().map(|(_, at)| *at).min() else { return };
        let most = (self.operators / 2 + 1).clamp(FEW, MANY);
        if self.doubt.is_none() && self.failing.len() >= most {
            self.doubt = Some(first);
        }
    }

    fn set_back(&mut self, now: Moment) {
        (self.answered_at, self.open, self.control) = (self.answered_at.min(Some(now)), None, None);
        self.failing.clear();
        self.doubt = self.doubt.map(|since| since.min(now));
    }
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

impl Evidence {
    /// Whether one operator is all that it is known by: its silence is no sign of a cut.
    fn is_alone(&self) -> bool {
        self.operators <= 1 && !self.control_known
    }

    /// What its doubt is about.
    fn words(&self) -> Doubt {
        if self.is_alone() { Doubt::Alone } else { Doubt::Line }
    }

    fn note(&mut self, slug: &Slug, reached: Reached) {
        if reached == Reached::Machine && self.witness.as_ref() != Some(slug) {
            self.witness = Some(slug.clone());
        }
    }

    fn asked(&self) -> Option<Moment> {
        self.control.map(|control| control.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        name::Region,
        outcome::{Answer, Outcome, Phases},
    };

    const PUBLIC: Way = Way { private: false, named: true, operator: 0 };

    fn at(second: i64) -> Moment {
        Moment::from_millis(second * 1_000)
    }

    /// A look at this second that took a second: good, or failed after getting so far.
    fn look(second: i64, failed: Option<(Failure, Reached)>) -> Check {
        let phases = Phases { connect: Some(1_000_000), ..Phases::default() };
        let mut outcome =
            Outcome { answer: Answer::Ok, http_status: None, phases, traces: Box::default() };
        if let Some((failure, reached)) = failed {
            outcome.answer = Outcome::failed(failure, "as told").answer;
            outcome.traces.reached = reached;
        }
        let (slug, region) = (Slug::new("a.example").unwrap(), Region::default());
        Check { slug, region, at: at(second), outcome, attempts: 1 }
    }

    fn lines(operators: usize) -> Lines {
        let mut lines = Lines::default();
        let ways: Vec<_> = (0..operators as u64).map(|n| Way { operator: n, ..PUBLIC }).collect();
        lines.set_operators(Operators::of(&ways));
        lines
    }

    #[test]
    fn any_answer_proves_the_line_and_a_refusal_is_one() {
        use {Failure as F, Reached as R};
        for (failed, line, names) in [
            (None, true, true),
            (Some((F::Connect, R::Machine)), true, true),
            (Some((F::Http, R::Nothing)), true, true),
            (Some((F::Tls, R::Nothing)), true, true),
            (Some((F::Connect, R::Nothing)), false, true),
            (Some((F::Timeout, R::Nothing)), false, true),
            (Some((F::Dns, R::NameServer)), false, true),
            (Some((F::Dns, R::Nothing)), false, false),
        ] {
            let mut lines = lines(3);
            lines.take(&look(10, failed), PUBLIC, true);
            let proof = lines.proof(PUBLIC);
            let proven = (proof.answered_at.is_some(), proof.names_at.is_some());
            assert_eq!(proven, (line, names), "{failed:?}");
            assert_eq!(
                lines.wants_controls(),
                !(line && names)
                    && failed.is_some_and(|(f, r)| { !(f == F::Dns && r == R::NameServer) })
            );
        }
    }

    #[test]
    fn name_servers_that_know_none_of_many_names_are_ours_that_fail() {
        let unknown = Some((Failure::Dns, Reached::NameServer));
        let way = |operator| Way { operator, ..PUBLIC };
        let doubt = |operators: usize, told: &[Option<(Failure, Reached)>]| {
            let mut lines = lines(operators);
            for (n, failed) in told.iter().enumerate() {
                lines.take(&look(10 + n as i64, *failed), way(n as u64), true);
            }
            lines.proof(PUBLIC).doubt
        };
        assert_eq!(doubt(3, &[unknown; 3]), None, "three names may all be gone");
        assert_eq!(doubt(9, &[unknown; 4]), None, "not most of them");
        assert_eq!(doubt(6, &[unknown; 4]), Some((Doubt::Names, at(10))));
        assert_eq!(doubt(100, &[unknown; 10]), Some((Doubt::Names, at(10))));
        // One name that is known, whatever became of it, and they can be believed.
        let refused = Some((Failure::Connect, Reached::Machine));
        assert_eq!(doubt(6, &[unknown, unknown, None, unknown, unknown]), None);
        assert_eq!(doubt(6, &[unknown, unknown, unknown, unknown, refused]), None);
    }

    #[test]
    fn we_doubt_ourselves_when_most_fail_and_nothing_answers_not_even_the_controls() {
        let silence = Some((Failure::Timeout, Reached::Nothing));
        let control = |second, answered| Control { line: Line::Public, at: at(second), answered };
        let way = |operator| Way { named: false, operator, ..PUBLIC };
        let doubted = |operators: usize, failing: u64, known: bool, answers: Option<bool>| {
            let mut lines = lines(operators);
            if known {
                lines.control(control(1, true));
            }
            for n in 0..failing {
                lines.take(&look(10 + n as i64, silence), way(n), true);
            }
            if let Some(answered) = answers {
                lines.control(control(40, answered));
            }
            lines.proof(way(0)).doubt
        };
        let since = Some((Doubt::Line, at(10)));
        assert_eq!(doubted(4, 3, false, Some(false)), since);
        assert_eq!(doubted(4, 2, false, Some(false)), None, "half is not most");
        assert_eq!(doubted(4, 2, true, Some(false)), since, "the controls used to answer");
        assert_eq!(doubted(4, 4, true, Some(true)), None, "they are really down");
        assert_eq!(doubted(4, 4, true, None), None, "nobody has been asked yet");
        let alone = Some((Doubt::Alone, at(10)));
        assert_eq!(doubted(1, 1, false, Some(false)), alone, "they have never answered");
        assert_eq!(doubted(1, 1, true, Some(false)), since, "they used to answer");
        assert_eq!(doubted(1, 1, true, Some(true)), None);
        assert_eq!(doubted(1_000, 9, false, Some(false)), None);
        assert_eq!(doubted(1_000, 10, false, Some(false)), since);
    }

    #[test]
    fn one_answer_ends_the_doubt_and_private_answers_prove_nothing_public() {
        let silence = Some((Failure::Timeout, Reached::Nothing));
        let mut lines = lines(1);
        let way = Way { named: false, ..PUBLIC };
        lines.take(&look(10, silence), way, true);
        lines.control(Control { line: Line::Public, at: at(22), answered: false });
        lines.take(&look(30, None), Way { private: true, ..way }, true);
        assert!(lines.is_doubted());
        assert_eq!(lines.proof(Way { private: true, ..way }).doubt, None);
        lines.take(&look(31, None), way, true);
        assert!(!lines.is_doubted());
    }

    #[test]
    fn a_lone_private_site_that_is_silent_while_the_internet_answers_is_silent_by_itself() {
        let silence = Some((Failure::Timeout, Reached::Nothing));
        let public = Way { named: false, ..PUBLIC };
        let private = |operator| Way { private: true, operator, ..public };
        // Sites of either kind; what the public ones do; whether the public controls answer.
        for (privates, publics, public_answers, controls, want, proven) in [
            (1, 5, Some(true), false, None, true),
            (1, 5, None, false, None, false),
            (1, 5, Some(false), false, Some(Doubt::Alone), false),
            (1, 5, Some(false), true, None, true),
            (1, 0, None, true, None, true),
            (1, 0, None, false, Some(Doubt::Alone), false),
            (3, 5, Some(true), true, Some(Doubt::Alone), false),
            (3, 5, Some(false), false, Some(Doubt::Line), false),
            (3, 0, None, false, Some(Doubt::Alone), false),
        ] {
            let mut lines = Lines::default();
            let mut ways: Vec<_> = (0..privates).map(private).collect();
            ways.extend((10..10 + publics).map(|operator| Way { operator, ..public }));
            lines.set_operators(Operators::of(&ways));
            for way in ways.iter().filter(|way| way.private) {
                lines.take(&look(10, silence), *way, true);
            }
            for way in ways.iter().filter(|way| !way.private) {
                match public_answers {
                    Some(true) => lines.take(&look(11, None), *way, true),
                    Some(false) => lines.take(&look(11, silence), *way, true),
                    None => {}
                }
            }
            lines.control(Control { line: Line::Private, at: at(12), answered: false });
            lines.control(Control { line: Line::Public, at: at(13), answered: controls });
            let proof = lines.proof(private(0));
            let case =
                format!("{privates} private, {publics} public: {public_answers:?} {controls}");
            assert_eq!(proof.doubt.map(|(why, _)| why), want, "{case}");
            assert_eq!(proof.covers(Failure::Timeout, at(10), at(28)), proven, "{case}");
        }
    }

    #[test]
    fn an_operator_is_known_by_what_it_registered() {
        for (name, want) in [
            ("example.com", "example.com"),
            ("a.b.example.com", "example.com"),
            ("www.example.com", "example.com"),
            ("example.co.uk", "example.co.uk"),
            ("www.example.co.uk", "example.co.uk"),
            ("localhost", "localhost"),
        ] {
            assert_eq!(registrable(name), want, "{name}");
        }
    }
}
