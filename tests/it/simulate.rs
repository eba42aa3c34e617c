//! Whole calls through the phone network: every file of `fixtures/calls`, in this process and against a server.
//!
//! Deliberately not here: the network's own rules, and tables of the format; they stand beside the code.

use std::path::{Path, PathBuf};

use hookswitch::replay::options::Outcome;
use hookswitch::replay::simulate::{self, Tale};
use hookswitch::replay::story::{self, Style};
use hookswitch::replay::{Options, Silent, Summary};

use crate::program::Home;
use crate::support::DEMO;

/// Every whole call.
fn calls(folder: &Path) -> Options {
    let calls = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/calls");
    Options { paths: vec![calls], folder: folder.to_owned(), ..Options::default() }
}

/// Every call's story without its times, by file and row.
fn stories(summary: &Summary) -> Vec<(PathBuf, String, Vec<String>)> {
    let words = |tale: &Tale| tale.lines.iter().map(|line| format!("{} {}", line.who, line.what)).collect();
    let of = |file: &hookswitch::replay::options::FileResult| {
        let story = |case: &hookswitch::replay::options::CaseResult| {
            let tale = case.tale.as_ref().expect("a call that was played has a story");
            (file.path.clone(), case.row.clone(), words(tale))
        };
        file.cases.iter().map(story).collect::<Vec<_>>()
    };
    summary.files.iter().flat_map(of).collect()
}

#[tokio::test]
async fn every_call_goes_as_its_file_says_here_and_at_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let here = simulate::run(calls(folder.path()), &mut Silent).await;
    assert_eq!(here.exit_code(), 0, "{}", story::told(&here, Style::default()));
    assert!(here.files.len() >= 40, "they were found");

    let home = Home::with(DEMO);
    let public = "https://hooks.example.com";
    let more = [
        ("HOOKSWITCH_TEST_CLOCK", "true"),
        ("HOOKSWITCH_PUBLIC_BASE_URL", public),
        // What was decided is looked at after each answer, so it has to be written by then, on a busy machine too.
        ("HOOKSWITCH_COMMIT_DEADLINE_MS", "2000"),
    ];
    let server = home.start(&more).await;
    let options = Options {
        target: Some(format!("http://{}", server.address)),
        public_url: Some(public.to_owned()),
        admin_key: Some("test-admin-key".to_owned()),
        ..calls(folder.path())
    };
    let there = simulate::run(options, &mut Silent).await;
    assert_eq!(there.exit_code(), 0, "{}", story::told(&there, Style::default()));
    let left_out = there.files.iter().filter(|file| matches!(file.outcome, Outcome::Skipped(_)));
    let left_out: Vec<_> = left_out.map(|file| &file.path).collect();
    assert!(left_out.len() >= 6, "calls that we start, for want of a provider");
    for path in &left_out {
        let text = std::fs::read_to_string(path).expect("readable");
        assert!(text.contains("[[we_call]]"), "{} was left out", path.display());
    }
    assert_eq!(there.count("passed") + left_out.len(), here.count("passed"), "no other was left out");
    let played_there = |(path, ..): &(PathBuf, String, Vec<String>)| !left_out.contains(&path);
    for (here, there) in stories(&here).into_iter().filter(played_there).zip(stories(&there)) {
        assert_eq!(here, there, "the same story");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_same_seed_is_the_same_run_and_another_the_same_story() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = async |seed| {
        let options = Options { text: Some("comes-twice".to_owned()), seed: Some(seed), ..calls(folder.path()) };
        let mut summary = simulate::run(options, &mut Silent).await;
        assert_eq!(summary.exit_code(), 0, "{}", story::told(&summary, Style::default()));
        summary.files.remove(0).cases.remove(0).tale.expect("it was played").json()
    };
    let (first, again, other) = (run(1).await, run(1).await, run(2).await);
    assert_eq!(first["exchanges"], again["exchanges"], "the same ids at the same instants");
    assert_ne!(first["exchanges"], other["exchanges"], "other ids");
    assert_eq!(first["end"], other["end"]);
    let all = simulate::run(Options { seed: Some(3), ..calls(folder.path()) }, &mut Silent).await;
    assert_eq!(all.exit_code(), 0, "no story hangs on chance: {}", story::told(&all, Style::default()));
}

const CALL: &str = r#"
title = "A stranger is told goodbye"
world = "demo"
now = "2026-03-09T09:02:11-05:00"
story = ["stranger calls +1•••0190 → voicemail", "…", "board to do: a voicemail to listen to"]
never = ["bridged stranger"]
end = { outcome = "voicemail" }
[[party]]
name = "stranger"
phone = "+13125550199"
dials = "+13125550190"
speaks = "5s"
"#;

#[test]
fn simulate_ends_with_what_came_of_it() {
    let home = Home::with(DEMO);
    let write = |name: &str, text: &str| std::fs::write(home.path().join(name), text).expect("written");
    write("right.toml", CALL);
    write("wrong.toml", &CALL.replace("\"voicemail\"", "\"connected\"").replace("to listen to\"]", "to read\"]"));
    write("unreadable.toml", &CALL.replace("speaks", "speeks"));
    write("never.toml", &CALL.replace("bridged stranger", "hears stranger"));
    for (args, code, out, why) in [
        (&["right.toml"][..], 0, &["0.0s  stranger  calls +1•••0190", "1 passed"][..], "one file's story is told"),
        (
            &["wrong.toml"],
            4,
            &[
                "failed A stranger is told goodbye\n  wrong.toml:5\n    story\n    - board to do: a voicemail to read\n",
                "    end.outcome\n    - connected\n    + voicemail\n",
                "    > 11.2s  board     to do: a voicemail to listen to\n",
                "again:  hookswitch simulate wrong.toml",
            ],
            "a difference",
        ),
        (
            &["never.toml"],
            4,
            &["- never: hears stranger\n    + 0.0s stranger hears \""],
            "the line that tells what must not be",
        ),
        (&["unreadable.toml"], 2, &["speeks: is unknown; did you mean speaks?"], "a file that cannot be read"),
        (&["right.toml", "--json"], 0, &["\"outcome\": \"voicemail\"", "\"story\": ["], "for programs"),
        (&["none"], 3, &[], "nothing there"),
        (&["--bogus"], 1, &[], "a wrong command line"),
        (&["--random", "0"], 1, &[], "no call at all proves nothing"),
    ] {
        let done = home.command().arg("simulate").args(args).output().expect("it starts");
        let said = String::from_utf8_lossy(&done.stdout);
        assert_eq!(done.status.code(), Some(code), "{why}: {said}");
        for part in out {
            assert!(said.contains(part), "{why}: {part} is not in\n{said}");
        }
    }
}
