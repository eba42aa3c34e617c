//! The documented example in each of its languages, as bytes on a socket: what their libraries add to it, and what HTTP
//! itself refuses of it.
//!
//! Deliberately not here: what the parameters mean (`deepcall`).

use std::net::SocketAddr;

use serde_json::{Value, json};

use crate::program::Home;
use crate::support::DEMO;
use crate::wire::{self, Answer};

/// The answer of the documentation, all of its 51 bytes.
const UNSET: &str = "{\"status\":\"success\",\"message\":\"Your masking unset\"}";

/// A request with these lines in its head, and a length where it needs one.
fn post(path: &str, lines: &str, body: &str) -> Vec<u8> {
    let length =
        if lines.contains("Transfer-Encoding") { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let body = if length.is_empty() { format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len()) } else { body.to_owned() };
    format!("POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{lines}{length}\r\n{body}").into_bytes()
}

async fn send(to: SocketAddr, path: &str, lines: &str, body: &str) -> Answer {
    wire::send(to, &post(path, lines, body)).await.expect("an answer")
}

/// Sets a mask for a pair of its own, and tells it as digits.
async fn set(to: SocketAddr, no: usize) -> String {
    let body = json!({"userId": "demo", "token": "demo-token", "m1": format!("+131255501{:02}", 10 + no),
        "m2": format!("+130355501{:02}", 10 + no)});
    let answer = send(to, "/api/v2/Masking/set", "", &body.to_string()).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let told: Value = serde_json::from_slice(&answer.body).expect("JSON");
    told["mask"].as_str().expect("a mask").trim_start_matches('+').to_owned()
}

#[tokio::test]
async fn every_language_of_the_example_unsets_a_mask() {
    let home = Home::with(DEMO);
    let program = home.start(&[("HOOKSWITCH_LOG", "trace")]).await;
    let (form, plain) = ("Content-Type: application/x-www-form-urlencoded\r\n", "Content-Type: text/plain\r\n");
    let one = "{\"ssid\": \"demo-ssid\",\"mask\": {MASK},\"expiry_duration\": -1}";
    let lines = "{\n    \"ssid\": \"demo-ssid\",\n    \"mask\": {MASK},\n    \"expiry_duration\": -1\n\n}";
    let doubled = "{\r\n    \"ssid\": \"demo-ssid\",\r\n    \"mask\": {MASK},\r\n    \"expiry_duration\": -1\r\n\r\n}";
    for (no, (language, head, body)) in [
        (
            "axios",
            "Accept: application/json, text/plain, */*\r\nContent-Type: application/x-www-form-urlencoded\r\n",
            one,
        ),
        ("PHP, HTTP_Request2", form, one),
        ("Python, http.client", "Accept-Encoding: identity\r\n", one),
        ("C#, RestSharp", plain, doubled),
        ("curl", "Accept: */*\r\nContent-Type: application/x-www-form-urlencoded\r\n", lines),
        ("Dart", "content-type: text/plain; charset=utf-8\r\n", lines),
        ("Go, net/http", "User-Agent: Go-http-client/1.1\r\nAccept-Encoding: gzip\r\n", lines),
        ("HTTP", "", lines),
        ("Java, OkHttp", "Content-Type: text/plain; charset=utf-8\r\n", lines),
        ("JavaScript, fetch", "Origin: https://page.example\r\nContent-Type: text/plain;charset=UTF-8\r\n", lines),
        ("C, libcurl", form, lines),
        ("Objective-C", form, lines),
        ("OCaml, Cohttp", "Transfer-Encoding: chunked\r\n", lines),
        ("PowerShell", form, lines),
        ("Ruby, Net::HTTP", form, lines),
        ("HTTPie", "Content-Type: application/json\r\nAccept: application/json, */*;q=0.5\r\n", lines),
        ("Swift", form, lines),
    ]
    .into_iter()
    .enumerate()
    {
        for (path, quoted) in [("/api/v2/Masking/unset", false), ("/deepcall/api/v2/Masking/unset", true)] {
            let mask = set(program.address, no).await;
            let mask = if quoted { format!("\"+{mask}\"") } else { mask };
            let answer = send(program.address, path, head, &body.replace("{MASK}", &mask)).await;
            assert_eq!((answer.status, answer.text()), (200, UNSET), "{language}");
            let head = answer.head.to_ascii_lowercase();
            assert!(head.contains("content-type: application/json; charset=utf-8"), "{language}: {head}");
            assert!(head.contains("content-length: 51"), "{language}: {head}");
            assert!(!head.contains("access-control"), "{language}: {head}");
        }
    }

    let mask = set(program.address, 0).await;
    for (proof, status, why) in [
        ("\"ssid\": \"demo-ssid\"", 200, "an ssid"),
        ("\"userId\": \"demo\", \"token\": \"demo-token\"", 200, "a user with a token"),
        ("\"ssid\": \"\", \"userId\": \"demo\", \"token\": \"demo-token\"", 200, "a blank ssid beside it"),
        ("\"userId\": \"demo\", \"token\": \"wrong-canary\"", 401, "a wrong token"),
        ("\"ssid\": \"wrong-canary\"", 401, "a wrong ssid"),
        ("\"m1\": \"+13125550110\"", 401, "none"),
    ] {
        for (expiry, right) in
            [("5", 200), ("\"5\"", 200), ("2.5", 400), ("99999999999999999999", 400), ("\"soon\"", 400)]
        {
            let body = format!("{{{proof}, \"mask\": {mask}, \"expiry_duration\": {expiry}}}");
            let answer = send(program.address, "/api/v2/Masking/unset", form, &body).await;
            assert_eq!(answer.status, if status == 200 { right } else { status }, "{why}, {expiry}: {}", answer.text());
        }
    }

    // What the samples print besides, `Content-Length:` with nothing behind it, is no HTTP; whoever's library does not
    // mend it learns so at once, before the doors.
    for lines in ["Content-Length: \r\n", "Content-Length:\r\nContent-Type: text/plain\r\n"] {
        let body = one.replace("{MASK}", &mask);
        let request =
            format!("POST /api/v2/Masking/unset HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{lines}\r\n{body}");
        let answer = wire::send(program.address, request.as_bytes()).await.expect("an answer");
        assert_eq!((answer.status, answer.text()), (400, ""), "{lines:?}");
    }
    // libcurl takes such a line for a wish to send none: the body is then no body, and empty is no object.
    let request = "POST /api/v2/Masking/unset HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n";
    let answer = wire::send(program.address, request.as_bytes()).await.expect("an answer");
    assert!(answer.status == 400 && answer.text().contains("no JSON object"), "{}", answer.text());

    program.stop().await;
    let log = home.log();
    for canary in ["demo-ssid", "demo-token", "wrong-canary", "3125550110", "3035550110", "3125550191"] {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
}
