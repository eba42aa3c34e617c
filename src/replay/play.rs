//! One case played against one target: every request in turn, every answer compared.
//!
//! Deliberately not here: which cases are played (`replay::run`), and what becomes of the differences.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::domain::{AccountKind, Moment};
use crate::rules::ruleset::Ruleset;

use super::binding::Bindings;
use super::diff::{self, Difference, Got};
use super::fixture::{Case, Exchange, Expect, Sign};
use super::link::Link;
use super::options::Told;
use super::parts::{self, Part};
use super::signing::Signer;
use super::target::{Seen, Target, Wire};
use super::words::{self, Names};
use super::{span, xml};

/// What a case is played with.
#[derive(Clone, Debug)]
pub struct Stage<'a> {
    /// How requests are signed, by account.
    pub signers: &'a BTreeMap<String, Signer>,
    /// The world, for the names of its people.
    pub rulesets: &'a [Ruleset],
    /// What providers reach, unless an account has its own.
    pub base: &'a str,
    /// Signs every request this way, whatever the fixture says.
    pub sign: Option<Sign>,
    /// What made-up ids are made from.
    pub seed: String,
    /// When the case begins.
    pub start: Moment,
}

/// What came of a case.
#[derive(Clone, Debug, Default)]
pub struct Played {
    /// Where answers differ from what was expected, in order.
    pub differences: Vec<Difference>,
    /// The first differing reason of the first differing exchange's decision, in words.
    pub reason: Option<String>,
    /// Each exchange that differs, as people are told of it.
    pub told: Vec<Told>,
    /// Every answer, in order, for rewriting the file.
    pub answers: Vec<Got>,
    /// What the placeholders stood for in the end.
    pub bindings: Option<Bindings>,
}

/// Plays a case. The error says why it could not be played to its end.
pub async fn case<T: Target>(case: &Case, stage: &Stage<'_>, target: &T) -> Result<Played, String> {
    let signer = stage.signers.get(&case.account).ok_or_else(|| {
        let known: Vec<&str> = stage.signers.keys().map(String::as_str).collect();
        format!("the world has no provider account \"{}\"; it has {}", case.account, known.join(", "))
    })?;
    if let Some(sign) = stage.sign.filter(|sign| !signer.takes(*sign)) {
        return sweep(case, stage, signer, sign, target).await;
    }
    let uuids = signer.kind == AccountKind::Signalwire;
    let mut bindings = Bindings::new(stage.seed.clone(), uuids);
    let mut played = Played::default();
    let mut steps = Steps::default();
    let mut at = stage.start;
    for (index, exchange) in case.exchanges.iter().enumerate() {
        at = at.plus(exchange.after);
        let sign = stage.sign.unwrap_or(exchange.sign);
        let made = request(exchange, stage, signer, sign, at, target.told_the_time(), &mut bindings);
        let (wire, form) = match made {
            Ok(made) => made,
            Err(why) => {
                let parts = vec![Part::of_line("request", &exchange.target, &why)];
                played.differences.push(difference(index, exchange, "request", exchange.target.clone(), why));
                played.told.push(told(case, index, "a request that cannot be made".to_owned(), parts));
                break;
            }
        };
        let answer = target.send(&wire, at).await.map_err(|why| format!("exchange {}: {why}", index + 1))?;
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        let step = steps.next(&form, target).await?;
        let got = Got {
            status: answer.status,
            body,
            decision: step.as_ref().map(|step| step.decision.clone()),
            effects: step.map(|step| step.effects),
        };
        let expect = moved(&exchange.expect, stage.start.0.saturating_sub(case.now.0));
        let differs = compare(index, exchange, &expect, &got, &mut bindings, &mut played);
        if differs {
            let parts = parts::differing(&expect, &got, &mut bindings.clone());
            played.told.push(told(case, index, words(case, index, sign, &wire, &form, stage), parts));
        }
        learn(&got.body, &mut bindings);
        played.answers.push(got);
    }
    played.bindings = Some(bindings);
    Ok(played)
}

