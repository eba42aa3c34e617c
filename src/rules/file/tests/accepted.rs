//! What is good, and what it reads as.

use super::{END, WORLD, good, read};
use crate::domain::{
    Brand, EndedBy, MaskingMode, Moment, NoMatchAction, NumberState, Route, RuleRoute, SessionKind, SessionState,
    WorkOrderStatus,
};

#[test]
fn what_is_left_out_has_its_default() {
    let read = good(WORLD, None);
    let (tenant, location) = (&read.tenant, &read.locations[0]);
    assert_eq!((tenant.name.as_str(), tenant.country.as_str(), tenant.brand), ("acme", "US", Brand::None));
    assert_eq!(tenant.default_location.as_ref(), Some(&location.id), "the first location unless named");
    assert_eq!((tenant.limits.calls_per_minute_per_caller, tenant.limits.concurrent_calls), (6, 200));
    assert_eq!((location.ring_timeout, location.on_no_answer.as_slice()), (20, [Route::Voicemail].as_slice()));
    assert_eq!((location.masking.masking_mode, location.queue.max_wait_seconds), (MaskingMode::SharedTenant, 300));
    assert!(location.lines[0].active && !location.lines[0].sms && location.lines[0].position == 1);
    assert!(read.technicians[0].active && read.technicians[0].masking_opt_in);
    assert_eq!(read.numbers[0].state, NumberState::Assigned);
    let SessionKind::Job { technician, customer, .. } = &read.sessions[0].kind else { panic!("a job's session") };
    assert!(technician.is_some() && customer.is_some(), "taken from the job");
}

#[test]
fn secrets_come_from_the_environment_newest_first() {
    let text = WORLD.replace("auth_token = \"t\"", "auth_token_env = [\"NEW\", \"OLD\"]");
    let text = text.replace("id = \"acme\"\n", "id = \"acme\"\napi_key_env = \"KEY\"\n");
    let env = |name: &str| Some(format!(" {}\n", name.to_lowercase()));
    let (read, warnings) = read(&text, "f", None, &env).expect("a good file");
    assert!(warnings.is_empty() && !read.demo_secrets);
    let tokens: Vec<&str> = read.accounts[0].1.auth_tokens.iter().map(|secret| secret.expose()).collect();
    assert_eq!(tokens, ["new", "old"]);
    let hash = "2c70e12b7a0646f92279f427c7b38e7334d8e5389cff167a1dc30e73f826b683";
    assert_eq!(read.secrets.api_key_hashes, [hash], "SHA-256 of \"key\"");
    assert!(!format!("{read:?}").contains("\"new\""), "a secret is never printed");
}

#[test]
fn rules_read_as_they_are_written() {
    let rules = r#"
[[location.rule]]
name = "Evenings"
when = { channel = "voice", match = ["live", "grace"], days = ["Fr-Mo", "We"], between = "22:00-02:00", tag = "vip" }
route = { line = "desk-1" }
[[location.rule]]
when = { hours = "holiday", reply = false }
route = "dispatcher_queue"
[[location.rule]]
when = { caller = "unknown", days = "Mo,Tu" }
route = { technician = "jo" }
[[location.rule]]
route = "voicemail"
[[technician]]"#;
    let read = good(&WORLD.replace("[[technician]]", rules), None);
    let rules = &read.locations[0].rules;
    assert_eq!((rules[0].name.as_str(), rules[1].name.as_str()), ("Evenings", "rule[1]"));
    assert_eq!(rules[0].when.days, [1, 3, 5, 6, 7], "Friday to Monday, and Wednesday");
    assert_eq!(rules[0].when.between, Some((1320, 120)));
    assert_eq!(rules[0].when.matched, ["live", "grace"]);
    assert_eq!(rules[2].when.days, [1, 2]);
    let routes: Vec<&RuleRoute> = rules.iter().map(|rule| &rule.route).collect();
    assert_eq!(routes[0], &RuleRoute::Line("desk-1".into()));
    assert_eq!(routes[1], &RuleRoute::NoMatch(NoMatchAction::DispatcherQueue));
    assert_eq!(routes[2], &RuleRoute::Technician("jo".into()));
    assert_eq!(routes[3], &RuleRoute::Route(Route::Voicemail), "a route before a no-match action");
}

#[test]
fn states_own_their_dates() {
    let at = Moment::read("2026-03-01T06:00:00Z").expect("an instant");
    let rest = r#"
[[work_order]]
id = "wo-2"
status = "completed"
completed_at = 2026-03-01T00:00:00-06:00
[[number]]
e164 = "+13125550191"
provider_account_id = "tw"
released_at = "2026-03-01T06:00:00Z"
[[session]]
number = "+13125550191"
second_party = "+13125550104"
ended_at = 2026-03-01T06:00:00Z
ended_by = "job"
ring_timeout = 30
[[contact]]
number = "+13125550190"
from = "+13125550144"
to = "+13125550101"
at = 2026-03-01T06:00:00Z
channel = "sms"
by = "technician"
"#;
    let read = good(&WORLD.replace(END, rest), None);
    assert_eq!(read.work_orders[1].status, WorkOrderStatus::Completed { at });
    assert_eq!(read.numbers[1].state, NumberState::Released { at });
    let single = &read.sessions[1];
    assert_eq!((single.first_party, &single.kind), (None, &SessionKind::PlainPair));
    assert_eq!(single.state, SessionState::Ended { at, by: EndedBy::Job });
    assert_eq!(single.options.ring_timeout, Some(30));
    assert_eq!(read.contacts[0].at, at);
}

#[test]
fn sessions_may_follow_one_another_and_a_technician_may_have_many_customers() {
    let second =
        "[[session]]\nnumber = \"+13125550190\"\nfirst_party = \"+13125550144\"\nsecond_party = \"+13125550102\"\n";
    let per_technician = "[location.masking]\nmasking_mode = \"per_technician\"";
    let rows: [(&str, String); 4] = [
        ("of a technician's own number", WORLD.replace("[location.masking]", per_technician)),
        ("after one that ended", WORLD.replace(END, &format!("ended_at = 2026-03-01T00:00:00Z\n{END}"))),
        ("before one that begins later", WORLD.replace(END, &format!("started_at = 2026-03-09T00:00:00Z\n{END}"))),
        ("after its job was called off", WORLD.replace("[[work_order]]\n", "[[work_order]]\nstatus = \"canceled\"\n")),
    ];
    for (why, world) in rows {
        let until = if why.starts_with("before") { "expires_at = 2026-03-08T00:00:00Z\n" } else { "" };
        let read = good(&world.replace(END, &format!("{second}{until}")), None);
        assert_eq!(read.sessions.len(), 2, "{why}");
    }
}

#[test]
fn a_registration_under_way_is_not_taken_back() {
    let mut base = good(WORLD, None);
    base.tenant.brand = Brand::InReview;
    let text = "[tenant]\nid = \"acme\"\nbrand = \"pending\"\n";
    assert_eq!(good(text, Some(&base)).tenant.brand, Brand::InReview);
    base.tenant.brand = Brand::None;
    assert_eq!(good(text, Some(&base)).tenant.brand, Brand::Pending);
}
