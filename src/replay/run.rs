//! A run from end to end: find, narrow, play, remember, report.
//!
//! Deliberately not here: what kinds of files there are (`replay::kind`), and printing (`replay::story`).

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use futures_util::{StreamExt, stream};

use super::diff::Difference;
use super::fixture::File;
use super::kind::{Kind, Stage};
use super::live::Live;
use super::options::{FileResult, Options, Outcome, Refused, Summary, Told};
use super::progress::Progress;
use super::target::{OFFLINE_BASE, Offline};
use super::world::{DEMO, NoWorld, Worlds};
use super::{html, json, junit, select, span, update};

/// Plays what the options ask for. Reports are written; nothing is printed.
pub async fn run<K: Kind>(options: Options, progress: &mut dyn Progress) -> Summary {
    let began = Instant::now();
    let mut summary = Summary { command: K::COMMAND, rerun: rerun(&options), ..Summary::default() };
    match gather::<K>(&options) {
        Ok(files) => {
            progress.begin(files.len());
            let options = Arc::new(options);
            let played = match &options.target {
                None => offline::<K>(files, &options, progress).await,
                Some(target) => live::<K>(target, files, &options, progress).await,
            };
            progress.end();
            match played {
                Ok(files) => summary.files = files,
                Err(why) => summary.refused = Some(Refused::CouldNotRun(why)),
            }
            summary.seconds = began.elapsed().as_secs_f64();
            finish(&options, &mut summary);
        }
        Err(refused) => summary.refused = Some(refused),
    }
    summary
}

/// The files to play.
fn gather<K: Kind>(options: &Options) -> Result<Vec<File<K::Case>>, Refused> {
    let usage = |text: &str| Err(Refused::Usage(text.to_owned()));
    if options.update && options.ci {
        return usage("--update is refused where CI is set: a build machine has nobody to review what it writes");
    }
    if options.update && options.sign.is_some() {
        return usage("--update with --sign would write down the answers to requests that the files do not contain");
    }
    if options.shard.is_some_and(|(shard, of)| shard == 0 || shard > of) {
        return usage("--shard is i/n with i from 1 to n, such as 2/4");
    }
    if options.target.is_none() && options.public_url.is_some() {
        return usage(
            "--public-url says what the provider reaches a --target at; without one there is nothing to reach",
        );
    }
    let found = select::files(&options.paths, K::FOLDERS).map_err(Refused::CouldNotRun)?;
    let mut files = Vec::with_capacity(found.len());
    for path in found {
        let text = std::fs::read_to_string(&path)
            .map_err(|error| Refused::CouldNotRun(format!("{} cannot be read: {error}", path.display())))?;
        files.push(K::read(&path, &text));
    }
    let files = select::narrowed(files, options).map_err(Refused::CouldNotRun)?;
    // Nothing failed, nothing changed, an empty shard: that is an answer. A text or tag that fits nothing is a slip.
    let narrowed_by_state = options.failed || options.changed.is_some() || options.shard.is_some();
    if files.is_empty() && !narrowed_by_state {
        return Err(Refused::CouldNotRun(format!("no fixture fits {}", select::asked(options))));
    }
    Ok(files)
}

/// Files in parallel, each case on a switchboard of its own.
async fn offline<K: Kind>(
    files: Vec<File<K::Case>>,
    options: &Arc<Options>,
    progress: &mut dyn Progress,
) -> Result<Vec<FileResult>, String> {
    let worlds = Arc::new(Worlds::default());
    let workers = std::thread::available_parallelism().map_or(2, std::num::NonZero::get) * 2;
    let mut playing = stream::iter(files.into_iter().enumerate())
        .map(|(index, file)| {
            let (options, worlds) = (Arc::clone(options), Arc::clone(&worlds));
            let (path, title) = (file.path.clone(), file.title.clone());
            let task = tokio::spawn(async move { one_offline::<K>(&file, &options, &worlds).await });
            async move {
                let broken = |error: tokio::task::JoinError| {
                    result(&path, &title, Outcome::Broken(format!("it panicked: {error}")), Instant::now())
                };
                (index, task.await.unwrap_or_else(broken))
            }
        })
        .buffer_unordered(workers);
    let mut results = Vec::new();
    while let Some((index, result)) = playing.next().await {
        progress.done(&result);
        results.push((index, result));
    }
    results.sort_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
}

