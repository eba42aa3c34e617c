//! A row for each step of a call: which news it is, in which order, and whose phones are in them.
//!
//! Deliberately not here: whole calls through webhooks (`tests/it/deliveries`).

use super::*;
use crate::domain::{
    AccountKind, CallEnd, CallId, CallerId, CallerWord, Door, LegEnd, MaskingNumber, Match, Placed, PlacedFor,
    Screening, SessionKind, SessionOptions, SessionState, Terms,
};
use crate::routing::answer::Answer;

const NOW: Moment = Moment::from_seconds(1_773_064_931);

fn phone(last: u64) -> E164 {
    E164::from_digits(13_125_550_000 + last).expect("a number of the fiction range")
}

fn account() -> Account {
    let plain = Account::plain("a".into(), "acme".into(), AccountKind::Twilio);
    Account { price_per_minute: 0.02, ..plain }
}

fn session() -> Session {
    Session {
        id: "s1".into(),
        tenant: "acme".into(),
        location: None,
        number: MaskingNumber::rented(phone(190)),
        first_party: Some(phone(150)),
        second_party: Some(phone(151)),
        kind: SessionKind::PlainPair,
        state: SessionState::Live { expires_at: None },
        started_at: None,
        options: SessionOptions {
            record: Some(true),
            terms: Some(std::sync::Arc::new(Terms::plain(Door::Plivo, NOW))),
            ..SessionOptions::default()
        },
    }
}

/// A call of one party that rings the other since ten seconds.
fn ringing(side: Side) -> Call {
    let (caller, to, rung) = match side {
        Side::First => (150, Answered::Customer(None), 151),
        Side::Second | Side::Outside => (151, Answered::Technician(None), 150),
    };
    let since = NOW.minus(std::time::Duration::from_secs(70));
    let (tenant, account, number) = ("acme".into(), account(), MaskingNumber::rented(phone(190)));
    Call {
        sid: "CA1".to_owned(),
        caller_word: CallerWord::Technician,
        matched: Match::Live,
        side,
        session: Some("s1".into()),
        attempts: vec![Attempt {
            no: 1,
            to,
            phones: vec![phone(rung)],
            started_at: since,
            ring_timeout: 30,
            time_limit: 3600,
            screening: Screening::None,
            acceptance: Acceptance::Unasked,
            outcome: None,
            seconds: None,
            recorded: Recorded::No,
        }],
        ..Call::begun(CallId(7), &tenant, &account, number, CallerId::Number(phone(caller)), since)
    }
}

/// The same, a minute into the conversation.
fn talking(side: Side) -> Call {
    let mut call = ringing(side);
    let at = NOW.minus(std::time::Duration::from_secs(61));
    call.attempts[0].acceptance = Acceptance::Asked { leg: "CA2".to_owned(), at, wrong: 0 };
    call
}

/// The same at its end, of which the caller may still hear.
fn ended(mut call: Call, outcome: LegOutcome, how: CallEnd) -> Call {
    call.attempts[0].seconds = (outcome == LegOutcome::Connected).then_some(60);
    call.attempts[0].outcome = Some(outcome);
    call.end = Some((NOW, how));
    call
}

/// The same of one that was being recorded, and in which nobody talked.
fn recorded(how: Recorded) -> Call {
    let mut call = ended(talking(Side::First), LegOutcome::CalleeGone, CallEnd::Missed);
    call.attempts[0].recorded = how;
    call
}

fn refused(attempt: Option<u8>) -> Vec<Effect> {
    let recording = RecordingMade { sid: Some("RE1".to_owned()), url: "https://p.example/RE1".to_owned(), seconds: 3 };
    vec![Effect::RecordingRefused { attempt, recording }]
}

/// The same once the caller's leg is over too.
fn gone(mut call: Call, status: LegStatus, seconds: u32) -> Call {
    call.end.get_or_insert((NOW, CallEnd::Refused));
    call.gone = Some(LegEnd { status, seconds });
    call
}

/// A call of ours, whose first party has not answered.
fn placed(acceptance: Acceptance) -> Call {
    let mut call = ringing(Side::First);
    let Attempt { to, phones, ring_timeout, screening, .. } = call.attempts.remove(0);
    let purpose = PlacedFor::FirstParty;
    call.placed = Some(Box::new(Placed { purpose, to, phone: phones[0], ring_timeout, screening, acceptance }));
    call
}

