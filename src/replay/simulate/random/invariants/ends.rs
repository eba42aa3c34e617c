//! (1) Every caller reaches exactly one end, on the network's side and on ours, and not in silence.
//!
//! Deliberately not here: what is owed to those who reached nobody (`todos`).

use super::super::happened::{Happened, Thread};
use super::{Invariant, Wrong};
use crate::replay::phones::{Happening, What};

/// Destinations with which a call is over at once; nothing more is told of it.
pub(super) const AT_ONCE: [&str; 3] = ["hangup", "redirect", "reject"];

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let calls = happened.threads.iter().filter(|thread| thread.is_call());
    let judged = calls.filter_map(|thread| {
        let untold = thread.untold(happened.plan, |who| happened.phone_of(who));
        Some(Wrong::new(Invariant::OneEnd, thread.no, unended(thread, untold)?))
    });
    judged.collect()
}

fn unended(thread: &Thread<'_>, untold: bool) -> Option<String> {
    let ended = |happening: &&&Happening| matches!(happening.what, What::Ended { .. });
    let ends = thread.log.iter().filter(ended).count();
    if ends != 1 {
        return Some(format!("its line ended {ends} times"));
    }
    let after = thread.log.iter().skip_while(|happening| !ended(happening)).skip(1);
    if after.clone().any(|happening| is_told(&happening.what, thread.who)) {
        return Some(format!("{} was told something after the end", thread.who));
    }
    let at_once = usize::from(!AT_ONCE.contains(&thread.destination()));
    let told = thread.effects("interaction.ended");
    if !thread.broke_off() && !thread.decision().is_null() && told != at_once {
        return Some(format!("its end was written down {told} times, not {at_once}"));
    }
    (silent(thread) && !untold && !thread.broke_off()).then(|| format!("{} was cut off without a word", thread.who))
}

/// Whether somebody hears something, or talks.
fn is_told(what: &What, caller: &str) -> bool {
    if let What::Hears { who, .. } | What::HearsSound { who, .. } = what {
        return who == caller;
    }
    matches!(what, What::Bridged { .. })
}

/// Whether a caller who stayed was neither spoken to, nor connected, nor turned away, nor sent on.
fn silent(thread: &Thread<'_>) -> bool {
    let own = thread
        .log
        .iter()
        .any(|happening| if let What::HangsUp { who } = &happening.what { who == thread.who } else { false });
    let spoken_to = thread.log.iter().any(|happening| is_told(&happening.what, thread.who));
    !own && !spoken_to && !thread.rejected() && thread.destination() != "redirect"
}
