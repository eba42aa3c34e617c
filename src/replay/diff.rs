//! Where an answer differs from what was expected: a path, what should be there, what is there.
//!
//! Deliberately not here: telling it to people (`replay::story`).

use serde_json::Value;

use super::binding::Bindings;
use super::fixture::Expect;
use super::overlay;

/// One difference.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Difference {
    /// The exchange, from 1; 0 where a whole call differs.
    pub exchange: usize,
    /// Its line in the file.
    pub line: usize,
    /// Where in the answer: `status`, a path such as `/Response/Dial[1]/@timeout`, `decision.route`, `effects`.
    pub path: String,
    /// What was expected.
    pub expected: String,
    /// What came.
    pub got: String,
}

impl Difference {
    /// A difference of a whole case.
    pub fn of_all(path: &str, expected: &str, got: &str) -> Self {
        Self { exchange: 1, line: 0, path: path.to_owned(), expected: expected.to_owned(), got: got.to_owned() }
    }
}

/// An answer and what is known of how it came about.
#[derive(Clone, Debug, Default)]
pub struct Got {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
    /// The decision, `null` where there is none; `None` where it cannot be seen from here.
    pub decision: Option<Value>,
    /// The kinds of the effects; `None` where they cannot be seen from here.
    pub effects: Option<Vec<String>>,
}

/// Compares an answer with what is expected of it, as pairs of path, expected and got; free names are bound.
pub fn answer(expect: &Expect, got: &Got, bindings: &mut Bindings) -> Vec<(String, String, String)> {
    let mut differences = Vec::new();
    let mut differ = |path: &str, expected: String, got: String| {
        differences.push((path.to_owned(), expected, got));
    };
    if let Some(status) = expect.status
        && status != got.status
    {
        differ("status", status.to_string(), got.status.to_string());
    }
    if let Some(expected) = &expect.document {
        document(expected, &got.body, bindings, &mut differ);
    }
    if let (Some(expected), Some(decision)) = (&expect.decision, &got.decision) {
        for (key, value) in expected {
            let path = format!("decision.{key}");
            if key == "why" {
                let codes = codes(decision);
                let expected: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                if expected != codes {
                    differ(&path, expected.join(" "), codes.join(" "));
                }
            } else {
                let found = self::value(&path, value, decision.get(key).unwrap_or(&Value::Null), bindings);
                found.into_iter().for_each(|(path, expected, got)| differ(&path, expected, got));
            }
        }
    }
    if let (Some(expected), Some(effects)) = (&expect.effects, &got.effects) {
        let sorted = |kinds: &[String]| {
            let mut kinds = kinds.to_vec();
            kinds.sort();
            kinds
        };
        if sorted(expected) != sorted(effects) {
            differ("effects", listed(expected), listed(effects));
        }
    }
    differences
}

/// The codes of a decision's reasons, in order.
pub fn codes(decision: &Value) -> Vec<&str> {
    let why = decision.get("why").and_then(Value::as_array);
    why.into_iter().flatten().filter_map(|reason| reason.get("code").and_then(Value::as_str)).collect()
}

fn listed(kinds: &[String]) -> String {
    if kinds.is_empty() { "(none)".to_owned() } else { kinds.join(" ") }
}

/// Where a part of a decision differs: path, expected, got.
pub fn value(path: &str, expected: &Value, got: &Value, bindings: &mut Bindings) -> Vec<overlay::Found> {
    let mut found = Vec::new();
    value_at(path, expected, got, bindings, &mut |path: &str, expected, got| {
        found.push((path.to_owned(), expected, got));
    });
    found
}

