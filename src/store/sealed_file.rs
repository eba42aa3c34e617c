//! Long things as sealed files: cut into chunks that are sealed one by one, so that neither writing nor reading holds more
//! than one of them, and reading may begin anywhere.
//!
//! Deliberately not here: which files there are (`store::recordings`). Layout: version ‖ key's number ‖ nonce prefix, then
//! chunks. A chunk's nonce is the prefix, its number, and whether it is the last (the STREAM construction): a file that
//! was cut, or put together anew, does not open.

use std::io;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt, SeekFrom};

use super::vault::{FileKey, Vault, VaultError};

/// Bytes of a chunk before it is sealed.
pub const CHUNK: usize = 64 * 1024;
/// Bytes that sealing adds to a chunk.
const TAG: usize = 16;
const VERSION: u8 = 1;
const KID: usize = 4;
pub(super) const PREFIX: usize = 19;
const HEADER: usize = 1 + KID + PREFIX;

/// Why a sealed file could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The disk.
    #[error("a file of ours cannot be used: {0}")]
    Disk(#[from] io::Error),
    /// The seal.
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// What was written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Written {
    /// Bytes before sealing.
    pub bytes: u64,
    /// Their SHA-256, in hexadecimal digits.
    pub sha256: String,
}

/// A file that is being written, under another name until it is whole.
pub struct Sealing {
    key: FileKey,
    file: File,
    unfinished: PathBuf,
    name: PathBuf,
    buffer: Vec<u8>,
    number: u32,
    bytes: u64,
    hash: Sha256,
}

impl Sealing {
    /// Begins a file of a tenant's.
    pub(super) async fn begin(vault: &Vault, tenant: &str, row: &str, name: PathBuf) -> Result<Self, FileError> {
        let (kid, prefix, key) = vault.file_key(tenant, row)?;
        let unfinished = unfinished(&name);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        options.mode(0o600);
        let mut file = options.open(&unfinished).await?;
        let mut header = vec![VERSION];
        header.extend_from_slice(&kid.to_be_bytes());
        header.extend_from_slice(&prefix);
        file.write_all(&header).await?;
        let buffer = Vec::with_capacity(CHUNK);
        Ok(Self { key, file, unfinished, name, buffer, number: 0, bytes: 0, hash: Sha256::new() })
    }

    /// Adds some bytes.
    pub async fn add(&mut self, mut more: &[u8]) -> Result<(), FileError> {
        self.hash.update(more);
        self.bytes += more.len() as u64;
        while !more.is_empty() {
            // A full chunk is sealed only when another follows: the last one is marked.
            if self.buffer.len() == CHUNK {
                self.seal(false).await?;
            }
            let (now, later) = more.split_at(more.len().min(CHUNK - self.buffer.len()));
            self.buffer.extend_from_slice(now);
            more = later;
        }
        Ok(())
    }

    async fn seal(&mut self, last: bool) -> Result<(), FileError> {
        let sealed = self.key.seal(self.number, last, &self.buffer);
        self.file.write_all(&sealed).await?;
        self.buffer.clear();
        self.number = self.number.checked_add(1).ok_or_else(|| io::Error::other("a file is too long"))?;
        Ok(())
    }

    /// Ends it: on the disk, under its own name.
    pub async fn end(mut self) -> Result<Written, FileError> {
        self.seal(true).await?;
        self.file.sync_all().await?;
        tokio::fs::rename(&self.unfinished, &self.name).await?;
        if let Some(folder) = self.name.parent() {
            File::open(folder).await?.sync_all().await?;
        }
        Ok(Written { bytes: self.bytes, sha256: hex::encode(self.hash.finalize()) })
    }

    /// Gives it up.
    pub async fn drop_it(self) {
        if let Err(error) = tokio::fs::remove_file(&self.unfinished).await {
            tracing::warn!(%error, "an unfinished file could not be removed; it goes within the hour");
        }
    }
}

/// What a file is called until it is whole.
pub(super) fn unfinished(name: &Path) -> PathBuf {
    name.with_extension("new")
}

/// A sealed file that is being read.
pub struct Opening {
    key: FileKey,
    file: File,
    chunks: u32,
    next: u32,
    skip: usize,
    left: u64,
}

