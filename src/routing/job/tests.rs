//! A row for each change of a job: where its sessions stand afterwards, and what is written.
//!
//! Deliberately not here: how a number is chosen (`allot`).

use super::*;
use crate::domain::E164;
use crate::rules::file;

/// A job of Jo's for Ana, with one session; Max stands on the same number with Bo.
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
grace_window_days = 7
[[technician]]
id = "jo"
phone = "+13125550144"
[[technician]]
id = "max"
phone = "+13125550145"
[[technician]]
id = "kim"
[[technician]]
id = "lee"
phone = "+13125550146"
[[customer]]
id = "ana"
phones = ["+13125550101"]
[[customer]]
id = "bo"
phones = ["+13125550102"]
[[work_order]]
id = "job"
technician_id = "jo"
customer_id = "ana"
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
[[number]]
e164 = "+13125550191"
provider_account_id = "acme-twilio"
[[session]]
id = "s"
number = "+13125550190"
first_party = "+13125550144"
second_party = "+13125550101"
work_order_id = "job"
[[session]]
id = "other"
number = "+13125550190"
first_party = "+13125550145"
second_party = "+13125550102"
technician_id = "max"
"#;

/// The world with these words in place of others.
fn world(changes: &[(&str, &str)]) -> Ruleset {
    let mut text = WORLD.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "the world has {from}");
        text = text.replacen(from, to, 1);
    }
    match file::read(&text, "f", None, &|_| None) {
        Ok((rules, _)) => rules,
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}

fn at(day: &str) -> Moment {
    Moment::read(&format!("2026-03-{day}T00:00:00Z")).expect("an instant")
}

/// The world after what was written.
fn written(mut rules: Ruleset, change: &Ruleset) -> Ruleset {
    for job in &change.work_orders {
        rules.work_orders.retain(|one| one.id != job.id);
        rules.work_orders.push(job.clone());
    }
    for session in &change.sessions {
        rules.sessions.retain(|one| one.id != session.id);
        rules.sessions.push(session.clone());
    }
    for number in &change.numbers {
        rules.numbers.retain(|one| one.e164 != number.e164);
        rules.numbers.push(number.clone());
    }
    rules
}

fn the_job(rules: &Ruleset) -> &WorkOrder {
    rules.work_orders.iter().find(|job| job.id.as_str() == "job").expect("the job")
}

fn session<'a>(rules: &'a Ruleset, id: &str) -> &'a Session {
    rules.sessions.iter().find(|session| session.id.as_str() == id).expect("a session")
}

/// Where the job's session stands.
fn stands(rules: &Ruleset, day: &str) -> &'static str {
    match phase(rules, session(rules, "s"), the_job(rules), at(day)) {
        Phase::NotYet => "not yet",
        Phase::Live => "live",
        Phase::Grace => "grace",
        Phase::Over { by: EndedBy::Job, .. } => "over by job",
        Phase::Over { by: EndedBy::Api, .. } => "over by api",
        Phase::Over { by: EndedBy::Expiry, .. } => "over by expiry",
    }
}

const DONE: (&str, &str) =
    ("customer_id = \"ana\"", "customer_id = \"ana\"\nstatus = \"completed\"\ncompleted_at = \"2026-03-01T00:00:00Z\"");
const CALLED_OFF: (&str, &str) = ("customer_id = \"ana\"", "customer_id = \"ana\"\nstatus = \"canceled\"");
const ENDED: (&str, &str) =
    ("work_order_id = \"job\"\n", "work_order_id = \"job\"\nended_at = \"2026-03-01T00:00:00Z\"\nended_by = \"job\"\n");
const BY_API: (&str, &str) =
    ("work_order_id = \"job\"\n", "work_order_id = \"job\"\nended_at = \"2026-03-01T00:00:00Z\"\n");
const GIVEN_UP: (&str, &str) = (
    "e164 = \"+13125550190\"",
    "e164 = \"+13125550190\"\nstate = \"cooldown\"\nreleased_at = \"2026-03-02T00:00:00Z\"",
);

