//! Calls that are started through the provider's API: what is told of them, and what the API refuses (wire.md G).
//!
//! Deliberately not here: what their documents do, which is what every caller's do.

use super::scene::{ANA, DESK, OURS, Told, answers, nothing, of, party, play_on, rented, seconds, statuses, xml};
use crate::domain::Moment;
use crate::replay::phones::network::Network;
use crate::replay::phones::script::{Manner, Pickup, Script, Speaks, Weather};

const AT: &str = "https://ours.example/webhooks/acme";

fn start() -> Moment {
    Moment::read("2026-03-09T14:00:00Z").expect("an instant")
}

fn network(rung: Pickup) -> Network {
    let numbers = vec![rented(OURS, Speaks::Twilio)];
    let parties = vec![party("desk", DESK, vec![rung])];
    Network::new(Script { start: start(), seed: 7, numbers, parties, weather: Weather::default() })
}

fn form<'a>(changes: &[(&'a str, &str)]) -> Vec<(&'a str, String)> {
    let mut form = vec![("To", DESK.to_owned()), ("From", OURS.to_owned()), ("Timeout", "10".to_owned())];
    for (name, end) in [("Url", "connect"), ("FallbackUrl", "again"), ("StatusCallback", "state")] {
        form.push((name, format!("{AT}/{end}")));
    }
    form.extend(["initiated", "ringing", "answered", "completed"].map(|on| ("StatusCallbackEvent", on.to_owned())));
    for (name, value) in changes {
        form.retain(|(known, _)| known != name);
        form.extend((!value.is_empty()).then(|| (*name, (*value).to_owned())));
    }
    form
}

fn started(rung: Pickup, changes: &[(&str, &str)], pages: &[(&str, &str)]) -> Told {
    let mut network = network(rung);
    let reply = network.create_call(start(), "acme", &form(changes));
    assert_eq!(reply.status, 201);
    play_on(network, start(), |ask| {
        pages.iter().find(|(end, _)| ask.url.ends_with(end)).map_or_else(nothing, |page| xml(page.1))
    })
}

#[test]
fn the_document_is_asked_for_when_somebody_answers() {
    let told = started(answers(Manner::default()), &[], &[("connect", "<Response><Say>Hello.</Say></Response>")]);
    let asked = told.one("connect");
    assert_eq!(
        ["Direction", "CallStatus", "From", "To", "ParentCallSid", "StirVerstat"].map(|name| of(asked, name)),
        [Some("outbound-api"), Some("in-progress"), Some(OURS), Some(DESK), None, None]
    );
    assert_eq!(statuses(&told.asked("state")), ["initiated", "ringing", "in-progress", "completed"]);
    let sids: Vec<_> = told.asks.iter().map(|ask| of(ask, "CallSid")).collect();
    assert!(sids.iter().all(|sid| *sid == sids[0]), "one call");
    assert!(told.asked("voice/status").is_empty(), "the number's own status callback is for calls that come in");
    assert_eq!(
        told.story(),
        [
            "desk called +13125550190",
            "desk rings +13125550190",
            "desk answers",
            "desk hears Hello.",
            "desk hung up",
            "desk ended completed"
        ]
    );
}

#[test]
fn who_is_not_reached_is_told_of_and_no_document_is_asked_for() {
    for (rung, expected, last) in [
        (Pickup::NoAnswer, &["initiated", "ringing", "no-answer"][..], 16.0),
        (Pickup::Busy, &["initiated", "busy"], 1.0),
        (Pickup::Rejects { after: seconds(2) }, &["initiated", "ringing", "busy"], 3.0),
        (Pickup::Unreachable, &["failed"], 1.0),
    ] {
        let told = started(rung, &[], &[("connect", "<Response/>")]);
        assert_eq!(statuses(&told.asked("state")), expected);
        assert!(told.asked("connect").is_empty());
        let status = expected.last().expect("a status");
        assert!((told.at(&format!("desk ended {status}")) - last).abs() < 0.05, "{:#?}", told.lines);
    }
}

#[test]
fn a_document_that_cannot_be_had_is_asked_for_at_its_own_fallback() {
    let answer = || answers(Manner::default());
    let told = started(answer(), &[], &[("connect", "no XML"), ("again", "<Response><Say>Hello.</Say></Response>")]);
    assert!(told.has("desk hears Hello."), "{:#?}", told.lines);
    assert_eq!(of(told.one("again"), "ErrorCode"), Some("12100"));
    let told = started(answer(), &[("FallbackUrl", "")], &[("connect", "no XML")]);
    assert!(told.has("desk hung up") && told.asked("again").is_empty(), "{:#?}", told.lines);
}

#[test]
fn what_the_api_refuses_calls_nobody() {
    for (changes, code) in [
        (&[("To", "")][..], 21211),
        (&[("To", "the desk")], 21211),
        (&[("From", ANA)], 21212),
        (&[("From", "")], 21212),
        (&[("Url", "")], 21205),
        (&[("Timeout", "soon")], 21218),
    ] {
        let mut network = network(answers(Manner::default()));
        let reply = network.create_call(start(), "acme", &form(changes));
        let body: serde_json::Value = serde_json::from_slice(&reply.body).expect("JSON");
        assert_eq!((reply.status, body["code"].as_u64()), (400, Some(code)), "{changes:?}");
        assert_eq!((network.due(), network.log().len()), (None, 0));
    }
    let mut network = network(answers(Manner::default()));
    assert_eq!(network.create_call(start(), "birch", &form(&[])).status, 400, "another's number");
}
