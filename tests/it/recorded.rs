//! Calls and texts of a running server, recorded: each plays again at once and is green, and nothing in the files is
//! anybody's.
//!
//! Deliberately not here: each parameter's rule and each kind of leak (tables beside the code).

use std::fs;
use std::path::Path;

use hookswitch::providers::clock;
use hookswitch::rules::ruleset::Secret;
use serde_json::Value;

use crate::program::{Home, Program};
use crate::support::{DEMO, always_open, encode};
use crate::wire;

/// Who takes part, with numbers that may be somebody's: put together here, so that no source has them.
struct People {
    ana: String,
    jo: String,
    desk: String,
    number: String,
    stranger: String,
    dee: String,
    dees_number: String,
}

impl People {
    fn new() -> Self {
        let number = |area: &str, last: &str| format!("+1{area}{}{last}", ["4", "8", "7"].concat());
        Self {
            ana: number("312", "2963"),
            jo: number("312", "2964"),
            desk: number("312", "2965"),
            number: number("312", "2966"),
            stranger: number("773", "2967"),
            dee: number("303", "2968"),
            dees_number: number("303", "2969"),
        }
    }

    /// The demo with these people, their own names, and a town of their own.
    fn world(&self) -> String {
        let mut rules = always_open(DEMO);
        for (before, after) in [
            ("+13125550101", self.ana.as_str()),
            ("+13125550144", &self.jo),
            ("+13125550123", &self.desk),
            ("+13125550190", &self.number),
            ("+13035550144", &self.dee),
            ("+13035550190", &self.dees_number),
            ("voice_no_match_action = \"voicemail\"", "voice_no_match_action = \"dispatcher_queue\""),
            ("Ana Alvarez", "Dorothea Quimby"),
            ("name = \"Jo\"", "name = \"Zebulon\""),
            ("Acme Plumbing", "Quimby Brothers"),
            ("AC00000000000000000000000000000001", &format!("AC{}", "9d".repeat(16))),
        ] {
            assert!(rules.contains(before), "the demo has {before}");
            rules = rules.replace(before, after);
        }
        rules
    }

    /// Everything that may be in no file, in every writing.
    fn real(&self) -> Vec<String> {
        let mut all: Vec<String> = ["Dorothea", "Quimby", "Zebulon", "Chloe Park", "quimby", "front door", "chicago"]
            .map(str::to_owned)
            .into();
        for phone in [&self.ana, &self.jo, &self.desk, &self.number, &self.stranger, &self.dee, &self.dees_number] {
            let digits = &phone[1..];
            all.push(digits.to_owned());
            all.push(digits[1..].to_owned());
            all.push(digits[4..].to_owned());
            all.push(format!("{}-{}", &digits[4..7], &digits[7..]));
        }
        all
    }
}

/// A provider that talks to the server.
struct Provider<'a> {
    server: &'a Program,
    people: &'a People,
}

impl Provider<'_> {
    async fn post(&self, path: &str, form: &[(&str, &str)]) -> String {
        let account = format!("AC{}", "9d".repeat(16));
        let more = [("AccountSid", account.as_str()), ("FromCity", "CHICAGO"), ("CallerName", "DOROTHEA QUIMBY")];
        let form: Vec<(&str, &str)> = form.iter().chain(&more).copied().collect();
        let answer = wire::send(self.server.address, &wire::signed(path, encode(&form).as_bytes())).await;
        let answer = answer.expect("it answers");
        assert!(matches!(answer.status, 200 | 204), "{path}: {}", answer.status);
        answer.text().to_owned()
    }

    async fn call(&self, sid: &str, from: &str) -> String {
        let form = [
            ("CallSid", sid),
            ("From", from),
            ("To", self.people.number.as_str()),
            ("CallStatus", "ringing"),
            ("Direction", "inbound"),
        ];
        self.post("voice", &form).await
    }

    async fn text(&self, sid: &str, from: &str, body: &str) -> String {
        let form = [("MessageSid", sid), ("From", from), ("To", self.people.number.as_str()), ("Body", body)];
        let rest = [("NumMedia", "0"), ("NumSegments", "1"), ("SmsStatus", "received")];
        self.post("sms", &[form.as_slice(), &rest].concat()).await
    }
}

/// The path behind the account of the first address of this step in a document.
fn address(document: &str, step: &str) -> String {
    let document = document.replace("&amp;", "&");
    let from = document.find(&format!("/webhooks/acme-twilio/voice/{step}?")).unwrap_or_else(|| panic!("{document}"));
    document[from + "/webhooks/acme-twilio/".len()..].split(['"', '<']).next().unwrap_or_default().to_owned()
}

/// A provider's id that may be somebody's call.
fn sid(kind: &str, no: u8) -> String {
    format!("{kind}{}{no:02x}", "7e3b9".repeat(6))
}

