//! `[[technician]]`, `[[customer]]` and `[[work_order]]`.
//!
//! Deliberately not here: that an enabled location's customers have E.164 phones (`whole`).

use super::objects::objects;
use super::phone;
use super::reading::{Kind, Reading, put};
use super::table::Table;
use crate::domain::people::WorkOrderWord;
use crate::domain::{Customer, CustomerId, E164, Technician, TechnicianId, WorkOrder, WorkOrderId, WorkOrderStatus};
use crate::rules::finding::code;

/// Reads every technician, each over what is stored of them.
pub(super) fn technicians(r: &mut Reading<'_>, root: &Table<'_>) -> Vec<Technician> {
    const FIELDS: &[&str] = &["id", "name", "phone", "location_id", "active", "masking_opt_in"];
    let mut read = Vec::new();
    for object in objects(r, root, "technician", "id", FIELDS) {
        let table = &object.table;
        let id = TechnicianId::from(object.id.as_deref().unwrap_or_default());
        let stored = r.base.and_then(|base| base.technicians.iter().find(|one| one.id == id)).cloned();
        let mut technician = stored.unwrap_or_else(|| Technician {
            id,
            tenant: r.tenant.clone(),
            name: String::new(),
            phone: None,
            location: None,
            active: true,
            masking_opt_in: true,
        });
        put(&mut technician.name, table.text(r, "name"));
        put(&mut technician.phone, phone::phone(r, table, "phone"));
        put(&mut technician.location, table.pointer(r, "location_id", Kind::Location));
        put(&mut technician.active, table.flag(r, "active"));
        put(&mut technician.masking_opt_in, table.flag(r, "masking_opt_in"));
        if object.id.is_some() {
            read.push(technician);
        }
    }
    read
}

/// Reads every customer contact, each over what is stored of them. A phone that is not E.164 is kept as it was typed, and
/// nobody guesses what it means.
pub(super) fn customers(r: &mut Reading<'_>, root: &Table<'_>) -> Vec<Customer> {
    const FIELDS: &[&str] = &["id", "name", "phones", "location_id", "tags"];
    let mut read = Vec::new();
    for object in objects(r, root, "customer", "id", FIELDS) {
        let table = &object.table;
        let id = CustomerId::from(object.id.as_deref().unwrap_or_default());
        let stored = r.base.and_then(|base| base.customers.iter().find(|one| one.id == id)).cloned();
        let mut customer = stored.unwrap_or_else(|| Customer {
            id,
            tenant: r.tenant.clone(),
            name: String::new(),
            phones: Vec::new(),
            other_phones: Vec::new(),
            location: None,
            tags: Vec::new(),
        });
        put(&mut customer.name, table.text(r, "name"));
        if let Some(list) = table.texts(r, "phones") {
            (customer.phones, customer.other_phones) = (Vec::new(), Vec::new());
            for (path, text) in list {
                match E164::read(&text) {
                    _ if text.trim().is_empty() => r.notes.mistake(&path, "names no phone"),
                    Some(phone) if customer.phones.contains(&phone) => {
                        r.notes.coded(&path, code::REPEATED, "is in the list already");
                    }
                    Some(phone) => customer.phones.push(phone),
                    None if customer.other_phones.contains(&text) => {
                        r.notes.coded(&path, code::REPEATED, "is in the list already");
                    }
                    None => customer.other_phones.push(text.clone()),
                }
                r.typed_phones.push((path, text));
            }
        }
        put(&mut customer.location, table.pointer(r, "location_id", Kind::Location));
        put(&mut customer.tags, tags(r, table));
        if object.id.is_some() {
            read.push(customer);
        }
    }
    read
}

