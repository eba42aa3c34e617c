//! Runs against a target in memory that answers what it was told to.

use std::collections::BTreeMap;
use std::path::Path;

use parking_lot::Mutex;
use serde_json::json;

use super::*;
use crate::domain::{AccountKind, Moment};
use crate::replay::kind::Exchanges;
use crate::replay::play::{self, Played, Stage};
use crate::replay::read;
use crate::replay::signing::Signer;
use crate::replay::target::Target;
use crate::replay::target::{Answer, Seen, Wire};
use crate::rules::ruleset::Secret;

/// Answers in order; remembers what it was asked, and when.
#[derive(Default)]
struct Scripted {
    answers: Vec<(u16, &'static str)>,
    asked: Mutex<Vec<(Wire, Moment)>>,
    steps: Vec<Seen>,
}

impl Target for Scripted {
    async fn send(&self, wire: &Wire, at: Moment) -> Result<Answer, String> {
        let mut asked = self.asked.lock();
        let (status, body) = *self.answers.get(asked.len()).ok_or("no answer is left")?;
        asked.push((wire.clone(), at));
        Ok(Answer { status, content_type: None, body: body.as_bytes().to_vec() })
    }

    async fn steps(&self, _sid: &str) -> Result<Option<Vec<Seen>>, String> {
        Ok(Some(self.steps[..self.asked.lock().len().min(self.steps.len())].to_vec()))
    }

