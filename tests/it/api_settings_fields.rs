//! Each masking setting in each encoding: both ends of its range, their neighbours, other types, blanks, repetitions; and
//! the description of the API, which says the same.
//!
//! Deliberately not here: what a setting does.

use serde_json::{Value, json};

use crate::api::{Api, KEY};
use crate::api_settings::{CHICAGO, Encoding, form, row};

/// What a field takes, as the documentation says it.
#[derive(Clone, Copy)]
enum Takes {
    Bool,
    Whole(i64, i64),
    Words(&'static [&'static str]),
    Channels,
    Whisper,
    Key,
}

const ROUTES: Takes = Takes::Words(&["technician", "backoffice", "voicemail"]);

const FIELDS: [(&str, Takes, &str); 21] = [
    ("enabled", Takes::Bool, "false"),
    (
        "masking_mode",
        Takes::Words(&["shared_tenant", "shared_location", "per_technician", "per_job_ephemeral"]),
        "\"shared_tenant\"",
    ),
    ("masking_policy", Takes::Words(&["enforced", "offered"]), "\"enforced\""),
    ("masking_default_channels", Takes::Channels, "[\"sms\",\"voice\"]"),
    ("provider_ownership", Takes::Words(&["platform", "tenant_byo"]), "\"platform\""),
    ("max_masking_numbers", Takes::Whole(1, 500), "50"),
    ("cooldown_days", Takes::Whole(0, 180), "30"),
    ("grace_window_days", Takes::Whole(0, 60), "7"),
    ("eager_provisioning_enabled", Takes::Bool, "false"),
    ("retention_days", Takes::Whole(1, 3650), "365"),
    ("store_sms_body", Takes::Bool, "false"),
    ("record_voice_calls", Takes::Bool, "false"),
    ("smart_callback_window_minutes", Takes::Whole(1, 1440), "60"),
    ("voice_no_match_action", Takes::Words(&["hangup", "voicemail", "dispatcher_queue"]), "\"hangup\""),
    ("inbound_callback_route_in_hours", ROUTES, "\"technician\""),
    ("inbound_callback_route_out_of_hours", ROUTES, "\"technician\""),
    ("backoffice_whisper_enabled", Takes::Bool, "true"),
    ("backoffice_whisper_text", Takes::Whisper, "\"\""),
    ("backoffice_whisper_require_accept", Takes::Bool, "false"),
    ("backoffice_whisper_accept_key", Takes::Key, "\"1\""),
    ("backoffice_whisper_timeout_seconds", Takes::Whole(1, 60), "10"),
];

impl Takes {
    /// Texts of a form that are right.
    fn good(self) -> Vec<String> {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        match self {
            Self::Bool => own(&["true", "false"]),
            Self::Whole(least, most) => vec![least.to_string(), most.to_string()],
            Self::Words(words) => own(words),
            Self::Channels => own(&["sms", "voice"]),
            Self::Whisper => vec!["\u{e9}".repeat(500), "{customer_name} for {tech_name}: {accept_key}".to_owned()],
            Self::Key => own(&["0", "9", "*", "#"]),
        }
    }

