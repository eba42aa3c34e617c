//! An address of ours, as a document contains it: which step it asks for, and with which parameters.
//!
//! Deliberately not here: building one (`voice`).

/// One of our own addresses, without its origin.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Link {
    /// Path and query, as they are requested.
    pub target: String,
    /// The step: the path behind the account, such as `voice/dialed`; `media` for a medium.
    pub step: String,
    /// The parameters, decoded, in order.
    pub params: Vec<(String, String)>,
}

/// Parameters that are opaque ids: they are never compared.
pub const OPAQUE: [&str; 2] = ["call", "message"];

impl Link {
    /// Reads an absolute or relative address; `None` when it is not one of ours.
    pub fn read(url: &str) -> Option<Self> {
        let url = url.trim().split('#').next()?;
        let path = match url.split_once("://") {
            Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https") => {
                &rest[rest.find('/')?..]
            }
            Some(_) => return None,
            None if url.starts_with('/') => url,
            None => return None,
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let params = form_urlencoded::parse(query.as_bytes()).map(|(k, v)| (k.into_owned(), v.into_owned())).collect();
        let whole = |path: &str| if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
        if let Some(at) = path.find("/webhooks/") {
            let (_, step) = path[at + "/webhooks/".len()..].split_once('/')?;
            return Some(Self { target: whole(&path[at..]), step: step.trim_end_matches('/').to_owned(), params });
        }
        let at = path.find("/media/")?;
        Some(Self { target: whole(&path[at..]), step: "media".to_owned(), params })
    }

    /// Whether this is what `${url STEP …}` asks for. A step may be named without its channel.
    pub fn fits(&self, step: &str, params: &[(String, String)]) -> bool {
        let named = self.step == step || self.step.split_once('/').is_some_and(|(_, rest)| rest == step);
        named && params.iter().all(|wanted| self.params.contains(wanted))
    }

    /// How a fixture writes it: the step without its channel, and the parameters that say which round it is.
    pub fn placeholder(&self) -> String {
        let mut text = format!("${{url {}", self.step.split_once('/').map_or(self.step.as_str(), |(_, rest)| rest));
        for (name, value) in self.params.iter().filter(|(name, _)| !OPAQUE.contains(&name.as_str())) {
            text.push_str(&format!(" {name}={value}"));
        }
        text.push('}');
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_addresses_are_told_from_others() {
        for (url, step, why) in [
            ("https://hooks.example.com/webhooks/a/voice/dialed?call=1&attempt=2", Some("voice/dialed"), "a step"),
            ("/webhooks/a/voice", Some("voice"), "relative"),
            ("https://h/prefix/webhooks/a/sms/status", Some("sms/status"), "behind a prefix"),
            ("http://h:8080/media/abc", Some("media"), "a medium"),
            ("https://h/webhooks/a", None, "no step"),
            ("https://example.com/hello.mp3", None, "somebody else's"),
            ("ftp://h/webhooks/a/voice", None, "another scheme"),
            ("webhooks/a/voice", None, "no address"),
        ] {
            assert_eq!(Link::read(url).map(|link| link.step).as_deref(), step, "{why}");
        }
    }

    #[test]
    fn named_parameters_are_compared_and_others_are_not() {
        let link = Link::read("https://h/webhooks/a/voice/accept?call=00ff&attempt=1&try=2#rc=1").expect("ours");
        let params = |pairs: &[(&str, &str)]| -> Vec<(String, String)> {
            pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        assert!(link.fits("accept", &[]));
        assert!(link.fits("voice/accept", &params(&[("try", "2")])));
        assert!(!link.fits("accept", &params(&[("try", "1")])));
        assert!(!link.fits("whisper", &[]));
        assert_eq!(link.placeholder(), "${url accept attempt=1 try=2}");
        assert_eq!(link.target, "/webhooks/a/voice/accept?call=00ff&attempt=1&try=2");
    }
}
