//! Anything at all: random people, random and broken documents. Nothing panics, everything ends, and the same seed is
//! the same run.
//!
//! Deliberately not here: what should come of it.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::scene::{DESK, OTHER, OURS, SHOP, answers, nothing, party, presses, rented, scene, status, xml};
use crate::replay::phones::network::Reply;
use crate::replay::phones::random::Random;
use crate::replay::phones::script::{Act, Begins, HangUp, Manner, Pickup, Press, Script, Speaks, Stage, Weather};
use crate::replay::phones::{Happening, Network, What};

fn moment() -> impl Strategy<Value = Duration> {
    (0u64..60_000).prop_map(Duration::from_millis)
}

fn manner() -> impl Strategy<Value = Manner> {
    let press = ("[0-9*#x]{0,4}", moment()).prop_map(|(keys, after)| Press { keys, after });
    let stage =
        prop::sample::select(vec![Stage::Ringing, Stage::Prompt, Stage::Whisper, Stage::Recording, Stage::Queue]);
    let hangs_up = prop_oneof![
        moment().prop_map(HangUp::At),
        (stage, moment()).prop_map(|(stage, after)| HangUp::During(stage, after)),
        moment().prop_map(HangUp::AfterBridge),
    ];
    (prop::collection::vec(press, 0..4), prop::option::of(hangs_up), moment())
        .prop_map(|(presses, hangs_up, speaks)| Manner { presses, hangs_up, speaks })
}

fn pickup() -> impl Strategy<Value = Pickup> {
    prop_oneof![
        4 => (moment(), manner()).prop_map(|(after, manner)| Pickup::Answers { after, manner }),
        1 => (moment(), moment(), any::<bool>())
            .prop_map(|(after, greeting, beep)| Pickup::CarrierVoicemail { after, greeting, beep }),
        1 => Just(Pickup::Busy),
        1 => Just(Pickup::NoAnswer),
        1 => moment().prop_map(|after| Pickup::Rejects { after }),
        1 => Just(Pickup::Unreachable),
    ]
}

fn act() -> impl Strategy<Value = Act> {
    let number = || prop::sample::select(vec![OURS.to_owned(), OTHER.to_owned(), SHOP.to_owned()]);
    let what = prop_oneof![
        3 => (number(), manner()).prop_map(|(number, manner)| Begins::Dials { number, manner }),
        1 => (number(), ".{0,20}", 0u8..3).prop_map(|(number, words, media)| Begins::Texts { number, words, media }),
    ];
    (moment(), what).prop_map(|(after, what)| Act { after, what })
}

fn script() -> impl Strategy<Value = Script> {
    let weather = (prop::option::of(0u32..4), prop::option::of(0u32..6), 0u64..17_000, any::<bool>()).prop_map(
        |(duplicate_every, drop_reply_every, delay, reorder_statuses)| Weather {
            duplicate_every,
            drop_reply_every,
            delay: Duration::from_millis(if delay > 16_000 { delay } else { delay / 20 }),
            reorder_statuses,
        },
    );
    let rung = || prop::collection::vec(pickup(), 0..3);
    (any::<u64>(), prop::collection::vec(act(), 1..4), rung(), rung(), weather, any::<bool>()).prop_map(
        |(seed, acts, desk, shop, weather, theirs)| {
            let mut script = scene(Manner::default(), Pickup::NoAnswer);
            let speaks = if theirs { Speaks::Signalwire } else { Speaks::Twilio };
            (script.seed, script.weather) = (seed, weather);
            script.numbers = vec![rented(OURS, speaks), rented(OTHER, Speaks::Twilio)];
            script.parties[0].acts = acts;
            script.parties[1] = party("desk", DESK, desk);
            script.parties.push(party("shop", SHOP, shop));
            script
        },
    )
}

fn verb() -> impl Strategy<Value = String> {
    let attribute = prop::sample::select(vec![
        "action=\"a\"",
        "action=\"\"",
        "timeout=\"6\"",
        "timeout=\"0\"",
        "numDigits=\"1\"",
        "finishOnKey=\"\"",
        "answerOnBridge=\"true\"",
        "sequential=\"true\"",
        "hangupOnStar=\"true\"",
        "callerId=\"+13125550190\"",
        "actionOnEmptyResult=\"true\"",
        "waitUrl=\"b\"",
        "loop=\"0\"",
        "length=\"3\"",
        "method=\"GET\"",
        "statusCallback=\"s\"",
        "record=\"record-from-answer\"",
        "url=\"c\"",
        "timeLimit=\"40\"",
        "bad=\"&amp;\"",
        "transcribe=\"true\"",
        "recordingStatusCallback=\"r\"",
        "voice=\"bob\"",
        "maxLength=\"20\"",
        "to=\"+13125550123\"",
    ]);
    let inner = prop::sample::select(vec![
        "",
        "a",
        "Hello there.",
        "+13125550123",
        "+13125550124",
        "+13125550191",
        "<Say>Hi.</Say>",
        "&#1;",
        "<Number url=\"c\" statusCallback=\"s\" statusCallbackEvent=\"initiated ringing answered completed\">+13125550123</Number>",
        "<Number>+13125550123</Number><Number>+13125550124</Number>",
        "<Queue>a</Queue>",
        "<Queue url=\"c\">a</Queue>",
        "<Number>+13125550191</Number>",
        "<Sip>x</Sip>",
        "<Body>Hi.</Body><Media>m</Media>",
        "<Pause length=\"2\"/>",
    ]);
    let name = prop::sample::select(vec![
        "Say", "Play", "Pause", "Gather", "Record", "Dial", "Dial", "Enqueue", "Leave", "Redirect", "Reject", "Hangup",
        "Message", "Nonsense",
    ]);
    (name, prop::collection::btree_set(attribute, 0..4), inner).prop_map(|(name, attributes, inner)| {
        let mut once = Vec::new();
        let mut names = Vec::new();
        for attribute in attributes {
            let name = attribute.split('=').next().unwrap_or_default();
            if !names.contains(&name) {
                names.push(name);
                once.push(attribute);
            }
        }
        format!("<{name} {}>{inner}</{name}>", once.join(" "))
    })
}

