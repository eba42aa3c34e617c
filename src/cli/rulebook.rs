//! Rules files as commands meet them: found, read over what is stored, and their mistakes shown.
//!
//! Deliberately not here: what the files mean (`rules::file`) and writing them down (`ledger`).

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::domain::TenantId;
use crate::rules::ruleset::{Mistake, Ruleset};
use crate::rules::{file, zones};

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

/// A sheet that was read.
#[derive(Debug)]
pub struct Read {
    /// What it says.
    pub rules: Ruleset,
    /// What is worth knowing.
    pub warnings: Vec<Mistake>,
}

/// Reads a sheet over what is stored of its tenant. Any mistake refuses the whole sheet.
pub fn read(sheet: &Sheet, stored: Option<&Ruleset>) -> Result<Read, Vec<Mistake>> {
    let env = |name: &str| std::env::var(name).ok();
    file::read(&sheet.text, &sheet.name, stored, &env).map(|(rules, warnings)| Read { rules, warnings })
}

/// All that a sheet is read from: its text, and the variables that it names with their values. A secret that is rotated
/// in the environment is a change of the sheet.
pub fn material(sheet: &Sheet) -> Vec<u8> {
    material_in(sheet, |name| std::env::var(name).ok())
}

fn material_in(sheet: &Sheet, env: impl Fn(&str) -> Option<String>) -> Vec<u8> {
    let mut material = sheet.text.clone().into_bytes();
    for name in variables(&sheet.text) {
        material.extend_from_slice(format!("\0{name}={}", env(name).unwrap_or_default()).as_bytes());
    }
    material
}

/// The variables that a sheet names, found without reading it: every word in quotes that stands behind a key ending in
/// `_env`, in its list or on its line. A word too many does no harm.
fn variables(text: &str) -> BTreeSet<&str> {
    let behind = text.match_indices("_env").filter_map(|(at, key)| {
        let rest = text[at + key.len()..].trim_start_matches(['"', '\'', ' ', '\t']).strip_prefix('=')?.trim_start();
        let end = if rest.starts_with('[') { ']' } else { '\n' };
        rest.split(end).next()
    });
    behind.flat_map(|values| values.split(['"', '\'']).skip(1).step_by(2)).collect()
}

/// The tenant that a sheet is about; `None` where it cannot be told.
pub fn tenant(sheet: &Sheet) -> Option<TenantId> {
    file::tenant_of(&sheet.text)
}

/// Reads a file that is the whole world of a command; its mistakes are shown, its warnings are `check`'s affair.
pub fn world(path: &Path) -> Result<Ruleset, Unreadable> {
    match read(&sheet(path)?, None) {
        Ok(read) => Ok(read.rules),
        Err(mistakes) => {
            show(&mistakes);
            Err(Unreadable(format!("{} has mistakes", path.display())))
        }
    }
}

/// The version of the time zone data that hours are reckoned with.
pub fn tzdata() -> String {
    zones::tzdata_version()
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

    #[test]
    fn a_rotated_secret_changes_the_sheet() {
        let text = "[tenant]\nid = \"acme\"\nname = \"Acme\"\napi_key_env = \"ACME_KEY\"\n";
        let sheet = Sheet { name: "acme.toml".to_owned(), text: text.to_owned() };
        let material = |key: &str| material_in(&sheet, |name| (name == "ACME_KEY").then(|| key.to_owned()));
        assert_eq!(material("one"), material("one"));
        assert_ne!(material("one"), material("two"));
    }

    #[test]
    fn variables_are_found_however_they_are_written() {
        for (text, expected, why) in [
            ("a_env = \"A\"\nb = \"B\"", vec!["A"], "on its line"),
            ("a_env='A'", vec!["A"], "in other quotes"),
            ("\"a_env\" = \"A\"", vec!["A"], "the key in quotes"),
            ("a_env = [ # two\n  \"A\",\n  \"B\",\n]\nc = \"C\"", vec!["A", "B"], "a list over lines"),
            ("x = { user = \"u\", token_env = \"T\", ssid = \"s\" }", vec!["T", "s"], "in a table, and one too many"),
            ("# an _environment\na = \"A\"", vec![], "no key"),
            ("a_env = \"A", vec!["A"], "not closed"),
            ("a_env", vec![], "nothing behind it"),
        ] {
            assert_eq!(variables(text).into_iter().collect::<Vec<_>>(), expected, "{why}");
        }
    }
}
