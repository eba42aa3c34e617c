//! The decision for a call or text that has not happened: the same decision, under no cap, without effects.
//!
//! Deliberately not here: where the facts come from.

use serde_json::Value;

use crate::domain::event::IncomingCall;
use crate::domain::{CallId, CallerId, Channel, E164, Event, EventKind, IncomingText, MessageId, Moment, TenantId};
use crate::providers;
use crate::routing::{self, World};
use crate::voice::{self, Links};

use super::{Switchboard, telling};

/// A call or text that has not happened.
#[derive(Clone, Debug)]
pub struct Probe {
    /// Who would call.
    pub from: CallerId,
    /// What they would call.
    pub to: E164,
    /// How.
    pub channel: Channel,
    /// When.
    pub at: Moment,
}

/// What would happen.
#[derive(Clone, Debug)]
pub struct Explained {
    /// The decision as JSON.
    pub decision: Value,
    /// The document as the provider would get it; empty where the account's kind has none.
    pub document: String,
}

impl Switchboard {
    /// Whether a number is this tenant's.
    pub fn rents(&self, tenant: &TenantId, number: E164) -> bool {
        let memory = self.memory.load();
        let view = memory.directory.view(&memory.live, Moment::default());
        view.number(number).is_some_and(|number| number.tenant == *tenant)
    }

    /// Decides a call or text that has not happened.
    pub fn explain(&self, probe: &Probe) -> Explained {
        let memory = self.memory.load_full();
        let view = memory.directory.view(&memory.live, probe.at).quiet();
        let account = view.number(probe.to).map(|number| number.account.clone());
        let kind = match probe.channel {
            Channel::Voice => EventKind::Call(IncomingCall {
                id: CallId(0),
                sid: String::new(),
                from: probe.from.clone(),
                to: Some(probe.to),
            }),
            Channel::Sms => EventKind::Text(IncomingText {
                id: MessageId(0),
                sid: String::new(),
                from: probe.from.clone(),
                to: probe.to,
                body: "…".to_owned(),
                media: Vec::new(),
                opt_out_type: None,
            }),
        };
        let event = Event { account: account.clone().unwrap_or_else(|| "".into()), account_sid: None, kind };
        let decision = routing::decide(&view, &event, probe.at);
        let finding = decision.finding.as_deref();
        let office = finding.and_then(|f| view.office(f.tenant.as_ref()?, f.location.as_ref()?));
        let line = account.and_then(|account| memory.directory.line(account.as_str()));
        let document = line.and_then(|line| {
            let dialect = providers::dialect(line.account.kind)?;
            let media = |_: &crate::domain::MediaItem| String::new();
            let own = line.account.public_base_url.as_str();
            let base = if own.is_empty() { self.settings.public_base_url.as_str() } else { own };
            let links = Links { base, account: &line.account.id, media: &media };
            let written = dialect.write(&voice::compose(&decision.answer, &links, &|_| None));
            Some(String::from_utf8_lossy(&written.bytes).into_owned())
        });
        Explained {
            decision: telling::decision(&decision, office.as_deref().map(|office| &office.hours)),
            document: document.unwrap_or_default(),
        }
    }
}
