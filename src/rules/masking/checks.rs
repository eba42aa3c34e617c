//! Checks across the masking settings: what may not stand together, and what would not do what was meant.
//!
//! Deliberately not here: each field's own range ([`super::set`]), and the customers' phones that must be E.164 before
//! masking is switched on (that takes the customers).

use std::collections::BTreeSet;

use crate::domain::{Account, Capability, Location, MaskingMode, MaskingSettings, Number, Ownership, Route};
use crate::rules::finding::Finding;
use crate::rules::ruleset::Ruleset;

/// Code of the refusal of an accept key with more than one active back-office line.
pub const ACCEPT_NEEDS_ONE_LINE: &str = "fr7_accept_needs_single_line";

/// What surrounds a location's settings.
#[derive(Clone, Debug, Default)]
pub struct Surroundings<'a> {
    /// How many of its back-office lines are active.
    pub active_lines: usize,
    /// The accounts that carry its calls.
    pub carriers: Vec<&'a Account>,
    /// Whether the tenant has an account of its own (`tenant_byo`).
    pub own_account: bool,
}

impl<'a> Surroundings<'a> {
    /// What surrounds this location's settings among these numbers and accounts. Numbers without a location are the
    /// tenant's default location's.
    pub fn of<'n>(
        location: &Location,
        is_default: bool,
        numbers: impl Iterator<Item = &'n Number>,
        accounts: impl Iterator<Item = &'a Account>,
    ) -> Self {
        let here = |of: Option<&_>| of == Some(&location.id) || (of.is_none() && is_default);
        let carriers: BTreeSet<_> =
            numbers.filter(|number| here(number.location.as_ref())).map(|number| &number.account).collect();
        let accounts: Vec<&Account> = accounts.collect();
        Self {
            active_lines: location.active_lines().count(),
            own_account: accounts.iter().any(|account| account.ownership == Ownership::TenantByo),
            carriers: accounts.into_iter().filter(|account| carriers.contains(&account.id)).collect(),
        }
    }
}

/// What surrounds this location's settings in these rules. The location may be another than the stored one.
pub fn around<'a>(base: &'a Ruleset, location: &Location) -> Surroundings<'a> {
    let is_default = base.tenant.default_location.as_ref() == Some(&location.id);
    let accounts = base.accounts.iter().map(|(account, _)| account);
    Surroundings::of(location, is_default, base.numbers.iter(), accounts)
}

