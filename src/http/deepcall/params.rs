//! Parameters that both doors take: phones as programs write them, and the caller's own name for a mask.
//!
//! Deliberately not here: expiries (`expiry`) and proofs (`asked`). What is null is not there.

use serde_json::{Map, Value};

use super::answer::Refusal;
use crate::domain::E164;
use crate::rules::numbering;

/// The longest name of a mask, in characters.
const LONGEST_NAME: usize = 128;

/// Parameters that are being read; what is wrong with them is told at once.
pub struct Params<'a> {
    fields: &'a Map<String, Value>,
    country: &'a str,
    wrong: Vec<String>,
}

impl<'a> Params<'a> {
    /// Those of a request; phones without a country's code are of `country`.
    pub const fn new(fields: &'a Map<String, Value>, country: &'a str) -> Self {
        Self { fields, country, wrong: Vec::new() }
    }

    /// A parameter that is there.
    fn there(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// A phone, as a text or as a number.
    pub fn phone(&mut self, name: &str) -> Option<E164> {
        let text = match self.there(name)? {
            Value::String(text) => text.clone(),
            Value::Number(number) if number.is_u64() => number.to_string(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => String::new(),
        };
        let phone = numbering::from_program(&text, self.country);
        if phone.is_none() {
            self.wrong.push(format!(
                "{name} is no phone number: write + and its digits with the country's code, or as it is dialled in {}",
                self.country
            ));
        }
        phone
    }

    /// A phone that must be there.
    pub fn party(&mut self, name: &str) -> Option<E164> {
        if self.there(name).is_none() {
            self.wrong.push(format!("{name} is missing"));
        }
        self.phone(name)
    }

    /// The caller's own name.
    pub fn event_id(&mut self) -> Option<String> {
        match self.there("eventId")? {
            Value::String(text) if text.chars().count() <= LONGEST_NAME => Some(text.clone()),
            Value::String(_) => {
                self.wrong.push(format!("eventId is longer than {LONGEST_NAME} characters"));
                None
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.wrong.push("eventId must be a text".to_owned());
                None
            }
        }
    }

    /// Notes something that is wrong.
    pub fn note(&mut self, what: &str) {
        self.wrong.push(what.to_owned());
    }

    /// That nothing is wrong.
    ///
    /// # Errors
    /// Everything that is.
    pub fn done(self) -> Result<(), Refusal> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Refusal::wrong(self.wrong.join("; "))) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn phones_are_texts_or_numbers() {
        for (value, expected, why) in [
            (json!("+13125550101"), Some("+13125550101"), "E.164"),
            (json!("13125550101"), Some("+13125550101"), "without its +"),
            (json!(13_125_550_101_u64), Some("+13125550101"), "as a number"),
            (json!(3_125_550_101_u64), Some("+13125550101"), "a number at home"),
            (json!("312 555 0101"), Some("+13125550101"), "a text at home"),
            (json!(447_700_900_123_u64), Some("+447700900123"), "a number abroad"),
            (json!(-13_125_550_101_i64), None, "below zero"),
            (json!(13_125_550_101.5), None, "a fraction"),
            (json!(1e30), None, "more than any phone"),
            (json!(""), None, "blank"),
            (json!("+1312555"), None, "too short"),
            (json!(true), None, "no phone"),
            (json!(["+13125550101"]), None, "a list"),
            (json!({}), None, "an object"),
        ] {
            let fields = Map::from_iter([("m1".to_owned(), value)]);
            let mut params = Params::new(&fields, "US");
            assert_eq!(params.phone("m1").map(|phone| phone.to_string()).as_deref(), expected, "{why}");
            assert_eq!(params.done().is_ok(), expected.is_some(), "{why}");
        }
        let fields = Map::from_iter([("m1".to_owned(), Value::Null)]);
        let mut params = Params::new(&fields, "US");
        assert_eq!((params.phone("m1"), params.phone("m2"), params.done()), (None, None, Ok(())), "not there");
    }

    #[test]
    fn everything_wrong_is_told_and_no_value() {
        let fields = json!({"m1": "555", "mask": "none", "eventId": 7});
        let Value::Object(fields) = fields else { panic!("an object") };
        let mut params = Params::new(&fields, "US");
        params.party("m1");
        params.party("m2");
        params.phone("mask");
        params.event_id();
        let told = format!("{:?}", params.done().expect_err("three mistakes"));
        for part in ["m1 is no phone", "m2 is missing", "mask is no phone", "eventId must be"] {
            assert!(told.contains(part), "{part}: {told}");
        }
        assert!(!told.contains("555") && !told.contains("none"), "{told}");
    }

    #[test]
    fn a_name_has_its_length() {
        for (value, taken, why) in [
            (json!("job 7"), true, "a name"),
            (json!("ü".repeat(128)), true, "characters count, not bytes"),
            (json!("u".repeat(129)), false, "one more"),
            (json!(7), false, "a number"),
        ] {
            let fields = Map::from_iter([("eventId".to_owned(), value)]);
            let mut params = Params::new(&fields, "US");
            assert_eq!(params.event_id().is_some(), taken, "{why}");
            assert_eq!(params.done().is_ok(), taken, "{why}");
        }
    }
}
