//! Draws who does what in a random world: who calls and texts whom, what they press, when they hang up, and what the
//! network is like.
//!
//! Deliberately not here: what comes of it.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::replay::phones::Script;
use crate::replay::phones::script::{Act, Begins, HangUp, Manner, Party, Pickup, Press, Rented, Stage, Weather};
use crate::replay::target::OFFLINE_BASE;

use super::dice::Dice;
use super::people::SHARED;
use super::plan::{Plan, Tenant};

/// Phones that nobody knows, and callers that are nobody.
const STRANGERS: [&str; 2] = ["+17205550170", "+17205550171"];
const NOBODY: [&str; 14] = [
    "anonymous",
    "Anonymous",
    "RESTRICTED",
    "unknown",
    "unavailable",
    "Private",
    "",
    "+266696687",
    "+7378742833",
    "+2562533",
    "+8656696",
    "+86282452253",
    "sip:somebody@example.com",
    "72345",
];

/// Words of texts: opt-out words in the ways that people write them, answers to a choice, and others.
const TEXTS: [&str; 14] = [
    "Are you there?",
    "On my way",
    "1",
    "2",
    "Yes",
    "STOP",
    "stop ",
    "Unsubscribe",
    "Stop it please",
    "START",
    "unstop",
    "HELP",
    "1 & 2 < 3 > \u{1F527}\u{0007}",
    "",
];

/// What somebody writes who opted out just now.
const BACK: [&str; 4] = ["start", "YES", "Unstop", "Hello?"];

/// The most that is begun in a case.
const MOST: usize = 9;

/// How many calls and texts the case of a seed begins: drawn first, so that it is known before the case is drawn.
pub fn begun(dice: &mut Dice) -> usize {
    1 + dice.below(MOST)
}

/// Draws a script in this world, in which so much is begun.
pub fn script(dice: &mut Dice, plan: &Plan, begun: usize, seed: u64) -> Script {
    let mut parties = parties(dice, plan);
    let mut after = Duration::ZERO;
    let mut last: Option<(String, String)> = None;
    let mut stopped = false;
    let burst = dice.once_in(5);
    for _ in 0..begun {
        after += pause(dice, burst);
        let again = last.clone().filter(|_| burst && !dice.once_in(4) || dice.once_in(4));
        let (phone, number) = again.unwrap_or_else(|| between(dice, plan));
        stopped &= last.as_ref() == Some(&(phone.clone(), number.clone()));
        last = Some((phone.clone(), number.clone()));
        let text = stopped || dice.once_in(if phone.starts_with('+') { 4 } else { 12 });
        let what = if text {
            let words = if stopped { dice.of(&BACK) } else { dice.of(&TEXTS) }.to_owned();
            stopped = words.eq_ignore_ascii_case("stop");
            let media = if words.is_empty() || dice.once_in(6) { 1 + u8::from(dice.once_in(2)) } else { 0 };
            Begins::Texts { number, words, media }
        } else {
            let usual = manner(dice, "1", true);
            let manner = typing(dice, &plan.pins(&number), usual);
            Begins::Dials { number, manner }
        };
        let at = parties.iter().position(|party| party.phone == phone).unwrap_or_else(|| {
            parties.push(Party { name: named(&phone), phone, acts: Vec::new(), rung: Vec::new() });
            parties.len() - 1
        });
        parties[at].acts.push(Act { after, what });
    }
    Script {
        start: plan.start,
        seed: seed & i64::MAX.unsigned_abs(),
        numbers: rented(plan),
        parties,
        weather: weather(dice),
    }
}

/// What a story calls somebody without a name: their phone, or the word that stands in its place.
fn named(phone: &str) -> String {
    if phone.is_empty() { "nobody".to_owned() } else { format!("caller-{phone}") }
}

/// Between two beginnings: at once, seconds, minutes, hours.
fn pause(dice: &mut Dice, burst: bool) -> Duration {
    match dice.below(if burst { 4 } else { 12 }) {
        0 => Duration::ZERO,
        1..4 => dice.seconds(0, 20),
        4..8 => dice.seconds(10, 90),
        8..10 => dice.seconds(60, 900),
        10 => dice.seconds(600, 7200),
        _ => dice.seconds(3600, 40_000),
    }
}