async fn busy_day(provider: &Provider<'_>) -> Vec<(String, &'static str)> {
    let People { ana, jo, stranger, .. } = provider.people;
    let mut made = Vec::new();
    let mut new = |kind: &str, what: &'static str| {
        let sid = sid(kind, u8::try_from(made.len()).expect("few"));
        made.push((sid.clone(), what));
        sid
    };

    let accepted = new("CA", "the desk takes it");
    let child = sid_of_leg(1);
    let first = provider.call(&accepted, ana).await;
    let leg = [
        ("CallSid", child.as_str()),
        ("ParentCallSid", &accepted),
        ("From", &provider.people.number),
        ("To", &provider.people.desk),
        ("CallStatus", "in-progress"),
        ("Direction", "outbound-dial"),
    ];
    let whisper = provider.post(&address(&first, "whisper"), &leg).await;
    assert!(whisper.contains("Dorothea Quimby"), "{whisper}");
    let pressed = [leg.as_slice(), &[("Digits", "1")]].concat();
    provider.post(&address(&whisper, "accept"), &pressed).await;
    let ended = [("CallSid", accepted.as_str()), ("CallStatus", "in-progress"), ("DialCallStatus", "completed")];
    let ended = [ended.as_slice(), &[("DialBridged", "true"), ("DialCallDuration", "31"), ("DialCallSid", &child)]];
    provider.post(&address(&first, "dialed"), &ended.concat()).await;

    let voicemail = new("CA", "a voicemail");
    let first = provider.call(&voicemail, ana).await;
    let busy = [("CallSid", voicemail.as_str()), ("CallStatus", "in-progress"), ("DialCallStatus", "busy")];
    let greeting = provider.post(&address(&first, "dialed"), &busy).await;
    let url = format!("https://api.twilio.com/2010-04-01/Accounts/AC{}/Recordings/{}", "9d".repeat(16), sid("RE", 9));
    let left = [("CallSid", voicemail.as_str()), ("RecordingUrl", &url), ("RecordingDuration", "7"), ("Digits", "#")];
    provider.post(&address(&greeting, "voicemail"), &left).await;

    let out = new("CA", "the technician calls the customer");
    provider.call(&out, jo).await;
    let waits = new("CA", "a stranger waits for a dispatcher");
    provider.call(&waits, stranger).await;
    let leaves = new("CA", "another hangs up while waiting");
    let queue = provider.call(&leaves, stranger).await;
    let queued = [("CallSid", leaves.as_str()), ("CallStatus", "in-progress"), ("QueueTime", "0")];
    let held = provider.post(&address(&queue, "queue-wait"), &queued).await;
    assert!(held.contains("number 2"), "{held}");
    let left = [("CallSid", leaves.as_str()), ("QueueResult", "hangup"), ("QueueTime", "9")];
    provider.post(&address(&queue, "queue-left"), &left).await;
    let withheld = new("CA", "somebody withheld");
    provider.call(&withheld, "anonymous").await;

    let menu = new("CA", "a technician presses a key that no customer has");
    let form = [("CallSid", menu.as_str()), ("From", &provider.people.dee), ("To", &provider.people.dees_number)];
    let asked = provider.post("voice", &form).await;
    let wrong = [("CallSid", menu.as_str()), ("CallStatus", "in-progress"), ("Digits", "9")];
    let again = provider.post(&address(&asked, "menu"), &wrong).await;
    assert!(again.contains("<Gather"), "{again}");

    let said = new("SM", "a text");
    provider.text(&said, ana, "Please come to the front door, it is urgent").await;
    let stop = new("SM", "an opt-out");
    provider.text(&stop, ana, "STOP").await;
    let told = new("SM", "a text that is not delivered");
    let answer = provider.text(&told, jo, "At the front door now").await;
    assert!(answer.contains("opted out"), "{answer}");
    let (asks, answers) = (new("SM", "a text for nobody yet"), new("SM", "whom it is for"));
    let (again, twice) = (new("SM", "the text again"), "Which valve is it?");
    for (sid, body) in [(&asks, twice), (&answers, "2"), (&again, twice)] {
        let form = [("MessageSid", sid.as_str()), ("From", &provider.people.dee), ("To", &provider.people.dees_number)];
        provider.post("sms", &[form.as_slice(), &[("Body", body), ("NumSegments", "1")]].concat()).await;
    }
    made
}

fn sid_of_leg(no: u8) -> String {
    sid("CA", 0xa0 + no)
}

