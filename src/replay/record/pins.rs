//! PINs in recorded calls: what was typed is kept nowhere, and what came of it is. Every PIN is a made-up one, and each
//! caller typed the one that leads to the same.
//!
//! Deliberately not here: wrong PINs of earlier calls, which count against a phone for a while; where they mattered, the
//! fixture tells that it differs.

use std::sync::Arc;

use serde_json::Value;

use crate::rules::ruleset::Ruleset;

use super::super::diff::codes;
use super::tape::Step;

/// The step in which a PIN comes.
pub const STEP: &str = "voice/pin";

/// A PIN of nobody in a world of made-up ones.
const WRONG: &str = "9999";

/// Puts made-up PINs in place of all.
pub fn make_up(world: &mut Ruleset) {
    let terms = world.sessions.iter_mut().filter_map(|session| session.options.terms.as_mut());
    let pins = terms.filter_map(|terms| Arc::make_mut(terms).pins.as_mut());
    for (no, pins) in pins.enumerate() {
        (pins.first, pins.second) = (format!("{:04}", 2 * no + 1), format!("{:04}", 2 * no + 2));
    }
}

/// Types in what led to a step's decision, in a world of made-up PINs.
pub fn type_in(world: &Ruleset, step: &mut Step) {
    if step.step != STEP {
        return;
    }
    let typed = typed(world, &step.decision);
    match step.form.iter_mut().find(|(name, _)| name == "Digits") {
        Some((_, digits)) => *digits = typed,
        None => step.form.push(("Digits".to_owned(), typed)),
    }
}

fn typed(world: &Ruleset, decision: &Value) -> String {
    let why = codes(decision);
    if !why.contains(&"pin_match") {
        return if why.contains(&"pin_missing") { String::new() } else { WRONG.to_owned() };
    }
    let session = decision.get("session").and_then(Value::as_str);
    let session = world.sessions.iter().find(|known| Some(known.id.as_str()) == session);
    let pins = session.and_then(|session| session.options.terms.as_ref()?.pins.as_ref());
    // Who proves to be the first party is led to the second, the customer.
    let first = decision.pointer("/destination/kind").and_then(Value::as_str) == Some("customer");
    pins.map_or(WRONG, |pins| if first { &pins.first } else { &pins.second }).to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_led_to_it_is_typed() {
        let text = include_str!("../../../fixtures/worlds/pairs.toml");
        let env = |_: &str| Some("fictitious-secret".to_owned());
        let mut world = crate::rules::file::read(text, "pairs", None, &env).expect("a world").0;
        make_up(&mut world);
        let asks = |session: &&crate::domain::Session| {
            session.options.terms.as_ref().is_some_and(|terms| terms.pins.is_some())
        };
        let session = world.sessions.iter().find(asks).expect("it asks for PINs").id.to_string();
        let decision = |code: &str, kind: &str| json!({"session": session, "destination": {"kind": kind}, "why": [{"code": code}]});
        for (step, decision, expected, why) in [
            (STEP, decision("pin_match", "customer"), "0001", "the first party's"),
            (STEP, decision("pin_match", "technician"), "0002", "the second party's"),
            (STEP, decision("pin_wrong", "pin"), "9999", "nobody's"),
            (STEP, decision("pin_missing", "pin"), "", "nothing"),
            ("voice/menu", decision("menu_choice", "customer"), "3", "another question's keys stay"),
        ] {
            let form = vec![("Digits".to_owned(), "3".to_owned())];
            let mut step = Step { step: step.to_owned(), decision, form, ..Step::default() };
            type_in(&world, &mut step);
            assert_eq!(step.form, [("Digits".to_owned(), expected.to_owned())], "{why}");
        }
    }
}
