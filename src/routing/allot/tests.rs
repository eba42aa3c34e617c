//! Which number is given, and why not another: a row a rule.
//!
//! Deliberately not here: what holds for any world (`properties`).

use std::sync::Arc;

use super::*;
use crate::domain::{Door, Pins, Terms};
use crate::rules::file;
use crate::rules::ruleset::Ruleset;

/// Two offices; Chicago has three numbers of its own, Boston one, and one has no office.
const WORLD: &str = r#"
[tenant]
id = "acme"
default_location = "chicago"
[[provider_account]]
id = "acme-twilio"
kind = "twilio"
auth_token = "t"
sandbox = true
[[location]]
id = "chicago"
[location.masking]
enabled = true
masking_mode = "shared_location"
cooldown_days = 30
grace_window_days = 7
[[location]]
id = "boston"
[location.masking]
enabled = true
masking_mode = "shared_location"
[[technician]]
id = "jo"
phone = "+13125550144"
[[technician]]
id = "max"
phone = "+13125550145"
[[work_order]]
id = "job"
[[work_order]]
id = "done"
status = "completed"
completed_at = "2026-03-01T00:00:00Z"
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
location_id = "chicago"
[[number]]
e164 = "+13125550191"
provider_account_id = "acme-twilio"
location_id = "chicago"
[[number]]
e164 = "+13125550192"
provider_account_id = "acme-twilio"
[[number]]
e164 = "+16175550193"
provider_account_id = "acme-twilio"
location_id = "boston"
"#;

const NOW: &str = "2026-03-10T00:00:00Z";
const JO: &str = "+13125550144";
const ANA: &str = "+13125550101";
const BO: &str = "+13125550102";

/// Reads the world with some texts in place of others, and more behind it.
fn world(changes: &[(&str, &str)], more: &str) -> Ruleset {
    let mut text = WORLD.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the world has {from}");
        text = text.replacen(from, to, 1);
    }
    match file::read(&format!("{text}\n{more}"), "f", None, &|_| None) {
        Ok((rules, _)) => rules,
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}

fn at(text: &str) -> Moment {
    Moment::read(text).expect("an instant")
}

/// A session of a file: its number's last digits, its parties, and what else is known of it.
fn joined(number: &str, first: &str, second: &str, rest: &str) -> String {
    format!(
        "[[session]]\nnumber = \"+1312555{number}\"\nfirst_party = \"{first}\"\nsecond_party = \"{second}\"\n{rest}\n"
    )
}

fn job(technician: &str, work_order: Option<&str>) -> SessionKind {
    SessionKind::Job { technician: Some(technician.into()), customer: None, work_order: work_order.map(Into::into) }
}

/// What Jo and Ana get at Chicago: the number's last four digits, or when the next is free.
fn given<'a>(rules: &'a Ruleset, kind: &'a SessionKind, change: impl Fn(&mut Request<'a>)) -> String {
    let mut request = Request {
        location: rules.location(&"chicago".into()).expect("Chicago"),
        kind,
        first: E164::read(JO),
        second: E164::read(ANA),
        asks_pin: false,
        channels: Channels { voice: true, sms: true },
        geomatch: true,
        only: None,
        instead_of: None,
    };
    change(&mut request);
    match allot(&request, &Candidate::all(rules), at(NOW)) {
        Ok(Allotment { number }) => {
            let owner = number.technician.iter().map(ToString::to_string);
            let owner = owner.chain(number.work_order.iter().map(ToString::to_string));
            let text = number.e164.to_string();
            std::iter::once(text[text.len() - 4..].to_owned()).chain(owner).collect::<Vec<_>>().join(" ")
        }
        Err(Exhausted { next_free_at, capped }) => {
            let next = next_free_at.map_or_else(|| "never".to_owned(), |at| at.to_string()[..10].to_owned());
            format!("none until {next}{}", if capped { ", for the cap" } else { "" })
        }
    }
}

