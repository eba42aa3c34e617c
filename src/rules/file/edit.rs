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

fn set_in_list(parent: &mut dyn TableLike, kind: &str, rest: &str, value: toml::Value, path: &str) -> Result<(), String> {
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