impl Opening {
    /// Opens a file for some of its bytes: from one on, so many.
    pub(super) async fn begin(
        vault: &Vault,
        tenant: &str,
        row: &str,
        name: &Path,
        from: u64,
        count: u64,
    ) -> Result<Self, FileError> {
        let mut file = File::open(name).await?;
        let length = file.metadata().await?.len();
        let mut header = [0; HEADER];
        file.read_exact(&mut header).await?;
        let kid = u32::from_be_bytes([header[1], header[2], header[3], header[4]]);
        let prefix: [u8; PREFIX] = header[1 + KID..].try_into().map_err(|_| VaultError::Sealed("a sealed file"))?;
        if header[0] != VERSION {
            return Err(VaultError::Sealed("a sealed file").into());
        }
        let key = vault.file_key_of(tenant, row, kid, prefix)?;
        let sealed = length.saturating_sub(HEADER as u64);
        let chunks = u32::try_from(sealed.div_ceil((CHUNK + TAG) as u64)).unwrap_or(u32::MAX);
        let next = u32::try_from(from / CHUNK as u64).unwrap_or(u32::MAX);
        let skip = usize::try_from(from % CHUNK as u64).unwrap_or(0);
        file.seek(SeekFrom::Start(HEADER as u64 + u64::from(next) * (CHUNK + TAG) as u64)).await?;
        Ok(Self { key, file, chunks, next, skip, left: count })
    }

    /// The next bytes; `None` after the last.
    pub async fn more(&mut self) -> Result<Option<Vec<u8>>, FileError> {
        if self.left == 0 {
            return Ok(None);
        }
        let mut sealed = Vec::with_capacity(CHUNK + TAG);
        (&mut self.file).take((CHUNK + TAG) as u64).read_to_end(&mut sealed).await?;
        let last = self.next + 1 == self.chunks;
        let mut plain = self.key.open(self.next, last, &sealed).ok_or(VaultError::Sealed("a sealed file"))?;
        self.next += 1;
        plain.drain(..self.skip.min(plain.len()));
        self.skip = 0;
        plain.truncate(usize::try_from(self.left).unwrap_or(usize::MAX).min(plain.len()));
        if plain.is_empty() {
            return Err(VaultError::Sealed("a sealed file").into());
        }
        self.left -= plain.len() as u64;
        Ok(Some(plain))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::MasterKey;

    fn vault() -> Vault {
        let vault = Vault::new(&MasterKey::new([7; 32]));
        vault.provide("acme").expect("a key");
        vault
    }

    async fn read(vault: &Vault, row: &str, name: &Path, from: u64, count: u64) -> Result<Vec<u8>, FileError> {
        let mut opening = Opening::begin(vault, "acme", row, name, from, count).await?;
        let mut all = Vec::new();
        while let Some(more) = opening.more().await? {
            all.extend(more);
        }
        Ok(all)
    }

    #[tokio::test]
    async fn what_is_sealed_opens_whole_and_in_parts_and_after_no_change() {
        let (dir, vault) = (tempfile::tempdir().expect("a folder"), vault());
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let name = dir.path().join(format!("{length}"));
            let sound: Vec<u8> = (0..length).map(|at| u8::try_from(at % 251).expect("small")).collect();
            let mut sealing = Sealing::begin(&vault, "acme", "r1", name.clone()).await.expect("a file");
            for piece in sound.chunks(1000) {
                sealing.add(piece).await.expect("room");
            }
            let written = sealing.end().await.expect("written");
            assert_eq!((written.bytes, written.sha256), (length as u64, hex::encode(Sha256::digest(&sound))));
            assert_eq!(read(&vault, "r1", &name, 0, length as u64).await.expect("its own"), sound, "{length}");
            if length > 2 * CHUNK {
                let part = read(&vault, "r1", &name, CHUNK as u64 - 3, 7).await.expect("a part");
                assert_eq!(part, sound[CHUNK - 3..CHUNK + 4], "across an edge");
                assert!(read(&vault, "r2", &name, 0, 1).await.is_err(), "another row's");
                let bytes = std::fs::read(&name).expect("the file");
                assert!(!bytes.windows(32).any(|part| part == &sound[..32]), "nothing is readable");
                std::fs::write(&name, &bytes[..HEADER + 2 * (CHUNK + TAG)]).expect("cut");
                assert!(read(&vault, "r1", &name, 0, length as u64).await.is_err(), "cut after a whole chunk");
                let mut changed = bytes.clone();
                changed[HEADER + CHUNK + TAG + 9] ^= 1;
                std::fs::write(&name, &changed).expect("changed");
                assert!(read(&vault, "r1", &name, 0, length as u64).await.is_err(), "a changed byte");
            }
        }
    }
}
