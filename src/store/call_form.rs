//! A call in progress as the JSON of a column: the state that its next step needs, in a shape of the store's own.
//!
//! Deliberately not here: when it is written (`switchboard::settle`).

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::error::StoreError;
use crate::domain::{
    Acceptance, Answered, Attempt, Call, CallEnd, CallId, CallerId, CallerWord, Choice, Cue, Digit, E164, LegEnd,
    LegOutcome, LegStatus, MaskingNumber, Match, MenuState, Moment, PinState, Placed, PlacedFor, QueueStay, Recorded,
    Route, Screening, Side, Spoken, Tariff, VoicemailState,
};

/// The version of the shape; a later program reads earlier ones.
const VERSION: u8 = 1;

#[derive(Serialize, Deserialize)]
struct CallForm<'a> {
    v: u8,
    id: Cow<'a, str>,
    sid: Cow<'a, str>,
    account: Cow<'a, str>,
    tenant: Cow<'a, str>,
    location: Option<Cow<'a, str>>,
    number: u64,
    caller: Cow<'a, str>,
    caller_word: Cow<'a, str>,
    matched: Cow<'a, str>,
    side: Cow<'a, str>,
    route: Option<Cow<'a, str>>,
    session: Option<Cow<'a, str>>,
    customer: Option<Cow<'a, str>>,
    opened_at: i64,
    tried: Vec<Cow<'a, str>>,
    fallbacks: Vec<Cow<'a, str>>,
    lines: Vec<Cow<'a, str>>,
    attempts: Vec<AttemptForm<'a>>,
    answered: bool,
    record: bool,
    voicemail: Cow<'a, str>,
    menu: Option<MenuForm<'a>>,
    /// What an older program did not write, it did not have.
    #[serde(default)]
    pin: Option<(Cow<'a, str>, bool, u8)>,
    queue: Option<(Cow<'a, str>, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tariff: Option<(u64, u32)>,
    end: Option<(i64, Cow<'a, str>)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    gone: Option<(Cow<'a, str>, u32)>,
    todo: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    placed: Option<PlacedForm<'a>>,
}

#[derive(Serialize, Deserialize)]
struct AttemptForm<'a> {
    no: u8,
    to: AnsweredForm<'a>,
    phones: Vec<u64>,
    started_at: i64,
    ring_timeout: u16,
    time_limit: u32,
    screening: ScreeningForm<'a>,
    acceptance: AcceptanceForm<'a>,
    outcome: Option<Cow<'a, str>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    recorded: Option<Cow<'a, str>>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AnsweredForm<'a> {
    Technician(Option<Cow<'a, str>>),
    Customer(Option<Cow<'a, str>>),
    Lines(Vec<Cow<'a, str>>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ScreeningForm<'a> {
    None,
    Announce(Vec<CueForm<'a>>),
    Accept { cues: Vec<CueForm<'a>>, key: char, timeout: u16, after: Vec<CueForm<'a>> },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum CueForm<'a> {
    Say(Cow<'a, str>),
    Play(Cow<'a, str>),
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum AcceptanceForm<'a> {
    Unasked,
    Asked { leg: Cow<'a, str>, at: i64, wrong: u8 },
    Accepted { leg: Cow<'a, str>, at: i64 },
    Refused,
    TimedOut,
}

#[derive(Serialize, Deserialize)]
struct PlacedForm<'a> {
    purpose: Cow<'a, str>,
    to: AnsweredForm<'a>,
    phone: u64,
    ring_timeout: u16,
    screening: ScreeningForm<'a>,
    acceptance: AcceptanceForm<'a>,
}

#[derive(Serialize, Deserialize)]
struct MenuForm<'a> {
    choices: Vec<(Cow<'a, str>, Cow<'a, str>)>,
    rounds: u8,
    misses: u8,
}

/// Writes a call down.
pub fn write(call: &Call) -> String {
    let words = |routes: &[Route]| routes.iter().map(|route| route.word().into()).collect();
    super::cell::json(&CallForm {
        v: VERSION,
        id: call.id.to_string().into(),
        sid: call.sid.as_str().into(),
        account: call.account.as_str().into(),
        tenant: call.tenant.as_str().into(),
        location: call.location.as_ref().map(|id| id.as_str().into()),
        number: call.number.e164().digits(),
        caller: call.caller.text().into(),
        caller_word: call.caller_word.word().into(),
        matched: call.matched.word().into(),
        side: call.side.word().into(),
        route: call.route.map(|route| route.word().into()),
        session: call.session.as_ref().map(|id| id.as_str().into()),
        customer: call.customer.as_ref().map(|id| id.as_str().into()),
        opened_at: call.opened_at.0,
        tried: words(&call.tried),
        fallbacks: words(&call.fallbacks),
        lines: call.lines.iter().map(|id| id.as_str().into()).collect(),
        attempts: call.attempts.iter().map(AttemptForm::from).collect(),
        answered: call.answered,
        record: call.record,
        voicemail: call.voicemail.word().into(),
        menu: call.menu.as_ref().map(|MenuState { choices, rounds, misses }| MenuForm {
            choices: choices
                .iter()
                .map(|Choice { session, name }| (session.as_str().into(), name.as_str().into()))
                .collect(),
            rounds: *rounds,
            misses: *misses,
        }),
        pin: call.pin.as_ref().map(|PinState { session, own, rounds }| (session.as_str().into(), *own, *rounds)),
        queue: call.queue.as_ref().map(|QueueStay { name, since }| (name.as_str().into(), since.0)),
        tariff: call.tariff.map(|Tariff { minute, increment }| (minute, increment)),
        end: call.end.map(|(at, how)| (at.0, how.word().into())),
        gone: call.gone.map(|LegEnd { status, seconds }| (status.word().into(), seconds)),
        todo: call.todo,
        placed: call.placed.as_deref().map(PlacedForm::from),
    })
}

/// Reads what [`write()`] wrote.
pub fn read(text: &str) -> Result<Call, StoreError> {
    let form: CallForm = serde_json::from_str(text).map_err(|_| wrong("JSON of another shape"))?;
    if form.v != VERSION {
        return Err(wrong("the shape of a newer program"));
    }
    let routes = |words: Vec<Cow<'_, str>>| words.iter().map(|text| word(text, Route::read)).collect::<Result<_, _>>();
    Ok(Call {
        id: CallId::read(&form.id).ok_or_else(|| wrong("no call id"))?,
        sid: form.sid.into_owned(),
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
            choices: choices
                .into_iter()
                .map(|(session, name)| Choice { session: session.into(), name: name.into_owned() })
                .collect(),
            rounds,
            misses,
        }),
        pin: form.pin.map(|(session, own, rounds)| PinState { session: session.into(), own, rounds }),
        queue: form.queue.map(|(name, since)| QueueStay { name: name.into_owned(), since: Moment(since) }),
        tariff: form.tariff.map(|(minute, increment)| Tariff { minute, increment }),
        end: form.end.map(|(at, how)| Ok::<_, StoreError>((Moment(at), word(&how, CallEnd::read)?))).transpose()?,
        gone: form.gone.map(leg_end).transpose()?,
        todo: form.todo,
        placed: form.placed.map(PlacedForm::into_placed).transpose()?.map(Box::new),
    })
}

fn wrong(what: &'static str) -> StoreError {
    StoreError::Row { table: "interactions", column: "call", what }
}

fn word<T>(text: &str, read: impl FnOnce(&str) -> Option<T>) -> Result<T, StoreError> {
    read(text).ok_or_else(|| wrong("an unknown word"))
}

fn leg_end((status, seconds): (Cow<'_, str>, u32)) -> Result<LegEnd, StoreError> {
    Ok(LegEnd { status: word(&status, LegStatus::read)?, seconds })
}

fn phone(digits: u64) -> Result<E164, StoreError> {
    E164::from_digits(digits).ok_or_else(|| wrong("no phone number"))
}

impl<'a> From<&'a Attempt> for AttemptForm<'a> {
    fn from(attempt: &'a Attempt) -> Self {
        let Attempt {
            no,
            to,
            phones,
            started_at,
            ring_timeout,
            time_limit,
            screening,
            acceptance,
            outcome,
            seconds,
            recorded,
        } = attempt;
        Self {
            no: *no,
            to: AnsweredForm::from(to),
            phones: phones.iter().map(|phone| phone.digits()).collect(),
            started_at: started_at.0,
            ring_timeout: *ring_timeout,
            time_limit: *time_limit,
            screening: ScreeningForm::from(screening),
            acceptance: AcceptanceForm::from(acceptance),
            outcome: outcome.map(|outcome| outcome.word().into()),
            seconds: *seconds,
            recorded: (*recorded != Recorded::No).then(|| recorded.word().into()),
        }
    }
}

impl TryFrom<AttemptForm<'_>> for Attempt {
    type Error = StoreError;

    fn try_from(form: AttemptForm<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            no: form.no,
            to: form.to.into(),
            phones: form.phones.into_iter().map(phone).collect::<Result<_, _>>()?,
            started_at: Moment(form.started_at),
            ring_timeout: form.ring_timeout,
            time_limit: form.time_limit,
            screening: form.screening.try_into()?,
            acceptance: form.acceptance.into(),
            outcome: form.outcome.map(|text| word(&text, LegOutcome::read)).transpose()?,
            seconds: form.seconds,
            recorded: form.recorded.map_or(Ok(Recorded::No), |text| word(&text, Recorded::read))?,
        })
    }
}

impl<'a> From<&'a Answered> for AnsweredForm<'a> {
    fn from(to: &'a Answered) -> Self {
        match to {
            Answered::Technician(id) => Self::Technician(id.as_ref().map(|id| id.as_str().into())),
            Answered::Customer(id) => Self::Customer(id.as_ref().map(|id| id.as_str().into())),
            Answered::Lines(ids) => Self::Lines(ids.iter().map(|id| id.as_str().into()).collect()),
        }
    }
}

impl From<AnsweredForm<'_>> for Answered {
    fn from(form: AnsweredForm<'_>) -> Self {
        match form {
            AnsweredForm::Technician(id) => Self::Technician(id.map(Into::into)),
            AnsweredForm::Customer(id) => Self::Customer(id.map(Into::into)),
            AnsweredForm::Lines(ids) => Self::Lines(ids.into_iter().map(Into::into).collect()),
        }
    }
}

