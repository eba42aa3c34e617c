//! What a decision changes, as rows for the store and as news for the memory: one list of effects, told twice.
//!
//! Deliberately not here: writing rows, and deciding. **Invariant:** no row holds a text's words or media but sealed.

mod pins;
mod timeline;

use serde_json::json;

use crate::domain::{Account, Call, CallEnd, Channel, Contact, IncomingText, Moment, RecordFormat, TenantId};
use crate::routing::{AutomaticText, Decision, Effect, Finding, Todo};
use crate::store::entry::{
    ContactRow, EventRow, InteractionRow, MessageRow, TodoRow, VoicemailRow, Write, held_column,
};
use crate::store::fact::Fact;
use crate::store::{call_form, vault::Vault};

use super::directory::Directory;
use super::errands;

/// What the rows of one decision are about.
pub struct Subject<'a> {
    /// The decision.
    pub decision: &'a Decision,
    /// When it was made.
    pub now: Moment,
    /// The interaction's id: 32 hexadecimal digits.
    pub interaction: Option<String>,
    /// The provider's id of the call or text.
    pub sid: &'a str,
    /// The account.
    pub account: &'a Account,
    /// The text that came in, where one did.
    pub text: Option<&'a IncomingText>,
    /// The decision as JSON.
    pub told: &'a str,
    /// Whether this location keeps the words of texts.
    pub keeps_words: bool,
    /// In which format a recording of the call is kept.
    pub format: RecordFormat,
}

/// The rows that a decision changes.
pub fn rows(subject: &Subject<'_>, vault: &Vault) -> Vec<Write> {
    let mut rows = Vec::new();
    if let Some(call) = &subject.decision.call {
        rows.push(Write::Interaction(Box::new(call_row(subject, call))));
    }
    if let (Some(text), Some(finding)) = (subject.text, &subject.decision.finding)
        && !subject.decision.effects.is_empty()
    {
        rows.extend(text_rows(subject, text, finding, vault));
    }
    for effect in &subject.decision.effects {
        if let Some(interaction) = &subject.interaction {
            rows.push(Write::Event(EventRow {
                interaction: interaction.clone(),
                at: subject.now.0,
                kind: effect.kind().to_owned(),
                detail: timeline::detail(effect).to_string(),
            }));
        }
        rows.extend(effect_row(subject, effect, vault));
        rows.extend(pins::rows(subject, effect));
        rows.extend(errands::rows(subject, effect));
    }
    rows
}

fn call_row(subject: &Subject<'_>, call: &Call) -> InteractionRow {
    InteractionRow {
        id: call.id.to_string(),
        tenant: call.tenant.to_string(),
        location: call.location.as_ref().map(ToString::to_string),
        account: call.account.to_string(),
        channel: Channel::Voice.word().to_owned(),
        sid: call.sid.clone(),
        number: call.number.e164().digits(),
        caller: call.caller.text(),
        session: call.session.as_ref().map(ToString::to_string),
        matched: call.matched.word().to_owned(),
        route: call.route.map(|route| route.word().to_owned()),
        state: call.end.map_or("open", |(_, how)| how.word()).to_owned(),
        opened_at: call.opened_at.0,
        ended_at: call.end.map(|(at, _)| at.0),
        call: Some(call_form::write(call)),
        decision: subject.told.to_owned(),
        updated_at: subject.now.0,
    }
}

fn text_rows(subject: &Subject<'_>, text: &IncomingText, finding: &Finding, vault: &Vault) -> Vec<Write> {
    let Some(tenant) = &finding.tenant else { return Vec::new() };
    let id = text.id.to_string();
    let relayed = subject
        .decision
        .effects
        .iter()
        .find_map(|effect| if let Effect::Relayed { to } = effect { Some(*to) } else { None });
    let has = |kind: &str| subject.decision.effects.iter().any(|effect| effect.kind() == kind);
    let status = if relayed.is_some() {
        "relayed"
    } else if has("message.held") {
        "held"
    } else if has("opt_out.recorded") || has("opt_in.recorded") || has("help.noted") {
        "keyword"
    } else if has("todo.opened") {
        "todo"
    } else {
        "undelivered"
    };
    let body = subject.keeps_words.then(|| seal_text(text, tenant, vault)).flatten();
    vec![
        Write::Interaction(Box::new(InteractionRow {
            id: id.clone(),
            tenant: tenant.to_string(),
            location: finding.location.as_ref().map(ToString::to_string),
            account: subject.account.id.to_string(),
            channel: Channel::Sms.word().to_owned(),
            sid: text.sid.clone(),
            number: text.to.digits(),
            caller: text.from.text(),
            session: finding.session.as_ref().map(ToString::to_string),
            matched: finding.matched.word().to_owned(),
            route: finding.route.map(|route| route.word().to_owned()),
            state: status.to_owned(),
            opened_at: subject.now.0,
            ended_at: Some(subject.now.0),
            call: None,
            decision: subject.told.to_owned(),
            updated_at: subject.now.0,
        })),
        Write::Message(MessageRow {
            interaction: id,
            tenant: tenant.to_string(),
            location: finding.location.as_ref().map(ToString::to_string),
            number: text.to.digits(),
            from: text.from.text(),
            to: relayed.map(|to| to.digits()),
            body,
            media: u8::try_from(text.media.len()).unwrap_or(u8::MAX),
            status: status.to_owned(),
            at: subject.now.0,
        }),
    ]
}

