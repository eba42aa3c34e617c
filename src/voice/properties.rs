//! Answers at random, with the nastiest names: documents stay documents, and show nobody's number but ours.
//!
//! Deliberately not here: which document each answer has (`voice::golden`).

use proptest::prelude::*;
use quick_xml::events::Event;

use super::*;
use crate::domain::{AccountId, CallId, Cue, E164, MaskingNumber, MediaItem, MessageId, Spoken};
use crate::routing::answer::{Answer, Body, Dialing, LegAnswer, Outgoing, VoiceAnswer};

/// An element as it was read back.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// Reads a document strictly: one root, everything closed, no reference unknown.
fn read(bytes: &[u8]) -> Vec<Element> {
    let mut reader = quick_xml::Reader::from_str(std::str::from_utf8(bytes).expect("UTF-8"));
    let (mut open, mut all, mut roots) = (Vec::<usize>::new(), Vec::<Element>::new(), 0);
    let element = |tag: &quick_xml::events::BytesStart<'_>| Element {
        name: tag.name().as_ref().to_owned(),
        attributes: tag
            .attributes()
            .map(|attribute| {
                let attribute = attribute.expect("an attribute");
                let value = quick_xml::escape::unescape(attribute.value.as_ref()).expect("references").into_owned();
                (attribute.key.as_ref().to_owned(), value)
            })
            .collect(),
        text: String::new(),
    };
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) => {
                roots += usize::from(open.is_empty());
                open.push(all.len());
                all.push(element(&tag));
            }
            Event::Empty(tag) => all.push(element(&tag)),
            Event::End(_) => drop(open.pop().expect("something open")),
            Event::Text(text) => {
                let text = text.xml10_content();
                all[*open.last().expect("no text outside")].text.push_str(&text);
            }
            Event::GeneralRef(name) => {
                let c = match name.resolve_char_ref().expect("a character") {
                    Some(c) => c,
                    None => match name.as_ref() {
                        "amp" => '&',
                        "lt" => '<',
                        "gt" => '>',
                        "quot" => '"',
                        "apos" => '\'',
                        other => panic!("unknown reference {other}"),
                    },
                };
                all[*open.last().expect("no reference outside")].text.push(c);
            }
            Event::Decl(_) => assert!(all.is_empty(), "the declaration comes first"),
            Event::Eof => break,
            other @ (Event::CData(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_)) => panic!("{other:?}"),
        }
    }
    assert!(open.is_empty(), "everything is closed");
    assert_eq!((roots, all[0].name.as_str()), (1, "Response"));
    all
}

fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => "[ -~\\x00-\\x1f\"<>&'\r\n\t{}🙂é\u{202e}\u{2066}\u{feff}\u{fffe}\u{7f}\u{85}\u{2028}]{0,60}",
        2 => Just("</Say><Dial>{{x}}&amp;&#0;]]>".to_owned()),
        1 => (0usize..9_000, prop_oneof![Just('&'), Just('🙂'), Just('a')]).prop_map(|(n, c)| c.to_string().repeat(n)),
    ]
}

fn cues() -> impl Strategy<Value = Vec<Cue>> {
    let cue = prop_oneof![nasty().prop_map(|text| Cue::Say(Spoken::new(&text))), nasty().prop_map(Cue::Play)];
    prop::collection::vec(cue, 0..6)
}

fn phone() -> impl Strategy<Value = E164> {
    (100u64..200).prop_map(|last| E164::from_digits(13_125_550_000 + last).expect("a number"))
}

