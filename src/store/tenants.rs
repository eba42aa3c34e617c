//! Which tenants there are.
//!
//! Deliberately not here: all that is stored of one (`store::reader`).

use super::declared;
use super::error::StoreError;
use super::reader::Reader;
use super::records::tenant::TenantRecord;
use crate::domain::TenantId;

impl Reader {
    /// Every tenant, and whether its rules hold literal secrets of the demo.
    pub async fn tenants(&self) -> Result<Vec<(TenantId, bool)>, StoreError> {
        let mut tenants = Vec::new();
        let learn = |TenantRecord { tenant, demo_secrets, .. }| tenants.push((tenant.id, demo_secrets));
        declared::all(&mut *self.conn().await?, None, self.vault.as_ref(), learn).await?;
        Ok(tenants)
    }
}
