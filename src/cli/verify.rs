//! `verify`: is this signature right, and if not, what would make it right?
//!
//! Deliberately not here: the schemes (`providers`).

use std::path::PathBuf;
use std::process::ExitCode;

use super::output::print;
use super::signing::{self, Signable, Verdict};
use super::{configuration, serve};

#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  hookswitch verify https://calls.example.com/webhooks/acme-twilio/voice CallSid=CA1 \\
    --signature RSOYDt4T1cUTdK1PDd93/VVr8B8= --account acme-twilio
  hookswitch verify 'https://calls.example.com/webhooks/acme-twilio/voice?CallSid=CA1' \\
    --signature RSOYDt4T1cUTdK1PDd93/VVr8B8= --account acme-twilio --rules routing-rules/demo.toml

It exits with 0 when the signature is right and with 1 when it is wrong.")]
pub struct Args {
    /// The whole address, as the provider was given it
    #[arg(value_parser = signing::url)]
    url: String,
    /// The form's parameters; without any, the request was a GET
    #[arg(value_name = "NAME=VALUE", value_parser = signing::param)]
    params: Vec<(String, String)>,
    /// The signature that the request carried
    #[arg(long, value_name = "TEXT")]
    signature: String,
    /// The account whose secrets count
    #[arg(long, value_name = "ID")]
    account: String,
    /// Read the account from these rules instead of the database
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
}

/// `verify`.
pub fn run(args: &Args, file: Option<PathBuf>) -> anyhow::Result<ExitCode> {
    let config = configuration::load(file, Vec::new())?.config;
    let (account, secrets) =
        serve::runtime()?.block_on(signing::account(&args.account, args.rules.as_deref(), &config))?;
    let signable = Signable { url: args.url.clone(), params: args.params.clone() };
    match signing::verify(&account, &secrets, &signable, &args.signature)? {
        Verdict::Right => {
            print("right")?;
            Ok(ExitCode::SUCCESS)
        }
        Verdict::Wrong(Some(miss)) => {
            print(&format!("wrong: {miss}"))?;
            Ok(ExitCode::FAILURE)
        }
        Verdict::Wrong(None) => {
            print("wrong: no scheme, host, port, path or known secret makes it right; compare the parameters")?;
            Ok(ExitCode::FAILURE)
        }
    }
}
