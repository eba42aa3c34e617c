//! Copies in a folder of their own, looked at, accepted and refused.

use super::*;
use crate::replay::line;

const FILE: &str = r#"# Ana calls.
title = "Rings"
world = "demo"
account = "acme-twilio"
now = "2026-03-09T09:02:11-05:00"
[[exchange]]
request = "POST ${url whisper}"
form = { To = "+13125550199", From = "+13125550101" }   # who
expect.status = 200   # always
expect.document = "<Response><Hangup/></Response>"
expect.decision = { match = "live", why = ["session_live", "hours_open"] }
expect.effects = ["leg.answered"]
"#;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(file: &str, copy: &str) -> Self {
        let folder = Self(tempfile::tempdir().expect("a folder"));
        std::fs::write(folder.file(), file).expect("written");
        std::fs::write(folder.copy(), copy).expect("written");
        folder
    }

    fn file(&self) -> PathBuf {
        self.0.path().join("a.toml")
    }

    fn copy(&self) -> PathBuf {
        self.0.path().join("a.toml.new")
    }

    fn read(&self) -> Result<Waiting, Problem> {
        Waiting::read(&self.copy())
    }

    fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).expect("it can be listed");
        let mut names: Vec<String> =
            entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

fn changed(text: &str) -> String {
    text.replace("<Hangup/>", "<Say>Hi</Say>")
        .replace("hours_open", "hours_closed")
        .replace("leg.answered", "leg.status")
}

fn shown(told: &Told) -> String {
    let mut out = format!("{} of {}, {}: {}\n", told.exchange, told.of, told.line, told.words);
    for part in &told.parts {
        out.push_str(&format!("{}\n", part.title));
        for line in line::excerpt(&part.lines, 99) {
            out.push_str(&format!("{} {}{}\n", line.mark.sign(), "  ".repeat(line.depth), line.text));
        }
    }
    out
}

#[test]
fn only_expectations_are_told_by_their_parts() {
    let folder = Folder::new(FILE, &update::stamped(FILE, &changed(FILE)));
    let waiting = folder.read().expect("it can be read");
    assert_eq!(waiting.title, "Rings");
    let changes = waiting.changes();
    assert_eq!(changes.len(), 1);
    assert_eq!(
        shown(&changes[0]),
        "1 of 1, 6: +1•••0199 picks up\n\
         document\n  <Response>\n-   <Hangup/>\n+   <Say>Hi</Say>\n  </Response>\n\
         why\n  session_live\n- hours_open    The location is open.\n+ hours_closed  The location is closed.\n\
         effects\n- leg.answered\n+ leg.status\n"
    );
}

#[test]
fn whatever_else_changes_is_told_as_text() {
    for (new, why) in [
        (FILE.replace("Rings", "Rings twice"), "the title"),
        (FILE.replace("+13125550101", "+13125550102"), "a request"),
        (FILE.replace("expect.status = 200   # always\n", ""), "less is expected"),
        (FILE.replace("# always", "# mostly"), "a comment"),
    ] {
        let folder = Folder::new(FILE, &update::stamped(FILE, &new));
        let changes = folder.read().expect("it can be read").changes();
        assert_eq!(changes[0].parts[0].title, "text", "{why}");
        assert!(changes[0].parts[0].differs(), "{why}");
    }
    let placeholder = FILE.replace("<Hangup/>", "${any}");
    let folder = Folder::new(&placeholder, &update::stamped(&placeholder, FILE));
    assert_eq!(
        folder.read().expect("it can be read").changes()[0].parts[0].title,
        "document",
        "a placeholder is a word"
    );
}

#[test]
fn what_was_not_expected_before_is_shown_as_new() {
    let bare: String =
        FILE.lines().filter(|line| !line.starts_with("expect")).map(|line| format!("{line}\n")).collect();
    let folder = Folder::new(&bare, &update::stamped(&bare, FILE));
    let changes = folder.read().expect("it can be read").changes();
    let titles: Vec<&str> = changes[0].parts.iter().map(|part| part.title.as_ref()).collect();
    assert_eq!(titles, ["status", "document", "decision", "effects"]);
    assert!(changes[0].parts.iter().flat_map(|part| &part.lines).all(|line| line.mark == Mark::Got));
}

#[test]
fn an_accepted_copy_is_the_file() {
    let folder = Folder::new(FILE, &update::stamped(FILE, &changed(FILE)));
    folder.read().expect("it can be read").accept().expect("it is accepted");
    let text = std::fs::read_to_string(folder.file()).expect("it is there");
    assert_eq!(text, changed(FILE), "every comment stays, and nothing is added");
    assert_eq!(folder.names(), ["a.toml"]);
}

#[test]
fn what_cannot_be_accepted_says_what_to_do() {
    let stamped = update::stamped(FILE, &changed(FILE));
    for (file, copy, unreadable, part) in [
        (FILE.replace("Rings", "Rings on"), stamped.clone(), false, "was changed after its copy was written"),
        (FILE.to_owned(), changed(FILE), true, "does not say from what it was made"),
        (FILE.to_owned(), update::stamped(FILE, "title = "), true, "is no TOML any more"),
        (FILE.to_owned(), update::stamped(FILE, &FILE.replace("title", "titel")), true, "did you mean title?"),
    ] {
        let folder = Folder::new(&file, &copy);
        let problem = folder.read().expect_err("it is refused");
        assert!(problem.to_string().contains(part), "{problem}");
        assert_eq!(matches!(problem, Problem::Unreadable(_)), unreadable, "{problem}");
        assert_eq!(folder.names(), ["a.toml", "a.toml.new"]);
    }
    let folder = Folder::new(FILE, &stamped);
    let waiting = folder.read().expect("it can be read");
    std::fs::write(folder.file(), FILE.replace("Rings", "Rings on")).expect("written");
    assert!(matches!(waiting.accept(), Err(Problem::Changed(_))), "somebody wrote it while we looked");
    std::fs::write(folder.file(), changed(FILE)).expect("written");
    folder.read().expect("it was accepted before").accept().expect("and is tidied up");
    assert_eq!(folder.names(), ["a.toml"]);
}

#[test]
fn copies_are_found_where_they_are() {
    let folder = Folder::new(FILE, &update::stamped(FILE, FILE));
    let copies = [folder.copy()];
    for path in [folder.0.path().to_owned(), folder.file(), folder.copy()] {
        assert_eq!(find(std::slice::from_ref(&path)).as_deref(), Ok(&copies[..]), "{}", path.display());
    }
    assert!(find(&[folder.0.path().join("none.toml")]).is_err());
    reject(&folder.copy()).expect("thrown away");
    assert_eq!(find(&[folder.file()]), Ok(Vec::new()));
    assert_eq!(folder.names(), ["a.toml"]);
}
