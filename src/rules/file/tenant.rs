//! `[tenant]`: the customer of the platform, its limits and what its programs authenticate with.
//!
//! Deliberately not here: whether its literal secrets are allowed, which its accounts decide.

use super::reading::{Door, Kind, Reading, put};
use super::secret::{is_hash, key_hash, secrets};
use super::table::Table;
use crate::domain::{Brand, Limits, Tenant};
use crate::rules::numbering::Region;
use crate::rules::ruleset::{Ruleset, Secret, TenantSecrets};

const FIELDS: &[&str] = &[
    "id",
    "name",
    "api_key_env",
    "api_key_hash",
    "api_key",
    "country",
    "allowed_countries",
    "brand",
    "auth_id",
    "auth_token_env",
    "auth_token",
    "deepcall",
    "default_location",
    "limits",
];

const LIMITS: &[&str] =
    &["calls_per_minute_per_caller", "calls_per_day_per_session", "concurrent_calls", "attempts_per_minute_per_pair"];

const DEEPCALL: &[&str] = &["user_id", "token_env", "token", "ssid_env", "ssid"];

/// Reads the tenant, over what is stored of it.
pub(super) fn read(r: &mut Reading<'_>, root: &Table<'_>) -> (Tenant, TenantSecrets) {
    let stored = r.base.map(|base| (base.tenant.clone(), base.secrets.clone()));
    let (mut tenant, mut kept) = stored.unwrap_or_else(|| (Ruleset::blank(&r.tenant).tenant, TenantSecrets::default()));
    let Some(table) = root.inner(r, "tenant", FIELDS) else { return (tenant, kept) };
    put(&mut tenant.name, table.text(r, "name"));
    if let Some(country) = table.text(r, "country") {
        if Region::read(&country).is_some() {
            tenant.country = country;
        } else {
            r.notes.mistake(&table.at("country"), REGION);
        }
    }
    r.country = tenant.country.clone();
    if let Some(list) = table.texts(r, "allowed_countries") {
        for (path, region) in &list {
            if Region::read(region).is_none() {
                r.notes.mistake(path, REGION);
            }
        }
        tenant.allowed_countries = list.into_iter().map(|(_, region)| region).collect();
    }
    // A registration under way is the registry's: "pending" asks for one, and does not take back what it has said.
    match table.word::<Brand>(r, "brand") {
        Some(Brand::Pending) if tenant.brand != Brand::None => {}
        Some(brand) => {
            if !matches!(brand, Brand::None | Brand::Pending) && brand != tenant.brand {
                r.sandbox_only.push((table.at("brand"), "the registry says that; write none or pending"));
            }
            tenant.brand = brand;
        }
        None => {}
    }
    if let Some(auth_id) = table.erasable(r, "auth_id") {
        if auth_id.is_empty() {
            tenant.auth_id = None;
        } else if is_auth_id(&auth_id) {
            tenant.auth_id = Some(auth_id);
        } else {
            let message = "must be 20 capital letters and digits, MA or SA first: Plivo's clients refuse any other";
            r.notes.mistake(&table.at("auth_id"), message);
        }
    }
    put(&mut tenant.default_location, table.pointer(r, "default_location", Kind::Location));
    if let Some(limits) = table.inner(r, "limits", LIMITS) {
        tenant.limits = read_limits(r, &limits, tenant.limits);
    }
    put(&mut kept.auth_tokens, own_secrets(r, &table, "auth_token_env", "auth_token"));
    put(&mut kept.api_key_hashes, api_keys(r, &table));
    if table.is_null(r, "deepcall") {
        tenant.deepcall_user_id = None;
        (kept.deepcall_tokens, kept.deepcall_ssids) = (Vec::new(), Vec::new());
    } else if let Some(deepcall) = table.inner(r, "deepcall", DEEPCALL) {
        if r.door == Door::File || tenant.deepcall_user_id.is_none() {
            deepcall.requires(r, "user_id", "the DeepCall door knows the tenant by it");
        }
        if let Some(user) = deepcall.erasable(r, "user_id") {
            tenant.deepcall_user_id = (!user.is_empty()).then_some(user);
        }
        put(&mut kept.deepcall_tokens, own_secrets(r, &deepcall, "token_env", "token"));
        put(&mut kept.deepcall_ssids, own_secrets(r, &deepcall, "ssid_env", "ssid"));
    }
    (tenant, kept)
}

const REGION: &str = "must be the two capital letters of a country (ISO 3166), such as \"US\"";

fn read_limits(r: &mut Reading<'_>, table: &Table<'_>, mut limits: Limits) -> Limits {
    const CAP: std::ops::RangeInclusive<i64> = 0..=1_000_000;
    put(&mut limits.calls_per_minute_per_caller, table.whole(r, "calls_per_minute_per_caller", CAP));
    put(&mut limits.calls_per_day_per_session, table.whole(r, "calls_per_day_per_session", CAP));
    put(&mut limits.concurrent_calls, table.whole(r, "concurrent_calls", CAP));
    put(&mut limits.attempts_per_minute_per_pair, table.whole(r, "attempts_per_minute_per_pair", CAP));
    limits
}

/// Keys in any of three forms: the name of a variable, a hash, and, for demos, the key itself.
fn api_keys(r: &mut Reading<'_>, table: &Table<'_>) -> Option<Vec<String>> {
    let plain = own_secrets(r, table, "api_key_env", "api_key");
    let hashes = table.one_or_more(r, "api_key_hash");
    if plain.is_none() && hashes.is_none() {
        return None;
    }
    let mut all: Vec<String> = plain.unwrap_or_default().iter().map(key_hash).collect();
    for (path, hash) in hashes.unwrap_or_default() {
        if is_hash(&hash) {
            all.push(hash.to_ascii_lowercase());
        } else if !hash.is_empty() {
            r.notes.mistake(&path, "must be the SHA-256 of the key, as 64 hexadecimal digits");
        }
    }
    Some(all)
}

fn own_secrets(r: &mut Reading<'_>, table: &Table<'_>, by_name: &str, literal: &str) -> Option<Vec<Secret>> {
    let found = secrets(r, table, by_name, literal)?;
    if r.door == Door::File {
        r.demo_secrets |= !found.literals.is_empty();
        r.sandbox_only
            .extend(found.literals.into_iter().map(|path| (path, "name an environment variable in the _env field")));
    }
    Some(found.values)
}

fn is_auth_id(text: &str) -> bool {
    text.len() == 20
        && (text.starts_with("MA") || text.starts_with("SA"))
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
}
