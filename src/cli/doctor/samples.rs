//! A configuration and a world for the tables of this folder.
//!
//! Deliberately not here: what is expected of them.

use crate::cli::config::{Config, Given, load};
use crate::rules::file;
use crate::rules::ruleset::{Ruleset, Secret};

/// A configuration with these lines.
pub fn config(text: &str) -> Config {
    let given = Given { file: Some(("sample.toml".to_owned(), text.to_owned())), ..Given::default() };
    load(&given).unwrap_or_else(|mistakes| panic!("{mistakes}")).config
}

/// A tenant with one number at a Twilio account, whose API is there.
pub fn world(sandbox: bool, api: &str) -> Ruleset {
    let text = format!(
        "[tenant]\nid = \"acme\"\ndefault_location = \"chicago\"\n\n[[location]]\nid = \"chicago\"\n\n\
         [[provider_account]]\nid = \"acme-twilio\"\nkind = \"twilio\"\naccount_sid = \"AC1\"\n\
         auth_token_env = \"TOKEN\"\nsandbox = {sandbox}\napi_base_url = \"{api}\"\n\n\
         [[number]]\ne164 = \"+13125550190\"\nprovider_account_id = \"acme-twilio\"\nlocation_id = \"chicago\"\n"
    );
    match file::read(&text, "sample.toml", None, &|_| Some("token".to_owned())) {
        Ok((mut rules, _)) => {
            rules.accounts[0].1.auth_tokens = vec![Secret::new("token")];
            rules
        }
        Err(mistakes) => panic!("{mistakes:#?}"),
    }
}
