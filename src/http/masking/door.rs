//! Who asks: an account's program, by HTTP Basic.
//!
//! Deliberately not here: what it may do. An account's token opens its own address alone; of another's sessions it learns
//! nothing, not even that they are there.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use uuid::Uuid;

use super::told::Refusal;
use crate::domain::TenantId;
use crate::http::House;
use crate::http::peers::peer;
use crate::store::base::{Base, Wants};
use crate::store::edit::Actor;
use crate::switchboard::desk::Asker;

/// An account's program.
#[derive(Clone, Debug)]
pub struct Client {
    /// For which tenant it acts.
    pub tenant: TenantId,
    /// The name that it is known by.
    pub auth_id: String,
    /// The session that it asks for, as its address has it.
    pub session: String,
    /// Who, when, and in which request.
    pub asker: Asker,
}

impl FromRequestParts<Arc<House>> for Client {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, house: &Arc<House>) -> Result<Self, Refusal> {
        let known = basic(&parts.headers).and_then(|(auth_id, token)| {
            let tenant = house.board.account_owner(&auth_id, &token)?;
            Some((auth_id, tenant))
        });
        let Some((auth_id, tenant)) = known else {
            house.limit.wrong_key(peer(parts)).map_err(|_| Refusal::too_many(1))?;
            return Err(Refusal::unauthorized());
        };
        let at = house.board.time();
        let mut path = Path::<HashMap<String, String>>::from_request_parts(parts, house)
            .await
            .map_or_else(|_| HashMap::new(), |Path(path)| path);
        let session = path.remove("session_uuid").unwrap_or_default();
        let own = path.get("auth_id") == Some(&auth_id);
        let creates = own && parts.method == Method::POST && session.is_empty();
        house.window.pass(&tenant, at, !creates).map_err(Refusal::too_many)?;
        if !own {
            return Err(Refusal::unknown());
        }
        let asker = Asker { by: Actor::Key(auth_id.clone()), request: Uuid::now_v7().to_string(), at };
        Ok(Self { tenant, auth_id, session, asker })
    }
}

/// The name and the token of HTTP Basic.
fn basic(headers: &HeaderMap) -> Option<(String, String)> {
    let (scheme, coded) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let plain = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    let (name, token) = plain.split_once(':')?;
    scheme.eq_ignore_ascii_case("basic").then(|| (name.to_owned(), token.to_owned()))
}

impl House {
    /// What is stored of a client's tenant.
    pub(super) async fn masking_base(&self, client: &Client, wants: &Wants) -> Result<Base, Refusal> {
        let reader = self.board.reader().ok_or_else(Refusal::broken)?;
        reader.base(&client.tenant, wants).await?.ok_or_else(Refusal::unauthorized)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_tokens_are_read() {
        let coded = |plain: &str| format!("Basic {}", STANDARD.encode(plain));
        for (value, expected, why) in [
            (coded("MA1:token"), Some(("MA1", "token")), "both"),
            (coded("MA1:to:ken"), Some(("MA1", "to:ken")), "a token with a colon"),
            (coded("MA1:").replace("Basic", "basic"), Some(("MA1", "")), "schemes have no case"),
            (coded("MA1"), None, "no token"),
            ("Basic ???".to_owned(), None, "no Base64"),
            ("Basic".to_owned(), None, "nothing"),
            ("Bearer TUExOnRva2Vu".to_owned(), None, "another scheme"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::AUTHORIZATION, value.parse().expect(why));
            let read = basic(&headers);
            assert_eq!(read.as_ref().map(|(name, token)| (name.as_str(), token.as_str())), expected, "{why}");
        }
        assert_eq!(basic(&HeaderMap::new()), None);
    }
}