/// A text's words and media, sealed for its row.
///
/// A tenant without a key has none of its words kept: `None`, and a line of log.
fn seal_text(text: &IncomingText, tenant: &TenantId, vault: &Vault) -> Option<Vec<u8>> {
    let media: Vec<_> = text.media.iter().map(|item| json!([item.url, item.content_type])).collect();
    let plain = json!({ "words": text.body, "media": media }).to_string();
    seal(vault, tenant, "messages", &text.id.to_string(), "body", &plain)
}

fn seal(vault: &Vault, tenant: &TenantId, table: &str, row: &str, column: &str, plain: &str) -> Option<Vec<u8>> {
    match vault.seal(tenant.as_str(), table, row, column, plain.as_bytes()) {
        Ok(sealed) => Some(sealed),
        Err(why) => {
            tracing::error!(%tenant, table, %why, "words could not be sealed and are not kept");
            None
        }
    }
}

fn effect_row(subject: &Subject<'_>, effect: &Effect, vault: &Vault) -> Option<Write> {
    let found = subject.decision.finding.as_ref().and_then(|finding| finding.tenant.clone());
    let tenant = || found.clone().unwrap_or_else(|| subject.account.tenant.clone());
    let at = subject.now.0;
    match effect {
        Effect::Routed { contact } | Effect::Chosen { contact } => {
            let contact = (*contact)?;
            Some(Write::Contact(contact_row(&contact, tenant())))
        }
        Effect::VoicemailLeft { recording } => {
            let call = subject.decision.call.as_ref()?;
            Some(Write::Voicemail(VoicemailRow {
                interaction: call.id.to_string(),
                tenant: call.tenant.to_string(),
                location: call.location.as_ref().map(ToString::to_string),
                recording_sid: recording.sid.clone(),
                recording_url: recording.url.clone(),
                seconds: recording.seconds,
                at,
            }))
        }
        Effect::Transcribed { text } => {
            let interaction = subject.interaction.clone()?;
            let text = seal(vault, &tenant(), "voicemails", &interaction, "transcription", text)?;
            Some(Write::Transcription { interaction, text })
        }
        Effect::TodoOpened { todo } => Some(Write::Todo(todo_row(todo, subject.interaction.clone()?, at))),
        Effect::Choosing { number, phone, choosing } => Some(Write::Choosing {
            number: number.e164().digits(),
            phone: phone.digits(),
            asked_at: choosing.asked_at.0,
            offered: json!(choosing.offered.iter().map(|id| id.as_str()).collect::<Vec<_>>()).to_string(),
            chosen: choosing.chosen.as_ref().map(|(id, _)| id.to_string()),
            chosen_at: choosing.chosen.as_ref().map(|(_, at)| at.0),
            held: held_column(&choosing.held),
        }),
        Effect::Automatic { number, to, what } => {
            Some(Write::Automatic { number: number.e164().digits(), phone: to.digits(), what: automatic(*what), at })
        }
        Effect::OptedOut { number, phone } | Effect::OptedIn { number, phone } => Some(Write::OptOut {
            number: number.e164().digits(),
            phone: phone.digits(),
            tenant: tenant().to_string(),
            out: matches!(effect, Effect::OptedOut { .. }),
            at,
        }),
        Effect::MessageStatus { sid, message, status, error_code } => Some(Write::MessageStatus {
            interaction: message.map(|id| id.to_string()),
            sid: sid.clone(),
            status: status.clone(),
            error_code: *error_code,
            at,
        }),
        Effect::PinRefused { .. }
        | Effect::PinAccepted { .. }
        | Effect::PinAsked { .. }
        | Effect::PinWaived { .. }
        | Effect::CallPlanned
        | Effect::CallPlaced
        | Effect::CallNotPlaced { .. }
        | Effect::AttemptStarted { .. }
        | Effect::LegAnswered { .. }
        | Effect::LegAccepted { .. }
        | Effect::LegWrongKey { .. }
        | Effect::LegRefused { .. }
        | Effect::LegTimedOut { .. }
        | Effect::LegStatus { .. }
        | Effect::AttemptEnded { .. }
        | Effect::RecordingDue { .. }
        | Effect::RecordingStarted { .. }
        | Effect::RecordingNotStarted { .. }
        | Effect::RecordingMade { .. }
        | Effect::RecordingRefused { .. }
        | Effect::VoicemailOffered
        | Effect::QueueLeft
        | Effect::Ended { .. }
        | Effect::Relayed { .. }
        | Effect::Held
        | Effect::Undelivered
        | Effect::HelpNoted => None,
    }
}

