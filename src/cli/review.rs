//! `review`: what `replay --update` wrote, looked at by a person and accepted or not.
//!
//! Deliberately not here: what a copy would change (`replay::review`). Exit codes: 0 nothing waits any more, 1 usage or a
//! disk that fails, 2 a copy cannot be read, 3 there is no such path, 5 something still waits.

use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use console::{Key, Term};

use crate::replay::line;
use crate::replay::paint::{self, Style};
use crate::replay::review::{self, Problem, Waiting};

use super::output::{complain, print, remark};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch review                         what waits under fixtures/, one after another
  hookswitch review fixtures/voice          only what waits there
  hookswitch review --list                  the paths of what waits
  hookswitch review --accept-all            take everything that came for what is expected

On a terminal each question is answered with one key. Elsewhere, and where CI is set, it shows what
waits and changes nothing, unless --accept-all or --reject-all says so.

It exits with 0 when nothing waits any more, 2 when something cannot be read, 3 when there is no
such path, and 5 when something still waits.")]
pub struct Args {
    /// Files and folders [default: fixtures]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Print the paths of what waits, and nothing else
    #[arg(long, conflicts_with_all = ["accept_all", "reject_all"])]
    list: bool,
    /// Take every copy for its file
    #[arg(long, conflicts_with = "reject_all")]
    accept_all: bool,
    /// Throw every copy away
    #[arg(long)]
    reject_all: bool,
}

/// How it is decided what becomes of each copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Mode {
    Ask,
    Show,
    AcceptAll,
    RejectAll,
}

/// `review`.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
    let paths = if args.paths.is_empty() { vec![PathBuf::from("fixtures")] } else { args.paths.clone() };
    let copies = match review::find(&paths) {
        Ok(copies) => copies,
        Err(why) => {
            complain(&why);
            return Ok(ExitCode::from(3));
        }
    };
    if args.list {
        for copy in &copies {
            print(&copy.display().to_string())?;
        }
        return Ok(ExitCode::from(if copies.is_empty() { 0 } else { 5 }));
    }
    if ci && args.accept_all {
        complain("--accept-all is refused where CI is set: a build machine has nobody who looked at it");
        return Ok(ExitCode::from(1));
    }
    if copies.is_empty() {
        remark("Nothing waits for a review.");
        return Ok(ExitCode::SUCCESS);
    }
    let attended = std::io::stdin().is_terminal() && std::io::stdout().is_terminal() && std::io::stderr().is_terminal();
    let mode = match (args.accept_all, args.reject_all) {
        (true, _) => Mode::AcceptAll,
        (_, true) => Mode::RejectAll,
        (false, false) if attended && !ci => Mode::Ask,
        (false, false) => Mode::Show,
    };
    let mut tally = Tally::default();
    for (at, copy) in copies.iter().enumerate() {
        let place = format!("{} of {}", at + 1, copies.len());
        let done = match mode {
            // What is thrown away need not be read.
            Mode::RejectAll => review::reject(copy).map(|()| Done::Rejected),
            Mode::Ask | Mode::Show | Mode::AcceptAll => match Waiting::read(copy) {
                Ok(waiting) => one(&waiting, mode, &place)?,
                Err(problem) if mode == Mode::Ask => broken(copy, &problem, &place)?,
                Err(problem) => Err(problem),
            },
        };
        if !tally.count(done)? {
            break;
        }
    }
    let left = review::find(&paths).map_or(0, |left| left.len());
    remark(&tally.told(left));
    if mode == Mode::Show {
        remark(
            "To take all of it for what is expected: hookswitch review --accept-all; to throw it away: --reject-all.",
        );
    }
    Ok(ExitCode::from(match (left, tally.unreadable) {
        (0, _) => 0,
        (_, 0) => 5,
        _ => 2,
    }))
}

/// What became of a copy.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Done {
    Accepted,
    Rejected,
    Skipped,
    Quit,
}

#[derive(Debug, Default)]
struct Tally {
    accepted: usize,
    rejected: usize,
    unreadable: usize,
}

impl Tally {
    /// Counts it, and tells whether to go on.
    fn count(&mut self, done: Result<Done, Problem>) -> anyhow::Result<bool> {
        match done {
            Ok(Done::Accepted) => self.accepted += 1,
            Ok(Done::Rejected) => self.rejected += 1,
            Ok(Done::Skipped) => {}
            Ok(Done::Quit) => return Ok(false),
            Err(problem @ Problem::Changed(_)) => complain(&problem.to_string()),
            Err(problem @ Problem::Unreadable(_)) => {
                self.unreadable += 1;
                complain(&problem.to_string());
            }
            Err(problem @ Problem::Disk(_)) => return Err(problem.into()),
        }
        Ok(true)
    }

