//! The configuration: what the default file says, under the operator's file, under the environment, under flags.
//!
//! Deliberately not here: the defaults. They are in `default.toml`, which is also their documentation.

pub mod layers;
mod show;
mod values;

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use crate::http::peers::Network;
use crate::jobs::guard::Exception;
use crate::rules::ruleset::Secret;

pub use layers::{DEFAULT_FILE, Given, Layers};
pub use show::{json, show};

/// The configuration, read and checked.
pub struct Config {
    /// Where the server listens.
    pub listen: SocketAddr,
    /// Where `/metrics` is; `None` puts it on the main listener.
    pub metrics_listen: Option<SocketAddr>,
    /// What providers reach, without a slash at its end.
    pub public_base_url: String,
    /// The database; it may carry a password.
    pub database_url: Secret,
    /// The folder of routing rules.
    pub rules_dir: Option<PathBuf>,
    /// The folder of everything else that is kept.
    pub data_dir: PathBuf,
    /// The admin key; empty means generated.
    pub admin_key: Secret,
    /// The master key in Base64; empty means generated.
    pub master_key: Secret,
    /// The header of tenants' keys.
    pub tenant_key_header: String,
    /// Proxies that are believed.
    pub trusted_proxies: Vec<Network>,
    /// Web origins that may call the API.
    pub cors_origins: Vec<String>,
    /// Places that are not public and may be called back.
    pub egress_allow: Vec<Exception>,
    /// Countries that may be dialled; empty narrows nothing.
    pub allowed_countries: Vec<String>,
    /// Longest wait for a commit.
    pub commit_deadline: Duration,
    /// Days that the journal is kept.
    pub journal_days: u32,
    /// What is logged.
    pub log: String,
    /// Whether tests may set the time and the world.
    pub test_clock: bool,
    /// Certificate chain and key, as PEM files.
    pub tls: Option<(PathBuf, PathBuf)>,
}

/// Something wrong in the configuration, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mistake {
    /// The file and line, the variable or the flag.
    pub place: String,
    /// The key; empty where none is concerned.
    pub key: String,
    /// What is wrong, and what would be right.
    pub message: String,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.place)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

/// Every mistake in the configuration.
#[derive(Debug)]
pub struct Mistakes(pub Vec<Mistake>);

impl std::error::Error for Mistakes {}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration cannot be used:")?;
        self.0.iter().try_for_each(|mistake| write!(f, "\n  {mistake}"))
    }
}

/// What was read.
pub struct Loaded {
    /// The configuration.
    pub config: Config,
    /// Each value as it was written, and where.
    pub layers: Layers,
    /// What is worth knowing and no mistake.
    pub warnings: Vec<Mistake>,
}

/// Reads the configuration from all its places.
pub fn load(given: &Given) -> Result<Loaded, Mistakes> {
    let (layers, warnings, mut mistakes) = layers::gather(given);
    let config = values::read(&layers, &mut mistakes);
    match config {
        Some(config) if mistakes.is_empty() => Ok(Loaded { config, layers, warnings }),
        Some(_) | None => {
            mistakes.sort_by_cached_key(place);
            Err(Mistakes(mistakes))
        }
    }
}