/// Signed wrongly on purpose: whatever a file expects, every request that needs no earlier answer is refused.
async fn sweep<T: Target>(
    case: &Case,
    stage: &Stage<'_>,
    signer: &Signer,
    sign: Sign,
    target: &T,
) -> Result<Played, String> {
    let mut bindings = Bindings::new(format!("{}\n{sign}", stage.seed), signer.kind == AccountKind::Signalwire);
    let mut played = Played::default();
    let mut at = stage.start;
    for (index, exchange) in case.exchanges.iter().enumerate() {
        at = at.plus(exchange.after);
        let Ok((wire, form)) = request(exchange, stage, signer, sign, at, target.told_the_time(), &mut bindings) else {
            continue;
        };
        let answer = target.send(&wire, at).await.map_err(|why| format!("exchange {}: {why}", index + 1))?;
        // A request that is turned away before its signature is looked at stays as the file says.
        let status = exchange.expect.status.filter(|status| matches!(status, 404 | 405 | 413)).unwrap_or(403);
        let got = Got { status: answer.status, ..Got::default() };
        let expect = Expect { status: Some(status), ..Expect::default() };
        if compare(index, exchange, &expect, &got, &mut bindings, &mut played) {
            let parts = parts::differing(&expect, &got, &mut bindings);
            played.told.push(told(case, index, words(case, index, sign, &wire, &form, stage), parts));
        }
    }
    Ok(played)
}

/// What is expected when the case begins so many microseconds later than it says: the decision's instant moves along.
fn moved(expect: &Expect, by: i64) -> Cow<'_, Expect> {
    let mut expect = Cow::Borrowed(expect);
    if by != 0 && expect.decision.iter().flatten().any(|(key, _)| key == "at") {
        for (_, at) in expect.to_mut().decision.iter_mut().flatten().filter(|(key, _)| key == "at") {
            if let Some(instant) = at.as_str().and_then(Moment::read) {
                *at = Moment(instant.0.saturating_add(by)).to_string().into();
            }
        }
    }
    expect
}

fn compare(
    index: usize,
    exchange: &Exchange,
    expect: &Expect,
    got: &Got,
    bindings: &mut Bindings,
    played: &mut Played,
) -> bool {
    let found = diff::answer(expect, got, bindings);
    if !found.is_empty() && played.differences.is_empty() {
        played.reason = got.decision.as_ref().and_then(|decision| reason(expect, decision));
    }
    let differs = !found.is_empty();
    let found = found.into_iter().map(|(path, expected, got)| difference(index, exchange, &path, expected, got));
    played.differences.extend(found);
    differs
}

fn told(case: &Case, index: usize, words: String, parts: Vec<Part>) -> Told {
    let exchange = &case.exchanges[index];
    let request = format!("{} {}", exchange.method, exchange.target);
    Told { exchange: index + 1, of: case.exchanges.len(), line: exchange.line, words, request, parts }
}

/// What a request was, and what was unusual about it.
fn words(case: &Case, index: usize, sign: Sign, wire: &Wire, form: &Form, stage: &Stage<'_>) -> String {
    let exchange = &case.exchanges[index];
    let mut words = words::request(&words::step(&wire.target), form, &Names::of(stage.rulesets));
    let same = |before: &Exchange| (&before.target, &before.form) == (&exchange.target, &exchange.form);
    if case.exchanges[..index].iter().any(same) {
        words.push_str(", told once more");
    }
    if !exchange.after.is_zero() {
        words.push_str(&format!(", {} later", span::write(exchange.after)));
    }
    match sign {
        Sign::Valid => {}
        Sign::None => words.push_str(", not signed"),
        Sign::Bad | Sign::OldToken | Sign::WrongHost => words.push_str(&format!(", signed wrongly ({sign})")),
    }
    words
}

fn difference(index: usize, exchange: &Exchange, path: &str, expected: String, got: String) -> Difference {
    Difference { exchange: index + 1, line: exchange.line, path: path.to_owned(), expected, got }
}

