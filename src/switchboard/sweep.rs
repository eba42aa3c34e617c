//! What time does to calls: one that nothing was heard of for longer than it can last is over.
//!
//! Deliberately not here: asking the provider about it, and the loop that calls this (`jobs`).

use std::sync::atomic::Ordering;

use crate::domain::{CallId, Moment};
use crate::providers::{Request, sid};
use crate::routing;
use crate::store::entry::{Entry, KeptAnswer};

use super::memory::Memory;
use super::subject::{journal_row, kinds};
use super::{Switchboard, settle, telling};

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
        let Some(call) = decision.call.as_deref() else { return };
        let Some(line) = memory.directory.line(call.account.as_str()) else { return };
        let told = telling::text(&decision, None);
        let subject = settle::Subject {
            decision: &decision,
            now,
            interaction: Some(call.id.to_string()),
            sid: &call.sid,
            account: &line.account,
            text: None,
            told: &told,
            keeps_words: false,
        };
        let mut writes = settle::rows(&subject, &self.vault);
        writes.extend(self.heralded(&view, &decision, None, &line, now));
        let nothing = Request { method: "", target: "", headers: &[], body: &[] };
        let answer = KeptAnswer {
            status: 204,
            bytes: Vec::new(),
            slots: Vec::new(),
            slot_hash: None,
            at: now.0,
            held: Vec::new(),
        };
        let mut journal = journal_row(&line, &nothing, Vec::new(), answer, 0);
        journal.step = "sweep".to_owned();
        journal.sid.clone_from(&call.sid);
        journal.interaction.clone_from(&subject.interaction);
        journal.decision.clone_from(&told);
        journal.effects = kinds(&decision);
        let entry = Entry {
            id: sid::call_id(&call.account, &format!("{} closed", call.sid)).0,
            at: now.0,
            claim: None,
            journal,
            writes,
        };
        memory.live.put(call.clone());
        // Nobody waits for it: the journal writes it when it can.
        drop(self.ink.submit(entry));
    }
}