async fn one_offline<K: Kind>(file: &File<K::Case>, options: &Options, worlds: &Worlds) -> FileResult {
    let began = Instant::now();
    let cases = match &file.cases {
        Ok(cases) => cases,
        Err(mistakes) => return result(&file.path, &file.title, Outcome::Unreadable(mistakes.clone()), began),
    };
    let mut played = Vec::with_capacity(cases.len());
    for case in cases {
        let place = K::place(case);
        let world = match worlds.find(&file.path, place.world, place.given) {
            Ok(world) => world,
            Err(why) => return result(&file.path, &file.title, no_world(why), began),
        };
        let stage = Stage { options, world: &world, base: OFFLINE_BASE, nonce: "" };
        let done = match Offline::new(&world, stage.start(place.now)) {
            Ok(target) => K::play(file, case, &stage, &target).await,
            Err(why) => Err(why),
        };
        match done {
            Ok(done) => played.push(done),
            Err(why) => return result(&file.path, &file.title, Outcome::Broken(why), began),
        }
    }
    settle::<K>(file, cases, played, options, began)
}

/// Files one after another: a server has one world at a time.
async fn live<K: Kind>(
    target: &str,
    files: Vec<File<K::Case>>,
    options: &Options,
    progress: &mut dyn Progress,
) -> Result<Vec<FileResult>, String> {
    let worlds = Worlds::default();
    let mut live = Live::connect(target, options.admin_key.as_deref()).await?;
    let base = options.public_url.as_deref().unwrap_or(target);
    // Without its doors a server keeps what it was told before, so each run needs ids of its own.
    let mut nonce = [0u8; 8];
    getrandom::fill(&mut nonce).map_err(|error| format!("no random numbers: {error}"))?;
    let nonce = hex::encode(nonce);
    let mut results = Vec::with_capacity(files.len());
    for file in &files {
        let result = one_live::<K>(file, options, &worlds, &mut live, base, &nonce).await;
        progress.done(&result);
        results.push(result);
    }
    Ok(results)
}

async fn one_live<K: Kind>(
    file: &File<K::Case>,
    options: &Options,
    worlds: &Worlds,
    live: &mut Live,
    base: &str,
    nonce: &str,
) -> FileResult {
    let began = Instant::now();
    let cases = match &file.cases {
        Ok(cases) => cases,
        Err(mistakes) => return result(&file.path, &file.title, Outcome::Unreadable(mistakes.clone()), began),
    };
    if let Some(why) = cases.iter().find_map(K::here_only) {
        return result(&file.path, &file.title, Outcome::Skipped(why.to_owned()), began);
    }
    let mut played = Vec::with_capacity(cases.len());
    for case in cases {
        let place = K::place(case);
        let world = match worlds.find(&file.path, place.world, place.given) {
            Ok(world) => world,
            Err(why) => return result(&file.path, &file.title, no_world(why), began),
        };
        if live.doors() && !world.is_sandbox() {
            let why = "a server's test doors take worlds whose accounts are all sandboxes";
            return result(&file.path, &file.title, Outcome::Skipped(why.to_owned()), began);
        }
        if live.doors()
            && let Err(why) = live.put(&world.text).await
        {
            return result(&file.path, &file.title, Outcome::Broken(why), began);
        }
        if !live.doors() && (place.world != DEMO || !place.given.is_empty()) {
            let keyless = options.admin_key.as_deref().is_none_or(str::is_empty);
            let why = if keyless {
                "this file needs a world of its own, and no admin key is given for the server's test doors"
            } else {
                "the server's test doors are closed, and this file needs a world of its own"
            };
            return result(&file.path, &file.title, Outcome::Skipped(why.to_owned()), began);
        }
        let stage = Stage { options, world: &world, base, nonce: if live.doors() { "" } else { nonce } };
        match K::play(file, case, &stage, live).await {
            Ok(done) => played.push(done),
            Err(why) => return result(&file.path, &file.title, Outcome::Broken(why), began),
        }
    }
    settle::<K>(file, cases, played, options, began)
}

