//! `[[session]]` and `[[contact]]`: what fixtures and demos say has happened already.
//!
//! Deliberately not here: that a number and a phone belong to one session at a time (`overlap`).

use sha2::{Digest, Sha256};
use toml::de::{DeTable, DeValue};

use super::objects::{Object, objects};
use super::phone;
use super::reading::{Kind, Pointer, Reading, put};
use super::table::Table;
use super::terms;
use crate::domain::{
    Channel, Contact, ContactBy, E164, EndedBy, MaskingNumber, Session, SessionId, SessionKind, SessionOptions,
    SessionState, WorkOrder,
};
use crate::rules::finding::code;

const FIELDS: &[&str] = &[
    "id",
    "number",
    "first_party",
    "second_party",
    "location_id",
    "technician_id",
    "customer_id",
    "work_order_id",
    "expires_at",
    "started_at",
    "ended_at",
    "ended_by",
    "ring_timeout",
    "call_time_limit",
    "record",
    "first_party_play_url",
    "second_party_play_url",
    "is_pin_authentication_required",
    "first_party_pin",
    "second_party_pin",
    "pin_prompt_play",
    "incorrect_pin_play",
    "pin_retry",
    "pin_retry_wait",
    "force_pin_authentication",
    "unknown_caller_play",
    "virtual_number_cooloff_period",
];

/// Reads every session, each over what is stored of it, with its path. `jobs` are the file's work orders.
pub(super) fn sessions(r: &mut Reading<'_>, root: &Table<'_>, jobs: &[WorkOrder]) -> Vec<(String, Session)> {
    let mut read = Vec::new();
    for object in objects(r, root, "session", "id", FIELDS) {
        if let Some(session) = one(r, &object, jobs) {
            read.push((object.table.path, session));
        }
    }
    read
}

fn one(r: &mut Reading<'_>, object: &Object<'_>, jobs: &[WorkOrder]) -> Option<Session> {
    let table = &object.table;
    let id = SessionId::from(object.id.as_deref().unwrap_or_default());
    let number = number(r, table, "number");
    let first = phone::strict(r, table, "first_party");
    let second = phone::strict(r, table, "second_party");
    let same = |one: &&Session| {
        one.id == id
            || (!table.has("id")
                && Some(one.number) == number
                && one.first_party == first.flatten()
                && one.second_party == second.flatten())
    };
    let stored = r.base.and_then(|base| base.sessions.iter().find(same)).cloned();
    if stored.is_none() {
        table.requires(r, "number", "the masking number that both parties see");
        if !table.has("first_party") && !table.has("second_party") {
            r.notes.coded(
                &table.path,
                code::MISSING,
                "has no party; name first_party (the technician side), second_party, or both",
            );
        }
    }
    let mut session = match stored {
        Some(stored) => stored,
        None => Session {
            id,
            tenant: r.tenant.clone(),
            location: None,
            number: number.unwrap_or(MaskingNumber::rented(phone::UNREADABLE)),
            first_party: None,
            second_party: None,
            kind: SessionKind::PlainPair,
            state: SessionState::Live { expires_at: None },
            started_at: None,
            options: SessionOptions::default(),
        },
    };
    put(&mut session.number, number);
    put(&mut session.first_party, first);
    put(&mut session.second_party, second);
    if session.first_party.is_some() && session.first_party == session.second_party {
        r.notes.coded(&table.at("second_party"), code::CONFLICT, "is the same phone as first_party");
    }
    put(&mut session.location, table.pointer(r, "location_id", Kind::Location));
    session.kind = kind(r, table, session.kind, jobs);
    put(&mut session.started_at, table.instant(r, "started_at"));
    session.state = state(r, table, session.state);
    options(r, table, &mut session.options);
    terms::read(r, table, &mut session);
    (object.id.is_some() && session.number.e164() != phone::UNREADABLE).then_some(session)
}

/// A session that names a technician, a customer or a job is theirs; any other joins two phones and nothing else.
///
/// What a session does not name itself it takes from its job, and follows it when the job changes hands.
fn kind(r: &mut Reading<'_>, table: &Table<'_>, stored: SessionKind, jobs: &[WorkOrder]) -> SessionKind {
    let was = match stored {
        SessionKind::PlainPair => (None, None, None),
        SessionKind::Job { technician, customer, work_order } => (technician, customer, work_order),
    };
    let named_technician = table.pointer(r, "technician_id", Kind::Technician);
    let named_customer = table.pointer(r, "customer_id", Kind::Customer);
    let work_order = table.pointer(r, "work_order_id", Kind::WorkOrder).unwrap_or(was.2);
    let stored_jobs = r.base.map(|base| base.work_orders.as_slice()).unwrap_or_default();
    let find = |jobs: &'_ [WorkOrder]| jobs.iter().find(|job| Some(&job.id) == work_order.as_ref()).cloned();
    let (old, new) = (find(stored_jobs), find(jobs).or_else(|| find(stored_jobs)));
    let old = |pick: &dyn Fn(&WorkOrder) -> bool| old.as_ref().is_some_and(pick);
    let technician = match named_technician {
        Some(named) => named,
        None if was.0.is_none() || old(&|job| job.technician == was.0) => {
            new.as_ref().and_then(|job| job.technician.clone())
        }
        None => was.0,
    };
    let customer = match named_customer {
        Some(named) => named,
        None if was.1.is_none() || old(&|job| job.customer == was.1) => {
            new.as_ref().and_then(|job| job.customer.clone())
        }
        None => was.1,
    };
    if technician.is_none() && customer.is_none() && work_order.is_none() {
        SessionKind::PlainPair
    } else {
        SessionKind::Job { technician, customer, work_order }
    }
}

