//! The rules file: from TOML to a checked [`Ruleset`], or to every mistake in it at once.
//!
//! What a file does not name, it does not touch: an object of the file is read over the stored object of the same id,
//! field by field, and the ruleset holds only what the file names. Nothing is half-applied: one mistake, and there is no
//! ruleset.
//!
//! Deliberately not here: writing to the store, and what is unique in the whole installation (account ids, `auth_id`s and
//! DeepCall users), which only the store can know.

mod account;
pub mod body;
pub mod edit;
mod json;
mod line;
mod location;
mod notes;
mod number;
mod objects;
mod overlap;
mod people;
mod phone;
mod reading;
mod rule;
mod secret;
mod session;
pub mod suggest;
mod table;
mod tenant;
mod terms;
mod view;
mod whole;
mod word;

#[cfg(test)]
mod tests;

use toml::de::{DeTable, DeValue};

use self::notes::Notes;
use self::reading::{Door, Reading};
use self::table::Table;
use self::view::View;
use super::ruleset::{Mistake, Ruleset};
use crate::domain::TenantId;

pub use self::edit::edit;
pub use self::objects::is_slug;

const ROOT: &[&str] =
    &["tenant", "provider_account", "location", "technician", "customer", "work_order", "number", "session", "contact"];

/// Reads a rules file.
///
/// `base` is what is stored of the file's tenant (see [`tenant_of`]); a ruleset of another tenant is as good as none. `env`
/// looks up the variables that name secrets. The second half of `Ok` is warnings.
///
/// # Errors
///
/// Every mistake of the file, warnings among them, in file order.
pub fn read(
    text: &str,
    file_name: &str,
    base: Option<&Ruleset>,
    env: &dyn Fn(&str) -> Option<String>,
) -> Result<(Ruleset, Vec<Mistake>), Vec<Mistake>> {
    let mut notes = Notes::new(text, file_name);
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            notes.unreadable(at, format!("cannot be read as TOML: {}", error.message().replace('\n', " ")));
            return Err(notes.finish());
        }
    };
    let entries = document.get_ref();
    let tenant = match tenant_id(entries) {
        Ok(id) => id,
        Err((field, message)) => {
            notes.mistake(field, message);
            TenantId::from("")
        }
    };
    let base = base.filter(|base| base.tenant.id == tenant);
    let mut r = Reading::new(Door::File, notes, tenant, base, env);
    let ruleset = whole_document(&mut r, entries);
    if r.notes.refuses() { Err(r.notes.finish()) } else { Ok((ruleset, r.notes.finish())) }
}

/// Every object of a document, checked one by one and together.
fn whole_document(r: &mut Reading<'_>, entries: &DeTable<'_>) -> Ruleset {
    let root = Table::open(r, String::new(), entries, ROOT);
    let (ruleset, sessions) = objects(r, &root);
    let base = r.base;
    whole::check(r, View { file: &ruleset, base }, &sessions);
    ruleset
}

/// The tenant that a file is about, without reading the rest; `None` where it cannot be told.
pub fn tenant_of(text: &str) -> Option<TenantId> {
    tenant_id(DeTable::parse(text).ok()?.get_ref()).ok()
}

fn tenant_id(root: &DeTable<'_>) -> Result<TenantId, (&'static str, String)> {
    let tenant = match root.get("tenant").map(|value| value.get_ref()) {
        Some(DeValue::Table(tenant)) => tenant,
        Some(other) => return Err(("tenant", format!("must be a table, not {}", table::noun(other)))),
        None => {
            let message = "is missing: a file is about one tenant and says which: [tenant] with its id";
            return Err(("tenant", message.to_owned()));
        }
    };
    match tenant.get("id").map(|value| value.get_ref()) {
        Some(DeValue::String(id)) if is_slug(id) => Ok(TenantId::from(&**id)),
        Some(_) => Err(("tenant.id", objects::SLUG.to_owned())),
        None => Err(("tenant.id", "is missing".to_owned())),
    }
}

/// Every object of the file, and the paths of its sessions.
fn objects(r: &mut Reading<'_>, root: &Table<'_>) -> (Ruleset, Vec<String>) {
    let (tenant, secrets) = tenant::read(r, root);
    let accounts = account::read(r, root);
    let locations = location::read(r, root);
    let technicians = people::technicians(r, root);
    let customers = people::customers(r, root);
    let work_orders = people::work_orders(r, root);
    let numbers = number::read(r, root);
    let (paths, sessions) = session::sessions(r, root, &work_orders).into_iter().unzip();
    let contacts = session::contacts(r, root);
    let mut ruleset = Ruleset {
        tenant,
        secrets,
        accounts,
        locations,
        technicians,
        customers,
        work_orders,
        numbers,
        sessions,
        contacts,
        demo_secrets: r.demo_secrets,
    };
    if ruleset.tenant.default_location.is_none() {
        let stored = r.base.map(|base| base.locations.as_slice()).unwrap_or_default();
        ruleset.tenant.default_location = stored.iter().chain(&ruleset.locations).next().map(|first| first.id.clone());
    }
    ruleset.demo_secrets |= r.base.is_some_and(|base| base.demo_secrets && keeps_secrets(&ruleset, base));
    (ruleset, paths)
}

/// Whether any stored secret is still in force after this file.
fn keeps_secrets(file: &Ruleset, base: &Ruleset) -> bool {
    fn shared<T: PartialEq>(one: &[T], other: &[T]) -> bool {
        one.iter().any(|secret| other.contains(secret))
    }
    let own = (&file.secrets, &base.secrets);
    shared(&own.0.api_key_hashes, &own.1.api_key_hashes)
        || shared(&own.0.auth_tokens, &own.1.auth_tokens)
        || shared(&own.0.deepcall_tokens, &own.1.deepcall_tokens)
        || shared(&own.0.deepcall_ssids, &own.1.deepcall_ssids)
        || base.accounts.iter().any(|(account, old)| {
            let now = file.accounts.iter().find(|(one, _)| one.id == account.id).map_or(old, |(_, now)| now);
            shared(&now.auth_tokens, &old.auth_tokens) || shared(&now.signing_keys, &old.signing_keys)
        })
}
