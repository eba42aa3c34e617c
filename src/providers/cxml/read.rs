//! Requests read as events, one arm for each of our addresses (Twilio's documentation of the parameters that each verb
//! sends; SignalWire's cXML sends the same).
//!
//! Deliberately not here: what follows from them. Unknown parameters are ignored.

use std::borrow::Cow;

use crate::domain::{
    CallId, CallerId, DialEnded, DialStatus, Digit, E164, Event, EventKind, IncomingCall, IncomingText, LegAnswered,
    LegStatus, LegStatusReport, MediaItem, QueueResult, RecordingMade, Typed,
};
use crate::voice::Link;

use super::super::request::{Unreadable, Verified, What};
use super::super::sid::{call_id, message_id};
use super::Manner;

/// The most media that a text can have.
const MOST_MEDIA: u32 = 10;

/// Reads a request.
pub(super) fn read(manner: &Manner, verified: &Verified<'_>) -> Result<Event, Unreadable> {
    let target = verified.request().target;
    let link = Link::read(target).map_err(|wrong| Unreadable { link: None, call: None, what: wrong.into() })?;
    let reading = Reading { manner, verified };
    let kind = reading.sole(link).and_then(|()| reading.kind(link));
    let kind = kind.map_err(|what| Unreadable { link: Some(link), call: reading.call(link), what })?;
    let account_sid = reading.text("AccountSid").map(Cow::into_owned);
    Ok(Event { account: verified.account().clone(), account_sid, kind })
}

struct Reading<'v> {
    manner: &'v Manner,
    verified: &'v Verified<'v>,
}

impl<'v> Reading<'v> {
    /// Refuses a request that steers a call or brings a text when it says twice who is who.
    fn sole(&self, link: Link) -> Result<(), What> {
        let twice = |name: &&&str| self.verified.form().count(name) > 1;
        match ["CallSid", "MessageSid", "From", "To"].iter().find(twice) {
            Some(name) if link.wants_document() => Err(What::Repeated(name)),
            Some(_) | None => Ok(()),
        }
    }

    fn kind(&self, link: Link) -> Result<EventKind, What> {
        Ok(match link {
            Link::Voice => EventKind::Call(self.incoming_call()?),
            Link::Fallback => EventKind::Fallback { call: self.incoming_call()?, ended: self.ended_in_vain() },
            Link::Menu { call, round } => {
                self.needed("CallSid")?;
                EventKind::Menu { call, round, digit: self.digit() }
            }
            Link::Pin { call, round } => {
                self.needed("CallSid")?;
                EventKind::Pin { call, round, typed: self.text("Digits").and_then(|keys| Typed::read(&keys)) }
            }
            Link::Whisper { call, attempt } => EventKind::Whisper(self.leg(call, attempt)?),
            Link::Accept { call, attempt, round } => {
                EventKind::Accept { leg: self.leg(call, attempt)?, round, digit: self.digit() }
            }
            Link::Dialed { call, attempt } => {
                self.needed("CallSid")?;
                EventKind::Dialed(self.dialed(call, attempt))
            }
            Link::Voicemail { call } => {
                self.needed("CallSid")?;
                // A caller who hangs up ends the recording with the "digits" `hangup`.
                let hung_up = self.text("Digits").as_deref() == Some("hangup") || self.leg_is_over();
                EventKind::VoicemailEnded { call, recording: self.recording(), hung_up }
            }
            Link::QueueWait { call } => {
                self.needed("CallSid")?;
                EventKind::QueueWait { call, waited: self.number("QueueTime").unwrap_or(0) }
            }
            Link::QueueLeft { call } => {
                self.needed("CallSid")?;
                let result = self.text("QueueResult").and_then(|word| QueueResult::read(&word));
                // A word that is not documented: whatever it was, the wait is over and nobody was reached.
                EventKind::QueueLeft { call, result: result.unwrap_or(QueueResult::Error) }
            }
            // A call that we started has no other fallback address: there the failed step is taken anew, as it was asked.
            Link::Connect { call } => match self.failed() {
                Some(step @ (Link::Accept { .. } | Link::Dialed { .. })) if self.call(step) == Some(call) => {
                    self.kind(step)?
                }
                Some(_) | None => EventKind::Connect { call, sid: self.needed("CallSid")?.into_owned() },
            },
            Link::Redirected { call, route } => {
                self.needed("CallSid")?;
                EventKind::Redirected { call, route }
            }
            Link::Status { call, attempt } => EventKind::Status(self.status(call, attempt)?),
            Link::Recording { call, attempt } => {
                let status = self.text("RecordingStatus");
                let made = status.as_deref().is_none_or(|status| status == "completed");
                let absent = status.as_deref().is_some_and(|status| matches!(status, "absent" | "failed"));
                EventKind::Recording { call, attempt, recording: self.recording().filter(|_| made), absent }
            }
            Link::Transcription { call } => {
                let made = self.text("TranscriptionStatus").is_none_or(|status| status == "completed");
                let text = self.text("TranscriptionText").filter(|_| made).map(Cow::into_owned);
                EventKind::Transcription { call, text }
            }
            Link::Sms => EventKind::Text(self.incoming_text()?),
            Link::SmsFallback => EventKind::TextFallback(self.incoming_text()?),
            Link::SmsStatus { message } => EventKind::TextStatus {
                sid: self.message_sid()?.into_owned(),
                message,
                from: self.phone("From"),
                to: self.phone("To"),
                status: self
                    .text("MessageStatus")
                    .or_else(|| self.text("SmsStatus"))
                    .ok_or(What::Missing("MessageStatus"))?
                    .into_owned(),
                error_code: self.number("ErrorCode"),
            },
        })
    }