/// The first reason that differs from the expected ones, as a sentence; all of them where none were expected.
fn reason(expect: &Expect, decision: &Value) -> Option<String> {
    let why = decision.get("why")?.as_array()?;
    let text = |reason: &Value| reason.get("text").and_then(Value::as_str).unwrap_or_default().to_owned();
    let expected = expect.decision.iter().flatten().find(|(key, _)| key == "why").and_then(|(_, why)| why.as_array());
    let Some(expected) = expected else {
        let all: Vec<String> = why.iter().map(text).filter(|text| !text.is_empty()).collect();
        return (!all.is_empty()).then(|| all.join(" "));
    };
    let code = |at: usize| why.get(at).and_then(|reason| reason.get("code")).and_then(Value::as_str);
    let expected: Vec<&str> = expected.iter().filter_map(Value::as_str).collect();
    let at = (0..expected.len().max(why.len())).find(|&at| expected.get(at).copied() != code(at))?;
    let wanted = expected.get(at).map_or_else(|| "nothing more".to_owned(), |code| (*code).to_owned());
    Some(match (code(at), why.get(at)) {
        (Some(code), Some(reason)) => format!("reason {} is {code}, not {wanted}: {}", at + 1, text(reason)),
        _ => format!("reason {} is missing: {wanted}", at + 1),
    })
}

/// The addresses of ours in a document, for the requests that follow.
fn learn(body: &str, bindings: &mut Bindings) {
    let Ok(document) = xml::read(body) else { return };
    for link in document.values().into_iter().filter_map(Link::read) {
        bindings.see(link);
    }
}

type Form = Vec<(String, String)>;

fn request(
    exchange: &Exchange,
    stage: &Stage<'_>,
    signer: &Signer,
    sign: Sign,
    at: Moment,
    with_clock: bool,
    bindings: &mut Bindings,
) -> Result<(Wire, Form), String> {
    let mut target = bindings.fill(&exchange.target, "")?;
    let filled = |pairs: &Form, bindings: &mut Bindings| -> Result<Form, String> {
        pairs.iter().map(|(name, value)| Ok((name.clone(), bindings.fill(value, name)?))).collect()
    };
    let form = filled(&exchange.form, bindings)?;
    let mut headers = filled(&exchange.headers, bindings)?;
    headers.iter_mut().for_each(|(name, _)| name.make_ascii_lowercase());
    let encoded = form_urlencoded::Serializer::new(String::new()).extend_pairs(&form).finish();
    let mut body = Vec::new();
    if exchange.method == "GET" {
        if !encoded.is_empty() {
            target.push(if target.contains('?') { '&' } else { '?' });
            target.push_str(&encoded);
        }
    } else if let Some(raw) = &exchange.body {
        body = raw.clone().into_bytes();
    } else {
        body = encoded.into_bytes();
    }
    let given = |name: &str, headers: &Form| headers.iter().any(|(given, _)| given == name);
    if exchange.method == "POST" && !given("content-type", &headers) {
        headers.push(("content-type".into(), "application/x-www-form-urlencoded; charset=utf-8".into()));
    }
    let base = if signer.public_base_url.is_empty() { stage.base } else { &signer.public_base_url };
    for header in signer.headers(sign, base, &target, &body)? {
        if !given(&header.0, &headers) {
            headers.push(header);
        }
    }
    if with_clock {
        headers.push(signer.clock(at, &target, &body));
    }
    Ok((Wire { method: exchange.method.clone(), target, headers, body }, form))
}

/// Which steps of which calls and texts were seen already, so that a request's own step can be told.
#[derive(Debug, Default)]
pub(super) struct Steps(Vec<(String, usize)>);

impl Steps {
    /// The step that the last request made: the one by which a call or text has grown. Nothing has grown after a
    /// repeat or a refusal; then there is no decision, and no effect. `None` where steps cannot be seen.
    pub(super) async fn next<T: Target>(
        &mut self,
        form: &[(String, String)],
        target: &T,
    ) -> Result<Option<Seen>, String> {
        for name in ["CallSid", "ParentCallSid", "MessageSid", "SmsSid", "CallUUID", "MessageUUID"] {
            for (_, sid) in form.iter().filter(|(param, value)| param == name && !value.is_empty()) {
                if !self.0.iter().any(|(known, _)| known == sid) {
                    self.0.push((sid.clone(), 0));
                }
            }
        }
        let mut own = Seen::default();
        for (sid, count) in &mut self.0 {
            let Some(mut steps) = target.steps(sid).await? else { return Ok(None) };
            if steps.len() > *count {
                *count = steps.len();
                own = steps.pop().unwrap_or_default();
            }
        }
        Ok(Some(own))
    }
}
