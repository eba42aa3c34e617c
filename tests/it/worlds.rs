//! Worlds by the roll of dice: two tenants with accounts, offices, lines, people, jobs, numbers and sessions, as rules
//! files; and what of each nobody else may see.
//!
//! Deliberately not here: what is played in them (`private`).

use std::collections::BTreeSet;
use std::fmt::Write;

/// Dice that were rolled before; when they are used up, all that follow are 0.
pub struct Dice<'a>(pub std::slice::Iter<'a, u8>);

impl Dice<'_> {
    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0.next().map_or(0, |byte| usize::from(*byte) % sides)
    }

    /// True once in `sides` times.
    pub fn once_in(&mut self, sides: usize) -> bool {
        self.roll(sides) == sides - 1
    }

    /// One of these.
    pub fn of<'t, T: ?Sized>(&mut self, choices: &[&'t T]) -> &'t T {
        choices[self.roll(choices.len())]
    }
}

/// A phone that customers of both tenants have.
pub const SHARED: &str = "+12125550150";
/// Phones that nobody knows.
pub const STRANGERS: [&str; 2] = ["+17205550170", "+17205550171"];
/// A phone in a country that nobody may call.
const ABROAD: &str = "+447700900123";

/// A back-office line.
pub struct Line {
    /// Its phone.
    pub phone: String,
    /// The key that must be pressed on it, where one must.
    pub key: Option<&'static str>,
}

/// What a tenant has.
pub struct Tenant {
    /// Its account.
    pub account: String,
    /// Its rules.
    pub rules: String,
    /// A word that is in every name and prompt of it, and in no other tenant's.
    pub word: &'static str,
    /// Its rented numbers.
    pub numbers: Vec<String>,
    /// Phones of its technicians and customers.
    pub people: Vec<String>,
    /// Its lines.
    pub lines: Vec<Line>,
    /// Numbers and phones that sessions join.
    pub pairs: Vec<(String, String)>,
}

/// Two tenants.
pub fn two(dice: &mut Dice<'_>) -> [Tenant; 2] {
    [tenant(dice, "Alpha", "312"), tenant(dice, "Bravo", "303")]
}

fn tenant(dice: &mut Dice<'_>, word: &'static str, area: &str) -> Tenant {
    let id = word.to_lowercase();
    let phone = |last: usize| format!("+1{area}55501{last:02}");
    let account = format!("{id}-line");
    let mut rules = format!("[tenant]\nid = \"{id}\"\nname = \"{word} Co\"\nallowed_countries = [\"US\"]\n");
    if !dice.once_in(4) {
        rules.push_str(
            "[tenant.limits]\ncalls_per_minute_per_caller = 0\ncalls_per_day_per_session = 0\n\
             attempts_per_minute_per_pair = 0\n",
        );
    }
    let (kind, secret) = if dice.once_in(3) { ("signalwire", "signing_key") } else { ("twilio", "auth_token") };
    let _ = writeln!(
        rules,
        "[[provider_account]]\nid = \"{account}\"\nkind = \"{kind}\"\naccount_sid = \"AC-{id}\"\n{secret} = \"k\"\n\
         signature = \"off\"\nsandbox = true"
    );
    let mut lines = Vec::new();
    for place in 0..2 {
        location(dice, word, place, &phone, &mut rules, &mut lines);
    }
    let mut people = people(dice, word, &phone, &mut rules);
    let numbers: Vec<String> = (90..93).map(phone).collect();
    let owned = dice.once_in(2);
    for (no, number) in numbers.iter().enumerate() {
        let _ = writeln!(rules, "[[number]]\ne164 = \"{number}\"\nprovider_account_id = \"{account}\"");
        match no {
            1 if owned => rules.push_str("location_id = \"p1\"\ntechnician_id = \"t0\"\n"),
            2 if dice.once_in(2) => rules.push_str("location_id = \"p0\"\nwork_order_id = \"w0\"\n"),
            _ => {
                let _ = writeln!(rules, "location_id = \"p{}\"", no % 2);
            }
        }
        if dice.once_in(6) {
            let _ = writeln!(rules, "answer_url = \"https://{id}.example/{word}\"");
        }
    }
    let pairs = sessions(dice, word, &numbers, owned, &phone, &mut rules);
    people.push(SHARED.to_owned());
    people.push(ABROAD.to_owned());
    Tenant { account, rules, word, numbers, people, lines, pairs }
}

