//! What is known, in memory: who rents which number, who may be reached where, and what happened lately.
//!
//! Deliberately not here: calls in progress (`switchboard::live`) and the store it was loaded from. **Invariant:** no
//! question waits for anything but a map's shard; what is learnt is visible to the next decision.

mod deepcall;
mod forget;
mod keys;
mod phones;
mod recent;
mod sessions;
mod shunned;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;

use arc_swap::ArcSwap;
use dashmap::DashMap;
use foldhash::fast::RandomState;

use crate::domain::{
    Account, AccountId, Choosing, Customer, CustomerId, E164, Location, LocationId, MaskingNumber, Moment, Number,
    PinStreak, SessionId, Technician, TechnicianId, Tenant, TenantId, WorkOrder, WorkOrderId,
};
use crate::providers::{self, Keyring};
use crate::routing::Office;
use crate::rules::hours::{Hours, HoursMistake};
use crate::rules::numbering;
use crate::rules::ruleset::{AccountSecrets, Secret, TenantSecrets};
use crate::store::fact::Fact;

use deepcall::Deepcall;
pub use forget::Known;
use keys::Keys;
use phones::Phones;
use recent::Recent;
use sessions::Sessions;
use shunned::Shunned;
pub use view::View;

type Map<K, V> = DashMap<K, V, RandomState>;

/// A provider account with what it verifies and fetches with.
pub struct Line {
    /// The account.
    pub account: Arc<Account>,
    /// The keys that sign its requests.
    pub keyring: Keyring,
    /// Its tokens, newest first.
    pub tokens: Vec<Secret>,
}

/// Everything that is known.
pub struct Directory {
    around: Moment,
    server_countries: Vec<String>,
    keep_all_contacts: bool,
    lines: Map<AccountId, Arc<Line>>,
    tenants: Map<TenantId, Arc<Tenant>>,
    secrets: Map<TenantId, Arc<TenantSecrets>>,
    keys: Keys,
    deepcall: Deepcall,
    auth_ids: Map<String, TenantId>,
    countries: ArcSwap<Countries>,
    offices: Map<(TenantId, LocationId), Arc<Office>>,
    technicians: Map<(TenantId, TechnicianId), Arc<Technician>>,
    technician_phones: Phones<TechnicianId>,
    customers: Map<(TenantId, CustomerId), Arc<Customer>>,
    customer_phones: Phones<CustomerId>,
    work_orders: Map<(TenantId, WorkOrderId), Arc<WorkOrder>>,
    numbers: Map<E164, Arc<Number>>,
    sessions: Sessions,
    recent: Recent,
    opt_outs: Map<(E164, E164), ()>,
    choosings: Map<(E164, E164), Choosing>,
    pin_streaks: Map<(E164, E164), PinStreak>,
    shunned: Shunned,
}

/// Regions that each tenant may call, worked out whenever a tenant or a number is learnt.
type Countries = std::collections::HashMap<TenantId, Arc<[String]>>;

impl Directory {
    /// An empty one, whose hours are compiled around `around`. `keep_all_contacts` keeps contacts of all time, for
    /// explaining the past; a running server keeps those of the last day, the longest reply window.
    pub fn new(around: Moment, server_countries: Vec<String>, keep_all_contacts: bool) -> Self {
        Self {
            around,
            server_countries,
            keep_all_contacts,
            lines: Map::default(),
            tenants: Map::default(),
            secrets: Map::default(),
            keys: Keys::default(),
            deepcall: Deepcall::default(),
            auth_ids: Map::default(),
            countries: ArcSwap::default(),
            offices: Map::default(),
            technicians: Map::default(),
            technician_phones: Phones::default(),
            customers: Map::default(),
            customer_phones: Phones::default(),
            work_orders: Map::default(),
            numbers: Map::default(),
            sessions: Sessions::default(),
            recent: Recent::default(),
            opt_outs: Map::default(),
            choosings: Map::default(),
            pin_streaks: Map::default(),
            shunned: Shunned::default(),
        }
    }

