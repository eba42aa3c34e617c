//! Masking settings as they are shown: the row, and what belongs to it.
//!
//! Deliberately not here: how they are sent (`fields`, `sent`).

use serde::ser::{Serialize, SerializeMap, Serializer};
use serde_json::{Value, json};
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::fields;
use crate::domain::{Brand, Location, MaskingMode, MaskingSettings, Moment, Tenant};
use crate::rules::finding::Finding;
use crate::rules::masking;
use crate::store::transitions::{ModeTransition, TransitionState};

/// A location's masking settings, and what belongs to them.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = MaskingSettings)]
pub struct Shown {
    /// The location.
    #[schema(example = "chicago")]
    pub location_id: String,
    /// Its settings.
    #[serde(flatten)]
    pub row: Row,
    /// Where the tenant's brand stands.
    pub brand_registration: BrandRegistration,
    /// The latest change of the mode; null where it never changed.
    #[schema(required)]
    pub mode_transition: Option<Transition>,
    /// What is accepted, and may not do what was meant.
    pub warnings: Vec<Warning>,
}

/// The settings themselves, in the order in which they are documented.
#[derive(Clone)]
pub struct Row(MaskingSettings);

/// The registration of a tenant's brand (10DLC).
#[derive(serde::Serialize, ToSchema)]
pub struct BrandRegistration {
    /// Where it stands.
    #[schema(schema_with = brand_words)]
    pub state: &'static str,
    /// What that means for the tenant's texts and calls.
    pub message: &'static str,
}

/// A change of the masking mode.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = ModeTransition)]
pub struct Transition {
    /// Its id; null where it was only looked at.
    #[schema(required)]
    id: Option<String>,
    /// The mode before.
    #[schema(schema_with = mode_words)]
    from: &'static str,
    /// The mode that new sessions go by.
    #[schema(schema_with = mode_words)]
    to: &'static str,
    /// Where it stands.
    #[schema(schema_with = state_words)]
    state: &'static str,
    /// When it was decided.
    #[schema(format = DateTime)]
    at: String,
}

/// Something that is accepted, and may not do what was meant.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = SettingsWarning)]
pub struct Warning {
    /// The field that it is about.
    field: String,
    /// What kind of doubt it is: stable.
    #[schema(example = "no_active_line")]
    code: &'static str,
    /// What will happen.
    message: String,
}

impl Shown {
    /// A location's settings, without the transition.
    pub fn of(tenant: &Tenant, location: &Location, warnings: Vec<Finding>) -> Self {
        Self {
            location_id: location.id.to_string(),
            row: Row::of(&location.masking),
            brand_registration: BrandRegistration { state: tenant.brand.word(), message: meaning(tenant.brand) },
            mode_transition: None,
            warnings: warnings.into_iter().map(Warning::from).collect(),
        }
    }
}

impl Row {
    /// The row of these settings.
    pub fn of(settings: &MaskingSettings) -> Self {
        Self(settings.clone())
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(masking::FIELDS.len()))?;
        for field in masking::FIELDS {
            map.serialize_entry(field.name, &plain(field.show(&self.0)))?;
        }
        map.end()
    }
}

impl PartialSchema for Row {
    fn schema() -> RefOr<Schema> {
        fields::row()
    }
}

impl ToSchema for Row {
    fn name() -> std::borrow::Cow<'static, str> {
        "MaskingSettingsRow".into()
    }
}

/// A value as JSON carries it.
pub fn plain(value: masking::Value) -> Value {
    match value {
        masking::Value::Bool(on) => json!(on),
        masking::Value::Integer(n) => json!(n),
        masking::Value::Text(text) => json!(text),
        masking::Value::List(list) => json!(list),
    }
}

impl Transition {
    /// One between these modes.
    pub fn new(id: Option<String>, (from, to): (MaskingMode, MaskingMode), state: TransitionState, at: Moment) -> Self {
        Self { id, from: from.word(), to: to.word(), state: state.word(), at: at.to_string() }
    }
}

impl From<ModeTransition> for Transition {
    fn from(transition: ModeTransition) -> Self {
        let ModeTransition { id, location: _, from, to, state, at } = transition;
        Self::new(Some(id), (from, to), state, at)
    }
}

impl From<Finding> for Warning {
    fn from(finding: Finding) -> Self {
        Self { field: finding.field, code: finding.code.unwrap_or("doubtful"), message: finding.message }
    }
}

const fn meaning(brand: Brand) -> &'static str {
    match brand {
        Brand::None => "Registration is the operator's own affair; nothing is refused because of it.",
        Brand::Pending => {
            "To be registered. Until the brand is approved, texts from platform-owned US long codes are refused \
             (brand_not_approved); calls work."
        }
        Brand::Submitted | Brand::InReview => {
            "Under way. Until the brand is approved, texts from platform-owned US long codes are refused \
             (brand_not_approved); calls work."
        }
        Brand::Approved => "Approved; texts and calls work.",
        Brand::Failed => {
            "Refused by the registry. Texts from platform-owned US long codes are refused (brand_not_approved); calls \
             work."
        }
        Brand::Suspended => {
            "Suspended by the registry. Texts from platform-owned US long codes are refused (brand_not_approved); calls \
             work."
        }
    }
}

fn brand_words() -> Schema {
    fields::words(Brand::ALL.iter().map(|brand| brand.word()))
}

fn mode_words() -> Schema {
    fields::words(MaskingMode::ALL.iter().map(|mode| mode.word()))
}

fn state_words() -> Schema {
    fields::words(TransitionState::ALL.iter().map(|state| state.word()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_shown_as_it_is_sent() {
        let settings = MaskingSettings { backoffice_whisper_text: "Hello".to_owned(), ..MaskingSettings::default() };
        let row = serde_json::to_value(Row::of(&settings)).expect("a row");
        let names: Vec<&String> = row.as_object().expect("an object").keys().collect();
        let fields: Vec<&str> = masking::FIELDS.iter().map(|field| field.name).collect();
        assert_eq!(names, fields, "in the documented order");
        assert_eq!((&row["masking_default_channels"], &row["cooldown_days"]), (&json!(["sms", "voice"]), &json!(30)));
        let (read, _) = masking::body::from_json(&MaskingSettings::default(), &row).expect("it reads back");
        assert_eq!(read, settings);
    }
}
