//! What time does to calls: one that nothing was heard of for longer than it can last is over.
//!
//! Deliberately not here: asking the provider about it, and the loop that calls this (`jobs`).

use std::sync::atomic::Ordering;

use crate::domain::{CallId, Moment};
use crate::routing;

use super::Switchboard;
use super::memory::Memory;

impl Switchboard {
    /// What time drives: closes silent calls, and forgets what is too old to matter. With a test clock it goes by the
    /// latest time that a request was told, because a test's calls are not of today.
    pub fn sweep(&self, now: Moment) {
        let now = if self.settings.test_clock { Moment(self.told.load(Ordering::Relaxed)) } else { now };
        let memory = self.memory.load_full();
        for call in memory.live.silent(now) {
            self.close(&memory, call.id, now);
        }
        memory.forget_before(now, self.clock.now(), self.ink.degraded().is_none());
    }

    fn close(&self, memory: &Memory, id: CallId, now: Moment) {
        let _in_turn = self.turn_of(id).lock();
        let view = memory.directory.view(&memory.live, now);
        let Some(decision) = routing::silent(&view, id, now) else { return };
        // Nobody waits for it: the journal writes it when it can.
        drop(self.note(memory, &decision, "sweep", now));
    }
}
