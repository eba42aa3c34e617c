//! What a file does not name, it does not touch.

use super::super::edit;
use super::{WORLD, good, no_env, read, said};
use crate::domain::{LocationId, NumberState, Route, SessionKind, SessionState};
use crate::rules::ruleset::Ruleset;

fn stored() -> Ruleset {
    good(WORLD, None)
}

/// A file of the same tenant with something in it.
fn file(rest: &str) -> String {
    format!("[tenant]\nid = \"acme\"\n{rest}")
}

#[test]
fn only_what_is_named_is_in_the_ruleset_and_the_rest_of_it_is_as_stored() {
    let base = stored();
    let read = good(&file("[[technician]]\nid = \"jo\"\nactive = false\n"), Some(&base));
    assert_eq!((read.accounts.len(), read.locations.len(), read.numbers.len()), (0, 0, 0));
    let mut expected = base.technicians.clone();
    expected[0].active = false;
    assert_eq!(read.technicians, expected);
    assert_eq!((&read.tenant, &read.secrets), (&base.tenant, &base.secrets));
}

#[test]
fn a_location_keeps_its_settings_lines_and_prompts() {
    let text = WORLD
        .replace("[location.masking]", "prompts.goodbye = \"Bye.\"\nprompts.no_match = \"No.\"\n[location.masking]");
    let base = good(&text, None);
    let text = file(
        "[[location]]\nid = \"chicago\"\nring_timeout = 30\nprompts = { goodbye = \"\", unreachable = \"Later.\" }\n\
         [location.masking]\ncooldown_days = 3\n[[location.backoffice_line]]\nid = \"desk-2\"\nphone = \"312 555 0124\"\n",
    );
    let read = good(&text, Some(&base));
    let mut expected = base.locations[0].clone();
    expected.ring_timeout = 30;
    expected.masking.cooldown_days = 3;
    expected.prompts.0.remove("goodbye");
    expected.prompts.0.insert("unreachable".to_owned(), "Later.".to_owned());
    assert_eq!(read.locations[0].lines.len(), 2);
    assert_eq!(read.locations[0].lines[1].position, 2, "a new line comes last");
    assert_eq!(read.locations[0].lines[1].phone.to_string(), "+13125550124", "typed nationally");
    expected.lines = read.locations[0].lines.clone();
    assert_eq!(read.locations[0], expected);
}

#[test]
fn rules_and_overrides_are_replaced_where_they_are_named() {
    let rule = "[[location.rule]]\nname = \"a\"\nroute = \"voicemail\"\n[[location.override]]\nstate = \"open\"\n[[technician]]";
    let base = good(&WORLD.replace("[[technician]]", rule), None);
    let kept = good(&file("[[location]]\nid = \"chicago\"\nname = \"Loop\"\n"), Some(&base));
    assert_eq!((kept.locations[0].rules.len(), kept.locations[0].overrides.len()), (1, 1));
    let gone = good(&file("[[location]]\nid = \"chicago\"\nrule = []\noverride = []\n"), Some(&base));
    assert_eq!((gone.locations[0].rules.len(), gone.locations[0].overrides.len()), (0, 0));
}

#[test]
fn an_empty_text_takes_a_value_away() {
    let base = stored();
    let read = good(&file("[[technician]]\nid = \"jo\"\nphone = \"\"\nlocation_id = \"\"\n"), Some(&base));
    assert_eq!((read.technicians[0].phone, &read.technicians[0].location), (None, &None));
}

#[test]
fn a_reference_may_be_to_something_stored_and_another_tenant_is_no_base() {
    let base = stored();
    let text = file("[[technician]]\nid = \"dee\"\nlocation_id = \"chicago\"\n");
    assert_eq!(good(&text, Some(&base)).technicians[0].location, Some(LocationId::from("chicago")));
    let other = text.replace("acme", "other");
    let found = said(read(&other, "f", Some(&base), &no_env));
    assert_eq!(found, ["5: technician.dee.location_id: no [[location]] here or stored has this id"]);
}

