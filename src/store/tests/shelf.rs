//! Pages of what happened: whole, in order, of one tenant.
//!
//! Deliberately not here: how they are shown (`http`).

use super::support::{NOW, entry, number, phone, store, world};
use crate::domain::{Moment, TenantId};
use crate::store::Store;
use crate::store::edit::TodoState;
use crate::store::entry::{Entry, MessageRow, TodoRow, VoicemailRow, Write};
use crate::store::list::{Listed, Page};
use crate::store::shelf::{InteractionFilter, Span, TodoFilter};
use crate::store::todos::TodoRecord;

const FIRST: Page = Page { limit: 10, after: None };

fn acme() -> TenantId {
    "acme".into()
}

/// Everything that a call or text can leave behind: number `no` of a test, of a tenant, `after` seconds.
fn full(no: u32, tenant: &str, after: i64, store: &Store) -> Entry {
    let mut entry = entry(no);
    let (id, at) = (format!("{no:032x}"), NOW.0 + after * 1_000_000);
    entry.at = at;
    for write in &mut entry.writes {
        if let Write::Interaction(row) = write {
            (row.tenant, row.opened_at, row.updated_at) = (tenant.to_owned(), at, at);
            if no.is_multiple_of(2) {
                (row.location, row.session, row.channel) = (None, None, "sms".to_owned());
            }
        }
    }
    let plain = br#"{"words":"The door is blue","media":[["https://example.com/1","image/png"]]}"#;
    let body = store.vault().seal(tenant, "messages", &id, "body", plain).ok();
    let words = store.vault().seal(tenant, "voicemails", &id, "transcription", b"Call me").unwrap_or_default();
    entry.writes.extend([
        Write::Message(MessageRow {
            interaction: id.clone(),
            tenant: tenant.to_owned(),
            location: None,
            number: phone(190).digits(),
            from: phone(101).to_string(),
            to: Some(phone(144).digits()),
            body,
            media: 1,
            status: "relayed".to_owned(),
            at,
        }),
        Write::MessageStatus {
            interaction: Some(id.clone()),
            sid: format!("SM{no}"),
            status: "delivered".to_owned(),
            error_code: None,
            at: at + 5,
        },
        Write::Voicemail(VoicemailRow {
            interaction: id.clone(),
            tenant: tenant.to_owned(),
            location: Some("chicago".to_owned()),
            recording_sid: Some("RE1".to_owned()),
            recording_url: "https://example.com/RE1".to_owned(),
            seconds: 4,
            at,
        }),
        Write::Transcription { interaction: id.clone(), text: words },
        Write::Todo(TodoRow {
            interaction: id,
            kind: "voicemail".to_owned(),
            tenant: tenant.to_owned(),
            location: Some("chicago".to_owned()),
            channel: "voice".to_owned(),
            phone: Some(phone(101).digits()),
            number: phone(190).digits(),
            customer: None,
            session: None,
            at,
        }),
        Write::OptOut {
            number: phone(190).digits(),
            phone: phone(u64::from(no)).digits(),
            tenant: tenant.to_owned(),
            out: true,
            at,
        },
    ]);
    entry
}

/// Five of acme's, two of them at one instant, and two of somebody else's in between.
async fn filled(store: &Store) {
    store.apply(&world(), None, NOW).await.expect("rules that can be stored");
    for (no, tenant, after) in [
        (1, "acme", 10),
        (2, "acme", 20),
        (3, "acme", 20),
        (4, "acme", 30),
        (5, "acme", 40),
        (6, "other", 15),
        (7, "other", 35),
    ] {
        let _ = store.journal().submit(full(no, tenant, after, store)).settled().await;
    }
}

fn id(no: u32) -> String {
    format!("{no:032x}")
}

/// Reads a list to its end in pages of so many.
async fn pages<T>(limit: u32, mut next: impl AsyncFnMut(Page) -> Listed<T>) -> Vec<T> {
    let (mut all, mut after) = (Vec::new(), None);
    loop {
        let page = next(Page { limit, after }).await;
        assert!((1..=limit as usize).contains(&page.items.len()), "a page has something on it, and no more than asked");
        all.extend(page.items);
        match page.next {
            None => return all,
            some => after = some,
        }
    }
}

#[tokio::test]
async fn every_list_is_read_to_its_end_in_pages() {
    let (_dir, store) = store().await;
    filled(&store).await;
    let (read, acme, everything) = (store.read(), acme(), Span::default());
    let newest: Vec<String> = [5, 4, 3, 2, 1].map(id).to_vec();
    for limit in [1, 2, 5, 100] {
        let filter = InteractionFilter::default();
        let lines =
            pages(limit, async |page| read.interaction_page(&acme, &filter, &page).await.expect("readable")).await;
        assert_eq!(lines.iter().map(|one| &one.id).collect::<Vec<_>>(), newest.iter().collect::<Vec<_>>());
        let messages =
            pages(limit, async |page| read.message_page(&acme, &everything, &page).await.expect("readable")).await;
        assert_eq!(messages.iter().map(|one| &one.id).collect::<Vec<_>>(), newest.iter().collect::<Vec<_>>());
        let voicemails =
            pages(limit, async |page| read.voicemail_page(&acme, &everything, &page).await.expect("readable")).await;
        assert_eq!(voicemails.iter().map(|one| &one.id).collect::<Vec<_>>(), newest.iter().collect::<Vec<_>>());
        let filter = TodoFilter::default();
        let todos =
            pages(limit, async |page| read.todo_page(&acme, &filter, &page, NOW).await.expect("readable")).await;
        let expected: Vec<String> = newest.iter().map(|id| format!("{id}-voicemail")).collect();
        assert_eq!(todos.iter().map(TodoRecord::id).collect::<Vec<_>>(), expected);
        let outs = pages(limit, async |page| read.opt_out_page(&acme, &page).await.expect("readable")).await;
        assert_eq!(outs.iter().map(|one| one.phone).collect::<Vec<_>>(), [5, 4, 3, 2, 1].map(phone));
        assert!(outs.iter().all(|one| !one.id.contains("3125550")), "an id shows no phone");
    }
}

