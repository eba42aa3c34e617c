//! What time does to calls: one that nothing was heard of for longer than it can last is over, and so is the caller's leg of
//! one that has ended.
//!
//! Deliberately not here: asking the provider about it, and the loop that calls this (`jobs`).

use std::sync::atomic::Ordering;

use crate::domain::{CallId, Moment};
use crate::routing::{self, Decision, World};

use super::Switchboard;
use super::memory::Memory;

impl Switchboard {
    /// What time drives: closes silent calls, tells the ends that nobody told, and forgets what is too old to matter. With a
    /// test clock it goes by the latest time that a request was told, because a test's calls are not of today.
    pub fn sweep(&self, now: Moment) {
        let (now, soon) = if self.settings.test_clock {
            let told = Moment(self.told.load(Ordering::Relaxed));
            (told, told.plus(now.since(Moment(self.told_at.load(Ordering::Relaxed)))))
        } else {
            (now, now)
        };
        let memory = self.memory.load_full();
        for call in memory.live.silent(now) {
            self.step(&memory, call.id, "sweep", now, |view| routing::silent(view, call.id, now));
        }
        // The program that waits for these is awake: what has passed since counts.
        let view = memory.directory.view(&memory.live, soon);
        for call in memory.live.unheard(soon) {
            let session = call.session.as_ref().and_then(|id| view.session(&call.tenant, id));
            // Only who made a session through a door that tells of legs and counts them waits for this.
            if session.is_some_and(|session| session.options.terms.is_some()) {
                self.step(&memory, call.id, "sweep/leg", soon, |view| routing::unheard(view, call.id));
            }
        }
        memory.forget_before(now, self.clock.now(), self.ink.degraded().is_none());
    }

    fn step(
        &self,
        memory: &Memory,
        id: CallId,
        step: &str,
        now: Moment,
        decide: impl FnOnce(&dyn World) -> Option<Decision>,
    ) {
        let _in_turn = self.turn_of(id).lock();
        let Some(decision) = decide(&memory.directory.view(&memory.live, now)) else { return };
        // Nobody waits for it: the journal writes it when it can.
        drop(self.note(memory, &decision, step, now));
    }
}
