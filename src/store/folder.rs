//! Folders of ours, which nobody else may look into: calls and numbers are in them.
//!
//! Deliberately not here: folders that are there already; their rights are their owner's choice.

use std::fs::DirBuilder;
use std::io;
use std::path::Path;

/// Makes a folder, and those above it that are missing, for its owner alone.
pub(super) fn make(path: &Path) -> io::Result<()> {
    let mut folder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.recursive(true).create(path)
}

#[cfg(all(test, unix))]
mod tests {
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn what_is_made_is_its_owners_alone_and_what_is_there_stays() {
        let dir = tempfile::tempdir().expect("a folder");
        let rights = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
        let data = dir.path().join("data/spill");
        make(&data).expect("made");
        assert_eq!((rights(&data), rights(&dir.path().join("data"))), (0o700, 0o700));
        fs::set_permissions(&data, fs::Permissions::from_mode(0o755)).expect("set");
        make(&data).expect("it is there");
        assert_eq!(rights(&data), 0o755);
    }
}
