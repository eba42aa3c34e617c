//! The parameters of requests, of both providers (wire.md A.1, F.1).
//!
//! Deliberately not here: those of single verbs, which are tested with the verbs.

use super::scene::{ANA, OURS, answers, of, play, rented, scene};
use crate::replay::phones::script::{Manner, Script, Speaks};

const PAGES: [(&str, &str); 3] = [
    (
        "/voice",
        "<Response><Dial callerId=\"+13125550190\" action=\"dialed\"><Number url=\"whisper\">+13125550123</Number></Dial></Response>",
    ),
    ("/whisper", "<Response/>"),
    ("/dialed", "<Response/>"),
];

fn call(seed: u64) -> Script {
    let mut script = scene(Manner::default(), answers(Manner::default()));
    script.seed = seed;
    script
}

#[test]
fn every_request_for_a_document_has_the_standard_parameters() {
    let told = play(call(7), &PAGES);
    for end in ["acme/voice", "/whisper", "/dialed", "/voice/status"] {
        let ask = told.one(end);
        for name in ["CallSid", "AccountSid", "From", "To", "CallStatus", "ApiVersion", "Direction", "Caller", "Called"]
        {
            assert!(of(ask, name).is_some_and(|value| !value.is_empty()), "A.1: {name} in {end}");
        }
        assert_eq!((of(ask, "From"), of(ask, "To")), (of(ask, "Caller"), of(ask, "Called")), "A.1: duplicates, {end}");
        assert_eq!((ask.account.as_str(), ask.method), ("acme", "POST"));
        assert_eq!(of(ask, "CallToken").is_some(), end != "/whisper", "A.1: CallToken, inbound calls");
    }
    assert_eq!((of(told.one("/dialed"), "From"), of(told.one("/dialed"), "To")), (Some(ANA), Some(OURS)));
}

#[test]
fn geography_is_there_or_not_and_mostly_blank() {
    let mut seen = [0, 0];
    for seed in 0..20 {
        let told = play(call(seed), &PAGES);
        let voice = told.one("acme/voice");
        let city = of(voice, "FromCity");
        seen[usize::from(city.is_some())] += 1;
        // A.1: may be present with EMPTY value
        assert_eq!(city.unwrap_or_default(), "");
        assert_eq!(of(voice, "CalledCountry").is_some(), city.is_some());
    }
    assert!(seen[0] > 0 && seen[1] > 0, "{seen:?}");
}

#[test]
fn ids_are_the_providers_own() {
    for (speaks, length, why) in [(Speaks::Twilio, 34, "A.1: CA and 32 hex"), (Speaks::Signalwire, 36, "F.1: UUIDs")] {
        let mut script = call(7);
        script.numbers = vec![rented(OURS, speaks)];
        let told = play(script, &PAGES);
        for (end, name) in [("acme/voice", "CallSid"), ("/whisper", "CallSid"), ("/dialed", "DialCallSid")] {
            let sid = of(told.one(end), name).expect("an id");
            assert_eq!((sid.len(), sid.starts_with("CA")), (length, speaks == Speaks::Twilio), "{why}: {sid}");
        }
    }
}

#[test]
fn a_withheld_number_is_passed_on_as_the_provider_says_it() {
    for phone in ["anonymous", "+266696687", ""] {
        let mut script = call(7);
        script.parties[0].phone = phone.to_owned();
        let told = play(script, &PAGES);
        // C.7
        assert_eq!(of(told.one("acme/voice"), "From"), Some(phone));
    }
}
