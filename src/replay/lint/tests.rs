//! Each kind of leak is found, in each spelling; what is obviously made up is not.
//!
//! Deliberately not here: the fixtures of the repository (`tests/it`).

use std::path::Path;

use super::{Finding, Looked, file};

/// What is found in one line.
fn found(line: &str) -> Vec<String> {
    file(Path::new("fixtures/voice/a-call.toml"), line).iter().map(ToString::to_string).collect()
}

/// Digits of a number that may be somebody's: put together here, so that no source has it.
fn real() -> [String; 3] {
    ["312".to_owned(), ["4", "8", "7"].concat(), ["29", "63"].concat()]
}

/// Digits in another writing, whose nought is at `nought`.
fn wide(digits: &str, nought: u32) -> String {
    digits.bytes().filter_map(|digit| char::from_u32(nought + u32::from(digit - b'0'))).collect()
}

#[test]
fn a_phone_is_found_in_every_spelling() {
    let [area, office, line] = real();
    let british = ["7911", "48", "7296"].concat();
    for (text, why) in [
        (format!("From = \"+1{area}{office}{line}\""), "as it is"),
        (format!("From=%2B1{area}{office}{line}&To=x"), "in a form"),
        (format!("url = \"https://example.com/?from=%252b1{area}{office}{line}\""), "encoded twice"),
        (format!("From = \"\\u002B1{area}{office}{line}\""), "as a file escapes it"),
        (format!("<Number>&#43;1{area}{office}{line}</Number>"), "as a document escapes it"),
        (format!("From = \"1{area}{office}{line}\""), "without its plus"),
        (format!("From = \"{area}{office}{line}\""), "as dialled at home"),
        (format!("# call ({area}) {office}-{line} about it"), "in a remark, with brackets"),
        (format!("# call {area}-{office}-{line}"), "with dashes"),
        (format!("# call {area}.{office}.{line}"), "with dots"),
        (format!("# call +1 {area} {office} {line}"), "with spaces"),
        (format!("# call {area}\u{a0}{office}\u{2011}{line}"), "with signs that do not break"),
        (format!("# call {office}-{line}"), "without its area"),
        (format!("Body = \"ring 0{british}\""), "as dialled in another country"),
        (format!("Body = \"ring +44 {british}\""), "from abroad"),
        (format!("Body = \"ring 0044 {british}\""), "with the old way abroad"),
        (format!("https://example.com/calls/{area}{office}{line}/x"), "in an address"),
        (format!("https://example.com/?from=%2525252b1{area}{office}{line}"), "encoded four times"),
        (format!("From = \"\\U0000002B1{area}{office}{line}\""), "as a file escapes it, with eight digits"),
        (format!("request = \"POST ${{url dialed phone=1{area}{office}{line}}}\""), "in a placeholder"),
        (format!("Body=call+{area}+{office}+{line}+now"), "with the spaces of a form"),
        (format!("# call {area}_{office}_{line}"), "with low lines"),
        (format!("# call {area}\u{2014}{office}\u{2212}{line}"), "with long dashes"),
        (format!("# call {area}\u{200b}{office}\u{ad}{line}"), "with signs that nobody sees"),
        (format!("title = \"Call from_{area}{office}{line}\""), "behind a low line"),
        (format!("id = \"phone{area}{office}{line}\""), "behind letters"),
        (format!("# call {}", wide(&format!("{area}{office}{line}"), 0xff10)), "in wide digits"),
        (format!("# call +1 {}", wide(&format!("{area}{office}{line}"), 0x660)), "in Arabic digits"),
        (format!("# call {area}{}", wide(&format!("{office}{line}"), 0x660)), "in both"),
    ] {
        let found = found(&text);
        assert!(!found.is_empty(), "{why}");
        assert!(found.iter().all(|one| !one.contains(&line) && !one.contains("7296")), "{why}: {found:?}");
        assert!(found[0].starts_with("fixtures/voice/a-call.toml:1: ") && found[0].contains("+1 312 555"), "{found:?}");
    }
    let name = format!("fixtures/voice/call-from-{area}-{office}-{line}.toml");
    assert_eq!(file(Path::new(&name), "").len(), 1, "in a file's name");
}

