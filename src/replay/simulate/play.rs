//! Drives a network: signs and sends what the provider asks, hands back the replies, and sees what was decided.
//!
//! Deliberately not here: what was expected of it.

use std::collections::BTreeMap;

use crate::domain::Moment;
use crate::providers::rest;
use crate::replay::fixture::Sign;
use crate::replay::phones::network::Reply;
use crate::replay::phones::{Ask, Happening, Network};
use crate::replay::play::Steps;
use crate::replay::signing::Signer;
use crate::replay::target::{Answer, Seen, Target, Whom, Wire};

/// What came of a network.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Everything that happened.
    pub log: Vec<Happening>,
    /// Every request, in order, with its answer.
    pub exchanges: Vec<Exchanged>,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub struct Exchanged {
    /// The request.
    pub ask: Ask,
    /// The answer.
    pub answer: Answer,
    /// What was decided by it; `None` where that cannot be seen. Nothing is decided by a repeat.
    pub seen: Option<Seen>,
}

/// Requests beyond this end a run: something asks itself in a circle.
const MOST: usize = 10_000;

/// Drives a network to its end, signed for `base`, unless an account has a public address of its own; `ours` are the
/// calls that we start, and when. The error says why it could not be.
pub async fn play<T: Target>(
    network: &mut Network,
    ours: &[(Moment, Whom)],
    signers: &BTreeMap<String, Signer>,
    base: &str,
    target: &T,
) -> Result<Played, String> {
    let mut steps = Steps::default();
    let mut taken = 0;
    let mut exchanges = Vec::new();
    let mut ours = ours.iter().peekable();
    loop {
        let until = ours.peek().map_or(Moment(i64::MAX), |(at, _)| *at);
        let Some(ask) = network.next_until(until) else {
            let Some((at, whom)) = ours.next() else { break };
            target.start(whom, *at, &mut |account, ask| asked(network, *at, account, ask)).await?;
            // What was decided by that is no answer to any request.
            target.grown(&mut taken);
            continue;
        };
        if exchanges.len() == MOST {
            return Err(format!("{MOST} requests were made, and there is no end of them"));
        }
        if is_foreign(&ask, signers, base) {
            network.answer(&elsewhere());
            continue;
        }
        let wire = wire(&ask, signers, base, target.told_the_time())?;
        let answer = target.send(&wire, ask.at).await.map_err(|why| format!("request {}: {why}", ask.no + 1))?;
        let seen = match target.grown(&mut taken) {
            Some(step) => Some(step.unwrap_or_default()),
            None => steps.next(&ask.params, target).await?,
        };
        let Answer { status, content_type, body } = answer.clone();
        network.answer(&Reply { status, content_type, body });
        exchanges.push(Exchanged { ask, answer, seen });
    }
    Ok(Played { log: network.log().to_vec(), exchanges })
}

/// What the network's API answers to a request.
fn asked(network: &mut Network, at: Moment, account: &str, ask: &rest::Ask) -> Answer {
    let Reply { status, content_type, body } = network.create_call(at, account, &ask.fields);
    Answer { status, content_type, body }
}

/// Whether an address is another application's, to which a call was sent on.
fn is_foreign(ask: &Ask, signers: &BTreeMap<String, Signer>, base: &str) -> bool {
    let own = signers.values().map(|signer| signer.public_base_url.as_str()).filter(|base| !base.is_empty());
    let mut bases = own.chain([base]).map(|base| base.trim_end_matches('/'));
    !bases.any(|base| ask.url.strip_prefix(base).is_some_and(|rest| rest.starts_with('/')))
}

/// What another application answers here: it takes the call and ends it.
fn elsewhere() -> Reply {
    let body = b"<Response><Say>Another application.</Say></Response>".to_vec();
    Reply { status: 200, content_type: Some("text/xml".to_owned()), body }
}

/// A provider's request, signed and ready.
pub fn wire(ask: &Ask, signers: &BTreeMap<String, Signer>, base: &str, with_clock: bool) -> Result<Wire, String> {
    let signer = signers.get(&ask.account).ok_or_else(|| format!("there is no provider account {}", ask.account))?;
    let base = if signer.public_base_url.is_empty() { base } else { &signer.public_base_url };
    let target = ask.url.strip_prefix(base.trim_end_matches('/'));
    let mut target = target.ok_or_else(|| format!("{} is not below {base}", ask.url))?.to_owned();
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&ask.params).finish();
    let mut headers = Vec::new();
    let mut body = Vec::new();
    if ask.method == "GET" {
        if !encoded.is_empty() {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&encoded);
        }
    } else {
        headers.push(("content-type".to_owned(), "application/x-www-form-urlencoded; charset=utf-8".to_owned()));
        body = encoded.into_bytes();
    }
    headers.extend(signer.headers(Sign::Valid, base, &target, &body)?);
    if with_clock {
        headers.push(signer.clock(ask.at, &target, &body));
    }
    Ok(Wire { method: ask.method.to_owned(), target, headers, body })
}
