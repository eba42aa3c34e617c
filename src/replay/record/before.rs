//! What has to happen before a call or text so that it goes as it did: opt-outs, choices, automatic texts, calls that
//! count for a cap. A rules file cannot say these; earlier webhooks of the journal can.
//!
//! Deliberately not here: sessions and contacts, which a rules file says (`world`).

use crate::domain::{E164, Moment};
use crate::store::past::Brief;
use crate::store::{Reader, StoreError};

use super::tape::{self, Step, Tape};

/// The most earlier calls or texts that a fixture begins with.
const MOST: usize = 60;

/// How many interactions of a number are looked through.
const LOOKED_AT: u32 = 500;

/// The longest that anybody waits for a dispatcher, in microseconds.
const LONGEST_WAIT: i64 = 3_600_000_000;

/// Effects of a text that later ones depend on.
const LASTING: [&str; 6] = [
    "opt_out.recorded",
    "opt_in.recorded",
    "choice.changed",
    "message.held",
    "message.automatic",
    "message.undelivered",
];

/// What has to happen before.
#[derive(Debug, Default)]
pub struct Before {
    /// Earlier calls and texts, oldest first; only what began each of them is played.
    pub tapes: Vec<Tape>,
    /// What cannot be had, as sentences.
    pub missing: Vec<String>,
}

/// Looks for it in the store. `phones` are those of everybody who takes part, also of who was not reached.
pub async fn before(reader: &Reader, tape: &Tape, phones: &[E164]) -> Result<Before, StoreError> {
    let mut found = Before::default();
    let Some(number) = tape.number.filter(|_| tape.tenant.is_some()) else { return Ok(found) };
    let began = tape.began();
    let phones: Vec<String> = phones.iter().map(ToString::to_string).collect();
    let lately = reader.through(number, began.plus_days(-1), tape.turn(), LOOKED_AT).await?;
    let mut ids = Vec::new();
    if tape.channel == "sms" {
        for (phone, text) in reader.opted_out(number, tape.turn()).await? {
            match text {
                _ if !phones.contains(&phone.to_string()) => {}
                Some(id) => ids.push(id),
                None => found.missing.push(
                    "somebody who takes part had opted out, and the text that said so is not in the journal any more"
                        .to_owned(),
                ),
            }
        }
        ids.extend(lately.iter().filter(|one| one.channel == "sms" && phones.contains(&one.caller)).map(id));
    } else if tape.has_reason("rate_limited") {
        let caller = tape.caller.map(|caller| caller.to_string());
        let counts = |one: &&Brief| {
            let same_caller = Some(&one.caller) == caller.as_ref() && one.opened_at >= began.0 - 60_000_000;
            one.channel == "voice" && (same_caller || (tape.session.is_some() && one.session == tape.session))
        };
        ids.extend(lately.iter().filter(counts).map(id));
        found.missing.push("calls of others that counted for a cap of all calls are not in it".to_owned());
    }
    let queued = is_queued(tape);
    if tape.channel == "voice" && queued {
        let waited = |one: &&Brief| one.channel == "voice" && one.opened_at >= began.0 - LONGEST_WAIT;
        ids.extend(lately.iter().filter(waited).map(id));
    }
    for id in ids {
        let Some(earlier) = load(reader, &id).await? else { continue };
        let left = |step: &Step| step.step == "voice/queue-left" && step.at < began;
        let matters = match tape.channel.as_str() {
            "sms" => LASTING.iter().any(|kind| earlier.has(kind)),
            _ => !queued || (is_queued(&earlier) && !earlier.steps.iter().any(left)),
        };
        let known = found.tapes.iter().any(|one| one.steps == earlier.steps[..1.min(earlier.steps.len())]);
        if matters && !known && !earlier.steps.is_empty() {
            found.tapes.push(Tape { steps: earlier.steps.into_iter().take(1).collect(), ..earlier });
        }
    }
    found.tapes.sort_by_key(|one| (one.began(), one.seq));
    if found.tapes.len() > MOST {
        found.missing.push(format!("only the last {MOST} of {} earlier calls or texts are in it", found.tapes.len()));
        found.tapes.drain(..found.tapes.len() - MOST);
    }
    Ok(found)
}

/// Whether a caller waits for a dispatcher: who came before is told by a number.
fn is_queued(tape: &Tape) -> bool {
    let kind = |step: &Step| step.decision.pointer("/destination/kind").is_some_and(|kind| kind == "dispatcher_queue");
    tape.steps.first().is_some_and(kind)
}

/// One interaction, with its words where they are kept.
pub async fn load(reader: &Reader, id: &str) -> Result<Option<Tape>, StoreError> {
    let Some(record) = reader.interaction_of(id).await? else { return Ok(None) };
    let sealed = if record.row.channel == "sms" { reader.message_text(id).await? } else { None };
    Ok(Some(Tape::of(&record, sealed.as_deref().and_then(tape::kept_words).as_deref())))
}

/// When the world of a call is looked at: the day before it, which is as long as the longest reply window.
pub fn day_before(began: Moment) -> Moment {
    began.plus_days(-1)
}

fn id(brief: &Brief) -> String {
    brief.id.clone()
}
