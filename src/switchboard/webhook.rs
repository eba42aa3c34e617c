//! The way of one webhook: verify, read, claim, world, decide, compose, write, settle.
//!
//! Deliberately not here: what each of these does. **Invariant:** past the signature there is always an answer; a
//! repeat's is the first one's, byte for byte.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::time::timeout;

use crate::domain::{CallId, Event, EventKind, MediaItem, MessageId, Moment};
use crate::providers::{self, DOCUMENT_TYPE, Dialect, Proof, Request, Unreadable, Verified, What, clock, sid};
use crate::routing::{Decision, Effect, Reason, World};
use crate::store::entry::{ClaimKey, Entry, KeptAnswer};
use crate::voice::{self, Link, Links, Relayed, Written};

use super::directory::Line;
use super::ink::Promise;
use super::ladder::{self, Rung};
use super::ledger::{Claim, Ticket};
use super::memory::{HeldText, Memory};
use super::metrics::{Answered, Because};
use super::subject::{held_texts, journal_row, kinds, subject};
use super::{Reply, STRIPES, Switchboard, herald, media, refusal, settle, telling};

/// The longest that a repeat waits for the first delivery's answer: providers give up later than this.
const MEANWHILE: Duration = Duration::from_millis(2300);

/// The longest that an answer waits for its entry to be in a safe place. The journal's own deadline is shorter; this
/// one holds where its spill file hangs too.
const SETTLED: Duration = Duration::from_millis(1500);

/// The longest that an answer of before is looked for in the database.
const LOOK_UP: Duration = Duration::from_millis(500);

/// What a delivery turned out to be.
enum Delivery<'a> {
    /// The first of its event.
    First(Ticket<'a>),
    /// A repeat, and its answer.
    Repeat(Arc<Reply>),
    /// A repeat whose first delivery is still without an answer when the provider is about to give up.
    Unheard,
}

/// One delivery that may be decided.
struct Delivered<'a> {
    line: &'a Line,
    dialect: &'static dyn Dialect,
    verified: &'a Verified<'a>,
    now: Moment,
    began: Instant,
}

impl Switchboard {
    /// Answers one webhook of an account. An unknown account is 404, a wrong signature 403; whatever comes after that
    /// is answered with a document, or 204 where none is wanted.
    pub async fn webhook(&self, account: &str, request: &Request<'_>) -> Reply {
        let began = Instant::now();
        let memory = self.memory.load_full();
        let reply = self.answer(&memory, account, request, began).await;
        let step = Link::read(request.target).map_or("unknown", Link::path);
        self.metrics.webhooks.get_or_create(&Answered { step, status: reply.status }).inc();
        self.metrics.seconds.observe(began.elapsed().as_secs_f64());
        Arc::unwrap_or_clone(reply)
    }

    async fn answer(&self, memory: &Memory, account: &str, request: &Request<'_>, began: Instant) -> Arc<Reply> {
        let Some(line) = memory.directory.line(account) else { return status(404) };
        let Some(dialect) = providers::dialect(line.account.kind) else { return status(404) };
        let verified = match dialect.verify(&line.account, &line.keyring, self.base_url(&line), *request) {
            Ok(verified) => verified,
            Err(refused) => return self.refuse(memory, &line, dialect, request, refused),
        };
        if let Proof::Observed(refused) = verified.proof() {
            self.refuse(memory, &line, dialect, request, refused);
        }
        let Some(now) = self.now(&line, request) else { return status(400) };
        let delivered = Delivered { line: &line, dialect, verified: &verified, now, began };
        let event = match dialect.read(&verified) {
            Ok(event) => event,
            Err(unreadable) => return self.unreadable(&delivered, &unreadable).await,
        };
        let key = providers::claim(&event, &verified);
        match self.claim(memory, key, &event, &line).await {
            Delivery::Unheard => {
                let written = self.compose(memory, &delivered, &ladder::last_resort(&event.kind));
                Arc::new(reply(if written.bytes.is_empty() { 204 } else { 200 }, written.bytes))
            }
            Delivery::Repeat(reply) => {
                self.metrics.repeats.inc();
                reply
            }
            Delivery::First(ticket) => {
                let (reply, promise) = self.decide(memory, &delivered, &event, key);
                self.settled(promise).await;
                ticket.answer(&reply, self.clock.now());
                reply
            }
        }
    }

    pub(super) fn base_url<'a>(&'a self, line: &'a Line) -> &'a str {
        let own = line.account.public_base_url.as_str();
        if own.is_empty() { &self.settings.public_base_url } else { own }
    }

