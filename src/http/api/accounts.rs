//! `/api/v1/provider-accounts`.
//!
//! Deliberately not here: whether an account's webhooks arrive (`hookswitch doctor` looks). The operator makes accounts
//! and takes them away; a tenant's key sees its own, and of its own account at a provider (`tenant_byo`) it changes what
//! the provider gave it. What lowers the guard, or says where our requests go, is the operator's.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::answer::Answer;
use super::asked::Asked;
use super::caller::Caller;
use super::crud::{self, Declared};
use super::fault::{Fault, Faults};
use super::page::{self, Items, PageParams};
use super::words::{AccountKindWord, OwnershipWord, SignatureWord};
use crate::domain;
use crate::domain::Ownership;
use crate::http::House;
use crate::rules::file::body::Kind;
use crate::rules::removal::Going;
use crate::rules::ruleset::{AccountSecrets, Ruleset};
use crate::store::base::{WantSessions, Wants};
use crate::store::edit::Gone;

/// What a tenant's key may change of an account of its own.
const OWN: &[&str] =
    &["account_sid", "auth_token", "signing_key", "public_key", "price_per_minute", "billing_increment_seconds"];

/// One account at one provider. Secrets are never shown.
#[derive(Serialize, ToSchema)]
pub struct ProviderAccount {
    /// Its id, in the address of its webhooks; unique in the installation.
    #[schema(example = "acme-twilio")]
    pub id: String,
    /// Whose language it speaks.
    #[schema(value_type = AccountKindWord)]
    pub kind: &'static str,
    /// The provider's id of it; a webhook that names another is refused.
    pub account_sid: String,
    /// What becomes of webhooks with a wrong signature.
    #[schema(value_type = SignatureWord)]
    pub signature: &'static str,
    /// Nothing is sent to the provider unless `api_base_url` is set.
    pub sandbox: bool,
    /// Where the provider's REST API is; empty for the provider's own.
    pub api_base_url: String,
    /// What the provider reaches; empty for the server's.
    pub public_base_url: String,
    /// Price of a billed minute.
    #[schema(example = 0.014)]
    pub price_per_minute: f64,
    /// Seconds that a billed leg is rounded up to.
    pub billing_increment_seconds: u32,
    /// Whose account it is.
    #[schema(value_type = OwnershipWord)]
    pub ownership: &'static str,
    /// Whether it has an auth token.
    pub has_auth_token: bool,
    /// Whether it has a signing key.
    pub has_signing_key: bool,
    /// The public key that its webhooks are signed for; empty for none.
    pub public_key: String,
}

/// An account as it is sent: a new one, or the fields that change. A tenant's key may send account_sid, auth_token,
/// signing_key, public_key, price_per_minute and billing_increment_seconds, of an account whose ownership is tenant_byo.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub struct ProviderAccountBody {
    /// Chosen by the operator, or made.
    #[schema(pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$", nullable = false)]
    id: Option<String>,
    /// Whose language it speaks; a new account needs it.
    #[schema(value_type = Option<AccountKindWord>, nullable = false)]
    kind: Option<String>,
    /// The provider's id of it; null for none.
    #[schema(max_length = 64)]
    account_sid: Option<String>,
    /// What its webhooks are signed with (Twilio, Plivo) and what we authenticate with: one, or two while rotating, the
    /// newest first; null for none.
    auth_token: Option<OneOrMore>,
    /// What becomes of webhooks with a wrong signature: off only for a sandbox account.
    #[schema(value_type = Option<SignatureWord>, nullable = false)]
    signature: Option<String>,
    /// Nothing is sent to the provider unless `api_base_url` is set.
    #[schema(nullable = false)]
    sandbox: Option<bool>,
    /// Where the provider's REST API is; null for the provider's own.
    api_base_url: Option<String>,
    /// What SignalWire's webhooks are signed with: one, or two while rotating; null for none.
    signing_key: Option<OneOrMore>,
    /// Telnyx' public key: 32 bytes in Base64; null for none.
    public_key: Option<String>,
    /// What the provider reaches; null for the server's.
    public_base_url: Option<String>,
    /// Price of a billed minute.
    #[schema(minimum = 0.0, nullable = false)]
    price_per_minute: Option<f64>,
    /// Seconds that a billed leg is rounded up to.
    #[schema(minimum = 1, maximum = 3600, nullable = false)]
    billing_increment_seconds: Option<u32>,
    /// Whose account it is.
    #[schema(value_type = Option<OwnershipWord>, nullable = false)]
    ownership: Option<String>,
}

/// One secret, or several.
#[derive(Deserialize, ToSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "it describes what `rules` reads")]
pub enum OneOrMore {
    /// One.
    One(String),
    /// Several, the newest first.
    More(Vec<String>),
}

/// Provider accounts.
pub struct Accounts;

impl Declared for Accounts {
    const KIND: Kind = Kind::Account;
    const PATH: &'static str = "/api/v1/provider-accounts";
    type Shape = ProviderAccount;

