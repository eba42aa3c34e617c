//! (2) A back-office line of an office that asks for its accept key talks to nobody before it has pressed it: the key of
//! the drawn settings, among the keys that the network saw, after this phone was answered.
//!
//! Deliberately not here: what becomes of those who are not connected (`ends`, `todos`).

use super::super::happened::{Happened, Thread};
use super::{Invariant, Wrong};
use crate::replay::phones::What;

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    for thread in happened.threads.iter().filter(|thread| thread.is_call()) {
        for (at, happening) in thread.log.iter().enumerate() {
            let What::Bridged { callee, .. } = &happening.what else { continue };
            let Some(key) = required(happened, thread, callee) else { continue };
            if let Some(what) = unaccepted(thread, at, callee, key) {
                wrong.push(Wrong::new(Invariant::Acceptance, thread.no, what));
            }
        }
    }
    wrong
}

/// The key that this callee has to press.
fn required(happened: &Happened<'_>, thread: &Thread<'_>, callee: &str) -> Option<&'static str> {
    let (tenant, _) = happened.plan.number(thread.number)?;
    tenant.line_office(happened.phone_of(callee))?.masking.required_key()
}

/// What is missing before the bridge at this place of the log.
fn unaccepted(thread: &Thread<'_>, at: usize, callee: &str, key: &str) -> Option<String> {
    let before = &thread.log[..at];
    let answered = before
        .iter()
        .rposition(|happening| if let What::Answered { who, .. } = &happening.what { who == callee } else { false });
    let Some(answered) = answered else { return Some(format!("{callee} was bridged and had not answered")) };
    let pressed = before[answered..].iter().rev().find_map(|happening| {
        if let What::Presses { who, keys } = &happening.what { (who == callee).then_some(keys.as_str()) } else { None }
    });
    (pressed != Some(key)).then(|| match pressed {
        Some(keys) => format!("{callee} was bridged after pressing {keys}, and the accept key is {key}"),
        None => format!("{callee} was bridged without pressing {key}"),
    })
}
