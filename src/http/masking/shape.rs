//! How a session looks to Plivo's clients: names, types and words that the strictest of them can read.
//!
//! Deliberately not here: what its calls come to (`domain::bill`), and where it stands (`store::masked`). Phones inside a
//! session are digits alone; `amount` is whole; nothing that is a number is a text.

use chrono::DateTime;
use serde_json::{Value, json};

use crate::domain::{
    Bill, CALL_TIME_LIMIT, Callback, CallbackMethod, E164, LegStatus, Moment, RING_TIMEOUT, RecordFormat, SessionState,
};
use crate::store::masked::{Masked, Status};
use crate::store::shelf::Talk;
use crate::switchboard::Switchboard;

/// The session, with its calls. Where these and their recordings are, the switchboard knows.
pub fn session(masked: &Masked, talks: &[Talk], board: &Switchboard) -> Value {
    let Masked { session, made_at, status, ring_timeout, recorded } = masked;
    let options = &session.options;
    let terms = options.terms.as_deref();
    let ends = match session.state {
        SessionState::Live { expires_at } => expires_at,
        SessionState::Ended { at, .. } => Some(at),
    };
    let duration = ends.map_or(0, |ends| (ends.0 - made_at.0) / 1_000_000);
    let lasts = terms.map(|terms| i64::from(terms.lasts)).filter(|lasts| *lasts > 0);
    let modified = terms.map_or(*made_at, |terms| terms.modified_at.max(*made_at));
    let callback = terms.map(|terms| &terms.callback);
    let recording = terms.map(|terms| &terms.recording_callback);
    let pins = terms.and_then(|terms| terms.pins.as_ref());
    let bill = talks.iter().map(|talk| talk.bill).fold(Bill::default(), Bill::plus);
    let last = talks.iter().map(|talk| talk.ended_at.unwrap_or(talk.opened_at)).max();
    let interaction =
        (!talks.is_empty()).then(|| talks.iter().map(|talk| call(talk, masked, board)).collect::<Vec<_>>());
    json!({
        "session_uuid": session.id.as_str(),
        "first_party": digits(session.first_party),
        "second_party": digits(session.second_party),
        "virtual_number": digits(Some(session.number.e164())),
        "status": word(*status),
        "initiate_call_to_first_party": terms.is_some_and(|terms| terms.call_first_party),
        "create_session_with_single_party": terms.is_some_and(|terms| terms.single_party),
        "callback_url": address(callback),
        "callback_method": method(callback),
        "created_time": time(Some(*made_at)),
        "modified_time": time(Some(modified)),
        "expiry_time": time(ends),
        "duration": duration,
        "session_expiry": lasts.unwrap_or(duration),
        "amount": 0,
        "call_time_limit": options.call_time_limit.unwrap_or(CALL_TIME_LIMIT),
        "ring_timeout": options.ring_timeout.or(*ring_timeout).unwrap_or(RING_TIMEOUT),
        "first_party_play_url": options.first_party_play_url.as_deref().unwrap_or_default(),
        "second_party_play_url": options.second_party_play_url.as_deref().unwrap_or_default(),
        "record": options.record.unwrap_or(*recorded),
        "record_file_format": terms.map_or(RecordFormat::Mp3, |terms| terms.record_format).word(),
        "recording_callback_url": address(recording),
        "recording_callback_method": method(recording),
        "interaction": interaction,
        "total_call_amount": bill.rounded(),
        "total_call_count": bill.legs,
        "total_call_billed_duration": bill.billed,
        "total_session_amount": bill.rounded(),
        "last_interaction_time": time(last),
        "is_pin_authentication_required": pins.is_some(),
        "generate_pin": pins.map(|pins| pins.generated.is_some()),
        "generate_pin_length": pins.map(|pins| pins.generated.map_or(pins.first.len(), usize::from)),
        "first_party_pin": pins.map(|pins| &pins.first),
        "second_party_pin": pins.map(|pins| &pins.second),
        "pin_prompt_play": pins.map(|pins| &pins.prompt_play),
        "pin_retry": pins.map(|pins| pins.retry),
        "pin_retry_wait": pins.map(|pins| pins.retry_wait),
        "incorrect_pin_play": pins.map(|pins| pins.incorrect_play.as_deref().unwrap_or_default()),
        "force_pin_authentication": pins.map(|pins| pins.forced),
        "unknown_caller_play": terms.and_then(|terms| terms.unknown_caller_play.as_deref()).unwrap_or_default(),
        "virtual_number_cooloff_period": terms.map_or(0, |terms| terms.cooloff),
    })
}

/// A call in it. Both legs are told of at the same address: our own API shows a call as one thing.
/// Its recording opens with the link alone, as callbacks have it.
fn call(talk: &Talk, masked: &Masked, board: &Switchboard) -> Value {
    let session = &masked.session;
    let format = session.options.terms.as_ref().map_or(RecordFormat::Mp3, |terms| terms.record_format);
    let sound = |(id, kept): &(String, Option<RecordFormat>)| {
        board.recording_url(session.tenant.as_str(), id, kept.unwrap_or(format))
    };
    let base = board.public_base_url();
    let shown = |leg: Option<LegStatus>| leg.map(|_| format!("{base}/api/v1/interactions/{}", talk.id));
    json!({
        "start_time": time(Some(talk.opened_at)),
        "end_time": time(talk.ended_at),
        "type": "call",
        "first_party_resource_url": shown(talk.first),
        "second_party_resource_url": shown(talk.second),
        "recording_resource_url": talk.recording.as_ref().map(sound),
        "first_party_status": talk.first.map(LegStatus::word),
        "second_party_status": talk.second.map(LegStatus::word),
        "total_call_amount": talk.bill.rounded(),
        "call_billed_duration": talk.bill.billed,
        "total_call_count": talk.bill.legs,
        "duration": talk.bill.seconds,
    })
}

/// The word for where it stands.
pub const fn word(status: Status) -> &'static str {
    match status {
        Status::Active => "active",
        Status::InProgress => "in-progress",
        Status::Expired => "expired",
    }
}

fn digits(phone: Option<E164>) -> String {
    phone.map(|phone| phone.digits().to_string()).unwrap_or_default()
}

fn address(callback: Option<&Callback>) -> &str {
    callback.and_then(|callback| callback.url.as_deref()).unwrap_or_default()
}

fn method(callback: Option<&Callback>) -> &'static str {
    callback.map_or(CallbackMethod::Post, |callback| callback.method).word()
}

/// An instant as these clients read it; a blank for none.
fn time(at: Option<Moment>) -> String {
    let at = at.and_then(|at| DateTime::from_timestamp_micros(at.0));
    at.map(|at| at.format("%Y-%m-%d %H:%M:%S +0000 UTC").to_string()).unwrap_or_default()
}
