//! (13) Whoever has to type a PIN reaches nobody without the right one: of a stranger any PIN of a session that is open on
//! the number, of a party that is asked all the same its own; and nobody reaches anybody while too many wrong ones lock
//! their phone out. What is right is told by the drawn world, what was typed by the network.
//!
//! Deliberately not here: what those hear who are not let through.

use std::collections::BTreeMap;
use std::time::Duration;

use super::super::happened::{Happened, Thread};
use super::super::plan::Session;
use super::sessions::in_order;
use super::table::{Found, Side, Table, reached};
use super::{Invariant, Wrong};
use crate::domain::Moment;
use crate::replay::phones::What;
use crate::replay::simulate::Exchanged;

const LOCKED: Duration = Duration::from_secs(600);
const DAY: Duration = Duration::from_secs(86_400);

/// Wrong PINs in a row, and when the last was typed, by number and phone.
type Rows<'a> = BTreeMap<(&'a str, &'a str), (u32, Moment)>;

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut table = Table::new(happened.plan);
    let mut asked = Vec::new();
    for thread in in_order(happened) {
        let Some(at) = thread.at() else { continue };
        let Some(found) = table.find(thread, at) else { continue };
        table.note(thread, &found, at);
        if thread.is_call() && found.needs_pin() {
            asked.push((thread, found));
        }
    }
    let mut wrong = Vec::new();
    for (thread, found) in &asked {
        wrong.extend(rang_unasked(thread, found).map(|what| Wrong::new(Invariant::Pins, thread.no, what)));
    }
    let is_pin = |exchange: &&Exchanged| exchange.ask.repeats.is_none() && exchange.ask.url.contains("/voice/pin?");
    let mut typed: Vec<(&Exchanged, &Thread<'_>, &Found<'_>)> = asked
        .iter()
        .flat_map(|(thread, found)| {
            thread.exchanges.iter().copied().filter(is_pin).map(move |exchange| (exchange, *thread, found))
        })
        .collect();
    typed.sort_by_key(|(exchange, _, _)| exchange.ask.no);
    let mut rows = Rows::new();
    for (exchange, thread, found) in typed {
        let what = one(exchange, thread, found, &mut rows);
        wrong.extend(what.map(|what| Wrong::new(Invariant::Pins, thread.no, what)));
    }
    wrong
}

/// What is wrong with the answer to what was typed.
fn one<'a>(exchange: &Exchanged, thread: &Thread<'a>, found: &Found<'_>, rows: &mut Rows<'a>) -> Option<String> {
    let at = exchange.ask.at;
    let keys = exchange.ask.params.iter().find(|(name, _)| name == "Digits").map_or("", |(_, keys)| keys.as_str());
    let key = (thread.number, thread.phone);
    let (count, last) = rows.get(&key).copied().unwrap_or((0, Moment(i64::MIN)));
    let locked = count >= 3 && at.since(last) < LOCKED;
    let count = if count >= 3 || at.since(last) >= DAY { 0 } else { count };
    let right = right(found, keys, at);
    if !locked && !keys.is_empty() {
        rows.insert(key, if right.is_some() { (0, at) } else { (count + 1, at) });
    }
    let rings = reached(&String::from_utf8_lossy(&exchange.answer.body), thread.phone);
    let rung = rings.first()?;
    match right {
        _ if locked => Some("a phone that is locked out reached somebody".to_owned()),
        None => Some("somebody was reached without a right PIN".to_owned()),
        Some(Some(other)) if other != *rung => Some("a PIN led to somebody else than the other party".to_owned()),
        Some(_) => None,
    }
}

/// The other party of whoever may type this now, where the session has one; `None` where nobody may.
fn right(found: &Found<'_>, keys: &str, at: Moment) -> Option<Option<String>> {
    let open =
        |session: &&&Session| session.ended.is_none_or(|(end, _)| at < end) && session.expires.is_none_or(|e| at < e);
    found.asking.iter().filter(open).find_map(|session| {
        let pins = session.pins.as_ref()?;
        // A stranger may be either; a party only who they are.
        let own = |side: Side| found.side == Side::Outside || found.side == side;
        if keys == pins.first && own(Side::First) {
            return Some(session.second.clone());
        }
        (keys == pins.second && own(Side::Second)).then(|| session.first.clone())
    })
}

/// Whether a phone rang before the caller typed a PIN.
fn rang_unasked(thread: &Thread<'_>, found: &Found<'_>) -> Option<String> {
    let rang = thread.log.iter().position(|happening| matches!(happening.what, What::Rings { .. }))?;
    let pins: Vec<&str> = found
        .asking
        .iter()
        .filter_map(|session| session.pins.as_ref())
        .flat_map(|pins| [pins.first.as_str(), pins.second.as_str()])
        .collect();
    let typed = thread.log[..rang].iter().any(|happening| {
        let What::Presses { who, keys } = &happening.what else { return false };
        who == thread.who && pins.contains(&keys.trim_end_matches('#'))
    });
    (!typed).then(|| "a phone rang before a right PIN was typed".to_owned())
}
