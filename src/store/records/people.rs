//! Technicians, customer contacts and jobs as rows.
//!
//! Deliberately not here: back-office lines (they are part of a location's row).

use super::Record;
use crate::domain::people::WorkOrderWord;
use crate::domain::{Customer, E164, Technician, WorkOrder, WorkOrderStatus};
use crate::store::cell::{Cell, Columns, Table, json};
use crate::store::error::StoreError;

impl Record for Technician {
    const TABLE: Table = Table {
        name: "technicians",
        kind: "technician",
        key: 2,
        columns: &["tenant", "id", "name", "phone", "location", "active", "masking_opt_in"],
    };

    fn cells(&self) -> Vec<Cell> {
        let Self { id, tenant, name, phone, location, active, masking_opt_in } = self;
        vec![
            Cell::text(tenant.as_str()),
            Cell::text(id.as_str()),
            Cell::Private(name.clone()),
            Cell::phone(*phone),
            Cell::maybe(location.as_ref()),
            Cell::Flag(*active),
            Cell::Flag(*masking_opt_in),
        ]
    }

    fn read(c: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: c.text()?.into(),
            id: c.text()?.into(),
            name: c.string()?,
            phone: c.maybe_phone()?,
            location: c.maybe()?,
            active: c.flag()?,
            masking_opt_in: c.flag()?,
        })
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn tenant(&self) -> &str {
        self.tenant.as_str()
    }
}

impl Record for Customer {
    const TABLE: Table = Table {
        name: "customers",
        kind: "customer",
        key: 2,
        columns: &["tenant", "id", "name", "phones", "other_phones", "location", "tags"],
    };

    fn cells(&self) -> Vec<Cell> {
        let Self { id, tenant, name, phones, other_phones, location, tags } = self;
        vec![
            Cell::text(tenant.as_str()),
            Cell::text(id.as_str()),
            Cell::Private(name.clone()),
            Cell::Partly {
                text: json(&phones.iter().map(|phone| phone.digits()).collect::<Vec<_>>()),
                told: phones.iter().map(|phone| phone.masked().to_string()).collect(),
            },
            Cell::Private(json(other_phones)),
            Cell::maybe(location.as_ref()),
            Cell::json(tags),
        ]
    }

    fn read(c: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: c.text()?.into(),
            id: c.text()?.into(),
            name: c.string()?,
            phones: {
                let digits: Vec<u64> = c.json()?;
                let phones: Option<Vec<E164>> = digits.into_iter().map(E164::from_digits).collect();
                phones.ok_or(StoreError::Row { table: "customers", column: "phones", what: "no phone number" })?
            },
            other_phones: c.json()?,
            location: c.maybe()?,
            tags: c.json()?,
        })
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn tenant(&self) -> &str {
        self.tenant.as_str()
    }
}

impl Record for WorkOrder {
    const TABLE: Table = Table {
        name: "work_orders",
        kind: "work_order",
        key: 2,
        columns: &["tenant", "id", "location", "customer", "technician", "title", "status", "status_at", "tags"],
    };

    fn cells(&self) -> Vec<Cell> {
        let Self { id, tenant, location, customer, technician, title, status, tags } = self;
        let (word, at) = match status {
            WorkOrderStatus::Open => (WorkOrderWord::Open, None),
            WorkOrderStatus::Completed { at } => (WorkOrderWord::Completed, Some(*at)),
            WorkOrderStatus::Canceled { at } => (WorkOrderWord::Canceled, *at),
        };
        vec![
            Cell::text(tenant.as_str()),
            Cell::text(id.as_str()),
            Cell::maybe(location.as_ref()),
            Cell::maybe(customer.as_ref()),
            Cell::maybe(technician.as_ref()),
            Cell::Private(title.clone()),
            Cell::text(word.word()),
            Cell::at(at),
            Cell::json(tags),
        ]
    }

    fn read(c: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: c.text()?.into(),
            id: c.text()?.into(),
            location: c.maybe()?,
            customer: c.maybe()?,
            technician: c.maybe()?,
            title: c.string()?,
            status: {
                let word = c.word(WorkOrderWord::read)?;
                let at = c.maybe_moment()?;
                match (word, at) {
                    (WorkOrderWord::Open, _) => WorkOrderStatus::Open,
                    (WorkOrderWord::Completed, Some(at)) => WorkOrderStatus::Completed { at },
                    (WorkOrderWord::Canceled, at) => WorkOrderStatus::Canceled { at },
                    (WorkOrderWord::Completed, None) => {
                        let (table, column) = ("work_orders", "status_at");
                        return Err(StoreError::Row { table, column, what: "no instant for a job that is done" });
                    }
                }
            },
            tags: c.json()?,
        })
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn tenant(&self) -> &str {
        self.tenant.as_str()
    }
}
