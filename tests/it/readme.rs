//! The front page: what it shows is what is printed, and it names every key, command and metric.
//!
//! Deliberately not here: the walk through a call, whose answers the fixtures hold.

use std::path::Path;
use std::process::Command;

use hookswitch::cli::config::DEFAULT_FILE;
use hookswitch::domain::Clock;
use hookswitch::store::{MasterKey, Vault};
use hookswitch::switchboard::{Settings, Switchboard};

use crate::program::Home;
use crate::support::{DEMO, at};

const README: &str = include_str!("../../README.md");

/// Every command of a console block, with what is shown below it.
fn shown() -> Vec<(String, String)> {
    let mut shown: Vec<(String, String)> = Vec::new();
    for block in README.split("```console\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default().replace("\\\n", "");
        for line in block.lines() {
            match (line.strip_prefix("$ "), shown.last_mut()) {
                (Some(command), _) => shown.push((command.to_owned(), String::new())),
                (None, Some((_, said))) => said.push_str(&format!("{line}\n")),
                (None, None) => panic!("a block begins with a command: {line}"),
            }
        }
    }
    shown
}

#[test]
fn what_is_shown_is_what_is_printed() {
    let home = Home::with(DEMO);
    let shown = shown();
    assert!(shown.len() >= 4, "{shown:?}");
    for (command, said) in shown {
        let Some(args) = command.strip_prefix("hookswitch ") else { continue };
        let mut args: Vec<&str> = args.split_whitespace().collect();
        // The page's reader has a database with the demo in it.
        if ["explain", "verify"].contains(&args[0]) {
            args.extend(["--rules", "routing-rules/demo.toml"]);
        }
        let done = home.command().args(&args).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("it starts");
        let printed = [done.stdout, done.stderr].concat();
        assert_eq!(timeless(&String::from_utf8_lossy(&printed)), timeless(&said), "{command}");
    }
}

/// The commands of a section, as a script: what is to be typed, and what is shown with its answer.
fn script(heading: &str) -> Vec<(String, Option<String>)> {
    let section = README.split(heading).nth(1).and_then(|rest| rest.split("\n## ").next());
    let blocks = section.expect("a section").split("```").skip(1).step_by(2);
    let lines = |block: &'static str| -> Vec<(String, Option<String>)> {
        let Some((kind, commands)) = block.split_once('\n') else { return Vec::new() };
        match kind {
            "sh" => commands.lines().map(|line| (line.to_owned(), None)).collect(),
            "console" => {
                let (command, said) = commands.split_once('\n').expect("a command and what is shown");
                let command = command.strip_prefix("$ ").expect("a command");
                vec![(command.to_owned(), Some(said.trim_end().to_owned()))]
            }
            other => panic!("a block of {other:?} is not tried"),
        }
    };
    blocks.flat_map(lines).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_apis_work_as_printed() {
    if Command::new("curl").arg("--version").output().is_err() {
        return;
    }
    let home = Home::with(DEMO);
    let server = home.start(&[]).await;
    let (management, doors) = ("\n## The management API\n", "\n## Programs written for Plivo and DeepCall\n");
    let script: Vec<_> = [management, doors].into_iter().flat_map(script).collect();
    assert!(script.iter().filter(|(command, _)| command.contains("curl") || command.contains("send")).count() > 15);
    let mut text = "set -e\n".to_owned();
    for (command, said) in &script {
        // Every answer is one that is shown, or success; each is on a line of its own.
        let fails = if said.is_some() { "-sS -w '\\n'" } else { "-sS --fail-with-body -w '\\n'" };
        let here = command
            .replace("127.0.0.1:8080", &server.address.to_string())
            .replace("curl -sS", &format!("curl {fails}"));
        text.push_str(&format!("{here}\n"));
    }
    let program = Path::new(env!("CARGO_BIN_EXE_hookswitch")).parent().expect("a folder").display().to_string();
    let path = format!("{program}:{}", std::env::var("PATH").unwrap_or_default());
    // Of the configuration of the program that is to be tried, the shell's children know what this one's would.
    let like = home.command();
    let settings = like.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let mut shell = Command::new("sh");
    shell.args(["-c", &text]).envs(settings).env("PATH", path).current_dir(home.path());
    let done = tokio::task::spawn_blocking(move || shell.output()).await.expect("waited for").expect("a shell");
    let printed = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{printed}\n{}", String::from_utf8_lossy(&done.stderr));
    for said in script.iter().filter_map(|(_, said)| said.as_ref()) {
        assert!(printed.contains(said), "this is shown:\n{said}\nand this was said:\n{printed}");
    }
    for part in [
        "The call goes to voicemail.",
        r#""state":"override_closed""#,
        r#""state":"grace""#,
        r#""match":"grace""#,
        r#""message":"Session created""#,
        r#""resource_uri":"/v1/Account/MAHOOKSWITCHDEMO0001/Masking/Session/"#,
        r#""eventId":"job 7""#,
        r#""message":"Your masking unset""#,
    ] {
        assert!(printed.contains(part), "{part} is not in\n{printed}");
    }
}

/// What was printed, without how long it took.
fn timeless(printed: &str) -> String {
    let line = |line: &str| match line.rsplit_once(" in ") {
        Some((count, time)) if time.ends_with(" s") => count.to_owned(),
        Some(_) | None => line.to_owned(),
    };
    printed.trim_end().lines().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn every_key_command_and_metric_is_named() {
    let named = |word: &str| README.contains(&format!("`{word}"));
    for line in DEFAULT_FILE.lines().filter(|line| !line.starts_with('#')) {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        assert!(named(key), "the key {key}");
    }
    let home = Home::with(DEMO);
    let help = home.command().arg("--help").output().expect("it starts").stdout;
    let help = String::from_utf8(help).expect("it is UTF-8");
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    for command in commands.filter_map(|line| line.split_whitespace().next()).filter(|command| *command != "help") {
        assert!(named(command), "the command {command}");
    }
    let settings = Settings { public_base_url: String::new(), allowed_countries: Vec::new(), test_clock: false };
    let clock = Clock::stopped(at("2026-03-09T09:00:00-05:00"));
    let board = Switchboard::offline(&[], clock, settings, Vault::new(&MasterKey::new([0; 32]))).expect("it is empty");
    for line in board.metrics().lines() {
        let Some(metric) = line.strip_prefix("# TYPE ") else { continue };
        let name = metric.split(' ').next().unwrap_or_default();
        assert!(named(name), "the metric {name}");
    }
}
