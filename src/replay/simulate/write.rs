//! A whole call written as a file that reads back as the same call: for keeping one that was made up.
//!
//! Deliberately not here: reading it (`file`).

use std::fmt::Write as _;
use std::time::Duration;

use crate::replay::node::Node;
use crate::replay::phones::Script;
use crate::replay::phones::script::{Act, Begins, HangUp, Manner, Party, Pickup, Press, Weather};
use crate::replay::span;
use crate::replay::target::Whom;

use super::call::{Call, End, Expect, Ours};
use super::party::STAGES;

impl Call {
    /// A script as a call in a world with these changes; what is expected of it is still to be said. The script's
    /// numbers are the world's, so they are not kept.
    pub fn of(script: &Script, world: &str, given: Vec<(String, Node)>) -> Self {
        Self {
            row: String::new(),
            world: world.to_owned(),
            account: None,
            now: script.start,
            given,
            pending: None,
            seed: Some(script.seed),
            parties: script.parties.clone(),
            ours: Vec::new(),
            weather: script.weather,
            expect: Expect::default(),
        }
    }
}

/// The file. Lengths of time are kept to the millisecond, seeds to 63 bits.
pub fn write(title: &str, call: &Call) -> String {
    let mut out = format!("title = {}\nworld = {}\n", quoted(title), quoted(&call.world));
    if let Some(account) = &call.account {
        let _ = writeln!(out, "account = {}", quoted(account));
    }
    let _ = writeln!(out, "now = {}", quoted(&call.now.to_string()));
    if let Some(why) = &call.pending {
        let _ = writeln!(out, "pending = {}", quoted(why));
    }
    if let Some(seed) = call.seed {
        let _ = writeln!(out, "seed = {seed}");
    }
    expected(&mut out, &call.expect);
    if !call.given.is_empty() {
        out.push_str("\n[given]\n");
        for (path, node) in &call.given {
            let _ = writeln!(out, "{} = {}", quoted(path), node.toml());
        }
    }
    for party in &call.parties {
        of_party(&mut out, party);
    }
    for ours in &call.ours {
        of_ours(&mut out, ours);
    }
    network(&mut out, call.weather);
    out
}

fn expected(out: &mut String, expect: &Expect) {
    if !expect.trouble.is_empty() {
        let codes: Vec<String> = expect.trouble.iter().map(u32::to_string).collect();
        let _ = writeln!(out, "trouble = [{}]", codes.join(", "));
    }
    for (key, lines) in [
        ("story", expect.story.iter().map(|(_, line)| line.clone()).collect::<Vec<_>>()),
        ("never", expect.never.iter().map(|(_, never)| never.to_string()).collect()),
    ] {
        if !lines.is_empty() {
            let lines: String = lines.iter().map(|line| format!("    {},\n", quoted(line))).collect();
            let _ = writeln!(out, "{key} = [\n{lines}]");
        }
    }
    if !expect.end.is_empty() {
        let ends: String = expect.end.iter().map(|end| format!("    {},\n", of_end(end))).collect();
        let _ = writeln!(out, "end = [\n{ends}]");
    }
}

fn of_end(end: &End) -> String {
    let mut parts = Vec::new();
    let outcome = end.outcome.map(|outcome| outcome.word().to_owned());
    for (key, value) in [("outcome", &outcome), ("status", &end.status), ("with", &end.with)] {
        parts.extend(value.as_ref().map(|value| format!("{key} = {}", quoted(value))));
    }
    parts.extend(end.effects.as_ref().map(|kinds| {
        let kinds: Vec<String> = kinds.iter().map(|kind| quoted(kind)).collect();
        format!("effects = [{}]", kinds.join(", "))
    }));
    table(&parts)
}

