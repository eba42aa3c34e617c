//! A session's terms as the JSON of their column.
//!
//! Deliberately not here: the shapes of the doors, which are others' (`http`).

use serde::{Deserialize, Serialize};

use crate::domain::{Callback, CallbackMethod, Door, Moment, Pins, RecordFormat, Terms};

/// Terms, as they are kept. A field that an older program did not write has the value of whoever asked for nothing.
#[derive(Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    door: String,
    made_at: i64,
    modified_at: i64,
    lasts: u32,
    single_party: bool,
    pins: Option<KeptPins>,
    unknown_caller_play: Option<String>,
    cooloff: u16,
    geomatch: bool,
    subaccount: Option<String>,
    call_first_party: bool,
    record_format: String,
    /// Address and method; an address that is empty is none.
    callback: Option<(String, String)>,
    recording_callback: Option<(String, String)>,
    event_id: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct KeptPins {
    first: String,
    second: String,
    generated: Option<u8>,
    forced: bool,
    prompt_play: String,
    incorrect_play: Option<String>,
    retry: u8,
    retry_wait: u8,
}

impl Default for Kept {
    fn default() -> Self {
        Self::of(&Terms::plain(Door::Plivo, Moment(0)))
    }
}

impl Kept {
    fn of(terms: &Terms) -> Self {
        let kept = |callback: &Callback| {
            let Callback { url, method } = callback;
            let said = *callback != Callback::default();
            said.then(|| (url.clone().unwrap_or_default(), method.word().to_owned()))
        };
        let Terms {
            door,
            made_at,
            modified_at,
            lasts,
            single_party,
            pins,
            unknown_caller_play,
            cooloff,
            geomatch,
            subaccount,
            call_first_party,
            record_format,
            callback,
            recording_callback,
            event_id,
        } = terms;
        Self {
            door: door.word().to_owned(),
            made_at: made_at.0,
            modified_at: modified_at.0,
            lasts: *lasts,
            single_party: *single_party,
            pins: pins.clone().map(|pins| {
                let Pins { first, second, generated, forced, prompt_play, incorrect_play, retry, retry_wait } = pins;
                KeptPins { first, second, generated, forced, prompt_play, incorrect_play, retry, retry_wait }
            }),
            unknown_caller_play: unknown_caller_play.clone(),
            cooloff: *cooloff,
            geomatch: *geomatch,
            subaccount: subaccount.clone(),
            call_first_party: *call_first_party,
            record_format: record_format.word().to_owned(),
            callback: kept(callback),
            recording_callback: kept(recording_callback),
            event_id: event_id.clone(),
        }
    }

    fn terms(self) -> Option<Terms> {
        let callback = |kept: Option<(String, String)>| match kept {
            None => Some(Callback::default()),
            Some((url, method)) => {
                let url = (!url.is_empty()).then_some(url);
                CallbackMethod::read(&method).map(|method| Callback { url, method })
            }
        };
        Some(Terms {
            door: Door::read(&self.door)?,
            made_at: Moment(self.made_at),
            modified_at: Moment(self.modified_at),
            lasts: self.lasts,
            single_party: self.single_party,
            pins: self.pins.map(|pins| {
                let KeptPins { first, second, generated, forced, prompt_play, incorrect_play, retry, retry_wait } =
                    pins;
                Pins { first, second, generated, forced, prompt_play, incorrect_play, retry, retry_wait }
            }),
            unknown_caller_play: self.unknown_caller_play,
            cooloff: self.cooloff,
            geomatch: self.geomatch,
            subaccount: self.subaccount,
            call_first_party: self.call_first_party,
            record_format: RecordFormat::read(&self.record_format)?,
            callback: callback(self.callback)?,
            recording_callback: callback(self.recording_callback)?,
            event_id: self.event_id,
        })
    }
}

/// Terms as their column keeps them.
pub fn write(terms: &Terms) -> String {
    serde_json::to_string(&Kept::of(terms)).unwrap_or_default()
}

/// The reverse of [`write()`]; `None` for what is no terms.
pub fn read(column: &str) -> Option<Terms> {
    serde_json::from_str::<Kept>(column).ok()?.terms()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_as_they_were_written() {
        let plain = Terms::plain(Door::Deepcall, Moment(7));
        let full = Terms {
            door: Door::Plivo,
            made_at: Moment(1),
            modified_at: Moment(2),
            lasts: 600,
            single_party: true,
            pins: Some(Pins {
                first: "1234".into(),
                second: "56789".into(),
                generated: Some(4),
                forced: true,
                prompt_play: "https://a.example/pin.mp3".into(),
                incorrect_play: None,
                retry: 5,
                retry_wait: 10,
            }),
            unknown_caller_play: Some("https://a.example/who.mp3".into()),
            cooloff: 3600,
            geomatch: false,
            subaccount: Some("SA1".into()),
            call_first_party: true,
            record_format: RecordFormat::Wav,
            callback: Callback { url: Some("https://a.example/".into()), method: CallbackMethod::Get },
            recording_callback: Callback { url: None, method: CallbackMethod::Get },
            event_id: Some("job 7".into()),
        };
        for terms in [plain, full] {
            assert_eq!(read(&write(&terms)), Some(terms));
        }
        assert_eq!(read(r#"{"door":"plivo"}"#), Some(Terms::plain(Door::Plivo, Moment(0))), "an older program's");
        for wrong in ["", "3", r#"{"door":"x"}"#, r#"{"callback":["https://a.example/","PUT"]}"#] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }
}
