//! A small sound world for the tables of this folder, to be changed in one place each.
//!
//! Deliberately not here: what is expected of it.

use crate::rules::file;
use crate::rules::ruleset::Ruleset;

/// One office with a desk, a technician, a number and a session.
const TEXT: &str = r#"
[tenant]
id = "acme"
default_location = "chicago"

[[provider_account]]
id = "acme-twilio"
kind = "twilio"
auth_token = "t"
sandbox = true

[[location]]
id = "chicago"
time_zone = "America/Chicago"
hours = "Mo-Fr 08:00-17:00; PH off"
holidays = "US"

[location.masking]
enabled = true
masking_mode = "shared_location"
max_masking_numbers = 5

[[location.backoffice_line]]
id = "desk"
phone = "+13125550123"

[[technician]]
id = "jo"
phone = "+13125550144"
location_id = "chicago"

[[number]]
e164 = "+13125550190"
provider_account_id = "acme-twilio"
location_id = "chicago"

[[session]]
number = "+13125550190"
first_party = "+13125550144"
second_party = "+13125550101"
technician_id = "jo"
"#;

/// It.
pub fn sound() -> Ruleset {
    changed(&[])
}

/// It with these words in place of others.
pub fn changed(changes: &[(&str, &str)]) -> Ruleset {
    let mut text = TEXT.to_owned();
    for (before, after) in changes {
        assert!(text.contains(before), "the sample has {before}");
        text = text.replace(before, after);
    }
    match file::read(&text, "sample.toml", None, &|_| None) {
        Ok((rules, _)) => rules,
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}
