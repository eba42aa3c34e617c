//! Calls with PINs at random, decided and learnt one after another: without the right PIN nobody is dialled.
//!
//! Deliberately not here: documents, and what is heard (the fixtures).

use std::collections::BTreeMap;
use std::time::Duration;

use proptest::prelude::*;

use super::super::super::memory::Memory;
use super::super::super::subject::subject;
use super::super::learn;
use crate::domain::event::IncomingCall;
use crate::domain::{CallId, CallerId, E164, Event, EventKind, Moment, Typed};
use crate::routing::{self, Answer, VoiceAnswer};
use crate::rules::file;

const WORLD: &str = include_str!("../../../../fixtures/worlds/pairs.toml");
const NUMBER: &str = "+12195550170";
const FORCED: &str = "+12195550171";

/// Who may type what on which number, and whom it reaches.
const RIGHT: [(&str, Option<&str>, &str, &str); 6] = [
    (NUMBER, None, "0042", "+12195550102"),
    (NUMBER, None, "4200", "+12195550101"),
    (NUMBER, None, "11223344", "+12195550104"),
    (NUMBER, None, "55667788", "+12195550103"),
    (FORCED, Some("+12195550101"), "1111", "+12195550102"),
    (FORCED, Some("+12195550102"), "2222", "+12195550101"),
];

fn memory() -> Memory {
    let secret = |_: &str| Some("fictitious".to_owned());
    let world = WORLD.replace(
        "default_location = \"gary\"",
        "default_location = \"gary\"\nlimits = { calls_per_minute_per_caller = 0, \
         attempts_per_minute_per_pair = 0 }",
    );
    let (ruleset, _) = file::read(&world, "pairs.toml", None, &secret).expect("a world");
    let memory = Memory::new(start(), Vec::new(), false);
    memory.learn_ruleset(&ruleset).expect("hours that compile");
    memory
}

fn start() -> Moment {
    Moment::read("2026-03-09T09:00:00-05:00").expect("an instant")
}

fn phone(text: &str) -> E164 {
    E164::read(text).expect("a number")
}

/// Decides, learns, and tells whom the answer dials and which time a PIN is asked for.
fn happens(memory: &Memory, kind: EventKind, now: Moment) -> (Option<E164>, Option<u8>) {
    let event = Event { account: "acme-twilio".into(), account_sid: None, kind };
    let line = memory.directory.line("acme-twilio").expect("an account");
    let decision = routing::decide(&memory.directory.view(&memory.live, now), &event, now);
    if let Some(call) = &decision.call {
        memory.live.put((**call).clone());
    }
    learn(&subject(&decision, &event, &line, now, ""), &memory.directory);
    match decision.answer {
        Answer::Voice(VoiceAnswer::Dial(dialing)) => (dialing.phones.first().copied(), None),
        Answer::Voice(VoiceAnswer::Pin { round, .. }) => (None, Some(round)),
        Answer::Voice(_) | Answer::Noted | Answer::Leg(_) | Answer::Text(_) => (None, None),
    }
}

proptest! {
    #[test]
    fn without_the_right_pin_nobody_is_dialled(
        calls in prop::collection::vec(
            (
                prop::sample::select(vec![
                    (NUMBER, "+12195550198"), (NUMBER, "+12195550197"),
                    (FORCED, "+12195550101"), (FORCED, "+12195550102"), (FORCED, "+12195550198"),
                ]),
                prop::collection::vec(
                    prop::sample::select(vec!["0042", "4200", "11223344", "1111", "2222", "42", "9001", "", "*"]),
                    0..5,
                ),
                0u64..700,
            ),
            1..8,
        ),
    ) {
        let memory = memory();
        let mut now = start();
        let mut rows: BTreeMap<(&str, &str), (u8, Moment)> = BTreeMap::new();
        for (no, ((number, caller), keys, pause)) in calls.into_iter().enumerate() {
            now = now.plus(Duration::from_secs(pause));
            let id = CallId(no as u128 + 1);
            let incoming = IncomingCall {
                id,
                sid: format!("CA{no}"),
                from: CallerId::Number(phone(caller)),
                to: Some(phone(number)),
            };
            let (dialled, mut asked) = happens(&memory, EventKind::Call(incoming), now);
            prop_assert_eq!(dialled, None, "before a PIN is typed");
            let locked = |row: Option<&(u8, Moment)>, now: Moment| {
                row.is_some_and(|(count, last)| *count >= 3 && now.since(*last) < Duration::from_secs(600))
            };
            prop_assert_eq!(asked.is_none(), locked(rows.get(&(number, caller)), now), "asked unless locked out");
            for keys in keys {
                let Some(round) = asked else { break };
                now = now.plus(Duration::from_secs(5));
                let row = rows.entry((number, caller)).or_insert((0, now));
                // A lock that another call brought about is over, or in force, at this instant.
                let is_locked = locked(Some(row), now);
                let party = number == FORCED && caller != "+12195550198";
                let right = RIGHT.iter().find(|(of, who, pin, _)| {
                    *of == number && *pin == keys && (who.is_none() || !party || *who == Some(caller))
                });
                let (dialled, next) = happens(&memory, EventKind::Pin { call: id, round, typed: Typed::read(keys) }, now);
                let expected = right.filter(|_| !is_locked).map(|(_, _, _, other)| phone(other));
                // A stranger who is one party's PIN away from themselves reaches nobody.
                prop_assert_eq!(dialled, expected, "{} on {} by {}", keys, number, caller);
                if !is_locked && !keys.is_empty() {
                    let before = if row.0 >= 3 { 0 } else { row.0 };
                    *row = if right.is_some() { (0, now) } else { (before + 1, now) };
                }
                asked = next;
            }
        }
    }
}
