//! `/api/v1/tenants/{id}/keys`: what a tenant's programs authenticate with.
//!
//! Deliberately not here: checking a key (`caller`). **Invariant:** a key is shown once, to the request that made it and
//! to its repeats; what is stored is its hash, and for a day the sealed answer.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::answer::Answer;
use super::asked::{Asked, Once};
use super::caller::{Caller, Holder};
use super::fault::{Fault, Faults, FieldError, broken};
use super::page::{self, Items, PageParams};
use crate::domain::Moment;
use crate::http::House;
use crate::rules::ruleset::Ruleset;
use crate::store::base::Wants;
use crate::store::edit::{Act, TenantKey, fingerprint};
use crate::store::tenant_keys;
use crate::switchboard::desk::Plan;

/// What a key begins with: whoever finds one knows what it is.
const MARK: &str = "hsk_";

/// How much of a key is kept to recognise it by: its mark and six digits.
const HINT: usize = MARK.len() + 6;

/// The longest name of a key, in characters.
const LONGEST_NAME: usize = 200;

/// A key, without the key itself.
#[derive(Serialize, ToSchema)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// What it is called; one that a rules file declares has no name.
    #[schema(required, example = "dispatch software")]
    pub name: Option<String>,
    /// Where it was made.
    #[schema(value_type = MadeBy)]
    pub source: &'static str,
    /// What to recognise it by: the first characters of the key, or, of one that a rules file declares, of its SHA-256.
    #[schema(example = "hsk_1f0a9c")]
    pub hint: String,
    /// When it was made, where that is known.
    #[schema(required, format = DateTime)]
    pub created_at: Option<String>,
    /// When it was revoked; null while it opens doors.
    #[schema(required, format = DateTime)]
    pub revoked_at: Option<String>,
}

/// Where a key was made.
#[derive(ToSchema)]
#[schema(rename_all = "snake_case")]
#[expect(dead_code, reason = "it describes `Key`")]
pub enum MadeBy {
    /// By a request.
    Api,
    /// In a rules file.
    File,
}

/// A key that was just made.
#[derive(Serialize, ToSchema)]
pub struct NewKey {
    /// What is shown of it from now on.
    #[serde(flatten)]
    pub made: Key,
    /// The key. It is shown here and never again.
    #[schema(example = "hsk_1f0a9c…")]
    pub key: String,
}

/// A key to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `name` reads")]
pub struct KeyBody {
    /// What it is called: which program has it.
    #[schema(min_length = 1, max_length = 200)]
    name: String,
}

fn shape(key: &TenantKey) -> Key {
    let TenantKey { id, name, hash: _, hint, made_at, revoked_at } = key;
    Key {
        id: id.clone(),
        name: Some(name.clone()),
        source: "api",
        hint: hint.clone(),
        created_at: Some(made_at.to_string()),
        revoked_at: revoked_at.as_ref().map(Moment::to_string),
    }
}

/// The keys that a rules file declares: nothing is known of them but their hashes.
fn declared(rules: &Ruleset) -> impl Iterator<Item = Key> {
    rules.secrets.api_key_hashes.iter().map(|hash| Key {
        id: declared_id(hash),
        name: None,
        source: "file",
        hint: format!("sha256:{}", hash.get(..8).unwrap_or_default()),
        created_at: None,
        revoked_at: None,
    })
}

fn declared_id(hash: &str) -> String {
    format!("{}-{}", tenant_keys::FILE, hash.get(..16).unwrap_or(hash))
}

/// Lists keys, the newest first, those of rules files last.
#[utoipa::path(get, path = "/api/v1/tenants/{id}/keys", tag = "tenants", params(PageParams, ("id" = String, Path)),
    responses((status = 200, body = Items<Key>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    holder: Holder,
    Path(id): Path<String>,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<Key>>, Fault> {
    let caller = holder.acting_for(&id)?;
    let (part, _) = page::read_part(query.as_deref(), &[])?;
    let base = house.base(&caller, &Wants::default()).await?;
    let made = house.reader()?.tenant_keys(&caller.tenant).await?;
    let keys = made.iter().map(shape).chain(declared(&base.rules)).collect();
    Ok(Json(part.cut(keys, |key| &key.id)?))
}

/// Makes a key. It opens the tenant's doors from now on, and is shown in this answer alone.
#[utoipa::path(post, path = "/api/v1/tenants/{id}/keys", tag = "tenants",
    request_body = KeyBody, params(("id" = String, Path), ("Idempotency-Key" = Option<String>, Header)),
    responses((status = 201, body = NewKey, headers(("ETag"))), Faults))]
