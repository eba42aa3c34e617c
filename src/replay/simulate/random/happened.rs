//! A played case, sorted by calls and texts: what each check looks through.
//!
//! Deliberately not here: judging it (`invariants`).

use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::Moment;
use crate::replay::phones::script::{Begins, Script, Speaks};
use crate::replay::phones::{Happening, What};
use crate::replay::simulate::{Exchanged, Played};

use super::plan::Plan;

/// The provider's word for having no answer, from any address (wire.md A.6).
pub const BROKE_OFF: u32 = 11_200;

/// What came of a case.
#[derive(Debug)]
pub struct Happened<'a> {
    /// The world it was played in.
    pub plan: &'a Plan,
    /// What was to happen.
    pub script: &'a Script,
    /// Everything that happened.
    pub played: &'a Played,
    /// The calls and texts, in the order in which they were begun.
    pub threads: Vec<Thread<'a>>,
}

/// A call or a text.
#[derive(Debug)]
pub struct Thread<'a> {
    /// Its place.
    pub no: usize,
    /// Who began it.
    pub who: &'a str,
    /// Their phone, or what stands in its place.
    pub phone: &'a str,
    /// The number.
    pub number: &'a str,
    /// The words, where it is a text.
    pub words: Option<&'a str>,
    /// What happened in it.
    pub log: Vec<&'a Happening>,
    /// What was asked and answered about it.
    pub exchanges: Vec<&'a Exchanged>,
}

impl<'a> Happened<'a> {
    /// Sorts what happened.
    pub fn new(plan: &'a Plan, script: &'a Script, played: &'a Played) -> Self {
        let phones: BTreeMap<&str, &str> =
            script.parties.iter().map(|party| (party.name.as_str(), party.phone.as_str())).collect();
        let mut threads: Vec<Thread<'a>> = Vec::new();
        for happening in &played.log {
            if let What::Dialled { who, number } | What::Texts { who, number, .. } = &happening.what {
                let words = if let What::Texts { words, .. } = &happening.what { Some(words.as_str()) } else { None };
                let phone = phones.get(who.as_str()).copied().unwrap_or(who);
                let (no, log) = (happening.thread, Vec::new());
                threads.push(Thread { no, who, phone, number, words, log, exchanges: Vec::new() });
            }
            if let Some(thread) = threads.iter_mut().rfind(|thread| thread.no == happening.thread) {
                thread.log.push(happening);
            }
        }
        for exchange in &played.exchanges {
            if let Some(thread) = threads.iter_mut().find(|thread| thread.no == exchange.ask.thread) {
                thread.exchanges.push(exchange);
            }
        }
        Self { plan, script, played, threads }
    }

    /// The phone of whoever a log names.
    pub fn phone_of<'s>(&'s self, who: &'s str) -> &'s str {
        self.script.parties.iter().find(|party| party.name == who).map_or(who, |party| party.phone.as_str())
    }

    /// How much was begun by the script.
    pub fn begun(script: &Script) -> (usize, usize) {
        let acts = script.parties.iter().flat_map(|party| &party.acts);
        acts.fold((0, 0), |(calls, texts), act| match act.what {
            Begins::Dials { .. } => (calls + 1, texts),
            Begins::Texts { .. } => (calls, texts + 1),
        })
    }
}

impl<'a> Thread<'a> {
    /// Whether it is a call.
    pub fn is_call(&self) -> bool {
        self.words.is_none()
    }

