//! What is refused or warned of in locations and their rules: each row changes the smallest world in one place.

use super::{END, check};

#[test]
fn locations() {
    check(&[
        (
            "a zone that is none",
            "\"America/Chicago\"",
            "\"America/Chicgo\"",
            &["11: location.chicago.time_zone: \"America/Chicgo\" is no IANA time zone: write a name such as"],
        ),
        (
            "hours without a zone",
            "time_zone = \"America/Chicago\"\n",
            "",
            &["8: location.chicago.time_zone: is missing; hours, dates and rules are local; an IANA name such as"],
        ),
        (
            "hours that cannot be read",
            "\"Mo-Fr 08:00-17:00\"",
            "\"Monday to Friday, 8 to 5\"",
            &["12: location.chicago.hours: \"Monday to Friday, 8 to 5\" is not read from character 3 on"],
        ),
        (
            "a calendar that is not known",
            "[location.masking]",
            "holidays = \"USA\"\n[location.masking]",
            &["13: location.chicago.holidays: there is no public-holiday calendar for \"USA\""],
        ),
        (
            "a date that does not exist",
            "[location.masking]",
            "closed_dates = [\"2026-12-24\", \"2026-02-30\"]\n[location.masking]",
            &["13: location.chicago.closed_dates: \"2026-02-30\" is not a date: write it as 2026-12-24"],
        ),
        (
            "special hours with a weekday",
            "[location.masking]",
            "special_hours = { \"2026-12-31\" = \"Mo 08:00-12:00\" }\n[location.masking]",
            &["13: location.chicago.special_hours: \"Mo 08:00-12:00\" for 2026-12-31 is not read"],
        ),
        (
            "a date that is closed and has hours",
            "[location.masking]",
            "closed_dates = [\"2026-12-31\"]\nspecial_hours = { \"2026-12-31\" = \"08:00-12:00\" }\n[location.masking]",
            &["14: location.chicago.special_hours: warning: 2026-12-31 is also in closed_dates"],
        ),
        (
            "a route twice",
            "[location.masking]",
            "on_no_answer = [\"voicemail\", \"voicemail\"]\n[location.masking]",
            &["13: location.chicago.on_no_answer[1]: voicemail is in the list twice"],
        ),
        (
            "a ring out of range",
            "[location.masking]",
            "ring_timeout = 4\n[location.masking]",
            &["13: location.chicago.ring_timeout: must be from 5 to 600"],
        ),
        (
            "a prompt there is not",
            "[location.masking]",
            "prompts.voicemail_greetings = \"Hello\"\n[location.masking]",
            &["13: location.chicago.prompts.voicemail_greetings: no such field; did you mean \"voicemail_greeting\"?"],
        ),
        (
            "a placeholder there is not",
            "[location.masking]",
            "prompts.voicemail_greeting = \"Hello {name}\"\n[location.masking]",
            &["13: location.chicago.prompts.voicemail_greeting: at character 7: no such placeholder: \"{name}\""],
        ),
        (
            "a setting out of range",
            "[location.masking]",
            "[location.masking]\ncooldown_days = 181",
            &["14: location.chicago.masking.cooldown_days: must be from 0 to 180, not 181"],
        ),
        (
            "an accept key that is an integer",
            "[location.masking]",
            "[location.masking]\nbackoffice_whisper_accept_key = 1",
            &[
                "14: location.chicago.masking.backoffice_whisper_accept_key: must be one key as a text, such as \"1\", not a whole number",
            ],
        ),
        (
            "no channel",
            "[location.masking]",
            "[location.masking]\nmasking_default_channels = []",
            &["14: location.chicago.masking.masking_default_channels: must name at least one of voice, sms"],
        ),
        (
            "a channel twice",
            "[location.masking]",
            "[location.masking]\nmasking_default_channels = [\"sms\", \"sms\"]",
            &["14: location.chicago.masking.masking_default_channels: names sms twice"],
        ),
        (
            "a brace that is never closed",
            "[location.masking]",
            "[location.masking]\nbackoffice_whisper_text = \"Call for {location_name\"",
            &["14: location.chicago.masking.backoffice_whisper_text: at character 10: a lone"],
        ),
        (
            "an accept key with two lines",
            "[[location.backoffice_line]]",
            "backoffice_whisper_require_accept = true\n[[location.backoffice_line]]\nid = \"desk-2\"\nphone = \"+13125550124\"\n[[location.backoffice_line]]",
            &[
                "15: location.chicago.masking.backoffice_whisper_require_accept: fr7_accept_needs_single_line: an accept",
            ],
        ),
        (
            "two lines at one position",
            "[[technician]]",
            "[[location.backoffice_line]]\nid = \"desk-2\"\nphone = \"+13125550124\"\nposition = 1\n[[technician]]",
            &["21: location.chicago.backoffice_line.desk-2.position: warning: another line is at position 1 too; the"],
        ),
        (
            "the back office without a line",
            "\"+13125550123\"",
            "\"+13125550123\"\nactive = false",
            &["14: location.chicago.masking.inbound_callback_route_in_hours: warning: backoffice, and no back-office"],
        ),
        (
            "a line without a phone",
            "phone = \"+13125550123\"\n",
            "",
            &["15: location.chicago.backoffice_line.desk-1.phone: is missing; a line is a phone that rings"],
        ),
        (
            "a line's id in two locations",
            END,
            "[[location]]\nid = \"denver\"\n[[location.backoffice_line]]\nid = \"desk-1\"\nphone = \"+13035550123\"",
            &["42: location.denver.backoffice_line.desk-1: location chicago has a line of this id; ids are unique"],
        ),
        (
            "an override that ends before it begins",
            "[[technician]]",
            "[[location.override]]\nstate = \"open\"\nfrom = 2026-03-09T10:00:00Z\nuntil = 2026-03-09T09:00:00Z\n[[technician]]",
            &["21: location.chicago.override[0].until: must be later than from"],
        ),
        (
            "an instant without an offset",
            "[[technician]]",
            "[[location.override]]\nstate = \"open\"\nuntil = 2026-03-09T09:00:00\n[[technician]]",
            &["20: location.chicago.override[0].until: must be an instant with an offset, such as"],
        ),
    ]);
}

