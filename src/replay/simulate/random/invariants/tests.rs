//! Each invariant can fail: a case that is played and holds is doctored, and then it does not.
//!
//! Deliberately not here: cases that are drawn.

use std::time::Duration;

use super::super::calendar::{Calendar, TABLES};
use super::super::happened::Happened;
use super::super::plan::{
    Account, Customer, Limits, Line, Masking, Number, NumberState, Office, Pins, Plan, Session, Technician, Tenant,
};
use super::super::write;
use super::{Invariant, differs, judge};
use crate::domain::Moment;
use crate::replay::phones::script::{
    Act, Begins, HangUp, Manner, Party, Pickup, Press, Rented, Script, Speaks, Weather,
};
use crate::replay::phones::{Happening, Network, What};
use crate::replay::simulate::{Played, play};
use crate::replay::target::{OFFLINE_BASE, Offline};
use crate::replay::world::World;

const NUMBER: &str = "+13125550190";
const DESK: &str = "+13125550123";
const JO: &str = "+13125550144";
const ANA: &str = "+13125550101";
const BEN: &str = "+13125550102";

/// Which of the calls and texts of [`script`] is which.
const ACCEPTED: usize = 0;
const MESSAGE: usize = 1;
const BY_JO: usize = 2;
const TEXT: usize = 3;
const STOP: usize = 4;

fn tenant(word: &'static str) -> Tenant {
    let alpha = word == "Alpha";
    let number = |e164: &str| Number {
        e164: e164.to_owned(),
        account: 0,
        office: Some(0),
        technician: None,
        job: None,
        answer_url: None,
        state: NumberState::Serves,
    };
    let session = |id: &str, second: &str| Session {
        id: id.to_owned(),
        number: usize::from(id != "ana"),
        first: Some(JO.to_owned()),
        second: Some(second.to_owned()),
        work: Some((0, usize::from(id != "ana"), None)),
        begins: None,
        expires: None,
        ended: None,
        records: None,
        times: None,
        sounds: false,
        pins: None,
        greets: false,
        cooloff: 0,
    };
    let customer = |id: &str, phone: &str| Customer {
        id: id.to_owned(),
        name: format!("{word} {id}"),
        phones: vec![phone.to_owned()],
        urgent: false,
    };
    let technician =
        Technician { id: "jo".to_owned(), name: format!("{word} Jo"), phone: JO.to_owned(), office: 0, active: true };
    Tenant {
        word,
        id: word.to_lowercase(),
        abroad: false,
        limits: Limits { caller_minute: 0, session_day: 0, at_once: 0, pair_minute: 0 },
        accounts: vec![Account {
            id: format!("{}-twilio", word.to_lowercase()),
            speaks: Speaks::Twilio,
            sid: format!("AC{word}"),
            base: None,
        }],
        offices: vec![office(word, alpha)],
        technicians: if alpha { vec![technician] } else { Vec::new() },
        customers: if alpha { vec![customer("ana", ANA), customer("ben", BEN)] } else { Vec::new() },
        jobs: Vec::new(),
        numbers: if alpha { vec![number(NUMBER), number("+13125550191")] } else { vec![number("+13035550190")] },
        sessions: if alpha { vec![session("ana", ANA), session("ben", BEN)] } else { Vec::new() },
        contacts: Vec::new(),
    }
}

fn office(word: &str, alpha: bool) -> Office {
    let line = Line { id: "desk".to_owned(), phone: DESK.to_owned(), active: true, sms: false };
    Office {
        id: "p0".to_owned(),
        name: format!("{word} Office"),
        calendar: Calendar {
            zone: "America/Chicago",
            table: &TABLES[3],
            holidays: false,
            closed: None,
            special: None,
            by_hand: None,
        },
        on_no_answer: &[],
        ring_timeout: 20,
        together: false,
        longest_wait: 30,
        prompts: Vec::new(),
        masking: Masking {
            enabled: true,
            mode: "shared_location",
            voice: true,
            sms: true,
            cooldown_days: 30,
            grace_days: 7,
            window: 60,
            keeps_words: true,
            records: false,
            no_match: "hangup",
            in_hours: "backoffice",
            out_of_hours: "voicemail",
            whisper: true,
            accept: true,
            key: "5",
            key_timeout: 5,
            words: "",
        },
        lines: if alpha { vec![line] } else { Vec::new() },
        rules: Vec::new(),
    }
}

fn plan() -> Plan {
    Plan {
        start: Moment::read("2026-03-09T15:00:00Z").expect("an instant"),
        tenants: [tenant("Alpha"), tenant("Bravo")],
    }
}

