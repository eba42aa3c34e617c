//! `<Record>`, and what is told of recordings afterwards (wire.md A.2, B).
//!
//! Deliberately not here: sound; a recording is as long as somebody spoke.

use std::time::Duration;

use crate::domain::Moment;

use super::address::resolve;
use super::agenda::Step;
use super::dial::Dialing;
use super::gather::BETWEEN_KEYS;
use super::leg::{Doing, LegId};
use super::log::What;
use super::network::Network;
use super::params::{param, rfc_2822};
use super::request::{Request, Wants};
use super::script::{Speaks, Stage};
use super::verbs::{Callback, Record, Taping};

/// How long the beep is.
const BEEP: Duration = Duration::from_secs(1);

/// How long a provider takes to have a recording ready, and its words.
const READY: Duration = Duration::from_secs(3);
const WRITTEN: Duration = Duration::from_secs(12);

/// A `<Record>` that is being run.
#[derive(Debug)]
pub(super) struct Taped {
    record: Record,
    sid: String,
    /// When the beep was over.
    began: Option<Moment>,
    speaks: Duration,
}

/// A recording, as requests tell of it.
struct Tape<'a> {
    sid: &'a str,
    seconds: u64,
    began: Moment,
    source: &'static str,
    channels: &'static str,
}

impl Network {
    /// Begins to record, with a beep or without.
    pub(super) fn record(&mut self, leg: LegId, record: &Record) {
        self.answer_caller(leg);
        if self.legs[leg].is_over() {
            return;
        }
        let sid = self.random.sid(self.speaks(leg), "RE");
        let speaks = self.legs[leg].manner.speaks;
        let taped = Taped { record: record.clone(), sid, began: None, speaks };
        self.legs[leg].turn(Doing::Recording(Box::new(taped)));
        self.plan(leg, if record.beep { BEEP } else { Duration::ZERO }, Step::Beeped);
    }

    /// After the beep: they speak, and then hang up, press a key, or are silent until the provider has enough.
    pub(super) fn beeped(&mut self, leg: LegId) {
        let now = self.now;
        let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
        let press = self.legs[leg].take_press();
        let patient = self.legs[leg].manner.hangs_up.is_some();
        let Doing::Recording(taped) = &mut self.legs[leg].doing else { return };
        taped.began = Some(now);
        let (speaks, longest) = (taped.speaks, Duration::from_secs(taped.record.longest));
        let silence = taped.record.timeout;
        let key = press.as_ref().and_then(|press| {
            let (at, key) = press.keys.chars().enumerate().find(|(_, key)| taped.record.finish.contains(*key))?;
            Some((press.after + BETWEEN_KEYS.saturating_mul(u32::try_from(at).unwrap_or(u32::MAX)), key))
        });
        let sid = taped.sid.clone();
        let callback = taped.record.status.clone();
        self.tell(thread, What::Recording { who });
        if let Some(callback) = &callback {
            let tape = Tape { sid: &sid, seconds: 0, began: now, source: "RecordVerb", channels: "1" };
            self.tell_of(leg, callback, "in-progress", &tape, Duration::ZERO);
        }
        self.stage(leg, Stage::Recording);
        if let Some((after, key)) = key {
            self.plan(leg, after, Step::Recorded { key: Some(key) });
        } else if !patient {
            self.plan(leg, speaks, Step::Leaves);
        }
        self.plan(leg, longest, Step::Recorded { key: None });
        if silence > 0 {
            self.plan(leg, speaks + Duration::from_secs(silence), Step::Recorded { key: None });
        }
    }

    /// A recording ends while the caller is there.
    pub(super) fn recorded(&mut self, leg: LegId, key: Option<char>) {
        let Doing::Recording(taped) = self.legs[leg].turn(Doing::Waiting) else { return };
        if let Some(key) = key {
            let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
            self.tell(thread, What::Presses { who, keys: key.to_string() });
        }
        let digits = key.map(String::from).unwrap_or_default();
        let params = self.taken_down(leg, &taped, digits);
        self.fetch(leg, &taped.record.action, params);
    }

    /// The line is dead before the recording ends: the action is asked for all the same (wire.md B, Record).
    pub(super) fn recording_cut(&mut self, leg: LegId, taped: &Taped, by_themselves: bool) {
        let digits = if by_themselves { "hangup" } else { "" };
        let params = self.taken_down(leg, taped, digits.to_owned());
        self.farewell(leg, &taped.record.action, params);
    }

