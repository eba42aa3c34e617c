//! Which files are played: found in folders, then narrowed by text, tags, failures, changes and shard.
//!
//! Deliberately not here: reading them (`replay::read`).

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::fixture::File;
use super::options::Options;
use super::world;

/// Folders in which no exchanges are: worlds, whole calls, vectors.
const OTHERS: [&str; 3] = ["worlds", "calls", "signatures"];

/// Every fixture under the paths, sorted; without a path, those under `defaults` that exist.
///
/// Folders named `worlds`, `calls` and `signatures` inside a path are passed by; as a path itself, they are not.
pub fn files(paths: &[PathBuf], defaults: &[&str]) -> Result<Vec<PathBuf>, String> {
    let expected = defaults;
    let defaults: Vec<PathBuf> = defaults.iter().map(PathBuf::from).filter(|path| path.exists()).collect();
    let paths = if paths.is_empty() { &defaults } else { paths };
    let mut found = BTreeSet::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut found)?;
        } else if path.is_file() {
            found.insert(path.clone());
        } else {
            return Err(format!("{} is neither a file nor a folder", path.display()));
        }
    }
    if found.is_empty() {
        let looked: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
        let looked = if looked.is_empty() { expected.join(", ") } else { looked.join(", ") };
        return Err(format!("no fixture found in {looked}"));
    }
    Ok(found.into_iter().collect())
}

fn walk(folder: &Path, found: &mut BTreeSet<PathBuf>) -> Result<(), String> {
    let unread = |error: std::io::Error| format!("{} cannot be read: {error}", folder.display());
    for entry in std::fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_dir() {
            if !OTHERS.contains(&name) && !name.starts_with('.') {
                walk(&path, found)?;
            }
        } else if name.ends_with(".toml") {
            found.insert(path);
        }
    }
    Ok(())
}

/// Narrows what was found. The error says which filter cannot be applied.
pub fn narrowed<C>(mut files: Vec<File<C>>, options: &Options) -> Result<Vec<File<C>>, String> {
    if let Some(text) = &options.text {
        let text = text.to_lowercase();
        let holds = |within: &str| within.to_lowercase().contains(&text);
        files.retain(|file| holds(&file.title) || holds(&file.path.to_string_lossy()));
    }
    if !options.tags.is_empty() {
        files.retain(|file| file.tags.iter().any(|tag| options.tags.contains(tag)));
    }
    if options.failed {
        let failed = last_failed(&options.folder);
        files.retain(|file| failed.contains(&absolute(&file.path)));
    }
    if let Some(revision) = &options.changed {
        let changed = changed(revision)?;
        let is_changed = |path: &Path| changed.contains(&absolute(path));
        files.retain(|file| {
            is_changed(&file.path) || world::locate(&file.path, &file.world).is_some_and(|world| is_changed(&world))
        });
    }
    if let Some((shard, of)) = options.shard {
        let mut index = 0;
        files.retain(|_| {
            index += 1;
            (index - 1) % of == shard - 1
        });
    }
    Ok(files)
}

/// The text and the tags that were asked for, as they are typed.
pub fn asked(options: &Options) -> String {
    let text = options.text.iter().map(|text| format!("-k {text}"));
    text.chain(options.tags.iter().map(|tag| format!("--tag {tag}"))).collect::<Vec<_>>().join(" ")
}

fn absolute(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).or_else(|_| std::path::absolute(path)).unwrap_or_else(|_| path.to_owned())
}

