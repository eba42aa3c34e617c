//! Calls in progress come back from their column as they were.
//!
//! Deliberately not here: when a call is written.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;

use super::support::{NOW, entry, phone, store, submit};
use crate::domain::{
    Acceptance, Answered, Attempt, Call, CallEnd, CallId, CallerId, CallerWord, Choice, Cue, Digit, E164, LegEnd,
    LegOutcome, LegStatus, MaskingNumber, Match, MenuState, Moment, PinState, Placed, PlacedFor, QueueStay, Recorded,
    Route, Screening, Side, Spoken, Tariff, VoicemailState,
};
use crate::store::call_form;
use crate::store::entry::Write;
use crate::store::fact::{Fact, Scope};

fn a_phone() -> impl Strategy<Value = E164> {
    (100u64..200).prop_map(phone)
}

fn a_moment() -> impl Strategy<Value = Moment> {
    any::<i64>().prop_map(Moment)
}

fn a_digit() -> impl Strategy<Value = Digit> {
    select("0123456789*#".chars().collect::<Vec<_>>())
        .prop_map(|key| Digit::read(key.encode_utf8(&mut [0; 4])).expect("a key"))
}

fn cues() -> impl Strategy<Value = Vec<Cue>> {
    let cue =
        prop_oneof![any::<String>().prop_map(|text| Cue::Say(Spoken::new(&text))), any::<String>().prop_map(Cue::Play)];
    vec(cue, 0..3)
}

fn attempt() -> impl Strategy<Value = Attempt> {
    let to = prop_oneof![
        option::of("[a-z]{1,4}").prop_map(|id| Answered::Technician(id.map(Into::into))),
        option::of("[a-z]{1,4}").prop_map(|id| Answered::Customer(id.map(Into::into))),
        vec("[a-z]{1,4}", 0..3).prop_map(|ids| Answered::Lines(ids.into_iter().map(Into::into).collect())),
    ];
    let screening = prop_oneof![
        Just(Screening::None),
        cues().prop_map(Screening::Announce),
        (cues(), a_digit(), any::<u16>(), cues()).prop_map(|(cues, key, timeout, after)| Screening::Accept {
            cues,
            key,
            timeout,
            after
        }),
    ];
    let acceptance = prop_oneof![
        Just(Acceptance::Unasked),
        ("CA[0-9]{3}", a_moment(), any::<u8>()).prop_map(|(leg, at, wrong)| Acceptance::Asked { leg, at, wrong }),
        ("CA[0-9]{3}", a_moment()).prop_map(|(leg, at)| Acceptance::Accepted { leg, at }),
        Just(Acceptance::Refused),
        Just(Acceptance::TimedOut),
    ];
    let numbers = (any::<u8>(), any::<u16>(), any::<u32>(), option::of(any::<u32>()));
    let ends = (option::of(select(LegOutcome::ALL)), select(Recorded::ALL));
    (numbers, to, vec(a_phone(), 0..3), a_moment(), screening, acceptance, ends).prop_map(
        |(
            (no, ring_timeout, time_limit, seconds),
            to,
            phones,
            started_at,
            screening,
            acceptance,
            (outcome, recorded),
        )| {
            Attempt {
                no,
                to,
                phones,
                started_at,
                ring_timeout,
                time_limit,
                screening,
                acceptance,
                outcome,
                seconds,
                recorded,
            }
        },
    )
}

