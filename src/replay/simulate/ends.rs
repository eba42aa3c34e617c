//! How each call and text of a network ended: what the network saw of it, and the kinds of our effects.
//!
//! Deliberately not here: what was expected (`judge`).

use crate::replay::phones::What;

use super::call::CallOutcome;
use super::play::Played;

/// How one call or text ended.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ended {
    /// Who began it.
    pub who: String,
    /// What came of it, whatever we say.
    pub outcome: CallOutcome,
    /// The provider's last word on it; texts have none.
    pub status: Option<&'static str>,
    /// With whom the caller talked, first.
    pub with: Option<String>,
    /// The kinds of all effects, in order of the alphabet; `leg.status` once, however many came. `None` where effects
    /// cannot be seen.
    pub effects: Option<Vec<String>>,
}

/// What happened in one thread, counted.
#[derive(Default)]
struct Sums {
    with: Option<String>,
    status: Option<&'static str>,
    message: bool,
    recording: bool,
    queued: bool,
    after_queue: bool,
    rang: bool,
    heard: bool,
    hangs_up: bool,
    others: bool,
    sender: bool,
    trouble: bool,
}

/// Every call and text, in the order in which they began.
pub fn ends(played: &Played) -> Vec<Ended> {
    let mut begun: Vec<(usize, &str, bool)> = Vec::new();
    for happening in &played.log {
        if let What::Dialled { who, .. } | What::Called { who, .. } = &happening.what {
            begun.push((happening.thread, who, true));
        } else if let What::Texts { who, .. } = &happening.what {
            begun.push((happening.thread, who, false));
        }
    }
    begun.sort_by_key(|(thread, ..)| *thread);
    begun.dedup_by_key(|(thread, ..)| *thread);
    begun.into_iter().map(|(thread, who, is_call)| ended(played, thread, who, is_call)).collect()
}

fn ended(played: &Played, thread: usize, who: &str, is_call: bool) -> Ended {
    let mut sums = Sums::default();
    for happening in played.log.iter().filter(|happening| happening.thread == thread) {
        count(&mut sums, &happening.what, who);
    }
    let outcome = if is_call { of_call(&sums) } else { of_text(&sums) };
    Ended { who: who.to_owned(), outcome, status: sums.status, with: sums.with, effects: effects(played, thread) }
}

fn count(sums: &mut Sums, what: &What, me: &str) {
    match what {
        What::Bridged { caller, callee } => {
            let other = if caller == me { callee } else { caller };
            sums.with.get_or_insert_with(|| other.clone());
        }
        What::Ended { status, .. } => sums.status = Some(status),
        What::Recorded { who, seconds } if who == me => sums.message |= *seconds > 0,
        What::Recording { who } if who == me => sums.recording = true,
        What::Queued { who, .. } if who == me => sums.queued = true,
        What::Rings { .. } | What::Called { .. } => sums.rang = true,
        What::Hears { who, .. } | What::HearsSound { who, .. } if who == me => sums.heard = true,
        What::LeftQueue { who, how } if who == me => sums.after_queue |= *how == "leave",
        What::HangsUp { who } if who == me => sums.hangs_up = true,
        What::Receives { who, .. } if who == me => sums.sender = true,
        What::Receives { .. } => sums.others = true,
        What::Trouble { warning: false, .. } => sums.trouble = true,
        What::Dialled { .. }
        | What::Unanswered { .. }
        | What::Answered { .. }
        | What::PickedUp { .. }
        | What::Hears { .. }
        | What::HearsSound { .. }
        | What::Presses { .. }
        | What::PressedNothing { .. }
        | What::Queued { .. }
        | What::LeftQueue { .. }
        | What::Recording { .. }
        | What::Recorded { .. }
        | What::HangsUp { .. }
        | What::HungUp { .. }
        | What::Texts { .. }
        | What::Asked { .. }
        | What::Lost { .. }
        | What::Differed { .. }
        | What::Trouble { .. } => {}
    }
}

