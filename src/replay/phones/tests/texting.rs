//! Texts in both directions (wire.md A.3, B Messaging).
//!
//! Deliberately not here: calls.

use std::time::Duration;

use super::scene::{ANA, DESK, OTHER, OURS, Told, nothing, of, play, play_with, rented, scene, status, xml};
use crate::replay::phones::script::{Act, Begins, Manner, Pickup, Script, Speaks};

/// Ana texts our number; the desk has a phone that works.
fn script(words: &str, media: u8) -> Script {
    let mut script = scene(Manner::default(), Pickup::NoAnswer);
    let what = Begins::Texts { number: OURS.to_owned(), words: words.to_owned(), media };
    script.parties[0].acts = vec![Act { after: Duration::ZERO, what }];
    script
}

fn answered(page: &str) -> Told {
    play(script("Where are you?", 0), &[("/sms", page), ("/next", "<Response><Message>Next.</Message></Response>")])
}

#[test]
fn an_inbound_text_is_told_whole() {
    let told = play(script("Look!", 2), &[("/sms", "<Response/>")]);
    let sms = told.one("/sms");
    for (name, value) in [
        ("From", ANA),
        ("To", OURS),
        ("Body", "Look!"),
        ("NumMedia", "2"),
        ("NumSegments", "1"),
        ("SmsStatus", "received"),
        ("ApiVersion", "2010-04-01"),
        ("MediaContentType1", "image/jpeg"),
    ] {
        assert_eq!(of(sms, name), Some(value), "A.3: {name}");
    }
    assert!(of(sms, "MessageSid").is_some_and(|sid| sid.starts_with("MM")), "A.3");
    assert_eq!(of(sms, "MessageSid"), of(sms, "SmsSid"), "A.3: same value");
    assert!(of(sms, "MediaUrl0").is_some() && of(sms, "MediaUrl2").is_none(), "A.3: MediaUrl0..N-1");
    assert_eq!(told.story(), [format!("ana texts {OURS} Look!")]);
    let mut theirs = script("Look!", 0);
    theirs.numbers = vec![rented(OURS, Speaks::Signalwire)];
    let told = play(theirs, &[("/sms", "<Response/>")]);
    assert_eq!(of(told.one("/sms"), "NumSegments"), None, "F.1");
    assert_eq!(of(told.one("/sms"), "MessageSid").map(str::len), Some(36), "F.1: UUIDs");
}

#[test]
fn messages_reach_phones() {
    for (page, line, why) in [
        ("<Message>Hi.</Message>", format!("ana receives {OURS} Hi. 0"), "B: to and from by default"),
        ("<Message><Body>Hi.</Body></Message>", format!("ana receives {OURS} Hi. 0"), "B: Body"),
        (
            "<Message to=\"+13125550123\"><Body>Hi.</Body><Media>https://x/a</Media></Message>",
            format!("desk receives {OURS} Hi. 1"),
            "B: Body and Media",
        ),
        (
            "<Message to=\"+13125550177\">Hi.</Message>",
            format!("+13125550177 receives {OURS} Hi. 0"),
            "a phone that nobody has",
        ),
        (
            "<Message from=\"+13125550191\">Hi.</Message>",
            format!("ana receives {OTHER} Hi. 0"),
            "B: from, a number of the account",
        ),
        ("<Redirect>next</Redirect>", format!("ana receives {OURS} Next. 0"), "B: Redirect"),
    ] {
        let mut script = script("Where are you?", 0);
        script.numbers.push(rented(OTHER, Speaks::Twilio));
        let pages = [
            ("/sms", format!("<Response>{page}</Response>")),
            ("/next", "<Response><Message>Next.</Message></Response>".to_owned()),
        ];
        let told = play_with(script, |ask| {
            pages.iter().find(|(end, _)| ask.url.ends_with(end)).map_or_else(nothing, |page| xml(&page.1))
        });
        assert!(told.has(&line), "{why}: {:#?}", told.lines);
    }
}