    fn told(&self, left: usize) -> String {
        let mut parts = Vec::new();
        for (count, word) in [(self.accepted, "accepted"), (self.rejected, "rejected")] {
            if count > 0 {
                parts.push(format!("{count} {word}"));
            }
        }
        parts.push(match left {
            0 => "nothing waits any more".to_owned(),
            1 => "1 waits for a review".to_owned(),
            left => format!("{left} wait for a review"),
        });
        parts.join(", ")
    }
}

fn one(waiting: &Waiting, mode: Mode, place: &str) -> anyhow::Result<Result<Done, Problem>> {
    if mode == Mode::AcceptAll {
        return Ok(waiting.accept().map(|()| Done::Accepted));
    }
    print(&story(waiting, place, Style::of_stdout()))?;
    if mode == Mode::Show {
        return Ok(Ok(Done::Skipped));
    }
    loop {
        match asked("a accept · r reject · s skip · d whole difference · q quit", &['a', 'r', 's', 'd', 'q'])? {
            'a' => return Ok(waiting.accept().map(|()| said(Done::Accepted))),
            'r' => return Ok(review::reject(&waiting.copy).map(|()| said(Done::Rejected))),
            's' => return Ok(Ok(said(Done::Skipped))),
            'd' => print(&paint::lines(&waiting.text(), Style::of_stdout()))?,
            _ => return Ok(Ok(Done::Quit)),
        }
    }
}

/// A copy that cannot be looked at can still be thrown away.
fn broken(copy: &std::path::Path, problem: &Problem, place: &str) -> anyhow::Result<Result<Done, Problem>> {
    print(&format!("\n{place}: {}\n", copy.display()))?;
    complain(&problem.to_string());
    Ok(match asked("r reject · s skip · q quit", &['r', 's', 'q'])? {
        'r' => review::reject(copy).map(|()| said(Done::Rejected)),
        's' => Ok(said(Done::Skipped)),
        _ => Ok(Done::Quit),
    })
}

fn said(done: Done) -> Done {
    remark(match done {
        Done::Accepted => "accepted",
        Done::Rejected => "rejected",
        Done::Skipped => "skipped",
        Done::Quit => "",
    });
    done
}

/// Asks until one of the keys is pressed; Escape and an end of input are `q`.
fn asked(question: &str, keys: &[char]) -> anyhow::Result<char> {
    let term = Term::stderr();
    term.write_str(&format!("{question} > ")).context("the question cannot be asked")?;
    let pressed = loop {
        match term.read_key() {
            Ok(Key::Char(key)) if keys.contains(&key.to_ascii_lowercase()) => break key.to_ascii_lowercase(),
            Ok(Key::Escape | Key::CtrlC) => break 'q',
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => break 'q',
            Err(error) => return Err(error).context("no key can be read"),
        }
    };
    term.write_line(&pressed.to_string()).context("the answer cannot be shown")?;
    Ok(pressed)
}

/// What a copy would change.
fn story(waiting: &Waiting, place: &str, style: Style) -> String {
    let mut out = format!("\n{place}: {}\n", style.strong(&waiting.path.display().to_string()));
    if !waiting.title.is_empty() {
        out.push_str(&format!("  {}\n", waiting.title));
    }
    let changes = waiting.changes();
    for told in &changes {
        if told.exchange > 0 {
            let (no, of, line) = (told.exchange, told.of, told.line);
            out.push_str(&format!("  exchange {no} of {of}, line {line}: {} ({})\n", told.words, told.request));
        }
        for part in &told.parts {
            out.push_str(&paint::part(part, style));
        }
    }
    if changes.iter().flat_map(|told| &told.parts).all(|part| line::excerpt(&part.lines, 1).is_empty()) {
        out.push_str("  It says what the file says: accepting it only takes the copy away.\n");
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tally_says_what_happened_and_what_waits() {
        for (accepted, rejected, left, told) in [
            (0, 0, 2, "2 wait for a review"),
            (1, 0, 0, "1 accepted, nothing waits any more"),
            (2, 1, 1, "2 accepted, 1 rejected, 1 waits for a review"),
        ] {
            assert_eq!(Tally { accepted, rejected, unreadable: 0 }.told(left), told);
        }
    }

    #[test]
    fn what_was_changed_meanwhile_waits_on() {
        let mut tally = Tally::default();
        assert!(tally.count(Err(Problem::Changed("x".to_owned()))).expect("it goes on"));
        assert!(tally.count(Err(Problem::Unreadable("x".to_owned()))).expect("it goes on"));
        assert!(!tally.count(Ok(Done::Quit)).expect("it ends"));
        assert!(tally.count(Err(Problem::Disk("x".to_owned()))).is_err(), "a disk that fails ends it");
        assert_eq!(tally.unreadable, 1);
    }
}