fn told(before: Option<&Call>, after: Call, effects: Vec<Effect>, why: Vec<Reason>) -> Vec<News> {
    let decision = Decision { finding: None, answer: Answer::Noted, call: Some(Box::new(after)), effects, why };
    let (session, account) = (session(), account());
    of_step(&Step { before, decision: &decision, session: &session, account: &account, now: NOW })
}

fn status(attempt: Option<u8>, status: LegStatus, seconds: Option<u32>) -> Vec<Effect> {
    vec![Effect::LegStatus { attempt, status, seconds }]
}

/// The call before, the call after, what was heard of legs, the news, and why.
type Row = (Option<Call>, Call, Vec<Effect>, Vec<SessionEvent>, &'static str);

#[test]
fn each_step_is_its_news() {
    use SessionEvent::{
        FirstPartyAnswer, FirstPartyHangup, PartiesHangup, RecordingFailed, RecordingInitiated, SecondPartyAnswer,
        SecondPartyHangup, SecondPartyRing,
    };
    let (first, second) = (Side::First, Side::Second);
    let mut menu = ringing(first);
    menu.attempts.clear();
    let answer = Acceptance::Asked { leg: "CA1".to_owned(), at: NOW, wrong: 0 };
    let rows: Vec<Row> = vec![
        (None, ringing(first), vec![], vec![FirstPartyAnswer], "the first party calls"),
        (None, ringing(second), vec![], vec![SecondPartyAnswer], "the second party calls"),
        (None, menu.clone(), vec![], vec![], "nobody is rung yet"),
        (Some(menu.clone()), ringing(first), vec![], vec![FirstPartyAnswer], "and then is"),
        (
            Some(ringing(first)),
            ringing(first),
            status(Some(1), LegStatus::Ringing, None),
            vec![SecondPartyRing],
            "the second party's phone rings",
        ),
        (
            Some(ringing(second)),
            ringing(second),
            status(Some(1), LegStatus::Ringing, None),
            vec![],
            "the first party's phone rings",
        ),
        (
            Some(talking(first)),
            talking(first),
            status(Some(1), LegStatus::Ringing, None),
            vec![],
            "late news of ringing",
        ),
        (
            Some(ringing(first)),
            talking(first),
            status(Some(1), LegStatus::InProgress, None),
            vec![SecondPartyAnswer],
            "they answer",
        ),
        (Some(ringing(second)), talking(second), vec![], vec![FirstPartyAnswer], "the first party answers"),
        (
            Some(talking(first)),
            ended(talking(first), LegOutcome::Connected, CallEnd::Connected),
            vec![],
            vec![SecondPartyHangup],
            "the conversation is over",
        ),
        (
            Some(ringing(first)),
            ended(ringing(first), LegOutcome::Connected, CallEnd::Connected),
            vec![],
            vec![SecondPartyAnswer, SecondPartyHangup],
            "its beginning was not heard of",
        ),
        (
            Some(ringing(second)),
            ended(ringing(second), LegOutcome::NoAnswer, CallEnd::Failed),
            vec![],
            vec![FirstPartyHangup],
            "nobody answers, and the caller is told so",
        ),
        (
            Some(ended(ringing(second), LegOutcome::NoAnswer, CallEnd::Failed)),
            gone(ended(ringing(second), LegOutcome::NoAnswer, CallEnd::Failed), LegStatus::Completed, 3),
            status(None, LegStatus::Completed, Some(3)),
            vec![SecondPartyHangup, PartiesHangup],
            "the caller has heard it",
        ),
        (
            Some(talking(first)),
            gone(ended(talking(first), LegOutcome::Connected, CallEnd::Connected), LegStatus::Completed, 62),
            status(None, LegStatus::Completed, Some(62)),
            vec![SecondPartyHangup, FirstPartyHangup, PartiesHangup],
            "the caller's end is heard of first",
        ),
        (
            Some(menu.clone()),
            gone(menu.clone(), LegStatus::Completed, 4),
            vec![],
            vec![FirstPartyHangup, PartiesHangup],
            "a caller whom nobody was rung for",
        ),
        (None, placed(Acceptance::Unasked), vec![], vec![], "a call of ours is planned"),
        (
            Some(placed(Acceptance::Unasked)),
            gone(placed(Acceptance::Unasked), LegStatus::Busy, 0),
            status(None, LegStatus::Busy, None),
            vec![FirstPartyHangup, PartiesHangup],
            "its first party is busy",
        ),
        (Some(placed(Acceptance::Unasked)), placed(answer.clone()), vec![], vec![FirstPartyAnswer], "they answer"),
        (Some(placed(answer)), ringing(first), vec![], vec![], "the second party is rung: the answer is told"),
        (Some(placed(Acceptance::Unasked)), ringing(first), vec![], vec![FirstPartyAnswer], "both at once"),
        (
            Some(talking(first)),
            talking(first),
            status(Some(1), LegStatus::Completed, Some(60)),
            vec![SecondPartyHangup],
            "their leg is over before the rest",
        ),
        (
            Some(gone(ended(talking(first), LegOutcome::Connected, CallEnd::Connected), LegStatus::Completed, 62)),
            gone(ended(talking(first), LegOutcome::Connected, CallEnd::Connected), LegStatus::Completed, 62),
            status(None, LegStatus::Completed, Some(62)),
            vec![],
            "the caller's leg, once more",
        ),
        (
            Some(talking(first)),
            talking(first),
            vec![Effect::RecordingDue { attempt: 1 }],
            vec![],
            "the provider has yet to be asked to record",
        ),
        (
            Some(talking(first)),
            talking(first),
            vec![Effect::RecordingStarted { attempt: 1, sid: "RE1".to_owned() }],
            vec![RecordingInitiated],
            "it does",
        ),
        (
            Some(talking(first)),
            talking(first),
            vec![Effect::RecordingNotStarted { attempt: 1, why: "it is too late".to_owned() }],
            vec![RecordingFailed],
            "it does not",
        ),
        (
            Some(recorded(Recorded::Begun)),
            recorded(Recorded::Dropped),
            refused(Some(1)),
            vec![RecordingFailed],
            "it did, and nobody talked",
        ),
        (Some(recorded(Recorded::Dropped)), recorded(Recorded::Dropped), refused(Some(1)), vec![], "that was told"),
        (Some(recorded(Recorded::No)), recorded(Recorded::Dropped), refused(Some(1)), vec![], "it was never told of"),
        (Some(recorded(Recorded::Begun)), recorded(Recorded::Begun), refused(None), vec![], "another recording"),
    ];
    for (before, after, effects, expected, why) in rows {
        let news = told(before.as_ref(), after, effects, Vec::new());
        let events: Vec<SessionEvent> = news.iter().map(|news| news.event).collect();
        assert_eq!(events, expected, "{why}");
    }
    let news = told(None, ringing(first), Vec::new(), vec![Reason::RecordingUnavailable]);
    assert_eq!(news.last().map(|news| news.event), Some(RecordingFailed), "it was to be recorded and is not");
}

#[test]
fn news_heard_twice_are_the_same_and_others_are_not() {
    let over =
        || gone(ended(talking(Side::First), LegOutcome::Connected, CallEnd::Connected), LegStatus::Completed, 62);
    let one = told(Some(&talking(Side::First)), over(), Vec::new(), Vec::new());
    let again = told(Some(&talking(Side::First)), over(), status(None, LegStatus::Completed, None), Vec::new());
    let about = |news: &[News]| news.iter().map(|news| news.about.clone()).collect::<Vec<_>>();
    assert_eq!(about(&one), about(&again));
    let mut all = about(&one);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 3);
}

