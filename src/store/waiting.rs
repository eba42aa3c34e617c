//! What an earlier process had spilled and the database still does not take: told to a server that starts, so that calls
//! go on where they were and repeats get the answers that were given.
//!
//! Deliberately not here: writing it (`store::recovery`).

use std::path::Path;

use super::call_form;
use super::entry::{ClaimKey, Entry, InteractionRow, KeptAnswer, Write, held_ids};
use super::error::StoreError;
use super::fact::Fact;
use super::open::Store;
use super::spill::{self, Line};
use crate::domain::{
    CallerId, Channel, Choosing, Contact, ContactBy, E164, MaskingNumber, MessageId, Moment, PinStreak, TenantId,
};

/// What waits, in the order in which it happened.
#[derive(Default)]
pub struct Waiting {
    /// What happened: newer than anything that the database knows of the same.
    pub facts: Vec<Fact>,
    /// Answers that were given, by their claims.
    pub answers: Vec<(ClaimKey, KeptAnswer)>,
    /// Words and media of texts that wait for a choice, in the form that `switchboard::settle` gives them.
    pub texts: Vec<(MessageId, Vec<u8>)>,
}

impl Store {
    /// What waits in the spill. To be asked before the database is: what is written in between is then in both.
    pub async fn waiting(&self) -> Result<Waiting, StoreError> {
        let dir = self.spill_dir().to_owned();
        let unreadable = |why| StoreError::File { path: self.spill_dir().to_owned(), why };
        let entries = tokio::task::spawn_blocking(move || entries(&dir)).await;
        let entries = entries.unwrap_or_else(|error| Err(std::io::Error::other(error))).map_err(unreadable)?;
        let mut waiting = Waiting::default();
        for entry in &entries {
            waiting.answers.extend(entry.claim.map(|claim| (claim, entry.journal.answer.clone())));
            for write in &entry.writes {
                self.tell(entry, write, &mut waiting)?;
            }
        }
        Ok(waiting)
    }

    fn tell(&self, entry: &Entry, write: &Write, waiting: &mut Waiting) -> Result<(), StoreError> {
        let wrong = || StoreError::Row { table: "spill", column: "writes", what: "a value of another shape" };
        let phone = |digits: u64| E164::from_digits(digits).ok_or_else(wrong);
        let rented = |digits: u64| phone(digits).map(MaskingNumber::rented);
        match write {
            Write::Interaction(row) => {
                if let Some(call) = &row.call {
                    waiting.facts.push(Fact::Call(Box::new(call_form::read(call)?)));
                    waiting.facts.extend(accepted(entry, row, rented(row.number)?));
                }
            }
            Write::Contact(row) => waiting.facts.push(Fact::Contact(Contact {
                number: rented(row.number)?,
                from: phone(row.from)?,
                to: phone(row.to)?,
                at: Moment(row.at),
                channel: Channel::read(&row.channel).ok_or_else(wrong)?,
                by: ContactBy::read(&row.by).ok_or_else(wrong)?,
            })),
            Write::OptOut { number, phone: who, out, .. } => {
                let (number, phone) = (rented(*number)?, phone(*who)?);
                waiting.facts.push(if *out { Fact::OptOut(number, phone) } else { Fact::OptIn(number, phone) });
            }
            Write::Choosing { number, phone: who, asked_at, offered, chosen, chosen_at, held } => {
                let offered: Vec<String> = serde_json::from_str(offered).map_err(|_| wrong())?;
                let choosing = Choosing {
                    asked_at: Moment(*asked_at),
                    offered: offered.into_iter().map(Into::into).collect(),
                    chosen: chosen.as_deref().map(Into::into).zip(chosen_at.map(Moment)),
                    held: held.as_deref().and_then(held_ids).unwrap_or_default(),
                };
                waiting.facts.push(Fact::Choosing(rented(*number)?, phone(*who)?, choosing));
            }
            Write::PinStreak { number, phone: who, wrong, at } => {
                let streak = PinStreak { wrong: *wrong, at: Moment(*at) };
                waiting.facts.push(Fact::PinStreak(rented(*number)?, phone(*who)?, streak));
            }
            Write::Automatic { number, phone: who, what, at } => {
                waiting.facts.push(Fact::Automatic(rented(*number)?, phone(*who)?, what.clone(), Moment(*at)));
            }
            Write::Message(row) => {
                if let (Some(id), Some(body), "held") = (MessageId::read(&row.interaction), &row.body, &*row.status) {
                    let plain = self.vault().open(&row.tenant, "messages", &row.interaction, "body", body)?;
                    waiting.texts.push((id, plain));
                }
            }
            Write::Event(_)
            | Write::MessageStatus { .. }
            | Write::Voicemail(_)
            | Write::Transcription { .. }
            | Write::Job(_)
            | Write::Recording(_)
            | Write::Todo(_)
            | Write::Outbox(_) => {}
        }
        Ok(())
    }
}

/// A call's first step counts for the caps, unless a cap turned it away.
fn accepted(entry: &Entry, row: &InteractionRow, number: MaskingNumber) -> Option<Fact> {
    let CallerId::Number(caller) = CallerId::from_text(&row.caller) else { return None };
    let first = entry.at == row.opened_at && entry.journal.step == "voice" && row.state != "refused";
    let (tenant, session) = (TenantId::from(row.tenant.as_str()), row.session.as_deref().map(Into::into));
    first.then_some(Fact::Accepted { tenant, number, caller, session, at: Moment(row.opened_at) })
}

/// Every entry in the spill files of a directory, oldest first; a file that is written meanwhile is not missed.
fn entries(dir: &Path) -> std::io::Result<Vec<Entry>> {
    let mut found = Vec::new();
    for path in spill::files(dir)? {
        let lines = match spill::read(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
            opened => opened?,
        };
        for line in lines {
            match line? {
                Line::Entry(entry) => found.push(*entry),
                Line::Damaged(_) => {}
            }
        }
    }
    Ok(found)
}
