//! The house rules, held by a test: which floor uses which, where each crate lives, what no file may contain.
//!
//! Deliberately not here: what the compiler and clippy can hold. When this test stops you, move the line to its room.

use std::fs;
use std::path::{Path, PathBuf};

use super::fiction::{is_fictitious, is_keypad, numbers};

/// The floors, lowest first. Each uses only those before it.
const FLOORS: [&str; 11] =
    ["domain", "rules", "routing", "voice", "providers", "store", "switchboard", "jobs", "replay", "http", "cli"];

/// Floors without waiting, I/O or a clock.
const PURE: [&str; 4] = ["domain", "rules", "routing", "voice"];

/// Crates that live on some floors only.
const ROOMS: [(&str, &[&str]); 37] = [
    ("anyhow", &["cli"]),
    ("axum", &["http"]),
    ("axum_server", &["http"]),
    ("chrono_tz", &[]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("compact_calendar", &["rules"]),
    ("console", &["cli"]),
    ("dashmap", &["switchboard"]),
    ("ed25519_dalek", &["providers"]),
    ("governor", &["http"]),
    ("hashbrown", &["switchboard"]),
    ("hmac", &["providers"]),
    ("hyper_util", &["http"]),
    ("indicatif", &["replay", "cli"]),
    ("ipnet", &["http", "jobs"]),
    ("jiff", &["rules"]),
    ("opening_hours", &["rules"]),
    ("quick_xml", &["voice"]),
    ("regex", &["replay"]),
    ("reqwest", &["jobs", "replay"]),
    ("rlibphonenumber", &["rules"]),
    ("roxmltree", &["replay"]),
    ("sha1", &["providers"]),
    ("sha2", &["providers", "store", "rules"]),
    ("similar", &["replay"]),
    ("sqlx", &["store"]),
    ("toml", &["rules", "replay", "cli"]),
    ("toml_edit", &["rules", "replay", "cli"]),
    ("tower", &["http"]),
    ("tower_http", &["http"]),
    ("tracing_subscriber", &["cli"]),
    ("url", &["store"]),
    ("utoipa", &["http"]),
    ("utoipa_axum", &["http"]),
    ("utoipa_swagger_ui", &["http"]),
    ("prometheus_client", &["switchboard"]),
];

/// The judge of our documents: it may not see with our eyes.
const PHONES: &str = "replay/phones";

/// The longest file, in lines.
const LONGEST: usize = 400;

#[test]
fn no_floor_uses_one_above_it() {
    let mistakes = in_sources(|file, line| {
        let own = floor_index(floor_of(file)?)?;
        let used = floors_used(line);
        let above = used.iter().find(|used| floor_index(used).is_some_and(|used| used > own))?;
        Some(format!("{} may not use {above}", FLOORS[own]))
    });
    none(&mistakes);
}

#[test]
fn every_crate_is_in_its_room() {
    let mistakes = in_sources(|file, line| {
        let floor = floor_of(file)?;
        let (name, rooms) = ROOMS.iter().find(|(name, rooms)| uses(line, name) && !rooms.contains(&floor))?;
        Some(format!("{name} lives in {rooms:?}, not in {floor}"))
    });
    none(&mistakes);
}

#[test]
fn the_phone_network_knows_nothing_of_us() {
    let mistakes = in_sources(|file, line| {
        let inside = file.strip_prefix(root().join("src").join(PHONES)).ok()?;
        let depth = inside.components().count().saturating_sub(1);
        let word = told_of_us(line, depth)?;
        Some(format!("{word}: a judge uses `domain` and itself"))
    });
    none(&mistakes);
}

#[test]
fn the_pure_floors_neither_wait_nor_look_at_a_clock() {
    let mistakes = in_sources(|file, line| {
        let floor = floor_of(file).filter(|floor| PURE.contains(floor))?;
        if file.ends_with("domain/clock.rs") {
            return None;
        }
        let word = impure(line)?;
        Some(format!("{word:?} in {floor}, which is pure"))
    });
    none(&mistakes);
}

#[test]
fn every_file_says_what_it_is_and_is_short() {
    let mut mistakes = Vec::new();
    for (file, text) in rust_files(&["src", "tests", "benches"]) {
        if !text.starts_with("//!") {
            mistakes.push(format!("{}: it opens with no //! line that says what it is", file.display()));
        }
        let lines = text.lines().count();
        if lines > LONGEST {
            mistakes.push(format!("{}: {lines} lines; more than {LONGEST} is more than one room", file.display()));
        }
    }
    none(&mistakes);
}

#[test]
fn nothing_is_left_for_later() {
    let words = [concat!("to", "do!"), concat!("unimple", "mented!")];
    let mut mistakes = Vec::new();
    for (file, text) in rust_files(&["src", "tests", "benches"]) {
        for (at, line) in text.lines().enumerate() {
            if words.iter().any(|word| line.contains(word)) {
                mistakes.push(format!("{}:{}: it promises work that is not done", file.display(), at + 1));
            }
        }
    }
    none(&mistakes);
}

#[test]
fn numbers_in_fixtures_and_rules_are_nobodys() {
    let mut mistakes = Vec::new();
    for folder in ["fixtures", "routing-rules"] {
        // Providers' published signatures are over the numbers that they were published with.
        let published = root().join("fixtures/signatures");
        for file in files(&root().join(folder)).into_iter().filter(|file| !file.starts_with(&published)) {
            let text = fs::read_to_string(&file).unwrap_or_default();
            for (at, line) in text.lines().enumerate() {
                mistakes.extend(real(line).map(|digits| {
                    let end = &digits[digits.len().saturating_sub(4)..];
                    format!("{}:{}: a number ending in {end} may be somebody's", file.display(), at + 1)
                }));
            }
        }
    }
    none(&mistakes);
}

#[test]
fn these_checks_can_fail() {
    let imports = [
        ("use crate::routing::decision::Decision;", vec!["routing"]),
        ("use crate::{domain::Moment, switchboard::{Step, Reply}, store};", vec!["domain", "switchboard", "store"]),
        ("    crate::http::serve(router)", vec!["http"]),
        ("use std::sync::Arc; // crate::http is above", vec![]),
        ("//! [`crate::cli`] starts it.", vec![]),
    ];
    for (line, floors) in imports {
        assert_eq!(floors_used(line), floors, "{line}");
    }
    for (line, name, used) in [
        ("use toml::Value;", "toml", true),
        ("use toml_edit::DocumentMut;", "toml", false),
        ("let value = ::toml::from_str(text);", "toml", true),
        ("use crate::cli::toml::x;", "toml", false),
        ("use {axum::Router, std::io};", "axum", true),
        ("// toml::Value would be wrong here", "toml", false),
    ] {
        assert_eq!(uses(line, name), used, "{line}");
    }
    for (line, depth, told) in [
        ("use crate::voice::Document;", 0, Some("crate::voice")),
        ("use crate::domain::{E164, Moment};", 0, None),
        ("use crate::{domain::Moment, routing};", 0, Some("crate::{")),
        ("use crate::replay::phones::log::What;", 1, None),
        ("use crate::replay::xml;", 0, Some("crate::replay::xml")),
        ("let signer = crate::replay::signing::Signer;", 0, Some("crate::replay::signing")),
        ("use super::network::Reply;", 0, None),
        ("use super::super::xml::read;", 0, Some("super::super::")),
        ("use super::super::log::What;", 1, None),
        ("use super::super::super::xml;", 1, Some("super::super::super::")),
        ("/// crate::voice writes them.", 0, None),
    ] {
        assert_eq!(told_of_us(line, depth).as_deref(), told, "{line}");
    }
    for line in ["store.load().await?", "async fn decide()", "let now = clock.now();", "Instant::now()"] {
        assert!(impure(line).is_some(), "{line}");
    }
    assert_eq!(impure("// nothing here may .await"), None);
    for (line, count) in [
        ("From = \"+14155238886\"", 1),
        ("From = \"+266696687\"", 0),
        ("To = \"+266696687\"", 1),
        ("From = \"+13125550101\", To = \"+13125550190\"", 0),
    ] {
        assert_eq!(real(line).count(), count, "{line}");
    }
}

/// The floors that a line names; comments name none.
fn floors_used(line: &str) -> Vec<&str> {
    let code = code(line);
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0;
            let top = |letter: char| {
                depth += i32::from(letter == '{') - i32::from(letter == '}');
                letter == ',' && depth == 0
            };
            found.extend(list.split(top).map(|part| first_word(part.trim_start())));
        } else {
            found.push(first_word(rest));
        }
    }
    found.retain(|word| FLOORS.contains(word));
    found
}

