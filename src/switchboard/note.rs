//! A step of a call that no webhook caused: time went by, or a provider answered us. It is decided, written and remembered
//! like any other.
//!
//! Deliberately not here: the decision.

use crate::providers::{Request, sid};
use crate::routing::Decision;
use crate::store::entry::{Entry, KeptAnswer, Write};

use super::ink::Promise;
use super::memory::Memory;
use super::subject::{journal_row, kinds};
use super::{Switchboard, herald, settle, telling};
use crate::domain::Moment;

impl Switchboard {
    /// Notes a decision under the name of its step; the caller holds the call's turn. The same step of the same call is
    /// written once. `None` for a decision about no call, or of an account that is gone.
    pub(super) fn note(&self, memory: &Memory, decision: &Decision, step: &str, now: Moment) -> Option<Promise> {
        let call = decision.call.as_deref()?;
        let line = memory.directory.line(call.account.as_str())?;
        let told = telling::text(decision, None);
        let subject = settle::Subject {
            decision,
            now,
            interaction: Some(call.id.to_string()),
            sid: &call.sid,
            account: &line.account,
            text: None,
            told: &told,
            keeps_words: false,
            format: herald::format(&memory.directory.view(&memory.live, now), call),
        };
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
        step.clone_into(&mut journal.step);
        journal.sid.clone_from(&call.sid);
        journal.interaction.clone_from(&subject.interaction);
        journal.decision.clone_from(&told);
        journal.effects = kinds(decision);
        let mut writes = settle::rows(&subject, &self.vault);
        writes.extend(self.heralded(&memory.directory.view(&memory.live, now), decision, &line, now));
        self.date_what_leaves(&mut writes);
        let id = sid::call_id(&call.account, &format!("{} {step}", call.id)).0;
        let entry = Entry { id, at: now.0, claim: None, journal, writes };
        settle::learn(&subject, &memory.directory);
        memory.live.put(call.clone());
        Some(self.ink.submit(entry))
    }

    /// Where tests set the time of requests, what leaves this machine still leaves it by the clock on the wall: providers and
    /// receivers live by that.
    pub(super) fn date_what_leaves(&self, writes: &mut [Write]) {
        if !self.settings.test_clock {
            return;
        }
        let now = self.clock.now().0;
        for write in writes {
            if let Write::Job(job) = write {
                job.at = now;
            }
            if let Write::Outbox(news) = write {
                news.at = now;
            }
        }
    }
}