/// The files that git says differ from a revision, and those it does not know yet.
fn changed(revision: &str) -> Result<BTreeSet<PathBuf>, String> {
    if revision.starts_with('-') {
        return Err(format!("\"{revision}\" is no revision"));
    }
    let git = |arguments: &[&str]| -> Result<String, String> {
        let output =
            Command::new("git").args(arguments).output().map_err(|error| format!("git does not run: {error}"))?;
        if !output.status.success() {
            return Err(format!("git: {}", String::from_utf8_lossy(&output.stderr).trim()));
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let root = PathBuf::from(git(&["rev-parse", "--show-toplevel"])?.trim());
    let differing = git(&["-c", "core.quotePath=off", "diff", "--name-only", revision, "--"])?;
    let new = git(&["-c", "core.quotePath=off", "ls-files", "--others", "--exclude-standard", "--full-name", ":/"])?;
    Ok(differing.lines().chain(new.lines()).map(|line| absolute(&root.join(line))).collect())
}

fn memory(folder: &Path) -> PathBuf {
    folder.join(".hookswitch/last-failed")
}

/// The files that failed when they were played last.
pub fn last_failed(folder: &Path) -> BTreeSet<PathBuf> {
    let text = std::fs::read_to_string(memory(folder)).unwrap_or_default();
    text.lines().filter(|line| !line.is_empty()).map(PathBuf::from).collect()
}

/// Remembers what failed: files that were played now as they went now, all others as they went before.
pub fn remember(folder: &Path, played: &[(&Path, bool)]) -> std::io::Result<()> {
    let before = last_failed(folder);
    let mut failed = before.clone();
    for (path, bad) in played {
        let path = absolute(path);
        if *bad {
            failed.insert(path);
        } else {
            failed.remove(&path);
        }
    }
    if failed == before {
        return Ok(());
    }
    let file = memory(folder);
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent)?;
    }
    let lines: String = failed.iter().map(|path| format!("{}\n", path.display())).collect();
    std::fs::write(file, lines)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::read;

    #[test]
    fn folders_are_searched_and_other_kinds_passed_by() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["voice/b.toml", "voice/a.toml", "voice/a.toml.new", "worlds/w.toml", "calls/c.toml", "README.md"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
            std::fs::write(path, "").expect("written");
        }
        let names = |paths: &[PathBuf]| -> Vec<String> {
            let found = files(paths, &[]).expect("there are some");
            found.iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
        };
        assert_eq!(names(&[folder.path().to_owned()]), ["a.toml", "b.toml"]);
        assert_eq!(names(&[folder.path().join("calls")]), ["c.toml"], "asked for by name");
        assert!(files(&[folder.path().join("none")], &[]).is_err());
        assert!(files(&[], &["no/such/folder"]).is_err(), "no file is an error");
    }

    #[test]
    fn filters_narrow() {
        let file = |path: &str, title: &str, tags: &str| {
            read::file(Path::new(path), &format!("title = \"{title}\"\ntags = [{tags}]\n"))
        };
        let all =
            || vec![file("a.toml", "Ana", "\"x\""), file("b.toml", "Jo", "\"x\", \"y\""), file("c.toml", "Bob", "")];
        let names = |options: &Options| -> Vec<String> {
            let kept = narrowed(all(), options).expect("the filters apply");
            kept.iter().map(|file| file.path.display().to_string()).collect()
        };
        let none = Options::default;
        assert_eq!(names(&Options { text: Some("ANA".into()), ..none() }), ["a.toml"], "the title");
        assert_eq!(names(&Options { text: Some("b.to".into()), ..none() }), ["b.toml"], "the path");
        assert_eq!(names(&Options { tags: vec!["y".into(), "z".into()], ..none() }), ["b.toml"]);
        assert_eq!(names(&Options { shard: Some((1, 2)), ..none() }), ["a.toml", "c.toml"]);
        assert_eq!(names(&Options { shard: Some((2, 2)), ..none() }), ["b.toml"]);
        let tags = || vec!["y".to_owned(), "z".to_owned()];
        assert_eq!(asked(&Options { text: Some("ana".into()), ..none() }), "-k ana", "only what was given is told");
        assert_eq!(asked(&Options { tags: tags(), ..none() }), "--tag y --tag z");
        assert_eq!(asked(&Options { text: Some("ana".into()), tags: tags(), ..none() }), "-k ana --tag y --tag z");
    }

    #[test]
    fn what_failed_is_remembered_until_it_passes() {
        let folder = tempfile::tempdir().expect("a folder");
        let (one, two) = (folder.path().join("1.toml"), folder.path().join("2.toml"));
        remember(folder.path(), &[(&one, true), (&two, true)]).expect("written");
        remember(folder.path(), &[(&one, false)]).expect("written");
        assert_eq!(last_failed(folder.path()).into_iter().collect::<Vec<_>>(), [absolute(&two)]);
    }
}
