//! One seed becomes a named stream for each actor, so that a new actor never shifts the others' dice.

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use sha2::{Digest, Sha256};

/// A named family of dice, cut from the seed.
#[derive(Clone)]
pub(crate) struct Chance {
    family: ChaCha8Rng,
}

impl Chance {
    /// The family called `name` of this seed.
    pub(crate) fn named(seed: u64, name: &str) -> Chance {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(name.as_bytes());
        Chance { family: ChaCha8Rng::from_seed(hash.finalize().into()) }
    }

    /// The dice of one member of the family.
    pub(crate) fn at(&self, index: u64) -> Dice {
        let mut stream = self.family.clone();
        stream.set_stream(index);
        Dice(stream)
    }
}

/// One stream of chance.
pub(crate) struct Dice(ChaCha8Rng);

impl Dice {
    /// 64 even bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// A number in `0..limit`; 0 when the limit is 0.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        let wide = u128::from(self.bits()) * u128::from(limit);
        (wide >> 64) as u64
    }

    /// A number in `low..=high`.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        let high = high.max(low);
        low + self.below((high - low + 1).unsigned_abs()).cast_signed()
    }

    /// True with this probability. Always draws once, so that changing one probability shifts nothing.
    pub(crate) fn hit(&mut self, probability: f64) -> bool {
        self.share() < probability
    }

    /// A number in `0.0..1.0`.
    pub(crate) fn share(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// One of these.
    pub(crate) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// Sixteen bytes, the stuff of identifiers.
    pub(crate) fn bytes(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        self.0.fill_bytes(&mut bytes);
        bytes
    }
}