    fn told_the_time(&self) -> bool {
        false
    }
}

const FILE: &str = r#"
title = "Two steps"
world = "w"
account = "acme"
now = "2026-03-09T09:02:11-05:00"
[[exchange]]
request = "POST /webhooks/acme/voice"
form = { CallSid = "${call}", From = "+13125550101" }   # who calls
expect.status = 200
expect.document = '''
<Response><Dial timeout="20" action="${url dialed}"><Number url="${url whisper}">+13125550123</Number></Dial></Response>'''
expect.decision = { match = "live", why = ["session_live", "hours_open"] }
expect.effects = ["interaction.routed"]
[[exchange]]
after = "6s"
request = "POST ${url whisper}"
form = { CallSid = "${leg}", ParentCallSid = "${call}" }
expect.document = "<Response/>"
"#;

const DIAL: &str = "<?xml version=\"1.0\"?><Response><Dial method=\"POST\" timeout=\"20\" action=\"https://h/webhooks/acme/voice/dialed?call=00&amp;attempt=1\">\
    <Number url=\"https://h/webhooks/acme/voice/whisper?call=00&amp;attempt=1\">+13125550123</Number></Dial></Response>";

fn signers() -> BTreeMap<String, Signer> {
    let signer = Signer {
        kind: AccountKind::Twilio,
        tokens: vec![Secret::new("t")],
        signing_keys: Vec::new(),
        public_base_url: String::new(),
        enforced: true,
    };
    BTreeMap::from([("acme".to_owned(), signer)])
}

fn seen(why: &[&str]) -> Vec<Seen> {
    let why: Vec<_> = why.iter().map(|code| json!({"code": code, "text": format!("About {code}.")})).collect();
    vec![Seen { decision: json!({"match": "live", "why": why}), effects: vec!["interaction.routed".to_owned()] }]
}

async fn played(text: &str, target: &Scripted, sign: Option<crate::replay::Sign>) -> (File, Played) {
    shifted(text, target, sign, std::time::Duration::ZERO).await
}

async fn shifted(
    text: &str,
    target: &Scripted,
    sign: Option<crate::replay::Sign>,
    shift: std::time::Duration,
) -> (File, Played) {
    let file = read::file(Path::new("f.toml"), text);
    let signers = signers();
    let cases = file.cases.as_ref().expect("it reads");
    let stage = Stage {
        signers: &signers,
        rulesets: &[],
        base: "https://h",
        sign,
        seed: "f.toml".to_owned(),
        start: cases[0].now.plus(shift),
    };
    let played = play::case(&cases[0], &stage, target).await.expect("it plays");
    (file, played)
}

#[tokio::test]
async fn a_sequence_is_played_in_order_and_signed() {
    let target = Scripted {
        answers: vec![(200, DIAL), (200, "<Response></Response>")],
        steps: seen(&["session_live", "hours_open"]),
        ..Scripted::default()
    };
    let (_, played) = played(FILE, &target, None).await;
    assert_eq!(played.differences, []);
    let asked = target.asked.lock();
    assert_eq!(asked[1].0.target, "/webhooks/acme/voice/whisper?call=00&attempt=1");
    assert_eq!(asked[1].1, Moment::read("2026-03-09T14:02:17Z").expect("an instant"), "six seconds later");
    let sid = |no: usize, name: &str| {
        form_urlencoded::parse(&asked[no].0.body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    };
    assert_eq!(sid(0, "CallSid"), sid(1, "ParentCallSid"));
    assert_ne!(sid(0, "CallSid"), sid(1, "CallSid"));
    assert!(asked.iter().all(|(wire, _)| wire.headers.iter().any(|(name, _)| name == "x-twilio-signature")));
}

#[tokio::test]
async fn the_instant_of_a_decision_moves_with_the_beginning() {
    let text = FILE.replacen("match = \"live\",", "match = \"live\", at = \"2026-03-09T14:02:11Z\",", 1);
    let day = std::time::Duration::from_hours(24);
    for (came, shift, differs, why) in [
        ("2026-03-09T14:02:11Z", std::time::Duration::ZERO, false, "as it stands"),
        ("2026-03-10T14:02:11Z", day, false, "a day later"),
        ("2026-03-09T14:02:11Z", day, true, "it should be a day later"),
    ] {
        let mut steps = seen(&["session_live", "hours_open"]);
        steps[0].decision["at"] = came.into();
        let target = Scripted { answers: vec![(200, DIAL), (200, "<Response/>")], steps, ..Scripted::default() };
        let (_, played) = shifted(&text, &target, None, shift).await;
        let paths: Vec<&str> = played.differences.iter().map(|it| it.path.as_str()).collect();
        assert_eq!(paths, if differs { vec!["decision.at"] } else { vec![] }, "{why}");
    }
}

#[tokio::test]
async fn a_difference_names_its_place_and_its_reason() {
    let late = "<Response><Dial timeout=\"25\" action=\"https://h/webhooks/acme/voice/dialed?call=00\"><Number url=\"https://h/webhooks/acme/voice/whisper\">+13125550123</Number></Dial></Response>";
    let target = Scripted {
        answers: vec![(200, late), (200, "<Response><Hangup/></Response>")],
        steps: seen(&["session_live", "hours_closed"]),
        ..Scripted::default()
    };
    let (_, played) = played(FILE, &target, None).await;
    let found: Vec<(usize, &str)> = played.differences.iter().map(|it| (it.exchange, it.path.as_str())).collect();
    assert_eq!(found, [(1, "/Response/Dial[1]/@timeout"), (1, "decision.why"), (2, "/Response/Hangup[1]")]);
    assert_eq!(played.reason.as_deref(), Some("reason 2 is hours_closed, not hours_open: About hours_closed."));
}

#[tokio::test]
async fn a_request_whose_address_never_came_ends_the_case() {
    let target = Scripted { answers: vec![(200, "<Response/>")], ..Scripted::default() };
    let (_, played) = played(FILE, &target, None).await;
    let last = played.differences.last().expect("a difference");
    assert_eq!((last.exchange, last.path.as_str()), (2, "request"));
    assert!(last.got.contains("\"whisper\""), "{}", last.got);
}

#[tokio::test]
async fn wrong_signatures_are_all_to_be_refused() {
    let target = Scripted { answers: vec![(403, ""), (403, "")], ..Scripted::default() };
    let (_, refused) = played(FILE, &target, Some(crate::replay::Sign::Bad)).await;
    assert_eq!(refused.differences, []);
    assert_eq!(target.asked.lock().len(), 1, "the second request needs an answer to the first");
    let target = Scripted { answers: vec![(200, DIAL)], ..Scripted::default() };
    let (_, let_in) = played(FILE, &target, Some(crate::replay::Sign::Bad)).await;
    assert_eq!((let_in.differences[0].path.as_str(), let_in.differences[0].got.as_str()), ("status", "200"));
}

#[tokio::test]
async fn what_came_is_written_down_and_then_passes() {
    let other = "<Response><Say>Hi, &lt;you&gt;</Say><Redirect>https://h/webhooks/acme/voice/whisper?call=7&amp;attempt=2</Redirect></Response>";
    let target = || Scripted {
        answers: vec![(201, other), (200, "<Response/>")],
        steps: seen(&["no_session"]),
        ..Scripted::default()
    };
    let (file, first) = played(FILE, &target(), None).await;
    assert!(!first.differences.is_empty());
    let text = update::rewritten(FILE, &file.cases.expect("it reads")[0], &first).expect("it is rewritten");
    for kept in ["# who calls", "expect.document = \"<Response/>\"", "title = \"Two steps\""] {
        assert!(text.contains(kept), "{kept} stays:\n{text}");
    }
    assert!(text.contains("<Redirect>${url whisper attempt=2}</Redirect>"), "{text}");
    let (_, second) = played(&text, &target(), None).await;
    assert_eq!(second.differences, [], "{text}");
}

#[test]
fn pending_files_have_to_fail() {
    let file = |pending: bool| {
        let line = if pending { "pending = \"not built\"\n" } else { "" };
        read::file(Path::new("no/such/f.toml"), &format!("{line}{}", FILE.trim_start()))
    };
    let difference = Difference::of_all("status", "200", "500");
    for (pending, differences, word, why) in [
        (false, vec![], "passed", "as expected"),
        (false, vec![difference.clone()], "failed", "a difference"),
        (true, vec![difference], "pending", "a difference that is expected"),
        (true, vec![], "failed", "pending, and passes"),
    ] {
        let file = file(pending);
        let cases = file.cases.clone().expect("it reads");
        let played = vec![Played { differences, ..Played::default() }];
        let result = settle::<Exchanges>(&file, &cases, played, &Options::default(), Instant::now());
        assert_eq!(result.outcome.word(), word, "{why}");
    }
}

#[tokio::test]
async fn a_run_is_refused_where_options_do_not_go_together() {
    let folder = tempfile::tempdir().expect("a folder");
    let options =
        || Options { paths: vec![folder.path().to_owned()], folder: folder.path().to_owned(), ..Options::default() };
    for (options, code, why) in [
        (Options { update: true, ci: true, ..options() }, 1, "rewriting on a build machine"),
        (Options { shard: Some((3, 2)), ..options() }, 1, "the third of two"),
        (Options { public_url: Some("https://h".into()), ..options() }, 1, "an address of nothing"),
        (options(), 3, "no file"),
    ] {
        let summary = run::<Exchanges>(options, &mut crate::replay::Silent).await;
        assert_eq!(summary.exit_code(), code, "{why}");
    }
    std::fs::write(folder.path().join("bad.toml"), "titel = 1\n").expect("written");
    let summary = run::<Exchanges>(
        Options { junit: Some(folder.path().join("out/junit.xml")), ..options() },
        &mut crate::replay::Silent,
    )
    .await;
    assert_eq!(summary.exit_code(), 2, "a file that does not parse");
    assert!(folder.path().join("out/junit.xml").is_file() && folder.path().join(".hookswitch/last-failed").is_file());
}

#[test]
fn every_fixture_of_ours_can_be_read_and_has_its_world() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let paths = select::files(&[fixtures.join("voice"), fixtures.join("sms")], &[]).expect("there are some");
    let mut exchanges = 0;
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("it can be read");
        let file = read::file(&path, &text);
        for case in file.cases.unwrap_or_else(|mistakes| panic!("{mistakes:#?}")) {
            exchanges += case.exchanges.len();
            let there = case.world == DEMO || crate::replay::world::locate(&path, &case.world).is_some();
            assert!(there, "{}: no world {}", path.display(), case.world);
        }
    }
    assert!(exchanges >= 70, "only {exchanges} exchanges");
}

