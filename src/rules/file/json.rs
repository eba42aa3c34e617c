//! A JSON value as the text of a rules file, so that one reader reads both.
//!
//! `null` is unknown to rules files: a date stands for it, which JSON cannot say.
//!
//! Deliberately not here: which fields there are.

use serde_json::Value;

use super::table::LONGEST_TEXT;
use crate::rules::finding::{Finding, code};

/// What stands for `null`.
const NULL: &str = "0001-01-01";

/// How deep a body goes: a condition of a rule is in a list of a table of a table of a list.
const DEEPEST: usize = 8;

/// How many items a list or an object has at most.
const MOST_ITEMS: usize = 1000;

/// How long the name of a field may be, in characters.
const LONGEST_NAME: usize = 64;

/// The text of a value, or what is wrong with something in it.
pub(super) fn written(path: &str, value: &Value, found: &mut Vec<Finding>) -> Option<String> {
    let mut text = String::new();
    let before = found.len();
    write(path, value, 1, &mut text, found);
    (found.len() == before).then_some(text)
}

/// A text between quotes.
pub(super) fn quoted(text: &str) -> String {
    // JSON's escapes are TOML's, but for the one character that JSON leaves as it is.
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn write(path: &str, value: &Value, depth: usize, text: &mut String, found: &mut Vec<Finding>) {
    if depth > DEEPEST {
        found.push(Finding::mistake(path, "is nested too deeply").coded(code::INVALID));
        return;
    }
    match value {
        Value::Null => text.push_str(NULL),
        Value::Bool(on) => text.push_str(if *on { "true" } else { "false" }),
        Value::Number(number) => text.push_str(&plain(number)),
        Value::String(words) if words.chars().take(LONGEST_TEXT + 1).count() > LONGEST_TEXT => {
            let message = format!("is longer than {LONGEST_TEXT} characters");
            found.push(Finding::mistake(path, message).coded(code::TOO_LONG));
        }
        Value::String(words) => text.push_str(&quoted(words)),
        Value::Array(items) if items.len() > MOST_ITEMS => found.push(too_many(path)),
        Value::Array(items) => {
            text.push('[');
            for (index, item) in items.iter().enumerate() {
                write(&format!("{path}[{index}]"), item, depth + 1, text, found);
                text.push(',');
            }
            text.push(']');
        }
        Value::Object(fields) if fields.len() > MOST_ITEMS => found.push(too_many(path)),
        Value::Object(fields) => {
            text.push('{');
            for (index, (name, value)) in fields.iter().enumerate() {
                let path = format!("{path}.{}", shown(name));
                if name.chars().take(LONGEST_NAME + 1).count() > LONGEST_NAME {
                    found.push(Finding::mistake(path, "no such field").coded(code::UNKNOWN_FIELD));
                    continue;
                }
                text.push_str(if index == 0 { "" } else { "," });
                text.push_str(&quoted(name));
                text.push('=');
                write(&path, value, depth + 1, text, found);
            }
            text.push('}');
        }
    }
}

/// The name of a field as far as it is worth showing.
pub(super) fn shown(name: &str) -> String {
    name.chars().take(LONGEST_NAME).collect()
}

fn too_many(path: &str) -> Finding {
    Finding::mistake(path, format!("has more than {MOST_ITEMS} items")).coded(code::TOO_LONG)
}

/// A number in digits: a rules file wants some on both sides of an exponent's point.
fn plain(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() >= 1e18 => format!("{float:.0}"),
        Some(float) if number.is_f64() => format!("{float:?}"),
        Some(_) | None => number.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for (value, expected) in [
            (json!(null), "0001-01-01"),
            (json!(true), "true"),
            (json!(-3), "-3"),
            (json!(u64::MAX), "18446744073709551615"),
            (json!(1e19), "10000000000000000000"),
            (json!(1.0), "1.0"),
            (json!(1e-7), "1e-7"),
            (json!("a \"b\"\n\u{7f}\u{0}"), "\"a \\\"b\\\"\\n\\u007f\\u0000\""),
            (json!([1, "a", null]), "[1,\"a\",0001-01-01,]"),
            (json!({"a b": {}, "c": []}), "{\"a b\"={},\"c\"=[]}"),
        ] {
            let mut found = Vec::new();
            let text = written("field", &value, &mut found).expect("nothing is wrong with it");
            assert_eq!(text, expected);
            let file = format!("field = {text}\n");
            assert!(toml::de::DeTable::parse(&file).is_ok(), "{file}");
        }
    }

    #[test]
    fn what_is_beyond_measure_is_a_finding() {
        let deep = (0..200).fold(json!(1), |inner, _| json!([inner]));
        let name = "n".repeat(65);
        for (value, code) in [
            (deep, code::INVALID),
            (json!("a".repeat(2001)), code::TOO_LONG),
            (json!(vec![1; 1001]), code::TOO_LONG),
            (json!({ name: 1 }), code::UNKNOWN_FIELD),
        ] {
            let mut found = Vec::new();
            assert_eq!(written("field", &value, &mut found), None);
            assert_eq!(found[0].code, Some(code));
            assert!(found[0].field.len() < 100, "{}", found[0].field);
        }
    }
}
