//! Addresses in documents: relative ones stand for something below the address of the document that has them.
//!
//! Deliberately not here: asking there.

/// The address that `reference` means in the document at `base` (RFC 3986, 5.2); a fragment is for the provider alone
/// (wire.md A.4) and left out. `None` when it is no address on the web (Twilio's error 11100).
pub(super) fn resolve(base: &str, reference: &str) -> Option<String> {
    let reference = reference.trim();
    let reference = reference.split('#').next().unwrap_or_default();
    if reference.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return None;
    }
    if let Some((scheme, rest)) = scheme(reference) {
        let web = matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https");
        let host = rest.strip_prefix("//")?.split(['/', '?']).next()?;
        return (web && !host.is_empty()).then(|| reference.to_owned());
    }
    let base = base.split('#').next().unwrap_or_default();
    let (scheme, rest) = base.split_once("://")?;
    if let Some(host) = reference.strip_prefix("//") {
        return (!host.is_empty()).then(|| format!("{scheme}://{host}"));
    }
    let (host, target) = rest.find(['/', '?']).map_or((rest, "/"), |at| rest.split_at(at));
    let (path, query) = target.split_once('?').map_or((target, None), |(path, query)| (path, Some(query)));
    let target = if reference.is_empty() {
        query.map_or_else(|| path.to_owned(), |query| format!("{path}?{query}"))
    } else if reference.starts_with('?') {
        format!("{path}{reference}")
    } else {
        let (way, query) = reference.find('?').map_or((reference, ""), |at| reference.split_at(at));
        let way = if way.starts_with('/') {
            way.to_owned()
        } else {
            format!("{}/{way}", path.rsplit_once('/').map_or("", |(folder, _)| folder))
        };
        format!("{}{query}", without_dots(&way))
    };
    Some(format!("{scheme}://{host}{}{target}", if target.starts_with('/') { "" } else { "/" }))
}

/// The scheme of an absolute address, and what follows its colon.
fn scheme(reference: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = reference.split_once(':')?;
    let letters = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    (letters && scheme.starts_with(|c: char| c.is_ascii_alphabetic())).then_some((scheme, rest))
}

fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    for (at, step) in steps.iter().enumerate() {
        let last = at + 1 == steps.len();
        match *step {
            "." | ".." => {
                if *step == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            step => kept.push(step),
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_addresses_stand_below_their_document() {
        let base = "https://ours.example/webhooks/acme/voice?call=1";
        for (reference, expected, why) in [
            ("https://other.example/x?y=1", Some("https://other.example/x?y=1"), "absolute"),
            ("HTTP://other.example", Some("HTTP://other.example"), "schemes have no case"),
            ("//other.example/x", Some("https://other.example/x"), "its scheme is the document's"),
            ("/x?y=1", Some("https://ours.example/x?y=1"), "from the root"),
            ("voice/menu", Some("https://ours.example/webhooks/acme/voice/menu"), "beside the document"),
            ("../x/./y", Some("https://ours.example/webhooks/x/y"), "dots"),
            ("..", Some("https://ours.example/webhooks/"), "dots at the end"),
            ("../../../../x", Some("https://ours.example/x"), "no higher than the root"),
            ("?call=2", Some("https://ours.example/webhooks/acme/voice?call=2"), "a query alone"),
            ("", Some("https://ours.example/webhooks/acme/voice?call=1"), "the document itself"),
            ("x#rc=2", Some("https://ours.example/webhooks/acme/x"), "overrides of the connection are not sent"),
            ("ftp://other.example/x", None, "not the web"),
            ("mailto:x", None, "not the web"),
            ("https://", None, "no host"),
            ("a b", None, "white space"),
        ] {
            assert_eq!(resolve(base, reference).as_deref(), expected, "{why}: {reference}");
        }
        assert_eq!(resolve("https://ours.example", "x").as_deref(), Some("https://ours.example/x"), "a bare host");
        assert_eq!(resolve("https://ours.example?a=1", "?b").as_deref(), Some("https://ours.example/?b"));
    }
}
