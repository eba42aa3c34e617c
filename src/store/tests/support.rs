//! A store to test, a world to put into it, and entries to write.
//!
//! Deliberately not here: tests.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use tempfile::TempDir;

use crate::domain::{
    Account, AccountKind, Brand, Channel, Channels, Clock, Contact, ContactBy, Customer, Digit, E164, EndedBy, Limits,
    Line, Location, LocationRule, MaskingMode, MaskingNumber, MaskingPolicy, MaskingSettings, Moment, NoMatchAction,
    Number, NumberState, Override, OverrideState, Ownership, Prompts, QueueSettings, Ring, Route, RuleRoute, Session,
    SessionKind, SessionOptions, SessionState, SignatureMode, Technician, Tenant, When, WhenCaller, WorkOrder,
    WorkOrderStatus,
};
use crate::rules::ruleset::{AccountSecrets, Ruleset, Secret, TenantSecrets};
use crate::store::entry::{Entry, EventRow, InteractionRow, JournalRow, KeptAnswer, Write};
use crate::store::{Journal, MasterKey, Settled, Store, StoreOptions, Vault};

/// 2026-03-09T14:02:11Z, a Monday morning in Chicago.
pub(super) const NOW: Moment = Moment::from_seconds(1_773_064_931);

pub(super) fn phone(last: u64) -> E164 {
    E164::from_digits(13_125_550_000 + last).expect("a number of the fiction range")
}

pub(super) fn number(last: u64) -> MaskingNumber {
    MaskingNumber::rented(phone(last))
}

/// Options with a deadline that a busy machine does not miss by itself.
pub(super) fn options(dir: &Path) -> StoreOptions {
    let options = StoreOptions::new(dir, Clock::stopped(NOW), Vault::new(&MasterKey::new([7; 32])));
    StoreOptions { commit_deadline: Duration::from_secs(10), ..options }
}

pub(super) fn url(dir: &Path) -> String {
    format!("sqlite://{}/db/hookswitch.db", dir.display())
}

/// A store in a directory of its own.
pub(super) async fn store() -> (TempDir, Store) {
    let dir = tempfile::tempdir().expect("a directory");
    let store = open(dir.path()).await;
    (dir, store)
}

pub(super) async fn open(dir: &Path) -> Store {
    Store::open(&url(dir), options(dir)).await.expect("it opens")
}

pub(super) async fn count(store: &Store, table: &'static str) -> i64 {
    let sql = format!("SELECT count(*) FROM {table}");
    let mut conn = store.read().conn().await.expect("a reader");
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut *conn).await.expect("a count")
}

/// An entry for the first webhook of a call: number `no` of a test.
pub(super) fn entry(no: u32) -> Entry {
    Entry {
        id: 0x0199_0000_0000_7000_8000_0000_0000_0000 + u128::from(no),
        at: NOW.0 + i64::from(no),
        claim: Some((u128::from(no) << 64 | 1).to_be_bytes()),
        journal: JournalRow {
            account: "acme-twilio".to_owned(),
            tenant: Some("acme".to_owned()),
            step: "voice".to_owned(),
            sid: format!("CA{no:032x}"),
            interaction: Some(format!("{no:032x}")),
            method: "POST".to_owned(),
            target: "/webhooks/acme-twilio/voice".to_owned(),
            body: b"CallSid=CA1".to_vec(),
            answer: KeptAnswer {
                status: 200,
                bytes: b"<Response/>".to_vec(),
                slots: Vec::new(),
                slot_hash: None,
                at: NOW.0 + i64::from(no),
                held: Vec::new(),
            },
            decision: "{\"match\":\"live\"}".to_owned(),
            effects: "[\"interaction.routed\"]".to_owned(),
            micros: 120,
        },
        writes: vec![
            Write::Interaction(Box::new(interaction(no))),
            Write::Event(EventRow {
                interaction: format!("{no:032x}"),
                at: NOW.0,
                kind: "interaction.routed".to_owned(),
                detail: "{}".to_owned(),
            }),
        ],
    }
}

pub(super) fn interaction(no: u32) -> InteractionRow {
    InteractionRow {
        id: format!("{no:032x}"),
        tenant: "acme".to_owned(),
        location: Some("chicago".to_owned()),
        account: "acme-twilio".to_owned(),
        channel: "voice".to_owned(),
        sid: format!("CA{no:032x}"),
        number: phone(190).digits(),
        caller: phone(101).to_string(),
        session: Some("s1".to_owned()),
        matched: "live".to_owned(),
        route: Some("backoffice".to_owned()),
        state: "open".to_owned(),
        opened_at: NOW.0,
        ended_at: None,
        call: None,
        decision: "{}".to_owned(),
        updated_at: NOW.0,
    }
}

