//! What was written down of one call or text, decoded: each webhook's parameters, its answer, and why.
//!
//! Deliberately not here: mapping any of it. Nothing of this is written anywhere.

use serde_json::Value;

use crate::domain::{CallerId, E164, Moment};
use crate::providers::Form;
use crate::store::interactions::{InteractionRecord, StepRecord};
use crate::store::past::Turn;

use super::super::link::{Link, OPAQUE};
use super::filler::{self, Length};

/// One call or text.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// The account that its webhooks came to.
    pub account: String,
    /// Whose it is; `None` for a call to a number that nobody rents.
    pub tenant: Option<String>,
    /// The location that governed.
    pub location: Option<String>,
    /// `voice` or `sms`.
    pub channel: String,
    /// The number called.
    pub number: Option<E164>,
    /// Who called.
    pub caller: Option<E164>,
    /// The session.
    pub session: Option<String>,
    /// Its first place in the journal.
    pub seq: i64,
    /// `open`, or how it ended.
    pub state: String,
    /// The webhooks, in order.
    pub steps: Vec<Step>,
}

/// One webhook.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Step {
    /// When it was decided.
    pub at: Moment,
    /// The method.
    pub method: String,
    /// Which step, such as `voice/dialed`.
    pub step: String,
    /// The target as it came.
    pub target: String,
    /// Our own parameters of the target.
    pub own: Vec<(String, String)>,
    /// The provider's parameters, of the body or, with GET, of the target.
    pub form: Vec<(String, String)>,
    /// The answer's status.
    pub status: u16,
    /// The answer, without a text's words and media.
    pub answer: String,
    /// The decision; null where there is none.
    pub decision: Value,
    /// The kinds of the effects.
    pub effects: Vec<String>,
}

/// Parameters of our own addresses.
const OWN: [&str; 5] = ["call", "attempt", "try", "route", "message"];

impl Tape {
    /// What the store has of an interaction. `words` are those of a text, where they are kept.
    pub fn of(record: &InteractionRecord, words: Option<&str>) -> Self {
        let row = &record.row;
        Self {
            account: row.account.clone(),
            tenant: Some(row.tenant.clone()),
            location: row.location.clone(),
            channel: row.channel.clone(),
            number: E164::from_digits(row.number),
            caller: CallerId::from_text(&row.caller).phone(),
            session: row.session.clone(),
            seq: record.first_seq,
            state: row.state.clone(),
            steps: record.steps.iter().map(|step| Step::of(step, words)).collect(),
        }
    }

    /// Webhooks that became no call or text of ours.
    pub fn stray(steps: &[StepRecord]) -> Self {
        let steps: Vec<Step> = steps.iter().map(|step| Step::of(step, None)).collect();
        let first = steps.first();
        let target = first.map_or("", |step| step.target.as_str());
        let account = target.strip_prefix("/webhooks/").and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let phone = |name: &str| first.and_then(|step| E164::read(step.value(name)?));
        Self {
            account: account.to_owned(),
            channel: if first.is_some_and(|step| step.step.starts_with("sms")) { "sms" } else { "voice" }.to_owned(),
            number: phone("To"),
            caller: phone("From"),
            state: "stray".to_owned(),
            steps,
            ..Self::default()
        }
    }

    /// Every phone that takes part: the caller's, and whom documents dialled or wrote to.
    pub fn phones(&self) -> Vec<E164> {
        let mut phones: Vec<E164> = self.caller.into_iter().collect();
        for step in &self.steps {
            phones.extend(["From", "To"].iter().filter_map(|name| E164::read(step.value(name)?)));
            if let Ok(document) = super::super::xml::read(&step.answer) {
                phones.extend(document.values().into_iter().filter_map(E164::read));
            }
        }
        phones.retain(|phone| Some(*phone) != self.number);
        phones.sort_unstable();
        phones.dedup();
        phones
    }

    /// Whether any step's effects have this kind.
    pub fn has(&self, kind: &str) -> bool {
        self.steps.iter().any(|step| step.effects.iter().any(|effect| effect == kind))
    }

    /// Whether any step's decision has this reason.
    pub fn has_reason(&self, code: &str) -> bool {
        self.steps.iter().any(|step| step.codes().contains(&code))
    }

    /// When it began.
    pub fn began(&self) -> Moment {
        self.steps.first().map_or(Moment::default(), |step| step.at)
    }

    /// When it began, among all that came at that instant.
    pub fn turn(&self) -> Turn {
        Turn { at: self.began(), seq: self.seq }
    }
}

impl Step {
    fn of(record: &StepRecord, words: Option<&str>) -> Self {
        let (path, query) = record.target.split_once('?').unwrap_or((&record.target, ""));
        let is_own = |(name, _): &(String, String)| OWN.contains(&name.as_str());
        let (own, asked): (Vec<_>, Vec<_>) = pairs(query.as_bytes()).into_iter().partition(is_own);
        let effects: Vec<String> = serde_json::from_str(&record.effects).unwrap_or_default();
        let mut form = if record.method == "GET" { asked } else { pairs(&record.body) };
        said(&mut form, &effects, words);
        Self {
            at: Moment(record.at),
            method: record.method.clone(),
            step: path.splitn(4, '/').nth(3).unwrap_or_default().to_owned(),
            target: record.target.clone(),
            own,
            form,
            status: u16::try_from(record.status).unwrap_or_default(),
            answer: String::from_utf8_lossy(&record.answer).into_owned(),
            decision: serde_json::from_str(&record.decision).unwrap_or(Value::Null),
            effects,
        }
    }

