//! Whole random walks of calls and texts in random worlds: whatever is asked, in whatever order, every document is valid
//! and nobody sees, hears or reaches what they may not.
//!
//! Deliberately not here: where each call should go (the fixtures), the worlds (`worlds`), and what is watched for
//! (`watch`).

use std::sync::Arc;

use hookswitch::domain::Clock;
use hookswitch::providers::Request;
use hookswitch::store::{MasterKey, Vault};
use hookswitch::switchboard::{Reply, Settings, Switchboard};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use roxmltree::{Document, Node};

use crate::support::{BASE, MONDAY, at, encode, rules};
use crate::watch::{About, Watch};
use crate::worlds::{self, Dice, SHARED, STRANGERS, Tenant};

/// Words of texts; the last ones are opt-out words in the ways that people write them.
const BODIES: [&str; 9] = ["Hello", "1", "2", "Stop it", "HELP", "YES", "start", "STOP", " Unsubscribe\n"];

struct Walk {
    tenants: [Tenant; 2],
    boards: [(Arc<Switchboard>, Clock); 2],
    /// Addresses of ours in documents, with what is known of their calls.
    links: Vec<About>,
    statuses: Vec<String>,
    sent: Vec<(usize, String, String, Reply)>,
    watch: Watch,
    sids: Vec<String>,
}

impl Walk {
    fn new(dice: &mut Dice<'_>) -> Self {
        let tenants = worlds::two(dice);
        let rulesets: Vec<_> = tenants.iter().map(|tenant| rules(&tenant.rules)).collect();
        let board = || {
            let clock = Clock::stopped(at(MONDAY));
            let settings =
                Settings { public_base_url: BASE.to_owned(), allowed_countries: Vec::new(), test_clock: false };
            let vault = Vault::new(&MasterKey::new([7; 32]));
            (Switchboard::offline(&rulesets, clock.clone(), settings, vault).expect("hours that compile"), clock)
        };
        Self {
            boards: [board(), board()],
            tenants,
            links: Vec::new(),
            statuses: Vec::new(),
            sent: Vec::new(),
            watch: Watch::default(),
            sids: Vec::new(),
        }
    }

    async fn step(&mut self, dice: &mut Dice<'_>) -> TestCaseResult {
        match dice.roll(16) {
            0..3 => self.call(dice).await,
            3..11 => self.follow(dice).await,
            11..13 => self.text(dice).await,
            13 => self.news(dice).await,
            14 => self.repeat(dice).await,
            _ => {
                let seconds = dice.of(&[&1, &25, &70, &1800, &36_000]);
                for (board, clock) in &self.boards {
                    clock.set(hookswitch::domain::Moment(clock.now().0 + seconds * 1_000_000));
                    board.sweep(clock.now());
                }
                Ok(())
            }
        }
    }

    /// Who calls which number: mostly somebody who has a session there.
    fn between(&self, dice: &mut Dice<'_>, tenant: usize) -> (String, String) {
        let pairs = &self.tenants[tenant].pairs;
        if dice.once_in(3) || pairs.is_empty() {
            return (self.anybody(dice, tenant), self.number(dice, tenant));
        }
        // Customers come first in each pair of pairs, and call more often.
        let at = dice.roll(pairs.len());
        let (number, phone) = &pairs[if dice.once_in(3) { at } else { at & !1 }];
        (phone.clone(), number.clone())
    }

    /// Anybody at all.
    fn anybody(&self, dice: &mut Dice<'_>, tenant: usize) -> String {
        let own = &self.tenants[tenant];
        match dice.roll(12) {
            0 => "anonymous".to_owned(),
            1 => "sip:somebody@example.com".to_owned(),
            2 => STRANGERS[dice.roll(2)].to_owned(),
            3 => own.numbers[dice.roll(3)].clone(),
            4 if !own.lines.is_empty() => own.lines[dice.roll(own.lines.len())].phone.clone(),
            5 => {
                let others = &self.tenants[1 - tenant].people;
                others[dice.roll(others.len())].clone()
            }
            _ => own.people[dice.roll(own.people.len())].clone(),
        }
    }

    /// One of a tenant's numbers; now and then another tenant's.
    fn number(&self, dice: &mut Dice<'_>, tenant: usize) -> String {
        let whose = if dice.once_in(16) { 1 - tenant } else { tenant };
        self.tenants[whose].numbers[dice.roll(3)].clone()
    }

