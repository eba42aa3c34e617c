//! Documents in the language of Twilio, which SignalWire calls cXML.
//!
//! Deliberately not here: verbs after a `<Dial>` or `<Record>` with an action, which no provider reaches, and defaults:
//! what differs from them is written out, and what shows a number always is.

use crate::domain::{CallId, Cue, LONGEST_PIN};
use crate::routing::answer::{Dialing, LegAnswer, VoiceAnswer};

use super::document::{Document, Page, Relayed, Says, Text};
use super::links::{Link, Links};
use super::written::Written;
use super::xml::Xml;

/// The longest text of a `<Say>` (Twilio's error 13521).
const SAY_CHARS: usize = 4096;

/// The longest text message (Twilio's error 21617).
const BODY_CHARS: usize = 1600;

/// The most phones in one `<Dial>`, messages in one answer, and media in one message (Twilio's documentation).
const MOST: usize = 10;

/// Bytes that our own words may take beside a relayed text.
const OUR_ROOM: usize = 6_000;

/// Seconds after which a provider asks on that waits for no key: the least `timeout` of a `<Gather>`.
const ASKS_AFTER: u16 = 1;

/// A document that does nothing: a leg's ends with it and is bridged, a text's sends nothing.
pub const NOTHING: &[u8] = br#"<?xml version="1.0" encoding="UTF-8"?><Response></Response>"#;

/// Writes a document. Never more than 32 kB: longer words are cut, further phones and texts left out.
pub fn write(document: &Document<'_>) -> Written {
    match &document.page {
        Page::Nothing => Written::default(),
        Page::Caller(answer) => {
            let mut xml = Xml::begin(document.links, 2 * MOST + 3);
            caller(&mut xml, answer);
            Written { bytes: xml.end(), slots: Vec::new() }
        }
        Page::Callee(answer) => {
            let mut xml = Xml::begin(document.links, 1);
            callee(&mut xml, answer);
            Written { bytes: xml.end(), slots: Vec::new() }
        }
        Page::Texts(texts) => write_texts(document.links, &texts[..texts.len().min(MOST)]),
    }
}

/// The part of a document that holds a person's words and media, as [`Written::texts`] gives it, where the document
/// has `slots` of them: what a repeat of the request fills in again.
pub fn relayed(relayed: Relayed<'_>, links: &Links<'_>, slots: usize) -> Vec<u8> {
    let mut xml = Xml::begin(links, MOST);
    xml.room = room_of_one(&xml, slots);
    xml.out.clear();
    write_relayed(&mut xml, links, relayed);
    xml.out
}

fn caller(xml: &mut Xml, answer: &VoiceAnswer) {
    match answer {
        VoiceAnswer::Reject => xml.raw("<Reject/>"),
        VoiceAnswer::Goodbye(cues) => {
            hear(xml, cues);
            xml.raw("<Hangup/>");
        }
        VoiceAnswer::Dial(dialing) => dial(xml, dialing),
        VoiceAnswer::Voicemail { call, cues, max_seconds, transcribe } => {
            hear(xml, cues);
            record(xml, *call, *max_seconds, *transcribe);
        }
        VoiceAnswer::Queue { call, cues, name } => {
            hear(xml, cues);
            xml.raw("<Enqueue");
            xml.link("waitUrl", Link::QueueWait { call: *call });
            xml.link("action", Link::QueueLeft { call: *call });
            xml.raw(">");
            xml.raw(&quick_xml::escape::escape(name.as_str()));
            xml.raw("</Enqueue>");
        }
        VoiceAnswer::Hold { call, cues, pause } => {
            hear(xml, cues);
            if *pause > 0 {
                xml.raw("<Pause");
                xml.plain("length", pause);
                xml.raw("/>");
            }
            redirect(xml, Link::QueueWait { call: *call });
        }
        VoiceAnswer::LeaveQueue => xml.raw("<Leave/>"),
        VoiceAnswer::Redirect(url) => {
            if !xml.foreign("Redirect", url) {
                xml.raw("<Hangup/>");
            }
        }
        VoiceAnswer::Screen { call, round, cues, timeout } => {
            gather(xml, Keys::One, cues, *timeout, Link::Accept { call: *call, attempt: 0, round: *round });
            xml.raw("<Hangup/>");
        }
        VoiceAnswer::Menu { call, round, cues, timeout } => {
            let menu = Link::Menu { call: *call, round: *round };
            gather(xml, Keys::One, cues, *timeout, menu);
            // Reached only where the provider ignores actionOnEmptyResult.
            redirect(xml, menu);
        }
        VoiceAnswer::Pin { call, round, cues, timeout } => {
            let pin = Link::Pin { call: *call, round: *round };
            gather(xml, Keys::Pin, cues, *timeout, pin);
            redirect(xml, pin);
        }
    }
}

fn callee(xml: &mut Xml, answer: &LegAnswer) {
    match answer {
        // The end of a leg's document bridges it.
        LegAnswer::Announce(cues) | LegAnswer::Bridge(cues) => hear(xml, cues),
        LegAnswer::Disclose { call, attempt, cues } => {
            hear(xml, cues);
            // A key would cut short what stands inside, so nothing does. A leg of a provider that ignores
            // actionOnEmptyResult comes to the end of the document, and is bridged unrecorded.
            gather(xml, Keys::One, &[], ASKS_AFTER, Link::Accept { call: *call, attempt: *attempt, round: 1 });
        }
        LegAnswer::Accept { call, attempt, round, cues, timeout } => {
            gather(xml, Keys::One, cues, *timeout, Link::Accept { call: *call, attempt: *attempt, round: *round });
            // Without it a leg that pressed nothing would come to the end of the document, and be bridged.
            xml.raw("<Hangup/>");
        }
        LegAnswer::Hangup => xml.raw("<Hangup/>"),
    }
}

