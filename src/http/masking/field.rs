//! A request's parameters, read one by one, each with the words for what is wrong with it.
//!
//! Deliberately not here: which parameters a request has. Flags and whole numbers may be texts; null is as good as nothing;
//! parameters that nobody knows are passed over, since clients send what later documents add.

use std::ops::RangeInclusive;

use axum::http::Uri;
use serde_json::{Map, Value};

use super::told::Refusal;
use crate::domain::E164;
use crate::http::api;
use crate::rules::numbering;

/// Addresses are shorter than this.
const LONGEST_URL: usize = 1000;

/// The parameters, and what is wrong with them so far.
#[derive(Clone, Debug)]
pub struct Fields {
    fields: Map<String, Value>,
    wrong: Vec<String>,
}

impl Fields {
    /// Reads a body; an empty one has no parameters.
    ///
    /// # Errors
    /// It is no JSON object; the text says where it stops being one.
    pub fn read(body: &[u8]) -> Result<Self, Refusal> {
        if body.iter().all(u8::is_ascii_whitespace) {
            return Ok(Self { fields: Map::new(), wrong: Vec::new() });
        }
        match api::decoded(body) {
            Ok((fields, twice)) => {
                let wrong = twice.into_iter().map(|name| format!("Invalid parameter. {name} stands twice.")).collect();
                Ok(Self { fields, wrong })
            }
            Err(why) if why.is_data() || !body.trim_ascii_start().starts_with(b"{") => {
                Err(Refusal::wrong("Invalid JSON: the body must be an object."))
            }
            Err(why) => Err(Refusal::wrong(format!("Invalid JSON: {why}."))),
        }
    }

    /// Ends reading.
    ///
    /// # Errors
    /// Everything that was wrong, in the order in which it was looked at.
    pub fn done(self) -> Result<(), Refusal> {
        if self.wrong.is_empty() { Ok(()) } else { Err(Refusal::wrong(self.wrong.join(" "))) }
    }

    /// Whether something was sent for it.
    pub fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    /// Whether what was sent for it is no more than what is told of it, or nothing.
    pub fn repeats(&self, name: &str, told: &Value) -> bool {
        let Some(sent) = self.words(name) else { return true };
        match told {
            Value::String(told) => sent == *told,
            Value::Null => sent.eq_ignore_ascii_case("false"),
            other @ (Value::Bool(_) | Value::Number(_)) => sent.eq_ignore_ascii_case(&other.to_string()),
            Value::Array(_) | Value::Object(_) => false,
        }
    }

    fn value(&self, name: &str) -> Option<&Value> {
        self.fields.get(name).filter(|value| !value.is_null())
    }

    /// Calls another name by this one, where nothing was sent for this one.
    pub fn alias(&mut self, name: &str, other: &str) {
        if !self.has(name)
            && let Some(value) = self.fields.remove(other)
        {
            self.fields.insert(name.to_owned(), value);
        }
    }

    /// Notes that a parameter's value is wrong: `what` follows its name.
    pub fn invalid(&mut self, name: &str, what: &str) {
        self.wrong.push(format!("Invalid parameter. {name} {what}."));
    }

    /// Notes that a parameter is missing.
    pub fn missing(&mut self, name: &str) {
        self.wrong.push(format!("Mandatory parameter missing. {name} must be present."));
    }

    /// The text of a text, a whole number or a flag; blanks around it do not count.
    fn text(&self, name: &str) -> Option<String> {
        match self.value(name)? {
            Value::String(text) => Some(text.trim().to_owned()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            other @ (Value::Null | Value::Array(_) | Value::Object(_)) => Some(other.to_string()),
        }
    }

    /// The same, where it is not blank.
    pub fn words(&self, name: &str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &str) -> Option<bool> {
        let text = self.words(name)?;
        let flag = [true, false].into_iter().find(|flag| text.eq_ignore_ascii_case(&flag.to_string()));
        if flag.is_none() {
            self.invalid(name, "allowed values are true or false");
        }
        flag
    }

    /// A whole number within a range.
    pub fn whole<T: TryFrom<u32>>(&mut self, name: &str, range: RangeInclusive<u32>) -> Option<T> {
        let text = self.words(name)?;
        let Ok(value) = text.parse::<i64>() else {
            self.invalid(name, "must be an integer");
            return None;
        };
        let inside = u32::try_from(value).ok().filter(|value| range.contains(value));
        let inside = inside.and_then(|value| T::try_from(value).ok());
        if inside.is_none() {
            self.invalid(name, "is outside the allowed range");
        }
        inside
    }

    /// One of some words.
    pub fn word<T>(&mut self, name: &str, read: impl Fn(&str) -> Option<T>, allowed: &str) -> Option<T> {
        let text = self.words(name)?;
        let found = read(&text);
        if found.is_none() {
            self.invalid(name, &format!("allowed values are {allowed}"));
        }
        found
    }

    /// An address of the web; a blank text is the wish for none.
    pub fn url(&mut self, name: &str) -> Option<Option<String>> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Some(None);
        }
        if text.len() >= LONGEST_URL {
            self.invalid(name, "should be under 1000 characters");
            return None;
        }
        if !is_url(&text) {
            self.invalid(name, "should be a valid URL");
            return None;
        }
        Some(Some(text))
    }

    /// A phone: E.164 with or without its plus, or as it is dialled in `country`.
    pub fn phone(&mut self, name: &str, country: &str) -> Option<E164> {
        let text = self.words(name)?;
        let phone = numbering::from_program(&text, country);
        if phone.is_none() {
            self.invalid(name, "is not a valid phone number");
        }
        phone
    }

    /// A PIN of 4 to 15 digits.
    pub fn pin(&mut self, name: &str) -> Option<String> {
        let text = self.words(name)?;
        if (4..=15).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit()) {
            return Some(text);
        }
        self.invalid(name, "should be 4 to 15 digits");
        None
    }
}