#[test]
fn a_line_that_makes_a_stored_setting_wrong_is_where_the_mistake_is() {
    let text = WORLD.replace(
        "[[location.backoffice_line]]",
        "backoffice_whisper_require_accept = true\n[[location.backoffice_line]]",
    );
    let base = good(&text, None);
    let text = file(
        "[[location]]\nid = \"chicago\"\n[[location.backoffice_line]]\nid = \"desk-2\"\nphone = \"+13125550124\"\nactive = true\n",
    );
    let found = said(read(&text, "f", Some(&base), &no_env));
    assert_eq!(found.len(), 1);
    let start = "8: location.chicago.backoffice_line.desk-2.active: fr7_accept_needs_single_line: ";
    assert!(found[0].starts_with(start), "{found:?}");
}

#[test]
fn switching_masking_on_asks_for_the_phones_of_stored_customers() {
    let base = good(&WORLD.replace("[\"+13125550101\"]", "[\"+13125550101\", \"ask her\"]"), None);
    assert_eq!(base.customers[0].other_phones, ["ask her"], "kept as it was typed");
    let on = file("[[location]]\nid = \"chicago\"\n[location.masking]\nenabled = true\n");
    let found = said(read(&on, "f", Some(&base), &no_env));
    let expected = "6: location.chicago.masking.enabled: contacts_not_e164: 1 stored customer contacts have phones that are \
                    not E.164: ana";
    assert_eq!(found, [expected]);
    let mended = format!("{on}[[customer]]\nid = \"ana\"\nphones = [\"+13125550101\"]\n");
    assert!(good(&mended, Some(&base)).locations[0].masking.enabled);
}

#[test]
fn a_session_is_the_same_by_its_number_and_parties_and_follows_its_job() {
    let base = good(&WORLD.replace("id = \"s-1\"\n", ""), None);
    let id = base.sessions[0].id.clone();
    assert_eq!(id.as_str().len(), 36, "a made id is a UUID: {id}");
    let session =
        "[[session]]\nnumber = \"+13125550190\"\nfirst_party = \"+13125550144\"\nsecond_party = \"+13125550101\"\n";
    let text = file(&format!(
        "[[technician]]\nid = \"dee\"\n[[work_order]]\nid = \"wo-1\"\ntechnician_id = \"dee\"\n{session}expires_at = \"2026-03-09T10:00:00Z\"\n"
    ));
    let read = good(&text, Some(&base));
    assert_eq!(read.sessions[0].id, id);
    assert!(matches!(read.sessions[0].state, SessionState::Live { expires_at: Some(_) }));
    let SessionKind::Job { technician, customer, .. } = &read.sessions[0].kind else { panic!("a job's") };
    assert_eq!(technician.as_ref().map(|id| id.as_str()), Some("dee"), "the job changed hands");
    assert_eq!(customer.as_ref().map(|id| id.as_str()), Some("ana"));
}

#[test]
fn demo_secrets_are_remembered_until_the_last_is_replaced() {
    let base = stored();
    assert!(base.demo_secrets);
    let rename = file("[[location]]\nid = \"chicago\"\nname = \"Loop\"\n");
    assert!(good(&rename, Some(&base)).demo_secrets, "the stored token is still in force");
    let replace = file("[[provider_account]]\nid = \"tw\"\nauth_token_env = \"TOKEN\"\n");
    let env = |name: &str| (name == "TOKEN").then(|| "real".to_owned());
    let (read, warnings) = super::super::read(&replace, "f", Some(&base), &env).expect("a good file");
    assert!(!read.demo_secrets && warnings.is_empty());
    assert_eq!(read.accounts[0].1.auth_tokens[0].expose(), "real");
}

#[test]
fn an_edited_field_reads_as_if_it_had_been_written() {
    let base = stored();
    let set = |path: &str, value: toml::Value| good(&edit(WORLD, path, value).expect(path), None);
    assert!(!set("technician.jo.active", false.into()).technicians[0].active);
    let read = set("location.chicago.masking.inbound_callback_route_in_hours", "technician".into());
    assert_eq!(read.locations[0].masking.inbound_callback_route_in_hours, Route::Technician);
    let read = set("number.+13125550190.state", "retired".into());
    assert_eq!(read.numbers[0].state, NumberState::Retired);
    assert_eq!(base.numbers[0].state, NumberState::Assigned);
}
