//! Where something is, by its hash: numbers in many small tables, so that no newcomer waits long while one grows.
//!
//! Deliberately not here: what is found. The things lie elsewhere; whoever asks compares them, and hashes them again
//! when a table grows.

use hashbrown::HashTable;

/// So many tables that at some millions of entries one grows in about a millisecond.
const TABLES: usize = 256;

/// Numbers by hash.
pub(super) struct Index(Box<[HashTable<u32>]>);

impl Default for Index {
    fn default() -> Self {
        Self((0..TABLES).map(|_| HashTable::new()).collect())
    }
}

impl Index {
    /// The number with this hash that `is` the one.
    pub(super) fn find(&self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<u32> {
        self.0[table(hash)].find(hash, |number| is(*number)).copied()
    }

    /// The place of the number with this hash that `is` the one.
    pub(super) fn find_mut(&mut self, hash: u64, mut is: impl FnMut(u32) -> bool) -> Option<&mut u32> {
        self.0[table(hash)].find_mut(hash, |number| is(*number))
    }

    /// Adds a number that is not there yet. `hash_of` tells the hash of those that are.
    pub(super) fn add(&mut self, hash: u64, number: u32, hash_of: impl Fn(u32) -> u64) {
        self.0[table(hash)].insert_unique(hash, number, |number| hash_of(*number));
    }

    /// Takes the number with this hash out that `is` the one.
    pub(super) fn remove(&mut self, hash: u64, mut is: impl FnMut(u32) -> bool) {
        if let Ok(found) = self.0[table(hash)].find_entry(hash, |number| is(*number)) {
            found.remove();
        }
    }
}

/// Bits of the hash that the tables themselves look at last.
fn table(hash: u64) -> usize {
    usize::from((hash >> 40).to_le_bytes()[0]) % TABLES
}
