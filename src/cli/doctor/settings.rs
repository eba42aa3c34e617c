//! The configuration: every mistake in it, and defaults that an installation should think about.
//!
//! Deliberately not here: files' permissions, and whether the addresses are reached.

use std::io;
use std::path::Path;

use super::chart::{Chart, counted};
use crate::cli::config::layers::Origin;
use crate::cli::config::{Config, Loaded, Mistakes};
use crate::cli::keys::admin_key_file;

/// A configuration that cannot be used.
pub fn unusable(chart: &mut Chart, Mistakes(mistakes): &Mistakes) -> io::Result<()> {
    chart.check("configuration");
    for mistake in mistakes {
        chart.failed(mistake.to_string(), "hookswitch serve --print-default-config tells what each key may be")?;
    }
    Ok(())
}

/// One that can.
pub fn usable(chart: &mut Chart, loaded: &Loaded) -> io::Result<()> {
    chart.check("configuration");
    for warning in &loaded.warnings {
        chart.warning(warning.to_string(), "take the variable away, or give it the name of a key")?;
    }
    let config = &loaded.config;
    made_keys(chart, config)?;
    if config.test_clock {
        chart.warning(
            "test_clock is on: whoever has a sandbox account's token sets the time of its calls",
            "test_clock = false, but for tests",
        )?;
    }
    if let Some(open) = config.metrics_listen.filter(|address| !address.ip().to_canonical().is_loopback()) {
        chart.warning(
            format!("metrics_listen: {open} shows the metrics to every machine that reaches it"),
            "metrics_listen = \"127.0.0.1:9090\", or \"\" to put them under the admin key",
        )?;
    }
    chart.ok(sources(loaded))
}

/// Keys that nobody chose are kept beside what they protect.
fn made_keys(chart: &mut Chart, config: &Config) -> io::Result<()> {
    if config.master_key.is_empty() {
        let file = config.data_dir.join("master.key");
        chart.warning(
            format!("master_key is not set: {} in {}, beside what it seals", kept(&file), file.display()),
            format!("copy {} to a safe place apart from the database, or set master_key", file.display()),
        )?;
    }
    if config.admin_key.is_empty() {
        let file = admin_key_file(config);
        chart.warning(
            format!("admin_key is not set: {} in {}", kept(&file), file.display()),
            "set admin_key (HOOKSWITCH_ADMIN_KEY or HOOKSWITCH_ADMIN_KEY_FILE) where several programs need it",
        )?;
    }
    Ok(())
}

fn kept(file: &Path) -> &'static str {
    if file.exists() { "one that was made is kept" } else { "the server will make one and keep it" }
}

fn sources(loaded: &Loaded) -> String {
    let (mut file, mut env, mut own) = (None, 0, 0);
    for setting in loaded.layers.values() {
        match &setting.origin {
            Origin::Default => own += 1,
            Origin::File(name, _) => file = Some(name),
            Origin::Env(_) => env += 1,
            Origin::Flag(_) => {}
        }
    }
    let file = file.map_or_else(|| "no file".to_owned(), String::clone);
    format!("{file}, {} from the environment, {}", counted(env, "key"), counted(own, "default"))
}

#[cfg(test)]
mod tests {
    use super::super::chart::Outcome;
    use super::*;
    use crate::cli::config::{Given, load};

    #[test]
    fn each_doubt_about_the_configuration_is_told() {
        let safe = "admin_key = \"a\"\nmaster_key = \"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"\n";
        for (file, env, expected, why) in [
            (safe.to_owned(), None, &[][..], "both keys are set"),
            (String::new(), None, &["master_key is not set", "admin_key is not set"], "neither is"),
            (format!("{safe}test_clock = true\n"), None, &["test_clock is on"], "a test's clock"),
            (format!("{safe}metrics_listen = \"0.0.0.0:9090\"\n"), None, &["every machine"], "open metrics"),
            (safe.to_owned(), Some("HOOKSWITCH_LISTNE"), &["did you mean HOOKSWITCH_LISTEN?"], "a slip"),
        ] {
            let env = env.map(|name: &str| (name.to_owned(), "x".to_owned())).into_iter().collect();
            let given = Given { file: Some(("h.toml".to_owned(), file)), env, flags: Vec::new() };
            let loaded = load(&given).unwrap_or_else(|mistakes| panic!("{mistakes}"));
            let mut chart = Chart::new(false);
            usable(&mut chart, &loaded).expect("told");
            let found: Vec<_> = chart.findings().iter().filter(|one| one.outcome == Outcome::Warning).collect();
            let right = found.len() == expected.len()
                && found.iter().zip(expected).all(|(one, part)| one.detail.contains(part) && one.mend.is_some());
            assert!(right, "{why}: {found:#?}");
        }
    }
}