/// A part of a decision: tables are compared by the keys that are expected, everything else as a whole.
fn value_at(
    path: &str,
    expected: &Value,
    got: &Value,
    bindings: &mut Bindings,
    differ: &mut impl FnMut(&str, String, String),
) {
    match (expected, got) {
        (Value::Object(expected), Value::Object(got)) => {
            for (key, value) in expected {
                let got = got.get(key).unwrap_or(&Value::Null);
                value_at(&format!("{path}.{key}"), value, got, bindings, differ);
            }
        }
        (Value::String(expected), Value::String(got)) if bindings.fits(expected, got) => {}
        // TOML has no null.
        (Value::String(none), Value::Null) if matches!(none.as_str(), "" | "null" | "none") => {}
        _ if expected == got => {}
        _ => differ(path, plain(expected), plain(got)),
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn document(expected: &str, got: &str, bindings: &mut Bindings, differ: &mut impl FnMut(&str, String, String)) {
    if expected.trim().is_empty() {
        if !got.is_empty() {
            differ("/", "an empty body".to_owned(), got.to_owned());
        }
        return;
    }
    let expected = match super::xml::read(expected) {
        Ok(expected) => expected,
        Err(why) => return differ("/", format!("XML ({why})"), got.to_owned()),
    };
    if got.starts_with(char::is_whitespace) {
        differ("/", "nothing before the document".to_owned(), "white space".to_owned());
    }
    match super::xml::read(got) {
        Ok(got) => {
            overlay::lay(&expected, &got, bindings).found.into_iter().for_each(|(path, e, g)| differ(&path, e, g))
        }
        Err(_) if got.is_empty() => differ("/", format!("<{}>", expected.name), "an empty body".to_owned()),
        Err(why) => differ("/", format!("<{}>", expected.name), format!("no XML ({why})")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn differences(expected: &str, got: &str) -> Vec<(String, String, String)> {
        let expect = Expect { document: Some(expected.to_owned()), ..Expect::default() };
        answer(&expect, &Got { body: got.to_owned(), ..Got::default() }, &mut Bindings::new("s", false))
    }

    #[test]
    fn documents_are_compared_as_xml() {
        for (expected, got, paths, why) in [
            (
                "<R><Dial timeout=\"20\"/></R>",
                "<R><Dial method=\"POST\" timeout=\"20\"></Dial></R>",
                &[][..],
                "a default",
            ),
            ("<R><Dial timeout=\"30\"/></R>", "<R><Dial/></R>", &[], "a default that is written out"),
            ("<R><Dial timeout=\"20\"/></R>", "<R><Dial/></R>", &["/R/Dial[1]/@timeout"], "not the default"),
            ("<R><Dial/></R>", "<R><Dial timeout=\"25\"/></R>", &["/R/Dial[1]/@timeout"], "one too many"),
            ("<R><Say>a</Say><Say>b</Say></R>", "<R><Say>a</Say><Say>c</Say></R>", &["/R/Say[2]/text()"], "words"),
            ("<R><Say>a</Say><Hangup/></R>", "<R><Hangup/><Say>a</Say></R>", &["/R/Say[1]", "/R/Say[1]"], "order"),
            ("<R><Hangup/></R>", "<R/>", &["/R/Hangup[1]"], "one too few"),
            ("<R/>", "<R><Hangup/></R>", &["/R/Hangup[1]"], "one too many"),
            ("<R>${any}</R>", "<R><Say>x</Say></R>", &[], "anything"),
            ("<R/>", "", &["/"], "no body"),
            ("<R/>", "<R>", &["/"], "no XML"),
            ("<R/>", "\n<R/>", &["/"], "white space before it"),
            ("", "<R/>", &["/"], "a body where none is expected"),
            ("<R/>", "<S/>", &["/"], "another root"),
            (
                "<R><Number statusCallbackEvent=\"ringing answered\"/></R>",
                "<R><Number statusCallbackEvent=\"answered ringing\"/></R>",
                &[],
                "a set of words",
            ),
        ] {
            let found: Vec<String> = differences(expected, got).into_iter().map(|(path, _, _)| path).collect();
            assert_eq!(found, paths, "{why}");
        }
    }

    #[test]
    fn decisions_are_compared_by_what_is_expected() {
        let decision = json!({"match": "live", "route": null, "whisper": {"text": "Hi", "accept_key": "1"},
            "why": [{"code": "session_live", "text": "…"}, {"code": "hours_open", "text": "…"}]});
        for (expected, paths, why) in [
            (json!({"match": "live"}), &[][..], "a part"),
            (json!({"route": "null"}), &[], "TOML has no null"),
            (json!({"whisper": {"accept_key": "1"}}), &[], "a part of a part"),
            (json!({"whisper": {"accept_key": "2"}}), &["decision.whisper.accept_key"], "another key"),
            (json!({"why": ["session_live", "hours_open"]}), &[], "all reasons"),
            (json!({"why": ["session_live"]}), &["decision.why"], "one too few"),
            (json!({"why": ["hours_open", "session_live"]}), &["decision.why"], "another order"),
            (json!({"tenant": "acme"}), &["decision.tenant"], "not there"),
        ] {
            let entries = expected.as_object().expect("a table").clone().into_iter().collect();
            let expect = Expect { decision: Some(entries), ..Expect::default() };
            let got = Got { decision: Some(decision.clone()), ..Got::default() };
            let found: Vec<String> =
                answer(&expect, &got, &mut Bindings::new("s", false)).into_iter().map(|(path, _, _)| path).collect();
            assert_eq!(found, paths, "{why}");
        }
    }

    #[test]
    fn an_effect_too_many_is_a_difference() {
        let expect = Expect { effects: Some(vec!["interaction.routed".to_owned()]), ..Expect::default() };
        let mut got = Got { effects: Some(vec!["interaction.routed".to_owned()]), ..Got::default() };
        assert!(answer(&expect, &got, &mut Bindings::new("s", false)).is_empty());
        got.effects = Some(vec!["interaction.routed".to_owned(), "todo.opened".to_owned()]);
        assert_eq!(answer(&expect, &got, &mut Bindings::new("s", false))[0].0, "effects");
    }
}
