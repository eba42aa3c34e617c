//! What the tests are told with: a caller, a desk, pages by address, and a log as short lines.
//!
//! Deliberately not here: any rule.

use std::time::Duration;

use crate::domain::Moment;
use crate::replay::phones::log::What;
use crate::replay::phones::network::{Ask, Network, Reply};
use crate::replay::phones::script::{
    Act, Begins, HangUp, Manner, Party, Pickup, Press, Rented, Script, Speaks, Weather,
};

pub(super) const OURS: &str = "+13125550190";
pub(super) const OTHER: &str = "+13125550191";
pub(super) const ANA: &str = "+13125550101";
pub(super) const DESK: &str = "+13125550123";
pub(super) const SHOP: &str = "+13125550124";
const BASE: &str = "https://ours.example/webhooks/acme";

pub(super) fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

/// A number of ours.
pub(super) fn rented(number: &str, speaks: Speaks) -> Rented {
    Rented {
        number: number.to_owned(),
        speaks,
        account: "acme".to_owned(),
        account_sid: "ACffffffffffffffffffffffffffffffff".to_owned(),
        webhooks: BASE.to_owned(),
    }
}

/// Somebody whose phone does this.
pub(super) fn party(name: &str, phone: &str, rung: Vec<Pickup>) -> Party {
    Party { name: name.to_owned(), phone: phone.to_owned(), acts: Vec::new(), rung }
}

/// Somebody answers after three seconds.
pub(super) fn answers(manner: Manner) -> Pickup {
    Pickup::Answers { after: seconds(3), manner }
}

pub(super) fn presses(keys: &[&str]) -> Manner {
    let press = |keys: &&str| Press { keys: (*keys).to_owned(), after: seconds(1) };
    Manner { presses: keys.iter().map(press).collect(), ..Manner::default() }
}

pub(super) fn leaves(hangs_up: HangUp) -> Manner {
    Manner { hangs_up: Some(hangs_up), ..Manner::default() }
}

/// Ana calls our number, in this manner; the desk's phone does this.
pub(super) fn scene(manner: Manner, desk: Pickup) -> Script {
    let mut ana = party("ana", ANA, Vec::new());
    let dials = Begins::Dials { number: OURS.to_owned(), manner };
    ana.acts.push(Act { after: Duration::ZERO, what: dials });
    Script {
        start: Moment::read("2026-03-09T14:00:00Z").expect("an instant"),
        seed: 7,
        numbers: vec![rented(OURS, Speaks::Twilio)],
        parties: vec![ana, party("desk", DESK, vec![desk])],
        weather: Weather::default(),
    }
}

/// What came of it: the log as lines, and every request.
pub(super) struct Told {
    pub(super) lines: Vec<String>,
    pub(super) asks: Vec<Ask>,
}

/// Plays a script against pages, by what their address ends with; everything else is answered 204.
pub(super) fn play(script: Script, pages: &[(&str, &str)]) -> Told {
    play_with(script, |ask| {
        pages.iter().find(|(end, _)| ask.url.ends_with(end)).map_or_else(nothing, |page| xml(page.1))
    })
}

pub(super) fn play_with(script: Script, site: impl FnMut(&Ask) -> Reply) -> Told {
    let start = script.start;
    play_on(Network::new(script), start, site)
}

/// Plays what is left of a network that began at `start`.
pub(super) fn play_on(mut network: Network, start: Moment, mut site: impl FnMut(&Ask) -> Reply) -> Told {
    let mut asks = Vec::new();
    while let Some(ask) = network.next() {
        assert!(asks.len() < 5_000, "it never ends");
        network.answer(&site(&ask));
        asks.push(ask);
    }
    assert_eq!(network.due(), None, "nothing is left");
    let line = |at: Moment, what: &What| Some(format!("{:.1} {}", at.since(start).as_secs_f64(), line(what)?));
    Told { lines: network.log().iter().filter_map(|happening| line(happening.at, &happening.what)).collect(), asks }
}

