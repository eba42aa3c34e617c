//! Seats: what is on its way at one time, and on whose behalf, so that nobody takes them all.
//!
//! Deliberately not here: how many there are (`jobs::deliver`, `jobs::provider`).

use std::collections::HashMap;
use std::future::Future;
use std::time::Duration;

use tokio::task::{Id, JoinSet};
use tokio::time::timeout;

/// Work on its way, by who it is for.
pub struct Seats<K> {
    tasks: JoinSet<()>,
    held: HashMap<Id, K>,
}

impl<K> Default for Seats<K> {
    fn default() -> Self {
        Self { tasks: JoinSet::new(), held: HashMap::new() }
    }
}

impl<K> Seats<K> {
    /// Begins some work.
    pub fn take(&mut self, whose: K, work: impl Future<Output = ()> + Send + 'static) {
        let id = self.tasks.spawn(work).id();
        self.held.insert(id, whose);
    }

    /// Who has one.
    pub fn held(&self) -> impl Iterator<Item = &K> {
        self.held.values()
    }

    /// How many are taken.
    pub fn taken(&self) -> usize {
        self.held.len()
    }

    /// Waits until some work ends; false where there is none.
    pub async fn one_ends(&mut self) -> bool {
        let Some(ended) = self.tasks.join_next_with_id().await else { return false };
        let id = match ended {
            Ok((id, ())) => id,
            Err(why) => {
                tracing::error!(%why, "work broke; its lease ends, and it is taken up again");
                why.id()
            }
        };
        self.held.remove(&id);
        true
    }

    /// Waits for so long until all work has ended, then breaks the rest off; how much that was.
    pub async fn finish(mut self, patience: Duration) -> usize {
        let all = async { while self.one_ends().await {} };
        if timeout(patience, all).await.is_ok() {
            return 0;
        }
        let left = self.held.len();
        self.tasks.shutdown().await;
        left
    }
}

/// What of these is there at least so often.
pub fn full<T: Ord>(of: impl Iterator<Item = T>, most: usize) -> Vec<T> {
    let mut counts = std::collections::BTreeMap::<T, usize>::new();
    of.for_each(|one| *counts.entry(one).or_default() += 1);
    counts.into_iter().filter(|(_, count)| *count >= most).map(|(one, _)| one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_a_share_is_full() {
        for (held, most, expected) in [("aabac", 2, "a"), ("aabb", 2, "ab"), ("abc", 2, ""), ("", 1, "")] {
            let full: String = full(held.chars(), most).into_iter().collect();
            assert_eq!(full, expected, "{held} {most}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_seat_is_free_again_however_its_work_ends() {
        let mut seats = Seats::default();
        seats.take("quick", async {});
        seats.take("breaks", async { panic!("as it is told") });
        seats.take("slow", tokio::time::sleep(Duration::from_secs(60)));
        assert_eq!(seats.taken(), 3);
        assert!(seats.one_ends().await && seats.one_ends().await);
        assert_eq!(seats.held().collect::<Vec<_>>(), [&"slow"]);
        assert_eq!(seats.finish(Duration::from_secs(15)).await, 1, "it takes too long");
        assert!(!Seats::<()>::default().one_ends().await, "nothing to wait for");
    }
}
