//! A decision that panics, whatever it was asking for, still gives an answer, and where one is wanted a document.
//!
//! Deliberately not here: requests that cannot be read (the providers' own tests have those).

use std::sync::Arc;

use smallvec::SmallVec;

use super::{Rung, decide};
use crate::domain::event::IncomingCall;
use crate::domain::{
    Account, AccountId, Call, CallId, CallerId, Choosing, Contact, Customer, CustomerId, DialEnded, DialStatus, Digit,
    E164, Event, EventKind, IncomingText, LegAnswered, LegStatus, LegStatusReport, LocationId, MessageId, Moment,
    Number, PinStreak, QueueResult, Session, SessionId, Technician, TechnicianId, Tenant, TenantId, Typed, WorkOrder,
    WorkOrderId,
};
use crate::routing::{Answer, LegAnswer, Office, Traffic, VoiceAnswer, World};
use crate::rules::file;
use crate::switchboard::directory::{Directory, View};
use crate::switchboard::live::Live;
use crate::switchboard::memory::Memory;

const DEMO: &str = include_str!("../../../routing-rules/demo.toml");

/// A world that breaks at one question, or at every one.
struct Breaks<'a> {
    world: View<'a>,
    at: &'static str,
}

impl<'a> Breaks<'a> {
    fn asked(&self, question: &str) -> &View<'a> {
        assert!(self.at != question && self.at != "any", "broken at {question}");
        &self.world
    }
}

macro_rules! questions {
    ($($name:ident($($arg:ident: $type:ty),*) -> $result:ty;)*) => {
        impl World for Breaks<'_> {
            $(fn $name(&self, $($arg: $type),*) -> $result { self.asked(stringify!($name)).$name($($arg),*) })*
        }

        const QUESTIONS: &[&str] = &[$(stringify!($name)),*];
    };
}

questions! {
    account(id: &AccountId) -> Option<Arc<Account>>;
    tenant(id: &TenantId) -> Option<Arc<Tenant>>;
    allowed_countries(tenant: &TenantId) -> Arc<[String]>;
    number(e164: E164) -> Option<Arc<Number>>;
    office(tenant: &TenantId, id: &LocationId) -> Option<Arc<Office>>;
    technician(tenant: &TenantId, id: &TechnicianId) -> Option<Arc<Technician>>;
    technician_by_phone(tenant: &TenantId, phone: E164) -> Option<Arc<Technician>>;
    customer(tenant: &TenantId, id: &CustomerId) -> Option<Arc<Customer>>;
    customer_by_phone(tenant: &TenantId, phone: E164) -> Option<Arc<Customer>>;
    work_order(tenant: &TenantId, id: &WorkOrderId) -> Option<Arc<WorkOrder>>;
    session(tenant: &TenantId, id: &SessionId) -> Option<Session>;
    sessions_with(number: E164, phone: E164) -> SmallVec<[Session; 2]>;
    sessions_of_one(number: E164) -> SmallVec<[Session; 2]>;
    sessions_on_terms(number: E164) -> SmallVec<[Session; 2]>;
    sessions_of_jobs(number: E164) -> SmallVec<[Session; 2]>;
    contacts(number: E164, phone: E164, until: Moment) -> SmallVec<[Contact; 4]>;
    opted_out(number: E164, phone: E164) -> bool;
    choosing(number: E164, phone: E164) -> Option<Choosing>;
    last_automatic(number: E164, phone: E164) -> Option<Moment>;
    last_closed_text(number: E164, phone: E164) -> Option<Moment>;
    told_opted_out(number: E164, phone: E164, of: E164) -> bool;
    pin_streak(number: E164, phone: E164) -> Option<PinStreak>;
    traffic(tenant: &TenantId, number: E164, caller: Option<E164>, session: Option<&SessionId>, now: Moment) -> Traffic;
    call(id: CallId) -> Option<Arc<Call>>;
    waiting_before(tenant: &TenantId, location: &LocationId, call: CallId) -> u32;
}

fn now() -> Moment {
    Moment::read("2026-03-09T09:02:11-05:00").expect("an instant")
}

fn phone(text: &str) -> E164 {
    E164::read(text).expect("a number")
}

fn incoming() -> IncomingCall {
    let from = CallerId::Number(phone("+13125550101"));
    IncomingCall { id: CallId(1), sid: "CA1".to_owned(), from, to: Some(phone("+13125550190")) }
}

