//! A call in progress as the JSON of a column: the state that its next step needs, in a shape of the store's own.
//!
//! Deliberately not here: when it is written (`switchboard::settle`).

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::domain::{
    Acceptance, Answered, Attempt, Call, CallEnd, CallId, CallerId, CallerWord, Choice, Cue, Digit, E164, LegOutcome,
    MaskingNumber, Match, MenuState, Moment, QueueStay, Route, Screening, Side, Spoken, VoicemailState,
};

/// The version of the shape; a later program reads earlier ones.
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct CallForm {
    v: u8,
    id: String,
    sid: String,
    account: String,
    tenant: String,
    location: Option<String>,
    number: u64,
    caller: String,
    caller_word: String,
    matched: String,
    side: String,
    route: Option<String>,
    session: Option<String>,
    customer: Option<String>,
    opened_at: i64,
    tried: Vec<String>,
    fallbacks: Vec<String>,
    lines: Vec<String>,
    attempts: Vec<AttemptForm>,
    answered: bool,
    record: bool,
    voicemail: String,
    menu: Option<MenuForm>,
    queue: Option<(String, i64)>,
    end: Option<(i64, String)>,
    todo: bool,
}

#[derive(Serialize, Deserialize)]
struct AttemptForm {
    no: u8,
    to: AnsweredForm,
    phones: Vec<u64>,
    started_at: i64,
    ring_timeout: u16,
    time_limit: u32,
    screening: ScreeningForm,
    acceptance: AcceptanceForm,
    outcome: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnsweredForm {
    Technician(Option<String>),
    Customer(Option<String>),
    Lines(Vec<String>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScreeningForm {
    None,
    Announce(Vec<CueForm>),
    Accept { cues: Vec<CueForm>, key: char, timeout: u16, after: Vec<CueForm> },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CueForm {
    Say(String),
    Play(String),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AcceptanceForm {
    Unasked,
    Asked { leg: String, at: i64, wrong: u8 },
    Accepted { leg: String, at: i64 },
    Refused,
    TimedOut,
}

#[derive(Serialize, Deserialize)]
struct MenuForm {
    choices: Vec<(String, String)>,
    rounds: u8,
    misses: u8,
}

/// Writes a call down.
pub fn write(call: &Call) -> String {
    let words = |routes: &[Route]| routes.iter().map(|route| route.to_string()).collect();
    super::cell::json(&CallForm {
        v: VERSION,
        id: call.id.to_string(),
        sid: call.sid.clone(),
        account: call.account.to_string(),
        tenant: call.tenant.to_string(),
        location: call.location.as_ref().map(ToString::to_string),
        number: call.number.e164().digits(),
        caller: call.caller.text(),
        caller_word: call.caller_word.to_string(),
        matched: call.matched.to_string(),
        side: call.side.to_string(),
        route: call.route.map(|route| route.to_string()),
        session: call.session.as_ref().map(ToString::to_string),
        customer: call.customer.as_ref().map(ToString::to_string),
        opened_at: call.opened_at.0,
        tried: words(&call.tried),
        fallbacks: words(&call.fallbacks),
        lines: call.lines.iter().map(ToString::to_string).collect(),
        attempts: call.attempts.iter().map(AttemptForm::from).collect(),
        answered: call.answered,
        record: call.record,
        voicemail: call.voicemail.to_string(),
        menu: call.menu.as_ref().map(|MenuState { choices, rounds, misses }| MenuForm {
            choices: choices.iter().map(|Choice { session, name }| (session.to_string(), name.clone())).collect(),
            rounds: *rounds,
            misses: *misses,
        }),
        queue: call.queue.as_ref().map(|QueueStay { name, since }| (name.clone(), since.0)),
        end: call.end.map(|(at, how)| (at.0, how.to_string())),
        todo: call.todo,
    })
}

/// Reads what [`write()`] wrote.
pub fn read(text: &str) -> Result<Call, StoreError> {
    let form: CallForm = serde_json::from_str(text).map_err(|_| wrong("JSON of another shape"))?;
    if form.v != VERSION {
        return Err(wrong("the shape of a newer program"));
    }
    let routes = |words: Vec<String>| words.iter().map(|text| word(text, Route::read)).collect::<Result<_, _>>();
    Ok(Call {
        id: CallId::read(&form.id).ok_or_else(|| wrong("no call id"))?,
        sid: form.sid,
        account: form.account.into(),
        tenant: form.tenant.into(),
        location: form.location.map(Into::into),
        number: MaskingNumber::rented(phone(form.number)?),
        caller: CallerId::from_text(&form.caller),
        caller_word: word(&form.caller_word, CallerWord::read)?,
        matched: word(&form.matched, Match::read)?,
        side: word(&form.side, Side::read)?,
        route: form.route.map(|text| word(&text, Route::read)).transpose()?,
        session: form.session.map(Into::into),
        customer: form.customer.map(Into::into),
        opened_at: Moment(form.opened_at),
        tried: routes(form.tried)?,
        fallbacks: routes(form.fallbacks)?,
        lines: form.lines.into_iter().map(Into::into).collect(),
        attempts: form.attempts.into_iter().map(Attempt::try_from).collect::<Result<_, _>>()?,
        answered: form.answered,
        record: form.record,
        voicemail: word(&form.voicemail, VoicemailState::read)?,
        menu: form.menu.map(|MenuForm { choices, rounds, misses }| MenuState {
            choices: choices.into_iter().map(|(session, name)| Choice { session: session.into(), name }).collect(),
            rounds,
            misses,
        }),
        queue: form.queue.map(|(name, since)| QueueStay { name, since: Moment(since) }),
        end: form.end.map(|(at, how)| Ok::<_, StoreError>((Moment(at), word(&how, CallEnd::read)?))).transpose()?,
        todo: form.todo,
    })
}

fn wrong(what: &'static str) -> StoreError {
    StoreError::Row { table: "interactions", column: "call", what }
}

fn word<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
    read(text).ok_or_else(|| wrong("an unknown word"))
}

fn phone(digits: u64) -> Result<E164, StoreError> {
    E164::from_digits(digits).ok_or_else(|| wrong("no phone number"))
}

impl From<&Attempt> for AttemptForm {
    fn from(attempt: &Attempt) -> Self {
        let Attempt { no, to, phones, started_at, ring_timeout, time_limit, screening, acceptance, outcome } = attempt;
        Self {
            no: *no,
            to: match to {
                Answered::Technician(id) => AnsweredForm::Technician(id.as_ref().map(ToString::to_string)),
                Answered::Customer(id) => AnsweredForm::Customer(id.as_ref().map(ToString::to_string)),
                Answered::Lines(ids) => AnsweredForm::Lines(ids.iter().map(ToString::to_string).collect()),
            },
            phones: phones.iter().map(|phone| phone.digits()).collect(),
            started_at: started_at.0,
            ring_timeout: *ring_timeout,
            time_limit: *time_limit,
            screening: match screening {
                Screening::None => ScreeningForm::None,
                Screening::Announce(cues) => ScreeningForm::Announce(cue_forms(cues)),
                Screening::Accept { cues, key, timeout, after } => ScreeningForm::Accept {
                    cues: cue_forms(cues),
                    key: key.char(),
                    timeout: *timeout,
                    after: cue_forms(after),
                },
            },
            acceptance: match acceptance {
                Acceptance::Unasked => AcceptanceForm::Unasked,
                Acceptance::Asked { leg, at, wrong } => {
                    AcceptanceForm::Asked { leg: leg.clone(), at: at.0, wrong: *wrong }
                }
                Acceptance::Accepted { leg, at } => AcceptanceForm::Accepted { leg: leg.clone(), at: at.0 },
                Acceptance::Refused => AcceptanceForm::Refused,
                Acceptance::TimedOut => AcceptanceForm::TimedOut,
            },
            outcome: outcome.map(|outcome| outcome.to_string()),
        }
    }
}

impl TryFrom<AttemptForm> for Attempt {
    type Error = StoreError;

    fn try_from(form: AttemptForm) -> Result<Self, StoreError> {
        Ok(Self {
            no: form.no,
            to: match form.to {
                AnsweredForm::Technician(id) => Answered::Technician(id.map(Into::into)),
                AnsweredForm::Customer(id) => Answered::Customer(id.map(Into::into)),
                AnsweredForm::Lines(ids) => Answered::Lines(ids.into_iter().map(Into::into).collect()),
            },
            phones: form.phones.into_iter().map(phone).collect::<Result<_, _>>()?,
            started_at: Moment(form.started_at),
            ring_timeout: form.ring_timeout,
            time_limit: form.time_limit,
            screening: match form.screening {
                ScreeningForm::None => Screening::None,
                ScreeningForm::Announce(forms) => Screening::Announce(cues(forms)),
                ScreeningForm::Accept { cues: before, key, timeout, after } => Screening::Accept {
                    cues: cues(before),
                    key: word(key.encode_utf8(&mut [0; 4]), Digit::read)?,
                    timeout,
                    after: cues(after),
                },
            },
            acceptance: match form.acceptance {
                AcceptanceForm::Unasked => Acceptance::Unasked,
                AcceptanceForm::Asked { leg, at, wrong } => Acceptance::Asked { leg, at: Moment(at), wrong },
                AcceptanceForm::Accepted { leg, at } => Acceptance::Accepted { leg, at: Moment(at) },
                AcceptanceForm::Refused => Acceptance::Refused,
                AcceptanceForm::TimedOut => Acceptance::TimedOut,
            },
            outcome: form.outcome.map(|text| word(&text, LegOutcome::read)).transpose()?,
        })
    }
}

fn cue_forms(cues: &[Cue]) -> Vec<CueForm> {
    cues.iter()
        .map(|cue| match cue {
            Cue::Say(words) => CueForm::Say(words.as_str().to_owned()),
            Cue::Play(url) => CueForm::Play(url.clone()),
        })
        .collect()
}

fn cues(forms: Vec<CueForm>) -> Vec<Cue> {
    forms
        .into_iter()
        .map(|form| match form {
            CueForm::Say(words) => Cue::Say(Spoken::new(&words)),
            CueForm::Play(url) => Cue::Play(url),
        })
        .collect()
}