fn of_party(out: &mut String, party: &Party) {
    let _ = writeln!(out, "\n[[party]]\nname = {}\nphone = {}", quoted(&party.name), quoted(&party.phone));
    // What a party does on every line would count for its rings too, so it is said in short only where it is alone.
    let answers = party.rung.iter().any(|pickup| matches!(pickup, Pickup::Answers { .. }));
    let short_act = party.acts.len() == 1 && !answers;
    match party.rung.as_slice() {
        [] => {}
        [one] if party.acts.is_empty() => {
            let _ = writeln!(out, "{}", pickup(one).join("\n"));
        }
        rings => {
            let rings: Vec<String> = rings.iter().map(|ring| table(&pickup(ring))).collect();
            let _ = writeln!(out, "rung = [{}]", rings.join(", "));
        }
    }
    for act in &party.acts {
        if !short_act {
            out.push_str("[[party.does]]\n");
        }
        let _ = writeln!(out, "{}", of_act(act).join("\n"));
    }
}

fn of_ours(out: &mut String, ours: &Ours) {
    out.push_str("\n[[we_call]]\n");
    if !ours.after.is_zero() {
        let _ = writeln!(out, "after = {}", length(ours.after));
    }
    let _ = match &ours.whom {
        Whom::FirstParty(session) => writeln!(out, "first_party_of = {}", quoted(session)),
        Whom::CallBack { line, phone } => writeln!(out, "line = {}\nback_to = {}", quoted(line), quoted(phone)),
    };
}

fn of_act(act: &Act) -> Vec<String> {
    let mut parts = Vec::new();
    if !act.after.is_zero() {
        parts.push(format!("after = {}", length(act.after)));
    }
    match &act.what {
        Begins::Dials { number, manner: how } => {
            parts.push(format!("dials = {}", quoted(number)));
            parts.extend(manner(how));
        }
        Begins::Texts { number, words, media } => {
            parts.push(format!("texts = {}", quoted(words)));
            parts.push(format!("to = {}", quoted(number)));
            if *media > 0 {
                parts.push(format!("media = {media}"));
            }
        }
    }
    parts
}

fn pickup(pickup: &Pickup) -> Vec<String> {
    match pickup {
        Pickup::Answers { after, manner: how } => {
            let mut parts = vec![format!("answers = {{ after = {} }}", length(*after))];
            parts.extend(manner(how));
            parts
        }
        Pickup::CarrierVoicemail { after, greeting, beep } => vec![format!(
            "carrier_voicemail = {{ after = {}, greeting = {}, beep = {beep} }}",
            length(*after),
            length(*greeting)
        )],
        Pickup::Busy => vec!["busy = true".to_owned()],
        Pickup::NoAnswer => vec!["no_answer = true".to_owned()],
        Pickup::Rejects { after } => vec![format!("rejects = {{ after = {} }}", length(*after))],
        Pickup::Unreachable => vec!["unreachable = true".to_owned()],
    }
}

fn manner(manner: &Manner) -> Vec<String> {
    let mut parts = Vec::new();
    let press = |it: &Press| format!("{{ keys = {}, after = {} }}", quoted(&it.keys), length(it.after));
    if !manner.presses.is_empty() {
        let presses: Vec<String> = manner.presses.iter().map(press).collect();
        parts.push(format!("presses = [{}]", presses.join(", ")));
    }
    if let Some(hang_up) = manner.hangs_up {
        parts.push(match hang_up {
            HangUp::At(at) => format!("hangs_up = {{ at = {} }}", length(at)),
            HangUp::AfterBridge(after) => format!("hangs_up = {{ after_bridge = {} }}", length(after)),
            HangUp::During(stage, after) => {
                let word = STAGES.iter().find(|(_, known)| *known == stage).map_or("prompt", |(word, _)| word);
                format!("hangs_up = {{ during = \"{word}\", after = {} }}", length(after))
            }
        });
    }
    if !manner.speaks.is_zero() {
        parts.push(format!("speaks = {}", length(manner.speaks)));
    }
    parts
}

fn network(out: &mut String, weather: Weather) {
    if weather == Weather::default() {
        return;
    }
    out.push_str("\n[network]\n");
    for (key, every) in [("duplicate_every", weather.duplicate_every), ("drop_reply_every", weather.drop_reply_every)] {
        if let Some(every) = every {
            let _ = writeln!(out, "{key} = {every}");
        }
    }
    if !weather.delay.is_zero() {
        let _ = writeln!(out, "delay = {}", length(weather.delay));
    }
    if weather.reorder_statuses {
        out.push_str("reorder_statuses = true\n");
    }
}

