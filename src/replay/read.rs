//! The fixture format: which keys a file has and what may stand under them; every mistake at once, with its line.
//!
//! Deliberately not here: rows (`replay::rows`), placeholders (`replay::binding`), worlds (`replay::world`).

use std::path::Path;

use crate::routing::effect::Effect;
use crate::routing::reason::Reason;

use super::binding::Pattern;
use super::fixture::{Case, Exchange, Expect, File, Sign};
use super::node::{Kind, Node};
use super::reader::Reader;
use super::{reader, xml};

const FILE_KEYS: [&str; 9] = ["title", "tags", "world", "account", "now", "given", "pending", "exchange", "row"];
const EXCHANGE_KEYS: [&str; 7] = ["after", "request", "form", "headers", "body", "sign", "expect"];
const EXPECT_KEYS: [&str; 4] = ["status", "document", "decision", "effects"];
const DECISION_KEYS: [&str; 15] = [
    "channel",
    "from",
    "to",
    "at",
    "tenant",
    "location",
    "caller",
    "match",
    "session",
    "route",
    "destination",
    "whisper",
    "hours",
    "fallbacks",
    "why",
];

/// Reads a fixture file's text.
pub fn file(path: &Path, text: &str) -> File {
    reader::file(path, text, ("party", "simulate"), |reader, row, root| reader.case(row, root))
}