fn location(
    dice: &mut Dice<'_>,
    word: &str,
    place: usize,
    phone: &impl Fn(usize) -> String,
    rules: &mut String,
    lines: &mut Vec<Line>,
) {
    let hours = dice.of(&["", "Mo-Fr 08:00-17:00", "off"]);
    let overflow = dice.of(&["[]", "[\"technician\"]", "[\"backoffice\", \"technician\"]", "[\"backoffice\"]"]);
    let ring = dice.of(&["in_turn", "together"]);
    let mode = dice.of(&["shared_tenant", "shared_location", "per_technician", "per_job_ephemeral"]);
    let channels = dice.of(&["[\"voice\", \"sms\"]", "[\"voice\", \"sms\"]", "[\"voice\"]", "[\"sms\"]"]);
    let mut route = || dice.of(&["backoffice", "backoffice", "technician", "voicemail"]);
    let (open, closed) = (route(), route());
    let nobody = dice.of(&["hangup", "voicemail", "dispatcher_queue"]);
    let count = [1, 1, 1, 2, 0][dice.roll(5)];
    let (whisper, accept) = (!dice.once_in(6), !dice.once_in(6) && count < 2);
    let key = dice.of(&["1", "#", "*", "7"]);
    let (enabled, store, record) = (!dice.once_in(4), dice.once_in(2), dice.once_in(3));
    let text = dice.of(&["", "{customer_name}, {tech_name}, {location_name}, {accept_key}"]);
    let _ = writeln!(
        rules,
        "[[location]]\nid = \"p{place}\"\nname = \"{word} Office\"\ntime_zone = \"America/Chicago\"\nhours = \"{hours}\"\n\
         on_no_answer = {overflow}\nring = \"{ring}\"\nring_timeout = 25\n\
         [location.prompts]\nvoicemail_greeting = \"{word} for {{customer_name}}\"\nclosed_sms = \"{word} is closed\"\n\
         no_match = \"https://play.example/{word}.mp3\"\n\
         [location.masking]\nenabled = {enabled}\nmasking_mode = \"{mode}\"\nmasking_default_channels = {channels}\n\
         store_sms_body = {store}\nrecord_voice_calls = {record}\nvoice_no_match_action = \"{nobody}\"\n\
         inbound_callback_route_in_hours = \"{open}\"\ninbound_callback_route_out_of_hours = \"{closed}\"\n\
         backoffice_whisper_enabled = {whisper}\nbackoffice_whisper_require_accept = {accept}\n\
         backoffice_whisper_accept_key = \"{key}\"\nbackoffice_whisper_text = \"{text}\""
    );
    for no in 0..count {
        let phone = phone(20 + 2 * place + no);
        let sms = dice.once_in(2);
        let _ =
            writeln!(rules, "[[location.backoffice_line]]\nid = \"l{place}{no}\"\nphone = \"{phone}\"\nsms = {sms}");
        lines.push(Line { phone, key: (whisper && accept).then_some(key) });
    }
    if dice.once_in(3) {
        let when = dice.of(&["{ caller = \"customer\" }", "{ match = \"none\" }", "{ caller = \"unknown\" }"]);
        let route = dice.of(&["\"backoffice\"", "\"voicemail\"", "{ technician = \"t1\" }", "\"dispatcher_queue\""]);
        let _ = writeln!(rules, "[[location.rule]]\nwhen = {when}\nroute = {route}");
    }
}

