//! Where each value of the configuration comes from: the layers, one over the other, as they were written.
//!
//! Deliberately not here: what the values mean (`values`).

use std::collections::BTreeMap;
use std::fmt;
use std::fs;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::rules::file::suggest::nearest;

use super::Mistake;

/// The default configuration file, which is the documentation and the defaults.
pub const DEFAULT_FILE: &str = include_str!("default.toml");

/// Keys whose value may also be in a file that the environment names.
const SECRETS: [&str; 3] = ["admin_key", "master_key", "database_url"];

/// What every variable of ours begins with.
const PREFIX: &str = "HOOKSWITCH_";

/// What the operator gave.
#[derive(Debug, Default)]
pub struct Given {
    /// The configuration file's name and text, where there is one.
    pub file: Option<(String, String)>,
    /// The environment.
    pub env: BTreeMap<String, String>,
    /// Flags: key, the flag's own name, value.
    pub flags: Vec<(&'static str, &'static str, String)>,
}

/// A value as it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Raw {
    /// Text.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// Yes or no.
    Flag(bool),
    /// Several texts.
    List(Vec<String>),
}

/// Where a value was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// Nowhere: it is the default.
    Default,
    /// In a file, on this line.
    File(String, usize),
    /// In a variable, or in the file that this variable names.
    Env(String),
    /// In a flag.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(name, line) => write!(f, "{name}:{line}"),
            Self::Env(name) => f.write_str(name),
            Self::Flag(flag) => f.write_str(flag),
        }
    }
}

/// A value and where it was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Setting {
    /// The value.
    pub raw: Raw,
    /// Where it was written.
    pub origin: Origin,
}

/// Every key with its value.
pub type Layers = BTreeMap<String, Setting>;

/// Whether a key's value is shown to nobody.
pub fn is_secret(key: &str) -> bool {
    SECRETS.contains(&key)
}

/// Lays the layers over each other. What cannot be read is a mistake and leaves the layer below in place.
pub fn gather(given: &Given) -> (Layers, Vec<Mistake>, Vec<Mistake>) {
    let mut mistakes = Vec::new();
    let mut layers = Layers::new();
    for (key, raw, _) in table("default.toml", DEFAULT_FILE, &mut mistakes) {
        layers.insert(key, Setting { raw, origin: Origin::Default });
    }
    if let Some((name, text)) = &given.file {
        for (key, raw, line) in table(name, text, &mut mistakes) {
            lay(&mut layers, &key, Origin::File(name.clone(), line), &mut mistakes, |_| Ok(raw));
        }
    }
    let warnings = environment(given, &mut layers, &mut mistakes);
    for (key, flag, text) in &given.flags {
        lay(&mut layers, key, Origin::Flag(flag), &mut mistakes, |below| typed(text, below));
    }
    (layers, warnings, mistakes)
}

/// Puts one value over what is below it, if it is of the same kind.
fn lay(
    layers: &mut Layers,
    key: &str,
    origin: Origin,
    mistakes: &mut Vec<Mistake>,
    raw: impl FnOnce(&Raw) -> Result<Raw, String>,
) {
    let mistake = |message| Mistake { place: origin.to_string(), key: key.to_owned(), message };
    let Some(below) = layers.get_mut(key) else {
        let meant = did_you_mean(key, &layers.keys().map(String::as_str).collect::<Vec<_>>());
        return mistakes.push(mistake(format!("there is no such key{meant}")));
    };
    match raw(&below.raw) {
        Ok(raw) if std::mem::discriminant(&raw) == std::mem::discriminant(&below.raw) => {
            *below = Setting { raw, origin };
        }
        Ok(_) => mistakes.push(mistake(format!("write {}", kind(&below.raw)))),
        Err(message) => mistakes.push(mistake(message)),
    }
}

