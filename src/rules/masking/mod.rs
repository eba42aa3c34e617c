//! The masking settings as one table: each field's name, what it takes, how to set it and how to read it.
//!
//! Deliberately not here: the encodings it comes in (TOML, JSON, forms convert to [`Value`]) and the checks across fields
//! ([`checks`]).

pub mod body;
pub mod checks;
pub mod judge;

#[cfg(test)]
mod sent;

use crate::domain::Digit;
use crate::domain::{Channels, MaskingMode, MaskingPolicy, MaskingSettings, NoMatchAction, Ownership, Route};
use crate::rules::finding::{Fault, code};

pub use checks::{ACCEPT_NEEDS_ONE_LINE, Surroundings, around, cross_checks};
pub use judge::{judge, odd_contacts};

/// A value as any encoding carries it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
    /// Several texts.
    List(Vec<String>),
}

/// What a field takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    /// `true` or `false`.
    Bool,
    /// A whole number between these, both included.
    Integer {
        /// The least.
        least: i64,
        /// The most.
        most: i64,
    },
    /// One of some words.
    Word(fn() -> Vec<&'static str>),
    /// A list of channels, at least one, none twice.
    Channels,
    /// The whisper's template, of at most so many characters.
    Template {
        /// The most.
        most: usize,
    },
    /// One key of a phone.
    Key,
}

/// One field.
pub struct Field {
    /// Its name, everywhere.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    set: fn(&mut MaskingSettings, Value) -> Result<(), Fault>,
    show: fn(&MaskingSettings) -> Value,
}

/// Longest whisper template, in characters.
pub const LONGEST_WHISPER: usize = 500;

macro_rules! switch {
    ($name:ident) => {
        Field {
            name: stringify!($name),
            kind: Kind::Bool,
            set: |settings, value| {
                settings.$name = truth(value)?;
                Ok(())
            },
            show: |settings| Value::Bool(settings.$name),
        }
    };
}

macro_rules! count {
    ($name:ident, $least:literal, $most:literal) => {
        Field {
            name: stringify!($name),
            kind: Kind::Integer { least: $least, most: $most },
            set: |settings, value| {
                settings.$name = number(value, $least, $most)?;
                Ok(())
            },
            show: |settings| Value::Integer(i64::from(settings.$name)),
        }
    };
}

macro_rules! choice {
    ($name:ident, $type:ty) => {
        Field {
            name: stringify!($name),
            kind: Kind::Word(|| <$type>::ALL.iter().map(|value| value.word()).collect()),
            set: |settings, value| {
                settings.$name =
                    word(value, <$type>::read, || <$type>::ALL.iter().map(|value| value.word()).collect())?;
                Ok(())
            },
            show: |settings| Value::Text(settings.$name.word().to_owned()),
        }
    };
}

/// Every field, in the order the documentation lists them.
pub static FIELDS: &[Field] = &[
    switch!(enabled),
    choice!(masking_mode, MaskingMode),
    choice!(masking_policy, MaskingPolicy),
    Field {
        name: "masking_default_channels",
        kind: Kind::Channels,
        set: |settings, value| {
            settings.masking_default_channels = channels(value)?;
            Ok(())
        },
        show: |settings| Value::List(channel_words(settings.masking_default_channels)),
    },
    choice!(provider_ownership, Ownership),
    count!(max_masking_numbers, 1, 500),
    count!(cooldown_days, 0, 180),
    count!(grace_window_days, 0, 60),
    switch!(eager_provisioning_enabled),
    count!(retention_days, 1, 3650),
    switch!(store_sms_body),
    switch!(record_voice_calls),
    count!(smart_callback_window_minutes, 1, 1440),
    choice!(voice_no_match_action, NoMatchAction),
    choice!(inbound_callback_route_in_hours, Route),
    choice!(inbound_callback_route_out_of_hours, Route),
    switch!(backoffice_whisper_enabled),
    Field {
        name: "backoffice_whisper_text",
        kind: Kind::Template { most: LONGEST_WHISPER },
        set: |settings, value| {
            settings.backoffice_whisper_text = template(value)?;
            Ok(())
        },
        show: |settings| Value::Text(settings.backoffice_whisper_text.clone()),
    },
    switch!(backoffice_whisper_require_accept),
    Field {
        name: "backoffice_whisper_accept_key",
        kind: Kind::Key,
        set: |settings, value| {
            settings.backoffice_whisper_accept_key = key(&value)?;
            Ok(())
        },
        show: |settings| Value::Text(settings.backoffice_whisper_accept_key.to_string()),
    },
    count!(backoffice_whisper_timeout_seconds, 1, 60),
];

impl Field {
    /// The field of this name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// Its value in these settings.
    pub fn show(&self, settings: &MaskingSettings) -> Value {
        (self.show)(settings)
    }
}

/// Every field with its value, in the order the documentation lists them.
pub fn show_all(settings: &MaskingSettings) -> Vec<(&'static str, Value)> {
    FIELDS.iter().map(|field| (field.name, field.show(settings))).collect()
}

/// Sets one field, checking its type and range; on an error, which says what would be right, nothing changes.
pub fn set(settings: &mut MaskingSettings, name: &str, value: Value) -> Result<(), Fault> {
    match Field::named(name) {
        Some(field) => (field.set)(settings, value),
        None => Err(Fault::new(code::UNKNOWN_FIELD, "no such field")),
    }
}

