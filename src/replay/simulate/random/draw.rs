//! Draws a random world: two tenants with their accounts, caps and offices.
//!
//! Deliberately not here: their people, numbers and sessions (`people`).

use std::time::Duration;

use crate::domain::Moment;
use crate::replay::phones::script::Speaks;

use super::calendar::{CLOSED, Calendar, DAYS, ODD, SPECIAL, TABLES, ZONES};
use super::dice::Dice;
use super::people;
use super::plan::{Account, Limits, Line, Masking, Office, Plan, Tenant};

const KEYS: [&str; 12] = ["1", "1", "2", "3", "4", "5", "6", "7", "8", "9", "*", "#"];
const ROUTES: [&str; 6] = ["backoffice", "backoffice", "backoffice", "technician", "technician", "voicemail"];
const OVERFLOWS: [&[&str]; 6] = [
    &[],
    &["voicemail"],
    &["technician"],
    &["backoffice"],
    &["backoffice", "technician"],
    &["technician", "voicemail"],
];
const MODES: [&str; 4] = ["shared_tenant", "shared_location", "per_technician", "per_job_ephemeral"];
const NO_MATCHES: [&str; 3] = ["hangup", "voicemail", "dispatcher_queue"];
const WHISPERS: [&str; 3] = ["", "{customer_name} for {tech_name} at {location_name}, {accept_key}", "A call."];

/// Rules that an office may have: what `when` holds, and where it goes.
const RULES: [(&str, &str); 9] = [
    ("{ caller = \"customer\", tag = \"urgent\" }", "\"technician\""),
    ("{ match = \"none\" }", "{ technician = \"t1\" }"),
    ("{ caller = \"unknown\" }", "\"backoffice\""),
    ("{ match = [\"live\", \"grace\"], hours = \"closed\" }", "\"backoffice\""),
    ("{ caller = \"unknown\", channel = \"sms\" }", "\"voicemail\""),
    ("{ match = \"none\", hours = [\"open\", \"override_open\"] }", "\"dispatcher_queue\""),
    ("{ match = \"owner\" }", "\"hangup\""),
    ("{ reply = true, channel = \"voice\" }", "\"voicemail\""),
    ("{ days = \"Sa-Su\", between = \"20:00-06:00\" }", "\"dispatcher_queue\""),
];

/// Draws a world.
pub fn plan(dice: &mut Dice) -> Plan {
    let start = Moment::read(dice.of(&DAYS)).unwrap_or_default();
    // On a quarter of an hour, or a second beside it: hours begin and end there.
    let quarter = Duration::from_secs(900 * dice.between(0, 96));
    let start = Moment(start.plus(quarter).0 + dice.of(&[0, 0, -1_000_000, 1_000_000, 437_000_000]));
    let abroad = dice.once_in(6);
    Plan { start, tenants: [tenant(dice, "Alpha", "312", start, abroad), tenant(dice, "Bravo", "303", start, false)] }
}

fn tenant(dice: &mut Dice, word: &'static str, area: &str, start: Moment, abroad: bool) -> Tenant {
    let id = word.to_lowercase();
    let accounts = (0..2).map(|no| account(dice, &id, no)).collect();
    let offices = (0..1 + dice.below(3)).map(|no| office(dice, word, area, no, start)).collect();
    let mut tenant = Tenant {
        word,
        id,
        abroad,
        limits: limits(dice),
        accounts,
        offices,
        technicians: Vec::new(),
        customers: Vec::new(),
        jobs: Vec::new(),
        numbers: Vec::new(),
        sessions: Vec::new(),
        contacts: Vec::new(),
    };
    people::draw(dice, &mut tenant, area, start);
    tenant
}

/// Mostly none, the ones that a new tenant has, or ones that a case reaches.
fn limits(dice: &mut Dice) -> Limits {
    match dice.below(5) {
        0 => Limits { caller_minute: 6, session_day: 30, at_once: 200, pair_minute: 3 },
        1 => Limits {
            caller_minute: dice.of(&[0, 1, 2]),
            session_day: dice.of(&[0, 1, 3]),
            at_once: dice.of(&[0, 1, 2]),
            pair_minute: dice.of(&[0, 1, 2]),
        },
        _ => Limits { caller_minute: 0, session_day: 0, at_once: 0, pair_minute: 0 },
    }
}

/// The first speaks Twilio's language, the second SignalWire's.
fn account(dice: &mut Dice, id: &str, no: usize) -> Account {
    let (speaks, name) = if no == 0 { (Speaks::Twilio, "twilio") } else { (Speaks::Signalwire, "signalwire") };
    let sid = match (speaks, id) {
        (Speaks::Twilio, "alpha") => "ACa0000000000000000000000000000000".to_owned(),
        (Speaks::Twilio, _) => "ACb0000000000000000000000000000000".to_owned(),
        (Speaks::Signalwire, "alpha") => "a0000000-0000-4000-8000-000000000000".to_owned(),
        (Speaks::Signalwire, _) => "b0000000-0000-4000-8000-000000000000".to_owned(),
    };
    let base = dice.once_in(8).then(|| format!("https://{id}-{name}.example.com/deep"));
    Account { id: format!("{id}-{name}"), speaks, sid, base }
}

