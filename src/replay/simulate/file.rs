//! The format of a whole call: which keys a file has and what may stand under them; every mistake at once.
//!
//! Deliberately not here: people and the network (`party`), writing it (`write`), and what the file of an exchange has
//! (`replay::read`).

use std::path::Path;

use crate::replay::fixture::File;
use crate::replay::node::{Kind, Node};
use crate::replay::phones::script::Party;
use crate::replay::reader::{self, Reader};
use crate::routing::effect::Effect;

use super::call::{Call, CallOutcome, End, Expect};
use super::never::Never;

const FILE_KEYS: [&str; 16] = [
    "title", "tags", "world", "account", "now", "given", "pending", "row", "seed", "party", "we_call", "network",
    "story", "never", "end", "trouble",
];
const END_KEYS: [&str; 4] = ["outcome", "status", "with", "effects"];
const STATUSES: [&str; 5] = ["completed", "no-answer", "busy", "failed", "canceled"];

/// Reads a file's text.
pub fn read(path: &Path, text: &str) -> File<Call> {
    reader::file(path, text, ("exchange", "replay"), |reader, row, root| reader.call(row, root))
}

impl Reader<'_> {
    fn call(&mut self, row: String, root: &Node) -> Call {
        self.keys("", root, &FILE_KEYS);
        let (now, given) = self.head(root);
        let parties = self.parties(root);
        let ours = self.ours(root, &parties);
        if ours.is_empty() && !parties.iter().any(|party| !party.acts.is_empty()) {
            let message = "nobody begins anything: some [[party]] has to say dials = \"+1…\" or texts = \"…\", or some \
                 [[we_call]] whom we call";
            self.wrong(root.line, "party", message);
        }
        let expect = Expect {
            story: self.lines("story", root.at("story")),
            never: self.nevers(root, &parties),
            end: self.ends(root, &parties, ours.len()),
            trouble: self.codes(root),
        };
        Call {
            row,
            world: self.needed(root, "world"),
            account: self.text("account", root.at("account")),
            now,
            given,
            pending: self.text("pending", root.at("pending")),
            // TOML's whole numbers have 63 bits.
            seed: self.whole("seed", root.at("seed"), i64::MAX.unsigned_abs()),
            weather: self.weather(root),
            parties,
            ours,
            expect,
        }
    }

    /// A list of texts, or one text of several lines; each with its line in the file.
    fn lines(&mut self, field: &str, node: Option<&Node>) -> Vec<(usize, String)> {
        let Some(node) = node else { return Vec::new() };
        if let Kind::Text(text) = &node.kind {
            let lines = text.lines().enumerate().map(|(index, line)| (node.line + index, line.to_owned()));
            return lines.filter(|(_, line)| !line.trim().is_empty()).collect();
        }
        let items = self.list(field, Some(node));
        items.iter().filter_map(|item| Some((item.line, self.text(field, Some(item))?))).collect()
    }

    fn nevers(&mut self, root: &Node, parties: &[Party]) -> Vec<(usize, Never)> {
        let lines = self.lines("never", root.at("never"));
        let mut nevers = Vec::with_capacity(lines.len());
        for (line, text) in lines {
            match Never::read(&text, parties) {
                Ok(never) => nevers.push((line, never)),
                Err(why) => self.wrong(line, "never", why),
            }
        }
        nevers
    }

    fn ends(&mut self, root: &Node, parties: &[Party], ours: usize) -> Vec<End> {
        let Some(node) = root.at("end") else { return Vec::new() };
        let nodes = node.items().unwrap_or(std::slice::from_ref(node)).to_vec();
        let begun = parties.iter().map(|party| party.acts.len()).sum::<usize>() + ours;
        if nodes.len() != begun {
            let message =
                format!("there are {begun} calls and texts, so `end` has {begun} tables, not {}", nodes.len());
            self.wrong(node.line, "end", message);
        }
        nodes.iter().enumerate().map(|(index, node)| self.end(&format!("end {}", index + 1), node, parties)).collect()
    }

    fn end(&mut self, field: &str, node: &Node, parties: &[Party]) -> End {
        self.keys(&format!("{field}."), node, &END_KEYS);
        let outcome = self.text(&format!("{field}.outcome"), node.at("outcome")).and_then(|word| {
            let read = CallOutcome::read(&word);
            if read.is_none() {
                let all: Vec<&str> = CallOutcome::ALL.iter().map(|outcome| outcome.word()).collect();
                self.wrong(node.line, format!("{field}.outcome"), format!("\"{word}\" is none of {}", all.join(", ")));
            }
            read
        });
        let status = self.text(&format!("{field}.status"), node.at("status"));
        if let Some(word) = status.as_ref().filter(|word| !STATUSES.contains(&word.as_str())) {
            self.wrong(node.line, format!("{field}.status"), format!("\"{word}\" is none of {}", STATUSES.join(", ")));
        }
        let with = self.text(&format!("{field}.with"), node.at("with"));
        if let Some(name) = with.as_ref().filter(|name| !parties.iter().any(|party| party.name == **name)) {
            self.wrong(node.line, format!("{field}.with"), format!("\"{name}\" is nobody here"));
        }
        let effects = node.at("effects").map(|effects| {
            let kinds = self.words(&format!("{field}.effects"), effects);
            for kind in kinds.iter().filter(|kind| !Effect::KINDS.contains(&kind.as_str())) {
                self.wrong(effects.line, format!("{field}.effects"), format!("\"{kind}\" is no kind of effect"));
            }
            kinds
        });
        End { line: node.line, outcome, status, with, effects }
    }

    fn codes(&mut self, root: &Node) -> Vec<u32> {
        let items = self.list("trouble", root.at("trouble"));
        let codes = items.iter().map(|item| self.whole("trouble", Some(item), 99_999));
        codes.flatten().filter_map(|code| u32::try_from(code).ok()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::replay::phones::script::{Act, Begins, HangUp, Manner, Pickup, Press, Stage};

    const HEAD: &str = "title = \"t\"\nworld = \"w\"\nnow = \"2026-03-09T09:02:11-05:00\"\n";

    fn one(text: &str) -> Call {
        let read = read(Path::new("f.toml"), &format!("{HEAD}{text}")).cases;
        let mut cases = read.unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
        assert_eq!(cases.len(), 1);
        cases.remove(0)
    }

    fn mistakes(text: &str) -> String {
        let cases = read(Path::new("f.toml"), text).cases;
        cases.expect_err("it is wrong").iter().map(|mistake| format!("{mistake}\n")).collect()
    }

    fn press(keys: &str, after: u64) -> Press {
        Press { keys: keys.to_owned(), after: Duration::from_secs(after) }
    }

    #[test]
    fn the_short_form_of_a_call_is_read() {
        let call = one("seed = 7\nnever = [\"bridged ana desk\"]\ntrouble = [12200]\n\
             story = \"\"\"\nana calls\n\n…\ndesk answers\n\"\"\"\n\
             [[party]]\nname = \"ana\"\nphone = \"+13125550101\"\ndials = \"+13125550190\"\nspeaks = \"12s\"\n\
             hangs_up = { during = \"whisper\", after = \"2s\" }\n\
             [[party]]\nname = \"desk\"\nphone = \"+13125550123\"\nanswers = { after = \"6s\" }\npresses = [\"1\", \"2\"]\n\
             presses_after = \"3s\"\n\
             [network]\nduplicate_every = 1\ndelay = \"80ms\"\nreorder_statuses = true\n\
             [end]\noutcome = \"connected\"\nstatus = \"completed\"\nwith = \"desk\"\neffects = [\"leg.accepted\"]\n");
        let manner = Manner {
            presses: Vec::new(),
            hangs_up: Some(HangUp::During(Stage::Whisper, Duration::from_secs(2))),
            speaks: Duration::from_secs(12),
        };
        let dials = Begins::Dials { number: "+13125550190".into(), manner };
        assert_eq!(call.parties[0].acts, [Act { after: Duration::ZERO, what: dials }]);
        let manner = Manner { presses: vec![press("1", 3), press("2", 3)], ..Manner::default() };
        assert_eq!(call.parties[1].rung, [Pickup::Answers { after: Duration::from_secs(6), manner }]);
        assert_eq!(
            call.expect.story.iter().map(|(_, line)| line.as_str()).collect::<Vec<_>>(),
            ["ana calls", "…", "desk answers"]
        );
        assert_eq!((call.seed, call.expect.trouble.as_slice()), (Some(7), [12200].as_slice()));
        assert_eq!((call.weather.duplicate_every, call.weather.reorder_statuses), (Some(1), true));
        let end = &call.expect.end[0];
        assert_eq!((end.outcome, end.with.as_deref()), (Some(CallOutcome::Connected), Some("desk")));
    }

    #[test]
    fn the_long_form_is_read() {
        let call = one("end = [{ outcome = \"missed\" }, { outcome = \"relayed\" }]\n\
             [[party]]\nname = \"jo\"\nphone = \"+13125550144\"\npresses = [\"9\"]\n\
             rung = [{ busy = true }, { answers = \"4s\", presses = [{ keys = \"5\" }, { keys = \"\", after = \"9s\" }] }, \
             { rejects = true }, { carrier_voicemail = { beep = false } }, { no_answer = true }, { unreachable = true }, \
             { answers = true }]\n\
             [[party.does]]\ndials = \"+13125550190\"\nhangs_up = { at = \"5s\" }\n\
             [[party.does]]\nafter = \"5m\"\ntexts = \"On my way\"\nto = \"+13125550190\"\nmedia = 1\n");
        let manner = |presses| Manner { presses, ..Manner::default() };
        let rung = &call.parties[0].rung;
        assert_eq!(rung[0], Pickup::Busy);
        let second = manner(vec![press("5", 2), press("", 9)]);
        assert_eq!(rung[1], Pickup::Answers { after: Duration::from_secs(4), manner: second });
        let (after, greeting) = (Duration::from_secs(20), Duration::from_secs(8));
        assert_eq!(rung[3], Pickup::CarrierVoicemail { after, greeting, beep: false });
        let own = manner(vec![press("9", 2)]);
        assert_eq!(rung[6], Pickup::Answers { after: Duration::from_secs(5), manner: own }, "the party's own manner");
        let acts = &call.parties[0].acts;
        let words = Begins::Texts { number: "+13125550190".into(), words: "On my way".into(), media: 1 };
        assert_eq!(acts[1], Act { after: Duration::from_secs(300), what: words });
    }

    #[test]
    fn rows_fill_in_parties_and_expectations() {
        let text = format!(
            "{HEAD}end = {{ outcome = \"${{row.end}}\" }}\nparty = [{{ name = \"a\", phone = \"${{row.phone}}\", \
             dials = \"+13125550190\" }}]\n[[row]]\nname = \"withheld\"\nphone = \"anonymous\"\nend = \"goodbye\"\n"
        );
        let cases = read(Path::new("f.toml"), &text).cases.expect("it reads");
        assert_eq!((cases[0].row.as_str(), cases[0].parties[0].phone.as_str()), ("withheld", "anonymous"));
        assert_eq!(cases[0].expect.end[0].outcome, Some(CallOutcome::Goodbye));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let found = mistakes(&format!(
            "{HEAD}sory = []\nseed = -1\nnever = [\"rings bob\"]\nend = [{{ outcome = \"fine\", with = \"bob\" }}]\n\
             [network]\nprovider_api = \"500\"\nduplicate_every = 0\n\
             [[party]]\nname = \"the desk\"\nphone = \"+1312\"\ndials = \"911\"\nbusy = false\nanswers = \"soon\"\n\
             presses = [\"1x\"]\nhangs_up = {{ during = \"lunch\" }}\nmedia = 1\nspeeks = \"1s\"\n\
             [[party]]\nname = \"jo\"\nphone = \"+13125550144\"\nbusy = true\nrung = [{{}}]\n\
             does = [{{ after = \"1s\" }}, {{ texts = \"x\", to = \"jo\" }}]\n\
             [[we_call]]\nlines = \"desk-1\"\n[[we_call]]\nline = \"desk-1\"\nback_to = \"bob\"\n\
             [[we_call]]\nfirst_party_of = \"pair\"\nafter = \"soon\"\n"
        ));
        for part in [
            "f.toml:4: sory: is unknown; did you mean story?",
            "f.toml:5: seed: is no whole number",
            "f.toml:6: never: \"bob\" is nobody here; there are the desk, jo",
            "end 1.outcome: \"fine\" is none of connected, voicemail",
            "end 1.with: \"bob\" is nobody here",
            "end: there are 4 calls and texts, so `end` has 4 tables, not 1",
            "network.provider_api: cannot be had: this network's API only starts calls",
            "network.duplicate_every: is 0",
            "party 1.name: \"the desk\" is no name",
            "party 1.phone: is no number in E.164",
            "party 1.dials: \"911\" is no number",
            "party 1.busy: stands beside answers",
            "party 1.answers: \"soon\" is no length of time",
            "party 1.presses: \"1x\" has keys that no phone has",
            "party 1.hangs_up.during: \"lunch\" is none of ringing, prompt",
            "party 1.media: stands without texts",
            "party 1.speeks: is unknown; did you mean speaks?",
            "party 2.rung: stands beside what happens at every ring",
            "party 2.rung 1: says none of answers",
            "party 2.does 1: says neither dials nor texts",
            "party 2.does 2.to: \"jo\" is no number",
            "we_call 1: says neither first_party_of",
            "we_call 1.lines: is unknown; did you mean line?",
            "we_call 2.back_to: \"bob\" is neither somebody's name nor a number",
            "we_call 3.after: \"soon\" is no length of time",
        ] {
            assert!(found.contains(part), "{part} is not in\n{found}");
        }
        let silent = mistakes(&format!("{HEAD}[[party]]\nname = \"a\"\nphone = \"+13125550101\"\n"));
        assert!(silent.contains("party: nobody begins anything"), "{silent}");
    }
}