/// Who calls which number: mostly somebody who has a session there.
fn between(dice: &mut Dice, plan: &Plan) -> (String, String) {
    let which = dice.below(2);
    let (tenant, other) = (&plan.tenants[which], &plan.tenants[1 - which]);
    let number = tenant.numbers[dice.below(tenant.numbers.len())].e164.clone();
    let phone = match dice.below(20) {
        0 | 1 => dice.of(&STRANGERS).to_owned(),
        2 => dice.of(&NOBODY).to_owned(),
        3 => {
            let whose = if dice.once_in(2) { tenant } else { other };
            whose.numbers[dice.below(whose.numbers.len())].e164.clone()
        }
        4 => some_phone(dice, other),
        5 | 6 => some_phone(dice, tenant),
        _ if !tenant.sessions.is_empty() => {
            let session = &tenant.sessions[dice.below(tenant.sessions.len())];
            let (one, another) = (session.second.clone(), session.first.clone());
            let phone = if dice.once_in(3) { another.or(one) } else { one.or(another) };
            return (phone.unwrap_or_default(), tenant.numbers[session.number].e164.clone());
        }
        _ => dice.of(&SHARED).to_owned(),
    };
    (phone, number)
}

fn some_phone(dice: &mut Dice, tenant: &Tenant) -> String {
    let phones: Vec<&str> = tenant.phones().collect();
    dice.of(&phones).to_owned()
}

/// Everybody who has a phone, with what happens when it rings.
fn parties(dice: &mut Dice, plan: &Plan) -> Vec<Party> {
    let mut known = BTreeSet::new();
    let mut parties = Vec::new();
    let mut add = |dice: &mut Dice, name: String, phone: &str, key: &str| {
        if known.insert(phone.to_owned()) {
            let rung = (0..1 + dice.below(3)).map(|_| pickup(dice, key)).collect();
            parties.push(Party { name, phone: phone.to_owned(), acts: Vec::new(), rung });
        }
    };
    for phone in SHARED {
        add(dice, format!("customer-{}", &phone[8..]), phone, "1");
    }
    for tenant in &plan.tenants {
        let who = |id: &str| format!("{}-{id}", tenant.id);
        for one in &tenant.technicians {
            add(dice, who(&one.id), &one.phone, "1");
        }
        for one in &tenant.customers {
            for (at, phone) in one.phones.iter().enumerate() {
                let more = if at == 0 { String::new() } else { format!("-{}", at + 1) };
                add(dice, who(&one.id) + &more, phone, "1");
            }
        }
        for office in &tenant.offices {
            for line in &office.lines {
                add(dice, who(&line.id), &line.phone, office.masking.key);
            }
        }
    }
    for (at, phone) in STRANGERS.iter().enumerate() {
        add(dice, format!("stranger-{}", at + 1), phone, "1");
    }
    parties
}

/// What happens when a phone rings whose owner is asked for this key.
fn pickup(dice: &mut Dice, key: &str) -> Pickup {
    match dice.below(16) {
        0 => Pickup::Busy,
        1 | 2 => Pickup::NoAnswer,
        3 => Pickup::Rejects { after: dice.seconds(0, 10) },
        4 => Pickup::Unreachable,
        5 | 6 => Pickup::CarrierVoicemail {
            after: dice.seconds(0, 15),
            greeting: dice.seconds(1, 20),
            beep: dice.once_in(2),
        },
        7 => Pickup::Answers { after: dice.seconds(15, 70), manner: manner(dice, key, false) },
        8..11 => Pickup::Answers { after: dice.seconds(0, 4), manner: asked(dice, key) },
        _ => Pickup::Answers { after: dice.seconds(0, 12), manner: manner(dice, key, false) },
    }
}

