//! Decisions in small worlds, one for each corner: who is matched, on which side, where it leads, and why.
//!
//! Deliberately not here: documents and later steps, which fixtures show.

use hookswitch::domain::{CallerId, Channel, Clock, E164};
use hookswitch::store::{MasterKey, Vault};
use hookswitch::switchboard::{Probe, Settings, Switchboard};
use serde_json::Value;

use crate::support::{BASE, DEMO, at, rules};

/// An office in Chicago that is always open, with two technicians, a customer, a desk and a number.
const OFFICE: &str = r#"
[tenant]
id = "acme"
name = "Acme"
country = "US"
[[provider_account]]
id = "acme-twilio"
kind = "twilio"
account_sid = "AC00000000000000000000000000000001"
auth_token = "demo-auth-token"
sandbox = true
[[location]]
id = "office"
name = "Acme"
time_zone = "America/Chicago"
[location.masking]
enabled = true
masking_mode = "shared_location"
grace_window_days = 7
smart_callback_window_minutes = 60
inbound_callback_route_in_hours = "technician"
[[location.backoffice_line]]
id = "desk"
phone = "+13125550123"
[[technician]]
id = "jo"
name = "Jo"
phone = "+13125550144"
[[technician]]
id = "kit"
name = "Kit"
phone = "+13125550145"
[[customer]]
id = "ana"
name = "Ana"
phones = ["+13125550101"]
[[customer]]
id = "ben"
name = "Ben"
phones = ["+13125550102"]
[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
location_id = "office"
"#;

const JO: &str = "+13125550144";
const ANA: &str = "+13125550101";
const NUMBER: &str = "+13125550190";
const NOON: &str = "2026-03-09T12:00:00-05:00";

/// What would become of a call in this world.
fn decide(world: &str, from: &str, to: &str, when: &str) -> Value {
    let settings = Settings { public_base_url: BASE.to_owned(), allowed_countries: Vec::new(), test_clock: false };
    let vault = Vault::new(&MasterKey::new([7; 32]));
    let switchboard = Switchboard::offline(&[rules(world)], Clock::stopped(at(when)), settings, vault);
    let to = E164::read(to).expect("a number");
    let probe = Probe { from: CallerId::read(from), to, channel: Channel::Voice, at: at(when) };
    switchboard.expect("hours that compile").explain(&probe).decision
}

fn codes(decision: &Value) -> Vec<&str> {
    decision["why"].as_array().into_iter().flatten().filter_map(|reason| reason["code"].as_str()).collect()
}

fn session(id: &str, first: &str, second: &str, more: &str) -> String {
    format!(
        "[[session]]\nid = \"{id}\"\nnumber = \"{NUMBER}\"\nfirst_party = \"{first}\"\nsecond_party = \"{second}\"\n{more}\n"
    )
}

fn contact(from: &str, to: &str, when: &str, by: &str) -> String {
    format!(
        "[[contact]]\nnumber = \"{NUMBER}\"\nfrom = \"{from}\"\nto = \"{to}\"\nat = \"{when}\"\nchannel = \"voice\"\nby = \"{by}\"\n"
    )
}

const ANA_JO: &str = "technician_id = \"jo\"\ncustomer_id = \"ana\"";

#[test]
fn an_account_that_cannot_whisper_connects_at_once() {
    let world = DEMO.replacen("kind = \"twilio\"", "kind = \"ringcentral\"", 1);
    let decision = decide(&world, ANA, NUMBER, "2026-03-09T09:02:00-05:00");
    assert_eq!(decision["match"], "live");
    assert_eq!(decision["route"], "backoffice");
    assert_eq!(decision["whisper"], Value::Null);
    assert_eq!(codes(&decision), ["session_live", "hours_open", "route_in_hours", "whisper_unsupported"]);
}

/// A corner: what is added to the office, who calls, and the decision's match, session, destination and reasons.
type Row<'a> = (&'a str, String, &'a str, &'a str, Value, &'a str, &'a [&'a str]);

#[test]
fn who_is_matched_and_where_it_leads() {
    let none = Value::Null;
    let id = |id: &str| Value::from(id);
    let job = |status: &str| {
        format!(
            "[[work_order]]\nid = \"w\"\ncustomer_id = \"ana\"\ntechnician_id = \"jo\"\ntitle = \"W\"\nstatus = \"{status}\"\n"
        )
    };
    let by_job = |id, first, second, more: &str| {
        session(id, first, second, &format!("{more}\nended_at = \"2026-03-09T08:00:00-05:00\"\nended_by = \"job\""))
    };
    let ben = "+13125550102";
    let ben_jo = "technician_id = \"jo\"\ncustomer_id = \"ben\"";
    let lately = "2026-03-09T11:30:00-05:00";
    let line = "[[number]]\ne164 = \"+13125550191\"\nprovider_account_id = \"acme-twilio\"\nlocation_id = \"office\"\n";
    let away =
        |who: &str| format!("[[technician]]\nid = \"{who}\"\nname = \"X\"\nphone = \"+13125550146\"\nactive = false\n");
    let rows: Vec<Row<'_>> = vec![
        (
            "a session that has not begun",
            session("s", JO, ANA, &format!("{ANA_JO}\nstarted_at = \"2026-03-10T08:00:00-05:00\"")),
            ANA,
            "none",
            none.clone(),
            "hangup",
            &["no_session", "no_match_hangup"],
        ),
        (
            "a session that begins now",
            session("s", JO, ANA, &format!("{ANA_JO}\nstarted_at = \"{NOON}\"")),
            ANA,
            "live",
            id("s"),
            "technician",
            &["session_live", "hours_open", "route_in_hours"],
        ),
        (
            "a session that a person ended is over, whoever called since",
            session("s", JO, ANA, &format!("{ANA_JO}\nended_at = \"2026-03-09T08:00:00-05:00\"\nended_by = \"api\""))
                + &contact(JO, ANA, lately, "technician"),
            ANA,
            "none",
            none.clone(),
            "hangup",
            &["session_expired", "no_match_hangup"],
        ),
        (
            "a job that was called off ended its session, and a contact since leads back",
            job("canceled") + &session("s", JO, ANA, "work_order_id = \"w\"") + &contact(JO, ANA, lately, "technician"),
            ANA,
            "recent",
            id("s"),
            "technician",
            &["session_recent", "reply_window"],
        ),
        (
            "the desk called since",
            by_job("s", JO, ANA, ANA_JO) + &contact("+13125550123", ANA, lately, "backoffice"),
            ANA,
            "recent",
            id("s"),
            "backoffice",
            &["session_recent", "reply_window", "whisper_on"],
        ),
        (
            "a customer called the technician since",
            by_job("s", JO, ANA, ANA_JO) + &contact(ANA, JO, lately, "customer"),
            JO,
            "recent",
            id("s"),
            "customer",
            &["session_recent", "technician_calls_customer"],
        ),
        (
            "somebody else's call since leads to nobody's old session",
            by_job("s", JO, ANA, ANA_JO) + &contact(ben, JO, lately, "customer"),
            JO,
            "none",
            none.clone(),
            "hangup",
            &["session_expired", "no_match_hangup"],
        ),
        (
            "of two sessions that their jobs ended, the one whose customer called",
            by_job("s", JO, ANA, ANA_JO) + &by_job("t", JO, ben, ben_jo) + &contact(ANA, JO, lately, "customer"),
            JO,
            "recent",
            id("s"),
            "customer",
            &["session_recent", "technician_calls_customer"],
        ),
        (
            "of two customers, the one whom the desk called last",
            "technician_id = \"jo\"\n".to_owned()
                + &session("s", JO, ANA, ANA_JO)
                + &session("t", JO, ben, ben_jo)
                + &contact(ANA, JO, "2026-03-09T11:20:00-05:00", "customer")
                + &contact("+13125550123", ben, lately, "backoffice"),
            JO,
            "live",
            id("t"),
            "customer",
            &["session_live", "technician_calls_customer", "latest_contact"],
        ),
        (
            "another technician called her: back to that one",
            session("s", JO, ANA, ANA_JO) + &contact("+13125550145", ANA, lately, "technician"),
            ANA,
            "live",
            id("s"),
            "kit",
            &["session_live", "reply_window"],
        ),
        (
            "the technician who called her is away by now: the desk",
            session("s", JO, ANA, ANA_JO) + &away("lou") + &contact("+13125550146", ANA, lately, "technician"),
            ANA,
            "live",
            id("s"),
            "backoffice",
            &["session_live", "reply_window", "technician_unavailable", "whisper_on"],
        ),
        (
            "one phone in sessions of two numbers",
            line.to_owned()
                + &session("s", JO, ANA, ANA_JO)
                + &session("t", "+13125550145", ANA, "technician_id = \"kit\"").replace(NUMBER, "+13125550191"),
            ANA,
            "live",
            id("s"),
            "technician",
            &["session_live", "hours_open", "route_in_hours"],
        ),
        (
            "the desk's own phone is the caller's: it is not rung",
            session("s", JO, "+13125550123", "technician_id = \"jo\"")
                + "[[location.rule]]\nname = \"All\"\nwhen = { match = \"live\" }\nroute = \"backoffice\"\n",
            "+13125550123",
            "live",
            id("s"),
            "voicemail",
            &["session_live", "rule_matched", "loop"],
        ),
    ];
    for (why, more, from, matched, session, destination, reasons) in rows {
        let decision = decide(&format!("{OFFICE}{more}"), from, NUMBER, NOON);
        let found = &decision["destination"];
        let leads = [&found["kind"], &found["technician"]];
        assert_eq!(decision["match"], matched, "{why}: {decision}");
        assert_eq!(decision["session"], session, "{why}: {decision}");
        assert!(leads.iter().any(|found| **found == destination), "{why}: {decision}");
        assert_eq!(codes(&decision), reasons, "{why}: {decision}");
    }
}

#[test]
fn a_session_of_a_job_that_was_called_off_ended_at_no_known_time() {
    let world = format!(
        "{OFFICE}[[work_order]]\nid = \"w\"\ncustomer_id = \"ana\"\ntitle = \"W\"\nstatus = \"canceled\"\n{}",
        session("s", JO, ANA, "work_order_id = \"w\"")
    );
    let decision = decide(&world, ANA, NUMBER, NOON);
    assert_eq!(decision["why"][0]["text"], "Session s ended with its job.");
}

#[test]
fn a_technician_who_calls_another_jobs_number_is_on_the_customers_side_of_it() {
    let world = format!(
        "{}[[work_order]]\nid = \"w\"\ncustomer_id = \"ana\"\ntechnician_id = \"jo\"\ntitle = \"W\"\n{}",
        OFFICE
            .replace("shared_location", "per_job_ephemeral")
            .replace("location_id = \"office\"\n", "location_id = \"office\"\nwork_order_id = \"w\"\n"),
        session("s", JO, ANA, "work_order_id = \"w\"")
    );
    let decision = decide(&world, "+13125550145", NUMBER, NOON);
    assert_eq!((&decision["caller"], &decision["match"]), (&"technician".into(), &"job".into()), "{decision}");
    assert_eq!(decision["destination"]["technician"], "jo");
    assert_eq!(decision["route"], "technician");
}

#[test]
fn a_destination_that_may_not_be_called_is_a_step_down_or_an_ending() {
    for (phone, why) in [("+18765550101", "another country"), ("+19005550101", "a premium number")] {
        let world = format!("{OFFICE}{}", session("s", JO, phone, "technician_id = \"jo\""));
        let decision = decide(&world, JO, NUMBER, NOON);
        assert_eq!(decision["destination"]["kind"], "hangup", "{why}: {decision}");
        assert_eq!(codes(&decision), ["session_live", "technician_calls_customer", "destination_refused"], "{why}");
        let world = format!("{OFFICE}{}", session("s", phone, ANA, "customer_id = \"ana\""));
        let decision = decide(&world, ANA, NUMBER, NOON);
        assert_eq!(decision["route"], "backoffice", "{why}: {decision}");
        assert!(codes(&decision).contains(&"destination_refused"), "{why}: {decision}");
    }
}
