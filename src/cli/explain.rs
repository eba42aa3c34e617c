//! `explain`: what a call or text would do that has not happened, and why.
//!
//! Deliberately not here: deciding (`switchboard`), and telling it in words (`story`).

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use serde_json::json;

use crate::domain::{CallerId, Channel, Clock, E164, Moment};
use crate::switchboard::{Probe, Settings, Switchboard};

use super::config::Config;
use super::ledger::{Glance, passing_vault};
use super::output::print;
use super::pretty::pretty;
use super::{configuration, demo, rulebook, serve, story};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch explain --from +13125550101 --to +13125550190
  hookswitch explain --from +13125550101 --to +13125550190 --at 2026-03-09T18:03:00-05:00
  hookswitch explain --from anonymous --to +13125550190 --document
  hookswitch explain --from +13125550101 --to +13125550190 --channel sms --json
  hookswitch explain --from +13125550101 --to +13125550190 --rules routing-rules/demo.toml")]
pub struct Args {
    /// Who calls: a phone as +1…, or what a provider sends instead, such as anonymous or sip:ana@example.com
    #[arg(long, value_name = "PHONE", value_parser = caller, allow_hyphen_values = true)]
    from: CallerId,
    /// The number called, as +1…
    #[arg(long, value_name = "NUMBER", value_parser = number)]
    to: E164,
    /// When, with its offset, such as 2026-03-09T18:03:00-05:00 [default: now]
    #[arg(long, value_name = "TIME", value_parser = instant)]
    at: Option<Moment>,
    /// voice or sms
    #[arg(long, value_name = "CHANNEL", default_value = "voice", value_parser = channel)]
    channel: Channel,
    /// Decide by these rules alone instead of the database
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Decide by the world of `hookswitch demo`
    #[arg(long, conflicts_with = "rules")]
    demo: bool,
    /// Add the document that the provider would get
    #[arg(long)]
    document: bool,
    /// Write the decision as JSON
    #[arg(long)]
    json: bool,
}

/// `explain`.
pub fn run(args: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let config = configuration::load(file, Vec::new())?.config;
    let at = args.at.unwrap_or_else(|| Clock::System.now());
    let probe = Probe { from: args.from.clone(), to: args.to, channel: args.channel, at };
    let explained = serve::runtime()?.block_on(async {
        let board = board(args, &config, &probe).await?;
        anyhow::Ok(board.explain(&probe))
    })?;
    let shown = match (args.json, args.document) {
        (true, false) => format!("{:#}", explained.decision),
        (true, true) => format!("{:#}", json!({"decision": explained.decision, "document": explained.document})),
        (false, false) => story::tell(&explained.decision),
        (false, true) => format!("{}\n{}", story::tell(&explained.decision), shown_document(&explained.document)),
    };
    print(&shown)?;
    Ok(ExitCode::SUCCESS)
}

/// The document as a person reads it; some kinds of account have none.
fn shown_document(document: &str) -> String {
    if document.is_empty() {
        "There is no document: no account that reads documents has this number.".to_owned()
    } else {
        pretty(document)
    }
}

async fn board(args: &Args, config: &Config, probe: &Probe) -> anyhow::Result<Arc<Switchboard>> {
    let settings = settings(config);
    let world = match &args.rules {
        Some(file) => Some(rulebook::world(file)?),
        None => args.demo.then(demo::world),
    };
    match world {
        Some(world) => Ok(Switchboard::offline(&[world], Clock::stopped(probe.at), settings, passing_vault()?)?),
        None => Glance::open(config).await?.switchboard(probe.to, probe.at, settings).await,
    }
}

/// What the switchboard is told of the configuration.
pub fn settings(config: &Config) -> Settings {
    Settings {
        public_base_url: config.public_base_url.clone(),
        allowed_countries: config.allowed_countries.clone(),
        test_clock: config.test_clock,
    }
}

/// A provider's `From`, as somebody types it: what looks like a slip in a phone number is refused, because it would be
/// a caller that no provider ever names.
fn caller(text: &str) -> Result<CallerId, String> {
    let read = CallerId::read(text);
    let short_code = (3..=6).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    let sender = text.len() <= 11 && text.bytes().any(|byte| byte.is_ascii_alphabetic()) && !text.starts_with('+');
    match read {
        CallerId::Number(_) | CallerId::Withheld | CallerId::Client | CallerId::Sip => Ok(read),
        CallerId::Other if short_code || sender => Ok(read),
        CallerId::Other => Err("write a phone as + and digits only, or a word such as anonymous".to_owned()),
    }
}

fn number(text: &str) -> Result<E164, String> {
    E164::read(text).ok_or_else(|| "write the number as + and 7 to 15 digits, without spaces".to_owned())
}

/// An instant as somebody types it.
pub fn instant(text: &str) -> Result<Moment, String> {
    let read = Moment::read(text).ok_or("write an instant with its offset, such as 2026-03-09T18:03:00-05:00")?;
    let (first, last) = (Moment::from_seconds(0), Moment::read("2101-01-01T00:00:00Z").unwrap_or_default());
    if read < first || read >= last { Err("only instants from 1970 to 2100 are known".to_owned()) } else { Ok(read) }
}

fn channel(word: &str) -> Result<Channel, String> {
    Channel::read(word).ok_or_else(|| "write voice or sms".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callers_are_read_as_providers_name_them() {
        for (text, expected, why) in [
            ("+13125550101", Some(CallerId::Number(E164::read("+13125550101").expect("a number"))), "a phone"),
            ("anonymous", Some(CallerId::Withheld), "a word"),
            ("", Some(CallerId::Withheld), "nothing at all"),
            ("+266696687", Some(CallerId::Withheld), "a word on a keypad"),
            ("sip:ana@example.com", Some(CallerId::Sip), "SIP"),
            ("32665", Some(CallerId::Other), "a short code"),
            ("ACME", Some(CallerId::Other), "an alphanumeric sender"),
            ("13125550101", None, "a forgotten plus"),
            ("+1 312 555 0101", None, "spaces"),
            ("+1-312-555-0101", None, "dashes"),
            ("+1312555O101", None, "a letter among digits"),
        ] {
            assert_eq!(caller(text).ok(), expected, "{why}");
        }
    }

    #[test]
    fn instants_have_an_offset_and_a_range() {
        for (text, right) in [
            ("2026-03-09T18:03:00-05:00", true),
            ("1970-01-01T00:00:00Z", true),
            ("2100-12-31T23:59:59Z", true),
            ("2101-01-01T00:00:00Z", false),
            ("1969-12-31T23:59:59Z", false),
            ("2026-03-09T18:03:00", false),
            ("tomorrow", false),
        ] {
            assert_eq!(instant(text).is_ok(), right, "{text}");
        }
    }
}