fn first_word(text: &str) -> &str {
    text.split(|letter: char| !letter.is_alphanumeric() && letter != '_').next().unwrap_or_default()
}

fn floor_index(name: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| *floor == name)
}

/// Whether a line names something of this crate.
fn uses(line: &str, name: &str) -> bool {
    let code = code(line);
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let path = code[..at].ends_with("::") && code[..at].trim_end_matches("::").ends_with(char::is_alphanumeric);
        let starts = !before.is_some_and(|letter| letter.is_alphanumeric() || letter == '_' || letter == '.') && !path;
        starts && code[at + name.len()..].starts_with("::")
    })
}

/// What a line below the phone network names of ours that is neither `domain` nor the network; `depth` counts the
/// folders between the network and the file.
fn told_of_us(line: &str, depth: usize) -> Option<String> {
    let code = code(line);
    let ours = code.match_indices("crate::").find_map(|(at, _)| {
        let path: String = code[at..].chars().take_while(|c| c.is_alphanumeric() || matches!(c, '_' | ':')).collect();
        let steps: Vec<&str> = path.split("::").collect();
        let list = code[at + path.len()..].starts_with('{') && steps.len() <= 3 && steps.get(1) != Some(&"domain");
        match (steps.get(1), steps.get(2)) {
            (Some(&"domain"), _) | (Some(&"replay"), Some(&"phones")) => None,
            _ if list => Some(format!("{path}{{")),
            (Some(&"replay"), Some(room)) => Some(format!("crate::replay::{room}")),
            (Some(floor), _) => Some(format!("crate::{floor}")),
            (None, _) => None,
        }
    });
    let up = "super::".repeat(depth + 2);
    ours.or_else(|| code.contains(&up).then_some(up))
}

