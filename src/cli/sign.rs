//! `sign`: a webhook signed as its provider would, ready to be sent by hand.
//!
//! Deliberately not here: the schemes (`providers`).

use std::path::PathBuf;
use std::process::ExitCode;

use crate::domain::{AccountKind, Moment};

use super::output::print;
use super::signing::{self, Signable};
use super::{configuration, explain, serve};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch sign http://127.0.0.1:8080/webhooks/acme-twilio/voice CallSid=CA1 From=+13125550101 \\
    To=+13125550190 --account acme-twilio
  hookswitch sign https://calls.example.com/webhooks/acme-twilio/sms Body=Hello --token hush
  hookswitch sign 'http://127.0.0.1:8080/webhooks/acme-twilio/voice?CallSid=CA1' \\
    --account acme-twilio --rules routing-rules/demo.toml")]
pub struct Args {
    /// The whole address, as the provider was given it
    #[arg(value_parser = signing::url)]
    url: String,
    /// The form's parameters; without any, the request is a GET
    #[arg(value_name = "NAME=VALUE", value_parser = signing::param)]
    params: Vec<(String, String)>,
    /// Sign with the secret of this account
    #[arg(long, value_name = "ID", required_unless_present = "token")]
    account: Option<String>,
    /// Read the account from these rules instead of the database
    #[arg(long, value_name = "FILE", conflicts_with = "token")]
    rules: Option<PathBuf>,
    /// Sign with this secret instead of an account's
    #[arg(long, value_name = "SECRET", conflicts_with = "account")]
    token: Option<String>,
    /// Whose signature, with --token: twilio or signalwire
    #[arg(long, default_value = "twilio", value_parser = kind)]
    kind: AccountKind,
    /// Also set the time of the request, for a server with test_clock = true
    #[arg(long, value_name = "TIME", value_parser = explain::instant)]
    at: Option<Moment>,
}

/// `sign`.
pub fn run(args: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let (account, secrets) = match (&args.token, &args.account) {
        (Some(token), _) => signing::of_token(args.kind, token),
        (None, id) => {
            let config = configuration::load(file, Vec::new())?.config;
            let id = id.as_deref().unwrap_or_default();
            serve::runtime()?.block_on(signing::account(id, args.rules.as_deref(), &config))?
        }
    };
    let signable = Signable { url: args.url.clone(), params: args.params.clone() };
    let mut headers = signing::sign(&account, &secrets, &signable)?;
    if let Some(at) = args.at {
        headers.push(signing::told_time(&account, &secrets, &signable, at)?);
    }
    for (name, value) in &headers {
        print(&format!("{name}: {value}"))?;
    }
    print(&signable.curl(signable.split().0, &headers))?;
    Ok(ExitCode::SUCCESS)
}

fn kind(word: &str) -> Result<AccountKind, String> {
    let signs = [AccountKind::Twilio, AccountKind::Signalwire];
    AccountKind::read(word).filter(|kind| signs.contains(kind)).ok_or_else(|| "write twilio or signalwire".to_owned())
}
