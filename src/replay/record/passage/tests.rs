//! What of an older application's answers becomes an expectation, and which headers pass.
//!
//! Deliberately not here: a passage that listens (`tests/it`).

use super::super::book::Book;
use super::*;

fn desk(folder: &std::path::Path) -> Desk {
    let pseudonyms = Pseudonyms::new(Book::in_memory(b"a key"));
    Desk { pseudonyms, shelf: Shelf::new(folder), open: BTreeMap::new(), written: Vec::new(), tally: Tally::default() }
}

#[test]
fn what_cannot_be_played_is_no_expectation() {
    let way = Way { forward: String::new(), host: None, account: "a".to_owned(), world: Some("w".to_owned()) };
    let hangup = b"<Response><Hangup/></Response>";
    for (method, status, body, files, why) in [
        ("POST", 200, hangup.as_slice(), 1, "a document"),
        ("GET", 200, hangup, 1, "asked with GET"),
        ("POST", 200, b"", 1, "an empty body is an answer too"),
        ("HEAD", 200, b"", 0, "nothing is asked"),
        ("PUT", 200, hangup, 0, "no provider asks so"),
        ("POST", 200, b"\x1f\x8b\x08packed", 0, "packed, whatever it was asked for"),
        ("POST", 200, b"Hello Dorothea", 0, "words without a document"),
        ("POST", 200, b"<html><body>Dorothea</body></html>", 0, "a page"),
        ("POST", 302, b"", 0, "sent on"),
        ("POST", 500, hangup, 0, "broken"),
    ] {
        let folder = tempfile::tempdir().expect("a folder");
        let mut desk = desk(folder.path());
        let form = "CallSid=CA1&From=%2B13125550101&To=%2B13125550190&CallStatus=ringing";
        let target = format!("/old/in?{form}");
        let form = form.as_bytes().to_vec();
        let request = Message { method: method.to_owned(), target, body: form, ..Message::default() };
        let answer = Message { status, body: body.to_vec(), ..Message::default() };
        desk.record(&way, &request, &answer, Moment(0)).expect("written down");
        let count = std::fs::read_dir(desk.shelf.folder("voice")).map_or(0, Iterator::count);
        assert_eq!(count, files, "{why}");
        let answer = Message { status: 200, body: hangup.to_vec(), ..Message::default() };
        let next = Message { method: "POST".to_owned(), target: "/old/b".to_owned(), ..request };
        desk.record(&way, &next, &answer, Moment(1)).expect("written down");
        let path = desk.open.values().next().and_then(|open| open.path.clone()).expect("there is a file now");
        let text = std::fs::read_to_string(path).expect("it is there");
        let read = super::super::super::read::file(std::path::Path::new("x.toml"), &text);
        assert!(read.cases.is_ok() && !text.contains("Dorothea"), "{why}: {text}");
    }
}

#[test]
fn what_is_about_one_connection_does_not_pass() {
    let header = |name: &str, value: &str| (name.to_owned(), value.as_bytes().to_vec());
    let all = [header("connection", "close, X-Own"), header("x-own", "1"), header("te", "x"), header("x-other", "1")];
    let names: Vec<&str> = passing(&all).map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["x-other"]);
}