/// The word in a line that a pure floor may not have.
fn impure(line: &str) -> Option<&'static str> {
    let code = code(line);
    let words = [".await", "async ", "Instant::now", "SystemTime", "Utc::now", "clock.now()", "tokio::", "std::net::"];
    words.into_iter().find(|word| code.contains(word))
}

/// The numbers of a line that may be somebody's. A withheld number is nobody's, and only a caller has one.
fn real(line: &str) -> impl Iterator<Item = String> {
    let from = line.to_ascii_lowercase().contains("from");
    numbers(line).into_iter().filter(move |digits| !(is_fictitious(digits) || from && is_keypad(digits)))
}

/// A line without its comment.
fn code(line: &str) -> &str {
    if line.trim_start().starts_with("//") {
        return "";
    }
    line.split(" // ").next().unwrap_or_default()
}

/// The floor of a source file.
fn floor_of(file: &Path) -> Option<&str> {
    let inside = file.strip_prefix(root().join("src")).ok()?;
    let first = inside.components().next()?.as_os_str().to_str()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    FLOORS.into_iter().find(|floor| *floor == name)
}

fn in_sources(mistake: impl Fn(&Path, &str) -> Option<String>) -> Vec<String> {
    let mut mistakes = Vec::new();
    for (file, text) in rust_files(&["src"]) {
        for (at, line) in statements(&text) {
            mistakes.extend(mistake(&file, &line).map(|what| format!("{}:{at}: {what}", file.display())));
        }
    }
    mistakes
}

/// Lines with their numbers; a `use` over several lines counts as one.
fn statements(text: &str) -> Vec<(usize, String)> {
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut open = false;
    for (at, line) in text.lines().enumerate() {
        match found.last_mut() {
            Some((_, whole)) if open => whole.push_str(code(line)),
            Some(_) | None => found.push((at + 1, line.to_owned())),
        }
        let begins = line.trim_start().starts_with("use ") || line.trim_start().starts_with("pub use ");
        open = (open || begins) && !line.contains(';');
    }
    found
}

fn rust_files(folders: &[&str]) -> Vec<(PathBuf, String)> {
    let all = folders.iter().flat_map(|folder| files(&root().join(folder)));
    let rust = all.filter(|file| file.extension().is_some_and(|ending| ending == "rs"));
    rust.map(|file| (file.clone(), fs::read_to_string(&file).expect("sources can be read"))).collect()
}

/// Every file below a folder, by name; none when it is not there.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn none(mistakes: &[String]) {
    assert!(mistakes.is_empty(), "\n{}", mistakes.join("\n"));
}
