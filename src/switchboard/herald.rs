//! News of sessions for the tenants' programs that asked for them: put beside what a webhook leaves behind, and counted when
//! they go out.
//!
//! Deliberately not here: what is news (`routing::news`), and delivering it (`jobs::deliver`).

use crate::domain::{Call, Moment, RecordFormat, RecordingMade, Session, TenantId};
use crate::providers::recording_id;
use crate::routing::news::{self, Link, More, News, Step};
use crate::routing::{Decision, World};
use crate::rules::ruleset::Secret;
use crate::store::StoreError;
use crate::store::entry::Write;
use crate::store::outbox::OutboxRow;
use crate::store::outbox::secrets::CallbackSecret;

use super::Switchboard;
use super::desk::Asker;
use super::directory::Line;
use super::metrics::Because;

/// In which format a recording of a call is kept: its session's, as it is when the recording is first told of. Whatever
/// becomes of the session, the address that was told serves what it says.
pub(super) fn format(view: &dyn World, call: &Call) -> RecordFormat {
    let session = call.session.as_ref().and_then(|id| view.session(&call.tenant, id));
    session.map_or(RecordFormat::Mp3, |session| of_session(&session))
}

fn of_session(session: &Session) -> RecordFormat {
    session.options.terms.as_deref().map_or(RecordFormat::Mp3, |terms| terms.record_format)
}

impl Switchboard {
    /// The rows of what this decision is news of. The call before it is the one that the view still has.
    pub(super) fn heralded(&self, view: &dyn World, decision: &Decision, line: &Line, now: Moment) -> Vec<Write> {
        let Some(call) = decision.call.as_deref() else { return Vec::new() };
        // A stranger is in no session until their PIN was right; the one that asks hears of it all the same.
        let asks = || decision.effects.iter().find_map(|effect| Some(news::proof(effect)?.0));
        let session = call.session.as_ref().or_else(asks).and_then(|id| view.session(&call.tenant, id));
        let Some(session) = session.filter(|session| session.options.terms.is_some()) else { return Vec::new() };
        let before = view.call(call.id);
        let step = Step { before: before.as_deref(), decision, session: &session, account: &line.account, now };
        let news = news::of_step(&step);
        news.iter().filter_map(|news| self.row(news, &session, call, line)).collect()
    }

    fn row(&self, news: &News, session: &Session, call: &Call, line: &Line) -> Option<Write> {
        let link = match &news.more {
            More::Recording(recording) => Link { sound: self.sound(recording, session, line) },
            More::Nothing
            | More::RecordingBegun { .. }
            | More::NotKept { .. }
            | More::Over { .. }
            | More::Pin { .. } => Link::default(),
        };
        match OutboxRow::of(&self.vault, session, news, Some(&call.id.to_string()), &link) {
            Ok(row) => row.map(|row| Write::Outbox(Box::new(row))),
            Err(why) => {
                tracing::error!(tenant = %session.tenant, %why, "news could not be sealed and are told to nobody");
                None
            }
        }
    }

    /// Where a receiver fetches a recording from: from us, for the provider's own address opens to nobody else.
    fn sound(&self, recording: &RecordingMade, session: &Session, line: &Line) -> String {
        self.recording_url(session.tenant.as_str(), &recording_id(&line.account.id, recording), of_session(session))
    }

    /// What a tenant's callbacks are signed with as its compatible door's provider would: newest first.
    pub fn callback_tokens(&self, tenant: &TenantId) -> Vec<Secret> {
        self.memory.load().directory.auth_tokens(tenant)
    }

    /// Has a delivery sent again; false where it was delivered, or is not there.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn send_again(&self, tenant: &TenantId, id: &str, asker: &Asker) -> Result<bool, StoreError> {
        let Some(store) = self.ink.store() else { return Ok(false) };
        store.send_again(tenant, id, &asker.by, &asker.request, asker.at).await
    }

    /// The secrets of a tenant's callbacks, made where it has none; `None` where there is no such tenant.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn callback_secrets(
        &self,
        tenant: &TenantId,
        now: Moment,
    ) -> Result<Option<Vec<CallbackSecret>>, StoreError> {
        match self.ink.store().filter(|_| self.is_known(tenant)) {
            Some(store) => store.callback_secrets(tenant, now).await.map(Some),
            None => Ok(None),
        }
    }

    /// Makes another secret for a tenant's callbacks; `None` where there is no such tenant.
    ///
    /// # Errors
    /// A database that fails.
    pub async fn rotate_callback_secret(
        &self,
        tenant: &TenantId,
        asker: &Asker,
    ) -> Result<Option<CallbackSecret>, StoreError> {
        match self.ink.store().filter(|_| self.is_known(tenant)) {
            Some(store) => store.rotate_callback_secret(tenant, &asker.by, &asker.request, asker.at).await.map(Some),
            None => Ok(None),
        }
    }

    fn is_known(&self, tenant: &TenantId) -> bool {
        self.memory.load().directory.tenant(tenant).is_some()
    }

    /// Counts a try of a delivery: `delivered`, `failed` or `dead`.
    pub fn delivery(&self, outcome: &'static str) {
        self.metrics.deliveries.get_or_create(&Because { reason: outcome }).inc();
    }

    /// Takes note of how many deliveries wait, and how many were given up.
    pub fn deliveries_left(&self, waiting: u64, dead: u64) {
        self.metrics.deliveries_waiting.set(i64::try_from(waiting).unwrap_or(i64::MAX));
        self.metrics.deliveries_dead.set(i64::try_from(dead).unwrap_or(i64::MAX));
    }
}