fn read(news: &News) -> (u32, u32, String, Cause) {
    match &news.more {
        More::Over { seconds, billed, amount, cause } => (*seconds, *billed, format!("{amount:.2}"), *cause),
        More::Nothing | More::Pin { .. } | More::RecordingBegun { .. } | More::NotKept { .. } | More::Recording(_) => {
            panic!("{news:?}")
        }
    }
}

#[test]
fn a_leg_has_its_length_price_and_reason() {
    let over = gone(ended(talking(Side::First), LegOutcome::Connected, CallEnd::Connected), LegStatus::Completed, 61);
    let news = told(Some(&talking(Side::First)), over, Vec::new(), Vec::new());
    assert_eq!(read(&news[0]), (60, 60, "0.02".to_owned(), Cause::Normal), "as the provider counts");
    assert_eq!(read(&news[1]), (61, 120, "0.04".to_owned(), Cause::Normal), "each by itself");
    assert_eq!(read(&news[2]), (121, 180, "0.06".to_owned(), Cause::Normal), "both together");
    for (outcome, cause) in [
        (LegOutcome::NoAnswer, (3000, "No Answer")),
        (LegOutcome::Busy, (3010, "Busy Line")),
        (LegOutcome::Failed, (2010, "Destination Out Of Service")),
        (LegOutcome::CallerGone, (1000, "Canceled")),
    ] {
        let over = ended(ringing(Side::First), outcome, CallEnd::Failed);
        let news = told(Some(&ringing(Side::First)), over, Vec::new(), Vec::new());
        let (seconds, billed, _, told) = read(&news[0]);
        assert_eq!((seconds, billed, told.code(), told.word()), (0, 0, cause.0, cause.1), "{outcome}");
    }
    let mut never = placed(Acceptance::Unasked);
    never.sid.clear();
    for (before, status, cause, why) in [
        (never, LegStatus::Failed, Cause::Canceled, "never started"),
        (placed(Acceptance::Unasked), LegStatus::Busy, Cause::Busy, "busy"),
        (placed(Acceptance::Unasked), LegStatus::NoAnswer, Cause::NoAnswer, "nobody answers"),
        (placed(Acceptance::Unasked), LegStatus::Failed, Cause::OutOfService, "unreachable"),
        (placed(Acceptance::Refused), LegStatus::Completed, Cause::EndOfInstructions, "a wrong key"),
    ] {
        let news = told(Some(&before), gone(before.clone(), status, 0), Vec::new(), Vec::new());
        assert_eq!(news.iter().map(read).map(|read| read.3).collect::<Vec<_>>(), [cause; 2], "{why}");
        assert_eq!((news[0].from, news[0].to), (Some(phone(150)), Some(phone(151))), "{why}");
    }
}