/// Ana reaches the desk; the second time nobody presses a key, and she leaves a message; Jo calls her; she writes, and
/// opts out. Every request is sent twice.
fn script(plan: &Plan) -> Script {
    let act = |minutes: u64, what: Begins| Act { after: Duration::from_secs(60 * minutes), what };
    let calls = |manner: Manner| Begins::Dials { number: NUMBER.to_owned(), manner };
    let writes = |words: &str| Begins::Texts { number: NUMBER.to_owned(), words: words.to_owned(), media: 0 };
    let speaks = Manner { speaks: Duration::from_secs(9), ..Manner::default() };
    let answers = |keys: &str| Pickup::Answers {
        after: Duration::from_secs(3),
        manner: Manner {
            presses: vec![Press { keys: keys.to_owned(), after: Duration::from_secs(1) }],
            hangs_up: Some(HangUp::AfterBridge(Duration::from_secs(20))),
            speaks: Duration::ZERO,
        },
    };
    let party = |name: &str, phone: &str, acts: Vec<Act>, rung: Vec<Pickup>| Party {
        name: name.to_owned(),
        phone: phone.to_owned(),
        acts,
        rung,
    };
    let ana = vec![
        act(0, calls(Manner::default())),
        act(5, calls(speaks)),
        act(15, writes("Are you coming?")),
        act(20, writes("STOP")),
    ];
    let rented = Rented {
        number: NUMBER.to_owned(),
        speaks: Speaks::Twilio,
        account: "alpha-twilio".to_owned(),
        account_sid: "ACAlpha".to_owned(),
        webhooks: format!("{OFFLINE_BASE}/webhooks/alpha-twilio"),
    };
    Script {
        start: plan.start,
        seed: 1,
        numbers: vec![rented],
        parties: vec![
            party("ana", ANA, ana, vec![answers("")]),
            party("jo", JO, vec![act(10, calls(Manner::default()))], Vec::new()),
            party("desk", DESK, Vec::new(), vec![answers("5"), answers("")]),
        ],
        weather: Weather { duplicate_every: Some(1), ..Weather::default() },
    }
}

fn played(plan: &Plan, script: &Script) -> Played {
    let texts: Vec<(&str, String)> = plan.tenants.iter().map(|one| (one.word, write::rules(one))).collect();
    let world = World::of(&texts).expect("a world without mistakes");
    let target = Offline::new(&world, plan.start).expect("its hours");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    let mut network = Network::new(script.clone());
    runtime.block_on(play(&mut network, &[], &world.signers, OFFLINE_BASE, &target)).expect("it has an end")
}

/// The happening of this thread that is this, doctored.
fn log(played: &mut Played, thread: usize, is: impl Fn(&What) -> bool) -> &mut Happening {
    let found = played.log.iter_mut().find(|happening| happening.thread == thread && is(&happening.what));
    found.expect("it happened")
}

fn remove(played: &mut Played, thread: usize, is: impl Fn(&What) -> bool) {
    let before = played.log.len();
    played.log.retain(|happening| happening.thread != thread || !is(&happening.what));
    assert!(played.log.len() < before, "it happened");
}

/// Puts other words into the document that began a thread.
fn rewrite(played: &mut Played, thread: usize, from: &str, to: &str) {
    let first = played.exchanges.iter_mut().find(|exchange| exchange.ask.thread == thread).expect("it was asked");
    let text = String::from_utf8_lossy(&first.answer.body).into_owned();
    assert!(text.contains(from), "{from} is in {text}");
    first.answer.body = text.replace(from, to).into_bytes();
}

fn decide(played: &mut Played, thread: usize, key: &str, value: serde_json::Value) {
    let first = played.exchanges.iter_mut().find(|exchange| exchange.ask.thread == thread).expect("it was asked");
    first.seen.as_mut().expect("it was decided").decision[key] = value;
}

fn forget(played: &mut Played, thread: usize, effect: &str) {
    for exchange in played.exchanges.iter_mut().filter(|exchange| exchange.ask.thread == thread) {
        exchange.seen.iter_mut().for_each(|seen| seen.effects.retain(|own| own != effect));
    }
}

type Doctoring = fn(&mut Plan, &mut Played);