fn people(dice: &mut Dice<'_>, word: &str, phone: &impl Fn(usize) -> String, rules: &mut String) -> Vec<String> {
    let mut found = Vec::new();
    let mut name = |no: usize, own: &str| match dice.roll(5) {
        0 => format!("{own} 'at home'"),
        1 => String::new(),
        2 => format!("{word} <b>{{{{x}}}} & co</b>\\u0001"),
        _ => format!("{word} Person {no}"),
    };
    for no in 0..3 {
        let own = phone(40 + no);
        let _ = writeln!(
            rules,
            "[[technician]]\nid = \"t{no}\"\nname = \"{}\"\nphone = \"{own}\"\nlocation_id = \"p{}\"",
            name(no, &own),
            no % 2
        );
        found.push(own);
    }
    for no in 0..5 {
        let own = phone(1 + no);
        let more = match no {
            3 => format!(", \"{SHARED}\""),
            4 => format!(", \"{ABROAD}\""),
            _ => String::new(),
        };
        let name = name(no, &own);
        let _ = writeln!(rules, "[[customer]]\nid = \"c{no}\"\nname = \"{name}\"\nphones = [\"{own}\"{more}]");
        found.push(own);
    }
    for no in 0..2 {
        let title = phone(1 + no);
        let _ = writeln!(
            rules,
            "[[work_order]]\nid = \"w{no}\"\nlocation_id = \"p{no}\"\ncustomer_id = \"c{no}\"\ntechnician_id = \"t{no}\"\n\
             title = \"{title}\""
        );
    }
    found
}

/// Sessions, of which a number and a phone have one at most; a technician's own number is the exception.
fn sessions(
    dice: &mut Dice<'_>,
    word: &str,
    numbers: &[String],
    owned: bool,
    phone: &impl Fn(usize) -> String,
    rules: &mut String,
) -> Vec<(String, String)> {
    let (mut taken, mut pairs) = (BTreeSet::new(), Vec::new());
    for no in 0..2 + dice.roll(6) {
        let number = dice.roll(3);
        let (technician, customer) = (if number == 1 && owned { 0 } else { dice.roll(3) }, dice.roll(6));
        let second = match customer {
            5 => ABROAD.to_owned(),
            4 if dice.once_in(2) => SHARED.to_owned(),
            _ => phone(1 + customer),
        };
        let first = phone(40 + technician);
        let shared = number == 1 && owned;
        if taken.contains(&(number, second.clone())) || !shared && taken.contains(&(number, first.clone())) {
            continue;
        }
        taken.insert((number, second.clone()));
        taken.insert((number, first.clone()));
        let number = &numbers[number];
        pairs.extend([(number.clone(), second.clone()), (number.clone(), first.clone())]);
        let _ = writeln!(
            rules,
            "[[session]]\nid = \"s{no}\"\nnumber = \"{number}\"\nfirst_party = \"{first}\"\nsecond_party = \"{second}\""
        );
        match dice.roll(4) {
            0 => {}
            1 => rules.push_str(&format!("technician_id = \"t{technician}\"\nwork_order_id = \"w{}\"\n", no % 2)),
            _ => rules.push_str(&format!("technician_id = \"t{technician}\"\ncustomer_id = \"c{}\"\n", customer % 5)),
        }
        rules.push_str(dice.of(&[
            "",
            "",
            "",
            "expires_at = 2026-03-09T10:00:00-05:00\n",
            "ended_at = 2026-03-09T08:00:00-05:00\nended_by = \"job\"\n",
        ]));
        rules.push_str(dice.of(&["", "record = true\n", "record = false\n"]));
        if dice.once_in(3) {
            let _ = writeln!(rules, "first_party_play_url = \"https://play.example/{word}/1.mp3\"");
            let _ = writeln!(rules, "second_party_play_url = \"https://play.example/{word}/2.mp3\"");
        }
    }
    pairs
}