#[test]
fn parameters_have_their_documented_names() {
    let over = ended(talking(Side::Second), LegOutcome::Connected, CallEnd::Connected);
    let news = told(Some(&talking(Side::Second)), over, Vec::new(), Vec::new());
    let parameters = attributes(&news[0], &session(), &Link::default());
    let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    assert_eq!(
        parameters,
        [
            "EventName=SessionFirstPartyHangup",
            "EventTimestamp=2026-03-09 14:02:11 +0000 UTC",
            "SessionUUID=s1",
            "From=13125550151",
            "To=13125550150",
            "VirtualNumber=13125550190",
            "Duration=60",
            "BilledDuration=60",
            "Amount=0.02000",
            "PlivoHangupCause=Normal Hangup",
            "PlivoHangupCauseCode=4000",
        ]
    );
    let begun = vec![Effect::RecordingStarted { attempt: 1, sid: "RE1".to_owned() }];
    let news = told(Some(&talking(Side::First)), talking(Side::First), begun, Vec::new());
    let parameters = attributes(&news[0], &session(), &Link::default());
    assert!(parameters.contains(&("RecordingUUID".to_owned(), "RE1".to_owned())), "as soon as it is known");
    let recording = RecordingMade { sid: Some("RE1".to_owned()), url: "https://p.example/RE1".to_owned(), seconds: 60 };
    let made = vec![Effect::RecordingMade { recording }];
    let news = told(Some(&talking(Side::First)), talking(Side::First), made, Vec::new());
    let parameters = attributes(&news[0], &session(), &Link { sound: "https://us.example/x".to_owned() });
    let told = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    for (name, value) in [
        ("EventName", "SessionRecordingCompleted"),
        ("RecordingUUID", "RE1"),
        ("RecordingURL", "https://us.example/x"),
        ("RecordingDuration", "60"),
        ("RecordingStartTime", "2026-03-09 14:01:11 +0000 UTC"),
        ("RecordingEndTime", "2026-03-09 14:02:11 +0000 UTC"),
        ("RecordingFormat", "mp3"),
    ] {
        assert_eq!(told(name), Some(value), "{name}");
    }
    assert!(!parameters.iter().any(|(_, value)| value.contains("p.example")), "the provider's address is nobody's");
    let asked = pin(&talking(Side::First), PinStatus::AuthorizedCaller, 0, NOW);
    let parameters = attributes(&asked, &session(), &Link::default());
    assert!(parameters.contains(&("PinAuthenticationStatus".to_owned(), "AuthorizedCaller".to_owned())));
    assert!(parameters.contains(&("PinRetryCounter".to_owned(), "0".to_owned())));
}
