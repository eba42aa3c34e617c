//! What a client asks of a session: every parameter with its default and its limits.
//!
//! Deliberately not here: how a value is read (`field`), and whether there is a number for it (`create`). What is out of
//! range is refused and never bent into range: a bent value hides a mistake.

use crate::domain::{Callback, CallbackMethod, Door, E164, Moment, Pins, RecordFormat, SessionOptions, Terms};

use super::field::Fields;
use super::told::Refusal;

/// Seconds that a session lasts unless it is said, and the limits.
const EXPIRY: (u32, std::ops::RangeInclusive<u32>) = (3600, 60..=86_400);
/// Seconds that a call may last, likewise.
const CALL: (u32, std::ops::RangeInclusive<u32>) = (3600, 60..=86_400);
/// Seconds that a phone rings, likewise.
const RING: (u16, std::ops::RangeInclusive<u32>) = (120, 5..=600);
/// Digits of a PIN that is made, likewise.
const PIN: (u8, std::ops::RangeInclusive<u32>) = (4, 4..=15);

/// A session as it is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct New {
    /// The first party.
    pub first: Option<E164>,
    /// The second party.
    pub second: Option<E164>,
    /// Its options, without the terms.
    pub options: SessionOptions,
    /// Its terms. PINs that are still to be made are blank.
    pub terms: Terms,
}

impl New {
    /// Reads a request to make one.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn read(mut fields: Fields, country: &str, now: Moment) -> Result<Self, Refusal> {
        single_by_either_name(&mut fields);
        let single = fields.flag("create_session_with_single_party").unwrap_or(false);
        let first = fields.phone("first_party", country);
        let second = fields.phone("second_party", country);
        let calls_first = fields.flag("initiate_call_to_first_party").unwrap_or(false);
        let (has_first, has_second) = (sent(&fields, "first_party"), sent(&fields, "second_party"));
        if !has_first && (!single || !has_second || calls_first) {
            fields.missing("first_party");
        }
        // A call that is to be started is for somebody.
        if !has_second && (!single || calls_first) {
            fields.missing("second_party");
        }
        let mut options = SessionOptions {
            ring_timeout: Some(RING.0),
            call_time_limit: Some(CALL.0),
            record: Some(false),
            ..SessionOptions::default()
        };
        let mut terms = Terms {
            lasts: expiry(&mut fields).unwrap_or(EXPIRY.0),
            single_party: single,
            call_first_party: calls_first,
            geomatch: fields.flag("geomatch").unwrap_or(true),
            subaccount: fields.words("subaccount"),
            cooloff: fields.whole("virtual_number_cooloff_period", 0..=3600).unwrap_or(0),
            unknown_caller_play: fields.url("unknown_caller_play").flatten(),
            pins: pins(&mut fields),
            ..Terms::plain(Door::Plivo, now)
        };
        changeable(&mut fields, &mut options, &mut terms);
        fields.done()?;
        Ok(Self { first, second, options, terms })
    }

    /// The same, whatever the time and the PINs that were made: a repeat asks for the same.
    #[must_use]
    pub fn timeless(&self) -> Self {
        let mut terms = Terms { made_at: Moment(0), modified_at: Moment(0), ..self.terms.clone() };
        if let Some(pins) = terms.pins.as_mut().filter(|pins| pins.generated.is_some()) {
            (pins.first, pins.second) = (String::new(), String::new());
        }
        let options = SessionOptions { terms: None, ..self.options.clone() };
        Self { options, terms, ..self.clone() }
    }
}

/// Go's client writes this name with a capital P.
pub fn single_by_either_name(fields: &mut Fields) {
    fields.alias("create_session_with_single_party", "create_session_with_single_Party");
}

/// Whether a party was sent that is not blank.
fn sent(fields: &Fields, name: &str) -> bool {
    fields.words(name).is_some()
}

/// Seconds until the end; 0 is as good as nothing, since Go's client always sends it.
pub fn expiry(fields: &mut Fields) -> Option<u32> {
    if fields.words("session_expiry").is_some_and(|text| text == "0") {
        return None;
    }
    fields.whole("session_expiry", EXPIRY.1)
}

/// What may change as long as a session lasts, but for its parties and its expiry.
pub fn changeable(fields: &mut Fields, options: &mut SessionOptions, terms: &mut Terms) {
    if let Some(seconds) = fields.whole("call_time_limit", CALL.1) {
        options.call_time_limit = Some(seconds);
    }
    if let Some(seconds) = fields.whole("ring_timeout", RING.1) {
        options.ring_timeout = Some(seconds);
    }
    if let Some(record) = fields.flag("record") {
        options.record = Some(record);
    }
    let format = |text: &str| RecordFormat::read(&text.to_ascii_lowercase());
    if let Some(format) = fields.word("record_file_format", format, "mp3 or wav") {
        terms.record_format = format;
    }
    for (name, kept) in [
        ("first_party_play_url", &mut options.first_party_play_url),
        ("second_party_play_url", &mut options.second_party_play_url),
    ] {
        if let Some(url) = fields.url(name) {
            *kept = url;
        }
    }
    callback(fields, ["recording_callback_url", "recording_callback_method"], &mut terms.recording_callback);
    callback(fields, ["callback_url", "callback_method"], &mut terms.callback);
}

