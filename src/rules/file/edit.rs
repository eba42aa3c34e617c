//! One field of a rules file, set in its text: comments and order stay.
//!
//! Deliberately not here: whether the field exists or the value is any good; reading the text afterwards says so.

use toml_edit::{DocumentMut, InlineTable, Item, Table, TableLike, Value};

/// Sets the field at `path` (`kind.id.field`, as messages name it) to `value`, adding it where it is missing.
///
/// `location.chicago.masking.enabled` · `technician.jo.active` · `backoffice_line.desk-1.active`, or the same under its
/// location · `number.+13125550190.state` · `session.ID.expires_at`, also by the id that a session without one gets ·
/// `tenant.limits.concurrent_calls`, with or without the tenant's id · `contact[0].at` and `rule[0].route`, counted from
/// 0, for what has no id. Ids may hold dots: the longest that fits is taken.
///
/// # Errors
///
/// Says what the text lacks: it is no TOML, or nothing in it has that kind and id.
pub fn edit(text: &str, path: &str, value: toml::Value) -> Result<String, String> {
    let mut document: DocumentMut = text.parse().map_err(|error| format!("cannot be read as TOML: {error}"))?;
    let (kind, rest) = head(path).ok_or_else(|| format!("{path}: must be kind.id.field"))?;
    let root = document.as_table_mut();
    match kind {
        "tenant" => {
            let id = root.get("tenant").and_then(|tenant| tenant.get("id")).and_then(Item::as_str).unwrap_or_default();
            let prefix = format!("{id}.");
            let field = if id.is_empty() { rest } else { rest.strip_prefix(&prefix).unwrap_or(rest) }.to_owned();
            let tenant = root.get_mut("tenant").and_then(Item::as_table_like_mut);
            set(tenant.ok_or_else(|| format!("{path}: the file has no [tenant]"))?, &field, value, path)?;
        }
        "backoffice_line" => {
            let locations = root.get_mut("location").and_then(Item::as_array_of_tables_mut);
            let mut holders: Vec<&mut Table> = locations
                .into_iter()
                .flat_map(|locations| locations.iter_mut())
                .filter(|location| find(*location, kind, rest).is_some())
                .collect();
            match holders.as_mut_slice() {
                [] => return Err(format!("{path}: no location has a back-office line of that id")),
                [location] => set_in_list(*location, kind, rest, value, path)?,
                _ => return Err(format!("{path}: several locations have such a line; write location.ID.{path}")),
            }
        }
        _ => set_in_list(root, kind, rest, value, path)?,
    }
    Ok(document.to_string())
}

/// `kind.rest`, or `kind[0].rest` as `kind` and `[0].rest`.
fn head(path: &str) -> Option<(&str, &str)> {
    let cut = path.find(['.', '['])?;
    let rest = &path[cut..];
    Some((&path[..cut], rest.strip_prefix('.').unwrap_or(rest)))
}

fn set_in_list(
    parent: &mut dyn TableLike,
    kind: &str,
    rest: &str,
    value: toml::Value,
    path: &str,
) -> Result<(), String> {
    let nothing = || format!("{path}: the file has no such {kind}");
    let (index, field) = find(parent, kind, rest).ok_or_else(nothing)?;
    let field = field.to_owned();
    let items = parent.get_mut(kind).and_then(Item::as_array_of_tables_mut);
    set(items.and_then(|items| items.get_mut(index)).ok_or_else(nothing)?, &field, value, path)
}

/// Which item of `[[kind]]` the path means, and the field in it.
fn find<'p>(parent: &dyn TableLike, kind: &str, rest: &'p str) -> Option<(usize, &'p str)> {
    let items = parent.get(kind)?.as_array_of_tables()?;
    if let Some(index) = rest.strip_prefix('[') {
        let (index, field) = index.split_once("].")?;
        let index = index.parse().ok()?;
        return (index < items.len()).then_some((index, field));
    }
    items
        .iter()
        .enumerate()
        .flat_map(|(index, item)| ids(kind, item).into_iter().map(move |id| (index, id)))
        .filter_map(|(index, id)| Some((id.len(), index, rest.strip_prefix(&id)?.strip_prefix('.')?)))
        .max_by_key(|(length, _, _)| *length)
        .map(|(_, index, field)| (index, field))
}

/// What an item can be called.
fn ids(kind: &str, item: &Table) -> Vec<String> {
    let text = |field: &str| item.get(field).and_then(Item::as_str).unwrap_or_default();
    match (kind, text("id")) {
        ("number", _) => vec![text("e164").to_owned()],
        ("session", "") => vec![super::session::id_of(text("number"), text("first_party"), text("second_party"))],
        ("location", id) | (_, id) => vec![id.to_owned()],
    }
}

/// Sets a field, going down through tables and lists of objects on the way.
fn set(table: &mut dyn TableLike, field: &str, value: toml::Value, path: &str) -> Result<(), String> {
    if field.is_empty() {
        return Err(format!("{path}: names no field"));
    }
    if let Some((key, rest)) = head(field) {
        if table.get(key).is_some_and(Item::is_array_of_tables) {
            return set_in_list(table, key, rest, value, path);
        }
        if table.get(key).is_none() {
            table.insert(key, Item::Table(Table::new()));
        }
        let inner = table.get_mut(key).and_then(Item::as_table_like_mut);
        let inner = inner.ok_or_else(|| format!("{path}: {key} is no table"))?;
        return set(inner, rest, value, path);
    }
    let mut value = converted(value);
    match table.get_mut(field) {
        Some(Item::Value(old)) => {
            *value.decor_mut() = old.decor().clone();
            *old = value;
        }
        Some(other) => *other = Item::Value(value),
        None => {
            table.insert(field, Item::Value(value));
        }
    }
    Ok(())
}