    fn refuse(
        &self,
        memory: &Memory,
        line: &Line,
        dialect: &dyn Dialect,
        request: &Request<'_>,
        refused: providers::Refused,
    ) -> Arc<Reply> {
        self.metrics.refused.get_or_create(&Because { reason: refused.word() }).inc();
        let nearest = refusal::Nearest { line, others: &memory.directory.accounts(), dialect, request };
        refusal::log(&self.refusals, self.clock.now(), &nearest, self.base_url(line), refused);
        status(403)
    }

    /// The time of this request: the clock's, or on a sandbox account the one that a test set. `None` where a test may
    /// not set it, or did so wrongly.
    fn now(&self, line: &Line, request: &Request<'_>) -> Option<Moment> {
        let now = match request.header(clock::HEADER) {
            None => Some(self.clock.now()),
            Some(_) if !self.settings.test_clock || !line.account.sandbox => None,
            Some(value) => clock::read(value, &line.tokens, request),
        };
        if let Some(Moment(now)) = now.filter(|_| self.settings.test_clock) {
            self.told.fetch_max(now, Ordering::Relaxed);
            self.told_at.store(self.clock.now().0, Ordering::Relaxed);
        }
        now
    }

    /// Claims the event of a delivery; an earlier one's answer is looked for in memory, then in the store.
    async fn claim<'a>(&self, memory: &'a Memory, key: ClaimKey, event: &Event, line: &Line) -> Delivery<'a> {
        loop {
            match memory.ledger.claim(key) {
                Claim::Repeat(reply) => return Delivery::Repeat(reply),
                Claim::Meanwhile(mut listen) => {
                    let answer = timeout(MEANWHILE, listen.wait_for(Option::is_some)).await;
                    match answer.map(|answer| answer.ok().and_then(|answer| answer.clone())) {
                        Ok(Some(reply)) => return Delivery::Repeat(reply),
                        Ok(None) => {}
                        Err(_) => return Delivery::Unheard,
                    }
                }
                Claim::First(ticket) if !memory.ledger.may_be_stored(&key) => return Delivery::First(ticket),
                Claim::First(ticket) => {
                    let kept = match memory.ledger.waiting(&key) {
                        Some(kept) => Ok(Ok(Some(kept))),
                        None => timeout(LOOK_UP, self.ink.kept(key)).await,
                    };
                    return match kept {
                        Ok(Ok(Some(kept))) => {
                            self.recall(memory, &kept.held).await;
                            let reply = Arc::new(self.refill(memory, &kept, event, line));
                            ticket.answer(&reply, self.clock.now());
                            Delivery::Repeat(reply)
                        }
                        Ok(Ok(None) | Err(_)) | Err(_) => Delivery::First(ticket),
                    };
                }
            }
        }
    }

    /// Finds the earlier texts that an answer passed on, where they are not in memory any more.
    async fn recall(&self, memory: &Memory, held: &[u128]) {
        let Some(store) = self.ink.store() else { return };
        for id in held.iter().map(|id| MessageId(*id)).filter(|id| !memory.held.contains_key(id)) {
            if let Ok(Ok(Some(plain))) = timeout(LOOK_UP, store.read().message_text(&id.to_string())).await {
                memory.unseal(id, &plain);
            }
        }
    }

    /// An answer of before, with what was cut out of it filled in again from the request, which carries it again.
    fn refill(&self, memory: &Memory, kept: &KeptAnswer, event: &Event, line: &Line) -> Reply {
        let whole =
            if kept.slots.is_empty() { Some(kept.bytes.clone()) } else { self.filled(memory, kept, event, line) };
        reply(kept.status, whole.unwrap_or_else(|| voice::twiml::NOTHING.to_vec()))
    }

    fn filled(&self, memory: &Memory, kept: &KeptAnswer, event: &Event, line: &Line) -> Option<Vec<u8>> {
        let (EventKind::Text(text) | EventKind::TextFallback(text)) = &event.kind else { return None };
        let at = Moment(kept.at);
        let own = HeldText { words: text.body.as_str().into(), media: text.media.clone(), at };
        let texts = if kept.held.is_empty() {
            vec![own; kept.slots.len()]
        } else {
            kept.held.iter().filter_map(|id| memory.held.get(&MessageId(*id)).map(|held| held.clone())).collect()
        };
        let seal = |item: &MediaItem| media::seal(&self.vault, &line.account.id, item, at);
        let links = Links { base: self.base_url(line), account: &line.account.id, media: &seal };
        let slot = |text: &HeldText| {
            voice::twiml::relayed(Relayed { words: &text.words, media: &text.media }, &links, kept.slots.len())
        };
        let slots: Vec<Vec<u8>> = texts.iter().map(slot).collect();
        let same = kept.slot_hash.is_some_and(|hash| hash == self.vault.keyed_hash(&slots.concat()));
        if same { voice::fill(&kept.bytes, &kept.slots, &slots) } else { None }
    }

    /// Decides an event, writes the document, and hands everything that changes to the store and the memory. The steps
    /// of one call come one after another, and so do the calls of one account, whose caps are counted.
    fn decide(
        &self,
        memory: &Memory,
        delivered: &Delivered<'_>,
        event: &Event,
        key: ClaimKey,
    ) -> (Arc<Reply>, Promise) {
        let Delivered { line, now, .. } = *delivered;
        let _in_turn = self.turn(event).lock();
        let _and_after_other_pins = self.turn_of_pins(event).map(Mutex::lock);
        let view = memory.directory.view(&memory.live, now);
        let (mut decision, rung) = ladder::decide(&view, event, now);
        self.count(rung);
        if self.ink.degraded().is_some() {
            decision.why.push(Reason::Degraded);
        }
        let written = self.compose(memory, delivered, &decision);
        let kept = self.keep(&decision, &written, delivered);
        let entry = self.entry(delivered, event, key, &view, &decision, kept.clone());
        if let Some(call) = &decision.call {
            memory.live.put((**call).clone());
        }
        if let EventKind::Text(text) | EventKind::TextFallback(text) = &event.kind
            && decision.effects.contains(&Effect::Held)
        {
            memory.hold(text, now);
        }
        settle::learn(&subject(&decision, event, line, now, ""), &memory.directory);
        let promise = self.ink.submit(entry);
        (Arc::new(reply(kept.status, written.bytes)), promise)
    }

    /// The lock that this event waits its turn for.
    fn turn(&self, event: &Event) -> &Mutex<()> {
        match &event.kind {
            EventKind::Call(_) | EventKind::Text(_) | EventKind::TextFallback(_) => self.turn_of_account(event),
            EventKind::Fallback { .. }
            | EventKind::Menu { .. }
            | EventKind::Pin { .. }
            | EventKind::Whisper(_)
            | EventKind::Accept { .. }
            | EventKind::Dialed(_)
            | EventKind::VoicemailEnded { .. }
            | EventKind::QueueWait { .. }
            | EventKind::QueueLeft { .. }
            | EventKind::Connect { .. }
            | EventKind::Redirected { .. }
            | EventKind::Status(_)
            | EventKind::Recording { .. }
            | EventKind::Transcription { .. }
            | EventKind::TextStatus { .. } => self.turn_of(event.kind.call().unwrap_or(CallId(0))),
        }
    }

    /// The lock that a PIN waits for besides its call's: wrong ones of several calls are counted together.
    fn turn_of_pins(&self, event: &Event) -> Option<&Mutex<()>> {
        matches!(event.kind, EventKind::Pin { .. }).then(|| self.turn_of_account(event))
    }

    fn turn_of_account(&self, event: &Event) -> &Mutex<()> {
        let sum = event.account.as_str().bytes().fold(0usize, |sum, b| sum.wrapping_mul(31) + usize::from(b));
        &self.stripes[STRIPES + sum % STRIPES]
    }

    /// The lock of one call's steps.
    pub(super) fn turn_of(&self, call: CallId) -> &Mutex<()> {
        &self.stripes[usize::try_from(call.0 % STRIPES as u128).unwrap_or(0)]
    }

    fn count(&self, rung: Rung) {
        let reason = match rung {
            Rung::Normal => return,
            Rung::Voicemail => "voicemail",
            Rung::Apology => "apology",
        };
        tracing::error!(rung = reason, "deciding failed; a lower rung answered");
        self.metrics.ladder.get_or_create(&Because { reason }).inc();
    }

    fn compose(&self, memory: &Memory, delivered: &Delivered<'_>, decision: &Decision) -> Written {
        let Delivered { line, dialect, now, .. } = *delivered;
        let seal = |item: &MediaItem| media::seal(&self.vault, &line.account.id, item, now);
        let links = Links { base: self.base_url(line), account: &line.account.id, media: &seal };
        let waited = |id: MessageId| memory.held.get(&id).map(|held| (id, held.clone()));
        let held: HashMap<MessageId, HeldText> = held_texts(&decision.answer).into_iter().filter_map(waited).collect();
        let find = |id: MessageId| held.get(&id).map(|held| Relayed { words: &held.words, media: &held.media });
        let mut written = dialect.write(&voice::compose(&decision.answer, &links, &find));
        let wanted = Link::read(delivered.verified.request().target).is_ok_and(Link::wants_document);
        if written.bytes.is_empty() && wanted {
            written.bytes = voice::twiml::NOTHING.to_vec();
        }
        written
    }

    fn keep(&self, decision: &Decision, written: &Written, delivered: &Delivered<'_>) -> KeptAnswer {
        let (bytes, slots) = written.cut();
        let texts: Vec<&[u8]> = written.texts().collect();
        KeptAnswer {
            status: if written.bytes.is_empty() { 204 } else { 200 },
            bytes,
            slot_hash: (!slots.is_empty()).then(|| self.vault.keyed_hash(&texts.concat())),
            slots,
            at: delivered.now.0,
            held: held_texts(&decision.answer).into_iter().map(|id| id.0).collect(),
        }
    }

    /// What this webhook leaves behind.
    fn entry(
        &self,
        delivered: &Delivered<'_>,
        event: &Event,
        key: ClaimKey,
        view: &dyn World,
        decision: &Decision,
        answer: KeptAnswer,
    ) -> Entry {
        let Delivered { line, verified, now, began, .. } = *delivered;
        let finding = decision.finding.as_deref();
        let office = finding.and_then(|f| view.office(f.tenant.as_ref()?, f.location.as_ref()?));
        let told = telling::text(decision, office.as_deref().map(|office| &office.hours));
        let mut subject = subject(decision, event, line, now, &told);
        subject.keeps_words = office.as_deref().is_some_and(|office| office.location.masking.store_sms_body);
        subject.format = decision.call.as_deref().map_or(subject.format, |call| herald::format(view, call));
        let mut journal =
            journal_row(line, verified.request(), providers::kept_body(verified), answer, began.elapsed().as_micros());
        journal.sid = subject.sid.to_owned();
        journal.interaction.clone_from(&subject.interaction);
        journal.decision.clone_from(&told);
        journal.effects = kinds(decision);
        let mut writes = settle::rows(&subject, &self.vault);
        writes.extend(self.heralded(view, decision, line, now));
        self.date_what_leaves(&mut writes);
        Entry { id: u128::from_be_bytes(key), at: now.0, claim: Some(key), journal, writes }
    }

    /// Answers a request that could not be read: an unknown address 404, anything else the safe document.
    async fn unreadable(&self, delivered: &Delivered<'_>, unreadable: &Unreadable) -> Arc<Reply> {
        let reason = unreadable.what.code();
        self.metrics.unreadable.get_or_create(&Because { reason }).inc();
        tracing::warn!(account = %delivered.line.account.id, reason, what = %unreadable.what, "a webhook cannot be read");
        if unreadable.link.is_none() && matches!(unreadable.what, What::Address(voice::Misaddressed::Path)) {
            return status(404);
        }
        let decision = ladder::unreadable(unreadable);
        let memory = self.memory.load_full();
        let written = self.compose(&memory, delivered, &decision);
        let answer = self.keep(&decision, &written, delivered);
        let Delivered { line, verified, now, began, .. } = *delivered;
        let mut journal = journal_row(
            line,
            verified.request(),
            providers::kept_body(verified),
            answer.clone(),
            began.elapsed().as_micros(),
        );
        journal.interaction = unreadable.call.map(|call| call.to_string());
        let id = sid::call_id(&line.account.id, &format!("{}{began:?}", verified.request().target)).0;
        let entry = Entry { id, at: now.0, claim: None, journal, writes: Vec::new() };
        self.settled(self.ink.submit(entry)).await;
        Arc::new(reply(answer.status, written.bytes))
    }

    /// Waits for the commit; for no longer than a provider waits, however slow every disk is.
    async fn settled(&self, promise: Promise) {
        if !timeout(SETTLED, promise.settled()).await.unwrap_or(false) {
            self.metrics.waiting.inc();
        }
    }
}

fn status(status: u16) -> Arc<Reply> {
    Arc::new(Reply { status, content_type: None, body: Vec::new() })
}

fn reply(status: u16, body: Vec<u8>) -> Reply {
    Reply { status, content_type: (!body.is_empty()).then_some(DOCUMENT_TYPE), body }
}
