//! `[[number]]`: a rented number and what it stands for.
//!
//! Deliberately not here: what a location's mode makes of it.

use super::objects::objects;
use super::phone::UNREADABLE;
use super::reading::{Kind, Reading, put};
use super::table::Table;
use super::word::NumberWord;
use crate::domain::{AccountId, Channels, E164, MaskingNumber, Number, NumberState};
use crate::rules::finding::code;
use crate::rules::masking;

const FIELDS: &[&str] = &[
    "e164",
    "provider_account_id",
    "location_id",
    "technician_id",
    "work_order_id",
    "capabilities",
    "answer_url",
    "application_url",
    "state",
    "released_at",
];

/// Where calls without a session go: by our name, and by Plivo's other one.
const ANSWER_URL: [&str; 2] = ["answer_url", "application_url"];

/// Reads every number, each over what is stored of it.
pub(super) fn read(r: &mut Reading<'_>, root: &Table<'_>) -> Vec<Number> {
    let mut read = Vec::new();
    for object in objects(r, root, "number", "e164", FIELDS) {
        let table = &object.table;
        let e164 = object.id.as_deref().and_then(E164::read).map(MaskingNumber::rented);
        let stored = e164.and_then(|e164| r.base?.numbers.iter().find(|one| one.e164 == e164).cloned());
        let is_new = stored.is_none();
        if is_new {
            table.requires(r, "provider_account_id", "the account that rents it");
        }
        let mut number = stored.unwrap_or_else(|| Number {
            e164: e164.unwrap_or(MaskingNumber::rented(UNREADABLE)),
            tenant: r.tenant.clone(),
            account: AccountId::from(""),
            location: None,
            technician: None,
            work_order: None,
            capabilities: Channels { voice: true, sms: true },
            answer_url: None,
            state: NumberState::Available,
        });
        match table.pointer(r, "provider_account_id", Kind::Account) {
            Some(Some(account)) => number.account = account,
            Some(None) => table.refuse_empty(r, "provider_account_id", "may not be empty"),
            None => {}
        }
        put(&mut number.location, table.pointer(r, "location_id", Kind::Location));
        put(&mut number.technician, table.pointer(r, "technician_id", Kind::Technician));
        put(&mut number.work_order, table.pointer(r, "work_order_id", Kind::WorkOrder));
        if number.technician.is_some() && number.work_order.is_some() {
            let field = if table.has("work_order_id") { "work_order_id" } else { "technician_id" };
            let message = "a number stands for a technician or for a job, not for both";
            r.notes.coded(&table.at(field), code::CONFLICT, message);
        }
        if let Some(list) = table.texts(r, "capabilities") {
            let words: Vec<String> = list.into_iter().map(|(_, word)| word).collect();
            match masking::channels_of(&words) {
                Ok(channels) => number.capabilities = channels,
                Err(fault) => r.notes.coded(&table.at("capabilities"), fault.code, fault.message),
            }
        }
        for field in ANSWER_URL {
            if let Some(url) = table.address(r, field) {
                number.answer_url = (!url.is_empty()).then_some(url);
            }
        }
        if ANSWER_URL.iter().all(|field| table.has(field)) {
            let message = "is another name of answer_url: write one of the two";
            r.notes.coded(&table.at("application_url"), code::CONFLICT, message);
        }
        let given = number.location.is_some() || number.technician.is_some() || number.work_order.is_some();
        let before = if is_new && given { NumberState::Assigned } else { number.state };
        number.state = state(r, table, before);
        if e164.is_some() {
            read.push(number);
        }
    }
    read
}

/// The state by its word and date. A date of release alone says that it was released.
fn state(r: &mut Reading<'_>, table: &Table<'_>, stored: NumberState) -> NumberState {
    let word = table.word::<NumberWord>(r, "state");
    let read = table.instant(r, "released_at");
    let undated = read == Some(None) || !table.has("released_at");
    let released_at = read.flatten();
    match (word, released_at, stored) {
        (None | Some(NumberWord::Cooldown | NumberWord::Released), Some(at), _) => NumberState::Released { at },
        (None, None, stored) => stored,
        (Some(NumberWord::Cooldown | NumberWord::Released), None, NumberState::Released { at }) => {
            NumberState::Released { at }
        }
        (
            Some(NumberWord::Cooldown | NumberWord::Released),
            None,
            NumberState::Available | NumberState::Assigned | NumberState::Retired,
        ) => {
            if undated {
                let message = "needs released_at: the cooldown days are counted from it";
                r.notes.coded(&table.at("state"), code::MISSING, message);
            }
            stored
        }
        (
            Some(word @ (NumberWord::Available | NumberWord::Assigned | NumberWord::Grace | NumberWord::Retired)),
            at,
            _,
        ) => {
            if at.is_some() {
                let message = format!("does not go with state = \"{word}\"; write state = \"cooldown\"");
                r.notes.coded(&table.at("released_at"), code::CONFLICT, message);
            }
            match word {
                NumberWord::Available => NumberState::Available,
                NumberWord::Retired => NumberState::Retired,
                NumberWord::Assigned | NumberWord::Grace | NumberWord::Cooldown | NumberWord::Released => {
                    NumberState::Assigned
                }
            }
        }
    }
}
