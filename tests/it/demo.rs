//! The demo, started as a newcomer starts it: it tells a story, takes what it invites to, ends when it is told to, and
//! leaves nothing behind.
//!
//! Deliberately not here: what each line of the story says; it stands beside the code.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crate::fiction::{is_fictitious, numbers};

/// The program in an empty folder, with a configuration around it that must not matter.
fn command(folder: &std::path::Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hookswitch"));
    command
        .env("HOOKSWITCH_DATA_DIR", folder.join("data"))
        .env("HOOKSWITCH_DATABASE_URL", "sqlite://demo.db")
        .env("NO_COLOR", "1")
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}

/// What it says, line by line.
fn lines(child: &mut Child) -> Receiver<String> {
    let (said, heard) = channel();
    let out = BufReader::new(child.stdout.take().expect("a pipe"));
    std::thread::spawn(move || out.lines().map_while(Result::ok).all(|line| said.send(line).is_ok()));
    heard
}

fn stop(child: &mut Child) {
    let sent = Command::new("kill").args(["-TERM", &child.id().to_string()]).status();
    assert!(sent.is_ok_and(|status| status.success()), "the signal was sent");
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("its state") {
            assert!(status.success(), "{status}");
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(20), "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn the_demo_tells_a_story_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut child = command(folder.path())
        .args(["demo", "--listen", "127.0.0.1:0", "--pace", "20", "--seed", "1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let heard = lines(&mut child);
    let mut all = Vec::new();
    let mut open = vec![
        "demo: ready in",
        "explain --demo",
        "curl -sS 'http://127.0.0.1:",
        "the Chicago desk hears: \"Call for Acme Plumbing Chicago.",
        "presses 1",
        "talk",
        "left a voicemail of",
        "gets a text from +1•••",
        "→ the call goes to the back office",
    ];
    let began = Instant::now();
    while !open.is_empty() {
        let left = Duration::from_secs(60).saturating_sub(began.elapsed());
        let line = heard.recv_timeout(left).unwrap_or_else(|_| panic!("{open:?} is not in\n{}", all.join("\n")));
        open.retain(|part| !line.contains(part));
        all.push(line);
    }
    let commands: Vec<&String> =
        all.iter().filter(|line| line.starts_with("curl ") || line.contains("explain --demo")).collect();
    assert_eq!(commands.len(), 3, "three things to try: {commands:#?}");
    for tried in commands.into_iter().filter(|_| cfg!(unix)) {
        if tried.starts_with("curl") && Command::new("curl").arg("--version").output().is_err() {
            continue;
        }
        let done = Command::new("sh").args(["-c", tried]).output().expect("a shell");
        let said = String::from_utf8_lossy(&done.stdout).into_owned();
        let right = if tried.starts_with("curl") { said.contains("<Response>") } else { said.starts_with("The call ") };
        assert!(done.status.success() && right, "{tried}\n{said}");
    }
    let story: Vec<&String> = all.iter().skip_while(|line| !line.starts_with("This is what goes on")).collect();
    for line in story {
        assert_eq!(numbers(line), Vec::<String>::new(), "the story shows no whole number: {line}");
        assert!(!line.contains("complains") && !line.contains("two different answers"), "{line}");
    }
    for digits in all.iter().flat_map(|line| numbers(line)) {
        assert!(is_fictitious(&digits), "a number ending in {}", &digits[digits.len() - 4..]);
    }
    stop(&mut child);
    let left: Vec<_> = fs::read_dir(folder.path()).expect("it is there").flatten().collect();
    assert!(left.is_empty(), "{left:?}");
    let aside = std::env::temp_dir().join(format!("hookswitch-demo-{}", child.id()));
    assert!(!aside.exists(), "nothing beside it either");
}

#[test]
fn the_demo_is_for_this_machine_only() {
    let folder = tempfile::tempdir().expect("a folder");
    for (args, code, said) in [
        (&["demo", "--listen", "0.0.0.0:0"][..], 1, "demo secrets, which everybody knows"),
        (&["demo", "--pace", "0"], 2, "from 0.1 to 100"),
        (&["demo", "--config", "x.toml"], 1, "reads no configuration"),
    ] {
        let done = command(folder.path()).args(args).output().expect("it starts");
        let err = String::from_utf8_lossy(&done.stderr).into_owned();
        assert!(done.status.code() == Some(code) && err.contains(said), "{args:?}: {:?} {err}", done.status);
    }
}
