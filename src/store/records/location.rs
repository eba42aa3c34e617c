//! Locations as rows: the masking settings in columns of their own, nested lists as JSON.
//!
//! Deliberately not here: the shapes of those lists (`store::forms`).

use serde_json::Value;

use super::Record;
use crate::domain::{
    Channels, Digit, Line, Location, LocationRule, MaskingMode, MaskingPolicy, MaskingSettings, NoMatchAction,
    Override, Ownership, Prompts, QueueSettings, Ring, Route,
};
use crate::store::cell::{Cell, Columns, Table, json};
use crate::store::error::StoreError;
use crate::store::forms::{LineForm, OverrideForm, RuleForm};

impl Record for Location {
    const TABLE: Table = Table {
        name: "locations",
        kind: "location",
        key: 2,
        columns: &[
            "tenant",
            "id",
            "name",
            "time_zone",
            "hours",
            "holidays",
            "closed_dates",
            "special_hours",
            "on_no_answer",
            "ring_timeout",
            "ring",
            "queue_max_wait_seconds",
            "queue_wait_prompt",
            "queue_wait_play_url",
            "prompts",
            "lines",
            "rules",
            "overrides",
            "enabled",
            "masking_mode",
            "masking_policy",
            "masking_default_channels",
            "provider_ownership",
            "max_masking_numbers",
            "cooldown_days",
            "grace_window_days",
            "eager_provisioning_enabled",
            "retention_days",
            "store_sms_body",
            "record_voice_calls",
            "smart_callback_window_minutes",
            "voice_no_match_action",
            "inbound_callback_route_in_hours",
            "inbound_callback_route_out_of_hours",
            "backoffice_whisper_enabled",
            "backoffice_whisper_text",
            "backoffice_whisper_require_accept",
            "backoffice_whisper_accept_key",
            "backoffice_whisper_timeout_seconds",
        ],
    };

    fn cells(&self) -> Vec<Cell> {
        let Self {
            id,
            tenant,
            name,
            time_zone,
            hours,
            holidays,
            closed_dates,
            special_hours,
            on_no_answer,
            ring_timeout,
            ring,
            queue: QueueSettings { max_wait_seconds, wait_prompt, wait_play_url },
            prompts: Prompts(prompts),
            masking,
            lines,
            rules,
            overrides,
        } = self;
        let mut cells = vec![
            Cell::text(tenant.as_str()),
            Cell::text(id.as_str()),
            Cell::text(name),
            Cell::text(time_zone),
            Cell::text(hours),
            Cell::text(holidays),
            Cell::json(closed_dates),
            Cell::json(special_hours),
            Cell::json(&on_no_answer.iter().map(|route| route.word()).collect::<Vec<_>>()),
            Cell::int(*ring_timeout),
            Cell::text(ring.word()),
            Cell::int(*max_wait_seconds),
            Cell::text(wait_prompt),
            Cell::text(wait_play_url),
            Cell::json(prompts),
            Cell::Partly {
                text: json(&lines.iter().map(LineForm::from).collect::<Vec<_>>()),
                told: lines.iter().map(told).collect(),
            },
            Cell::json(&rules.iter().map(RuleForm::from).collect::<Vec<_>>()),
            Cell::json(&overrides.iter().map(OverrideForm::from).collect::<Vec<_>>()),
        ];
        cells.extend(masking_cells(masking));
        cells
    }

    fn read(c: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            tenant: c.text()?.into(),
            id: c.text()?.into(),
            name: c.string()?,
            time_zone: c.string()?,
            hours: c.string()?,
            holidays: c.string()?,
            closed_dates: c.json()?,
            special_hours: c.json()?,
            on_no_answer: {
                let words: Vec<String> = c.json()?;
                let routes: Option<Vec<Route>> = words.iter().map(|word| Route::read(word)).collect();
                let (table, column) = ("locations", "on_no_answer");
                routes.ok_or(StoreError::Row { table, column, what: "an unknown word" })?
            },
            ring_timeout: c.int()?,
            ring: c.word(Ring::read)?,
            queue: QueueSettings { max_wait_seconds: c.int()?, wait_prompt: c.string()?, wait_play_url: c.string()? },
            prompts: Prompts(c.json()?),
            lines: c.json::<Vec<LineForm>>()?.into_iter().map(Line::try_from).collect::<Result<_, _>>()?,
            rules: c.json::<Vec<RuleForm>>()?.into_iter().map(LocationRule::try_from).collect::<Result<_, _>>()?,
            overrides: c.json::<Vec<OverrideForm>>()?.into_iter().map(Override::try_from).collect::<Result<_, _>>()?,
            masking: read_masking(c)?,
        })
    }

    fn id(&self) -> String {
        self.id.to_string()
    }

    fn settings(&self) -> Option<&MaskingSettings> {
        Some(&self.masking)
    }

    fn tenant(&self) -> &str {
        self.tenant.as_str()
    }
}

