//! Our own addresses: what a document tells a provider to ask next, and the same read back from its request.
//!
//! Deliberately not here: sealing a medium's address into a token, and what each step does. Queries carry opaque ids
//! only; the provider's signature covers them.

use std::fmt::{self, Display};
use std::io::Write;

use crate::domain::{AccountId, CallId, MediaItem, MessageId, Route};

/// What an account's addresses are made of.
pub struct Links<'a> {
    /// The public base URL that the provider reaches, without `/webhooks`; may have a port and a path.
    pub base: &'a str,
    /// The account.
    pub account: &'a AccountId,
    /// The token that stands for a medium at the provider.
    pub media: &'a dyn Fn(&MediaItem) -> String,
}

impl Links<'_> {
    /// The address as it is, for requests that are not documents.
    pub fn url(&self, link: Link) -> String {
        let mut out = self.prefix().into_bytes();
        link.write(&mut out, "&");
        String::from_utf8(out).expect("made of strings")
    }

    /// The address under which we pass a medium on.
    pub fn medium(&self, item: &MediaItem) -> String {
        format!("{}/media/{}", self.origin(), (self.media)(item))
    }

    /// What every address of the account begins with.
    pub(super) fn prefix(&self) -> String {
        format!("{}/webhooks/{}/", self.origin(), self.account)
    }

    fn origin(&self) -> &str {
        let base = self.base.split_once('#').map_or(self.base, |(base, _)| base);
        base.trim_end_matches('/')
    }
}

