//! Random numbers that a seed repeats: xorshift64*, apart from the generator
//! that the core itself uses.

use std::time::Duration;

pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        // Neighbouring seeds lead far apart, and zero, the one state that this
        // generator never leaves, is none of them.
        let mut random = Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..4 {
            random.next();
        }
        random
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// From 0 to `end`, which is not reached.
    pub fn below(&mut self, end: u64) -> u64 {
        (self.next() >> 16) % end
    }

    pub fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }

    /// True this many times in a hundred.
    pub fn percent(&mut self, share: u64) -> bool {
        self.below(100) < share
    }

    /// True this many times in a million.
    pub fn in_a_million(&mut self, share: u64) -> bool {
        self.below(1_000_000) < share
    }

    /// Whole milliseconds, the last excluded.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let least = least.as_millis() as u64;
        let most = most.as_millis() as u64;
        Duration::from_millis(least + self.below(most - least))
    }

    /// Up to this.
    pub fn up_to(&mut self, most: Duration) -> Duration {
        self.between(Duration::ZERO, most)
    }
}
