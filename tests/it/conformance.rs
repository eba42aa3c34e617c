//! Every kind of request that we send to a provider of Twilio's shape, sent by the real client to a server that judges it by
//! the provider's published description. `.ci/rest-check` starts that server and names it in `HOOKSWITCH_REST_JUDGE`;
//! without it there is nobody to judge, and nothing is checked here.
//!
//! Deliberately not here: what the answers mean.

use hookswitch::domain::{E164, MaskingNumber};
use hookswitch::jobs::rest::Sender;
use hookswitch::providers::rest::{self, NewCall, made, recordings};
use hookswitch::rules::ruleset::Secret;

use crate::support::{at, rules, unlimited};

#[tokio::test]
async fn requests_are_as_the_provider_describes_them() {
    let Ok(judge) = std::env::var("HOOKSWITCH_REST_JUDGE") else {
        eprintln!("HOOKSWITCH_REST_JUDGE is not set: no request is judged; run .ci/rest-check");
        return;
    };
    rustls::crypto::ring::default_provider().install_default().ok();
    let sid = "account_sid = \"AC00000000000000000000000000000001\"";
    let own = rules(&unlimited().replacen(sid, &format!("{sid}\napi_base_url = \"{judge}\""), 1));
    let (account, _) = own.accounts.first().expect("an account");
    let (call, recording) = (format!("CA{:032x}", 1), format!("RE{:032x}", 1));
    let phone = E164::read("+13125550101").expect("a phone");
    let number = MaskingNumber::rented(E164::read("+13125550190").expect("a number"));
    let new = NewCall {
        to: phone,
        from: number,
        url: "https://h.example/webhooks/a/voice/connect?call=1".to_owned(),
        status: "https://h.example/webhooks/a/voice/status?call=1".to_owned(),
        ring_timeout: 30,
    };
    let sender = Sender::new().expect("an HTTP client");
    let token = Secret::new("demo-auth-token");
    for (ask, reads, what) in [
        (
            rest::create_call(account, &new),
            (|body: &[u8]| made(body).is_some()) as fn(&[u8]) -> bool,
            "starting a call",
        ),
        (rest::redirect_call(account, &call, "https://h.example/x"), |_| true, "moving a call"),
        (rest::end_call(account, &call), |_| true, "ending a call"),
        (
            rest::calls_between(account, phone, number),
            |body| rest::started_since(body, at("2026-03-09T09:02:11-05:00"), &|_| false).is_some(),
            "looking for a call",
        ),
        (rest::start_recording(account, &call, &new.status), |body| made(body).is_some(), "starting a recording"),
        (rest::recordings_of(account, &call), |body| recordings(body).is_some(), "looking for a recording"),
        (rest::delete_recording(account, &recording), |_| true, "deleting a recording"),
    ] {
        let ask = ask.expect("it can be asked");
        let told = sender.send(&ask, &account.account_sid, &token).await;
        let body = told.unwrap_or_else(|why| panic!("{what}: {why}; the judge's log has the reason"));
        assert!(reads(&body), "{what}: the described answer cannot be read: {}", String::from_utf8_lossy(&body));
        println!("judged: {what}");
    }
}