fn voice() -> impl Strategy<Value = VoiceAnswer> {
    let call = CallId(u128::MAX);
    let flags = any::<(bool, bool)>();
    prop_oneof![
        Just(VoiceAnswer::Reject),
        Just(VoiceAnswer::LeaveQueue),
        cues().prop_map(VoiceAnswer::Goodbye),
        nasty().prop_map(VoiceAnswer::Redirect),
        (cues(), any::<(u16, bool)>()).prop_map(move |(cues, (max_seconds, transcribe))| VoiceAnswer::Voicemail {
            call,
            cues,
            max_seconds,
            transcribe
        }),
        cues().prop_map(move |cues| VoiceAnswer::Queue { call, cues, name: "q-1".to_owned() }),
        (cues(), any::<u16>()).prop_map(move |(cues, pause)| VoiceAnswer::Hold { call, cues, pause }),
        (cues(), any::<u16>()).prop_map(move |(cues, timeout)| VoiceAnswer::Screen { call, round: 255, cues, timeout }),
        (cues(), any::<u16>()).prop_map(move |(cues, timeout)| VoiceAnswer::Menu { call, round: 255, cues, timeout }),
        (cues(), any::<u16>()).prop_map(move |(cues, timeout)| VoiceAnswer::Pin { call, round: 255, cues, timeout }),
        (cues(), prop::collection::vec(phone(), 1..14), flags).prop_map(move |(cues, phones, flags)| {
            VoiceAnswer::Dial(Dialing {
                call,
                attempt: 255,
                cues,
                caller_id: ours(),
                phones,
                ring_timeout: 600,
                time_limit: 14_400,
                screened: flags.0,
                answer_on_bridge: flags.1,
            })
        }),
    ]
}

fn leg() -> impl Strategy<Value = LegAnswer> {
    let call = CallId(u128::MAX);
    prop_oneof![
        cues().prop_map(LegAnswer::Announce),
        cues().prop_map(LegAnswer::Bridge),
        cues().prop_map(move |cues| LegAnswer::Disclose { call, attempt: 255, cues }),
        Just(LegAnswer::Hangup),
        cues().prop_map(move |cues| LegAnswer::Accept { call, attempt: 255, round: 255, cues, timeout: 60 }),
    ]
}

fn texts() -> impl Strategy<Value = Vec<Outgoing>> {
    let media = (0usize..12).prop_map(|n| {
        let item = |i| MediaItem { url: format!("https://p.example/{i}"), content_type: "image/png".to_owned() };
        (0..n).map(item).collect::<Vec<_>>()
    });
    let body = prop_oneof![
        nasty().prop_map(|words| Body::Ours(Spoken::new(&words))),
        (nasty(), media).prop_map(|(words, media)| Body::Relayed { words: Spoken::new(&words), media }),
        Just(Body::Held(MessageId(1))),
    ];
    let text = (phone(), body).prop_map(|(to, body)| Outgoing { message: MessageId(1), to, from: ours(), body });
    prop::collection::vec(text, 0..13)
}

fn ours() -> MaskingNumber {
    MaskingNumber::rented(E164::read("+13125550190").expect("a number"))
}

fn answer() -> impl Strategy<Value = Answer> {
    prop_oneof![voice().prop_map(Answer::Voice), leg().prop_map(Answer::Leg), texts().prop_map(Answer::Text)]
}

/// What the answer says, in order: the `Say`s or the `Body`s.
fn said(answer: &Answer) -> Vec<String> {
    let words = |cues: &[Cue]| {
        let words = |cue: &Cue| match cue {
            Cue::Say(words) if !words.is_empty() => Some(words.as_str().to_owned()),
            Cue::Say(_) | Cue::Play(_) => None,
        };
        cues.iter().filter_map(words).collect::<Vec<_>>()
    };
    match answer {
        Answer::Noted => vec![],
        Answer::Voice(voice) => match voice {
            VoiceAnswer::Reject | VoiceAnswer::LeaveQueue | VoiceAnswer::Redirect(_) => vec![],
            VoiceAnswer::Dial(dialing) => words(&dialing.cues),
            VoiceAnswer::Goodbye(cues)
            | VoiceAnswer::Voicemail { cues, .. }
            | VoiceAnswer::Queue { cues, .. }
            | VoiceAnswer::Hold { cues, .. }
            | VoiceAnswer::Screen { cues, .. }
            | VoiceAnswer::Menu { cues, .. }
            | VoiceAnswer::Pin { cues, .. } => words(cues),
        },
        Answer::Leg(leg) => match leg {
            LegAnswer::Announce(cues)
            | LegAnswer::Bridge(cues)
            | LegAnswer::Disclose { cues, .. }
            | LegAnswer::Accept { cues, .. } => words(cues),
            LegAnswer::Hangup => vec![],
        },
        Answer::Text(texts) => {
            let words = |text: &Outgoing| match &text.body {
                Body::Ours(words) | Body::Relayed { words, .. } if !words.is_empty() => Some(words.as_str().to_owned()),
                Body::Ours(_) | Body::Relayed { .. } | Body::Held(_) => None,
            };
            texts.iter().filter_map(words).collect()
        }
    }
}

