//! Bodies of locations and lines that are refused, by field and code.
//!
//! Deliberately not here: the other kinds (`bodies_refused`).

use serde_json::json;

use super::super::body::Kind;
use super::bodies_refused::check;

#[test]
fn each_field_of_locations_and_lines() {
    use Kind::{Line, Location};
    check(&[
        (
            "two dates of one field",
            Location,
            "chicago",
            json!({"closed_dates": ["x", "2026-02-30"]}),
            &[("closed_dates", "invalid"), ("closed_dates", "invalid")],
        ),
        ("hours", Location, "chicago", json!({"hours": "Mo-Fr 25:00"}), &[("hours", "invalid")]),
        ("hours without a zone", Location, "boston", json!({"hours": "24/7"}), &[("time_zone", "missing")]),
        ("a zone", Location, "chicago", json!({"time_zone": "Chicago"}), &[("time_zone", "invalid")]),
        (
            "a date",
            Location,
            "chicago",
            json!({"special_hours": {"2026-12-24": 5}}),
            &[("special_hours.2026-12-24", "wrong_type")],
        ),
        (
            "a route twice",
            Location,
            "chicago",
            json!({"on_no_answer": ["voicemail", "voicemail"]}),
            &[("on_no_answer[1]", "repeated")],
        ),
        (
            "a prompt",
            Location,
            "chicago",
            json!({"prompts": {"goodby": "x", "goodbye": "{x}"}}),
            &[("prompts.goodby", "unknown_field"), ("prompts.goodbye", "invalid")],
        ),
        (
            "a queue",
            Location,
            "chicago",
            json!({"dispatcher_queue": {"max_wait_seconds": 0}}),
            &[("dispatcher_queue.max_wait_seconds", "out_of_range")],
        ),
        ("a rule that is no list", Location, "chicago", json!({"rule": {}}), &[("rule", "wrong_type")]),
        ("a rule of texts", Location, "chicago", json!({"rule": ["x"]}), &[("rule[0]", "wrong_type")]),
        (
            "a rule without a route",
            Location,
            "chicago",
            json!({"rule": [{"when": {"days": "Mo"}}]}),
            &[("rule[0].route", "missing")],
        ),
        (
            "a rule to nobody",
            Location,
            "chicago",
            json!({"rule": [{"route": {"technician": "x"}}, {"route": {"line": "x"}}]}),
            &[("rule[0].route.technician", "not_found"), ("rule[1].route.line", "not_found")],
        ),
        (
            "conditions",
            Location,
            "chicago",
            json!({"rule": [{"when": {"hour": "open", "reply": "yes"}, "route": 5}]}),
            &[
                ("rule[0].when.hour", "unknown_field"),
                ("rule[0].route", "wrong_type"),
                ("rule[0].when.reply", "wrong_type"),
            ],
        ),
        (
            "too deep",
            Location,
            "chicago",
            json!({"rule": [[[[[[[[[[1]]]]]]]]]]}),
            &[("rule[0][0][0][0][0][0][0][0]", "invalid")],
        ),
        ("a new line", Line, "desk-2", json!({}), &[("location_id", "missing"), ("phone", "missing")]),
        (
            "a line nowhere",
            Line,
            "desk-2",
            json!({"location_id": "chigaco", "phone": "x"}),
            &[("location_id", "not_found"), ("phone", "invalid")],
        ),
        (
            "a line's location of another type",
            Line,
            "desk-2",
            json!({"location_id": 5, "phone": "+13125550124"}),
            &[("location_id", "wrong_type")],
        ),
        ("a line moves", Line, "desk-1", json!({"location_id": "loop"}), &[("location_id", "read_only")]),
        ("a line without a phone", Line, "desk-1", json!({"phone": null}), &[("phone", "wrong_type")]),
        ("a line with an empty one", Line, "desk-1", json!({"phone": ""}), &[("phone", "missing")]),
        ("a line that is ours", Line, "desk-1", json!({"phone": "+13125550190"}), &[("phone", "conflict")]),
        (
            "a position",
            Line,
            "desk-1",
            json!({"position": 0, "active": "true"}),
            &[("position", "out_of_range"), ("active", "wrong_type")],
        ),
    ]);
}
