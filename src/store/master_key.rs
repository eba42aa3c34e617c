//! The master key: 32 bytes that the operator gives, or that are made once and kept beside the data.
//!
//! Deliberately not here: what it seals (`store::vault`). It is never in the database.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::folder;
use super::vault::VaultError;

/// The file that a made key is kept in.
const FILE: &str = "master.key";

/// The key that wraps all others.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey([u8; 32]);

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey(…)")
    }
}

impl MasterKey {
    /// A key of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(super) const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Reads Base64 of 32 bytes.
    pub fn read(text: &str) -> Result<Self, VaultError> {
        let bytes = STANDARD.decode(text.trim()).map_err(|_| VaultError::MasterKey)?;
        bytes.try_into().map(Self).map_err(|_| VaultError::MasterKey)
    }

    /// The key that was made for this data directory, if one was.
    pub fn kept(data_dir: &Path) -> Result<Option<Self>, VaultError> {
        let path = data_dir.join(FILE);
        match fs::read_to_string(&path) {
            Ok(text) => Self::read(&text).map(Some).map_err(|error| unusable(&path, &error)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unusable(&path, &error)),
        }
    }

    /// The configured key, else the one kept in the data directory, else a new one, kept there from now on. Tells the
    /// file when it made it, for a warning: whoever loses that file loses what was sealed.
    pub fn obtain(configured: Option<&str>, data_dir: &Path) -> Result<(Self, Option<PathBuf>), VaultError> {
        if let Some(text) = configured.filter(|text| !text.is_empty()) {
            return Ok((Self::read(text)?, None));
        }
        if let Some(kept) = Self::kept(data_dir)? {
            return Ok((kept, None));
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|_| VaultError::Random)?;
        let path = data_dir.join(FILE);
        match keep(&path, &bytes) {
            Ok(()) => Ok((Self(bytes), Some(path))),
            // Somebody else was faster; theirs counts.
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                Self::kept(data_dir)?.map(|key| (key, None)).ok_or_else(|| unusable(&path, &error))
            }
            Err(error) => Err(unusable(&path, &error)),
        }
    }
}

fn unusable(path: &Path, why: &impl ToString) -> VaultError {
    VaultError::MasterKeyFile { path: path.display().to_string(), why: why.to_string() }
}

/// Writes a whole file or none: a key that was cut short must never be taken for one.
fn keep(path: &Path, bytes: &[u8; 32]) -> std::io::Result<()> {
    if let Some(dir) = path.parent() {
        folder::make(dir)?;
    }
    let fresh = path.with_extension(format!("key.{}", std::process::id()));
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh)?;
    file.write_all(format!("{}\n", STANDARD.encode(bytes)).as_bytes())?;
    file.sync_all()?;
    // A link fails where the name is taken; a rename would replace it.
    let linked = fs::hard_link(&fresh, path);
    fs::remove_file(&fresh)?;
    linked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once_and_only_its_owner_may_read_it() {
        let dir = tempfile::tempdir().expect("a directory");
        let (made, path) = MasterKey::obtain(None, dir.path()).expect("made");
        let path = path.expect("it was made, so the operator is told");
        let (again, told) = MasterKey::obtain(Some(""), dir.path()).expect("read");
        assert_eq!((made == again, told), (true, None));
        #[cfg(unix)]
        assert_eq!(
            std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&path).expect("it").permissions()) & 0o777,
            0o600
        );
        assert_eq!(fs::read_dir(dir.path()).expect("it").count(), 1, "nothing else remains");

        let text = fs::read_to_string(&path).expect("it");
        assert_eq!(MasterKey::obtain(Some(&text), Path::new("/nonexistent")).expect("given"), (made, None));
        fs::write(&path, "short").expect("written");
        assert!(MasterKey::obtain(None, dir.path()).is_err(), "a damaged file is never replaced");
        assert_eq!(MasterKey::read("AAAA"), Err(VaultError::MasterKey));
    }
}
