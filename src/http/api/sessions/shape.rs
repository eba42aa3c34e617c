//! How a session is shown, and what is worth knowing of a change.
//!
//! Deliberately not here: where it stands (`routing::job`).

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::{self, EndedBy, Moment, Phase, SessionState};
use crate::routing::job::stands;
use crate::rules::ruleset::Ruleset;

/// Two parties joined through one number.
#[derive(Serialize, ToSchema)]
pub struct Session {
    /// Its id.
    #[schema(example = "0198c0de-7a11-7000-8000-5e5510000001")]
    pub id: String,
    /// Where it belongs; null means where its number does.
    #[schema(required)]
    pub location_id: Option<String>,
    /// The number that both parties see.
    #[schema(example = "+13125550190")]
    pub number: String,
    /// The technician side.
    #[schema(required, example = "+13125550144")]
    pub first_party: Option<String>,
    /// The customer side.
    #[schema(required, example = "+13125550101")]
    pub second_party: Option<String>,
    /// Its technician; null in a plain pair.
    #[schema(required)]
    pub technician_id: Option<String>,
    /// Its customer; null in a plain pair.
    #[schema(required)]
    pub customer_id: Option<String>,
    /// Its job, where it has one.
    #[schema(required)]
    pub work_order_id: Option<String>,
    /// What the program that made it through DeepCall's door calls it; null where it said nothing.
    #[schema(required)]
    pub event_id: Option<String>,
    /// Where it stands now: it routes while it is `live` or in `grace`.
    pub state: SessionPhase,
    /// When it began.
    #[schema(required, format = DateTime)]
    pub started_at: Option<String>,
    /// When it ends by the clock; null means with its job, or when somebody ends it.
    #[schema(required, format = DateTime)]
    pub expires_at: Option<String>,
    /// When it stopped routing, where it has.
    #[schema(required, format = DateTime)]
    pub ended_at: Option<String>,
    /// What ended it: `job`, `api` or `expiry`.
    #[schema(required, example = "job")]
    pub ended_by: Option<String>,
    /// Seconds that the other party's phone rings; null means the location's.
    #[schema(required)]
    pub ring_timeout: Option<u16>,
    /// Seconds that a call may last; null means the longest.
    #[schema(required)]
    pub call_time_limit: Option<u32>,
    /// Whether its calls are recorded; null means as the location says.
    #[schema(required)]
    pub record: Option<bool>,
    /// Played to the first party before bridging.
    #[schema(required)]
    pub first_party_play_url: Option<String>,
    /// Played to the second party before bridging.
    #[schema(required)]
    pub second_party_play_url: Option<String>,
}

/// Where a session stands.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SessionPhase {
    /// It has not begun.
    NotYet,
    /// It routes.
    Live,
    /// Its job is done; it still routes.
    Grace,
    /// It is over.
    Over,
}

impl SessionPhase {
    /// Reads a list's filter.
    pub fn read(word: &str) -> Option<Self> {
        match word {
            "not_yet" => Some(Self::NotYet),
            "live" => Some(Self::Live),
            "grace" => Some(Self::Grace),
            "over" => Some(Self::Over),
            _ => None,
        }
    }

    /// Of a session, now.
    pub fn of(base: &Ruleset, session: &domain::Session, now: Moment) -> Self {
        match stands(base, session, now) {
            Phase::NotYet => Self::NotYet,
            Phase::Live => Self::Live,
            Phase::Grace => Self::Grace,
            Phase::Over { .. } => Self::Over,
        }
    }
}

/// Something that is worth knowing: what was asked was done, and perhaps not as it was meant.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Remark {
    /// The field that it is about; empty for the whole.
    pub field: String,
    /// What it is about: stable.
    #[schema(example = "number_pool_exhausted")]
    pub code: String,
    /// The same for a person.
    pub message: String,
}

impl Remark {
    /// One of a field.
    pub fn new(field: &str, code: &str, message: impl Into<String>) -> Self {
        Self { field: field.to_owned(), code: code.to_owned(), message: message.into() }
    }
}

impl From<crate::rules::finding::Finding> for Remark {
    fn from(finding: crate::rules::finding::Finding) -> Self {
        Self::new(&finding.field, finding.code.unwrap_or("doubtful"), finding.message)
    }
}

/// A session as it stands now.
pub fn shape(base: &Ruleset, session: &domain::Session, now: Moment) -> Session {
    let text = |moment: Moment| (moment != Moment(i64::MIN)).then(|| moment.to_string());
    let (ended_at, ended_by) = match stands(base, session, now) {
        Phase::Over { at, by } => (text(at), Some(by)),
        Phase::NotYet | Phase::Live | Phase::Grace => (None, None),
    };
    let expires_at = match session.state {
        SessionState::Live { expires_at } => expires_at,
        SessionState::Ended { .. } => None,
    };
    let options = &session.options;
    Session {
        id: session.id.to_string(),
        location_id: session.location.as_ref().map(ToString::to_string),
        number: session.number.to_string(),
        first_party: session.first_party.map(|phone| phone.to_string()),
        second_party: session.second_party.map(|phone| phone.to_string()),
        technician_id: session.technician().map(ToString::to_string),
        customer_id: session.customer().map(ToString::to_string),
        work_order_id: session.work_order().map(ToString::to_string),
        event_id: options.terms.as_ref().and_then(|terms| terms.event_id.clone()),
        state: SessionPhase::of(base, session, now),
        started_at: session.started_at.and_then(text),
        expires_at: expires_at.and_then(text),
        ended_at,
        ended_by: ended_by.map(EndedBy::word).map(str::to_owned),
        ring_timeout: options.ring_timeout,
        call_time_limit: options.call_time_limit,
        record: options.record,
        first_party_play_url: options.first_party_play_url.clone(),
        second_party_play_url: options.second_party_play_url.clone(),
    }
}
