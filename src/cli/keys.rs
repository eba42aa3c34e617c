//! The admin key, which an installation makes for itself when it is given none.
//!
//! Deliberately not here: the master key, which is the store's.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, anyhow};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::rules::ruleset::Secret;

use super::config::Config;
use super::output::remark;

/// Where a made key is kept.
pub fn admin_key_file(config: &Config) -> PathBuf {
    config.data_dir.join("admin.key")
}

/// The key of the configuration; where that is empty, the one kept in the data folder, or a new one, kept there.
pub fn admin_key(config: &Config) -> anyhow::Result<Secret> {
    if !config.admin_key.is_empty() {
        return Ok(config.admin_key.clone());
    }
    let path = admin_key_file(config);
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|why| anyhow!("the system has no random numbers: {why}"))?;
    let made = URL_SAFE_NO_PAD.encode(bytes);
    match keep(&path, &made) {
        Ok(()) => {
            remark(&format!("warning: no admin_key is configured; made one and kept it in {}", path.display()));
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
    fn a_key_is_made_once() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = config(&folder.path().join("data"), "");
        let (first, again) = (admin_key(&config).expect("made"), admin_key(&config).expect("kept"));
        assert!(first == again && first.expose().len() >= 32);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = std::fs::metadata(admin_key_file(&config)).expect("it is there").permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
    }

    #[test]
    fn a_given_key_leaves_no_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let config = config(folder.path(), "admin_key = \"k\"\n");
        assert_eq!(admin_key(&config).expect("given").expose(), "k");
        assert!(!admin_key_file(&config).exists());
    }
}
