//! (7) Whatever comes twice gets the same bytes and changes nothing more; what can happen once in a call happens once;
//! and whoever reached whom in bad weather reaches them in good weather too.
//!
//! Deliberately not here: making the weather.

use std::collections::{BTreeMap, BTreeSet};

use super::super::happened::{Happened, Thread};
use super::{Invariant, Wrong};
use crate::replay::phones::What;

/// Effects that a call or a text has once at the most.
const ONCE: [&str; 11] = [
    "interaction.routed",
    "interaction.ended",
    "menu.chosen",
    "voicemail.left",
    "queue.left",
    "message.held",
    "message.undelivered",
    "opt_out.recorded",
    "opt_in.recorded",
    "help.noted",
    "message.automatic",
];

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    let mut say = |thread: usize, what: String| wrong.push(Wrong::new(Invariant::Once, thread, what));
    let by_no: BTreeMap<usize, _> = happened.played.exchanges.iter().map(|one| (one.ask.no, one)).collect();
    for exchange in &happened.played.exchanges {
        let Some(first) = exchange.ask.repeats.and_then(|no| by_no.get(&no)) else { continue };
        let (one, other) = (&first.answer, &exchange.answer);
        if (one.status, &one.body) != (other.status, &other.body) {
            say(exchange.ask.thread, format!("a repeat of {} was answered otherwise", exchange.ask.url));
        }
        let decided = exchange.seen.as_ref().is_some_and(|seen| !seen.decision.is_null() || !seen.effects.is_empty());
        if decided {
            say(exchange.ask.thread, format!("a repeat of {} was decided again", exchange.ask.url));
        }
    }
    for happening in &happened.played.log {
        if matches!(happening.what, What::Differed { .. }) {
            say(happening.thread, "the same request got two different answers".to_owned());
        }
    }
    for thread in &happened.threads {
        for kind in ONCE {
            let count = thread.effects(kind);
            if count > 1 {
                say(thread.no, format!("{kind} {count} times"));
            }
        }
        let attempts = thread.effects("attempt.started") + 1;
        for kind in ["attempt.ended", "leg.accepted", "leg.refused", "leg.timed_out"] {
            let count = thread.effects(kind);
            if count > attempts {
                say(thread.no, format!("{kind} {count} times in {attempts} attempts"));
            }
        }
        // Where an answer was lost on its way, its like is given once more.
        let asked_again = thread.exchanges.iter().filter(|one| one.ask.url.contains("/voice/fallback")).count();
        if thread.effects("voicemail.offered") > 1 + asked_again {
            say(thread.no, "voicemail was offered twice".to_owned());
        }
        let owed = 1 + thread.effects("voicemail.left");
        if thread.effects("todo.opened") > owed {
            say(thread.no, format!("{} to-dos", thread.effects("todo.opened")));
        }
    }
    wrong
}

/// What came of a call or text, for people.
#[derive(PartialEq, Eq, Debug)]
struct End<'a> {
    talked: Vec<&'a str>,
    received: BTreeSet<&'a str>,
    voicemail: usize,
    todos: usize,
}

/// Where a case had other ends than the same case in good weather.
pub fn differs(bad: &Happened<'_>, good: &Happened<'_>) -> Vec<Wrong> {
    // What no provider tells may be taken for one thing or the other, as its news come.
    let told =
        |happened: &Happened<'_>, thread: &Thread<'_>| !thread.untold(happened.plan, |who| happened.phone_of(who));
    let ends = bad.threads.iter().zip(&good.threads);
    let ends = ends.filter(|(in_bad, in_good)| told(bad, in_bad) && told(good, in_good));
    let differing = ends.filter(|(bad, good)| end(bad) != end(good));
    let told = differing.map(|(bad, good)| {
        let what = format!("in good weather it had another end: {:?}, and not {:?}", end(good), end(bad));
        Wrong::new(Invariant::Once, bad.no, what)
    });
    told.collect()
}

fn end<'a>(thread: &Thread<'a>) -> End<'a> {
    End {
        talked: thread.bridged().map(|(callee, _)| callee).collect(),
        received: thread.received().map(|(who, _, _)| who).collect(),
        voicemail: thread.effects("voicemail.left"),
        todos: thread.effects("todo.opened"),
    }
}
