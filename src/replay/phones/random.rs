//! Chance, from a seed: made-up ids, delays and coins that fall the same way in every run.
//!
//! Deliberately not here: anything that must be hard to guess.

use super::script::Speaks;

/// A sequence of numbers (splitmix64: short, and every seed is a good one).
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub(super) fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(super) fn coin(&mut self) -> bool {
        self.draw() & 1 == 1
    }

    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.draw() % end.max(1)
    }

    /// An id as the provider makes them: `CA` and 32 hexadecimal digits, or a UUID (wire.md F.1).
    pub(super) fn sid(&mut self, speaks: Speaks, prefix: &str) -> String {
        let (high, low) = (self.draw(), self.draw());
        match speaks {
            Speaks::Twilio => format!("{prefix}{high:016x}{low:016x}"),
            Speaks::Signalwire => format!(
                "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
                high >> 32,
                (high >> 16) & 0xffff,
                high & 0xfff,
                0x8000 | (low >> 48) & 0x3fff,
                low & 0xffff_ffff_ffff
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_the_providers_and_come_again() {
        let mut random = Random::new(7);
        let ours = random.sid(Speaks::Twilio, "CA");
        assert!(
            ours.len() == 34 && ours.starts_with("CA") && ours[2..].bytes().all(|b| b.is_ascii_hexdigit()),
            "{ours}"
        );
        let theirs = random.sid(Speaks::Signalwire, "CA");
        assert_eq!(theirs.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{theirs}");
        assert_eq!(Random::new(7).sid(Speaks::Twilio, "CA"), ours, "the same seed, the same id");
        assert_ne!(Random::new(8).sid(Speaks::Twilio, "CA"), ours);
    }
}