/// Whom to tell, and how.
fn callback(fields: &mut Fields, [url, method]: [&str; 2], kept: &mut Callback) {
    let url = fields.url(url);
    let read = |text: &str| CallbackMethod::read(&text.to_ascii_uppercase());
    let method = fields.word(method, read, "GET or POST");
    kept.url = url.unwrap_or(kept.url.take());
    kept.method = method.unwrap_or(kept.method);
}

/// How strangers prove who they are. Whoever sends PINs and does not ask for proof has made a mistake that should not
/// pass: strangers would be let through, or kept out, against their wish.
fn pins(fields: &mut Fields) -> Option<Pins> {
    let asked = fields.flag("is_pin_authentication_required").unwrap_or(false);
    let generate = fields.flag("generate_pin").unwrap_or(false);
    let forced = fields.flag("force_pin_authentication").unwrap_or(false);
    let length = fields.whole("generate_pin_length", PIN.1).unwrap_or(PIN.0);
    let (first, second) = (fields.pin("first_party_pin"), fields.pin("second_party_pin"));
    let prompt_play = fields.url("pin_prompt_play").flatten();
    let incorrect_play = fields.url("incorrect_pin_play").flatten();
    let retry = fields.whole("pin_retry", 0..=5).unwrap_or(1);
    let retry_wait = fields.whole("pin_retry_wait", 5..=10).unwrap_or(5);
    if !asked {
        for (name, sent) in [
            ("generate_pin", generate),
            ("force_pin_authentication", forced),
            ("first_party_pin", first.is_some()),
            ("second_party_pin", second.is_some()),
        ] {
            if sent {
                fields.invalid(name, "requires is_pin_authentication_required");
            }
        }
        return None;
    }
    for (name, pin) in [("first_party_pin", &first), ("second_party_pin", &second)] {
        match (pin, generate) {
            (Some(_), true) => fields.invalid(name, "cannot be given when generate_pin is true"),
            (None, false) if !fields.has(name) => fields.missing(name),
            (Some(_), false) | (None, _) => {}
        }
    }
    if first.is_some() && first == second {
        fields.invalid("first_party_pin and second_party_pin", "should be different");
    }
    if prompt_play.is_none() && fields.words("pin_prompt_play").is_none() {
        fields.missing("pin_prompt_play");
    }
    Some(Pins {
        first: first.unwrap_or_default(),
        second: second.unwrap_or_default(),
        generated: generate.then_some(length),
        forced,
        prompt_play: prompt_play.unwrap_or_default(),
        incorrect_play,
        retry,
        retry_wait,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// A body that is right, with these parameters besides.
    fn ask(more: Value) -> Result<New, Refusal> {
        let mut body = json!({ "first_party": "+13125550101", "second_party": "13125550102" });
        for (name, value) in more.as_object().expect("an object") {
            body[name] = value.clone();
        }
        New::read(Fields::read(body.to_string().as_bytes()).expect("an object"), "US", Moment(7))
    }

    #[test]
    fn whoever_says_nothing_gets_the_defaults() {
        let new = ask(json!({})).expect("right");
        let (options, terms) = (&new.options, &new.terms);
        assert_eq!(
            (options.ring_timeout, options.call_time_limit, options.record),
            (Some(120), Some(3600), Some(false))
        );
        assert_eq!((terms.lasts, terms.cooloff, terms.geomatch, &terms.pins), (3600, 0, true, &None));
        assert_eq!(
            (&terms.callback, terms.record_format, terms.call_first_party),
            (&Callback::default(), RecordFormat::Mp3, false)
        );
        assert_eq!(ask(json!({"session_expiry": 0})).expect("Go always sends it").terms.lasts, 3600);
    }

    #[test]
    fn each_parameter_has_limits_and_words() {
        let pin = json!({
            "is_pin_authentication_required": true, "first_party_pin": "1234", "second_party_pin": "5678",
            "pin_prompt_play": "https://a.example/pin.mp3",
        });
        let range = |name: &str| format!("Invalid parameter. {name} is outside the allowed range.");
        let valid = |name: &str| format!("Invalid parameter. {name} should be a valid URL.");
        let flag = |name: &str| format!("Invalid parameter. {name} allowed values are true or false.");
        let missing = |name: &str| format!("Mandatory parameter missing. {name} must be present.");
        let invalid = |text: &str| format!("Invalid parameter. {text}.");
        let mut rows: Vec<(Value, String)> = Vec::new();
        for (name, least, most) in [
            ("session_expiry", 60, 86_400),
            ("call_time_limit", 60, 86_400),
            ("ring_timeout", 5, 600),
            ("virtual_number_cooloff_period", 0, 3600),
            ("generate_pin_length", 4, 15),
            ("pin_retry", 0, 5),
            ("pin_retry_wait", 5, 10),
        ] {
            rows.extend([least - 1, most + 1].map(|value| (json!({ name: value }), range(name))));
            rows.extend([json!(least), json!(most.to_string())].map(|value| (json!({ name: value }), String::new())));
        }
        for name in ["record", "geomatch", "initiate_call_to_first_party", "create_session_with_single_Party"] {
            let told = name.replace("_Party", "_party");
            rows.extend([(json!({ name: "yes" }), flag(&told)), (json!({ name: "true" }), String::new())]);
        }
        for name in [
            "callback_url",
            "recording_callback_url",
            "first_party_play_url",
            "second_party_play_url",
            "unknown_caller_play",
            "incorrect_pin_play",
            "pin_prompt_play",
        ] {
            rows.push((json!({ name: "x" }), valid(name)));
        }
        rows.extend([
            (json!({"record_file_format": "ogg"}), invalid("record_file_format allowed values are mp3 or wav")),
            (json!({"callback_method": "PUT"}), invalid("callback_method allowed values are GET or POST")),
            (json!({"first_party": "sip:ana@example.com"}), invalid("first_party is not a valid phone number")),
            (json!({"first_party": null}), missing("first_party")),
            (json!({"first_party": "", "second_party": ""}), [missing("first_party"), missing("second_party")].join(" ")),
            (json!({"second_party": null, "create_session_with_single_party": true}), String::new()),
            (json!({"first_party": null, "create_session_with_single_party": true}), String::new()),
            (
                json!({"first_party": null, "create_session_with_single_party": true, "initiate_call_to_first_party": true}),
                missing("first_party"),
            ),
            (
                json!({"second_party": null, "create_session_with_single_party": true, "initiate_call_to_first_party": true}),
                missing("second_party"),
            ),
            (json!({"generate_pin": true}), invalid("generate_pin requires is_pin_authentication_required")),
            (json!({"first_party_pin": "1234"}), invalid("first_party_pin requires is_pin_authentication_required")),
        ]);
        for (more, expected) in [
            (json!({}), String::new()),
            (json!({"first_party_pin": null}), missing("first_party_pin")),
            (json!({"first_party_pin": "123"}), invalid("first_party_pin should be 4 to 15 digits")),
            (json!({"second_party_pin": "1234"}), invalid("first_party_pin and second_party_pin should be different")),
            (json!({"pin_prompt_play": null}), missing("pin_prompt_play")),
            (json!({"pin_prompt_play": "x"}), valid("pin_prompt_play")),
            (
                json!({"generate_pin": true, "second_party_pin": null}),
                invalid("first_party_pin cannot be given when generate_pin is true"),
            ),
            (json!({"generate_pin": true, "first_party_pin": null, "second_party_pin": null}), String::new()),
        ] {
            let mut body = pin.clone();
            for (name, value) in more.as_object().expect("an object") {
                body[name] = value.clone();
            }
            rows.push((body, expected));
        }
        for (more, expected) in rows {
            let got = ask(more.clone()).err();
            assert_eq!(got, (!expected.is_empty()).then(|| Refusal::wrong(expected.as_str())), "{more}");
        }
    }

    #[test]
    fn a_repeat_asks_for_the_same() {
        let generated = json!({
            "is_pin_authentication_required": true, "generate_pin": true, "pin_prompt_play": "https://a.example/pin.mp3",
        });
        let first = ask(generated.clone()).expect("right");
        let mut kept = first.clone();
        kept.terms.made_at = Moment(9);
        kept.terms.pins.as_mut().expect("PINs").first = "4711".to_owned();
        assert_eq!(kept.timeless(), first.timeless(), "at another time, with the PINs that were made");
        for more in
            [json!({"record": true}), json!({"session_expiry": 61}), json!({"callback_url": "https://a.example/"})]
        {
            let mut body = generated.clone();
            body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
            assert_ne!(ask(body).expect("right").timeless(), first.timeless(), "{more}");
        }
    }

    #[test]
    fn address_and_method_change_each_by_itself() {
        let ask = |before: Callback, body: Value| {
            let mut fields = Fields::read(body.to_string().as_bytes()).expect("an object");
            let mut kept = before;
            callback(&mut fields, ["u", "m"], &mut kept);
            (kept.url, kept.method)
        };
        let (get, post) = (CallbackMethod::Get, CallbackMethod::Post);
        let (first, other) = (Some("https://a.example/".to_owned()), Some("https://b.example/".to_owned()));
        let one = || Callback { url: first.clone(), method: post };
        for (before, body, expected, why) in [
            (Callback::default(), json!({"m": "GET"}), (None, get), "nobody yet"),
            (Callback { url: None, method: get }, json!({"u": other}), (other.clone(), get), "somebody now"),
            (one(), json!({"m": "get"}), (first.clone(), get), "the method alone"),
            (one(), json!({"u": other}), (other.clone(), post), "the address alone"),
            (one(), json!({"u": ""}), (None, post), "nobody any more"),
            (one(), json!({}), (first.clone(), post), "nothing"),
        ] {
            assert_eq!(ask(before, body), expected, "{why}");
        }
    }
}