pub(super) fn xml(body: &str) -> Reply {
    Reply { status: 200, content_type: Some("text/xml".to_owned()), body: body.as_bytes().to_vec() }
}

pub(super) fn nothing() -> Reply {
    Reply { status: 204, content_type: None, body: Vec::new() }
}

pub(super) fn status(status: u16) -> Reply {
    Reply { status, ..xml("<Response/>") }
}

impl Told {
    /// The lines without their times, but for requests.
    pub(super) fn story(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line.split_once(' ').map_or("", |(_, what)| what)).collect()
    }

    /// The requests to an address with this end.
    pub(super) fn asked(&self, end: &str) -> Vec<&Ask> {
        self.asks.iter().filter(|ask| ask.url.ends_with(end)).collect()
    }

    /// The only request to an address with this end.
    pub(super) fn one(&self, end: &str) -> &Ask {
        let asked = self.asked(end);
        assert_eq!(asked.len(), 1, "requests to {end} in {:#?}", self.lines);
        asked[0]
    }

    /// When a line was told, in seconds.
    pub(super) fn at(&self, what: &str) -> f64 {
        let line = self.lines.iter().find(|line| line.split_once(' ').is_some_and(|(_, told)| told == what));
        let line = line.unwrap_or_else(|| panic!("no {what:?} in {:#?}", self.lines));
        line.split_once(' ').and_then(|(at, _)| at.parse().ok()).expect("a time")
    }

    pub(super) fn has(&self, what: &str) -> bool {
        self.story().contains(&what)
    }

    /// The error codes, in order.
    pub(super) fn troubles(&self) -> Vec<u32> {
        self.story().iter().filter_map(|line| line.strip_prefix("trouble ")?.parse().ok()).collect()
    }
}

/// A parameter of a request.
pub(super) fn of<'a>(ask: &'a Ask, name: &str) -> Option<&'a str> {
    let mut found = ask.params.iter().filter(|(known, _)| known == name);
    let first = found.next().map(|(_, value)| value.as_str());
    assert!(found.next().is_none(), "{name} is there twice");
    first
}

/// The statuses that requests told, in order.
pub(super) fn statuses(asks: &[&Ask]) -> Vec<String> {
    asks.iter().map(|ask| of(ask, "CallStatus").unwrap_or("none").to_owned()).collect()
}

fn line(what: &What) -> Option<String> {
    Some(match what {
        What::Asked { .. } => return None,
        What::Dialled { who, number } => format!("{who} dials {number}"),
        What::Called { who, number } => format!("{who} called {number}"),
        What::Rings { who, shows } => format!("{who} rings {shows}"),
        What::Unanswered { who, how } => format!("{who} unanswered {how}"),
        What::Answered { who, machine } => format!("{who} answers{}", if *machine { " by machine" } else { "" }),
        What::PickedUp { who } => format!("{who} picked up"),
        What::Hears { who, words } => format!("{who} hears {words}"),
        What::HearsSound { who, url } => format!("{who} hears sound {url}"),
        What::Presses { who, keys } => format!("{who} presses {keys}"),
        What::PressedNothing { who, seconds } => format!("{who} pressed nothing in {seconds}"),
        What::Bridged { caller, callee } => format!("bridged {caller} {callee}"),
        What::Queued { who, queue } => format!("{who} queued {queue}"),
        What::LeftQueue { who, how } => format!("{who} left queue {how}"),
        What::Recording { who } => format!("{who} speaks"),
        What::Recorded { who, seconds } => format!("{who} recorded {seconds}"),
        What::HangsUp { who } => format!("{who} hangs up"),
        What::HungUp { who } => format!("{who} hung up"),
        What::Ended { who, status } => format!("{who} ended {status}"),
        What::Texts { who, number, words } => format!("{who} texts {number} {words}"),
        What::Receives { who, shows, words, media } => format!("{who} receives {shows} {words} {}", media.len()),
        What::Lost { no } => format!("lost {no}"),
        What::Differed { no } => format!("differed {no}"),
        What::Trouble { code, .. } => format!("trouble {code}"),
    })
}
