//! In front of an older application: what it is asked and what it answers is unchanged, and written down.
//!
//! Deliberately not here: which request is which step (a table beside the code).

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::program::Home;
use crate::support::DEMO;
use crate::wire;

/// An older application: it remembers what it is asked, and dials or records.
async fn old_application(heard: Arc<Mutex<Vec<String>>>, dialled: String) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = Vec::new();
            let mut piece = [0; 4096];
            while !whole(&request) {
                match socket.read(&mut piece).await {
                    Ok(0) | Err(_) => break,
                    Ok(count) => request.extend_from_slice(&piece[..count]),
                }
            }
            let request = String::from_utf8_lossy(&request).into_owned();
            let body = if request.starts_with("POST /old/no") {
                "<Response><Reject/></Response>".to_owned()
            } else if request.starts_with("POST /old/in") {
                format!(
                    "<Response><Say>Hello Dorothea</Say><Dial action=\"/old/after?job=7\"><Number>{dialled}</Number></Dial></Response>"
                )
            } else {
                "<?xml version=\"1.0\"?>\n<Response><Record action=\"/old/left\"/></Response>".to_owned()
            };
            heard.lock().expect("not poisoned").push(request);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nX-Old: yes\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                body.len()
            );
            socket.write_all(format!("{head}{body}").as_bytes()).await.ok();
        }
    });
    address
}

/// Whether all of a request is there.
fn whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    body.len() >= length.unwrap_or(0)
}

#[tokio::test]
async fn an_older_applications_answers_pass_and_are_written_down() {
    let number = |last: &str| format!("+1312{}{last}", ["4", "8", "7"].concat());
    let (ana, desk, masking) = (number("2963"), number("2965"), number("2966"));
    let heard = Arc::new(Mutex::new(Vec::new()));
    let old = old_application(Arc::clone(&heard), desk.clone()).await;
    let home = Home::with(DEMO);
    let mut command = home.command();
    command.args(["record", "--listen", "127.0.0.1:0", "--forward", &format!("http://{old}"), "-o", "old"]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let first = lines.next().expect("it greets").expect("it is text");
    let address: SocketAddr = first.rsplit('/').next().and_then(|text| text.parse().ok()).expect("an address");

    let sid = format!("CA{}", "7e3b9".repeat(6) + "01");
    let from = |more: &str| format!("CallSid={sid}&From=%2B{}&To=%2B{}&{more}", &ana[1..], &masking[1..]);
    let headers = [("X-Twilio-Signature", "c2lnbmVk"), ("Content-Type", "application/x-www-form-urlencoded")];
    let asked = from("CallStatus=ringing&Direction=inbound&CallerName=DOROTHEA");
    let call = wire::request("POST", "/old/in?tenant=7", &headers, asked.as_bytes());
    let answer = wire::send(address, &call).await.expect("it answers");
    assert!(answer.status == 200 && answer.text().contains("Hello Dorothea"), "unchanged: {answer:?}");
    assert!(answer.head.to_ascii_lowercase().contains("x-old: yes"), "with its headers: {}", answer.head);
    let after = wire::request("POST", "/old/after?job=7", &headers, from("DialCallStatus=busy").as_bytes());
    wire::send(address, &after).await.expect("it answers");
    let sent_on = wire::request("POST", "/old/elsewhere", &headers, from("CallStatus=in-progress").as_bytes());
    wire::send(address, &sent_on).await.expect("it answers");
    // What the demo world answers too.
    let refused = format!("CallSid=CA{}&From=%2B{}&To=%2B{}", "5d1".repeat(10) + "02", &ana[1..], &desk[1..]);
    let refused = wire::request("POST", "/old/no", &headers, format!("{refused}&CallStatus=ringing").as_bytes());
    wire::send(address, &refused).await.expect("it answers");
    {
        let heard = heard.lock().expect("not poisoned");
        assert!(
            heard[0].starts_with("POST /old/in?tenant=7 HTTP/1.1\r\n") && heard[0].ends_with(&asked),
            "{}",
            heard[0]
        );
        let head = heard[0].to_ascii_lowercase();
        assert!(head.contains("x-twilio-signature: c2lnbmvk") && head.contains("host: test"), "{head}");
    }

    let told = std::process::Command::new("kill").arg(child.id().to_string()).status();
    assert!(told.is_ok_and(|status| status.success()), "it is told to stop");
    assert!(child.wait().expect("it ends").success(), "and ends well");
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    assert!(rest[0].contains("4 requests passed") && rest[0].contains("2 fixtures"), "{rest:?}");
    assert!(rest[1].contains("1 pending, 1 passing in the demo world"), "{rest:?}");
    let text =
        fs::read_to_string(home.path().join("old/voice/call-answered-with-reject.toml")).expect("it was written");
    assert!(text.contains("<Reject") && !text.contains("pending"), "{text}");

    let file = home.path().join("old/voice/call-answered-with-dial.toml");
    let text = fs::read_to_string(&file).expect("it was written");
    for part in [
        "request = \"POST /webhooks/acme-twilio/voice\"",
        "request = \"POST ${url dialed}\"",
        "# Not played: Hookswitch has no such step",
        "<Say>${any}</Say>",
        "action=\"${url voicemail}\"",
        "pending = ",
    ] {
        assert!(text.contains(part), "{part} is missing in\n{text}");
    }
    for real in [&ana[1..], &desk[1..], &masking[1..], "Dorothea", "DOROTHEA", &sid, "c2lnbmVk", "tenant", "job=7"] {
        assert!(!text.contains(real), "{real} is in\n{text}");
    }
    let lint = home.command().args(["fixtures", "lint", "old"]).output().expect("it starts");
    assert_eq!(lint.status.code(), Some(0), "{}", String::from_utf8_lossy(&lint.stdout));
    let replay = home.command().args(["replay", "old"]).output().expect("it starts");
    assert_eq!(
        replay.status.code(),
        Some(0),
        "one passes, one is expected to fail: {}",
        String::from_utf8_lossy(&replay.stdout)
    );
}