impl Reader<'_> {
    fn case(&mut self, row: String, root: &Node) -> Case {
        self.keys("", root, &FILE_KEYS);
        let (now, given) = self.head(root);
        let exchanges: Vec<Exchange> = self
            .list("exchange", root.at("exchange"))
            .iter()
            .enumerate()
            .map(|(index, node)| self.exchange(index + 1, node))
            .collect();
        if exchanges.is_empty() {
            self.wrong(root.line, "exchange", "is missing: a fixture has at least one [[exchange]]");
        }
        Case {
            row,
            world: self.needed(root, "world"),
            account: self.needed(root, "account"),
            now,
            given,
            pending: self.text("pending", root.at("pending")),
            exchanges,
        }
    }

    fn exchange(&mut self, no: usize, node: &Node) -> Exchange {
        let field = |key: &str| format!("exchange {no}.{key}");
        self.keys(&field(""), node, &EXCHANGE_KEYS);
        let after = self.span(&field("after"), node.at("after")).unwrap_or_default();
        let request = self.text(&field("request"), node.at("request")).unwrap_or_default();
        let (method, target) = request.split_once(' ').unwrap_or((&request, ""));
        if !matches!(method, "GET" | "POST") || !(target.starts_with('/') || target.starts_with("${")) {
            let message =
                format!("\"{request}\" is no request; write POST /webhooks/ACCOUNT/voice or POST ${{url STEP}}");
            self.wrong(node.line, field("request"), message);
        }
        self.pattern(node.line, &field("request"), target);
        let form = self.pairs(&field("form"), node.at("form"));
        let body = self.text(&field("body"), node.at("body"));
        if body.is_some() && !form.is_empty() {
            self.wrong(node.line, field("body"), "stands beside a form; a request has one or the other");
        }
        let sign = self.text(&field("sign"), node.at("sign")).map_or(Sign::Valid, |word| {
            Sign::read(&word).unwrap_or_else(|| {
                let all: Vec<_> = Sign::ALL.iter().map(|sign| sign.word()).collect();
                self.wrong(node.line, field("sign"), format!("\"{word}\" is none of {}", all.join(", ")));
                Sign::Valid
            })
        });
        let expect = node.at("expect").map_or_else(Expect::default, |expect| self.expect(&field("expect"), expect));
        Exchange {
            line: node.line,
            after,
            method: method.to_owned(),
            target: target.to_owned(),
            form,
            headers: self.pairs(&field("headers"), node.at("headers")),
            body,
            sign,
            expect,
        }
    }

    fn expect(&mut self, field: &str, node: &Node) -> Expect {
        self.keys(&format!("{field}."), node, &EXPECT_KEYS);
        let status = node.at("status").and_then(|status| {
            if let Kind::Whole(code @ 100..=599) = status.kind {
                return u16::try_from(code).ok();
            }
            self.wrong(status.line, format!("{field}.status"), "is no HTTP status; write a number such as 200");
            None
        });
        let document = self.text(&format!("{field}.document"), node.at("document"));
        if let (Some(text), Some(document)) = (&document, node.at("document"))
            && !text.trim().is_empty()
        {
            self.pattern(document.line, &format!("{field}.document"), text);
            if let Err(why) = xml::read(text) {
                self.wrong(document.line, format!("{field}.document"), format!("is not XML: {why}"));
            }
        }
        let decision = node.at("decision").map(|decision| {
            self.keys(&format!("{field}.decision."), decision, &DECISION_KEYS);
            if let Some(why) = decision.at("why") {
                let codes = self.words(&format!("{field}.decision.why"), why);
                for code in codes.iter().filter(|code| !Reason::CODES.contains(&code.as_str())) {
                    self.wrong(why.line, format!("{field}.decision.why"), format!("\"{code}\" is no reason's code"));
                }
            }
            let entries = decision.entries().unwrap_or_default();
            entries.iter().map(|(key, node)| (key.clone(), node.json())).collect()
        });
        let effects = node.at("effects").map(|effects| {
            let kinds = self.words(&format!("{field}.effects"), effects);
            for kind in kinds.iter().filter(|kind| !Effect::KINDS.contains(&kind.as_str())) {
                self.wrong(effects.line, format!("{field}.effects"), format!("\"{kind}\" is no kind of effect"));
            }
            kinds
        });
        Expect { status, document, decision, effects }
    }

    /// A table of texts; a list repeats its name.
    fn pairs(&mut self, field: &str, node: Option<&Node>) -> Vec<(String, String)> {
        let Some(node) = node else { return Vec::new() };
        let Kind::Table(entries) = &node.kind else {
            self.wrong(node.line, field, format!("is {}; write a table of names and values", node.word()));
            return Vec::new();
        };
        let mut pairs = Vec::new();
        for (key, value) in entries {
            for value in value.items().unwrap_or(std::slice::from_ref(value)) {
                let Some(text) = value.plain() else {
                    self.wrong(value.line, format!("{field}.{key}"), format!("is {}; write a string", value.word()));
                    continue;
                };
                self.pattern(value.line, &format!("{field}.{key}"), &text);
                pairs.push((key.clone(), text));
            }
        }
        pairs
    }

    fn pattern(&mut self, line: usize, field: &str, text: &str) {
        if let Err(why) = Pattern::read(text) {
            self.wrong(line, field, why);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const WHOLE: &str = "title = \"t\"\nworld = \"w\"\naccount = \"a\"\nnow = \"2026-03-09T09:02:11-05:00\"\n";

    fn mistakes(text: &str) -> Vec<String> {
        let cases = file(Path::new("f.toml"), text).cases;
        cases.expect_err("it is wrong").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_part_is_read() {
        let text = format!(
            "{WHOLE}[given]\n\"location.chicago.masking.enabled\" = true\nlocation.denver.ring_timeout = 30\n[[exchange]]\nafter = \"6s\"\n\
             request = \"POST /webhooks/a/voice\"\nsign = \"old-token\"\nform = {{ From = [\"1\", \"2\"], NumMedia = 0 }}\n\
             expect.status = 204\nexpect.document = \"\"\nexpect.effects = []\n"
        );
        let read = file(Path::new("f.toml"), &text);
        let case = &read.cases.expect("it is right")[0];
        let exchange = &case.exchanges[0];
        assert_eq!(
            case.given.iter().map(|(path, _)| path.as_str()).collect::<Vec<_>>(),
            ["location.chicago.masking.enabled", "location.denver.ring_timeout"]
        );
        assert_eq!((exchange.after, exchange.sign, exchange.line), (Duration::from_secs(6), Sign::OldToken, 8));
        let form: Vec<(&str, &str)> = exchange.form.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
        assert_eq!(form, [("From", "1"), ("From", "2"), ("NumMedia", "0")]);
        assert_eq!((exchange.expect.status, exchange.expect.document.as_deref()), (Some(204), Some("")));
    }

    #[test]
    fn every_mistake_is_named_at_once() {
        let found = mistakes(&format!(
            "{WHOLE}titel = \"x\"\n[[exchange]]\nrequest = \"PUT /x\"\nsign = \"maybe\"\nafter = \"soon\"\n\
             form = {{ From = \"${{\" }}\nexpect.status = 99\nexpect.document = \"<R>\"\n\
             expect.decision = {{ wy = 1, why = [\"because\"] }}\nexpect.effects = [\"none\"]\n"
        ));
        for part in [
            "f.toml:5: titel: is unknown; did you mean title?",
            "exchange 1.request: \"PUT /x\" is no request",
            "exchange 1.sign: \"maybe\" is none of valid, none, bad, old-token, wrong-host",
            "exchange 1.after: \"soon\" is no length of time",
            "exchange 1.form.From: has a ${ without its }",
            "exchange 1.expect.status: is no HTTP status",
            "exchange 1.expect.document: is not XML",
            "exchange 1.expect.decision.wy: is unknown; did you mean why?",
            "exchange 1.expect.decision.why: \"because\" is no reason's code",
            "exchange 1.expect.effects: \"none\" is no kind of effect",
        ] {
            assert!(found.iter().any(|mistake| mistake.contains(part)), "{part} is not in {found:#?}");
        }
    }

    #[test]
    fn what_every_row_shares_is_told_once() {
        let found = mistakes("titel = \"t\"\nstory = []\n[[row]]\nname = \"a\"\n[[row]]\nname = \"b\"\n");
        for part in ["titel: is unknown", "story: is unknown", "account: is missing"] {
            assert_eq!(found.iter().filter(|mistake| mistake.contains(part)).count(), 1, "{part}: {found:#?}");
        }
    }

    #[test]
    fn a_whole_call_belongs_to_another_command() {
        let found = mistakes("titel = \"t\"\n[[party]]\nname = \"ana\"\n");
        assert_eq!(found.len(), 1, "one line says it all: {found:#?}");
        assert!(
            found[0].starts_with("f.toml:2: party: belongs to another kind of file: play it with hookswitch simulate")
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let found = mistakes("title = \"t\"\n").join("\n");
        for key in ["world", "account", "now", "exchange"] {
            assert!(found.contains(&format!("{key}: is missing")), "{key}: {found}");
        }
    }
}