#[test]
fn sessions_follow_their_job() {
    type Change = fn(&WorkOrder, Moment) -> WorkOrder;
    let done: Change = |job, now| complete(job, None, now);
    let earlier: Change = |job, _| complete(job, Some(at("02")), at("02"));
    let again: Change = |job, _| reopen(job);
    let off: Change = cancel;
    // The changes with their days; where the session stands at once and ten days later, and how many are written.
    for (changes, steps, now, later, sessions, why) in [
        (&[][..], &[("05", done)][..], "grace", "over by job", 0, "the job's date says it all"),
        (&[], &[("05", done), ("06", done)], "grace", "over by job", 0, "what is done stays done as it was"),
        (&[], &[("10", earlier)], "over by job", "over by job", 0, "it was done so long ago that its grace is over"),
        (&[], &[("05", done), ("10", again)], "live", "live", 0, "taken up again in time"),
        (&[DONE, ENDED], &[("05", again)], "live", "live", 1, "in time, and its end had been written down"),
        (&[DONE], &[("08", again)], "over by job", "over by job", 1, "too late: it stays over"),
        (&[DONE, ENDED], &[("08", again)], "over by job", "over by job", 0, "too late, and written down already"),
        (&[DONE], &[("08", again), ("09", done)], "over by job", "over by job", 0, "and is in no grace later"),
        (&[DONE, ENDED], &[("08", again), ("09", done)], "over by job", "over by job", 0, "nor when it was written"),
        (&[DONE, GIVEN_UP], &[("05", again)], "over by api", "over by api", 1, "its number was released"),
        (&[BY_API], &[("05", done), ("06", again)], "over by api", "over by api", 0, "somebody ended it"),
        (
            &[DONE],
            &[("09", |job, _| complete(job, Some(at("03")), at("03")))],
            "over by api",
            "over by api",
            1,
            "a later date brings nothing back",
        ),
        (&[], &[("05", off)], "over by job", "over by job", 1, "called off"),
        (&[], &[("05", off), ("06", off)], "over by job", "over by job", 0, "twice"),
        (&[], &[("05", off), ("06", again)], "over by job", "over by job", 0, "taken up again, without its session"),
        (&[], &[("05", off), ("06", again), ("07", done)], "over by job", "over by job", 0, "and done without it"),
        (&[CALLED_OFF], &[("06", again)], "over by job", "over by job", 1, "called off nobody knows when"),
    ] {
        let mut rules = world(changes);
        let mut last = None;
        for (day, change) in steps {
            let job = the_job(&rules).clone();
            let followed = follow(&rules, &job, change(&job, at(day)), at(day)).expect(why);
            assert_eq!(followed.moved, [], "{why}");
            rules = written(rules, &followed.rules);
            last = Some((*day, followed.rules.sessions.len()));
        }
        let (day, count) = last.expect("there is a change");
        let ten_later = format!("{:02}", day.parse::<u8>().expect("a day") + 10);
        assert_eq!((stands(&rules, day), stands(&rules, &ten_later), count), (now, later, sessions), "{why}");
        assert_eq!(session(&rules, "other"), session(&world(changes), "other"), "{why}: others are left alone");
    }
}

#[test]
fn a_session_goes_with_its_job_to_another_technician() {
    let beside = ("technician_id = \"max\"", "technician_id = \"max\"\nended_at = \"2026-03-01T00:00:00Z\"");
    let one_number = ("[[number]]\ne164 = \"+13125550191\"\nprovider_account_id = \"acme-twilio\"\n", "");
    let other_made =
        ("work_order_id = \"job\"", "work_order_id = \"job\"\ntechnician_id = \"max\"\ncustomer_id = \"ana\"");
    let own = ("e164 = \"+13125550190\"", "e164 = \"+13125550190\"\ntechnician_id = \"jo\"");
    let just_now = (
        "customer_id = \"ana\"",
        "customer_id = \"ana\"\nstatus = \"completed\"\ncompleted_at = \"2026-03-05T00:00:01Z\"",
    );
    // To whom, and then the session's first party and number, or why not.
    for (changes, to, expected, why) in [
        (&[][..], "lee", "0146 0190", "the same session, the same number"),
        (&[], "jo", "0144 0190", "whose it is already"),
        (&[beside], "max", "0145 0190", "Max's other session there is over"),
        (&[], "max", "0145 0191", "Max stands on that number with Bo: another number"),
        (&[one_number], "max", "no number", "and there is no other"),
        (&[own], "max", "0145 0190", "on Jo's own number Max may stand often"),
        (&[], "kim", "no phone", "Kim cannot be called"),
        (&[BY_API], "kim", "0144 0190", "Kim needs no phone where no session routes"),
        (&[DONE], "lee", "0146 0190", "in grace it goes too"),
        (&[just_now], "lee", "0146 0190", "somebody who asked later was faster, and completed it"),
        (&[DONE, BY_API], "lee", "0144 0190", "over, it stays as it was"),
        (&[other_made], "lee", "0144 0190", "it was made for somebody else than the job's"),
    ] {
        let rules = world(changes);
        let job = the_job(&rules);
        let found = follow(&rules, job, assign(job, &to.into()), at("05"));
        let found = match found {
            Ok(followed) => {
                let rules = written(rules.clone(), &followed.rules);
                assert_eq!(the_job(&rules).technician.as_ref().map(ToString::to_string).as_deref(), Some(to), "{why}");
                let one = session(&rules, "s");
                let end = |phone: E164| phone.to_string().split_off(8);
                let text = format!("{} {}", one.first_party.map(end).unwrap_or_default(), end(one.number.e164()));
                assert_eq!(followed.moved.len(), usize::from(text.ends_with("0191")), "{why}");
                text
            }
            Err(Refusal::NoPhone { .. }) => "no phone".to_owned(),
            Err(Refusal::NoNumber { .. }) => "no number".to_owned(),
            Err(other) => format!("{other:?}"),
        };
        assert_eq!(found, expected, "{why}");
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    let sessions = || vec!["s".into()];
    for (changes, change, expected, why) in [
        (
            CALLED_OFF,
            (|job| complete(job, None, at("05"))) as fn(&WorkOrder) -> WorkOrder,
            Refusal::Canceled,
            "called off",
        ),
        (DONE, |job| cancel(job, at("05")), Refusal::Completed, "done"),
        (("id = \"job\"", "id = \"job\""), |job| complete(job, Some(at("06")), at("05")), Refusal::Future, "tomorrow"),
        (
            ("id = \"job\"", "id = \"job\""),
            |job| WorkOrder { customer: Some("bo".into()), ..job.clone() },
            Refusal::OtherCustomer { sessions: sessions() },
            "Ana is still connected",
        ),
    ] {
        let rules = world(&[changes]);
        let job = the_job(&rules);
        assert_eq!(follow(&rules, job, change(job), at("05")).err(), Some(expected), "{why}");
    }
}
