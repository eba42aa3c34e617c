//! What the legs of calls come to: how many there were, how long they lasted, what is billed, what it costs.
//!
//! Deliberately not here: which legs a call had (`store::shelf` reads that from what was written down).

use super::tenant::Account;

/// Legs, added up.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Bill {
    /// How many, whether or not they were answered.
    pub legs: u32,
    /// Seconds that they lasted.
    pub seconds: u32,
    /// Seconds that are billed: each leg is rounded up by itself.
    pub billed: u32,
    /// What that costs.
    pub amount: f64,
}

impl Bill {
    /// The bill for legs on an account, each with the seconds that it lasted once it was answered and ended. Of an
    /// account that is gone nobody knows the price; its seconds are counted as they are.
    #[must_use]
    pub fn of(account: Option<&Account>, legs: impl IntoIterator<Item = Option<u32>>) -> Self {
        legs.into_iter().fold(Self::default(), |sum, leg| {
            let seconds = leg.unwrap_or(0);
            let billed = account.map_or(seconds, |account| account.billed(seconds));
            let amount = account.map_or(0.0, |account| account.price(billed));
            sum.plus(Self { legs: 1, seconds, billed, amount })
        })
    }

    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            legs: self.legs.saturating_add(other.legs),
            seconds: self.seconds.saturating_add(other.seconds),
            billed: self.billed.saturating_add(other.billed),
            amount: self.amount + other.amount,
        }
    }

    /// What it costs, to the millionth: sums of binary fractions are not what people would write.
    #[must_use]
    pub fn rounded(self) -> f64 {
        (self.amount * 1e6).round() / 1e6
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::AccountKind;

    fn account(price_per_minute: f64, billing_increment_seconds: u32) -> Account {
        let plain = Account::plain("a".into(), "acme".into(), AccountKind::Twilio);
        Account { price_per_minute, billing_increment_seconds, ..plain }
    }

    #[test]
    fn each_leg_is_rounded_up_by_itself() {
        for (price, increment, legs, expected, why) in [
            (0.01, 60, &[][..], (0, 0, 0, 0.0), "no call"),
            (0.01, 60, &[Some(20), Some(9)][..], (2, 29, 120, 0.02), "two short legs are two minutes"),
            (0.01, 60, &[Some(60), Some(61)][..], (2, 121, 180, 0.03), "the minute is full, and one second more"),
            (0.01, 60, &[Some(20), None][..], (2, 20, 60, 0.01), "a leg that nobody answered is a leg, and free"),
            (0.01, 60, &[Some(0)][..], (1, 0, 0, 0.0), "answered and gone in the same second"),
            (0.006, 30, &[Some(20), Some(31)][..], (2, 51, 90, 0.009), "by the half minute"),
            (0.006, 0, &[Some(20)][..], (1, 20, 20, 0.002), "no increment is a second"),
            (0.0, 60, &[Some(20)][..], (1, 20, 60, 0.0), "no price was set"),
        ] {
            let bill = Bill::of(Some(&account(price, increment)), legs.iter().copied());
            assert_eq!((bill.legs, bill.seconds, bill.billed, bill.rounded()), expected, "{why}");
        }
    }

    #[test]
    fn an_unknown_price_is_none_and_sums_stay_readable() {
        let bill = Bill::of(None, [Some(20), None]);
        assert_eq!((bill.legs, bill.billed, bill.rounded()), (2, 20, 0.0));
        let dimes = (0..3).map(|_| Bill::of(Some(&account(0.1, 60)), [Some(60)]));
        assert_eq!(dimes.fold(Bill::default(), Bill::plus).rounded(), 0.3);
    }
}
