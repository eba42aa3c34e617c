//! Everything that is kept in memory, as one thing that can be exchanged for another.
//!
//! Deliberately not here: deciding.

use dashmap::DashMap;
use foldhash::fast::RandomState;

use crate::domain::{IncomingText, MediaItem, MessageId, Moment, Spoken};
use crate::rules::ruleset::Ruleset;
use crate::store::fact::{Fact, Scope};
use crate::store::waiting::Waiting;
use crate::store::{Reader, StoreError};

use super::StartError;
use super::directory::{Directory, Known};
use super::ledger::Ledger;
use super::live::Live;

/// A text that waits for its sender to say whom it is for.
#[derive(Clone)]
pub struct HeldText {
    /// Its words.
    pub words: Spoken,
    /// Its media.
    pub media: Vec<MediaItem>,
    /// When it came.
    pub at: Moment,
}

/// What is known, the calls in progress, and the claims.
pub struct Memory {
    /// What is known.
    pub directory: Directory,
    /// The calls in progress.
    pub live: Live,
    /// The claims.
    pub ledger: Ledger,
    /// Texts that wait.
    pub held: DashMap<MessageId, HeldText, RandomState>,
}

impl Memory {
    /// An empty one.
    pub fn new(around: Moment, server_countries: Vec<String>, keep_all_contacts: bool) -> Self {
        Self {
            directory: Directory::new(around, server_countries, keep_all_contacts),
            live: Live::default(),
            ledger: Ledger::default(),
            held: DashMap::default(),
        }
    }

    /// Takes in a checked rules file.
    pub fn learn_ruleset(&self, ruleset: &Ruleset) -> Result<(), StartError> {
        self.learn_rules(ruleset)?;
        self.directory.settle_countries();
        Ok(())
    }

    /// The same without working out anew who may call where.
    pub fn learn_rules(&self, ruleset: &Ruleset) -> Result<(), StartError> {
        facts(ruleset).try_for_each(|fact| Ok(self.directory.learn(fact)?))
    }

    /// Takes in what the store knows.
    pub async fn load(&self, store: &Reader, scope: Scope) -> Result<(), StartError> {
        let mut mistakes = Vec::new();
        let mut waiting = Vec::new();
        store
            .load(scope, &mut |fact| {
                if let Fact::Call(call) = &fact {
                    self.live.put((**call).clone());
                }
                if let Fact::Choosing(_, _, choosing) = &fact {
                    waiting.extend(choosing.held.iter().copied());
                }
                if let Err(wrong) = self.directory.learn(fact) {
                    mistakes.extend(wrong);
                }
            })
            .await?;
        if !mistakes.is_empty() {
            return Err(mistakes.into());
        }
        self.directory.settle_countries();
        if let Some((vault, hashes)) = store.shunned().await? {
            self.directory.shun(&vault, hashes);
        }
        for message in waiting {
            if let Some(plain) = store.message_text(&message.to_string()).await? {
                self.unseal(message, &plain);
            }
        }
        Ok(())
    }

    /// Learns which claims the store has. Until then each new one is looked for there.
    pub async fn load_claims(&self, store: &Reader) -> Result<(), StoreError> {
        store.claim_fingerprints(|fingerprint| self.ledger.stored(fingerprint)).await?;
        self.ledger.partial(false);
        Ok(())
    }

    /// Takes in what happened and is not in the database yet.
    pub fn catch_up(&self, waiting: Waiting) -> Result<(), StartError> {
        for fact in waiting.facts {
            if let Fact::Call(call) = &fact {
                self.live.put((**call).clone());
            }
            self.directory.learn(fact)?;
        }
        for (message, plain) in waiting.texts {
            self.unseal(message, &plain);
        }
        for (key, answer) in waiting.answers {
            self.ledger.spilled(key, answer);
        }
        Ok(())
    }

    /// Takes in what the store declares, and nothing of what happened; forgets what it declares no longer.
    pub async fn refresh(&self, store: &Reader) -> Result<(), StartError> {
        let (mut mistakes, mut known) = (Vec::new(), Known::default());
        let learn = &mut |fact: Fact| {
            known.note(&fact);
            if let Err(wrong) = self.directory.learn(fact) {
                mistakes.extend(wrong);
            }
        };
        store.load(Scope::Declared, learn).await?;
        self.directory.keep(&known);
        self.directory.settle_countries();
        if mistakes.is_empty() { Ok(()) } else { Err(mistakes.into()) }
    }

    /// Keeps a text until its sender says whom it is for.
    pub fn hold(&self, text: &IncomingText, now: Moment) {
        let held = HeldText { words: Spoken::new(&text.body), media: text.media.clone(), at: now };
        self.held.insert(text.id, held);
    }

    /// Reads a sealed text's plain form, as `settle::seal_text` writes it.
    pub fn unseal(&self, id: MessageId, plain: &[u8]) {
        let Ok(value) = serde_json::from_slice::<serde_json::Value>(plain) else { return };
        let media = value["media"].as_array().into_iter().flatten().filter_map(|item| {
            Some(MediaItem { url: item[0].as_str()?.to_owned(), content_type: item[1].as_str()?.to_owned() })
        });
        let words = Spoken::new(value["words"].as_str().unwrap_or_default());
        self.held.insert(id, HeldText { words, media: media.collect(), at: Moment(i64::MAX) });
    }

    /// Forgets what is too old to matter: facts by the sweep's time, answers by the clock's. While the database fails,
    /// answers are nowhere else, and stay: `written` says that they are.
    pub fn forget_before(&self, now: Moment, clock: Moment, written: bool) {
        self.directory.forget_before(now);
        self.live.forget_before(now);
        if written {
            self.ledger.forget_before(clock);
        }
        self.held.retain(|_, held| held.at.plus_days(1) > now);
    }
}

/// What a ruleset says, one thing after another, each after what it refers to.
fn facts(ruleset: &Ruleset) -> impl Iterator<Item = Fact> + '_ {
    let r = ruleset.clone();
    std::iter::once(Fact::Tenant(r.tenant, r.secrets))
        .chain(r.accounts.into_iter().map(|(account, secrets)| Fact::Account(account, secrets)))
        .chain(r.locations.into_iter().map(|location| Fact::Location(Box::new(location))))
        .chain(r.technicians.into_iter().map(Fact::Technician))
        .chain(r.customers.into_iter().map(Fact::Customer))
        .chain(r.work_orders.into_iter().map(Fact::WorkOrder))
        .chain(r.numbers.into_iter().map(Fact::Number))
        .chain(r.sessions.into_iter().map(Fact::Session))
        .chain(r.contacts.into_iter().map(Fact::Contact))
}