pub(super) async fn submit(journal: &Journal, no: u32) -> Settled {
    journal.submit(entry(no)).settled().await
}

/// Waits for something that takes a moment; a test that waits longer than this has failed.
pub(super) async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("still not so after ten seconds: {what}");
}

/// A tenant in which every field has a value that is not its default.
pub(super) fn world() -> Ruleset {
    let tenant = Tenant {
        id: "acme".into(),
        name: "Acme Plumbing".to_owned(),
        country: "US".to_owned(),
        allowed_countries: vec!["US".to_owned(), "CA".to_owned()],
        brand: Brand::Pending,
        auth_id: Some("MAHOOKSWITCHDEMO0001".to_owned()),
        deepcall_user_id: Some("demo".to_owned()),
        default_location: Some("chicago".into()),
        limits: Limits {
            calls_per_minute_per_caller: 1,
            calls_per_day_per_session: 2,
            concurrent_calls: 3,
            attempts_per_minute_per_pair: 4,
        },
    };
    let secrets = TenantSecrets {
        api_key_hashes: vec!["00ff".to_owned()],
        auth_tokens: vec![Secret::new("demo-auth-token"), Secret::new("older")],
        deepcall_tokens: vec![Secret::new("demo-token")],
        deepcall_ssids: vec![Secret::new("demo-ssid")],
    };
    Ruleset {
        secrets,
        accounts: vec![account()],
        locations: vec![location()],
        technicians: vec![Technician {
            id: "jo".into(),
            tenant: tenant.id.clone(),
            name: "Jo".to_owned(),
            phone: Some(phone(144)),
            location: Some("chicago".into()),
            active: true,
            masking_opt_in: false,
        }],
        customers: vec![Customer {
            id: "ana".into(),
            tenant: tenant.id.clone(),
            name: "Ana Alvarez".to_owned(),
            phones: vec![phone(101), phone(100)],
            other_phones: vec!["555 0102 ext. 3".to_owned()],
            location: Some("chicago".into()),
            tags: vec!["vip".to_owned()],
        }],
        work_orders: vec![
            job("j1", WorkOrderStatus::Open),
            job("j2", WorkOrderStatus::Completed { at: NOW.plus_days(-3) }),
            job("j3", WorkOrderStatus::Canceled { at: None }),
            job("j4", WorkOrderStatus::Canceled { at: Some(NOW) }),
        ],
        numbers: vec![
            rented(190, NumberState::Assigned),
            Number { technician: Some("jo".into()), ..rented(191, NumberState::Released { at: NOW.plus_days(-1) }) },
            Number { work_order: Some("j1".into()), answer_url: None, ..rented(192, NumberState::Retired) },
            Number { location: None, ..rented(193, NumberState::Available) },
        ],
        sessions: vec![
            session("s1", 190, Some(144), Some(101)),
            Session {
                kind: SessionKind::PlainPair,
                state: SessionState::Ended { at: NOW.plus_days(-1), by: EndedBy::Api },
                started_at: None,
                location: None,
                options: SessionOptions::default(),
                ..session("s0", 190, Some(144), Some(101))
            },
            session("s2", 193, None, Some(102)),
        ],
        contacts: vec![Contact {
            number: number(190),
            from: phone(144),
            to: phone(101),
            at: Moment(NOW.0 - 1),
            channel: Channel::Sms,
            by: ContactBy::Technician,
        }],
        demo_secrets: true,
        tenant,
    }
}

pub(super) fn account() -> (Account, AccountSecrets) {
    let account = Account {
        id: "acme-twilio".into(),
        tenant: "acme".into(),
        kind: AccountKind::Twilio,
        account_sid: "AC1".to_owned(),
        signature: SignatureMode::Observe,
        sandbox: true,
        api_base_url: "http://127.0.0.1:1".to_owned(),
        public_base_url: "https://hooks.example.com".to_owned(),
        price_per_minute: 0.0085,
        billing_increment_seconds: 6,
        ownership: Ownership::TenantByo,
    };
    let secrets = AccountSecrets {
        auth_tokens: vec![Secret::new("demo-auth-token")],
        signing_keys: vec![Secret::new("PSK-demo-signing-key")],
        public_key: "base64".to_owned(),
    };
    (account, secrets)
}

pub(super) fn job(id: &str, status: WorkOrderStatus) -> WorkOrder {
    WorkOrder {
        id: id.into(),
        tenant: "acme".into(),
        location: Some("chicago".into()),
        customer: Some("ana".into()),
        technician: Some("jo".into()),
        title: "Leaking tap".to_owned(),
        status,
        tags: vec!["emergency".to_owned()],
    }
}

