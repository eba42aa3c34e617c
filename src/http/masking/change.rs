//! A change of a session through this door: checked, written down, and answered as done once it is written.
//!
//! Deliberately not here: what is changed.

use parking_lot::Mutex;

use super::door::Client;
use super::told::{Refusal, not_changed};
use crate::domain::{Callback, Session};
use crate::http::House;
use crate::jobs::guard::{self, Exceptions};
use crate::rules::ruleset::Ruleset;
use crate::store::StoreError;
use crate::store::base::Wants;
use crate::switchboard::desk::{NotChanged, Plan};

/// Makes a change, and tells the session as it is then. A session that is in the database is there, even where this
/// process could not take it in: the client must not be told to try again. Where somebody stands in its way, that is a
/// `clash`.
pub async fn changed(
    house: &House,
    client: &Client,
    wants: &Wants,
    clash: fn() -> Refusal,
    plan: impl Fn(&Ruleset) -> Result<Plan<Session>, Refusal>,
) -> Result<Session, Refusal> {
    let planned = Mutex::new(None);
    let done = house.board.change(&client.tenant, wants, &client.asker, |base| {
        let plan = plan(&base.rules)?;
        reachable(&plan.outcome, &house.egress)?;
        *planned.lock() = Some(plan.outcome.clone());
        Ok(plan)
    });
    match (done.await, planned.into_inner()) {
        (Ok(session), _) => Ok(session),
        (Err(NotChanged::Memory(error)), Some(session)) => {
            tracing::error!(%error, "a masking session is in the database and could not be taken into memory");
            Ok(session)
        }
        (Err(NotChanged::Store(StoreError::Conflicts(_))), _) => Err(clash()),
        (Err(why), _) => Err(not_changed(why)),
    }
}

/// That whoever is to hear of the session may be called: what would be refused later is refused at once.
fn reachable(session: &Session, egress: &Exceptions) -> Result<(), Refusal> {
    let Some(terms) = &session.options.terms else { return Ok(()) };
    let named = [("callback_url", &terms.callback), ("recording_callback_url", &terms.recording_callback)];
    let refused = |(name, callback): (&str, &Callback)| {
        let url = callback.url.as_deref()?;
        guard::plausible(url, egress)
            .err()
            .map(|why| format!("Invalid parameter. {name} should be a valid URL. {why}."))
    };
    let wrong: Vec<String> = named.into_iter().filter_map(refused).collect();
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::wrong(wrong.join(" "))) }
}
