//! The fields of a small body, taken one by one; every mistake is noted and told at the end.
//!
//! Deliberately not here: bodies that are objects of a rules file (`rules` reads those).

use serde_json::{Map, Value};

use super::fault::{Fault, FieldError};

/// A body's fields, and the mistakes found so far.
pub struct Fields<'a> {
    fields: &'a Map<String, Value>,
    errors: Vec<FieldError>,
}

/// What a field says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field<'a> {
    /// Nothing: it is not there, or is of a wrong type, which is noted.
    Absent,
    /// That there is no value.
    Null,
    /// This.
    Text(&'a str),
}

impl<'a> Field<'a> {
    /// The text, where there is one.
    pub fn text(self) -> Option<&'a str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Null => None,
        }
    }
}

impl<'a> Fields<'a> {
    /// Of a body that may have these fields and no other.
    pub fn of(fields: &'a Map<String, Value>, known: &[&str]) -> Self {
        let unknown = fields.keys().filter(|name| !known.contains(&name.as_str()));
        let message = || format!("no such field; this body knows {}", known.join(", "));
        let errors = unknown.map(|name| FieldError::new(name, "unknown_field", message())).collect();
        Self { fields, errors }
    }

    /// A field that holds a text or null.
    pub fn maybe(&mut self, name: &str) -> Field<'a> {
        match self.fields.get(name) {
            None => Field::Absent,
            Some(Value::Null) => Field::Null,
            Some(Value::String(text)) => Field::Text(text),
            Some(_) => {
                self.wrong(name, "wrong_type", "must be a text");
                Field::Absent
            }
        }
    }

    /// A field that must hold a text, read so.
    pub fn read<T>(&mut self, name: &str, read: impl FnOnce(&'a str) -> Result<T, String>) -> Option<T> {
        if !self.fields.contains_key(name) {
            self.wrong(name, "missing", "is missing");
            return None;
        }
        match self.maybe(name) {
            Field::Absent => None,
            Field::Null => {
                self.wrong(name, "wrong_type", "must be a text");
                None
            }
            Field::Text(text) => self.kept(name, read(text)),
        }
    }

    /// What was read; or nothing, and the mistake is noted.
    pub fn kept<T>(&mut self, name: &str, read: Result<T, String>) -> Option<T> {
        read.map_err(|message| self.wrong(name, "invalid", message)).ok()
    }

    /// Notes a mistake.
    pub fn wrong(&mut self, name: &str, code: &str, message: impl Into<String>) {
        self.errors.push(FieldError::new(name, code, message));
    }

    /// Whether all was right.
    ///
    /// # Errors
    /// 422 with every mistake.
    pub fn done(self) -> Result<(), Fault> {
        if self.errors.is_empty() { Ok(()) } else { Err(Fault::wrong(self.errors)) }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_body_is_right_or_each_mistake_is_named() {
        for (body, mistakes, why) in [
            (json!({"a": "x"}), vec![], "what is needed"),
            (json!({"a": "x", "b": null}), vec![], "no value where none is needed"),
            (json!({"b": "y"}), vec!["a missing"], "what is needed is not there"),
            (json!({"a": null}), vec!["a wrong_type"], "no value where one is needed"),
            (json!({"a": "z"}), vec!["a invalid"], "a value that cannot be read"),
            (
                json!({"a": 1, "b": [], "c": 1, "d": 2}),
                vec!["c unknown_field", "d unknown_field", "a wrong_type", "b wrong_type"],
                "all at once",
            ),
        ] {
            let body = body.as_object().expect(why);
            let mut fields = Fields::of(body, &["a", "b"]);
            let _ = fields.read("a", |text| if text == "x" { Ok(()) } else { Err("must be x".to_owned()) });
            let _ = fields.maybe("b");
            let found = match fields.done() {
                Ok(()) => Vec::new(),
                Err(fault) => fault.errors().iter().map(|one| format!("{} {}", one.field, one.code)).collect(),
            };
            assert_eq!(found, mistakes, "{why}");
        }
    }
}
