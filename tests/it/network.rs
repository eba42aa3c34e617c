//! The phone network against a switchboard in this process: whole calls and texts, in every weather.
//!
//! Deliberately not here: what each call should come to (`fixtures/calls`); here nothing may go wrong.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use hookswitch::domain::Moment;
use hookswitch::replay::phones::script::{
    Act, Begins, HangUp, Manner, Party, Pickup, Press, Rented, Script, Speaks, Weather,
};
use hookswitch::replay::phones::{Happening, Network, What};
use hookswitch::replay::simulate::{Played, play};
use hookswitch::replay::target::{OFFLINE_BASE, Offline};
use hookswitch::replay::world::Worlds;

const NUMBER: &str = "+13125550190";
const SIGNALWIRE: &str = "+17735550190";

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

fn rented(number: &str, account: &str, account_sid: &str, speaks: Speaks) -> Rented {
    let webhooks = format!("{OFFLINE_BASE}/webhooks/{account}");
    let (number, account, account_sid) = (number.to_owned(), account.to_owned(), account_sid.to_owned());
    Rented { number, speaks, account, account_sid, webhooks }
}

fn party(name: &str, phone: &str, rung: Pickup) -> Party {
    Party { name: name.to_owned(), phone: phone.to_owned(), acts: Vec::new(), rung: vec![rung] }
}

fn keys(keys: &str) -> Manner {
    Manner { presses: vec![Press { keys: keys.to_owned(), after: seconds(2) }], ..Manner::default() }
}

/// Ana begins something at nine on a Monday, at the office of the worked examples.
fn script(seed: u64, what: Begins, desk: Pickup, weather: Weather) -> Script {
    let mut ana = party("ana", "+13125550101", Pickup::NoAnswer);
    ana.acts.push(Act { after: seconds(1), what });
    Script {
        start: Moment::read("2026-03-09T09:02:11-05:00").expect("an instant"),
        seed,
        numbers: vec![
            rented(NUMBER, "acme-twilio", "AC00000000000000000000000000000001", Speaks::Twilio),
            rented(SIGNALWIRE, "acme-signalwire", "00000000-0000-4000-8000-000000000003", Speaks::Signalwire),
        ],
        parties: vec![ana, party("desk", "+13125550123", desk), party("jo", "+13125550144", Pickup::Busy)],
        weather,
    }
}

async fn played(script: Script) -> Played {
    static WORLDS: LazyLock<Worlds> = LazyLock::new(Worlds::default);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/calls/any.toml");
    let world = WORLDS.find(&fixture, "acme-plumbing", &[]).expect("the world of the fixtures");
    let target = Offline::new(&world, script.start).expect("a switchboard");
    let mut network = Network::new(script);
    play(&mut network, &[], &world.signers, OFFLINE_BASE, &target).await.expect("it comes to an end")
}

fn story(log: &[Happening]) -> String {
    log.iter().map(|happening| format!("{} {:?}\n", happening.at, happening.what)).collect()
}

