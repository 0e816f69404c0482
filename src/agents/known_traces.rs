//! The last traces of each site, as both ends of a run know them: mostly little of them changes from one
//! check to the next, so that after the first only what changed is sent, as a JSON merge patch (RFC 7396).

use std::{collections::HashMap, mem};

use serde_json::{Map, Value};

use super::protocol::{Line, ReportedCheck, TracesPatch};
use model::{name::Slug, outcome::Traces};

/// Bytes of traces that are remembered: longer ones are sent whole each time.
const MAX_BYTES: usize = 2_048;

/// The last traces of each site, as JSON.
#[derive(Debug, Default)]
pub(super) struct KnownTraces {
    /// Those that both ends have.
    known: HashMap<Slug, Box<str>>,
    /// Those of a batch that is under way.
    new: HashMap<Slug, Option<Box<str>>>,
}

impl KnownTraces {
    /// Lines as they are sent: with what changed of their traces, where those before are known.
    pub(super) fn pack(&mut self, lines: &[Line]) -> Vec<Line> {
        self.new.clear();
        let mut packed = lines.to_vec();
        for line in &mut packed {
            if let Line::Check(check) = line {
                self.pack_check(check);
            }
        }
        packed
    }

    fn pack_check(&mut self, check: &mut ReportedCheck) {
        let text = text_of(&check.traces);
        let last = self.last(&check.slug).filter(|_| !check.traces.is_empty());
        let patch = last.and_then(|last| {
            let unchanged = text.as_deref() == Some(last);
            if unchanged { Some(Map::new()) } else { difference(last, text.as_deref()?) }
        });
        if patch.is_some() {
            *check.traces = Traces::default();
            check.traces_patch = patch.map(TracesPatch);
        }
        self.new.insert(check.slug.clone(), text);
    }

    /// Gives a check that was sent its traces again; false where those before are not known.
    pub(super) fn unpack(&mut self, check: &mut ReportedCheck) -> bool {
        if let Some(TracesPatch(patch)) = check.traces_patch.take() {
            let traces = self.last(&check.slug).and_then(|last| patched(last, patch));
            let Some(traces) = traces else { return false };
            check.traces = traces;
        }
        self.new.insert(check.slug.clone(), text_of(&check.traces));
        true
    }

    /// Drops what came of a batch that was not taken.
    pub(super) fn begin(&mut self) {
        self.new.clear();
    }

    /// Keeps what came of a batch that was taken, of sites that are worth it.
    pub(super) fn commit(&mut self, is_worth: impl Fn(&Slug) -> bool) {
        for (slug, text) in mem::take(&mut self.new) {
            match text {
                Some(text) if self.known.contains_key(&slug) || is_worth(&slug) => {
                    self.known.insert(slug, text);
                }
                _ => drop(self.known.remove(&slug)),
            }
        }
    }

    /// Forgets a site, of which the other end may know less.
    pub(super) fn forget(&mut self, slug: &Slug) {
        self.known.remove(slug);
    }

    /// Forgets all: the other end knows nothing.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn last(&self, slug: &Slug) -> Option<&str> {
        match self.new.get(slug) {
            Some(new) => new.as_deref(),
            None => self.known.get(slug).map(|text| &**text),
        }
    }
}

/// Traces as JSON, unless they are too long to be remembered.
fn text_of(traces: &Traces) -> Option<Box<str>> {
    let text = serde_json::to_string(traces).ok()?;
    (text.len() <= MAX_BYTES).then(|| text.into())
}

/// Patch that makes one text of the other; `null` for what is not there any more.
fn difference(before: &str, after: &str) -> Option<Map<String, Value>> {
    let mut before: Map<String, Value> = serde_json::from_str(before).ok()?;
    let after: Map<String, Value> = serde_json::from_str(after).ok()?;
    let mut patch = Map::new();
    for (name, value) in after {
        if before.remove(&name).as_ref() != Some(&value) {
            patch.insert(name, value);
        }
    }
    patch.extend(before.into_iter().map(|(name, _)| (name, Value::Null)));
    Some(patch)
}

