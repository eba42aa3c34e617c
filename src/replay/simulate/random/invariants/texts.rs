//! (10) Phones that opted out of a number receive nothing from it, by the words that the network carried.
//!
//! Deliberately not here: the engine's keywords. These are the spec's list.

use std::collections::BTreeSet;

use super::super::happened::{Happened, Thread};
use super::sessions::in_order;
use super::table::is_phone;
use super::{Invariant, Wrong};

const STOP: [&str; 10] =
    ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT", "REVOKE", "OPTOUT", "OPT OUT", "STOP ALL"];
const START: [&str; 3] = ["START", "YES", "UNSTOP"];
const HELP: [&str; 2] = ["HELP", "INFO"];

/// Who opted out of which number.
#[derive(Clone, Debug, Default)]
pub struct OptOuts(BTreeSet<(String, String)>);

impl OptOuts {
    /// Whether this phone opted out of this number.
    pub fn has(&self, number: &str, phone: &str) -> bool {
        self.0.contains(&(number.to_owned(), phone.to_owned()))
    }

    /// Takes in a text; whether its words acted.
    pub fn hear(&mut self, number: &str, phone: &str, words: &str) -> bool {
        if !is_phone(phone) {
            return false;
        }
        let pair = (number.to_owned(), phone.to_owned());
        let word = words.trim().to_uppercase();
        let is = |list: &[&str]| list.contains(&word.as_str());
        if is(&STOP) {
            self.0.insert(pair);
            return true;
        }
        is(&START) && self.0.remove(&pair) || is(&HELP)
    }

    /// Whether a text's words would act now.
    pub fn is_keyword(&self, thread: &Thread<'_>) -> bool {
        thread.words.is_some_and(|words| self.clone().hear(thread.number, thread.phone, words))
    }
}

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut out = OptOuts::default();
    let mut wrong = Vec::new();
    for thread in in_order(happened).into_iter().filter(|thread| !thread.is_call()) {
        // A text to a number that is not ours, or from one of ours, is nobody's wish.
        let counts = happened.plan.number(thread.number).is_some() && !thread.rejected_or_looped(happened);
        if counts && let Some(words) = thread.words {
            out.hear(thread.number, thread.phone, words);
        }
        for (who, shows, _) in thread.received() {
            if out.has(shows, happened.phone_of(who)) {
                let what = format!("{who} opted out and received a text");
                wrong.push(Wrong::new(Invariant::OptedOut, thread.no, what));
            }
        }
    }
    wrong
}

impl Thread<'_> {
    /// Whether it is none of a person's: a loop, or on a number that is no longer ours.
    pub(super) fn rejected_or_looped(&self, happened: &Happened<'_>) -> bool {
        let ours = |number: &str| happened.plan.is_ours(number);
        ours(self.phone) || !ours(self.number)
    }
}
