//! The commands, typed as an operator types them: what goes to stdout, what to stderr, and the exit code.
//!
//! Deliberately not here: what the server answers (`flows`), and tables of single values; they stand beside the code.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::program::Home;
use crate::support::{DEMO, encode};
use crate::wire;

/// The repository, whose examples are used.
const HERE: &str = env!("CARGO_MANIFEST_DIR");

/// What came of a command.
pub struct Done {
    /// Its exit code.
    pub code: Option<i32>,
    /// What went to stdout.
    pub out: String,
    /// What went to stderr.
    pub err: String,
}

impl Done {
    /// Panics with everything that was said unless this is the exit code and these words were said, stdout's first.
    pub fn expect(&self, code: i32, out: &[&str], err: &[&str], why: &str) {
        let Self { code: got, out: said, err: complained } = self;
        let right = *got == Some(code)
            && out.iter().all(|part| said.contains(part))
            && err.iter().all(|part| complained.contains(part))
            && (!out.is_empty() || said.is_empty())
            && !said.contains('\u{1b}')
            && !complained.contains('\u{1b}');
        assert!(
            right,
            "{why}: expected {code} {out:?} {err:?}, got {got:?}\n--- stdout\n{said}--- stderr\n{complained}"
        );
    }
}

impl Home {
    /// Runs a command.
    pub fn run(&self, args: &[&str]) -> Done {
        self.run_with(args, &[])
    }

    /// Runs a command with more environment.
    pub fn run_with(&self, args: &[&str], env: &[(&str, &str)]) -> Done {
        let done = self.command().args(args).envs(env.iter().copied()).output().expect("it starts");
        let text = |bytes| String::from_utf8(bytes).expect("what is said is UTF-8");
        Done { code: done.status.code(), out: text(done.stdout), err: text(done.stderr) }
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.path().join(name), text).expect("written");
    }
}

fn repository(path: &str) -> String {
    Path::new(HERE).join(path).display().to_string()
}

#[test]
fn a_command_line_that_cannot_be_read_ends_with_2() {
    let home = Home::with(DEMO);
    for (args, err, why) in [
        (&[][..], "Commands:", "nothing at all"),
        (&["srve"], "a similar subcommand exists: 'serve'", "a slip"),
        (&["explain"], "--from <PHONE>", "what has to be said is missing"),
        (&["explain", "--from", "+1312", "--to", "+13125550190"], "write a phone as +", "no phone"),
        (&["explain", "--from", "+13125550101", "--to", "5550190"], "write the number as +", "no number"),
        (
            &["explain", "--from", "+13125550101", "--to", "+13125550190", "--at", "yesterday"],
            "write an instant with its offset, such as 2026-03-09T18:03:00-05:00",
            "no instant",
        ),
        (
            &["explain", "--from", "+13125550101", "--to", "+13125550190", "--at", "1969-12-31T23:59:59Z"],
            "only instants from 1970 to 2100 are known",
            "too long ago",
        ),
        (
            &["explain", "--from", "+13125550101", "--to", "+13125550190", "--channel", "fax"],
            "write voice or sms",
            "no channel",
        ),
        (&["check"], "<FILE>", "no file"),
        (&["check", "none.toml"], "none.toml cannot be read", "a file that is not there"),
        (&["apply", "none.toml"], "none.toml cannot be read", "the same for apply"),
        (&["sign", "h.example", "--token", "x"], "write the whole address", "no address"),
        (&["sign", "http://h/x", "Body", "--token", "x"], "write NAME=VALUE", "no parameter"),
        (&["config", "print", "--config", "none.toml"], "none.toml cannot be read", "a named configuration is read"),
        (&["completions", "tcsh"], "possible values: bash", "no such shell"),
    ] {
        home.run(args).expect(2, &[], &[err], why);
    }
}

