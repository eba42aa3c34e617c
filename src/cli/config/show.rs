//! The configuration as it is in force, written as a file could say it.
//!
//! Deliberately not here: secrets. Of them it is only told whether they are set.

use std::fmt::Write;

use serde_json::{Value, json};

use super::layers::{DEFAULT_FILE, Layers, Origin, Raw, Setting, is_secret};

/// Writes every key, in the default file's order; `origins` adds where each value comes from.
pub fn show(layers: &Layers, origins: bool) -> String {
    let mut text = String::new();
    let mut keys: Vec<_> = layers.iter().collect();
    keys.sort_by_key(|(key, _)| DEFAULT_FILE.find(&format!("\n{key} = ")));
    for (key, setting) in keys {
        let shown = match shown(key, setting) {
            Raw::Text(text) => toml::Value::from(text).to_string(),
            Raw::Whole(whole) => whole.to_string(),
            Raw::Flag(flag) => flag.to_string(),
            Raw::List(items) => toml::Value::from(items).to_string(),
        };
        let line = format!("{key} = {shown}");
        let written = match origins {
            true => writeln!(text, "{line:<48} # {}", setting.origin),
            false => writeln!(text, "{line}"),
        };
        written.expect("text can always be written to");
    }
    text
}

/// The same for programs: each key with its value and where it comes from.
pub fn json(layers: &Layers) -> Value {
    let one = |(key, setting): (&String, &Setting)| {
        let value = match shown(key, setting) {
            Raw::Text(text) => json!(text),
            Raw::Whole(whole) => json!(whole),
            Raw::Flag(flag) => json!(flag),
            Raw::List(items) => json!(items),
        };
        (key.clone(), json!({ "value": value, "origin": setting.origin.to_string() }))
    };
    Value::Object(layers.iter().map(one).collect())
}

/// A value that may be shown. A file's name is no secret, so a SQLite database may.
fn shown(key: &str, setting: &Setting) -> Raw {
    match &setting.raw {
        Raw::Text(text)
            if is_secret(key)
                && !text.is_empty()
                && setting.origin != Origin::Default
                && !(key == "database_url" && text.starts_with("sqlite:")) =>
        {
            Raw::Text("(set)".to_owned())
        }
        raw @ (Raw::Text(_) | Raw::Whole(_) | Raw::Flag(_) | Raw::List(_)) => raw.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Given, layers};
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let env = [("HOOKSWITCH_ADMIN_KEY", "hush-admin"), ("HOOKSWITCH_DATABASE_URL", "postgres://u:hush-db@h/d")];
        let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let (layers, ..) = layers::gather(&Given { env, ..Given::default() });
        let shown = show(&layers, true);
        assert!(!shown.contains("hush"), "{shown}");
        assert!(shown.contains("admin_key = \"(set)\"") && shown.contains("# HOOKSWITCH_ADMIN_KEY"), "{shown}");
        let told = json(&layers);
        assert!(!told.to_string().contains("hush"), "{told}");
        assert_eq!(told["admin_key"]["origin"], "HOOKSWITCH_ADMIN_KEY");
        assert_eq!(told["journal_days"]["value"], 14);
        assert!(shown.starts_with("listen = \"127.0.0.1:8080\""), "{shown}");
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        let (layers, ..) = layers::gather(&Given::default());
        let shown = Given { file: Some(("shown.toml".to_owned(), show(&layers, true))), ..Given::default() };
        assert!(super::super::load(&shown).is_ok());
    }
}
