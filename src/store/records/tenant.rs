//! Tenants, provider accounts and numbers as rows.
//!
//! Deliberately not here: their uniqueness in the installation (`store::conflicts`).

use serde::{Deserialize, Serialize};

use super::Record;
use crate::domain::{
    Account, AccountKind, Brand, Channels, Limits, Number, NumberState, Ownership, SignatureMode, Tenant,
};
use crate::rules::ruleset::{AccountSecrets, Secret, TenantSecrets};
use crate::store::cell::{Cell, Columns, Table, json};
use crate::store::error::StoreError;

/// A tenant, its programs' secrets, and whether they are the demo's.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::store) struct TenantRecord {
    pub(in crate::store) tenant: Tenant,
    pub(in crate::store) secrets: TenantSecrets,
    pub(in crate::store) demo_secrets: bool,
}

impl Record for TenantRecord {
    const TABLE: Table = Table {
        name: "tenants",
        kind: "tenant",
        key: 1,
        columns: &[
            "id",
            "name",
            "country",
            "allowed_countries",
            "brand",
            "auth_id",
            "deepcall_user_id",
            "default_location",
            "calls_per_minute_per_caller",
            "calls_per_day_per_session",
            "concurrent_calls",
            "attempts_per_minute_per_pair",
            "demo_secrets",
            "secrets",
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let Tenant { id, name, country, allowed_countries, brand, auth_id, deepcall_user_id, default_location, limits } =
            &self.tenant;
        vec![
            Cell::text(id.as_str()),
            Cell::text(name),
            Cell::text(country),
            Cell::json(allowed_countries),
            Cell::text(brand.word()),
            Cell::maybe(auth_id.as_ref()),
            Cell::maybe(deepcall_user_id.as_ref()),
            Cell::maybe(default_location.as_ref()),
            Cell::int(limits.calls_per_minute_per_caller),
            Cell::int(limits.calls_per_day_per_session),
            Cell::int(limits.concurrent_calls),
            Cell::int(limits.attempts_per_minute_per_pair),
            Cell::Flag(self.demo_secrets),
            Cell::Secret(json(&TenantSecretsForm::from(&self.secrets))),
        ]
    }

    fn read(c: &mut Columns<'_>) -> Result<Self, StoreError> {
        let tenant = Tenant {
            id: c.text()?.into(),
            name: c.string()?,
            country: c.string()?,
            allowed_countries: c.json()?,
            brand: c.word(Brand::read)?,
            auth_id: c.maybe_string()?,
            deepcall_user_id: c.maybe_string()?,
            default_location: c.maybe()?,
            limits: Limits {
                calls_per_minute_per_caller: c.int()?,
                calls_per_day_per_session: c.int()?,
                concurrent_calls: c.int()?,
                attempts_per_minute_per_pair: c.int()?,
            },
        };
        let demo_secrets = c.flag()?;
        let id = tenant.id.as_str();
        let secrets = c.secret::<TenantSecretsForm>(id, id)?.into();
        Ok(Self { tenant, secrets, demo_secrets })
    }

    fn id(&self) -> String {
        self.tenant.id.to_string()
    }

    fn tenant(&self) -> &str {
        self.tenant.id.as_str()
    }
}

/// An account and its secrets.
#[derive(Clone, PartialEq, Debug)]
pub(in crate::store) struct AccountRecord {
    pub(in crate::store) account: Account,
    pub(in crate::store) secrets: AccountSecrets,
}

impl Record for AccountRecord {
    const TABLE: Table = Table {
        name: "provider_accounts",
        kind: "provider_account",
        key: 1,
        columns: &[
            "id",
            "tenant",
            "kind",
            "account_sid",
            "signature",
            "sandbox",
            "api_base_url",
            "public_base_url",
            "price_per_minute",
            "billing_increment_seconds",
            "ownership",
            "secrets",
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let Account {
            id,
            tenant,
            kind,
            account_sid,
            signature,
            sandbox,
            api_base_url,
            public_base_url,
            price_per_minute,
            billing_increment_seconds,
            ownership,
        } = &self.account;
        vec![
            Cell::text(id.as_str()),
            Cell::text(tenant.as_str()),
            Cell::text(kind.word()),
            Cell::text(account_sid),
            Cell::text(signature.word()),
            Cell::Flag(*sandbox),
            Cell::text(api_base_url),
            Cell::text(public_base_url),
            Cell::Real(*price_per_minute),
            Cell::int(*billing_increment_seconds),
            Cell::text(ownership.word()),
            Cell::Secret(json(&AccountSecretsForm::from(&self.secrets))),
        ]
    }

    fn read(c: &mut Columns<'_>) -> Result<Self, StoreError> {
        let account = Account {
            id: c.text()?.into(),
            tenant: c.text()?.into(),
            kind: c.word(AccountKind::read)?,
            account_sid: c.string()?,
            signature: c.word(SignatureMode::read)?,
            sandbox: c.flag()?,
            api_base_url: c.string()?,
            public_base_url: c.string()?,
            price_per_minute: c.real()?,
            billing_increment_seconds: c.int()?,
            ownership: c.word(Ownership::read)?,
        };
        let secrets = c.secret::<AccountSecretsForm>(account.tenant.as_str(), account.id.as_str())?.into();
        Ok(Self { account, secrets })
    }

    fn id(&self) -> String {
        self.account.id.to_string()
    }

    fn tenant(&self) -> &str {
        self.account.tenant.as_str()
    }
}

#[derive(Default, Serialize, Deserialize)]
struct TenantSecretsForm {
    api_key_hashes: Vec<String>,
    auth_tokens: Vec<String>,
    deepcall_tokens: Vec<String>,
    deepcall_ssids: Vec<String>,
}

#[derive(Default, Serialize, Deserialize)]
struct AccountSecretsForm {
    auth_tokens: Vec<String>,
    signing_keys: Vec<String>,
    public_key: String,
}

fn exposed(secrets: &[Secret]) -> Vec<String> {
    secrets.iter().map(|secret| secret.expose().to_owned()).collect()
}

fn kept(secrets: Vec<String>) -> Vec<Secret> {
    secrets.into_iter().map(Secret::new).collect()
}

impl From<&TenantSecrets> for TenantSecretsForm {
    fn from(secrets: &TenantSecrets) -> Self {
        let TenantSecrets { api_key_hashes, auth_tokens, deepcall_tokens, deepcall_ssids } = secrets;
        Self {
            api_key_hashes: api_key_hashes.clone(),
            auth_tokens: exposed(auth_tokens),
            deepcall_tokens: exposed(deepcall_tokens),
            deepcall_ssids: exposed(deepcall_ssids),
        }
    }
}

impl From<TenantSecretsForm> for TenantSecrets {
    fn from(form: TenantSecretsForm) -> Self {
        Self {
            api_key_hashes: form.api_key_hashes,
            auth_tokens: kept(form.auth_tokens),
            deepcall_tokens: kept(form.deepcall_tokens),
            deepcall_ssids: kept(form.deepcall_ssids),
        }
    }
}

impl From<&AccountSecrets> for AccountSecretsForm {
    fn from(secrets: &AccountSecrets) -> Self {
        let AccountSecrets { auth_tokens, signing_keys, public_key } = secrets;
        Self { auth_tokens: exposed(auth_tokens), signing_keys: exposed(signing_keys), public_key: public_key.clone() }
    }
}

impl From<AccountSecretsForm> for AccountSecrets {
    fn from(form: AccountSecretsForm) -> Self {
        Self { auth_tokens: kept(form.auth_tokens), signing_keys: kept(form.signing_keys), public_key: form.public_key }
    }
}

impl Record for Number {
    const TABLE: Table = Table {
        name: "numbers",
        kind: "number",
        key: 1,
        columns: &[
            "e164",
            "tenant",
            "account",
            "location",
            "technician",
            "work_order",
            "voice",
            "sms",
            "answer_url",
            "state",
            "released_at",
        ],
    };
    const ID_IS_A_NUMBER: bool = true;