#[test]
fn rules() {
    check(&[
        (
            "no route",
            "[[technician]]",
            "[[location.rule]]\nwhen = {}\n[[technician]]",
            &[
                "18: location.chicago.rule[0].route: is missing; a route, a no-match action, { technician = \"…\" } or {",
            ],
        ),
        (
            "an unknown route",
            "[[technician]]",
            "[[location.rule]]\nroute = \"backofice\"\n[[technician]]",
            &[
                "19: location.chicago.rule[0].route: \"backofice\" is none of technician, backoffice, voicemail, hangup,",
            ],
        ),
        (
            "a route to two",
            "[[technician]]",
            "[[location.rule]]\nroute = { technician = \"jo\", line = \"desk-1\" }\n[[technician]]",
            &["19: location.chicago.rule[0].route: must name either a technician or a line"],
        ),
        (
            "an unknown condition",
            "[[technician]]",
            "[[location.rule]]\nwhen = { chanel = \"voice\" }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.chanel: no such field; did you mean \"channel\"?"],
        ),
        (
            "an unknown match",
            "[[technician]]",
            "[[location.rule]]\nwhen = { match = \"alive\" }\nroute = \"voicemail\"\n[[technician]]",
            &[
                "19: location.chicago.rule[0].when.match: \"alive\" is none of live, grace, recent, owner, job, pin, none;",
            ],
        ),
        (
            "one of two unknown",
            "[[technician]]",
            "[[location.rule]]\nwhen = { hours = [\"closed\", \"shut\"] }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.hours[1]: \"shut\" is none of open, closed, holiday, override_open,"],
        ),
        (
            "no match at all",
            "[[technician]]",
            "[[location.rule]]\nwhen = { match = [] }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.match: is an empty list: the rule could never apply"],
        ),
        (
            "no day",
            "[[technician]]",
            "[[location.rule]]\nwhen = { days = [] }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.days: is an empty list: the rule could never apply"],
        ),
        (
            "a day that is none",
            "[[technician]]",
            "[[location.rule]]\nwhen = { days = [\"Mo-Friday\"] }\nroute = \"voicemail\"\n[[technician]]",
            &[
                "19: location.chicago.rule[0].when.days[0]: must be weekdays such as \"Mo\" or \"Mo-Fr\": Mo, Tu, We, Th,",
            ],
        ),
        (
            "times the wrong way to write",
            "[[technician]]",
            "[[location.rule]]\nwhen = { between = \"6pm-10pm\" }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.between: must be two times of day, such as \"18:00-22:00\""],
        ),
        (
            "a time that does not exist",
            "[[technician]]",
            "[[location.rule]]\nwhen = { between = \"18:00-24:30\" }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.between: must be two times of day, such as \"18:00-22:00\""],
        ),
        (
            "no time at all",
            "[[technician]]",
            "[[location.rule]]\nwhen = { between = \"18:00-18:00\" }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.between: begins and ends at the same minute; \"00:00-24:00\" is the"],
        ),
        (
            "a reply to nobody",
            "[[technician]]",
            "[[location.rule]]\nwhen = { match = \"none\", reply = true }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.reply: can never be true with match \"none\": a reply answers"],
        ),
        (
            "a known stranger",
            "[[technician]]",
            "[[location.rule]]\nwhen = { caller = \"unknown\", match = [\"owner\", \"recent\"] }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.match: owner or recent always means a known customer, and caller is"],
        ),
        (
            "a stranger's tag",
            "[[technician]]",
            "[[location.rule]]\nwhen = { caller = \"unknown\", match = \"none\", tag = \"vip\" }\nroute = \"voicemail\"\n[[technician]]",
            &["19: location.chicago.rule[0].when.tag: tags belong to a work order or a customer, and somebody unknown"],
        ),
        (
            "the technician of no session",
            "[[technician]]",
            "[[location.rule]]\nwhen = { match = \"none\" }\nroute = \"technician\"\n[[technician]]",
            &["20: location.chicago.rule[0].route: warning: there is no session and so no technician with match ="],
        ),
        (
            "a rule that never applies",
            "[[technician]]",
            "[[location.rule]]\nname = \"Evenings\"\nwhen = { between = \"18:00-06:00\" }\nroute = \"voicemail\"\n[[location.rule]]\nname = \"Late calls\"\nwhen = { between = \"22:00-02:00\", channel = \"voice\" }\nroute = \"technician\"\n[[technician]]",
            &["22: location.chicago.rule[1]: warning: never applies: the rule \"Evenings\" above it always does first"],
        ),
    ]);
}