/// Why a target is none of our addresses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Misaddressed {
    /// The path is not ours.
    #[error("the path is none of a webhook's")]
    Path,
    /// The query lacks an id.
    #[error("`{0}` is missing from the query")]
    Missing(&'static str),
    /// The query has an id twice.
    #[error("`{0}` is in the query more than once")]
    Repeated(&'static str),
    /// An id is not one that we write.
    #[error("`{0}` in the query is no id of ours")]
    Malformed(&'static str),
}

macro_rules! links {
    ($($(#[$doc:meta])* $name:ident = $path:literal $({ $($field:ident: $type:ty,)* })?;)*) => {
        /// One of our addresses behind `/webhooks/{account}/`, with the ids of its query.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[expect(missing_docs, reason = "the fields are the ids that their types name")]
        pub enum Link { $($(#[$doc])* $name $({ $($field: $type,)* })?,)* }

        impl Link {
            /// Every path, as this table lists them.
            pub const PATHS: &'static [&'static str] = &[$($path,)*];

            /// The path behind the account, such as `voice/dialed`.
            pub const fn path(self) -> &'static str {
                match self { $(links!(@skip $name $({ $($field)* })?) => $path,)* }
            }

            /// Appends path and query, with `amp` between the query's pairs.
            pub(super) fn write(self, out: &mut Vec<u8>, amp: &'static str) {
                out.extend_from_slice(self.path().as_bytes());
                let mut query = Query { out, sign: "?", amp };
                match self {
                    $(links!(@take $name $({ $($field)* })?) => { $($(query.put(key!($field), &$field);)*)? })*
                }
                let _ = &mut query;
            }

            fn from_parts(path: &str, query: &str) -> Result<Self, Misaddressed> {
                match path {
                    $($path => Ok(links!(@make query $name $({ $($field)* })?)),)*
                    _ => Err(Misaddressed::Path),
                }
            }
        }
    };
    (@skip $name:ident { $($field:ident)* }) => { Self::$name { .. } };
    (@skip $name:ident) => { Self::$name };
    (@take $name:ident { $($field:ident)* }) => { Self::$name { $($field,)* } };
    (@take $name:ident) => { Self::$name };
    (@make $query:ident $name:ident { $($field:ident)* }) => { Self::$name { $($field: Id::find($query, key!($field))?,)* } };
    (@make $query:ident $name:ident) => { Self::$name };
}

/// What an id is called in a query.
macro_rules! key {
    (round) => {
        "try"
    };
    ($field:ident) => {
        stringify!($field)
    };
}

links! {
    /// A call came in.
    Voice = "voice";
    /// The provider could not use an answer.
    Fallback = "voice/fallback";
    /// The end of a menu.
    Menu = "voice/menu" { call: CallId, round: u8, };
    /// The end of a wait for a PIN.
    Pin = "voice/pin" { call: CallId, round: u8, };
    /// A callee's leg answered.
    Whisper = "voice/whisper" { call: CallId, attempt: u8, };
    /// The end of the whisper's wait for a key.
    Accept = "voice/accept" { call: CallId, attempt: u8, round: u8, };
    /// The end of a dial attempt.
    Dialed = "voice/dialed" { call: CallId, attempt: u8, };
    /// The end of a voicemail recording.
    Voicemail = "voice/voicemail" { call: CallId, };
    /// News of a recording: a conversation's with its attempt, and without it a voicemail's.
    Recording = "voice/recording" { call: CallId, attempt: Option<u8>, };
    /// A transcription.
    Transcription = "voice/transcription" { call: CallId, };
    /// What a queued caller hears.
    QueueWait = "voice/queue-wait" { call: CallId, };
    /// The end of a wait.
    QueueLeft = "voice/queue-left" { call: CallId, };
    /// A leg that we called answered.
    Connect = "voice/connect" { call: CallId, };
    /// A waiting leg that we moved.
    Redirected = "voice/redirected" { call: CallId, route: Route, };
    /// News of a leg: a callee's with ids, and without them that of the number's own callback.
    Status = "voice/status" { call: Option<CallId>, attempt: Option<u8>, };
    /// A text came in.
    Sms = "sms";
    /// The provider could not use our answer to a text.
    SmsFallback = "sms/fallback";
    /// News of a text of ours.
    SmsStatus = "sms/status" { message: Option<MessageId>, };
}

impl Link {
    /// Reads the target of a request: `/webhooks/{account}/`, a path and its query, wherever the account leads.
    ///
    /// # Errors
    /// What is not an address that we write. Parameters of other names are the provider's.
    pub fn read(target: &str) -> Result<Self, Misaddressed> {
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let behind = path.strip_prefix("/webhooks/").and_then(|rest| rest.split_once('/'));
        Self::from_parts(behind.ok_or(Misaddressed::Path)?.1, query)
    }

    /// Whether the provider runs the answer as a document, so that an empty body would be an error.
    pub const fn wants_document(self) -> bool {
        match self {
            Self::Recording { .. } | Self::Transcription { .. } | Self::Status { .. } | Self::SmsStatus { .. } => false,
            Self::Voice
            | Self::Fallback
            | Self::Menu { .. }
            | Self::Pin { .. }
            | Self::Whisper { .. }
            | Self::Accept { .. }
            | Self::Dialed { .. }
            | Self::Voicemail { .. }
            | Self::QueueWait { .. }
            | Self::QueueLeft { .. }
            | Self::Connect { .. }
            | Self::Redirected { .. }
            | Self::Sms
            | Self::SmsFallback => true,
        }
    }
}

impl Display for Link {
    /// Path and query, as behind `/webhooks/{account}/`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = Vec::new();
        self.write(&mut out, "&");
        f.write_str(&String::from_utf8_lossy(&out))
    }
}

struct Query<'v> {
    out: &'v mut Vec<u8>,
    sign: &'static str,
    amp: &'static str,
}

impl Query<'_> {
    fn put(&mut self, key: &str, id: &impl Id) {
        let Some(text) = id.text() else { return };
        self.out.extend_from_slice(self.sign.as_bytes());
        self.sign = self.amp;
        write!(self.out, "{key}={text}").expect("a vector takes everything");
    }
}

/// Something that a query names. Ours are letters and digits, so nothing needs decoding.
trait Id: Sized {
    fn text(&self) -> Option<impl Display>;
    fn read(text: Option<&str>) -> Option<Self>;

    fn find(query: &str, key: &'static str) -> Result<Self, Misaddressed> {
        let mut values = query.split('&').filter_map(|pair| pair.strip_prefix(key)?.strip_prefix('='));
        let value = values.next();
        match (values.next(), Self::read(value)) {
            (Some(_), _) => Err(Misaddressed::Repeated(key)),
            (None, Some(id)) => Ok(id),
            (None, None) if value.is_none() => Err(Misaddressed::Missing(key)),
            (None, None) => Err(Misaddressed::Malformed(key)),
        }
    }
}

impl Id for CallId {
    fn text(&self) -> Option<impl Display> {
        Some(self)
    }
    fn read(text: Option<&str>) -> Option<Self> {
        Self::read(text?)
    }
}

impl Id for MessageId {
    fn text(&self) -> Option<impl Display> {
        Some(self)
    }
    fn read(text: Option<&str>) -> Option<Self> {
        Self::read(text?)
    }
}

impl Id for u8 {
    fn text(&self) -> Option<impl Display> {
        Some(self)
    }
    fn read(text: Option<&str>) -> Option<Self> {
        text?.parse().ok()
    }
}

impl Id for Route {
    fn text(&self) -> Option<impl Display> {
        Some(self)
    }
    fn read(text: Option<&str>) -> Option<Self> {
        Self::read(text?)
    }
}

impl<T: Id> Id for Option<T> {
    fn text(&self) -> Option<impl Display> {
        self.as_ref().and_then(T::text)
    }
    fn read(text: Option<&str>) -> Option<Self> {
        match text {
            Some(_) => T::read(text).map(Some),
            None => Some(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALL: CallId = CallId(0xabc);

    #[test]
    fn every_address_reads_back_as_it_was_written() {
        let message = Some(MessageId(7));
        let all = [
            Link::Voice,
            Link::Fallback,
            Link::Menu { call: CALL, round: 2 },
            Link::Pin { call: CALL, round: 6 },
            Link::Whisper { call: CALL, attempt: 1 },
            Link::Accept { call: CALL, attempt: 1, round: 2 },
            Link::Dialed { call: CALL, attempt: 255 },
            Link::Voicemail { call: CALL },
            Link::Recording { call: CALL, attempt: None },
            Link::Recording { call: CALL, attempt: Some(2) },
            Link::Transcription { call: CALL },
            Link::QueueWait { call: CALL },
            Link::QueueLeft { call: CALL },
            Link::Connect { call: CALL },
            Link::Redirected { call: CALL, route: Route::Technician },
            Link::Status { call: Some(CALL), attempt: Some(1) },
            Link::Status { call: None, attempt: None },
            Link::Sms,
            Link::SmsFallback,
            Link::SmsStatus { message },
            Link::SmsStatus { message: None },
        ];
        let account = AccountId::from("acme");
        let links = Links { base: "https://h.example", account: &account, media: &|_| String::new() };
        for link in all {
            let url = links.url(link);
            let target = url.strip_prefix("https://h.example").expect("absolute");
            assert_eq!(Link::read(target), Ok(link), "{target}");
        }
        let mut paths: Vec<_> = all.iter().map(|link| link.path()).collect();
        paths.dedup();
        assert_eq!(paths, Link::PATHS, "every path is in this test");
    }

    #[test]
    fn what_is_not_ours_is_named() {
        let id = "00000000000000000000000000000abc";
        for (target, expected, why) in [
            ("/webhooks/acme/voice/", Err(Misaddressed::Path), "a slash too many"),
            ("/webhooks/acme", Err(Misaddressed::Path), "no step"),
            ("/voice", Err(Misaddressed::Path), "no account"),
            ("/webhooks/acme/voice/menu", Err(Misaddressed::Missing("call")), "no query"),
            ("/webhooks/acme/voice/voicemail?call=abc", Err(Misaddressed::Malformed("call")), "too short"),
            ("/webhooks/acme/voice?x=1", Ok(Link::Voice), "the provider's parameters"),
            (
                &format!("/webhooks/acme/voice/voicemail?CallSid=CA1&call={id}"),
                Ok(Link::Voicemail { call: CALL }),
                "GET",
            ),
            (
                &format!("/webhooks/acme/voice/voicemail?call={id}&call={id}"),
                Err(Misaddressed::Repeated("call")),
                "twice",
            ),
            (
                &format!("/webhooks/acme/voice/dialed?call={id}&attempt=256"),
                Err(Misaddressed::Malformed("attempt")),
                "out of range",
            ),
        ] {
            assert_eq!(Link::read(target), expected, "{why}: {target}");
        }
    }

    #[test]
    fn a_base_may_have_a_path_a_slash_and_overrides() {
        let account = AccountId::from("acme");
        for base in ["https://h.example:8443/x", "https://h.example:8443/x/", "https://h.example:8443/x/#rc=2"] {
            let links = Links { base, account: &account, media: &|_| "t".to_owned() };
            assert_eq!(links.url(Link::Sms), "https://h.example:8443/x/webhooks/acme/sms");
            let item = MediaItem { url: String::new(), content_type: String::new() };
            assert_eq!(links.medium(&item), "https://h.example:8443/x/media/t");
        }
    }
}