    fn wants(_: &str, _: &Asked) -> Wants {
        Wants::default()
    }

    fn wants_to_show(_: &str) -> Wants {
        Wants::default()
    }

    fn find(rules: &Ruleset, id: &str) -> Option<ProviderAccount> {
        let found = rules.accounts.iter().find(|(one, _)| one.id.as_str() == id);
        found.map(|(account, secrets)| shape(account, secrets))
    }

    fn wants_to_take(_: &str) -> Wants {
        Wants { sessions: WantSessions::Open, ..Wants::default() }
    }

    fn take(rules: &Ruleset, id: &str, caller: &Caller) -> Result<Gone, Fault> {
        let id = id.into();
        crud::free(rules, Going::Account(&id), caller)?;
        Ok(Gone::Account(id))
    }

    fn open_to_tenants(rules: &Ruleset, id: &str) -> Option<&'static [&'static str]> {
        match rules.account(&id.into()).map(|account| account.ownership) {
            Some(Ownership::TenantByo) => Some(OWN),
            Some(Ownership::Platform) | None => Some(&[]),
        }
    }
}

fn shape(account: &domain::Account, secrets: &AccountSecrets) -> ProviderAccount {
    let domain::Account {
        id,
        tenant: _,
        kind,
        account_sid,
        signature,
        sandbox,
        api_base_url,
        public_base_url,
        price_per_minute,
        billing_increment_seconds,
        ownership,
    } = account;
    let AccountSecrets { auth_tokens, signing_keys, public_key } = secrets;
    ProviderAccount {
        id: id.to_string(),
        kind: kind.word(),
        account_sid: account_sid.clone(),
        signature: signature.word(),
        sandbox: *sandbox,
        api_base_url: api_base_url.clone(),
        public_base_url: public_base_url.clone(),
        price_per_minute: *price_per_minute,
        billing_increment_seconds: *billing_increment_seconds,
        ownership: ownership.word(),
        has_auth_token: !auth_tokens.is_empty(),
        has_signing_key: !signing_keys.is_empty(),
        public_key: public_key.clone(),
    }
}

/// Lists provider accounts.
#[utoipa::path(get, path = "/api/v1/provider-accounts", tag = "provider-accounts", params(PageParams),
    responses((status = 200, body = Items<ProviderAccount>), Faults))]
pub async fn list(
    State(house): State<Arc<House>>,
    caller: Caller,
    RawQuery(query): RawQuery,
) -> Result<Json<Items<ProviderAccount>>, Fault> {
    let asking = page::read(query.as_deref(), &[])?;
    let listed = house.reader()?.list_accounts(&caller.tenant, &asking.page).await?;
    Ok(Json(page::items(listed, |(account, secrets)| shape(account, secrets))))
}

/// Adds a provider account; for the operator.
#[utoipa::path(post, path = "/api/v1/provider-accounts", tag = "provider-accounts",
    request_body = ProviderAccountBody,
    params(("Idempotency-Key" = Option<String>, Header), ("X-Tenant-Id" = String, Header)),
    responses((status = 201, body = ProviderAccount, headers(("Location"), ("ETag"))), Faults))]
pub async fn create(State(house): State<Arc<House>>, caller: Caller, asked: Asked) -> Result<Answer, Fault> {
    caller.operators_only()?;
    crud::create::<Accounts>(&house, &caller, &asked).await
}

/// Shows a provider account.
#[utoipa::path(get, path = "/api/v1/provider-accounts/{id}", tag = "provider-accounts",
    params(("id" = String, Path)),
    responses((status = 200, body = ProviderAccount, headers(("ETag"))), Faults))]
pub async fn show(State(house): State<Arc<House>>, caller: Caller, Path(id): Path<String>) -> Result<Answer, Fault> {
    crud::show::<Accounts>(&house, &caller, &id).await
}

/// Changes a provider account. Of one that is the tenant's own, its key may change what the provider gave it; the rest
/// is the operator's (`read_only`).
#[utoipa::path(method(patch, put), path = "/api/v1/provider-accounts/{id}", tag = "provider-accounts",
    request_body = ProviderAccountBody, params(("id" = String, Path), ("If-Match" = Option<String>, Header)),
    responses((status = 200, body = ProviderAccount, headers(("ETag"))), Faults))]
pub async fn change(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    asked: Asked,
) -> Result<Answer, Fault> {
    crud::change::<Accounts>(&house, &caller, &id, &asked).await
}

/// Takes a provider account away; for the operator. 409 while it rents a number.
#[utoipa::path(delete, path = "/api/v1/provider-accounts/{id}", tag = "provider-accounts",
    params(("id" = String, Path), ("If-Match" = Option<String>, Header), ("X-Tenant-Id" = String, Header)),
    responses((status = 204), Faults))]
pub async fn remove(
    State(house): State<Arc<House>>,
    caller: Caller,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Answer, Fault> {
    caller.operators_only()?;
    crud::remove::<Accounts>(&house, &caller, &id, &headers).await
}
