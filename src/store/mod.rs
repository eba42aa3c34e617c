//! The store: what is declared, what happened, and the journal of every webhook, in SQLite.
//!
//! [`Store::open`] gives a [`Store`]; [`Store::read`] answers questions, [`Store::apply`] changes what is declared,
//! and [`Store::journal`] writes webhooks down.
//!
//! Deliberately not here: anything that a decision needs at once; that is in memory (`switchboard::directory`).

mod acts;
mod apply;
pub mod audit;
pub mod base;
pub mod call_form;
mod cell;
pub mod change;
mod checkpoint;
pub mod checkup;
mod commit;
mod database;
mod declared;
mod dissolve;
mod draft;
pub mod edit;
pub mod entry;
pub mod erasure;
pub mod error;
pub mod fact;
pub mod feed;
mod folder;
mod forms;
pub mod health;
mod insert;
pub mod interactions;
mod item;
pub mod journal;
pub mod kept;
mod keys;
pub mod list;
mod load;
mod loose_files;
pub mod masked;
pub mod master_key;
pub mod open;
pub mod outbox;
mod packed;
mod pairs;
pub mod past;
mod place;
pub mod provider_jobs;
pub mod purge;
mod rare;
pub mod reader;
pub mod recordings;
mod records;
mod recovery;
mod schema;
pub mod sealed_file;
pub mod shelf;
mod spill;
mod spiller;
pub mod tenant_keys;
mod tenants;
pub mod todos;
pub mod transitions;
pub mod vault;
pub mod waiting;
mod writer;

#[cfg(test)]
mod tests;

pub use change::Change;
pub use error::{Conflict, StoreError};
pub use health::{Backlog, Health};
pub use journal::{Journal, Receipt, Settled};
pub use master_key::MasterKey;
pub use open::{Store, StoreOptions};
pub use reader::Reader;
pub use vault::{Vault, VaultError};
