//! What a decision has us ask of a provider, as rows that are written with it.
//!
//! Deliberately not here: asking (`jobs::provider`).

use crate::domain::{Call, RecordingMade};
use crate::providers::recording_id;
use crate::routing::Effect;
use crate::store::entry::{RecordingRow, Write};
use crate::store::provider_jobs::{About, JobRow};

use super::settle::Subject;

/// The rows of one effect.
pub fn rows(subject: &Subject<'_>, effect: &Effect) -> Vec<Write> {
    let Some(call) = subject.decision.call.as_deref() else { return Vec::new() };
    if let Effect::RecordingDue { attempt } = effect {
        return vec![job(subject, call, About::Record { call: call.id.to_string(), attempt: *attempt })];
    }
    if let Effect::RecordingMade { recording } = effect {
        return kept(subject, call, recording, "call");
    }
    if let Effect::VoicemailLeft { recording } = effect {
        return kept(subject, call, recording, "voicemail");
    }
    if let Effect::RecordingRefused { recording: RecordingMade { sid: Some(sid), .. }, .. } = effect {
        return vec![job(subject, call, About::Discard { account: call.account.to_string(), sid: sid.clone() })];
    }
    Vec::new()
}

fn job(subject: &Subject<'_>, call: &Call, about: About) -> Write {
    Write::Job(JobRow { tenant: call.tenant.to_string(), about, at: subject.now.0 })
}

/// A recording is noted, and fetched.
fn kept(subject: &Subject<'_>, call: &Call, recording: &RecordingMade, kind: &str) -> Vec<Write> {
    let id = recording_id(&call.account, recording);
    let row = RecordingRow {
        id: id.clone(),
        tenant: call.tenant.to_string(),
        interaction: call.id.to_string(),
        kind: kind.to_owned(),
        location: call.location.as_ref().map(ToString::to_string),
        session: call.session.as_ref().map(ToString::to_string),
        account: call.account.to_string(),
        sid: recording.sid.clone(),
        url: recording.url.clone(),
        seconds: recording.seconds,
        at: subject.now.0,
        format: Some(subject.format.word().to_owned()),
    };
    vec![Write::Recording(row), job(subject, call, About::Fetch { recording: id })]
}