fn call() -> impl Strategy<Value = Call> {
    let caller = prop_oneof![
        a_phone().prop_map(CallerId::Number),
        Just(CallerId::Withheld),
        Just(CallerId::Client),
        Just(CallerId::Sip),
        Just(CallerId::Other),
    ];
    let words = (select(CallerWord::ALL), select(Match::ALL), select(Side::ALL), select(VoicemailState::ALL));
    let routes = (option::of(select(Route::ALL)), vec(select(Route::ALL), 0..3), vec(select(Route::ALL), 0..3));
    let ids = (any::<u128>(), option::of("[a-z]{1,4}"), option::of("[a-z]{1,4}"), option::of("[a-z]{1,4}"));
    let menu = option::of((vec(("[a-z]{1,4}", any::<String>()), 0..3), any::<u8>(), any::<u8>()));
    let queue = option::of((any::<String>(), a_moment()));
    let end = option::of((a_moment(), select(CallEnd::ALL)));
    let gone = option::of((select(LegStatus::ALL), any::<u32>()));
    let lines = vec("[a-z]{1,4}", 0..3);
    let tariff = option::of((any::<u64>(), any::<u32>()));
    let flags = (any::<bool>(), any::<bool>(), any::<bool>(), tariff);
    let menu = (menu, option::of(("[a-z]{1,4}", any::<bool>(), any::<u8>())));
    let rest = (menu, queue, (end, gone), flags, a_moment(), a_phone(), any::<String>(), lines);
    let placed = option::of((select(PlacedFor::ALL), attempt(), a_phone()));
    let all = (caller, words, routes, ids, vec(attempt(), 0..3), rest, placed);
    all.prop_map(|(caller, words, routes, ids, attempts, rest, placed)| {
        let placed = placed.map(|(purpose, like, phone)| {
            let Attempt { to, ring_timeout, screening, acceptance, .. } = like;
            Box::new(Placed { purpose, to, phone, ring_timeout, screening, acceptance })
        });
        let ((menu, pin), queue, (end, gone), (answered, record, todo, tariff), opened_at, number, sid, lines) = rest;
        Call {
            id: CallId(ids.0),
            sid,
            account: "acme-twilio".into(),
            tenant: "acme".into(),
            location: ids.1.map(Into::into),
            number: MaskingNumber::rented(number),
            caller,
            caller_word: words.0,
            matched: words.1,
            side: words.2,
            route: routes.0,
            session: ids.2.map(Into::into),
            customer: ids.3.map(Into::into),
            opened_at,
            tried: routes.1,
            fallbacks: routes.2,
            lines: lines.into_iter().map(Into::into).collect(),
            attempts,
            answered,
            record,
            voicemail: words.3,
            menu: menu.map(|(choices, rounds, misses)| MenuState {
                choices: choices.into_iter().map(|(id, name)| Choice { session: id.into(), name }).collect(),
                rounds,
                misses,
            }),
            pin: pin.map(|(session, own, rounds)| PinState { session: session.into(), own, rounds }),
            queue: queue.map(|(name, since)| QueueStay { name, since }),
            tariff: tariff.map(|(minute, increment)| Tariff { minute, increment }),
            end,
            gone: gone.map(|(status, seconds)| LegEnd { status, seconds }),
            todo,
            placed,
        }
    })
}

proptest! {
    #[test]
    fn a_call_comes_back_as_it_was(call in call()) {
        let text = call_form::write(&call);
        prop_assert_eq!(call_form::read(&text).expect("our own text"), call);
    }
}

#[test]
fn a_call_of_an_older_program_is_read_without_the_lengths_of_its_legs() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let (mut call, mut attempt) = (
        call().new_tree(&mut runner).expect("a call").current(),
        attempt().new_tree(&mut runner).expect("one").current(),
    );
    (attempt.seconds, call.gone) = (Some(61), Some(LegEnd { status: LegStatus::Completed, seconds: 62 }));
    call.attempts = vec![attempt];
    let mut form: serde_json::Value = serde_json::from_str(&call_form::write(&call)).expect("JSON");
    let taken = [
        form["attempts"][0].as_object_mut().expect("one").remove("seconds"),
        form.as_object_mut().expect("one").remove("gone"),
    ];
    assert_eq!(taken, [Some(61.into()), Some(serde_json::json!(["completed", 62]))], "what was not written before");
    (call.attempts[0].seconds, call.gone) = (None, None);
    assert_eq!(call_form::read(&form.to_string()).expect("an older form"), call);
}

#[test]
fn a_call_of_a_newer_program_is_an_error_and_not_half_a_call() {
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let call = call().new_tree(&mut runner).expect("a call").current();
    let text = call_form::write(&call);
    assert!(call_form::read(&text.replacen("\"v\":1", "\"v\":2", 1)).is_err());
    assert!(call_form::read("{}").is_err());
}

#[tokio::test]
async fn calls_of_the_last_day_are_loaded_with_what_counts_for_the_caps() {
    let (_dir, store) = store().await;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let call = call().new_tree(&mut runner).expect("a call").current();
    for (no, days, state) in [(1, 0, "open"), (2, 2, "open"), (3, 0, "refused")] {
        let mut entry = entry(no);
        if let Some(Write::Interaction(row)) = entry.writes.first_mut() {
            row.call = Some(call_form::write(&call));
            row.state = state.to_owned();
            row.updated_at -= days * 86_400_000_000;
            row.opened_at -= days * 86_400_000_000;
        }
        let _ = store.journal().submit(entry).settled().await;
    }
    submit(store.journal(), 4).await;
    let (mut calls, mut accepted) = (Vec::new(), Vec::new());
    let mut learn = |fact| {
        if let Fact::Call(call) = fact {
            calls.push(*call);
        } else if let Fact::Accepted { caller, session, at, .. } = fact {
            accepted.push((caller, session, at));
        }
    };
    store.read().load(Scope::Running { now: NOW }, &mut learn).await.expect("loaded");
    assert_eq!(calls, [call.clone(), call]);
    assert_eq!(accepted, [(phone(101), Some("s1".into()), NOW), (phone(101), Some("s1".into()), NOW)]);
}
