//! Chance that is the same for the same seed, and for the same moment whichever judge asks.

/// A number from 0 to below 1 for these words: always the same.
pub(crate) fn share(words: [u64; 4]) -> f64 {
    let mut hash = 0x9e37_79b9_7f4a_7c15_u64;
    for word in words {
        hash = mix(hash ^ word.wrapping_mul(0xbf58_476d_1ce4_e5b9));
    }
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

fn mix(mut x: u64) -> u64 {
    x ^= x >> 30;
    x = x.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 27;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// A row of chances, for making a world.
#[derive(Clone, Debug)]
pub(crate) struct Chance(u64, u64);

impl Chance {
    /// The row of this seed.
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed, 0)
    }

    /// The next, from 0 to below 1.
    pub(crate) fn next(&mut self) -> f64 {
        self.1 += 1;
        share([self.0, self.1, 7, 7])
    }

    /// Evenly between two numbers.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.next()
    }

    /// A waiting time with this mean.
    pub(crate) fn wait(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.next()).ln()
    }
}
