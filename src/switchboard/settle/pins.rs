//! What PINs leave behind: how many wrong ones in a row a phone has typed, and whom a right one joined.
//!
//! Deliberately not here: deciding what is right. No PIN is written anywhere.

use serde_json::{Value, json};

use crate::domain::{PinRefusal, PinStreak};
use crate::routing::Effect;
use crate::store::entry::Write;
use crate::store::fact::Fact;

use super::super::directory::Directory;
use super::{Subject, contact_row, tell};

/// How many wrong PINs in a row there are after an effect, where it changes that.
fn wrong(effect: &Effect) -> Option<u8> {
    if let Effect::PinRefused { how: PinRefusal::Wrong, wrong, .. } = effect {
        return Some(*wrong);
    }
    matches!(effect, Effect::PinAccepted { .. }).then_some(0)
}

/// The rows that an effect changes.
pub(super) fn rows(subject: &Subject<'_>, effect: &Effect) -> Vec<Write> {
    let Some((call, wrong)) = subject.decision.call.as_ref().zip(wrong(effect)) else { return Vec::new() };
    let number = call.number.e164().digits();
    let streak =
        call.caller.phone().map(|phone| Write::PinStreak { number, phone: phone.digits(), wrong, at: subject.now.0 });
    let contact = if let Effect::PinAccepted { contact, .. } = effect { *contact } else { None };
    let contact = contact.map(|contact| Write::Contact(contact_row(&contact, call.tenant.clone())));
    streak.into_iter().chain(contact).collect()
}

/// Tells the memory. A call whose session a PIN told counts for that session's cap from then on; any other counted when it
/// came.
pub(super) fn learn(subject: &Subject<'_>, effect: &Effect, directory: &Directory) {
    let Some((call, wrong)) = subject.decision.call.as_ref().zip(wrong(effect)) else { return };
    if let Some(phone) = call.caller.phone() {
        tell(directory, Fact::PinStreak(call.number, phone, PinStreak { wrong, at: subject.now }));
    }
    let Effect::PinAccepted { session, contact, .. } = effect else { return };
    if let Some(contact) = contact {
        tell(directory, Fact::Contact(*contact));
    }
    if call.end.is_none() && call.pin.as_ref().is_some_and(|pin| !pin.own) {
        directory.joined(&call.tenant, session, subject.now);
    }
}

/// What a timeline shows of an effect.
pub(super) fn detail(effect: &Effect) -> Value {
    if let Effect::PinAsked { session, retry } | Effect::PinAccepted { session, retry, .. } = effect {
        return json!({ "session": session.as_str(), "retry": retry });
    }
    if let Effect::PinRefused { session, retry, how, last, wrong } = effect {
        return json!({ "session": session.as_str(), "retry": retry, "how": how.word(), "last": last, "wrong": wrong });
    }
    if let Effect::PinWaived { session } = effect { json!({ "session": session.as_str() }) } else { json!({}) }
}

#[cfg(test)]
mod tests;
