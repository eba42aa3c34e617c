//! The body of an API request, read as the object of a rules file that it is: the same fields, the same checks, every
//! mistake at once.
//!
//! Deliberately not here: what only the store can know (an id that is taken), and what a change does to others
//! (`crate::rules::removal`).

use serde::Serialize;
use serde_json::{Map, Value};
use toml::de::DeTable;

use super::json::{quoted, shown, written};
use super::notes::Notes;
use super::objects::{SLUG, is_slug};
use super::phone::UNREADABLE;
use super::reading::Door;
use super::suggest;
use crate::domain::{E164, LocationId, TenantId};
use crate::rules::finding::{Finding, code};
use crate::rules::ruleset::Ruleset;

/// Kinds of object that a body can be about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// A tenant.
    Tenant,
    /// A provider account.
    Account,
    /// A location, without its settings, lines and overrides: these have doors of their own.
    Location,
    /// A back-office line; its location is the field `location_id`.
    Line,
    /// A technician.
    Technician,
    /// A customer contact.
    Customer,
    /// A job.
    WorkOrder,
    /// A number; its id is `e164`.
    Number,
    /// A session.
    Session,
}

/// What a body comes to: the object it is about, over what was stored of it.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The tenant, and the object (of a line, its location); nothing else.
    pub rules: Ruleset,
    /// What is worth knowing.
    pub warnings: Vec<Finding>,
}

impl Kind {
    /// The table that such objects stand in, the name of their id, and the field that a finding without one is about.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Tenant => ("tenant", "id", "id"),
            Self::Account => ("provider_account", "id", "auth_token"),
            Self::Location => ("location", "id", "id"),
            Self::Line => ("backoffice_line", "id", "active"),
            Self::Technician => ("technician", "id", "id"),
            Self::Customer => ("customer", "id", "id"),
            Self::WorkOrder => ("work_order", "id", "id"),
            Self::Number => ("number", "e164", "e164"),
            Self::Session => ("session", "id", "first_party"),
        }
    }
}

/// The fields of a kind, without its id.
pub const fn fields(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Tenant => &[
            "name",
            "country",
            "allowed_countries",
            "brand",
            "auth_id",
            "auth_token",
            "deepcall",
            "default_location",
            "limits",
        ],
        Kind::Account => &[
            "kind",
            "account_sid",
            "auth_token",
            "signature",
            "sandbox",
            "api_base_url",
            "signing_key",
            "public_key",
            "public_base_url",
            "price_per_minute",
            "billing_increment_seconds",
            "ownership",
        ],
        Kind::Location => &[
            "name",
            "time_zone",
            "hours",
            "holidays",
            "closed_dates",
            "special_hours",
            "on_no_answer",
            "ring_timeout",
            "ring",
            "dispatcher_queue",
            "prompts",
            "rule",
        ],
        Kind::Line => &["location_id", "phone", "position", "active", "sms"],
        Kind::Technician => &["name", "phone", "location_id", "active", "masking_opt_in"],
        Kind::Customer => &["name", "phones", "location_id", "tags"],
        Kind::WorkOrder => {
            &["location_id", "customer_id", "technician_id", "title", "status", "completed_at", "canceled_at", "tags"]
        }
        Kind::Number => &[
            "provider_account_id",
            "location_id",
            "technician_id",
            "work_order_id",
            "capabilities",
            "answer_url",
            "application_url",
            "state",
            "released_at",
        ],
        Kind::Session => &[
            "number",
            "first_party",
            "second_party",
            "location_id",
            "technician_id",
            "customer_id",
            "work_order_id",
            "expires_at",
            "ring_timeout",
            "call_time_limit",
            "record",
            "first_party_play_url",
            "second_party_play_url",
        ],
    }
}

/// What is said of a field that is none of the kind's, where it is one elsewhere.
const fn elsewhere(kind: Kind, field: &str) -> Option<(&'static str, &'static str)> {
    Some(match (kind, field.as_bytes()) {
        (Kind::Location, b"masking") => {
            (code::UNKNOWN_FIELD, "is no field of a location: its settings are at /locations/{id}/masking-settings")
        }
        (Kind::Location, b"backoffice_line") => {
            (code::UNKNOWN_FIELD, "is no field of a location: its lines are at /backoffice-lines")
        }
        (Kind::Location, b"override") => {
            (code::UNKNOWN_FIELD, "is no field of a location: openings by hand are at /locations/{id}/hours/overrides")
        }
        (Kind::Session, b"started_at" | b"ended_at" | b"ended_by") => {
            (code::READ_ONLY, "is what happened to the session; nobody sets it")
        }
        (
            Kind::Session,
            b"is_pin_authentication_required"
            | b"first_party_pin"
            | b"second_party_pin"
            | b"pin_prompt_play"
            | b"incorrect_pin_play"
            | b"pin_retry"
            | b"pin_retry_wait"
            | b"force_pin_authentication"
            | b"unknown_caller_play"
            | b"virtual_number_cooloff_period"
            | b"event_id",
        ) => (code::READ_ONLY, "is among the terms of a compatible door; such a session is made and changed there"),
        _ => return None,
    })
}

