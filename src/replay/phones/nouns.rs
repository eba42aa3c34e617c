//! `<Dial>` read: its attributes, and whom it reaches.
//!
//! Deliberately not here: dialling them (`super::dial`).

use roxmltree::Node;

use super::attributes::{Attributes, Complaint};
use super::document::words;
use super::verbs::{Dial, Noun, NounKind, Taping};

/// The most numbers, apps and addresses in one `<Dial>`.
const MOST: usize = 10;

const DIAL: [&str; 20] = [
    "action",
    "method",
    "timeout",
    "timeLimit",
    "answerOnBridge",
    "callerId",
    "callReason",
    "hangupOnStar",
    "record",
    "recordingStatusCallback",
    "recordingStatusCallbackMethod",
    "recordingStatusCallbackEvent",
    "recordingTrack",
    "trim",
    "ringTone",
    "sequential",
    "referUrl",
    "referMethod",
    "recordingConfigurationId",
    "events",
];

const NUMBER: [&str; 13] = [
    "url",
    "method",
    "sendDigits",
    "byoc",
    "statusCallback",
    "statusCallbackEvent",
    "statusCallbackMethod",
    "machineDetection",
    "machineDetectionTimeout",
    "machineDetectionSpeechThreshold",
    "machineDetectionSpeechEndThreshold",
    "machineDetectionSilenceTimeout",
    "amdStatusCallback",
];

const EVENTS: [&str; 4] = ["initiated", "ringing", "answered", "completed"];

const TONES: &str = "at au bg br be ch cl cn cz de dk ee es fi fr gr hu il in it lt jp mx my nl no nz ph pl pt ru se \
                     sg th uk us us-old tw ve za";

/// Reads a `<Dial>`.
pub(super) fn dial(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Dial {
    let mut attributes = Attributes::of(node, &DIAL, warnings);
    let action = attributes.link("action", "method", 13210);
    let timeout = attributes.number("timeout", 5..=600, 30, 13212);
    let limit = attributes.number("timeLimit", 1..=86_400, 14_400, 13216);
    let on_bridge = attributes.flag("answerOnBridge", false, 13219);
    let on_star = attributes.flag("hangupOnStar", false, 13213);
    let sequential = attributes.flag("sequential", false, 13218);
    let ways = [
        "do-not-record",
        "true",
        "false",
        "record-from-answer",
        "record-from-ringing",
        "record-from-answer-dual",
        "record-from-ringing-dual",
    ];
    let record = match attributes.word("record", &ways, "do-not-record", 13217) {
        "do-not-record" | "false" => Taping::Off,
        "record-from-answer-dual" | "record-from-ringing-dual" => Taping::Dual,
        _ => Taping::Mono,
    };
    let events = ["in-progress", "completed", "absent"];
    let status = attributes.callback("recordingStatusCallback", &events, "completed", 13256);
    if attributes.text("ringTone").is_some_and(|tone| !TONES.split(' ').any(|known| known == tone)) {
        attributes.warn(13220, "ringTone", "the code of a country");
    }
    let caller_id = attributes.text("callerId").map(str::to_owned);
    let mut nouns = Vec::new();
    for child in node.children().filter(Node::is_element) {
        nouns.extend(noun(child, warnings));
    }
    if nouns.is_empty() {
        let value = words(node);
        if !value.is_empty() {
            nouns.push(Noun { kind: NounKind::Number, value, whisper: None, status: None });
        }
    }
    if nouns.len() > MOST {
        warnings.push(Complaint::warning(13215, format!("{} phones; at most {MOST} are dialled", nouns.len())));
        nouns.truncate(MOST);
    }
    Dial { action, timeout, limit, on_bridge, caller_id, on_star, record, status, sequential, nouns }
}

fn noun(node: Node<'_, '_>, warnings: &mut Vec<Complaint>) -> Option<Noun> {
    let name = node.tag_name().name();
    let (kind, code) = match name {
        "Number" => (NounKind::Number, 13221),
        "Queue" => {
            let known = ["url", "method", "reservationSid", "postWorkActivitySid"];
            let mut attributes = Attributes::of(node, &known, warnings);
            let whisper = attributes.link("url", "method", 14210);
            return Some(Noun { kind: NounKind::Queue, value: words(node), whisper, status: None });
        }
        "Sip" | "Client" | "Conference" | "Application" | "WhatsApp" | "Sim" => {
            return Some(Noun { kind: NounKind::Elsewhere, value: words(node), whisper: None, status: None });
        }
        _ => {
            warnings.push(Complaint::warning(13215, format!("<{name}> cannot be in a <Dial>")));
            return None;
        }
    };
    let mut known = NUMBER.to_vec();
    known.push("amdStatusCallbackMethod");
    let mut attributes = Attributes::of(node, &known, warnings);
    let whisper = attributes.link("url", "method", code);
    let digits = attributes.text("sendDigits").unwrap_or_default();
    if !digits.bytes().all(|b| b"0123456789ABCD#*wW".contains(&b)) {
        attributes.warn(13222, "sendDigits", "0-9, A-D, #, *, w and W");
    }
    let status = attributes.callback("statusCallback", &EVENTS, "completed", 12200);
    Some(Noun { kind, value: words(node), whisper, status })
}
