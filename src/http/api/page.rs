//! Lists: what is asked of them, and a page of what is there.
//!
//! Deliberately not here: reading them from the store.

use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::fault::{Fault, FieldError};
use crate::domain::E164;
use crate::store::list::{Filter, Listed, Mark, Page};

/// The most on a page, and how many are on one that does not say.
const MOST: u32 = 100;
const USUAL: u32 = 50;

/// A page of a list, the newest first.
#[derive(Serialize, ToSchema)]
pub struct Items<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Asks for the next page, as the parameter `cursor`; null on the last.
    #[schema(required)]
    pub next_cursor: Option<String>,
}

/// Which page.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what `read` reads")]
pub struct PageParams {
    /// How many at most.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// A page of a list that is short enough to be read whole.
pub struct Part {
    limit: usize,
    after: Option<String>,
}

impl Part {
    /// The page, of everything that there is in its order. A place in the list is known by the id that stands before it.
    ///
    /// # Errors
    /// 422 where that one is no longer there.
    pub fn cut<S>(&self, all: Vec<S>, id: impl Fn(&S) -> &str) -> Result<Items<S>, Fault> {
        let start = match &self.after {
            None => 0,
            Some(mark) => all.iter().position(|one| hex::encode(id(one)) == *mark).ok_or_else(no_cursor)? + 1,
        };
        let more = all.len() > start + self.limit;
        let items: Vec<S> = all.into_iter().skip(start).take(self.limit).collect();
        let next_cursor = items.last().filter(|_| more).map(|last| hex::encode(id(last)));
        Ok(Items { items, next_cursor })
    }
}

fn no_cursor() -> Fault {
    Fault::wrong(vec![FieldError::new("cursor", "invalid", "is no next_cursor of this list, or no longer: begin anew")])
}

/// Reads the query of a short list.
///
/// # Errors
/// As [`read`].
pub fn read_part(query: Option<&str>, filters: &[&str]) -> Result<(Part, Filter), Fault> {
    let (mut after, mut rest) = (None, form_urlencoded::Serializer::new(String::new()));
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if name == "cursor" && after.is_none() {
            after = Some(value.into_owned());
        } else {
            rest.append_pair(&name, &value);
        }
    }
    let Asking { page, filter } = read(Some(&rest.finish()), filters)?;
    Ok((Part { limit: usize::try_from(page.limit).unwrap_or(usize::MAX), after }, filter))
}

/// A list's query, read.
pub struct Asking {
    /// Which page.
    pub page: Page,
    /// What it is narrowed to.
    pub filter: Filter,
}

/// Reads the query of a list that can be narrowed by these parameters.
///
/// # Errors
/// 422 with every parameter that is wrong, unknown or repeated.
pub fn read(query: Option<&str>, filters: &[&str]) -> Result<Asking, Fault> {
    read_with(query, filters, |_, _| None)
}

