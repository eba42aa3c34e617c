//! Making a session. A client repeats its request when it hears nothing or hears of a fault: the same pair on the same
//! terms within ten seconds is the same session.
//!
//! Deliberately not here: choosing the number (`routing::pairing`). **Invariant:** what is written down is answered as
//! made, whatever fails after it.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::response::Response;
use serde_json::json;
use uuid::Uuid;

use super::asked::New;
use super::change::changed;
use super::door::Client;
use super::field::Fields;
use super::told::{Refusal, Told, answer, side};
use super::{LONGEST, pins, shape};
use crate::domain::{CallId, Door, Number, Phase, Placing, Session, SessionId, SessionKind, SessionOptions};
use crate::http::{House, body};
use crate::routing::job::stands;
use crate::routing::pairing::{self, NotPaired, Server, Wish};
use crate::rules::ruleset::Ruleset;
use crate::store::base::{WantSessions, Wants};
use crate::store::edit::Act;
use crate::store::masked::Masked;
use crate::switchboard::desk::Plan;

/// How long a repeat is known as one.
const REPEATED: Duration = Duration::from_secs(10);

/// `POST …/Masking/Session/`.
pub async fn create(State(house): State<Arc<House>>, client: Client, request: Request) -> Response {
    let told = made(&house, &client, request).await;
    if told.as_ref().err() != Some(&Refusal::exhausted()) {
        house.window.count(&client.tenant, house.board.time());
    }
    answer(&client, told)
}

async fn made(house: &House, client: &Client, request: Request) -> Result<Told, Refusal> {
    let (parts, body) = request.into_parts();
    let fields = Fields::read(&body::take(&parts.headers, body, LONGEST).await?)?;
    let now = client.asker.at;
    let base = house.masking_base(client, &Wants::default()).await?.rules;
    let new = New::read(fields, &base.tenant.country, now)?;
    let phones = new.first.into_iter().chain(new.second).collect();
    let wants = Wants { sessions: WantSessions::Around { now, phones }, ..Wants::default() };
    let id = SessionId::from(Uuid::now_v7().to_string());
    let ours = |phone| house.board.is_ours(phone);
    let server = Server { ours: &ours, countries: house.board.countries() };
    // A call that is to be started is started by the number's account.
    let calls = |number: &Number| house.board.provider(number.account.as_str()).is_some();
    let serves = |number: &Number| !new.terms.call_first_party || calls(number);
    let plan = |base: &Ruleset| plan(base, client, &new, &id, server, serves);
    let session = changed(house, client, &wants, Refusal::exhausted, plan).await?;
    let made_at = session.options.terms.as_ref().map_or(now, |terms| terms.made_at);
    let number = session.number.to_string();
    let masked = Masked::of(session, made_at);
    Ok(Told::made(json!({
        "session_uuid": masked.session.id.as_str(),
        "virtual_number": number,
        "message": "Session created",
        "session": shape::session(&masked, &[], &house.board),
    })))
}