#[tokio::test]
async fn nothing_goes_wrong_in_any_weather() {
    let answers = |manner| Pickup::Answers { after: seconds(5), manner };
    let machine = Pickup::CarrierVoicemail { after: seconds(4), greeting: seconds(8), beep: true };
    let gone = Manner { hangs_up: Some(HangUp::At(seconds(1))), ..Manner::default() };
    let desks = [
        answers(keys("1")),
        answers(keys("2")),
        answers(Manner::default()),
        answers(gone),
        machine,
        Pickup::Busy,
        Pickup::NoAnswer,
        Pickup::Rejects { after: seconds(2) },
        Pickup::Unreachable,
    ];
    let still = Weather::default();
    let weathers = [
        still,
        Weather { duplicate_every: Some(1), ..still },
        Weather { drop_reply_every: Some(2), ..still },
        Weather { drop_reply_every: Some(3), duplicate_every: Some(2), ..still },
        Weather { reorder_statuses: true, delay: Duration::from_millis(700), ..still },
        Weather { reorder_statuses: true, duplicate_every: Some(3), drop_reply_every: Some(5), ..still },
    ];
    let callers = [
        Manner { speaks: seconds(9), ..Manner::default() },
        Manner { hangs_up: Some(HangUp::At(seconds(7))), ..Manner::default() },
        Manner { hangs_up: Some(HangUp::At(seconds(90))), speaks: seconds(4), ..Manner::default() },
    ];
    let mut wrong = String::new();
    for number in [NUMBER, SIGNALWIRE] {
        for (at, desk) in desks.iter().enumerate() {
            for (which, weather) in weathers.into_iter().enumerate() {
                let caller = callers[(at + which) % callers.len()].clone();
                let dials = Begins::Dials { number: number.to_owned(), manner: caller.clone() };
                let played = played(script(7, dials, desk.clone(), weather)).await;
                for why in complaints(&played, number, weather) {
                    let told = story(&played.log);
                    wrong.push_str(&format!("{why}: {number} {desk:?} {weather:?} {caller:?}\n{told}\n"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.chars().take(9_000).collect::<String>());
}

/// What no weather excuses.
fn complaints(played: &Played, number: &str, weather: Weather) -> Vec<String> {
    let mut found = Vec::new();
    let mut pressed = false;
    for Happening { what, .. } in &played.log {
        if let What::Presses { who, keys } = what {
            pressed |= who == "desk" && keys == "1";
        } else if let What::Bridged { .. } = what
            && !pressed
        {
            found.push("bridged without the key".to_owned());
        } else if let What::Rings { shows, .. } = what
            && shows != number
        {
            found.push("a display shows another number".to_owned());
        } else if let What::Differed { no } = what {
            found.push(format!("request {no} was answered twice, and not the same"));
        } else if let What::Trouble { code, why, .. } = what
            && !(*code == 11200 && weather.drop_reply_every.is_some())
        {
            found.push(format!("{code} {why}"));
        }
    }
    let ends = played.log.iter().filter(|happening| matches!(happening.what, What::Ended { .. })).count();
    if ends != 1 {
        found.push(format!("{ends} ends"));
    }
    for exchanged in played.exchanges.iter().filter(|exchanged| exchanged.answer.status >= 400) {
        found.push(format!("{} was answered {}", exchanged.ask.url, exchanged.answer.status));
    }
    found
}

#[tokio::test]
async fn a_key_bridges_and_a_text_is_delivered() {
    let dials = Begins::Dials { number: NUMBER.to_owned(), manner: Manner::default() };
    let desk = Pickup::Answers { after: seconds(6), manner: keys("1") };
    let call = played(script(7, dials, desk, Weather::default())).await;
    let bridged = What::Bridged { caller: "ana".to_owned(), callee: "desk".to_owned() };
    assert!(call.log.iter().any(|happening| happening.what == bridged), "{}", story(&call.log));

    let words = "On my way.".to_owned();
    let texts = Begins::Texts { number: NUMBER.to_owned(), words: words.clone(), media: 1 };
    let mut script = script(7, texts, Pickup::NoAnswer, Weather::default());
    let acts = std::mem::take(&mut script.parties[0].acts);
    script.parties[2].acts = acts;
    let text = played(script).await;
    let told = story(&text.log);
    let mut received = 0;
    for happening in &text.log {
        let What::Receives { who, shows, words: said, media } = &happening.what else { continue };
        assert_eq!((who.as_str(), shows.as_str(), said, media.len()), ("ana", NUMBER, &words, 1), "{told}");
        assert!(media[0].starts_with(OFFLINE_BASE), "a picture's address would show the provider's account: {told}");
        received += 1;
    }
    assert_eq!(received, 1, "{told}");
    let statuses: Vec<_> = text.exchanges.iter().filter(|one| one.ask.url.contains("/sms/status")).collect();
    assert_eq!(statuses.len(), 2, "sent, delivered");
}
