//! Signing what we tell tenants' programs: as Plivo signs its requests (its V3 signature), and as Standard Webhooks says.
//!
//! Deliberately not here: which secrets a tenant has, and sending.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::keyed::Keyed;
use crate::rules::ruleset::Secret;

/// The parts of a request that Plivo's signature covers.
#[derive(Clone, Copy, Debug)]
pub struct Signed<'a> {
    /// The address that is asked, without the parameters of a GET.
    pub url: &'a str,
    /// The parameters, as they are before they are encoded.
    pub parameters: &'a [(String, String)],
    /// Whether they are sent as a form; else they stand in the address.
    pub form: bool,
}

/// The value of `X-Plivo-Signature-V3` for this nonce: a signature by each token, with commas between. Empty where there
/// is no token.
pub fn plivo_v3(request: Signed<'_>, nonce: &str, tokens: &[Secret]) -> String {
    let text = format!("{}.{nonce}", plivo_base(request));
    let sign = |token: &Secret| STANDARD.encode(Keyed::new(token.expose().as_bytes()).digest(&[text.as_bytes()]));
    tokens.iter().filter(|token| !token.is_empty()).map(sign).collect::<Vec<_>>().join(",")
}

/// The address with its query in order; behind it, of a form, names and values in order with nothing between. The
/// question mark stays where there is a form and no query.
fn plivo_base(Signed { url, parameters, form }: Signed<'_>) -> String {
    let url = url.split_once('#').map_or(url, |(url, _)| url);
    let (address, query) = url.split_once('?').unwrap_or((url, ""));
    let mut asked: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    let mut sent = if form { parameters.to_vec() } else { Vec::new() };
    if !form {
        asked.extend_from_slice(parameters);
    }
    asked.sort_unstable();
    sent.sort_unstable();
    let asked: Vec<String> = asked.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let mut base = address.to_owned();
    if !asked.is_empty() || !sent.is_empty() {
        base.push('?');
        base.push_str(&asked.join("&"));
    }
    if !asked.is_empty() && !sent.is_empty() {
        base.push('.');
    }
    sent.into_iter().for_each(|(name, value)| {
        base.push_str(&name);
        base.push_str(&value);
    });
    base
}

/// The value of `webhook-signature`: one by each secret, with spaces between. A secret is `whsec_` and Base64; one that
/// is not signs nothing.
pub fn standard(id: &str, timestamp: i64, body: &[u8], secrets: &[Secret]) -> String {
    let timestamp = timestamp.to_string();
    let sign = |secret: &Secret| {
        let key = STANDARD.decode(secret.expose().strip_prefix("whsec_")?).ok()?;
        let parts = [id.as_bytes(), b".", timestamp.as_bytes(), b".", body];
        Some(format!("v1,{}", STANDARD.encode(Keyed::new(&key).digest(&parts))))
    };
    secrets.iter().filter_map(sign).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
        list.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn published_signatures_come_out() {
        let published = include_str!("../../fixtures/signatures/plivo.json");
        let published: serde_json::Value = serde_json::from_str(published).expect("JSON");
        let mut checked = 0;
        for vector in published.as_array().expect("a list") {
            let text = |name: &str| vector[name].as_str().unwrap_or_default();
            let parameters = vector["params"].as_object().expect("an object");
            let parameters: Vec<(String, String)> = parameters
                .iter()
                .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
                .collect();
            let request = Signed { url: text("url"), parameters: &parameters, form: text("method") == "POST" };
            let token = Secret::new(text("token"));
            let signed = plivo_v3(request, text("nonce"), std::slice::from_ref(&token));
            assert_eq!(signed, text("signature"), "{} {}", text("method"), text("url"));
            let twice = plivo_v3(request, text("nonce"), &[Secret::new("other"), Secret::new(""), token]);
            assert!(twice.ends_with(&format!(",{signed}")) && twice.matches(',').count() == 1, "{twice}");
            checked += 1;
        }
        assert_eq!(checked, 4);
    }

    #[test]
    fn the_base_is_put_together_as_published() {
        let sent = pairs(&[("b", "2"), ("a", "1")]);
        for (url, parameters, form, expected, why) in [
            ("https://h/p?z=1&y=2", &sent[..], true, "https://h/p?y=2&z=1.a1b2", "a query and a form"),
            ("https://h/p", &sent[..], true, "https://h/p?a1b2", "a form alone leaves the question mark"),
            ("https://h/p?z=a%20b", &sent[..], false, "https://h/p?a=1&b=2&z=a b", "everything in the address"),
            ("https://h/p#x", &[][..], true, "https://h/p", "nothing at all"),
            ("https://h/p?z=1", &[][..], true, "https://h/p?z=1", "a query alone"),
        ] {
            assert_eq!(plivo_base(Signed { url, parameters, form }), expected, "{why}");
        }
    }
}