#[test]
fn the_readme_lists_every_kind_of_effect() {
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/README.md");
    let text = std::fs::read_to_string(readme).expect("it can be read");
    let (_, list) = text.split_once("## Kinds of effect").expect("it has the section");
    let listed: Vec<&str> = list.split('`').skip(1).step_by(2).collect();
    assert_eq!(listed, crate::routing::effect::Effect::KINDS);
}

/// Needs the fixtures' engine: everything below it.
#[tokio::test(flavor = "multi_thread")]
async fn our_fixtures_pass() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options {
        paths: vec![fixtures.join("voice"), fixtures.join("sms")],
        folder: folder.path().to_owned(),
        ..Options::default()
    };
    let summary = run::<Exchanges>(options, &mut crate::replay::Silent).await;
    let told = crate::replay::story::told(&summary, crate::replay::story::Style::default());
    assert_eq!(summary.exit_code(), 0, "{told}");
}

#[tokio::test]
async fn a_file_with_rows_is_named_where_it_is_not_rewritten() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "world = \"demo\"\naccount = \"acme-twilio\"\nnow = \"2026-03-09T09:02:11-05:00\"\n[[exchange]]\n\
                request = \"POST /webhooks/acme-twilio/voice\"\n\
                form = { CallSid = \"${call}\", From = \"+13125550101\", To = \"+13125550190\", CallStatus = \"ringing\" }\n\
                expect.status = 500\n";
    for (name, rows) in [("none", ""), ("one", "[[row]]\nx = 1\n"), ("two", "[[row]]\nx = 1\n[[row]]\nx = 2\n")] {
        std::fs::write(folder.path().join(format!("{name}.toml")), format!("title = \"{name}\"\n{text}{rows}"))
            .expect("written");
    }
    let paths = vec![folder.path().to_owned()];
    let options =
        |update| Options { paths: paths.clone(), folder: folder.path().to_owned(), update, ..Options::default() };
    let plain = run::<Exchanges>(options(false), &mut crate::replay::Silent).await;
    assert!(plain.by_hand.is_empty(), "nothing was to be rewritten");
    let summary = run::<Exchanges>(options(true), &mut crate::replay::Silent).await;
    let names = |paths: &[PathBuf]| -> Vec<String> {
        paths.iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect()
    };
    assert_eq!(names(&summary.written), ["none.toml.new"]);
    assert_eq!(names(&summary.by_hand), ["one.toml", "two.toml"]);
    assert_eq!(summary.exit_code(), 4, "not all was rewritten");
}