/// Reads a body about the object of this id. `base` is what is stored, as far as the body can touch it; where it has the
/// object, a field that is absent keeps its value. `null` takes an optional value away. Of a new tenant `base` is
/// [`Ruleset::blank`].
///
/// # Errors
///
/// Every mistake that the body makes; what was doubtful before is not its fault. Fields are named as in the body, such as
/// `phones[0]`, and each has a code.
pub fn read(kind: Kind, id: &str, body: &impl Serialize, base: &Ruleset) -> Result<Reading, Vec<Finding>> {
    let wrong = |code, message: &str| Err(vec![Finding::mistake("", message).coded(code)]);
    let body = match serde_json::to_value(body) {
        Ok(Value::Object(body)) => body,
        Ok(_) => return wrong(code::WRONG_TYPE, "must be an object"),
        Err(_) => return wrong(code::INVALID, "cannot be read as JSON"),
    };
    let mut found = Vec::new();
    let subject = Subject::of(kind, id, &body, base, &mut found);
    let lines = assignments(kind, &body, &mut found);
    let unread = found.len();
    let (rules, told) = subject.read(Some(&lines), base)?;
    let before = if subject.is_stored { subject.read(None, base)?.1 } else { Vec::new() };
    let (_, _, whole) = kind.words();
    for finding in told {
        let path = finding.field.strip_prefix(&subject.path).and_then(|rest| rest.strip_prefix('.'));
        let field = path.unwrap_or(whole).to_owned();
        let sent = body.contains_key(field.split(['.', '[']).next().unwrap_or_default());
        let was_so = before.contains(&finding) && !(finding.warning && sent);
        if !was_so && !found[..unread].iter().any(|known| known.field == field) {
            found.push(Finding { field, ..finding });
        }
    }
    if found.iter().any(|finding| !finding.warning) {
        return Err(found);
    }
    Ok(Reading { rules: only_what_is_meant(kind, rules, base), warnings: found })
}

/// What a body is about.
struct Subject {
    /// The headers of the file that it becomes, the tenant's and its location's among them, and its id.
    headers: String,
    /// The file without the object: of a line, its location.
    before: String,
    /// The path of its fields in that file.
    path: String,
    /// Whether there is something to compare with.
    is_stored: bool,
    /// The tenant.
    tenant: TenantId,
    /// Whether what is stored can be read together with it.
    has_base: bool,
}

impl Subject {
    fn of(kind: Kind, id: &str, body: &Map<String, Value>, base: &Ruleset, found: &mut Vec<Finding>) -> Self {
        let (table, key, _) = kind.words();
        let id = own_id(kind, id, body.get(key), found);
        let owner = if kind == Kind::Tenant { TenantId::from(id.as_str()) } else { base.tenant.id.clone() };
        let tenant = format!("[tenant]\nid = {}\n", quoted(owner.as_str()));
        let mut subject = Self {
            path: format!("{table}.{id}"),
            headers: format!("{tenant}[[{table}]]\n{key} = {}\n", quoted(&id)),
            before: String::new(),
            is_stored: is_stored(kind, &id, base),
            has_base: owner == base.tenant.id,
            tenant: owner,
        };
        if kind == Kind::Tenant {
            (subject.path, subject.headers) = ("tenant".to_owned(), tenant.clone());
        }
        if kind == Kind::Line {
            let location = line_location(&id, body.get("location_id"), base, found);
            subject.has_base = location.is_some();
            subject.is_stored = location.is_some();
            let location = location.as_ref().map_or("unknown", LocationId::as_str);
            subject.path = format!("location.{location}.{}", subject.path);
            subject.before = format!("{tenant}[[location]]\nid = {}\n", quoted(location));
            subject.headers = format!("{}[[location.backoffice_line]]\nid = {}\n", subject.before, quoted(&id));
            if is_stored(kind, &id, base) {
                subject.before.clone_from(&subject.headers);
            }
        } else {
            subject.before.clone_from(&subject.headers);
        }
        subject
    }

    /// Reads the file that a body becomes, or the one that says nothing of the object's fields.
    fn read(&self, lines: Option<&str>, base: &Ruleset) -> Result<(Ruleset, Vec<Finding>), Vec<Finding>> {
        let text = lines.map_or_else(|| self.before.clone(), |lines| format!("{}{lines}", self.headers));
        let Ok(document) = DeTable::parse(&text) else {
            return Err(vec![Finding::mistake("", "cannot be read").coded(code::INVALID)]);
        };
        let base = self.has_base.then_some(base);
        let notes = Notes::new(&text, "");
        let mut r = super::Reading::new(Door::Api, notes, self.tenant.clone(), base, &|_| None);
        let rules = super::whole_document(&mut r, document.get_ref());
        Ok((rules, r.notes.findings()))
    }
}

