//! Placeholders: `${name}` is whatever it was first, `${url STEP}` one of our own addresses, `${any}` anything.
//!
//! Deliberately not here: `${row.KEY}`, which is gone before a case is played (`replay::rows`).

use std::collections::BTreeMap;

use super::link::{Link, OPAQUE};

/// A text with placeholders, taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pattern<'a>(Vec<Piece<'a>>);

#[derive(Clone, PartialEq, Eq, Debug)]
enum Piece<'a> {
    Words(&'a str),
    Name(&'a str),
    Url { step: &'a str, params: Vec<(String, String)> },
    Any,
}

impl<'a> Pattern<'a> {
    /// Takes a text apart; the error says which placeholder cannot be read.
    pub fn read(text: &'a str) -> Result<Self, String> {
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            if !before.is_empty() {
                pieces.push(Piece::Words(before));
            }
            let (inner, after) = after.split_once('}').ok_or("has a ${ without its }")?;
            rest = after;
            let mut words = inner.split_whitespace();
            let piece = match (words.next(), words.next()) {
                (Some("any"), None) => Piece::Any,
                (Some("url"), Some(step)) => {
                    let pair = |word: &str| {
                        let (name, value) = word
                            .split_once('=')
                            .ok_or_else(|| format!("has ${{{inner}}}: \"{word}\" is no parameter; write name=value"))?;
                        Ok((name.to_owned(), value.to_owned()))
                    };
                    Piece::Url { step, params: words.map(pair).collect::<Result<_, String>>()? }
                }
                (Some(name), None)
                    if name != "url" && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')) =>
                {
                    Piece::Name(name)
                }
                _ => {
                    return Err(format!(
                        "has ${{{inner}}}, which is no placeholder; there are ${{name}}, ${{url STEP}}, ${{any}} and ${{row.KEY}}"
                    ));
                }
            };
            pieces.push(piece);
        }
        if !rest.is_empty() || pieces.is_empty() {
            pieces.push(Piece::Words(rest));
        }
        Ok(Self(pieces))
    }

    /// Whether it is `${any}` and nothing else.
    pub fn is_any(&self) -> bool {
        matches!(self.0.as_slice(), [Piece::Any])
    }
}

/// What the placeholders of one case stand for by now.
#[derive(Clone, Debug)]
pub struct Bindings {
    seed: String,
    uuids: bool,
    literal: bool,
    names: BTreeMap<String, String>,
    links: Vec<Link>,
}

impl Bindings {
    /// Nothing bound. Ids that have to be made up are made from `seed`, as UUIDs where the provider uses those.
    pub fn new(seed: impl Into<String>, uuids: bool) -> Self {
        Self { seed: seed.into(), uuids, literal: false, names: BTreeMap::new(), links: Vec::new() }
    }

    /// None, and placeholders are words like others: for comparing what two files say.
    pub fn literal() -> Self {
        Self { literal: true, ..Self::new("", false) }
    }

    /// Whether placeholders are words like others.
    pub fn is_literal(&self) -> bool {
        self.literal
    }

    /// Takes in an address that an answer contained.
    pub fn see(&mut self, link: Link) {
        self.links.push(link);
    }

    /// What stands in a request. A name that nothing is bound to gets a made-up id of the parameter's kind.
    pub fn fill(&mut self, text: &str, param: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        for piece in Pattern::read(text)?.0 {
            match piece {
                Piece::Words(words) => filled.push_str(words),
                Piece::Name(name) => {
                    if !self.names.contains_key(name) {
                        let made = self.made_up(name, param);
                        self.names.insert(name.to_owned(), made);
                    }
                    filled.push_str(&self.names[name]);
                }
                Piece::Url { step, params } => {
                    let link = self.links.iter().rev().find(|link| link.fits(step, &params)).ok_or_else(|| {
                        let seen: Vec<_> = self.links.iter().map(Link::placeholder).collect();
                        let seen = if seen.is_empty() { "none".to_owned() } else { seen.join(", ") };
                        format!("no answer so far contained the address of \"{step}\"; the addresses so far: {seen}")
                    })?;
                    filled.push_str(&link.target);
                }
                Piece::Any => return Err("${any} stands in a request; a request has to say what it sends".to_owned()),
            }
        }
        Ok(filled)
    }

    /// Whether `got` is what `pattern` says; names that were free are bound by it.
    pub fn fits(&mut self, pattern: &str, got: &str) -> bool {
        if self.literal {
            return pattern == got;
        }
        let Ok(pattern) = Pattern::read(pattern) else { return false };
        let mut fresh = Vec::new();
        let fits = self.walk(&pattern.0, got, &mut fresh);
        if fits {
            self.names.extend(fresh);
        }
        fits
    }

    /// The text of `pattern` as far as it is known, for showing.
    pub fn shown(&self, pattern: &str) -> String {
        let mut shown = pattern.to_owned();
        for (name, value) in &self.names {
            shown = shown.replace(&format!("${{{name}}}"), value);
        }
        shown
    }

    /// `text` with bound values turned back into their names.
    pub fn unfill(&self, text: &str) -> String {
        let long = self.names.iter().filter(|(_, value)| value.len() >= 8);
        long.fold(text.to_owned(), |text, (name, value)| text.replace(value.as_str(), &format!("${{{name}}}")))
    }

    /// `text` as a fixture writes it: an address of ours by its step, bound values by their names.
    pub fn told(&self, text: &str) -> String {
        Link::read(text).map_or_else(|| self.unfill(text), |link| link.placeholder())
    }

    fn walk(&self, pieces: &[Piece<'_>], got: &str, fresh: &mut Vec<(String, String)>) -> bool {
        let Some((piece, rest)) = pieces.split_first() else { return got.is_empty() };
        let known = |name: &str, fresh: &[(String, String)]| {
            let new = fresh.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone());
            new.or_else(|| self.names.get(name).cloned())
        };
        match piece {
            Piece::Words(words) => match same_address(words, got) {
                Some(same) if rest.is_empty() => same,
                _ => got.strip_prefix(words).is_some_and(|after| self.walk(rest, after, fresh)),
            },
            Piece::Name(name) => match known(name, fresh) {
                Some(value) => got.strip_prefix(value.as_str()).is_some_and(|after| self.walk(rest, after, fresh)),
                None => ends(got, rest).filter(|&end| end > 0).any(|end| {
                    let before = fresh.len();
                    fresh.push(((*name).to_owned(), got[..end].to_owned()));
                    let fits = self.walk(rest, &got[end..], fresh);
                    if !fits {
                        fresh.truncate(before);
                    }
                    fits
                }),
            },
            Piece::Url { step, params } => ends(got, rest).any(|end| {
                Link::read(&got[..end]).is_some_and(|link| link.fits(step, params))
                    && self.walk(rest, &got[end..], fresh)
            }),
            Piece::Any => ends(got, rest).any(|end| self.walk(rest, &got[end..], fresh)),
        }
    }

    /// A made-up id, the same each time for the same seed and name.
    fn made_up(&self, name: &str, param: &str) -> String {
        let digest = format!("{:032x}", spread(&format!("{}\n{name}", self.seed)));
        if self.uuids {
            return format!(
                "{}-{}-4{}-8{}-{}",
                &digest[..8],
                &digest[8..12],
                &digest[13..16],
                &digest[17..20],
                &digest[20..32]
            );
        }
        let prefix = match param {
            "MessageSid" | "SmsSid" | "SmsMessageSid" => "SM",
            "RecordingSid" => "RE",
            "TranscriptionSid" => "TR",
            "QueueSid" => "QU",
            "AccountSid" => "AC",
            _ => "CA",
        };
        format!("{prefix}{digest}")
    }
}

/// Spreads a text over 128 bits (FNV-1a): not a secret, only the same for the same text.
pub(super) fn spread(text: &str) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0100_0000_0000_0000_0000_013b;
    text.bytes().fold(BASIS, |sum, byte| (sum ^ u128::from(byte)).wrapping_mul(PRIME))
}

