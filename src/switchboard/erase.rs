//! Erasing a phone: what was written is erased, then what is in memory.
//!
//! Deliberately not here: the rows (`store::erasure`).

use std::time::Duration;

use super::Switchboard;
use super::desk::{Asker, NotChanged};
use crate::domain::{E164, MessageId, TenantId};
use crate::store::base::{WantCustomers, WantSessions, Wants};
use crate::store::erasure::{Certificate, Erasure};

/// How long to wait for entries that are on their way.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a phone cannot be erased now.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NotErased {
    /// It is a back-office line's, or a number.
    InService,
    /// A call of it is in progress.
    InCall,
    /// Entries wait outside of the database.
    Waiting,
}

impl Switchboard {
    /// Erases a phone of a tenant, in the store and in memory.
    ///
    /// # Errors
    /// Why nothing was erased.
    pub async fn erase(
        &self,
        tenant: &TenantId,
        asker: &Asker,
        phone: E164,
    ) -> Result<Certificate, NotChanged<NotErased>> {
        let Some(store) = self.ink.store() else { return Err(NotChanged::NoTenant) };
        let _turn = self.locks.turn(tenant).await;
        let memory = self.memory.load_full();
        if memory.directory.tenant(tenant).is_none() {
            return Err(NotChanged::NoTenant);
        }
        if store.read().in_service(tenant, phone).await.map_err(NotChanged::Store)? {
            return Err(NotChanged::Refused(NotErased::InService));
        }
        if memory.live.in_call(tenant, phone) {
            return Err(NotChanged::Refused(NotErased::InCall));
        }
        let began = self.clock.now();
        if !self.flush(PATIENCE).await || self.ink.degraded().is_some() {
            return Err(NotChanged::Refused(NotErased::Waiting));
        }
        let erasure = Erasure {
            tenant: tenant.clone(),
            phone,
            by: asker.by.clone(),
            request: asker.request.clone(),
            at: asker.at,
        };
        let (certificate, touched) = store.erase(&erasure, self.clock.now()).await.map_err(NotChanged::Store)?;
        for id in touched.interactions.iter().filter_map(|id| MessageId::read(id)) {
            memory.held.remove(&id);
        }
        memory.live.forget_phone(tenant, phone);
        memory.ledger.forget_answers(began);
        memory.directory.forget_phone(tenant, phone, store.vault(), touched.shunned);
        let wants = Wants {
            customers: WantCustomers::Ids(touched.customers),
            sessions: WantSessions::Ids(touched.sessions),
            ..Wants::default()
        };
        if let Some(base) = store.read().base(tenant, &wants).await.map_err(NotChanged::Store)? {
            memory.learn_rules(&base.rules).map_err(NotChanged::Memory)?;
        }
        Ok(certificate)
    }
}