#[test]
fn shared_numbers_are_given_by_preference() {
    let jo = job("jo", None);
    let over = "technician_id = \"jo\"\nended_at = \"2026-01-01T00:00:00Z\"";
    let later = "technician_id = \"jo\"\nended_at = \"2026-01-02T00:00:00Z\"";
    let cools = "technician_id = \"jo\"\nended_at = \"2026-03-01T00:00:00Z\"";
    let busy = |number| joined(number, "+13125550145", BO, "technician_id = \"max\"");
    for (sessions, expected, why) in [
        (String::new(), "0190", "the lowest of those that are alike; Boston's is not in the pool"),
        (busy("0190"), "0191", "the least loaded"),
        (joined("0192", JO, ANA, over), "0192", "the one that this pair had"),
        (joined("0192", ANA, JO, over), "0192", "whichever side they stood on"),
        (joined("0191", JO, ANA, over) + &joined("0192", JO, ANA, later), "0192", "the one that they had last"),
        (joined("0192", JO, ANA, cools), "0192", "they had it lately: it cools against others only"),
        (joined("0190", JO, BO, over), "0191", "the longest unused: two were never used"),
        (
            joined("0190", JO, BO, over) + &joined("0191", JO, BO, later) + &joined("0192", JO, BO, later),
            "0190",
            "the longest unused",
        ),
        (joined("0190", JO, BO, "technician_id = \"jo\""), "0191", "Jo stands in a session on the first"),
        (joined("0190", "+13125550145", ANA, "technician_id = \"max\""), "0191", "Ana does"),
        (joined("0190", JO, BO, cools), "0191", "Jo cools on the first, with somebody else"),
        (
            joined("0190", JO, BO, "technician_id = \"jo\"\nstarted_at = \"2026-04-01T00:00:00Z\""),
            "0191",
            "what has not begun is in the way too",
        ),
        (joined("0190", JO, BO, "work_order_id = \"done\""), "0191", "a session in grace"),
        (
            joined("0190", JO, BO, "") + &busy("0191") + &busy("0192"),
            "0191",
            "a plain pair holds its phones like any other",
        ),
        (
            joined("0190", JO, BO, "ended_at = \"2026-03-09T00:00:00Z\""),
            "0191",
            "a plain pair does not cool, but its number was used",
        ),
        (
            joined("0190", JO, BO, "ended_at = \"2026-03-09T00:00:00Z\"") + &busy("0191") + &busy("0192"),
            "0190",
            "a plain pair does not cool",
        ),
    ] {
        assert_eq!(given(&world(&[], &sessions), &jo, |_| {}), expected, "{why}");
    }
}

#[test]
fn a_number_has_to_be_able_and_free() {
    let jo = job("jo", None);
    let all = |rest: &str| ["0190", "0191", "0192"].map(|number| joined(number, JO, BO, rest)).concat();
    let pair = [(
        "e164 = \"+13125550190\"",
        "e164 = \"+13125550190\"\nstate = \"cooldown\"\nreleased_at = \"2026-03-01T00:00:00Z\"",
    )];
    let rested = [(
        "e164 = \"+13125550190\"",
        "e164 = \"+13125550190\"\nstate = \"cooldown\"\nreleased_at = \"2026-02-01T00:00:00Z\"",
    )];
    for (changes, sessions, expected, why) in [
        (&[][..], all("technician_id = \"jo\""), "none until never", "nothing ends these sessions"),
        (
            &[],
            all("technician_id = \"jo\"\nexpires_at = \"2026-03-11T00:00:00Z\""),
            "none until 2026-04-10",
            "expiry and cooldown",
        ),
        (&[], all("expires_at = \"2026-03-11T00:00:00Z\""), "none until 2026-03-11", "plain pairs do not cool"),
        (&[], all("work_order_id = \"done\""), "none until 2026-04-07", "completion, grace and cooldown"),
        (&pair, String::new(), "0191", "it was released, and cools"),
        (&rested, String::new(), "0191", "it was used, others never"),
        (
            &[("e164 = \"+13125550190\"", "e164 = \"+13125550190\"\nstate = \"retired\"")],
            String::new(),
            "0191",
            "given back",
        ),
        (
            &[("e164 = \"+13125550190\"", "e164 = \"+13125550190\"\ntechnician_id = \"max\"")],
            String::new(),
            "0191",
            "somebody's own",
        ),
        (
            &[("e164 = \"+13125550190\"", "e164 = \"+13125550190\"\nwork_order_id = \"job\"")],
            String::new(),
            "0191",
            "a job's own",
        ),
        (
            &[("e164 = \"+13125550190\"", "e164 = \"+13125550190\"\ncapabilities = [\"voice\"]")],
            String::new(),
            "0191",
            "it carries no texts",
        ),
        (
            &[("grace_window_days = 7", "max_masking_numbers = 1")],
            String::new(),
            "0190",
            "the pool's numbers are held already",
        ),
    ] {
        assert_eq!(given(&world(changes, &sessions), &jo, |_| {}), expected, "{why}");
    }
    let rules = world(&[], "");
    assert_eq!(given(&rules, &jo, |request| request.second = E164::read("+13125550190")), "0191", "a party is no mask");
    let only = MaskingNumber::rented(E164::read("+13125550192").expect("a number"));
    assert_eq!(given(&rules, &jo, |request| request.only = Some(only)), "0192", "the number that was asked for");
    let boston = MaskingNumber::rented(E164::read("+16175550193").expect("a number"));
    assert_eq!(given(&rules, &jo, |request| request.only = Some(boston)), "none until never", "another pool's");
    let held = world(&[], &all("technician_id = \"jo\""));
    let mine = held.sessions.iter().find(|s| s.number.to_string().ends_with("0191")).expect("a session").id.clone();
    assert_eq!(given(&held, &jo, |request| request.instead_of = Some(&mine)), "0191", "it moves out of its own way");
}

