//! What became of having a conversation recorded, once the provider was asked.
//!
//! Deliberately not here: when it is due (`whisper`), the asking (`jobs::provider`), and recordings that exist (`voicemail`).

use crate::domain::CallId;

use super::decision::Decision;
use super::effect::Effect;
use super::voicemail::noted;
use super::world::World;

/// The provider records an attempt's conversation, under this id of its; `None` where the call is not known any more.
pub fn started(world: &dyn World, id: CallId, attempt: u8, sid: String) -> Option<Decision> {
    told(world, id, Effect::RecordingStarted { attempt, sid })
}

/// An attempt's conversation is not recorded, and this is why; `None` where the call is not known any more.
pub fn not_started(world: &dyn World, id: CallId, attempt: u8, why: &str) -> Option<Decision> {
    told(world, id, Effect::RecordingNotStarted { attempt, why: why.to_owned() })
}

fn told(world: &dyn World, id: CallId, effect: Effect) -> Option<Decision> {
    let call = world.call(id)?;
    Some(noted(Some((*call).clone()), vec![effect]))
}