fn no_world(why: NoWorld) -> Outcome {
    match why {
        NoWorld::Missing(why) => Outcome::Broken(why),
        NoWorld::Wrong(mistakes) => Outcome::Unreadable(mistakes),
    }
}

fn result(path: &Path, title: &str, outcome: Outcome, began: Instant) -> FileResult {
    FileResult {
        path: path.to_owned(),
        title: title.to_owned(),
        outcome,
        cases: Vec::new(),
        review: update::beside(path).is_file(),
        seconds: began.elapsed().as_secs_f64(),
    }
}

/// What the played cases come to for their file.
fn settle<K: Kind>(
    file: &File<K::Case>,
    cases: &[K::Case],
    played: Vec<K::Played>,
    options: &Options,
    began: Instant,
) -> FileResult {
    let mut outcome = Outcome::Passed;
    let mut results = Vec::with_capacity(cases.len());
    let trouble = K::rewrite(file, cases, &played, options).err();
    for (case, played) in cases.iter().zip(played) {
        let mut result = K::result(case, played, options);
        match &result.pending {
            Some(why) if result.differences.is_empty() => {
                let expected = format!("a difference ({why})");
                result.differences.push(Difference::of_all("pending", &expected, "it passes: remove `pending`"));
                let words = format!("It is pending ({why}), and passes: take its line pending out of the file.");
                result.told.push(Told { words, ..Told::default() });
                outcome = Outcome::Failed;
            }
            Some(why) if matches!(outcome, Outcome::Passed) => outcome = Outcome::Pending(why.clone()),
            None if !result.differences.is_empty() => outcome = Outcome::Failed,
            Some(_) | None => {}
        }
        results.push(result);
    }
    if let Some(why) = trouble {
        outcome = Outcome::Broken(why);
    }
    FileResult { cases: results, ..result(&file.path, &file.title, outcome, began) }
}

/// What is done once all files are played.
fn finish(options: &Options, summary: &mut Summary) {
    summary.written = summary
        .files
        .iter()
        .filter(|file| options.update && file.review)
        .map(|file| update::beside(&file.path))
        .collect();
    let by_hand = |file: &&FileResult| options.update && matches!(file.outcome, Outcome::Failed) && file.has_rows();
    summary.by_hand = summary.files.iter().filter(by_hand).map(|file| file.path.clone()).collect();
    let played: Vec<(&Path, bool)> =
        summary.files.iter().map(|file| (file.path.as_path(), file.outcome.is_bad())).collect();
    let mut troubles = Vec::new();
    if let Err(error) = select::remember(&options.folder, &played) {
        troubles.push(format!("what failed could not be remembered: {error}"));
    }
    let mut write = |path: &Option<PathBuf>, text: &dyn Fn() -> String| {
        let Some(path) = path.as_ref().filter(|path| path.as_os_str() != "-") else { return };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let made = folder.map_or(Ok(()), std::fs::create_dir_all);
        if let Err(error) = made.and_then(|()| std::fs::write(path, text())) {
            troubles.push(format!("{} could not be written: {error}", path.display()));
        }
    };
    write(&options.junit, &|| junit::report(summary));
    write(&options.json, &|| json::report(summary));
    write(&options.html.as_ref().map(|folder| folder.join("index.html")), &|| html::report(summary));
    summary.troubles = troubles;
}

/// What the command that repeats one file has to say besides its path.
fn rerun(options: &Options) -> String {
    let mut text = String::new();
    if let Some(target) = &options.target {
        text.push_str(&format!(" --target {target}"));
    }
    if let Some(url) = &options.public_url {
        text.push_str(&format!(" --public-url {url}"));
    }
    if let Some(sign) = options.sign {
        text.push_str(&format!(" --sign {sign}"));
    }
    if let Some(now) = options.now {
        text.push_str(&format!(" --now {now}"));
    }
    if let Some(shift) = options.shift {
        let sign = if shift < 0 { '-' } else { '+' };
        let span = span::write(std::time::Duration::from_micros(shift.unsigned_abs()));
        text.push_str(&format!(" --shift={sign}{span}"));
    }
    text
}

#[cfg(test)]
mod tests;