    /// The step of ours that the provider had no usable answer to: a fallback address gets its parameters, too (wire.md
    /// A.4).
    fn failed(&self) -> Option<Link> {
        let url = self.text("ErrorUrl")?;
        Link::read(url.get(url.find("/webhooks/")?..)?).ok()
    }

    /// The end of an attempt that we were told of in vain.
    fn ended_in_vain(&self) -> Option<DialEnded> {
        let Some(Link::Dialed { call, attempt }) = self.failed() else { return None };
        self.text("DialCallStatus").map(|_| self.dialed(call, attempt))
    }

    fn incoming_call(&self) -> Result<IncomingCall, What> {
        let sid = self.needed("CallSid")?;
        // A withheld number may be blank, but the parameter is there.
        let from = self.verified.form().value("From").ok_or(What::Missing("From"))?;
        let to = self.verified.form().value("To").ok_or(What::Missing("To"))?;
        Ok(IncomingCall {
            id: call_id(self.verified.account(), &sid),
            from: CallerId::read(&from),
            to: E164::read(&to),
            sid: sid.into_owned(),
        })
    }

    fn incoming_text(&self) -> Result<IncomingText, What> {
        let sid = self.message_sid()?;
        let from = self.verified.form().value("From").ok_or(What::Missing("From"))?;
        let to = self.needed("To")?;
        let opt_out_type = self.text("OptOutType").filter(|_| self.manner.tells_opt_outs);
        Ok(IncomingText {
            id: message_id(self.verified.account(), &sid),
            from: CallerId::read(&from),
            to: E164::read(&to).ok_or(What::Malformed("To"))?,
            body: self.verified.form().value("Body").unwrap_or_default().into_owned(),
            media: self.media(),
            opt_out_type: opt_out_type.map(Cow::into_owned),
            sid: sid.into_owned(),
        })
    }

    fn media(&self) -> Vec<MediaItem> {
        let count = self.number("NumMedia").unwrap_or(0).min(MOST_MEDIA);
        let item = |no: u32| {
            let url = self.text(&format!("MediaUrl{no}"))?.into_owned();
            let content_type = self.text(&format!("MediaContentType{no}")).unwrap_or_default().into_owned();
            Some(MediaItem { url, content_type })
        };
        (0..count).filter_map(item).collect()
    }

    /// A callee's leg; the request's own ids are that leg's, and its parent's is the caller's.
    fn leg(&self, call: CallId, attempt: u8) -> Result<LegAnswered, What> {
        let leg = self.needed("CallSid")?.into_owned();
        Ok(LegAnswered { call, attempt, leg, parent: self.text("ParentCallSid").map(Cow::into_owned) })
    }

