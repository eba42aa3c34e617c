//! A tenant's rules as checked values: what a file says, merged over what is stored.
//!
//! Deliberately not here: reading the file (`rules::file`), compiling hours, writing to the store.

use crate::domain::{
    Account, AccountId, Brand, Contact, Customer, Limits, Location, LocationId, Number, Session, Technician, Tenant,
    TenantId, WorkOrder,
};

/// A secret that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes it in.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Lets it out, to whoever signs or verifies.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// An empty secret authenticates nobody.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_empty() { "Secret(empty)" } else { "Secret(…)" })
    }
}

/// What an account signs and authenticates with. Several of a kind while rotating, newest first; never an empty one.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct AccountSecrets {
    /// Auth tokens (Twilio, Plivo; SignalWire's REST API).
    pub auth_tokens: Vec<Secret>,
    /// Signing keys of SignalWire's webhooks.
    pub signing_keys: Vec<Secret>,
    /// Telnyx' public key, Base64.
    pub public_key: String,
}

/// What a tenant's own programs authenticate with.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TenantSecrets {
    /// API keys, as lower-case hexadecimal SHA-256.
    pub api_key_hashes: Vec<String>,
    /// The Plivo door's tokens.
    pub auth_tokens: Vec<Secret>,
    /// The DeepCall door's tokens.
    pub deepcall_tokens: Vec<Secret>,
    /// The DeepCall door's ssids.
    pub deepcall_ssids: Vec<Secret>,
}

/// One tenant and all that a file (or the store) says of it. Every value is complete: what a file left out has been
/// taken from what was stored, or from the default.
#[derive(Clone, PartialEq, Debug)]
pub struct Ruleset {
    /// The tenant.
    pub tenant: Tenant,
    /// Its programs' secrets.
    pub secrets: TenantSecrets,
    /// Its provider accounts, with their secrets.
    pub accounts: Vec<(Account, AccountSecrets)>,
    /// Its locations.
    pub locations: Vec<Location>,
    /// Its technicians.
    pub technicians: Vec<Technician>,
    /// Its customer contacts.
    pub customers: Vec<Customer>,
    /// Its jobs.
    pub work_orders: Vec<WorkOrder>,
    /// Its numbers.
    pub numbers: Vec<Number>,
    /// Its sessions.
    pub sessions: Vec<Session>,
    /// Past contacts.
    pub contacts: Vec<Contact>,
    /// Whether literal secrets of the demo are in it; such a ruleset is served on loopback only.
    pub demo_secrets: bool,
}

impl Ruleset {
    /// A tenant of whom nothing has been said yet.
    pub fn blank(id: &TenantId) -> Self {
        Self {
            tenant: Tenant {
                id: id.clone(),
                name: id.to_string(),
                country: "US".to_owned(),
                allowed_countries: Vec::new(),
                brand: Brand::None,
                auth_id: None,
                deepcall_user_id: None,
                default_location: None,
                limits: Limits::default(),
            },
            secrets: TenantSecrets::default(),
            accounts: Vec::new(),
            locations: Vec::new(),
            technicians: Vec::new(),
            customers: Vec::new(),
            work_orders: Vec::new(),
            numbers: Vec::new(),
            sessions: Vec::new(),
            contacts: Vec::new(),
            demo_secrets: false,
        }
    }

    /// The tenant alone, with its secrets: what a change of something else names.
    pub fn only_tenant(&self) -> Self {
        Self {
            tenant: self.tenant.clone(),
            secrets: self.secrets.clone(),
            demo_secrets: self.demo_secrets,
            ..Self::blank(&self.tenant.id)
        }
    }

    /// The location of this id.
    pub fn location(&self, id: &LocationId) -> Option<&Location> {
        self.locations.iter().find(|location| location.id == *id)
    }

    /// The account of this id.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().map(|(account, _)| account).find(|account| account.id == *id)
    }
}

/// Something wrong in a file, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The file, as it was named.
    pub file: String,
    /// The line, from 1; 0 where it cannot be told.
    pub line: usize,
    /// The field, as a path such as `location.chicago.masking.cooldown_days`.
    pub field: String,
    /// What is wrong with the value, and what would be right.
    pub message: String,
    /// Whether it is only worth knowing: a warning does not keep a file from being applied.
    pub warning: bool,
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.file)?;
        if self.line > 0 {
            write!(f, ":{}", self.line)?;
        }
        if !self.field.is_empty() {
            write!(f, ": {}", self.field)?;
        }
        write!(f, ": {}{}", if self.warning { "warning: " } else { "" }, self.message)
    }
}