#[test]
fn every_command_tells_about_itself() {
    let home = Home::with(DEMO);
    home.run(&["--version"]).expect(0, &[concat!("hookswitch ", env!("CARGO_PKG_VERSION"))], &[], "the version");
    home.run(&["--help"]).expect(0, &["serve", "explain", "Examples:"], &[], "the program");
    let commands = [
        "serve",
        "demo",
        "apply",
        "check",
        "explain",
        "sign",
        "verify",
        "replay",
        "doctor",
        "simulate",
        "record",
        "fixtures",
        "config",
        "migrate",
        "completions",
    ];
    for command in commands {
        home.run(&[command, "--help"]).expect(0, &["Usage: hookswitch", "Examples:"], &[], command);
    }
    home.run(&["completions", "bash"]).expect(0, &commands, &[], "a shell learns every command");
    let printed = home.run(&["serve", "--print-default-config"]);
    printed.expect(0, &["listen = \"127.0.0.1:8080\""], &[], "the default configuration");
    home.write("hookswitch.toml", &printed.out);
    home.run_with(&["config", "print", "--origin"], &[("HOOKSWITCH_JOURNAL_DAYS", "3")]).expect(
        0,
        &["hookswitch.toml:", "# HOOKSWITCH_JOURNAL_DAYS", "admin_key = \"(set)\""],
        &[],
        "what is printed is a configuration",
    );
    let json: Value = serde_json::from_str(&home.run(&["config", "print", "--json"]).out).expect("it is JSON");
    assert_eq!(json["journal_days"]["value"], 14);
    assert_eq!(json["admin_key"], serde_json::json!({"value": "(set)", "origin": "HOOKSWITCH_ADMIN_KEY"}));
}

#[test]
fn all_mistakes_of_a_configuration_come_at_once() {
    let home = Home::with(DEMO);
    home.write("bad.toml", "listne = \"x\"\njournal_days = \"two\"\npublic_base_url = \"calls.example.com\"\n[more]\n");
    for command in [&["serve"][..], &["migrate"], &["config", "print"]] {
        let done = home.run_with(&[&["--config", "bad.toml"], command].concat(), &[("HOOKSWITCH_TEST_CLOCK", "maybe")]);
        done.expect(
            2,
            &[],
            &[
                "bad.toml:1: listne: there is no such key; did you mean \"listen\"?",
                "bad.toml:2: journal_days: write a whole number",
                "bad.toml:3: public_base_url: \"calls.example.com\" is no base URL",
                "bad.toml:4: more: there are no tables here",
                "HOOKSWITCH_TEST_CLOCK: test_clock: write true or false",
            ],
            "each mistake with its place",
        );
    }
    assert!(!home.data().exists(), "nothing was made");
}

#[test]
fn check_tells_every_mistake_and_changes_nothing() {
    let home = Home::with(DEMO);
    let (broken, demo) = (repository("routing-rules/broken/five-mistakes.toml"), repository("routing-rules/demo.toml"));
    let lines = [
        "11: tenant.auth_id",
        "18: location.chicago",
        "19: location.chicago",
        "23: technician.jo",
        "27: work_order.wo-1",
    ];
    let expected: Vec<String> = lines.iter().map(|line| format!("{broken}:{line}")).collect();
    let expected: Vec<&str> = expected.iter().map(String::as_str).chain(["not ok (5 to mend)"]).collect();
    home.run(&["check", &broken]).expect(1, &[], &expected, "five mistakes");
    home.run(&["check", &demo]).expect(0, &[&format!("{demo}: ok")], &[], "the demo is right");
    home.run(&["check", &demo, &broken]).expect(1, &[&format!("{demo}: ok")], &expected, "one of two");
    let json = home.run(&["check", "--json", &broken]);
    let found: Value = serde_json::from_str(&json.out).expect("it is JSON");
    assert_eq!((json.code, found.as_array().map(Vec::len)), (Some(1), Some(5)));
    assert_eq!((&found[1]["line"], &found[1]["warning"]), (&Value::from(18), &Value::from(false)));
    assert!(!home.data().exists(), "no database was made");
}

#[test]
fn apply_changes_what_a_file_names_whole_or_not_at_all() {
    let home = Home::with(DEMO);
    let (broken, demo) = (repository("routing-rules/broken/five-mistakes.toml"), repository("routing-rules/demo.toml"));
    home.run(&["apply", "--dry-run", &demo]).expect(0, &["chicago"], &["changes would be made"], "a plan");
    home.run(&["apply", &demo]).expect(0, &["chicago"], &["changes made"], "the plan was only a plan");
    home.run(&["apply", &demo]).expect(0, &[], &["nothing to change"], "the second time");
    home.run(&["apply", &broken]).expect(1, &[], &["27: work_order.wo-1", "not applied"], "a broken file");
    home.run(&["apply", &demo]).expect(0, &[], &["nothing to change"], "the broken file changed nothing");
    home.run(&["migrate"]).expect(0, &[], &["this version's shape"], "nothing to migrate");
}

