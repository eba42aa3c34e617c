//! Tenants, the provider accounts that carry their traffic, and the numbers those accounts rent.
//!
//! Deliberately not here: secrets. They live with whoever verifies and signs (`providers::secrets`).

use super::bill::Tariff;
use super::ids::{AccountId, LocationId, TechnicianId, TenantId, WorkOrderId};
use super::phone::MaskingNumber;
use super::settings::{Channels, Ownership, words};
use super::time::Moment;

/// A customer of the platform.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Tenant {
    /// Its id.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// ISO 3166 region of phones that its people type nationally.
    pub country: String,
    /// ISO 3166 regions that may be dialled; empty means the countries of its numbers.
    pub allowed_countries: Vec<String>,
    /// State of its 10DLC brand.
    pub brand: Brand,
    /// The Plivo door's user name, 20 characters.
    pub auth_id: Option<String>,
    /// The DeepCall door's user.
    pub deepcall_user_id: Option<String>,
    /// Where sessions of the compatible doors belong.
    pub default_location: Option<LocationId>,
    /// Caps on traffic.
    pub limits: Limits,
}

/// Caps on accepted inbound traffic; 0 means none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Calls per minute of one caller.
    pub calls_per_minute_per_caller: u32,
    /// Calls per day of one session.
    pub calls_per_day_per_session: u32,
    /// Calls at one time.
    pub concurrent_calls: u32,
    /// Attempts per minute between one caller and one number; beyond it, voicemail.
    pub attempts_per_minute_per_pair: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            calls_per_minute_per_caller: 6,
            calls_per_day_per_session: 30,
            concurrent_calls: 200,
            attempts_per_minute_per_pair: 3,
        }
    }
}

words! {
    /// Where a tenant's 10DLC brand stands.
    Brand {
        /// Registration is the operator's own affair; nothing is refused.
        None = "none",
        /// To be registered.
        Pending = "pending",
        /// Sent to the registry.
        Submitted = "submitted",
        /// Being looked at.
        InReview = "in_review",
        /// Approved.
        Approved = "approved",
        /// Refused.
        Failed = "failed",
        /// Suspended.
        Suspended = "suspended",
    }
}

words! {
    /// Which provider's language an account speaks.
    AccountKind {
        /// Twilio.
        Twilio = "twilio",
        /// SignalWire.
        Signalwire = "signalwire",
        /// Telnyx TeXML.
        Telnyx = "telnyx",
        /// Plivo.
        Plivo = "plivo",
        /// RingCentral: decisions and explanations only.
        Ringcentral = "ringcentral",
    }
}

words! {
    /// Something that an account can do.
    Capability {
        /// Speak to the callee before bridging.
        CallWhisper = "call_whisper",
        /// Send the callee's key press to a page of ours.
        OwnAcceptPage = "own_accept_page",
        /// Hold callers in a queue.
        Queue = "queue",
        /// Record calls.
        Recording = "recording",
        /// Texts.
        Sms = "sms",
        /// Texts with media.
        Mms = "mms",
    }
}

impl AccountKind {
    /// Whether accounts of this kind can do it (the table at the end of voice-and-sms).
    pub const fn can(self, what: Capability) -> bool {
        match (self, what) {
            (Self::Ringcentral, _)
            | (Self::Telnyx, Capability::Queue)
            | (Self::Plivo, Capability::Queue | Capability::OwnAcceptPage) => false,
            (Self::Twilio | Self::Signalwire | Self::Telnyx | Self::Plivo, _) => true,
        }
    }

    /// Whether conversations are recorded: the callee can be told of it before, and we hear when that was done.
    pub const fn records(self) -> bool {
        self.can(Capability::Recording) && self.can(Capability::CallWhisper) && self.can(Capability::OwnAcceptPage)
    }

