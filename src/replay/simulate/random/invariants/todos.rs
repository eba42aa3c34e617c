//! (12) Every customer's call that nobody took leaves a to-do; a technician's, a plain pair's and one that was taken
//! leave none. A customer's text that reached nobody leaves one too.
//!
//! Whoever is told goodbye (no match, too many calls) or sent on reached an end that the office chose: nothing is owed.
//!
//! Deliberately not here: which side a caller stands on (`table`).

use std::time::Duration;

use super::super::happened::{Happened, Thread};
use super::ends::AT_ONCE;
use super::sessions::in_order;
use super::table::{Found, Side, Table, reached};
use super::{Invariant, Wrong};
use crate::domain::Moment;
use crate::replay::phones::{Happening, What};

/// Reasons for telling a caller goodbye at once.
const GOODBYE: [&str; 5] = ["rate_limited", "rule_matched", "no_match_hangup", "answer_url", "unknown_caller"];

/// A conversation shorter than this may be taken for none where the provider does not say that it bridged.
const SHORTEST: Duration = Duration::from_secs(1);

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut table = Table::new(happened.plan);
    let mut wrong = Vec::new();
    for thread in in_order(happened) {
        let Some(at) = thread.at().filter(|_| !thread.decision().is_null()) else { continue };
        let Some(found) = table.find(thread, at) else { continue };
        let keyword = table.opt_outs.is_keyword(thread);
        let what = if thread.broke_off() {
            None
        } else if thread.is_call() {
            call(thread, &found, thread.untold(happened.plan, |who| happened.phone_of(who)))
        } else {
            text(thread, &found, keyword)
        };
        wrong.extend(what.map(|what| Wrong::new(Invariant::Todos, thread.no, what)));
        table.note(thread, &found, at);
    }
    wrong
}

fn call(thread: &Thread<'_>, found: &Found<'_>, untold: bool) -> Option<String> {
    let left = thread.effects("todo.opened");
    let talked = talked(thread);
    if found.side == Side::First || found.plain() {
        // What the fallback address or the guard against loops took down is somebody's to hear.
        let kept = thread.effects("voicemail.offered") > 0 || thread.destination() == "voicemail";
        return (left > 0 && !kept).then(|| "a call without a back office behind it left a to-do".to_owned());
    }
    if talked.is_some_and(|lasted| lasted >= SHORTEST) {
        return (left > 0).then(|| "a call that was taken left a to-do".to_owned());
    }
    if AT_ONCE.contains(&thread.destination()) {
        let chosen = GOODBYE.iter().any(|code| thread.because(code));
        return (!chosen).then(|| format!("a customer got {} for no reason", thread.destination()));
    }
    (left == 0 && talked.is_none() && !untold).then(|| "nobody took the call, and nothing is left to do".to_owned())
}

/// How long the caller talked with anybody.
fn talked(thread: &Thread<'_>) -> Option<Duration> {
    let (_, since) = thread.bridged().next()?;
    let over = |happening: &&&Happening| {
        happening.at >= since
            && matches!(happening.what, What::HangsUp { .. } | What::HungUp { .. } | What::Ended { .. })
    };
    let until = thread.log.iter().find(over).map_or(Moment(i64::MAX), |happening| happening.at);
    Some(until.since(since))
}

fn text(thread: &Thread<'_>, found: &Found<'_>, keyword: bool) -> Option<String> {
    let off = thread.because("channel_off");
    if found.side == Side::First || found.plain() || keyword || off {
        return None;
    }
    // Whether a phone takes what was sent to it is not ours to know.
    let sent = !reached(&thread.document(), thread.phone).is_empty();
    let left = thread.effects("todo.opened");
    (!sent && left == 0).then(|| "a text was sent to nobody, and nothing is left to do".to_owned())
}