/// Where a mistake stands, so that those of a file come in its order.
fn place(mistake: &Mistake) -> (String, usize) {
    let numbered = mistake.place.rsplit_once(':').and_then(|(file, line)| Some((file.to_owned(), line.parse().ok()?)));
    numbered.unwrap_or_else(|| (mistake.place.clone(), 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(file: &str, env: &[(&str, &str)]) -> Given {
        let env = env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Given { file: Some(("hookswitch.toml".to_owned(), file.to_owned())), env, flags: Vec::new() }
    }

    fn mistakes(file: &str, env: &[(&str, &str)]) -> Vec<String> {
        let Err(Mistakes(all)) = load(&given(file, env)) else { return Vec::new() };
        all.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_defaults_are_right_by_themselves() {
        let loaded = load(&Given::default()).unwrap_or_else(|mistakes| panic!("{mistakes}"));
        assert_eq!(loaded.config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(loaded.config.commit_deadline, Duration::from_millis(250));
        assert!(loaded.config.tls.is_none() && !loaded.config.test_clock);
    }

    #[test]
    fn each_layer_covers_the_one_below() {
        let mut given = given("listen = \"127.0.0.1:1\"\njournal_days = 3\n", &[("HOOKSWITCH_LISTEN", "127.0.0.1:2")]);
        let loaded = |given: &Given| load(given).unwrap_or_else(|mistakes| panic!("{mistakes}")).config;
        assert_eq!((loaded(&given).listen.port(), loaded(&given).journal_days), (2, 3));
        given.flags.push(("listen", "--listen", "127.0.0.1:3".to_owned()));
        assert_eq!(loaded(&given).listen.port(), 3);
    }

    #[test]
    fn in_the_environment_empty_is_empty_and_commas_make_lists() {
        let file = "allowed_countries = [\"DE\"]\nrules_dir = \"elsewhere\"\n";
        let env = [
            ("HOOKSWITCH_ALLOWED_COUNTRIES", "US, CA"),
            ("HOOKSWITCH_RULES_DIR", ""),
            ("HOOKSWITCH_METRICS_LISTEN", ""),
        ];
        let config = load(&given(file, &env)).unwrap_or_else(|mistakes| panic!("{mistakes}")).config;
        assert_eq!(config.allowed_countries, ["US", "CA"]);
        assert_eq!((config.rules_dir, config.metrics_listen), (None, None));
        let config = load(&given(file, &[("HOOKSWITCH_ALLOWED_COUNTRIES", "")])).unwrap_or_else(|all| panic!("{all}"));
        assert!(config.config.allowed_countries.is_empty());
    }

    #[test]
    fn all_mistakes_come_at_once_each_with_its_place() {
        let file = "listne = \"127.0.0.1:1\"\njournal_days = \"two\"\npublic_base_url = \"hookswitch.example\"\n";
        let said = mistakes(file, &[("HOOKSWITCH_TEST_CLOCK", "maybe"), ("HOOKSWITCH_TLS_CERT", "cert.pem")]);
        for (start, part) in [
            ("hookswitch.toml:1: listne: ", "did you mean \"listen\""),
            ("hookswitch.toml:2: journal_days: ", "whole number"),
            ("hookswitch.toml:3: public_base_url: ", "https://"),
            ("HOOKSWITCH_TEST_CLOCK: test_clock: ", "true or false"),
            ("HOOKSWITCH_TLS_CERT: tls_cert: ", "tls_key"),
        ] {
            let found = said.iter().any(|mistake| mistake.starts_with(start) && mistake.contains(part));
            assert!(found, "{start}…{part}… is not among {said:#?}");
        }
        assert_eq!(said.len(), 5, "{said:#?}");
    }

    #[test]
    fn values_have_their_ranges() {
        for (file, key, why) in [
            ("listen = \"8080\"", "listen", "a port is no address"),
            ("listen = \"\"", "listen", "there must be one"),
            ("commit_deadline_ms = 0", "commit_deadline_ms", "no wait"),
            ("commit_deadline_ms = 2500", "commit_deadline_ms", "longer than a caller may wait"),
            ("journal_days = 0", "journal_days", "no journal"),
            ("database_url = \"mysql://x\"", "database_url", "another database"),
            ("master_key = \"c2hvcnQ=\"", "master_key", "five bytes"),
            ("allowed_countries = [\"usa\"]", "allowed_countries", "three letters"),
            ("trusted_proxies = [\"proxy\"]", "trusted_proxies", "a name"),
            ("cors_origins = [\"https://a.example/path\"]", "cors_origins", "a path"),
            ("egress_allow = [\"http://a.example\"]", "egress_allow", "a scheme"),
            ("tenant_key_header = \"X Key\"", "tenant_key_header", "a space"),
            ("log = \"hookswitch=loud\"", "log", "no such level"),
            ("data_dir = \"\"", "data_dir", "nowhere to keep the keys"),
            ("listen = [\"127.0.0.1:1\"]", "listen", "a list"),
        ] {
            let said = mistakes(file, &[]);
            assert!(said.len() == 1 && said[0].contains(&format!(":1: {key}: ")), "{why}: {said:?}");
        }
    }

    #[test]
    fn a_variable_that_is_no_key_is_worth_a_warning_only() {
        let loaded = load(&given("", &[("HOOKSWITCH_LISTNE", "x"), ("HOOKSWITCH_MASTER_KEY", "")]));
        let warnings = loaded.unwrap_or_else(|mistakes| panic!("{mistakes}")).warnings;
        assert_eq!(warnings.len(), 1);
        assert!(warnings[0].to_string().contains("HOOKSWITCH_LISTEN"), "{}", warnings[0]);
    }

    #[test]
    fn a_file_that_is_no_toml_is_told_line_by_line() {
        let said = mistakes("listen = \njournal_days = 3\nlog = \n", &[]);
        assert!(said.iter().any(|one| one.starts_with("hookswitch.toml:1: ")), "{said:#?}");
        assert!(said.iter().any(|one| one.starts_with("hookswitch.toml:3: ")), "{said:#?}");
    }
}