fn manner(dice: &mut Dice, key: &str, caller: bool) -> Manner {
    let presses = (0..dice.of(&[0, 1, 1, 2, 2, 3])).map(|_| press(dice, key)).collect();
    let stages: &[Stage] = if caller {
        &[Stage::Ringing, Stage::Prompt, Stage::Whisper, Stage::Recording, Stage::Queue]
    } else {
        &[Stage::Prompt, Stage::Whisper]
    };
    let hangs_up = match dice.below(10) {
        0 => Some(HangUp::At(dice.seconds(0, 60))),
        1 | 2 => Some(HangUp::During(dice.of(stages), dice.seconds(0, 8))),
        3 | 4 => Some(HangUp::AfterBridge(dice.seconds(0, 120))),
        _ => None,
    };
    let speaks = if dice.once_in(4) { Duration::ZERO } else { dice.seconds(0, 25) };
    Manner { presses, hangs_up, speaks }
}

/// Somebody on a number with PINs: they type one of them, somebody's who is not there, none, or go on as they would.
fn typing(dice: &mut Dice, pins: &[&str], mut manner: Manner) -> Manner {
    if pins.is_empty() || dice.once_in(4) {
        return manner;
    }
    let usual = dice.of(pins);
    let tries = 1 + dice.below(4);
    let one = |dice: &mut Dice| {
        let keys = match dice.below(6) {
            0 | 1 => "9999".to_owned(),
            2 => String::new(),
            3 => format!("{}#", dice.of(pins)),
            _ => usual.to_owned(),
        };
        Press { keys, after: dice.seconds(0, 4) }
    };
    manner.presses = (0..tries).map(|_| one(dice)).collect();
    manner
}

/// Somebody who answers as they are asked: with the key, with a wrong one first, with wrong ones only, with none.
fn asked(dice: &mut Dice, key: &str) -> Manner {
    let wrong = if key == "8" { "7" } else { "8" };
    let keys: &[&str] = match dice.below(6) {
        0 | 1 => &[key],
        2 => &[wrong, key],
        3 | 4 => &[wrong, wrong],
        _ => &[],
    };
    let press = |key: &&str| Press { keys: (*key).to_owned(), after: Duration::from_secs(2) };
    Manner { presses: keys.iter().map(press).collect(), ..Manner::default() }
}

/// A key: often the one that is waited for; early, late, or none.
fn press(dice: &mut Dice, key: &str) -> Press {
    let keys = match dice.below(12) {
        0 => "",
        1 | 2 => dice.of(&["0", "9", "#", "12", "*"]),
        3 | 4 => dice.of(&["1", "2", "*"]),
        _ => key,
    };
    let after = if dice.once_in(4) { dice.seconds(0, 30) } else { dice.seconds(0, 8) };
    Press { keys: keys.to_owned(), after }
}

fn rented(plan: &Plan) -> Vec<Rented> {
    let of_tenant = |tenant: &Tenant| {
        let one = |number: &super::plan::Number| {
            let account = &tenant.accounts[number.account];
            let base = account.base.as_deref().unwrap_or(OFFLINE_BASE);
            Rented {
                number: number.e164.clone(),
                speaks: account.speaks,
                account: account.id.clone(),
                account_sid: account.sid.clone(),
                webhooks: format!("{base}/webhooks/{}", account.id),
            }
        };
        tenant.numbers.iter().map(one).collect::<Vec<_>>()
    };
    plan.tenants.iter().flat_map(of_tenant).collect()
}

/// Half of the time as it should be.
fn weather(dice: &mut Dice) -> Weather {
    if dice.once_in(2) {
        return Weather::default();
    }
    let often = |dice: &mut Dice, least: u64, most: u64| u32::try_from(dice.between(least, most)).unwrap_or(1);
    Weather {
        duplicate_every: (!dice.once_in(3)).then(|| often(dice, 1, 4)),
        drop_reply_every: dice.once_in(3).then(|| often(dice, 2, 9)),
        delay: if dice.once_in(3) { dice.seconds(0, 2) } else { Duration::ZERO },
        reorder_statuses: dice.once_in(2),
    }
}
