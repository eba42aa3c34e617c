//! A location's masking settings: the fields of the settings API, as values.
//!
//! Deliberately not here: reading them from a file or a form, their ranges and the checks across fields
//! (`rules::masking`).

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in the order the documentation lists them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word that files, APIs and columns use.
            pub const fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }

            /// Reads that word; `None` for any other.
            pub fn read(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// A way of reaching somebody.
    Channel {
        /// Calls.
        Voice = "voice",
        /// Texts, with or without media.
        Sms = "sms",
    }
}

words! {
    /// What a masking number stands for.
    MaskingMode {
        /// One pool for the tenant; a session is (number, caller).
        SharedTenant = "shared_tenant",
        /// One pool per location.
        SharedLocation = "shared_location",
        /// One number per technician.
        PerTechnician = "per_technician",
        /// One number per job.
        PerJobEphemeral = "per_job_ephemeral",
    }
}

words! {
    /// Who gets masking sessions.
    MaskingPolicy {
        /// Everybody.
        Enforced = "enforced",
        /// Technicians who opted in.
        Offered = "offered",
    }
}

words! {
    /// Whose provider account carries the numbers.
    Ownership {
        /// The platform's.
        Platform = "platform",
        /// The tenant's own.
        TenantByo = "tenant_byo",
    }
}

words! {
    /// What a call gets when there is no session.
    NoMatchAction {
        /// A short sentence, then hang up.
        Hangup = "hangup",
        /// Voicemail.
        Voicemail = "voicemail",
        /// The dispatchers' queue, where the account has one.
        DispatcherQueue = "dispatcher_queue",
    }
}

words! {
    /// Where a customer's call or text goes.
    Route {
        /// The session's technician.
        Technician = "technician",
        /// The location's back-office lines.
        Backoffice = "backoffice",
        /// Voicemail; for a text, the dispatchers' to-do list.
        Voicemail = "voicemail",
    }
}

/// The channels that are masked; at least one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Channels {
    /// Calls are masked.
    pub voice: bool,
    /// Texts are masked.
    pub sms: bool,
}

impl Channels {
    /// Whether this channel is masked.
    pub const fn has(self, channel: Channel) -> bool {
        match channel {
            Channel::Voice => self.voice,
            Channel::Sms => self.sms,
        }
    }
}

/// A location's masking settings. Field names are the API's; defaults are those of the settings document.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MaskingSettings {
    /// Whether new sessions are made.
    pub enabled: bool,
    /// What a number stands for.
    pub masking_mode: MaskingMode,
    /// Who gets sessions.
    pub masking_policy: MaskingPolicy,
    /// Which channels are masked.
    pub masking_default_channels: Channels,
    /// Whose account carries the numbers.
    pub provider_ownership: Ownership,
    /// Cap on numbers held, 1–500.
    pub max_masking_numbers: u16,
    /// Days before a released number serves again, 0–180.
    pub cooldown_days: u16,
    /// Days after a job's completion in which its number still routes, 0–60.
    pub grace_window_days: u16,
    /// Whether numbers and sessions are made ahead of need.
    pub eager_provisioning_enabled: bool,
    /// Days that messages are kept, 1–3650.
    pub retention_days: u16,
    /// Whether message bodies are kept (encrypted).
    pub store_sms_body: bool,
    /// Whether masked calls are recorded, with disclosure.
    pub record_voice_calls: bool,
    /// The reply window in minutes, 1–1440.
    pub smart_callback_window_minutes: u16,
    /// What a call without a session gets.
    pub voice_no_match_action: NoMatchAction,
    /// Where customers' calls go in hours.
    pub inbound_callback_route_in_hours: Route,
    /// Where they go otherwise.
    pub inbound_callback_route_out_of_hours: Route,
    /// Whether back-office legs hear a whisper.
    pub backoffice_whisper_enabled: bool,
    /// The whisper's template; empty means the built-in one.
    pub backoffice_whisper_text: String,
    /// Whether the accept key must be pressed.
    pub backoffice_whisper_require_accept: bool,
    /// The accept key.
    pub backoffice_whisper_accept_key: super::digit::Digit,
    /// Seconds to press it in, 1–60.
    pub backoffice_whisper_timeout_seconds: u16,
}

impl Default for MaskingSettings {
    fn default() -> Self {
        Self {
            enabled: false,
            masking_mode: MaskingMode::SharedTenant,
            masking_policy: MaskingPolicy::Enforced,
            masking_default_channels: Channels { voice: true, sms: true },
            provider_ownership: Ownership::Platform,
            max_masking_numbers: 50,
            cooldown_days: 30,
            grace_window_days: 7,
            eager_provisioning_enabled: false,
            retention_days: 365,
            store_sms_body: false,
            record_voice_calls: false,
            smart_callback_window_minutes: 60,
            voice_no_match_action: NoMatchAction::Hangup,
            inbound_callback_route_in_hours: Route::Technician,
            inbound_callback_route_out_of_hours: Route::Technician,
            backoffice_whisper_enabled: true,
            backoffice_whisper_text: String::new(),
            backoffice_whisper_require_accept: false,
            backoffice_whisper_accept_key: super::digit::Digit::ONE,
            backoffice_whisper_timeout_seconds: 10,
        }
    }
}