    /// Takes one thing in, in place of what was known of it before. Calls are not for it: see `live`.
    ///
    /// # Errors
    /// A location whose hours cannot be compiled; it is then as it was.
    pub fn learn(&self, fact: Fact) -> Result<(), Vec<HoursMistake>> {
        match fact {
            Fact::Tenant(tenant, secrets) => {
                let id = tenant.id.clone();
                self.keys.declare(&id, &secrets);
                self.deepcall.declare(&tenant, &secrets);
                if let Some(auth_id) = &tenant.auth_id {
                    self.auth_ids.insert(auth_id.clone(), id.clone());
                }
                self.secrets.insert(id.clone(), Arc::new(secrets));
                self.tenants.insert(id, Arc::new(tenant));
            }
            Fact::Account(account, secrets) => self.account(account, &secrets),
            Fact::Location(location) => self.location(*location)?,
            Fact::Technician(technician) => self.technician(technician),
            Fact::Customer(customer) => self.customer(customer),
            Fact::WorkOrder(order) => {
                self.work_orders.insert((order.tenant.clone(), order.id.clone()), Arc::new(order));
            }
            Fact::Number(number) => {
                self.numbers.insert(number.e164.e164(), Arc::new(number));
            }
            Fact::Session(session) => self.sessions.put(&session),
            Fact::Key(tenant, key) => self.keys.put(&tenant, &key),
            Fact::Contact(contact) => self.recent.contact(contact, self.keep_all_contacts),
            Fact::OptOut(number, phone) => self.opt_out(number, phone, true),
            Fact::OptIn(number, phone) => self.opt_out(number, phone, false),
            Fact::Choosing(number, phone, choosing) => self.choosing(number, phone, choosing),
            Fact::PinStreak(number, phone, streak) => self.pin_streak(number, phone, streak),
            Fact::Automatic(number, phone, what, at) => self.recent.automatic(number.e164(), phone, &what, at),
            Fact::Accepted { tenant, number, caller, session, at } => {
                self.recent.accepted(&tenant, number.e164(), caller, session.as_ref(), at);
            }
            Fact::Call(_) => {}
        }
        Ok(())
    }

    /// From when on each location keeps recordings: its `retention_days`, as whole days of its own calendar.
    pub fn retention(&self, now: Moment) -> Vec<(TenantId, LocationId, Moment)> {
        let cut = |office: &Office| {
            let days = i64::from(office.location.masking.retention_days);
            office.hours.day_began(now.plus_days(-days))
        };
        self.offices.iter().map(|at| (at.key().0.clone(), at.key().1.clone(), cut(at.value()))).collect()
    }

    /// Every tenant's id.
    pub fn tenant_ids(&self) -> Vec<TenantId> {
        self.tenants.iter().map(|at| at.key().clone()).collect()
    }

    fn account(&self, account: Account, secrets: &AccountSecrets) {
        let keyring = providers::dialect(account.kind).map(|dialect| dialect.keyring(secrets)).unwrap_or_default();
        let line = Line { account: Arc::new(account), keyring, tokens: secrets.auth_tokens.clone() };
        self.lines.insert(line.account.id.clone(), Arc::new(line));
    }

    fn location(&self, location: Location) -> Result<(), Vec<HoursMistake>> {
        let hours = Hours::compile(&location, self.around)?;
        let key = (location.tenant.clone(), location.id.clone());
        self.offices.insert(key, Arc::new(Office { location, hours }));
        Ok(())
    }

    fn technician(&self, technician: Technician) {
        let key = (technician.tenant.clone(), technician.id.clone());
        let phone = technician.phone;
        let before = self.technicians.insert(key.clone(), Arc::new(technician));
        if let Some(old) = before.and_then(|before| before.phone).filter(|old| Some(*old) != phone) {
            self.technician_phones.remove(&key.0, old, &key.1);
        }
        if let Some(phone) = phone {
            self.technician_phones.put(&key.0, phone, &key.1);
        }
    }

    fn customer(&self, customer: Customer) {
        let key = (customer.tenant.clone(), customer.id.clone());
        let customer = Arc::new(customer);
        let before = self.customers.insert(key.clone(), Arc::clone(&customer));
        for old in before.iter().flat_map(|before| &before.phones).filter(|old| !customer.phones.contains(old)) {
            self.customer_phones.remove(&key.0, *old, &key.1);
        }
        for phone in &customer.phones {
            self.customer_phones.put(&key.0, *phone, &key.1);
        }
    }