impl<'a> From<&'a Screening> for ScreeningForm<'a> {
    fn from(screening: &'a Screening) -> Self {
        match screening {
            Screening::None => Self::None,
            Screening::Announce(cues) => Self::Announce(cue_forms(cues)),
            Screening::Accept { cues, key, timeout, after } => {
                Self::Accept { cues: cue_forms(cues), key: key.char(), timeout: *timeout, after: cue_forms(after) }
            }
        }
    }
}

impl TryFrom<ScreeningForm<'_>> for Screening {
    type Error = StoreError;

    fn try_from(form: ScreeningForm<'_>) -> Result<Self, StoreError> {
        Ok(match form {
            ScreeningForm::None => Self::None,
            ScreeningForm::Announce(forms) => Self::Announce(cues(forms)),
            ScreeningForm::Accept { cues: before, key, timeout, after } => Self::Accept {
                cues: cues(before),
                key: word(key.encode_utf8(&mut [0; 4]), Digit::read)?,
                timeout,
                after: cues(after),
            },
        })
    }
}

impl<'a> From<&'a Acceptance> for AcceptanceForm<'a> {
    fn from(acceptance: &'a Acceptance) -> Self {
        match acceptance {
            Acceptance::Unasked => Self::Unasked,
            Acceptance::Asked { leg, at, wrong } => Self::Asked { leg: leg.as_str().into(), at: at.0, wrong: *wrong },
            Acceptance::Accepted { leg, at } => Self::Accepted { leg: leg.as_str().into(), at: at.0 },
            Acceptance::Refused => Self::Refused,
            Acceptance::TimedOut => Self::TimedOut,
        }
    }
}

