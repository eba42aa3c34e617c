//! Applying rules: everything comes back as it was, the same again changes nothing, and contradictions change nothing.
//!
//! Deliberately not here: which session holds which phone (`sessions`).

use super::support::{NOW, account, open, options, rented, session, store, url, world};
use crate::domain::{Channels, Customer, NumberState, TenantId};
use crate::rules::ruleset::{Ruleset, Secret};
use crate::store::change::What;
use crate::store::error::Conflict;
use crate::store::fact::{Fact, Scope};
use crate::store::{MasterKey, Reader, Store, StoreError, Vault, VaultError};

async fn stored(reader: &Reader) -> Option<Ruleset> {
    reader.stored(&"acme".into()).await.expect("it can be read")
}

/// Lists in the order in which they are read back: by key.
fn sorted(mut rules: Ruleset) -> Ruleset {
    rules.sessions.sort_by(|a, b| a.id.cmp(&b.id));
    rules.customers.sort_by(|a, b| a.id.cmp(&b.id));
    rules.numbers.sort_by_key(|number| number.e164);
    rules
}

#[tokio::test]
async fn every_field_comes_back_as_it_was() {
    let (_dir, store) = store().await;
    assert_eq!(stored(store.read()).await, None);
    store.apply(&world(), None, NOW).await.expect("applied");
    assert_eq!(stored(store.read()).await, Some(sorted(Ruleset { contacts: Vec::new(), ..world() })));

    let mut facts = Vec::new();
    store.read().load(Scope::Running { now: NOW }, &mut |fact| facts.push(fact)).await.expect("loaded");
    let contacts: Vec<_> =
        facts.iter().filter_map(|fact| if let Fact::Contact(contact) = fact { Some(*contact) } else { None }).collect();
    assert_eq!(contacts, world().contacts);
    let sessions = facts.iter().filter(|fact| matches!(fact, Fact::Session(_))).count();
    assert_eq!(sessions, 3, "ended ones too");
    let Some(Fact::Tenant(tenant, secrets)) = facts.first() else { panic!("tenants come first") };
    assert_eq!((tenant, secrets), (&world().tenant, &world().secrets));
}

#[tokio::test]
async fn the_same_again_changes_nothing() {
    let (_dir, store) = store().await;
    let first = store.apply(&world(), Some(("acme.toml", "aa")), NOW).await.expect("applied");
    assert!(first.iter().all(|change| change.what == What::Created), "{first:?}");
    assert_eq!(first.len(), 1 + 1 + 1 + 1 + 1 + 4 + 4 + 3 + 1);
    assert_eq!(store.apply(&world(), Some(("acme.toml", "bb")), NOW).await.expect("applied"), []);
    assert_eq!(store.read().applied("acme.toml").await.expect("read").as_deref(), Some("bb"));
    assert_eq!(store.read().applied("other.toml").await.expect("read"), None);
}

#[tokio::test]
async fn changes_are_told_without_names_phones_and_secrets() {
    let (_dir, store) = store().await;
    store.apply(&world(), None, NOW).await.expect("applied");
    let mut changed = world();
    changed.locations[0].hours = "24/7".to_owned();
    changed.locations[0].masking.cooldown_days = 5;
    changed.technicians[0].name = "Joanna".to_owned();
    changed.technicians[0].phone = None;
    changed.secrets.auth_tokens[0] = Secret::new("new-token");
    changed.numbers[0].capabilities = Channels { voice: true, sms: false };
    let told =
        |changes: Vec<crate::store::Change>| -> Vec<String> { changes.iter().map(ToString::to_string).collect() };
    let expected = [
        "tenant acme: secrets changed",
        "location chicago: hours \"Mo-Fr 08:00-17:00; PH off\" → \"24/7\", cooldown_days 31 → 5",
        "technician jo: name changed, phone +1•••0144 → nothing",
        "number +1•••0190: sms 1 → 0",
    ];
    assert_eq!(told(store.plan(&changed, NOW).await.expect("planned")), expected);
    assert_eq!(
        stored(store.read()).await.expect("it").locations[0].masking.cooldown_days,
        31,
        "a plan changes nothing"
    );
    assert_eq!(told(store.apply(&changed, None, NOW).await.expect("applied")), expected);
    assert_eq!(told(store.apply(&changed, None, NOW).await.expect("applied")), [""; 0]);
}

