//! Whatever a file says, reading it ends with an answer.

use proptest::prelude::*;

use super::super::{edit, tenant_of};
use super::{WORLD, no_env, read};

proptest! {
    #[test]
    fn any_text_is_answered(text in any::<String>()) {
        let _ = read(&text, "f", None, &no_env);
        let _ = tenant_of(&text);
    }

    /// Texts made of the pieces of a file, so that most get past the TOML reader.
    #[test]
    fn any_pieces_are_answered(pieces in proptest::collection::vec(piece(), 0..12)) {
        let text = pieces.concat();
        let _ = read(&text, "f", None, &no_env);
    }

    /// The smallest world with one line dropped, doubled or changed.
    #[test]
    fn any_damage_is_answered(line in 0usize..40, value in value(), double: bool) {
        let mut lines: Vec<String> = WORLD.lines().map(str::to_owned).collect();
        let line = line % lines.len();
        let old = lines[line].clone();
        lines[line] = match old.split_once(" = ") {
            Some((key, _)) if !double => format!("{key} = {value}"),
            Some(_) | None if double => format!("{old}\n{old}"),
            Some(_) | None => String::new(),
        };
        let _ = read(&lines.join("\n"), "f", None, &no_env);
    }

    #[test]
    fn any_path_is_answered(path in any::<String>(), value in any::<i64>()) {
        let _ = edit(WORLD, &path, toml::Value::Integer(value));
    }
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("true".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("[{ id = \"a\" }]".to_owned()),
        Just("2026-03-09".to_owned()),
        Just("nan".to_owned()),
        any::<i64>().prop_map(|n| n.to_string()),
        any::<String>().prop_map(|text| toml::Value::String(text).to_string()),
    ]
}

fn piece() -> impl Strategy<Value = String> {
    let headers = [
        "[tenant]\nid = \"t\"\n",
        "[tenant.limits]\n",
        "[[provider_account]]\n",
        "[[location]]\nid = \"l\"\n",
        "[location.masking]\n",
        "[[location.rule]]\n",
        "[[location.override]]\n",
        "[[location.backoffice_line]]\n",
        "[[number]]\n",
        "[[session]]\n",
        "[[contact]]\n",
        "[[work_order]]\n",
    ];
    let keys = ["id", "e164", "phone", "when", "route", "number", "first_party", "status", "hours", "at", "enabled"];
    prop_oneof![
        proptest::sample::select(headers.to_vec()).prop_map(str::to_owned),
        (proptest::sample::select(keys.to_vec()), value()).prop_map(|(key, value)| format!("{key} = {value}\n")),
    ]
}
