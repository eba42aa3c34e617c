//! What a passage wrote without a world of its own, played once: what passes as it is, is not pending.
//!
//! Deliberately not here: writing it (`passage`).

use std::io;
use std::path::PathBuf;

use toml_edit::DocumentMut;

use super::super::options::{FileResult, Options, Outcome};
use super::super::progress::Silent;
use super::shelf;

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Settled {
    /// Files that pass; nothing is pending in them any more.
    pub passing: usize,
    /// Files that are pending.
    pub pending: usize,
}

/// Plays these files, and takes `pending` out of those that pass: it would make a later run fail.
pub async fn settle(paths: Vec<PathBuf>) -> io::Result<Settled> {
    let mut settled = Settled::default();
    if paths.is_empty() {
        return Ok(settled);
    }
    // What failed last is the operator's to remember, not ours.
    let folder = std::env::temp_dir().join(format!("hookswitch-settle-{}", std::process::id()));
    let options = Options { paths, folder: folder.clone(), ..Options::default() };
    let summary = super::super::run(options, &mut Silent).await;
    std::fs::remove_dir_all(folder).ok();
    for file in &summary.files {
        if passes(file) {
            let text = std::fs::read_to_string(&file.path)?;
            let mut document: DocumentMut = text.parse().map_err(io::Error::other)?;
            document.remove("pending");
            shelf::replace(&file.path, &document.to_string())?;
            settled.passing += 1;
        } else {
            settled.pending += 1;
        }
    }
    Ok(settled)
}

/// Whether nothing is wrong with a file but that it is pending.
fn passes(file: &FileResult) -> bool {
    let of_pending = |path: &str| path == "pending";
    matches!(file.outcome, Outcome::Failed)
        && file.cases.iter().flat_map(|case| &case.differences).all(|it| of_pending(&it.path))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[tokio::test]
    async fn what_passes_is_not_pending() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = |name: &str, document: &str| {
            let path = folder.path().join(name);
            let text = format!(
                "# a remark\ntitle = \"x\"\nworld = \"demo\"\naccount = \"acme-twilio\"\nnow = \"2026-03-09T14:00:00Z\"\n\
                 pending = \"of another application\"\n\n[[exchange]]\nrequest = \"POST /webhooks/acme-twilio/voice\"\n\
                 form = {{ CallSid = \"${{call}}\", From = \"+13125550101\", To = \"+13125550198\", CallStatus = \"ringing\" }}\n\
                 expect.document = \"{document}\"\n"
            );
            fs::write(&path, text).expect("written");
            path
        };
        let passing = file("passing.toml", "<Response><Reject/></Response>");
        let other = file("other.toml", "<Response><Hangup/></Response>");
        let text = |path: &PathBuf| fs::read_to_string(path).expect("it is there");
        let before = (text(&passing), text(&other));
        let settled = settle(vec![passing.clone(), other.clone()]).await.expect("settled");
        assert_eq!(settled, Settled { passing: 1, pending: 1 });
        assert_eq!(text(&passing), before.0.replace("pending = \"of another application\"\n", ""), "the rest stays");
        assert_eq!(text(&other), before.1);
        let options =
            Options { paths: vec![folder.path().to_owned()], folder: folder.path().to_owned(), ..Options::default() };
        assert_eq!(crate::replay::run(options, &mut Silent).await.exit_code(), 0, "and a later run is green");
        assert_eq!(settle(Vec::new()).await.expect("nothing to do"), Settled::default());
    }
}