#[test]
fn each_mode_has_its_numbers() {
    let mode = |mode: &'static str| ("masking_mode = \"shared_location\"", mode);
    let (jo, on_job) = (job("jo", None), job("jo", Some("job")));
    let own = ("e164 = \"+13125550191\"", "e164 = \"+13125550191\"\ntechnician_id = \"jo\"");
    let of_job = ("e164 = \"+13125550191\"", "e164 = \"+13125550191\"\nwork_order_id = \"job\"");
    let of_done = ("e164 = \"+13125550191\"", "e164 = \"+13125550191\"\nwork_order_id = \"done\"");
    let used = ["0190", "0192"].map(|number| joined(number, "+13125550145", BO, "technician_id = \"max\"")).concat();
    let tenant = mode("masking_mode = \"shared_tenant\"");
    let technician = mode("masking_mode = \"per_technician\"");
    let per_job = mode("masking_mode = \"per_job_ephemeral\"");
    let own_busy = joined("0191", JO, BO, "technician_id = \"jo\"");
    let own_held = joined("0191", JO, ANA, "technician_id = \"jo\"\nexpires_at = \"2026-03-12T00:00:00Z\"");
    let all_used = used.clone() + &joined("0191", "+13125550145", BO, "work_order_id = \"done\"");
    for (changes, sessions, kind, expected, why) in [
        (&[tenant][..], "", &jo, "0190", "the tenant's pool"),
        (&[technician, own], "", &jo, "0191 jo", "Jo's own"),
        (&[technician, own], &own_busy, &jo, "0191 jo", "Jo has many customers behind it"),
        (&[technician, own], &own_held, &jo, "none until 2026-03-12", "Ana is behind it already"),
        (&[technician], &used, &jo, "0191 jo", "Jo has none: one that nobody uses becomes Jo's"),
        (&[technician, own], "", &SessionKind::PlainPair, "0190", "a plain pair shares, and never a technician's"),
        (&[per_job], &used, &on_job, "0191 job", "one that nobody uses becomes the job's"),
        (&[per_job, of_job], "", &on_job, "0191 job", "the job's own, though it has been used no less"),
        (
            &[per_job, of_done],
            &used,
            &on_job,
            "none until 2026-04-07",
            "another job's, until its grace and rest are over",
        ),
        (&[per_job], &all_used, &on_job, "none until 2026-04-07", "it is free of any session only then"),
        (&[per_job, of_job], "", &SessionKind::PlainPair, "0190", "a plain pair stays off a job's number"),
        (&[per_job], &all_used, &SessionKind::PlainPair, "none until 2026-04-07", "and off one that serves a job"),
    ] {
        let found = given(&world(changes, sessions), kind, |_| {});
        assert_eq!(found, expected, "{why}");
    }
}

#[test]
fn the_cap_counts_what_is_held() {
    let jo = job("jo", Some("job"));
    let free = |number: &str| {
        (format!("e164 = \"+1312555{number}\""), format!("e164 = \"+1312555{number}\"\nstate = \"available\""))
    };
    let per_job = ("masking_mode = \"shared_location\"".to_owned(), "masking_mode = \"per_job_ephemeral\"".to_owned());
    let cap = |most: u16| {
        ("grace_window_days = 7".to_owned(), format!("grace_window_days = 7\nmax_masking_numbers = {most}"))
    };
    let of_done =
        ("e164 = \"+13125550192\"".to_owned(), "e164 = \"+13125550192\"\nwork_order_id = \"done\"".to_owned());
    // Boston's is held as its pool's; 0192 is held by a job that is done.
    for (most, expected, why) in [
        (3, "0190 job", "two are held of three"),
        (2, "none until 2026-04-07, for the cap", "two are held of two, until one has rested"),
        (1, "none until never, for the cap", "one is held for good"),
    ] {
        let changes = [free("0190"), free("0191"), per_job.clone(), cap(most), of_done.clone()];
        let changes: Vec<(&str, &str)> = changes.iter().map(|(from, to)| (from.as_str(), to.as_str())).collect();
        assert_eq!(given(&world(&changes, ""), &jo, |_| {}), expected, "{why}");
    }
}