    /// The first value of a parameter.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The codes of its reasons.
    pub fn codes(&self) -> Vec<&str> {
        super::super::diff::codes(&self.decision)
    }

    /// The address it was asked at, as one of ours.
    pub fn link(&self) -> Option<Link> {
        Link::read(&self.target)
    }

    /// Our parameters that a fixture can name.
    pub fn named(&self) -> impl Iterator<Item = &(String, String)> {
        self.own.iter().filter(|(name, _)| !OPAQUE.contains(&name.as_str()))
    }

    /// The request's body as it is sent again.
    pub fn encoded(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.form).finish()
    }
}

/// An encoded form's parameters.
pub fn pairs(encoded: &[u8]) -> Vec<(String, String)> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace('\0', "\u{fffd}");
    Form::read(encoded).pairs().map(|(name, value)| (text(name), text(value))).collect()
}

/// Fills in what was not kept: an opt-out's word, which its effect tells; a text's words where the location keeps them,
/// else filler that fills as many segments; media at an address of nobody.
fn said(form: &mut [(String, String)], effects: &[String], words: Option<&str>) {
    let has = |kind: &str| effects.iter().any(|effect| effect == kind);
    let value = |name: &str, form: &[(String, String)]| {
        form.iter().find(|(known, _)| known == name).and_then(|(_, value)| value.parse::<usize>().ok())
    };
    let (segments, media) = (value("NumSegments", form).unwrap_or(1), value("NumMedia", form).unwrap_or(0));
    let account = form.iter().find(|(name, _)| name == "AccountSid").map_or("AC", |(_, sid)| sid).to_owned();
    let unkept = match segments {
        0 | 1 if media > 0 => String::new(),
        0 | 1 => filler::text(Length::Gsm7(48)),
        more => filler::text(Length::Gsm7(153 * more.min(10) - 20)),
    };
    for (name, value) in form.iter_mut().filter(|(_, value)| value.is_empty()) {
        match name.as_str() {
            "Body" if has("opt_out.recorded") => "STOP".clone_into(value),
            "Body" if has("opt_in.recorded") => "START".clone_into(value),
            "Body" if has("help.noted") => "HELP".clone_into(value),
            "Body" => *value = words.map_or_else(|| unkept.clone(), str::to_owned),
            "TranscriptionText" => *value = filler::words(60),
            _ if name.starts_with("MediaUrl") => {
                let no = &name["MediaUrl".len()..];
                *value = format!("https://api.twilio.com/2010-04-01/Accounts/{account}/Messages/MM{no}/Media/ME{no}");
            }
            _ => {}
        }
    }
}

/// The words of a text as the store seals them.
pub fn kept_words(plain: &[u8]) -> Option<String> {
    let json: Value = serde_json::from_slice(plain).ok()?;
    json.get("words")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(method: &str, target: &str, body: &str, effects: &str) -> Step {
        let record = StepRecord {
            at: 1,
            step: String::new(),
            method: method.to_owned(),
            target: target.to_owned(),
            body: body.as_bytes().to_vec(),
            status: 200,
            answer: Vec::new(),
            decision: "null".to_owned(),
            effects: effects.to_owned(),
            micros: 0,
        };
        Step::of(&record, None)
    }

    #[test]
    fn a_request_is_taken_apart() {
        let post = step("POST", "/webhooks/a/voice/dialed?call=0f&attempt=2", "CallSid=CA1&To=%2B13125550190", "[]");
        assert_eq!((post.step.as_str(), post.value("To")), ("voice/dialed", Some("+13125550190")));
        assert_eq!(post.named().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["attempt"]);
        let get = step("GET", "/webhooks/a/voice/status?call=0f&CallSid=CA1&CallStatus=ringing", "", "[]");
        assert_eq!((get.own.len(), get.form.len(), get.value("CallSid")), (1, 2, Some("CA1")));
    }

    #[test]
    fn words_that_are_not_kept_are_filled_in() {
        for (body, effects, said, why) in [
            ("Body=", "[\"opt_out.recorded\"]", "STOP", "the effect tells the word"),
            ("Body=", "[\"opt_in.recorded\"]", "START", "and this one"),
            ("Body=", "[\"help.noted\"]", "HELP", "and this one"),
            ("NumMedia=1&Body=", "[]", "", "a picture without words"),
        ] {
            assert_eq!(step("POST", "/webhooks/a/sms", body, effects).value("Body"), Some(said), "{why}");
        }
        let long = step("POST", "/webhooks/a/sms", "NumSegments=3&Body=", "[]");
        let length = long.value("Body").map_or(0, str::len);
        assert!((307..=459).contains(&length), "as many segments: {length}");
    }
}