impl From<AcceptanceForm<'_>> for Acceptance {
    fn from(form: AcceptanceForm<'_>) -> Self {
        match form {
            AcceptanceForm::Unasked => Self::Unasked,
            AcceptanceForm::Asked { leg, at, wrong } => Self::Asked { leg: leg.into_owned(), at: Moment(at), wrong },
            AcceptanceForm::Accepted { leg, at } => Self::Accepted { leg: leg.into_owned(), at: Moment(at) },
            AcceptanceForm::Refused => Self::Refused,
            AcceptanceForm::TimedOut => Self::TimedOut,
        }
    }
}

impl<'a> From<&'a Placed> for PlacedForm<'a> {
    fn from(placed: &'a Placed) -> Self {
        let Placed { purpose, to, phone, ring_timeout, screening, acceptance } = placed;
        Self {
            purpose: purpose.word().into(),
            to: to.into(),
            phone: phone.digits(),
            ring_timeout: *ring_timeout,
            screening: screening.into(),
            acceptance: acceptance.into(),
        }
    }
}

impl PlacedForm<'_> {
    fn into_placed(self) -> Result<Placed, StoreError> {
        Ok(Placed {
            purpose: word(&self.purpose, PlacedFor::read)?,
            to: self.to.into(),
            phone: phone(self.phone)?,
            ring_timeout: self.ring_timeout,
            screening: self.screening.try_into()?,
            acceptance: self.acceptance.into(),
        })
    }
}

fn cue_forms(cues: &[Cue]) -> Vec<CueForm<'_>> {
    cues.iter()
        .map(|cue| match cue {
            Cue::Say(words) => CueForm::Say(words.as_str().into()),
            Cue::Play(url) => CueForm::Play(url.as_str().into()),
        })
        .collect()
}

fn cues(forms: Vec<CueForm<'_>>) -> Vec<Cue> {
    forms
        .into_iter()
        .map(|form| match form {
            CueForm::Say(words) => Cue::Say(Spoken::new(&words)),
            CueForm::Play(url) => Cue::Play(url.into_owned()),
        })
        .collect()
}