/// Where a hole may end: only at the end of the text when nothing follows it, else anywhere.
fn ends<'g>(got: &'g str, rest: &[Piece<'_>]) -> Box<dyn Iterator<Item = usize> + 'g> {
    if rest.is_empty() {
        Box::new(std::iter::once(got.len()))
    } else {
        Box::new(got.char_indices().map(|(at, _)| at).chain(std::iter::once(got.len())))
    }
}

/// Whether two addresses of ours are the same but for their origins and opaque ids; `None` where one is not ours.
fn same_address(expected: &str, got: &str) -> Option<bool> {
    let (expected, got) = (Link::read(expected)?, Link::read(got)?);
    let named = |link: &Link| -> Vec<(String, String)> {
        let mut params: Vec<_> =
            link.params.iter().filter(|(name, _)| !OPAQUE.contains(&name.as_str())).cloned().collect();
        params.sort();
        params
    };
    Some(expected.step == got.step && named(&expected) == named(&got))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_what_it_was_first() {
        let mut bindings = Bindings::new("seed", false);
        assert!(bindings.fits("q-${queue}", "q-0a1b"));
        assert!(bindings.fits("${queue}", "0a1b"));
        assert!(!bindings.fits("${queue}", "0a1c"), "it is bound");
        assert!(!bindings.fits("${new}${queue}", "x0a1c"), "a failed match");
        assert!(bindings.fits("${new}", "anything"), "binds nothing");
    }

    #[test]
    fn holes_take_what_is_left_between_words() {
        for (pattern, got, fits, why) in [
            ("Call from ${any}.", "Call from a house.", true, "any in the middle"),
            ("${any}", "", true, "any may be nothing"),
            ("${name}", "", false, "a name may not"),
            ("${a}-${a}", "xy-xy", true, "a name used twice in one text"),
            ("${a}-${a}", "xy-yx", false, "and not the same"),
            ("${url dialed}", "https://h/webhooks/a/voice/dialed?call=1", true, "an address"),
            ("${url dialed attempt=2}", "https://h/webhooks/a/voice/dialed?call=1&attempt=1", false, "another attempt"),
            ("https://a/webhooks/x/voice/status?call=1", "http://b/webhooks/x/voice/status?call=2", true, "origins"),
            ("https://a/hello.mp3", "https://b/hello.mp3", false, "others' origins matter"),
        ] {
            assert_eq!(Bindings::new("s", false).fits(pattern, got), fits, "{why}");
        }
    }

    #[test]
    fn made_up_ids_are_of_their_kind_and_the_same_each_time() {
        let mut one = Bindings::new("f.toml", false);
        let call = one.fill("${call}", "CallSid").expect("it is made up");
        assert!(call.starts_with("CA") && call.len() == 34);
        assert_eq!(one.fill("${call}", "ParentCallSid").as_deref(), Ok(call.as_str()));
        assert_eq!(Bindings::new("f.toml", false).fill("${call}", "CallSid").as_deref(), Ok(call.as_str()));
        assert_ne!(Bindings::new("g.toml", false).fill("${call}", "CallSid").as_deref(), Ok(call.as_str()));
        let uuid = Bindings::new("f.toml", true).fill("${call}", "CallSid").expect("it is made up");
        assert_eq!(uuid.split('-').map(str::len).collect::<Vec<_>>(), [8, 4, 4, 4, 12]);
    }

    #[test]
    fn an_address_is_the_latest_that_fits() {
        let mut bindings = Bindings::new("s", false);
        assert!(bindings.fill("${url whisper}", "").is_err(), "none yet");
        for attempt in 1..=2 {
            let url = format!("https://h/webhooks/a/voice/whisper?call=0&attempt={attempt}");
            bindings.see(Link::read(&url).expect("ours"));
        }
        assert_eq!(bindings.fill("${url whisper}", "").as_deref(), Ok("/webhooks/a/voice/whisper?call=0&attempt=2"));
        assert_eq!(
            bindings.fill("${url whisper attempt=1}", "").as_deref(),
            Ok("/webhooks/a/voice/whisper?call=0&attempt=1")
        );
    }

    #[test]
    fn what_is_no_placeholder_is_refused() {
        for text in ["${", "${url}", "${url accept try}", "${two words}", "${}", "${row.x}"] {
            assert!(Pattern::read(text).is_err(), "{text}");
        }
        assert!(Pattern::read("costs $5 {really}").is_ok());
    }
}