/// The body's fields as lines of a file; what is no field is a finding.
fn assignments(kind: Kind, body: &Map<String, Value>, found: &mut Vec<Finding>) -> String {
    let (_, key, _) = kind.words();
    let mut lines = String::new();
    for (field, value) in body.iter().filter(|(field, _)| *field != key) {
        if !fields(kind).contains(&field.as_str()) {
            let (code, message) = elsewhere(kind, field).map_or_else(
                || (code::UNKNOWN_FIELD, suggest::no_such_field(&shown(field), fields(kind))),
                |(code, message)| (code, message.to_owned()),
            );
            found.push(Finding::mistake(shown(field), message).coded(code));
        } else if (kind, field.as_str()) != (Kind::Line, "location_id")
            && let Some(text) = written(field, value, found)
        {
            lines.push_str(&format!("{field} = {text}\n"));
        }
    }
    lines
}

/// The id that the object is read under: its own, or one that is nobody's where its own is none.
fn own_id(kind: Kind, id: &str, sent: Option<&Value>, found: &mut Vec<Finding>) -> String {
    let (_, key, _) = kind.words();
    match sent {
        None => {}
        Some(Value::String(sent)) if sent == id => {}
        Some(Value::String(_)) => {
            let message = "is another than the object's own; an id never changes";
            found.push(Finding::mistake(key, message).coded(code::READ_ONLY));
        }
        Some(Value::Null) => found.push(Finding::mistake(key, "must not be null").coded(code::WRONG_TYPE)),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            found.push(Finding::mistake(key, "must be a text").coded(code::WRONG_TYPE));
        }
    }
    let (good, message, nobody) = match kind {
        Kind::Number => (
            E164::read(id).is_some(),
            "must be E.164: + and 7 to 15 digits, such as +13125550190",
            UNREADABLE.to_string(),
        ),
        Kind::Tenant
        | Kind::Account
        | Kind::Location
        | Kind::Line
        | Kind::Technician
        | Kind::Customer
        | Kind::WorkOrder
        | Kind::Session => (is_slug(id), SLUG, "unknown".to_owned()),
    };
    if good {
        return id.to_owned();
    }
    found.push(Finding::mistake(key, message).coded(code::INVALID));
    nobody
}

fn is_stored(kind: Kind, id: &str, base: &Ruleset) -> bool {
    match kind {
        Kind::Tenant => base.tenant.id.as_str() == id,
        Kind::Account => base.accounts.iter().any(|(one, _)| one.id.as_str() == id),
        Kind::Location => base.locations.iter().any(|one| one.id.as_str() == id),
        Kind::Line => base.locations.iter().flat_map(|one| &one.lines).any(|one| one.id.as_str() == id),
        Kind::Technician => base.technicians.iter().any(|one| one.id.as_str() == id),
        Kind::Customer => base.customers.iter().any(|one| one.id.as_str() == id),
        Kind::WorkOrder => base.work_orders.iter().any(|one| one.id.as_str() == id),
        Kind::Number => base.numbers.iter().any(|one| one.e164.to_string() == id),
        Kind::Session => base.sessions.iter().any(|one| one.id.as_str() == id),
    }
}

/// The location of a line: where it stands, or where it is to stand.
fn line_location(id: &str, sent: Option<&Value>, base: &Ruleset, found: &mut Vec<Finding>) -> Option<LocationId> {
    let stored = base.locations.iter().find(|one| one.lines.iter().any(|line| line.id.as_str() == id));
    let stored = stored.map(|location| location.id.clone());
    let mut wrong = |code, message: String| found.push(Finding::mistake("location_id", message).coded(code));
    match sent {
        None if stored.is_none() => wrong(code::MISSING, "is missing; a line belongs to a location".to_owned()),
        None => {}
        Some(Value::String(id)) if stored.as_ref().is_some_and(|stored| stored.as_str() != id) => {
            wrong(code::READ_ONLY, "never changes; make a line there, and delete this one".to_owned());
        }
        Some(Value::String(id)) if base.locations.iter().any(|one| one.id.as_str() == id) => {
            return Some(LocationId::from(id.as_str()));
        }
        Some(Value::String(id)) => {
            let ids: Vec<&str> = base.locations.iter().map(|one| one.id.as_str()).collect();
            let near = suggest::nearest(id, &ids).map(|near| format!("; did you mean {near:?}?"));
            wrong(code::NOT_FOUND, format!("the tenant has no location of this id{}", near.unwrap_or_default()));
        }
        Some(Value::Null) => wrong(code::WRONG_TYPE, "must not be null".to_owned()),
        Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
            wrong(code::WRONG_TYPE, "must be a text".to_owned());
        }
    }
    stored
}

/// Nothing but the object is changed: only a tenant's own body changes the tenant, and its first location is its default.
fn only_what_is_meant(kind: Kind, mut rules: Ruleset, base: &Ruleset) -> Ruleset {
    if kind != Kind::Tenant {
        let first = rules.tenant.default_location.take().filter(|_| kind == Kind::Location);
        rules.tenant = base.tenant.clone();
        rules.tenant.default_location = rules.tenant.default_location.or(first);
        rules.secrets = base.secrets.clone();
    }
    if !matches!(kind, Kind::Tenant | Kind::Account) {
        rules.demo_secrets = base.demo_secrets;
    }
    rules
}