/// Everything that is wrong (one of these refuses the settings) or doubtful (a warning) about settings in their
/// surroundings. `field` is the name of a masking setting.
pub fn cross_checks(settings: &MaskingSettings, around: &Surroundings<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if settings.backoffice_whisper_require_accept && around.active_lines > 1 {
        found.push(Finding {
            code: Some(ACCEPT_NEEDS_ONE_LINE),
            ..Finding::mistake(
                "backoffice_whisper_require_accept",
                format!(
                    "{ACCEPT_NEEDS_ONE_LINE}: an accept key needs exactly one active back-office line, and {} are active: \
                     whichever answers first silences the others, even where it is a voicemail box. Set \
                     backoffice_whisper_require_accept = false, or active = false on all lines but one",
                    around.active_lines
                ),
            )
        });
    }
    let mut warn =
        |field: &str, code: &'static str, message: String| found.push(Finding::warning(field, message).coded(code));
    if settings.backoffice_whisper_require_accept && !settings.backoffice_whisper_enabled {
        warn(
            "backoffice_whisper_require_accept",
            "accept_without_whisper",
            "does nothing while backoffice_whisper_enabled is false: the key is asked for in the whisper".to_owned(),
        );
    }
    if settings.cooldown_days == 0 && settings.masking_mode == MaskingMode::PerJobEphemeral {
        warn(
            "cooldown_days",
            "cooldown_zero_per_job",
            "0 with per_job_ephemeral: a number serves the next job the moment it is released, and a late call from the \
             last customer reaches a stranger"
                .to_owned(),
        );
    }
    let routes = [
        ("inbound_callback_route_in_hours", settings.inbound_callback_route_in_hours),
        ("inbound_callback_route_out_of_hours", settings.inbound_callback_route_out_of_hours),
    ];
    for (field, route) in routes {
        if route == Route::Backoffice && around.active_lines == 0 {
            warn(
                field,
                "no_active_line",
                "backoffice, and no back-office line is active: such calls go to voicemail".to_owned(),
            );
        }
    }
    let to_the_office = routes.iter().any(|(_, route)| *route == Route::Backoffice);
    for account in &around.carriers {
        if to_the_office && settings.backoffice_whisper_enabled && !account.kind.can(Capability::CallWhisper) {
            warn(
                "backoffice_whisper_enabled",
                "whisper_unsupported",
                format!(
                    "account {} ({}) cannot whisper: its calls are bridged without a word",
                    account.id, account.kind
                ),
            );
        }
        if settings.record_voice_calls && !account.kind.records() {
            warn(
                "record_voice_calls",
                "recording_unavailable",
                format!(
                    "account {} ({}) cannot tell the callee that the call is recorded: its calls are not recorded",
                    account.id, account.kind
                ),
            );
        }
    }
    if !settings.masking_default_channels.voice {
        warn(
            "masking_default_channels",
            "voice_channel_off",
            "without voice the routes apply to texts alone: every call gets voice_no_match_action".to_owned(),
        );
    }
    if settings.provider_ownership == Ownership::TenantByo && !around.own_account {
        warn(
            "provider_ownership",
            "no_own_account",
            "tenant_byo, and the tenant has no provider account with ownership = \"tenant_byo\"".to_owned(),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AccountKind, Channels};

    fn account(kind: AccountKind) -> Account {
        Account { sandbox: true, ..Account::plain("a".into(), "t".into(), kind) }
    }

    #[test]
    fn what_does_not_go_together_is_said_of_the_field_that_has_to_change() {
        let ringcentral = account(AccountKind::Ringcentral);
        let twilio = account(AccountKind::Twilio);
        type Change = fn(&mut MaskingSettings);
        type Row<'a> = (&'a str, Change, usize, &'a Account, &'a [(&'a str, bool, &'a str)]);
        let rows: [Row<'_>; 11] = [
            ("the defaults", |_| {}, 0, &twilio, &[]),
            (
                "two lines and an accept key",
                |s| s.backoffice_whisper_require_accept = true,
                2,
                &twilio,
                &[("backoffice_whisper_require_accept", false, ACCEPT_NEEDS_ONE_LINE)],
            ),
            ("one line and an accept key", |s| s.backoffice_whisper_require_accept = true, 1, &twilio, &[]),
            (
                "an accept key without a whisper",
                |s| {
                    s.backoffice_whisper_require_accept = true;
                    s.backoffice_whisper_enabled = false;
                },
                1,
                &twilio,
                &[("backoffice_whisper_require_accept", true, "accept_without_whisper")],
            ),
            (
                "no cooldown for jobs' numbers",
                |s| {
                    s.cooldown_days = 0;
                    s.masking_mode = MaskingMode::PerJobEphemeral;
                },
                1,
                &twilio,
                &[("cooldown_days", true, "cooldown_zero_per_job")],
            ),
            ("no cooldown for a pool", |s| s.cooldown_days = 0, 1, &twilio, &[]),
            (
                "a back office without a line",
                |s| s.inbound_callback_route_in_hours = Route::Backoffice,
                0,
                &twilio,
                &[("inbound_callback_route_in_hours", true, "no_active_line")],
            ),
            (
                "a whisper where none can be played",
                |s| s.inbound_callback_route_in_hours = Route::Backoffice,
                1,
                &ringcentral,
                &[("backoffice_whisper_enabled", true, "whisper_unsupported")],
            ),
            (
                "a recording nobody is told of",
                |s| s.record_voice_calls = true,
                1,
                &ringcentral,
                &[("record_voice_calls", true, "recording_unavailable")],
            ),
            (
                "texts only",
                |s| s.masking_default_channels = Channels { voice: false, sms: true },
                1,
                &twilio,
                &[("masking_default_channels", true, "voice_channel_off")],
            ),
            (
                "an own account that is not there",
                |s| s.provider_ownership = Ownership::TenantByo,
                1,
                &twilio,
                &[("provider_ownership", true, "no_own_account")],
            ),
        ];
        for (why, change, active_lines, account, expected) in rows {
            let mut settings = MaskingSettings::default();
            change(&mut settings);
            let around = Surroundings { active_lines, carriers: vec![account], own_account: false };
            let found = cross_checks(&settings, &around);
            let found: Vec<_> =
                found.iter().map(|f| (f.field.as_str(), f.warning, f.code.expect("each has one"))).collect();
            assert_eq!(found, expected, "{why}");
        }
    }
}
