//! Ids of providers, tokens, keys, signatures.
//!
//! Deliberately not here: hosts and addresses (`places`).

use std::sync::LazyLock;

use regex::Regex;

const MEND_ID: &str = "use a placeholder such as ${call}, or an id of zeros such as AC00000000000000000000000000000001";
const MEND_SECRET: &str = "name an environment variable in an _env field, or use words such as demo-token";

/// Long hexadecimal words, with the letters before them that tell an id's kind.
static HEX: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"([A-Za-z]{2})?([0-9a-fA-F]{32,})").expect("it is a regular expression"));

/// Ids of Plivo's accounts.
static PLIVO: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"\b[MS]A[A-Z0-9]{18}\b").expect("it is a regular expression"));

/// UUIDs.
static UUID: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")
        .expect("it is a regular expression")
});

/// Things that are secrets wherever they stand.
static SECRETS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    [
        (r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}", "a signed token (JWT)"),
        (r"(?i)\b(?:basic|bearer)\s+[A-Za-z0-9+/=_.-]{12,}", "a login in a header"),
        (r"\b(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{10,}", "an API key"),
        (r"\bAKIA[0-9A-Z]{16}\b", "an API key"),
        (r"\bxox[abeprs]-[A-Za-z0-9-]{10,}", "an API key"),
        (r"\b(?:gh[opsu]|github_pat)_[A-Za-z0-9_]{20,}", "an API key"),
        (r"\bAIza[A-Za-z0-9_-]{30,}", "an API key"),
        (r"\b(?:ssh-(?:rsa|ed25519)|ecdsa-sha2-\S+) AAAA[A-Za-z0-9+/]{20,}", "a key or a certificate"),
        (r"(?:^|[^A-Za-z0-9+/])[A-Za-z0-9+/]{43}=", "thirty-two bytes in base64, as keys have"),
        (r"(?i)(?:token|secret|passw(?:or)?d|api_?key)=[A-Za-z0-9+/_-]{16,}", "a secret that looks real"),
        (r"-----BEGIN [A-Z ]+-----", "a key or a certificate"),
        (r"(?i)-signature[^=:]{0,4}[=:]\s*.?[A-Za-z0-9+/]{27}=", "a request's signature"),
    ]
    .into_iter()
    .map(|(text, what)| (Regex::new(text).expect("it is a regular expression"), what))
    .collect()
});

/// A secret written into its field.
static FIELDS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)(?:token|ssid|(?:signing|api|admin|master|private|access)[_-]?key|secret|password|passwd)["']?\s*[=:]\s*["']([^"']+)["']"#,
    )
    .expect("it is a regular expression")
});

/// Words with dashes between them: what people make up.
static MADE_UP: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[a-z]{1,16}(?:[ -][a-z0-9]{1,16}){0,6}$").expect("it is a regular expression"));

/// What is found in a line.
pub fn look(line: &str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    for at in HEX.captures_iter(line) {
        let digits = &at[2];
        // Half of it zeros, or one digit throughout: nobody's id looks like that.
        let first = digits.as_bytes()[0];
        if digits.starts_with("0000000000000000") || digits.bytes().all(|byte| byte == first) {
            continue;
        }
        found.push(match at.get(1) {
            Some(kind) => (format!("what may be a provider's id ({}…)", kind.as_str()), MEND_ID),
            None => ("a long hexadecimal word, which may be a token".to_owned(), MEND_SECRET),
        });
    }
    if PLIVO.find_iter(line).any(|at| at.as_str()[2..].bytes().any(|byte| byte != b'X' && byte != b'0')) {
        found.push(("what may be a provider's id (MA…)".to_owned(), MEND_ID));
    }
    if UUID.find_iter(line).any(|at| !at.as_str().starts_with("00000000-0000-")) {
        found.push(("what may be an id (UUID)".to_owned(), MEND_ID));
    }
    for (_, what) in SECRETS.iter().filter(|(secret, _)| secret.is_match(line)) {
        found.push(((*what).to_owned(), MEND_SECRET));
    }
    for at in FIELDS.captures_iter(line) {
        if !MADE_UP.is_match(&at[1]) && !at[1].starts_with("${") {
            found.push(("a secret that looks real".to_owned(), MEND_SECRET));
        }
    }
    found
}
