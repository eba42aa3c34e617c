//! Claims: the first delivery of an event decides it, every repeat gets the same answer, and one that comes meanwhile
//! waits for it.
//!
//! Deliberately not here: what makes two deliveries one event (`providers::claim`), and keeping answers for a month
//! (the store).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dashmap::DashMap;
use dashmap::mapref::entry::Entry as Place;
use foldhash::fast::RandomState;
use tokio::sync::watch;

use crate::domain::Moment;
use crate::store::entry::{ClaimKey, KeptAnswer};

use super::Reply;

/// How long answers are kept in memory; older ones are read from the store.
const REMEMBERED: Duration = Duration::from_secs(600);

type Answered = Option<Arc<Reply>>;

enum Held {
    /// Being decided; whoever asks again listens here.
    Deciding(watch::Receiver<Answered>),
    /// Decided.
    Answered(Arc<Reply>, Moment),
}

/// All claims that are known in memory.
#[derive(Default)]
pub struct Ledger {
    held: DashMap<ClaimKey, Held, RandomState>,
    /// The first half of every key that the store has: only such a key is worth a look there.
    stored: DashMap<u64, (), RandomState>,
    /// Whether some of those are not known yet.
    partial: AtomicBool,
    /// Answers of an earlier process that the database does not have yet.
    spilled: DashMap<ClaimKey, KeptAnswer, RandomState>,
}

/// What a delivery is.
pub enum Claim<'a> {
    /// The first of its event.
    First(Ticket<'a>),
    /// A repeat; here is the answer.
    Repeat(Arc<Reply>),
    /// A repeat of an event that is being decided.
    Meanwhile(watch::Receiver<Answered>),
}

impl Ledger {
    /// Claims an event.
    pub fn claim(&self, key: ClaimKey) -> Claim<'_> {
        match self.held.entry(key) {
            Place::Occupied(place) => match place.get() {
                Held::Deciding(listen) => Claim::Meanwhile(listen.clone()),
                Held::Answered(answer, _) => Claim::Repeat(Arc::clone(answer)),
            },
            Place::Vacant(place) => {
                let (tell, listen) = watch::channel(None);
                place.insert(Held::Deciding(listen));
                Claim::First(Ticket { ledger: self, key, tell, answered: false })
            }
        }
    }

    /// Notes that the store has an answer for a key that begins so.
    pub fn stored(&self, fingerprint: u64) {
        self.stored.insert(fingerprint, ());
    }

    /// Notes whether the store has keys that have not been told.
    pub fn partial(&self, partial: bool) {
        self.partial.store(partial, Ordering::Release);
    }

    /// Whether the store may have an answer for this key.
    pub fn may_be_stored(&self, key: &ClaimKey) -> bool {
        self.partial.load(Ordering::Acquire) || self.stored.contains_key(&fingerprint(key))
    }

    /// Notes an answer that waits in the spill of an earlier process.
    pub fn spilled(&self, key: ClaimKey, answer: KeptAnswer) {
        self.stored(fingerprint(&key));
        self.spilled.insert(key, answer);
    }

    /// The answer to a delivery, where it waits in the spill.
    pub fn waiting(&self, key: &ClaimKey) -> Option<KeptAnswer> {
        self.spilled.get(key).map(|answer| answer.clone())
    }

    /// Drops answers that were given up to an instant and are in the store: what it has by now is what a repeat is told.
    pub fn forget_answers(&self, until: Moment) {
        self.spilled.clear();
        self.held.retain(|key, held| {
            let keep = match held {
                Held::Deciding(_) => true,
                Held::Answered(_, at) => *at > until,
            };
            if !keep {
                self.stored.insert(fingerprint(key), ());
            }
            keep
        });
    }

    /// Drops answers that are old enough to be read from the store.
    pub fn forget_before(&self, now: Moment) {
        self.spilled.clear();
        let since = now.minus(REMEMBERED);
        self.held.retain(|key, held| {
            let keep = match held {
                Held::Deciding(_) => true,
                Held::Answered(_, at) => *at > since,
            };
            if !keep {
                self.stored.insert(fingerprint(key), ());
            }
            keep
        });
    }
}

fn fingerprint(key: &ClaimKey) -> u64 {
    key.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// The right to decide an event. Dropped without an answer, it leaves the event to the next delivery.
pub struct Ticket<'a> {
    ledger: &'a Ledger,
    key: ClaimKey,
    tell: watch::Sender<Answered>,
    answered: bool,
}

impl Ticket<'_> {
    /// Gives the answer, to this delivery's repeats and to whoever waits.
    pub fn answer(mut self, reply: &Arc<Reply>, now: Moment) {
        self.answered = true;
        self.ledger.held.insert(self.key, Held::Answered(Arc::clone(reply), now));
        self.tell.send_replace(Some(Arc::clone(reply)));
    }
}

impl Drop for Ticket<'_> {
    fn drop(&mut self) {
        if !self.answered {
            self.ledger.held.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reply(text: &str) -> Arc<Reply> {
        Arc::new(Reply { status: 200, content_type: None, body: text.as_bytes().to_vec() })
    }

    #[tokio::test]
    async fn the_first_decides_and_the_others_get_its_answer() {
        let ledger = Ledger::default();
        let Claim::First(ticket) = ledger.claim([1; 16]) else { panic!("nobody claimed it yet") };
        let Claim::Meanwhile(mut listen) = ledger.claim([1; 16]) else { panic!("it is being decided") };
        ticket.answer(&reply("a"), Moment(0));
        let told = listen.wait_for(Option::is_some).await.expect("it was answered").clone();
        assert_eq!(told.map(|reply| reply.body.clone()), Some(b"a".to_vec()));
        assert!(matches!(ledger.claim([1; 16]), Claim::Repeat(answer) if answer.body == b"a"));
    }

    #[tokio::test]
    async fn a_decision_that_came_to_nothing_is_left_to_the_next_delivery() {
        let ledger = Ledger::default();
        let Claim::First(ticket) = ledger.claim([1; 16]) else { panic!("nobody claimed it yet") };
        let Claim::Meanwhile(mut listen) = ledger.claim([1; 16]) else { panic!("it is being decided") };
        drop(ticket);
        assert!(listen.wait_for(Option::is_some).await.is_err(), "nobody will answer");
        assert!(matches!(ledger.claim([1; 16]), Claim::First(_)));
    }

    #[test]
    fn until_all_is_known_everything_may_be_stored() {
        let ledger = Ledger::default();
        ledger.partial(true);
        assert!(ledger.may_be_stored(&[7; 16]));
        ledger.partial(false);
        assert!(!ledger.may_be_stored(&[7; 16]));
    }

    #[test]
    fn what_is_forgotten_is_looked_for_in_the_store() {
        let ledger = Ledger::default();
        let Claim::First(ticket) = ledger.claim([7; 16]) else { panic!("nobody claimed it yet") };
        ticket.answer(&reply("a"), Moment(0));
        assert!(!ledger.may_be_stored(&[7; 16]));
        ledger.forget_before(Moment::from_seconds(601));
        assert!(ledger.may_be_stored(&[7; 16]));
        assert!(matches!(ledger.claim([7; 16]), Claim::First(_)));
    }
}