fn office(dice: &mut Dice, word: &'static str, area: &str, no: usize, start: Moment) -> Office {
    let count = dice.of(&[0, 1, 1, 1, 1, 2, 3]);
    let lines: Vec<Line> = (0..count)
        .map(|line| Line {
            id: format!("l{no}{line}"),
            phone: format!("+1{area}55501{}", 20 + 4 * no + line),
            active: !dice.once_in(8),
            sms: dice.once_in(2),
        })
        .collect();
    let one = lines.iter().filter(|line| line.active).count() < 2;
    let rules = (0..dice.of(&[0, 0, 0, 1, 2])).map(|_| dice.of(&RULES));
    let mut rules: Vec<(&str, &str)> = rules.collect();
    if !lines.is_empty() && no == 0 && dice.once_in(8) {
        rules.push(("{ caller = \"customer\", hours = \"open\" }", "{ line = \"l00\" }"));
    }
    Office {
        id: format!("p{no}"),
        name: format!("{word} Office {no}"),
        calendar: calendar(dice, no, start),
        on_no_answer: dice.of(&OVERFLOWS),
        ring_timeout: dice.of(&[5, 10, 20, 25, 60]),
        together: dice.once_in(2),
        longest_wait: dice.of(&[15, 45, 300]),
        prompts: prompts(dice, word),
        masking: masking(dice, one),
        lines,
        rules,
    }
}

/// The first office is in the United States, another one far away.
fn calendar(dice: &mut Dice, no: usize, start: Moment) -> Calendar {
    let table = &TABLES[dice.below(TABLES.len())];
    // One of them at the most, so that hours are compiled seldom. What goes on after midnight of a day that is closed by
    // its date is for nobody to say.
    let by_day = !table.words.contains("02:30");
    let (holidays, closed, special) = match dice.below(8) {
        0..3 => (true, None, None),
        3 if by_day => (false, Some(dice.of(&CLOSED)), None),
        4 if by_day => (false, None, Some(&SPECIAL[dice.below(SPECIAL.len())])),
        _ => (false, None, None),
    };
    let by_hand = dice.once_in(6).then(|| {
        let from = start.minus(dice.seconds(0, 7200));
        (dice.once_in(2), from, start.plus(dice.seconds(1, 14_400)))
    });
    Calendar { zone: if no == 1 { dice.of(&ODD) } else { dice.of(&ZONES) }, table, holidays, closed, special, by_hand }
}

fn prompts(dice: &mut Dice, word: &str) -> Vec<(&'static str, String)> {
    let all = [
        ("voicemail_greeting", format!("{word} at {{location_name}} is away, {{customer_name}}.")),
        ("voicemail_goodbye", format!("https://play.example.com/{word}/thanks.mp3")),
        ("no_match", format!("https://play.example.com/{word}/none.mp3")),
        ("recording_disclosure", format!("{word} records this call.")),
        ("unreachable", format!("{word} cannot reach them.")),
        ("rate_limited", format!("{word} says: too often.")),
        ("menu_intro", format!("{word} asks whom to call.")),
        ("queue_wait", format!("Please hold for {word}.")),
        ("closed_sms", format!("{word} is closed.")),
        ("closed_sms", format!("{word} will answer in the morning.")),
    ];
    let mut own: Vec<(&str, String)> = all.into_iter().filter(|_| dice.once_in(3)).collect();
    own.dedup_by_key(|(key, _)| *key);
    own
}

fn masking(dice: &mut Dice, one_line: bool) -> Masking {
    Masking {
        enabled: !dice.once_in(8),
        mode: dice.of(&MODES),
        voice: !dice.once_in(10),
        sms: true,
        cooldown_days: dice.of(&[0, 1, 30]),
        grace_days: dice.of(&[0, 1, 7]),
        window: dice.of(&[1, 5, 60, 1440]),
        keeps_words: dice.once_in(2),
        records: dice.once_in(4),
        no_match: dice.of(&NO_MATCHES),
        in_hours: dice.of(&ROUTES),
        out_of_hours: dice.of(&ROUTES),
        whisper: !dice.once_in(5),
        accept: one_line && !dice.once_in(4),
        key: dice.of(&KEYS),
        key_timeout: dice.of(&[1, 5, 10]),
        words: dice.of(&WHISPERS),
    }
    .or_texts_only(dice)
}

impl Masking {
    /// One channel is masked at least; now and then not the texts.
    fn or_texts_only(mut self, dice: &mut Dice) -> Self {
        self.sms = !self.voice || !dice.once_in(10);
        self
    }
}