pub async fn create(
    State(house): State<Arc<House>>,
    holder: Holder,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    let caller = holder.acting_for(&id)?;
    let name = name(&asked)?;
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|_| broken())?;
    let key = format!("{MARK}{}", hex::encode(bytes));
    let made = TenantKey {
        id: Uuid::now_v7().to_string(),
        name,
        hash: tenant_keys::hash(&key),
        hint: key[..HINT].to_owned(),
        made_at: caller.asker.at,
        revoked_at: None,
    };
    let answer = Answer::shown(&NewKey { made: shape(&made), key }).created();
    let once = asked.once.as_ref().map(|once| of_this_caller(once, &caller));
    house
        .change(&caller, once.as_ref(), Wants::default(), |base| {
            Ok(Plan::act(&base.rules, Act::KeyMade(made.clone()), answer.clone()))
        })
        .await
}

/// A request of another program of the tenant is another request: it does not get to see the key.
fn of_this_caller(once: &Once, caller: &Caller) -> Once {
    let by = caller.asker.by.to_string();
    Once { key: once.key.clone(), fingerprint: fingerprint(&[&once.fingerprint, by.as_bytes()]) }
}

fn name(asked: &Asked) -> Result<String, Fault> {
    let unknown = asked.fields.keys().filter(|field| *field != "name");
    let mut errors: Vec<FieldError> =
        unknown.map(|field| FieldError::new(field, "unknown_field", "no such field; there is name")).collect();
    let name = match asked.fields.get("name") {
        None => Err(("missing", "is missing: it says which program has the key".to_owned())),
        Some(Value::String(name)) if name.trim().is_empty() => Err(("invalid", "may not be blank".to_owned())),
        Some(Value::String(name)) if name.chars().count() > LONGEST_NAME => {
            Err(("too_long", format!("is longer than {LONGEST_NAME} characters")))
        }
        Some(Value::String(name)) => Ok(name.clone()),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            Err(("wrong_type", "must be a text".to_owned()))
        }
    };
    match name {
        Ok(name) if errors.is_empty() => Ok(name),
        Ok(_) => Err(Fault::wrong(errors)),
        Err((code, message)) => {
            errors.push(FieldError::new("name", code, message));
            Err(Fault::wrong(errors))
        }
    }
}

/// Revokes a key: it opens nothing from now on. One that a rules file declares comes back with the next file that is
/// applied and still names it.
#[utoipa::path(delete, path = "/api/v1/tenants/{id}/keys/{key_id}", tag = "tenants",
    params(("id" = String, Path), ("key_id" = String, Path)),
    responses((status = 204), Faults))]
pub async fn revoke(
    State(house): State<Arc<House>>,
    holder: Holder,
    Path((id, key_id)): Path<(String, String)>,
) -> Result<Answer, Fault> {
    let caller = holder.acting_for(&id)?;
    let made = house.reader()?.tenant_keys(&caller.tenant).await?;
    let known = made.iter().any(|key| key.id == key_id);
    house
        .change(&caller, None, Wants::default(), |base| {
            let act = Plan::act(&base.rules, Act::KeyRevoked { id: key_id.clone() }, Answer::gone());
            if known {
                return Ok(act);
            }
            let mut rules = base.rules.only_tenant();
            rules.secrets.api_key_hashes.retain(|hash| declared_id(hash) != key_id);
            if rules.secrets == base.rules.secrets {
                Err(Fault::unknown())
            } else {
                Ok(Plan::put(rules, Answer::gone()))
            }
        })
        .await
}