/// The session that is to be there afterwards: one that was made a moment ago, or a new one.
fn plan(
    base: &Ruleset,
    client: &Client,
    new: &New,
    id: &SessionId,
    server: Server<'_>,
    serves: impl Fn(&Number) -> bool,
) -> Result<Plan<Session>, Refusal> {
    let now = client.asker.at;
    if let Some(before) = base.sessions.iter().find(|session| is_repeated(base, client, session, new)) {
        return Ok(Plan { dry: true, ..Plan::put(base.only_tenant(), before.clone()) });
    }
    let named = subaccount(base, new)?;
    let of_account = |number: &Number| named(number) && serves(number);
    let fits = |number: &Number| {
        let pins = new.terms.pins.as_ref();
        pins.is_none_or(|pins| pins::fit(pins, &pins::taken(base, number.e164, now)))
    };
    let wish = || Wish {
        id: id.clone(),
        first: new.first,
        second: new.second,
        expires_at: now.plus(Duration::from_secs(new.terms.lasts.into())),
        only: None,
        several: true,
        options: new.options.clone(),
    };
    let wish = || {
        let wish = wish();
        let terms = Some(Arc::new(new.terms.clone()));
        Wish { options: SessionOptions { terms, ..wish.options.clone() }, ..wish }
    };
    let opened = pairing::pair(base, wish(), server, |number| of_account(number) && fits(number), now).map_err(|why| {
        let but_for_pins = new.terms.pins.is_some() && matches!(why, NotPaired::Exhausted(_));
        if but_for_pins && pairing::pair(base, wish(), server, of_account, now).is_ok() {
            return Refusal::wrong(
                "Invalid parameter. first_party_pin or second_party_pin is in use on every virtual number that is free.",
            );
        }
        not_paired(why)
    })?;
    let mut session = opened.session;
    if let Some(asked) = &new.terms.pins {
        let made =
            pins::made(asked, &pins::taken(base, session.number, now), pins::dice).ok_or_else(Refusal::broken)?;
        let mut terms = new.terms.clone();
        terms.pins = Some(made);
        session.options.terms = Some(Arc::new(terms));
    }
    let calling = new.terms.call_first_party.then(|| Act::Call {
        id: CallId(Uuid::now_v7().as_u128()),
        placing: Placing::FirstParty { session: session.id.clone() },
    });
    let rules = Ruleset { sessions: vec![session.clone()], numbers: vec![opened.number], ..base.only_tenant() };
    Ok(Plan { acts: calling.into_iter().collect(), ..Plan::put(rules, session) })
}

/// Whether a session is what the same request made a moment ago.
fn is_repeated(base: &Ruleset, client: &Client, session: &Session, new: &New) -> bool {
    let Some(terms) = session.options.terms.as_ref().filter(|terms| terms.door == Door::Plivo) else { return false };
    let lately = client.asker.at.since(terms.made_at) < REPEATED;
    if !lately || session.kind != SessionKind::PlainPair {
        return false;
    }
    let was = New {
        first: session.first_party,
        second: session.second_party,
        options: session.options.clone(),
        terms: (**terms).clone(),
    };
    was.timeless() == new.timeless() && !matches!(stands(base, session, client.asker.at), Phase::Over { .. })
}

/// Which numbers may be taken: those of the account that is named, by our id of it or by the provider's.
fn subaccount(base: &Ruleset, new: &New) -> Result<impl Fn(&Number) -> bool, Refusal> {
    let named = match &new.terms.subaccount {
        None => None,
        Some(named) => {
            let found = base.accounts.iter().map(|(account, _)| account);
            let found = found.into_iter().find(|account| account.id.as_str() == named || account.account_sid == *named);
            let unknown = || Refusal::wrong("Invalid parameter. subaccount is not one of this account's.");
            Some(found.ok_or_else(unknown)?.id.clone())
        }
    };
    Ok(move |number: &Number| named.as_ref().is_none_or(|account| number.account == *account))
}

/// Why there is no session, in this door's words.
pub fn not_paired(why: NotPaired) -> Refusal {
    match why {
        NotPaired::NoLocation => Refusal::forbidden("This account has no default location for masking sessions."),
        NotPaired::Disabled { location } => {
            Refusal::forbidden(format!("Masking is not enabled at this account's default location {location}."))
        }
        NotPaired::Same => Refusal::wrong("Invalid parameter. first_party and second_party should be different."),
        NotPaired::Ours(party) => Refusal::wrong(format!("Invalid parameter. {} is a virtual number.", side(party))),
        NotPaired::Destination { side: party, region } => Refusal::forbidden(format!(
            "{} may not be called: its region {region} is not enabled for this account, or it is no ordinary number.",
            side(party)
        )),
        NotPaired::There { .. } | NotPaired::Exhausted(_) => Refusal::exhausted(),
    }
}