fn reply() -> impl Strategy<Value = Reply> {
    prop_oneof![
        12 => prop::collection::vec(verb(), 0..4).prop_map(|verbs| xml(&format!("<Response>{}</Response>", verbs.concat()))),
        1 => ".{0,40}".prop_map(|text| xml(&text)),
        1 => prop::collection::vec(any::<u8>(), 0..40)
            .prop_map(|body| Reply { status: 200, content_type: Some("text/plain".to_owned()), body }),
        1 => (200u16..600).prop_map(status),
        1 => Just(nothing()),
    ]
}

/// Plays with replies by chance, but the same for the same seed.
fn run(script: Script, replies: &[Reply]) -> (Vec<Happening>, usize) {
    let mut random = Random::new(script.seed);
    let mut network = Network::new(script);
    let mut asked = 0;
    let mut last = None;
    while let Some(ask) = network.next() {
        assert!(last.is_none_or(|last| last <= ask.at), "time does not go backwards");
        last = Some(ask.at);
        assert!(ask.url.starts_with("https://ours.example/") && !ask.params.is_empty());
        let count = u64::try_from(replies.len()).expect("a few");
        network.answer(&replies[usize::try_from(random.below(count)).expect("a few")]);
        asked += 1;
        assert!(asked < 150_000, "it never ends");
    }
    assert_eq!(network.due(), None);
    (network.log().to_vec(), asked)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]
    #[test]
    fn everything_ends_and_comes_again(script in script(), replies in prop::collection::vec(reply(), 1..6)) {
        let (log, asked) = run(script.clone(), &replies);
        let count = |wanted: fn(&What) -> bool| log.iter().filter(|happening| wanted(&happening.what)).count();
        let dialled = count(|what| matches!(what, What::Dialled { .. }));
        let ended = count(|what| matches!(what, What::Ended { .. }));
        prop_assert_eq!(dialled, ended, "every call ends once");
        prop_assert_eq!(count(|what| matches!(what, What::Asked { .. })), asked);
        prop_assert!(log.windows(2).all(|pair| pair[0].at <= pair[1].at), "the log is in order");
        let queued = count(|what| matches!(what, What::Queued { .. }));
        prop_assert_eq!(queued, count(|what| matches!(what, What::LeftQueue { .. })), "nobody waits for ever");
        prop_assert_eq!(run(script, &replies).0, log, "the same seed, the same run");
    }

    #[test]
    fn nothing_that_is_read_panics(body in prop::collection::vec(any::<u8>(), 0..300), kind in "(text/(xml|plain|html)|audio/x|.{0,9})") {
        use crate::replay::phones::document::{Purpose, read};
        let reply = Reply { status: 200, content_type: Some(kind), body };
        let _ = (read(&reply, Purpose::Voice), read(&reply, Purpose::Text));
    }
}

#[test]
fn markup_a_hundred_thousand_deep_or_long_is_read() {
    use crate::replay::phones::document::{Purpose, read};
    for body in ["<Response>".repeat(6_000), format!("<Response>{}</Response>", "<Dial/>".repeat(9_000))] {
        let _ = read(&xml(&body), Purpose::Voice);
    }
    // Nine thousand dials that reach nobody follow one another without a stack of their own.
    let page = xml(&format!("<Response>{}</Response>", "<Dial/>".repeat(9_000)));
    let (log, _) = run(scene(Manner::default(), Pickup::NoAnswer), &[page]);
    assert!(matches!(log.last().map(|last| &last.what), Some(What::Asked { .. })));
}

#[test]
fn another_seed_is_another_run() {
    let page = xml("<Response><Hangup/></Response>");
    let mut other = scene(Manner::default(), Pickup::NoAnswer);
    other.seed = 8;
    let sid = |script: Script| {
        let mut network = Network::new(script);
        let ask = network.next().expect("a request");
        network.answer(&page);
        ask.params[0].1.clone()
    };
    assert_ne!(sid(scene(Manner::default(), Pickup::NoAnswer)), sid(other));
}

#[test]
fn two_hundred_calls_take_no_time() {
    let dial = "<Response><Dial callerId=\"+13125550190\" action=\"dialed\"><Number url=\"whisper\" statusCallback=\"leg\" \
                statusCallbackEvent=\"initiated ringing answered completed\">+13125550123</Number></Dial></Response>";
    let began = Instant::now();
    for seed in 0..200 {
        let mut script = scene(Manner::default(), answers(presses(&["1"])));
        script.seed = seed;
        let mut network = Network::new(script);
        while let Some(ask) = network.next() {
            let reply = match ask.url.rsplit('/').next() {
                Some("voice") => xml(dial),
                Some("whisper" | "dialed") => xml("<Response><Say>Hello.</Say></Response>"),
                _ => nothing(),
            };
            network.answer(&reply);
        }
    }
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