    /// Works out who may call where. Asked for once after a batch of facts, since it looks at every number.
    ///
    /// A tenant's own list, else its country and those of its numbers; narrowed by the server's list where it has one.
    pub fn settle_countries(&self) {
        let mut countries = Countries::new();
        let mut of_numbers: std::collections::HashMap<TenantId, BTreeSet<String>> = std::collections::HashMap::new();
        for number in &self.numbers {
            if let Some(region) = numbering::region(number.e164.e164()) {
                of_numbers.entry(number.tenant.clone()).or_default().insert(region.to_string());
            }
        }
        for tenant in &self.tenants {
            let mut allowed: BTreeSet<String> = tenant.allowed_countries.iter().cloned().collect();
            if allowed.is_empty() {
                allowed.insert(tenant.country.clone());
                allowed.extend(of_numbers.remove(&tenant.id).unwrap_or_default());
            }
            if !self.server_countries.is_empty() {
                allowed.retain(|country| self.server_countries.contains(country));
            }
            countries.insert(tenant.id.clone(), allowed.into_iter().collect());
        }
        self.countries.store(Arc::new(countries));
    }

    /// Remembers an opt-out, or an opt-in.
    pub fn opt_out(&self, number: MaskingNumber, phone: E164, out: bool) {
        if out {
            self.opt_outs.insert((number.e164(), phone), ());
        } else {
            self.opt_outs.remove(&(number.e164(), phone));
            self.shunned.remove(number.e164(), phone);
        }
    }

    /// Remembers a technician's choice.
    pub fn choosing(&self, number: MaskingNumber, phone: E164, choosing: Choosing) {
        self.choosings.insert((number.e164(), phone), choosing);
    }

    /// Remembers how many wrong PINs in a row a phone typed; a right one ends the row.
    fn pin_streak(&self, number: MaskingNumber, phone: E164, streak: PinStreak) {
        let key = (number.e164(), phone);
        if streak.wrong == 0 {
            self.pin_streaks.remove(&key);
        } else {
            self.pin_streaks.insert(key, streak);
        }
    }

    /// Counts a call for the cap of its session.
    pub fn joined(&self, tenant: &TenantId, session: &SessionId, at: Moment) {
        self.recent.joined(tenant, session, at);
    }

    /// The tenant of this id.
    pub fn tenant(&self, id: &TenantId) -> Option<Arc<Tenant>> {
        self.tenants.get(id).map(|tenant| Arc::clone(&tenant))
    }

    /// The tokens of a tenant's Plivo door, newest first.
    pub fn auth_tokens(&self, tenant: &TenantId) -> Vec<Secret> {
        self.secrets.get(tenant).map(|secrets| secrets.auth_tokens.clone()).unwrap_or_default()
    }

    /// Whose key this hash is, and the key's id.
    pub fn key_owner(&self, hash: &str) -> Option<(TenantId, String)> {
        self.keys.owner(hash)
    }

    /// The tenant that Plivo's clients know by this name, and the secrets of its programs.
    pub fn account_owner(&self, auth_id: &str) -> Option<(Arc<Tenant>, Arc<TenantSecrets>)> {
        let id = self.auth_ids.get(auth_id)?.clone();
        // A name that its tenant has given up leads nowhere.
        let tenant = self.tenant(&id).filter(|tenant| tenant.auth_id.as_deref() == Some(auth_id))?;
        Some((tenant, Arc::clone(&*self.secrets.get(&id)?)))
    }

    /// Whether a phone number is a masking number, whosever: one that was given back is not.
    pub fn is_ours(&self, phone: E164) -> bool {
        self.numbers.get(&phone).is_some_and(|number| number.is_ours())
    }

    /// The account of this id, with its keys.
    pub fn line(&self, id: &str) -> Option<Arc<Line>> {
        self.lines.get(id).map(|line| Arc::clone(&line))
    }

    /// Every account.
    pub fn accounts(&self) -> Vec<Arc<Line>> {
        self.lines.iter().map(|line| Arc::clone(&line)).collect()
    }

    /// Forgets what is too old to matter: contacts and traffic of more than a day ago.
    pub fn forget_before(&self, now: Moment) {
        if !self.keep_all_contacts {
            self.recent.forget_before(now, |number, phone| self.sessions.is_lone(number, phone, now));
        }
        self.pin_streaks.retain(|_, streak| !streak.is_forgotten(now));
    }

    /// The view of one decision.
    pub fn view<'a>(&'a self, live: &'a super::live::Live, now: Moment) -> View<'a> {
        View::new(self, live, now)
    }

    /// How many sessions are known.
    pub fn sessions_known(&self) -> usize {
        self.sessions.len()
    }
}