    async fn call(&mut self, dice: &mut Dice<'_>) -> TestCaseResult {
        let tenant = dice.roll(2);
        let (from, to) = self.between(dice, tenant);
        let fallback = dice.once_in(8);
        let again = self.links.last().filter(|_| fallback && dice.once_in(2)).cloned();
        let path = if fallback { "voice/fallback" } else { "voice" }.to_owned();
        let about = match again {
            Some(link) => About { path, ..link },
            None => About { tenant, path, sid: format!("CA{}", self.sent.len()), from, to, ..About::default() },
        };
        self.sids.push(about.sid.clone());
        let About { sid, from, to, .. } = about.clone();
        self.ask(&[("CallSid", &sid), ("From", &from), ("To", &to)], about).await
    }

    /// Asks an address that some document named, mostly of late, with anything that a provider could say.
    async fn follow(&mut self, dice: &mut Dice<'_>) -> TestCaseResult {
        let back = dice.roll(3) * if dice.once_in(4) { 7 } else { 1 };
        // Half of the time as a provider goes on: with the leg that rang last.
        let legs = |link: &&About| link.path.starts_with("voice/whisper") || link.path.starts_with("voice/accept");
        let orderly = dice.once_in(2);
        let last = self.links.iter().rev().take(3).find(legs).filter(|_| orderly);
        let any = self.links.len().checked_sub(1 + back).map(|at| &self.links[at]);
        let Some(link) = last.or(any).cloned() else { return Ok(()) };
        let tenant = if dice.once_in(12) { 1 - link.tenant } else { link.tenant };
        let leg = format!("{}-leg{}", link.sid, if orderly { 0 } else { dice.roll(3) });
        let of_leg = legs(&&link);
        let parent = if dice.once_in(10) { "CAnobody" } else { link.sid.as_str() };
        let attempt = link.path.split_once('?').and_then(|(_, query)| query.split("&try=").next()).unwrap_or_default();
        let key = self.watch.must.get(attempt).copied().unwrap_or("1");
        let digits = dice.of(&[key, key, "1", "#", "*", "2", ""]);
        let mut form = vec![
            ("CallSid", if of_leg { leg.as_str() } else { link.sid.as_str() }),
            ("CallStatus", dice.of(&["in-progress", "in-progress", "completed", "ringing", "no-answer"])),
            ("DialCallStatus", dice.of(&["completed", "busy", "no-answer", "failed", "canceled", "nonsense"])),
            ("DialCallDuration", dice.of(&["0", "30"])),
            ("QueueResult", dice.of(&["leave", "hangup", "bridged", "queue-full", "redirected"])),
            ("QueueTime", dice.of(&["0", "5", "400"])),
            ("RecordingDuration", dice.of(&["0", "4"])),
            ("RecordingUrl", "https://api.twilio.com/RE1"),
        ];
        if of_leg {
            form.push(("ParentCallSid", parent));
        }
        if !digits.is_empty() {
            form.push(("Digits", digits));
        }
        if dice.once_in(2) {
            form.push(("DialBridged", dice.of(&["true", "false"])));
        }
        let about = About { tenant, leg: leg.clone(), digits, ..link.clone() };
        self.ask(&form, about).await
    }

    async fn text(&mut self, dice: &mut Dice<'_>) -> TestCaseResult {
        let tenant = dice.roll(2);
        let (from, to) = self.between(dice, tenant);
        let body = BODIES[dice.roll(BODIES.len())];
        let sid = format!("SM{}", self.sent.len());
        self.sids.push(sid.clone());
        let word = body.trim().to_uppercase();
        if self.tenants[tenant].numbers.contains(&to) {
            match word.as_str() {
                "STOP" | "UNSUBSCRIBE" => _ = self.watch.opted_out.insert((to.clone(), from.clone())),
                "YES" | "START" => _ = self.watch.opted_out.remove(&(to.clone(), from.clone())),
                _ => {}
            }
        }
        let form = [("MessageSid", sid.as_str()), ("From", from.as_str()), ("To", to.as_str()), ("Body", body)];
        let (path, from, to) = ("sms".to_owned(), from.clone(), to.clone());
        self.ask(&form, About { tenant, path, sid: sid.clone(), from, to, ..About::default() }).await
    }

