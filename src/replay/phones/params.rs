//! The parameters of requests, as wire.md A.1 and A.3 list them.
//!
//! Deliberately not here: those of single verbs, which are where the verbs are.

use crate::domain::Moment;

use super::leg::{Leg, LegId};
use super::network::Network;
use super::request::{Request, Wants};
use super::script::Speaks;

/// The version of the provider's interface.
pub(super) const VERSION: &str = "2010-04-01";

/// A parameter.
pub(super) fn param(name: &str, value: impl Into<String>) -> (String, String) {
    (name.to_owned(), value.into())
}

/// An instant as mail has it, in UTC, such as `Mon, 09 Mar 2026 14:02:11 +0000` (RFC 2822).
pub(super) fn rfc_2822(at: Moment) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let text = at.to_string();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(5, 7).parse().unwrap_or(1_usize).saturating_sub(1);
    // 1970 began on a Thursday.
    let day = usize::try_from(at.seconds().div_euclid(86_400).rem_euclid(7)).unwrap_or(0);
    let (day, month) = (DAYS[day.min(6)], MONTHS[month.min(11)]);
    format!("{day}, {} {month} {} {} +0000", part(8, 10), part(0, 4), part(11, 19))
}

impl Network {
    pub(super) fn speaks(&self, leg: LegId) -> Speaks {
        self.numbers[self.legs[leg].number].speaks
    }

    /// The parameters that every request about a leg has.
    pub(super) fn standard(&self, leg: LegId) -> Vec<(String, String)> {
        let Leg { sid, from, to, number, status, parent, geography, token, ordered, .. } = &self.legs[leg];
        let direction = match (parent, ordered) {
            (Some(_), _) => "outbound-dial",
            (None, Some(_)) => "outbound-api",
            (None, None) => "inbound",
        };
        let mut params = vec![
            param("CallSid", sid),
            param("AccountSid", &self.numbers[*number].account_sid),
            param("From", from),
            param("To", to),
            param("Caller", from),
            param("Called", to),
            param("CallStatus", status.word()),
            param("ApiVersion", VERSION),
            param("Direction", direction),
        ];
        if let Some(parent) = parent {
            params.push(param("ParentCallSid", &self.legs[*parent].sid));
        }
        if let Some(token) = token {
            params.push(param("CallToken", token));
        }
        if *geography {
            if direction == "inbound" && self.numbers[*number].speaks == Speaks::Twilio {
                params.push(param("StirVerstat", "TN-Validation-Passed-A"));
            }
            places(&mut params, &[("From", from), ("Caller", from), ("To", to), ("Called", to)]);
        }
        params
    }

    /// A request about a leg.
    pub(super) fn about(&self, leg: LegId, url: String, method: &'static str, wants: Wants) -> Request {
        let Leg { thread, number, .. } = self.legs[leg];
        Request { thread, number, url, method, params: self.standard(leg), wants }
    }
}

/// Where phones are, as far as a provider knows: mostly blanks.
pub(super) fn places(params: &mut Vec<(String, String)>, phones: &[(&str, &str)]) {
    for (name, phone) in phones {
        let american = phone.starts_with("+1") && phone.len() == 12;
        for (what, known) in [("City", ""), ("State", "IL"), ("Zip", ""), ("Country", "US")] {
            params.push((format!("{name}{what}"), if american { known } else { "" }.to_owned()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_as_in_mail() {
        for (at, expected) in [
            ("2026-03-09T14:02:11Z", "Mon, 09 Mar 2026 14:02:11 +0000"),
            ("1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 +0000"),
            ("2028-02-29T23:59:59.5Z", "Tue, 29 Feb 2028 23:59:59 +0000"),
        ] {
            assert_eq!(rfc_2822(Moment::read(at).expect("an instant")), expected);
        }
    }
}