fn hear(xml: &mut Xml, cues: &[Cue]) {
    for cue in cues {
        match cue {
            Cue::Say(words) if words.is_empty() => {}
            Cue::Say(words) => xml.text("Say", words, SAY_CHARS),
            Cue::Play(url) => {
                xml.foreign("Play", url);
            }
        }
    }
}

fn dial(xml: &mut Xml, dialing: &Dialing) {
    let Dialing { call, attempt, .. } = *dialing;
    hear(xml, &dialing.cues);
    xml.raw("<Dial");
    xml.plain("callerId", dialing.caller_id);
    xml.plain("timeout", dialing.ring_timeout);
    xml.plain("timeLimit", dialing.time_limit);
    // Works only where the dial is the first verb (Twilio's documentation of answerOnBridge).
    if dialing.answer_on_bridge && dialing.cues.is_empty() {
        xml.raw(" answerOnBridge=\"true\"");
    }
    xml.link("action", Link::Dialed { call, attempt });
    xml.raw(">");
    for phone in dialing.phones.iter().take(MOST) {
        xml.raw("<Number");
        if dialing.screened {
            xml.link("url", Link::Whisper { call, attempt });
        }
        xml.link("statusCallback", Link::Status { call: Some(call), attempt: Some(attempt) });
        xml.raw(" statusCallbackEvent=\"initiated ringing answered completed\">");
        xml.raw(&phone.to_string());
        xml.raw("</Number>");
    }
    xml.raw("</Dial>");
}

fn record(xml: &mut Xml, call: CallId, max_seconds: u16, transcribe: bool) {
    xml.raw("<Record");
    xml.plain("maxLength", max_seconds);
    xml.raw(" playBeep=\"true\" finishOnKey=\"#\"");
    xml.link("action", Link::Voicemail { call });
    xml.link("recordingStatusCallback", Link::Recording { call, attempt: None });
    if transcribe {
        xml.raw(" transcribe=\"true\"");
        xml.link("transcribeCallback", Link::Transcription { call });
    }
    xml.raw("/>");
}

/// What keys are asked for.
enum Keys {
    /// One.
    One,
    /// As many as a PIN has, ended by a `#` or by silence.
    Pin,
}

/// Asks for keys. For one, `finishOnKey` is empty because its default would swallow a `#`.
fn gather(xml: &mut Xml, keys: Keys, cues: &[Cue], timeout: u16, action: Link) {
    xml.raw("<Gather input=\"dtmf\"");
    match keys {
        Keys::One => xml.raw(" numDigits=\"1\" finishOnKey=\"\""),
        Keys::Pin => {
            xml.plain("numDigits", LONGEST_PIN);
            xml.raw(" finishOnKey=\"#\"");
        }
    }
    xml.plain("timeout", timeout);
    xml.raw(" actionOnEmptyResult=\"true\"");
    xml.link("action", action);
    xml.raw(">");
    hear(xml, cues);
    xml.raw("</Gather>");
}

fn redirect(xml: &mut Xml, to: Link) {
    xml.raw("<Redirect>");
    xml.address(to);
    xml.raw("</Redirect>");
}

fn write_texts(links: &Links<'_>, texts: &[Text<'_>]) -> Written {
    let mut xml = Xml::begin(links, MOST);
    let relays = texts.iter().filter(|text| matches!(text.says, Says::Theirs(_))).count();
    let our_room = if relays == 0 { xml.room } else { OUR_ROOM } / (texts.len() - relays).max(1);
    let their_room = room_of_one(&xml, relays);
    let mut slots = Vec::with_capacity(relays);
    for text in texts {
        xml.raw("<Message");
        xml.plain("to", text.to);
        xml.plain("from", text.from);
        xml.link("statusCallback", Link::SmsStatus { message: Some(text.message) });
        xml.raw(">");
        match text.says {
            Says::Ours(words) => {
                xml.room = our_room;
                xml.text("Body", words, BODY_CHARS);
            }
            Says::Theirs(relayed) => {
                xml.room = their_room;
                let start = xml.out.len();
                write_relayed(&mut xml, links, relayed);
                slots.push(start..xml.out.len());
            }
        }
        xml.raw("</Message>");
    }
    Written { bytes: xml.end(), slots }
}

/// What each of several relayed texts may take, whatever else the document says.
fn room_of_one(xml: &Xml, relays: usize) -> usize {
    xml.room.saturating_sub(OUR_ROOM) / relays.max(1)
}

/// Words, then media. Media are seen to first, with half of the room or what the words leave: an address cannot be cut.
fn write_relayed(xml: &mut Xml, links: &Links<'_>, relayed: Relayed<'_>) {
    let start = xml.out.len();
    let words = relayed.words.as_str().len().saturating_add(16).min(xml.room / 2);
    xml.room -= words;
    for item in relayed.media.iter().take(MOST) {
        xml.foreign("Media", &links.medium(item));
    }
    xml.room += words;
    let media = xml.out.split_off(start);
    if !relayed.words.is_empty() {
        xml.text("Body", relayed.words, BODY_CHARS);
    }
    xml.out.extend_from_slice(&media);
}
