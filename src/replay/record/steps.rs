//! Which of our steps a request of a provider is, when it was meant for another application: by the address that an
//! earlier answer gave it, else by its parameters (Twilio's documentation of what each verb sends).
//!
//! Deliberately not here: forwarding it (`passage`).

use std::collections::BTreeMap;

use super::super::xml::Element;

/// Where the addresses in an application's answers lead, in our words.
#[derive(Clone, Default, Debug)]
pub struct Roles(BTreeMap<String, String>);

/// The step that an address stands for by its place in a document; `None` where we have no such step.
pub fn role(element: &str, attribute: &str, of_leg: bool) -> Option<&'static str> {
    Some(match (element, attribute) {
        ("Dial", "action") => "voice/dialed",
        ("Number" | "Client" | "Sip", "url") => "voice/whisper",
        ("Number" | "Client" | "Sip", "statusCallback") => "voice/status",
        ("Record", "action") => "voice/voicemail",
        ("Record" | "Dial", "recordingStatusCallback") => "voice/recording",
        ("Record", "transcribeCallback") => "voice/transcription",
        ("Gather", "action") if of_leg => "voice/accept",
        ("Gather", "action") => "voice/menu",
        ("Enqueue", "waitUrl") => "voice/queue-wait",
        ("Enqueue", "action") => "voice/queue-left",
        ("Message", "statusCallback" | "action") => "sms/status",
        _ => return None,
    })
}

impl Roles {
    /// Takes in an answer. `base` is the target that it answers, against which its addresses are read.
    pub fn learn(&mut self, document: &Element, base: &str, of_leg: bool) {
        for (attribute, url) in &document.attributes {
            if let Some(step) = role(&document.name, attribute, of_leg) {
                self.0.insert(place(url, base), step.to_owned());
            }
        }
        document.children.iter().for_each(|child| self.learn(child, base, of_leg));
    }

    /// The step of a request, and whether an earlier answer named its address.
    pub fn step(&self, target: &str, form: &[(String, String)], is_first: bool) -> Option<(String, bool)> {
        let path = target.split('?').next().unwrap_or_default();
        // The same address with another query is the same step: applications keep their state there.
        let named = self
            .0
            .get(target)
            .or_else(|| self.0.iter().find(|(known, _)| known.split('?').next() == Some(path)).map(|(_, step)| step));
        match named {
            Some(step) => Some((step.clone(), true)),
            None => by_form(form, is_first).map(|step| (step.to_owned(), false)),
        }
    }
}

/// Path and query of an address, absolute or relative to the request's target.
fn place(url: &str, base: &str) -> String {
    let url = url.split('#').next().unwrap_or_default();
    match url.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or_else(|| "/".to_owned(), |at| rest[at..].to_owned()),
        None if url.starts_with('/') => url.to_owned(),
        None => {
            let folder = base.split('?').next().and_then(|path| path.rfind('/').map(|at| &path[..=at]));
            format!("{}{url}", folder.unwrap_or("/"))
        }
    }
}

fn by_form(form: &[(String, String)], is_first: bool) -> Option<&'static str> {
    let value = |name: &str| form.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let has = |name: &str| value(name).is_some_and(|value| !value.is_empty());
    let ended = matches!(value("CallStatus"), Some("completed" | "busy" | "failed" | "no-answer" | "canceled"));
    Some(if has("MessageSid") || has("SmsSid") {
        if value("SmsStatus") == Some("received") || form.iter().any(|(name, _)| name == "Body") {
            "sms"
        } else {
            "sms/status"
        }
    } else if has("TranscriptionSid") || has("TranscriptionStatus") {
        "voice/transcription"
    } else if has("RecordingStatus") {
        "voice/recording"
    } else if value("CallbackSource") == Some("call-progress-events")
        || (ended && !has("DialCallStatus") && !has("Digits"))
    {
        "voice/status"
    } else if has("DialCallStatus") {
        "voice/dialed"
    } else if has("QueueResult") {
        "voice/queue-left"
    } else if has("QueuePosition") {
        "voice/queue-wait"
    } else if has("RecordingUrl") {
        "voice/voicemail"
    } else if has("ParentCallSid") {
        if has("Digits") { "voice/accept" } else { "voice/whisper" }
    } else if has("Digits") {
        "voice/menu"
    } else if is_first {
        "voice"
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::xml;
    use super::*;

    #[test]
    fn a_request_is_known_by_its_address_or_by_its_parameters() {
        let mut roles = Roles::default();
        let document = "<Response><Dial action=\"/old/after\"><Number url=\"https://o.example/old/screen?x=1\" \
                        statusCallback=\"news\">+13125550123</Number></Dial></Response>";
        roles.learn(&xml::read(document).expect("it is XML"), "/old/in?y=2", false);
        let screen = "<Response><Gather action=\"/old/key\"><Say>x</Say></Gather></Response>";
        roles.learn(&xml::read(screen).expect("it is XML"), "/old/screen", true);
        let form = |text: &str| super::super::tape::pairs(text.as_bytes());
        for (target, text, first, expected, why) in [
            ("/old/in", "CallSid=CA1&CallStatus=ringing", true, Some(("voice", false)), "a call"),
            ("/old/after?z=1", "CallSid=CA1", false, Some(("voice/dialed", true)), "named, with another query"),
            ("/old/screen?x=1", "CallSid=CA2&ParentCallSid=CA1", false, Some(("voice/whisper", true)), "absolute"),
            ("/old/news", "CallSid=CA2", false, Some(("voice/status", true)), "relative"),
            ("/old/key", "CallSid=CA2", false, Some(("voice/accept", true)), "no key was pressed"),
            ("/x", "CallSid=CA1&DialCallStatus=busy", false, Some(("voice/dialed", false)), "by its parameters"),
            ("/x", "CallSid=CA1&CallStatus=completed", false, Some(("voice/status", false)), "the number's own news"),
            ("/x", "MessageSid=SM1&Body=", true, Some(("sms", false)), "a text"),
            ("/x", "MessageSid=SM1&MessageStatus=sent", false, Some(("sms/status", false)), "news of a text"),
            ("/x", "CallSid=CA1&RecordingUrl=u&RecordingStatus=completed", false, Some(("voice/recording", false)), ""),
            ("/x", "CallSid=CA1&RecordingUrl=u", false, Some(("voice/voicemail", false)), "a recording's end"),
            ("/x", "CallSid=CA1&CallStatus=in-progress", false, None, "sent on by a Redirect"),
        ] {
            let step = roles.step(target, &form(text), first);
            let step = step.as_ref().map(|(step, named)| (step.as_str(), *named));
            assert_eq!(step, expected, "{why}: {target} {text}");
        }
    }
}
