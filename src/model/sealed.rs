//! Sealed checks: an hour of one site and region, once its day is over, in a tenth of the bytes.
//!
//! Column by column, since neighbours are alike: moments as how much they are off their rhythm,
//! phases as steps from the one before, everything else as runs. Nothing is lost; what comes back
//! is what went in, in the order of the moments.

use super::{
    moment::Moment,
    outcome::{Answer, Cause, Failure, Phases},
    packing::{Packer, Unpacker},
};

/// The way these bytes are written.
const VERSION: u8 = 1;
/// The numbers of answers that are no failures; a failure has its own number, from 1 on, and these.
const OK: u64 = 0;
const RESTRICTED: u64 = 100;

/// A check without its site and region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// When the turn's first attempt began.
    pub at: Moment,
    /// Good, restricted, or failed and why.
    pub answer: Answer,
    /// The status of the last reply, if there was one.
    pub http_status: Option<u16>,
    /// The parts of its time.
    pub phases: Phases,
    /// How many attempts it took.
    pub attempts: u8,
}

/// The bytes of an hour's checks, which are in the order of their moments.
pub fn pack(hour: Moment, checks: &[Kept]) -> Vec<u8> {
    let mut to = Packer::default();
    to.byte(VERSION);
    to.number(checks.len() as u64);
    let (mut last, mut rhythm) = (hour.millis(), 0);
    for check in checks {
        let step = check.at.millis().saturating_sub(last);
        to.signed(step.saturating_sub(rhythm));
        (last, rhythm) = (check.at.millis(), step);
    }
    runs(checks, &mut to, |check| match &check.answer {
        Answer::Ok => OK,
        Answer::Restricted(_) => RESTRICTED,
        Answer::Failed(cause) => u64::from(cause.failure as u8),
    });
    runs(checks, &mut to, |check| check.http_status.map_or(0, |status| u64::from(status) + 1));
    runs(checks, &mut to, |check| check.attempts.into());
    details(checks, &mut to);
    for phase in 0..5 {
        let part = |check: &Kept| check.phases.parts()[phase];
        runs(checks, &mut to, |check| part(check).is_some().into());
        let mut last = 0;
        for value in checks.iter().filter_map(part) {
            to.signed(i64::from(value) - last);
            last = value.into();
        }
    }
    to.into_bytes()
}

/// The checks of an hour with these bytes; `None` when they are not one's.
pub fn unpack(hour: Moment, bytes: &[u8]) -> Option<Vec<Kept>> {
    let mut from = Unpacker::new(bytes);
    if from.byte()? != VERSION {
        return None;
    }
    // Each has a byte for its moment at least: no more memory than the bytes themselves are worth.
    let count = from.number().filter(|count| *count <= bytes.len() as u64)?;
    let (mut last, mut rhythm) = (hour.millis(), 0_i64);
    let mut moments = Vec::new();
    for _ in 0..count {
        rhythm = rhythm.checked_add(from.signed()?)?;
        last = last.checked_add(rhythm)?;
        moments.push(Moment::from_millis(last));
    }
    let mut from_runs = || read_runs(count, &mut from);
    let (answers, statuses, attempts) = (from_runs()?, from_runs()?, from_runs()?);
    let details = read_details(&answers, &mut from)?;
    let phases = read_phases(count, &mut from)?;
    let mut checks = Vec::with_capacity(moments.len());
    for (n, (at, detail)) in moments.into_iter().zip(details).enumerate() {
        let answer = match answers[n] {
            OK => Answer::Ok,
            RESTRICTED => Answer::Restricted(detail),
            number => {
                let failure = Failure::from_number(u8::try_from(number).ok()?)?;
                Answer::Failed(Cause { failure, detail })
            }
        };
        let http_status = match statuses[n] {
            0 => None,
            status => Some(u16::try_from(status - 1).ok()?),
        };
        let attempts = u8::try_from(attempts[n]).ok()?;
        checks.push(Kept { at, answer, http_status, phases: phases[n], attempts });
    }
    from.is_empty().then_some(checks)
}

/// Writes what is the same for many checks in a row as one value and how often.
fn runs(checks: &[Kept], to: &mut Packer, value: impl Fn(&Kept) -> u64) {
    for run in checks.chunk_by(|a, b| value(a) == value(b)) {
        to.number(value(&run[0]));
        to.number(run.len() as u64);
    }
}

fn read_runs(count: u64, from: &mut Unpacker<'_>) -> Option<Vec<u64>> {
    let mut values = Vec::new();
    while (values.len() as u64) < count {
        let (value, times) = (from.number()?, from.number()?);
        let whole = (values.len() as u64).checked_add(times)?;
        if times == 0 || whole > count {
            return None;
        }
        values.resize(whole as usize, value);
    }
    Some(values)
}

