//! Who may read and write the files: keys for their owner only, data for nobody else, and a spill that can be written.
//!
//! Deliberately not here: what is in them.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::chart::Chart;
use crate::cli::config::Config;

/// Every file of the installation, as far as it is there.
pub fn permissions(chart: &mut Chart, config: &Config, config_file: Option<&Path>) -> io::Result<()> {
    chart.check("permissions");
    let data = &config.data_dir;
    if !data.exists() {
        return chart.skipped(format!("{} is not there yet", data.display()));
    }
    for key in [data.join("master.key"), data.join("admin.key")] {
        if others(&key, 0o077) {
            chart.failed(
                format!("{} may be read by others: whoever has it has everything", key.display()),
                only_owner(&key),
            )?;
        }
    }
    if others(data, 0o007) {
        chart.failed(
            format!("{} is open to every user of this machine: calls and numbers are in it", data.display()),
            format!("chmod 700 {}", data.display()),
        )?;
    }
    if let Some(database) = database(config).filter(|path| !path.starts_with(data))
        && others(&database, 0o004)
        && database.parent().is_some_and(|folder| others(folder, 0o001) || folder.as_os_str().is_empty())
    {
        chart.failed(
            format!("{} may be read by every user of this machine", database.display()),
            only_owner(&database),
        )?;
    }
    secrets(chart, config, config_file)?;
    if let Err(error) = try_file(&spill(data)) {
        chart.failed(
            format!("nothing can be written below {}: {error}", data.display()),
            "give the server's user the right to write there, and look for a full disk (df): it is where calls are kept \
             when the database fails",
        )?;
    }
    chart.ok(format!("{} is its owner's alone, and can be written", data.display()))
}

/// Files that hold secrets although they are not ours.
fn secrets(chart: &mut Chart, config: &Config, config_file: Option<&Path>) -> io::Result<()> {
    let mut files: Vec<PathBuf> = config.tls.iter().map(|(_, key)| key.clone()).collect();
    let told = |text: &str| ["admin_key", "master_key", "postgres"].iter().any(|word| sets(text, word));
    files.extend(config_file.filter(|path| fs::read_to_string(path).is_ok_and(|text| told(&text))).map(Path::to_owned));
    for file in files.iter().filter(|file| others(file, 0o007)) {
        chart.warning(
            format!("{} holds a secret and may be read by every user of this machine", file.display()),
            only_owner(file),
        )?;
    }
    Ok(())
}

/// Whether a configuration gives a secret of this name a value.
fn sets(text: &str, name: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim();
        let value = line.strip_prefix(name).and_then(|rest| rest.trim_start().strip_prefix('=')).map(str::trim);
        value.is_some_and(|value| !value.is_empty() && !value.starts_with("\"\""))
            || line.contains("postgres") && name == "postgres"
    })
}

fn only_owner(path: &Path) -> String {
    format!("chmod 600 {}", path.display())
}

fn database(config: &Config) -> Option<PathBuf> {
    let path = config.database_url.expose().strip_prefix("sqlite:")?;
    Some(PathBuf::from(path.strip_prefix("//").unwrap_or(path)))
}

/// Where the spill is, or would be made.
fn spill(data: &Path) -> PathBuf {
    let folder = data.join("spill");
    if folder.is_dir() { folder } else { data.to_owned() }
}

/// Writes a small file to the disk and removes it.
fn try_file(folder: &Path) -> io::Result<()> {
    let path = folder.join(format!(".doctor-{}", std::process::id()));
    let mut file = File::create_new(&path)?;
    let tried = file.write_all(&[0; 4096]).and_then(|()| file.sync_all());
    fs::remove_file(&path)?;
    tried
}

/// Whether somebody but the owner has one of these rights.
#[cfg(unix)]
fn others(path: &Path, rights: u32) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|meta| meta.permissions().mode() & rights != 0)
}

#[cfg(not(unix))]
fn others(_: &Path, _: u32) -> bool {
    false
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::super::chart::Outcome;
    use super::super::samples;
    use super::*;

    #[test]
    fn each_file_that_is_too_open_is_found() {
        for (name, mode, outcome, mend, why) in [
            ("", 0o700, Outcome::Ok, "", "as it is made"),
            ("", 0o750, Outcome::Ok, "", "open to a group"),
            ("", 0o755, Outcome::Failed, "chmod 700", "open to all"),
            ("master.key", 0o644, Outcome::Failed, "chmod 600", "a key for all"),
            ("admin.key", 0o640, Outcome::Failed, "chmod 600", "a key for a group"),
        ] {
            let dir = tempfile::tempdir().expect("a folder");
            let data = dir.path().join("data");
            fs::create_dir(&data).expect("made");
            fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).expect("set");
            let path = data.join(name);
            if !name.is_empty() {
                fs::write(&path, "x").expect("written");
            }
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).expect("set");
            let config = samples::config(&format!("data_dir = \"{}\"", data.display()));
            let mut chart = Chart::new(false);
            permissions(&mut chart, &config, None).expect("told");
            let found = &chart.findings()[0];
            assert!(
                found.outcome == outcome && found.mend.clone().unwrap_or_default().contains(mend),
                "{why}: {found:?}"
            );
            assert!(fs::read_dir(&data).expect("it").count() <= 1, "nothing stays behind");
        }
    }

    #[test]
    fn a_configuration_with_a_secret_is_known() {
        for (text, expected) in [
            ("admin_key = \"x\"", true),
            ("master_key=\"x\"", true),
            ("database_url = \"postgres://u:p@h/d\"", true),
            ("admin_key = \"\"", false),
            ("# admin_key = \"x\"", false),
            ("listen = \"127.0.0.1:1\"", false),
        ] {
            assert_eq!(["admin_key", "master_key", "postgres"].iter().any(|name| sets(text, name)), expected, "{text}");
        }
    }
}