#[test]
fn what_becomes_of_a_message_is_told() {
    for (rung, expected, code, why) in [
        (Pickup::NoAnswer, vec!["sent", "delivered"], None, "A.3: no callback for the initial status"),
        (Pickup::Unreachable, vec!["sent", "undelivered"], Some("30003"), "A.3: ErrorCode"),
    ] {
        let page = format!("<Response><Message to=\"{DESK}\" statusCallback=\"status?m=1\">Hi.</Message></Response>");
        let mut script = script("Where are you?", 0);
        script.parties[1].rung = vec![rung];
        let told = play(script, &[("/sms", &page)]);
        let asked = told.asked("status?m=1");
        let statuses: Vec<_> = asked.iter().map(|ask| of(ask, "MessageStatus").expect("a status")).collect();
        assert_eq!(statuses, expected, "{why}");
        assert_eq!(of(asked[1], "ErrorCode"), code, "{why}");
        assert_eq!((of(asked[0], "From"), of(asked[0], "To")), (Some(OURS), Some(DESK)), "{why}");
        assert_eq!(told.has(&format!("desk receives {OURS} Hi. 0")), code.is_none(), "{why}");
    }
    // B: action = status callback; with it following verbs are unreachable
    let told = answered("<Response><Message action=\"status\">Hi.</Message><Message>No.</Message></Response>");
    assert_eq!(told.asked("/status").len(), 2);
    assert!(!told.has(&format!("ana receives {OURS} No. 0")));
}

#[test]
fn what_cannot_be_sent_is_complained_of() {
    for (page, codes, why) in [
        ("<Message to=\"12\">Hi.</Message>".to_owned(), vec![14101], "A.6"),
        ("<Message from=\"+13125550123\">Hi.</Message>".to_owned(), vec![14102], "A.6"),
        ("<Message/>".to_owned(), vec![14103], "A.6"),
        (format!("<Message>{}</Message>", "a".repeat(1601)), vec![14103], "A.3: ≤1600"),
        ("<Message method=\"PUT\">Hi.</Message>".to_owned(), vec![14104], "A.6"),
        ("<Message>Hi.</Message>".repeat(11), vec![14109], "B: ≤10"),
        ("<Say>Hi.</Say>".to_owned(), vec![14110], "A.6"),
        ("<Message><Blob/>Hi.</Message>".to_owned(), vec![12200], "A.5"),
    ] {
        let told = answered(&format!("<Response>{page}</Response>"));
        assert_eq!(told.troubles(), codes, "{why}");
        let received = told.story().iter().filter(|line| line.starts_with("ana receives")).count();
        let expected = match codes[0] {
            14104 | 12200 => 1,
            14109 => 10,
            _ => 0,
        };
        assert_eq!(received, expected, "{why}");
    }
}

#[test]
fn a_text_that_is_not_answered_is_asked_about_once_more() {
    let told = play_with(script("Hi", 0), |ask| match ask.url.rsplit('/').next() {
        Some("fallback") => xml("<Response><Message>Sorry.</Message></Response>"),
        _ => status(500),
    });
    let fallback = told.one("/sms/fallback");
    assert_eq!(of(fallback, "ErrorCode"), Some("11200"), "A.2");
    assert_eq!(of(fallback, "Body"), Some("Hi"), "A.2: the original params");
    assert!(told.has(&format!("ana receives {OURS} Sorry. 0")));
    // A.4: no fallback: logged only
    let told = play_with(script("Hi", 0), |_| status(500));
    assert_eq!((told.asks.len(), told.troubles()), (2, vec![11200, 11200]));
}

#[test]
fn texts_to_ourselves_do_not_go_on_for_ever() {
    let mut script = script("Hi", 0);
    script.numbers.push(rented(OTHER, Speaks::Twilio));
    // Whatever comes to one is sent on to the other, from the one.
    let told = play_with(script, |ask| {
        let to = if of(ask, "To") == Some(OURS) { OTHER } else { OURS };
        xml(&format!("<Response><Message to=\"{to}\">Again.</Message></Response>"))
    });
    assert!(told.troubles().contains(&14107), "A.6: more than 15 in 30 s");
    let round = answered("<Response><Redirect>sms</Redirect></Response>");
    assert_eq!(round.troubles(), [14106], "A.6");
}
