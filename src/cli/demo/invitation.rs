//! What the demo prints first: where it is, how long it took, and three things to try.
//!
//! Deliberately not here: the story that follows.

use std::time::Duration;

use crate::cli::config::Config;
use crate::cli::greeting;
use crate::domain::Channel;
use crate::rules::ruleset::Ruleset;

/// The invitation.
pub fn invitation(rules: &Ruleset, config: &Config, took: Duration, quiet: bool) -> String {
    let base = &config.public_base_url;
    let mut text = format!(
        "Hookswitch {}, demo: ready in {:.2} s\n  \
         server                 {base}\n  \
         world                  {}: Chicago is open day and night, Denver by day, Phoenix by night\n  \
         kept                   nothing: all of it is in memory, and gone with Ctrl-C\n  \
         admin key              {} (curl -sS {base}/metrics -H 'X-Admin-Key: {}')\n",
        env!("CARGO_PKG_VERSION"),
        took.as_secs_f64(),
        rules.tenant.name,
        super::ADMIN_KEY,
        super::ADMIN_KEY,
    );
    text.push_str("\nThree things to try in another terminal:\n");
    let program = std::env::args().next().unwrap_or_else(|| "hookswitch".to_owned());
    let explain = format!("{program} explain --demo --from +13125550101 --to +13125550190");
    let things = [
        ("Ask where Ana's call would go now, and why", Some(explain)),
        (
            "Call as Ana does; the answer is what the provider is told",
            greeting::request(rules, base, base, Channel::Voice),
        ),
        ("Text as Ana does; the answer passes it on to Jo", greeting::request(rules, base, base, Channel::Sms)),
    ];
    for (at, (what, command)) in things.into_iter().enumerate() {
        text.push_str(&format!("\n{}. {what}:\n\n{}\n", at + 1, command.unwrap_or_default()));
    }
    if !quiet {
        text.push_str("\nThis is what goes on (each office's own time, and the number of the scene):\n");
    }
    text
}
