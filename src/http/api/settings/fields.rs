//! The fields of masking settings, described for whoever writes a client: made from the table that reads them.
//!
//! Deliberately not here: reading them (`rules::masking`).

use serde_json::Value;
use utoipa::openapi::schema::{AdditionalProperties, SchemaType, Type};
use utoipa::openapi::{ArrayBuilder, Object, ObjectBuilder, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::shape::plain;
use crate::domain::MaskingSettings;
use crate::rules::masking::{FIELDS, Field, Kind};
use crate::rules::template::PLACEHOLDERS;

/// What each field does, in the order of the table.
const ABOUT: [(&str, &str); 21] = [
    (
        "enabled",
        "Whether new masking sessions are made. Switching it on needs every phone of the location's customer contacts, and \
         of contacts without a location, to be E.164. Switching it off lets running sessions go on to their end.",
    ),
    (
        "masking_mode",
        "What a masking number stands for: a pool of the tenant, a pool of the location, one technician, or one job. A \
         change starts a transition; running sessions keep their numbers.",
    ),
    ("masking_policy", "Who gets sessions: everybody (enforced), or technicians who opted in (offered)."),
    ("masking_default_channels", "The channels that are masked, at least one. In a form the key is repeated."),
    (
        "provider_ownership",
        "Whose provider account, secrets and brand are used: the platform's, or the tenant's own (tenant_byo).",
    ),
    (
        "max_masking_numbers",
        "The most numbers that the tenant holds: assigned, in grace and cooling down. Below what is held, nothing new is \
         taken until it shrinks.",
    ),
    ("cooldown_days", "Days before a released number may be handed out again."),
    ("grace_window_days", "Days after a job's end in which its number still connects both parties."),
    (
        "eager_provisioning_enabled",
        "Whether numbers are made ready when a technician starts, and sessions when a job is assigned.",
    ),
    ("retention_days", "Days that messages are kept."),
    ("store_sms_body", "Whether the words of texts are kept, encrypted."),
    (
        "record_voice_calls",
        "Whether masked calls are recorded; both parties are told first, and where that cannot be, nothing is recorded.",
    ),
    (
        "smart_callback_window_minutes",
        "How long after somebody was called or texted their call or text counts as a reply to that.",
    ),
    (
        "voice_no_match_action",
        "What a call without a session gets: a short sentence and the end, voicemail, or the dispatchers' queue.",
    ),
    ("inbound_callback_route_in_hours", "Where a customer's call goes in business hours."),
    ("inbound_callback_route_out_of_hours", "Where it goes outside of business hours and on holidays."),
    (
        "backoffice_whisper_enabled",
        "Whether the back office hears an announcement before it is connected. Without effect unless the call goes to the \
         back office and the account can announce.",
    ),
    (
        "backoffice_whisper_text",
        "The announcement. It may name {customer_name}, {tech_name}, {location_name} and {accept_key}. Empty is the \
         built-in one.",
    ),
    (
        "backoffice_whisper_require_accept",
        "Whether the accept key must be pressed to be connected. With more than one active back-office line it is refused \
         (fr7_accept_needs_single_line).",
    ),
    ("backoffice_whisper_accept_key", "The key that accepts a call."),
    ("backoffice_whisper_timeout_seconds", "Seconds after which a key that was not pressed counts as a no."),
];

/// Fields of masking settings to be changed. One that is absent keeps its value.
pub struct MaskingSettingsChange;

/// The same as a form. Every value is a text; a blank one counts as absent, but for `backoffice_whisper_text`, which it sets
/// back to the built-in announcement. The list may be written with brackets or without.
pub struct MaskingSettingsForm;

impl PartialSchema for MaskingSettingsChange {
    fn schema() -> RefOr<Schema> {
        let about = "Fields of masking settings to be changed. One that is absent keeps its value.";
        let all = FIELDS.iter().map(|field| (field.name.to_owned(), schema(field)));
        closed(all, about).build().into()
    }
}

impl ToSchema for MaskingSettingsChange {}

impl PartialSchema for MaskingSettingsForm {
    fn schema() -> RefOr<Schema> {
        let about = "Fields of masking settings to be changed. One that is absent keeps its value. A blank value counts as \
             absent, but for backoffice_whisper_text, which it sets back to the built-in announcement. The list may be \
             written with brackets or without.";
        let lists = FIELDS.iter().filter(|field| matches!(field.kind, Kind::Channels));
        let bracketed = lists.map(|field| (format!("{}[]", field.name), schema(field)));
        let all = FIELDS.iter().map(|field| (field.name.to_owned(), schema(field)));
        closed(all.chain(bracketed), about).build().into()
    }
}

impl ToSchema for MaskingSettingsForm {}

/// The whole row, as it is shown.
pub fn row() -> RefOr<Schema> {
    let object = ObjectBuilder::new().description(Some("Masking settings."));
    let object = FIELDS.iter().fold(object, |object, field| object.property(field.name, schema(field)));
    FIELDS.iter().fold(object, |object, field| object.required(field.name)).build().into()
}

/// One of some words.
pub fn words(words: impl IntoIterator<Item = &'static str>) -> Schema {
    Object::builder().schema_type(Type::String).enum_values(Some(words)).build().into()
}

fn closed(fields: impl Iterator<Item = (String, Schema)>, about: &str) -> ObjectBuilder {
    let object = ObjectBuilder::new()
        .description(Some(about))
        .additional_properties(Some(AdditionalProperties::FreeForm(false)));
    fields.fold(object, |object, (name, schema)| object.property(name, schema))
}

fn schema(field: &Field) -> Schema {
    let about = ABOUT.iter().find(|(name, _)| *name == field.name).map(|(_, about)| *about);
    let default: Option<Value> = Some(plain(field.show(&MaskingSettings::default())));
    let plain =
        |kind: Type| Object::builder().schema_type(SchemaType::Type(kind)).description(about).default(default.clone());
    match field.kind {
        Kind::Bool => plain(Type::Boolean).build().into(),
        Kind::Integer { least, most } => plain(Type::Integer).minimum(Some(least)).maximum(Some(most)).build().into(),
        Kind::Word(words) => plain(Type::String).enum_values(Some(words())).build().into(),
        Kind::Template { most } => {
            let pattern = format!("^([^{{}}]|\\{{({})\\}})*$", PLACEHOLDERS.join("|"));
            plain(Type::String).max_length(Some(most)).pattern(Some(pattern)).build().into()
        }
        Kind::Key => plain(Type::String).pattern(Some("^[0-9*#]$")).build().into(),
        Kind::Channels => ArrayBuilder::new()
            .items(RefOr::T(words(["sms", "voice"])))
            .min_items(Some(1))
            .unique_items(true)
            .description(about)
            .default(default)
            .build()
            .into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_described() {
        let described: Vec<&str> = ABOUT.iter().map(|(name, _)| *name).collect();
        let fields: Vec<&str> = FIELDS.iter().map(|field| field.name).collect();
        assert_eq!(described, fields);
    }
}
