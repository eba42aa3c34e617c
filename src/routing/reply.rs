//! The reply window: whether somebody contacted a caller through this number a short while ago.
//!
//! Deliberately not here: what follows from it.

use std::time::Duration;

use crate::domain::{Contact, E164, Moment};

use super::scene::Scene;

/// Whether `at` lies at most `minutes` before `now`; the boundary is inside.
pub(super) fn inside(at: Moment, minutes: u16, now: Moment) -> bool {
    at <= now && now.since(at) <= Duration::from_secs(u64::from(minutes) * 60)
}

/// The contacts towards this phone through the scene's number, newest first.
pub(super) fn towards(scene: &Scene<'_>, phone: E164) -> impl Iterator<Item = Contact> + use<> {
    let contacts = scene.world.contacts(scene.number.e164.e164(), phone, scene.now);
    contacts.into_iter().filter(move |contact| contact.to == phone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_boundary_is_inside() {
        let now = Moment::from_seconds(1_000_000);
        for (ago, expected, why) in [
            (0, true, "just now"),
            (3_600_000_000, true, "exactly an hour"),
            (3_600_000_001, false, "a microsecond more"),
            (-1, false, "a contact that has not happened yet"),
        ] {
            assert_eq!(inside(Moment(now.0 - ago), 60, now), expected, "{why}");
        }
    }
}
