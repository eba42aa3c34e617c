//! People and the network as a file writes them.
//!
//! Deliberately not here: the rest of the file (`file`), and writing it (`write`).

use std::time::Duration;

use crate::domain::E164;
use crate::replay::node::{Kind, Node};
use crate::replay::phones::script::{Act, Begins, HangUp, Manner, Party, Pickup, Press, Stage, Weather};
use crate::replay::reader::Reader;

/// What somebody does on a line.
const MANNER: [&str; 4] = ["presses", "presses_after", "hangs_up", "speaks"];
/// What somebody begins.
const ACT: [&str; 5] = ["after", "dials", "texts", "to", "media"];
/// What happens when a phone rings.
const PICKUP: [&str; 6] = ["answers", "busy", "no_answer", "rejects", "unreachable", "carrier_voicemail"];
const NETWORK: [&str; 4] = ["duplicate_every", "drop_reply_every", "delay", "reorder_statuses"];

/// The words for parts of a call.
pub(super) const STAGES: [(&str, Stage); 5] = [
    ("ringing", Stage::Ringing),
    ("prompt", Stage::Prompt),
    ("whisper", Stage::Whisper),
    ("recording", Stage::Recording),
    ("queue", Stage::Queue),
];

/// How long after a prompt began a key is pressed, where a file does not say.
pub(super) const PRESSES_AFTER: Duration = Duration::from_secs(2);
/// How long a phone rings until somebody answers or declines, where a file does not say.
const ANSWERS_AFTER: Duration = Duration::from_secs(5);
/// How long a phone rings until its carrier's voicemail answers, and how long that talks, where a file does not say.
const VOICEMAIL: (Duration, Duration) = (Duration::from_secs(20), Duration::from_secs(8));

