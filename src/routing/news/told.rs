//! News as the parameters of a callback, under Plivo's names.
//!
//! Deliberately not here: the sequence number, which is given where they are written down, and signatures.

use super::{More, News, SessionEvent};
use crate::domain::{E164, Moment, RecordFormat, RecordingMade, Session, Terms};

/// Where a recording may be fetched.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Link {
    /// Its sound; empty where there is none.
    pub sound: String,
}

/// A callback's parameters, all but its `SequenceNumber`. Phones are digits without a `+`, as in the rest of that API.
pub fn attributes(news: &News, session: &Session, link: &Link) -> Vec<(String, String)> {
    let mut told = Told::default();
    told.say("EventName", news.event.word());
    told.say("EventTimestamp", utc(news.at));
    told.say("SessionUUID", session.id.as_str());
    told.say("From", digits(news.from));
    told.say("To", digits(news.to));
    told.say("VirtualNumber", session.number.e164().digits().to_string());
    match &news.more {
        More::Nothing => {}
        More::Over { seconds, billed, amount, cause } => {
            told.say("Duration", seconds.to_string());
            told.say("BilledDuration", billed.to_string());
            told.say("Amount", format!("{amount:.5}"));
            told.say("PlivoHangupCause", cause.word());
            told.say("PlivoHangupCauseCode", cause.code().to_string());
        }
        More::Pin { status, retries } => {
            told.say("PinAuthenticationStatus", status.word());
            told.say("PinRetryCounter", retries.to_string());
        }
        More::RecordingBegun { sid } => {
            told.say("RecordingUUID", sid.as_str());
            told.say("RecordingStartTime", utc(news.at));
        }
        More::NotKept { sid } => told.say("RecordingUUID", sid.as_deref().unwrap_or_default()),
        More::Recording(recording) => told.recording(recording, news.at, link),
    }
    if news.event.of_recording() {
        let format = session.options.terms.as_deref().map_or(RecordFormat::Mp3, |terms: &Terms| terms.record_format);
        told.say("RecordingFormat", format.word());
    }
    told.0
}

/// The news that a session has expired: of its parties, not of a call. `when` is the instant of its end.
pub fn expired(session: &Session, when: Moment) -> News {
    News {
        event: SessionEvent::Timeout,
        about: format!("expired {}", when.0),
        at: when,
        from: session.first_party,
        to: session.second_party,
        more: More::Nothing,
    }
}

#[derive(Default)]
struct Told(Vec<(String, String)>);

impl Told {
    fn say(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }

    /// It ended when it was heard of, as near as anybody knows.
    fn recording(&mut self, recording: &RecordingMade, at: Moment, link: &Link) {
        let RecordingMade { sid, url: _, seconds } = recording;
        let began = at.minus(std::time::Duration::from_secs(u64::from(*seconds)));
        self.say("RecordingUUID", sid.clone().unwrap_or_default());
        self.say("RecordingURL", link.sound.clone());
        self.say("RecordingResourceURL", link.sound.clone());
        self.say("RecordingDuration", seconds.to_string());
        self.say("RecordingStartTime", utc(began));
        self.say("RecordingEndTime", utc(at));
    }
}

fn digits(phone: Option<E164>) -> String {
    phone.map(|phone| phone.digits().to_string()).unwrap_or_default()
}

/// An instant as that API writes it, such as `2026-03-09 14:02:11 +0000 UTC`.
fn utc(at: Moment) -> String {
    let at = chrono::DateTime::from_timestamp_micros(at.0);
    at.map(|at| at.format("%Y-%m-%d %H:%M:%S +0000 UTC").to_string()).unwrap_or_default()
}
