//! Settings as requests send them, field by field: every legal end of a range, its neighbours, other types, blanks,
//! repetitions.
//!
//! Deliberately not here: checks across fields (`checks`, `judge`).

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::body::{Wanted, from_form, from_json};
use super::{FIELDS, Field, Kind, show_all};
use crate::domain::{Channels, MaskingSettings};
use crate::rules::finding::Finding;

fn form(pairs: &[(&str, &str)]) -> Result<Wanted, Vec<Finding>> {
    let pairs: Vec<_> = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    from_form(&MaskingSettings::default(), &pairs)
}

fn body(name: &str, value: Json) -> Result<Wanted, Vec<Finding>> {
    from_json(&MaskingSettings::default(), &json!({ name: value }))
}

fn codes(read: &Result<Wanted, Vec<Finding>>) -> Vec<(String, &'static str)> {
    let found = read.as_ref().err().into_iter().flatten();
    found.map(|f| (f.field.clone(), f.code.expect("each has one"))).collect()
}

/// What a field may be, as texts of a form; what it may not be, with the code.
fn texts(field: &Field) -> (Vec<String>, Vec<(String, &'static str)>) {
    let own = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>();
    let bad = |rows: &[(&str, &'static str)]| rows.iter().map(|(text, code)| ((*text).to_owned(), *code)).collect();
    match field.kind {
        Kind::Bool => {
            let others = ["True", "TRUE", "1", "0", "yes", "on", " true", "true ", "null", "вкл"];
            (own(&["true", "false"]), bad(&others.map(|text| (text, "wrong_type"))))
        }
        Kind::Integer { least, most } => {
            let mut wrong: Vec<_> =
                [least - 1, most + 1, i64::MAX, i64::MIN].iter().map(|n| (n.to_string(), "out_of_range")).collect();
            wrong.push(("9".repeat(400), "out_of_range"));
            let others = ["ten", "1.0", "1e1", "+1", " 1", "1 ", "-", "--1", "0x1", "1_0", "١"];
            wrong.extend(others.map(|text| (text.to_owned(), "wrong_type")));
            (vec![least.to_string(), most.to_string(), format!("00{most}")], wrong)
        }
        Kind::Word(words) => {
            let upper = words()[0].to_uppercase();
            let wrong = vec![(upper, "invalid"), (format!("{} ", words()[0]), "invalid"), ("1".to_owned(), "invalid")];
            (own(&words()), wrong)
        }
        Kind::Channels => {
            (own(&["sms", "voice"]), bad(&[("SMS", "invalid"), ("sms,voice", "invalid"), (" ", "invalid")]))
        }
        Kind::Template { most } => (
            vec!["a".repeat(most), "é".repeat(most), "{accept_key} {tech_name}".to_owned(), " ".repeat(most)],
            vec![("a".repeat(most + 1), "too_long"), ("{name}".to_owned(), "invalid"), ("}".to_owned(), "invalid")],
        ),
        Kind::Key => (
            own(&["0", "9", "*", "#"]),
            bad(&[("10", "invalid"), ("a", "invalid"), (" ", "invalid"), ("٣", "invalid")]),
        ),
    }
}

/// A text of a form as JSON says the same.
fn as_json(field: &Field, text: &str) -> Json {
    match field.kind {
        Kind::Bool => json!(text == "true"),
        Kind::Integer { .. } => json!(text.parse::<i64>().expect("a whole number")),
        Kind::Channels => json!([text]),
        Kind::Word(_) | Kind::Template { .. } | Kind::Key => json!(text),
    }
}

#[test]
fn every_field_takes_its_values_in_both_encodings_alike() {
    for field in FIELDS {
        for text in texts(field).0 {
            let by_form = form(&[(field.name, &text)]);
            let (settings, sent) =
                by_form.clone().unwrap_or_else(|found| panic!("{} = {text:?}: {found:?}", field.name));
            assert_eq!(sent, [field.name]);
            let others = show_all(&settings).into_iter().zip(show_all(&MaskingSettings::default()));
            assert!(
                others.into_iter().all(|(now, was)| now.0 == field.name || now == was),
                "{} = {text:?}",
                field.name
            );
            if !text.trim().is_empty() {
                assert_eq!(body(field.name, as_json(field, &text)), by_form, "{} = {text:?}", field.name);
            }
        }
    }
}

#[test]
fn every_field_refuses_the_rest_by_name_and_code() {
    for field in FIELDS {
        for (text, code) in texts(field).1 {
            let told = codes(&form(&[(field.name, &text)]));
            assert_eq!(told, [(field.name.to_owned(), code)], "{} = {text:?}", field.name);
        }
        let name = field.name;
        let (is_bool, is_number) = (matches!(field.kind, Kind::Bool), matches!(field.kind, Kind::Integer { .. }));
        let (is_list, is_text) = (matches!(field.kind, Kind::Channels), matches!(field.kind, Kind::Template { .. }));
        for (value, expected) in [
            (json!(null), Some("wrong_type")),
            (json!({}), Some("wrong_type")),
            (json!({"a": [1]}), Some("wrong_type")),
            (json!(1.5), Some("wrong_type")),
            (json!(1.0), Some("wrong_type")),
            (json!(true), (!is_bool).then_some("wrong_type")),
            (
                json!("true"),
                if is_bool || is_number || is_list { Some("wrong_type") } else { (!is_text).then_some("invalid") },
            ),
            (json!(""), (!is_text).then_some("invalid")),
            (json!("  "), Some("invalid")),
            (json!(u64::MAX), Some(if is_number { "out_of_range" } else { "wrong_type" })),
            (json!(-1e300), Some(if is_number { "out_of_range" } else { "wrong_type" })),
            (json!(i64::MIN), Some(if is_number { "out_of_range" } else { "wrong_type" })),
            (json!([]), Some(if is_list { "invalid" } else { "wrong_type" })),
            (json!(["voice", "voice"]), Some(if is_list { "repeated" } else { "wrong_type" })),
        ] {
            let told = codes(&body(name, value.clone()));
            let expected: Vec<_> = expected.map(|code| (name.to_owned(), code)).into_iter().collect();
            assert_eq!(told, expected, "{name} = {value}");
        }
    }
    let mixed = codes(&body("masking_default_channels", json!(["sms", 1, null])));
    let at = |index: usize| (format!("masking_default_channels[{index}]"), "wrong_type");
    assert_eq!(mixed, [at(1), at(2)]);
}

#[test]
fn a_form_may_leave_blank_and_repeat_only_what_is_a_list() {
    let stored = MaskingSettings { backoffice_whisper_text: "Hello".to_owned(), ..MaskingSettings::default() };
    for field in FIELDS {
        let read = from_form(&stored, &[(field.name.to_owned(), String::new())]).expect("a blank is absent");
        let is_text = matches!(field.kind, Kind::Template { .. });
        assert_eq!(read.1, if is_text { vec![field.name] } else { vec![] }, "{}", field.name);
        assert_eq!(read.0.backoffice_whisper_text, if is_text { "" } else { "Hello" });
        let good = texts(field).0;
        let (twice, list) = ([(field.name, good[0].as_str()); 2], format!("{}[]", field.name));
        let is_list = matches!(field.kind, Kind::Channels);
        assert_eq!(codes(&form(&twice)), [(field.name.to_owned(), "repeated")], "{}", field.name);
        let by_list = codes(&form(&[(&list, &good[0])]));
        let expected = if is_list { vec![] } else { vec![(list.clone(), "unknown_field")] };
        assert_eq!(by_list, expected, "{list}");
    }
    let both = Channels { voice: true, sms: true };
    for (why, pairs, expected) in [
        ("repeated", vec![("masking_default_channels", "voice"), ("masking_default_channels", "sms")], both),
        ("as a list", vec![("masking_default_channels[]", "sms")], Channels { voice: false, sms: true }),
        ("both ways", vec![("masking_default_channels[]", "sms"), ("masking_default_channels", "voice")], both),
        (
            "beside a blank",
            vec![("masking_default_channels[]", ""), ("masking_default_channels[]", "voice")],
            Channels { voice: true, sms: false },
        ),
    ] {
        assert_eq!(form(&pairs).expect(why).0.masking_default_channels, expected, "{why}");
    }
}

#[test]
fn all_mistakes_come_at_once_and_unknown_fields_with_a_suggestion() {
    let read = form(&[("cooldown_day", "3"), ("enabled", "yes"), ("retention_days", "0"), ("store_sms_body", "true")]);
    let expected = [("cooldown_day", "unknown_field"), ("enabled", "wrong_type"), ("retention_days", "out_of_range")];
    assert_eq!(codes(&read), expected.map(|(field, code)| (field.to_owned(), code)));
    assert!(read.expect_err("refused")[0].message.contains("did you mean \"cooldown_days\"?"));
    let long = "x".repeat(100_000);
    let found = body(&long, json!(1)).expect_err("no such field");
    assert!(found[0].field.len() == 64 && found[0].message.len() < 1000);
    assert_eq!(codes(&body("masking_default_channels[]", json!(["sms"]))).len(), 1, "JSON has one name for the list");
    for whole in [json!([]), json!(null), json!("x")] {
        assert_eq!(codes(&from_json(&MaskingSettings::default(), &whole)), [(String::new(), "wrong_type")]);
    }
}

#[test]
fn what_is_shown_can_be_sent_back() {
    let settings = MaskingSettings { enabled: true, retention_days: 9, ..MaskingSettings::default() };
    let shown: serde_json::Map<String, Json> = show_all(&settings)
        .into_iter()
        .map(|(name, value)| {
            let value = match value {
                super::Value::Bool(on) => json!(on),
                super::Value::Integer(n) => json!(n),
                super::Value::Text(text) => json!(text),
                super::Value::List(list) => json!(list),
            };
            (name.to_owned(), value)
        })
        .collect();
    let (read, sent) = from_json(&MaskingSettings::default(), &Json::Object(shown)).expect("it is what we say");
    assert_eq!((read, sent.len()), (settings, FIELDS.len()));
}

proptest! {
    #[test]
    fn any_form_is_answered(pairs in proptest::collection::vec((any::<prop::sample::Index>(), any::<String>(), any::<bool>()), 0..8)) {
        let names: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        let named = |(at, text, known): (prop::sample::Index, String, bool)| {
            let name = *at.get(&names);
            if known { (name.to_owned(), text) } else { (text, name.to_owned()) }
        };
        let pairs: Vec<_> = pairs.into_iter().map(named).collect();
        let stored = MaskingSettings::default();
        if let Ok((settings, sent)) = from_form(&stored, &pairs) {
            for ((name, now), (_, was)) in show_all(&settings).into_iter().zip(show_all(&stored)) {
                prop_assert!(now == was || sent.contains(&name));
            }
        }
    }
}
