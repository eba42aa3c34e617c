//! Many cases at once, over all cores, until enough calls and texts were begun; and what was found.
//!
//! Which cases are played follows from the seed and the number alone, however many cores there are. What does not hold
//! is kept with its story, the first of it only: memory does not grow with the number of calls.
//!
//! Deliberately not here: how it is shown (`report`).

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc;
use std::sync::{Mutex, PoisonError};

use tokio::runtime::Builder;

use crate::replay::phones::script::Weather;
use crate::replay::simulate::story::{self, Line};
use crate::replay::simulate::told;
use crate::replay::story::Style;

use super::case::Case;
use super::dice::seed_of;
use super::happened::Happened;
use super::invariants::{self, Wrong};
use super::tally::Tally;

/// Cases that are kept with what is wrong with them; more are only counted.
const KEPT: usize = 20;

/// What is to be played.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Options {
    /// How many calls and texts are begun, at the least: a case is played whole.
    pub begun: usize,
    /// What everything is drawn from.
    pub seed: u64,
    /// Whether the network is as it should be, in every case.
    pub calm: bool,
}

/// A case in which something does not hold.
#[derive(Clone, Debug)]
pub struct Found {
    /// Its seed.
    pub seed: u64,
    /// What does not hold; empty where it came to no end.
    pub wrong: Vec<Wrong>,
    /// Why it came to no end, or the first of its stories.
    pub told: String,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// What was reached.
    pub tally: Tally,
    /// In how many cases something does not hold.
    pub failed: usize,
    /// The first of them.
    pub found: Vec<Found>,
}

/// What came of one case.
type Outcome = (u64, usize, Tally, Option<Found>);

/// Plays them. `done` is told how much was begun by every case that is over.
///
/// # Errors
/// No runtime to play in.
pub fn run(options: Options, mut done: impl FnMut(usize, usize)) -> Result<Summary, String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let cases = Mutex::new(cases(options));
    let (told, hear) = mpsc::sync_channel::<Outcome>(2 * cores);
    let runtimes: Result<Vec<_>, _> = (0..cores).map(|_| Builder::new_current_thread().enable_time().build()).collect();
    let runtimes = runtimes.map_err(|error| format!("nothing can be played: {error}"))?;
    let mut summary = Summary::default();
    let mut found = BTreeMap::new();
    std::thread::scope(|scope| {
        for runtime in runtimes {
            let (cases, told) = (&cases, told.clone());
            scope.spawn(move || {
                loop {
                    let next = cases.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((no, seed, begun)) = next else { break };
                    let judged = catch_unwind(AssertUnwindSafe(|| runtime.block_on(one(seed, options.calm))));
                    let (tally, wrong) = judged.unwrap_or_else(|_| {
                        let told = "the engine panicked".to_owned();
                        (Tally::default(), Some(Found { seed, wrong: Vec::new(), told }))
                    });
                    if told.send((no, begun, tally, wrong)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(told);
        for (no, begun, tally, wrong) in hear {
            summary.tally.merge(tally);
            if let Some(wrong) = wrong {
                summary.failed += 1;
                found.insert(no, wrong);
                if found.len() > KEPT {
                    found.pop_last();
                }
            }
            done(begun, summary.failed);
        }
    });
    summary.found = found.into_values().collect();
    Ok(summary)
}

/// The cases: their place, their seed, and how much each begins.
fn cases(options: Options) -> impl Iterator<Item = (u64, u64, usize)> {
    let mut left = options.begun;
    (0u64..).map_while(move |no| {
        if left == 0 {
            return None;
        }
        let seed = seed_of(options.seed, no);
        let begun = Case::begun(seed);
        left = left.saturating_sub(begun);
        Some((no, seed, begun))
    })
}

/// Draws, plays and judges the case of a seed.
pub async fn one(seed: u64, calm: bool) -> (Tally, Option<Found>) {
    let mut tally = Tally::default();
    let judged = judged(seed, calm, &mut tally).await;
    let found = match judged {
        Ok(None) => None,
        Ok(Some((wrong, told))) => Some(Found { seed, wrong, told }),
        Err(told) => Some(Found { seed, wrong: Vec::new(), told }),
    };
    (tally, found)
}

async fn judged(seed: u64, calm: bool, tally: &mut Tally) -> Result<Option<(Vec<Wrong>, String)>, String> {
    let case = Case::draw(seed)?;
    let weather = if calm { Weather::default() } else { case.script.weather };
    let played = case.play(weather).await?;
    let happened = Happened::new(&case.plan, &case.script, &played);
    tally.add(&happened);
    let mut wrong = invariants::judge(&happened);
    if comparable(&case, weather) {
        let again = case.play(Weather::default()).await?;
        wrong.extend(invariants::differs(&happened, &Happened::new(&case.plan, &case.script, &again)));
    }
    if wrong.is_empty() {
        return Ok(None);
    }
    let told = story(&happened, &wrong);
    Ok(Some((wrong, told)))
}

/// Whether bad weather may not change any end: nothing is late or lost, and no cap counts calls of which only late news
/// say that they are over.
fn comparable(case: &Case, weather: Weather) -> bool {
    let bad = weather.duplicate_every.is_some() || weather.reorder_statuses;
    let capped = case.plan.tenants.iter().any(|tenant| (1..100).contains(&tenant.limits.at_once));
    bad && weather.drop_reply_every.is_none() && weather.delay.is_zero() && !capped
}

/// The stories of the calls and texts in which something does not hold.
fn story(happened: &Happened<'_>, wrong: &[Wrong]) -> String {
    let concerned = |line: &Line| wrong.iter().any(|wrong| wrong.thread == line.thread);
    let lines = story::tell(happened.script.start, happened.played);
    told::told(&lines.into_iter().filter(concerned).collect::<Vec<_>>(), Style::default())
}