    /// News of a text of ours, or of a leg.
    async fn news(&mut self, dice: &mut Dice<'_>) -> TestCaseResult {
        let tenant = dice.roll(2);
        let (number, phone) = (self.number(dice, tenant), self.anybody(dice, tenant));
        let sid = self.sids.get(dice.roll(self.sids.len().max(1))).cloned().unwrap_or_default();
        let (leg, ours) = (dice.once_in(2), format!("SMours{}", self.sent.len()));
        let form = if leg {
            vec![("CallSid", sid.as_str()), ("CallStatus", dice.of(&["completed", "in-progress", "no-answer"]))]
        } else {
            let code = dice.of(&["21610", "30003"]);
            if code == "21610" && self.tenants[tenant].numbers.contains(&number) && phone.starts_with('+') {
                self.watch.opted_out.insert((number.clone(), phone.clone()));
            }
            vec![
                ("MessageSid", ours.as_str()),
                ("From", &number),
                ("To", &phone),
                ("MessageStatus", "failed"),
                ("ErrorCode", code),
            ]
        };
        let known =
            self.statuses.get(dice.roll(self.statuses.len().max(1))).filter(|_| leg && dice.once_in(2)).cloned();
        let path = known.unwrap_or_else(|| if leg { "voice/status" } else { "sms/status" }.to_owned());
        self.ask(&form, About { tenant, path, ..About::default() }).await
    }

    /// The same again gets the same again.
    async fn repeat(&mut self, dice: &mut Dice<'_>) -> TestCaseResult {
        let Some((tenant, target, body, reply)) = self.sent.get(dice.roll(self.sent.len().max(1))).cloned() else {
            return Ok(());
        };
        let again = self.send(tenant, &target, &body).await?;
        prop_assert_eq!(&again, &reply, "a repeat of {}", target);
        Ok(())
    }

    /// Sends one request to two boards that were told the same all along.
    async fn send(&self, tenant: usize, target: &str, body: &str) -> Result<Reply, TestCaseError> {
        let request = Request { method: "POST", target, headers: &[], body: body.as_bytes() };
        let account = &self.tenants[tenant].account;
        let [(one, _), (other, _)] = &self.boards;
        let reply = one.webhook(account, &request).await;
        prop_assert_eq!(&reply, &other.webhook(account, &request).await, "the same inputs, twice");
        Ok(reply)
    }

    async fn ask(&mut self, form: &[(&str, &str)], about: About) -> TestCaseResult {
        let target = format!("/webhooks/{}/{}", self.tenants[about.tenant].account, about.path);
        let body = encode(form);
        let reply = self.send(about.tenant, &target, &body).await?;
        prop_assert!(matches!(reply.status, 200 | 204), "{}: {}", target, reply.status);
        if reply.status == 200 {
            let text = String::from_utf8(reply.body.clone()).expect("a document is UTF-8");
            prop_assert!(text.starts_with("<?xml") && text.len() <= 32 * 1024);
            let document = Document::parse(&text);
            prop_assert!(document.is_ok(), "{}", text);
            let document = document.expect("just looked at");
            self.watch
                .holds(&self.tenants, &about, &document)
                .map_err(|wrong| TestCaseError::fail(format!("{target} {body}\n{wrong}\n{text}")))?;
            self.remember(&about, &document);
        }
        self.sent.push((about.tenant, target, body, reply));
        Ok(())
    }

    /// Takes up the addresses of a document.
    fn remember(&mut self, about: &About, document: &Document<'_>) {
        let prefix = format!("{BASE}/webhooks/{}/", self.tenants[about.tenant].account);
        for node in document.descendants().filter(Node::is_element) {
            let values = node.attributes().map(|attribute| attribute.value()).chain(node.text());
            for path in values.filter_map(|value| value.strip_prefix(&prefix)) {
                if path.contains("status") {
                    self.statuses.push(path.to_owned());
                } else {
                    self.links.push(About { path: path.to_owned(), ..about.clone() });
                }
            }
        }
    }

    /// Whether both boards wrote the same down.
    async fn same_steps(&self) -> TestCaseResult {
        let [(one, _), (other, _)] = &self.boards;
        for sid in &self.sids {
            let (one, other) = (one.steps(sid).await.expect("steps"), other.steps(sid).await.expect("steps"));
            prop_assert_eq!(format!("{one:?}"), format!("{other:?}"), "decided twice: {}", sid);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn nobody_sees_hears_or_reaches_what_they_may_not(
        world in prop::collection::vec(any::<u8>(), 300),
        steps in prop::collection::vec(prop::collection::vec(any::<u8>(), 24), 1..80),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
        runtime.block_on(async {
            let mut walk = Walk::new(&mut Dice(world.iter()));
            for step in &steps {
                walk.step(&mut Dice(step.iter())).await?;
            }
            walk.same_steps().await
        })?;
    }
}

#[test]
fn the_shared_phone_is_in_both_worlds() {
    let tenants = worlds::two(&mut Dice([].iter()));
    assert!(tenants.iter().all(|tenant| tenant.people.iter().any(|phone| phone == SHARED)));
}
