//! Writes a tenant of a random world as a rules file, as an operator would.
//!
//! Deliberately not here: drawing it.

use std::fmt::Write as _;

use crate::domain::Moment;
use crate::replay::phones::script::Speaks;

use super::plan::{JobStatus, NumberState, Office, Session, Tenant};

/// The rules file of a tenant.
pub fn rules(tenant: &Tenant) -> String {
    let mut out = String::new();
    let countries = if tenant.abroad { "[\"US\", \"GB\"]" } else { "[\"US\"]" };
    let limits = tenant.limits;
    let _ = writeln!(
        out,
        "[tenant]\nid = {:?}\nname = \"{} Co\"\nallowed_countries = {countries}\n\n[tenant.limits]\n\
         calls_per_minute_per_caller = {}\ncalls_per_day_per_session = {}\nconcurrent_calls = {}\n\
         attempts_per_minute_per_pair = {}",
        tenant.id, tenant.word, limits.caller_minute, limits.session_day, limits.at_once, limits.pair_minute
    );
    for account in &tenant.accounts {
        let (kind, secret) = match account.speaks {
            Speaks::Twilio => ("twilio", "auth_token"),
            Speaks::Signalwire => ("signalwire", "signing_key"),
        };
        let _ = writeln!(
            out,
            "\n[[provider_account]]\nid = {:?}\nkind = \"{kind}\"\naccount_sid = {:?}\n{secret} = \"fictitious\"\n\
             signature = \"enforce\"\nsandbox = true",
            account.id, account.sid
        );
        line(&mut out, "public_base_url", account.base.as_deref());
    }
    tenant.offices.iter().for_each(|one| office(&mut out, one));
    people(&mut out, tenant);
    for number in &tenant.numbers {
        let account = &tenant.accounts[number.account].id;
        let _ = writeln!(out, "\n[[number]]\ne164 = {:?}\nprovider_account_id = {account:?}", number.e164);
        line(&mut out, "location_id", number.office.map(|at| tenant.offices[at].id.as_str()));
        line(&mut out, "technician_id", number.technician.map(|at| tenant.technicians[at].id.as_str()));
        line(&mut out, "work_order_id", number.job.map(|at| tenant.jobs[at].id.as_str()));
        line(&mut out, "answer_url", number.answer_url.as_deref());
        match number.state {
            NumberState::Serves => {}
            NumberState::Released(at) => {
                let _ = writeln!(out, "state = \"cooldown\"\nreleased_at = {at}");
            }
            NumberState::Retired => out.push_str("state = \"retired\"\n"),
        }
    }
    tenant.sessions.iter().for_each(|one| session(&mut out, tenant, one));
    for contact in &tenant.contacts {
        let channel = if contact.text { "sms" } else { "voice" };
        let _ = writeln!(
            out,
            "\n[[contact]]\nnumber = {:?}\nfrom = {:?}\nto = {:?}\nat = {}\nchannel = \"{channel}\"\nby = {:?}",
            contact.number, contact.from, contact.to, contact.at, contact.by
        );
    }
    out
}

fn line(out: &mut String, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        let _ = writeln!(out, "{key} = {}", quoted(value));
    }
}

/// A TOML string.
fn quoted(value: &str) -> String {
    toml_edit::Value::from(value).to_string().trim().to_owned()
}

fn date(out: &mut String, key: &str, at: Option<Moment>) {
    if let Some(at) = at {
        let _ = writeln!(out, "{key} = {at}");
    }
}

fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", quoted.join(", "))
}

fn office(out: &mut String, office: &Office) {
    let calendar = &office.calendar;
    let _ = writeln!(
        out,
        "\n[[location]]\nid = {:?}\nname = {:?}\ntime_zone = {:?}\nhours = {:?}\non_no_answer = {}\nring_timeout = {}\n\
         ring = {:?}\ndispatcher_queue = {{ max_wait_seconds = {} }}",
        office.id,
        office.name,
        calendar.zone,
        calendar.table.words,
        list(office.on_no_answer),
        office.ring_timeout,
        if office.together { "together" } else { "in_turn" },
        office.longest_wait,
    );
    line(out, "holidays", calendar.holidays.then_some("US"));
    if let Some(day) = calendar.closed {
        let _ = writeln!(out, "closed_dates = [{day:?}]");
    }
    if let Some((day, words, _)) = calendar.special {
        let _ = writeln!(out, "special_hours = {{ {day:?} = {words:?} }}");
    }
    out.push_str("[location.prompts]\n");
    for (key, words) in &office.prompts {
        line(out, key, Some(words));
    }
    masking(out, office);
    for (at, one) in office.lines.iter().enumerate() {
        let _ = writeln!(
            out,
            "[[location.backoffice_line]]\nid = {:?}\nphone = {:?}\nposition = {}\nactive = {}\nsms = {}",
            one.id,
            one.phone,
            at + 1,
            one.active,
            one.sms
        );
    }
    for (when, route) in &office.rules {
        let _ = writeln!(out, "[[location.rule]]\nwhen = {when}\nroute = {route}");
    }
    if let Some((open, from, until)) = calendar.by_hand {
        let state = if open { "open" } else { "closed" };
        let _ = writeln!(out, "[[location.override]]\nstate = \"{state}\"\nfrom = {from}\nuntil = {until}");
    }
}