fn converted(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(n) => Value::from(n),
        toml::Value::Float(n) => Value::from(n),
        toml::Value::Boolean(on) => Value::from(on),
        toml::Value::Datetime(at) => Value::from(at),
        toml::Value::Array(items) => Value::from_iter(items.into_iter().map(converted)),
        toml::Value::Table(entries) => {
            Value::from(entries.into_iter().map(|(key, value)| (key, converted(value))).collect::<InlineTable>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"# a world
[tenant]
id = "acme" # its id
deepcall = { user_id = "demo" }
[[provider_account]]
id = "acme-twilio"
signature = "enforce"
[[location]]
id = "chicago"
[location.masking]
cooldown_days = 3 # short
[[location.backoffice_line]]
id = "desk-1"
[[location.rule]]
route = "voicemail"
[[location]]
id = "chicago.west"
[[location.backoffice_line]]
id = "desk-1"
[[location.backoffice_line]]
id = "desk-2"
[[work_order]]
id = "wo.1"
[[number]]
e164 = "+13125550190"
[[session]]
number = "+13125550190"
first_party = "+13125550144"
second_party = "+13125550101"
[[contact]]
at = 2026-03-09T00:00:00Z
"#;

    /// What changed: the lines that are new.
    fn new_lines(path: &str, value: toml::Value) -> Result<Vec<String>, String> {
        let edited = edit(TEXT, path, value)?;
        Ok(edited
            .lines()
            .filter(|line| !line.is_empty() && !TEXT.lines().any(|old| old == *line))
            .map(str::to_owned)
            .collect())
    }

    #[test]
    fn a_field_is_found_by_kind_id_and_name() {
        let session = super::super::session::id_of("+13125550190", "+13125550144", "+13125550101");
        let rows: [(&str, toml::Value, &[&str]); 17] = [
            ("location.chicago.masking.cooldown_days", 5.into(), &["cooldown_days = 5 # short"]),
            ("location.chicago.masking.enabled", true.into(), &["enabled = true"]),
            ("location.chicago.west.masking.enabled", true.into(), &["enabled = true"]),
            ("location.chicago.backoffice_line.desk-1.active", false.into(), &["active = false"]),
            ("backoffice_line.desk-2.active", false.into(), &["active = false"]),
            ("location.chicago.rule[0].route", "backoffice".into(), &["route = \"backoffice\""]),
            ("location.chicago.prompts.goodbye", "Bye".into(), &["[location.prompts]", "goodbye = \"Bye\""]),
            ("provider_account.acme-twilio.signature", "off".into(), &["signature = \"off\""]),
            ("work_order.wo.1.status", "open".into(), &["status = \"open\""]),
            ("number.+13125550190.state", "retired".into(), &["state = \"retired\""]),
            (&format!("session.{session}.expires_at"), "".into(), &["expires_at = \"\""]),
            ("session[0].expires_at", "".into(), &["expires_at = \"\""]),
            ("contact[0].channel", "sms".into(), &["channel = \"sms\""]),
            ("tenant.name", "Acme".into(), &["name = \"Acme\""]),
            ("tenant.limits.concurrent_calls", 1.into(), &["[tenant.limits]", "concurrent_calls = 1"]),
            ("tenant.acme.limits.concurrent_calls", 1.into(), &["[tenant.limits]", "concurrent_calls = 1"]),
            ("tenant.deepcall.user_id", "x".into(), &["deepcall = { user_id = \"x\" }"]),
        ];
        for (path, value, expected) in rows {
            assert_eq!(
                new_lines(path, value).as_deref(),
                Ok(expected.iter().map(|l| (*l).to_owned()).collect::<Vec<_>>().as_slice()),
                "{path}"
            );
        }
    }

    #[test]
    fn a_new_table_stands_under_its_own_object() {
        for (path, index) in [("location.chicago.prompts.goodbye", 0), ("location.chicago.west.prompts.goodbye", 1)] {
            let edited: toml::Table = edit(TEXT, path, "Bye".into()).expect(path).parse().expect("TOML");
            for (at, location) in edited["location"].as_array().expect("locations").iter().enumerate() {
                assert_eq!(location.get("prompts").is_some(), at == index, "{path}, location {at}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_said() {
        for (path, expected) in [
            ("tenant", "tenant: must be kind.id.field"),
            ("tenant.", "tenant.: names no field"),
            ("tenant.id.x", "tenant.id.x: id is no table"),
            ("location.denver.name", "location.denver.name: the file has no such location"),
            ("location.chicago", "location.chicago: the file has no such location"),
            ("contact[1].at", "contact[1].at: the file has no such contact"),
            (
                "backoffice_line.desk-1.active",
                "backoffice_line.desk-1.active: several locations have such a line; write \
                 location.ID.backoffice_line.desk-1.active",
            ),
            (
                "backoffice_line.desk-9.active",
                "backoffice_line.desk-9.active: no location has a back-office line of that id",
            ),
        ] {
            assert_eq!(edit(TEXT, path, true.into()), Err(expected.to_owned()), "{path}");
        }
        assert!(edit("[", "tenant.name", true.into()).is_err());
    }
}