    /// Texts of a form that are wrong, with the code that says so.
    fn bad(self) -> Vec<(String, &'static str)> {
        let own = |rows: &[(&str, &'static str)]| rows.iter().map(|(text, code)| ((*text).to_owned(), *code)).collect();
        match self {
            Self::Bool => {
                own(&[("yes", "wrong_type"), ("1", "wrong_type"), ("True", "wrong_type"), (" true", "wrong_type")])
            }
            Self::Whole(least, most) => vec![
                ((least - 1).to_string(), "out_of_range"),
                ((most + 1).to_string(), "out_of_range"),
                (format!("{most}.0"), "wrong_type"),
                (format!(" {most}"), "wrong_type"),
                ("many".to_owned(), "wrong_type"),
            ],
            Self::Words(words) => vec![(words[0].to_uppercase(), "invalid"), (format!("{}s", words[0]), "invalid")],
            Self::Channels => own(&[("mms", "invalid"), ("sms,voice", "invalid")]),
            Self::Whisper => vec![("a".repeat(501), "too_long"), ("{phone}".to_owned(), "invalid")],
            Self::Key => own(&[("11", "invalid"), ("a", "invalid")]),
        }
    }

    /// A right text, as JSON carries it.
    fn json(self, text: &str) -> Value {
        match self {
            Self::Bool | Self::Whole(..) => text.parse().expect("JSON"),
            Self::Channels => json!([text]),
            Self::Words(_) | Self::Whisper | Self::Key => json!(text),
        }
    }

    /// Values that JSON knows and this is not.
    fn other_types(self) -> Vec<Value> {
        let list = matches!(self, Self::Channels);
        let mut all = vec![json!(null), json!({}), json!(1.5)];
        all.extend((!list).then(|| json!(["sms"])));
        all.extend((!matches!(self, Self::Bool)).then(|| json!(true)));
        all.extend((!matches!(self, Self::Whole(..))).then(|| json!(1)));
        all.extend(matches!(self, Self::Bool | Self::Whole(..) | Self::Channels).then(|| json!("1")));
        all
    }
}

#[tokio::test]
async fn what_is_right_is_stored_alike_in_every_encoding() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for (name, takes, _) in FIELDS {
        for text in takes.good() {
            let before = row(&api.ask("GET", CHICAGO, Value::Null).await);
            let expected = takes.json(&text);
            for how in [None, Some(Encoding::Form), Some(Encoding::Parts)] {
                // Something else first, so that it changes each time.
                let other = takes.good().into_iter().find(|other| *other != text).expect("another value");
                api.ask("PUT", CHICAGO, json!({ name: takes.json(&other) })).await;
                let told = match how {
                    None => api.ask("PUT", CHICAGO, json!({ name: expected })).await,
                    Some(how) => form(&api, how, "PUT", CHICAGO, &[(name, &text)]).await,
                };
                assert_eq!((told.status, &told.body[name]), (200, &expected), "{name} = {text} by {how:?}: {told:?}");
            }
            let mut after = row(&api.ask("GET", CHICAGO, Value::Null).await);
            assert_eq!(after[name], expected);
            after[name] = before[name].clone();
            assert_eq!(after, before, "{name} alone changed");
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_refused_alike_in_every_encoding() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let before = api.ask("GET", CHICAGO, Value::Null).await;
    for (name, takes, _) in FIELDS {
        for (text, code) in takes.bad() {
            for how in [Encoding::Form, Encoding::Parts] {
                let told = form(&api, how, "PATCH", CHICAGO, &[(name, &text)]).await;
                assert_eq!((told.status, told.errors()), (422, vec![format!("{name} {code}")]), "{text} by {how:?}");
            }
            let value = match takes {
                Takes::Whole(..) => serde_json::from_str(text.trim()).unwrap_or_else(|_| json!(text)),
                Takes::Channels => json!([text]),
                Takes::Bool | Takes::Words(_) | Takes::Whisper | Takes::Key => json!(text),
            };
            // JSON's spaces are not the number's.
            if matches!(takes, Takes::Whole(..)) && text.starts_with(' ') {
                continue;
            }
            let told = api.ask("PATCH", CHICAGO, json!({ name: value })).await;
            assert_eq!((told.status, told.errors()), (422, vec![format!("{name} {code}")]), "{text} in JSON");
        }
        for value in takes.other_types() {
            let told = api.ask("PATCH", CHICAGO, json!({ name: value })).await;
            assert_eq!((told.status, told.errors()), (422, vec![format!("{name} wrong_type")]), "{value}");
        }
        let good = takes.good();
        let is_list = matches!(takes, Takes::Channels);
        for how in [Encoding::Form, Encoding::Parts] {
            let told = form(&api, how, "PATCH", CHICAGO, &[(name, &good[0]), (name, &good[0])]).await;
            assert_eq!(told.errors(), [format!("{name} repeated")], "{name} twice by {how:?}");
            let listed = format!("{name}[]");
            let told = form(&api, how, "PATCH", &format!("{CHICAGO}?dry_run=true"), &[(&listed, &good[0])]).await;
            let expected = if is_list { vec![] } else { vec![format!("{listed} unknown_field")] };
            assert_eq!(told.errors(), expected, "{listed} by {how:?}");
        }
        let twice = format!("{{\"{name}\":{0},\"{name}\":{0}}}", takes.json(&good[0]));
        let headers = [("x-tenant-key", KEY), ("content-type", "application/json")];
        let told = api.raw("PATCH", CHICAGO, &headers, twice.into_bytes()).await;
        assert_eq!((told.status, told.errors()), (422, vec![format!("{name} repeated")]));
    }
    assert_eq!(api.ask("GET", CHICAGO, Value::Null).await.body, before.body);
}

#[tokio::test]
async fn a_blank_in_a_form_is_absent_and_takes_back_the_whisper() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let start = row(&api.ask("GET", CHICAGO, Value::Null).await);
    for how in [Encoding::Form, Encoding::Parts] {
        api.ask("PUT", CHICAGO, json!({"backoffice_whisper_text": "Hello"})).await;
        let blanks: Vec<_> = FIELDS.iter().map(|(name, ..)| (*name, "")).collect();
        let told = form(&api, how, "POST", CHICAGO, &blanks).await;
        assert_eq!((told.status, row(&told)), (200, start.clone()), "{how:?}");
        let lists: [&[(&str, &str)]; 3] = [
            &[("masking_default_channels", "sms"), ("masking_default_channels", "voice")],
            &[("masking_default_channels[]", "voice"), ("masking_default_channels[]", "sms")],
            &[
                ("masking_default_channels[]", ""),
                ("masking_default_channels[]", "voice"),
                ("masking_default_channels", "sms"),
            ],
        ];
        for list in lists {
            api.ask("PUT", CHICAGO, json!({"masking_default_channels": ["voice"]})).await;
            let told = form(&api, how, "PUT", CHICAGO, list).await;
            assert_eq!(
                (told.status, &told.body["masking_default_channels"]),
                (200, &json!(["sms", "voice"])),
                "{list:?}"
            );
        }
    }
    for (name, takes, _) in FIELDS {
        let told = api.ask("PUT", CHICAGO, json!({ name: "" })).await;
        let is_text = matches!(takes, Takes::Whisper);
        assert_eq!(told.status, if is_text { 200 } else { 422 }, "a blank {name} in JSON: {told:?}");
    }
}

#[tokio::test]
async fn the_description_says_what_each_field_takes() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let described = api.with("GET", "/openapi.json", &[], Value::Null).await.body;
    let door = &described["paths"]["/api/v1/locations/{location_id}/masking-settings"];
    let schema = |value: &Value| {
        let name = value["$ref"].as_str().and_then(|path| path.strip_prefix("#/components/schemas/"));
        described["components"]["schemas"][name.unwrap_or_else(|| panic!("a reference: {value}"))].clone()
    };
    for method in ["put", "patch", "post"] {
        let content = &door[method]["requestBody"]["content"];
        for (kind, lists) in
            [("application/json", 0), ("multipart/form-data", 1), ("application/x-www-form-urlencoded", 1)]
        {
            let body = schema(&content[kind]["schema"]);
            assert_eq!(body["additionalProperties"], false, "{kind}");
            let fields = body["properties"].as_object().expect("fields");
            assert_eq!(fields.len(), FIELDS.len() + lists, "{kind}");
            for (name, takes, default) in FIELDS {
                let field = &fields[name];
                assert_eq!(field["default"].to_string(), default, "{name}");
                assert!(field["description"].as_str().is_some_and(|text| text.len() > 20), "{name}");
                match takes {
                    Takes::Bool => assert_eq!(field["type"], "boolean"),
                    Takes::Whole(least, most) => assert_eq!(
                        (&field["type"], &field["minimum"], &field["maximum"]),
                        (&json!("integer"), &json!(least), &json!(most)),
                        "{name}"
                    ),
                    Takes::Words(words) => assert_eq!(field["enum"], json!(words), "{name}"),
                    Takes::Channels => {
                        assert_eq!((&field["minItems"], &field["items"]["enum"]), (&json!(1), &json!(["sms", "voice"])))
                    }
                    Takes::Whisper => {
                        let placeholders = "^([^{}]|\\{(customer_name|tech_name|location_name|accept_key)\\})*$";
                        assert_eq!((&field["maxLength"], &field["pattern"]), (&json!(500), &json!(placeholders)));
                    }
                    Takes::Key => assert_eq!(field["pattern"], "^[0-9*#]$"),
                }
            }
        }
        for status in ["200", "400", "401", "404", "409", "412", "413", "415", "422", "429", "503"] {
            assert!(door[method]["responses"][status].is_object(), "{method} {status}");
        }
    }
    let shown = schema(&door["get"]["responses"]["200"]["content"]["application/json"]["schema"]).to_string();
    for name in ["location_id", "brand_registration", "mode_transition", "warnings", "MaskingSettingsRow"] {
        assert!(shown.contains(name), "{name}: {shown}");
    }
    let row = &described["components"]["schemas"]["MaskingSettingsRow"];
    assert_eq!(row["required"], json!(FIELDS.map(|(name, ..)| name)));
}
