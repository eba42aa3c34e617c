//! What a request of a provider means, in words: who calls whom, who answers, which key is pressed.
//!
//! Deliberately not here: whole phone numbers; a phone that nobody in the world has is told by its last digits.

use std::collections::BTreeMap;

use crate::domain::CallerId;
use crate::rules::ruleset::Ruleset;

use super::link::Link;

/// What the phones of a world are called.
#[derive(Clone, Debug, Default)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// The people of a world by their first names, its back-office lines by their ids.
    pub fn of(rulesets: &[Ruleset]) -> Self {
        let mut names = BTreeMap::new();
        let first = |name: &str| name.split_whitespace().next().unwrap_or_default().to_owned();
        for ruleset in rulesets {
            for line in ruleset.locations.iter().flat_map(|location| &location.lines) {
                names.insert(line.phone.to_string(), format!("line {}", line.id));
            }
            for customer in &ruleset.customers {
                names.extend(customer.phones.iter().map(|phone| (phone.to_string(), first(&customer.name))));
            }
            for technician in &ruleset.technicians {
                names.extend(technician.phone.map(|phone| (phone.to_string(), first(&technician.name))));
            }
        }
        names.retain(|_, name| !name.is_empty());
        Self(names)
    }

    /// What to call whoever a provider names so.
    pub fn name(&self, party: &str) -> String {
        if let Some(name) = self.0.get(party) {
            return name.clone();
        }
        match CallerId::read(party) {
            CallerId::Number(phone) => phone.masked().to_string(),
            CallerId::Withheld => "somebody with a withheld number".to_owned(),
            CallerId::Client => "an app client".to_owned(),
            CallerId::Sip => "a SIP address".to_owned(),
            CallerId::Other => "a caller without a phone number".to_owned(),
        }
    }
}

/// What a request means. `step` is the path behind the account, such as `voice/whisper`.
pub fn request(step: &str, form: &[(String, String)], names: &Names) -> String {
    let given = |name: &str| {
        form.iter().find(|(given, value)| given == name && !value.is_empty()).map(|(_, value)| value.as_str())
    };
    let who = |name: &str| given(name).map_or_else(|| "somebody".to_owned(), |party| names.name(party));
    let or = |name: &str, otherwise: &str| given(name).unwrap_or(otherwise).to_owned();
    let (from, to) = (who("From"), who("To"));
    let pressed = |who: &str| match given("Digits") {
        Some(keys) => format!("{who} presses {keys}"),
        None => format!("{who} presses no key"),
    };
    match step {
        "voice" => format!("{from} calls {to}"),
        "voice/fallback" => format!("the provider could not use an answer to {from} ({})", or("ErrorCode", "no code")),
        "voice/menu" => pressed(&from),
        "voice/pin" => match given("Digits") {
            Some(keys) => format!("{from} types {} keys", keys.chars().count()),
            None => format!("{from} types nothing"),
        },
        "voice/whisper" => format!("{to} picks up"),
        "voice/accept" => pressed(&to),
        "voice/dialed" => {
            let bridged = match given("DialBridged") {
                Some("true") => ", bridged",
                Some("false") => ", not bridged",
                Some(_) | None => "",
            };
            format!("the attempt ends: {}{bridged}", or("DialCallStatus", "without a status"))
        }
        "voice/voicemail" => format!("{from} has spoken for {} s", or("RecordingDuration", "0")),
        "voice/recording" => format!("news of a recording: {}", or("RecordingStatus", "without a status")),
        "voice/transcription" => format!("news of a transcription: {}", or("TranscriptionStatus", "without a status")),
        "voice/queue-wait" => format!("{from} has waited for {} s", or("QueueTime", "0")),
        "voice/queue-left" => format!("{from} leaves the queue: {}", or("QueueResult", "without a result")),
        "voice/connect" => format!("{to} picks up, to take somebody who waits"),
        "voice/redirected" => format!("{from} is moved on"),
        "voice/status" => {
            let whose = if given("ParentCallSid").is_some() { to } else { from };
            format!("news of {whose}'s leg: {}", or("CallStatus", "without a status"))
        }
        "sms" => format!("{from} texts {to}"),
        "sms/fallback" => format!("the provider could not use the answer to {from}'s text"),
        "sms/status" => {
            let status = or("MessageStatus", &or("SmsStatus", "without a status"));
            format!("news of a text to {to}: {status}")
        }
        _ => "a request".to_owned(),
    }
}

/// The step that a target asks for; empty where it is none of our addresses.
pub fn step(target: &str) -> String {
    Link::read(target).map_or_else(String::new, |link| link.step)
}

/// The same where the target may be a placeholder, such as `${url whisper}`.
pub fn step_as_written(target: &str, form: &[(String, String)]) -> String {
    let named = target.strip_prefix("${url ").and_then(|rest| rest.split([' ', '}']).next());
    let Some(named) = named else { return step(target) };
    let text = form.iter().any(|(name, _)| matches!(name.as_str(), "MessageSid" | "SmsSid"));
    match (named.contains('/'), text) {
        (true, _) => named.to_owned(),
        (false, true) => format!("sms/{named}"),
        (false, false) => format!("voice/{named}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replay::world::{DEMO, Worlds};
    use crate::voice::Link as OurLink;

    #[test]
    fn every_step_has_its_words() {
        let names = Names::default();
        for path in OurLink::PATHS {
            assert_ne!(request(path, &[], &names), "a request", "{path}");
        }
        for (target, step) in [
            ("/webhooks/acme/voice/dialed?call=1", "voice/dialed"),
            ("${url whisper attempt=2}", "voice/whisper"),
            ("${url voice/status}", "voice/status"),
            ("/elsewhere", ""),
        ] {
            assert_eq!(step_as_written(target, &[]), step);
        }
        assert_eq!(step_as_written("${url status}", &[("MessageSid".to_owned(), "SM1".to_owned())]), "sms/status");
        assert_eq!(request("voice/none", &[], &names), "a request");
    }

    #[test]
    fn people_are_called_by_their_names() {
        let folder = tempfile::tempdir().expect("a folder");
        let world = Worlds::default().find(&folder.path().join("x.toml"), DEMO, &[]).expect("the program carries it");
        let names = Names::of(&world.rulesets);
        let ana = world.rulesets[0].customers.iter().find(|customer| customer.id.as_str() == "ana").expect("Ana");
        let form = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
        };
        let phone = ana.phones[0].to_string();
        for (step, pairs, words) in [
            ("voice", &[("From", phone.as_str()), ("To", "+13125550190")][..], "Ana calls +1•••0190"),
            (
                "voice",
                &[("From", "anonymous"), ("To", "+13125550190")],
                "somebody with a withheld number calls +1•••0190",
            ),
            ("sms", &[("From", "+13125550177"), ("To", "+13125550190")], "+1•••0177 texts +1•••0190"),
            ("voice/accept", &[("To", phone.as_str()), ("Digits", "1")], "Ana presses 1"),
            ("voice/accept", &[("To", phone.as_str()), ("Digits", "")], "Ana presses no key"),
            (
                "voice/dialed",
                &[("DialCallStatus", "completed"), ("DialBridged", "false")],
                "the attempt ends: completed, not bridged",
            ),
        ] {
            assert_eq!(request(step, &form(pairs), &names), words);
        }
    }
}