/// An event of each kind.
fn events() -> Vec<EventKind> {
    let leg = LegAnswered { call: CallId(1), attempt: 1, leg: "CA2".to_owned(), parent: None };
    let text = IncomingText {
        id: MessageId(1),
        sid: "SM1".to_owned(),
        from: CallerId::Number(phone("+13125550101")),
        to: phone("+13125550190"),
        body: "Hello".to_owned(),
        media: Vec::new(),
        opt_out_type: None,
    };
    let ended = DialEnded {
        call: CallId(1),
        attempt: 1,
        status: DialStatus::Busy,
        bridged: None,
        duration: None,
        child: None,
        caller_gone: false,
    };
    let report = LegStatusReport {
        call: CallId(1),
        attempt: None,
        leg: "CA1".to_owned(),
        status: LegStatus::Completed,
        duration: None,
        sequence: None,
    };
    vec![
        EventKind::Call(incoming()),
        EventKind::Fallback { call: incoming(), ended: None },
        EventKind::Menu { call: CallId(1), round: 1, digit: Some(Digit::ONE) },
        EventKind::Pin { call: CallId(1), round: 1, typed: Typed::read("1234") },
        EventKind::Whisper(leg.clone()),
        EventKind::Accept { leg, round: 1, digit: Some(Digit::ONE) },
        EventKind::Dialed(ended),
        EventKind::VoicemailEnded { call: CallId(1), recording: None, hung_up: false },
        EventKind::QueueWait { call: CallId(1), waited: 5 },
        EventKind::QueueLeft { call: CallId(1), result: QueueResult::Leave },
        EventKind::Status(report),
        EventKind::Recording { call: CallId(1), attempt: None, recording: None, absent: false },
        EventKind::Transcription { call: CallId(1), text: None },
        EventKind::Text(text.clone()),
        EventKind::TextFallback(text),
        EventKind::TextStatus {
            sid: "SM1".to_owned(),
            message: None,
            from: Some(phone("+13125550190")),
            to: None,
            status: "sent".to_owned(),
            error_code: None,
        },
    ]
}

fn event(kind: EventKind) -> Event {
    Event { account: "acme-twilio".into(), account_sid: None, kind }
}

fn demo() -> Memory {
    let (rules, _) = file::read(DEMO, "demo.toml", None, &|_| None).expect("the demo reads");
    let memory = Memory::new(now(), Vec::new(), true);
    memory.learn_ruleset(&rules).expect("its hours compile");
    memory
}

fn broken<'a>(directory: &'a Directory, live: &'a Live, at: &'static str) -> Breaks<'a> {
    Breaks { world: directory.view(live, now()), at }
}

#[test]
fn whatever_breaks_there_is_an_answer_of_the_right_kind() {
    let memory = demo();
    for at in QUESTIONS.iter().copied().chain(["any"]) {
        let world = broken(&memory.directory, &memory.live, at);
        for kind in events() {
            let (decision, _) = decide(&world, &event(kind.clone()), now());
            let fits = match kind {
                EventKind::Whisper(_) | EventKind::Accept { .. } => decision.answer == Answer::Leg(LegAnswer::Hangup),
                EventKind::Status(_)
                | EventKind::Recording { .. }
                | EventKind::Transcription { .. }
                | EventKind::TextStatus { .. } => decision.answer == Answer::Noted,
                EventKind::Text(_) | EventKind::TextFallback(_) => matches!(decision.answer, Answer::Text(_)),
                EventKind::Call(_)
                | EventKind::Fallback { .. }
                | EventKind::Menu { .. }
                | EventKind::Pin { .. }
                | EventKind::Dialed(_)
                | EventKind::VoicemailEnded { .. }
                | EventKind::QueueWait { .. }
                | EventKind::QueueLeft { .. }
                | EventKind::Connect { .. }
                | EventKind::Redirected { .. } => matches!(decision.answer, Answer::Voice(_)),
            };
            assert!(fits, "broken at {at}: {kind:?} gives {:?}", decision.answer);
        }
    }
}

#[test]
fn each_rung_is_reached() {
    let memory = demo();
    for (at, rung, why) in [
        ("nothing", Rung::Normal, "all is well"),
        ("traffic", Rung::Voicemail, "voicemail is under no cap"),
        ("sessions_with", Rung::Apology, "voicemail needs to know whose call it is"),
        ("any", Rung::Apology, "nothing can be asked"),
    ] {
        let world = broken(&memory.directory, &memory.live, at);
        let (decision, reached) = decide(&world, &event(EventKind::Call(incoming())), now());
        assert_eq!(reached, rung, "{why}");
        let records = matches!(decision.answer, Answer::Voice(VoiceAnswer::Voicemail { .. }));
        assert_eq!(records, rung != Rung::Normal, "{why}: {:?}", decision.answer);
    }
}