/// The bytes of the longest sound's address: it may leave no room for words after it.
fn longest_sound(answer: &Answer) -> usize {
    let cues = match answer {
        Answer::Noted | Answer::Text(_) => return 0,
        Answer::Voice(voice) => match voice {
            VoiceAnswer::Reject | VoiceAnswer::LeaveQueue | VoiceAnswer::Redirect(_) => return 0,
            VoiceAnswer::Dial(dialing) => &dialing.cues,
            VoiceAnswer::Goodbye(cues)
            | VoiceAnswer::Voicemail { cues, .. }
            | VoiceAnswer::Queue { cues, .. }
            | VoiceAnswer::Hold { cues, .. }
            | VoiceAnswer::Screen { cues, .. }
            | VoiceAnswer::Menu { cues, .. }
            | VoiceAnswer::Pin { cues, .. } => cues,
        },
        Answer::Leg(leg) => match leg {
            LegAnswer::Announce(cues)
            | LegAnswer::Bridge(cues)
            | LegAnswer::Disclose { cues, .. }
            | LegAnswer::Accept { cues, .. } => cues,
            LegAnswer::Hangup => return 0,
        },
    };
    let lengths = cues.iter().map(|cue| if let Cue::Play(url) = cue { url.len() } else { 0 });
    lengths.max().unwrap_or(0)
}

proptest! {
    #[test]
    fn a_document_is_well_formed_small_and_shows_only_our_number(answer in answer(), base in "https://[a-z]{1,200}(/a&b\"<)?") {
        let account = AccountId::from("acme-twilio");
        let token = "t".repeat(200);
        let links = Links { base: &base, account: &account, media: &|_| token.clone() };
        let written = twiml::write(&compose(&answer, &links, &|_| None));
        prop_assert!(written.bytes.len() <= 32_000, "{} bytes", written.bytes.len());
        prop_assert!(written.bytes.starts_with(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>"));
        let elements = read(&written.bytes);
        let leg = matches!(answer, Answer::Leg(_));
        for element in &elements {
            match element.name.as_str() {
                "Dial" => {
                    prop_assert!(!leg, "a leg's document never dials");
                    prop_assert_eq!(element.attribute("callerId"), Some("+13125550190"));
                    prop_assert!(element.attribute("action").is_some());
                }
                "Message" => prop_assert_eq!(element.attribute("from"), Some("+13125550190")),
                _ => {}
            }
            for (name, value) in &element.attributes {
                if value.contains("://") {
                    prop_assert!(value.starts_with(&format!("{base}/webhooks/acme-twilio/")), "{} {}", name, value);
                }
            }
        }
        let heard: Vec<_> = elements.iter().filter(|e| matches!(e.name.as_str(), "Say" | "Body")).map(|e| &e.text).collect();
        let said = said(&answer);
        prop_assert!(heard.len() <= said.len());
        for (heard, said) in heard.iter().zip(&said) {
            prop_assert!(said.starts_with(heard.as_str()));
            let most = if matches!(answer, Answer::Text(_)) { 1600 } else { 4096 };
            prop_assert!(heard.chars().count() <= most);
        }
        if said.iter().map(String::len).sum::<usize>() < 300 && said.len() <= 3 && longest_sound(&answer) < 300 {
            prop_assert_eq!(heard, said.iter().collect::<Vec<_>>(), "short words come back whole");
        }

        let (kept, offsets) = written.cut();
        let texts: Vec<_> = written.texts().collect();
        prop_assert_eq!(fill(&kept, &offsets, &texts), Some(written.bytes.clone()));
        if let Answer::Text(all) = &answer {
            let again = all.iter().filter_map(|text| match &text.body {
                Body::Relayed { words, media } => Some(Relayed { words, media }),
                Body::Held(_) | Body::Ours(_) => None,
            });
            let again: Vec<_> = again.filter(|relayed| !relayed.is_empty()).take(texts.len()).collect();
            for (slot, relayed) in texts.iter().zip(again) {
                let again = twiml::relayed(relayed, &links, texts.len());
                prop_assert_eq!(*slot, again.as_slice(), "a repeat fills in the same");
            }
        }
    }
}

#[test]
#[should_panic(expected = "an attribute")]
fn the_reader_of_these_tests_refuses_markup_in_text() {
    read(b"<Response><Say>Ana <3 Jo</Say></Response>");
}