fn is_url(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else { return false };
    let web = matches!(uri.scheme_str(), Some("http" | "https"));
    web && uri.host().is_some_and(|host| !host.is_empty())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(value: Value, ask: impl Fn(&mut Fields) -> String) -> (String, String) {
        let mut fields = Fields::read(json!({ "x": value }).to_string().as_bytes()).expect("an object");
        let read = ask(&mut fields);
        (read, fields.wrong.join(" "))
    }

    #[test]
    fn bodies_are_objects_or_told_where_they_are_not() {
        for (body, wrong, why) in [
            ("", None, "nothing"),
            (" \n", None, "as good as nothing"),
            ("{}", None, "an empty object"),
            ("[]", Some("Invalid JSON: the body must be an object."), "a list"),
            ("{\n \"a\": 1,\n }", Some("Invalid JSON: trailing comma at line 3 column 2."), "a comma too many"),
            ("{\"a\"", Some("Invalid JSON: EOF while parsing an object at line 1 column 4."), "cut off"),
        ] {
            assert_eq!(Fields::read(body.as_bytes()).err(), wrong.map(Refusal::wrong), "{why}");
        }
    }

    #[test]
    fn flags_and_whole_numbers_may_be_texts() {
        const RANGE: &str = "Invalid parameter. x is outside the allowed range.";
        const INTEGER: &str = "Invalid parameter. x must be an integer.";
        const FLAG: &str = "Invalid parameter. x allowed values are true or false.";
        for (value, flag, whole, why) in [
            (json!(null), ("None", ""), ("None", ""), "nothing"),
            (json!(""), ("None", ""), ("None", ""), "a blank"),
            (json!(true), ("Some(true)", ""), ("None", INTEGER), "a flag"),
            (json!("true"), ("Some(true)", ""), ("None", INTEGER), "as a text"),
            (json!("False"), ("Some(false)", ""), ("None", INTEGER), "as Python writes it"),
            (json!(60), ("None", FLAG), ("Some(60)", ""), "the least"),
            (json!("90"), ("None", FLAG), ("Some(90)", ""), "the most, as a text"),
            (json!(59), ("None", FLAG), ("None", RANGE), "too little"),
            (json!("91"), ("None", FLAG), ("None", RANGE), "too much"),
            (json!(-1), ("None", FLAG), ("None", RANGE), "less than nothing"),
            (json!(1e30), ("None", FLAG), ("None", INTEGER), "a number without end"),
            (json!(60.5), ("None", FLAG), ("None", INTEGER), "a fraction"),
            (json!([60]), ("None", FLAG), ("None", INTEGER), "a list"),
        ] {
            let owned = |(read, wrong): (&str, &str)| (read.to_owned(), wrong.to_owned());
            assert_eq!(told(value.clone(), |fields| format!("{:?}", fields.flag("x"))), owned(flag), "{why}");
            let read = told(value, |fields| format!("{:?}", fields.whole::<u32>("x", 60..=90)));
            assert_eq!(read, owned(whole), "{why}");
        }
    }

    #[test]
    fn addresses_are_of_the_web() {
        let long = |length: usize| format!("https://a.example/{}", "x".repeat(length - 18));
        for (value, expected, why) in [
            (json!("https://a.example/x?y=1"), Ok(true), "one"),
            (json!("http://192.0.2.7:8080/"), Ok(true), "with a port"),
            (json!(""), Ok(false), "the wish for none"),
            (json!(long(999)), Ok(true), "as long as may be"),
            (json!(long(1000)), Err("should be under 1000 characters"), "one longer"),
            (json!("ftp://a.example/"), Err("should be a valid URL"), "another scheme"),
            (json!("a.example"), Err("should be a valid URL"), "no scheme"),
            (json!("https:///x"), Err("should be a valid URL"), "no host"),
            (json!("https://a b/"), Err("should be a valid URL"), "a blank inside"),
            (json!("null"), Err("should be a valid URL"), "a word"),
            (json!(5), Err("should be a valid URL"), "no text"),
        ] {
            let (read, wrong) = told(value, |fields| format!("{:?}", fields.url("x").map(|url| url.is_some())));
            match expected {
                Ok(some) => assert_eq!((read, wrong), (format!("Some({some})"), String::new()), "{why}"),
                Err(what) => {
                    assert_eq!((read, wrong), ("None".into(), format!("Invalid parameter. x {what}.")), "{why}")
                }
            }
        }
    }

    #[test]
    fn phones_and_pins_are_digits() {
        for (value, phone, pin, why) in [
            (json!("+13125550101"), true, false, "E.164"),
            (json!("13125550101"), true, true, "without its plus"),
            (json!(13_125_550_101_u64), true, true, "as a number"),
            (json!("(312) 555-0101"), true, false, "as people dial it"),
            (json!("0123"), false, true, "four digits"),
            (json!("1234567890123456"), false, false, "sixteen"),
            (json!("sip:ana@example.com"), false, false, "a SIP endpoint"),
            (json!("ana"), false, false, "a word"),
        ] {
            let read = told(value.clone(), |fields| fields.phone("x", "US").is_some().to_string());
            assert_eq!(read.0, phone.to_string(), "{why}: {read:?}");
            assert_eq!(read.1.is_empty(), phone, "{why}");
            let read = told(value, |fields| fields.pin("x").is_some().to_string());
            assert_eq!(read.0, pin.to_string(), "{why}: {read:?}");
        }
    }
}