impl Reader<'_> {
    /// Everybody; names and phones are unique.
    pub(super) fn parties(&mut self, root: &Node) -> Vec<Party> {
        let nodes = self.list("party", root.at("party"));
        let mut parties: Vec<Party> = Vec::with_capacity(nodes.len());
        for (index, node) in nodes.iter().enumerate() {
            let party = self.party(&format!("party {}.", index + 1), node);
            for (field, same) in [
                ("name", parties.iter().any(|other| other.name == party.name)),
                ("phone", parties.iter().any(|other| other.phone == party.phone && E164::read(&party.phone).is_some())),
            ] {
                if same {
                    let message = "is somebody else's already; everybody has their own";
                    self.wrong(node.line, format!("party {}.{field}", index + 1), message);
                }
            }
            parties.push(party);
        }
        parties
    }

    fn party(&mut self, field: &str, node: &Node) -> Party {
        let mut known = vec!["name", "phone", "does", "rung"];
        known.extend(ACT.iter().chain(&PICKUP).chain(&MANNER));
        self.keys(field, node, &known);
        let name = self.needed_in(field, node, "name");
        if name.contains(char::is_whitespace) || name.contains('"') {
            self.wrong(
                node.line,
                format!("{field}name"),
                format!("\"{name}\" is no name; write one word, such as ana"),
            );
        }
        let phone = self.needed_in(field, node, "phone");
        if phone.starts_with('+') && E164::read(&phone).is_none() {
            self.wrong(node.line, format!("{field}phone"), "is no number in E.164, such as +13125550101");
        }
        let manner = self.manner(field, node, &Manner::default());
        let mut acts: Vec<Act> = self.act(field, node, &manner).into_iter().collect();
        for (index, does) in self.list(&format!("{field}does"), node.at("does")).iter().enumerate() {
            let field = format!("{field}does {}.", index + 1);
            let known: Vec<&str> = ACT.iter().chain(&MANNER).copied().collect();
            self.keys(&field, does, &known);
            let manner = self.manner(&field, does, &manner);
            let act = self.act(&field, does, &manner);
            if act.is_none() {
                self.wrong(does.line, field.trim_end_matches('.'), "says neither dials nor texts");
            }
            acts.extend(act);
        }
        let mut rung: Vec<Pickup> = self.pickup(field, node, &manner).into_iter().collect();
        if let Some(several) = node.at("rung") {
            if !rung.is_empty() {
                let message = "stands beside what happens at every ring; write one or the other";
                self.wrong(several.line, format!("{field}rung"), message);
            }
            for (index, ring) in self.list(&format!("{field}rung"), Some(several)).iter().enumerate() {
                let field = format!("{field}rung {}.", index + 1);
                let known: Vec<&str> = PICKUP.iter().chain(&MANNER).copied().collect();
                self.keys(&field, ring, &known);
                let manner = self.manner(&field, ring, &manner);
                let pickup = self.pickup(&field, ring, &manner);
                if pickup.is_none() {
                    self.wrong(ring.line, field.trim_end_matches('.'), format!("says none of {}", PICKUP.join(", ")));
                }
                rung.extend(pickup);
            }
        }
        Party { name, phone, acts, rung }
    }

    fn needed_in(&mut self, field: &str, node: &Node, key: &str) -> String {
        let text = self.text(&format!("{field}{key}"), node.at(key)).unwrap_or_default();
        if text.is_empty() {
            self.wrong(node.line, format!("{field}{key}"), "is missing");
        }
        text
    }

    fn act(&mut self, field: &str, node: &Node, manner: &Manner) -> Option<Act> {
        let after = self.span(&format!("{field}after"), node.at("after")).unwrap_or_default();
        let dials = self.text(&format!("{field}dials"), node.at("dials"));
        let texts = self.text(&format!("{field}texts"), node.at("texts"));
        let to = self.text(&format!("{field}to"), node.at("to"));
        let media = self.whole(&format!("{field}media"), node.at("media"), 10);
        if let Some(key) = ["to", "media"].into_iter().find(|key| texts.is_none() && node.at(key).is_some()) {
            self.wrong(node.line, format!("{field}{key}"), "stands without texts");
        }
        if node.at("after").is_some() && dials.is_none() && texts.is_none() {
            self.wrong(node.line, format!("{field}after"), "stands without dials or texts");
        }
        let what = match (dials, texts) {
            (None, None) => return None,
            (Some(number), None) => {
                Begins::Dials { number: self.number(node, &format!("{field}dials"), number), manner: manner.clone() }
            }
            (None, Some(words)) => {
                let number = self.number(node, &format!("{field}to"), to.unwrap_or_default());
                let media = media.and_then(|media| u8::try_from(media).ok()).unwrap_or_default();
                Begins::Texts { number, words, media }
            }
            (Some(_), Some(_)) => {
                let message = "stands beside dials; write several acts as [[party.does]]";
                self.wrong(node.line, format!("{field}texts"), message);
                return None;
            }
        };
        Some(Act { after, what })
    }

    fn number(&mut self, node: &Node, field: &str, number: String) -> String {
        if E164::read(&number).is_none() {
            let message = format!("\"{number}\" is no number in E.164, such as +13125550190");
            self.wrong(node.line, field, message);
        }
        number
    }

    fn manner(&mut self, field: &str, node: &Node, or: &Manner) -> Manner {
        let after = self.span(&format!("{field}presses_after"), node.at("presses_after"));
        let presses = match node.at("presses") {
            None => {
                if after.is_some() {
                    self.wrong(node.line, format!("{field}presses_after"), "stands without presses");
                }
                or.presses.clone()
            }
            Some(presses) => {
                let one = std::slice::from_ref(presses);
                let items = presses.items().unwrap_or(one).to_vec();
                items.iter().map(|item| self.press(field, item, after.unwrap_or(PRESSES_AFTER))).collect()
            }
        };
        Manner {
            presses,
            hangs_up: node.at("hangs_up").map_or(or.hangs_up, |node| self.hang_up(field, node)),
            speaks: self.span(&format!("{field}speaks"), node.at("speaks")).unwrap_or(or.speaks),
        }
    }

    fn press(&mut self, field: &str, node: &Node, after: Duration) -> Press {
        let field = format!("{field}presses");
        let (keys, after) = if matches!(node.kind, Kind::Table(_)) {
            self.keys(&format!("{field}."), node, &["keys", "after"]);
            let own = self.span(&format!("{field}.after"), node.at("after"));
            (self.text(&format!("{field}.keys"), node.at("keys")).unwrap_or_default(), own.unwrap_or(after))
        } else {
            (self.text(&field, Some(node)).unwrap_or_default(), after)
        };
        if !keys.chars().all(|key| key.is_ascii_digit() || matches!(key, '*' | '#')) {
            self.wrong(node.line, field, format!("\"{keys}\" has keys that no phone has; there are 0 to 9, * and #"));
        }
        Press { keys, after }
    }

    fn hang_up(&mut self, field: &str, node: &Node) -> Option<HangUp> {
        let field = format!("{field}hangs_up");
        self.keys(&format!("{field}."), node, &["at", "during", "after", "after_bridge"]);
        let at = self.span(&format!("{field}.at"), node.at("at"));
        let after = self.span(&format!("{field}.after"), node.at("after")).unwrap_or_default();
        let bridge = self.span(&format!("{field}.after_bridge"), node.at("after_bridge"));
        let during = self.text(&format!("{field}.during"), node.at("during"));
        let hang_up = match (at, &during, bridge) {
            (Some(at), None, None) => Some(HangUp::At(at)),
            (None, None, Some(bridge)) => Some(HangUp::AfterBridge(bridge)),
            (None, Some(word), None) => {
                let stage = STAGES.iter().find(|(known, _)| known == word);
                if stage.is_none() {
                    let all: Vec<&str> = STAGES.iter().map(|(word, _)| *word).collect();
                    let message = format!("\"{word}\" is none of {}", all.join(", "));
                    self.wrong(node.line, format!("{field}.during"), message);
                }
                stage.map(|(_, stage)| HangUp::During(*stage, after))
            }
            (_, _, _) => {
                let message = "write one of { at = \"12s\" }, { during = \"whisper\", after = \"2s\" }, \
                    { after_bridge = \"40s\" }";
                self.wrong(node.line, &field, message);
                None
            }
        };
        if during.is_none() && node.at("after").is_some() {
            self.wrong(node.line, format!("{field}.after"), "stands without during");
        }
        hang_up
    }

    /// What happens when the phone rings, where this table says so.
    fn pickup(&mut self, field: &str, node: &Node, manner: &Manner) -> Option<Pickup> {
        let mut said = PICKUP.iter().filter_map(|key| node.at(key).map(|value| (*key, value)));
        let (key, value) = said.next()?;
        if let Some((other, value)) = said.next() {
            let message = format!("stands beside {key}; write several rings as rung = [{{ … }}, {{ … }}]");
            self.wrong(value.line, format!("{field}{other}"), message);
        }
        let field = format!("{field}{key}");
        Some(match key {
            "answers" => Pickup::Answers { after: self.ringing(&field, value, ANSWERS_AFTER), manner: manner.clone() },
            "rejects" => Pickup::Rejects { after: self.ringing(&field, value, ANSWERS_AFTER) },
            "carrier_voicemail" => {
                if !matches!(value.kind, Kind::Yes(true)) {
                    self.keys(&format!("{field}."), value, &["after", "greeting", "beep"]);
                }
                let (after, greeting) = VOICEMAIL;
                Pickup::CarrierVoicemail {
                    after: self.span(&format!("{field}.after"), value.at("after")).unwrap_or(after),
                    greeting: self.span(&format!("{field}.greeting"), value.at("greeting")).unwrap_or(greeting),
                    beep: value.at("beep").is_none_or(|beep| self.yes(&format!("{field}.beep"), beep)),
                }
            }
            plain => {
                if !self.yes(&field, value) {
                    self.wrong(value.line, &field, "is false; leave it out");
                }
                match plain {
                    "busy" => Pickup::Busy,
                    "unreachable" => Pickup::Unreachable,
                    _ => Pickup::NoAnswer,
                }
            }
        })
    }

    /// `true`, `"6s"` or `{ after = "6s" }`.
    fn ringing(&mut self, field: &str, node: &Node, or: Duration) -> Duration {
        match &node.kind {
            Kind::Yes(true) => or,
            Kind::Table(_) => {
                self.keys(&format!("{field}."), node, &["after"]);
                self.span(&format!("{field}.after"), node.at("after")).unwrap_or(or)
            }
            Kind::Text(_) | Kind::Whole(_) | Kind::Fraction(_) | Kind::Yes(false) | Kind::When(_) | Kind::List(_) => {
                self.span(field, Some(node)).unwrap_or(or)
            }
        }
    }

    fn yes(&mut self, field: &str, node: &Node) -> bool {
        if let Kind::Yes(yes) = node.kind {
            return yes;
        }
        self.wrong(node.line, field, format!("is {}; write true or false", node.word()));
        true
    }

    /// A whole number from 0 to `most`.
    pub(super) fn whole(&mut self, field: &str, node: Option<&Node>, most: u64) -> Option<u64> {
        let node = node?;
        if let Kind::Whole(number) = node.kind
            && let Ok(number) = u64::try_from(number)
            && number <= most
        {
            return Some(number);
        }
        self.wrong(node.line, field, format!("is no whole number from 0 to {most}"));
        None
    }

    /// The network.
    pub(super) fn weather(&mut self, root: &Node) -> Weather {
        let Some(node) = root.at("network") else { return Weather::default() };
        if let Some(api) = node.at("provider_api") {
            let message = "cannot be had: this network's API only starts calls, and never breaks";
            self.wrong(api.line, "network.provider_api", message);
        }
        let mut known = NETWORK.to_vec();
        known.push("provider_api");
        self.keys("network.", node, &known);
        let mut every = |key: &str| {
            let field = format!("network.{key}");
            let number = self.whole(&field, node.at(key), 10_000)?;
            if number == 0 {
                self.wrong(node.line, field, "is 0; leave it out, or write 1 for all of them");
            }
            u32::try_from(number).ok().filter(|number| *number > 0)
        };
        let (duplicate_every, drop_reply_every) = (every("duplicate_every"), every("drop_reply_every"));
        Weather {
            duplicate_every,
            drop_reply_every,
            delay: self.span("network.delay", node.at("delay")).unwrap_or_default(),
            reorder_statuses: node.at("reorder_statuses").is_some_and(|it| self.yes("network.reorder_statuses", it)),
        }
    }
}