/// A line, its phone masked.
fn told(line: &Line) -> Value {
    let Line { id, phone, position, active, sms } = line;
    let phone = phone.masked().to_string();
    serde_json::json!({ "id": id.as_str(), "phone": phone, "position": position, "active": active, "sms": sms })
}

fn masking_cells(masking: &MaskingSettings) -> [Cell; 21] {
    let MaskingSettings {
        enabled,
        masking_mode,
        masking_policy,
        masking_default_channels: Channels { voice, sms },
        provider_ownership,
        max_masking_numbers,
        cooldown_days,
        grace_window_days,
        eager_provisioning_enabled,
        retention_days,
        store_sms_body,
        record_voice_calls,
        smart_callback_window_minutes,
        voice_no_match_action,
        inbound_callback_route_in_hours,
        inbound_callback_route_out_of_hours,
        backoffice_whisper_enabled,
        backoffice_whisper_text,
        backoffice_whisper_require_accept,
        backoffice_whisper_accept_key,
        backoffice_whisper_timeout_seconds,
    } = masking;
    [
        Cell::Flag(*enabled),
        Cell::text(masking_mode.word()),
        Cell::text(masking_policy.word()),
        Cell::text(match (voice, sms) {
            (true, true) => "voice,sms",
            (true, false) => "voice",
            (false, true) => "sms",
            (false, false) => "",
        }),
        Cell::text(provider_ownership.word()),
        Cell::int(*max_masking_numbers),
        Cell::int(*cooldown_days),
        Cell::int(*grace_window_days),
        Cell::Flag(*eager_provisioning_enabled),
        Cell::int(*retention_days),
        Cell::Flag(*store_sms_body),
        Cell::Flag(*record_voice_calls),
        Cell::int(*smart_callback_window_minutes),
        Cell::text(voice_no_match_action.word()),
        Cell::text(inbound_callback_route_in_hours.word()),
        Cell::text(inbound_callback_route_out_of_hours.word()),
        Cell::Flag(*backoffice_whisper_enabled),
        Cell::text(backoffice_whisper_text),
        Cell::Flag(*backoffice_whisper_require_accept),
        Cell::text(backoffice_whisper_accept_key.char()),
        Cell::int(*backoffice_whisper_timeout_seconds),
    ]
}

fn read_masking(c: &mut Columns<'_>) -> Result<MaskingSettings, StoreError> {
    Ok(MaskingSettings {
        enabled: c.flag()?,
        masking_mode: c.word(MaskingMode::read)?,
        masking_policy: c.word(MaskingPolicy::read)?,
        masking_default_channels: c.word(|word| match word {
            "voice,sms" => Some(Channels { voice: true, sms: true }),
            "voice" => Some(Channels { voice: true, sms: false }),
            "sms" => Some(Channels { voice: false, sms: true }),
            "" => Some(Channels { voice: false, sms: false }),
            _ => None,
        })?,
        provider_ownership: c.word(Ownership::read)?,
        max_masking_numbers: c.int()?,
        cooldown_days: c.int()?,
        grace_window_days: c.int()?,
        eager_provisioning_enabled: c.flag()?,
        retention_days: c.int()?,
        store_sms_body: c.flag()?,
        record_voice_calls: c.flag()?,
        smart_callback_window_minutes: c.int()?,
        voice_no_match_action: c.word(NoMatchAction::read)?,
        inbound_callback_route_in_hours: c.word(Route::read)?,
        inbound_callback_route_out_of_hours: c.word(Route::read)?,
        backoffice_whisper_enabled: c.flag()?,
        backoffice_whisper_text: c.string()?,
        backoffice_whisper_require_accept: c.flag()?,
        backoffice_whisper_accept_key: c.word(Digit::read)?,
        backoffice_whisper_timeout_seconds: c.int()?,
    })
}