    fn cells(&self) -> Vec<Cell> {
        let Self { e164, tenant, account, location, technician, work_order, capabilities, answer_url, state } = self;
        let (state, released_at) = match state {
            NumberState::Available => ("available", None),
            NumberState::Assigned => ("assigned", None),
            NumberState::Released { at } => ("released", Some(*at)),
            NumberState::Retired => ("retired", None),
        };
        vec![
            Cell::Number(*e164),
            Cell::text(tenant.as_str()),
            Cell::text(account.as_str()),
            Cell::maybe(location.as_ref()),
            Cell::maybe(technician.as_ref()),
            Cell::maybe(work_order.as_ref()),
            Cell::Flag(capabilities.voice),
            Cell::Flag(capabilities.sms),
            Cell::maybe(answer_url.as_ref()),
            Cell::text(state),
            Cell::at(released_at),
        ]
    }

    fn read(c: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            e164: c.number()?,
            tenant: c.text()?.into(),
            account: c.text()?.into(),
            location: c.maybe()?,
            technician: c.maybe()?,
            work_order: c.maybe()?,
            capabilities: Channels { voice: c.flag()?, sms: c.flag()? },
            answer_url: c.maybe_string()?,
            state: {
                let word = c.string()?;
                let released_at = c.maybe_moment()?;
                match (word.as_str(), released_at) {
                    ("available", None) => NumberState::Available,
                    ("assigned", None) => NumberState::Assigned,
                    ("released", Some(at)) => NumberState::Released { at },
                    ("retired", None) => NumberState::Retired,
                    _ => return Err(StoreError::Row { table: "numbers", column: "state", what: "an unknown word" }),
                }
            },
        })
    }

    fn id(&self) -> String {
        self.e164.e164().digits().to_string()
    }

    fn id_cell(&self) -> Cell {
        Cell::Number(self.e164)
    }

    fn shown_id(&self) -> String {
        self.e164.e164().masked().to_string()
    }

    fn tenant(&self) -> &str {
        self.tenant.as_str()
    }
}