/// What is doctored, which invariant does not hold then, and why.
const DOCTORED: [(Invariant, Doctoring, &str); 20] = [
    (Invariant::OneEnd, |_, run| remove(run, ACCEPTED, |what| matches!(what, What::Ended { .. })), "a line never ends"),
    (
        Invariant::OneEnd,
        |_, run| {
            let ended = log(run, MESSAGE, |what| matches!(what, What::Ended { .. })).clone();
            run.log.push(ended);
        },
        "a line ends twice",
    ),
    (Invariant::OneEnd, |_, run| forget(run, MESSAGE, "interaction.ended"), "an end that is not written down"),
    (
        Invariant::Acceptance,
        |_, run| remove(run, ACCEPTED, |what| matches!(what, What::Presses { .. })),
        "bridged without a key",
    ),
    (Invariant::Acceptance, |plan, _| plan.tenants[0].offices[0].masking.key = "7", "bridged on another key"),
    (
        Invariant::RealNumbers,
        |_, run| {
            let rings = log(run, ACCEPTED, |what| matches!(what, What::Rings { .. }));
            rings.what = What::Rings { who: "desk".to_owned(), shows: ANA.to_owned() };
        },
        "the desk sees the caller's phone",
    ),
    (
        Invariant::RealNumbers,
        |_, run| {
            let hears = log(run, ACCEPTED, |what| matches!(what, What::Hears { .. }));
            hears.what = What::Hears { who: "desk".to_owned(), words: "Call from (312) 555-0101.".to_owned() };
        },
        "the desk hears it",
    ),
    (
        Invariant::RealNumbers,
        |_, run| rewrite(run, ACCEPTED, "callerId=\"+13125550190\"", "callerId=\"+13125550101\""),
        "a document shows it",
    ),
    (Invariant::OneSession, |_, run| decide(run, ACCEPTED, "session", "ben".into()), "another session"),
    (Invariant::OneSession, |_, run| decide(run, BY_JO, "match", "grace".into()), "another match"),
    (
        Invariant::Cooling,
        |plan, _| plan.tenants[0].numbers[0].state = NumberState::Released(plan.start.minus(Duration::from_secs(9))),
        "the number was given back",
    ),
    (Invariant::Documents, |_, run| rewrite(run, ACCEPTED, "</Response>", "</Respons>"), "no XML"),
    (
        Invariant::Documents,
        |_, run| {
            let trouble = What::Trouble { code: 12_200, why: "an attribute".to_owned(), warning: true };
            log(run, ACCEPTED, |what| matches!(what, What::Rings { .. })).what = trouble;
        },
        "the provider warns",
    ),
    (
        Invariant::Once,
        |_, run| {
            let repeat = run.exchanges.iter_mut().find(|exchange| exchange.ask.repeats.is_some());
            repeat.expect("every request is sent twice").answer.body.push(b' ');
        },
        "a repeat gets other bytes",
    ),
    (Invariant::Hours, |plan, _| plan.tenants[0].offices[0].calendar.table = &TABLES[4], "the table says closed"),
    (Invariant::Tenants, |_, run| rewrite(run, ACCEPTED, "<Dial", "<!-- Bravo --><Dial"), "another tenant's word"),
    (
        Invariant::OptedOut,
        |_, run| {
            let at = log(run, STOP, |what| matches!(what, What::Texts { .. })).at;
            let (who, shows) = ("ana".to_owned(), NUMBER.to_owned());
            let what = What::Receives { who, shows, words: "We are here".to_owned(), media: Vec::new() };
            run.log.push(Happening { at, thread: STOP, what });
        },
        "a text after STOP",
    ),
    (Invariant::Caps, |plan, _| plan.tenants[0].limits.session_day = 1, "two calls where one is allowed"),
    (Invariant::Todos, |_, run| forget(run, MESSAGE, "todo.opened"), "a message that nobody is to hear"),
    (
        Invariant::Pins,
        |plan, _| {
            let (first, second) = ("0011".to_owned(), "0022".to_owned());
            let pins = Pins { first, second, forced: true, retry: 1, sounds: false };
            plan.tenants[0].sessions[0].pins = Some(pins);
        },
        "a phone rings, and no PIN was typed",
    ),
];

#[test]
fn a_case_that_holds_does_not_when_it_is_doctored() {
    let plan = plan();
    let script = script(&plan);
    let run = played(&plan, &script);
    let whole = Happened::new(&plan, &script, &run);
    assert_eq!(judge(&whole), [], "{:#?}", run.log);
    let talked: Vec<usize> =
        whole.threads.iter().filter(|one| one.bridged().next().is_some()).map(|one| one.no).collect();
    assert_eq!(talked, [ACCEPTED, BY_JO], "Ana with the desk, Jo with Ana");
    assert_eq!(whole.threads[TEXT].words, Some("Are you coming?"));
    for (invariant, doctor, why) in DOCTORED {
        let (mut plan, mut run) = (plan.clone(), run.clone());
        doctor(&mut plan, &mut run);
        let wrong = judge(&Happened::new(&plan, &script, &run));
        assert!(wrong.iter().any(|wrong| wrong.invariant == invariant), "{why}: {wrong:?}");
    }
    for invariant in Invariant::ALL {
        assert!(DOCTORED.iter().any(|(own, ..)| *own == invariant), "{invariant:?} is shown to fail");
    }
}

#[test]
fn another_end_in_bad_weather_is_seen() {
    let plan = plan();
    let script = script(&plan);
    let run = played(&plan, &script);
    let calm = Script { weather: Weather::default(), ..script.clone() };
    let good = played(&plan, &calm);
    let good = Happened::new(&plan, &calm, &good);
    assert_eq!(differs(&Happened::new(&plan, &script, &run), &good), []);
    let mut doctored = run.clone();
    remove(&mut doctored, ACCEPTED, |what| matches!(what, What::Bridged { .. }));
    let wrong = differs(&Happened::new(&plan, &script, &doctored), &good);
    assert_eq!(
        wrong.iter().map(|wrong| (wrong.invariant, wrong.thread)).collect::<Vec<_>>(),
        [(Invariant::Once, ACCEPTED)]
    );
}
