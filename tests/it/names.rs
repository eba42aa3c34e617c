//! Names as odd as they come reach the whisper, the menu and the texts well-formed and as they are; a name that is a
//! phone number reaches nobody.
//!
//! Deliberately not here: whether they are logged (`canary`).

use hookswitch::switchboard::Reply;

use crate::flows::{CHILD, leg};
use crate::support::{Bench, DEMO, call, link, text};

/// Names: as a rules file has it, and as it is heard or read.
const NAMES: [(&str, &str, &str); 6] = [
    (r#"Dee \"D\" <Müller> & co\u0001\u0008\u001f"#, "Dee \"D\" <Müller> & co", "markup and control characters"),
    ("{{x}}", "{{x}}", "another provider's placeholders"),
    ("{tech_name}", "{tech_name}", "our own placeholders"),
    ("]]><Hangup/>", "]]><Hangup/>", "the end of a section that is none"),
    ("東京 \u{1f6bf} Ω", "東京 \u{1f6bf} Ω", "other scripts"),
    ("+1 (312) 555-0144", "", "a phone number"),
];

/// What is said in a document, one after another.
fn said(reply: &Reply) -> Vec<String> {
    let text = text(reply);
    let document = roxmltree::Document::parse(&text).unwrap_or_else(|wrong| panic!("{wrong}: {text}"));
    let words = |node: &roxmltree::Node<'_, '_>| matches!(node.tag_name().name(), "Say" | "Body");
    let found = document.descendants().filter(words);
    found.map(|node| node.text().unwrap_or_default().to_owned()).collect()
}

fn or<'a>(name: &'a str, neutral: &'a str) -> &'a str {
    if name.is_empty() { neutral } else { name }
}

#[tokio::test]
async fn names_reach_everybody_as_they_are() {
    for (written, name, why) in NAMES {
        let named = |other: &str| format!("name = \"{written}{other}\"");
        let rules = DEMO
            .replace("name = \"Jo\"", &named(""))
            .replace("name = \"Ana Alvarez\"", &named(""))
            .replace("name = \"Ben Okafor\"", &named(""))
            .replace("name = \"Chloe Park\"", &named(""))
            .replace("title = \"Water heater\"", "title = \"+13035550101\"")
            .replace("title = \"Burst pipe\"", "title = \"+13035550101\"");
        let dir = tempfile::tempdir().expect("a folder");
        let bench = Bench::open(dir.path()).await;
        bench.apply(&rules).await;

        let first = bench.post("voice", &call("CA1", "+13125550101")).await;
        let whisper = bench.post(&link(&first, "whisper"), &leg(CHILD, "CA1")).await;
        let expected = format!(
            "Call for Acme Plumbing Chicago. {} for {}. Press 1 to accept.",
            or(name, "a customer"),
            or(name, "a technician")
        );
        assert_eq!(said(&whisper), [expected], "{why}: the whisper");

        let form = [("CallSid", "CA2"), ("From", "+13035550144"), ("To", "+13035550190"), ("CallStatus", "ringing")];
        let menu = said(&bench.post("voice", &form).await);
        let choice = format!("for {}.", or(name, "a customer"));
        assert_eq!(menu.iter().filter(|line| line.ends_with(&choice)).count(), 2, "{why}: the menu: {menu:?}");

        let form = [("MessageSid", "SM1"), ("From", "+13035550144"), ("To", "+13035550190"), ("Body", "Hello")];
        let asked = bench.post("sms", &form).await;
        let [question] = said(&asked).try_into().expect("one text");
        let choice = format!(" {}", or(name, "a customer"));
        assert_eq!(question.lines().filter(|line| line.ends_with(&choice)).count(), 2, "{why}: the text: {question}");
        assert!(!question.contains("555"), "{why}: {question}");
        bench.close().await;
    }
}