    fn dialed(&self, call: CallId, attempt: u8) -> DialEnded {
        let status = self.text("DialCallStatus").and_then(|word| DialStatus::read(&word));
        let bridged = match self.text("DialBridged").as_deref() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            Some(_) | None => None,
        };
        DialEnded {
            call,
            attempt,
            // A word that is not documented reached nobody, unless the rest of the request says otherwise.
            status: status.unwrap_or(DialStatus::Failed),
            bridged: bridged.filter(|_| self.manner.kind.reports_bridging()),
            duration: self.number("DialCallDuration"),
            child: self.text("DialCallSid").map(Cow::into_owned),
            caller_gone: self.leg_is_over(),
        }
    }

    fn status(&self, call: Option<CallId>, attempt: Option<u8>) -> Result<LegStatusReport, What> {
        let leg = self.needed("CallSid")?;
        let word = self.needed("CallStatus")?;
        let call = call.unwrap_or_else(|| {
            let caller = self.text("ParentCallSid").unwrap_or_else(|| leg.clone());
            call_id(self.verified.account(), &caller)
        });
        Ok(LegStatusReport {
            call,
            attempt,
            status: LegStatus::read(&word).ok_or(What::Malformed("CallStatus"))?,
            duration: self.number("CallDuration"),
            sequence: self.number("SequenceNumber"),
            leg: leg.into_owned(),
        })
    }

    fn recording(&self) -> Option<RecordingMade> {
        let url = self.text("RecordingUrl")?.into_owned();
        // At the end of `<Record>` only the address is promised: the id is its last part.
        let sid = self.text("RecordingSid").map(Cow::into_owned).or_else(|| recording_in(&url).map(str::to_owned));
        Some(RecordingMade { url, sid, seconds: self.number("RecordingDuration").unwrap_or(0) })
    }

    /// Whether the leg that the request is about has ended.
    fn leg_is_over(&self) -> bool {
        self.text("CallStatus").and_then(|word| LegStatus::read(&word)).is_some_and(LegStatus::ended)
    }

    fn digit(&self) -> Option<Digit> {
        Digit::read(&self.text("Digits")?)
    }

    fn phone(&self, name: &str) -> Option<E164> {
        E164::read(&self.text(name)?)
    }

    /// The text's id; `SmsSid` is its older name.
    fn message_sid(&self) -> Result<Cow<'v, str>, What> {
        self.text("MessageSid").or_else(|| self.text("SmsSid")).ok_or(What::Missing("MessageSid"))
    }

    /// The call that an unreadable request belongs to, as far as it tells.
    fn call(&self, link: Link) -> Option<CallId> {
        match link {
            Link::Menu { call, .. }
            | Link::Pin { call, .. }
            | Link::Whisper { call, .. }
            | Link::Accept { call, .. }
            | Link::Dialed { call, .. }
            | Link::Voicemail { call }
            | Link::Recording { call, .. }
            | Link::Transcription { call }
            | Link::QueueWait { call }
            | Link::QueueLeft { call }
            | Link::Connect { call }
            | Link::Redirected { call, .. } => Some(call),
            Link::Status { call, .. } => call,
            Link::Voice | Link::Fallback if self.verified.form().count("CallSid") == 1 => {
                Some(call_id(self.verified.account(), &self.text("CallSid")?))
            }
            Link::Voice | Link::Fallback | Link::Sms | Link::SmsFallback | Link::SmsStatus { .. } => None,
        }
    }

    fn needed(&self, name: &'static str) -> Result<Cow<'v, str>, What> {
        self.text(name).ok_or(What::Missing(name))
    }

    fn text(&self, name: &str) -> Option<Cow<'v, str>> {
        self.verified.form().text(name)
    }

    fn number(&self, name: &str) -> Option<u32> {
        self.verified.form().number(name)
    }
}

/// The id in a recording's address, `…/Recordings/<id>[.<format>]`.
fn recording_in(url: &str) -> Option<&str> {
    let (_, last) = url.split(['?', '#']).next()?.rsplit_once("/Recordings/")?;
    let id = last.split('.').next()?;
    (!id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')).then_some(id)
}
