//! Rules files as commands meet them: found, read over what is stored, and their mistakes shown.
//!
//! Deliberately not here: what the files mean (`rules::file`) and writing them down (`ledger`).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::rules::ruleset::{Mistake, Ruleset};

use super::output::{Unreadable, remark};

/// A rules file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Sheet {
    /// Its name, as it was given.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Reads these files from disk.
pub fn sheets(paths: &[PathBuf]) -> Result<Vec<Sheet>, Unreadable> {
    paths.iter().map(|path| sheet(path)).collect()
}

fn sheet(path: &Path) -> Result<Sheet, Unreadable> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).map_err(|error| Unreadable(format!("{name} cannot be read: {error}")))?;
    Ok(Sheet { name, text })
}

/// Reads every `.toml` file of a folder, by name. A folder that is not there has none.
pub fn folder(path: &Path) -> io::Result<Vec<Result<Sheet, Unreadable>>> {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut paths = entries.map(|entry| entry.map(|entry| entry.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml") && path.is_file());
    paths.sort();
    Ok(paths.iter().map(|path| sheet(path)).collect())
}

/// Reads a sheet over what is stored. Warnings come beside the rules; any mistake refuses the whole sheet.
pub fn read(sheet: &Sheet, stored: &[Ruleset]) -> Result<(Ruleset, Vec<Mistake>), Vec<Mistake>> {
    let _ = stored;
    Err(vec![Mistake {
        file: sheet.name.clone(),
        line: 0,
        field: String::new(),
        message: "rules::file::read is merged here".to_owned(),
        warning: false,
    }])
}

/// Reads all sheets, each over what is stored and the sheets before it; every mistake of every sheet is shown. `None`
/// when there was one.
pub fn read_all(sheets: &[Sheet], stored: &[Ruleset]) -> Option<Vec<Ruleset>> {
    let mut known = stored.to_vec();
    let mut read_so_far = Vec::new();
    let mut right = true;
    for sheet in sheets {
        match read(sheet, &known) {
            Ok((ruleset, warnings)) => {
                show(&warnings);
                known.retain(|other| other.tenant.id != ruleset.tenant.id);
                known.push(ruleset.clone());
                read_so_far.push(ruleset);
            }
            Err(mistakes) => {
                show(&mistakes);
                right = false;
            }
        }
    }
    right.then_some(read_so_far)
}

/// The version of the time zone data that hours are reckoned with.
pub fn tzdata() -> String {
    String::new()
}

/// Shows mistakes and warnings, one a line.
pub fn show(mistakes: &[Mistake]) {
    mistakes.iter().for_each(|mistake| remark(&mistake.to_string()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folders_rules_come_by_name() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.toml", "a.toml", "notes.txt"] {
            fs::write(folder.path().join(name), name).expect("written");
        }
        fs::create_dir(folder.path().join("c.toml")).expect("made");
        let texts: Vec<_> = super::folder(folder.path()).expect("it is there").into_iter().flatten().collect();
        assert_eq!(texts.iter().map(|sheet| sheet.text.as_str()).collect::<Vec<_>>(), ["a.toml", "b.toml"]);
        assert!(super::folder(&folder.path().join("none")).expect("nothing is no mistake").is_empty());
    }
}
