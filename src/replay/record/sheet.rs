//! A rules file written from what is known of a tenant: the reverse of reading one.
//!
//! Deliberately not here: what goes into it (`world`), and secrets: each is a variable's name.

use toml_edit::{Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, Value, value};

use crate::domain::{
    Account, Contact, Customer, Line, Location, LocationRule, MaskingSettings, Moment, Number, NumberState, RuleRoute,
    Session, SessionState, Technician, Tenant, WorkOrder, WorkOrderStatus,
};
use crate::rules::masking;
use crate::rules::ruleset::Ruleset;

/// What the accounts of a recorded world sign with.
pub const SECRET: &str = "RECORDED_AUTH_TOKEN";

/// Days of the week, Monday first.
const DAYS: [&str; 7] = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"];

/// Writes a rules file.
pub fn write(rules: &Ruleset) -> String {
    let mut document = DocumentMut::new();
    document.insert("tenant", Item::Table(tenant(&rules.tenant)));
    let lists: [(&str, Vec<Table>); 8] = [
        ("provider_account", rules.accounts.iter().map(|(one, _)| account(one)).collect()),
        ("location", rules.locations.iter().map(location).collect()),
        ("technician", rules.technicians.iter().map(technician).collect()),
        ("customer", rules.customers.iter().map(customer).collect()),
        ("work_order", rules.work_orders.iter().map(work_order).collect()),
        ("number", rules.numbers.iter().map(number).collect()),
        ("session", rules.sessions.iter().map(session).collect()),
        ("contact", rules.contacts.iter().map(contact).collect()),
    ];
    for (name, tables) in lists {
        if !tables.is_empty() {
            document.insert(name, list(tables));
        }
    }
    document.to_string()
}

fn list(tables: Vec<Table>) -> Item {
    Item::ArrayOfTables(tables.into_iter().collect::<ArrayOfTables>())
}

/// Sets what there is.
fn put(table: &mut Table, key: &str, set: Option<impl Into<Value>>) {
    if let Some(set) = set {
        table.insert(key, value(set));
    }
}

fn text(table: &mut Table, key: &str, text: &str) {
    put(table, key, Some(text).filter(|text| !text.is_empty()));
}