impl Value {
    /// What kind of value it is, as messages say it.
    pub const fn noun(&self) -> &'static str {
        match self {
            Self::Bool(_) => "true or false",
            Self::Integer(_) => "a whole number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
        }
    }
}

fn truth(value: Value) -> Result<bool, Fault> {
    match value {
        Value::Bool(on) => Ok(on),
        other @ (Value::Integer(_) | Value::Text(_) | Value::List(_)) => {
            Err(Fault::wrong_type(format!("must be true or false, not {}", other.noun())))
        }
    }
}

fn number(value: Value, least: i64, most: i64) -> Result<u16, Fault> {
    let beyond = |message: String| Fault::new(code::OUT_OF_RANGE, message);
    match value {
        Value::Integer(n) if (least..=most).contains(&n) => {
            u16::try_from(n).map_err(|_| beyond(format!("must be from {least} to {most}")))
        }
        Value::Integer(n) => Err(beyond(format!("must be from {least} to {most}, not {n}"))),
        other @ (Value::Bool(_) | Value::Text(_) | Value::List(_)) => {
            Err(Fault::wrong_type(format!("must be a whole number from {least} to {most}, not {}", other.noun())))
        }
    }
}

fn word<T>(value: Value, read: fn(&str) -> Option<T>, words: fn() -> Vec<&'static str>) -> Result<T, Fault> {
    match value {
        Value::Text(text) => read(&text).ok_or_else(|| Fault::invalid(super::file::suggest::none_of(&text, &words()))),
        other @ (Value::Bool(_) | Value::Integer(_) | Value::List(_)) => {
            Err(Fault::wrong_type(format!("must be one of {}, not {}", words().join(", "), other.noun())))
        }
    }
}

fn channels(value: Value) -> Result<Channels, Fault> {
    match value {
        Value::List(list) => channels_of(&list),
        other @ (Value::Bool(_) | Value::Integer(_) | Value::Text(_)) => {
            Err(Fault::wrong_type(format!("must be a list of voice and sms, not {}", other.noun())))
        }
    }
}

/// Reads a list of channels: at least one, none twice.
pub fn channels_of(list: &[String]) -> Result<Channels, Fault> {
    let mut found = Channels { voice: false, sms: false };
    for item in list {
        let seen = match item.as_str() {
            "voice" => &mut found.voice,
            "sms" => &mut found.sms,
            other => return Err(Fault::invalid(super::file::suggest::none_of(other, &["voice", "sms"]))),
        };
        if std::mem::replace(seen, true) {
            return Err(Fault::new(code::REPEATED, format!("names {item} twice")));
        }
    }
    if found.voice || found.sms { Ok(found) } else { Err(Fault::invalid("must name at least one of voice, sms")) }
}

/// The words of these channels.
pub fn channel_words(channels: Channels) -> Vec<String> {
    [("sms", channels.sms), ("voice", channels.voice)]
        .into_iter()
        .filter(|(_, on)| *on)
        .map(|(word, _)| word.to_owned())
        .collect()
}

fn template(value: Value) -> Result<String, Fault> {
    match value {
        Value::Text(text) => {
            let length = text.chars().count();
            if length > LONGEST_WHISPER {
                let message = format!("is {length} characters long; {LONGEST_WHISPER} is the most");
                return Err(Fault::new(code::TOO_LONG, message));
            }
            match super::location::template_mistake(&text) {
                Some(message) => Err(Fault::invalid(message)),
                None => Ok(text),
            }
        }
        other @ (Value::Bool(_) | Value::Integer(_) | Value::List(_)) => {
            Err(Fault::wrong_type(format!("must be a text, not {}", other.noun())))
        }
    }
}

fn key(value: &Value) -> Result<Digit, Fault> {
    match value {
        Value::Text(text) => {
            Digit::read(text).ok_or_else(|| Fault::invalid("must be one key of a phone: 0 to 9, * or #"))
        }
        Value::Bool(_) | Value::Integer(_) | Value::List(_) => {
            Err(Fault::wrong_type(format!("must be one key as a text, such as \"1\", not {}", value.noun())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_shown_can_be_set_and_every_bad_one_leaves_the_settings_alone() {
        let defaults = MaskingSettings::default();
        for field in FIELDS {
            let mut settings = defaults.clone();
            assert_eq!(set(&mut settings, field.name, field.show(&defaults)), Ok(()), "{}", field.name);
            assert_eq!(settings, defaults, "{}", field.name);
            for bad in [
                Value::Integer(-1),
                Value::Integer(i64::MAX),
                Value::Text("no such word \u{0}".repeat(60)),
                Value::List(vec![]),
                Value::List(vec!["voice".to_owned(), "voice".to_owned()]),
            ] {
                assert!(set(&mut settings, field.name, bad.clone()).is_err(), "{} took {bad:?}", field.name);
                assert_eq!(settings, defaults, "{}", field.name);
            }
        }
        assert!(set(&mut defaults.clone(), "cooldown", Value::Integer(3)).is_err());
    }

    #[test]
    fn ranges_include_both_ends() {
        for field in FIELDS {
            let Kind::Integer { least, most } = field.kind else { continue };
            for (n, good) in [(least - 1, false), (least, true), (most, true), (most + 1, false)] {
                let mut settings = MaskingSettings::default();
                assert_eq!(set(&mut settings, field.name, Value::Integer(n)).is_ok(), good, "{} = {n}", field.name);
            }
        }
    }
}
