//! (8) Open or closed is what the drawn table of hours says by the clock on the wall, and every decision for a
//! customer says which.
//!
//! Deliberately not here: the table (`calendar`).

use serde_json::Value;

use super::super::happened::{Happened, Thread};
use super::sessions::in_order;
use super::table::{Side, Table};
use super::{Invariant, Wrong};
use crate::domain::Moment;

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut table = Table::new(happened.plan);
    let mut wrong = Vec::new();
    for thread in in_order(happened) {
        let Some(at) = thread.at().filter(|_| !thread.decision().is_null()) else { continue };
        let found = table.find(thread, at);
        let keyword = thread.because("opted_out") || table.opt_outs.is_keyword(thread);
        let due = found.as_ref().is_some_and(|found| found.side == Side::Second && !found.plain()) && !keyword;
        if let Some(what) = differs(happened, thread, at, due) {
            wrong.push(Wrong::new(Invariant::Hours, thread.no, what));
        }
        if let Some(found) = found {
            table.note(thread, &found, at);
        }
    }
    wrong
}

fn differs(happened: &Happened<'_>, thread: &Thread<'_>, at: Moment, due: bool) -> Option<String> {
    let told = thread.decision().get("hours").filter(|hours| !hours.is_null());
    let Some(told) = told else {
        return due.then(|| "a decision for a customer does not tell the hours".to_owned());
    };
    let (tenant, number) = happened.plan.number(thread.number)?;
    let office = tenant.office_of(number);
    if thread.told("location") != Some(office.id.as_str()) {
        return Some(format!("it was decided by {}, not {}", thread.told("location").unwrap_or("none"), office.id));
    }
    let instant = |key: &str| told.get(key).and_then(Value::as_str).and_then(Moment::read);
    let state = told.get("state").and_then(Value::as_str).unwrap_or_default();
    let expected = office.calendar.state(at);
    if state != expected {
        return Some(format!("it was {state}, and the table says {expected}"));
    }
    let inside = instant("since").is_none_or(|since| since <= at) && instant("until").is_none_or(|until| at < until);
    (!inside).then(|| "the state does not last from before the call until after it".to_owned())
}
