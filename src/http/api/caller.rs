//! Who asks: a tenant's program by its key, or the operator by the admin key.
//!
//! Deliberately not here: what they may do. A key opens its own tenant's doors; of another tenant's things it learns
//! nothing, not even that they are there.

use std::sync::Arc;

use axum::extract::{FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use super::fault::{Fault, FieldError};
use crate::domain::TenantId;
use crate::http::peers::peer;
use crate::http::{House, admin};
use crate::store::edit::Actor;
use crate::switchboard::desk::Asker;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Whoever acts for a tenant.
#[derive(Clone, Debug)]
pub struct Caller {
    /// For which.
    pub tenant: TenantId,
    /// Who, when, and in which request.
    pub asker: Asker,
}

/// The operator, acting for no tenant in particular. For everybody else such a door is not there.
#[derive(Clone, Debug)]
pub struct Operator {
    /// Who, when, and in which request.
    pub asker: Asker,
}

/// Whoever holds a key; the address of what they ask for says which tenant it is about.
#[derive(Clone, Debug)]
pub struct Holder {
    /// A key's own tenant, or the one that the operator names.
    tenant: Option<TenantId>,
    asker: Asker,
}

/// The name of a request, in its answer and in the audit.
#[derive(Clone, Debug)]
struct RequestId(String);

impl Caller {
    /// Whether it is the operator who asks.
    pub fn is_operator(&self) -> bool {
        self.asker.by == Actor::Operator
    }

    /// For what only the operator may do.
    ///
    /// # Errors
    /// 404 for everybody else.
    pub fn operators_only(&self) -> Result<(), Fault> {
        if self.is_operator() { Ok(()) } else { Err(Fault::unknown()) }
    }
}

impl Holder {
    /// Acting for the tenant that an address names: a tenant's key for its own, the operator for any.
    ///
    /// # Errors
    /// 404 for another tenant's.
    pub fn acting_for(self, tenant: &str) -> Result<Caller, Fault> {
        match self.tenant {
            Some(own) if own.as_str() != tenant => Err(Fault::unknown()),
            Some(_) | None => Ok(Caller { tenant: TenantId::from(tenant), asker: self.asker }),
        }
    }
}

impl FromRequestParts<Arc<House>> for Holder {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Fault> {
        let named = named_tenant(&parts.headers)?;
        if admin::admit(&parts.headers, &house.admin_key).is_ok() {
            house.limit.pass("operator")?;
            return Ok(Self { tenant: named, asker: asker(parts, house, Actor::Operator) });
        }
        let Some((tenant, key)) = own_key(parts, house).and_then(|key| house.board.key_owner(key)) else {
            house.limit.wrong_key(peer(parts))?;
            let detail = format!(
                "This needs a tenant's key, as \"{}: …\" or \"Authorization: Bearer …\".",
                house.tenant_key_header
            );
            return Err(Fault::new(StatusCode::UNAUTHORIZED, detail));
        };
        house.limit.pass(tenant.as_str())?;
        if named.is_some_and(|named| named != tenant) {
            return Err(Fault::unknown());
        }
        Ok(Self { tenant: Some(tenant), asker: asker(parts, house, Actor::Key(key)) })
    }
}

impl FromRequestParts<Arc<House>> for Caller {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Fault> {
        let Holder { tenant, asker } = Holder::from_request_parts(parts, house).await?;
        let tenant = tenant.ok_or_else(|| {
            let message = "is missing: the operator's key acts for the tenant that this header names";
            Fault::wrong(vec![FieldError::new("X-Tenant-Id", "missing", message)])
        })?;
        // A key's tenant is there as long as the key is; the operator may name anybody.
        if asker.by == Actor::Operator && !house.board.knows(&tenant).await? {
            return Err(Fault::unknown());
        }
        Ok(Self { tenant, asker })
    }
}

impl FromRequestParts<Arc<House>> for Operator {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Fault> {
        let Holder { tenant: _, asker } = Holder::from_request_parts(parts, house).await?;
        if asker.by == Actor::Operator { Ok(Self { asker }) } else { Err(Fault::unknown()) }
    }
}

fn asker(parts: &Parts, house: &House, by: Actor) -> Asker {
    Asker { by, request: request_name(parts), at: house.board.time() }
}

/// The name that [`name_request`] gave a request.
pub fn request_name(parts: &Parts) -> String {
    parts.extensions.get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default()
}

/// The key in its own header, else the bearer's.
fn own_key<'a>(parts: &'a Parts, house: &House) -> Option<&'a str> {
    let headers = &parts.headers;
    if let Some(key) = headers.get(house.tenant_key_header.as_str()) {
        return key.to_str().ok();
    }
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(key.trim())
}

fn named_tenant(headers: &HeaderMap) -> Result<Option<TenantId>, Fault> {
    let Some(value) = headers.get("x-tenant-id") else { return Ok(None) };
    // Whatever is no id is nobody's.
    value.to_str().map(|text| Some(TenantId::from(text))).map_err(|_| Fault::unknown())
}

/// Gives each request a name, or leaves it the one that it brings, and tells it in the answer.
pub async fn name_request(mut request: Request, next: Next) -> Response {
    let brought = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let good = |name: &&str| (1..=64).contains(&name.len()) && name.bytes().all(|b| b.is_ascii_graphic());
    let name = brought.filter(good).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned);
    let told = HeaderValue::from_str(&name).ok();
    request.extensions_mut().insert(RequestId(name));
    let mut response = next.run(request).await;
    if let Some(told) = told {
        response.headers_mut().insert(REQUEST_ID, told);
    }
    response
}
