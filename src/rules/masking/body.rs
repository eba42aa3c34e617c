//! Masking settings as a request sends them: JSON, or the pairs of a form; a field that is not sent keeps its value.
//!
//! Deliberately not here: checks across the fields ([`super::judge()`]) and decoding of the bytes.

use serde_json::Value as Json;

use super::{Field, Kind, Value, set};
use crate::domain::MaskingSettings;
use crate::rules::file::suggest;
use crate::rules::finding::{Fault, Finding, code};

/// The settings that a request asks for, and the fields that it sent, in its order.
pub type Wanted = (MaskingSettings, Vec<&'static str>);

/// How much of an unknown name is shown.
const SHOWN: usize = 64;

/// Reads a JSON body over what is stored. Nothing is absent but what is left out: a blank and `null` are mistakes, but for
/// the whisper's text, whose empty value is the built-in one.
///
/// # Errors
/// Every mistake; then nothing changes.
pub fn from_json(stored: &MaskingSettings, body: &Json) -> Result<Wanted, Vec<Finding>> {
    let Json::Object(fields) = body else {
        return Err(vec![Finding::mistake("", "must be an object").coded(code::WRONG_TYPE)]);
    };
    let mut read = Read::over(stored);
    for (name, value) in fields {
        match Field::named(name) {
            Some(field) => match of_json(field, value) {
                Ok(value) => read.set(field, value),
                Err(found) => read.found.extend(found),
            },
            None => read.unknown(name),
        }
    }
    read.done()
}

/// Reads the pairs of a form over what is stored. Every value is a text, and an empty one is absent: generators of forms
/// send them. It takes back the whisper's own text.
///
/// # Errors
/// Every mistake; then nothing changes.
pub fn from_form(stored: &MaskingSettings, pairs: &[(String, String)]) -> Result<Wanted, Vec<Finding>> {
    let mut sent: Vec<(&'static Field, Vec<&str>)> = Vec::new();
    let mut read = Read::over(stored);
    for (name, value) in pairs {
        let Some(field) = named(name) else {
            read.unknown(name);
            continue;
        };
        match sent.iter_mut().find(|(known, _)| known.name == field.name) {
            Some((_, values)) => values.push(value),
            None => sent.push((field, vec![value])),
        }
    }
    for (field, values) in sent {
        match of_form(field.kind, &values) {
            Ok(Some(value)) => read.set(field, value),
            Ok(None) => {}
            Err(fault) => read.wrong(field.name, fault),
        }
    }
    read.done()
}

/// A reading under way.
struct Read {
    settings: MaskingSettings,
    sent: Vec<&'static str>,
    found: Vec<Finding>,
}

impl Read {
    fn over(stored: &MaskingSettings) -> Self {
        Self { settings: stored.clone(), sent: Vec::new(), found: Vec::new() }
    }

    fn set(&mut self, field: &Field, value: Value) {
        match set(&mut self.settings, field.name, value) {
            Ok(()) => self.sent.push(field.name),
            Err(fault) => self.wrong(field.name, fault),
        }
    }

    fn wrong(&mut self, field: &str, fault: Fault) {
        self.found.push(Finding::mistake(field, fault.message).coded(fault.code));
    }

    fn unknown(&mut self, name: &str) {
        let shown: String = name.chars().take(SHOWN).collect();
        let names: Vec<&str> = super::FIELDS.iter().map(|field| field.name).collect();
        let message = suggest::no_such_field(&shown, &names);
        self.wrong(&shown, Fault::new(code::UNKNOWN_FIELD, message));
    }

    fn done(self) -> Result<Wanted, Vec<Finding>> {
        if self.found.is_empty() { Ok((self.settings, self.sent)) } else { Err(self.found) }
    }
}

fn of_json(field: &Field, value: &Json) -> Result<Value, Vec<Finding>> {
    let wrong = |path: &str, fault: Fault| vec![Finding::mistake(path, fault.message).coded(fault.code)];
    let fault = match value {
        Json::Bool(on) => return Ok(Value::Bool(*on)),
        Json::String(text) if is_blank(field.kind, text) => {
            Fault::invalid("must not be blank; leave it out to keep it")
        }
        Json::String(text) => return Ok(Value::Text(text.clone())),
        Json::Number(number) => match (number.as_i64(), field.kind) {
            (Some(whole), _) => return Ok(Value::Integer(whole)),
            (None, Kind::Integer { least, most }) if is_whole(number) => {
                Fault::new(code::OUT_OF_RANGE, format!("must be from {least} to {most}"))
            }
            (None, _) => Fault::wrong_type(format!("must be {}, not a fraction", wanted(field.kind))),
        },
        Json::Array(items) => {
            let texts: Vec<String> = items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
            if texts.len() == items.len() {
                return Ok(Value::List(texts));
            }
            let others = items.iter().enumerate().filter(|(_, item)| !item.is_string()).take(SHOWN);
            let path = |at: usize| format!("{}[{at}]", field.name);
            return Err(others.flat_map(|(at, _)| wrong(&path(at), Fault::wrong_type("must be a text"))).collect());
        }
        Json::Null => Fault::wrong_type("must not be null; leave it out to keep it"),
        Json::Object(_) => Fault::wrong_type(format!("must be {}, not an object", wanted(field.kind))),
    };
    Err(wrong(field.name, fault))
}

/// Whether a text says nothing. An empty whisper is the built-in one, and one of spaces is none.
fn is_blank(kind: Kind, text: &str) -> bool {
    text.trim().is_empty() && !(matches!(kind, Kind::Template { .. }) && text.is_empty())
}

/// Whether a number that does not fit is whole.
fn is_whole(number: &serde_json::Number) -> bool {
    number.as_f64().is_some_and(|float| number.is_u64() || (float.fract() == 0.0 && float.abs() >= 1e18))
}

/// What a field takes, as messages say it.
fn wanted(kind: Kind) -> String {
    match kind {
        Kind::Bool => "true or false".to_owned(),
        Kind::Integer { least, most } => format!("a whole number from {least} to {most}"),
        Kind::Word(words) => format!("one of {}", words().join(", ")),
        Kind::Channels => "a list of voice and sms".to_owned(),
        Kind::Template { .. } => "a text".to_owned(),
        Kind::Key => "one key as a text".to_owned(),
    }
}

/// The field of a form's key. Only what may be repeated may be written `name[]`.
fn named(key: &str) -> Option<&'static Field> {
    Field::named(key)
        .or_else(|| Field::named(key.strip_suffix("[]")?).filter(|field| matches!(field.kind, Kind::Channels)))
}

fn of_form(kind: Kind, values: &[&str]) -> Result<Option<Value>, Fault> {
    if matches!(kind, Kind::Channels) {
        let named: Vec<String> = values.iter().filter(|text| !text.is_empty()).map(|&text| text.to_owned()).collect();
        return Ok((!named.is_empty()).then_some(Value::List(named)));
    }
    let text = match values {
        [] => return Ok(None),
        [text] => *text,
        [..] => {
            let message = format!("was sent {} times; send it once", values.len());
            return Err(Fault::new(code::REPEATED, message));
        }
    };
    Ok(Some(match kind {
        Kind::Template { .. } if text.trim().is_empty() => Value::Text(String::new()),
        _ if text.is_empty() => return Ok(None),
        Kind::Bool => match text {
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            _ => return Err(Fault::wrong_type("must be true or false")),
        },
        Kind::Integer { least, most } => {
            let digits = text.strip_prefix('-').unwrap_or(text);
            if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
                return Err(Fault::wrong_type(format!("must be a whole number from {least} to {most}")));
            }
            let beyond = |_| Fault::new(code::OUT_OF_RANGE, format!("must be from {least} to {most}"));
            Value::Integer(text.parse().map_err(beyond)?)
        }
        Kind::Word(_) | Kind::Channels | Kind::Template { .. } | Kind::Key => Value::Text(text.to_owned()),
    }))
}
