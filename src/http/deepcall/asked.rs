//! A request: its JSON object, under whatever content type, and the tenant that it proves to come from.
//!
//! Deliberately not here: what the parameters beside the proof mean.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use serde_json::{Map, Value};

use super::LONGEST;
use super::answer::Refusal;
use crate::domain::{Tenant, TenantId};
use crate::http::peers::peer;
use crate::http::{House, api, body};
use crate::store::edit::Actor;
use crate::switchboard::desk::Asker;

/// A request that proved whose it is.
#[derive(Clone, Debug)]
pub struct Asked {
    /// Whose.
    pub tenant: Arc<Tenant>,
    /// Who, when, and in which request.
    pub asker: Asker,
    /// Its parameters.
    pub fields: Map<String, Value>,
}

impl FromRequest<Arc<House>> for Asked {
    type Rejection = Refusal;

    async fn from_request(request: Request, house: &Arc<House>) -> Result<Self, Refusal> {
        let (parts, body) = request.into_parts();
        let body = body::take(&parts.headers, body, LONGEST).await.map_err(Refusal::not_taken)?;
        let (mut fields, twice) =
            api::decoded(&body).map_err(|why| Refusal::wrong(format!("The body is no JSON object: {why}")))?;
        if !twice.is_empty() {
            return Err(Refusal::wrong(format!("{} stands twice", twice.join(", "))));
        }
        let proof = Proof::read(&mut fields);
        let known = proof.and_then(|proof| {
            let (id, by) = proof.owner(house).ok_or_else(|| proof.wrong())?;
            Ok((house.board.tenant(&id).ok_or_else(|| proof.wrong())?, by))
        });
        let (tenant, by) = match known {
            Ok(known) => known,
            Err(refusal) => {
                house.limit.wrong_key(peer(&parts)).map_err(|_| Refusal::too_often())?;
                return Err(refusal);
            }
        };
        house.limit.pass(tenant.id.as_str()).map_err(|_| Refusal::too_often())?;
        let by = Actor::Key(by.to_owned());
        let asker = Asker { by, request: api::request_name(&parts), at: house.board.time() };
        Ok(Self { tenant, asker, fields })
    }
}

/// What a request proves itself with. Where it carries both, both must be right, and of the same tenant.
struct Proof {
    ssid: Option<String>,
    user: Option<(String, String)>,
}

impl Proof {
    /// Takes it out of the parameters. What is null or blank is not there.
    fn read(fields: &mut Map<String, Value>) -> Result<Self, Refusal> {
        let mut text = |name: &str| match fields.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text).filter(|text| !text.is_empty())),
            Some(Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_)) => {
                Err(Refusal::unauthorized(format!("{name} must be a text")))
            }
        };
        let (ssid, user, token) = (text("ssid")?, text("userId")?, text("token")?);
        match (ssid, user, token) {
            (ssid, Some(user), Some(token)) => Ok(Self { ssid, user: Some((user, token)) }),
            (Some(ssid), None, None) => Ok(Self { ssid: Some(ssid), user: None }),
            (_, Some(_), None) => Err(Refusal::unauthorized("token is missing: userId needs it")),
            (_, None, Some(_)) => Err(Refusal::unauthorized("userId is missing: token needs it")),
            (None, None, None) => Err(Refusal::unauthorized("ssid is missing, or userId and token")),
        }
    }

    /// Whose it is, and what it is called in the audit.
    fn owner(&self, house: &House) -> Option<(TenantId, &'static str)> {
        let by_ssid = self.ssid.as_ref().map(|ssid| house.board.deepcall_ssid(ssid));
        let by_user = self.user.as_ref().map(|(user, token)| house.board.deepcall_user(user, token));
        match (by_ssid, by_user) {
            (Some(of_ssid), Some(of_user)) if of_ssid == of_user => Some((of_ssid?, "deepcall.token")),
            (Some(_), Some(_)) | (None, None) => None,
            (Some(of_ssid), None) => Some((of_ssid?, "deepcall.ssid")),
            (None, Some(of_user)) => Some((of_user?, "deepcall.token")),
        }
    }

    fn wrong(&self) -> Refusal {
        Refusal::unauthorized(match (&self.ssid, &self.user) {
            (Some(_), None) => "ssid is wrong",
            (None, Some(_) | None) => "userId or token is wrong",
            (Some(_), Some(_)) => "ssid, userId or token is wrong",
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_proof_is_an_ssid_or_a_user_with_a_token() {
        for (body, read, why) in [
            (json!({"ssid": "s", "mask": 1}), true, "an ssid"),
            (json!({"userId": "u", "token": "t"}), true, "a user with a token"),
            (json!({"ssid": "s", "userId": "u", "token": "t"}), true, "both"),
            (json!({"ssid": "", "userId": "u", "token": "t"}), true, "blank is not there"),
            (json!({"ssid": null, "userId": "u", "token": "t"}), true, "nor is null"),
            (json!({"mask": 1}), false, "nothing"),
            (json!({"ssid": ""}), false, "blank"),
            (json!({"userId": "u"}), false, "no token"),
            (json!({"token": "t"}), false, "no user"),
            (json!({"ssid": "s", "userId": "u"}), false, "half of the other way"),
            (json!({"ssid": 7}), false, "a number"),
            (json!({"ssid": ["s"]}), false, "a list"),
        ] {
            let Value::Object(mut fields) = body else { panic!("{why}") };
            let proof = Proof::read(&mut fields);
            assert_eq!(proof.is_ok(), read, "{why}");
            assert!(
                proof.is_err() || !["ssid", "userId", "token"].iter().any(|name| fields.contains_key(*name)),
                "{why}"
            );
        }
    }
}
