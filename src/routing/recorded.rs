//! What became of having a conversation recorded, once the provider was asked.
//!
//! Deliberately not here: when it is due (`whisper`), the asking (`jobs::provider`), and recordings that exist (`voicemail`).

use crate::domain::{Call, CallId, Recorded};

use super::decision::Decision;
use super::effect::Effect;
use super::voicemail::noted;
use super::world::World;

/// The provider records an attempt's conversation, under this id of its; `None` where the call is not known any more.
/// Where its recording came to nothing before that was heard of, nobody is told of a beginning.
pub fn started(world: &dyn World, id: CallId, attempt: u8, sid: String) -> Option<Decision> {
    let mut call = (*world.call(id)?).clone();
    let over = call.attempt(attempt).is_some_and(|attempt| attempt.recorded == Recorded::Dropped);
    if over {
        return Some(noted(Some(call), Vec::new()));
    }
    mark(&mut call, attempt, Recorded::Begun);
    Some(noted(Some(call), vec![Effect::RecordingStarted { attempt, sid }]))
}

/// An attempt's conversation is not recorded, and this is why; `None` where the call is not known any more.
pub fn not_started(world: &dyn World, id: CallId, attempt: u8, why: &str) -> Option<Decision> {
    let mut call = (*world.call(id)?).clone();
    mark(&mut call, attempt, Recorded::Dropped);
    Some(noted(Some(call), vec![Effect::RecordingNotStarted { attempt, why: why.to_owned() }]))
}

/// Notes how far the recording of an attempt came.
pub(super) fn mark(call: &mut Call, attempt: u8, recorded: Recorded) {
    if let Some(attempt) = call.attempts.iter_mut().find(|one| one.no == attempt) {
        attempt.recorded = recorded;
    }
}
