//! `<Gather>`: a prompt, keys, and what they lead to.
//!
//! Deliberately not here: speech; nobody here speaks to a machine.

use std::time::Duration;

use super::agenda::Step;
use super::leg::{Doing, LegId};
use super::log::What;
use super::network::Network;
use super::params::param;
use super::reading::is_key;
use super::verbs::Gather;

/// The time between two keys.
pub(super) const BETWEEN_KEYS: Duration = Duration::from_millis(250);

/// Keys that are waited for.
#[derive(Debug)]
pub(super) struct Gathering {
    gather: Gather,
    /// How many of its sounds have been begun.
    heard: usize,
    /// What will be pressed, as far as it is listened for.
    keys: String,
    /// Whether the last of those ends it.
    ended: bool,
    pressed: bool,
}

impl Network {
    /// Begins to listen.
    pub(super) fn gather(&mut self, leg: LegId, gather: &Gather) {
        self.answer_caller(leg);
        let press = self.legs[leg].take_press().filter(|_| gather.takes_keys);
        let (keys, ended) = press.as_ref().map_or((String::new(), false), |press| listened(&press.keys, gather));
        let any = !keys.is_empty();
        let gathering = Gathering { gather: gather.clone(), heard: 0, keys, ended, pressed: false };
        self.legs[leg].turn(Doing::Gathering(Box::new(gathering)));
        if let Some(press) = press.filter(|_| any) {
            self.plan(leg, press.after, Step::Key);
        }
        self.prompt(leg);
    }

    /// The next sound of the prompt; after the last, the time to press something begins.
    pub(super) fn prompt(&mut self, leg: LegId) {
        let Doing::Gathering(gathering) = &mut self.legs[leg].doing else { return };
        let sound = gathering.gather.sounds.get(gathering.heard).cloned();
        gathering.heard += 1;
        match sound {
            Some(sound) => {
                if let Some(takes) = self.hear(leg, &sound) {
                    self.plan(leg, takes, Step::Prompt);
                }
            }
            None => {
                let timeout = Duration::from_secs(gathering.gather.timeout);
                self.plan(leg, timeout, Step::Gathered);
            }
        }
    }

    /// A key stops the prompt; each gives time for another, unless it is the last.
    pub(super) fn key(&mut self, leg: LegId) {
        self.legs[leg].epoch += 1;
        let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
        let Doing::Gathering(gathering) = &mut self.legs[leg].doing else { return };
        gathering.pressed = true;
        let keys = gathering.keys.clone();
        let more = u32::try_from(keys.len()).unwrap_or(u32::MAX).saturating_sub(1);
        let timeout = if gathering.ended { 0 } else { gathering.gather.timeout };
        self.tell(thread, What::Presses { who, keys });
        self.plan(leg, BETWEEN_KEYS.saturating_mul(more) + Duration::from_secs(timeout), Step::Gathered);
    }

    /// The end: with keys, or without.
    pub(super) fn gathered(&mut self, leg: LegId) {
        let (thread, who) = (self.legs[leg].thread, self.legs[leg].who.clone());
        let Doing::Gathering(gathering) = self.legs[leg].turn(Doing::Waiting) else { return };
        let Gathering { gather, mut keys, pressed, .. } = *gathering;
        if !pressed {
            keys.clear();
            self.tell(thread, What::PressedNothing { who, seconds: gather.timeout });
        }
        if let Some(finish) = gather.finish
            && keys.ends_with(finish)
        {
            keys.pop();
        }
        if !keys.is_empty() {
            self.fetch(leg, &gather.action, vec![param("Digits", keys)]);
        } else if gather.on_empty {
            // Both have been seen: the parameter blank, and none at all.
            let blank = if self.random.coin() { vec![param("Digits", "")] } else { Vec::new() };
            self.fetch(leg, &gather.action, blank);
        } else {
            self.run(leg);
        }
    }
}

/// As many of the keys as are listened for, and whether the last of them ends it.
fn listened(keys: &str, gather: &Gather) -> (String, bool) {
    let most = gather.digits.map_or(usize::MAX, |digits| usize::try_from(digits).unwrap_or(usize::MAX));
    let mut taken = String::new();
    for key in keys.chars().filter(|key| is_key(*key)) {
        taken.push(key);
        if Some(key) == gather.finish || taken.len() >= most {
            return (taken, true);
        }
    }
    (taken, false)
}
