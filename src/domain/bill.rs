//! What the legs of calls come to: how many there were, how long they lasted, what is billed, what it costs.
//!
//! Deliberately not here: which legs a call had (`store::shelf` reads that from what was written down).

/// What legs are billed by. A call keeps the one that it began with: no later price changes what it cost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Tariff {
    /// Billionths of what a minute costs.
    pub minute: u64,
    /// Seconds that a leg is rounded up to; 0 counts as 1.
    pub increment: u32,
}

impl Tariff {
    /// By the price of a minute, to the billionth, and the seconds that a leg is rounded up to.
    #[must_use]
    pub fn of(price_per_minute: f64, increment: u32) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast keeps within the bounds")]
        let minute = (price_per_minute * 1e9).round() as u64;
        Self { minute, increment }
    }

    /// Seconds that a leg of so many is billed as: every increment that was begun.
    const fn billed(self, seconds: u32) -> u32 {
        let increment = if self.increment == 0 { 1 } else { self.increment };
        seconds.div_ceil(increment).saturating_mul(increment)
    }

    /// What billed seconds cost.
    #[expect(clippy::cast_precision_loss, reason = "no price of a minute has so many digits")]
    fn price(self, billed: u32) -> f64 {
        f64::from(billed) / 60.0 * (self.minute as f64 / 1e9)
    }
}

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
    /// The bill for legs, each with the seconds that it lasted once it was answered and ended. Where nobody knows the price,
    /// the seconds are counted as they are.
    #[must_use]
    pub fn of(tariff: Option<Tariff>, legs: impl IntoIterator<Item = Option<u32>>) -> Self {
        legs.into_iter().fold(Self::default(), |sum, leg| {
            let seconds = leg.unwrap_or(0);
            let billed = tariff.map_or(seconds, |tariff| tariff.billed(seconds));
            let amount = tariff.map_or(0.0, |tariff| tariff.price(billed));
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
            let bill = Bill::of(Some(Tariff::of(price, increment)), legs.iter().copied());
            assert_eq!((bill.legs, bill.seconds, bill.billed, bill.rounded()), expected, "{why}");
        }
    }

    #[test]
    fn an_unknown_price_is_none_and_sums_stay_readable() {
        let bill = Bill::of(None, [Some(20), None]);
        assert_eq!((bill.legs, bill.billed, bill.rounded()), (2, 20, 0.0));
        let dimes = (0..3).map(|_| Bill::of(Some(Tariff::of(0.1, 60)), [Some(60)]));
        assert_eq!(dimes.fold(Bill::default(), Bill::plus).rounded(), 0.3);
    }
}