fn of_call(sums: &Sums) -> CallOutcome {
    if sums.with.is_some() {
        CallOutcome::Connected
    } else if sums.message {
        CallOutcome::Voicemail
    } else if sums.queued && !sums.after_queue {
        CallOutcome::Queued
    } else if sums.rang || sums.recording || sums.queued || sums.hangs_up {
        CallOutcome::Missed
    } else if sums.heard {
        CallOutcome::Goodbye
    } else {
        CallOutcome::Rejected
    }
}

fn of_text(sums: &Sums) -> CallOutcome {
    if sums.others {
        CallOutcome::Relayed
    } else if sums.trouble {
        CallOutcome::Undelivered
    } else if sums.sender {
        CallOutcome::Answered
    } else {
        CallOutcome::Nothing
    }
}

fn effects(played: &Played, thread: usize) -> Option<Vec<String>> {
    let mut kinds = Vec::new();
    for exchange in played.exchanges.iter().filter(|exchange| exchange.ask.thread == thread) {
        kinds.extend(exchange.seen.as_ref()?.effects.iter().cloned());
    }
    Some(in_order(kinds))
}

/// Kinds as they are compared: in order of the alphabet, states of legs once. How many of those come is the network's
/// affair.
pub fn in_order(mut kinds: Vec<String>) -> Vec<String> {
    kinds.sort();
    kinds.dedup_by(|a, b| a == b && a == "leg.status");
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Moment;
    use crate::replay::phones::Happening;

    #[test]
    fn outcomes_are_what_was_seen() {
        let ana = || "ana".to_owned();
        let desk = || "desk".to_owned();
        let rings = || What::Rings { who: desk(), shows: String::new() };
        let hears = || What::Hears { who: ana(), words: "Goodbye.".into() };
        let hangs_up = || What::HangsUp { who: ana() };
        let queued = || What::Queued { who: ana(), queue: "q".into() };
        let left = |how| What::LeftQueue { who: ana(), how };
        let recorded = |seconds| What::Recorded { who: ana(), seconds };
        let receives = |who: &str| What::Receives {
            who: who.to_owned(),
            shows: String::new(),
            words: String::new(),
            media: Vec::new(),
        };
        let trouble = || What::Trouble { code: 30003, why: String::new(), warning: false };
        let calls = || What::Dialled { who: ana(), number: String::new() };
        let texts = || What::Texts { who: ana(), number: String::new(), words: String::new() };
        use CallOutcome as O;
        for (log, expected, why) in [
            (vec![calls(), rings(), What::Bridged { caller: ana(), callee: desk() }], O::Connected, "they talked"),
            (vec![calls(), rings(), hears(), recorded(12)], O::Voicemail, "a message"),
            (vec![calls(), rings(), hears(), recorded(0)], O::Missed, "an empty message"),
            (vec![calls(), queued(), hears(), hangs_up(), left("hangup")], O::Queued, "given up in the queue"),
            (vec![calls(), queued(), left("leave"), hears(), hangs_up()], O::Missed, "given up after it"),
            (vec![calls(), hears()], O::Goodbye, "told, and hung up on"),
            (vec![calls(), hears(), hangs_up()], O::Missed, "hung up before the end of it"),
            (vec![calls(), What::HungUp { who: ana() }], O::Rejected, "turned away"),
            (vec![calls(), rings(), hangs_up()], O::Missed, "hung up while it rang"),
            (vec![texts(), receives("jo")], O::Relayed, "passed on"),
            (vec![texts(), receives("ana")], O::Answered, "answered by us"),
            (vec![texts(), trouble()], O::Undelivered, "sent on in vain"),
            (vec![texts()], O::Nothing, "kept, or dropped"),
        ] {
            let log = log.into_iter().map(|what| Happening { at: Moment::default(), thread: 0, what }).collect();
            let ends = ends(&Played { log, exchanges: Vec::new() });
            assert_eq!((ends.len(), ends[0].outcome), (1, expected), "{why}");
        }
    }

    #[test]
    fn states_of_legs_count_once_and_everything_else_as_often_as_it_comes() {
        let kinds = ["todo.opened", "leg.status", "leg.status", "todo.opened"].map(str::to_owned).to_vec();
        assert_eq!(in_order(kinds), ["leg.status", "todo.opened", "todo.opened"]);
    }
}
