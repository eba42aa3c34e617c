//! What was written down, asked again of the world it came from: whether that world still answers the same, and what
//! words it speaks. Nothing of it leaves memory.
//!
//! Deliberately not here: the mapped fixture's own play (`replay::run`).

use std::collections::BTreeMap;

use crate::domain::Moment;
use crate::rules::ruleset::Ruleset;

use super::super::diff::codes;
use super::super::link::Link;
use super::super::play::Steps;
use super::super::target::{Offline, Seen, Target, Wire};
use super::super::world::World;
use super::super::xml::{self, Element};
use super::tape::Step;

/// What the world of a call answers to one of its webhooks.
#[derive(Clone, Debug)]
pub struct Rehearsed {
    /// The document; one without a name for an empty body.
    pub document: Element,
    /// The decision and the effects.
    pub seen: Seen,
}

/// What the world of a call answers to its webhooks, in order; an error says why it cannot be set up.
pub async fn answers(part: &Ruleset, steps: &[Step]) -> Result<Vec<Rehearsed>, String> {
    let world = World { text: String::new(), rulesets: vec![part.clone()], signers: BTreeMap::new() };
    let start = steps.first().map_or(Moment::default(), |step| step.at);
    let target = Offline::new(&world, start)?;
    let mut answers = Vec::with_capacity(steps.len());
    let mut known = Steps::default();
    for step in steps {
        let body = if step.method == "GET" { Vec::new() } else { step.encoded().into_bytes() };
        let mut asked = step.target.clone();
        if step.method == "GET" {
            // What was not kept of the query is filled in.
            let own = form_urlencoded::Serializer::new(String::new()).extend_pairs(&step.own).finish();
            let path = asked.split('?').next().unwrap_or_default().to_owned();
            asked = format!("{path}?{own}{}{}", if own.is_empty() { "" } else { "&" }, step.encoded());
        }
        let wire = Wire { method: step.method.clone(), target: asked, headers: Vec::new(), body };
        let answer = target.send(&wire, step.at).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let document = xml::read(&text).unwrap_or_else(|_| nothing());
        let seen = known.next(&step.form, &target).await?.unwrap_or_default();
        answers.push(Rehearsed { document, seen });
    }
    Ok(answers)
}

/// Stands for an empty body.
pub fn nothing() -> Element {
    Element {
        name: String::new(),
        attributes: BTreeMap::new(),
        order: Vec::new(),
        text: String::new(),
        children: Vec::new(),
    }
}

/// Whether two documents are the same but for origins, ids, and words that are not kept.
pub fn same(was: &Element, is: &Element) -> bool {
    let value = |text: &str| Link::read(text).map_or_else(|| text.to_owned(), |link| link.placeholder());
    let cut = was.name == "Message" && was.children.is_empty();
    was.name == is.name
        && value(&was.text) == value(&is.text)
        && was.attributes.len() == is.attributes.len()
        && was.attributes.iter().all(|(name, text)| is.attributes.get(name).map(|is| value(is)) == Some(value(text)))
        && (cut
            || was.children.len() == is.children.len()
                && was.children.iter().zip(&is.children).all(|(was, is)| same(was, is)))
}

/// Whether a step was decided the same, for the same people, with the same effects.
fn same_decision(step: &Step, seen: &Seen) -> bool {
    let part = |key: &str| step.decision.get(key) == seen.decision.get(key);
    let sorted = |kinds: &[String]| {
        let mut kinds = kinds.to_vec();
        kinds.sort();
        kinds
    };
    ["match", "route", "session", "destination"].into_iter().all(part)
        && codes(&step.decision) == codes(&seen.decision)
        && sorted(&step.effects) == sorted(&seen.effects)
}

/// Which steps the world of today answers otherwise, as sentences without anything that is anybody's.
pub fn changed(steps: &[Step], answers: &[Rehearsed]) -> Vec<String> {
    let differs = |(no, (step, answer)): (usize, (&Step, &Rehearsed))| {
        let was = xml::read(&step.answer).unwrap_or_else(|_| nothing());
        let what = match (same(&was, &answer.document), same_decision(step, &answer.seen)) {
            (true, true) => return None,
            (false, _) => "gives another answer",
            (true, false) => "gives the same answer for other reasons",
        };
        let why = codes(&step.decision);
        let why = if why.is_empty() { String::new() } else { format!(" (it was decided by {})", why.join(" ")) };
        Some(format!("step {}, {}: what is stored today {what}{why}", no + 1, step.step))
    };
    steps.iter().zip(answers).enumerate().filter_map(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_matter_is_passed_over() {
        for (was, is, expected, why) in [
            ("<R><Say>Hi</Say></R>", "<R><Say>Hi</Say></R>", true, "the same"),
            ("<R><Say>Hi</Say></R>", "<R><Say>Ho</Say></R>", false, "other words"),
            (
                "<R><Message to=\"1\"></Message></R>",
                "<R><Message to=\"1\"><Body>x</Body></Message></R>",
                true,
                "not kept",
            ),
            (
                "<R><Dial action=\"https://a/webhooks/x/voice/dialed?call=1&amp;attempt=1\"/></R>",
                "<R><Dial action=\"https://b/webhooks/x/voice/dialed?call=2&amp;attempt=1\"/></R>",
                true,
                "origins and ids",
            ),
            ("<R><Hangup/></R>", "<R/>", false, "an element less"),
        ] {
            let read = |text| xml::read(text).expect("it is XML");
            assert_eq!(same(&read(was), &read(is)), expected, "{why}");
        }
    }
}