fn patched(before: &str, patch: Map<String, Value>) -> Option<Box<Traces>> {
    if patch.is_empty() {
        return serde_json::from_str(before).ok();
    }
    let mut fields: Map<String, Value> = serde_json::from_str(before).ok()?;
    for (name, value) in patch {
        match value {
            Value::Null => drop(fields.remove(&name)),
            value => drop(fields.insert(name, value)),
        }
    }
    serde_json::from_value(Value::Object(fields)).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use model::{
        moment::Moment,
        outcome::{Failure, HttpVersion, Outcome},
    };

    fn slug(site: u8) -> Slug {
        Slug::new(&format!("s{site}.example")).unwrap()
    }

    fn line(site: u8, traces: Traces) -> Line {
        Line::Check(ReportedCheck {
            slug: slug(site),
            at: Moment::default(),
            outcome: Outcome::failed(Failure::Reset, "as told"),
            attempts: 1,
            overloaded: false,
            origin: None,
            traces: Box::new(traces),
            traces_patch: None,
        })
    }

    fn traces() -> impl Strategy<Value = Traces> {
        let hints = prop::sample::select(vec![vec![], vec!["nginx"], vec!["nginx", "cloudflare"]]);
        let address = prop::option::of(0_u8..3);
        (address, any::<bool>(), 0_u64..3, hints, 0_usize..2).prop_map(
            |(address, http2, print, hints, long)| Traces {
                address: address.map(|n| [192, 0, 2, n].into()),
                http_version: http2.then_some(HttpVersion::Http2),
                answer_print: u64::MAX - print,
                hints: hints.into_iter().map(|by| ("server".into(), by.into())).collect(),
                final_url: (long > 0).then(|| "x".repeat(long * MAX_BYTES).into()),
                ..Traces::default()
            },
        )
    }

    proptest! {
        #[test]
        fn traces_come_out_as_they_went_in_whatever_is_lost_on_the_way(
            batches in prop::collection::vec(
                (prop::collection::vec((0_u8..3, traces()), 1..6), 0_u8..6),
                1..8,
            ),
        ) {
            let (mut here, mut there) = (KnownTraces::default(), KnownTraces::default());
            for (checks, fate) in batches {
                let lines: Vec<Line> =
                    checks.into_iter().map(|(site, traces)| line(site, traces)).collect();
                if fate == 1 {
                    // The other end was started anew.
                    there.clear();
                }
                let mut sent = here.pack(&lines);
                if !unpack(&mut there, &mut sent) {
                    here.clear();
                    sent = here.pack(&lines);
                    prop_assert!(unpack(&mut there, &mut sent));
                }
                prop_assert_eq!(&sent, &lines);
                if fate == 2 {
                    // It was not taken, and comes again.
                    sent = here.pack(&lines);
                    prop_assert!(unpack(&mut there, &mut sent));
                    prop_assert_eq!(&sent, &lines);
                }
                there.commit(|_| true);
                if fate == 3 {
                    // The answer was lost: what comes again is known there.
                    here.pack(&lines);
                }
                here.commit(|_| true);
                if fate == 4 {
                    // One was refused.
                    here.forget(&slug(0));
                }
            }
        }
    }

    /// Takes lines at the other end; false where one of them cannot be understood.
    fn unpack(there: &mut KnownTraces, lines: &mut Vec<Line>) -> bool {
        there.begin();
        let text = serde_json::to_string(lines).unwrap();
        *lines = serde_json::from_str(&text).unwrap();
        lines.iter_mut().all(|line| match line {
            Line::Check(check) => there.unpack(check),
            _ => true,
        })
    }

    #[test]
    fn what_stays_as_it_was_takes_next_to_nothing() {
        let print = |answer_print| Traces { answer_print, redirects: 3, ..Traces::default() };
        let mut known = KnownTraces::default();
        let patches = |known: &mut KnownTraces, traces: &[Traces]| -> Vec<Option<String>> {
            let lines: Vec<Line> = traces.iter().map(|traces| line(1, traces.clone())).collect();
            let sent = known.pack(&lines).into_iter().map(|line| match line {
                Line::Check(check) => {
                    check.traces_patch.map(|TracesPatch(p)| Value::Object(p).to_string())
                }
                line => panic!("{line:?}"),
            });
            sent.collect()
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(patches(&mut known, &[print(1), print(1)]), [None, some("{}")]);
        // Not acknowledged.
        assert_eq!(patches(&mut known, &[print(1)]), [None]);
        known.commit(|_| true);
        let none = Traces { answer_print: 2, ..Traces::default() };
        assert_eq!(
            patches(&mut known, &[print(2), none]),
            [some("{\"answer_print\":2}"), some("{\"redirects\":null}")]
        );
        known.forget(&slug(1));
        assert_eq!(patches(&mut known, &[print(1)]), [None]);
        known.commit(|_| false);
        assert_eq!(patches(&mut known, &[print(1)]), [None], "it is not worth it");
    }
}