#[test]
fn every_other_leak_is_found() {
    let hex = "9f3c".repeat(8);
    let signed = format!("{}=", "aB3".repeat(9));
    for (line, what, why) in [
        (format!("CallSid = \"CA{hex}\""), "provider's id (CA", "a call's id"),
        (format!("url = \"https://api.twilio.com/2010-04-01/Accounts/AC{hex}\""), "provider's id (AC", "in an address"),
        (format!("# token {hex}"), "hexadecimal", "a token"),
        ("id = \"4fa1b2c3-1111-4222-8333-444455556666\"".to_owned(), "UUID", "another provider's id"),
        (format!("auth_token = \"{}\"", "aZ9k".repeat(6)), "secret", "a secret in its field"),
        (format!("headers = {{ X-Twilio-Signature = \"{signed}\" }}"), "signature", "a signature"),
        (format!("# eyJ{}.eyJ{}.x", "abc".repeat(5), "def".repeat(5)), "JWT", "a token of another kind"),
        (format!("headers = {{ Authorization = \"Basic {}\" }}", "QWxh".repeat(4)), "login", "a login"),
        (format!("# sk_{}_{}", "live", "a1".repeat(10)), "API key", "a key"),
        ("url = \"https://jo:pw@example.com/x\"".to_owned(), "login in an address", "a login in an address"),
        ("url = \"https://pbx.dorasplumbing.com/x\"".to_owned(), "host", "somebody's host"),
        ("url = \"https://intranet/x\"".to_owned(), "host", "a host of a house's own"),
        ("# see db1.corp for it".to_owned(), "host", "a host in a remark"),
        ("url = \"http://10.1.2.3:8080/\"".to_owned(), "host", "a machine"),
        ("Body = \"write to dora@lund.se\"".to_owned(), "with an @", "mail"),
        ("From = \"sip:dora@pbx.lund.se\"".to_owned(), "with an @", "SIP"),
        ("Body = \"come to 12 Old Mill Road\"".to_owned(), "house", "a house"),
        ("FromCity = \"CHICAGO\"".to_owned(), "town", "a town"),
        ("FromZip = \"60601\"".to_owned(), "town", "a postal code"),
        (format!("url = \"x_CA{hex}.mp3\""), "provider's id (CA", "an id inside a word"),
        (format!("CallSid = \"sm{hex}\""), "provider's id (sm", "an id in small letters"),
        ("id = \"session_4fa1b2c3-1111-4222-8333-444455556666\"".to_owned(), "UUID", "an id behind a low line"),
        (format!("twilio_auth_token = \"{}\"", "aZ9k".repeat(6)), "secret", "a field with a longer name"),
        (format!("client-secret: '{}'", "aZ9k".repeat(6)), "secret", "as another file has it"),
        (format!("# AUTH_TOKEN={}", "aZ9k".repeat(6)), "secret", "without quotes"),
        (format!("url = \"https://example.com/x?token={}\"", "aZ9k".repeat(6)), "secret", "in an address"),
        ("password = \"qwertyuiopasdfghjklzxcvbnm\"".to_owned(), "secret", "small letters alone, but many"),
        (format!("headers = {{ Authorization = \"Bearer {}\" }}", "aZ9k".repeat(6)), "login", "a bearer's token"),
        (format!("# -----BEGIN RSA {} KEY-----", "PRIVATE"), "a key or a certificate", "a key's head"),
        (format!("# ssh-ed25519 AAAA{}", "C3Nz".repeat(9)), "a key or a certificate", "a key of another kind"),
        (format!("# gh{}_{}", "p", "aZ9k".repeat(9)), "API key", "another house's key"),
        (format!("# AI{}{}", "za", "Sy0aZ9k".repeat(5)), "API key", "and another's"),
        (format!("# {}=", "aZ9kbY8+x/Q".repeat(4).split_at(43).0), "base64", "thirty-two bytes, as keys have"),
        (
            format!("auth_id = \"MA{}\"", "ZDC4MTQ3NDAX".repeat(2).split_at(18).0),
            "provider's id (MA",
            "Plivo's account",
        ),
        ("# see dorasplumbing.co.uk".to_owned(), "host", "a host of another country"),
        ("# see dorasplumbing.de for it".to_owned(), "host", "and of another"),
        ("form=FromCity=CHICAGO&FromZip=60601".to_owned(), "town", "a town in a form"),
        ("Latitude = \"41.8781\"".to_owned(), "town", "where somebody is"),
        ("Address = \"Old Mill 12, Chicago\"".to_owned(), "town", "where somebody lives"),
        (format!("# {}", ["4111", "1111", "1111", "1111"].join(" ")), "card", "a card"),
        (format!("# {}", "98765432".repeat(2)), "long number", "whatever it is"),
    ] {
        let found = found(&line);
        assert!(found.iter().any(|one| one.contains(what)), "{why}: {found:?}");
    }
}