#[tokio::test]
async fn what_another_tenant_has_is_refused_all_at_once_and_nothing_changes() {
    let (_dir, store) = store().await;
    store.apply(&world(), None, NOW).await.expect("applied");
    let tenant = TenantId::from("zenith");
    let mut other = world();
    other.tenant.id = tenant.clone();
    other.accounts = vec![account()];
    other.accounts[0].0.tenant = tenant.clone();
    other.numbers = vec![rented(190, NumberState::Available)];
    other.numbers[0].tenant = tenant.clone();
    other.locations.clear();
    other.technicians.clear();
    other.customers.clear();
    other.work_orders.clear();
    other.sessions.clear();
    let Err(StoreError::Conflicts(conflicts)) = store.apply(&other, Some(("z.toml", "aa")), NOW).await else {
        panic!("it must be refused")
    };
    assert_eq!(
        conflicts,
        [
            Conflict::AuthId("zenith".to_owned()),
            Conflict::DeepcallUser("zenith".to_owned()),
            Conflict::Account("acme-twilio".to_owned()),
            Conflict::Number("+1•••0190".to_owned()),
        ]
    );
    assert_eq!(store.read().stored(&tenant).await.expect("read"), None);
    assert_eq!(store.read().applied("z.toml").await.expect("read"), None);
}

#[tokio::test]
async fn a_wiped_store_is_empty_and_still_a_store() {
    let (_dir, store) = store().await;
    store.apply(&world(), Some(("acme.toml", "aa")), NOW).await.expect("applied");
    store.wipe().await.expect("wiped");
    assert_eq!(stored(store.read()).await, None);
    assert_eq!(store.read().applied("acme.toml").await.expect("read"), None);
    store.apply(&world(), None, NOW).await.expect("the phones are free again");
}

#[tokio::test]
async fn a_second_process_reads_while_the_first_writes_and_after_it_died() {
    let (dir, store) = store().await;
    let url = url(dir.path());
    store.apply(&world(), None, NOW).await.expect("applied");
    let wal = dir.path().join("db/hookswitch.db-wal");
    assert!(wal.metadata().expect("a log").len() > 0, "what was applied is still in the log");

    let reader = Reader::open(&url, Some(options(dir.path()).vault)).await.expect("it opens");
    assert_eq!(stored(&reader).await, stored(store.read()).await);
    let blind = Reader::open(&url, None).await.expect("it opens");
    let tenant = stored(&blind).await.expect("it");
    assert_eq!(tenant.secrets.auth_tokens, [], "without a vault secrets stay sealed");
    assert_eq!(tenant.locations, world().locations);

    // The files as `kill -9` leaves them: a log, and nobody who has it open.
    let copy = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(copy.path().join("db")).expect("made");
    for name in ["hookswitch.db", "hookswitch.db-wal"] {
        std::fs::copy(dir.path().join("db").join(name), copy.path().join("db").join(name)).expect("copied");
    }
    let reader = Reader::open(&super::support::url(copy.path()), None).await.expect("it opens");
    assert_eq!(stored(&reader).await.expect("it").locations, world().locations);
}