    /// The request that it came with, and when; a repeat or a fallback is none.
    pub fn first(&self) -> Option<&'a Exchanged> {
        let asks = ["/voice", "/sms", "/voice/fallback", "/sms/fallback"];
        let path = |exchange: &Exchanged| {
            let url = exchange.ask.url.split('?').next().unwrap_or_default().to_owned();
            asks.iter().any(|end| url.ends_with(&format!("{}{end}", exchange.ask.account)))
        };
        self.exchanges.iter().copied().find(|exchange| exchange.ask.repeats.is_none() && path(exchange))
    }

    /// When it reached us.
    pub fn at(&self) -> Option<Moment> {
        Some(self.first()?.ask.at)
    }

    /// What was decided first; null where nothing was.
    pub fn decision(&self) -> &'a Value {
        self.first().and_then(|first| first.seen.as_ref()).map_or(&Value::Null, |seen| &seen.decision)
    }

    /// A word of the first decision.
    pub fn told(&self, key: &str) -> Option<&'a str> {
        self.decision().get(key)?.as_str()
    }

    /// The kind of the first decision's destination.
    pub fn destination(&self) -> &'a str {
        let kind = self.decision().get("destination").and_then(|to| to.get("kind"));
        kind.and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether the first decision gives this reason.
    pub fn because(&self, code: &str) -> bool {
        codes(self.decision()).any(|own| own == code)
    }

    /// How often an effect of this kind was had.
    pub fn effects(&self, kind: &str) -> usize {
        self.exchanges
            .iter()
            .filter_map(|exchange| exchange.seen.as_ref())
            .map(|seen| seen.effects.iter().filter(|own| *own == kind).count())
            .sum()
    }

    /// Who talked with the caller, from when on.
    pub fn bridged(&self) -> impl Iterator<Item = (&'a str, Moment)> {
        self.log.iter().filter_map(|happening| {
            if let What::Bridged { callee, .. } = &happening.what {
                Some((callee.as_str(), happening.at))
            } else {
                None
            }
        })
    }

    /// Whose phones rang, and what their displays showed.
    pub fn rang(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.log.iter().filter_map(|happening| {
            if let What::Rings { who, shows } = &happening.what { Some((who.as_str(), shows.as_str())) } else { None }
        })
    }

    /// Who received a text, what their display showed, and the addresses of pictures.
    pub fn received(&self) -> impl Iterator<Item = (&'a str, &'a str, &'a [String])> {
        self.log.iter().filter_map(|happening| {
            let What::Receives { who, shows, media, .. } = &happening.what else { return None };
            Some((who.as_str(), shows.as_str(), media.as_slice()))
        })
    }

    /// What was said and played to whom.
    pub fn heard(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.log.iter().filter_map(|happening| {
            let (What::Hears { who, words: told } | What::HearsSound { who, url: told }) = &happening.what else {
                return None;
            };
            Some((who.as_str(), told.as_str()))
        })
    }

    /// When the caller's line ended.
    pub fn ended(&self) -> Option<Moment> {
        let over = self.log.iter().find(|happening| matches!(happening.what, What::Ended { .. }));
        over.map(|happening| happening.at)
    }

    /// Whether the network lost our replies on all addresses that it asked: the provider ends such a call by itself.
    pub fn broke_off(&self) -> bool {
        let given_up = |one: &Happening| matches!(one.what, What::Trouble { code: BROKE_OFF, .. });
        let lost = |one: &Happening| matches!(one.what, What::Lost { .. });
        self.log.iter().any(|one| given_up(one)) && self.log.iter().any(|one| lost(one))
    }

    /// Whether nobody can tell from what a provider says that the two did not talk: a phone that was asked for no key,
    /// or had pressed it, was answered, and one of them hung up before they were bridged. Where the callee did, Twilio
    /// says so (`DialBridged`); nobody says it of the caller.
    pub fn untold(&self, plan: &Plan, phone_of: impl Fn(&'a str) -> &'a str) -> bool {
        let Some((tenant, number)) = plan.number(self.number) else { return false };
        let answered = self.log.iter().rposition(|one| matches!(one.what, What::Answered { .. }));
        let Some(at) = answered else { return false };
        let What::Answered { who, .. } = &self.log[at].what else { return false };
        let key = tenant.line_office(phone_of(who)).and_then(|office| office.masking.required_key());
        let after = &self.log[at..];
        let bridged = after.iter().any(|one| matches!(one.what, What::Bridged { .. }));
        let left = |name: &str| {
            after.iter().any(|one| if let What::HangsUp { who } = &one.what { who == name } else { false })
        };
        let silent = tenant.accounts[number.account].speaks == Speaks::Signalwire;
        let pressed = |key: &str| {
            let is = |one: &&'a Happening| {
                if let What::Presses { who: by, keys } = &one.what { by == who && keys == key } else { false }
            };
            after.iter().any(is)
        };
        let free = key.is_none_or(pressed);
        free && !bridged && (left(self.who) || silent && left(who))
    }

    /// When nothing but a goodbye was left of a call, where it came to that.
    pub fn dismissed(&self) -> Option<Moment> {
        let goodbye = |exchange: &&&Exchanged| {
            let text = String::from_utf8_lossy(&exchange.answer.body);
            let of_callee = ["/voice/whisper", "/voice/accept"].iter().any(|step| exchange.ask.url.contains(step));
            !of_callee
                && text.contains("<Hangup/>")
                && !["<Dial", "<Gather", "<Record"].iter().any(|v| text.contains(v))
        };
        Some(self.exchanges.iter().find(goodbye)?.ask.at)
    }

    /// The document that answered it.
    pub fn document(&self) -> String {
        self.first().map(|first| String::from_utf8_lossy(&first.answer.body).into_owned()).unwrap_or_default()
    }

    /// Whether it was turned away unanswered.
    pub fn rejected(&self) -> bool {
        self.document().contains("<Reject")
    }
}

/// The codes of a decision's reasons.
pub fn codes(decision: &Value) -> impl Iterator<Item = &str> {
    let why = decision.get("why").and_then(Value::as_array);
    why.into_iter().flatten().filter_map(|reason| reason.get("code")?.as_str())
}