#[test]
fn explain_needs_a_database_or_rules() {
    let home = Home::with(DEMO);
    let demo = repository("routing-rules/demo.toml");
    let call = ["explain", "--from", "+13125550101", "--to", "+13125550190", "--at", "2026-03-09T09:02:11-05:00"];
    home.run(&call).expect(2, &[], &["there is no such file", "--rules FILE"], "no database, and what to do");
    assert!(!home.data().exists(), "explaining makes nothing");
    let by_rules = [&call[..], &["--rules", &demo]].concat();
    let told = home.run(&by_rules);
    told.expect(
        0,
        &["At:        Monday 2026-03-09 09:02:11 America/Chicago", "Press 1 to accept.", "Fallbacks: voicemail"],
        &[],
        "by rules",
    );
    assert!(told.out.starts_with("The call goes to the back office (desk-1).\n"), "{}", told.out);
    assert!(!told.out.contains("5550101"), "a person is shown no whole number: {}", told.out);
    let json = home.run(&[&by_rules[..], &["--json", "--document"]].concat());
    let json: Value = serde_json::from_str(&json.out).expect("it is JSON");
    assert_eq!(json["decision"]["destination"], serde_json::json!({"kind": "backoffice", "lines": ["desk-1"]}));
    let codes: Vec<&str> =
        json["decision"]["why"].as_array().into_iter().flatten().filter_map(|r| r["code"].as_str()).collect();
    assert_eq!(codes, ["session_live", "hours_open", "route_in_hours", "whisper_on", "require_accept"]);
    assert!(json["document"].as_str().is_some_and(|document| document.starts_with("<?xml")));
    let broken = repository("routing-rules/broken/five-mistakes.toml");
    home.run(&[&call[..], &["--rules", &broken]].concat()).expect(2, &[], &["has mistakes"], "rules that are broken");
}

/// The address, headers and form of a curl command as `sign` prints it.
fn curl(line: &str) -> (String, BTreeMap<String, String>, String) {
    let words: Vec<&str> = line.split('\'').collect();
    let mut form = Vec::new();
    let mut headers = BTreeMap::new();
    for pair in words[2..].chunks(2) {
        match *pair {
            [" -H ", header] => {
                let (name, value) = header.split_once(": ").expect("a header");
                headers.insert(name.to_owned(), value.to_owned());
            }
            [" --data-urlencode ", param] => form.push(param.split_once('=').expect("a parameter")),
            ref other => assert!(other.concat().is_empty(), "{other:?} of {line}"),
        }
    }
    (words[1].to_owned(), headers, encode(&form))
}

#[tokio::test]
async fn what_is_signed_is_accepted_and_explained_while_the_server_runs() {
    let home = Home::with(DEMO);
    let server = home.start(&[]).await;
    let base = "http://127.0.0.1:8080";
    let voice = format!("{base}/webhooks/acme-twilio/voice");
    let call = ["CallSid=CA1", "From=+13125550101", "To=+13125550190", "CallStatus=ringing"];
    let sign = |url: &str, form: &[&str]| home.run(&[&["sign", url], form, &["--account", "acme-twilio"]].concat());

    let signed = sign(&voice, &call);
    signed.expect(0, &["X-Twilio-Signature: ", "curl -sS '"], &[], "a signature and a command");
    let (url, headers, body) = curl(signed.out.lines().nth(1).expect("a second line"));
    let target = url.strip_prefix(base).expect("the address that was signed");
    let signature = headers["X-Twilio-Signature"].as_str();
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let send = async |signature: &str, target: &str, body: &str| {
        let request = wire::request("POST", target, &[("X-Twilio-Signature", signature), kind], body.as_bytes());
        wire::send(server.address, &request).await.expect("an answer")
    };
    let answer = send(signature, target, &body).await;
    assert!(answer.status == 200 && answer.text().contains("<Response>"), "{}", answer.text());
    assert_eq!(send("wrong", target, &body).await.status, 403);
    assert!(home.log().contains("a webhook's signature is wrong"), "{}", home.log());

    let verify = |url: &str| {
        home.run(&[&["verify", url], &call[..], &["--account", "acme-twilio", "--signature", signature]].concat())
    };
    verify(&voice).expect(0, &["right"], &[], "the same address");
    for (url, said, why) in [
        (voice.replace("http:", "https:"), "scheme http", "another scheme"),
        (voice.replace(":8080", ""), "wrong", "another port"),
        (format!("{voice}/"), "path", "a slash too many"),
    ] {
        verify(&url).expect(1, &["wrong", said], &[], why);
    }
    let known = "there are: acme-signalwire, acme-twilio";
    home.run(&["sign", &voice, "--account", "acme"]).expect(2, &[], &[known], "no such account");

    let jo_texts = ["explain", "--from", "+13125550144", "--to", "+13125550190", "--channel", "sms"];
    home.run(&jo_texts).expect(0, &["The text goes to customer ana."], &[], "beside the running server");
    let stop = ["MessageSid=SM1", "From=+13125550101", "To=+13125550190", "Body=STOP"];
    let signed = sign(&voice.replace("voice", "sms"), &stop);
    let (_, headers, body) = curl(signed.out.lines().nth(1).expect("a second line"));
    assert_eq!(send(&headers["X-Twilio-Signature"], "/webhooks/acme-twilio/sms", &body).await.status, 200);
    home.run(&jo_texts).expect(0, &["opted out"], &[], "what was acknowledged is seen");
    server.stop().await;
}