fn at(moment: Option<Moment>) -> Option<String> {
    moment.map(|moment| moment.to_string())
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Array {
    words.into_iter().collect()
}

fn tenant(tenant: &Tenant) -> Table {
    let mut table = Table::new();
    text(&mut table, "id", tenant.id.as_str());
    text(&mut table, "name", &tenant.name);
    text(&mut table, "country", &tenant.country);
    put(&mut table, "allowed_countries", Some(words(tenant.allowed_countries.iter().map(String::as_str))));
    text(&mut table, "brand", tenant.brand.word());
    put(&mut table, "default_location", tenant.default_location.as_ref().map(|id| id.as_str()));
    let limits = tenant.limits;
    let mut inner = Table::new();
    for (key, cap) in [
        ("calls_per_minute_per_caller", limits.calls_per_minute_per_caller),
        ("calls_per_day_per_session", limits.calls_per_day_per_session),
        ("concurrent_calls", limits.concurrent_calls),
        ("attempts_per_minute_per_pair", limits.attempts_per_minute_per_pair),
    ] {
        inner.insert(key, value(i64::from(cap)));
    }
    table.insert("limits", Item::Table(inner));
    table
}

fn account(account: &Account) -> Table {
    let mut table = Table::new();
    text(&mut table, "id", account.id.as_str());
    text(&mut table, "kind", account.kind.word());
    text(&mut table, "account_sid", &account.account_sid);
    let key = if account.kind == crate::domain::AccountKind::Signalwire { "signing_key_env" } else { "auth_token_env" };
    table.insert(key, value(SECRET));
    table.insert("sandbox", value(true));
    table
}

fn location(location: &Location) -> Table {
    let mut table = Table::new();
    text(&mut table, "id", location.id.as_str());
    text(&mut table, "name", &location.name);
    text(&mut table, "time_zone", &location.time_zone);
    text(&mut table, "hours", &location.hours);
    text(&mut table, "holidays", &location.holidays);
    if !location.closed_dates.is_empty() {
        put(&mut table, "closed_dates", Some(words(location.closed_dates.iter().map(String::as_str))));
    }
    if !location.special_hours.is_empty() {
        let days: InlineTable =
            location.special_hours.iter().map(|(day, open)| (day.as_str(), open.as_str())).collect();
        put(&mut table, "special_hours", Some(days));
    }
    put(&mut table, "on_no_answer", Some(words(location.on_no_answer.iter().map(|route| route.word()))));
    table.insert("ring_timeout", value(i64::from(location.ring_timeout)));
    text(&mut table, "ring", location.ring.word());
    let mut queue = InlineTable::new();
    queue.insert("max_wait_seconds", i64::from(location.queue.max_wait_seconds).into());
    for (key, set) in [("wait_prompt", &location.queue.wait_prompt), ("wait_play_url", &location.queue.wait_play_url)] {
        if !set.is_empty() {
            queue.insert(key, set.as_str().into());
        }
    }
    put(&mut table, "dispatcher_queue", Some(queue));
    if !location.prompts.0.is_empty() {
        let prompts: Table = location.prompts.0.iter().map(|(key, set)| (key.as_str(), value(set))).collect();
        table.insert("prompts", Item::Table(prompts));
    }
    table.insert("masking", Item::Table(masking_settings(&location.masking)));
    if !location.lines.is_empty() {
        table.insert("backoffice_line", list(location.lines.iter().map(line).collect()));
    }
    if !location.rules.is_empty() {
        table.insert("rule", list(location.rules.iter().map(rule).collect()));
    }
    if !location.overrides.is_empty() {
        let hand = |hand: &crate::domain::Override| {
            let mut table = Table::new();
            text(&mut table, "state", hand.state.word());
            put(&mut table, "from", at(hand.from));
            put(&mut table, "until", at(hand.until));
            table
        };
        table.insert("override", list(location.overrides.iter().map(hand).collect()));
    }
    table
}

/// The settings that are not what they are of themselves.
fn masking_settings(settings: &MaskingSettings) -> Table {
    let usual = MaskingSettings::default();
    let mut table = Table::new();
    for field in masking::FIELDS.iter().filter(|field| field.show(settings) != field.show(&usual)) {
        let set: Value = match field.show(settings) {
            masking::Value::Bool(on) => on.into(),
            masking::Value::Integer(number) => number.into(),
            masking::Value::Text(text) => text.into(),
            masking::Value::List(list) => words(list.iter().map(String::as_str)).into(),
        };
        table.insert(field.name, value(set));
    }
    table
}

fn line(line: &Line) -> Table {
    let mut table = Table::new();
    text(&mut table, "id", line.id.as_str());
    text(&mut table, "phone", &line.phone.to_string());
    table.insert("position", value(i64::from(line.position.max(1))));
    table.insert("active", value(line.active));
    table.insert("sms", value(line.sms));
    table
}

fn rule(rule: &LocationRule) -> Table {
    let when = &rule.when;
    let mut conditions = InlineTable::new();
    let mut put = |key: &str, set: Option<Value>| _ = set.map(|set| conditions.insert(key, set));
    put("channel", when.channel.map(|word| word.word().into()));
    put("caller", when.caller.map(|word| word.word().into()));
    let several = |list: &[String]| (!list.is_empty()).then(|| words(list.iter().map(String::as_str)).into());
    put("match", several(&when.matched));
    put("hours", several(&when.hours));
    let day = |day: &u8| DAYS[usize::from(day.saturating_sub(1)) % DAYS.len()];
    put("days", (!when.days.is_empty()).then(|| words(when.days.iter().map(day)).into()));
    let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
    put("between", when.between.map(|(from, until)| format!("{}-{}", clock(from), clock(until)).into()));
    put("tag", when.tag.as_deref().map(Into::into));
    put("reply", when.reply.map(Into::into));
    let mut table = Table::new();
    text(&mut table, "name", &rule.name);
    if !conditions.is_empty() {
        table.insert("when", value(conditions));
    }
    let named = |key: &str, id: &str| value(InlineTable::from_iter([(key, id)]));
    table.insert(
        "route",
        match &rule.route {
            RuleRoute::Route(route) => value(route.word()),
            RuleRoute::NoMatch(action) => value(action.word()),
            RuleRoute::Technician(id) => named("technician", id.as_str()),
            RuleRoute::Line(id) => named("line", id.as_str()),
        },
    );
    table
}

fn technician(technician: &Technician) -> Table {
    let mut table = Table::new();
    text(&mut table, "id", technician.id.as_str());
    text(&mut table, "name", &technician.name);
    put(&mut table, "phone", technician.phone.map(|phone| phone.to_string()));
    put(&mut table, "location_id", technician.location.as_ref().map(|id| id.as_str()));
    table.insert("active", value(technician.active));
    table.insert("masking_opt_in", value(technician.masking_opt_in));
    table
}

fn customer(customer: &Customer) -> Table {
    let mut table = Table::new();
    text(&mut table, "id", customer.id.as_str());
    text(&mut table, "name", &customer.name);
    let phones: Array = customer.phones.iter().map(|phone| phone.to_string()).collect();
    table.insert("phones", value(phones));
    put(&mut table, "location_id", customer.location.as_ref().map(|id| id.as_str()));
    if !customer.tags.is_empty() {
        table.insert("tags", value(words(customer.tags.iter().map(String::as_str))));
    }
    table
}

fn work_order(job: &WorkOrder) -> Table {
    let mut table = Table::new();
    text(&mut table, "id", job.id.as_str());
    put(&mut table, "location_id", job.location.as_ref().map(|id| id.as_str()));
    put(&mut table, "customer_id", job.customer.as_ref().map(|id| id.as_str()));
    put(&mut table, "technician_id", job.technician.as_ref().map(|id| id.as_str()));
    text(&mut table, "title", &job.title);
    let (status, done, canceled) = match job.status {
        WorkOrderStatus::Open => ("open", None, None),
        WorkOrderStatus::Completed { at } => ("completed", Some(at), None),
        WorkOrderStatus::Canceled { at } => ("canceled", None, at),
    };
    text(&mut table, "status", status);
    put(&mut table, "completed_at", at(done));
    put(&mut table, "canceled_at", at(canceled));
    if !job.tags.is_empty() {
        table.insert("tags", value(words(job.tags.iter().map(String::as_str))));
    }
    table
}

fn number(number: &Number) -> Table {
    let mut table = Table::new();
    text(&mut table, "e164", &number.e164.to_string());
    text(&mut table, "provider_account_id", number.account.as_str());
    put(&mut table, "location_id", number.location.as_ref().map(|id| id.as_str()));
    put(&mut table, "technician_id", number.technician.as_ref().map(|id| id.as_str()));
    put(&mut table, "work_order_id", number.work_order.as_ref().map(|id| id.as_str()));
    let channels = masking::channel_words(number.capabilities);
    table.insert("capabilities", value(words(channels.iter().map(String::as_str))));
    put(&mut table, "answer_url", number.answer_url.as_deref());
    let (state, released) = match number.state {
        NumberState::Available => ("available", None),
        NumberState::Assigned => ("assigned", None),
        NumberState::Released { at } => ("released", Some(at)),
        NumberState::Retired => ("retired", None),
    };
    text(&mut table, "state", state);
    put(&mut table, "released_at", at(released));
    table
}

fn session(session: &Session) -> Table {
    let mut table = Table::new();
    text(&mut table, "id", session.id.as_str());
    text(&mut table, "number", &session.number.to_string());
    put(&mut table, "first_party", session.first_party.map(|phone| phone.to_string()));
    put(&mut table, "second_party", session.second_party.map(|phone| phone.to_string()));
    put(&mut table, "location_id", session.location.as_ref().map(|id| id.as_str()));
    put(&mut table, "technician_id", session.technician().map(|id| id.as_str()));
    put(&mut table, "customer_id", session.customer().map(|id| id.as_str()));
    put(&mut table, "work_order_id", session.work_order().map(|id| id.as_str()));
    match session.state {
        SessionState::Live { expires_at } => put(&mut table, "expires_at", at(expires_at)),
        SessionState::Ended { at: ended, by } => {
            put(&mut table, "ended_at", at(Some(ended)));
            put(&mut table, "ended_by", Some(by.word()));
        }
    }
    put(&mut table, "started_at", at(session.started_at));
    let options = &session.options;
    put(&mut table, "ring_timeout", options.ring_timeout.map(i64::from));
    put(&mut table, "call_time_limit", options.call_time_limit.map(i64::from));
    put(&mut table, "record", options.record);
    put(&mut table, "first_party_play_url", options.first_party_play_url.as_deref());
    put(&mut table, "second_party_play_url", options.second_party_play_url.as_deref());
    if let Some(terms) = &options.terms {
        put(&mut table, "unknown_caller_play", terms.unknown_caller_play.as_deref());
        put(&mut table, "virtual_number_cooloff_period", Some(i64::from(terms.cooloff)).filter(|seconds| *seconds > 0));
        if let Some(pins) = &terms.pins {
            put(&mut table, "is_pin_authentication_required", Some(true));
            text(&mut table, "first_party_pin", &pins.first);
            text(&mut table, "second_party_pin", &pins.second);
            text(&mut table, "pin_prompt_play", &pins.prompt_play);
            put(&mut table, "incorrect_pin_play", pins.incorrect_play.as_deref());
            put(&mut table, "pin_retry", Some(i64::from(pins.retry)));
            put(&mut table, "pin_retry_wait", Some(i64::from(pins.retry_wait)));
            put(&mut table, "force_pin_authentication", Some(pins.forced).filter(|forced| *forced));
        }
    }
    table
}

fn contact(contact: &Contact) -> Table {
    let mut table = Table::new();
    text(&mut table, "number", &contact.number.to_string());
    text(&mut table, "from", &contact.from.to_string());
    text(&mut table, "to", &contact.to.to_string());
    put(&mut table, "at", at(Some(contact.at)));
    text(&mut table, "channel", contact.channel.word());
    text(&mut table, "by", contact.by.word());
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let env = |_: &str| Some("fictitious-secret".to_owned());
        for (name, text) in [
            ("demo", include_str!("../../../routing-rules/demo.toml")),
            ("acme-plumbing", include_str!("../../../fixtures/worlds/acme-plumbing.toml")),
            ("corners", include_str!("../../../fixtures/worlds/corners.toml")),
            ("pairs", include_str!("../../../fixtures/worlds/pairs.toml")),
        ] {
            let read = |text: &str| {
                crate::rules::file::read(text, name, None, &env).unwrap_or_else(|wrong| panic!("{name}: {wrong:#?}")).0
            };
            let first = read(text);
            let again = read(&write(&first));
            assert_eq!(again.locations, first.locations, "{name}");
            assert_eq!(again.technicians, first.technicians, "{name}");
            assert_eq!(again.customers, first.customers, "{name}");
            assert_eq!(again.work_orders, first.work_orders, "{name}");
            assert_eq!(again.numbers, first.numbers, "{name}");
            assert_eq!(again.sessions, first.sessions, "{name}");
            assert_eq!(again.contacts, first.contacts, "{name}");
            assert_eq!(again.tenant.limits, first.tenant.limits, "{name}");
            assert_eq!(write(&again), write(&first), "{name}");
        }
    }
}
