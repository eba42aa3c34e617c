//! Phones that opted out of a number's texts, in pages and one by one.
//!
//! Deliberately not here: opting out and in (`store::edit`, and the texts that say so). **Invariant:** an opt-out's id
//! goes into addresses, so it shows no phone: it is sealed.

use super::phone;
use crate::domain::{E164, MaskingNumber, Moment, TenantId};
use crate::store::error::StoreError;
use crate::store::list::{Listed, Mark, Page};
use crate::store::reader::Reader;
use crate::store::vault::Vault;

/// A phone that opted out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OptOut {
    /// Its id, which only this installation can read.
    pub id: String,
    /// Of which number's texts.
    pub number: MaskingNumber,
    /// The phone.
    pub phone: E164,
    /// When.
    pub at: Moment,
}

impl OptOut {
    fn id_of(vault: &Vault, tenant: &TenantId, number: MaskingNumber, phone: E164) -> String {
        let plain = serde_json::json!({ "opt_out": [tenant.as_str(), number.e164().digits(), phone.digits()] });
        vault.seal_token(plain.to_string().as_bytes())
    }
}

/// The number and the phone behind an id; `None` for anything that is no id of this tenant's.
fn open(vault: &Vault, tenant: &TenantId, id: &str) -> Option<(E164, E164)> {
    #[derive(serde::Deserialize)]
    struct Plain {
        opt_out: (String, u64, u64),
    }
    let Plain { opt_out: (of, number, phone) } = serde_json::from_slice(&vault.open_token(id)?).ok()?;
    if of == tenant.as_str() { E164::from_digits(number).zip(E164::from_digits(phone)) } else { None }
}

type Row = (i64, i64, i64);

impl Reader {
    /// The id of an opt-out, the same every time; `None` without a vault.
    pub fn opt_out_id(&self, tenant: &TenantId, number: MaskingNumber, phone: E164) -> Option<String> {
        self.vault.as_ref().map(|vault| OptOut::id_of(vault, tenant, number, phone))
    }

    /// The phones that are opted out of a tenant's texts, the latest first.
    pub async fn opt_out_page(&self, tenant: &TenantId, page: &Page) -> Result<Listed<OptOut>, StoreError> {
        let Some(vault) = &self.vault else { return Ok(Listed { items: Vec::new(), next: None }) };
        let (at, number, phone) = match &page.after {
            None => (i64::MAX, 0, 0),
            Some(Mark { at, id }) => match open(vault, tenant, id) {
                None => return Ok(Listed { items: Vec::new(), next: None }),
                Some((number, phone)) => (*at, signed(number), signed(phone)),
            },
        };
        let sql = "SELECT number, phone, at FROM opt_outs \
             WHERE tenant = $1 AND opted_out = 1 AND at <= $2 AND (at, number, phone) < ($2, $3, $4) \
             ORDER BY at DESC, number DESC, phone DESC LIMIT $5";
        let query = sqlx::query_as::<_, Row>(sql).bind(tenant.as_str()).bind(at).bind(number).bind(phone);
        let rows = query.bind(page.rows()).fetch_all(&mut *self.conn().await?).await?;
        let outs = rows.into_iter().map(|row| read(vault, tenant, row)).collect::<Result<Vec<_>, _>>()?;
        Ok(Listed::of(outs, page, |out| Mark { at: out.at.0, id: out.id.clone() }))
    }

    /// One of them, by its id; `None` where there is none, or its phone opted in again.
    pub async fn opt_out_in(&self, tenant: &TenantId, id: &str) -> Result<Option<OptOut>, StoreError> {
        let Some(vault) = &self.vault else { return Ok(None) };
        let Some((number, phone)) = open(vault, tenant, id) else { return Ok(None) };
        let sql = "SELECT number, phone, at FROM opt_outs \
             WHERE number = $1 AND phone = $2 AND tenant = $3 AND opted_out = 1";
        let query = sqlx::query_as::<_, Row>(sql).bind(signed(number)).bind(signed(phone)).bind(tenant.as_str());
        let row = query.fetch_optional(&mut *self.conn().await?).await?;
        row.map(|row| read(vault, tenant, row)).transpose()
    }
}

fn read(vault: &Vault, tenant: &TenantId, (number, digits, at): Row) -> Result<OptOut, StoreError> {
    let number = MaskingNumber::rented(phone(number, "opt_outs", "number")?);
    let phone = phone(digits, "opt_outs", "phone")?;
    Ok(OptOut { id: OptOut::id_of(vault, tenant, number, phone), number, phone, at: Moment(at) })
}

fn signed(phone: E164) -> i64 {
    crate::store::cell::digits(phone)
}