#[tokio::test]
async fn filters_narrow_a_list() {
    let (_dir, store) = store().await;
    filled(&store).await;
    let some = |word: &str| Some(word.to_owned());
    let at = |after: i64| Some(Moment(NOW.0 + after * 1_000_000));
    let all = InteractionFilter::default();
    for (filter, expected, why) in [
        (InteractionFilter { channel: some("sms"), ..all.clone() }, vec![4, 2], "texts"),
        (InteractionFilter { session: some("s1"), ..all.clone() }, vec![5, 3, 1], "a session's"),
        (InteractionFilter { session: some("s2"), ..all.clone() }, vec![], "a session without any"),
        (InteractionFilter { state: some("open"), ..all.clone() }, vec![5, 4, 3, 2, 1], "in progress"),
        (InteractionFilter { state: some("completed"), ..all.clone() }, vec![], "over"),
        (
            InteractionFilter { span: Span { location: some("chicago"), ..Span::default() }, ..all.clone() },
            vec![5, 3, 1],
            "a location's",
        ),
        (
            InteractionFilter { span: Span { from: at(20), until: at(40), location: None }, ..all.clone() },
            vec![4, 3, 2],
            "from an instant until before another",
        ),
    ] {
        let page = store.read().interaction_page(&acme(), &filter, &FIRST).await.expect("readable");
        let ids: Vec<String> = page.items.into_iter().map(|one| one.id).collect();
        assert_eq!(ids, expected.into_iter().map(id).collect::<Vec<_>>(), "{why}");
    }
    for (state, count) in [("open", 5), ("done", 0), ("snoozed", 0)] {
        let filter = TodoFilter { state: some(state), ..TodoFilter::default() };
        let page = store.read().todo_page(&acme(), &filter, &FIRST, NOW).await.expect("readable");
        assert_eq!(page.items.len(), count, "{state}");
    }
}

#[tokio::test]
async fn one_thing_is_told_whole_and_to_its_tenant_only() {
    let (_dir, store) = store().await;
    filled(&store).await;
    let (read, acme) = (store.read(), acme());
    let message = read.message_in(&acme, &id(1)).await.expect("readable").expect("it is there");
    let text = message.text.clone().expect("its words are kept");
    assert_eq!((text.words.as_str(), text.media_types), ("The door is blue", vec!["image/png".to_owned()]));
    assert_eq!((message.number, message.to, message.media), (phone(190), Some(phone(144)), 1));
    assert_eq!(message.deliveries.iter().map(|one| one.status.as_str()).collect::<Vec<_>>(), ["delivered"]);
    let voicemail = read.voicemail_in(&acme, &id(1)).await.expect("readable").expect("it is there");
    assert_eq!((voicemail.words.as_deref(), voicemail.seconds), (Some("Call me"), 4));
    assert_eq!((voicemail.account.as_deref(), voicemail.number), (Some("acme-twilio"), Some(phone(190))));
    let todo = read.todo_in(&acme, &format!("{}-voicemail", id(1)), NOW).await.expect("readable").expect("it is there");
    assert_eq!(
        (todo.state, todo.assigned_to.as_deref(), todo.row.phone),
        (TodoState::Open, None, Some(phone(101).digits()))
    );
    assert_eq!(
        read.todos_of(&acme, &id(1), NOW).await.expect("readable").iter().map(TodoRecord::id).collect::<Vec<_>>(),
        [todo.id()]
    );
    assert_eq!(read.interaction_in(&acme, &id(1)).await.expect("readable").map(|found| found.steps.len()), Some(1));
    let outs = read.opt_out_page(&acme, &FIRST).await.expect("readable");
    let own = read.opt_out_in(&acme, &outs.items[0].id).await.expect("readable");
    assert_eq!(own.map(|one| (one.number, one.phone)), Some((number(190), phone(5))));

    // Another tenant asks for the same, and acme for another tenant's: there is nothing of the kind.
    for (tenant, no) in [("other", 1), ("acme", 7), ("nobody", 1)] {
        let tenant: TenantId = tenant.into();
        assert!(read.message_in(&tenant, &id(no)).await.expect("readable").is_none());
        assert!(read.voicemail_in(&tenant, &id(no)).await.expect("readable").is_none());
        assert!(read.todo_in(&tenant, &format!("{}-voicemail", id(no)), NOW).await.expect("readable").is_none());
        assert!(read.todos_of(&tenant, &id(no), NOW).await.expect("readable").is_empty());
        assert!(read.interaction_in(&tenant, &id(no)).await.expect("readable").is_none());
        if tenant != acme {
            assert!(read.opt_out_in(&tenant, &outs.items[0].id).await.expect("readable").is_none());
        }
    }
    for odd in ["", "-", "AAAA", "x-voicemail", "00000000000000000000000000000001"] {
        assert!(read.todo_in(&acme, odd, NOW).await.expect("readable").is_none(), "{odd:?}");
        assert!(read.opt_out_in(&acme, odd).await.expect("readable").is_none(), "{odd:?}");
    }
}