const FIXTURE: &str = r#"title = "A stranger is told goodbye"
world = "demo"
account = "acme-twilio"
now = "2026-03-09T09:02:11-05:00"

[[exchange]]
request = "POST /webhooks/acme-twilio/voice"
form = { CallSid = "${call}", From = "+13125550199", To = "+13125550190", CallStatus = "ringing", Direction = "inbound" }
expect.decision = { match = "none", destination = { kind = "voicemail" } }
"#;

#[test]
fn replay_ends_with_what_came_of_it() {
    let home = Home::with(DEMO);
    home.write("right.toml", FIXTURE);
    home.write("wrong.toml", &FIXTURE.replace("voicemail", "hangup"));
    home.write("unreadable.toml", &FIXTURE.replace("[[exchange]]", "[[exchanges]]"));
    home.write("world.toml", &FIXTURE.replace("\"demo\"", "\"nowhere\""));
    for (args, code, out, err, why) in [
        (&["right.toml"][..], 0, "1 passed", "", "as expected"),
        (&["wrong.toml"], 4, "- destination.kind = hangup", "", "a difference"),
        (&["unreadable.toml"], 2, "unreadable.toml:6", "", "a file that cannot be read"),
        (&["world.toml"], 3, "there is no world \"nowhere\"", "", "a world that is not there"),
        (&["none"], 3, "", "none is neither a file nor a folder", "nothing there"),
        (&[], 3, "", "fixtures", "no fixtures here"),
        (&["--bogus"], 1, "", "--bogus", "a wrong command line"),
        (&["right.toml", "--public-url", "https://h.example"], 1, "", "--target", "what does not go together"),
        (&["right.toml", "--target", "127.0.0.1:9"], 1, "", "write an address", "a server without its scheme"),
        (&["right.toml", "--target", "http://127.0.0.1:9"], 3, "", "does not answer", "no server"),
    ] {
        let out: &[&str] = if out.is_empty() { &[] } else { &[out] };
        home.run(&[&["replay"], args].concat()).expect(code, out, &[err], why);
    }
    let json = home.run(&["replay", "right.toml", "--json", "-"]);
    let report: Value = serde_json::from_str(&json.out).expect("the report has stdout to itself");
    assert!(report.is_object() && json.err.contains("1 passed"), "{}", json.err);
    home.run_with(&["replay", "wrong.toml", "--update"], &[("CI", "true")]).expect(1, &[], &["CI"], "nobody reviews");
}

#[test]
fn a_record_that_asks_for_nothing_makes_no_key() {
    let home = Home::with(DEMO);
    for (args, err, why) in [
        (&["record"][..], "say what to record", "nothing"),
        (&["record", "CA1", "--forward", "http://127.0.0.1:9"], "--forward", "half of a passage beside a call"),
    ] {
        home.run(args).expect(2, &[], &[err], why);
        assert!(!home.path().join("data/redaction.key").exists(), "{why}");
    }
}

#[test]
fn what_replay_wrote_is_reviewed() {
    let home = Home::with(DEMO);
    let desk = &[("CI", "")][..];
    home.run_with(&["review", "."], desk).expect(0, &[], &["Nothing waits"], "nothing was written");
    home.write("wrong.toml", &FIXTURE.replace("voicemail", "hangup"));
    home.run_with(&["replay", "wrong.toml", "--update"], desk).expect(
        5,
        &["wrong.toml.new is written"],
        &[],
        "written",
    );
    let shown = ["- destination.kind = hangup", "+ destination.kind = voicemail"];
    home.run_with(&["review", "wrong.toml"], desk).expect(5, &shown, &["--accept-all"], "nobody is at a terminal");
    home.run_with(&["review", "--list", "."], desk).expect(5, &["wrong.toml.new"], &[], "a list");
    home.run_with(&["review", "--accept-all", "."], &[("CI", "1")]).expect(1, &[], &["CI"], "nobody looked at it");
    home.run_with(&["review", "--accept-all", "."], desk).expect(0, &[], &["1 accepted"], "accepted");
    home.run_with(&["replay", "wrong.toml"], desk).expect(0, &["1 passed"], &[], "what came is what is expected");
    home.run_with(&["review", "none"], desk).expect(3, &[], &["none is neither a file nor a folder"], "no such path");
}
