//! The numbers that a world's accounts rent, as their providers know them; and with them a network to play a call in.
//!
//! Deliberately not here: what a world is (`replay::world`).

use crate::domain::{AccountKind, NumberState};
use crate::replay::phones::Script;
use crate::replay::phones::script::{Begins, Rented, Speaks};
use crate::replay::world::World;

use super::call::Call;

/// Every number of the world whose provider's language a network speaks, with webhooks below `base` unless the account
/// has a public address of its own. Retired numbers are given back: nobody reaches them.
pub fn rented(world: &World, base: &str) -> Vec<Rented> {
    let mut rented = Vec::new();
    for ruleset in &world.rulesets {
        for number in &ruleset.numbers {
            if matches!(number.state, NumberState::Retired) {
                continue;
            }
            rented.extend(at(world, number.account.as_str(), &number.e164.to_string(), base));
        }
    }
    rented
}

/// A number as this account rents it; `None` where there is no such account, or a network does not speak its language.
fn at(world: &World, account: &str, number: &str, base: &str) -> Option<Rented> {
    let mut accounts = world.rulesets.iter().flat_map(|ruleset| &ruleset.accounts);
    let (account, _) = accounts.find(|(known, _)| known.id.as_str() == account)?;
    let speaks = match account.kind {
        AccountKind::Twilio => Speaks::Twilio,
        AccountKind::Signalwire => Speaks::Signalwire,
        AccountKind::Telnyx | AccountKind::Plivo | AccountKind::Ringcentral => return None,
    };
    let base = if account.public_base_url.is_empty() { base } else { &account.public_base_url };
    Some(Rented {
        number: number.to_owned(),
        speaks,
        account: account.id.to_string(),
        account_sid: account.account_sid.clone(),
        webhooks: format!("{}/webhooks/{}", base.trim_end_matches('/'), account.id),
    })
}

/// The call as a network plays it. The error says which account there is not.
pub fn script(call: &Call, world: &World, base: &str, seed: u64) -> Result<Script, String> {
    let mut numbers = rented(world, base);
    if let Some(account) = &call.account {
        for act in call.parties.iter().flat_map(|party| &party.acts) {
            let (Begins::Dials { number, .. } | Begins::Texts { number, .. }) = &act.what;
            if numbers.iter().any(|rented| rented.number == *number) {
                continue;
            }
            let unknown = || {
                format!(
                    "the world has no provider account \"{account}\" of a kind that can be simulated (twilio, signalwire)"
                )
            };
            numbers.push(at(world, account, number, base).ok_or_else(unknown)?);
        }
    }
    Ok(Script { start: call.now, seed, numbers, parties: call.parties.clone(), weather: call.weather })
}

/// What chance is drawn from where nobody says: made of the file's name, so that it is the same on every machine.
pub fn seed_of(name: &str) -> u64 {
    // FNV-1a: nothing here has to be secret, only spread.
    let hash = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    hash & i64::MAX.unsigned_abs()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::replay::simulate::file;
    use crate::replay::world::Worlds;

    fn world() -> std::sync::Arc<World> {
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/calls/x.toml");
        Worlds::default().find(&fixture, "acme-plumbing", &[]).expect("the world is there")
    }

    fn call(account: &str, number: &str) -> Call {
        let text = format!(
            "world = \"w\"\nnow = \"2026-03-09T09:02:11-05:00\"\naccount = \"{account}\"\n\
             [[party]]\nname = \"a\"\nphone = \"+13125550101\"\ndials = \"{number}\"\n"
        );
        file::read(Path::new("f.toml"), &text).cases.expect("it reads").remove(0)
    }

    #[test]
    fn every_number_knows_its_account() {
        let script = script(&call("acme-twilio", "+13125550190"), &world(), "https://h/", 1).expect("a script");
        let of = |number: &str| script.numbers.iter().find(|rented| rented.number == number).expect("it is rented");
        let ours = of("+13125550190");
        assert_eq!((ours.speaks, ours.webhooks.as_str()), (Speaks::Twilio, "https://h/webhooks/acme-twilio"));
        assert_eq!(ours.account_sid, "AC00000000000000000000000000000001");
        assert_eq!(of("+17735550190").speaks, Speaks::Signalwire);
        assert_eq!(script.numbers.iter().filter(|rented| rented.number == "+13125550190").count(), 1);
    }

    #[test]
    fn a_number_that_the_world_does_not_know_is_the_accounts() {
        let unknown = call("acme-twilio", "+13125550188");
        let script = script(&unknown, &world(), "https://h", 1).expect("a script");
        assert!(script.numbers.iter().any(|rented| rented.number == "+13125550188"));
        let why =
            super::script(&call("acme-carrier", "+13125550188"), &world(), "https://h", 1).expect_err("no account");
        assert!(why.contains("\"acme-carrier\""), "{why}");
    }

    #[test]
    fn names_make_seeds() {
        assert_eq!(seed_of("a.toml"), seed_of("a.toml"));
        assert_ne!(seed_of("a.toml"), seed_of("b.toml"));
    }
}
