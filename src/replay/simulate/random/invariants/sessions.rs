//! (4) A number and a phone lead to one session, the one that the drawn world says; (5) a number that was given back
//! leads to none, and nobody rings or is written to through it while it cools.
//!
//! Deliberately not here: the table that says which (`table`).

use serde_json::Value;

use super::super::happened::{Happened, Thread};
use super::table::{Found, Table};
use super::{Invariant, Wrong};

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut table = Table::new(happened.plan);
    let mut wrong = Vec::new();
    for thread in in_order(happened) {
        let Some(at) = thread.at() else { continue };
        // What could not be seen cannot be compared.
        if thread.decision() == &Value::Null {
            continue;
        }
        let released = happened.plan.number(thread.number).and_then(|(tenant, number)| {
            let cools = number.released(tenant.office_of(number), at)?;
            Some((cools, thread.told("session"), thread.told("match")))
        });
        if let Some((cools, session, matched)) = released {
            if session.is_some() || matched != Some("none") {
                wrong.push(Wrong::new(Invariant::Cooling, thread.no, "a number that was given back led to a session"));
            } else if cools && let Some(what) = reached(thread) {
                wrong.push(Wrong::new(Invariant::Cooling, thread.no, format!("through a cooling number {what}")));
            }
        }
        match table.find(thread, at) {
            Some(found) => {
                if let Some(what) = differs(thread, &found) {
                    wrong.push(Wrong::new(Invariant::OneSession, thread.no, what));
                }
                table.note(thread, &found, at);
            }
            None if thread.told("session").is_some() => {
                let what = "a loop, or a number that is not ours, led to a session";
                wrong.push(Wrong::new(Invariant::OneSession, thread.no, what));
            }
            None => {}
        }
    }
    wrong
}

/// The calls and texts in the order in which they reached us.
pub(super) fn in_order<'h, 'a>(happened: &'h Happened<'a>) -> Vec<&'h Thread<'a>> {
    let mut threads: Vec<&Thread<'_>> = happened.threads.iter().collect();
    threads.sort_by_key(|thread| thread.first().map(|first| first.ask.no));
    threads
}

fn differs(thread: &Thread<'_>, found: &Found<'_>) -> Option<String> {
    let told = thread.told("session");
    let matched = thread.told("match").unwrap_or_default();
    let menu = told.is_none() && found.menu;
    let named = match told {
        Some(told) => found.sessions.iter().any(|session| session.id == told),
        None => found.sessions.is_empty() || menu,
    };
    let expected: Vec<&str> = found.sessions.iter().map(|session| session.id.as_str()).collect();
    if !named {
        return Some(format!(
            "it was taken for session {}, and the world says {}",
            told.unwrap_or("none"),
            if expected.is_empty() { "none".to_owned() } else { expected.join(" or ") }
        ));
    }
    let right = found.matched.is_empty() || found.matched == matched;
    (!right).then(|| format!("the match was {matched}, and the world says {}", found.matched))
}

/// Whoever was rung or written to, but for the one who began it.
fn reached(thread: &Thread<'_>) -> Option<String> {
    let rung = thread.rang().map(|(who, _)| format!("{who} was rung"));
    let written = thread.received().map(|(who, _, _)| format!("{who} was written to"));
    rung.chain(written).next()
}
