//! What a change of masking settings comes to: may it be, and what is doubtful about it.
//!
//! Deliberately not here: single values ([`super::body`]), and what happens after a change (a mode's transition, a brand's
//! registration).

use super::checks::{Surroundings, cross_checks};
use crate::domain::{Customer, CustomerId, LocationId, MaskingSettings};
use crate::rules::finding::{Contacts, Finding, code};

/// How many contacts a refusal names.
const NAMED: usize = 100;

/// The contacts that masking at this location concerns, and that have a phone that is not E.164: its own, and those
/// without a location.
pub fn odd_contacts<'c>(customers: impl IntoIterator<Item = &'c Customer>, location: &LocationId) -> Vec<CustomerId> {
    customers
        .into_iter()
        .filter(|customer| !customer.other_phones.is_empty())
        .filter(|customer| customer.location.as_ref().is_none_or(|id| id == location))
        .map(|customer| customer.id.clone())
        .collect()
}

/// Mistakes, one of which refuses the change, and warnings about the settings as a whole. `odd_contacts` are asked about
/// only where masking is switched on.
pub fn judge(
    stored: &MaskingSettings,
    wanted: &MaskingSettings,
    around: &Surroundings<'_>,
    odd_contacts: &[CustomerId],
) -> (Vec<Finding>, Vec<Finding>) {
    let (warnings, mut mistakes): (Vec<_>, Vec<_>) =
        cross_checks(wanted, around).into_iter().partition(|finding| finding.warning);
    if wanted.enabled && !stored.enabled && !odd_contacts.is_empty() {
        let message = format!(
            "{} customer contacts have phones that are not E.164 (+ and 7 to 15 digits); correct them, or take them out",
            odd_contacts.len()
        );
        let contacts =
            Contacts { first: odd_contacts.iter().take(NAMED).cloned().collect(), count: odd_contacts.len() };
        let finding = Finding::mistake("enabled", message).coded(code::CONTACTS_NOT_E164);
        mistakes.push(Finding { contacts: Some(contacts), ..finding });
    }
    (mistakes, warnings)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(id: &str, odd: bool, location: Option<&str>) -> Customer {
        Customer {
            id: id.into(),
            tenant: "t".into(),
            name: String::new(),
            phones: Vec::new(),
            other_phones: if odd { vec!["ask".to_owned()] } else { Vec::new() },
            location: location.map(LocationId::from),
            tags: Vec::new(),
        }
    }

    #[test]
    fn contacts_are_asked_about_when_masking_is_switched_on() {
        let customers = [
            customer("here", true, Some("chicago")),
            customer("everywhere", true, None),
            customer("elsewhere", true, Some("loop")),
            customer("fine", false, Some("chicago")),
        ];
        let odd = odd_contacts(&customers, &"chicago".into());
        assert_eq!(odd, ["here".into(), "everywhere".into()]);
        let off = MaskingSettings::default();
        let on = MaskingSettings { enabled: true, ..off.clone() };
        for (why, stored, wanted, refused) in [
            ("switched on", &off, &on, true),
            ("on already", &on, &on, false),
            ("switched off", &on, &off, false),
            ("off", &off, &off, false),
        ] {
            let (mistakes, _) = judge(stored, wanted, &Surroundings::default(), &odd);
            assert_eq!(!mistakes.is_empty(), refused, "{why}");
            assert!(mistakes.iter().all(|f| (f.field.as_str(), f.code) == ("enabled", Some("contacts_not_e164"))));
        }
        assert_eq!(judge(&off, &on, &Surroundings::default(), &[]), (vec![], vec![]), "nobody is odd");
    }

    #[test]
    fn a_refusal_names_a_hundred_contacts_and_counts_them_all() {
        let odd: Vec<CustomerId> = (0..250).map(|no| format!("c{no}").into()).collect();
        let off = MaskingSettings::default();
        let on = MaskingSettings { enabled: true, ..off.clone() };
        let (mistakes, _) = judge(&off, &on, &Surroundings::default(), &odd);
        let contacts = mistakes[0].contacts.clone().expect("it names them");
        assert_eq!((contacts.first.as_slice(), contacts.count), (&odd[..100], 250));
    }

    #[test]
    fn mistakes_and_warnings_are_told_apart() {
        let wanted = MaskingSettings {
            backoffice_whisper_require_accept: true,
            backoffice_whisper_enabled: false,
            ..MaskingSettings::default()
        };
        let around = Surroundings { active_lines: 2, ..Surroundings::default() };
        let (mistakes, warnings) = judge(&MaskingSettings::default(), &wanted, &around, &[]);
        let codes = |found: &[Finding]| found.iter().filter_map(|f| f.code).collect::<Vec<_>>();
        assert_eq!(codes(&mistakes), ["fr7_accept_needs_single_line"]);
        assert_eq!(codes(&warnings), ["accept_without_whisper"]);
    }
}
