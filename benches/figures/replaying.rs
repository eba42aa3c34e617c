//! Replaying this project's fixtures and a thousand files of one exchange each; simulating two hundred whole calls.
//!
//! Deliberately not here: what this project's own files contain.

use std::path::{Path, PathBuf};

use hookswitch::replay::{self, Options, Silent, Summary, simulate};

/// What is promised, in milliseconds (README).
const THOUSAND_EXCHANGES: f64 = 2_000.0;
const TWO_HUNDRED_CALLS: f64 = 5_000.0;

/// Prints the figures.
pub fn run() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder");
    let own = vec![root.join("fixtures/voice"), root.join("fixtures/sms")];
    told("replay of our own fixtures", &played(folder.path(), own), None);

    let (exchanges, calls) = (folder.path().join("exchanges"), folder.path().join("calls"));
    let worlds = folder.path().join("worlds");
    for made in [&exchanges, &calls, &worlds] {
        std::fs::create_dir_all(made).expect("a folder");
    }
    std::fs::copy(root.join("routing-rules/demo.toml"), worlds.join("demo.toml")).expect("a world");
    for world in files(&root.join("fixtures/worlds")) {
        std::fs::copy(&world, worlds.join(world.file_name().expect("a name"))).expect("a world");
    }
    for no in 0..1000 {
        std::fs::write(exchanges.join(format!("{no:04}.toml")), one_exchange(no)).expect("a file");
    }
    told("replay of one exchange each", &played(folder.path(), vec![exchanges]), Some(THOUSAND_EXCHANGES));

    let whole = files(&root.join("fixtures/calls"));
    assert!(!whole.is_empty(), "there are whole calls");
    for (no, call) in whole.iter().cycle().take(200).enumerate() {
        let name = call.file_stem().expect("a name").to_string_lossy();
        std::fs::copy(call, calls.join(format!("{name}-{no}.toml"))).expect("a copy");
    }
    told("simulated calls", &simulated(folder.path(), vec![calls]), Some(TWO_HUNDRED_CALLS));
}

/// A call in hours, at an instant of its own.
fn one_exchange(no: usize) -> String {
    let second = no * 27;
    let (hour, minute, second) = (9 + second / 3600, second / 60 % 60, second % 60);
    format!(
        r#"title = "Call {no} rings the desk"
world = "acme-plumbing"
account = "acme-twilio"
now = "2026-03-09T{hour:02}:{minute:02}:{second:02}-05:00"

[[exchange]]
request = "POST /webhooks/acme-twilio/voice"
form = {{ CallSid = "${{call}}", From = "+13125550101", To = "+13125550190", CallStatus = "ringing", Direction = "inbound" }}
expect.status = 200
expect.document = '''
<Response>
  <Dial callerId="+13125550190" timeout="20" timeLimit="3600" answerOnBridge="true" action="${{url dialed}}">
    <Number url="${{url whisper}}" statusCallback="${{url status}}" statusCallbackEvent="initiated ringing answered completed">+13125550123</Number>
  </Dial>
</Response>'''
expect.decision = {{ match = "live", route = "backoffice", why = ["session_live", "hours_open", "route_in_hours", "whisper_on", "require_accept"] }}
expect.effects = ["interaction.routed"]
"#
    )
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    files
}

fn options(folder: &Path, paths: Vec<PathBuf>) -> Options {
    Options { paths, folder: folder.to_owned(), ..Options::default() }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime")
}

fn played(folder: &Path, paths: Vec<PathBuf>) -> Summary {
    runtime().block_on(replay::run(options(folder, paths), &mut Silent))
}

fn simulated(folder: &Path, paths: Vec<PathBuf>) -> Summary {
    runtime().block_on(simulate::run(options(folder, paths), &mut Silent))
}

fn told(what: &str, summary: &Summary, promised: Option<f64>) {
    assert_eq!(summary.exit_code(), 0, "{:?} {:?}", summary.refused, summary.troubles);
    let promise = promised.map(|promised| format!(" (promised: {promised:.0} ms)")).unwrap_or_default();
    println!("{what}, {} files: {:.0} ms{promise}", summary.files.len(), summary.seconds * 1e3);
}