fn state(r: &mut Reading<'_>, table: &Table<'_>, stored: SessionState) -> SessionState {
    let expires_at = table.instant(r, "expires_at");
    let ended_at = table.instant(r, "ended_at");
    let ended_by = table.word::<EndedBy>(r, "ended_by");
    match (ended_at, stored) {
        (Some(Some(at)), _) => SessionState::Ended { at, by: ended_by.unwrap_or(EndedBy::Api) },
        (None, SessionState::Ended { at, by }) => {
            if expires_at.is_some() {
                let message = r.said(
                    "does nothing: the session has ended; ended_at = \"\" revives it",
                    "does nothing: the session has ended; make another",
                );
                r.notes.warning(&table.at("expires_at"), message);
            }
            SessionState::Ended { at, by: ended_by.unwrap_or(by) }
        }
        (Some(None) | None, stored) => {
            if table.has("ended_by") {
                r.notes.mistake(&table.at("ended_by"), "says what ended the session, and ended_at does not say when");
            }
            match (expires_at, stored) {
                (Some(expires_at), _) => SessionState::Live { expires_at },
                (None, SessionState::Live { expires_at }) => SessionState::Live { expires_at },
                (None, SessionState::Ended { .. }) => SessionState::Live { expires_at: None },
            }
        }
    }
}

fn options(r: &mut Reading<'_>, table: &Table<'_>, options: &mut SessionOptions) {
    put(&mut options.ring_timeout, table.or_none(r, "ring_timeout", |r| table.whole(r, "ring_timeout", 5..=600)));
    put(
        &mut options.call_time_limit,
        table.or_none(r, "call_time_limit", |r| table.whole(r, "call_time_limit", 60..=86_400)),
    );
    put(&mut options.record, table.or_none(r, "record", |r| table.flag(r, "record")));
    let address = |text: Option<String>| text.map(|text| (!text.is_empty()).then_some(text));
    put(&mut options.first_party_play_url, address(table.address(r, "first_party_play_url")));
    put(&mut options.second_party_play_url, address(table.address(r, "second_party_play_url")));
}

/// Reads every past contact.
pub(super) fn contacts(r: &mut Reading<'_>, root: &Table<'_>) -> Vec<Contact> {
    const FIELDS: [&str; 6] = ["number", "from", "to", "at", "channel", "by"];
    let mut read: Vec<Contact> = Vec::new();
    for (index, entries) in root.rows(r, "contact") {
        let table = Table::open(r, format!("contact[{index}]"), entries, &FIELDS);
        for field in FIELDS {
            table.requires(r, field, "a contact is a number, from, to, at, channel and by");
        }
        let number = number(r, &table, "number");
        let from = phone::strict(r, &table, "from").flatten();
        let to = phone::strict(r, &table, "to").flatten();
        let at = table.instant(r, "at").flatten();
        let channel = table.word::<Channel>(r, "channel");
        let by = table.word::<ContactBy>(r, "by");
        if from.is_some() && from == to {
            r.notes.mistake(&table.at("to"), "is the same phone as from");
        }
        let (Some(number), Some(from), Some(to), Some(at), Some(channel), Some(by)) =
            (number, from, to, at, channel, by)
        else {
            continue;
        };
        let contact = Contact { number, from, to, at, channel, by };
        if read.iter().any(|one| Contact { by, ..*one } == contact) {
            r.notes.mistake(&table.path, "stands in the file already, with the same number, from, to, at and channel");
        } else {
            read.push(contact);
        }
    }
    read
}

/// One of the tenant's numbers.
fn number(r: &mut Reading<'_>, table: &Table<'_>, field: &str) -> Option<MaskingNumber> {
    let number = phone::strict(r, table, field)??;
    r.pointers.push(Pointer { path: table.at(field), kind: Kind::Number, id: number.to_string() });
    Some(MaskingNumber::rented(number))
}

/// The id of a session that has none in its file: the same each time for the same number and parties.
pub(super) fn made_id(entries: &DeTable<'_>) -> String {
    let text = |field: &str| match entries.get(field).map(|value| value.get_ref()) {
        Some(DeValue::String(text)) => text.to_string(),
        Some(_) | None => String::new(),
    };
    id_of(&text("number"), &text("first_party"), &text("second_party"))
}

/// A UUID (version 8: made by a digest of our own) of a number and its parties.
pub(super) fn id_of(number: &str, first_party: &str, second_party: &str) -> String {
    let plain = |text: &str| E164::read(text).map(|phone| phone.to_string()).unwrap_or_default();
    let digest =
        Sha256::digest(format!("session {} {} {}", plain(number), plain(first_party), plain(second_party)).as_bytes());
    let mut hex = hex::encode(&digest[..16]);
    hex.replace_range(12..13, "8");
    hex.replace_range(16..17, "a");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
