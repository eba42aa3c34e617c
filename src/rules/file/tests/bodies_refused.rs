//! Bodies that are refused: each field's own mistakes, by field and code.
//!
//! Deliberately not here: what a good body comes to (`bodies`).

use serde_json::{Value, json};

use super::super::body::{Kind, read};
use super::bodies::world;

pub(super) type Row<'a> = (&'a str, Kind, &'a str, Value, &'a [(&'a str, &'a str)]);

/// Each row is why, the kind and id, the body, and the fields and codes of its mistakes.
pub(super) fn check(rows: &[Row<'_>]) {
    let base = world("");
    for (why, kind, id, body, expected) in rows {
        let found = match read(*kind, id, body, &base) {
            Ok(reading) => panic!("{why}: {body} was read: {:?}", reading.warnings),
            Err(found) => found,
        };
        let mut told: Vec<_> =
            found.iter().filter(|f| !f.warning).map(|f| (f.field.as_str(), f.code.expect("each has one"))).collect();
        let mut expected = expected.to_vec();
        told.sort_unstable();
        expected.sort_unstable();
        assert_eq!(told, expected, "{why}: {found:#?}");
        for word in ["[[", "quotes", "stored", "a table", " in the file", "_env"] {
            assert!(found.iter().all(|f| !f.message.contains(word)), "{why}: {word:?} is a word of files: {found:#?}");
        }
    }
}

#[test]
fn a_body_as_a_whole() {
    use Kind::{Account, Location, Number, Session, Technician, Tenant};
    check(&[
        ("a list", Technician, "jo", json!([]), &[("", "wrong_type")]),
        ("null", Technician, "jo", json!(null), &[("", "wrong_type")]),
        ("an unknown field", Technician, "jo", json!({"phnoe": "x"}), &[("phnoe", "unknown_field")]),
        ("another id", Technician, "jo", json!({"id": "dee"}), &[("id", "read_only")]),
        ("an id that is no text", Technician, "jo", json!({"id": 1}), &[("id", "wrong_type")]),
        (
            "an id that is none",
            Technician,
            "a b",
            json!({"id": "a b", "active": 1}),
            &[("id", "invalid"), ("active", "wrong_type")],
        ),
        (
            "a number that is none",
            Number,
            "3125550190",
            json!({}),
            &[("e164", "invalid"), ("provider_account_id", "missing")],
        ),
        ("another number", Number, "+13125550190", json!({"e164": "+13125550191"}), &[("e164", "read_only")]),
        (
            "every mistake at once",
            Technician,
            "jo",
            json!({"phone": "x", "name": 1, "location_id": "chigaco", "x": {}, "active": null}),
            &[
                ("x", "unknown_field"),
                ("phone", "invalid"),
                ("name", "wrong_type"),
                ("location_id", "not_found"),
                ("active", "wrong_type"),
            ],
        ),
        (
            "variables of the server, of an account",
            Account,
            "tw",
            json!({"auth_token_env": "HOME"}),
            &[("auth_token_env", "unknown_field")],
        ),
        (
            "and of a tenant",
            Tenant,
            "acme",
            json!({"auth_token_env": "HOME", "api_key_env": "HOME"}),
            &[("auth_token_env", "unknown_field"), ("api_key_env", "unknown_field")],
        ),
        (
            "and inside",
            Tenant,
            "acme",
            json!({"deepcall": {"user_id": "a", "token_env": "HOME"}}),
            &[("deepcall.token_env", "unknown_field")],
        ),
        (
            "keys have a door of their own",
            Tenant,
            "acme",
            json!({"api_key": "k", "api_key_hash": "k"}),
            &[("api_key", "unknown_field"), ("api_key_hash", "unknown_field")],
        ),
        (
            "what of a location has doors of its own",
            Location,
            "chicago",
            json!({"masking": {}, "backoffice_line": [], "override": []}),
            &[("masking", "unknown_field"), ("backoffice_line", "unknown_field"), ("override", "unknown_field")],
        ),
        (
            "what happened to a session",
            Session,
            "s-1",
            json!({"ended_at": null, "ended_by": "api", "started_at": "2026-01-01T00:00:00Z"}),
            &[("ended_at", "read_only"), ("ended_by", "read_only"), ("started_at", "read_only")],
        ),
    ]);
}

#[test]
fn each_field_of_people_and_jobs() {
    use Kind::{Customer, Technician, WorkOrder};
    check(&[
        ("a phone that is none", Technician, "jo", json!({"phone": "ask"}), &[("phone", "invalid")]),
        ("a phone that is ours", Technician, "jo", json!({"phone": "+13125550190"}), &[("phone", "conflict")]),
        ("a phone of another type", Technician, "jo", json!({"phone": 13_125_550_144_u64}), &[("phone", "wrong_type")]),
        ("a name taken away", Technician, "jo", json!({"name": null}), &[("name", "wrong_type")]),
        ("a name that is too long", Technician, "jo", json!({"name": "a".repeat(2001)}), &[("name", "too_long")]),
        ("phones that are none", Customer, "ana", json!({"phones": null}), &[("phones", "wrong_type")]),
        ("phones that are no list", Customer, "ana", json!({"phones": "+13125550101"}), &[("phones", "wrong_type")]),
        (
            "phones of mixed types",
            Customer,
            "ana",
            json!({"phones": ["+13125550101", 7, null, {}, [], ""]}),
            &[
                ("phones[1]", "wrong_type"),
                ("phones[2]", "wrong_type"),
                ("phones[3]", "wrong_type"),
                ("phones[4]", "wrong_type"),
                ("phones[5]", "invalid"),
            ],
        ),
        (
            "a phone twice",
            Customer,
            "ana",
            json!({"phones": ["+13125550101", "+13125550101"]}),
            &[("phones[1]", "repeated")],
        ),
        (
            "a contact's phone that is ours",
            Customer,
            "ana",
            json!({"phones": ["+13125550102", "+13125550190"]}),
            &[("phones[1]", "conflict")],
        ),
        ("a blank tag", Customer, "ana", json!({"tags": ["vip", " "]}), &[("tags[1]", "invalid")]),
        ("too many tags", Customer, "ana", json!({"tags": vec!["t"; 1001]}), &[("tags", "too_long")]),
        (
            "nobody",
            WorkOrder,
            "wo-1",
            json!({"technician_id": "bo", "customer_id": "ann"}),
            &[("technician_id", "not_found"), ("customer_id", "not_found")],
        ),
        ("a status that is none", WorkOrder, "wo-1", json!({"status": "done"}), &[("status", "invalid")]),
        ("completed, and when", WorkOrder, "wo-1", json!({"status": "completed"}), &[("status", "missing")]),
        (
            "completed, and null",
            WorkOrder,
            "wo-1",
            json!({"status": "completed", "completed_at": null}),
            &[("status", "missing")],
        ),
        (
            "a date of an open job",
            WorkOrder,
            "wo-1",
            json!({"completed_at": "2026-03-09T10:00:00Z"}),
            &[("completed_at", "conflict")],
        ),
        (
            "a date without an offset",
            WorkOrder,
            "wo-1",
            json!({"status": "canceled", "canceled_at": "2026-03-09T10:00:00"}),
            &[("canceled_at", "invalid")],
        ),
        (
            "a date as seconds",
            WorkOrder,
            "wo-1",
            json!({"status": "canceled", "canceled_at": 5}),
            &[("canceled_at", "wrong_type")],
        ),
    ]);
}

#[test]
fn each_field_of_tenants_accounts_numbers_and_sessions() {
    use Kind::{Account, Number, Session, Tenant};
    check(&[
        (
            "limits",
            Tenant,
            "acme",
            json!({"limits": {"concurrent_calls": -1, "calls": 1}}),
            &[("limits.calls", "unknown_field"), ("limits.concurrent_calls", "out_of_range")],
        ),
        ("limits that are none", Tenant, "acme", json!({"limits": null}), &[("limits", "wrong_type")]),
        (
            "a country",
            Tenant,
            "acme",
            json!({"country": "usa", "allowed_countries": ["US", "x"]}),
            &[("country", "invalid"), ("allowed_countries[1]", "invalid")],
        ),
        (
            "a location that is not there",
            Tenant,
            "acme",
            json!({"default_location": "x"}),
            &[("default_location", "not_found")],
        ),
        (
            "an address by both its names",
            Number,
            "+13125550190",
            json!({"answer_url": "https://a.example/", "application_url": "https://b.example/"}),
            &[("application_url", "conflict")],
        ),
        ("a user name", Tenant, "acme", json!({"auth_id": "x"}), &[("auth_id", "invalid")]),
        ("a secret of another type", Tenant, "acme", json!({"auth_token": 5}), &[("auth_token", "wrong_type")]),
        ("a blank secret", Tenant, "acme", json!({"auth_token": ["a", " "]}), &[("auth_token[1]", "invalid")]),
        ("a new account without a kind", Account, "tx", json!({}), &[("kind", "missing")]),
        ("a kind", Account, "tx", json!({"kind": "twillio"}), &[("kind", "invalid")]),
        ("a price", Account, "tw", json!({"price_per_minute": -0.5}), &[("price_per_minute", "out_of_range")]),
        ("a price as text", Account, "tw", json!({"price_per_minute": "1"}), &[("price_per_minute", "wrong_type")]),
        (
            "an increment beyond i64",
            Account,
            "tw",
            json!({"billing_increment_seconds": u64::MAX}),
            &[("billing_increment_seconds", "out_of_range")],
        ),
        (
            "a float far beyond",
            Account,
            "tw",
            json!({"billing_increment_seconds": 1e300}),
            &[("billing_increment_seconds", "out_of_range")],
        ),
        (
            "a float",
            Account,
            "tw",
            json!({"billing_increment_seconds": 1.5}),
            &[("billing_increment_seconds", "wrong_type")],
        ),
        (
            "no checks for a real account",
            Account,
            "tw",
            json!({"sandbox": false, "signature": "off"}),
            &[("signature", "conflict")],
        ),
        ("a key that is none", Account, "tw", json!({"public_key": "x"}), &[("public_key", "invalid")]),
        ("an address", Account, "tw", json!({"api_base_url": "ftp://x"}), &[("api_base_url", "invalid")]),
        (
            "a number's account taken away",
            Number,
            "+13125550190",
            json!({"provider_account_id": null}),
            &[("provider_account_id", "wrong_type")],
        ),
        ("no channel", Number, "+13125550190", json!({"capabilities": []}), &[("capabilities", "invalid")]),
        (
            "for two",
            Number,
            "+13125550190",
            json!({"technician_id": "jo", "work_order_id": "wo-1"}),
            &[("work_order_id", "conflict")],
        ),
        (
            "released, and when",
            Number,
            "+13125550190",
            json!({"state": "released", "released_at": null}),
            &[("state", "missing")],
        ),
        ("a person's phone", Number, "+13125550144", json!({"provider_account_id": "tw"}), &[("e164", "conflict")]),
        ("a session of nobody", Session, "s-2", json!({"number": "+13125550190"}), &[("first_party", "missing")]),
        ("a session nowhere", Session, "s-2", json!({"first_party": "+13125550144"}), &[("number", "missing")]),
        ("a number that is not ours", Session, "s-1", json!({"number": "+13125550191"}), &[("number", "not_found")]),
        (
            "a party that is ours",
            Session,
            "s-1",
            json!({"second_party": "+13125550190"}),
            &[("second_party", "conflict")],
        ),
        (
            "a party that is both",
            Session,
            "s-1",
            json!({"second_party": "+13125550144"}),
            &[("second_party", "conflict")],
        ),
        (
            "a time limit",
            Session,
            "s-1",
            json!({"call_time_limit": 59, "ring_timeout": 601}),
            &[("ring_timeout", "out_of_range"), ("call_time_limit", "out_of_range")],
        ),
    ]);
}