pub(super) fn rented(last: u64, state: NumberState) -> Number {
    Number {
        e164: number(last),
        tenant: "acme".into(),
        account: "acme-twilio".into(),
        location: Some("chicago".into()),
        technician: None,
        work_order: None,
        capabilities: Channels { voice: true, sms: last != 192 },
        answer_url: Some("https://example.com/answer".to_owned()),
        state,
    }
}

pub(super) fn session(id: &str, on: u64, first: Option<u64>, second: Option<u64>) -> Session {
    Session {
        id: id.into(),
        tenant: "acme".into(),
        location: Some("chicago".into()),
        number: number(on),
        first_party: first.map(phone),
        second_party: second.map(phone),
        kind: SessionKind::Job {
            technician: Some("jo".into()),
            customer: Some("ana".into()),
            work_order: Some("j1".into()),
        },
        state: SessionState::Live { expires_at: Some(NOW.plus_days(7)) },
        started_at: Some(NOW.plus_days(-1)),
        options: SessionOptions {
            ring_timeout: Some(15),
            call_time_limit: Some(600),
            record: Some(true),
            first_party_play_url: Some("https://example.com/1.mp3".to_owned()),
            second_party_play_url: Some("https://example.com/2.mp3".to_owned()),
            terms: Some(std::sync::Arc::new(crate::domain::Terms {
                cooloff: 30,
                ..crate::domain::Terms::plain(crate::domain::Door::Plivo, NOW)
            })),
        },
    }
}

fn location() -> Location {
    Location {
        id: "chicago".into(),
        tenant: "acme".into(),
        name: "Acme Plumbing Chicago".to_owned(),
        time_zone: "America/Chicago".to_owned(),
        hours: "Mo-Fr 08:00-17:00; PH off".to_owned(),
        holidays: "US".to_owned(),
        closed_dates: vec!["2026-12-24".to_owned()],
        special_hours: BTreeMap::from([("2026-12-31".to_owned(), "08:00-12:00".to_owned())]),
        on_no_answer: vec![Route::Backoffice, Route::Voicemail],
        ring_timeout: 25,
        ring: Ring::Together,
        queue: QueueSettings {
            max_wait_seconds: 120,
            wait_prompt: "Please hold.".to_owned(),
            wait_play_url: "https://example.com/hold.mp3".to_owned(),
        },
        prompts: Prompts(BTreeMap::from([("no_match".to_owned(), "Sorry \u{2014} \"no\".".to_owned())])),
        masking: masking(),
        lines: vec![Line { id: "desk-1".into(), phone: phone(123), position: 1, active: true, sms: true }],
        rules: vec![
            rule("everything", full_when(), RuleRoute::Technician("jo".into())),
            rule("a line", When::default(), RuleRoute::Line("desk-1".into())),
            rule("a route", When::default(), RuleRoute::Route(Route::Voicemail)),
            rule("nobody", When::default(), RuleRoute::NoMatch(NoMatchAction::DispatcherQueue)),
        ],
        overrides: vec![
            Override { state: OverrideState::Open, from: Some(NOW), until: Some(NOW.plus_days(1)) },
            Override { state: OverrideState::Closed, from: None, until: None },
        ],
    }
}

fn rule(name: &str, when: When, route: RuleRoute) -> LocationRule {
    LocationRule { name: name.to_owned(), when, route }
}

fn full_when() -> When {
    When {
        channel: Some(Channel::Voice),
        caller: Some(WhenCaller::Customer),
        matched: vec!["live".to_owned(), "grace".to_owned()],
        hours: vec!["closed".to_owned()],
        days: vec![1, 7],
        between: Some((1320, 360)),
        tag: Some("emergency".to_owned()),
        reply: Some(false),
    }
}

fn masking() -> MaskingSettings {
    MaskingSettings {
        enabled: true,
        masking_mode: MaskingMode::PerTechnician,
        masking_policy: MaskingPolicy::Offered,
        masking_default_channels: Channels { voice: true, sms: false },
        provider_ownership: Ownership::TenantByo,
        max_masking_numbers: 51,
        cooldown_days: 31,
        grace_window_days: 8,
        eager_provisioning_enabled: true,
        retention_days: 366,
        store_sms_body: true,
        record_voice_calls: true,
        smart_callback_window_minutes: 61,
        voice_no_match_action: NoMatchAction::Voicemail,
        inbound_callback_route_in_hours: Route::Backoffice,
        inbound_callback_route_out_of_hours: Route::Voicemail,
        backoffice_whisper_enabled: false,
        backoffice_whisper_text: "Call for {location_name}.".to_owned(),
        backoffice_whisper_require_accept: true,
        backoffice_whisper_accept_key: Digit::read("#").expect("a key"),
        backoffice_whisper_timeout_seconds: 11,
    }
}