#[tokio::test]
async fn what_a_server_did_plays_again_with_nobody_in_it() {
    let people = People::new();
    let home = Home::with(&people.world());
    let server = home.start(&[]).await;
    let made = busy_day(&Provider { server: &server, people: &people }).await;

    // While it runs.
    for (sid, what) in &made {
        let done = home.command().args(["record", sid, "-o", "fixtures"]).output().expect("it starts");
        let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        assert_eq!(done.status.code(), Some(0), "{what}:\n{said}{}", whole(home.path()));
    }
    let files = files(&home.path().join("fixtures"));
    let fixtures = files.iter().filter(|(path, _)| !path.contains("/worlds/")).count();
    assert_eq!(fixtures, made.len(), "one each: {:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    for (path, text) in &files {
        for real in people.real().iter().chain(made.iter().map(|(sid, _)| sid)) {
            assert!(!text.contains(real.as_str()) && !path.contains(real.as_str()), "{real} is in {path}:\n{text}");
        }
    }

    // All again: the same files, and nothing new.
    let done = home.command().args(["record", "--since", "1h", "-o", "fixtures"]).output().expect("it starts");
    assert_eq!(done.status.code(), Some(0), "{}", String::from_utf8_lossy(&done.stderr));
    assert_eq!(self::files(&home.path().join("fixtures")), files, "the same pseudonyms, the same files");

    let lint = home.command().args(["fixtures", "lint"]).output().expect("it starts");
    assert_eq!(lint.status.code(), Some(0), "{}", String::from_utf8_lossy(&lint.stdout));
    let replay = home.command().args(["replay", "--json", "-"]).output().expect("it starts");
    let report: Value = serde_json::from_slice(&replay.stdout).expect("it is JSON");
    assert_eq!(replay.status.code(), Some(0), "{report:#}");

    let last = home.command().args(["record", "--last", "failed", "-o", "bad"]).output().expect("it starts");
    let said = String::from_utf8_lossy(&last.stdout).into_owned();
    assert!(
        last.status.success() && said.contains("-that-is-not-delivered") || said.contains("chooses"),
        "the newest that ended badly: {said}"
    );
    let unknown = home.command().args(["record", "CAnobody", "-o", "bad"]).output().expect("it starts");
    assert_eq!(unknown.status.code(), Some(1), "an id that is not in the journal");
    server.kill();
}

/// A clock that stands still tells nobody who was first; the journal does.
#[tokio::test]
async fn what_came_at_the_same_instant_is_told_apart_by_the_journal() {
    let people = People::new();
    let home = Home::with(&people.world());
    let server = home.start(&[("HOOKSWITCH_TEST_CLOCK", "true")]).await;
    let target = "/webhooks/acme-twilio/sms";
    let text = async |no: u8, from: &str, body: &str| {
        let sid = sid("SM", no);
        let form = [("MessageSid", sid.as_str()), ("From", from), ("To", &people.number), ("Body", body)];
        let rest = [("NumMedia", "0"), ("NumSegments", "1"), ("SmsStatus", "received")];
        let body = encode(&[form.as_slice(), &rest].concat());
        let now = clock::sign(&Secret::new("demo-auth-token"), "2026-03-09T15:00:00Z", target, body.as_bytes());
        let signature = wire::signature(target, body.as_bytes());
        let headers = [
            ("X-Twilio-Signature", signature.as_str()),
            ("Content-Type", "application/x-www-form-urlencoded"),
            (clock::HEADER, &now),
        ];
        let request = wire::request("POST", target, &headers, body.as_bytes());
        (sid, wire::send(server.address, &request).await.expect("it answers").text().to_owned())
    };
    let (before, answer) = text(1, &people.jo, "On my way").await;
    assert!(!answer.contains("opted out"), "{answer}");
    let (stop, _) = text(2, &people.ana, "STOP").await;
    let (after, answer) = text(3, &people.jo, "At the front door now").await;
    assert!(answer.contains("opted out"), "{answer}");
    for (sid, stopped, refused) in [(&before, false, false), (&stop, true, false), (&after, true, true)] {
        let done = home.command().args(["record", sid, "-o", &format!("only-{sid}")]).output().expect("it starts");
        let said = String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned();
        let files = files(&home.path().join(format!("only-{sid}")));
        let (_, text) = files.iter().find(|(path, _)| path.contains("/sms/")).expect("it was written");
        assert_eq!(done.status.code(), Some(0), "{said}\n{text}");
        assert_eq!((text.contains("\"STOP\""), text.contains("opted out")), (stopped, refused), "{said}\n{text}");
        assert!(!text.contains("Differs"), "{text}");
    }
    server.kill();
}

/// Every file below a folder with its text, by name.
fn files(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push((path.display().to_string(), fs::read_to_string(&path).expect("it is text")));
        }
    }
    found.sort();
    found
}

/// Everything written so far, for a failing test.
fn whole(home: &Path) -> String {
    files(&home.join("fixtures")).into_iter().map(|(path, text)| format!("--- {path}\n{text}\n")).collect()
}