fn contact_row(contact: &Contact, tenant: TenantId) -> ContactRow {
    ContactRow {
        number: contact.number.e164().digits(),
        from: contact.from.digits(),
        to: contact.to.digits(),
        at: contact.at.0,
        channel: contact.channel.word().to_owned(),
        by: contact.by.word().to_owned(),
        tenant: tenant.to_string(),
    }
}

fn todo_row(todo: &Todo, interaction: String, at: i64) -> TodoRow {
    TodoRow {
        interaction,
        kind: todo.kind.word().to_owned(),
        tenant: todo.tenant.to_string(),
        location: todo.location.as_ref().map(ToString::to_string),
        channel: todo.channel.word().to_owned(),
        phone: todo.phone.map(|phone| phone.digits()),
        number: todo.number.e164().digits(),
        customer: todo.customer.as_ref().map(ToString::to_string),
        session: todo.session.as_ref().map(ToString::to_string),
        at,
    }
}

/// The words under which an automatic text is remembered: its kind, and of an opt-out whose it is.
fn automatic(what: AutomaticText) -> String {
    match what {
        AutomaticText::Closed => "closed".to_owned(),
        AutomaticText::OptedOut { of } => format!("opted_out {of}"),
        AutomaticText::Choice => "choice".to_owned(),
        AutomaticText::Undelivered => "undelivered".to_owned(),
    }
}

/// Tells the memory what a decision changed, so that the next decision knows it, whether or not it is written yet.
pub fn learn(subject: &Subject<'_>, directory: &Directory) {
    for effect in &subject.decision.effects {
        match effect {
            Effect::Routed { contact } | Effect::Chosen { contact } => {
                if let Some(contact) = contact {
                    tell(directory, Fact::Contact(*contact));
                }
                if matches!(effect, Effect::Routed { .. }) {
                    accepted(subject, directory);
                }
            }
            Effect::Choosing { number, phone, choosing } => directory.choosing(*number, *phone, choosing.clone()),
            Effect::Automatic { number, to, what } => {
                tell(directory, Fact::Automatic(*number, *to, automatic(*what), subject.now));
            }
            Effect::OptedOut { number, phone } => directory.opt_out(*number, *phone, true),
            Effect::OptedIn { number, phone } => directory.opt_out(*number, *phone, false),
            Effect::PinAccepted { .. } | Effect::PinRefused { .. } => pins::learn(subject, effect, directory),
            Effect::PinAsked { .. }
            | Effect::PinWaived { .. }
            | Effect::CallPlanned
            | Effect::CallPlaced
            | Effect::CallNotPlaced { .. }
            | Effect::AttemptStarted { .. }
            | Effect::LegAnswered { .. }
            | Effect::LegAccepted { .. }
            | Effect::LegWrongKey { .. }
            | Effect::LegRefused { .. }
            | Effect::LegTimedOut { .. }
            | Effect::LegStatus { .. }
            | Effect::AttemptEnded { .. }
            | Effect::RecordingDue { .. }
            | Effect::RecordingStarted { .. }
            | Effect::RecordingNotStarted { .. }
            | Effect::RecordingMade { .. }
            | Effect::RecordingRefused { .. }
            | Effect::VoicemailOffered
            | Effect::VoicemailLeft { .. }
            | Effect::Transcribed { .. }
            | Effect::QueueLeft
            | Effect::TodoOpened { .. }
            | Effect::Ended { .. }
            | Effect::Relayed { .. }
            | Effect::Held
            | Effect::Undelivered
            | Effect::HelpNoted
            | Effect::MessageStatus { .. } => {}
        }
    }
}

/// Counts a call that was taken for the caps; one that a cap turned away does not count.
fn accepted(subject: &Subject<'_>, directory: &Directory) {
    let Some(call) = &subject.decision.call else { return };
    let refused = matches!(call.end, Some((_, CallEnd::Refused)));
    let Some(caller) = call.caller.phone().filter(|_| !refused) else { return };
    tell(
        directory,
        Fact::Accepted {
            tenant: call.tenant.clone(),
            number: call.number,
            caller,
            session: call.session.clone(),
            at: subject.now,
        },
    );
}

/// None of these facts has hours, the one thing that could not be learnt.
fn tell(directory: &Directory, fact: Fact) {
    if let Err(mistakes) = directory.learn(fact) {
        tracing::error!(count = mistakes.len(), "a fact without hours could not be learnt");
    }
}