fn length(span: Duration) -> String {
    quoted(&span::write(span))
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn table(parts: &[String]) -> String {
    format!("{{ {} }}", parts.join(", "))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::replay::simulate::file;

    /// One file with everything that a file can say.
    const EVERYTHING: &str = r##"
title = "Every \"part\" of it\nin two lines"
world = "acme-plumbing"
account = "acme-twilio"
now = "2026-03-09T09:02:11-05:00"
pending = "not built"
seed = 42
trouble = [12200, 21610]
story = ["ana calls", "…"]
never = ["bridged ana desk", "hears ana \"x\""]
end = [{ outcome = "missed", status = "no-answer", with = "desk", effects = ["todo.opened"] }, {}, {}, {}, {}, {}]
[given]
"location.chicago.masking.enabled" = true
"location.chicago.hours" = "Mo-Fr 08:00-17:00"
[[party]]
name = "ana"
phone = "anonymous"
dials = "+13125550190"
presses = [{ keys = "5#", after = "2s" }, { keys = "", after = "250ms" }]
hangs_up = { during = "queue", after = "1m30s" }
speaks = "12s"
busy = true
[[party]]
name = "jo"
phone = "+13125550144"
rung = [
    { answers = "6s", presses = ["1"], hangs_up = { after_bridge = "4s" } }, { no_answer = true },
    { rejects = "3s" }, { unreachable = true }, { carrier_voicemail = { after = "9s", greeting = "2s", beep = false } },
]
[[party.does]]
dials = "+13125550190"
hangs_up = { at = "9s" }
[[party.does]]
after = "2h"
texts = "On \"my\" way\n\u00e9"
to = "+13125550190"
media = 2
[[party]]
name = "desk"
phone = "+13125550123"
answers = { after = "6s" }
presses = ["1"]
[[party]]
name = "bob"
phone = "+13125550102"
texts = "STOP"
to = "+13125550190"
[[we_call]]
first_party_of = "pair"
[[we_call]]
after = "20m"
line = "desk-1"
back_to = "+13125550101"
[network]
duplicate_every = 2
drop_reply_every = 3
delay = "80ms"
reorder_statuses = true
"##;

    fn read(text: &str) -> Call {
        let cases = file::read(Path::new("f.toml"), text).cases;
        cases.unwrap_or_else(|mistakes| panic!("{mistakes:#?}\n{text}")).remove(0)
    }

    /// A call without the lines of its file, which a rewriting moves.
    fn bare(mut call: Call) -> Call {
        call.expect.story.iter_mut().for_each(|(line, _)| *line = 0);
        call.expect.never.iter_mut().for_each(|(line, _)| *line = 0);
        call.expect.end.iter_mut().for_each(|end| end.line = 0);
        call.given.iter_mut().for_each(|(_, node)| node.line = 0);
        call
    }

    #[test]
    fn what_is_written_reads_back() {
        let call = read(EVERYTHING);
        let written = write("Every \"part\" of it\nin two lines", &call);
        assert_eq!(bare(read(&written)), bare(call), "{written}");
        let again = file::read(Path::new("f.toml"), &written);
        assert_eq!(again.title, "Every \"part\" of it\nin two lines");
    }

    #[test]
    fn a_script_becomes_a_file() {
        let call = read(EVERYTHING);
        let script = Script {
            start: call.now,
            seed: 7,
            numbers: Vec::new(),
            parties: call.parties.clone(),
            weather: call.weather,
        };
        let made = Call::of(&script, "demo", Vec::new());
        let again = read(&write("t", &made));
        assert_eq!((&again.parties, again.weather, again.seed), (&script.parties, script.weather, Some(7)));
        assert_eq!((again.world.as_str(), again.now), ("demo", script.start));
    }
}
