//! (6) Every answer is one that the provider can use: it met no trouble with it, the status and the content type are
//! right, and there is a document where one is wanted.
//!
//! Deliberately not here: what the documents say.

use super::super::happened::{self, Happened};
use super::{Invariant, Wrong};
use crate::replay::phones::What;
use crate::replay::simulate::Exchanged;

/// Documents beyond this may be cut.
const LARGEST: usize = 32 * 1024;

/// Steps of which we only take note.
const NOTED: [&str; 4] = ["/voice/status", "/sms/status", "/voice/recording", "/voice/transcription"];

pub(super) fn check(happened: &Happened<'_>) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    // Replies that the network lost are no fault of ours.
    let threads = happened.threads.iter().filter(|thread| thread.broke_off());
    let lost: Vec<usize> = threads.map(|thread| thread.no).collect();
    for happening in &happened.played.log {
        if let What::Trouble { code, why, .. } = &happening.what
            && !(*code == happened::BROKE_OFF && lost.contains(&happening.thread))
        {
            wrong.push(Wrong::new(Invariant::Documents, happening.thread, format!("error {code}: {why}")));
        }
    }
    for exchange in &happened.played.exchanges {
        if let Some(what) = unusable(exchange) {
            let step = exchange.ask.url.split('?').next().unwrap_or_default();
            wrong.push(Wrong::new(Invariant::Documents, exchange.ask.thread, format!("{step}: {what}")));
        }
    }
    wrong
}

fn unusable(exchange: &Exchanged) -> Option<String> {
    let answer = &exchange.answer;
    let path = exchange.ask.url.split('?').next().unwrap_or_default();
    if NOTED.iter().any(|step| path.ends_with(step)) {
        let fine = answer.status == 204 && answer.body.is_empty();
        return (!fine).then(|| format!("news were answered with {} and {} bytes", answer.status, answer.body.len()));
    }
    if answer.status != 200 {
        return Some(format!("status {}", answer.status));
    }
    if answer.content_type.as_deref() != Some("text/xml; charset=utf-8") {
        return Some(format!("content type {}", answer.content_type.as_deref().unwrap_or("none")));
    }
    let Ok(text) = std::str::from_utf8(&answer.body) else { return Some("it is no UTF-8".to_owned()) };
    if !text.starts_with("<?xml") || text.len() > LARGEST {
        return Some(format!("{} bytes that begin with {:?}", text.len(), text.chars().take(8).collect::<String>()));
    }
    match roxmltree::Document::parse(text) {
        Ok(document) if document.root_element().has_tag_name("Response") => None,
        Ok(document) => Some(format!("its root is {}", document.root_element().tag_name().name())),
        Err(error) => Some(format!("it is no XML: {error}")),
    }
}