    /// What was recorded: tells whoever asked to be told, and gives the action's parameters.
    fn taken_down(&mut self, leg: LegId, taped: &Taped, digits: String) -> Vec<(String, String)> {
        let began = taped.began.unwrap_or(self.now);
        let whole = self.now.since(began);
        let spoken = taped.speaks.min(whole);
        // Silence at the ends is cut off; Twilio keeps a recording that is nothing else, SignalWire keeps nothing.
        let kept = match self.speaks(leg) {
            Speaks::Signalwire => spoken,
            Speaks::Twilio if taped.record.trim && spoken > Duration::ZERO => spoken,
            Speaks::Twilio => whole,
        };
        let seconds = kept.as_secs();
        let tape = Tape { sid: &taped.sid, seconds, began, source: "RecordVerb", channels: "1" };
        let mut params = Vec::new();
        if seconds > 0 {
            let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
            self.tell(thread, What::Recorded { who, seconds });
            params.push(param("RecordingUrl", self.recording_url(leg, &taped.sid)));
            params.push(param("RecordingSid", &taped.sid));
        }
        params.push(param("RecordingDuration", seconds.to_string()));
        params.push(param("Digits", digits));
        let status = if seconds > 0 { "completed" } else { "absent" };
        if let Some(callback) = &taped.record.status {
            self.tell_of(leg, callback, status, &tape, READY);
        }
        if seconds > 0 {
            self.transcribed(leg, taped, spoken > Duration::ZERO);
        }
        params
    }

    fn transcribed(&mut self, leg: LegId, taped: &Taped, understood: bool) {
        let Some(link) = &taped.record.transcript else { return };
        let Some(url) = resolve(&self.legs[leg].program.base, &link.url) else { return };
        let sid = self.random.sid(self.speaks(leg), "TR");
        let mut request = self.about(leg, url, link.method, Wants::Nothing);
        let account = self.account_url(leg);
        request.params.extend([
            param("TranscriptionUrl", format!("{account}/Transcriptions/{sid}")),
            param("TranscriptionSid", sid),
            param("TranscriptionStatus", if understood { "completed" } else { "failed" }),
            param("RecordingUrl", self.recording_url(leg, &taped.sid)),
            param("RecordingSid", &taped.sid),
        ]);
        if understood {
            request.params.push(param("TranscriptionText", "Please call me back about my appointment."));
        }
        self.report(request, WRITTEN);
    }

    /// A `<Dial>` was recorded.
    pub(super) fn dial_recorded(&mut self, leg: LegId, dialing: &Dialing, since: Moment) -> Vec<(String, String)> {
        let seconds = self.now.since(since).as_secs();
        let channels = if dialing.dial.record == Taping::Dual { "2" } else { "1" };
        let sid = self.random.sid(self.speaks(leg), "RE");
        let url = self.recording_url(leg, &sid);
        let status = if seconds > 0 { "completed" } else { "absent" };
        if let Some(callback) = &dialing.dial.status {
            let tape = Tape { sid: &sid, seconds, began: since, source: "DialVerb", channels };
            self.tell_of(leg, callback, status, &tape, READY);
        }
        if seconds == 0 {
            return Vec::new();
        }
        let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
        self.tell(thread, What::Recorded { who, seconds });
        vec![param("RecordingUrl", url), param("RecordingSid", sid)]
    }

    /// Tells of a recording, where that is wanted. Such requests do not say who called whom (wire.md A.2).
    fn tell_of(&mut self, leg: LegId, callback: &Callback, status: &str, tape: &Tape<'_>, after: Duration) {
        if !callback.events.iter().any(|wanted| wanted == status) {
            return;
        }
        let there = &self.legs[leg];
        let Some(url) = resolve(&there.program.base, &callback.link.url) else { return };
        let (thread, number) = (there.thread, there.number);
        let mut params = vec![
            param("AccountSid", &self.numbers[number].account_sid),
            param("CallSid", &there.sid),
            param("RecordingSid", tape.sid),
            param("RecordingStatus", status),
            param("RecordingChannels", tape.channels),
            param("RecordingStartTime", rfc_2822(tape.began)),
            param("RecordingSource", tape.source),
            param("RecordingTrack", "both"),
        ];
        if status == "completed" {
            params.push(param("RecordingUrl", self.recording_url(leg, tape.sid)));
            params.push(param("RecordingDuration", tape.seconds.to_string()));
        }
        let method = callback.link.method;
        self.report(Request { thread, number, url, method, params, wants: Wants::Nothing }, after);
    }

    fn recording_url(&self, leg: LegId, sid: &str) -> String {
        format!("{}/Recordings/{sid}", self.account_url(leg))
    }

    /// Where the provider keeps what belongs to the account.
    fn account_url(&self, leg: LegId) -> String {
        let account = &self.numbers[self.legs[leg].number].account_sid;
        match self.speaks(leg) {
            Speaks::Twilio => format!("https://api.twilio.com/2010-04-01/Accounts/{account}"),
            Speaks::Signalwire => {
                format!("https://space.signalwire.com/api/laml/2010-04-01/Accounts/{account}")
            }
        }
    }
}