#[test]
fn what_is_made_up_is_left_alone() {
    for (line, why) in [
        ("From = \"+13125550101\", To = \"13125550190\"", "numbers of fiction"),
        ("From=%2B13125550101&To=%2b447700900123", "in a form"),
        ("# call (312) 555-0101, or 555-0199, or 07700 900123, or 020 7946 0101", "as people write them"),
        ("To = \"+81000012345\"", "a number that no plan gives out"),
        ("From = \"+266696687\"", "a withheld number on a keypad"),
        ("CallSid = \"${call}\", AccountSid = \"AC00000000000000000000000000000001\"", "ids"),
        ("now = \"2026-03-09T09:02:11.123456-05:00\"", "an instant"),
        ("Timestamp = \"Mon, 09 Mar 2026 14:02:11 +0000\"", "a date"),
        ("hours = \"Mo-Fr 08:00-12:00,13:00-17:00; Sa 09:00-13:00\"", "hours"),
        ("From=%2B13125550101&Body=call+312+555+0101+at+14:02", "in a form with spaces"),
        ("now = \"2026-03-09T14:02:11+02:00\", until = \"2026-03-09T14:02:11.5+02:00\"", "instants of other zones"),
        ("CallSid = \"${call2}\", ParentCallSid = \"${leg10}\", u = \"${url dialed attempt=1}\"", "placeholders"),
        ("auth_token_env = \"${TOKEN}\", token = \"${token}\"", "placeholders of secrets"),
        ("title = \"The token is refused: a password must be given\"", "words about secrets"),
        ("Latitude = \"redacted\", Address = \"redacted\"", "what was redacted"),
        ("world = \"recorded-old-quay\" # see the file call.toml", "names of files"),
        ("# 10, 20, 30, 40, 50 seconds; 1_000_000 calls; \u{663}", "other numbers"),
        ("timeout=\"20\" timeLimit=\"3600\" maxLength=\"14400\"", "seconds"),
        ("auth_token = \"demo-auth-token\"", "a secret that everybody knows"),
        ("auth_token_env = \"ACME_TWILIO_TOKEN\"", "a secret's name"),
        ("url = \"https://hooks.example.com/webhooks/a/voice\"", "a host of nobody"),
        ("From = \"sip:ana@example.com\"", "SIP of nobody"),
        ("FromCity = \"\", FromZip = \"00000\", ToCity = \"ANYTOWN\"", "places of nobody"),
        (
            "RecordingUrl = \"https://api.twilio.com/2010-04-01/Accounts/AC0000000000000000abcdefabcdefabcd\"",
            "an address",
        ),
    ] {
        assert_eq!(found(line), Vec::<String>::new(), "{why}");
    }
}

#[test]
fn places_and_files_are_counted_apart() {
    let finding = |file: &str| Finding { file: file.to_owned(), line: 1, what: "x".to_owned(), mend: "y" };
    for (found, files, verdict) in [
        (&[][..], 1, "1 file: nothing looks real"),
        (&[], 3, "3 files: nothing looks real"),
        (&["a"], 1, "1 place looks real, in 1 of 1 file"),
        (&["a", "a"], 1, "2 places look real, in 1 of 1 file"),
        (&["a", "a", "b"], 7, "3 places look real, in 2 of 7 files"),
    ] {
        let looked = Looked { files, findings: found.iter().map(|file| finding(file)).collect() };
        assert_eq!(looked.verdict(), verdict);
    }
}
