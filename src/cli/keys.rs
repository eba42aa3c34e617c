//! The keys that an installation makes for itself when it is given none.
//!
//! Deliberately not here: what they open and seal.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use anyhow::{Context, anyhow};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use crate::rules::ruleset::Secret;

use super::config::Config;
use super::output::remark;

/// The installation's keys.
pub struct Keys {
    /// Opens the operator's doors.
    pub admin: Secret,
    /// Seals what is stored: 32 bytes.
    pub master: [u8; 32],
}

/// The keys of the configuration; those it leaves empty are read from the data folder, or made and kept there.
pub fn kept_or_made(config: &Config) -> anyhow::Result<Keys> {
    let admin = kept(config, "admin_key", &config.admin_key, |bytes| URL_SAFE_NO_PAD.encode(bytes))?;
    let master = kept(config, "master_key", &config.master_key, |bytes| STANDARD.encode(bytes))?;
    let master = STANDARD.decode(master.expose()).ok().and_then(|bytes| bytes.try_into().ok());
    let place = config.data_dir.join("master_key");
    let master = master.with_context(|| format!("{} is not the Base64 of 32 bytes", place.display()))?;
    Ok(Keys { admin, master })
}

fn kept(config: &Config, name: &str, given: &Secret, write: fn(&[u8]) -> String) -> anyhow::Result<Secret> {
    if !given.is_empty() {
        return Ok(given.clone());
    }
    let path = config.data_dir.join(name);
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|why| anyhow!("the system has no random numbers: {why}"))?;
    let made = write(&bytes);
    match keep(&path, &made) {
        Ok(()) => {
            remark(&format!("warning: no {name} is configured; made one and kept it in {}", path.display()));
            Ok(Secret::new(made))
        }
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let text = std::fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
            let text = text.trim();
            anyhow::ensure!(!text.is_empty(), "{} is empty; put the key into it or delete it", path.display());
            Ok(Secret::new(text))
        }
        Err(error) => Err(error).with_context(|| format!("{} cannot be written", path.display())),
    }
}

/// Writes a file that nobody else may read; fails when it is there already.
fn keep(path: &Path, text: &str) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    let mut file = OpenOptions::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
        folder.mode(0o700);
        file.mode(0o600);
    }
    if let Some(parent) = path.parent() {
        folder.recursive(true).create(parent)?;
    }
    let mut file = file.write(true).create_new(true).open(path)?;
    writeln!(file, "{text}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::super::config::{Given, load};
    use super::*;

    fn config(folder: &Path, more: &str) -> Config {
        let text = format!("data_dir = {}\n{more}", toml::Value::from(folder.display().to_string()));
        let given = Given { file: Some(("test.toml".to_owned(), text)), ..Given::default() };
        load(&given).unwrap_or_else(|mistakes| panic!("{mistakes}")).config
    }

    #[test]
    fn keys_are_made_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = config(&folder.path().join("data"), "");
        let (first, again) = (kept_or_made(&config).expect("made"), kept_or_made(&config).expect("kept"));
        assert!(first.admin == again.admin && first.master == again.master);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(config.data_dir.join("master_key")).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn given_keys_leave_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let master = STANDARD.encode([7; 32]);
        let config = config(folder.path(), &format!("admin_key = \"k\"\nmaster_key = \"{master}\"\n"));
        let keys = kept_or_made(&config).expect("given");
        assert_eq!((keys.admin.expose(), keys.master), ("k", [7; 32]));
        assert!(!folder.path().join("admin_key").exists() && !folder.path().join("master_key").exists());
    }
}