/// Reads every job, each over what is stored of it.
pub(super) fn work_orders(r: &mut Reading<'_>, root: &Table<'_>) -> Vec<WorkOrder> {
    const FIELDS: &[&str] = &[
        "id",
        "location_id",
        "customer_id",
        "technician_id",
        "title",
        "status",
        "completed_at",
        "canceled_at",
        "tags",
    ];
    let mut read = Vec::new();
    for object in objects(r, root, "work_order", "id", FIELDS) {
        let table = &object.table;
        let id = WorkOrderId::from(object.id.as_deref().unwrap_or_default());
        let stored = r.base.and_then(|base| base.work_orders.iter().find(|one| one.id == id)).cloned();
        let mut job = stored.unwrap_or_else(|| WorkOrder {
            id,
            tenant: r.tenant.clone(),
            location: None,
            customer: None,
            technician: None,
            title: String::new(),
            status: WorkOrderStatus::Open,
            tags: Vec::new(),
        });
        put(&mut job.location, table.pointer(r, "location_id", Kind::Location));
        put(&mut job.customer, table.pointer(r, "customer_id", Kind::Customer));
        put(&mut job.technician, table.pointer(r, "technician_id", Kind::Technician));
        put(&mut job.title, table.erasable(r, "title"));
        job.status = status(r, table, job.status);
        put(&mut job.tags, tags(r, table));
        if object.id.is_some() {
            read.push(job);
        }
    }
    read
}

/// Where a job stands: the word and its date, over what is stored.
fn status(r: &mut Reading<'_>, table: &Table<'_>, stored: WorkOrderStatus) -> WorkOrderStatus {
    let word = table.word::<WorkOrderWord>(r, "status");
    let completed = table.instant(r, "completed_at");
    let completed_at = completed.flatten();
    let canceled_at = table.instant(r, "canceled_at").flatten();
    let stored_word = match stored {
        WorkOrderStatus::Open => WorkOrderWord::Open,
        WorkOrderStatus::Completed { .. } => WorkOrderWord::Completed,
        WorkOrderStatus::Canceled { .. } => WorkOrderWord::Canceled,
    };
    let now = word.unwrap_or(stored_word);
    if completed_at.is_some() && now != WorkOrderWord::Completed {
        r.notes.coded(
            &table.at("completed_at"),
            code::CONFLICT,
            format!("does not go with status = \"{now}\"; write status = \"completed\""),
        );
    }
    if canceled_at.is_some() && now != WorkOrderWord::Canceled {
        r.notes.coded(
            &table.at("canceled_at"),
            code::CONFLICT,
            format!("does not go with status = \"{now}\"; write status = \"canceled\""),
        );
    }
    // What cannot be read has been noted already.
    let kept = matches!(stored, WorkOrderStatus::Completed { .. }) || table.has("completed_at");
    if now == WorkOrderWord::Completed && (completed == Some(None) || !kept) {
        let field = if word.is_some() { "status" } else { "completed_at" };
        let message = if word.is_some() {
            "needs completed_at: the grace days are counted from it"
        } else {
            "may not be empty while the job is completed: the grace days are counted from it"
        };
        r.notes.coded(&table.at(field), code::MISSING, message);
    }
    match (now, stored) {
        (WorkOrderWord::Open, _) => WorkOrderStatus::Open,
        (WorkOrderWord::Completed, WorkOrderStatus::Completed { at }) => {
            WorkOrderStatus::Completed { at: completed_at.unwrap_or(at) }
        }
        (WorkOrderWord::Completed, WorkOrderStatus::Open | WorkOrderStatus::Canceled { .. }) => {
            completed_at.map_or(stored, |at| WorkOrderStatus::Completed { at })
        }
        (WorkOrderWord::Canceled, WorkOrderStatus::Canceled { at }) => {
            WorkOrderStatus::Canceled { at: canceled_at.or(at) }
        }
        (WorkOrderWord::Canceled, WorkOrderStatus::Open | WorkOrderStatus::Completed { .. }) => {
            WorkOrderStatus::Canceled { at: canceled_at }
        }
    }
}

fn tags(r: &mut Reading<'_>, table: &Table<'_>) -> Option<Vec<String>> {
    let mut tags: Vec<String> = Vec::new();
    for (path, tag) in table.texts(r, "tags")? {
        if tag.trim().is_empty() {
            r.notes.mistake(&path, "names no tag");
        } else if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    Some(tags)
}