/// Writes each detail once; where it comes again, its number.
fn details(checks: &[Kept], to: &mut Packer) {
    let mut known: Vec<&str> = Vec::new();
    for check in checks {
        let detail: &str = match &check.answer {
            Answer::Ok => continue,
            Answer::Restricted(note) => note,
            Answer::Failed(cause) => &cause.detail,
        };
        if let Some(place) = known.iter().position(|text| *text == detail) {
            to.number(place as u64 + 1);
        } else {
            known.push(detail);
            to.number(0);
            to.text(detail);
        }
    }
}

fn read_details(answers: &[u64], from: &mut Unpacker<'_>) -> Option<Vec<Box<str>>> {
    let mut known: Vec<&str> = Vec::new();
    let mut details = Vec::with_capacity(answers.len());
    for answer in answers {
        if *answer == OK {
            details.push(Box::default());
            continue;
        }
        let text = match from.number()? {
            0 => {
                known.push(from.text()?);
                known.last()?
            }
            place => known.get(usize::try_from(place).ok()? - 1)?,
        };
        details.push((*text).into());
    }
    Some(details)
}

fn read_phases(count: u64, from: &mut Unpacker<'_>) -> Option<Vec<Phases>> {
    let mut all = vec![Phases::default(); count as usize];
    for phase in 0..5 {
        let mut last = 0_i64;
        for (phases, there) in all.iter_mut().zip(read_runs(count, from)?) {
            if there == 0 {
                continue;
            }
            last = last.checked_add(from.signed()?)?;
            let Phases { dns, connect, tls, wait, transfer } = phases;
            let part = [dns, connect, tls, wait, transfer].into_iter().nth(phase)?;
            *part = Some(u32::try_from(last).ok()?);
        }
    }
    Some(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn hour() -> Moment {
        Moment::parse("2026-03-01T12:00:00Z").unwrap()
    }

    fn answer() -> impl Strategy<Value = Answer> {
        prop_oneof![
            5 => Just(Answer::Ok),
            1 => "[ab]{0,3}".prop_map(|note| Answer::Restricted(note.into())),
            1 => ("\\PC{0,9}", 0_usize..9).prop_map(|(detail, number)| {
                Answer::Failed(Cause { failure: Failure::ALL[number], detail: detail.into() })
            }),
        ]
    }

    fn kept() -> impl Strategy<Value = Kept> {
        let phases = prop::array::uniform5(any::<Option<u32>>()).prop_map(|p| Phases {
            dns: p[0],
            connect: p[1],
            tls: p[2],
            wait: p[3],
            transfer: p[4],
        });
        let rest = (answer(), any::<Option<u16>>(), phases, any::<u8>());
        (0_u64..3_600_000, rest).prop_map(|(millis, (answer, http_status, phases, attempts))| {
            let at = hour() + Duration::from_millis(millis);
            Kept { at, answer, http_status, phases, attempts }
        })
    }

    #[test]
    fn an_hour_that_was_up_takes_a_dozen_bytes_a_check() {
        let jitter = |n: u32| n.wrapping_mul(2_654_435_761) >> 20;
        let check = |n: u32| Kept {
            at: hour() + Duration::from_millis(u64::from(n) * 60_000 + u64::from(jitter(n) % 9)),
            answer: Answer::Ok,
            http_status: Some(200),
            phases: Phases {
                dns: Some(900 + jitter(n) / 2),
                connect: Some(11_000 + jitter(n)),
                tls: Some(22_000 + jitter(n + 77)),
                wait: Some(41_000 + jitter(n + 99) * 3),
                transfer: Some(300 + jitter(n) / 20),
            },
            attempts: 1,
        };
        let checks: Vec<Kept> = (0..60).map(check).collect();
        let bytes = pack(hour(), &checks);
        assert!(bytes.len() < 12 * 60, "{} bytes a check", bytes.len() as f64 / 60.0);
        assert_eq!(unpack(hour(), &bytes), Some(checks));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(mut checks in prop::collection::vec(kept(), 0..40)) {
            checks.sort_by_key(|check| check.at);
            prop_assert_eq!(unpack(hour(), &pack(hour(), &checks)), Some(checks));
        }

        #[test]
        fn any_bytes_are_read_without_harm(mut bytes: Vec<u8>, at in 0_usize..40, to: u8) {
            unpack(hour(), &bytes);
            bytes.insert(0, VERSION);
            unpack(hour(), &bytes);
            let mut real = pack(hour(), &[]);
            if let Some(byte) = real.get_mut(at) {
                *byte = to;
            }
            unpack(hour(), &real);
        }
    }
}
