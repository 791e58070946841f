//! Chance that can be repeated: one seed, a named stream for each use.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A source of chance derived from a seed and a name, so that adding a use does not shift the others' dice.
#[derive(Debug, Clone)]
pub struct Chance {
    seed: u64,
}

impl Chance {
    /// All dice of one program run.
    pub fn from_seed(seed: u64) -> Chance {
        Chance { seed }
    }

    /// A number in `[0, 1)`, always the same for the same seed, name and ordinal.
    pub fn roll(&self, name: &str, ordinal: u64) -> f64 {
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        let mut rng =
            ChaCha8Rng::seed_from_u64(self.seed ^ hash.rotate_left(17) ^ ordinal.wrapping_mul(0x9e37_79b9));
        rng.random()
    }
}
