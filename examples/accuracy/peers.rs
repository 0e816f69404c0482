//! The rules of other products, written as judges: each checks at its own moments, one attempt a
//! check, and reports at once. None of them doubts itself.

use model::verdict::Status;

use crate::{
    track::Track,
    world::{MINUTE, Ms, SECOND, TrueWorld},
};

/// A rule of another product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peer {
    /// One bad sample flips it, and one good one flips it back.
    OneSample,
    /// Three retries, 20 s apart, then down; one good one brings it back.
    Retries,
    /// Three failures in a row, a minute apart, make an alert; two good ones end it.
    AfterThree,
    /// One retry; slow above a fixed second.
    Threshold,
    /// Half of the last five samples.
    Window,
}

impl Peer {
    /// All of them.
    pub(crate) const ALL: [Self; 5] =
        [Self::OneSample, Self::Retries, Self::AfterThree, Self::Threshold, Self::Window];

    /// Its name in the table.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::OneSample => "one bad sample flips",
            Self::Retries => "3 retries, then down",
            Self::AfterThree => "alert after three",
            Self::Threshold => "1 retry, slow over 1 s",
            Self::Window => "half of the last five",
        }
    }

    /// Its verdicts on a site, from the first region.
    pub(crate) fn judge(self, world: &TrueWorld, site: usize) -> Track {
        let mut track = Track::default();
        let mut turn =
            (crate::chance::share([world.seed, site as u64, 0, 3]) * MINUTE as f64) as Ms;
        let (mut bad, mut good, mut last, mut down) = (0_u32, 0_u32, [false; 5], false);
        while turn < world.length {
            let (mut at, mut retries) = (turn, 0);
            loop {
                let seen = world.attempt(site, 0, at, (retries + 1, u32::from(retries) + 1));
                let now = at + seen.took;
                let failed = seen.failure.is_some();
                (bad, good) = if failed { (bad + 1, 0) } else { (0, good + 1) };
                last.rotate_right(1);
                last[0] = failed;
                down = match self {
                    Self::OneSample => failed,
                    Self::Retries => bad > 3 || down && failed,
                    Self::AfterThree => bad >= 3 || down && good < 2,
                    Self::Threshold => bad > 1 || down && failed,
                    Self::Window => last.iter().filter(|failed| **failed).count() * 2 >= last.len(),
                };
                let slow = self == Self::Threshold && seen.took > SECOND;
                let status = if down {
                    Status::Down
                } else if slow && !failed {
                    Status::Slow
                } else {
                    Status::Up
                };
                track.say(now, status, now);
                let (most, pause) = match self {
                    Self::Retries => (3, 20 * SECOND),
                    Self::Threshold => (1, 5 * SECOND),
                    _ => (0, 0),
                };
                if !failed || down || retries >= most || now + pause >= turn + 3 * MINUTE {
                    break;
                }
                retries += 1;
                at = now + pause;
            }
            while turn <= at {
                turn += MINUTE;
            }
        }
        track.end(world.length);
        track
    }
}