#[tokio::test]
async fn a_database_that_is_not_ours_or_not_up_to_date_is_refused_with_the_remedy() {
    let (dir, store) = store().await;
    let url = url(dir.path());
    for (sql, expected, told) in [
        (
            "UPDATE _sqlx_migrations SET version = 9999 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
            "newer",
            "has schema 9999",
        ),
        (
            "UPDATE _sqlx_migrations SET version = 0 WHERE version = (SELECT max(version) FROM _sqlx_migrations)",
            "older",
            "hookswitch migrate",
        ),
        ("DROP TABLE _sqlx_migrations", "foreign", "not a Hookswitch database"),
    ] {
        let mut writing = store.database().write().await.expect("the pen");
        sqlx::query(sql).execute(writing.conn().expect("a connection")).await.expect("changed");
        drop(writing);
        let Err(error) = Reader::open(&url, None).await else { panic!("{expected}: it must be refused") };
        assert!(error.to_string().contains(told), "{expected}: {error}");
        match expected {
            "newer" => assert!(matches!(Store::open(&url, options(dir.path())).await, Err(StoreError::Newer { .. }))),
            "foreign" => assert!(matches!(Store::open(&url, options(dir.path())).await, Err(StoreError::Foreign(_)))),
            _ => {}
        }
    }
    let missing = Reader::open(&format!("sqlite://{}/none.db", dir.path().display()), None).await;
    assert!(matches!(missing, Err(StoreError::Open { .. })));
    assert!(!dir.path().join("none.db").exists(), "reading makes nothing");
}

#[tokio::test]
async fn another_master_key_is_refused() {
    let (dir, store) = store().await;
    store.apply(&world(), None, NOW).await.expect("applied");
    assert!(store.close(std::time::Duration::from_secs(5)).await);
    let mut other = options(dir.path());
    other.vault = Vault::new(&MasterKey::new([8; 32]));
    assert!(matches!(
        Store::open(&url(dir.path()), other).await,
        Err(StoreError::Vault(VaultError::OtherMasterKey(_)))
    ));
    assert_eq!(stored(open(dir.path()).await.read()).await.expect("it").secrets, world().secrets);
}

#[tokio::test]
async fn no_secret_is_in_the_files() {
    let (dir, store) = store().await;
    store.apply(&world(), None, NOW).await.expect("applied");
    for name in ["hookswitch.db", "hookswitch.db-wal"] {
        let bytes = std::fs::read(dir.path().join("db").join(name)).expect("a file");
        for secret in ["demo-auth-token", "demo-token", "demo-ssid", "PSK-demo-signing-key"] {
            assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()), "{secret} is in {name}");
        }
    }
}

#[tokio::test]
async fn a_store_in_memory_reads_and_writes_at_once() {
    let dir = tempfile::tempdir().expect("a directory");
    let store = Store::open("sqlite::memory:", options(dir.path())).await.expect("it opens");
    let other = Store::open("sqlite::memory:", options(dir.path())).await.expect("it opens");
    store.apply(&world(), None, NOW).await.expect("applied");
    let reads = (0..8).map(|_| {
        let reader = store.read().clone();
        tokio::spawn(async move {
            for _ in 0..20 {
                assert!(stored(&reader).await.is_some());
            }
        })
    });
    let reads: Vec<_> = reads.collect();
    for no in 0..50 {
        super::support::submit(store.journal(), no).await;
    }
    for read in reads {
        read.await.expect("it was there all the time");
    }
    assert_eq!(super::support::count(&store, "journal").await, 50);
    assert_eq!(stored(other.read()).await, None, "two databases in memory are two");
}

#[tokio::test]
async fn thousands_of_rows_come_back_page_by_page_whatever_is_in_them() {
    let (_dir, store) = store().await;
    let mut rules = world();
    let words = ["Ana \"D\" Alvarez", "back\\slash", "\u{1}\u{7f}\u{2028}", "Müller 🙂", "null", "[1,2]", ""];
    let customer = rules.customers[0].clone();
    rules.customers.extend((0..2345).map(|no| Customer {
        id: format!("{}{no}", words[no % words.len()]).into(),
        name: words[no % words.len()].to_owned(),
        phones: Vec::new(),
        ..customer.clone()
    }));
    let own = |no: u64| Some(1_000_000 + no);
    rules.sessions.extend((0..2000).map(|no| session(&no.to_string(), 190, own(2 * no), own(2 * no + 1))));
    store.apply(&rules, None, NOW).await.expect("applied");
    let expected = Ruleset { contacts: Vec::new(), ..rules };
    assert_eq!(stored(store.read()).await, Some(sorted(expected)));
}
