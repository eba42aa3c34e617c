//! The front page: what it shows is what is printed, and it names every key, command and metric.
//!
//! Deliberately not here: the walk through a call, whose answers the fixtures hold.

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
            match (line.strip_prefix("$ hookswitch "), shown.last_mut()) {
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
        let mut args: Vec<&str> = command.split_whitespace().collect();
        // The page's reader has a database with the demo in it.
        if ["explain", "verify"].contains(&args[0]) {
            args.extend(["--rules", "routing-rules/demo.toml"]);
        }
        let done = home.command().args(&args).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("it starts");
        let printed = [done.stdout, done.stderr].concat();
        assert_eq!(timeless(&String::from_utf8_lossy(&printed)), timeless(&said), "{command}");
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
