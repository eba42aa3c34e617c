//! Masking sessions at their edges: what is sent back as it was told, what cannot call, what is nowhere, what is too much.
//!
//! Deliberately not here: each parameter's limits (they are beside its code).

use serde_json::{Value, json};

use crate::api::Api;
use crate::masking::{AUTH_ID, ask, error, made, pair, two_tenants, wait};
use crate::support::DEMO;

#[tokio::test]
async fn what_was_told_may_be_sent_back() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for body in [
        pair(111, 112, json!({"unknown_caller_play": "https://a.example/who.mp3"})),
        pair(
            121,
            122,
            json!({"is_pin_authentication_required": true, "generate_pin": true, "pin_prompt_play": "https://a.example/p.mp3"}),
        ),
        json!({"second_party": "+13125550131", "create_session_with_single_party": true}),
    ] {
        let (uuid, mut session) = made(&api, body).await;
        let back = ask(&api, "POST", &format!("/{uuid}/"), session.clone()).await;
        assert_eq!(back.status, 200, "{back:?}");
        assert_eq!(back.body["session"], session, "nothing changed");
        session["virtual_number_cooloff_period"] = json!(7);
        let changed = ask(&api, "POST", &format!("/{uuid}/"), session).await;
        assert_eq!(
            error(&changed),
            (400, "Invalid parameter. virtual_number_cooloff_period cannot be updated."),
            "but what is settled stays"
        );
    }
}

#[tokio::test]
async fn nobody_joins_a_session_where_they_still_cool() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let alone =
        |phone: u32| json!({"first_party": format!("+13125550{phone}"), "create_session_with_single_party": true});
    // On each of the two numbers a pair, one that is over and cools, and somebody alone.
    let mut over = Vec::new();
    for seconds in [3600, 3601] {
        made(&api, pair(141, 142, json!({ "session_expiry": seconds }))).await;
        let cooling = json!({ "session_expiry": seconds, "virtual_number_cooloff_period": 60 });
        over.push(made(&api, pair(111, 112, cooling)).await.0);
    }
    for uuid in over {
        assert_eq!(ask(&api, "DELETE", &format!("/{uuid}/"), Value::Null).await.status, 200);
    }
    let (one, _) = made(&api, alone(131)).await;
    let (other, _) = made(&api, alone(132)).await;
    let cools = "Invalid parameter. first_party or second_party was in another session on this virtual number, and \
                 still cools off there.";
    let stands = "Invalid parameter. first_party or second_party is in another session on this virtual number.";
    let both = json!({"first_party": "+13125550112", "second_party": "+13125550111"});
    for (uuid, after, body, expected, why) in [
        (&one, 0, json!({"second_party": "+13125550112"}), (400, cools), "who means 111 would reach 131"),
        (&one, 0, json!({"first_party": "+13125550111"}), (400, cools), "who means 112 would be led on"),
        (&one, 0, json!({"second_party": "+13125550142"}), (400, stands), "who is in a session"),
        (&other, 0, both, (200, ""), "the same two again"),
        (&one, 60, json!({"second_party": "+13125550112"}), (200, ""), "the cool-off is over"),
    ] {
        wait(&api, after);
        let told = ask(&api, "POST", &format!("/{uuid}/"), body).await;
        assert_eq!(error(&told), expected, "{why}");
    }
}

#[tokio::test]
async fn a_number_that_was_given_back_is_an_ordinary_phone() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    let given_back =
        "\n[[number]]\ne164 = \"+13125550195\"\nprovider_account_id = \"acme-twilio\"\nstate = \"retired\"\n";
    let whose = "\n[[customer]]\nid = \"new-owner\"\nphones = [\"+13125550195\"]\n";
    api.bench.apply(&format!("{DEMO}{given_back}{whose}")).await;
    made(&api, pair(195, 112, json!({}))).await;
    let mask = json!({"ssid": "demo-ssid", "m1": "+13125550113", "m2": "+13125550195"});
    let set = api.raw("POST", "/api/v2/Masking/set", &[], mask.to_string().into_bytes()).await;
    assert_eq!(set.status, 200, "{set:?}");
}

#[tokio::test]
async fn a_call_is_started_where_an_account_can() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    // One of the two numbers is of an account that has no token to ask its provider with.
    let calling = || pair(111, 112, json!({"initiate_call_to_first_party": true, "session_expiry": 61}));
    let (_, session) = made(&api, calling()).await;
    assert_eq!(session["virtual_number"], "13125550190");
    let again = pair(111, 113, json!({"initiate_call_to_first_party": true}));
    let told = ask(&api, "POST", "/", again).await;
    assert_eq!(error(&told), (400, "Number pool exhausted or not available."));
    assert_eq!(ask(&api, "POST", "/", pair(111, 113, json!({}))).await.status, 201, "without a call there is another");
}

#[tokio::test]
async fn what_is_nowhere_is_told_like_all_else() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = Api::demo(dir.path()).await;
    for path in [format!("/v1/Account/{AUTH_ID}/Masking//Session/"), "/v1/Account/x/Call/".to_owned()] {
        let told = api.ask("GET", &path, Value::Null).await;
        let expected = "Not found. Sessions are at /v1/Account/{auth_id}/Masking/Session/.";
        assert_eq!(error(&told), (404, expected), "{path}");
    }
}

#[tokio::test]
async fn nobody_asks_without_end() {
    let dir = tempfile::tempdir().expect("a folder");
    let api = two_tenants(dir.path()).await;
    for asked in 0..300 {
        assert_eq!(ask(&api, "GET", "/nothing/", Value::Null).await.status, 404, "number {asked}");
    }
    let told = ask(&api, "GET", "/nothing/", Value::Null).await;
    assert_eq!(error(&told), (429, "Too many requests. Send at most 300 in 5 seconds."));
    assert_eq!(told.header("retry-after"), "5");
    wait(&api, 5);
    assert_eq!(ask(&api, "GET", "/nothing/", Value::Null).await.status, 404, "later");
}