fn masking(out: &mut String, office: &Office) {
    let masking = &office.masking;
    let channels: Vec<&str> = [("voice", masking.voice), ("sms", masking.sms)]
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(word, _)| word)
        .collect();
    let _ = writeln!(
        out,
        "[location.masking]\nenabled = {}\nmasking_mode = {:?}\nmasking_default_channels = {}\ncooldown_days = {}\n\
         grace_window_days = {}\nsmart_callback_window_minutes = {}\nstore_sms_body = {}\nrecord_voice_calls = {}\n\
         voice_no_match_action = {:?}\ninbound_callback_route_in_hours = {:?}\n\
         inbound_callback_route_out_of_hours = {:?}\nbackoffice_whisper_enabled = {}\n\
         backoffice_whisper_require_accept = {}\nbackoffice_whisper_accept_key = {:?}\n\
         backoffice_whisper_timeout_seconds = {}\nbackoffice_whisper_text = {:?}",
        masking.enabled,
        masking.mode,
        list(&channels),
        masking.cooldown_days,
        masking.grace_days,
        masking.window,
        masking.keeps_words,
        masking.records,
        masking.no_match,
        masking.in_hours,
        masking.out_of_hours,
        masking.whisper,
        masking.accept,
        masking.key,
        masking.key_timeout,
        masking.words,
    );
}

fn people(out: &mut String, tenant: &Tenant) {
    for one in &tenant.technicians {
        let office = &tenant.offices[one.office].id;
        let _ = writeln!(
            out,
            "\n[[technician]]\nid = {:?}\nname = {}\nphone = {:?}\nlocation_id = {office:?}\nactive = {}",
            one.id,
            quoted(&one.name),
            one.phone,
            one.active
        );
    }
    for one in &tenant.customers {
        let phones: Vec<&str> = one.phones.iter().map(String::as_str).collect();
        let tags = if one.urgent { "[\"urgent\"]" } else { "[]" };
        let _ = writeln!(
            out,
            "\n[[customer]]\nid = {:?}\nname = {}\nphones = {}\ntags = {tags}",
            one.id,
            quoted(&one.name),
            list(&phones)
        );
    }
    for job in &tenant.jobs {
        let (office, customer) = (&tenant.offices[job.office].id, &tenant.customers[job.customer].id);
        let technician = &tenant.technicians[job.technician].id;
        let _ = writeln!(
            out,
            "\n[[work_order]]\nid = {:?}\nlocation_id = {office:?}\ncustomer_id = {customer:?}\n\
             technician_id = {technician:?}\ntitle = {}",
            job.id,
            quoted(&job.title)
        );
        match job.status {
            JobStatus::Open => {}
            JobStatus::Completed(at) => {
                let _ = writeln!(out, "status = \"completed\"\ncompleted_at = {at}");
            }
            JobStatus::Canceled(at) => {
                let _ = writeln!(out, "status = \"canceled\"\ncanceled_at = {at}");
            }
        }
    }
}

fn session(out: &mut String, tenant: &Tenant, session: &Session) {
    let number = &tenant.numbers[session.number].e164;
    let _ = writeln!(out, "\n[[session]]\nid = {:?}\nnumber = {number:?}", session.id);
    line(out, "first_party", session.first.as_deref());
    line(out, "second_party", session.second.as_deref());
    if let Some((technician, customer, job)) = session.work {
        line(out, "technician_id", Some(&tenant.technicians[technician].id));
        line(out, "customer_id", Some(&tenant.customers[customer].id));
        line(out, "work_order_id", job.map(|at| tenant.jobs[at].id.as_str()));
    }
    date(out, "started_at", session.begins);
    date(out, "expires_at", session.expires);
    date(out, "ended_at", session.ended.map(|(at, _)| at));
    line(out, "ended_by", session.ended.map(|(_, by)| by));
    if let Some(records) = session.records {
        let _ = writeln!(out, "record = {records}");
    }
    if let Some((ring, limit)) = session.times {
        let _ = writeln!(out, "ring_timeout = {ring}\ncall_time_limit = {limit}");
    }
    if session.sounds {
        let base = format!("https://play.example.com/{}/{}", tenant.word, session.id);
        line(out, "first_party_play_url", Some(&format!("{base}-first.mp3")));
        line(out, "second_party_play_url", Some(&format!("{base}-second.mp3")));
    }
    terms(out, tenant, session);
}

fn terms(out: &mut String, tenant: &Tenant, session: &Session) {
    let sound = |what: &str| format!("https://play.example.com/{}/{}-{what}.mp3", tenant.word, session.id);
    line(out, "unknown_caller_play", session.greets.then(|| sound("who")).as_deref());
    if session.work.is_none() && session.cooloff > 0 {
        let _ = writeln!(out, "virtual_number_cooloff_period = {}", session.cooloff);
    }
    let Some(pins) = &session.pins else { return };
    let _ = writeln!(
        out,
        "is_pin_authentication_required = true\nfirst_party_pin = {:?}\nsecond_party_pin = {:?}\npin_retry = {}\n\
         force_pin_authentication = {}",
        pins.first, pins.second, pins.retry, pins.forced
    );
    if pins.sounds {
        line(out, "pin_prompt_play", Some(&sound("pin")));
        line(out, "incorrect_pin_play", Some(&sound("wrong")));
    }
}
