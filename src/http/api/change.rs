//! A change through the API: done once, checked, written down, answered.
//!
//! Deliberately not here: what is changed.

use super::answer::Answer;
use super::asked::Once;
use super::caller::Caller;
use super::fault::{BUSY, Fault, FieldError};
use crate::domain::{E164, MaskingNumber};
use crate::http::House;
use crate::store::StoreError;
use crate::store::base::{Base, Wants};
use crate::store::edit::Keep;
use crate::store::kept::Kept;
use crate::switchboard::desk::{NotChanged, Plan};

impl House {
    /// Makes a change, or gives the answer that the same request got before.
    pub(super) async fn change(
        &self,
        caller: &Caller,
        once: Option<&Once>,
        mut wants: Wants,
        plan: impl Fn(&Base) -> Result<Plan<Answer>, Fault>,
    ) -> Result<Answer, Fault> {
        wants.kept = once.map(|once| (once.key.clone(), caller.asker.at));
        let done = self.board.change(&caller.tenant, &wants, &caller.asker, |base| {
            if let (Some(once), Some(kept)) = (once, &base.kept) {
                let again = again(once, kept)?;
                return Ok(Plan { dry: true, ..Plan::put(base.rules.only_tenant(), again) });
            }
            let mut plan = plan(base)?;
            plan.keep = once.map(|Once { key, fingerprint }| Keep {
                key: key.clone(),
                fingerprint: *fingerprint,
                answer: plan.outcome.kept(),
            });
            Ok(plan)
        });
        done.await.map_err(not_changed)
    }

    /// What is stored of the caller's tenant, for looking at.
    pub(super) async fn base(&self, caller: &Caller, wants: &Wants) -> Result<Base, Fault> {
        self.reader()?.base(&caller.tenant, wants).await?.ok_or_else(Fault::unknown)
    }

    /// The id of an opt-out of the caller's tenant.
    pub(super) fn opt_out_id(&self, caller: &Caller, number: MaskingNumber, phone: E164) -> Result<String, Fault> {
        let id = self.reader()?.opt_out_id(&caller.tenant, number, phone);
        id.ok_or_else(|| Fault::unable("There is no key to name it by."))
    }

    /// Where things are looked up.
    pub(super) fn reader(&self) -> Result<&crate::store::Reader, Fault> {
        self.board.reader().ok_or_else(|| Fault::unable("There is no database."))
    }
}

/// The answer that the same request got before; 422 where it was another request.
pub(super) fn again(once: &Once, kept: &Kept) -> Result<Answer, Fault> {
    if kept.fingerprint != once.fingerprint {
        let message = "was used for another request in the last 24 hours: make a new one for each thing to be done";
        return Err(Fault::wrong(vec![FieldError::new("Idempotency-Key", "reused", message)]));
    }
    Answer::again(&kept.answer).ok_or_else(super::fault::broken)
}

/// Why nothing was changed, as whoever asked is told.
pub(super) fn not_changed(why: NotChanged<Fault>) -> Fault {
    match why {
        NotChanged::NoTenant => Fault::unknown(),
        NotChanged::Refused(fault) => fault,
        NotChanged::Store(StoreError::Answered) | NotChanged::Busy => busy(),
        NotChanged::Store(error) => error.into(),
        NotChanged::Memory(error) => {
            tracing::error!(%error, "a change is in the database and could not be taken into memory");
            super::fault::broken()
        }
    }
}

/// Others were faster.
pub(super) fn busy() -> Fault {
    Fault::conflict(BUSY, "Others changed the same tenant all the while; nothing was changed: try again.")
        .retry_after(1)
}