/// What is wrong with a parameter: a code, and a message.
pub type Wrong = (&'static str, String);

/// The same, for a list that has parameters of its own: `own` takes one in, and tells whether it was right; `None` leaves
/// it to this.
pub fn read_with(
    query: Option<&str>,
    filters: &[&str],
    mut own: impl FnMut(&str, &str) -> Option<Result<(), Wrong>>,
) -> Result<Asking, Fault> {
    let mut asking = Asking { page: Page { limit: USUAL, after: None }, filter: Filter::default() };
    let mut errors = Vec::new();
    let mut seen: Vec<String> = Vec::new();
    for (name, value) in form_urlencoded::parse(query.unwrap_or_default().as_bytes()) {
        if seen.iter().any(|one| *one == name) {
            errors.push(FieldError::new(name, "repeated", "stands twice"));
            continue;
        }
        seen.push(name.to_string());
        let read = filters.contains(&name.as_ref()).then(|| own(&name, &value)).flatten();
        if let Err((code, message)) = read.unwrap_or_else(|| one(&mut asking, &name, &value, filters)) {
            errors.push(FieldError::new(name, code, message));
        }
    }
    if errors.is_empty() { Ok(asking) } else { Err(Fault::wrong(errors)) }
}

fn one(asking: &mut Asking, name: &str, value: &str, filters: &[&str]) -> Result<(), Wrong> {
    let text = || Some(value.to_owned());
    match name {
        "limit" => {
            let digits = value.bytes().all(|byte| byte.is_ascii_digit());
            let limit = value.parse().ok().filter(|limit| digits && (1..=MOST).contains(limit));
            asking.page.limit = limit.ok_or_else(|| ("out_of_range", format!("must be from 1 to {MOST}")))?;
        }
        "cursor" => {
            let mark = Mark::parse(value).ok_or_else(|| ("invalid", "is no next_cursor of this list".to_owned()))?;
            asking.page.after = Some(mark);
        }
        _ if !filters.contains(&name) => {
            let message = format!("no such parameter; this list knows limit, cursor{}", also(filters));
            return Err(("unknown_field", message));
        }
        "location_id" => asking.filter.location = text(),
        "technician_id" => asking.filter.technician = text(),
        "customer_id" => asking.filter.customer = text(),
        "work_order_id" => asking.filter.work_order = text(),
        "number" => {
            let number = E164::read(value).ok_or_else(|| ("invalid", "must be + and 7 to 15 digits".to_owned()))?;
            asking.filter.number = Some(number.to_string());
        }
        "active" => {
            let active = value.parse().map_err(|_| ("wrong_type", "must be true or false".to_owned()))?;
            asking.filter.active = Some(active);
        }
        _ => asking.filter.state = text(),
    }
    Ok(())
}

fn also(filters: &[&str]) -> String {
    filters.iter().map(|name| format!(", {name}")).collect()
}

/// A page, each thing in its shape.
pub fn items<T, S>(listed: Listed<T>, shape: impl Fn(&T) -> S) -> Items<S> {
    let Listed { items, next } = listed;
    Items { items: items.iter().map(shape).collect(), next_cursor: next.map(|mark| mark.to_string()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_list_is_cut_into_pages() {
        let all = || ["a", "b/", "c"].map(str::to_owned).to_vec();
        let ask = |query: &str| {
            let (part, _) = read_part(Some(query), &[]).map_err(|fault| fault.errors().len())?;
            part.cut(all(), |one| one).map_err(|fault| fault.errors().len())
        };
        let first = ask("limit=2").expect("a page");
        assert_eq!(first.items, ["a", "b/"]);
        let next = first.next_cursor.expect("there is more");
        let second = ask(&format!("cursor={next}&limit=1")).expect("a page");
        assert_eq!((second.items, second.next_cursor), (vec!["c".to_owned()], None));
        for (query, errors, why) in [
            ("cursor=64", 1, "one that is gone"),
            ("cursor=a&cursor=b", 1, "twice"),
            ("limit=0&x=1", 2, "as of any list"),
            ("cursor=", 1, "a blank"),
        ] {
            assert_eq!(ask(query).err(), Some(errors), "{why}");
        }
    }

    #[test]
    fn a_query_is_right_or_each_mistake_is_named() {
        for (query, errors, why) in [
            ("", 0, "nothing"),
            ("limit=1&location_id=chicago", 0, "both"),
            ("limit=100", 0, "the most"),
            ("limit=101", 1, "one more"),
            ("limit=0", 1, "none"),
            ("limit=", 1, "a blank"),
            ("limit=%2B1", 1, "a sign"),
            ("limit=1&limit=2", 1, "twice"),
            ("technician_id=jo", 1, "a filter of another list"),
            ("limit=x&cursor=x&active=1", 3, "three at once"),
        ] {
            let read = read(Some(query), &["location_id", "active"]);
            match read {
                Ok(_) => assert_eq!(errors, 0, "{why}"),
                Err(fault) => assert_eq!(fault.errors().len(), errors, "{why}"),
            }
        }
    }
}
