//! What can go wrong with the store, as its callers tell it apart.
//!
//! Deliberately not here: what a caller does about it (`switchboard::ladder`).

use std::path::PathBuf;

use super::vault::VaultError;

/// Why the store could not do as it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The URL names no database that this program knows.
    #[error(
        "database_url \"{0}\" names no database: use sqlite://PATH, such as sqlite://data/hookswitch.db, or sqlite::memory:"
    )]
    Url(String),
    /// The URL names a PostgreSQL server.
    #[error("database_url names a PostgreSQL server, and this version stores in SQLite only: use sqlite://PATH")]
    Postgres,
    /// The database is not there, or cannot be opened.
    #[error("the database {place} cannot be opened: {why}")]
    Open {
        /// Where it should be.
        place: String,
        /// Why not.
        why: String,
    },
    /// There is no database, and a spill that belongs into one.
    #[error(
        "the database {place} is not there, and entries in {} wait for it: put it back, or move that spill folder away to begin anew", .spill.display()
    )]
    Missing {
        /// Where it should be.
        place: String,
        /// What waits.
        spill: PathBuf,
    },
    /// The file that was opened is no longer at its place.
    #[error("the database file {0} is gone: put it back, and everything that waits is written")]
    Gone(PathBuf),
    /// The database was written by a newer program.
    #[error(
        "the database {place} has schema {found}, and this program knows {known}: use the program that wrote it, or a newer one"
    )]
    Newer {
        /// Where it is.
        place: String,
        /// Its newest migration.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// The database was written by an older program.
    #[error("the database {place} has schema {found}, and this program needs {known}: run `hookswitch migrate` first")]
    Older {
        /// Where it is.
        place: String,
        /// Its newest migration.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// It is a database, and not one of ours.
    #[error("{0} is not a Hookswitch database: name another file, or start the server once to make one")]
    Foreign(String),
    /// It could not be migrated.
    #[error("the database {place} cannot be migrated: {why}")]
    Migration {
        /// Where it is.
        place: String,
        /// Why not.
        why: String,
    },
    /// The database refused or failed.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// A row holds something that no version of this program writes.
    #[error("a row of {table} cannot be read: column {column} holds {what}")]
    Row {
        /// The table.
        table: &'static str,
        /// The column.
        column: &'static str,
        /// What is wrong with its value, without the value.
        what: &'static str,
    },
    /// Something cannot be sealed or opened.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// What should be applied contradicts what is stored, or itself. Nothing was changed.
    #[error("{}", .0.iter().map(Conflict::to_string).collect::<Vec<_>>().join("\n"))]
    Conflicts(Vec<Conflict>),
    /// Somebody else has just answered a request with the same `Idempotency-Key`. Nothing was changed.
    #[error("a request with the same Idempotency-Key has just been answered: ask again for its answer")]
    Answered,
    /// A file beside the database could not be read or written.
    #[error("{path} cannot be used: {why}")]
    File {
        /// The file or directory.
        path: PathBuf,
        /// Why not.
        why: std::io::Error,
    },
}

impl StoreError {
    /// Whether the entry that was being written is to blame: another try would end the same way. Everything else is the
    /// database's fault, and passes.
    pub(super) fn blames_the_entry(&self) -> bool {
        /// SQLite's primary result codes: TOOBIG, CONSTRAINT, MISMATCH, RANGE.
        const OF_THE_ROW: [i64; 4] = [18, 19, 20, 25];
        match self {
            Self::Database(error) => {
                matches!(error, sqlx::Error::Encode(_)) || code(error).is_some_and(|code| OF_THE_ROW.contains(&code))
            }
            Self::Row { .. } => true,
            Self::Url(_)
            | Self::Postgres
            | Self::Open { .. }
            | Self::Missing { .. }
            | Self::Gone(_)
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Foreign(_)
            | Self::Migration { .. }
            | Self::Vault(_)
            | Self::Conflicts(_)
            | Self::Answered
            | Self::File { .. } => false,
        }
    }

    /// Whether the connection on which it happened should not be used again. A lock that somebody else holds and a
    /// file that is away say nothing against it.
    pub(super) fn spoils_the_connection(&self) -> bool {
        /// SQLite's primary result codes: BUSY, LOCKED.
        const PASSING: [i64; 2] = [5, 6];
        match self {
            Self::Gone(_) => false,
            Self::Database(error) => {
                !self.blames_the_entry() && !code(error).is_some_and(|code| PASSING.contains(&code))
            }
            Self::Row { .. }
            | Self::Url(_)
            | Self::Postgres
            | Self::Open { .. }
            | Self::Missing { .. }
            | Self::Newer { .. }
            | Self::Older { .. }
            | Self::Foreign(_)
            | Self::Migration { .. }
            | Self::Vault(_)
            | Self::Conflicts(_)
            | Self::Answered
            | Self::File { .. } => false,
        }
    }
}

/// SQLite's primary result code.
fn code(error: &sqlx::Error) -> Option<i64> {
    let code: i64 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

/// One thing that cannot be as it was asked, and what to do about it.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Conflict {
    /// Two sessions want the same phone on the same number at the same time.
    #[error(
        "session {session}: phone {phone} on number {number} already belongs to session {holder}, which has not ended: \
         end that one first, or use another number"
    )]
    Pair {
        /// The session that is refused.
        session: String,
        /// The number, masked.
        number: String,
        /// The phone, masked, or `anybody`.
        phone: String,
        /// The session that has it.
        holder: String,
    },
    /// An account of this id belongs to another tenant.
    #[error(
        "provider_account {0}: another tenant has an account of this id, and account ids are unique in the installation: choose another id"
    )]
    Account(String),
    /// There is a tenant of this id.
    #[error("tenant {0}: there is one of this id already: choose another id")]
    Tenant(String),
    /// There is a key of this id, or the same key.
    #[error("key {0}: there is one of this id, or the same key, already: make another")]
    Key(String),
    /// Another tenant has this `auth_id`.
    #[error(
        "tenant {0}: another tenant has this auth_id, and auth_ids are unique in the installation: choose another one"
    )]
    AuthId(String),
    /// Another tenant has this DeepCall user.
    #[error(
        "tenant {0}: another tenant has this deepcall.user_id, and they are unique in the installation: choose another one"
    )]
    DeepcallUser(String),
    /// Another tenant has this number.
    #[error("number {0}: it belongs to another tenant: remove it there first")]
    Number(String),
}