#[test]
fn a_number_of_the_same_country_is_preferred_where_that_is_asked_for() {
    let rules = world(&[("e164 = \"+13125550192\"", "e164 = \"+447700900192\"\nlocation_id = \"chicago\"")], "");
    let jo = job("jo", None);
    let british = |geomatch| {
        given(&rules, &jo, |request| {
            request.first = E164::read("+447700900144");
            request.geomatch = geomatch;
        })
    };
    assert_eq!((british(true), british(false)), ("0192".to_owned(), "0190".to_owned()));
    let alone = given(&rules, &SessionKind::PlainPair, |request| {
        request.first = None;
        request.second = E164::read("+447700900144");
    });
    assert_eq!(alone, "0192", "the second party's, where it has the only phone");
}

#[test]
fn a_number_has_one_open_session() {
    let open = "[[session]]\nnumber = \"+13125550190\"\nfirst_party = \"+13125550145\"\n";
    let rules = world(&[], open);
    let plain = SessionKind::PlainPair;
    assert_eq!(given(&rules, &plain, |request| request.second = None), "0191", "whoever calls is taken already");
    assert_eq!(given(&rules, &plain, |request| request.only = None), "0191", "and the other is the less loaded");
    let only = MaskingNumber::rented(E164::read("+13125550190").expect("a number"));
    assert_eq!(given(&rules, &plain, |request| request.only = Some(only)), "0190", "known parties stand beside it");
}

#[test]
fn whoever_takes_anybody_keeps_off_those_who_cool() {
    let cools = joined("0190", "+13125550145", BO, "technician_id = \"max\"\nended_at = \"2026-03-01T00:00:00Z\"");
    let busy = ["0191", "0192"].map(|number| joined(number, "+13125550145", BO, "technician_id = \"max\"")).concat();
    let (plain, world) = (SessionKind::PlainPair, world(&[], &(cools + &busy)));
    let cooling = MaskingNumber::rented(E164::read("+13125550190").expect("a number"));
    for (second, asks_pin, only, expected, why) in [
        (E164::read(ANA), false, None, "0190", "the least loaded: it cools for others"),
        (None, false, None, "0191", "one of those may call"),
        (None, true, None, "0190", "whoever calls is asked for a PIN"),
        (None, false, Some(cooling), "0190", "there is no other"),
    ] {
        let change = |r: &mut Request<'_>| (r.second, r.asks_pin, r.only) = (second, asks_pin, only);
        assert_eq!(given(&world, &plain, change), expected, "{why}");
    }
}

#[test]
fn strangers_are_taken_or_asked_and_not_both() {
    let phones = ["+13125550145", "+13125550146"];
    // But for what becomes of strangers the first number is the best: the others are loaded.
    let others = ["0191", "0192"].map(|number| {
        [147, 148]
            .map(|last| joined(number, &format!("+13125550{last}"), &format!("+13125550{}", last + 10), ""))
            .concat()
    });
    let base = world(&[], &format!("{}{}", joined("0190", phones[0], phones[1], ""), others.concat()));
    let plain = SessionKind::PlainPair;
    let only = MaskingNumber::rented(E164::read("+13125550190").expect("a number"));
    let pins = Pins {
        first: "1111".to_owned(),
        second: "2222".to_owned(),
        generated: None,
        forced: false,
        prompt_play: String::new(),
        incorrect_play: None,
        retry: 0,
        retry_wait: 5,
    };
    for (open, asks, wants_open, wants_asks, expected, why) in [
        (true, false, false, true, ["0191", "0190"], "strangers of the one would never be asked for the other"),
        (false, true, true, false, ["0191", "0190"], "nor the other way round"),
        (true, false, true, false, ["0191", "none until never"], "both take them, and one is enough"),
        (true, false, false, false, ["0190", "0190"], "known parties stand beside it"),
        (false, true, false, true, ["0190", "0190"], "PINs tell pairs apart"),
        (false, true, false, false, ["0190", "0190"], "nobody else asks"),
        (true, true, false, true, ["0190", "0190"], "strangers are asked for both"),
    ] {
        let mut rules = base.clone();
        let session = &mut rules.sessions[0];
        if open {
            session.second_party = None;
        }
        if asks {
            let terms = Terms { pins: Some(pins.clone()), ..Terms::plain(Door::Plivo, Moment::default()) };
            session.options.terms = Some(Arc::new(terms));
        }
        let got = [None, Some(only)].map(|only| {
            given(&rules, &plain, |request| {
                request.only = only;
                request.asks_pin = wants_asks;
                request.second = request.second.filter(|_| !wants_open);
            })
        });
        assert_eq!(got, expected, "{why}; and where it is the only one");
    }
}