/// Our variables; those that are no key are answered as warnings, because a rules file may name them. The redaction
/// key is no part of the configuration: it belongs to a project, not to a server.
fn environment(given: &Given, layers: &mut Layers, mistakes: &mut Vec<Mistake>) -> Vec<Mistake> {
    let mut warnings = Vec::new();
    for (name, text) in given.env.iter().filter(|(name, _)| name.starts_with(PREFIX)) {
        let key = name[PREFIX.len()..].to_ascii_lowercase();
        let of_file = key.strip_suffix("_file").filter(|key| is_secret(key));
        let origin = Origin::Env(name.clone());
        if let Some(key) = of_file {
            if given.env.contains_key(&name[..name.len() - "_FILE".len()]) {
                let message = format!("set either this or {}, not both", &name[..name.len() - "_FILE".len()]);
                mistakes.push(Mistake { place: name.clone(), key: key.to_owned(), message });
                continue;
            }
            lay(layers, key, origin, mistakes, |_| {
                let kept = fs::read_to_string(text).map_err(|why| format!("{text} cannot be read: {why}"))?;
                Ok(Raw::Text(kept.trim_end_matches(['\r', '\n']).to_owned()))
            });
        } else if layers.contains_key(&key) {
            lay(layers, &key, origin, mistakes, |below| typed(text, below));
        } else if !key.starts_with("redaction_key") {
            let keys: Vec<&str> = layers.keys().map(String::as_str).collect();
            let meant = nearest(&key, &keys).map(|key| format!("; did you mean {PREFIX}{}?", key.to_ascii_uppercase()));
            let meant = meant.unwrap_or_default();
            let message = format!("it is left alone, because no key is named so{meant}");
            warnings.push(Mistake { place: name.clone(), key: String::new(), message });
        }
    }
    warnings
}

/// `; did you mean "listen"?` for a name that is a slip away from one of these, else nothing.
fn did_you_mean(written: &str, names: &[&str]) -> String {
    nearest(written, names).map(|name| format!("; did you mean {name:?}?")).unwrap_or_default()
}

/// Reads text as what is below it.
fn typed(text: &str, below: &Raw) -> Result<Raw, String> {
    match below {
        Raw::Text(_) => Ok(Raw::Text(text.to_owned())),
        Raw::Whole(_) => text.trim().parse().map(Raw::Whole).map_err(|_| format!("write {}", kind(below))),
        Raw::Flag(_) => text.trim().parse().map(Raw::Flag).map_err(|_| format!("write {}", kind(below))),
        Raw::List(_) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Raw::List(items.map(str::to_owned).collect()))
        }
    }
}

fn kind(raw: &Raw) -> &'static str {
    match raw {
        Raw::Text(_) => "a text",
        Raw::Whole(_) => "a whole number",
        Raw::Flag(_) => "true or false",
        Raw::List(_) => "a list of texts",
    }
}

/// The keys of a file with their values and lines.
fn table(name: &str, text: &str, mistakes: &mut Vec<Mistake>) -> Vec<(String, Raw, usize)> {
    let line = |offset: usize| text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1;
    let (table, errors) = DeTable::parse_recoverable(text);
    mistakes.extend(errors.iter().map(|error| Mistake {
        place: format!("{name}:{}", line(error.span().map_or(0, |span| span.start))),
        key: String::new(),
        message: error.message().to_owned(),
    }));
    if !errors.is_empty() {
        return Vec::new();
    }
    let mut entries: Vec<_> = table.get_ref().iter().map(|(key, value)| (key.span().start, key, value)).collect();
    entries.sort_by_key(|(start, ..)| *start);
    let mut found = Vec::new();
    for (start, key, value) in entries {
        let key = key.get_ref().as_ref();
        match raw(value) {
            Some(raw) => found.push((key.to_owned(), raw, line(start))),
            None => mistakes.push(Mistake {
                place: format!("{name}:{}", line(start)),
                key: key.to_owned(),
                message: if matches!(value.get_ref(), DeValue::Table(_)) {
                    "there are no tables here: every key stands by itself".to_owned()
                } else {
                    "write a text, a whole number, true or false, or a list of texts".to_owned()
                },
            }),
        }
    }
    found
}

fn raw(value: &Spanned<DeValue<'_>>) -> Option<Raw> {
    match value.get_ref() {
        DeValue::String(text) => Some(Raw::Text(text.to_string())),
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix()).ok().map(Raw::Whole),
        DeValue::Boolean(flag) => Some(Raw::Flag(*flag)),
        DeValue::Array(items) => {
            items.iter().map(|item| item.get_ref().as_str().map(str::to_owned)).collect::<Option<_>>().map(Raw::List)
        }
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Table(_) => None,
    }
}