    /// Whether its dial-ended request says if the legs were bridged (`DialBridged`); Twilio documents it, nobody else.
    pub const fn reports_bridging(self) -> bool {
        match self {
            Self::Twilio => true,
            Self::Signalwire | Self::Telnyx | Self::Plivo | Self::Ringcentral => false,
        }
    }

    /// The longest `timeLimit` of a dial, in seconds.
    pub const fn longest_call(self) -> u32 {
        14_400
    }

    /// The shortest and longest ring `timeout` of a dial, in seconds.
    pub const fn ring_range(self) -> (u16, u16) {
        match self {
            Self::Telnyx => (5, 120),
            Self::Twilio | Self::Signalwire | Self::Plivo | Self::Ringcentral => (5, 600),
        }
    }
}

words! {
    /// What becomes of a request whose signature is wrong.
    SignatureMode {
        /// It is refused.
        Enforce = "enforce",
        /// It is counted and let through, for a migration.
        Observe = "observe",
        /// Nothing is checked; sandbox accounts only.
        Off = "off",
    }
}

/// One account at one provider.
#[derive(Clone, PartialEq, Debug)]
pub struct Account {
    /// Its id, in the address of its webhooks.
    pub id: AccountId,
    /// Whose it is.
    pub tenant: TenantId,
    /// Whose language it speaks.
    pub kind: AccountKind,
    /// The provider's id of it; a request that names another is refused.
    pub account_sid: String,
    /// What becomes of wrong signatures.
    pub signature: SignatureMode,
    /// Nothing is sent to the provider unless `api_base_url` is set; opens the test doors.
    pub sandbox: bool,
    /// Where the provider's REST API is; empty means the provider's own.
    pub api_base_url: String,
    /// What the provider reaches; empty means the server's.
    pub public_base_url: String,
    /// Price of a billed minute.
    pub price_per_minute: f64,
    /// Seconds that a billed leg is rounded up to.
    pub billing_increment_seconds: u32,
    /// Whose account it is.
    pub ownership: Ownership,
}

impl Account {
    /// An account of which no more is declared than this: its webhooks are verified, and it costs nothing.
    pub const fn plain(id: AccountId, tenant: TenantId, kind: AccountKind) -> Self {
        Self {
            id,
            tenant,
            kind,
            account_sid: String::new(),
            signature: SignatureMode::Enforce,
            sandbox: false,
            api_base_url: String::new(),
            public_base_url: String::new(),
            price_per_minute: 0.0,
            billing_increment_seconds: 60,
            ownership: Ownership::Platform,
        }
    }

    /// What its legs are billed by at present.
    pub fn tariff(&self) -> Tariff {
        Tariff::of(self.price_per_minute, self.billing_increment_seconds)
    }
}

/// A rented number and what it stands for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Number {
    /// The number.
    pub e164: MaskingNumber,
    /// Whose it is.
    pub tenant: TenantId,
    /// The account that rents it.
    pub account: AccountId,
    /// The location whose pool it is in.
    pub location: Option<LocationId>,
    /// The technician it stands for.
    pub technician: Option<TechnicianId>,
    /// The job it stands for.
    pub work_order: Option<WorkOrderId>,
    /// What it can carry.
    pub capabilities: Channels,
    /// Where calls without a session are sent on to.
    pub answer_url: Option<String>,
    /// Its state.
    pub state: NumberState,
}

impl Number {
    /// Whether we rent it: one that was given back may be anybody's.
    pub const fn is_ours(&self) -> bool {
        match self.state {
            NumberState::Retired => false,
            NumberState::Available | NumberState::Assigned | NumberState::Released { .. } => true,
        }
    }
}

/// What happened to a number last.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NumberState {
    /// Free to be assigned.
    Available,
    /// Assigned to a pool, a technician or a job.
    Assigned,
    /// Released: it cools, and routes nothing, until `cooldown_days` later.
    Released {
        /// When it was released.
        at: Moment,
    },
    /// Given back to the provider.
    Retired,
}
